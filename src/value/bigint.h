/* Big integers: how they lie in memory and how GMP sees them.  For number*.c
 * and hash.c only. */
#ifndef VALUE_BIGINT_H
#define VALUE_BIGINT_H

#include <gmp.h>

#include "value/number.h"

struct bigint { /* O_BIGINT: an integer that does not fit the word */
	struct obj obj;
	int64_t size; /* limbs, negative for a negative number: as in mpz_t */
	mp_limb_t limbs[];
};

static inline struct bigint *
val_bigint(val v)
{
	return (struct bigint *)val_obj(v);
}

/* An integer as GMP's read-only operand; limb holds a small one. */
struct operand {
	mpz_t z;
	mp_limb_t limb;
};
void operand_set(struct operand *, val v);
/* The integer as a value, in its one representation. */
val int_from_mpz(struct heap *, mpz_srcptr);
/* May an integer of so many bits be built (with what building it takes)? */
bool int_room(const struct heap *, double bits);
/* Charge (value/work.h) for an operation on integers of so many bits that
 * takes longer than reading them: multiplying, dividing, text. */
void int_work(double bits);
/* m * 2^exponent to the nearest double, ties to even; more: something below
 * the last bit of m is not zero. */
double mpz_scaled(mpz_srcptr m, long exponent, bool more);

#endif
