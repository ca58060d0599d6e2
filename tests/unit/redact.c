/* rooms: base */
#include <string.h>

#include "base/redact.h"
#include "tests/unit/unit.h"

static void
know(struct redactor *r)
{
	memset(r, 0, sizeof(*r));
	redactor_add(r, "hunter2", 7);
	redactor_add(r, "hunter22", 8);
	redactor_add(r, "short", 5); /* too short to be hidden */
	redactor_add(r, "aaaaab", 6);
	redactor_add(r, "hunter2", 7);
}

static const struct {
	const char *text;
	const char *shown;
} texts[] = {
    {"",                    ""               },
    {"nothing",             "nothing"        },
    {"hunter2",             "***"            },
    {"hunter22",            "***"            },
    {"hunter222",           "***2"           },
    {"xhunter2yhunter2z",   "x***y***z"      },
    {"hunter2hunter2",      "******"         },
    {"hunter",              "hunter"         },
    {"hunthunter2",         "hunt***"        },
    {"short",               "short"          },
    {"aaaaaaaaab",          "aaaa***"        },
    {"aaaaaaaaa",           "aaaaaaaaa"      },
    {"hunter\n2 hunter2\n", "hunter\n2 ***\n"},
};

static void
test_whole(void)
{
	struct redactor r;
	struct buf out = BUF_INIT;
	size_t i;

	know(&r);
	CU_ASSERT_EQUAL(r.n, 3);
	for (i = 0; i < NITEMS(texts); i++) {
		buf_clear(&out);
		redact(&r, texts[i].text, strlen(texts[i].text), &out);
		CU_ASSERT_STRING_EQUAL(buf_str(&out), texts[i].shown);
	}
	buf_free(&out);
	redactor_free(&r);
}

/* Cut at every two places: nothing of a hidden text comes out.  The one that
 * begins with the other may be taken for the other where it is cut. */
static void
test_pieces(void)
{
	struct redactor r;
	struct buf out = BUF_INIT, held = BUF_INIT;
	size_t i, a, b, n;

	know(&r);
	for (i = 0; i < NITEMS(texts); i++) {
		n = strlen(texts[i].text);
		for (a = 0; a <= n; a++) {
			for (b = a; b <= n; b++) {
				buf_clear(&out);
				redact_more(&r, &held, texts[i].text, a, &out);
				redact_more(
				    &r, &held, texts[i].text + a, b - a, &out);
				redact_more(
				    &r, &held, texts[i].text + b, n - b, &out);
				redact_end(&r, &held, &out);
				CU_ASSERT_PTR_NULL(
				    strstr(buf_str(&out), "hunter2"));
				CU_ASSERT_PTR_NULL(
				    strstr(buf_str(&out), "aaaaab"));
				if (strstr(texts[i].text, "hunter22") == NULL) {
					CU_ASSERT_STRING_EQUAL(
					    buf_str(&out), texts[i].shown);
				}
			}
		}
	}
	buf_free(&out);
	redactor_free(&r);
}

static void
test_nothing_hidden(void)
{
	struct redactor r = {0};
	struct buf out = BUF_INIT, held = BUF_INIT;

	redact_more(&r, &held, "any text", 8, &out);
	CU_ASSERT_EQUAL(held.len, 0);
	redact_end(&r, &held, &out);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "any text");
	buf_free(&out);
	redactor_free(&r);
}

UNIT_MAIN("redact", {"a whole text", test_whole}, {"in pieces", test_pieces},
    {"nothing is hidden", test_nothing_hidden})
