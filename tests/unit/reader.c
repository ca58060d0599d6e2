/* rooms: value base */
/* Text to values: what each token reads as, every error with its place and
 * words, the source map, depth, and texts of random bytes. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "value/equal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/vector.h"

static struct heap *heap;

/* Read all forms and print them, separated by blanks; or "line:column:
 * message" of the error. */
static void
read_to(struct buf *out, const char *text, size_t len, bool code)
{
	struct reader_options o = {0, code ? srcmap_new() : NULL};
	struct error e;
	val forms;
	size_t i;

	buf_clear(out);
	if (read_all(heap, text, len, &o, &forms, &e) == -1) {
		buf_addf(out, "%u:%u: %s", e.line, e.column, e.msg);
	} else {
		for (i = 0; i < vec_count(forms); i++) {
			if (i > 0)
				buf_addc(out, ' ');
			print_readable(out, vec_get(forms, i));
		}
		val_release(heap, forms);
	}
	srcmap_free(o.map);
}

struct row {
	const char *text;
	const char *want;
};

static void
check_rows(const struct row *rows, size_t n, bool code)
{
	struct buf out = BUF_INIT;
	size_t i, before = heap_used(heap);

	for (i = 0; i < n; i++) {
		read_to(&out, rows[i].text, strlen(rows[i].text), code);
		if (strcmp(buf_str(&out), rows[i].want) != 0) {
			printf("\n  %s\n    want %s\n    got  %s\n",
			    rows[i].text, rows[i].want, buf_str(&out));
			CU_FAIL("reads differently");
		} else {
			CU_PASS("");
		}
	}
	buf_free(&out);
	/* names stay */
	CU_ASSERT(heap_used(heap) - before < n * 400);
}

static void
test_tokens(void)
{
	static const struct row rows[] = {
	    {"",	                                             ""	                    },
	    {" \t\r\n,,, ; nothing\n",                               ""                            },
	    {"#!/usr/bin/env rtfs\n1",                               "1"                           },
	    {"\xef\xbb\xbf#!x\n1",	                           "1"                           },
	    {"\xef\xbb\xbf"
	     "2",	                               "2"	                   },
	    {"1 -17 +100 007 0",	                             "1 -17 100 7 0"               },
	    {"-9223372036854775808",                                 "-9223372036854775808"        },
	    {"2305843009213693951 2305843009213693952",
             "2305843009213693951 2305843009213693952"                                             },
	    {"123456789012345678901234567890",
             "123456789012345678901234567890"	                                              },
	    {"0x1F -0x1f 0o17 0b101 +0b1",                           "31 -31 15 5 1"               },
	    {"0xffffffffffffffffffff",                               "1208925819614629174706175"   },
	    {"1.5 -2.5 +3.14 1e5 2.5e-3 1.23E+2 1.23e10",
             "1.5 -2.5 3.14 100000.0 0.0025 123.0 12300000000.0"                                   },
	    {"0.1 1e22 1e23 4.9e-324 1.7976931348623157e308 1e-999",
             "0.1 1e22 1e23 5e-324 1.7976931348623157e308 0.0"                                     },
	    {"123456789012345678901234.5",                           "1.2345678901234569e23"       },
	    {"##Inf ##-Inf ##NaN",	                           "##Inf ##-Inf ##NaN"          },
	    {"true false nil true-x nilly",                          "true false nil true-x nilly" },
	    {"foo a/b / - + -> ->> x' a@b %1 & . ... -x .x <= $ _",
             "foo a/b / - + -> ->> x' a@b %1 & . ... -x .x <= $ _"                                 },
	    {"\xce\xb1\xce\xb2 \xce\xb1/x",                          "\xce\xb1\xce\xb2 \xce\xb1/x" },
	    {":k :a/b :ns:v1.0/name :+op+ :nil :_p",
             ":k :a/b :ns:v1.0/name :+op+ :nil :_p"                                                },
	    {"x:int y : Int z:[:vector]",                            "x :int y : Int z : [:vector]"},
	    {"(f)x[1]y\"s\"z",	                               "(f) x [1] y \"s\" z"         },
	    {"2024-01-31T12:00:00Z 2024-01-31T12:00:00.123456789Z",
             "\"2024-01-31T12:00:00Z\" "
	        "\"2024-01-31T12:00:00.123456789Z\""                                               },
	    {"2024-01-31T12:00:00_5Z",                               "\"2024-01-31T12:00:00_5Z\""  },
	    {"12345678-1234-5678-9abc-123456789def",
             "\"12345678-1234-5678-9abc-123456789def\""                                            },
	    {"abcdef78-1234-5678-9abc-123456789DEF]",
             "1:37: \"]\" closes nothing: no bracket is open here"                                 },
	    {"[resource://a/b:c?d=#e]",                              "[\"resource://a/b:c?d=#e\"]" },
	    {"resource:x",	                                   "resource :x"                 },
	    {"\"a\\n\\t\\r\\\\\\\"\\b\\f\\0\\u00e9\"",
             "\"a\\n\\t\\r\\\\\\\"\\u0008\\u000C\\u0000\xc3\xa9\""                                 },
	    {"\"\\uD83D\\uDE00\"",	                           "\"\xf0\x9f\x98\x80\""        },
	    {"\"two\nlines\"",	                               "\"two\\nlines\""             },
	    {"#|a #|b|# |c|# 1 #|x|# 2",                             "1 2"                         },
	    {"#_a b #_#_c d e #_(f #_g) h",                          "b e h"                       },
	    {"[1 #_2]",	                                      "[1]"                         },
	    {"'x '(1) `(a ~b ~@c)",
             "(quote x) (quote (1)) (quasiquote (a (unquote b) "
	        "(unquote-splicing c)))"	                                                   },
	    {"' #_a b",	                                      "(quote b)"                   },
	    {"`(x# ~y) (quasiquote x#)",
             "(quasiquote (x# (unquote y))) (quasiquote x#)"                                       },
	    {"#(f % %3 %&) #(%) #() %",
             "(fn [%1 %2 %3 & %&] (f %1 %3 %&)) (fn [%1] (%1)) (fn [] ()) "
	        "%"	                                                                        },
	    {"{:a 1, :b {\"x\" nil}} {} [] ()",
             "{:a 1 :b {\"x\" nil}} {} [] ()"	                                              },
	    {"^{:a 1} x ^:flag (y) ^{} ^:b z",                       "x (y) z"                     },
	};

	check_rows(rows, NITEMS(rows), false);
}

