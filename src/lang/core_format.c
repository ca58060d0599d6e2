/*
 * The directives of (format ...).  The text comes from programs, so it is
 * parsed here and never handed to printf: only %e, %f and %g of a double reach
 * snprintf, with a format of ours and the precision as an argument.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/core_format.h"
#include "lang/core_util.h"
#include "value/string.h"

#define MAX_WIDTH 1000

struct directive {
	bool left, plus, blank, zero, alternate;
	int width;
	int precision; /* -1: none */
	char kind;
};

/* Digits at *p as a number; -1: above MAX_WIDTH. */
static int
parse_amount(const char **p, const char *end)
{
	int n = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		n = n * 10 + (**p - '0');
		if (n > MAX_WIDTH)
			return -1;
	}
	return n;
}

/* *p stands after the percent sign. */
static bool
parse_directive(struct core_call *call, const char **p, const char *end,
    struct directive *d)
{
	memset(d, 0, sizeof(*d));
	d->precision = -1;
	for (; *p < end; (*p)++) {
		if (**p == '-')
			d->left = true;
		else if (**p == '+')
			d->plus = true;
		else if (**p == ' ')
			d->blank = true;
		else if (**p == '0')
			d->zero = true;
		else if (**p == '#')
			d->alternate = true;
		else
			break;
	}
	d->width = parse_amount(p, end);
	if (d->width >= 0 && *p < end && **p == '.') {
		(*p)++;
		if ((d->precision = parse_amount(p, end)) == -1)
			d->width = -1;
	}
	if (d->width == -1) {
		core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "width and precision are at most %d", MAX_WIDTH);
		return false;
	}
	if (*p == end || strchr("sdxoefg%", **p) == NULL || **p == '\0') {
		size_t n = 0;

		if (*p < end)
			utf8_decode(*p, end, &n);
		core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "unknown directive %%%.*s; there are %%s %%d %%x %%o %%e "
		    "%%f %%g %%%%",
		    (int)n, *p);
		return false;
	}
	d->kind = *(*p)++;
	return true;
}

static void
fill(struct buf *b, char c, size_t n)
{
	if (n > 0)
		memset(buf_reserve(b, n), c, n);
	b->len += n;
}

/* sign and digits (already with prefix) padded to the width. */
static void
put_padded(struct buf *out, const struct directive *d, const char *sign,
    const char *body, size_t len, bool zeros)
{
	size_t used = strlen(sign) + utf8_count(body, len);
	size_t pad = (size_t)d->width > used ? (size_t)d->width - used : 0;

	if (!d->left && !zeros)
		fill(out, ' ', pad);
	buf_adds(out, sign);
	if (!d->left && zeros)
		fill(out, '0', pad);
	buf_add(out, body, len);
	if (d->left)
		fill(out, ' ', pad);
}

static const char *
sign_text(const struct directive *d, bool negative)
{
	return negative ? "-" : d->plus ? "+" : d->blank ? " " : "";
}

static bool
put_string(
    struct core_call *call, struct buf *out, const struct directive *d, val v)
{
	struct buf b = BUF_INIT;
	size_t len;
	bool ok = core_print(call, &b, v, false);

	if (ok) {
		len = b.len;
		if (d->precision >= 0)
			len = utf8_offset(
			    buf_str(&b), b.len, (size_t)d->precision);
		put_padded(out, d, "", buf_str(&b), len, false);
	}
	buf_free(&b);
	return ok;
}

static bool
put_integer(
    struct core_call *call, struct buf *out, const struct directive *d, val v)
{
	struct buf digits = BUF_INIT, body = BUF_INIT;
	int base = d->kind == 'd' ? 10 : d->kind == 'x' ? 16 : 8;
	bool negative;
	size_t n, skip;

	if (!core_want_int(call, v))
		return false;
	int_format(v, base, &digits);
	negative = digits.len > 0 && digits.data[0] == '-';
	skip = negative;
	n = digits.len - skip;
	if (d->alternate && base != 10)
		buf_adds(&body, base == 16 ? "0x" : "0");
	if (d->precision > 0 && (size_t)d->precision > n)
		fill(&body, '0', (size_t)d->precision - n);
	buf_add(&body, digits.data + skip, n);
	put_padded(out, d, sign_text(d, negative), buf_str(&body), body.len,
	    d->zero && d->precision < 0);
	buf_free(&digits);
	buf_free(&body);
	return true;
}

static bool
put_float(
    struct core_call *call, struct buf *out, const struct directive *d, val v)
{
	char text[2 * MAX_WIDTH];
	int precision = d->precision < 0 ? 6 : d->precision, n;
	double x;

	if (!core_want_number(call, v))
		return false;
	x = num_to_double(v);
	if (isnan(x) || isinf(x)) {
		put_padded(out, d, sign_text(d, !isnan(x) && x < 0),
		    isnan(x) ? "NaN" : "Inf", 3, false);
		return true;
	}
	switch (d->kind) {
	case 'e':
		n = snprintf(text, sizeof(text), "%.*e", precision, fabs(x));
		break;
	case 'f':
		n = snprintf(text, sizeof(text), "%.*f", precision, fabs(x));
		break;
	default:
		n = d->alternate ?
		    snprintf(text, sizeof(text), "%#.*g", precision, fabs(x)) :
		    snprintf(text, sizeof(text), "%.*g", precision, fabs(x));
		break;
	}
	put_padded(out, d, sign_text(d, signbit(x)), text, (size_t)n, d->zero);
	return true;
}

static bool
put_directive(
    struct core_call *call, struct buf *out, const struct directive *d, val v)
{
	switch (d->kind) {
	case 's':
		return put_string(call, out, d, v);
	case 'd':
	case 'x':
	case 'o':
		return put_integer(call, out, d, v);
	default:
		return put_float(call, out, d, v);
	}
}

bool
format_text(
    struct core_call *call, struct buf *out, const val *argv, unsigned int argc)
{
	struct directive d;
	const char *p, *end, *percent;
	unsigned int used = 1;
	size_t len;

	p = str_bytes(argv[0], &len);
	for (end = p + len; p < end;) {
		if ((percent = memchr(p, '%', (size_t)(end - p))) == NULL)
			percent = end;
		buf_add(out, p, (size_t)(percent - p));
		if (percent == end)
			break;
		p = percent + 1;
		if (!parse_directive(call, &p, end, &d))
			return false;
		if (d.kind == '%') {
			buf_addc(out, '%');
			continue;
		}
		if (used == argc) {
			core_fail(call, ERRKEY_INVALID_ARGUMENT,
			    "no argument for directive %u", used);
			return false;
		}
		if (!put_directive(call, out, &d, argv[used++]) ||
		    !core_room(call, out->len))
			return false;
	}
	return true;
}
