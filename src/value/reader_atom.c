/*
 * The reader's tokens: strings, numbers, names and the texts that count as
 * strings.  A name is validated and interned once; after that a small cache,
 * keyed by its bytes, gives its index.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "value/name.h"
#include "value/number.h"
#include "value/numtext.h"
#include "value/reader_impl.h"
#include "value/string.h"
#include "value/token.h"

#define NAME_COST     64 /* bytes of the name table beside the text itself */
#define MAX_FN_PARAMS 20

static const char *
token_end(const struct reader *r, const char *p)
{
	while (p < r->end && !TOKEN_IS(*p, TOKEN_END))
		p++;
	return p;
}

static uint32_t
intern_charged(struct reader *r, const char *p, size_t n)
{
	uint32_t before = name_count(), name = name_intern(p, n);

	if (name_count() > before)
		heap_charge(r->heap, (ptrdiff_t)(n + NAME_COST));
	return name;
}

/* The index of a name; -1 with *r->e set when the text is no name. */
static int
intern(struct reader *r, const char *p, size_t n, bool keyword, uint32_t *name)
{
	char shown[TOKEN_SHOWN];
	const char *problem;
	size_t slot = n + (keyword ? 0x55 : 0), i;

	for (i = 0; i < n && i < 12; i++)
		slot = slot * 31 + (unsigned char)p[i];
	if (n > 12)
		slot = slot * 31 + (unsigned char)p[n - 1];
	slot = (slot ^ slot >> 8) & (NAME_CACHE - 1);
	if (r->names[slot].len == (n << 1 | keyword) &&
	    memcmp(r->names[slot].text, p, n) == 0) {
		*name = r->names[slot].name;
		return 0;
	}
	problem = token_name_problem(p, n, keyword);
	if (problem == NULL && n > (size_t)MAX_NAME)
		problem = "the name is too long";
	if (problem != NULL) {
		return reader_fail(r, (size_t)(p - keyword - r->text),
		    "bad %s \"%s%s\": %s", keyword ? "keyword" : "token",
		    keyword ? ":" : "", token_show(shown, p, n), problem);
	}
	*name = intern_charged(r, p, n);
	r->names[slot].text = p;
	r->names[slot].len = (uint32_t)(n << 1 | keyword);
	r->names[slot].name = *name;
	return 0;
}

int
reader_keyword(struct reader *r)
{
	const char *start = r->p + 1, *p = token_end(r, start);
	char shown[TOKEN_SHOWN];
	size_t offset = (size_t)(r->p - r->text);
	uint32_t name;

	if (p == start) {
		r->p = p;
		return reader_form(r, symbol_from(":"), offset);
	}
	if (*start == ':') {
		return reader_fail(r, offset,
		    "bad keyword \"%s\": one colon begins a keyword",
		    token_show(shown, r->p, (size_t)(p - r->p)));
	}
	if (intern(r, start, (size_t)(p - start), true, &name) == -1)
		return -1;
	r->p = p;
	return reader_form(r, val_keyword(name), offset);
}

static int
bad_number(struct reader *r, const char *p, size_t n, const char *why)
{
	char shown[TOKEN_SHOWN];

	return reader_fail(r, (size_t)(p - r->text), "bad number \"%s\"%s",
	    token_show(shown, p, n), why);
}

/* 0x, 0o, 0b after an optional sign; *base 0: none of them. */
static size_t
radix_prefix(const char *p, size_t n, int *base)
{
	size_t i = n > 0 && (*p == '-' || *p == '+');

	*base = 0;
	if (n < i + 2 || p[i] != '0')
		return 0;
	switch (p[i + 1]) {
	case 'x':
		*base = 16;
		break;
	case 'o':
		*base = 8;
		break;
	case 'b':
		*base = 2;
		break;
	default:
		return 0;
	}
	return i + 2;
}

static bool
is_digit_of(char c, int base)
{
	int digit = 99;

	if (c >= '0' && c <= '9')
		digit = c - '0';
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		digit = (c | 0x20) - 'a' + 10;
	return digit < base;
}

static int
radix_number(struct reader *r, const char *p, size_t n, size_t prefix, int base)
{
	size_t i;
	val v;

	if (n == prefix)
		return bad_number(r, p, n, ": digits are missing");
	for (i = prefix; i < n; i++) {
		if (!is_digit_of(p[i], base))
			return bad_number(r, p, n, "");
	}
	buf_clear(&r->scratch);
	if (*p == '-')
		buf_addc(&r->scratch, '-');
	buf_add(&r->scratch, p + prefix, n - prefix);
	if (int_parse(r->heap, r->scratch.data, r->scratch.len, base, &v) !=
	    NUM_OK) {
		return reader_over(r, (size_t)(p - r->text));
	}
	r->p = p + n;
	return reader_form(r, v, (size_t)(p - r->text));
}