static void
test_code(void)
{
	static const struct row rows[] = {
	    {"^{:a (f)} x",	                       "(with-meta* {:a (f)} x)"                        },
	    {"^:flag (y)",	                        "(with-meta* {:flag true} (y))"                  },
	    {"^:a ^:b z",	                         "(with-meta* {:a true} (with-meta* {:b true} z))"},
	    {"'^:a x '(^:a x) (quote ^:a x)",
             "(quote x) (quote (x)) (quote x)"	                                                     },
	    {"{(f) 1 (f) 2}",                             "(hash-map* (f) 1 (f) 2)"                        },
	    {"{x 1 y 2 x 3}",                             "(hash-map* x 1 y 2 x 3)"                        },
	    {"{1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h x 1 x 2}",
             "(hash-map* 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h x 1 x 2)"                                         },
	    {"{[x] 1 [x] 2}",                             "(hash-map* [x] 1 [x] 2)"                        },
	    {"'{x 1 x 2}",	                        "1:7: the key x stands twice in this map"        },
	    {"{'x 1 'x 2}",	                       "1:7: the key (quote x) stands twice in this map"},
	    {"{[1 {:a \"b\"}] 1 [1 {:a \"b\"}] 2}",
             "1:17: the key [1 {:a \"b\"}] stands twice in this map"                                       },
	    {"{:a 1 :b 2 :a 3}",                          "1:12: the key :a stands twice in this map"      },
	    {"{0.0 1 -0.0 2}",                            "1:8: the key -0.0 stands twice in this map"     },
	};

	check_rows(rows, NITEMS(rows), true);
}

