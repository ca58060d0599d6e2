/*
 * A name is an id that is under way or waited for.  A job counts how many of
 * its names are unmet; when that is none it may start, when one of them has
 * failed it is skipped.  A circle can only be closed by a job that somebody
 * waits for already, so only then is one looked for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "batch/after.h"

#define ENDED_MAX (1U << 19)
#define BUCKETS   1024U /* a power of two */

struct wait {
	struct wait *next;
	struct entry *entry;
};

struct name {
	LIST_ENTRY(name) link;
	uint64_t hash;
	struct entry *entry; /* under way; NULL: not come yet */
	struct wait *waits;
	char id[];
};
LIST_HEAD(bucket, name);

/* Hashes of ids, the lowest bit says how it went. */
struct ended {
	uint64_t *slot;
	size_t size;
	size_t n;
};

struct doomed {
	TAILQ_ENTRY(doomed) link;
	struct entry *entry;
	enum errkey kind;
	char *why;
};

struct after {
	struct runner *runner;
	struct bucket *bucket;
	size_t nbuckets;
	size_t nnames;
	struct ended now, before;
	TAILQ_HEAD(, doomed) doomed;
	uint32_t stamp;
};

struct after *
after_new(struct runner *r)
{
	struct after *a = xcalloc(1, sizeof(*a));

	a->runner = r;
	a->nbuckets = BUCKETS;
	a->bucket = xcalloc(a->nbuckets, sizeof(*a->bucket));
	TAILQ_INIT(&a->doomed);
	return a;
}

void
after_free(struct after *a)
{
	struct name *n;
	struct wait *w;
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->nbuckets; i++) {
		while ((n = LIST_FIRST(&a->bucket[i])) != NULL) {
			LIST_REMOVE(n, link);
			while ((w = n->waits) != NULL) {
				n->waits = w->next;
				free(w);
			}
			free(n);
		}
	}
	free(a->bucket);
	free(a->now.slot);
	free(a->before.slot);
	free(a);
}

/* FNV-1a, mixed; even, and never 0. */
static uint64_t
hash_of(const char *id)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return (h | 2) & ~UINT64_C(1);
}

static uint64_t *
ended_slot(const struct ended *t, uint64_t h)
{
	size_t i;

	for (i = (size_t)(h >> 20) & (t->size - 1);
	     t->slot[i] != 0 && (t->slot[i] & ~UINT64_C(1)) != h;
	     i = (i + 1) & (t->size - 1))
		continue;
	return &t->slot[i];
}

static void
ended_grow(struct ended *t)
{
	struct ended next = {NULL, t->size == 0 ? 1024 : t->size * 2, t->n};
	size_t i;

	next.slot = xcalloc(next.size, sizeof(*next.slot));
	for (i = 0; i < t->size; i++) {
		if (t->slot[i] != 0) {
			*ended_slot(&next, t->slot[i] & ~UINT64_C(1)) =
			    t->slot[i];
		}
	}
	free(t->slot);
	*t = next;
}

static void
ended_add(struct after *a, uint64_t h, bool ok)
{
	struct ended *t = &a->now;
	uint64_t *slot;

	if (t->n >= ENDED_MAX) {
		free(a->before.slot);
		a->before = *t;
		memset(t, 0, sizeof(*t));
	}
	if (t->n * 4 >= t->size * 3)
		ended_grow(t);
	slot = ended_slot(t, h);
	t->n += *slot == 0;
	*slot = h | ok;
}

/* -1: never heard of it; 0: failed; 1: ok. */
static int
ended_find(const struct after *a, uint64_t h)
{
	const struct ended *t[] = {&a->now, &a->before};
	uint64_t found;
	size_t i;

	for (i = 0; i < NITEMS(t); i++) {
		if (t[i]->size == 0)
			continue;
		found = *ended_slot(t[i], h);
		if (found != 0)
			return (int)(found & 1);
	}
	return -1;
}

static struct bucket *
bucket_of(struct bucket *b, size_t n, uint64_t h)
{
	return &b[h / 4 & (n - 1)];
}

