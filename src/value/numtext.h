/* Decimal numbers in text, for the reader, JSON and the core library: found
 * and valued in one pass, exact, and blind to the locale. */
#ifndef VALUE_NUMTEXT_H
#define VALUE_NUMTEXT_H

#include "value/heap.h"
#include "value/number.h"

struct numtext {
	const char *begin;
	const char *stop;    /* first byte that is not part of the number */
	uint64_t mantissa;   /* all digits, valid when there are at most 19 */
	size_t digits;       /* before and after the dot; 0: no number here */
	size_t whole_digits; /* before the dot */
	int exponent;        /* of ten, for the mantissa */
	bool negative;
	bool is_float; /* has a fraction or an exponent */
};

/* The longest [+-] digits [. digits] [e [+-] digits] at p.  A dot or an e
 * without digits after it is left out. */
void numtext_scan(struct numtext *, const char *p, const char *end);
/* NUM_DOMAIN: a float beyond the range; NUM_TOO_BIG: an integer that the
 * heap's limit forbids. */
enum num_status numtext_value(struct heap *, const struct numtext *, val *out);

/* An integer's decimal digits. */
void numtext_add(struct buf *, int64_t);

#endif
