/* UTF-8: one strict decoder for validation, quick loops for valid text. */
#include <string.h>

#include "base/utf8.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static int
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the well-formed sequence at s[0..n), or 0.  Table 3-7 of the
 * Unicode standard: the second byte's range excludes overlong forms,
 * surrogates and what lies above U+10FFFF. */
static size_t
sequence(const unsigned char *s, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t want, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		want = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		want = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		want = 4;
	else
		return 0;
	if (n < want)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < want; i++) {
		if (!is_tail(s[i]))
			return 0;
	}
	return want;
}

/* Bytes of ASCII at the beginning, as far as whole words say. */
static size_t
ascii_run(const unsigned char *s, size_t len)
{
	size_t i = 0;
	uint64_t w[4];

	for (; len - i >= sizeof(w); i += sizeof(w)) {
		memcpy(w, s + i, sizeof(w));
		if (((w[0] | w[1] | w[2] | w[3]) & HIGH_BITS) != 0)
			break;
	}
	for (; len - i >= sizeof(w[0]); i += sizeof(w[0])) {
		memcpy(w, s + i, sizeof(w[0]));
		if ((w[0] & HIGH_BITS) != 0)
			break;
	}
	return i;
}

size_t
utf8_check(const char *text, size_t len, size_t *count)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i = 0, n, tails = 0;

	while (i < len && i < sizeof(uint64_t) && s[i] < 0x80)
		i++;
	while (i < len) {
		if (s[i] < 0x80) {
			n = ascii_run(s + i, len - i);
			i += n == 0 ? 1 : n;
			continue;
		}
		if ((n = sequence(s + i, len - i)) == 0)
			return i;
		tails += n - 1;
		i += n;
	}
	*count = len - tails;
	return UTF8_VALID;
}

size_t
utf8_invalid_at(const char *text, size_t len)
{
	size_t count;

	return utf8_check(text, len, &count);
}

/* Continuation bytes (10xxxxxx) of eight, as a count. */
static unsigned int
tails_of(uint64_t w)
{
	w = w & ~(w << 1) & HIGH_BITS; /* bit 7 set and bit 6 clear */
	return (unsigned int)(((w >> 7) * UINT64_C(0x0101010101010101)) >> 56);
}

size_t
utf8_count(const char *text, size_t len)
{
	size_t i = 0, tails = 0;
	uint64_t w;

	for (; len - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, text + i, sizeof(w));
		tails += tails_of(w);
	}
	for (; i < len; i++)
		tails += (size_t)is_tail((unsigned char)text[i]);
	return len - tails;
}

size_t
utf8_offset(const char *text, size_t len, size_t n)
{
	size_t i = 0, heads;
	uint64_t w;

	while (len - i >= sizeof(w)) {
		memcpy(&w, text + i, sizeof(w));
		heads = sizeof(w) - tails_of(w);
		if (heads > n)
			break;
		n -= heads;
		i += sizeof(w);
	}
	for (; i < len; i++) {
		if (is_tail((unsigned char)text[i]))
			continue;
		if (n-- == 0)
			return i;
	}
	return len;
}

uint32_t
utf8_decode(const char *p, const char *end, size_t *size)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t left = (size_t)(end - p);

	if (s[0] < 0x80 || left < 2) {
		*size = 1;
		return s[0];
	}
	if (s[0] < 0xe0 || left < 3) {
		*size = 2;
		return (s[0] & 0x1fU) << 6 | (s[1] & 0x3fU);
	}
	if (s[0] < 0xf0 || left < 4) {
		*size = 3;
		return (s[0] & 0x0fU) << 12 | (s[1] & 0x3fU) << 6 |
		    (s[2] & 0x3fU);
	}
	*size = 4;
	return (s[0] & 0x07U) << 18 | (s[1] & 0x3fU) << 12 |
	    (s[2] & 0x3fU) << 6 | (s[3] & 0x3fU);
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

size_t
utf8_cut(const char *text, size_t len, size_t n)
{
	if (n >= len)
		return len;
	while (n > 0 && is_tail((unsigned char)text[n]))
		n--;
	return n;
}
