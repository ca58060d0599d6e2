/*
 * Blocks of 16 to 1024 bytes come from free lists, one per multiple of 16,
 * filled from chunks that only ever grow in number; larger blocks stand alone
 * on a list of their own.  Chunks start small (many machines live at once) and
 * become 2 MiB huge pages when a heap turns out to be large: a first touch of
 * a 4 KiB page costs more than everything else here.
 *
 * For the same reason one large block that was freed waits for the next of
 * about its size.  It goes before the heap takes any other memory, so that no
 * heap ever takes more for it.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "value/heap.h"
#include "value/memfile.h"
#include "value/slots.h"
#include "value/work.h"

#define GRAIN        16U
#define NCLASSES     64U
#define FIRST_CHUNK  (64U * 1024)
#define HUGE_PAGE    (2U * 1024 * 1024)
#define SMALL_TOTAL  (1024U * 1024) /* below this chunks double */
#define MAPPED_BIG   (1024U * 1024) /* from here a block is mapped itself */
#define MAX_SPARE    (128U * 1024 * 1024)
#define PENDING_KEEP 4096U
/* A descriptor each: no more than that, or than this part of what there may
 * be. */
#define MAX_FILES  32U
#define FILES_PART 32U

/* Under a sanitizer every block is malloc's, so that it sees each misuse. */
#ifdef WITH_SANITIZERS
#define USE_CLASSES 0
#else
#define USE_CLASSES 1
#endif

struct freed {
	struct obj obj;
	struct freed *next;
};

struct chunk {
	struct chunk *next;
	size_t mapped; /* bytes for munmap; 0: malloc's */
};

struct big {
	struct big *prev;
	struct big *next;
	size_t size;   /* of the object */
	size_t mapped; /* bytes for munmap; 0: malloc's */
	/* All of the object but its head may lie in a memory file: */
	size_t ready;
	int fd;        /* -1: that of another process */
	uint16_t head; /* 0: it does not; else mapped are the bytes behind it */
	bool lent;     /* others may see it for as long as they like */
};

static_assert(sizeof(struct chunk) <= GRAIN, "objects follow at once");
static_assert(sizeof(struct big) % GRAIN == 0, "objects are aligned");

struct heap {
	struct heap_meter meter;
	size_t peak;
	struct freed *free[NCLASSES + 1];
	char *bump;
	char *bump_end;
	size_t reserved;
	struct chunk *chunks;
	struct big *bigs;
	struct big *spare;  /* mapped, freed, on no list; or NULL */
	unsigned int files; /* descriptors in bigs and spare */
	unsigned int max_files;
	struct obj **pending; /* obj_free's work list */
	size_t npending;
	size_t pending_cap;
};

bool heap_never_in_place;
struct work val_work = {.max = UINT64_MAX};

struct heap *
heap_new(size_t limit)
{
	struct heap *h = xcalloc(1, sizeof(*h));

	heap_set_limit(h, limit);
	return h;
}

void
heap_set_limit(struct heap *h, size_t limit)
{
	h->meter.limit = limit == 0 ? SIZE_MAX : limit;
}

size_t
heap_used(const struct heap *h)
{
	return h->meter.used;
}

size_t
heap_peak(const struct heap *h)
{
	return h->peak;
}

size_t
heap_limit(const struct heap *h)
{
	return h->meter.limit == SIZE_MAX ? 0 : h->meter.limit;
}

bool
heap_room(const struct heap *h, size_t n)
{
	size_t after;

	if (__builtin_add_overflow(h->meter.used, n, &after) || n > PTRDIFF_MAX)
		return false;
	return after <= h->meter.limit;
}

static inline void
count_up(struct heap *h, size_t n)
{
	h->meter.used += n;
	if (h->meter.used > h->peak)
		h->peak = h->meter.used;
}

void
heap_charge(struct heap *h, ptrdiff_t n)
{
	if (n >= 0)
		count_up(h, (size_t)n);
	else
		h->meter.used -= (size_t)-n;
}

bool
work_on(uint64_t nodes)
{
	struct work *w = &val_work;

	w->due += nodes / WORK_NODES;
	if (UNLIKELY(w->due > w->max ||
	        (w->interrupt != NULL && *w->interrupt != 0))) {
		w->due += w->due == 0;
		w->over = true;
	}
	return !w->over;
}

