/* Base64 (RFC 4648, section 4), both ways. */
#include <stdint.h>
#include <string.h>

#include "base/base64.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct buf *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	char *q = buf_reserve(out, n / 3 * 4 + 4);
	unsigned int v;

	for (; n >= 3; n -= 3, p += 3) {
		v = (unsigned int)(p[0] << 16 | p[1] << 8 | p[2]);
		*q++ = digits[v >> 18];
		*q++ = digits[v >> 12 & 63];
		*q++ = digits[v >> 6 & 63];
		*q++ = digits[v & 63];
	}
	if (n > 0) {
		v = (unsigned int)(p[0] << 16 | (n == 2 ? p[1] << 8 : 0));
		*q++ = digits[v >> 18];
		*q++ = digits[v >> 12 & 63];
		*q = '=';
		if (n == 2)
			*q = digits[v >> 6 & 63];
		q++;
		*q++ = '=';
	}
	out->len = (size_t)(q - out->data);
}

/* Value of a base64 digit, -1 for anything else. */
static int
value_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

bool
base64_decode(struct buf *b, const char *p, size_t len)
{
	uint32_t bits;
	size_t i, j, pad;
	int digit;

	if (len % 4 != 0)
		return false;
	for (i = 0; i < len; i += 4) {
		pad = i + 4 < len || p[i + 3] != '=' ? 0 :
		    p[i + 2] != '='                  ? 1 :
		                                       2;
		for (bits = 0, j = 0; j < 4; j++) {
			digit = j < 4 - pad ? value_of(p[i + j]) : 0;
			if (digit == -1)
				return false;
			bits = bits << 6 | (uint32_t)digit;
		}
		if ((pad > 0 && (bits & 0xff) != 0) ||
		    (pad > 1 && (bits & 0xffff) != 0))
			return false;
		buf_addc(b, (char)(bits >> 16));
		if (pad < 2)
			buf_addc(b, (char)(bits >> 8));
		if (pad < 1)
			buf_addc(b, (char)bits);
	}
	return true;
}
