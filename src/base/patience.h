/*
 * Staying awake for what comes soon: who sleeps has to be woken, which takes
 * longer than most short waits.  It is given up where it does not pay: what is
 * waited for takes long, or others want the processor; for longer each time.
 */
#ifndef BASE_PATIENCE_H
#define BASE_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#define PATIENCE_STRIKES 3U   /* in vain so often: given up */
#define PATIENCE_GOOD    100U /* not in vain so often in a row: trusted again */
#define PATIENCE_REST    500U /* waits until it is tried again, at first */
#define PATIENCE_LONGEST 32000U

struct patience {
	int64_t most; /* ns to stay awake; 0: never */
	unsigned int strikes;
	unsigned int good;
	unsigned int rest; /* waits that are left of it */
	unsigned int last; /* how long it was */
};

/* Is this wait one to stay awake in?  Then patience_was() is to be told. */
static inline bool
patience_pays(struct patience *p)
{
	if (p->most == 0)
		return false;
	if (p->rest == 0)
		return true;
	p->rest--;
	return false;
}

/* It came, or had not come, after so long (ns).  Who was kept from looking for
 * much longer than meant has seen enough. */
static inline void
patience_was(struct patience *p, int64_t ns)
{
	if (ns < p->most) {
		if (++p->good >= PATIENCE_GOOD)
			p->good = p->strikes = p->last = 0;
		return;
	}
	p->good = 0;
	p->strikes += ns > 4 * p->most ? PATIENCE_STRIKES : 1;
	if (p->strikes < PATIENCE_STRIKES)
		return;
	p->strikes = PATIENCE_STRIKES - 1; /* the next one decides */
	p->last = p->last == 0         ? PATIENCE_REST :
	    p->last < PATIENCE_LONGEST ? 2 * p->last :
	                                 p->last;
	p->rest = p->last;
}

#endif
