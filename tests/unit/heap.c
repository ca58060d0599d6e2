/* rooms: value base */
#include <string.h>

#include "tests/unit/value_unit.h"
#include "value/equal.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/number.h"
#include "value/string.h"
#include "value/vector.h"

/* Levels: a million, or as many as a slow run can bear; a C stack ends long
 * before. */
static size_t
deep(void)
{
	return unit_soon(1) == 1 ? 1000000 : 50000;
}

static void
test_accounting(void)
{
	struct heap *h = heap_new(1000);
	struct obj *a, *b;

	CU_ASSERT_EQUAL(heap_limit(h), 1000);
	CU_ASSERT(heap_room(h, 1000));
	CU_ASSERT(!heap_room(h, 1001));
	CU_ASSERT(!heap_room(h, SIZE_MAX));
	a = heap_alloc(h, 100, O_CELL);
	CU_ASSERT_EQUAL(heap_used(h), 112);
	CU_ASSERT_EQUAL(heap_block_size(h, a, 100), 112);
	b = heap_alloc(h, 2000, O_CELL);
	CU_ASSERT_EQUAL(heap_used(h), 2112);
	CU_ASSERT(heap_over(h));
	CU_ASSERT(!heap_room(h, 0));
	heap_drop_block(h, b, 2000);
	CU_ASSERT(!heap_over(h));
	heap_charge(h, 889);
	CU_ASSERT(heap_over(h));
	heap_charge(h, -889);
	heap_drop_block(h, a, 100);
	CU_ASSERT_EQUAL(heap_peak(h), 2112);
	heap_done(h);
	heap_free(NULL);
}

/* Blocks grow and shrink through all sizes and keep their bytes. */
static void
test_resize(void)
{
	static const size_t sizes[] = {16, 17, 40, 1000, 1024, 1025, 5000,
	    900000, 1100000, 1200000, 9000000, 8000000, 1100000, 3000, 900, 24};
	struct heap *h = heap_new(0);
	unsigned char *o;
	size_t i, size = 16, n, bad;

	o = heap_alloc(h, size, O_CELL);
	((struct obj *)(void *)o)->aux = 99;
	memset(o + sizeof(struct obj), 7, size - sizeof(struct obj));
	for (i = 0; i < NITEMS(sizes); i++) {
		o = heap_resize(h, o, size, sizes[i]);
		bad = 0;
		for (n = sizeof(struct obj);
		     n < (size < sizes[i] ? size : sizes[i]); n++)
			bad += o[n] != 7;
		CU_ASSERT_EQUAL(bad, 0);
		size = sizes[i];
		memset(o + sizeof(struct obj), 7, size - sizeof(struct obj));
		CU_ASSERT_EQUAL(((struct obj *)(void *)o)->aux, 99);
		CU_ASSERT_EQUAL(((struct obj *)(void *)o)->kind, O_CELL);
		CU_ASSERT_EQUAL(((struct obj *)(void *)o)->refs, 1);
		CU_ASSERT(heap_block_size(h, o, size) >= size);
		CU_ASSERT_EQUAL(heap_used(h), (size + 15) / 16 * 16);
		CU_ASSERT_EQUAL((uintptr_t)o % 16, 0);
	}
	heap_drop_block(h, o, size);
	heap_done(h);
}

/* Freeing the heap frees what was never released (seen by sanitizers). */
static void
test_drop_all(void)
{
	struct heap *h = heap_new(0);
	size_t i;

	for (i = 0; i < 100000; i++)
		heap_alloc(h, i % 2000 + 16, O_CELL);
	heap_alloc(h, 5000000, O_CELL);
	CU_ASSERT(heap_used(h) > 100000000);
	heap_free(h);
}

