/*
 * Binary heap in an array; each timer knows its place, so that removing one
 * costs O(log n).  Removed timers wait in a free list: the pool adds and
 * removes one for every task it runs.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "pool/timer.h"

struct timer {
	struct timer_heap *heap;
	int64_t at;
	uint64_t order;
	timer_cb call;
	void *arg;
	size_t place;
	struct timer *next; /* in the free list */
};

struct timer_heap {
	struct timer **item;
	size_t n;
	size_t cap;
	uint64_t order;
	struct timer *spare;
};

struct timer_heap *
timer_heap_new(void)
{
	return xcalloc(1, sizeof(struct timer_heap));
}

void
timer_heap_free(struct timer_heap *h)
{
	struct timer *t;
	size_t i;

	if (h == NULL)
		return;
	for (i = 0; i < h->n; i++)
		free(h->item[i]);
	while ((t = h->spare) != NULL) {
		h->spare = t->next;
		free(t);
	}
	free(h->item);
	free(h);
}

size_t
timer_count(const struct timer_heap *h)
{
	return h->n;
}

static bool
timer_before(const struct timer *a, const struct timer *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void
timer_place(struct timer_heap *h, size_t i, struct timer *t)
{
	h->item[i] = t;
	t->place = i;
}

static void
timer_up(struct timer_heap *h, size_t i)
{
	struct timer *t = h->item[i];
	size_t parent;

	while (i > 0) {
		parent = (i - 1) / 2;
		if (!timer_before(t, h->item[parent]))
			break;
		timer_place(h, i, h->item[parent]);
		i = parent;
	}
	timer_place(h, i, t);
}

static void
timer_down(struct timer_heap *h, size_t i)
{
	struct timer *t = h->item[i];
	size_t child;

	for (;;) {
		child = 2 * i + 1;
		if (child >= h->n)
			break;
		if (child + 1 < h->n &&
		    timer_before(h->item[child + 1], h->item[child])) {
			child++;
		}
		if (!timer_before(h->item[child], t))
			break;
		timer_place(h, i, h->item[child]);
		i = child;
	}
	timer_place(h, i, t);
}

struct timer *
timer_add(struct timer_heap *h, int64_t at, timer_cb call, void *arg)
{
	struct timer *t = h->spare;

	if (t != NULL)
		h->spare = t->next;
	else
		t = xmalloc(sizeof(*t));
	t->heap = h;
	t->at = at;
	t->order = h->order++;
	t->call = call;
	t->arg = arg;
	t->next = NULL;
	if (h->n == h->cap) {
		h->cap = h->cap == 0 ? 16 : 2 * h->cap;
		h->item = xreallocarray(h->item, h->cap, sizeof(*h->item));
	}
	h->item[h->n] = t;
	timer_up(h, h->n++);
	return t;
}

void
timer_remove(struct timer *t)
{
	struct timer_heap *h;
	struct timer *last;
	size_t i;

	if (t == NULL)
		return;
	h = t->heap;
	i = t->place;
	last = h->item[--h->n];
	if (last != t) {
		timer_place(h, i, last);
		timer_up(h, i);
		timer_down(h, last->place);
	}
	t->next = h->spare;
	h->spare = t;
}

void
timer_shift(struct timer_heap *h, int64_t ns)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		h->item[i]->at += ns;
}

int64_t
timer_next(const struct timer_heap *h)
{
	return h->n == 0 ? INT64_MAX : h->item[0]->at;
}

uint64_t
timer_mark(const struct timer_heap *h)
{
	return h->order;
}

bool
timer_take(struct timer_heap *h, int64_t now, uint64_t mark, timer_cb *call,
    void **arg)
{
	struct timer *t;

	if (h->n == 0)
		return false;
	t = h->item[0];
	if (t->at > now || t->order >= mark)
		return false;
	*call = t->call;
	*arg = t->arg;
	timer_remove(t);
	return true;
}
