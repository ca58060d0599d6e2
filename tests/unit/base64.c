/* rooms: base */
#include <string.h>

#include "base/base64.h"
#include "tests/unit/unit.h"

static const struct {
	const char *bytes;
	size_t n;
	const char *text;
} pairs[] = {
    {"",                 0, ""        }, /* RFC 4648, section 10 */
    {"f",                1, "Zg=="    },
    {"fo",               2, "Zm8="    },
    {"foo",              3, "Zm9v"    },
    {"foob",             4, "Zm9vYg=="},
    {"fooba",            5, "Zm9vYmE="},
    {"foobar",           6, "Zm9vYmFy"},
    {"\xff\xef\xbe\0\0", 5, "/+++AAA="},
};

static void
test_both_ways(void)
{
	struct buf b;
	size_t i;

	for (i = 0; i < NITEMS(pairs); i++) {
		b = (struct buf)BUF_INIT;
		buf_adds(&b, "before ");
		base64_encode(&b, pairs[i].bytes, pairs[i].n);
		CU_ASSERT_STRING_EQUAL(buf_str(&b) + 7, pairs[i].text);
		buf_free(&b);
		b = (struct buf)BUF_INIT;
		CU_ASSERT(
		    base64_decode(&b, pairs[i].text, strlen(pairs[i].text)));
		CU_ASSERT_EQUAL(b.len, pairs[i].n);
		CU_ASSERT(memcmp(buf_str(&b), pairs[i].bytes, b.len) == 0);
		buf_free(&b);
	}
}

static void
test_refused(void)
{
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "Zh==",
	    "Zm9=", "Zg==Zg==", "=g==", "Z===", "====", "Zm9v\n", "Zm-_",
	    "Zm 9"};
	struct buf b;
	size_t i;

	for (i = 0; i < NITEMS(bad); i++) {
		b = (struct buf)BUF_INIT;
		if (base64_decode(&b, bad[i], strlen(bad[i])))
			CU_FAIL(bad[i]);
		buf_free(&b);
	}
	b = (struct buf)BUF_INIT;
	CU_ASSERT(!base64_decode(&b, "Zg\0=", 4));
	buf_free(&b);
}

UNIT_MAIN("base64", {"both ways", test_both_ways}, {"refused", test_refused})
