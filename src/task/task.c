/*
 * Names of a task's life, the empty outcome, and whom a failure is blamed on.
 * Tables only: how a task gets from one to the next is the pool's business.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"

static const char *const life_names[] = {
    [TASK_NEW] = "new",
    [TASK_QUEUED] = "queued",
    [TASK_SENT] = "sent",
    [TASK_RUNNING] = "running",
    [TASK_ENDING] = "ending",
    [TASK_DONE] = "done",
};
static_assert(NITEMS(life_names) == TASK_NLIVES, "name every enum task_life");

const char *
task_life_name(enum task_life life)
{
	return (unsigned int)life < TASK_NLIVES ? life_names[life] : "unknown";
}

void
outcome_init(struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	o->kind = ERRKEY_COUNT;
	o->value = VAL_UNBOUND;
	o->error = VAL_UNBOUND;
	o->data = VAL_UNBOUND;
	o->exit = -1;
}

void
outcome_clear(struct heap *h, struct outcome *o)
{
	val_release(h, o->value);
	val_release(h, o->error);
	val_release(h, o->data);
	free(o->message);
	free(o->not_applied);
	buf_free(&o->stray);
	buf_free(&o->output);
	o->value = o->error = o->data = VAL_UNBOUND;
	o->message = o->not_applied = NULL;
}

/* What is not listed is the task's own: its exit, its signal, its result, and
 * every error of the language that left a function. */
const char *
errkey_fault(enum errkey key)
{
	switch (key) {
	case ERRKEY_TIMEOUT:
	case ERRKEY_CPU_LIMIT:
	case ERRKEY_MEMORY_LIMIT:
	case ERRKEY_FILE_SIZE_LIMIT:
	case ERRKEY_OUTPUT_LIMIT:
	case ERRKEY_RESULT_LIMIT:
	case ERRKEY_STEP_LIMIT:
	case ERRKEY_STACK_OVERFLOW:
		return "limit";
	case ERRKEY_DENIED:
	case ERRKEY_SYSCALL_DENIED:
		return "policy";
	case ERRKEY_INVALID_ARGUMENTS:
	case ERRKEY_UNKNOWN_CAPABILITY:
	case ERRKEY_CANCELLED:
		return "caller";
	case ERRKEY_UNAVAILABLE:
		return "host";
	default:
		return "task";
	}
}