static void
names_grow(struct after *a)
{
	size_t size = a->nbuckets * 2, i;
	struct bucket *b = xcalloc(size, sizeof(*b));
	struct name *n;

	for (i = 0; i < a->nbuckets; i++) {
		while ((n = LIST_FIRST(&a->bucket[i])) != NULL) {
			LIST_REMOVE(n, link);
			LIST_INSERT_HEAD(bucket_of(b, size, n->hash), n, link);
		}
	}
	free(a->bucket);
	a->bucket = b;
	a->nbuckets = size;
}

static struct name *
name_find(struct after *a, const char *id, uint64_t h)
{
	struct name *n;

	LIST_FOREACH(n, bucket_of(a->bucket, a->nbuckets, h), link) {
		if (n->hash == h && strcmp(n->id, id) == 0)
			break;
	}
	return n;
}

static struct name *
name_get(struct after *a, const char *id)
{
	uint64_t h = hash_of(id);
	struct name *n = name_find(a, id, h);
	size_t len = strlen(id) + 1;

	if (n != NULL)
		return n;
	if (a->nnames * 4 >= a->nbuckets) /* a look at another is a miss */
		names_grow(a);
	n = xcalloc(1, sizeof(*n) + len);
	memcpy(n->id, id, len);
	n->hash = h;
	LIST_INSERT_HEAD(bucket_of(a->bucket, a->nbuckets, h), n, link);
	a->nnames++;
	return n;
}

static void
name_drop(struct after *a, struct name *n)
{
	LIST_REMOVE(n, link);
	a->nnames--;
	free(n);
}

/* It will not run; said when nobody is in the middle of anything. */
static void
doom(struct after *a, struct entry *e, enum errkey kind, char *why)
{
	struct doomed *d;

	if (e->doomed) {
		free(why);
		return;
	}
	d = xcalloc(1, sizeof(*d));
	e->doomed = true;
	d->entry = e;
	d->kind = kind;
	d->why = why;
	TAILQ_INSERT_TAIL(&a->doomed, d, link);
}

/* Does a chain of waiting jobs lead from e to the target? */
static bool
leads_to(struct after *a, struct entry *e, const struct entry *target)
{
	struct entry **stack = NULL, *at;
	size_t n = 0, cap = 0;
	struct name *name;
	char **id;
	bool found = false;

	a->stamp++;
	for (at = e; at != NULL && !found; at = n > 0 ? stack[--n] : NULL) {
		for (id = at->job->after; id != NULL && *id != NULL; id++) {
			name = name_find(a, *id, hash_of(*id));
			if (name == NULL || name->entry == NULL)
				continue;
			if (name->entry == target) {
				found = true;
				break;
			}
			if (name->entry->state != ENTRY_BLOCKED ||
			    name->entry->stamp == a->stamp)
				continue;
			name->entry->stamp = a->stamp;
			if (n == cap) {
				cap = cap * 2 + 16;
				stack =
				    xreallocarray(stack, cap, sizeof(*stack));
			}
			stack[n++] = name->entry;
		}
	}
	free(stack);
	return found;
}

static void
wait_for(struct after *a, struct entry *e, const char *id)
{
	struct name *n;
	struct wait *w;

	switch (ended_find(a, hash_of(id))) {
	case 1:
		if (name_find(a, id, hash_of(id)) == NULL)
			return;
		break; /* another one of that id is under way */
	case 0:
		doom(a, e, ERRKEY_CANCELLED,
		    xasprintf(
		        "not run: job %s, which it comes after, failed", id));
		break;
	default:
		break;
	}
	n = name_get(a, id);
	w = xmalloc(sizeof(*w));
	w->entry = e;
	w->next = n->waits;
	n->waits = w;
	e->unmet++;
}

/* false: another job has its id. */
static bool
take_name(struct after *a, struct entry *e)
{
	struct name *own;

	if (!job_has_id(e->job))
		return true;
	own = name_get(a, e->job->id);
	if (own->entry != NULL) {
		doom(a, e, ERRKEY_INVALID_ARGUMENTS,
		    xasprintf("a job with the id %s is under way already",
		        e->job->id));
		return false;
	}
	own->entry = e;
	e->name = own;
	return true;
}

