/*
 * The table of capabilities: rows by the name index of their id, so that the
 * keyword of a task finds its row without looking at text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "host/registry.h"
#include "task/builtin.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/reader.h"
#include "value/type.h"

#define SUGGEST_MAX 6

/* Ids that begin like this are ours. */
static const char *const reserved[] = {"fs.", "http.", "time.", "random.",
    "crypto.", "env.", "process.", "json.", "text.", "system.", "io.", "ccos.",
    "rtfs.", "parallel"};

struct row {
	struct capability cap;
	const char *params; /* of a built-in row, parsed when it is found */
};

struct kept {
	void *owned;
	void (*free_it)(void *);
};

struct registry {
	struct row **row; /* in order of definition */
	size_t n;
	size_t cap;
	uint32_t *slot; /* index of a row plus one; 0: free */
	size_t nslots;  /* a power of two */
	struct kept *kept;
	size_t nkept;
};

static size_t
slot_of(const struct registry *r, uint32_t name)
{
	return (size_t)(name * UINT32_C(2654435761)) & (r->nslots - 1);
}

static uint32_t
row_name(const struct row *row)
{
	return name_intern(row->cap.id, strlen(row->cap.id));
}

static void
slot_put(struct registry *r, uint32_t name, size_t index)
{
	size_t i = slot_of(r, name);

	while (r->slot[i] != 0)
		i = (i + 1) & (r->nslots - 1);
	r->slot[i] = (uint32_t)index + 1;
}

static struct row *
row_add(struct registry *r, const struct capability *cap)
{
	struct row *row = xcalloc(1, sizeof(*row));
	size_t i;

	row->cap = *cap;
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 128 : r->cap * 2;
		r->row = xreallocarray(r->row, r->cap, sizeof(struct row *));
		free(r->slot);
		r->nslots = r->cap * 2;
		r->slot = xcalloc(r->nslots, sizeof(*r->slot));
		for (i = 0; i < r->n; i++)
			slot_put(r, row_name(r->row[i]), i);
	}
	slot_put(r, row_name(row), r->n);
	r->row[r->n++] = row;
	return row;
}

struct registry *
registry_new(void)
{
	struct registry *r = xcalloc(1, sizeof(*r));
	struct capability cap;
	const struct builtin *b;
	size_t i, n;

	b = builtin_table(&n);
	for (i = 0; i < n; i++) {
		memset(&cap, 0, sizeof(cap));
		cap.id = xstrdup(b[i].id);
		cap.kind = b[i].kind;
		cap.image = b[i].image;
		cap.trusted = b[i].trusted;
		cap.idempotent = b[i].idempotent;
		cap.doc = xstrdup(b[i].doc);
		cap.layer = LAYER_BUILTIN;
		row_add(r, &cap)->params = b[i].params;
	}
	return r;
}

void
registry_free(struct registry *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->n; i++) {
		capability_clear(&r->row[i]->cap);
		free(r->row[i]);
	}
	for (i = 0; i < r->nkept; i++)
		r->kept[i].free_it(r->kept[i].owned);
	free(r->kept);
	free(r->row);
	free(r->slot);
	free(r);
}

void
registry_keep(struct registry *r, void *owned, void (*free_it)(void *))
{
	r->kept = xreallocarray(r->kept, r->nkept + 1, sizeof(struct kept));
	r->kept[r->nkept].owned = owned;
	r->kept[r->nkept++].free_it = free_it;
}

/* The types of built-in rows are text of ours: one that does not read is a
 * bug, found by the unit test that looks at every row. */
static void
row_params(struct row *row)
{
	struct heap *h;
	struct error e;
	val form;

	h = heap_new(0);
	if (read_one(h, row->params, strlen(row->params), NULL, &form, &e) ==
	    0) {
		if (type_new(form, &row->cap.params, &e) == -1)
			row->cap.params = NULL;
	}
	heap_free(h);
	row->params = NULL;
}

const struct capability *
registry_find_name(struct registry *r, uint32_t name)
{
	struct row *row;
	size_t i;

	for (i = slot_of(r, name); r->slot[i] != 0;
	     i = (i + 1) & (r->nslots - 1)) {
		row = r->row[r->slot[i] - 1];
		if (row_name(row) == name) {
			if (row->params != NULL)
				row_params(row);
			return &row->cap;
		}
	}
	return NULL;
}

const struct capability *
registry_find(struct registry *r, const char *id)
{
	return registry_find_name(r, name_intern(id, strlen(id)));
}

int
registry_add(struct registry *r, struct capability *cap, struct error *e)
{
	const struct capability *old;
	size_t i;

	for (i = 0; i < NITEMS(reserved); i++) {
		if (strncmp(cap->id, reserved[i], strlen(reserved[i])) == 0) {
			return error_set(e, EK_POLICY,
			    ":%s: the prefix \"%s\" belongs to the built-in "
			    "capabilities",
			    cap->id, reserved[i]);
		}
	}
	old = registry_find(r, cap->id);
	if (old != NULL) {
		return error_set(e, EK_POLICY,
		    ":%s is defined already, at %.200s:%u", cap->id,
		    old->file != NULL ? old->file : "built in", old->line);
	}
	row_add(r, cap);
	memset(cap, 0, sizeof(*cap));
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct capability *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

const struct capability **
registry_list(struct registry *r, size_t *n)
{
	const struct capability **list;
	size_t i;

	list = xcalloc(r->n + 1, sizeof(*list));
	for (i = 0; i < r->n; i++)
		list[i] = registry_find(r, r->row[i]->cap.id);
	qsort(list, r->n, sizeof(*list), by_id);
	*n = r->n;
	return list;
}

void
registry_suggest(struct registry *r, const char *id, struct buf *out)
{
	const struct capability **list;
	struct nearest near;
	const char *dot = strrchr(id, '.');
	size_t i, n, shown = 0, family;

	list = registry_list(r, &n);
	nearest_init(&near, id);
	for (i = 0; i < n; i++)
		nearest_offer(&near, list[i]->id);
	if (near.best != NULL)
		buf_addf(out, "; did you mean :%s?", near.best);
	if (dot != NULL && near.best == NULL) {
		family = (size_t)(dot - id) + 1;
		for (i = 0; i < n && shown < SUGGEST_MAX; i++) {
			if (strncmp(list[i]->id, id, family) != 0)
				continue;
			buf_adds(out, shown++ == 0 ? "; known:" : "");
			buf_addf(out, " :%s", list[i]->id);
		}
	}
	free(list);
}