bool
work_memory(ptrdiff_t bytes)
{
	struct work *w = &val_work;

	if (w->heap == NULL)
		return true;
	if (bytes > 0 && !heap_room(w->heap, (size_t)bytes)) {
		w->due++;
		w->over = true;
		return false;
	}
	heap_charge(w->heap, bytes);
	return true;
}

static size_t
whole_pages(size_t size)
{
	return (size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
}

/* size bytes aligned to a huge page; *mapped is what munmap wants. */
static void *
map_huge(size_t size, size_t *mapped)
{
	size_t want = whole_pages(size);
	size_t head;
	char *p;

	p = mmap(NULL, want + HUGE_PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) {
		*mapped = 0;
		return xmalloc(size); /* its message, and its second try */
	}
	head = -(uintptr_t)p & (HUGE_PAGE - 1);
	if (head > 0)
		munmap(p, head);
	if (head < HUGE_PAGE)
		munmap(p + head + want, HUGE_PAGE - head);
	p += head;
	madvise(p, want, MADV_HUGEPAGE); /* a wish: refused is fine */
	*mapped = want;
	return p;
}

static void
add_chunk(struct heap *h)
{
	struct chunk *c;
	size_t mapped = 0;
	size_t left, size;

	heap_trim(h);
	left = (size_t)(h->bump_end - h->bump);
	if (left >= GRAIN) { /* the rest becomes one free block */
		struct freed *f = (struct freed *)(void *)h->bump;

		f->next = h->free[left / GRAIN];
		h->free[left / GRAIN] = f;
	}
	if (h->reserved >= SMALL_TOTAL) {
		size = HUGE_PAGE;
		c = map_huge(size, &mapped);
	} else {
		size = h->reserved == 0 ? FIRST_CHUNK : h->reserved;
		c = xmalloc(size);
	}
	c->next = h->chunks;
	c->mapped = mapped;
	h->chunks = c;
	h->reserved += size;
	h->bump = (char *)c + GRAIN;
	h->bump_end = (char *)c + (size & ~(size_t)(GRAIN - 1));
}

void
heap_warm(struct heap *h)
{
	if (USE_CLASSES && h->bump == h->bump_end)
		add_chunk(h);
}

static inline void
big_link(struct heap *h, struct big *b)
{
	b->prev = NULL;
	b->next = h->bigs;
	if (h->bigs != NULL)
		h->bigs->prev = b;
	h->bigs = b;
}

static inline void
big_unlink(struct heap *h, struct big *b)
{
	if (b->prev != NULL)
		b->prev->next = b->next;
	else
		h->bigs = b->next;
	if (b->next != NULL)
		b->next->prev = b->prev;
}

static struct big *
big_of(const struct obj *o)
{
	return (struct big *)((uintptr_t)o - sizeof(struct big));
}

/* The spare block, when it is of the kind wanted and neither too small nor much
 * too large; what is there and is not taken goes. */
static struct big *
take_spare(struct heap *h, bool file, size_t want)
{
	struct big *b = h->spare;

	if (b == NULL || (b->head != 0) != file || b->mapped < want ||
	    b->mapped - b->mapped / 4 > whole_pages(want)) {
		heap_trim(h);
		return NULL;
	}
	h->spare = NULL;
	return b;
}

static struct big *
big_make(struct heap *h, size_t size)
{
	size_t mapped = 0;
	struct big *b;

	if (size >= MAPPED_BIG && USE_CLASSES) {
		b = take_spare(h, false, sizeof(*b) + size);
		if (b != NULL)
			mapped = b->mapped;
		else
			b = map_huge(sizeof(*b) + size, &mapped);
	} else {
		b = xmalloc(sizeof(*b) + size);
	}
	b->size = size;
	b->mapped = mapped;
	b->head = 0;
	b->lent = false;
	return b;
}

static char *
file_bytes(struct big *b)
{
	return (char *)(b + 1) + b->head;
}

static void
big_destroy(struct heap *h, struct big *b)
{
	if (b->head != 0) {
		if (b->fd != -1) {
			close(b->fd);
			h->files--;
		}
		memfile_unmap(file_bytes(b), b->mapped);
	} else if (b->mapped != 0) {
		munmap(b, b->mapped);
	} else {
		free(b);
	}
}

static void
big_drop(struct heap *h, struct big *b)
{
	if (b->mapped == 0 || b->mapped > MAX_SPARE || b->lent) {
		big_destroy(h, b);
		return;
	}
	heap_trim(h);
	h->spare = b;
}

void
heap_trim(struct heap *h)
{
	if (h->spare != NULL)
		big_destroy(h, h->spare);
	h->spare = NULL;
}

size_t
heap_spare(const struct heap *h)
{
	return h->spare == NULL ? 0 : h->spare->mapped;
}

static void *
alloc_big(struct heap *h, size_t size)
{
	struct big *b;

	size = (size + GRAIN - 1) & ~(size_t)(GRAIN - 1);
	b = big_make(h, size);
	big_link(h, b);
	count_up(h, size);
	return b + 1;
}

/* A large block, or the first one of another chunk.  Apart, so that what
 * always happens needs no stack frame. */
static ATTR_NOINLINE void *
alloc_slow(struct heap *h, size_t size, enum obj_kind kind)
{
	size_t class = (size + GRAIN - 1) / GRAIN;
	struct obj *o;

	if (!USE_CLASSES || class > NCLASSES) {
		o = alloc_big(h, size);
		class = 0;
	} else {
		add_chunk(h);
		o = (struct obj *)(void *)h->bump;
		h->bump += class * GRAIN;
		count_up(h, class * GRAIN);
	}
	*o = (struct obj){1, (uint8_t)kind, (uint8_t) class, 0};
	return o;
}

void *
heap_alloc(struct heap *h, size_t size, enum obj_kind kind)
{
	size_t class = (size + GRAIN - 1) / GRAIN;
	struct obj *o;

	if (UNLIKELY(!USE_CLASSES || class > NCLASSES))
		return alloc_slow(h, size, kind);
	if (h->free[class] != NULL) {
		o = &h->free[class]->obj;
		h->free[class] = h->free[class]->next;
	} else if (LIKELY((size_t)(h->bump_end - h->bump) >= class * GRAIN)) {
		o = (struct obj *)(void *)h->bump;
		h->bump += class * GRAIN;
	} else {
		return alloc_slow(h, size, kind);
	}
	count_up(h, class * GRAIN);
	*o = (struct obj){1, (uint8_t)kind, (uint8_t) class, 0};
	return o;
}

/* A block whose object has head bytes before those of the file. */
static void *
link_file(struct heap *h, struct big *b, size_t size, enum obj_kind kind)
{
	struct obj *o = (struct obj *)(void *)(b + 1);

	b->size = size;
	big_link(h, b);
	count_up(h, size);
	*o = (struct obj){1, (uint8_t)kind, 0, 0};
	return o;
}

static struct big *
file_block(char *bytes, size_t head, size_t n, int fd)
{
	struct big *b = (struct big *)(void *)(bytes - head) - 1;

	b->mapped = n;
	b->head = (uint16_t)head;
	b->ready = 0;
	b->fd = fd;
	b->lent = false;
	return b;
}

void
heap_lends(struct heap *h)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		return;
	h->max_files = r.rlim_cur / FILES_PART < MAX_FILES ?
	    (unsigned int)(r.rlim_cur / FILES_PART) :
	    MAX_FILES;
}

