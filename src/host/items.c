/*
 * What there is of the tasks of a set: kinds while it is made, items while it
 * runs.  Items lie in blocks that never move, since the pool has hold of them,
 * and the one that ended last is the next to be used: it is warm.
 */
#include <stdlib.h>

#include "host/set_impl.h"

#define ITEM_BLOCK 256U
/* Kinds that are looked at before a new one is made. */
#define KINDS_BACK 8U

uint32_t
set_kind(struct set *s, val wanted, val options)
{
	size_t i, last = s->nkinds > KINDS_BACK ? s->nkinds - KINDS_BACK : 0;
	struct kind *k;

	for (i = s->nkinds; i-- > last;) {
		k = &s->kind[i];
		if (k->wanted == wanted && k->options == options)
			return (uint32_t)i;
	}
	if (s->nkinds == s->kind_room) {
		s->kind_room = s->kind_room == 0 ? 1 : s->kind_room * 2;
		s->kind = xreallocarray(s->kind, s->kind_room, sizeof(*k));
	}
	k = &s->kind[s->nkinds];
	*k = (struct kind){.wanted = wanted, .options = options};
	return (uint32_t)s->nkinds++;
}

static struct item *
item_numbered(const struct set *s, uint32_t number)
{
	return &s->block[number / ITEM_BLOCK][number % ITEM_BLOCK];
}

static void
items_add(struct set *s)
{
	uint32_t number = (uint32_t)s->nblocks * ITEM_BLOCK;
	size_t i, n = s->n < ITEM_BLOCK ? s->n : ITEM_BLOCK;
	struct item *it = xcalloc(n, sizeof(*it));

	s->block =
	    xreallocarray(s->block, s->nblocks + 1, sizeof(struct item *));
	s->block[s->nblocks++] = it;
	for (i = n; i-- > 0;) {
		it[i].number = number + (uint32_t)i;
		TAILQ_INSERT_HEAD(&s->idle, &it[i].task, entry);
	}
}

struct item *
item_new(struct set *s, size_t i)
{
	struct entry *en = &s->entry[i];
	struct item *it;

	if (TAILQ_EMPTY(&s->idle))
		items_add(s);
	it = (struct item *)TAILQ_FIRST(&s->idle); /* task comes first */
	TAILQ_REMOVE(&s->idle, &it->task, entry);
	it->kind = &s->kind[en->kind];
	it->retries = it->kind->retries;
	it->submitted = false;
	it->task.plan = it->kind->plan;
	it->task.closure = it->kind->closure;
	it->task.heap = s->heap;
	it->task.args = en->value;
	it->task.owner = s;
	it->task.seq = i;
	it->task.life = TASK_NEW;
	it->task.attempt = 1;
	en->item = (it->number + 1) & ITEM_MASK;
	s->live++;
	return it;
}

void
item_free(struct set *s, struct item *it)
{
	s->entry[it->task.seq].item = 0;
	TAILQ_INSERT_HEAD(&s->idle, &it->task, entry);
	s->live--;
}

struct item *
item_of(struct set *s, size_t i)
{
	uint32_t item = s->entry[i].item;

	return item == 0 ? NULL : item_numbered(s, item - 1);
}
