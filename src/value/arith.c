/* Arithmetic that takes any number: a quick way for small integers, GMP when
 * they outgrow the word, doubles as soon as one operand is one. */
#include <math.h>

#include "value/bigint.h"

enum shape {
	INTS,
	FLOATS,
	OTHER,
};

static enum shape
shape_of(val a, val b)
{
	if (val_is_int(a) && val_is_int(b))
		return INTS;
	return num_is(a) && num_is(b) ? FLOATS : OTHER;
}

static bool
is_zero(val v)
{
	return v == val_fix(0) || (val_is_float(v) && float_get(v) == 0);
}

static size_t
int_bits(val v)
{
	struct operand o;

	if (val_is_fix(v))
		return 62;
	operand_set(&o, v);
	return mpz_sizeinbase(o.z, 2);
}

/* Would the product, or whatever is as large, fit?  Charges for making it. */
static bool
room_to_multiply(const struct heap *h, val a, val b)
{
	double bits = (double)int_bits(a) + (double)int_bits(b);

	if (!int_room(h, bits))
		return false;
	int_work(bits);
	return true;
}

/* An mpz function of two operands on two integers. */
static val
with_mpz(
    struct heap *h, val a, val b, void (*f)(mpz_ptr, mpz_srcptr, mpz_srcptr))
{
	struct operand x, y;
	mpz_t z;
	val v;

	operand_set(&x, a);
	operand_set(&y, b);
	mpz_init(z);
	f(z, x.z, y.z);
	v = int_from_mpz(h, z);
	mpz_clear(z);
	return v;
}

enum num_status
num_add(struct heap *h, val a, val b, val *out)
{
	int64_t sum;

	if (((a | b) & 3) == 0 &&
	    !__builtin_add_overflow((int64_t)a, (int64_t)b, &sum)) {
		*out = (val)sum;
		return NUM_OK;
	}
	switch (shape_of(a, b)) {
	case INTS:
		if (!int_room(
		        h, fmax((double)int_bits(a), (double)int_bits(b)) + 1))
			return NUM_TOO_BIG;
		*out = with_mpz(h, a, b, mpz_add);
		return NUM_OK;
	case FLOATS:
		*out = float_from(h, num_to_double(a) + num_to_double(b));
		return NUM_OK;
	default:
		return NUM_NOT_NUMBER;
	}
}

enum num_status
num_sub(struct heap *h, val a, val b, val *out)
{
	int64_t difference;

	if (((a | b) & 3) == 0 &&
	    !__builtin_sub_overflow((int64_t)a, (int64_t)b, &difference)) {
		*out = (val)difference;
		return NUM_OK;
	}
	switch (shape_of(a, b)) {
	case INTS:
		if (!int_room(
		        h, fmax((double)int_bits(a), (double)int_bits(b)) + 1))
			return NUM_TOO_BIG;
		*out = with_mpz(h, a, b, mpz_sub);
		return NUM_OK;
	case FLOATS:
		*out = float_from(h, num_to_double(a) - num_to_double(b));
		return NUM_OK;
	default:
		return NUM_NOT_NUMBER;
	}
}

enum num_status
num_mul(struct heap *h, val a, val b, val *out)
{
	int64_t product;

	if (((a | b) & 3) == 0 &&
	    !__builtin_mul_overflow((int64_t)a, val_unfix(b), &product)) {
		*out = (val)product;
		return NUM_OK;
	}
	switch (shape_of(a, b)) {
	case INTS:
		if (!room_to_multiply(h, a, b))
			return NUM_TOO_BIG;
		*out = with_mpz(h, a, b, mpz_mul);
		return NUM_OK;
	case FLOATS:
		*out = float_from(h, num_to_double(a) * num_to_double(b));
		return NUM_OK;
	default:
		return NUM_NOT_NUMBER;
	}
}

enum num_status
num_neg(struct heap *h, val a, val *out)
{
	if (val_is_float(a)) {
		*out = float_from(h, -float_get(a));
		return NUM_OK;
	}
	return num_sub(h, val_fix(0), a, out);
}

/* a / b to the nearest double: enough bits of the quotient, and whether
 * anything is left. */
static double
nearest_quotient(mpz_srcptr a, mpz_srcptr b)
{
	long shift;
	mpz_t q, r;
	double d;

	shift = 66 - ((long)mpz_sizeinbase(a, 2) - (long)mpz_sizeinbase(b, 2));
	mpz_init(q);
	mpz_init(r);
	if (shift > 0) {
		mpz_mul_2exp(q, a, (mp_bitcnt_t)shift);
	} else {
		shift = 0;
		mpz_set(q, a);
	}
	mpz_tdiv_qr(q, r, q, b);
	d = mpz_scaled(q, -shift, mpz_sgn(r) != 0);
	mpz_clear(q);
	mpz_clear(r);
	return d;
}

static enum num_status
divide_ints(struct heap *h, val a, val b, val *out)
{
	struct operand x, y;
	int64_t i, j;

	if (val_is_fix(a) && val_is_fix(b)) {
		i = val_unfix(a);
		j = val_unfix(b);
		if (i % j == 0) {
			*out = int_from(h, i / j); /* -2^61 / -1 overflows */
			return NUM_OK;
		}
		if (i < (1LL << 53) && i > -(1LL << 53) && j < (1LL << 53) &&
		    j > -(1LL << 53)) {
			*out = float_from(h, (double)i / (double)j);
			return NUM_OK;
		}
	}
	if (!heap_room(h, (int_bits(a) + int_bits(b)) / 8 * 3))
		return NUM_TOO_BIG;
	int_work((double)int_bits(a) + (double)int_bits(b));
	operand_set(&x, a);
	operand_set(&y, b);
	if (mpz_divisible_p(x.z, y.z))
		*out = with_mpz(h, a, b, mpz_divexact);
	else
		*out = float_from(h, nearest_quotient(x.z, y.z));
	return NUM_OK;
}

