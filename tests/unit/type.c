/* rooms: value base */
/* Types: their forms and how they print back, what fits, the words and path
 * of what does not, and JSON decoding guided by them. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "value/equal.h"
#include "value/function.h"
#include "value/json.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/type.h"
#include "value/vector.h"

static struct heap *heap;

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
same(const char *about, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		printf("\n  %s\n    want %s\n    got  %s\n", about, want, got);
	CU_ASSERT_STRING_EQUAL(got, want);
}

/* NULL and *e set when the form is no type. */
static struct type *
type_of(const char *form, struct error *e)
{
	val v = read_value(form);
	struct type *t;

	if (type_new(v, &t, e) == -1)
		t = NULL;
	val_release(heap, v); /* the type must not need it any more */
	return t;
}

static void
test_forms(void)
{
	static const struct {
		const char *form;
		const char *want; /* printed, or the error */
	} rows[] = {
	    {":int",	                                                ":int"	                                        },
	    {"Int",	                                                 ":int"	                                        },
	    {"int",	                                                 ":int"	                                        },
	    {":Int?",	                                               ":int?"	                                       },
	    {"nil",	                                                 ":nil"	                                        },
	    {"[:vector Int]",	                                       "[:vector :int]"                                      },
	    {"[:list [:tuple]]",	                                    "[:list [:tuple]]"                                    },
	    {"[:tuple :int String?]",	                               "[:tuple :int :string?]"                              },
	    {"[:map {:a :int \"b\" :any} [:c :float ?] [3 :nil]]",
             "[:map [:a :int] [\"b\" :any] [:c :float ?] [3 :nil]]"                                                               },
	    {"[:record [:a Bool]]",	                                 "[:map [:a :bool]]"                                   },
	    {"[:dict :keyword :symbol]",                                    "[:map-of :keyword :symbol]"                          },
	    {"[:union :int nil]",	                                   "[:union :int :nil]"                                  },
	    {"[:enum :a \"b\" 1 (quote x) nil]",                            "[:enum :a \"b\" 1 x nil]"                            },
	    {"[:val \"long enough to be on a heap\"]",
             "[:val \"long enough to be on a heap\"]"	                                                                     },
	    {"[:and :int [:> 0] [:in-range 1 2.5] :non-empty [:is-url]]",
             "[:and :int [:> 0] [:in-range 1 2.5] :non-empty :is-url]"                                                            },
	    {"[:and :any [:required-keys [:a \"b\"]] [:required-keys :c]]",
             "[:and :any [:required-keys :a \"b\"] [:required-keys :c]]"                                                          },
	    {"[:fn [:int & :string] :never]",                               "[:fn [:int & :string] :never]"                       },
	    {":itn",	                                                "unknown type :itn; did you mean :int?"               },
	    {"[:vektor :int]",	                                      "unknown type :vektor; did you mean :vector?"         },
	    {"Strng?",	                                              "unknown type Strng?; did you mean :string?"          },
	    {":zzzzzzzzz",	                                          "unknown type :zzzzzzzzz"                             },
	    {":vector",	                                             "the type :vector stands in brackets: [:vector ...]"  },
	    {"[:vector]",	                                           "bad type [:vector]; write [:vector T]"               },
	    {"[:vector :int :int]",
             "bad type [:vector :int :int]; write [:vector T]"	                                                            },
	    {"[:map-of :int]",	                                      "bad type [:map-of :int]; write [:map-of K V]"        },
	    {"[:union]",	                                            "bad type [:union]; write [:union T ...]"             },
	    {"[:map :a]",
             "bad type :a; write entries of :map as [:key T], "
	        "[:key T ?] or {:key T}"	                                                                                  },
	    {"[:map [:a :int x]]",
             "bad type [:a :int x]; write entries of "
	        ":map as [:key T], [:key T ?] or {:key T}"	                                                                },
	    {"[:map [nil :int]]",
             "bad type nil; write keys as keywords, strings or integers"                                                          },
	    {"[:val]",	                                              "bad type [:val]; write [:val x]"                     },
	    {"[:enum (f)]",	                                         "bad type [:enum (f)]; write literal values only"     },
	    {"[:fn :int]",	                                          "bad type [:fn :int]; write [:fn [T ...] R]"          },
	    {"5",	                                                   "bad type 5; write a type as :int or [:vector :int]"  },
	    {"[]",	                                                  "bad type []; write [:vector T], [:map ...] and so on"},
	    {"[:and :int [:>]]",	                                    "bad predicate [:>]: it takes one number"             },
	    {"[:and :int [:min-lenght 3]]",
             "bad predicate [:min-lenght 3]: there is no such predicate; "
	        "did you mean :min-length?"	                                                                               },
	    {"[:and :string [:min-length -1]]",
             "bad predicate [:min-length -1]: it takes one integer, zero "
	        "or more"	                                                                                                 },
	    {"[:and :string [:matches-regex \"(\"]]",
             "bad predicate [:matches-regex \"(\"]: missing closing "
	        "parenthesis at offset 1"	                                                                                 },
	    {"[:and :string [:matches-regex \"a\\\\C\"]]",
             "bad predicate [:matches-regex \"a\\\\C\"]: using \\C is "
	        "disabled by the application at offset 3"	                                                                 },
	};
	struct buf out = BUF_INIT;
	struct error e;
	struct type *t;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		buf_clear(&out);
		if ((t = type_of(rows[i].form, &e)) == NULL)
			buf_adds(&out, e.msg);
		else
			type_format(t, &out);
		same(rows[i].form, buf_str(&out), rows[i].want);
		type_free(t);
	}
	buf_free(&out);
}

