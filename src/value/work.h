/*
 * What long walks over values cost.  Equality, order, hashes, text and
 * arithmetic on large integers take time in proportion to data, not to steps
 * of a program.  They count here; the machine charges the steps at once, so
 * that budgets hold and an interrupt is seen in the middle of a walk.
 *
 *	one step is WORK_NODES nodes, or as many bytes or words
 *
 * Small work adds nothing, and what is added depends on the data alone: the
 * number of steps is the same in every run.
 */
#ifndef VALUE_WORK_H
#define VALUE_WORK_H

#include <signal.h>

#include "value/value.h"

struct heap;

struct work {
	uint64_t due; /* steps that the machine has not charged yet */
	uint64_t max; /* with more due a walk gives up */
	const volatile sig_atomic_t *interrupt; /* set: gives up; or NULL */
	struct heap *heap; /* scratch memory counts here; NULL: nowhere */
	bool over; /* a walk has given up; what it answered means nothing */
};

/* Of the machine that runs.  Without one nothing is limited. */
extern struct work val_work;

#define WORK_NODES 16U
#define WORK_LOOK  4096U /* nodes between two looks at the budget */

/* Charge for nodes; false: give up, any answer will do. */
bool work_on(uint64_t nodes);
/* Scratch memory: bytes more (or less, then always true). */
bool work_memory(ptrdiff_t bytes);

/*
 * Pairs of values that a walk over two of them has been through.  Without it
 * values that share parts would be walked once for every path to a part.  It
 * remembers only objects that several others point to.
 */
struct pair {
	const struct obj *a; /* NULL: free */
	const struct obj *b;
	int64_t result;
};
struct pairs {
	struct pair *slots;
	size_t n;
	size_t cap;
};

static inline bool
pairs_worth(val a, val b)
{
	return val_is_obj(a) && val_is_obj(b) && val_obj(a)->refs > 1 &&
	    val_obj(b)->refs > 1;
}

/* The pair if it is there, else NULL. */
struct pair *pairs_find(const struct pairs *, val a, val b);
/* Enter a pair that is not there; silently not when memory is short. */
void pairs_add(struct pairs *, val a, val b, int64_t result);
void pairs_free(struct pairs *); /* empty again */

#endif
