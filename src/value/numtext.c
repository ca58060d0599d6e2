/*
 * Numbers from text.  Most floats that people and programs write have at most
 * 15 digits and a small exponent; there one exact multiplication or division
 * gives the correctly rounded result.  All others go to strtod, in the C
 * locale whatever the process's own is.
 */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "value/numtext.h"

#define EXACT_MANTISSA (UINT64_C(1) << 53)
#define EXACT_POWER    22
#define EXPONENT_CAP   1000000 /* enough to be zero or infinite */

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static const char *
scan_exponent(const char *p, const char *end, int *exponent)
{
	bool negative = false;
	int e = 0;

	p++;
	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	if (p == end || !is_digit(*p))
		return NULL;
	for (; p < end && is_digit(*p); p++) {
		if (e < EXPONENT_CAP)
			e = e * 10 + (*p - '0');
	}
	*exponent = negative ? -e : e;
	return p;
}

void
numtext_scan(struct numtext *n, const char *p, const char *end)
{
	const char *start, *q;
	uint64_t m = 0;
	int exponent = 0;

	n->begin = n->stop = p;
	n->is_float = false;
	n->negative = p < end && *p == '-';
	n->exponent = 0;
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	start = p;
	for (; p < end && is_digit(*p); p++)
		m = m * 10 + (uint64_t)(*p - '0');
	n->digits = n->whole_digits = (size_t)(p - start);
	n->mantissa = m;
	if (p == start)
		return;
	if (end - p > 1 && *p == '.' && is_digit(p[1])) {
		start = ++p;
		for (; p < end && is_digit(*p); p++)
			m = m * 10 + (uint64_t)(*p - '0');
		n->mantissa = m;
		n->digits += (size_t)(p - start);
		if (p - start < EXPONENT_CAP)
			n->exponent = -(int)(p - start);
		n->is_float = true;
	}
	if (p < end && (*p == 'e' || *p == 'E') &&
	    (q = scan_exponent(p, end, &exponent)) != NULL) {
		n->exponent += exponent;
		n->is_float = true;
		p = q;
	}
	n->stop = p;
}

static double
slow_double(const struct numtext *n)
{
	static locale_t c_locale;
	char small[128], *text = small;
	size_t len = (size_t)(n->stop - n->begin);
	double d;

	if (c_locale == NULL)
		c_locale = newlocale(LC_ALL_MASK, "C", NULL);
	if (len >= sizeof(small))
		text = xmalloc(len + 1);
	memcpy(text, n->begin, len);
	text[len] = '\0';
	d = strtod_l(text, NULL, c_locale);
	if (text != small)
		free(text);
	return d;
}

enum num_status
numtext_value(struct heap *h, const struct numtext *n, val *out)
{
	static const double power[EXACT_POWER + 1] = {1e0, 1e1, 1e2, 1e3, 1e4,
	    1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	    1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	double d;

	if (!n->is_float) {
		if (LIKELY(n->digits <= 18)) {
			*out = val_fix(n->negative ? -(int64_t)n->mantissa :
			                             (int64_t)n->mantissa);
			return NUM_OK;
		}
		return int_parse(
		    h, n->begin, (size_t)(n->stop - n->begin), 10, out);
	}
	if (n->digits <= 19 && n->mantissa <= EXACT_MANTISSA &&
	    n->exponent <= EXACT_POWER && n->exponent >= -EXACT_POWER) {
		d = (double)n->mantissa;
		if (n->exponent < 0)
			d /= power[-n->exponent];
		else
			d *= power[n->exponent];
		if (n->negative)
			d = -d;
	} else {
		d = slow_double(n);
		if (isinf(d))
			return NUM_DOMAIN;
	}
	*out = float_from(h, d);
	return NUM_OK;
}

void
numtext_add(struct buf *out, int64_t i)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t n = i < 0 ? -(uint64_t)i : (uint64_t)i;

	do {
		*--p = (char)('0' + n % 10);
	} while ((n /= 10) > 0);
	if (i < 0)
		*--p = '-';
	buf_add(out, p, (size_t)(digits + sizeof(digits) - p));
}
