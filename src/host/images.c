/*
 * Two steps from a function to its image: within one call by the function's
 * own word (the program stands still, so the same object is the same image),
 * across calls by the bytes.  A few images that no call uses are kept.
 */
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "host/images.h"
#include "host/manifest.h"
#include "lang/image.h"
#include "value/equal.h"

#define IMAGES_IDLE_MAX 64 /* images kept though no call uses them */

struct image {
	struct image *next;       /* of its bucket */
	TAILQ_ENTRY(image) entry; /* of the idle ones */
	struct closure closure;
	char *bytes;
	uint64_t hash;
	size_t refs;
};
TAILQ_HEAD(image_list, image);

struct images {
	struct image **bucket;
	size_t nbuckets; /* a power of two */
	size_t n;
	struct image_list idle; /* used last at the end */
	size_t nidle;
};

struct image_slot {
	val function; /* VAL_UNBOUND: free */
	struct image *image;
};

struct image_set {
	struct images *images;
	struct vm *vm;
	struct image_slot *slot;
	size_t nslots; /* a power of two */
	size_t n;
};

struct images *
images_new(void)
{
	struct images *c = xcalloc(1, sizeof(*c));

	TAILQ_INIT(&c->idle);
	c->nbuckets = 64;
	c->bucket = xcalloc(c->nbuckets, sizeof(struct image *));
	return c;
}

void
images_free(struct images *c)
{
	struct image *i;
	size_t b;

	if (c == NULL)
		return;
	for (b = 0; b < c->nbuckets; b++) {
		while ((i = c->bucket[b]) != NULL) {
			c->bucket[b] = i->next;
			free(i->bytes);
			free(i);
		}
	}
	free(c->bucket);
	free(c);
}

static void
images_grow(struct images *c)
{
	struct image **old = c->bucket, *i;
	size_t b, n = c->nbuckets;

	c->nbuckets = n * 2;
	c->bucket = xcalloc(c->nbuckets, sizeof(struct image *));
	for (b = 0; b < n; b++) {
		while ((i = old[b]) != NULL) {
			old[b] = i->next;
			i->next = c->bucket[i->hash & (c->nbuckets - 1)];
			c->bucket[i->hash & (c->nbuckets - 1)] = i;
		}
	}
	free(old);
}

/* Takes the bytes of b when they are new. */
static struct image *
images_intern(struct images *c, struct buf *b)
{
	uint64_t hash = hash_bytes(buf_str(b), b->len);
	struct image **head, *i;

	head = &c->bucket[hash & (c->nbuckets - 1)];
	for (i = *head; i != NULL; i = i->next) {
		if (i->hash == hash && i->closure.len == b->len &&
		    memcmp(i->bytes, b->data, b->len) == 0)
			break;
	}
	if (i == NULL) {
		i = xcalloc(1, sizeof(*i));
		i->hash = hash;
		i->bytes = buf_take(b, &i->closure.len);
		i->closure.bytes = i->bytes;
		i->closure.id = closure_next_id();
		i->next = *head;
		*head = i;
		if (++c->n > c->nbuckets)
			images_grow(c);
	} else if (i->refs == 0) {
		TAILQ_REMOVE(&c->idle, i, entry);
		c->nidle--;
	}
	i->refs++;
	return i;
}

static void
images_release(struct images *c, struct image *i)
{
	struct image **link;

	if (--i->refs > 0)
		return;
	TAILQ_INSERT_TAIL(&c->idle, i, entry);
	if (++c->nidle <= IMAGES_IDLE_MAX)
		return;
	i = TAILQ_FIRST(&c->idle);
	TAILQ_REMOVE(&c->idle, i, entry);
	c->nidle--;
	c->n--;
	link = &c->bucket[i->hash & (c->nbuckets - 1)];
	while (*link != i)
		link = &(*link)->next;
	*link = i->next;
	free(i->bytes);
	free(i);
}

struct image_set *
image_set_new(struct images *c, struct vm *vm)
{
	struct image_set *s = xcalloc(1, sizeof(*s));

	s->images = c;
	s->vm = vm;
	return s;
}

void
image_set_free(struct image_set *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->nslots; i++) {
		if (s->slot[i].function != VAL_UNBOUND)
			images_release(s->images, s->slot[i].image);
	}
	free(s->slot);
	free(s);
}

static struct image_slot *
slot_find(const struct image_set *s, val f)
{
	size_t i = (size_t)((f >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);

	for (i &= s->nslots - 1;
	     s->slot[i].function != VAL_UNBOUND && s->slot[i].function != f;
	     i = (i + 1) & (s->nslots - 1))
		continue;
	return &s->slot[i];
}

static void
slots_grow(struct image_set *s)
{
	struct image_slot *old = s->slot;
	size_t i, n = s->nslots;

	s->nslots = n == 0 ? 8 : n * 2;
	s->slot = xreallocarray(NULL, s->nslots, sizeof(*s->slot));
	for (i = 0; i < s->nslots; i++)
		s->slot[i].function = VAL_UNBOUND;
	for (i = 0; i < n; i++) {
		if (old[i].function != VAL_UNBOUND)
			*slot_find(s, old[i].function) = old[i];
	}
	free(old);
}

int
image_set_get(
    struct image_set *s, val f, const struct closure **out, struct error *e)
{
	struct buf b = BUF_INIT;
	struct image_slot *slot;

	if (s->n * 2 >= s->nslots)
		slots_grow(s);
	slot = slot_find(s, f);
	if (slot->function == VAL_UNBOUND) {
		if (image_write(s->vm, f, &b, e) == -1) {
			buf_free(&b);
			return -1;
		}
		slot->image = images_intern(s->images, &b);
		slot->function = f;
		s->n++;
		buf_free(&b);
	}
	*out = &slot->image->closure;
	return 0;
}