static void
test_errors(void)
{
	static const struct row rows[] = {
	    {"(",	                                 "1:1: this \"(\" is never closed with \")\""              },
	    {"(a\n [b",	                           "2:2: this \"[\" is never closed with \"]\""              },
	    {"{:a 1",	                             "1:1: this \"{\" is never closed with \"}\""              },
	    {")",	                                 "1:1: \")\" closes nothing: no bracket is open here"      },
	    {"[1 2 3)",
             "1:7: \")\" cannot close the \"[\" of line 1, column 1; "
	        "expected \"]\""	                                                                            },
	    {"(a\n  }",
             "2:3: \"}\" cannot close the \"(\" of line 1, column 1; "
	        "expected \")\""	                                                                            },
	    {"\"abc",	                             "1:1: this string is never closed"                        },
	    {"\"abc\\",	                           "1:1: this string is never closed"                        },
	    {"\"bad \\q\"",	                       "1:6: unknown escape \"\\q\" in a string"                 },
	    {"\"\\u12\"",
             "1:2: \\u must be followed by four hexadecimal digits"                                                 },
	    {"\"\\uD800\"",	                       "1:2: \\uD800 is half of a surrogate pair"                },
	    {"\"\\uDC00\\uD800\"",                        "1:2: \\uDC00 is half of a surrogate pair"                },
	    {"{:a}",
             "1:2: this key has no value: an odd number of forms in a "
	        "map"	                                                                                       },
	    {"{:a 1 :a 2}",	                       "1:7: the key :a stands twice in this map"                },
	    {"{x 1 x 2}",	                         "1:6: the key x stands twice in this map"                 },
	    {"{1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9 4 0}",
             "1:38: the key 4 stands twice in this map"	                                                     },
	    {"1.",	                                "1:1: bad number \"1.\": digits are missing after the dot"},
	    {"42..",
             "1:1: bad number \"42..\": digits are missing after the "
	        "dot"	                                                                                       },
	    {".5",
             "1:1: bad number \".5\": digits are missing before the "
	        "dot"	                                                                                       },
	    {"-.5",
             "1:1: bad number \"-.5\": digits are missing before the "
	        "dot"	                                                                                       },
	    {"1/2",	                               "1:1: bad number \"1/2\": there are no ratios"            },
	    {"12ab",	                              "1:1: bad number \"12ab\""                                },
	    {"1:int",	                             "1:1: bad number \"1:int\""                               },
	    {"0x1G",	                              "1:1: bad number \"0x1G\""                                },
	    {"0x",	                                "1:1: bad number \"0x\": digits are missing"              },
	    {"0b12",	                              "1:1: bad number \"0b12\""                                },
	    {"1e",	                                "1:1: bad number \"1e\""                                  },
	    {"1e999",	                             "1:1: bad number \"1e999\": beyond the range of a float"  },
	    {"2024-13-01T00:00:00Z",
             "1:1: bad number \"2024-13-01T00:00:00Z\""	                                                     },
	    {"#{1}",	                              "1:1: there are no sets (\"#{\")"                         },
	    {"\\a",
             "1:1: there are no character literals; write \"a\" for \\a"                                            },
	    {"#\"x\"",
             "1:1: there are no regex literals (#\"...\"); a pattern "
	        "is a string"	                                                                               },
	    {"#'x",	                               "1:1: there are no vars (\"#'\")"                         },
	    {"@x",	                                "1:1: there is nothing to dereference (\"@\")"            },
	    {"#<function f>",
             "1:1: \"#<...>\" is printed for what cannot be read back"                                              },
	    {"#x",	                                "1:1: \"#\" must be followed by one of ( _ | #"           },
	    {"##Foo",
             "1:1: bad token \"##Foo\"; there are ##Inf, ##-Inf and "
	        "##NaN"	                                                                                     },
	    {"(a #_)",	                            "1:4: \"#_\" needs a form after it"                       },
	    {"#_",	                                "1:1: \"#_\" needs a form after it"                       },
	    {"(')",	                               "1:2: \"'\" needs a form after it"                        },
	    {"~@",	                                "1:1: \"~@\" needs a form after it"                       },
	    {"^{}",	                               "1:1: \"^\" needs a form after it"                        },
	    {"^1 x",	                              "1:2: metadata must be a map or a keyword"                },
	    {"#(a #(b))",	                         "1:5: \"#(\" cannot stand inside \"#(\"; use fn"          },
	    {"#| x",	                              "1:1: this comment is never closed with \"|#\""           },
	    {":1",
             "1:1: bad keyword \":1\": a name cannot begin like a number"                                           },
	    {"::a",	                               "1:1: bad keyword \"::a\": one colon begins a keyword"    },
	    {":a:",
             "1:1: bad keyword \":a:\": a colon in a keyword stands "
	        "between two names"	                                                                         },
	    {"x#",
             "1:1: bad token \"x#\": \"#\" may only end a symbol inside "
	        "quasiquote"	                                                                                },
	    {"`(~x#)",
             "1:4: bad token \"x#\": \"#\" may only end a symbol "
	        "inside quasiquote"	                                                                         },
	    {"a/b/c",
             "1:1: bad token \"a/b/c\": only one \"/\" may stand in "
	        "a name"	                                                                                    },
	    {"a/",
             "1:1: bad token \"a/\": a \"/\" stands between module and "
	        "name, or alone"	                                                                            },
	    {"a/1",
             "1:1: bad token \"a/1\": the part after \"/\" must be a "
	        "name itself"	                                                                               },
	    {"[a &rest]",
             "1:4: bad token \"&rest\": write \"& rest\" with a "
	        "blank"	                                                                                     },
	    {"a~b",
             "1:1: bad token \"a~b\": a name cannot contain this "
	        "character"	                                                                                 },
	    {"|a|",	                               "1:1: unexpected character \"|\""                         },
	    {"\x01",	                              "1:1: unexpected character U+0001"                        },
	    {"a \xc2\xa0",
             "1:3: bad token \"\xc2\xa0\": no name begins with "
	        "this character"	                                                                            },
	    {"\xc3\xa9 \xff",                             "1:3: this is not UTF-8 (byte 0xff at offset 3)"          },
	};

	check_rows(rows, NITEMS(rows), false);
}

