/* rooms: task value base */
/* The codecs of :exec both ways, and the :params and :result checks. */
#include <stdlib.h>
#include <string.h>

#include "task/marshal.h"
#include "task/task.h"
#include "tests/unit/value_unit.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/type.h"

/* Read twice: names that are new are charged to the heap that read them. */
static val
form(struct heap *h, const char *text)
{
	struct heap *names = heap_new(0);
	struct error e;
	val v = VAL_NIL;

	if (read_one(names, text, strlen(text), NULL, &v, &e) == -1) {
		CU_FAIL(text);
	}
	heap_free(names);
	if (read_one(h, text, strlen(text), NULL, &v, &e) == -1) {
		CU_FAIL(text);
	}
	return v;
}

static struct type *
type(const char *text)
{
	struct heap *h = heap_new(0);
	struct type *t = NULL;
	struct error e;

	if (text != NULL && type_new(form(h, text), &t, &e) == -1) {
		CU_FAIL(text);
	}
	heap_free(h);
	return t;
}

/* Words are shown with | after each. */
static const struct {
	enum cap_codec codec;
	const char *args;
	const char *want; /* NULL: refused */
	const char *why;
} args_cases[] = {
    {CODEC_JSON,  "[1 {:a [true nil]} \"x\"]", "[1,{\"a\":[true,null]},\"x\"]\n",
     NULL                                                                                                       },
    {CODEC_JSON,  "[]",                        "[]\n",                            NULL                          },
    {CODEC_JSON,  "[1 ##NaN]",                 NULL,                              "argument 2"                  },
    {CODEC_JSON,  "[{:x 1 \"x\" 2}]",          NULL,                              "argument 1"                  },
    {CODEC_ARGV,  "[1 2.5 \"a b\" :kw true]",  "1|2.5|a b|kw|true|",              NULL                          },
    {CODEC_ARGV,  "[\"\"]",                    "|",                               NULL                          },
    {CODEC_ARGV,  "[nil]",                     NULL,                              "argument 1: nil cannot be"   },
    {CODEC_ARGV,  "[1 [2]]",                   NULL,                              "argument 2: vector cannot be"},
    {CODEC_ARGV,  "[\"a\\u0000b\"]",           NULL,                              "NUL"                         },
    {CODEC_ARGV,  "[##Inf]",                   NULL,                              "not finite"                  },
    {CODEC_LINES, "[1 \"b c\" :d]",            "1\nb c\nd\n",                     NULL                          },
    {CODEC_LINES, "[\"a\\nb\"]",               NULL,                              "line break"                  },
    {CODEC_RAW,   "[\"as it is\\n\"]",         "as it is\n",                      NULL                          },
    {CODEC_RAW,   "[]",                        "",                                NULL                          },
    {CODEC_RAW,   "[1]",                       NULL,                              "takes a string, got int"     },
    {CODEC_RAW,   "[\"a\" \"b\"]",             NULL,                              "got 2 arguments"             },
};

static void
test_args(void)
{
	struct capability c;
	struct heap *h;
	struct buf input, words;
	struct error e;
	size_t i, k;
	val args;
	int rc;

	for (i = 0; i < NITEMS(args_cases); i++) {
		h = heap_new(0);
		memset(&c, 0, sizeof(c));
		c.codec = args_cases[i].codec;
		input = words = (struct buf)BUF_INIT;
		args = form(h, args_cases[i].args);
		rc = marshal_args(&c, args, &input, &words, &e);
		if (args_cases[i].want == NULL) {
			CU_ASSERT_EQUAL(rc, -1);
			CU_ASSERT_PTR_NOT_NULL(
			    strstr(e.msg, args_cases[i].why));
		} else {
			CU_ASSERT_EQUAL(rc, 0);
			for (k = 0; k < words.len; k++) {
				if (words.data[k] == '\0')
					words.data[k] = '|';
			}
			buf_add(&input, words.data, words.len);
			CU_ASSERT_STRING_EQUAL(
			    buf_str(&input), args_cases[i].want);
		}
		val_release(h, args);
		buf_free(&input);
		buf_free(&words);
		heap_done(h);
	}
}