static int
string_token(struct reader *r, size_t n)
{
	size_t offset = (size_t)(r->p - r->text);
	val v = str_new(r->heap, r->p, n);

	r->p += n;
	return reader_form(r, v, offset);
}

/* A token that is no plain decimal number though it begins like one. */
static int
odd_number(struct reader *r)
{
	const char *p = r->p;
	size_t n = (size_t)(token_end(r, p) - p), prefix;
	int base;

	if (text_is_timestamp(p, n) || text_is_uuid(p, n))
		return string_token(r, n);
	if ((prefix = radix_prefix(p, n, &base)) > 0)
		return radix_number(r, p, n, prefix, base);
	if (p[n - 1] == '.')
		return bad_number(
		    r, p, n, ": digits are missing after the dot");
	if (*p == '.' || (!TOKEN_IS(*p, TOKEN_DIGIT) && p[1] == '.'))
		return bad_number(
		    r, p, n, ": digits are missing before the dot");
	if (memchr(p, '/', n) != NULL)
		return bad_number(r, p, n, ": there are no ratios");
	return bad_number(r, p, n, "");
}

static int
number(struct reader *r)
{
	const char *p = r->p;
	struct numtext n;
	val v;

	numtext_scan(&n, p, r->end);
	if (n.digits == 0 || (n.stop < r->end && !TOKEN_IS(*n.stop, TOKEN_END)))
		return odd_number(r);
	switch (numtext_value(r->heap, &n, &v)) {
	case NUM_OK:
		break;
	case NUM_DOMAIN:
		return bad_number(r, p, (size_t)(n.stop - p),
		    ": beyond the range of a float");
	default:
		return reader_over(r, (size_t)(p - r->text));
	}
	r->p = n.stop;
	return reader_form(r, v, (size_t)(p - r->text));
}

/* %, %N or %& inside #(...): the parameter's symbol, or VAL_UNBOUND. */
static val
fn_parameter(struct reader *r, const char *p, size_t n)
{
	unsigned int i = 0;
	size_t k;

	if (n == 1) {
		i = 1;
	} else if (n == 2 && p[1] == '&') {
		r->fn_rest = true;
		return symbol_from("%&");
	} else {
		if (n > 3 || p[1] == '0')
			return VAL_UNBOUND;
		for (k = 1; k < n; k++) {
			if (!TOKEN_IS(p[k], TOKEN_DIGIT))
				return VAL_UNBOUND;
			i = i * 10 + (unsigned int)(p[k] - '0');
		}
	}
	if (i > MAX_FN_PARAMS)
		return VAL_UNBOUND;
	if (i > r->fn_high)
		r->fn_high = i;
	return n == 1 ? symbol_from("%1") : val_symbol(name_intern(p, n));
}

/* x# is a symbol where a quasiquote will make it a fresh one: between ` and ~,
 * or in the long spelling. */
static bool
gensym_allowed(const struct reader *r)
{
	val quasi = symbol_from("quasiquote");
	size_t i;

	if (r->nframes > 0 && r->frames[r->nframes - 1].quasi > 0)
		return true;
	for (i = 0; i < r->nframes; i++) {
		if (r->frames[i].kind == FRAME_LIST &&
		    r->frames[i].base < r->nitems &&
		    r->items[r->frames[i].base] == quasi)
			return true;
	}
	return false;
}

static val
constant_word(const char *p, size_t n)
{
	if (n == 3 && memcmp(p, "nil", 3) == 0)
		return VAL_NIL;
	if (n == 4 && memcmp(p, "true", 4) == 0)
		return VAL_TRUE;
	if (n == 5 && memcmp(p, "false", 5) == 0)
		return VAL_FALSE;
	return VAL_UNBOUND;
}

static int
symbol(struct reader *r)
{
	const char *start = r->p, *p = start;
	size_t n, offset = (size_t)(start - r->text);
	uint32_t name = 0;
	val v;

	while (p < r->end && *p != ':' && !TOKEN_IS(*p, TOKEN_END))
		p++;
	n = (size_t)(p - start);
	if (n == 36 && (p == r->end || *p != ':') && text_is_uuid(start, n))
		return string_token(r, n);
	if (n == 8 && r->end - p > 2 && memcmp(start, "resource://", 11) == 0)
		return string_token(r, (size_t)(token_end(r, p) - start));
	r->p = p;
	if ((v = constant_word(start, n)) != VAL_UNBOUND)
		return reader_form(r, v, offset);
	if (r->in_fn && *start == '%' &&
	    (v = fn_parameter(r, start, n)) != VAL_UNBOUND)
		return reader_form(r, v, offset);
	if (n > 1 && p[-1] == '#' && gensym_allowed(r) &&
	    token_name_problem(start, n - 1, false) == NULL) {
		return reader_form(
		    r, val_symbol(intern_charged(r, start, n)), offset);
	}
	if (intern(r, start, n, false, &name) == -1)
		return -1;
	return reader_form(r, val_symbol(name), offset);
}

