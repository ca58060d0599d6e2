/* rooms: pool base
 * The heap of deadlines against a plain sorted list. */
#include <stdlib.h>

#include "pool/timer.h"
#include "tests/unit/unit.h"

static int fired[64];
static size_t nfired;

static void
fire(void *arg)
{
	fired[nfired++] = *(int *)arg;
}

static size_t
take_all(struct timer_heap *h, int64_t now)
{
	uint64_t mark = timer_mark(h);
	timer_cb call;
	void *arg;
	size_t n = 0;

	while (timer_take(h, now, mark, &call, &arg)) {
		call(arg);
		n++;
	}
	return n;
}

static void
test_order(void)
{
	struct timer_heap *h = timer_heap_new();
	static int name[] = {0, 1, 2, 3, 4};
	static const int64_t at[] = {50, 10, 40, 10, 30};
	static const int want[] = {1, 3, 4, 2, 0};
	size_t i;

	nfired = 0;
	CU_ASSERT_EQUAL(timer_next(h), INT64_MAX);
	for (i = 0; i < NITEMS(at); i++)
		timer_add(h, at[i], fire, &name[i]);
	CU_ASSERT_EQUAL(timer_next(h), 10);
	CU_ASSERT_EQUAL(take_all(h, 9), 0);
	CU_ASSERT_EQUAL(take_all(h, 40), 4);
	CU_ASSERT_EQUAL(timer_count(h), 1);
	CU_ASSERT_EQUAL(take_all(h, 1000), 1);
	for (i = 0; i < NITEMS(want); i++)
		CU_ASSERT_EQUAL(fired[i], want[i]);
	timer_heap_free(h);
}

static struct timer_heap *again;

static void
fire_again(void *arg)
{
	timer_add(again, 0, fire, arg);
}

/* A timer that is added by a callback waits for the next round, due or not. */
static void
test_round(void)
{
	static int name = 7;

	again = timer_heap_new();
	nfired = 0;
	timer_add(again, 5, fire_again, &name);
	CU_ASSERT_EQUAL(take_all(again, 10), 1);
	CU_ASSERT_EQUAL(nfired, 0);
	CU_ASSERT_EQUAL(take_all(again, 10), 1);
	CU_ASSERT_EQUAL(nfired, 1);
	timer_heap_free(again);
}

/* Random adds and removes: what is taken comes in order and is all that was
 * not removed. */
static void
test_random(void)
{
	struct timer_heap *h = timer_heap_new();
	struct timer *t[500];
	int64_t at[500], last;
	timer_cb call;
	void *arg;
	bool gone[500];
	size_t i, j, left = 0, taken = 0;
	unsigned int seed = 42;

	for (j = 0; j < 20; j++) {
		for (i = 0; i < NITEMS(t); i++) {
			at[i] = rand_r(&seed) % 1000;
			t[i] = timer_add(h, at[i], fire, &at[i]);
			gone[i] = false;
		}
		for (i = 0; i < NITEMS(t); i++) {
			if (rand_r(&seed) % 3 == 0) {
				timer_remove(t[i]);
				gone[i] = true;
			} else {
				left++;
			}
		}
		last = -1;
		while (timer_take(h, 1000, UINT64_MAX, &call, &arg)) {
			i = (size_t)((int64_t *)arg - at);
			CU_ASSERT_FALSE(gone[i]);
			CU_ASSERT(at[i] >= last);
			last = at[i];
			taken++;
		}
		CU_ASSERT_EQUAL(timer_count(h), 0);
	}
	CU_ASSERT_EQUAL(taken, left);
	timer_remove(NULL);
	timer_heap_free(h);
}

UNIT_MAIN("timer", {"order", test_order}, {"rounds", test_round},
    {"random adds and removes", test_random})
