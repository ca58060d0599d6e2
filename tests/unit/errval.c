/* rooms: value base */
#include <string.h>

#include "tests/unit/value_unit.h"
#include "value/equal.h"
#include "value/errval.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/string.h"
#include "value/vector.h"

static void
test_fields(void)
{
	struct heap *h = heap_new(0);
	val e = errval_make(h, ERRKEY_DIVISION_BY_ZERO, "(/ %d 0)", 5);
	val same = errval_make(h, ERRKEY_DIVISION_BY_ZERO, "(/ 5 0)");
	val other = errval_make(h, ERRKEY_TYPE_ERROR, "(/ 5 0)");
	val class;

	CU_ASSERT(val_is_error(e));
	CU_ASSERT(val_is_key(
	    errval_get(h, e, keyword_from("kind")), "division-by-zero"));
	class = errval_get(h, e, keyword_from("message"));
	CU_ASSERT(str_equal_text(class, "(/ 5 0)"));
	val_release(h, class);
	class = errval_get(h, e, keyword_from("class"));
	CU_ASSERT(str_equal_text(class, "DivisionByZero"));
	val_release(h, class);
	class = errval_get(h, e, keyword_from("data"));
	CU_ASSERT(val_is_map(class) && map_count(class) == 0);
	val_release(h, class);
	CU_ASSERT_EQUAL(errval_get(h, e, keyword_from("stack")), VAL_NIL);
	CU_ASSERT_EQUAL(errval_get(h, e, keyword_from("nope")), VAL_UNBOUND);
	val_errval(e)->stack = vec_empty(h); /* no part of equality */
	CU_ASSERT(val_equal(e, same));
	CU_ASSERT_EQUAL(val_hash(e), val_hash(same));
	CU_ASSERT(!val_equal(e, other));
	val_release(h, e);
	val_release(h, same);
	val_release(h, other);
	heap_done(h);
}

static void
test_table(void)
{
	enum errkey key, which;
	const char *class;
	int i;

	for (i = 0; i < ERRKEY_COUNT; i++) {
		key = (enum errkey)i;
		CU_ASSERT_EQUAL(errkey_from(errkey_keyword(key)), key);
		class = errkey_class(key);
		CU_ASSERT(selector_from(class, &which) == SELECT_CLASS ||
		    strcmp(class, "HostError") == 0);
	}
	CU_ASSERT_EQUAL(errkey_from(keyword_from("mine")), ERRKEY_COUNT);
	CU_ASSERT_EQUAL(errkey_from(VAL_NIL), ERRKEY_COUNT);
	CU_ASSERT_STRING_EQUAL(errkey_class(ERRKEY_COUNT), "ApplicationError");
}

static const struct {
	const char *name;
	enum selector want;
} selectors[] = {
    {"Exception",         SELECT_ALL        },
    {"Error",             SELECT_ALL        },
    {"TypeError",         SELECT_CLASS      },
    {"NotCallable",       SELECT_CLASS      },
    {"P004",              SELECT_CLASS      },
    {"P0",                SELECT_UNKNOWN    },
    {"SecurityViolation", SELECT_CLASS      },
    {"RuntimeError",      SELECT_GROUP      },
    {"ValidationError",   SELECT_GROUP      },
    {"HostError",         SELECT_GROUP      },
    {"ApplicationError",  SELECT_APPLICATION},
    {"MemoryLimit",       SELECT_UNCATCHABLE},
    {"StackOverflow",     SELECT_UNCATCHABLE},
    {"StepLimit",         SELECT_UNCATCHABLE},
    {"InternalError",     SELECT_UNCATCHABLE},
    {"Typeerror",         SELECT_UNKNOWN    },
    {"",                  SELECT_UNKNOWN    },
};

static void
test_selectors(void)
{
	enum errkey which;
	size_t i;

	for (i = 0; i < NITEMS(selectors); i++) {
		CU_ASSERT_EQUAL(selector_from(selectors[i].name, &which),
		    selectors[i].want);
	}
	CU_ASSERT_STRING_EQUAL(
	    selector_nearest("DivisonByZero"), "DivisionByZero");
	CU_ASSERT_STRING_EQUAL(selector_nearest("Typeerror"), "TypeError");
	CU_ASSERT_PTR_NULL(selector_nearest("Zebra"));
}

static const struct {
	const char *kind;
	const char *name;
	bool want;
} matches[] = {
    {"timeout",          "TimeoutError",     true },
    {"cancelled",        "TimeoutError",     true },
    {"timeout",          "HostError",        true },
    {"timeout",          "RuntimeError",     false},
    {"timeout",          "Exception",        true },
    {"not-callable",     "TypeError",        true },
    {"type-error",       "NotCallable",      false},
    {"invalid-argument", "InvalidArgument",  true },
    {"invalid-argument", "InvalidArguments", false},
    {"parse-error",      "ValidationError",  true },
    {"parse-error",      "V002",             true },
    {"mine",             "ApplicationError", true },
    {"mine",             "HostError",        false},
    {"mine",             "Error",            true },
    {"exception",        "ApplicationError", true },
    {"type-error",       "ApplicationError", false},
};

static void
test_matches(void)
{
	struct heap *h = heap_new(0);
	size_t i;
	val e;

	for (i = 0; i < NITEMS(matches); i++) {
		e = errval_new(h, keyword_from(matches[i].kind),
		    str_from(h, "m"), map_empty(h));
		CU_ASSERT_EQUAL(
		    errval_matches(e, matches[i].name), matches[i].want);
		val_release(h, e);
	}
	heap_done(h);
}

static const struct {
	const char *word;
	const char *among[4];
	const char *want;
} near[] = {
    {"mpa",        {"map", "max", "filter"},        "map"       },
    {"fliter",     {"filter", "first", "file"},     "filter"    },
    {"x",          {"y", "z"},                      NULL        },
    {"conut",      {"cons", "count", "constantly"}, "count"     },
    {"db.query",   {"db.queries", "api.query"},     NULL        },
    {"db.querie",  {"db.queries", "api.query"},     "db.queries"},
    {"same",       {"same"},                        "same"      },
    {"",           {"a"},                           NULL        },
    {"abcdefgh",   {"stuvwxyz"},                    NULL        },
    {"upper-csae", {"upper", "upper-case"},         "upper-case"},
    {"upprecsae",  {"uppercase"},                   "uppercase" },
    {"ab",         {"abc", "ba"},                   NULL        },
    {"foo",        {"for", "do"},                   "for"       },
    {"foo",        {"do", "if"},                    NULL        },
    {"abcdef",     {"abcxyz"},                      NULL        },
    {"abcdef",     {"abcdxy"},                      "abcdxy"    },
};

static void
test_nearest(void)
{
	struct nearest n;
	size_t i, j;

	for (i = 0; i < NITEMS(near); i++) {
		nearest_init(&n, near[i].word);
		for (j = 0; j < 4 && near[i].among[j] != NULL; j++)
			nearest_offer(&n, near[i].among[j]);
		if (near[i].want == NULL) {
			CU_ASSERT_PTR_NULL(n.best);
		} else {
			CU_ASSERT_PTR_NOT_NULL_FATAL(n.best);
			CU_ASSERT_STRING_EQUAL(n.best, near[i].want);
		}
	}
}

VALUE_MAIN("errval", {"fields", test_fields}, {"table", test_table},
    {"selectors", test_selectors}, {"matching", test_matches},
    {"nearest", test_nearest})
