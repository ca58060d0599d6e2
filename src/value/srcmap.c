/*
 * Positions of forms: a hash table from (container, index) to a byte offset.
 * Beside the forms and not in them, so that data pays nothing for it.
 */
#include <stdlib.h>

#include "value/reader.h"

struct place {
	const void *obj; /* NULL: free */
	uint32_t index;
	uint32_t offset;
};

struct srcmap {
	struct place *slot;
	size_t mask; /* slots - 1, a power of two less one */
	size_t used;
};

#define FIRST_SLOTS 256

struct srcmap *
srcmap_new(void)
{
	struct srcmap *m = xcalloc(1, sizeof(*m));

	m->slot = xcalloc(FIRST_SLOTS, sizeof(*m->slot));
	m->mask = FIRST_SLOTS - 1;
	return m;
}

void
srcmap_free(struct srcmap *m)
{
	if (m == NULL)
		return;
	free(m->slot);
	free(m);
}

static struct place *
slot_of(const struct srcmap *m, const void *obj, uint32_t index)
{
	uint64_t hash;
	size_t i;

	hash = ((uint64_t)(uintptr_t)obj >> 4) + (uint64_t)index * 0x9e3779b1;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	for (i = (hash >> 32) & m->mask; m->slot[i].obj != NULL;
	     i = (i + 1) & m->mask) {
		if (m->slot[i].obj == obj && m->slot[i].index == index)
			break;
	}
	return &m->slot[i];
}

static void
grow(struct srcmap *m)
{
	struct place *old = m->slot;
	size_t i, n = m->mask + 1;

	m->slot = xcalloc(n * 2, sizeof(*m->slot));
	m->mask = n * 2 - 1;
	for (i = 0; i < n; i++) {
		if (old[i].obj != NULL)
			*slot_of(m, old[i].obj, old[i].index) = old[i];
	}
	free(old);
}

void
srcmap_add(struct srcmap *m, const void *obj, uint32_t index, size_t offset)
{
	struct place *p;

	if (m->used * 2 > m->mask)
		grow(m);
	p = slot_of(m, obj, index);
	if (p->obj == NULL)
		m->used++;
	*p = (struct place){obj, index, (uint32_t)offset};
}

size_t
srcmap_find(const struct srcmap *m, const void *obj, uint32_t index)
{
	const struct place *p = slot_of(m, obj, index);

	return p->obj == NULL ? SRCMAP_NONE : p->offset;
}
