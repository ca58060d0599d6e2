/* rooms: base */
#include <string.h>

#include "base/utf8.h"
#include "base/visible.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	size_t len;
	size_t invalid; /* UTF8_VALID, or where */
	size_t count;
} texts[] = {
    {"",                                                             0,  UTF8_VALID, 0 },
    {"abc",                                                          3,  UTF8_VALID, 3 },
    {"a\0b",                                                         3,  UTF8_VALID, 3 },
    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",                         9,  UTF8_VALID, 3 },
    {"\xed\x9f\xbf\xee\x80\x80",                                     6,  UTF8_VALID, 2 },
    {"\xf4\x8f\xbf\xbf",                                             4,  UTF8_VALID, 1 },
    {"12345678\xc3\xa4"
     "12345678",                                                18, UTF8_VALID, 17},
    {"\x80",                                                         1,  0,          0 },
    {"a\xc0\x80",                                                    3,  1,          0 }, /* overlong */
    {"0123456789abcdef0123456789abcdef0123456789abcdef\xe2\x82\xac", 51,
     UTF8_VALID,                                                                     49},
    {"0123456789abcdef0123456789\xe2\x82\xac"
     "ef0123456789abcdef\xff"
     "0123456789abcdef",                                        64, 47,         0 },
    {"\xc1\xbf",                                                     2,  0,          0 },
    {"\xe0\x9f\xbf",                                                 3,  0,          0 },
    {"\xf0\x8f\xbf\xbf",                                             4,  0,          0 },
    {"ab\xed\xa0\x80",                                               5,  2,          0 }, /* surrogate */
    {"\xf4\x90\x80\x80",                                             4,  0,          0 },
    {"\xf5\x80\x80\x80",                                             4,  0,          0 },
    {"abc\xe2\x82",                                                  5,  3,          0 }, /* cut off */
    {"12345678abcdefg\xff",                                          16, 15,         0 },
    {"\xe2\x82\x28",                                                 3,  0,          0 },
    {"\xf0\x9f\x98\x28",                                             4,  0,          0 },
};

static void
test_validate(void)
{
	size_t i, count;

	for (i = 0; i < NITEMS(texts); i++) {
		count = SIZE_MAX;
		CU_ASSERT_EQUAL(utf8_check(texts[i].text, texts[i].len, &count),
		    texts[i].invalid);
		CU_ASSERT_EQUAL(count,
		    texts[i].invalid == UTF8_VALID ? texts[i].count : SIZE_MAX);
		CU_ASSERT_EQUAL(utf8_invalid_at(texts[i].text, texts[i].len),
		    texts[i].invalid);
		if (texts[i].invalid == UTF8_VALID) {
			CU_ASSERT_EQUAL(utf8_count(texts[i].text, texts[i].len),
			    texts[i].count);
		}
	}
}

/* Every scalar value there and back. */
static void
test_code_points(void)
{
	unsigned int bad = 0;
	uint32_t cp;
	char out[4];
	size_t n, size;

	for (cp = 0; cp <= 0x10ffff; cp++) {
		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		n = utf8_encode(cp, out);
		if (utf8_invalid_at(out, n) != UTF8_VALID ||
		    utf8_decode(out, out + n, &size) != cp || size != n) {
			bad++;
		}
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void
test_offsets(void)
{
	char text[200];
	size_t at[101], n = 0, i, size;
	uint32_t cp;

	for (i = 0; i < 60; i++) { /* 1 to 4 bytes in turn */
		at[i] = n;
		cp = i % 4 == 0 ? 'x' :
		    i % 4 == 1  ? 0xe4 :
		    i % 4 == 2  ? 0x20ac :
		                  0x1f600;
		n += utf8_encode(cp, text + n);
	}
	CU_ASSERT_EQUAL(utf8_count(text, n), 60);
	for (i = 0; i < 60; i++) {
		CU_ASSERT_EQUAL(utf8_offset(text, n, i), at[i]);
		utf8_decode(text + at[i], text + n, &size);
		CU_ASSERT_EQUAL(size, i % 4 + 1);
	}
	CU_ASSERT_EQUAL(utf8_offset(text, n, 60), n);
	CU_ASSERT_EQUAL(utf8_offset(text, n, 1000), n);
}

static void
test_cut(void)
{
	const char *text = "a\xe2\x82\xac"
	                   "b";

	CU_ASSERT_EQUAL(utf8_cut(text, 5, 0), 0);
	CU_ASSERT_EQUAL(utf8_cut(text, 5, 1), 1);
	CU_ASSERT_EQUAL(utf8_cut(text, 5, 2), 1);
	CU_ASSERT_EQUAL(utf8_cut(text, 5, 3), 1);
	CU_ASSERT_EQUAL(utf8_cut(text, 5, 4), 4);
	CU_ASSERT_EQUAL(utf8_cut(text, 5, 9), 5);
}

static void
test_visible(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"",	                  ""	            },
	    {"a\t\xc3\xa4\\n",            "a\t\xc3\xa4\\n"      },
	    {"a\nb\r",                    "a\\nb\\r"            },
	    {"\033[2J\x7f",               "\\u001B[2J\\u007F"   },
	    {"\xc2\x9b\xc2\xa0",          "\\u009B\xc2\xa0"     },
	    {"\x9b\xff\xe2\x82",          "\\x9B\\xFF\\xE2\\x82"},
	    {"\xe2\x80\xae\xe2\x81\xa6.", "\\u202E\\u2066."     },
	};
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		visible_adds(&b, rows[i].text);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), rows[i].want);
		CU_ASSERT_EQUAL(
		    visible_text(rows[i].text, strlen(rows[i].text)),
		    strcmp(rows[i].text, rows[i].want) == 0);
		buf_clear(&b);
	}
	buf_free(&b);
}

UNIT_MAIN("utf8", {"validation", test_validate},
    {"every code point", test_code_points}, {"offsets", test_offsets},
    {"cutting", test_cut}, {"what is visible", test_visible})