enum num_status
num_div(struct heap *h, val a, val b, val *out)
{
	enum shape shape = shape_of(a, b);
	double q;

	if (shape == OTHER)
		return NUM_NOT_NUMBER;
	if (is_zero(b))
		return NUM_ZERO;
	if (shape == INTS)
		return divide_ints(h, a, b, out);
	q = num_to_double(a) / num_to_double(b);
	if (q == trunc(q) && fabs(q) < 0x1p53)
		*out = val_fix((int64_t)q);
	else
		*out = float_from(h, q);
	return NUM_OK;
}

enum num_status
num_quot(struct heap *h, val a, val b, val *out)
{
	enum shape shape = shape_of(a, b);

	if (shape == OTHER)
		return NUM_NOT_NUMBER;
	if (is_zero(b))
		return NUM_ZERO;
	if (shape == FLOATS)
		*out =
		    float_from(h, trunc(num_to_double(a) / num_to_double(b)));
	else if (val_is_fix(a) && val_is_fix(b))
		*out = int_from(h, val_unfix(a) / val_unfix(b));
	else if (!int_room(h, (double)int_bits(a)))
		return NUM_TOO_BIG;
	else {
		int_work((double)int_bits(a) + (double)int_bits(b));
		*out = with_mpz(h, a, b, mpz_tdiv_q);
	}
	return NUM_OK;
}

enum num_status
num_rem(struct heap *h, val a, val b, val *out)
{
	enum shape shape = shape_of(a, b);

	if (shape == OTHER)
		return NUM_NOT_NUMBER;
	if (is_zero(b))
		return NUM_ZERO;
	if (shape == FLOATS)
		*out = float_from(h, fmod(num_to_double(a), num_to_double(b)));
	else if (val_is_fix(a) && val_is_fix(b))
		*out = val_fix(val_unfix(a) % val_unfix(b));
	else if (!int_room(h, (double)int_bits(a)))
		return NUM_TOO_BIG;
	else {
		int_work((double)int_bits(a) + (double)int_bits(b));
		*out = with_mpz(h, a, b, mpz_tdiv_r);
	}
	return NUM_OK;
}

static enum num_status
pow_ints(struct heap *h, val base, val exponent, val *out)
{
	struct operand o;
	uint64_t e;
	mpz_t z;

	if (!val_is_fix(exponent)) {
		if (base != val_fix(0) && base != val_fix(1) &&
		    base != val_fix(-1)) {
			return NUM_TOO_BIG;
		}
		e = 2 + !int_is_even(exponent); /* the same power of these */
	} else {
		e = (uint64_t)val_unfix(exponent);
	}
	operand_set(&o, base);
	if (mpz_cmpabs_ui(o.z, 1) > 0 &&
	    !int_room(h, (double)mpz_sizeinbase(o.z, 2) * (double)e)) {
		return NUM_TOO_BIG;
	}
	int_work((double)mpz_sizeinbase(o.z, 2) * (double)e);
	mpz_init(z);
	mpz_pow_ui(z, o.z, e);
	*out = int_from_mpz(h, z);
	mpz_clear(z);
	return NUM_OK;
}

enum num_status
num_pow(struct heap *h, val a, val b, val *out)
{
	enum shape shape = shape_of(a, b);

	if (shape == OTHER)
		return NUM_NOT_NUMBER;
	if (shape == INTS && !int_is_negative(b))
		return pow_ints(h, a, b, out);
	*out = float_from(h, pow(num_to_double(a), num_to_double(b)));
	return NUM_OK;
}

enum num_status
num_sqrt(struct heap *h, val a, val *out)
{
	double d;

	if (!num_is(a))
		return NUM_NOT_NUMBER;
	d = num_to_double(a);
	if (d < 0)
		return NUM_DOMAIN;
	*out = float_from(h, sqrt(d));
	return NUM_OK;
}

/* A number through one of the rounding functions, to an integer. */
static enum num_status
to_int(struct heap *h, val a, double (*f)(double), val *out)
{
	double d;
	mpz_t z;

	if (val_is_int(a)) {
		*out = val_retain(a);
		return NUM_OK;
	}
	if (!val_is_float(a))
		return NUM_NOT_NUMBER;
	d = f(float_get(a));
	if (!isfinite(d))
		return NUM_DOMAIN;
	if (fabs(d) < 0x1p61) {
		*out = val_fix((int64_t)d);
		return NUM_OK;
	}
	mpz_init_set_d(z, d);
	*out = int_from_mpz(h, z);
	mpz_clear(z);
	return NUM_OK;
}

enum num_status
num_floor(struct heap *h, val a, val *out)
{
	return to_int(h, a, floor, out);
}

enum num_status
num_ceil(struct heap *h, val a, val *out)
{
	return to_int(h, a, ceil, out);
}

enum num_status
num_round(struct heap *h, val a, val *out)
{
	return to_int(h, a, round, out);
}

enum num_status
num_truncate(struct heap *h, val a, val *out)
{
	return to_int(h, a, trunc, out);
}
