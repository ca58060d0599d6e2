/* rooms: value base */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/value_unit.h"
#include "value/equal.h"
#include "value/string.h"
#include "value/vector.h"

static val
range(struct heap *h, size_t n)
{
	val v = vec_empty(h);
	size_t i;

	for (i = 0; i < n; i++)
		v = vec_push(h, v, val_fix((int64_t)i));
	return v;
}

/* Items first, first + 1, ... and nothing else, by item and by run. */
static bool
is_range(val v, size_t first, size_t n)
{
	const val *run;
	size_t i, len;

	if (!val_is_vector(v) || vec_count(v) != n)
		return false;
	for (i = 0; i < n; i++) {
		if (vec_get(v, i) != val_fix((int64_t)(first + i)))
			return false;
	}
	for (i = 0; i < n; i += len) {
		run = vec_run(v, i, &len);
		if (len == 0 || len > n - i || run[0] != vec_get(v, i) ||
		    run[len - 1] != vec_get(v, i + len - 1)) {
			return false;
		}
	}
	return true;
}

/* Sizes at which the shape changes. */
static const size_t sizes[] = {0, 1, 2, 4, 5, 8, 9, 16, 17, 31, 32, 33, 34, 63,
    64, 65, 96, 97, 1023, 1024, 1025, 1055, 1056, 1057, 1088, 1089, 32768,
    32799, 32800, 32801, 33825};

/* Appending in pieces of any length is pushing, in place or not. */
static void
test_append(void)
{
	struct heap *h = heap_new(0);
	val items[80], v, old;
	size_t i, j, k;

	for (i = 0; i < NITEMS(sizes) && sizes[i] < 2000; i++) {
		for (j = 0; j <= NITEMS(items); j++) {
			for (k = 0; k < j; k++)
				items[k] = val_fix((int64_t)(sizes[i] + k));
			v = vec_append(h, range(h, sizes[i]), items, j);
			CU_ASSERT_TRUE(is_range(v, 0, sizes[i] + j));
			old = val_retain(v);
			v = vec_append(h, v, items, j);
			CU_ASSERT_TRUE(is_range(old, 0, sizes[i] + j));
			CU_ASSERT_EQUAL(vec_count(v), sizes[i] + 2 * j);
			val_release(h, v);
			val_release(h, old);
		}
	}
	CU_ASSERT_EQUAL(heap_used(h), 0);
	heap_free(h);
}

static void
test_push(void)
{
	struct heap *h = heap_new(0);
	size_t i, j;
	val v, w, *items;

	items = calloc(40000, sizeof(*items));
	for (j = 0; j < 40000; j++)
		items[j] = val_fix((int64_t)j);
	for (i = 0; i < NITEMS(sizes); i++) {
		v = range(h, sizes[i]);
		CU_ASSERT(is_range(v, 0, sizes[i]));
		w = vec_new(h, items, sizes[i]);
		CU_ASSERT(is_range(w, 0, sizes[i]));
		CU_ASSERT(val_equal(v, w));
		w = vec_push(h, w, val_fix((int64_t)sizes[i]));
		CU_ASSERT(is_range(w, 0, sizes[i] + 1));
		val_release(h, v);
		val_release(h, w);
		CU_ASSERT_EQUAL(heap_used(h), 0);
	}
	free(items);
	heap_done(h);
}

static void
test_pop(void)
{
	struct heap *h = heap_new(0);
	size_t i, n, bad = 0;
	val v;

	for (i = 0; i < NITEMS(sizes) && sizes[i] < 2000; i++) {
		v = range(h, sizes[i]);
		for (n = sizes[i]; n > 0; n--) {
			v = vec_pop(h, v);
			bad += !is_range(v, 0, n - 1);
			v = vec_push(h, v, val_fix((int64_t)n - 1));
			bad += !is_range(v, 0, n);
			v = vec_pop(h, v);
		}
		CU_ASSERT_EQUAL(vec_count(v), 0);
		val_release(h, v);
		CU_ASSERT_EQUAL(heap_used(h), 0);
	}
	CU_ASSERT_EQUAL(bad, 0);
	v = range(h, 33825);
	while (vec_count(v) > 0) {
		v = vec_pop(h, v);
		if (vec_count(v) % 1021 == 0) {
			CU_ASSERT(is_range(v, 0, vec_count(v)));
		}
	}
	val_release(h, v);
	heap_done(h);
}