bool
after_blocks(struct after *a, struct entry *e)
{
	struct job *j = e->job;
	char **id;

	if (a == NULL)
		return false;
	if (!take_name(a, e))
		return true;
	for (id = j->after; id != NULL && *id != NULL; id++)
		wait_for(a, e, *id);
	if (e->name != NULL && e->name->waits != NULL && j->after != NULL &&
	    leads_to(a, e, e)) {
		doom(a, e, ERRKEY_INVALID_ARGUMENTS,
		    xasprintf("\"after\" goes round in a circle: job %s would "
		              "wait for itself",
		        j->id));
	}
	return e->unmet > 0 || e->doomed;
}

void
after_recorded(struct after *a, const struct entry *e)
{
	if (a != NULL && job_has_id(e->job))
		ended_add(a, hash_of(e->job->id), true);
}

/* It waits no more, whatever for. */
static void
forget_waits(struct after *a, struct entry *e)
{
	struct wait **at, *w;
	struct name *n;
	char **id;

	for (id = e->job->after; id != NULL && *id != NULL && e->unmet > 0;
	     id++) {
		n = name_find(a, *id, hash_of(*id));
		if (n == NULL)
			continue;
		for (at = &n->waits; (w = *at) != NULL;) {
			if (w->entry != e) {
				at = &w->next;
				continue;
			}
			*at = w->next;
			free(w);
			e->unmet--;
		}
		if (n->entry == NULL && n->waits == NULL)
			name_drop(a, n);
	}
}

static void
forget_doom(struct after *a, struct entry *e)
{
	struct doomed *d, *next;

	TAILQ_FOREACH_SAFE(d, &a->doomed, link, next) {
		if (d->entry != e)
			continue;
		TAILQ_REMOVE(&a->doomed, d, link);
		free(d->why);
		free(d);
	}
	e->doomed = false;
}

void
after_ended(struct after *a, struct entry *e)
{
	bool ok = e->outcome.ok;
	struct name *n;
	struct wait *w;

	if (a == NULL)
		return;
	if (e->doomed)
		forget_doom(a, e);
	forget_waits(a, e);
	if ((n = e->name) == NULL)
		return;
	e->name = NULL;
	n->entry = NULL;
	ended_add(a, n->hash, ok);
	while ((w = n->waits) != NULL) {
		n->waits = w->next;
		w->entry->unmet--;
		if (!ok) {
			doom(a, w->entry, ERRKEY_CANCELLED,
			    xasprintf("not run: job %s, which it comes after, "
			              "ended with %s",
			        e->job->id, entry_status(e)));
		} else if (w->entry->unmet == 0 && !w->entry->doomed &&
		    w->entry->state == ENTRY_BLOCKED) {
			entry_unlink(w->entry);
			runner_ready(w->entry);
		}
		free(w);
	}
	name_drop(a, n);
}

void
after_cancel(struct after *a, const struct job *j)
{
	struct name *n = a == NULL ? NULL : name_find(a, j->id, hash_of(j->id));

	if (n == NULL || n->entry == NULL) {
		log_notice("nothing to cancel: no job %s is under way", j->id);
		return;
	}
	entry_cancel(n->entry, "cancelled by the input");
}

void
after_flush(struct after *a)
{
	struct doomed *d;
	struct entry *e;

	while (a != NULL && (d = TAILQ_FIRST(&a->doomed)) != NULL) {
		TAILQ_REMOVE(&a->doomed, d, link);
		e = d->entry;
		e->doomed = false;
		entry_unlink(e);
		e->skipped = d->kind == ERRKEY_CANCELLED;
		entry_fail(e, d->kind, d->why);
		free(d->why);
		free(d);
	}
}

bool
after_give_up(struct after *a)
{
	bool any = false;
	struct name *n;
	struct wait *w;
	size_t i;

	for (i = 0; a != NULL && i < a->nbuckets; i++) {
		LIST_FOREACH(n, &a->bucket[i], link) {
			for (w = n->waits; n->entry == NULL && w != NULL;
			     w = w->next) {
				doom(a, w->entry, ERRKEY_CANCELLED,
				    xasprintf("not run: there is no job %s, "
				              "which it comes after",
				        n->id));
				any = true;
			}
		}
	}
	return any;
}
