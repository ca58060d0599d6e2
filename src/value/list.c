/* Lists: the little that is not inline. */
#include "value/list.h"

val
list_cons(struct heap *h, val first, val rest)
{
	struct list *l = heap_alloc(h, sizeof(*l), O_LIST);

	l->count = list_count(rest) + 1;
	l->first = first;
	l->rest = rest;
	return val_from_obj(l);
}

val
list_new(struct heap *h, const val *items, size_t n)
{
	val l = VAL_NO_ITEMS;

	while (n-- > 0)
		l = list_cons(h, items[n], l);
	return l;
}

val
list_nth(val l, size_t i)
{
	while (i-- > 0)
		l = list_rest(l);
	return list_first(l);
}