static void
test_slice(void)
{
	struct heap *h = heap_new(0);
	size_t i, from, n, bad = 0;
	val v, w;

	for (i = 0; i < NITEMS(sizes) && sizes[i] < 1100; i++) {
		n = sizes[i];
		v = range(h, n);
		for (from = 0; from <= n; from += from / 4 + 1) {
			w = vec_slice(h, val_retain(v), from, n);
			bad += !is_range(w, from, n - from);
			w = vec_push(h, w, val_fix((int64_t)n));
			bad += !is_range(w, from, n - from + 1);
			val_release(h, w);
			w = vec_slice(
			    h, val_retain(v), from, n - (n - from) / 3);
			bad += !is_range(w, from, n - (n - from) / 3 - from);
			val_release(h, w);
		}
		bad += !is_range(v, 0, n);
		/* the same without anyone else looking */
		w = vec_slice(h, v, n / 3, n);
		bad += !is_range(w, n / 3, n - n / 3);
		w = vec_concat(h, w, val_retain(w));
		CU_ASSERT_EQUAL(vec_count(w), 2 * (n - n / 3));
		val_release(h, w);
	}
	CU_ASSERT_EQUAL(bad, 0);
	heap_done(h);
}

/* A queue: bounded memory, every item once, in order. */
static void
test_queue(void)
{
	struct heap *h = heap_new(0);
	val v = vec_empty(h);
	size_t in = 0, out = 0, bad = 0;

	while (out < 20000) {
		v = vec_push(h, v, val_fix((int64_t)in++));
		v = vec_push(h, v, val_fix((int64_t)in++));
		bad += vec_get(v, 0) != val_fix((int64_t)out++);
		v = vec_slice(h, v, 1, vec_count(v));
		if (vec_count(v) > 100) {
			bad += vec_get(v, 0) != val_fix((int64_t)out++);
			v = vec_slice(h, v, 1, vec_count(v));
		}
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT(is_range(v, out, in - out));
	CU_ASSERT(heap_peak(h) < 16 * 1024);
	val_release(h, v);
	heap_done(h);
}

/* Random changes to random versions; every version stays what it was. */
#define VERSIONS 12
#define LONGEST  3000

struct model {
	val v;
	size_t n;
	int items[LONGEST];
};

static bool
model_holds(const struct model *m)
{
	size_t i;

	if (vec_count(m->v) != m->n)
		return false;
	for (i = 0; i < m->n; i++) {
		if (!val_is_string(vec_get(m->v, i)) ||
		    atoi(str_bytes(vec_get(m->v, i), NULL)) != m->items[i]) {
			return false;
		}
	}
	return true;
}

static val
text_of(struct heap *h, int i)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", i);
	return str_from(h, text);
}

static void
model_change(struct heap *h, struct model *m, uint64_t *seed)
{
	int x = (int)dice(seed, 1000000);
	size_t i, n, from;
	val *slot;

	switch (dice(seed, 8)) {
	case 0:
		if (m->n > 0) {
			m->v = vec_pop(h, m->v);
			m->n--;
		}
		break;
	case 1:
		n = dice(seed, 200);
		for (i = 0; i < n && m->n < LONGEST; i++, x++) {
			m->v = vec_push(h, m->v, text_of(h, x));
			m->items[m->n++] = x;
		}
		break;
	case 2:
	case 3:
		if (m->n > 0) {
			i = dice(seed, (uint32_t)m->n);
			m->v = vec_set(h, m->v, i, text_of(h, x));
			m->items[i] = x;
			slot = vec_own_slot(m->v, i);
			if (slot != NULL) {
				val_release(h, *slot);
				*slot = text_of(h, x + 1);
				m->items[i] = x + 1;
			}
		}
		break;
	case 4:
		from = dice(seed, (uint32_t)m->n + 1);
		n = dice(seed, (uint32_t)(m->n - from) + 1);
		if (dice(seed, 2) == 0) { /* most often: drop a few */
			from = m->n < 3 ? 0 : dice(seed, 3);
			n = m->n - from;
		}
		m->v = vec_slice(h, m->v, from, from + n);
		memmove(m->items, m->items + from, n * sizeof(int));
		m->n = n;
		break;
	default:
		if (m->n < LONGEST) {
			m->v = vec_push(h, m->v, text_of(h, x));
			m->items[m->n++] = x;
		}
		break;
	}
}

static void
test_versions(void)
{
	static struct model models[VERSIONS];
	struct heap *h = heap_new(0);
	uint64_t seed = 42;
	uint32_t round, from, to;
	size_t bad = 0, i;

	for (i = 0; i < VERSIONS; i++)
		models[i] = (struct model){.v = vec_empty(h)};
	for (round = 0; round < 6000; round++) {
		from = dice(&seed, VERSIONS);
		to = dice(&seed, VERSIONS);
		if (from != to && dice(&seed, 3) == 0) {
			val_release(h, models[to].v);
			models[to] = models[from];
			val_retain(models[to].v);
		}
		model_change(h, &models[to], &seed);
		if (round % 50 == 0) {
			for (i = 0; i < VERSIONS; i++)
				bad += !model_holds(&models[i]);
		}
	}
	for (i = 0; i < VERSIONS; i++) {
		bad += !model_holds(&models[i]);
		val_release(h, models[i].v);
	}
	CU_ASSERT_EQUAL(bad, 0);
	heap_done(h);
}

VALUE_MAIN("vector", {"push and new", test_push}, {"append", test_append},
    {"pop", test_pop}, {"slice", test_slice}, {"queue", test_queue},
    {"versions stay", test_versions})
