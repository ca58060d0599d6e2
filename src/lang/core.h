/*
 * How core functions written in C meet the machine.  A core function never
 * calls back into the machine: whatever takes a function (map, sort-by,
 * update, re-replace with a function...) is RTFS in prelude.rtfs, compiled
 * when first mentioned, so that a (call ...) inside can yield.
 */
#ifndef LANG_CORE_H
#define LANG_CORE_H

#include "value/errval.h"
#include "value/heap.h"

struct vm;

struct core_call {
	struct heap *heap;
	struct vm *vm;
	const char *name; /* of the function, for messages */
	/* Between two calls VAL_UNBOUND and 0: */
	val error;     /* set by core_fail and friends */
	uint64_t cost; /* steps to charge beyond one, in proportion to work */
	size_t wanted; /* bytes that core_room() refused last */
};

/*
 * argv[0..argc) belong to the call: a function may take argv[i] (to change it
 * in place or keep it) by setting the slot to VAL_NIL; the machine releases
 * what is left.  argc lies within the row's bounds.  Returns an owned value,
 * or VAL_UNBOUND after core_fail().
 */
typedef val (*core_fn)(struct core_call *, val *argv, unsigned int argc);

struct core_def {
	const char *name;
	core_fn fn;
	int min;           /* arguments */
	int max;           /* -1: any number */
	const char *usage; /* "(get coll key default?)" */
	const char *doc;   /* one or two sentences */
};

/* One table a family, ended by a row whose name is NULL. */
extern const struct core_def core_numbers[];     /* core_numbers.c */
extern const struct core_def core_compare[];     /* core_compare.c */
extern const struct core_def core_strings[];     /* core_strings.c */
extern const struct core_def core_regex[];       /* core_regex.c */
extern const struct core_def core_collections[]; /* core_collections.c */
extern const struct core_def core_sequences[];   /* core_sequences.c */
extern const struct core_def core_predicates[];  /* core_predicates.c */
extern const struct core_def core_data[];        /* core_data.c */
extern const struct core_def core_host[];        /* core_host.c: errors, task */

/* Fail with an error value of that kind; returns VAL_UNBOUND. */
val core_fail(struct core_call *, enum errkey, const char *, ...)
    ATTR_PRINTF(3, 4);
/* "inc: expected a number, got string \"a\"" */
val core_type_error(struct core_call *, const char *expected, val got);
/* May n more bytes be built?  false: ends the evaluation with MemoryLimit
 * (the function returns VAL_UNBOUND at once). */
bool core_room(struct core_call *, size_t n);

#endif
