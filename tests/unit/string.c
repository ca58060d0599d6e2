/* rooms: value base */
#include <string.h>

#include "base/utf8.h"
#include "tests/unit/value_unit.h"
#include "value/equal.h"
#include "value/string.h"

static void
test_new(void)
{
	struct heap *h = heap_new(0);
	val s = str_new(h, "a\0b", 3), e = str_new(h, NULL, 0);
	size_t len;

	CU_ASSERT(val_is_string(s));
	CU_ASSERT(memcmp(str_bytes(s, &len), "a\0b", 4) == 0);
	CU_ASSERT_EQUAL(len, 3);
	CU_ASSERT_EQUAL(str_count(s), 3);
	CU_ASSERT(!str_equal_text(s, "a"));
	CU_ASSERT_STRING_EQUAL(str_bytes(e, &len), "");
	CU_ASSERT_EQUAL(len, 0);
	CU_ASSERT(str_equal_text(e, ""));
	val_release(h, s);
	val_release(h, e);
	heap_done(h);
}

static void
test_code_points(void)
{
	struct heap *h = heap_new(0);
	val s = str_from(h, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
	val part;
	char *bytes;

	CU_ASSERT(!str_is_ascii(s));
	CU_ASSERT_EQUAL(str_count(s), 5);
	CU_ASSERT_EQUAL(str_offset(s, 0), 0);
	CU_ASSERT_EQUAL(str_offset(s, 2), 3);
	CU_ASSERT_EQUAL(str_offset(s, 4), 10);
	CU_ASSERT_EQUAL(str_offset(s, 5), 11);
	part = str_slice(h, val_retain(s), 1, 3);
	CU_ASSERT(str_equal_text(part, "\xc3\xa4\xe2\x82\xac"));
	val_release(h, part);
	part = str_slice(h, val_retain(s), 4, 5);
	CU_ASSERT(str_equal_text(part, "z"));
	CU_ASSERT(str_is_ascii(part));
	val_release(h, part);
	part = str_slice(h, val_retain(s), 2, 2);
	CU_ASSERT(str_equal_text(part, ""));
	val_release(h, part);
	part = str_slice(h, s, 0, 5);
	CU_ASSERT_EQUAL(part, s);
	val_release(h, part);
	s = str_blank(h, 4, &bytes);
	memcpy(bytes, "\xf0\x9f\x98\x80", 4);
	str_seal(s);
	CU_ASSERT_EQUAL(str_count(s), 1);
	CU_ASSERT_EQUAL(str_bytes(s, NULL)[4], '\0');
	val_release(h, s);
	heap_done(h);
}

static void
test_equal(void)
{
	struct heap *h = heap_new(0);
	val a = str_from(h, "same text"), b = str_from(h, "same text");
	val c = str_from(h, "same texT");

	CU_ASSERT(val_equal(a, b));
	CU_ASSERT(!val_equal(a, c));
	CU_ASSERT_EQUAL(val_hash(a), val_hash(b));
	CU_ASSERT_NOT_EQUAL(val_hash(a), val_hash(c));
	CU_ASSERT(val_equal(a, b)); /* hashes known now */
	CU_ASSERT(!val_equal(a, c));
	val_release(h, a);
	val_release(h, b);
	val_release(h, c);
	heap_done(h);
}

/* Across block sizes, and into blocks of their own. */
static void
test_sizes(void)
{
	static char text[3 << 20];
	struct heap *h = heap_new(0);
	size_t n, len;
	val s;

	memset(text, 'q', sizeof(text));
	for (n = 1; n <= sizeof(text); n += n / 3 + 1) {
		s = str_new(h, text, n);
		str_bytes(s, &len);
		CU_ASSERT_EQUAL(len, n);
		CU_ASSERT(heap_used(h) >= n);
		CU_ASSERT_EQUAL(strlen(str_bytes(s, NULL)), n);
		val_release(h, s);
		CU_ASSERT_EQUAL(heap_used(h), 0);
	}
	heap_done(h);
}

static void
test_repaired(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *want;
	} cases[] = {
	    {"",               0, ""	                 },
	    {"plain \xc3\xa4", 8, "plain \xc3\xa4"           },
	    {"\xff",           1, "\xef\xbf\xbd"             },
	    {"a\xc3",          2, "a\xef\xbf\xbd"            },
	    {"\xe2\x82x",      3, "\xef\xbf\xbd\xef\xbf\xbdx"},
	};
	struct heap *h = heap_new(0);
	size_t i;
	val v;

	for (i = 0; i < NITEMS(cases); i++) {
		v = str_repaired(h, cases[i].bytes, cases[i].len);
		CU_ASSERT_STRING_EQUAL(str_bytes(v, NULL), cases[i].want);
		val_release(h, v);
	}
	heap_done(h);
}

/* Checked in two parts and in bytes, cut anywhere: as in one go. */
static void
test_parts(void)
{
	static const char *const texts[] = {"", "plain",
	    "z\xc3\xa4\xe2\x82\xac", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
	    "a\xff"
	    "b",
	    "\xc3", "\xe2\x82x", "ab\x80\x80\x80\x80", "\xf0\x9f\x98",
	    "\xed\xa0\x80z", "\xc0\xaf"};
	struct heap *h = heap_new(0);
	size_t i, cut, k, len, want, got;
	struct str_progress two, each;
	char *bytes;
	val v;

	for (i = 0; i < NITEMS(texts); i++) {
		len = strlen(texts[i]);
		for (cut = 0; cut <= len; cut++) {
			v = str_blank(h, len, &bytes);
			memcpy(bytes, texts[i], len);
			want = str_check(v);
			memset(&two, 0, sizeof(two));
			memset(&each, 0, sizeof(each));
			(void)str_check_more(v, &two, cut);
			got = str_check_more(v, &two, len);
			CU_ASSERT_EQUAL(got, want);
			for (k = 0; k <= len; k++)
				got = str_check_more(v, &each, k);
			CU_ASSERT_EQUAL(got, want);
			if (want == UTF8_VALID) {
				CU_ASSERT_EQUAL(two.count, str_count(v));
				CU_ASSERT_EQUAL(each.count, str_count(v));
			}
			val_release(h, v);
		}
	}
	heap_done(h);
}

VALUE_MAIN("string", {"bytes and NUL", test_new},
    {"code points", test_code_points}, {"equality", test_equal},
    {"all sizes", test_sizes}, {"bad bytes", test_repaired},
    {"checked in parts", test_parts})
