/* rooms: batch */
#include <string.h>

#include "batch/columns.h"
#include "batch/csv.h"
#include "tests/unit/unit.h"

static void
expect(struct words *w, const char *const *want)
{
	size_t i;

	for (i = 0; want[i] != NULL && i < w->n; i++)
		CU_ASSERT_STRING_EQUAL(w->item[i], want[i]);
	CU_ASSERT_EQUAL(w->n, i);
	CU_ASSERT_PTR_NULL(want[i]);
	words_free(w);
}

static const struct {
	const char *text;
	const char *fields[5];
} good[] = {
    {"a,b",                       {"a", "b"}                  },
    {"",                          {""}                        },
    {",",                         {"", ""}                    },
    {"a,,b",                      {"a", "", "b"}              },
    {"\"a,b\",c",                 {"a,b", "c"}                },
    {"\"a\nb\"",                  {"a\nb"}                    },
    {"\"a\"\"b\"",                {"a\"b"}                    },
    {"\"\"",                      {""}                        },
    {"\"\"\"\"",                  {"\""}                      },
    {"a,b\r",                     {"a", "b"}                  },
    {"\"a\r\nb\",c\r",            {"a\r\nb", "c"}             },
    {" a , b ",                   {" a ", " b "}              },
    {"\xc3\xa9,\"\xe2\x82\xac\"", {"\xc3\xa9", "\xe2\x82\xac"}},
};

static const struct {
	const char *text;
	unsigned int line, column;
} bad[] = {
    {"a\"b",       1, 2},
    {"\"a\"b",     1, 4},
    {"\"a",        1, 1},
    {"x,\"a\n b",  1, 3},
    {"\"a\nb\"c",  2, 3},
    {"\xc3\xa9\"", 1, 2},
};

static void
test_fields(void)
{
	struct words w = {NULL, 0, 0};
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(good); i++) {
		CU_ASSERT_EQUAL(
		    csv_fields(good[i].text, strlen(good[i].text), ',', &w, &e),
		    0);
		expect(&w, good[i].fields);
	}
	for (i = 0; i < NITEMS(bad); i++) {
		CU_ASSERT_EQUAL(
		    csv_fields(bad[i].text, strlen(bad[i].text), ',', &w, &e),
		    -1);
		CU_ASSERT_EQUAL(e.kind, EK_SYNTAX);
		CU_ASSERT_EQUAL(e.line, bad[i].line);
		CU_ASSERT_EQUAL(e.column, bad[i].column);
		words_free(&w);
	}
	CU_ASSERT_EQUAL(csv_fields("a\0b", 3, ',', &w, &e), -1);
	CU_ASSERT_EQUAL(e.column, 2);
	words_free(&w);
}

/* A record ends at the same byte, however many of them come at a time. */
static void
test_ends(void)
{
	static const char text[] = "\"a\n\"\"\n\",b\nc\n";
	struct csv_scan scan = {0, 0};
	size_t len, end = 0;

	for (len = 0; len <= sizeof(text) - 1; len++) {
		end = csv_end(&scan, text, len, ',');
		if (end != 0)
			break;
	}
	CU_ASSERT_EQUAL(end, 10);
	CU_ASSERT_EQUAL(len, 10);
	scan = (struct csv_scan){0, 0};
	CU_ASSERT_EQUAL(csv_end(&scan, text + 10, 2, ','), 2);
	scan = (struct csv_scan){0, 0};
	CU_ASSERT_EQUAL(csv_end(&scan, "\"open\n", 6, ','), 0);
}

static void
test_write(void)
{
	static const char *const texts[] = {
	    "a", "", "a,b", "a\"b", "a\nb", "\r", " x "};
	struct buf b = BUF_INIT;
	struct words w = {NULL, 0, 0};
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(texts); i++) {
		if (i > 0)
			buf_addc(&b, ',');
		csv_write(&b, texts[i], strlen(texts[i]), ',');
	}
	CU_ASSERT_EQUAL(csv_fields(buf_str(&b), b.len, ',', &w, &e), 0);
	CU_ASSERT_EQUAL_FATAL(w.n, NITEMS(texts));
	for (i = 0; i < NITEMS(texts); i++)
		CU_ASSERT_STRING_EQUAL(w.item[i], texts[i]);
	words_free(&w);
	buf_free(&b);
}

static void
test_columns(void)
{
	static const struct {
		const char *regex;
		const char *text;
		const char *fields[5];
	} cases[] = {
	    {",",       "a,b",     {"a", "b"}     },
	    {",",       "a",       {"a"}          },
	    {",",       ",a,",     {"", "a", ""}  },
	    {"\\t",     "a\tb c",  {"a", "b c"}   },
	    {" +",      "a   b c", {"a", "b", "c"}},
	    {"[,;]",    "a,b;c",   {"a", "b", "c"}},
	    {"\\bx\\b", "a x b",   {"a ", " b"}   },
	};
	static const char *const wrong[] = {"(", "x*", ""};
	struct columns *c;
	struct words w = {NULL, 0, 0};
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		CU_ASSERT_EQUAL_FATAL(columns_new(cases[i].regex, &c, &e), 0);
		CU_ASSERT_EQUAL(columns_split(c, cases[i].text,
		                    strlen(cases[i].text), &w, &e),
		    0);
		expect(&w, cases[i].fields);
		columns_free(c);
	}
	for (i = 0; i < NITEMS(wrong); i++) {
		CU_ASSERT_EQUAL(columns_new(wrong[i], &c, &e), -1);
		CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
	}
}

UNIT_MAIN("batch_csv", {"fields", test_fields}, {"ends", test_ends},
    {"written and read", test_write}, {"--colsep", test_columns})
