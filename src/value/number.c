/*
 * Numbers: making, converting, comparing.  Arithmetic is in arith.c and
 * intmath.c.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "value/bigint.h"
#include "value/equal.h"
#include "value/work.h"

#define LIMB_BITS 64
static_assert(sizeof(mp_limb_t) == 8, "limbs have 64 bits");

val
float_box(struct heap *h, double d)
{
	struct boxed_float *f = heap_alloc(h, sizeof(*f), O_FLOAT);

	f->d = d;
	return val_from_obj(f);
}

bool
num_is(val v)
{
	return val_is_int(v) || val_is_float(v);
}

void
operand_set(struct operand *o, val v)
{
	int64_t i;

	if (val_is_fix(v)) {
		i = val_unfix(v);
		o->limb = i < 0 ? -(mp_limb_t)i : (mp_limb_t)i;
		mpz_roinit_n(o->z, &o->limb, (i > 0) - (i < 0));
	} else {
		mpz_roinit_n(o->z, val_bigint(v)->limbs, val_bigint(v)->size);
	}
}

static val
bigint_new(struct heap *h, const mp_limb_t *limbs, int64_t size)
{
	size_t n = (size_t)(size < 0 ? -size : size);
	struct bigint *b;

	b = heap_alloc(h, sizeof(*b) + n * sizeof(mp_limb_t), O_BIGINT);
	b->size = size;
	memcpy(b->limbs, limbs, n * sizeof(mp_limb_t));
	return val_from_obj(b);
}

val
int_from_mpz(struct heap *h, mpz_srcptr z)
{
	size_t n = mpz_size(z);
	uint64_t u;

	if (n == 0)
		return val_fix(0);
	u = mpz_getlimbn(z, 0);
	if (n == 1 && mpz_sgn(z) > 0 && u <= (uint64_t)VAL_FIX_MAX)
		return val_fix((int64_t)u);
	if (n == 1 && mpz_sgn(z) < 0 && u <= -(uint64_t)VAL_FIX_MIN)
		return val_fix((int64_t)-u);
	return bigint_new(
	    h, mpz_limbs_read(z), mpz_sgn(z) < 0 ? -(int64_t)n : (int64_t)n);
}

bool
int_room(const struct heap *h, double bits)
{
	if (!(bits <= MAX_INT_BITS))
		return false;
	if (bits < 4096)
		return true;
	work_on((uint64_t)bits / LIMB_BITS);
	/* The result, GMP's own and its scratch space. */
	return heap_room(h, (size_t)(bits / 8) * 3);
}

void
int_work(double bits)
{
	int log2;

	if (bits < 4096)
		return;
	frexp(bits, &log2);
	work_on((uint64_t)(bits / LIMB_BITS) * (uint64_t)log2 * 4);
}

val
int_from(struct heap *h, int64_t i)
{
	mp_limb_t limb;

	if (i >= VAL_FIX_MIN && i <= VAL_FIX_MAX)
		return val_fix(i);
	limb = i < 0 ? -(mp_limb_t)i : (mp_limb_t)i;
	return bigint_new(h, &limb, i < 0 ? -1 : 1);
}

val
int_from_u64(struct heap *h, uint64_t u)
{
	mp_limb_t limb = u;

	if (u <= (uint64_t)VAL_FIX_MAX)
		return val_fix((int64_t)u);
	return bigint_new(h, &limb, 1);
}

enum num_status
int_parse(struct heap *h, const char *text, size_t len, int base, val *out)
{
	bool negative = false;
	char *copy;
	int64_t i = 0;
	size_t n;
	mpz_t z;

	if (len > 0 && (*text == '-' || *text == '+')) {
		negative = *text == '-';
		text++;
		len--;
	}
	if (base == 10 && len <= 18) {
		for (n = 0; n < len; n++)
			i = i * 10 + (text[n] - '0');
		*out = val_fix(negative ? -i : i);
		return NUM_OK;
	}
	if (!int_room(h, (double)len * 4))
		return NUM_TOO_BIG;
	int_work((double)len * 4);
	copy = xstrndup(text, len);
	mpz_init_set_str(z, copy, base);
	free(copy);
	if (negative)
		mpz_neg(z, z);
	*out = int_from_mpz(h, z);
	mpz_clear(z);
	return NUM_OK;
}

bool
int_to_i64(val v, int64_t *out)
{
	const struct bigint *b;

	if (val_is_fix(v)) {
		*out = val_unfix(v);
		return true;
	}
	if (!val_is_kind(v, O_BIGINT))
		return false;
	b = val_bigint(v);
	if (b->size == 1 && b->limbs[0] <= (uint64_t)INT64_MAX)
		*out = (int64_t)b->limbs[0];
	else if (b->size == -1 && b->limbs[0] <= -(uint64_t)INT64_MIN)
		*out = (int64_t)-b->limbs[0];
	else
		return false;
	return true;
}

bool
int_is_negative(val v)
{
	return val_is_fix(v) ? val_unfix(v) < 0 : val_bigint(v)->size < 0;
}

bool
int_is_even(val v)
{
	return val_is_fix(v) ? (v & 4) == 0 :
	                       (val_bigint(v)->limbs[0] & 1) == 0;
}

/* As many bytes as hold magnitude and sign bit; negative numbers as the
 * complement of (magnitude - 1). */
