/*
 * Persistent maps that keep insertion order at every size, changed in place
 * when unique.  Keys are any values, compared by val_equal with NaN equal to
 * NaN.  Small maps are an array of pairs; larger ones have an index from
 * seeded hash to position; holes of removed entries are closed lazily.
 * assoc of a present key keeps its place and its first spelling; dissoc
 * closes the gap, amortised O(1), also when always the first key goes.
 */
#ifndef VALUE_MAP_H
#define VALUE_MAP_H

#include "value/heap.h"

/* Inner layout.  Few pairs are in the object itself; more are in a vector of
 * key, value, key, value ... in insertion order (a removed pair leaves
 * VAL_UNBOUND, nil), found through a trie over the bits of the keys' hashes
 * whose leaves are positions. */
struct map { /* O_MAP */
	struct obj obj;
	uint64_t count;
	val pairs[];
};
#define MAP_BIG  1U /* aux: this is a struct map_big */
#define MAP_OBJS 2U /* aux: small, and some keys are not plain words */
struct map_big {    /* O_MAP */
	struct obj obj;
	uint64_t count;
	val entries;    /* vector */
	val index;      /* word like a pointer to a map_index */
	uint64_t first; /* no pair lives before this position */
	uint64_t hash;  /* of the whole; 0: not asked for yet */
};
struct map_index { /* O_MAP_INDEX, aux: slots in use, or MAP_CLASH */
	struct obj obj;
	uint64_t bitmap; /* MAP_CLASH: slots in use */
	val slots[];     /* integer word: position; else a map_index */
};
#define MAP_CLASH UINT16_MAX
static inline size_t
map_index_count(const struct map_index *x)
{
	return x->obj.aux == MAP_CLASH ? x->bitmap : x->obj.aux;
}

val map_empty(struct heap *);
/* n pairs k v k v ...; consumes them; a later equal key keeps the first
 * place and takes the later value. */
val map_new(struct heap *, const val *pairs, size_t n);
static inline size_t
map_count(val m)
{
	return ((const struct map *)val_obj(m))->count;
}
/* The value (borrowed) or VAL_UNBOUND. */
val map_get(val m, val key);
val map_get_keyword(val m, const char *text);
/* map_get() of a keyword, with the search of a small map in line. */
static inline val
map_get_name(val m, val keyword)
{
	const struct map *s = (const struct map *)val_obj(m);
	size_t i;

	if (s->obj.aux & MAP_BIG)
		return map_get(m, keyword);
	for (i = 0; i < s->count; i++) {
		if (s->pairs[2 * i] == keyword)
			return s->pairs[2 * i + 1];
	}
	return VAL_UNBOUND;
}
/* Key as stored, value, both borrowed; false: absent. */
bool map_find(val m, val key, val *stored_key, val *value);
val map_assoc(struct heap *, val m, val key, val value);
val map_dissoc(struct heap *, val m, val key); /* consumes m, borrows key */

/* Take the value of a present key out of a map that is about to get another
 * one there (update): on a unique map the slot is left nil and the value's
 * reference moves to the caller, so that a nested value can be changed in
 * place; otherwise the value is retained.  VAL_UNBOUND: absent.  Borrows. */
val map_take(struct heap *, val m, val key);

/* The place of key's value if it may be changed there and is found at once,
 * else NULL, which says nothing. */
static inline val *
map_own_slot(val m, val key)
{
	struct map *s = (struct map *)val_obj(m);
	size_t i;

	if ((s->obj.aux & MAP_BIG) != 0 || !obj_unique(&s->obj))
		return NULL;
	for (i = 0; i < s->count; i++) {
		if (s->pairs[2 * i] == key)
			return &s->pairs[2 * i + 1];
	}
	return NULL;
}

/* Entries in insertion order.  "struct map_iter it = map_iter(m);
 * while (map_next(&it, &k, &v)) ..."; the map must not change meanwhile. */
struct map_iter {
	val map;
	size_t pos;
};
static inline struct map_iter
map_iter(val m)
{
	return (struct map_iter){m, 0};
}
bool map_next(struct map_iter *, val *key, val *value); /* borrowed */

/* For equal.c: key and value at the nth place whose key might be equal to one
 * with this hash; false: there are no more. */
bool map_candidate(val m, uint64_t hash, size_t nth, val *key, val *value);

#endif