static void
test_names(void)
{
	static const char *const yes[] = {
	    ":int", "Int", "int", ":any?", ":Keyword", "never", "nil?"};
	static const char *const no[] = {
	    ":INT", ":vector", "integer", "\"int\"", ":?", "5", "nil"};
	size_t i;
	val v;

	for (i = 0; i < NITEMS(yes); i++) {
		v = read_value(yes[i]);
		CU_ASSERT(type_is_name(v));
	}
	for (i = 0; i < NITEMS(no); i++) {
		v = read_value(no[i]);
		CU_ASSERT(!type_is_name(v));
		val_release(heap, v);
	}
}

static void
test_check(void)
{
	static const struct {
		const char *type, *value;
		const char *want; /* NULL: fits */
	} rows[] = {
	    {":int",	                                                "5",	                      NULL	                                    },
	    {":int",	                                                "123456789012345678901234567890", NULL                                            },
	    {":int",	                                                "5.0",	                    "expected :int, got 5.0"                        },
	    {":int",	                                                "nil",	                    "expected :int, got nil"                        },
	    {":int?",	                                               "nil",                            NULL	                                    },
	    {":float",	                                              "5",	                      NULL	                                    },
	    {":float",	                                              "##NaN",                          NULL	                                    },
	    {":float",	                                              "\"x\"",                          "expected :float, got \"x\""                    },
	    {":number",	                                             "2.5",                            NULL	                                    },
	    {":string",	                                             ":a",                             "expected :string, got :a"                      },
	    {":bool",	                                               "false",                          NULL	                                    },
	    {":keyword",	                                            "a",	                      "expected :keyword, got a"                      },
	    {":symbol",	                                             "a",	                      NULL	                                    },
	    {":any",	                                                "(1 2)",                          NULL	                                    },
	    {":never",	                                              "1",	                      "expected :never, got 1"                        },
	    {"[:vector :int]",	                                      "[1 2]",                          NULL	                                    },
	    {"[:vector :int]",	                                      "(1 2)",                          "expected [:vector :int], got (1 2)"            },
	    {"[:vector :int]",	                                      "[1 \"x\"]",                      "[1]: expected :int, got \"x\""                 },
	    {"[:list :int]",	                                        "()",                             NULL	                                    },
	    {"[:list :int]",	                                        "(1 a)",                          "[1]: expected :int, got a"                     },
	    {"[:tuple :int :string]",	                               "[10 20]",
             "[1]: expected :string, got 20"	                                                                                                          },
	    {"[:tuple :int]",	                                       "[1 2]",                          "expected [:tuple :int], got [1 2]"             },
	    {"[:map {:a :int} [:b [:union :string :nil]]]",
             "{:a 2 :b \"x\" :c 3}",	                                                                  NULL	                                    },
	    {"[:map [:a :int] [:b :nil]]",                                  "{:a 2}",
             "b: expected :nil, got nothing: the key is missing"	                                                                                      },
	    {"[:map [:a :int ?]]",	                                  "{}",                             NULL                                            },
	    {"[:map [:a :int ?]]",	                                  "{:a nil}",                       "a: expected :int, got nil"                     },
	    {"[:map [:a :int]]",	                                    "{\"a\" 1}",
             "a: expected :int, got nothing: the key is missing"	                                                                                      },
	    {"[:vector [:map {:name {:x :int}}]]",                          "[]",
             "bad type {:x :int}; write a type as :int or [:vector :int]"	                                                                             },
	    {"[:vector [:map {:n [:map {\"two words\" [:vector :int]}]}]]",
             "[{:n {\"two words\" []}} {:n {\"two words\" [1 :q]}}]",	                                 "[1].n[\"two words\"][1]: expected :int, got :q"},
	    {"[:map-of :keyword :int]",                                     "{:a 1 :b 2}",                    NULL                                            },
	    {"[:map-of :keyword :int]",                                     "{:a 1 b 2}",
             "[b] (the key): expected :keyword, got b"	                                                                                                },
	    {"[:map-of :keyword :int]",                                     "{:a 1 :b nil}",
             "b: expected :int, got nil"	                                                                                                              },
	    {"[:union :int [:vector :int]]",                                "[1 :a]",
             "expected [:union :int [:vector :int]], got [1 :a]"	                                                                                      },
	    {"[:enum :a \"b\" [1 2]]",                                      "[1 2]",                          NULL                                            },
	    {"[:enum :a \"b\"]",	                                    "\"a\"",
             "expected [:enum :a \"b\"], got \"a\""	                                                                                                   },
	    {"[:val 1]",	                                            "1.0",                            "expected [:val 1], got 1.0"                    },
	    {"[:and :int [:>= 0]]",	                                 "-1",
             "expected [:and :int [:>= 0]], got -1"	                                                                                                   },
	    {"[:and :int [:>= 0]]",	                                 "x",                              "expected :int, got x"                          },
	    {"[:and :number [:in-range 1 2]]",                              "1.5",                            NULL                                            },
	    {"[:and :number [:in-range 1 2]]",                              "2.5",
             "expected [:and :number [:in-range 1 2]], got 2.5"	                                                                                       },
	    {"[:and :number [:< 1] [:<= 1] [:!= 0] [:> -9]]",               "0.5",                            NULL                                            },
	    {"[:and :number [:<= 1]]",                                      "##NaN",
             "expected [:and :number [:<= 1]], got ##NaN"	                                                                                             },
	    {"[:and :any [:= :a]]",	                                 ":a",                             NULL                                            },
	    {"[:and :string [:min-length 2] [:max-length 3]]",
             "\"\xc3\xa9\xc3"
	        "\xa9\"",	                                                                             NULL	                                    },
	    {"[:and :string [:length 2]]",                                  "\"abc\"",
             "expected [:and :string [:length 2]], got \"abc\""	                                                                                       },
	    {"[:and :string [:matches-regex \"^\\\\d+$\"]]",                "\"123\"",                        NULL                                            },
	    {"[:and :string [:matches-regex \"^\\\\d+$\"]]",                "\"12a\"",
             "expected [:and :string [:matches-regex \"^\\\\d+$\"]], got "
	        "\"12a\""	                                                                                                                             },
	    {"[:and :any [:min-count 1] [:max-count 2] [:count 2]]",
             "{1 2 3 "
	        "4}",	                                                                                 NULL	                                    },
	    {"[:and :any :non-empty]",                                      "()",
             "expected [:and :any :non-empty], got ()"	                                                                                                },
	    {"[:and :any [:has-key :a]]",                                   "{:a nil}",                       NULL                                            },
	    {"[:and :any [:required-keys [:a :b]]]",                        "{:a 1}",
             "expected [:and :any [:required-keys :a :b]], got {:a 1}"	                                                                                },
	    {"[:and :string :is-url]",                                      "\"https://example.com/x?y\"",    NULL                                            },
	    {"[:and :string :is-url]",                                      "\"example.com\"",
             "expected [:and :string :is-url], got \"example.com\""	                                                                                   },
	    {"[:and :string :is-email]",                                    "\"a.b@example.com\"",            NULL                                            },
	    {"[:and :string :is-email]",                                    "\"a@b\"",
             "expected [:and :string :is-email], got \"a@b\""	                                                                                         },
	    {"[:fn [:int] :int]",	                                   "5",                              "expected [:fn [:int] :int], got 5"             },
	};
	struct error e;
	struct type *t;
	size_t i;
	val v;
	int rc;

	for (i = 0; i < NITEMS(rows); i++) {
		e.msg[0] = '\0';
		v = read_value(rows[i].value);
		t = type_of(rows[i].type, &e);
		rc = t == NULL ? -1 : type_check(t, v, &e);
		same(rows[i].type, rc == 0 ? "fits" : e.msg,
		    rows[i].want == NULL ? "fits" : rows[i].want);
		if (t != NULL && rc == -1) {
			CU_ASSERT_EQUAL(e.kind, EK_TYPE);
		}
		type_free(t);
		val_release(heap, v);
	}
}

