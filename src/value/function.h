/*
 * A function value: code plus what it captured.  The code belongs to src/lang
 * (opaque here) and outlives every heap that a function of it can be on; all
 * that this room needs of it is in struct code_head, the first member of
 * lang's struct.
 *
 * Recursive groups: all functions of one group share one capture layout, so
 * that a function can make its siblings from its own captures; no function
 * ever points to itself, and the heap stays a DAG.
 */
#ifndef VALUE_FUNCTION_H
#define VALUE_FUNCTION_H

#include "value/heap.h"

struct code_head {
	uint64_t identity; /* equal for code of the same fn form */
	uint32_t name;     /* value/name.h index, or NAME_NONE */
	bool core;         /* of the core library: prints #<function +> */
};
#define NAME_NONE UINT32_MAX

struct function { /* O_FUNCTION */
	struct obj obj;
	const struct code_head *code;
	uint32_t ncaptured;
	uint32_t spare;
	val captured[];
};

/* Captures are not initialised; the caller fills them in at once. */
struct function *function_new(
    struct heap *, const struct code_head *, uint32_t ncaptured);
static inline struct function *
val_function(val v)
{
	return (struct function *)val_obj(v);
}

#endif
