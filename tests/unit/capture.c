/* rooms: pool base
 * Stray output: first and last half, however the bytes arrive. */
#include <string.h>

#include "pool/capture.h"
#include "tests/unit/unit.h"

static const struct {
	uint64_t keep;
	size_t piece; /* bytes of one capture_add */
	const char *in;
	const char *out;
} table[] = {
    {10,         3,  "",                 ""                                       },
    {10,         3,  "abc",              "abc"                                    },
    {10,         1,  "0123456789",       "0123456789"                             },
    {10,         99, "0123456789",       "0123456789"                             },
    {10,         1,  "0123456789A",      "01234\n[... 1 bytes dropped ...]\n6789A"},
    {10,         99, "0123456789A",      "01234\n[... 1 bytes dropped ...]\n6789A"},
    {4,          3,  "abcdefghijklmnop", "ab\n[... 12 bytes dropped ...]\nop"     },
    {5,          2,  "abcdefg",          "abc\n[... 2 bytes dropped ...]\nfg"     },
    {1,          2,  "abc",              "a\n[... 2 bytes dropped ...]\n"         },
    {0,          2,  "abc",              "[... 3 bytes dropped ...]\n"            },
    {UINT64_MAX, 2,  "abc",              "abc"                                    },
};

static void
test_cases(void)
{
	struct capture c = {.keep = 0};
	struct buf out = BUF_INIT;
	size_t i, at, n, len;

	for (i = 0; i < NITEMS(table); i++) {
		capture_reset(&c, table[i].keep);
		len = strlen(table[i].in);
		for (at = 0; at < len; at += n) {
			n = len - at < table[i].piece ? len - at :
			                                table[i].piece;
			capture_add(&c, table[i].in + at, n);
		}
		CU_ASSERT_EQUAL(c.total, len);
		buf_clear(&out);
		capture_take(&c, &out);
		CU_ASSERT_STRING_EQUAL(buf_str(&out), table[i].out);
		CU_ASSERT_EQUAL(c.total, 0);
	}
	buf_free(&out);
	capture_free(&c);
}

UNIT_MAIN("capture", {"cases", test_cases})