int
reader_token(struct reader *r)
{
	unsigned char c = (unsigned char)*r->p;
	size_t size;
	uint32_t cp;

	if (TOKEN_IS(c, TOKEN_DIGIT) ||
	    ((c == '-' || c == '+' || c == '.') &&
	        token_begins_number(r->p, (size_t)(r->end - r->p))))
		return number(r);
	if (TOKEN_IS(c, TOKEN_FIRST) || c >= 0x80)
		return symbol(r);
	cp = utf8_decode(r->p, r->end, &size);
	if (cp > 0x20 && cp < 0x7f) {
		return reader_fail(r, (size_t)(r->p - r->text),
		    "unexpected character \"%c\"", (int)cp);
	}
	return reader_fail(
	    r, (size_t)(r->p - r->text), "unexpected character U+%04X", cp);
}

int
reader_special(struct reader *r)
{
	const char *p = r->p, *stop = token_end(r, p);
	size_t n = (size_t)(stop - p);
	char shown[TOKEN_SHOWN];
	double d;

	if (n == 5 && memcmp(p, "##Inf", n) == 0)
		d = INFINITY;
	else if (n == 6 && memcmp(p, "##-Inf", n) == 0)
		d = -INFINITY;
	else if (n == 5 && memcmp(p, "##NaN", n) == 0)
		d = NAN;
	else
		return reader_fail(r, (size_t)(p - r->text),
		    "bad token \"%s\"; there are ##Inf, ##-Inf and ##NaN",
		    token_show(shown, p, n));
	r->p = stop;
	return reader_form(r, float_from(r->heap, d), (size_t)(p - r->text));
}

/* Four hexadecimal digits at p, or -1. */
static int
hex4(const char *p, const char *end)
{
	int i, cp = 0;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		if (!is_digit_of(p[i], 16))
			return -1;
		cp = cp * 16 +
		    (p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	}
	return cp;
}

/* \uXXXX, or a pair of them; p is after the "u".  The end of it, or NULL. */
static const char *
unicode_escape(struct reader *r, const char *p)
{
	size_t offset = (size_t)(p - 2 - r->text);
	int cp = hex4(p, r->end), low;
	char *room;

	if (cp == -1) {
		reader_fail(r, offset,
		    "\\u must be followed by four hexadecimal digits");
		return NULL;
	}
	p += 4;
	if (cp >= 0xd800 && cp < 0xe000) {
		low = -1;
		if (cp < 0xdc00 && r->end - p >= 6 && p[0] == '\\' &&
		    p[1] == 'u')
			low = hex4(p + 2, r->end);
		if (low < 0xdc00 || low >= 0xe000) {
			reader_fail(r, offset,
			    "\\u%04X is half of a surrogate pair", cp);
			return NULL;
		}
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	room = buf_reserve(&r->scratch, 4);
	r->scratch.len += utf8_encode((uint32_t)cp, room);
	return p;
}

/* One escape; p is after the backslash.  The end of it, or NULL. */
static const char *
escape(struct reader *r, const char *p)
{
	static const char from[] = "ntr\\\"bf0";
	static const char to[] = "\n\t\r\\\"\b\f"; /* \0 is its terminator */
	const char *at;
	char shown[TOKEN_SHOWN];

	if (p == r->end)
		return p; /* found unclosed by the caller */
	if (*p == 'u')
		return unicode_escape(r, p + 1);
	if (*p != '\0' && (at = strchr(from, *p)) != NULL) {
		buf_addc(&r->scratch, to[at - from]);
		return p + 1;
	}
	reader_fail(r, (size_t)(p - 1 - r->text),
	    "unknown escape \"\\%s\" in a string",
	    token_show(shown, p,
	        (unsigned char)*p < 0x80 ?
	            1 :
	            utf8_offset(p, (size_t)(r->end - p), 1)));
	return NULL;
}

int
reader_string(struct reader *r)
{
	const char *start = r->p + 1, *p = start;
	size_t offset = (size_t)(r->p - r->text);
	bool plain = true;
	val v;

	for (;;) {
		while (p < r->end && *p != '"' && *p != '\\')
			p++;
		if (p == r->end) {
			r->unfinished = true;
			return reader_fail(
			    r, offset, "this string is never closed");
		}
		if (plain && *p == '"') {
			v = str_new(r->heap, start, (size_t)(p - start));
			break;
		}
		if (plain)
			buf_clear(&r->scratch);
		plain = false;
		buf_add(&r->scratch, start, (size_t)(p - start));
		if (*p == '"') {
			v = str_new(r->heap, r->scratch.data, r->scratch.len);
			break;
		}
		if ((p = escape(r, p + 1)) == NULL)
			return -1;
		start = p;
	}
	r->p = p + 1;
	return reader_form(r, v, offset);
}
