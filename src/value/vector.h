/*
 * Persistent vectors: a 32-way trie with a tail, changed in place when unique.
 * push and set are O(log32 n), in place amortised O(1); the first leaf grows
 * in steps, so a small vector is one small block.
 */
#ifndef VALUE_VECTOR_H
#define VALUE_VECTOR_H

#include "value/heap.h"

val vec_new(struct heap *, const val *items, size_t n); /* consumes items */
val vec_empty(struct heap *);
size_t vec_count(val);
val vec_get(val v, size_t i); /* borrowed; i < count */
val vec_push(struct heap *, val v, val x);
val vec_set(struct heap *, val v, size_t i, val x); /* i < count */
val vec_pop(struct heap *, val v);		    /* count > 0 */
val vec_slice(struct heap *, val v, size_t from, size_t to);
val vec_concat(struct heap *, val a, val b);

/* Runs of neighbouring items for fast reading: *n items from index i on. */
const val *vec_run(val v, size_t i, size_t *n);

#endif