void *
heap_alloc_file(struct heap *h, size_t head, size_t n, enum obj_kind kind)
{
	struct big *b;
	bool never = false;
	char *bytes;
	int fd;

	if (h->max_files == 0 || n < MEMFILE_MIN)
		return NULL;
	b = take_spare(h, true, n);
	if (b == NULL && h->files < h->max_files) {
		bytes = memfile_new(whole_pages(n), &fd, &never);
		if (never)
			h->max_files = 0;
		if (bytes != NULL) {
			b = file_block(bytes, head, whole_pages(n), fd);
			h->files++;
		}
	}
	return b == NULL ? NULL : link_file(h, b, head + n, kind);
}

void
heap_ready(void *obj, size_t upto)
{
	struct big *b = big_of(obj);

	if (b->head != 0 && b->fd != -1 && upto > b->ready)
		memfile_ready(file_bytes(b), &b->ready, upto, b->mapped);
}

int
heap_lend(struct heap *h, void *obj, size_t n)
{
	struct big *b = big_of(obj);

	if (b->head == 0 || b->fd == -1)
		return -1;
	if (!b->lent && memfile_seal(b->fd, file_bytes(b), n) == -1) {
		close(b->fd);
		b->fd = -1;
		h->files--;
	}
	b->lent = true; /* or its file is shorter by now */
	return b->fd;
}

void *
heap_borrow(struct heap *h, int fd, size_t head, size_t n, enum obj_kind kind)
{
	char *bytes = memfile_map(fd, n);
	struct big *b;

	if (bytes == NULL)
		return NULL;
	b = file_block(bytes, head, n, -1);
	b->lent = true;
	return link_file(h, b, head + n, kind);
}

