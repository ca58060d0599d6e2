/* Task values: (task CAP ARG...), plain immutable data.  No decoder of data
 * from outside ever makes one. */
#ifndef VALUE_TASKVAL_H
#define VALUE_TASKVAL_H

#include "value/heap.h"

struct taskval { /* O_TASK */
	struct obj obj;
	val capability; /* keyword, string or function */
	val args;       /* vector */
	val options;    /* map with keyword keys; nil when none */
};

val taskval_new(struct heap *, val capability, val args, val options);
static inline bool
val_is_task(val v)
{
	return val_is_kind(v, O_TASK);
}
static inline const struct taskval *
val_taskval(val v)
{
	return (const struct taskval *)val_obj(v);
}
/* Keyword access: :capability :args, or an option; VAL_UNBOUND: absent. */
val taskval_get(val task, val key);
/* assoc on a task: sets an option, or :capability / :args.  Consumes task,
 * key and value.  The caller has checked key and value. */
val taskval_assoc(struct heap *, val task, val key, val value);

#endif
