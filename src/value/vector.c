/*
 * Vectors.  Small ones are one block; from 33 items on a 32-way trie whose
 * leaves are full but for the tail.  Every change goes through own_head() and
 * own_node(), which copy what somebody else can see and nothing else.
 */
#include <string.h>

#include "base/buf.h"
#include "value/vector.h"

#define WIDE      VECTOR_WIDE
#define MAX_PATH  14 /* levels that 64 bits of index can need, and one */
#define HEAD_SIZE sizeof(struct vector)

static struct vector *
small_of(val v)
{
	return (struct vector *)val_obj(v);
}

static struct vector_big *
big_of(val v)
{
	return (struct vector_big *)val_obj(v);
}

static struct vector_node *
node_of(val v)
{
	return (struct vector_node *)val_obj(v);
}

static bool
is_big(val v)
{
	return (val_obj(v)->aux & VECTOR_BIG) != 0;
}

static size_t
small_start(const struct vector *p)
{
	return p->obj.aux >> 8;
}

/* Items of the trie and tail together, invisible ones included. */
static size_t
total_of(const struct vector_big *b)
{
	return b->start + b->count;
}

static size_t
tail_offset(size_t total)
{
	return (total - 1) & ~(size_t)(WIDE - 1);
}

static struct vector *
small_new(struct heap *h, size_t cap)
{
	struct vector *p;

	p = heap_alloc(h, HEAD_SIZE + cap * sizeof(val), O_VECTOR);
	p->count = 0;
	return p;
}

static size_t
small_cap(struct heap *h, const struct vector *p)
{
	size_t cap =
	    (heap_block_size(h, p, HEAD_SIZE) - HEAD_SIZE) / sizeof(val);

	return cap < WIDE ? cap : WIDE;
}

static size_t
step_up(size_t n) /* room for n items, and to grow */
{
	return n <= 4 ? 4 : n <= 8 ? 8 : n <= 16 ? 16 : WIDE;
}

static struct vector_node *
node_new(struct heap *h)
{
	return heap_alloc(h, sizeof(struct vector_node), O_VECTOR_NODE);
}

static void
copy_items(val *to, const val *from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = val_retain(from[i]);
}

static struct vector_node *
own_node(struct heap *h, val *slot)
{
	struct vector_node *n = node_of(*slot);
	struct vector_node *copy;

	if (obj_unique(&n->obj))
		return n;
	copy = node_new(h);
	copy->obj.aux = n->obj.aux;
	copy_items(copy->items, n->items, n->obj.aux);
	val_release(h, *slot);
	*slot = val_from_obj(copy);
	return copy;
}

static struct vector_big *
own_big(struct heap *h, val v)
{
	struct vector_big *b = big_of(v);
	struct vector_big *copy;

	if (obj_unique(&b->obj))
		return b;
	copy = heap_alloc(h, sizeof(*copy), O_VECTOR);
	copy->obj.aux = VECTOR_BIG;
	copy->count = b->count;
	copy->root = val_retain(b->root);
	copy->tail = val_retain(b->tail);
	copy->start = b->start;
	copy->shift = b->shift;
	copy->spare = 0;
	val_release(h, v);
	return copy;
}

/* A small vector of count one, with room for cap items and none invisible. */
static struct vector *
own_small(struct heap *h, val v, size_t cap)
{
	struct vector *p = small_of(v);
	size_t start = small_start(p);
	struct vector *copy;

	if (!obj_unique(&p->obj)) {
		copy = small_new(h, cap > p->count ? step_up(cap) : p->count);
		copy_items(copy->items, p->items + start, p->count);
		copy->count = p->count;
		val_release(h, v);
		return copy;
	}
	if (start > 0) {
		memmove(p->items, p->items + start, p->count * sizeof(val));
		p->obj.aux = 0;
	}
	if (cap > small_cap(h, p)) {
		p = heap_resize(h, p, HEAD_SIZE + p->count * sizeof(val),
		    HEAD_SIZE + step_up(cap) * sizeof(val));
	}
	return p;
}

