/*
 * Copying a value into another heap: each object as it lies, then its slots
 * one by one.  An object that several point to is copied once, or a small
 * value could unfold into an immense one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "value/slots.h"

struct seen { /* open addressing by address; from NULL: free */
	struct obj *from;
	struct obj *to;
};

struct copier {
	struct heap *heap;
	struct obj **todo; /* copies whose slots still point to originals */
	size_t ntodo;
	size_t todo_cap;
	struct seen *seen;
	size_t nseen;
	size_t mask;
};

static struct seen *
find(struct copier *c, const struct obj *from)
{
	size_t i = ((uintptr_t)from >> 4) * 0x9e3779b9U & c->mask;

	while (c->seen[i].from != NULL && c->seen[i].from != from)
		i = (i + 1) & c->mask;
	return &c->seen[i];
}

static void
grow_seen(struct copier *c)
{
	struct seen *old = c->seen;
	size_t i, n = old == NULL ? 0 : c->mask + 1;

	c->mask = n == 0 ? 63 : n * 2 - 1;
	c->seen = xcalloc(c->mask + 1, sizeof(*c->seen));
	for (i = 0; i < n; i++) {
		if (old[i].from != NULL)
			*find(c, old[i].from) = old[i];
	}
	free(old);
}

static struct obj *
copy_block(struct copier *c, struct obj *from)
{
	size_t size = heap_block_size(c->heap, from, 0);
	struct obj *to;

	to = heap_alloc(c->heap, size, (enum obj_kind)from->kind);
	to->aux = from->aux;
	memcpy(to + 1, from + 1, size - sizeof(*to));
	if (!kind_is_leaf(from->kind)) {
		if (c->ntodo == c->todo_cap) {
			c->todo_cap = c->todo_cap == 0 ? 64 : c->todo_cap * 2;
			c->todo = xreallocarray(
			    c->todo, c->todo_cap, sizeof(struct obj *));
		}
		c->todo[c->ntodo++] = to;
	}
	return to;
}

static val
copy_one(struct copier *c, val v)
{
	struct obj *from, *to;
	struct seen *s;

	if (!val_is_obj(v) || val_obj(v)->refs == OBJ_IMMORTAL)
		return v;
	from = val_obj(v);
	if (from->refs == 1)
		return val_from_obj(copy_block(c, from));
	if (c->nseen * 2 >= c->mask)
		grow_seen(c);
	s = find(c, from);
	if (s->from != NULL)
		return val_retain(val_from_obj(s->to));
	to = copy_block(c, from);
	*s = (struct seen){from, to};
	c->nseen++;
	return val_from_obj(to);
}

val
val_copy(struct heap *heap, val v)
{
	struct copier c = {.heap = heap};
	val copy = copy_one(&c, v);
	val *slots;
	size_t i, n;

	while (c.ntodo > 0) {
		slots = obj_slots(c.todo[--c.ntodo], &n);
		for (i = 0; i < n; i++)
			slots[i] = copy_one(&c, slots[i]);
	}
	free(c.todo);
	free(c.seen);
	return copy;
}
