/* Lists: cons cells with a cached count.  first/rest/cons O(1), nth O(n). */
#ifndef VALUE_LIST_H
#define VALUE_LIST_H

#include "value/heap.h"

struct list { /* O_LIST; the empty list is VAL_NO_ITEMS */
	struct obj obj;
	uint64_t count; /* of this cell and all after it */
	val first;
	val rest; /* a list */
};

val list_cons(struct heap *, val first, val rest); /* consumes both */
/* A list of n values; consumes them. */
val list_new(struct heap *, const val *items, size_t n);
static inline size_t
list_count(val l)
{
	return l == VAL_NO_ITEMS ? 0 : ((struct list *)val_obj(l))->count;
}
static inline val
list_first(val l) /* borrowed; l is not empty */
{
	return ((struct list *)val_obj(l))->first;
}
static inline val
list_rest(val l) /* borrowed; l is not empty */
{
	return ((struct list *)val_obj(l))->rest;
}
val list_nth(val l, size_t i); /* borrowed; i < count */

#endif