static void
test_long_word(void)
{
	struct heap *h = heap_new(0);
	struct capability c = {.codec = CODEC_ARGV};
	struct buf text = BUF_INIT, input = BUF_INIT, words = BUF_INIT;
	struct error e;
	val args;
	size_t i;

	buf_adds(&text, "[\"");
	for (i = 0; i < 131071; i++)
		buf_addc(&text, 'x');
	buf_adds(&text, "\"]");
	args = form(h, buf_str(&text));
	CU_ASSERT_EQUAL(marshal_args(&c, args, &input, &words, &e), 0);
	val_release(h, args);
	buf_drop(&text, 2);
	buf_clear(&words);
	buf_clear(&input);
	{
		struct buf longer = BUF_INIT;

		buf_adds(&longer, "[\"x");
		buf_add(&longer, text.data, text.len);
		args = form(h, buf_str(&longer));
		buf_free(&longer);
	}
	CU_ASSERT_EQUAL(marshal_args(&c, args, &input, &words, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	val_release(h, args);
	buf_free(&text);
	buf_free(&input);
	buf_free(&words);
	heap_done(h);
}

static const struct {
	enum cap_codec codec;
	const char *result; /* type, or NULL */
	const char *out;
	const char *want; /* readable value; NULL: refused */
	const char *why;
} result_cases[] = {
    {CODEC_JSON,  NULL,                " {\"a\": [1, null]}\n", "{\"a\" [1 nil]}",      NULL                        },
    {CODEC_JSON,  NULL,                "12345678901234567890",  "12345678901234567890", NULL                        },
    {CODEC_JSON,  NULL,                "",                      NULL,                   "empty"                     },
    {CODEC_JSON,  NULL,                "{oops",                 NULL,                   "begins \"{oops\""          },
    {CODEC_JSON,  NULL,                "1 2",                   NULL,                   "begins \"1 2\""            },
    {CODEC_JSON,  NULL,                "\"\xff\"",              NULL,                   "not UTF-8 at byte offset 1"},
    {CODEC_JSON,  "[:map {:id :int}]", "{\"id\": 1, \"x\": 2}",
     "{:id 1 \"x\" 2}",                                                                 NULL                        },
    {CODEC_JSON,  "[:map {:id :int}]", "{\"id\": \"1\"}",       NULL,                   "id"                        },
    {CODEC_JSON,  ":float",            "3",                     "3.0",                  NULL                        },
    {CODEC_JSON,  "[:enum :a :b]",     "\"a\"",                 ":a",                   NULL                        },
    {CODEC_ARGV,  NULL,                "a b\n",                 "\"a b\"",              NULL                        },
    {CODEC_ARGV,  NULL,                "a\n\n",                 "\"a\\n\"",             NULL                        },
    {CODEC_ARGV,  NULL,                "",                      "\"\"",                 NULL                        },
    {CODEC_ARGV,  ":int",              "5",                     NULL,                   "result: "                  },
    {CODEC_LINES, NULL,                "a\nb\n",                "[\"a\" \"b\"]",        NULL                        },
    {CODEC_LINES, NULL,                "a\n\nb",                "[\"a\" \"\" \"b\"]",   NULL                        },
    {CODEC_LINES, NULL,                "",                      "[]",                   NULL                        },
    {CODEC_RAW,   NULL,                "a\n",                   "\"a\\n\"",             NULL                        },
    {CODEC_RAW,   NULL,                "abc\xe9",               NULL,                   "byte offset 3"             },
};

static void
test_results(void)
{
	struct capability c;
	struct heap *h;
	struct buf b;
	struct error e;
	size_t i;
	val v = VAL_NIL;
	int rc;

	for (i = 0; i < NITEMS(result_cases); i++) {
		h = heap_new(0);
		memset(&c, 0, sizeof(c));
		c.codec = result_cases[i].codec;
		c.result = type(result_cases[i].result);
		rc = marshal_result(h, &c, result_cases[i].out,
		    strlen(result_cases[i].out), &v, &e);
		if (result_cases[i].want == NULL) {
			CU_ASSERT_EQUAL(rc, -1);
			CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
			CU_ASSERT_PTR_NOT_NULL(
			    strstr(e.msg, result_cases[i].why));
		} else {
			CU_ASSERT_EQUAL_FATAL(rc, 0);
			b = (struct buf)BUF_INIT;
			print_readable(&b, v);
			CU_ASSERT_STRING_EQUAL(
			    buf_str(&b), result_cases[i].want);
			buf_free(&b);
			val_release(h, v);
		}
		type_free(c.result);
		heap_done(h);
	}
}

static void
test_base64(void)
{
	static const struct {
		const char *in;
		size_t len;
		const char *want;
	} cases[] = {
	    {"",             0, "\"\""        },
	    {"\0\0\0",       3, "\"AAAA\""    },
	    {"f",            1, "\"Zg==\""    },
	    {"fo",           2, "\"Zm8=\""    },
	    {"foobar",       6, "\"Zm9vYmFy\""},
	    {"\xff\xfe\xfd", 3, "\"//79\""    },
	};
	struct capability c = {.codec = CODEC_RAW, .base64 = true};
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct heap *h = heap_new(0);
		struct buf b = BUF_INIT;
		val v = VAL_NIL;

		CU_ASSERT_EQUAL(
		    marshal_result(h, &c, cases[i].in, cases[i].len, &v, &e),
		    0);
		print_readable(&b, v);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), cases[i].want);
		buf_free(&b);
		val_release(h, v);
		heap_done(h);
	}
}