static void
test_random_blocks(void)
{
	struct heap *h = heap_new(0);
	uint64_t seed = 1;
	struct obj *live[500] = {0};
	size_t sizes[500] = {0}, used = 0, bad = 0;
	uint32_t i, at;

	for (i = 0; i < 50000; i++) {
		at = dice(&seed, NITEMS(live));
		if (live[at] != NULL) {
			bad += live[at]->aux != at;
			heap_drop_block(h, live[at], sizes[at]);
			used -= (sizes[at] + 15) / 16 * 16;
			live[at] = NULL;
			continue;
		}
		sizes[at] = 16 + dice(&seed, dice(&seed, 20) ? 1200 : 70000);
		live[at] = heap_alloc(h, sizes[at], O_CELL);
		memset(live[at] + 1, 0xee, sizes[at] - sizeof(struct obj));
		live[at]->aux = (uint16_t)at;
		used += (sizes[at] + 15) / 16 * 16;
		bad += heap_used(h) != used;
	}
	for (at = 0; at < NITEMS(live); at++) {
		if (live[at] != NULL)
			heap_drop_block(h, live[at], sizes[at]);
	}
	CU_ASSERT_EQUAL(bad, 0);
	heap_done(h);
}

static val
wrap(struct heap *h, int how, val v)
{
	val pair[2] = {v, VAL_NIL};
	struct function *f;
	static const struct code_head code = {7, NAME_NONE, false};

	switch (how) {
	case 0:
		return vec_new(h, &v, 1);
	case 1:
		return list_cons(h, v, VAL_NO_ITEMS);
	case 2:
		return list_cons(h, VAL_NIL, v);
	case 3: /* key */
		return map_new(h, pair, 1);
	case 4: /* value */
		pair[0] = val_fix(1);
		pair[1] = v;
		return map_new(h, pair, 1);
	default:
		f = function_new(h, &code, 1);
		f->captured[0] = v;
		return val_from_obj(f);
	}
}

/* A million levels of every kind, and all kinds in turn. */
static void
test_deep(void)
{
	struct heap *h = heap_new(0), *other = heap_new(0);
	val v, copy, culprit;
	size_t i, levels = deep();
	int how, order;

	for (how = 0; how < 7; how++) {
		v = VAL_NO_ITEMS;
		for (i = 0; i < levels; i++)
			v = wrap(h, how < 6 ? how : (int)(i % 6), v);
		copy = val_copy(other, v);
		CU_ASSERT(val_equal(v, copy));
		CU_ASSERT_EQUAL(val_hash(v), val_hash(copy));
		CU_ASSERT_EQUAL(heap_used(h), heap_used(other));
		if (how < 5) {
			CU_ASSERT_EQUAL(
			    val_compare(v, copy, &order, &culprit), 0);
			CU_ASSERT_EQUAL(order, 0);
		}
		val_release(h, v);
		CU_ASSERT_EQUAL(heap_used(h), 0);
		val_release(other, copy);
	}
	heap_done(other);
	heap_done(h);
}

/* Wide rather than deep: ten thousand objects wait at once. */
static void
test_wide(void)
{
	static const struct code_head code = {7, NAME_NONE, false};
	struct heap *h = heap_new(0);
	struct function *f = function_new(h, &code, 10000);
	uint32_t i;

	for (i = 0; i < 10000; i++)
		f->captured[i] = list_cons(h, vec_empty(h), VAL_NO_ITEMS);
	val_release(h, val_from_obj(f));
	heap_done(h);
}

/* What several share is copied once: 2^60 leaves otherwise. */
static void
test_copy_shares(void)
{
	struct heap *h = heap_new(0), *other = heap_new(0);
	val v = str_from(h, "leaf"), copy, pair[2];
	int i;

	for (i = 0; i < 60; i++) {
		pair[0] = pair[1] = val_retain(v);
		v = vec_new(h, pair, 2);
	}
	copy = val_copy(other, v);
	CU_ASSERT_EQUAL(heap_used(h), heap_used(other));
	CU_ASSERT_EQUAL(vec_get(copy, 0), vec_get(copy, 1));
	val_release(h, v);
	val_release(other, copy);
	heap_done(other);
	heap_done(h);
}