val
vec_empty(struct heap *h)
{
	return val_from_obj(small_new(h, 4));
}

const val *
vec_leaf(const struct vector_big *b, size_t j)
{
	const struct vector_node *n;
	uint32_t s;

	if (j >= tail_offset(total_of(b)))
		return &node_of(b->tail)->items[j & (WIDE - 1)];
	n = node_of(b->root);
	for (s = b->shift; s > 0; s -= VECTOR_BITS)
		n = node_of(n->items[j >> s & (WIDE - 1)]);
	return &n->items[j & (WIDE - 1)];
}

const val *
vec_run(val v, size_t i, size_t *n)
{
	const struct vector *p = small_of(v);
	size_t j;

	if (!is_big(v)) {
		*n = p->count - i;
		return p->items + small_start(p) + i;
	}
	j = i + big_of(v)->start;
	*n = WIDE - (j & (WIDE - 1));
	if (*n > p->count - i)
		*n = p->count - i;
	return vec_leaf(big_of(v), j);
}

/* A chain of inner nodes above a leaf, its top one for level shift. */
static val
new_path(struct heap *h, uint32_t shift, val leaf)
{
	struct vector_node *n;

	for (; shift > 0; shift -= VECTOR_BITS) {
		n = node_new(h);
		n->obj.aux = 1;
		n->items[0] = leaf;
		leaf = val_from_obj(n);
	}
	return leaf;
}

/* Hang a full leaf into the trie, which holds n items before it. */
static void
add_leaf(struct heap *h, struct vector_big *b, size_t n, val leaf)
{
	struct vector_node *node;
	uint32_t s;
	size_t i;

	if (n == 0) {
		b->root = leaf;
		b->shift = 0;
		return;
	}
	if (n == (size_t)WIDE << b->shift) {
		node = node_new(h);
		node->obj.aux = 2;
		node->items[0] = b->root;
		node->items[1] = new_path(h, b->shift, leaf);
		b->root = val_from_obj(node);
		b->shift += VECTOR_BITS;
		return;
	}
	node = own_node(h, &b->root);
	for (s = b->shift;; s -= VECTOR_BITS) {
		i = n >> s & (WIDE - 1);
		if (i == node->obj.aux)
			break;
		node = own_node(h, &node->items[i]);
	}
	node->items[i] = new_path(h, s - VECTOR_BITS, leaf);
	node->obj.aux++;
}

static val
big_push(struct heap *h, struct vector_big *b, val x)
{
	size_t total = total_of(b);
	struct vector_node *t = node_of(b->tail);

	if (t->obj.aux < WIDE) {
		t = own_node(h, &b->tail);
	} else {
		add_leaf(h, b, total - WIDE, b->tail);
		t = node_new(h);
		b->tail = val_from_obj(t);
	}
	t->items[t->obj.aux++] = x;
	b->count++;
	return val_from_obj(b);
}

/* A big vector whose only items are n (1..32) in the tail, moved there; to be
 * pushed to at once unless n leaves were added before. */
static struct vector_big *
big_new(struct heap *h, const val *items, size_t n)
{
	struct vector_big *b = heap_alloc(h, sizeof(*b), O_VECTOR);
	struct vector_node *t = node_new(h);

	b->obj.aux = VECTOR_BIG;
	b->count = n;
	b->root = VAL_NIL;
	b->tail = val_from_obj(t);
	b->start = 0;
	b->shift = 0;
	b->spare = 0;
	memcpy(t->items, items, n * sizeof(val));
	t->obj.aux = (uint16_t)n;
	return b;
}

