/*
 * Persistent vectors: a 32-way trie with a tail, changed in place when unique.
 * push and set are O(log32 n), in place amortised O(1); the first leaf grows
 * in steps, so a small vector is one small block.
 */
#ifndef VALUE_VECTOR_H
#define VALUE_VECTOR_H

#include "value/heap.h"

/* Inner layout, here for the functions below that want to be inline.  Up to
 * 32 items are in the object itself; more are in a trie of nodes, the last
 * 1 to 32 of them in the tail.  Items before start are no longer visible. */
struct vector { /* O_VECTOR, aux: start << 8 */
	struct obj obj;
	uint64_t count;
	val items[];
};
#define VECTOR_BIG  1U /* aux: this is a struct vector_big */
#define VECTOR_BITS 5U
#define VECTOR_WIDE (1U << VECTOR_BITS)
struct vector_big { /* O_VECTOR */
	struct obj obj;
	uint64_t count;
	val root; /* words like pointers to objects, to nodes */
	val tail;
	uint64_t start;
	uint32_t shift; /* 0: the root is a leaf */
	uint32_t spare;
};
struct vector_node { /* O_VECTOR_NODE, aux: items in use */
	struct obj obj;
	val items[VECTOR_WIDE];
};
/* Item j of the trie, counted from before start. */
const val *vec_leaf(const struct vector_big *, size_t j);

val vec_new(struct heap *, const val *items, size_t n); /* consumes items */
val vec_empty(struct heap *);
static inline size_t
vec_count(val v)
{
	return ((const struct vector *)val_obj(v))->count;
}
static inline val
vec_get(val v, size_t i) /* borrowed; i < count */
{
	const struct vector *p = (const struct vector *)val_obj(v);

	if (LIKELY(!(p->obj.aux & VECTOR_BIG)))
		return p->items[i + (p->obj.aux >> 8)];
	return *vec_leaf((const struct vector_big *)p,
	    i + ((const struct vector_big *)p)->start);
}
val vec_push(struct heap *, val v, val x);
/* The usual push of a long vector in line: in place into a tail with room.
 * false: nothing happened, vec_push() it is. */
static inline bool
vec_push_tail(val v, val x)
{
	struct vector_big *b = (struct vector_big *)val_obj(v);
	struct vector_node *t;

	if (!(b->obj.aux & VECTOR_BIG) || !obj_unique(&b->obj))
		return false;
	t = (struct vector_node *)val_obj(b->tail);
	if (t->obj.aux == VECTOR_WIDE || !obj_unique(&t->obj))
		return false;
	t->items[t->obj.aux++] = x;
	b->count++;
	return true;
}
/* n items one after the other; consumes them. */
val vec_append(struct heap *, val v, const val *items, size_t n);
val vec_set(struct heap *, val v, size_t i, val x); /* i < count */
val vec_pop(struct heap *, val v);                  /* count > 0 */
/* Items from..to (from <= to <= count).  Dropping from the front is amortised
 * O(1): a view, until less than half is left to see. */
val vec_slice(struct heap *, val v, size_t from, size_t to);
val vec_concat(struct heap *, val a, val b);

/* Runs of neighbouring items for fast reading: *n items from index i on. */
const val *vec_run(val v, size_t i, size_t *n);
/* The place of item i if it may be changed there, else NULL. */
val *vec_own_slot(val v, size_t i);

#endif
