/* How a failed task becomes an error value of the program. */
#ifndef HOST_FAULT_H
#define HOST_FAULT_H

#include "task/task.h"

struct fault_about {
	val task;       /* its key; VAL_UNBOUND: a single call has none */
	val capability; /* as the program wrote it */
	unsigned int attempts; /* 0: never started */
};

/* The error value of a failed outcome, owned; moves o's values into it. */
val fault_value(struct heap *, const struct fault_about *, struct outcome *o);
/* An error about work that was never started. */
val fault_refuse(struct heap *, const struct fault_about *, enum errkey,
    const char *message);
/* Kind of a failed outcome, "timeout"; valid until the outcome changes. */
const char *fault_kind(const struct outcome *);
enum errkey fault_key(const struct outcome *);
const char *fault_message(const struct outcome *);

/* Amounts of a limit as programs and records see them: times are
 * milliseconds with a fraction, all others plain numbers. */
bool fault_limit_is_time(const char *limit);

#endif
