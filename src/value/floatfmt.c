/* Floats to text: the fewest digits that read back as the same float. */
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/number.h"

struct decimal {
	char digits[20]; /* no leading or trailing zeros */
	int n;
	int exponent; /* of the first digit */
};

/* Whatever the locale's decimal sign is, it is neither a digit nor an e, and
 * strtod takes the same one. */
static void
split(const char *text, struct decimal *out)
{
	const char *e = strrchr(text, 'e');
	const char *p;

	out->n = 0;
	for (p = text; p < e; p++) {
		if (isdigit((unsigned char)*p))
			out->digits[out->n++] = *p;
	}
	while (out->n > 1 && out->digits[out->n - 1] == '0')
		out->n--;
	out->exponent = (int)strtol(e + 1, NULL, 10);
}

static void
shortest(double d, struct decimal *out)
{
	char text[64];
	int digits;

	/* Any 15 digits survive the way there and back, so fewer need no
	 * trial; not so below the normal numbers. */
	for (digits = d < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*e", digits - 1, d);
		if (digits == 17 || strtod(text, NULL) == d)
			break;
	}
	split(text, out);
}

static void
add_plain(struct buf *out, const struct decimal *d)
{
	int i, whole = d->exponent + 1; /* digits before the point */

	if (whole <= 0) {
		buf_adds(out, "0.");
		for (i = whole; i < 0; i++)
			buf_addc(out, '0');
		buf_add(out, d->digits, (size_t)d->n);
		return;
	}
	for (i = 0; i < whole; i++)
		buf_addc(out, i < d->n ? d->digits[i] : '0');
	buf_addc(out, '.');
	if (whole < d->n)
		buf_add(out, d->digits + whole, (size_t)(d->n - whole));
	else
		buf_addc(out, '0');
}

void
float_format(double x, struct buf *out)
{
	struct decimal d = {0};

	if (isnan(x)) {
		buf_adds(out, "##NaN");
		return;
	}
	if (isinf(x)) {
		buf_adds(out, x < 0 ? "##-Inf" : "##Inf");
		return;
	}
	if (signbit(x))
		buf_addc(out, '-');
	x = fabs(x);
	if (x == 0) {
		buf_adds(out, "0.0");
		return;
	}
	shortest(x, &d);
	if (x >= 1e-4 && x < 1e16) {
		add_plain(out, &d);
		return;
	}
	buf_addc(out, d.digits[0]);
	if (d.n > 1) {
		buf_addc(out, '.');
		buf_add(out, d.digits + 1, (size_t)(d.n - 1));
	}
	buf_addf(out, "e%d", d.exponent);
}