static void
test_immortal(void)
{
	static struct {
		struct obj obj;
		uint64_t count;
		val items[1];
	} fixed = {
	    {OBJ_IMMORTAL, O_VECTOR, 0, 0},
            1, {VAL_TRUE          }
        };
	struct heap *h = heap_new(0);
	val v = val_from_obj(&fixed), w;

	CU_ASSERT_EQUAL(val_retain(v), v);
	val_release(h, v);
	val_release(h, v);
	w = vec_push(h, v, VAL_NIL);
	CU_ASSERT_EQUAL(vec_count(v), 1);
	CU_ASSERT_EQUAL(vec_count(w), 2);
	CU_ASSERT_EQUAL(fixed.obj.refs, OBJ_IMMORTAL);
	CU_ASSERT_EQUAL(val_copy(h, v), v);
	val_release(h, w);
	heap_done(h);
}

/* One large block waits for the next, costs no limit, and makes way.  A
 * sanitizer has every block back at once. */
#ifdef WITH_SANITIZERS
static const bool spares = false;
#else
static const bool spares = true;
#endif

static void
test_spare(void)
{
	const size_t big = 8U << 20, one = 1U << 20;
	struct heap *h = heap_new(0);
	struct obj *a, *b;
	size_t i, waits;
	val small = vec_empty(h);

	a = heap_alloc(h, big, O_STRING);
	CU_ASSERT_EQUAL(heap_spare(h), 0);
	heap_drop_block(h, a, big);
	waits = heap_spare(h);
	CU_ASSERT_EQUAL(waits > 0, spares);
	if (!spares)
		goto done;
	CU_ASSERT(waits >= big && waits <= big + (4U << 20));
	CU_ASSERT(heap_used(h) < 1024);
	b = heap_alloc(h, big - 100000, O_STRING);
	CU_ASSERT_PTR_EQUAL(b, a);
	CU_ASSERT_EQUAL(heap_spare(h), 0);
	a = heap_alloc(h, 2 * big, O_STRING);
	heap_drop_block(h, b, big - 100000);
	heap_drop_block(h, a, 2 * big); /* the last one stays */
	CU_ASSERT(heap_spare(h) >= 2 * big);
	b = heap_alloc(h, big, O_STRING); /* too small for it: that goes */
	CU_ASSERT_EQUAL(heap_spare(h), 0);
	heap_drop_block(h, b, big);
	CU_ASSERT(heap_spare(h) >= big);
	for (i = 0; i < 200000; i++) /* other memory is needed */
		small = vec_push(h, small, float_from(h, 1e300));
	CU_ASSERT_EQUAL(heap_spare(h), 0);
	a = heap_alloc(h, big, O_STRING);
	heap_drop_block(h, a, big);
	heap_trim(h);
	CU_ASSERT_EQUAL(heap_spare(h), 0);
	a = heap_alloc(h, one, O_STRING); /* most of its page is not in use */
	heap_drop_block(h, a, one);
	CU_ASSERT(heap_spare(h) > one);
	b = heap_alloc(h, one, O_STRING);
	CU_ASSERT_PTR_EQUAL(b, a);
	heap_drop_block(h, b, one);
	heap_trim(h);
	a = heap_alloc(h, (size_t)200 << 20, O_STRING); /* never so much */
	heap_drop_block(h, a, (size_t)200 << 20);
	CU_ASSERT_EQUAL(heap_spare(h), 0);
done:
	val_release(h, small);
	heap_done(h);
}

VALUE_MAIN("heap", {"a spare block", test_spare},
    {"accounting", test_accounting}, {"resize", test_resize},
    {"drop all", test_drop_all}, {"random blocks", test_random_blocks},
    {"a million levels", test_deep}, {"wide", test_wide},
    {"copy keeps sharing", test_copy_shares},
    {"immortal objects", test_immortal})
