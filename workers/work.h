/*
 * One task inside a worker, as the built-in capabilities see it.  The serving
 * loop fills it in, calls the code that builtin_find() gave, and sends what it
 * left.
 */
#ifndef WORKERS_WORK_H
#define WORKERS_WORK_H

#include "base/buf.h"
#include "policy/policy.h"
#include "value/errval.h"
#include "value/heap.h"

/* What policy grants, from the PLAN message. */
struct grants {
	uint64_t id;
	int64_t timeout; /* ns, 0: none */
	uint64_t result;
	uint64_t output;
	struct effective rights; /* read, write, network, allow, env only */
	char *directory;         /* where tasks start */
	char *place;             /* that, without links; NULL: the same */
	size_t memory;           /* of an evaluation, 0: none */
	size_t depth;
	uint64_t steps;
	char *plugin;       /* file of the plug-in; NULL: none */
	char **environment; /* of the plug-in, NAME=value; NULL: empty */
};

struct work {
	struct heap *heap;
	const struct grants *grants;
	const char *capability;
	val args;           /* vector, borrowed */
	uint64_t closure;   /* 0: none */
	int64_t deadline;   /* clock_mono(); INT64_MAX: none */
	struct buf printed; /* what the task printed */
	/* exactly one of these is set when the code returns */
	val result;        /* return 0 */
	val error;         /* return -1: an error value */
	const char *limit; /* return -1: name of the limit that struck */
	uint64_t used;
};

typedef int (*builtin_fn)(struct work *);
/* NULL: this image has no such capability. */
builtin_fn builtin_find(const char *id);

/* Fail with kind :capability, {:code "ENOENT"} from errno value code (0: no
 * code); returns -1. */
int work_fail(struct work *, int code, const char *, ...) ATTR_PRINTF(3, 4);
/* Fail with a kind of the table; returns -1. */
int work_error(struct work *, enum errkey, const char *, ...) ATTR_PRINTF(3, 4);
/* Argument i (borrowed), VAL_UNBOUND when there is none. */
val work_arg(const struct work *, size_t i);
/* :invalid-arguments, "argument 2: expected a string, got 7" for i 1; -1. */
int work_wrong_argument(struct work *, size_t i, const char *expected);
/* Argument i as text, NUL-terminated; NULL after work_error() when it is no
 * string or holds a NUL. */
const char *work_text(struct work *, size_t i, size_t *len);

/* rtfs.fn (closure.c, the only includer of lang): */
void closure_add(uint64_t id, const void *bytes, size_t len);
int closure_run(struct work *);
uint64_t closure_build_id(void); /* lang_build_id() */
/* The heap on which a closure task's arguments are decoded: that of the
 * machine that will run it.  work->heap is this one then. */
struct heap *closure_heap(const struct grants *);
/* An EXT_FUNCTION inside such arguments (unpack_function_cb). */
int closure_unpack(
    void *arg, const void *bytes, size_t len, val *out, struct error *);

#endif
