/* The compiler's memory: bump allocation, freed at once. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lang/ast.h"

#define CHUNK_SIZE ((size_t)16 * 1024)

struct chunk {
	struct chunk *next;
	char data[] __attribute__((aligned(16)));
};

void *
arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c;
	size_t size;
	void *p;

	n = (n + 15) & ~(size_t)15;
	if (a->chunks == NULL || a->size - a->used < n) {
		size = n > CHUNK_SIZE ? n : CHUNK_SIZE;
		c = xmalloc(sizeof(*c) + size);
		c->next = a->chunks;
		a->chunks = c;
		a->size = size;
		a->used = 0;
		a->total += size;
		if (a->heap != NULL)
			heap_charge(a->heap, (ptrdiff_t)size);
	}
	p = a->chunks->data + a->used;
	a->used += n;
	return memset(p, 0, n); /* pages that nothing needs stay untouched */
}

void
arena_free(struct arena *a)
{
	struct chunk *next;

	for (; a->chunks != NULL; a->chunks = next) {
		next = a->chunks->next;
		free(a->chunks);
	}
	if (a->heap != NULL)
		heap_charge(a->heap, -(ptrdiff_t)a->total);
	a->used = a->size = a->total = 0;
}