static void
test_functions(void)
{
	static const struct code_head code = {1, NAME_NONE, false};
	val f = val_from_obj(function_new(heap, &code, 0));
	struct error e;
	struct type *t = type_of("[:fn [:int] :int]", &e);

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(type_check(t, f, &e), 0);
	CU_ASSERT_EQUAL(type_tuple_count(t), -1);
	type_free(t);
	val_release(heap, f);
	t = type_of("[:tuple :int :any]", &e);
	CU_ASSERT_EQUAL(type_tuple_count(t), 2);
	type_free(t);
}

static void
test_guide(void)
{
	static const struct {
		const char *type, *json, *want;
	} rows[] = {
	    {"[:map {:id :int :name :string}]",
             "{\"name\":\"x\",\"id\":3,\"extra\":{\"id\":1}}",	                      "{:name \"x\" :id 3 \"extra\" {\"id\" 1}}"},
	    {"[:map {\"id\" :int 5 :float}]",                   "{\"5\":1,\"id\":2}",
             "{5 1.0 \"id\" 2}"	                                                                                               },
	    {"[:map-of :keyword :float]",                       "{\"a\":1,\"b c\":2}",
             "[\"b c\"] (the key): expected :keyword, got \"b c\""                                                                    },
	    {"[:map-of :keyword :float]",                       "{\"a\":1,\"b\":2.5}",
             "{:a 1.0 :b 2.5}"	                                                                                                },
	    {"[:map-of :int :any]",                             "{\"-12\":1,\"0\":2}",      "{-12 1 0 2}"                             },
	    {"[:map-of :int :any]",                             "{\"01\":1}",
             "[\"01\"] (the key): expected :int, got \"01\""	                                                                  },
	    {"[:map-of [:enum :a :b] :int]",                    "{\"a\":1}",                "{:a 1}"                                  },
	    {"[:map-of [:union :int :keyword] :int]",           "{\"a\":1,\"7\":2}",
             "{:a 1 7 2}"	                                                                                                     },
	    {":keyword",	                                "\"a/b\"",                  ":a/b"                                    },
	    {":keyword?",	                               "null",                     "nil"                                     },
	    {":keyword",	                                "\"\"",                     "expected :keyword, got \"\""             },
	    {":int",	                                    "\"5\"",                    "expected :int, got \"5\""                },
	    {"[:enum :a \"b\" 3]",                              "\"a\"",                    ":a"                                      },
	    {"[:enum :a \"a\"]",                                "\"a\"",                    "\"a\""                                   },
	    {"[:val :ok]",	                              "\"ok\"",                   ":ok"                                     },
	    {":float",	                                  "3",                        "3.0"	                             },
	    {":number",	                                 "3",                        "3"	                               },
	    {"[:list [:list :keyword]]",                        "[[\"a\"],[]]",             "((:a) ())"                               },
	    {"[:tuple :keyword [:vector :float]]",              "[\"a\",[1,2]]",
             "[:a [1.0 2.0]]"	                                                                                                 },
	    {"[:tuple :keyword]",                               "[\"a\",1]",
             "expected [:tuple :keyword], got [\"a\" 1]"	                                                                      },
	    {"[:union :keyword :string]",                       "\"a b\"",                  "\"a b\""                                 },
	    {"[:union :keyword :string]",                       "\"a\"",                    ":a"                                      },
	    {"[:union [:map {:kind [:val :a] :x :float}] "
	     "[:map {:kind [:val :b] :x :int}]]",  "{\"kind\":\"b\",\"x\":1}", "{:kind :b :x 1}"                         },
	    {"[:and [:map {:a :keyword}] [:required-keys :a]]", "{\"a\":\"k\"}",
             "{:a :k}"	                                                                                                        },
	    {"[:vector [:map {:a [:map {:b :keyword}]}]]",
             "[{\"a\":{\"b\":\"x\"}},{\"a\":{\"b\":7}}]",	                           "[1].a.b: expected :keyword, got 7"       },
	    {":any",	                                    "{\"a\":[1]}",              "{\"a\" [1]}"                             },
	    {"[:fn [] :any]",	                           "1",                        "expected [:fn [] :any], got 1"           },
	};
	struct buf out = BUF_INIT;
	struct error e;
	struct type *t;
	size_t i, used;
	val v;

	for (i = 0; i < NITEMS(rows); i++) {
		if ((t = type_of(rows[i].type, &e)) == NULL ||
		    json_read(heap, rows[i].json, strlen(rows[i].json), &v,
		        &e) == -1) {
			printf("\n  %s: %s\n", rows[i].type, e.msg);
			CU_FAIL_FATAL("bad row");
		}
		buf_clear(&out);
		if (type_guide(heap, t, v, &v, &e) == -1) {
			buf_adds(&out, e.msg);
		} else {
			print_readable(&out, v);
			val_release(heap, v);
		}
		same(rows[i].type, buf_str(&out), rows[i].want);
		type_free(t);
	}
	used = heap_used(heap);
	v = read_value("[{\"a\" 1 \"b c\" ({\"d\" 2}) 5 {}} \"e\"]");
	v = keys_to_keywords(heap, v);
	buf_clear(&out);
	print_readable(&out, v);
	CU_ASSERT_STRING_EQUAL(
	    buf_str(&out), "[{:a 1 \"b c\" ({:d 2}) 5 {}} \"e\"]");
	val_release(heap, v);
	CU_ASSERT(heap_used(heap) - used < 3 * 100);
	buf_free(&out);
}