static void
test_room(void)
{
	struct heap *h = heap_new(1 << 20);
	struct capability c = {.codec = CODEC_RAW};
	char *big = calloc(1, 4 << 20);
	struct error e;
	val v = VAL_NIL;

	CU_ASSERT_EQUAL(marshal_result(h, &c, big, 4 << 20, &v, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	c.codec = CODEC_LINES;
	memset(big, '\n', 4 << 20);
	CU_ASSERT_EQUAL(marshal_result(h, &c, big, 700000, &v, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	free(big);
	heap_done(h);
}

static void
test_params(void)
{
	static const struct {
		const char *params;
		const char *args;
		const char *why; /* NULL: fits */
	} cases[] = {
	    {NULL,	                      "[1 2 3]",         NULL                         },
	    {"[:tuple :int]",                   "[1]",             NULL                         },
	    {"[:tuple :int]",                   "[\"a\"]",         "argument 1: expected"       },
	    {"[:tuple :int]",                   "[]",              "expected 1 argument, got 0" },
	    {"[:tuple :int :int]",              "[1]",             "expected 2 arguments, got 1"},
	    {"[:tuple :int [:map {:id :int}]]", "[1 {:id \"x\"}]",
             "argument 2"	                                                               },
	    {"[:vector :int]",                  "[1 2 :x]",        "argument 3: expected"       },
	};
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct heap *h = heap_new(0);
		struct capability c = {.params = type(cases[i].params)};
		val args = form(h, cases[i].args);
		int rc = marshal_check_args(&c, args, &e);

		if (cases[i].why == NULL) {
			CU_ASSERT_EQUAL(rc, 0);
		} else {
			CU_ASSERT_EQUAL(rc, -1);
			CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
			CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, cases[i].why));
		}
		type_free(c.params);
		val_release(h, args);
		heap_done(h);
	}
}

static void
test_faults(void)
{
	CU_ASSERT_STRING_EQUAL(errkey_fault(ERRKEY_TIMEOUT), "limit");
	CU_ASSERT_STRING_EQUAL(errkey_fault(ERRKEY_DENIED), "policy");
	CU_ASSERT_STRING_EQUAL(errkey_fault(ERRKEY_CANCELLED), "caller");
	CU_ASSERT_STRING_EQUAL(errkey_fault(ERRKEY_UNAVAILABLE), "host");
	CU_ASSERT_STRING_EQUAL(errkey_fault(ERRKEY_SIGNAL), "task");
	CU_ASSERT_STRING_EQUAL(errkey_fault(ERRKEY_DIVISION_BY_ZERO), "task");
	CU_ASSERT_STRING_EQUAL(errkey_fault(ERRKEY_COUNT), "task");
	CU_ASSERT_STRING_EQUAL(task_life_name(TASK_RUNNING), "running");
	CU_ASSERT(sizeof(struct task) <= 128);
}

UNIT_MAIN("marshal", {"arguments", test_args}, {"a long word", test_long_word},
    {"results", test_results}, {"base64", test_base64},
    {"what does not fit", test_room}, {"params", test_params},
    {"whom to blame", test_faults})