static void
test_read_one(void)
{
	struct error e;
	val v;

	CU_ASSERT_EQUAL_FATAL(
	    read_one(heap, "; c\n 5 ; d", 10, NULL, &v, &e), 0);
	CU_ASSERT_EQUAL(v, val_fix(5));
	CU_ASSERT_EQUAL(read_one(heap, " ;", 2, NULL, &v, &e), -1);
	CU_ASSERT_STRING_EQUAL(e.msg, "there is no form in this text");
	CU_ASSERT_EQUAL(read_one(heap, "[1]\n [2]", 8, NULL, &v, &e), -1);
	CU_ASSERT_STRING_EQUAL(
	    e.msg, "one form is wanted and here begins a second");
	CU_ASSERT_EQUAL(e.line, 2);
	CU_ASSERT_EQUAL(e.column, 2);
	CU_ASSERT_EQUAL(e.kind, EK_SYNTAX);
}

static void
test_depth(void)
{
	enum {
		DEEP = 1000000
	};
	struct reader_options o = {DEEP, NULL};
	char *text = malloc(2 * DEEP);
	struct error e;
	val v;

	memset(text, '[', DEEP);
	memset(text + DEEP, ']', DEEP);
	CU_ASSERT_EQUAL(
	    read_one(heap, text + DEEP - 1000, 2000, NULL, &v, &e), 0);
	val_release(heap, v);
	CU_ASSERT_EQUAL(
	    read_one(heap, text + DEEP - 1001, 2002, NULL, &v, &e), -1);
	CU_ASSERT_STRING_EQUAL(e.msg, "nested more than 1000 levels deep");
	CU_ASSERT_EQUAL(e.column, 1001);
	CU_ASSERT_EQUAL(read_one(heap, text, 2 * DEEP, &o, &v, &e), 0);
	val_release(heap, v);
	memset(text, '\'', DEEP);
	CU_ASSERT_EQUAL(read_one(heap, text, DEEP, NULL, &v, &e), -1);
	CU_ASSERT_EQUAL(e.column, 1001);
	memset(text, '^', DEEP);
	CU_ASSERT_EQUAL(read_one(heap, text, DEEP, NULL, &v, &e), -1);
	free(text);
}