val
vec_new(struct heap *h, const val *items, size_t n)
{
	struct vector_big *b;
	struct vector_node *t;
	struct vector *p;
	size_t i, take;

	if (n <= WIDE) {
		p = small_new(h, n);
		p->count = n;
		if (n > 0)
			memcpy(p->items, items, n * sizeof(val));
		return val_from_obj(p);
	}
	b = big_new(h, items, WIDE);
	for (i = WIDE; i < n; i += take) {
		take = n - i < WIDE ? n - i : WIDE;
		add_leaf(h, b, i - WIDE, b->tail);
		t = node_new(h);
		memcpy(t->items, items + i, take * sizeof(val));
		t->obj.aux = (uint16_t)take;
		b->tail = val_from_obj(t);
		b->count += take;
	}
	return val_from_obj(b);
}

val
vec_push(struct heap *h, val v, val x)
{
	struct vector_big *b;
	struct vector *p;
	size_t n;

	if (is_big(v))
		return big_push(h, own_big(h, v), x);
	n = small_of(v)->count;
	if (n < WIDE) {
		p = own_small(h, v, n + 1);
		p->items[p->count++] = x;
		return val_from_obj(p);
	}
	p = small_of(v);
	b = big_new(h, p->items + small_start(p), WIDE);
	if (obj_unique(&p->obj)) {
		heap_drop_block(h, p, 0); /* its items have moved */
	} else {
		copy_items(
		    node_of(b->tail)->items, p->items + small_start(p), WIDE);
		val_release(h, v);
	}
	return big_push(h, b, x);
}

val
vec_append(struct heap *h, val v, const val *items, size_t n)
{
	struct vector_big *b;
	struct vector_node *t;
	size_t room;

	while (n > 0) {
		v = vec_push(
		    h, v, *items++); /* head and tail are its own now */
		n--;
		if (n == 0 || !is_big(v))
			continue;
		b = big_of(v);
		t = node_of(b->tail);
		room = WIDE - (size_t)t->obj.aux;
		if (room > n)
			room = n;
		memcpy(t->items + t->obj.aux, items, room * sizeof(val));
		t->obj.aux = (uint16_t)(t->obj.aux + room);
		b->count += room;
		items += room;
		n -= room;
	}
	return v;
}

val
vec_set(struct heap *h, val v, size_t i, val x)
{
	struct vector_node *n;
	struct vector_big *b;
	struct vector *p;
	uint32_t s;
	size_t j;

	if (!is_big(v)) {
		p = small_of(v);
		if (!obj_unique(&p->obj))
			p = own_small(h, v, p->count);
		j = i + small_start(p);
		val_release(h, p->items[j]);
		p->items[j] = x;
		return val_from_obj(p);
	}
	b = own_big(h, v);
	j = i + b->start;
	if (j >= tail_offset(total_of(b))) {
		n = own_node(h, &b->tail);
	} else {
		n = own_node(h, &b->root);
		for (s = b->shift; s > 0; s -= VECTOR_BITS)
			n = own_node(h, &n->items[j >> s & (WIDE - 1)]);
	}
	j &= WIDE - 1;
	val_release(h, n->items[j]);
	n->items[j] = x;
	return val_from_obj(b);
}

val *
vec_own_slot(val v, size_t i)
{
	struct vector_node *n;
	struct vector_big *b;
	uint32_t s;
	size_t j;

	if (!obj_unique(val_obj(v)))
		return NULL;
	if (!is_big(v))
		return &small_of(v)->items[i + small_start(small_of(v))];
	b = big_of(v);
	j = i + b->start;
	if (j >= tail_offset(total_of(b))) {
		n = node_of(b->tail);
	} else {
		n = node_of(b->root);
		for (s = b->shift; s > 0; s -= VECTOR_BITS) {
			if (!obj_unique(&n->obj))
				return NULL;
			n = node_of(n->items[j >> s & (WIDE - 1)]);
		}
	}
	return obj_unique(&n->obj) ? &n->items[j & (WIDE - 1)] : NULL;
}

