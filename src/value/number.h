/*
 * Numbers: integers of any size (62 bits in the word, GMP beyond) and IEEE
 * doubles.  Never wraps, never silently becomes a float.  Operations borrow
 * their operands and give an owned result.
 */
#ifndef VALUE_NUMBER_H
#define VALUE_NUMBER_H

#include "base/buf.h"
#include "value/heap.h"

enum num_status {
	NUM_OK,
	NUM_NOT_NUMBER, /* TypeError: an operand is not a number */
	NUM_NOT_INT,    /* TypeError: an integer is needed */
	NUM_ZERO,       /* DivisionByZero */
	NUM_DOMAIN,     /* InvalidArgument: sqrt of a negative, int of NaN... */
	NUM_TOO_BIG, /* would pass the heap's limit; refused before building */
};

val int_from(struct heap *, int64_t);
val int_from_u64(struct heap *, uint64_t);
/* Digits in base 2, 8, 10 or 16 with optional sign, no prefix; the caller has
 * checked the characters.  NUM_TOO_BIG when the limit forbids. */
enum num_status int_parse(
    struct heap *, const char *, size_t, int base, val *out);
/* *out set and true if v is an integer within int64. */
bool int_to_i64(val v, int64_t *out);
bool int_is_negative(val v); /* v is an integer */
/* Big-endian two's complement bytes for the wire; only for integers outside
 * int64 (proto's ext type). */
void int_to_bytes(val v, struct buf *out);
val int_from_bytes(struct heap *, const void *, size_t);
void int_format(val v, int base, struct buf *out); /* base 8, 10 or 16 */

uint64_t bigint_hash(val v); /* v is an O_BIGINT */

/* Self-tagged floats: exponents of about 1e-77 to 1e77 and 0.0; the word of
 * the smallest of them (1.7e-77, which is boxed) stands for 0.0. */
#define VAL_FLOAT_ZERO UINT64_C(0x8000000000000002)
struct boxed_float { /* O_FLOAT */
	struct obj obj;
	double d;
};
val float_box(struct heap *, double);
static inline val
float_from(struct heap *h, double d)
{
	uint64_t u;

	__builtin_memcpy(&u, &d, sizeof(u));
	if (LIKELY(((u >> 60 & 7) == 3 || (u >> 60 & 7) == 4) &&
	        u != UINT64_C(0x3000000000000000))) {
		return ((u << 3 | u >> 61) & ~UINT64_C(3)) | 2;
	}
	return u == 0 ? VAL_FLOAT_ZERO : float_box(h, d);
}
static inline double
float_get(val v) /* v is a float */
{
	uint64_t u;
	double d;

	if (UNLIKELY(val_is_obj(v)))
		return ((const struct boxed_float *)val_obj(v))->d;
	if (v == VAL_FLOAT_ZERO)
		return 0;
	u = (v & ~UINT64_C(3)) | (2 - (v >> 63));
	u = u >> 3 | u << 61;
	__builtin_memcpy(&d, &u, sizeof(d));
	return d;
}
double num_to_double(val v); /* v is a number; nearest, or infinity */
/* Shortest text that reads back as the same float: "4.0" "1e16" "##NaN". */
void float_format(double, struct buf *out);

bool num_is(val v);
enum num_status num_add(struct heap *, val a, val b, val *out);
enum num_status num_sub(struct heap *, val a, val b, val *out);
enum num_status num_mul(struct heap *, val a, val b, val *out);
enum num_status num_div(
    struct heap *, val a, val b, val *out); /* language.md */
enum num_status num_quot(struct heap *, val a, val b, val *out);
enum num_status num_rem(struct heap *, val a, val b, val *out); /* truncating */
enum num_status num_neg(struct heap *, val a, val *out);
enum num_status num_pow(struct heap *, val a, val b, val *out);
enum num_status num_sqrt(struct heap *, val a, val *out);
enum num_status num_factorial(struct heap *, val a, val *out);
enum num_status num_floor(struct heap *, val a, val *out);
enum num_status num_ceil(struct heap *, val a, val *out);
enum num_status num_round(struct heap *, val a, val *out);    /* half away */
enum num_status num_truncate(struct heap *, val a, val *out); /* (int x) */
enum num_status num_bit_and(struct heap *, val a, val b, val *out);
enum num_status num_bit_or(struct heap *, val a, val b, val *out);
enum num_status num_bit_xor(struct heap *, val a, val b, val *out);
enum num_status num_bit_not(struct heap *, val a, val *out);
/* bits may be negative: the other direction. */
enum num_status num_shift_left(struct heap *, val a, val bits, val *out);
/* Exact, also between integer and float; NaN after all others (sort order).
 * a and b are numbers. */
int num_compare(val a, val b);
/* For < <= > >= and ==: false for every NaN. */
bool num_less(val a, val b);
bool num_equal(val a, val b); /* by amount: 1 and 1.0 are equal here */
bool int_is_even(val v);      /* v is an integer */

#endif
