/*
 * Positions of forms, beside the forms and not in them, so that data pays
 * nothing for it.  A hash table leads from a container to its run in one
 * array of offsets: the container's own, then one for each part.
 */
#include <stdlib.h>

#include "value/reader.h"
#include "value/reader_impl.h"

#define FIRST_SLOTS 64
#define NOWHERE     UINT32_MAX

struct slot {
	const void *obj; /* NULL: free */
	uint32_t run;    /* index into offsets */
	uint32_t n;      /* parts that the run has room for */
};

struct srcmap {
	struct slot *slot;
	size_t mask; /* slots - 1, a power of two less one */
	size_t used;
	uint32_t *offsets;
	size_t noffsets;
	size_t cap;
};

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
	free(m->offsets);
	free(m);
}

/* Objects of one block of memory, read one after the other, have neighbouring
 * slots; blocks are scattered. */
static struct slot *
slot_of(const struct srcmap *m, const void *obj)
{
	uint64_t block = (uint64_t)(uintptr_t)obj >> 9;
	uint64_t within = (uint64_t)(uintptr_t)obj >> 5 & 15;
	size_t i;

	block *= UINT64_C(0x9e3779b97f4a7c15);
	for (i = ((block >> 32 << 4) + within) & m->mask;
	     m->slot[i].obj != NULL && m->slot[i].obj != obj;
	     i = (i + 1) & m->mask)
		continue;
	return &m->slot[i];
}

static void
grow(struct srcmap *m)
{
	struct slot *old = m->slot;
	size_t i, n = m->mask + 1;

	m->slot = xcalloc(n * 2, sizeof(*m->slot));
	m->mask = n * 2 - 1;
	for (i = 0; i < n; i++) {
		if (old[i].obj != NULL)
			*slot_of(m, old[i].obj) = old[i];
	}
	free(old);
}

/* Room for n parts of a container, its old positions kept; the place of its
 * own offset. */
static uint32_t *
run_of(struct srcmap *m, const void *obj, uint32_t n)
{
	struct slot *s;
	uint32_t i, *run;

	if (m->used * 2 > m->mask)
		grow(m);
	s = slot_of(m, obj);
	if (s->obj != NULL && s->n >= n)
		return &m->offsets[s->run];
	if (m->cap - m->noffsets < (size_t)n + 1) {
		m->cap = m->cap * 2 + n + 256;
		m->offsets =
		    xreallocarray(m->offsets, m->cap, sizeof(uint32_t));
	}
	run = &m->offsets[m->noffsets];
	for (i = 0; i <= n; i++)
		run[i] = NOWHERE;
	if (s->obj == NULL) {
		m->used++;
	} else {
		for (i = 0; i <= s->n; i++)
			run[i] = m->offsets[s->run + i];
	}
	*s = (struct slot){obj, (uint32_t)m->noffsets, n};
	m->noffsets += (size_t)n + 1;
	return run;
}

void
srcmap_add_parts(struct srcmap *m, const void *obj, const uint32_t *offsets,
    size_t n, size_t self)
{
	uint32_t *run = run_of(m, obj, (uint32_t)n);
	size_t i;

	run[0] = (uint32_t)self; /* SRCMAP_NONE becomes NOWHERE */
	for (i = 0; i < n; i++)
		run[i + 1] = offsets[i];
}

void
srcmap_add(struct srcmap *m, const void *obj, uint32_t index, size_t offset)
{
	uint32_t *run = run_of(m, obj, index == SRCMAP_SELF ? 0 : index + 1);

	run[index == SRCMAP_SELF ? 0 : index + 1] = (uint32_t)offset;
}

size_t
srcmap_find(const struct srcmap *m, const void *obj, uint32_t index)
{
	const struct slot *s = slot_of(m, obj);
	uint32_t at = index == SRCMAP_SELF ? 0 : index + 1;

	if (s->obj == NULL || at > s->n || m->offsets[s->run + at] == NOWHERE)
		return SRCMAP_NONE;
	return m->offsets[s->run + at];
}
