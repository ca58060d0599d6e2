/* rooms: lang value base
 * rtfs check: every error of a text, with its place. */
#include <string.h>

#include "lang/check.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	const char *want; /* "LINE:COLUMN CLASS" for each, blank between */
} rows[] = {
    {"(defn f [x] (+ x 1)) (f 2)",              ""                                       },
    {"(foo 1)\n(bar)",                          "1:2 UndefinedSymbol 2:2 UndefinedSymbol"},
    {"(defn f [x] (g x)) (defn g [y] y) (f 1)", ""                                       },
    {"(defn f [x] x)\n(f 1 2)\n  (f)",          "2:1 ArityMismatch 3:3 ArityMismatch"    },
    {"(inc 1 2)",                               "1:1 ArityMismatch"                      },
    {"(let [x 1] (if))\n(let [y] y)",           "1:12 ParseError 2:1 ParseError"         },
    {"(def x :itn 5)",                          "1:8 ParseError"                         },
    {"(defn f [] (try 1 (catch Nope e 2)))",    "1:19 ParseError"                        },
    {"(+ 1",                                    "1:1 ParseError"                         },
    {"(let [f (fn [n] (f n))] (f 1))",          ""                                       },
    {"(defmacro m [x] `(inc ~x)) (m 1)",        ""                                       },
    {"(import geo :as g) (g/area 1)",           ""                                       },
    {"(for [x [1 2]] (* x y))",                 "1:21 UndefinedSymbol"                   },
};

static void
test_cases(void)
{
	struct diags d;
	char got[512];
	size_t i, k, n;

	for (i = 0; i < NITEMS(rows); i++) {
		memset(&d, 0, sizeof(d));
		lang_check("t", rows[i].text, strlen(rows[i].text), NULL, &d);
		got[0] = '\0';
		for (k = n = 0; k < d.n; k++) {
			n += (size_t)snprintf(got + n, sizeof(got) - n,
			    "%s%u:%u %s", k == 0 ? "" : " ", d.item[k].line,
			    d.item[k].column, d.item[k].class);
		}
		if (strcmp(got, rows[i].want) != 0)
			printf("%s -> %s\n", rows[i].text, got);
		CU_ASSERT_STRING_EQUAL(got, rows[i].want);
		diags_free(&d);
	}
}

UNIT_MAIN("check", {"cases", test_cases})