void
int_to_bytes(val v, struct buf *out)
{
	struct operand o;
	bool negative = int_is_negative(v);
	size_t bytes, written, i;
	char *p;
	mpz_t z;

	operand_set(&o, v);
	mpz_init_set(z, o.z);
	if (negative)
		mpz_com(z, z); /* -z - 1, not negative */
	bytes = mpz_sgn(z) == 0 ? 1 : mpz_sizeinbase(z, 2) / 8 + 1;
	p = buf_reserve(out, bytes);
	memset(p, 0, bytes);
	written = mpz_sgn(z) == 0 ? 0 : (mpz_sizeinbase(z, 2) + 7) / 8;
	mpz_export(p + bytes - written, NULL, 1, 1, 1, 0, z);
	for (i = 0; negative && i < bytes; i++)
		p[i] = (char)~p[i];
	out->len += bytes;
	mpz_clear(z);
}

val
int_from_bytes(struct heap *h, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	mpz_t z;
	val v;

	mpz_init(z);
	mpz_import(z, len, 1, 1, 1, 0, p);
	if (len > 0 && (p[0] & 0x80)) {
		mpz_t top;

		mpz_init(top);
		mpz_setbit(top, len * 8);
		mpz_sub(z, z, top);
		mpz_clear(top);
	}
	v = int_from_mpz(h, z);
	mpz_clear(z);
	return v;
}

void
int_format(val v, int base, struct buf *out)
{
	struct operand o;
	size_t need;
	char *p;

	if (val_is_fix(v) && base == 10) {
		buf_addf(out, "%lld", (long long)val_unfix(v));
		return;
	}
	operand_set(&o, v);
	int_work((double)mpz_size(o.z) * LIMB_BITS);
	need = mpz_sizeinbase(o.z, base) + 2; /* sign and NUL */
	p = buf_reserve(out, need);
	mpz_get_str(p, base, o.z);
	out->len += strlen(p);
}

uint64_t
bigint_hash(val v)
{
	const struct bigint *b = val_bigint(v);
	size_t n = (size_t)(b->size < 0 ? -b->size : b->size);

	return hash_bytes(b->limbs, n * sizeof(mp_limb_t)) ^
	    (uint64_t)(b->size < 0);
}

double
mpz_scaled(mpz_srcptr m, long exponent, bool more)
{
	long bits = (long)mpz_sizeinbase(m, 2);
	long keep = 53;
	bool half, rest;
	mpz_t top;
	double d;

	if (mpz_sgn(m) == 0)
		return 0;
	if (bits + exponent < -1021) /* subnormal: fewer bits */
		keep = bits + exponent + 1074;
	if (keep < 0)
		return mpz_sgn(m) < 0 ? -0.0 : 0.0;
	if (bits <= keep) {
		if (bits + exponent > 1024)
			return mpz_sgn(m) < 0 ? -INFINITY : INFINITY;
		return ldexp(mpz_get_d(m), (int)exponent);
	}
	mpz_init(top);
	mpz_tdiv_q_2exp(top, m, (mp_bitcnt_t)(bits - keep));
	mpz_abs(top, top);
	/* Magnitude below the last kept bit: half, and anything more? */
	{
		struct operand o = {.limb = 0};
		mp_bitcnt_t below = (mp_bitcnt_t)(bits - keep - 1);

		mpz_roinit_n(o.z, mpz_limbs_read(m), (mp_size_t)mpz_size(m));
		half = mpz_tstbit(o.z, below) != 0;
		rest = more || mpz_scan1(o.z, 0) < below;
	}
	if (half && (rest || mpz_odd_p(top)))
		mpz_add_ui(top, top, 1);
	if (bits + exponent > 1024)
		d = INFINITY;
	else
		d = ldexp(mpz_get_d(top), (int)(exponent + bits - keep));
	mpz_clear(top);
	return mpz_sgn(m) < 0 ? -d : d;
}

double
num_to_double(val v)
{
	struct operand o;

	if (val_is_fix(v))
		return (double)val_unfix(v); /* rounds to nearest */
	if (val_is_float(v))
		return float_get(v);
	operand_set(&o, v);
	return mpz_scaled(o.z, 0, false);
}

/* --- order --- */

static int
compare_doubles(double a, double b)
{
	if (a != a || b != b)
		return (a != a) - (b != b);
	return (a > b) - (a < b);
}

static int
compare_int_double(val a, double d)
{
	struct operand o;
	int64_t whole;
	int c;

	if (d != d)
		return -1;
	if (val_is_fix(a) && d > -0x1p62 && d < 0x1p62) {
		whole = (int64_t)d;
		if (val_unfix(a) != whole)
			return val_unfix(a) < whole ? -1 : 1;
		return compare_doubles((double)whole, d);
	}
	if (isinf(d))
		return d > 0 ? -1 : 1;
	operand_set(&o, a);
	c = mpz_cmp_d(o.z, d);
	return (c > 0) - (c < 0);
}

int
num_compare(val a, val b)
{
	struct operand x, y;
	int c;

	if (val_is_fix(a) && val_is_fix(b))
		return ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b);
	if (val_is_float(a) && val_is_float(b))
		return compare_doubles(float_get(a), float_get(b));
	if (val_is_float(b))
		return compare_int_double(a, float_get(b));
	if (val_is_float(a))
		return -compare_int_double(b, float_get(a));
	operand_set(&x, a);
	operand_set(&y, b);
	c = mpz_cmp(x.z, y.z);
	return (c > 0) - (c < 0);
}

static bool
is_nan(val v)
{
	return val_is_kind(v, O_FLOAT) && isnan(float_get(v));
}

bool
num_less(val a, val b)
{
	return !is_nan(a) && !is_nan(b) && num_compare(a, b) < 0;
}

bool
num_equal(val a, val b)
{
	return !is_nan(a) && !is_nan(b) && num_compare(a, b) == 0;
}