static void
test_memory_limit(void)
{
	enum {
		SIZE = 4 << 20
	};
	struct heap *small = heap_new(1 << 20);
	char *text = malloc(SIZE);
	struct error e;
	size_t i;
	val v;

	for (i = 0; i < SIZE; i++)
		text[i] = i % 2 == 0 ? '1' : ' ';
	CU_ASSERT_EQUAL(read_all(small, text, SIZE, NULL, &v, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	for (i = 0; i < SIZE; i++)
		text[i] = "[9 8]"[i % 5];
	CU_ASSERT_EQUAL(read_all(small, text, SIZE, NULL, &v, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	CU_ASSERT(heap_used(small) < 1 << 20);
	free(text);
	heap_free(small);
}

static void
test_srcmap(void)
{
	static const char text[] = "(f x\n [1 {:a y}])\n ^:m 'z";
	struct srcmap *m = srcmap_new();
	struct reader_options o = {0, m};
	struct error e;
	val forms, list, vec, map, meta;

	CU_ASSERT_EQUAL_FATAL(
	    read_all(heap, text, sizeof(text) - 1, &o, &forms, &e), 0);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(forms), 1), 19);
	list = vec_get(forms, 0);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(list), SRCMAP_SELF), 0);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(list), 0), 1);
	list = list_rest(list);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(list), 0), 3);
	list = list_rest(list);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(list), 0), 6);
	vec = list_first(list);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(vec), SRCMAP_SELF), 6);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(vec), 1), 9);
	map = vec_get(vec, 1);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(map), 0), 10);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(map), 1), 13);
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(map), 2), SRCMAP_NONE);
	meta = vec_get(forms, 1); /* (with-meta* {:m true} (quote z)) */
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(meta), SRCMAP_SELF), 19);
	meta = list_rest(list_rest(meta));
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(meta), 0), 23);
	meta = list_rest(list_first(meta));
	CU_ASSERT_EQUAL(srcmap_find(m, val_obj(meta), 0), 24);
	val_release(heap, forms);
	srcmap_free(m);
}

static void
test_names(void)
{
	static const struct {
		const char *text;
		bool symbol, keyword;
	} rows[] = {
	    {"a",	                            true,  true },
	    {"a/b",	                          true,  true },
	    {"nil",	                          false, true },
	    {"true",	                         false, true },
	    {"-1",	                           false, false},
	    {"",	                             false, false},
	    {"a b",	                          false, false},
	    {"a:b",	                          false, true },
	    {"&x",	                           false, true },
	    {"a(",	                           false, false},
	    {"x#",	                           false, false},
	    {"/",	                            true,  true },
	    {"\xc3\xa9",	                     true,  true },
	    {"a\n",	                          false, false},
	    {"12345678-1234-5678-9abc-123456789def", false, false},
	    {"abcdef78-1234-5678-9abc-123456789def", false, true },
	};
	size_t i, n;

	for (i = 0; i < NITEMS(rows); i++) {
		n = strlen(rows[i].text);
		CU_ASSERT_EQUAL(
		    text_is_symbol(rows[i].text, n), rows[i].symbol);
		CU_ASSERT_EQUAL(
		    text_is_keyword(rows[i].text, n), rows[i].keyword);
	}
	CU_ASSERT(text_is_timestamp("2024-02-29T23:59:60Z", 20));
	CU_ASSERT(!text_is_timestamp("2024-02-29T24:00:00Z", 20));
	CU_ASSERT(!text_is_timestamp("2024-02-29T23:00:00.Z", 21));
	CU_ASSERT(!text_is_timestamp("2024-02-29T23:00:00", 19));
	CU_ASSERT(text_is_uuid("12345678-1234-5678-9abc-123456789def", 36));
	CU_ASSERT(!text_is_uuid("12345678-1234-5678-9abc-123456789deg", 36));
}

static void
test_excerpt(void)
{
	struct buf out = BUF_INIT;
	char text[300];
	static const char two[] = "x\n\t(foo \xe4\xb8\xad bar\r\n";

	text_excerpt(two, sizeof(two) - 1, 2, 9, &out);
	CU_ASSERT_STRING_EQUAL(buf_str(&out),
	    "    2 |  (foo \xe4\xb8\xad bar\n      |          ^\n");
	buf_clear(&out);
	text_excerpt(two, sizeof(two) - 1, 3, 1, &out);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "    3 | \n      | ^\n");
	buf_clear(&out);
	text_excerpt("a\x1b[2J\xff", 6, 1, 6, &out);
	CU_ASSERT_STRING_EQUAL(
	    buf_str(&out), "    1 | a [2J\xef\xbf\xbd\n      |      ^\n");
	memset(text, 'x', sizeof(text));
	buf_clear(&out);
	text_excerpt(text, sizeof(text), 1, 150, &out);
	CU_ASSERT(out.len < 200);
	buf_free(&out);
}

