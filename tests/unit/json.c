/* rooms: value base */
/* JSON both ways: every kind of value, every error with its place, and random
 * values and bytes. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "value/equal.h"
#include "value/errval.h"
#include "value/function.h"
#include "value/json.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

static struct heap *heap;

static void
test_read(void)
{
	static const struct {
		const char *text;
		const char *want; /* printed, or LINE:COL: message */
	} rows[] = {
	    {"null",	                                        "nil"	                                         },
	    {" true ",	                                      "true"	                                        },
	    {"false\n",	                                     "false"	                                       },
	    {"[1, 2.5, null, true, \"x\"]",                         "[1 2.5 nil true \"x\"]"                              },
	    {"0",	                                           "0"	                                           },
	    {"-0",	                                          "0"	                                           },
	    {"-0.0",	                                        "-0.0"	                                        },
	    {"-12",	                                         "-12"	                                         },
	    {"123456789012345678901234567890",
             "123456789012345678901234567890"	                                                                     },
	    {"1E2",	                                         "100.0"	                                       },
	    {"1.5e-3",	                                      "0.0015"	                                      },
	    {"[]",	                                          "[]"	                                          },
	    {"{}",	                                          "{}"	                                          },
	    {"[[],{},[{}]]",	                                "[[] {} [{}]]"                                        },
	    {"{\"b\":1,\"a\":{\"c\":[2]}}",                         "{\"b\" 1 \"a\" {\"c\" [2]}}"                         },
	    {"{\"a\":1,\"b\":2,\"a\":3}",                           "{\"a\" 3 \"b\" 2}"                                   },
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
             "\"\\\"\\\\/\\u0008\\u000C\\n\\r\\t\xc3\xa9\xf0\x9f\x98\x80\""                                               },
	    {"\"\\u0000\"",	                                 "\"\\u0000\""	                                 },
	    {"",	                                            "1:1: the text ends where a value should be at byte 0"},
	    {"[1,",	                                         "1:4: the text ends where a value should be at byte 3"},
	    {"[1",	                                          "1:3: an array is not closed at byte 2"               },
	    {"{\"a\":1",	                                    "1:7: an object is not closed at byte 6"              },
	    {"[1 2]",	                                       "1:4: expected \",\" or \"]\" at byte 3"              },
	    {"{\"a\":1]",	                                   "1:7: expected \",\" or \"}\" at byte 6"              },
	    {"[1,]",	                                        "1:4: expected a value at byte 3"                     },
	    {"{\"a\"}",	                                     "1:5: expected \":\" after a member's name at byte 4" },
	    {"{a:1}",	                                       "1:2: expected a member's name in quotes at byte 1"   },
	    {"{\"a\":1,}",	                                  "1:8: expected a member's name in quotes at byte 7"   },
	    {"1 2",	                                         "1:3: text after the value at byte 2"                 },
	    {"[1]\n x",	                                     "2:2: text after the value at byte 5"                 },
	    {"nul",	                                         "1:1: expected a value at byte 0"                     },
	    {"'a'",	                                         "1:1: expected a value at byte 0"                     },
	    {"01",	                                          "1:1: a number with a leading zero at byte 0"         },
	    {"-01.5",	                                       "1:1: a number with a leading zero at byte 0"         },
	    {"+1",	                                          "1:1: a number cannot begin with \"+\" at byte 0"     },
	    {"1.",	                                          "1:2: digits are missing in a number at byte 1"       },
	    {"1e",	                                          "1:2: digits are missing in a number at byte 1"       },
	    {"-",	                                           "1:1: a number without digits at byte 0"              },
	    {"1e999",	                                       "1:1: a number beyond the range of a float at byte 0" },
	    {"\"abc",	                                       "1:1: a string is not closed at byte 0"               },
	    {"\"a\nb\"",	                                    "1:3: a control character in a string at byte 2"      },
	    {"\"\\x\"",	                                     "1:2: unknown escape in a string at byte 1"           },
	    {"\"\\u12\"",	                                   "1:2: \\u without four hexadecimal digits at byte 1"  },
	    {"\"\\ud800x\"",	                                "1:2: half of a surrogate pair at byte 1"             },
	    {"\"\\udc00\"",	                                 "1:2: half of a surrogate pair at byte 1"             },
	    {"[\"\xc3\xa9\xff\"]",                                  "1:4: bad UTF-8 at byte 4"                            },
	    {"NaN",	                                         "1:1: expected a value at byte 0"                     },
	};
	struct buf out = BUF_INIT;
	struct error e;
	size_t i;
	val v;

	for (i = 0; i < NITEMS(rows); i++) {
		buf_clear(&out);
		if (json_read(heap, rows[i].text, strlen(rows[i].text), &v,
		        &e) == -1) {
			CU_ASSERT_EQUAL(e.kind, EK_JSON);
			buf_addf(&out, "%u:%u: %s", e.line, e.column, e.msg);
		} else {
			print_readable(&out, v);
			val_release(heap, v);
		}
		if (strcmp(buf_str(&out), rows[i].want) != 0) {
			printf("\n  %s\n    want %s\n    got  %s\n",
			    rows[i].text, rows[i].want, buf_str(&out));
		}
		CU_ASSERT_STRING_EQUAL(buf_str(&out), rows[i].want);
	}
	buf_free(&out);
	CU_ASSERT_EQUAL(heap_used(heap), 0);
}

