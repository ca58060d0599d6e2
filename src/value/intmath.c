/* What is for integers only: bits, shifts, factorial. */
#include <math.h>

#include "value/bigint.h"

#define SHIFT_MAX (INT64_C(1) << 40) /* bits; more never fits any heap */

/* small: the same on words, whose tag bits are zero. */
static enum num_status
bitwise(struct heap *h, val a, val b,
    void (*f)(mpz_ptr, mpz_srcptr, mpz_srcptr), val *out)
{
	struct operand x, y;
	mpz_t z;

	if (!val_is_int(a) || !val_is_int(b))
		return num_is(a) && num_is(b) ? NUM_NOT_INT : NUM_NOT_NUMBER;
	operand_set(&x, a);
	operand_set(&y, b);
	if (!int_room(h, (double)(mpz_size(x.z) + mpz_size(y.z)) * 64))
		return NUM_TOO_BIG;
	mpz_init(z);
	f(z, x.z, y.z);
	*out = int_from_mpz(h, z);
	mpz_clear(z);
	return NUM_OK;
}

enum num_status
num_bit_and(struct heap *h, val a, val b, val *out)
{
	if (val_is_fix(a) && val_is_fix(b)) {
		*out = a & b;
		return NUM_OK;
	}
	return bitwise(h, a, b, mpz_and, out);
}

enum num_status
num_bit_or(struct heap *h, val a, val b, val *out)
{
	if (val_is_fix(a) && val_is_fix(b)) {
		*out = a | b;
		return NUM_OK;
	}
	return bitwise(h, a, b, mpz_ior, out);
}

enum num_status
num_bit_xor(struct heap *h, val a, val b, val *out)
{
	if (val_is_fix(a) && val_is_fix(b)) {
		*out = a ^ b;
		return NUM_OK;
	}
	return bitwise(h, a, b, mpz_xor, out);
}

enum num_status
num_bit_not(struct heap *h, val a, val *out)
{
	if (!val_is_int(a))
		return num_is(a) ? NUM_NOT_INT : NUM_NOT_NUMBER;
	return num_sub(h, val_fix(-1), a, out); /* ~a is -1 - a */
}

static enum num_status
shift(struct heap *h, val a, int64_t bits, val *out)
{
	struct operand o;
	mpz_t z;

	operand_set(&o, a);
	if (bits > 0 && !int_room(h, (double)mpz_size(o.z) * 64 + (double)bits))
		return NUM_TOO_BIG;
	mpz_init(z);
	if (bits > 0)
		mpz_mul_2exp(z, o.z, (mp_bitcnt_t)bits);
	else
		mpz_fdiv_q_2exp(z, o.z, (mp_bitcnt_t)-bits);
	*out = int_from_mpz(h, z);
	mpz_clear(z);
	return NUM_OK;
}

enum num_status
num_shift_left(struct heap *h, val a, val bits, val *out)
{
	int64_t n;

	if (!val_is_int(a) || !val_is_int(bits))
		return num_is(a) && num_is(bits) ? NUM_NOT_INT : NUM_NOT_NUMBER;
	if (a == val_fix(0)) {
		*out = a;
		return NUM_OK;
	}
	if (!val_is_fix(bits))
		n = int_is_negative(bits) ? -SHIFT_MAX : SHIFT_MAX;
	else
		n = val_unfix(bits);
	if (n < -SHIFT_MAX)
		n = -SHIFT_MAX;
	if (val_is_fix(a) && n <= 0) {
		*out = val_fix(val_unfix(a) >> (n < -62 ? 62 : -n));
		return NUM_OK;
	}
	return shift(h, a, n, out);
}

enum num_status
num_factorial(struct heap *h, val a, val *out)
{
	double bits;
	int64_t n;
	mpz_t z;

	if (!val_is_int(a))
		return num_is(a) ? NUM_NOT_INT : NUM_NOT_NUMBER;
	if (int_is_negative(a))
		return NUM_DOMAIN;
	if (!val_is_fix(a))
		return NUM_TOO_BIG;
	n = val_unfix(a);
	bits = n > 1 ? lgamma((double)n + 1) / log(2) : 1;
	if (!int_room(h, bits))
		return NUM_TOO_BIG;
	int_work(bits * 8);
	mpz_init(z);
	mpz_fac_ui(z, (unsigned long)n);
	*out = int_from_mpz(h, z);
	mpz_clear(z);
	return NUM_OK;
}
