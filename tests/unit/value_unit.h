/*
 * For tests of src/value: VALUE_MAIN runs the cases twice, the second time
 * with in-place change switched off; results must be the same.  heap_done()
 * is the end of every test: nothing may be left.
 */
#ifndef TESTS_VALUE_UNIT_H
#define TESTS_VALUE_UNIT_H

#include "tests/unit/unit.h"
#include "value/heap.h"

static inline void
heap_done(struct heap *h)
{
	CU_ASSERT_EQUAL(heap_used(h), 0);
	heap_free(h);
}

/* Numbers that are the same in every run. */
static inline uint32_t
dice(uint64_t *state, uint32_t sides)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (uint32_t)(*state >> 33) % sides;
}

#define VALUE_MAIN(suite, ...)                                                 \
	int main(void)                                                         \
	{                                                                      \
		static const struct unit_case cases[] = {__VA_ARGS__};         \
		int rc = unit_run(suite, cases, NITEMS(cases));                \
                                                                               \
		heap_never_in_place = true;                                    \
		return rc |                                                    \
		    unit_run(suite ", never in place", cases, NITEMS(cases));  \
	}

#endif