static val
read_value(const char *text)
{
	struct error e;
	val v;

	if (read_one(heap, text, strlen(text), NULL, &v, &e) == -1) {
		printf("\n  %s: %s\n", text, e.msg);
		abort();
	}
	return v;
}

static void
test_write(void)
{
	static const struct {
		const char *text; /* of a value */
		const char *want; /* JSON, or the error's message */
	} rows[] = {
	    {"nil",	                           "null"	                          },
	    {"[true false () []]",                    "[true,false,[],[]]"                    },
	    {"(1 -2 3.5 1e300)",                      "[1,-2,3.5,1e300]"                      },
	    {"123456789012345678901234567890",
             "123456789012345678901234567890"	                                         },
	    {"{:b 1 \"a\" x c/d {} 5 :k}",
             "{\"b\":1,\"a\":\"x\",\"c/d\":{},\"5\":\"k\"}"                                   },
	    {"\"\\\"\\\\\\n\\b\\f\\u0001/\xc3\xa9\"",
             "\"\\\"\\\\\\n\\b\\f\\u0001/\xc3\xa9\""                                          },
	    {"[1 ##NaN]",	                     "[1]: NaN or an infinity cannot be JSON"},
	    {"{:a [0 {\"b c\" ##Inf}]}",
             "a[1][\"b c\"]: NaN or an infinity cannot be JSON"                               },
	    {"{:a {[1] 2}}",
             "a[[1]]: a key that is no name or integer cannot be JSON"                        },
	    {"{nil 2}",
             "[nil]: a key that is no name or integer cannot be JSON"                         },
	    {"({:a 1 \"b\" 2 \"a\" 3})",
             "[0].a: a second key of the same text cannot be JSON"                            },
	    {"{1 1 \"1\" 3}",
             "[\"1\"]: a second key of the same text cannot be JSON"                          },
	};
	struct buf out = BUF_INIT;
	struct error e;
	size_t i;
	val v;

	for (i = 0; i < NITEMS(rows); i++) {
		v = read_value(rows[i].text);
		buf_clear(&out);
		if (json_write(&out, v, 0, &e) == -1) {
			CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
			CU_ASSERT_EQUAL(out.len, 0);
			buf_adds(&out, e.msg);
		}
		if (strcmp(buf_str(&out), rows[i].want) != 0) {
			printf("\n  %s\n    want %s\n    got  %s\n",
			    rows[i].text, rows[i].want, buf_str(&out));
		}
		CU_ASSERT_STRING_EQUAL(buf_str(&out), rows[i].want);
		val_release(heap, v);
	}
	buf_free(&out);
}

