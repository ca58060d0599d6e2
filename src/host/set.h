/*
 * A set of tasks that belong to one call: checked as a whole before anything
 * starts, run, retried, cancelled together, collected in order.
 *
 *	set_new, set_add..., set_check, set_run, set_take..., set_free
 */
#ifndef HOST_SET_H
#define HOST_SET_H

#include "host/host_impl.h"

struct set_config {
	int64_t timeout;          /* ns, of the whole set; 0: none */
	bool cancel;              /* :on-error :cancel */
	unsigned int concurrency; /* 0: as many as there are workers */
	bool single;              /* one task of (call CAP ARG...) */
};

struct set;
/* Room for n tasks.  Values given to the set are borrowed from the call. */
struct set *set_new(
    struct host *, struct vm *, const struct set_config *, size_t n);
void set_free(struct set *); /* NULL is fine */
/* key: VAL_UNBOUND, for each of them, where it is the task's place. */
void set_add(struct set *, val key, val capability, val args, val options);
/* -1: *thrown (owned) is what the program gets; nothing has started. */
int set_check(struct set *, val *thrown) ATTR_CHECK;
/* Returns when every task has ended; -1: interrupted. */
int set_run(struct set *) ATTR_CHECK;
/* The result (true) or error value (false) of task i, owned; once. */
bool set_take(struct set *, size_t i, val *out);

#endif