/* One after the other or to and fro, the cursor changes nothing. */
static void
test_excerpt_on(void)
{
	static const char text[] =
	    "(one)\n  \xe4\xb8\xad (two) (three)\r\n\n(four)";
	static const unsigned int places[][2] = {
	    {1, 1 },
            {2, 3 },
            {2, 5 },
            {2, 11},
            {3, 1 },
            {4, 2 },
            {9, 1 },
            {2, 5 },
	    {1, 2 }
        };
	struct text_cursor cursor = {0, 0, 0};
	struct buf a = BUF_INIT, b = BUF_INIT;
	size_t i;

	for (i = 0; i < NITEMS(places); i++) {
		buf_clear(&a);
		buf_clear(&b);
		text_excerpt(
		    text, sizeof(text) - 1, places[i][0], places[i][1], &a);
		text_excerpt_on(text, sizeof(text) - 1, places[i][0],
		    places[i][1], &cursor, &b);
		CU_ASSERT_STRING_EQUAL(buf_str(&a), buf_str(&b));
	}
	buf_free(&a);
	buf_free(&b);
}

/* Bytes that look like programs, but are none. */
static void
test_unfinished(void)
{
	static const struct {
		const char *text;
		bool unfinished;
	} rows[] = {
	    {"",               false},
	    {"(+ 1 2)",        false},
	    {"; (",            false},
	    {"(+ 1",           true },
	    {"(let [a {:b 1}", true },
	    {"\"text (",       true },
	    {"\"text\\\"",     true },
	    {"#| (",           true },
	    {"(a '",           true },
	    {"#_",             true },
	    {"(a ')",          false},
	    {"(a ] (",         false},
	    {"{a 1 a 2} (",    true },
	    {"{:a 1 :a 2} (",  false},
	    {"\"\\q\" (",      false},
	};
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		CU_ASSERT_EQUAL(
		    text_unfinished(rows[i].text, strlen(rows[i].text)),
		    rows[i].unfinished);
	}
}

static void
test_random_bytes(void)
{
	static const char alphabet[] =
	    "()[]{}\"\\;#_|'`~@^:%&/.-+0123456789eExabk \n,\xc3\xa9\xff";
	struct reader_options o = {0, NULL};
	struct buf shown = BUF_INIT;
	struct error e;
	char text[64];
	size_t i, k, n, before = heap_used(heap);
	val v;

	srandom(7);
	for (i = 0; i < 200000; i++) {
		n = (size_t)random() % sizeof(text);
		for (k = 0; k < n; k++) {
			text[k] = alphabet[(size_t)random() %
			    (sizeof(alphabet) - (i % 4 == 0 ? 0 : 4))];
		}
		o.map = i % 2 == 0 ? srcmap_new() : NULL;
		if (read_all(heap, text, n, &o, &v, &e) == 0) {
			val_release(heap, v);
		} else {
			CU_ASSERT(e.msg[0] != '\0' && e.line > 0);
			buf_clear(&shown);
			text_excerpt(text, n, e.line, e.column, &shown);
			CU_ASSERT(shown.len > 0);
		}
		srcmap_free(o.map);
	}
	CU_ASSERT(heap_used(heap) - before < 64 << 20); /* names */
	buf_free(&shown);
}

static __attribute__((constructor)) void
set_up(void)
{
	heap = heap_new(0);
}

UNIT_MAIN("reader", {"tokens", test_tokens}, {"code", test_code},
    {"errors", test_errors}, {"one form", test_read_one}, {"depth", test_depth},
    {"memory limit", test_memory_limit}, {"source map", test_srcmap},
    {"names", test_names}, {"excerpt", test_excerpt},
    {"excerpt_on", test_excerpt_on}, {"unfinished", test_unfinished},
    {"random bytes", test_random_bytes})
