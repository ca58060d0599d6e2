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

val map_empty(struct heap *);
/* n pairs k v k v ...; consumes them; a later equal key keeps the first
 * place and takes the later value. */
val map_new(struct heap *, const val *pairs, size_t n);
size_t map_count(val);
/* The value (borrowed) or VAL_UNBOUND. */
val map_get(val m, val key);
val map_get_keyword(val m, const char *text);
/* Key as stored, value, both borrowed; false: absent. */
bool map_find(val m, val key, val *stored_key, val *value);
val map_assoc(struct heap *, val m, val key, val value);
val map_dissoc(struct heap *, val m, val key); /* consumes m, borrows key */

/* Take the value of a present key out of a map that is about to get another
 * one there (update): on a unique map the slot is left nil and the value's
 * reference moves to the caller, so that a nested value can be changed in
 * place; otherwise the value is retained.  VAL_UNBOUND: absent.  Borrows. */
val map_take(struct heap *, val m, val key);

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

#endif