static void
test_deep(void)
{
	enum {
		DEEP = 1000000
	};
	struct error e;
	struct type *t;
	size_t i;
	val v;

	for (i = 0, v = keyword_from("int"); i < DEEP; i++) {
		val pair[2] = {keyword_from("vector"), v};

		v = vec_new(heap, pair, 2);
	}
	CU_ASSERT_EQUAL(type_new(v, &t, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	v = keys_to_keywords(heap, v);
	t = type_of("[:vector :any]", &e);
	CU_ASSERT_EQUAL(type_check(t, v, &e), 0);
	type_free(t);
	val_release(heap, v);
}

/* A pattern that would take for ever ends as a misfit. */
static void
test_regex_limit(void)
{
	struct error e;
	struct type *t =
	    type_of("[:and :string [:matches-regex \"(a+)+$\"]]", &e);
	val v = read_value("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"");

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(type_check(t, v, &e), -1);
	type_free(t);
	val_release(heap, v);
}

static __attribute__((constructor)) void
set_up(void)
{
	heap = heap_new(0);
}

UNIT_MAIN("type", {"forms", test_forms}, {"names", test_names},
    {"check", test_check}, {"functions", test_functions}, {"guide", test_guide},
    {"deep", test_deep}, {"regex limit", test_regex_limit})