static void
test_write_objects(void)
{
	static const struct code_head code = {1, NAME_NONE, false};
	struct buf out = BUF_INIT;
	struct error e;
	val v;

	v = vec_push(heap, vec_empty(heap),
	    errval_new(heap, keyword_from("timeout"), str_from(heap, "late"),
	        read_value("{:limit 5}")));
	CU_ASSERT_EQUAL(json_write(&out, v, 0, &e), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out),
	    "[{\"error\":{\"kind\":\"timeout\",\"message\":\"late\","
	    "\"class\":\"HostError\",\"data\":{\"limit\":5}}}]");
	val_release(heap, v);
	buf_clear(&out);
	v = errval_new(heap, keyword_from("x"), str_from(heap, "m"),
	    read_value("{:f [##NaN]}"));
	CU_ASSERT_EQUAL(json_write(&out, v, 0, &e), -1);
	CU_ASSERT_STRING_EQUAL(
	    e.msg, "data.f[0]: NaN or an infinity cannot be JSON");
	val_release(heap, v);
	v = taskval_new(heap, keyword_from("a"), vec_empty(heap), VAL_NIL);
	CU_ASSERT_EQUAL(json_write(&out, v, 0, &e), -1);
	CU_ASSERT_STRING_EQUAL(e.msg, "a task cannot be JSON");
	val_release(heap, v);
	v = val_from_obj(function_new(heap, &code, 0));
	CU_ASSERT_EQUAL(json_write(&out, v, 0, &e), -1);
	CU_ASSERT_STRING_EQUAL(e.msg, "a function cannot be JSON");
	val_release(heap, v);
	v = read_value("{:a [1 {:b ()} []] :c {}}");
	CU_ASSERT_EQUAL(json_write(&out, v, 2, &e), 0);
	CU_ASSERT_STRING_EQUAL(buf_str(&out),
	    "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    },\n    []\n"
	    "  ],\n  \"c\": {}\n}");
	val_release(heap, v);
	buf_free(&out);
}

static void
test_depth(void)
{
	enum {
		DEEP = 1000000
	};
	char *text = malloc(2 * DEEP);
	struct buf out = BUF_INIT;
	struct error e;
	size_t i;
	val v;

	memset(text, '[', DEEP);
	memset(text + DEEP, ']', DEEP);
	CU_ASSERT_EQUAL(json_read(heap, text + DEEP - 1000, 2000, &v, &e), 0);
	val_release(heap, v);
	CU_ASSERT_EQUAL(json_read(heap, text, 2 * DEEP, &v, &e), -1);
	CU_ASSERT_STRING_EQUAL(
	    e.msg, "nested more than 1000 levels deep at byte 1000");
	free(text);
	for (i = 0, v = VAL_NIL; i < DEEP; i++)
		v = vec_push(heap, vec_empty(heap), v);
	CU_ASSERT_EQUAL(json_write(&out, v, 0, &e), 0);
	CU_ASSERT_EQUAL(out.len, 2 * DEEP + 4);
	val_release(heap, v);
	buf_free(&out);
}

/* json_read() takes them all; the name is of the member that is there twice. */
static void
test_strict(void)
{
	static const struct {
		const char *text, *name; /* NULL: none */
	} rows[] = {
	    {"{\"a\":1,\"b\":{\"a\":2}}",          NULL},
	    {"{}",	                         NULL},
	    {"{\"a\":[1],\"b\":[2],\"a\":[3]}",    "a" },
	    {"[{\"a\":{\"\\u0062\":1,\"b\":{}}}]", "b" },
	    {"{\"a\":1,\"\":2,\"\":3}",            ""  },
	};
	struct heap *own = heap_new(100000);
	struct error e;
	char want[64];
	size_t i;
	val v;
	int rc;

	for (i = 0; i < NITEMS(rows); i++) {
		CU_ASSERT_EQUAL(
		    json_read(own, rows[i].text, strlen(rows[i].text), &v, &e),
		    0);
		val_release(own, v);
		rc = json_read_strict(
		    own, rows[i].text, strlen(rows[i].text), &v, &e);
		CU_ASSERT_EQUAL(rc, rows[i].name == NULL ? 0 : -1);
		if (rc == 0) {
			val_release(own, v);
		} else {
			snprintf(want, sizeof(want),
			    "the member \"%s\" is given twice", rows[i].name);
			CU_ASSERT_STRING_EQUAL(e.msg, want);
		}
		CU_ASSERT_EQUAL(heap_used(own), 0);
	}
	heap_free(own);
}

static void
test_bytes(void)
{
	struct buf b = BUF_INIT;

	json_write_bytes(&b, "a\xff\n\xe2\x82\xac\xe2\x82", 8);
	CU_ASSERT_STRING_EQUAL(buf_str(&b),
	    "\"a\xef\xbf\xbd\\n\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd\"");
	buf_free(&b);
}