static inline void
drop_block(struct heap *h, struct obj *o)
{
	size_t class = o->size_class;
	struct freed *f = (struct freed *)o;
	struct big *b;

	if (LIKELY(class != 0)) {
		h->meter.used -= class * GRAIN;
#ifdef HEAP_POISON
		memset(o, 0xa5, class * GRAIN);
#endif
		o->kind = O_FREE;
		f->next = h->free[class];
		h->free[class] = f;
		return;
	}
	b = big_of(o);
	h->meter.used -= b->size;
	big_unlink(h, b);
	big_drop(h, b);
}

void
heap_drop_block(struct heap *h, void *obj, size_t size ATTR_UNUSED)
{
	drop_block(h, obj);
}

size_t
heap_block_size(
    const struct heap *h ATTR_UNUSED, const void *obj, size_t size ATTR_UNUSED)
{
	const struct obj *o = obj;

	return o->size_class != 0 ? o->size_class * GRAIN : big_of(o)->size;
}

static void *
resize_big(struct heap *h, struct big *b, size_t size)
{
	struct big *new;

	size = (size + GRAIN - 1) & ~(size_t)(GRAIN - 1);
	big_unlink(h, b);
	h->meter.used -= b->size;
	if (b->mapped == 0 && (size < MAPPED_BIG || !USE_CLASSES)) {
		b = xrealloc(b, sizeof(*b) + size);
	} else if (b->head != 0 || b->mapped < sizeof(*b) + size ||
	    b->mapped / 2 > sizeof(*b) + size + HUGE_PAGE) {
		new = big_make(h, size);
		memcpy(new + 1, b + 1, size < b->size ? size : b->size);
		big_drop(h, b);
		b = new;
	}
	b->size = size;
	big_link(h, b);
	count_up(h, size);
	return b + 1;
}

void *
heap_resize(struct heap *h, void *obj, size_t old_size, size_t new_size)
{
	size_t class = (new_size + GRAIN - 1) / GRAIN;
	struct obj *o = obj;
	struct obj *new;

	if (o->size_class != 0 && class == o->size_class)
		return o;
	if (o->size_class == 0 && (class > NCLASSES || !USE_CLASSES))
		return resize_big(h, big_of(o), new_size);
	new = heap_alloc(h, new_size, (enum obj_kind)o->kind);
	memcpy(new + 1, o + 1,
	    (old_size < new_size ? old_size : new_size) - sizeof(*o));
	new->refs = o->refs;
	new->aux = o->aux;
	drop_block(h, o);
	return new;
}

static void
push_pending(struct heap *h, struct obj *o)
{
	if (h->npending == h->pending_cap) {
		h->pending_cap = h->pending_cap == 0 ? 64 : h->pending_cap * 2;
		h->pending = xreallocarray(
		    h->pending, h->pending_cap, sizeof(struct obj *));
	}
	h->pending[h->npending++] = o;
}

/* One child goes on at once, the others wait: a chain needs no list. */
void
obj_free(struct heap *h, struct obj *o)
{
	struct obj *child, *next;
	val *slots;
	size_t i, n;

	for (;;) {
		next = NULL;
		slots = obj_slots(o, &n);
		for (i = 0; i < n; i++) {
			if (!val_is_obj(slots[i]))
				continue;
			child = val_obj(slots[i]);
			if (child->refs == OBJ_IMMORTAL || --child->refs != 0)
				continue;
			if (kind_is_leaf(child->kind)) {
				drop_block(h, child);
			} else {
				if (next != NULL)
					push_pending(h, next);
				next = child;
			}
		}
		drop_block(h, o);
		if (next == NULL) {
			if (h->npending == 0)
				break;
			next = h->pending[--h->npending];
		}
		o = next;
	}
	if (UNLIKELY(h->pending_cap > PENDING_KEEP)) {
		free(h->pending);
		h->pending = NULL;
		h->pending_cap = 0;
	}
}

void
heap_free(struct heap *h)
{
	struct chunk *c;
	struct big *b;

	if (h == NULL)
		return;
	while ((c = h->chunks) != NULL) {
		h->chunks = c->next;
		if (c->mapped != 0)
			munmap(c, c->mapped);
		else
			free(c);
	}
	while ((b = h->bigs) != NULL) {
		h->bigs = b->next;
		big_destroy(h, b);
	}
	heap_trim(h);
	free(h->pending);
	free(h);
}
