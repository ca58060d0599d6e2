/*
 * The heap of one evaluation: size-class allocation, reference counts, exact
 * live bytes against a limit.  Dropping the heap frees everything at once.
 *
 * Ownership, in every function of this room that takes or gives values:
 *  - a function that *builds or changes* consumes the references it is given
 *    (one each) and returns an owned reference;
 *  - a function that *looks* borrows and returns borrowed values, valid as
 *    long as the container is.
 * Exceptions say so.  An object whose count is one is changed in place, so a
 * caller that keeps a value must val_retain() it before giving it away.
 *
 * Values are a DAG: nothing on a heap is ever made to point at something
 * younger than itself, but by in-place change of an object with count one.
 * No value points into another heap.
 *
 * Allocation never fails.  heap_over() tells that the limit is passed; the VM
 * looks at safe points and ends the evaluation.  Whoever builds something
 * whose size an outsider chooses asks heap_room() first.
 */
#ifndef VALUE_HEAP_H
#define VALUE_HEAP_H

#include "value/value.h"

struct heap;
struct heap_meter { /* first in a heap, for heap_over() in line */
	size_t used;
	size_t limit; /* SIZE_MAX: none */
};

/* limit in bytes of live objects; 0 is none. */
struct heap *heap_new(size_t limit);
void heap_set_limit(struct heap *, size_t limit);
/* Take the memory of the first small objects now rather than for them. */
void heap_warm(struct heap *);
void heap_free(struct heap *); /* NULL is fine; no values are released singly */
size_t heap_used(const struct heap *); /* live bytes, charges included */
size_t heap_peak(const struct heap *);
size_t heap_limit(const struct heap *);
static inline bool
heap_over(const struct heap *h)
{
	const struct heap_meter *m = (const struct heap_meter *)(const void *)h;

	return m->used > m->limit;
}
/* Would n more bytes fit?  Changes nothing. */
bool heap_room(const struct heap *, size_t n);
/* Count memory that lives elsewhere (code, names, buffers) against the limit;
 * negative gives it back. */
void heap_charge(struct heap *, ptrdiff_t n);

/* A large block that was freed waits for the next one: its bytes, which count
 * for nobody, and the end of that. */
size_t heap_spare(const struct heap *);
void heap_trim(struct heap *);

/* A fresh object of size bytes (header included), refs 1, kind set, the rest
 * not initialised. */
void *heap_alloc(struct heap *, size_t size, enum obj_kind);
/* Grow or shrink an object with count one; may move it. */
void *heap_resize(struct heap *, void *obj, size_t old_size, size_t new_size);
/* Usable bytes of the block, at least what was asked for. */
size_t heap_block_size(const struct heap *, const void *obj, size_t size);
/* Give back one block whose references were moved elsewhere; no release of
 * what it points to.  For heap users that dismantle an object themselves. */
void heap_drop_block(struct heap *, void *obj, size_t size);

/*
 * Long objects that another process can be shown (value/memfile.h): but for
 * their first head bytes they lie in a file.
 */
/* From here on there are such files, as long as the kernel has them. */
void heap_lends(struct heap *);
/* As heap_alloc() of head + n bytes; NULL: not in a file.  Never resized. */
void *heap_alloc_file(
    struct heap *, size_t head, size_t n, enum obj_kind) ATTR_CHECK;
/* Those up to byte upto of the n are about to be written.  For an object of
 * MEMFILE_MIN bytes or more, also when it is in no file. */
void heap_ready(void *obj, size_t upto);
/* The same: the file with these n, for reading, ours; -1: in none.  They do not
 * change any more, and nothing else ever takes their place. */
int heap_lend(struct heap *, void *obj, size_t n);
/* The other end: an object whose head is to be filled in.  NULL as
 * memfile_map(). */
void *heap_borrow(
    struct heap *, int fd, size_t head, size_t n, enum obj_kind) ATTR_CHECK;

void obj_free(struct heap *, struct obj *); /* count has reached zero */

static inline val
val_retain(val v)
{
	struct obj *o;

	if (val_is_obj(v)) {
		o = val_obj(v);
		if (LIKELY(o->refs != OBJ_IMMORTAL))
			o->refs++;
	}
	return v;
}

/* Give back one reference.  Frees whole structures of any depth with an
 * explicit work list, never by C recursion. */
static inline void
val_release(struct heap *h, val v)
{
	struct obj *o;

	if (val_is_obj(v)) {
		o = val_obj(v);
		if (o->refs != OBJ_IMMORTAL && --o->refs == 0)
			obj_free(h, o);
	}
}

/* May this object be changed in place?  Always false when in-place update is
 * switched off (heap_never_in_place), a mode in which tests must give the
 * same results. */
extern bool heap_never_in_place;
static inline bool
obj_unique(const struct obj *o)
{
	return o->refs == 1 && !heap_never_in_place;
}

/* Copy a value (and all it holds) into that heap; borrows v.  Functions
 * share their code and are copied with what they capture. */
val val_copy(struct heap *, val v);

#endif