static void
test_memory_limit(void)
{
	struct heap *small = heap_new(100000);
	char *text = malloc(1 << 20);
	struct error e;
	size_t i;
	val v;

	for (i = 0; i < 1 << 20; i++)
		text[i] = "[[],"[i < 1 ? 0 : 1 + (i - 1) % 3];
	CU_ASSERT_EQUAL(json_read(small, text, 1 << 20, &v, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	CU_ASSERT_EQUAL(heap_used(small), 0);
	free(text);
	heap_free(small);
}

static val
random_json(int depth)
{
	size_t i, n = (size_t)random() % 5;
	char key[8];
	val v;

	switch (random() % (depth > 0 ? 8 : 5)) {
	case 0:
		return VAL_NIL;
	case 1:
		return val_bool(random() % 2 == 0);
	case 2:
		return int_from(heap, (random() - (1L << 30)) * random());
	case 3:
		return float_from(
		    heap, (double)random() / (double)(1 + random() % 1000));
	case 4:
		for (i = 0; i < sizeof(key); i++)
			key[i] = (char)(random() % 128);
		return str_new(heap, key, sizeof(key));
	case 5:
		for (v = map_empty(heap), i = 0; i < n * n; i++) {
			snprintf(key, sizeof(key), "k%ld", random() % 20);
			v = map_assoc(heap, v, str_from(heap, key),
			    random_json(depth - 1));
		}
		return v;
	default:
		for (v = vec_empty(heap), i = 0; i < n; i++)
			v = vec_push(heap, v, random_json(depth - 1));
		return v;
	}
}

static void
test_round_trip(void)
{
	struct buf out = BUF_INIT;
	struct error e;
	val v, back;
	size_t i;

	srandom(11);
	for (i = 0; i < 10000; i++) {
		v = random_json(5);
		buf_clear(&out);
		if (json_write(&out, v, (int)(i % 3), &e) == -1 ||
		    json_read(heap, out.data, out.len, &back, &e) == -1) {
			printf("\n  %s\n  %s\n", buf_str(&out), e.msg);
			CU_FAIL_FATAL("does not read back");
		}
		if (!val_equal(v, back)) {
			printf("\n  %s\n", buf_str(&out));
			CU_FAIL_FATAL("reads back as another value");
		}
		val_release(heap, v);
		val_release(heap, back);
	}
	CU_ASSERT_EQUAL(i, 10000);
	buf_free(&out);
}

static void
test_random_bytes(void)
{
	static const char alphabet[] = "[]{}\"\\u:,.-+019eEtrfalsn \n\xc3\xff";
	char text[48];
	struct error e;
	size_t i, k, n, before = heap_used(heap);
	val v;

	srandom(5);
	for (i = 0; i < 200000; i++) {
		n = (size_t)random() % sizeof(text);
		for (k = 0; k < n; k++)
			text[k] = alphabet[(size_t)random() %
			    (sizeof(alphabet) - (i % 4 == 0 ? 1 : 3))];
		if (i % 2 == 0 && n > 0)
			text[0] = i % 4 == 0 ? '[' : '{';
		if (json_read(heap, text, n, &v, &e) == 0)
			val_release(heap, v);
		else
			CU_ASSERT(e.msg[0] != '\0');
	}
	CU_ASSERT_EQUAL(heap_used(heap), before);
}

static __attribute__((constructor)) void
set_up(void)
{
	heap = heap_new(0);
}

/* The longest text that is let through; one byte less is refused, and the
 * buffer is as before. */
static void
test_write_max(void)
{
	static const char *const texts[] = {
	    "2305843009213693952", "\"abc\"", "nil", "[1 [2 3]]", "{\"a\" 1}"};
	struct buf out = BUF_INIT;
	struct error e;
	size_t i, len;
	val v;

	for (i = 0; i < NITEMS(texts); i++) {
		v = read_value(texts[i]);
		buf_clear(&out);
		CU_ASSERT_EQUAL(json_write(&out, v, 0, &e), 0);
		len = out.len;
		CU_ASSERT_EQUAL(json_write_max(&out, v, 0, len, &e), 0);
		CU_ASSERT_EQUAL(out.len, 2 * len);
		CU_ASSERT_EQUAL(json_write_max(&out, v, 0, len - 1, &e), -1);
		CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
		CU_ASSERT_EQUAL(out.len, 2 * len);
		val_release(heap, v);
	}
	buf_free(&out);
}

UNIT_MAIN("json", {"read", test_read}, {"write", test_write},
    {"errors, tasks, pretty", test_write_objects}, {"depth", test_depth},
    {"memory limit", test_memory_limit}, {"round trip", test_round_trip},
    {"random bytes", test_random_bytes}, {"longest text", test_write_max},
    {"a member twice", test_strict}, {"any bytes", test_bytes})