/* Items from..to of any vector as a new one; consumes v. */
static val
copy_range(struct heap *h, val v, size_t from, size_t to)
{
	struct vector *p;
	const val *run;
	val out;
	size_t n;

	if (to - from <= WIDE) {
		p = small_new(h, to - from);
		while (from < to) {
			run = vec_run(v, from, &n);
			if (n > to - from)
				n = to - from;
			copy_items(p->items + p->count, run, n);
			p->count += n;
			from += n;
		}
		val_release(h, v);
		return val_from_obj(p);
	}
	out = vec_empty(h);
	while (from < to) {
		run = vec_run(v, from, &n);
		if (n > to - from)
			n = to - from;
		from += n;
		for (; n > 0; n--)
			out = vec_push(h, out, val_retain(*run++));
	}
	val_release(h, v);
	return out;
}

/* The last leaf of the trie becomes the tail; the old tail is empty.  There
 * are at least two leaves: vec_pop() makes what fits one block small. */
static void
pull_tail(struct heap *h, struct vector_big *b)
{
	struct vector_node *path[MAX_PATH];
	struct vector_node *n;
	uint32_t s;
	int depth = 0;

	val_release(h, b->tail);
	n = own_node(h, &b->root);
	for (s = b->shift; s > VECTOR_BITS; s -= VECTOR_BITS) {
		path[depth++] = n;
		n = own_node(h, &n->items[n->obj.aux - 1]);
	}
	b->tail = n->items[--n->obj.aux];
	while (n->obj.aux == 0 && depth > 0) { /* never the root: two or more */
		n = path[--depth];
		val_release(h, n->items[--n->obj.aux]);
	}
	if (node_of(b->root)->obj.aux == 1) {
		val root = b->root;

		b->root = val_retain(node_of(root)->items[0]);
		val_release(h, root);
		b->shift -= VECTOR_BITS;
	}
}

val
vec_pop(struct heap *h, val v)
{
	struct vector_node *t;
	struct vector_big *b;
	struct vector *p;
	size_t n = vec_count(v) - 1;

	if (!is_big(v)) {
		p = small_of(v);
		if (!obj_unique(&p->obj))
			return copy_range(h, v, 0, n);
		p->count = n;
		val_release(h, p->items[small_start(p) + n]);
		return v;
	}
	b = big_of(v);
	if (total_of(b) <= WIDE + 1 || b->start > n)
		return copy_range(h, v, 0, n);
	b = own_big(h, v);
	t = own_node(h, &b->tail);
	val_release(h, t->items[--t->obj.aux]);
	b->count = n;
	if (t->obj.aux == 0)
		pull_tail(h, b);
	return val_from_obj(b);
}

val
vec_slice(struct heap *h, val v, size_t from, size_t to)
{
	struct vector_big *b;
	struct vector *p;
	size_t n = vec_count(v);
	size_t i;

	if (from == 0 && to == n)
		return v;
	if (from == 0 && to + 1 == n)
		return vec_pop(h, v);
	if (!is_big(v)) {
		p = small_of(v);
		if (!obj_unique(&p->obj) || to != n)
			return copy_range(h, v, from, to);
		for (i = 0; i < from; i++)
			val_release(h, p->items[small_start(p) + i]);
		p->obj.aux = (uint16_t)((small_start(p) + from) << 8);
		p->count = n - from;
		return v;
	}
	b = big_of(v);
	if (to != n || b->start + from > n - from || n - from <= WIDE)
		return copy_range(h, v, from, to);
	b = own_big(h, v);
	b->start += from;
	b->count -= from;
	return val_from_obj(b);
}

val
vec_concat(struct heap *h, val a, val b)
{
	size_t i, k, n, count = vec_count(b);
	const val *run;

	if (vec_count(a) == 0) {
		val_release(h, a);
		return b;
	}
	for (i = 0; i < count;) {
		run = vec_run(b, i, &n);
		i += n;
		for (k = 0; k < n; k++)
			val_retain(run[k]);
		a = vec_append(h, a, run, n);
	}
	val_release(h, b);
	return a;
}
