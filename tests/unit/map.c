/* rooms: value base */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/value_unit.h"
#include "value/equal.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/string.h"
#include "value/vector.h"

static val
text_of(struct heap *h, int i)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", i);
	return str_from(h, text);
}

/* Key number i in one of several types. */
static val
key_of(struct heap *h, int i)
{
	char text[16];
	val v[2];

	switch (i % 4) {
	case 0:
		return text_of(h, i);
	case 1:
		snprintf(text, sizeof(text), "k%d", i);
		return keyword_from(text);
	case 2:
		return float_from(h, i + 0.5);
	default:
		v[0] = val_fix(i);
		v[1] = text_of(h, i);
		return vec_new(h, v, 2);
	}
}

static void
test_order(void)
{
	struct heap *h = heap_new(0);
	val m = map_empty(h), key, value;
	struct map_iter it;
	size_t bad = 0;
	int i, n;

	for (i = 0; i < 1000; i++) {
		m = map_assoc(h, m, key_of(h, i), val_fix(i));
		bad += map_count(m) != (size_t)i + 1;
	}
	for (i = 0; i < 1000; i += 3) /* again: place stays */
		m = map_assoc(h, m, key_of(h, i), val_fix(-i));
	for (n = 1; n < 40; n += 6) { /* away and back: goes last */
		key = key_of(h, n);
		m = map_dissoc(h, m, key);
		bad += map_get(m, key) != VAL_UNBOUND;
		m = map_dissoc(h, m, key);
		val_release(h, key);
	}
	m = map_assoc(h, m, key_of(h, 1), val_fix(1));
	it = map_iter(m);
	for (i = 0; i < 1000; i++) {
		if (i < 40 && i % 6 == 1)
			continue;
		bad += !map_next(&it, &key, &value) ||
		    value != val_fix(i % 3 == 0 ? -i : i);
	}
	CU_ASSERT(map_next(&it, &key, &value));
	CU_ASSERT_EQUAL(value, val_fix(1));
	CU_ASSERT(!map_next(&it, &key, &value));
	CU_ASSERT_EQUAL(bad, 0);
	val_release(h, m);
	heap_done(h);
}

static void
test_keys(void)
{
	struct heap *h = heap_new(0);
	val m, stored, value, nan, one, list[4];
	int small;

	for (small = 0; small < 2; small++) {
		int i;

		m = map_empty(h);
		for (i = 0; small == 0 && i < 50; i++)
			m = map_assoc(h, m, text_of(h, i), VAL_NIL);
		nan = float_from(h, NAN);
		m = map_assoc(h, m, nan, val_fix(1));
		nan = float_from(h, -NAN);
		CU_ASSERT_EQUAL(map_get(m, nan), val_fix(1));
		m = map_assoc(h, m, nan, val_fix(2));
		m = map_assoc(h, m, float_from(h, 0.0), val_fix(3));
		stored = float_from(h, -0.0);
		CU_ASSERT_EQUAL(map_get(m, stored), val_fix(3));
		m = map_assoc(h, m, stored, val_fix(4));
		CU_ASSERT(map_find(m, VAL_FLOAT_ZERO, &stored, &value));
		CU_ASSERT_EQUAL(stored, VAL_FLOAT_ZERO); /* first spelling */
		CU_ASSERT_EQUAL(value, val_fix(4));
		one = float_from(h, 1.0);
		m = map_assoc(h, m, val_fix(1), val_fix(5));
		CU_ASSERT_EQUAL(map_get(m, one), VAL_UNBOUND);
		m = map_assoc(h, m, VAL_NIL, VAL_FALSE);
		CU_ASSERT_EQUAL(map_get(m, VAL_NIL), VAL_FALSE);
		CU_ASSERT_EQUAL(map_get(m, VAL_NO_ITEMS), VAL_UNBOUND);
		m = map_assoc(h, m, map_empty(h), val_fix(6));
		value = map_empty(h);
		CU_ASSERT_EQUAL(map_get(m, value), val_fix(6));
		val_release(h, value);
		CU_ASSERT_EQUAL(map_get_keyword(m, "none"), VAL_UNBOUND);
		val_release(h, m);
	}
	list[0] = list[2] = keyword_from("a");
	list[1] = val_fix(1);
	list[3] = val_fix(2);
	m = map_new(h, list, 2);
	CU_ASSERT_EQUAL(map_count(m), 1);
	CU_ASSERT_EQUAL(map_get_keyword(m, "a"), val_fix(2));
	val_release(h, m);
	heap_done(h);
}

/* Sixteen words fit the small form, eight keys of other kinds; neither
 * boundary shows. */
static void
test_sizes(void)
{
	struct heap *h = heap_new(0);
	val m, key;
	int n, i, mixed, bad = 0;

	for (mixed = 0; mixed < 2; mixed++) {
		for (n = 0; n <= 40; n++) {
			m = map_empty(h);
			for (i = 0; i < n; i++)
				m = map_assoc(h, m,
				    mixed ? key_of(h, i) : val_fix(i),
				    val_fix(i));
			for (i = 0; i < 45; i++) {
				key = mixed ? key_of(h, i) : val_fix(i);
				bad += map_get(m, key) !=
				    (i < n ? val_fix(i) : VAL_UNBOUND);
				val_release(h, key);
			}
			for (i = n - 1; i >= 0; i--) {
				key = mixed ? key_of(h, i) : val_fix(i);
				m = map_dissoc(h, m, key);
				bad += map_count(m) != (size_t)i;
				val_release(h, key);
			}
			val_release(h, m);
			bad += heap_used(h) != 0;
		}
	}
	CU_ASSERT_EQUAL(bad, 0);
	heap_done(h);
}

/* Keys whose hashes are the same word, among others. */
static void
test_clashes(void)
{
	enum {
		MANY = 300000
	};
	struct heap *h = heap_new(0);
	uint64_t *seen = calloc(1U << 20, sizeof(*seen)), hash;
	int *who = calloc(1U << 20, sizeof(*who));
	int pairs[40][2], npairs = 0, i;
	size_t slot;
	val m = map_empty(h), a, b;

	for (i = 1; i < MANY && npairs < 40; i++) {
		a = text_of(h, i);
		hash = val_hash(a) | 1;
		for (slot = hash >> 40 & 0xfffff; seen[slot] != 0;
		     slot = (slot + 1) & 0xfffff) {
			if (seen[slot] == hash) {
				pairs[npairs][0] = who[slot];
				pairs[npairs++][1] = i;
				break;
			}
		}
		seen[slot] = hash;
		who[slot] = i;
		val_release(h, a);
	}
	CU_ASSERT(npairs >= 1);
	for (i = 0; i < 20; i++)
		m = map_assoc(h, m, val_fix(i), VAL_NIL);
	for (i = 0; i < npairs; i++) {
		m = map_assoc(h, m, text_of(h, pairs[i][0]), val_fix(1));
		b = text_of(h, pairs[i][1]);
		CU_ASSERT_EQUAL(map_get(m, b), VAL_UNBOUND);
		m = map_assoc(h, m, b, val_fix(2));
	}
	a = val_copy(h, m);
	CU_ASSERT(val_equal(a, m));
	for (i = 0; i < npairs; i++) {
		val x = text_of(h, pairs[i][0]), y = text_of(h, pairs[i][1]);

		CU_ASSERT_EQUAL(map_get(m, x), val_fix(1));
		CU_ASSERT_EQUAL(map_get(m, y), val_fix(2));
		m = map_dissoc(h, m, x);
		CU_ASSERT_EQUAL(map_get(m, x), VAL_UNBOUND);
		CU_ASSERT_EQUAL(map_get(m, y), val_fix(2));
		m = map_assoc(h, m, x, val_fix(3));
		CU_ASSERT_EQUAL(map_get(m, x), val_fix(3));
		val_release(h, y);
	}
	CU_ASSERT_EQUAL(map_count(m), (size_t)(20 + 2 * npairs));
	CU_ASSERT(!val_equal(a, m));
	val_release(h, a);
	val_release(h, m);
	free(seen);
	free(who);
	heap_done(h);
}

/* First key out, new key in, for long: order, and bounded memory. */
static void
test_queue(void)
{
	struct heap *h = heap_new(0);
	val m = map_empty(h), key, value;
	struct map_iter it;
	int in = 0, out = 0, bad = 0;

	for (; in < 100; in++)
		m = map_assoc(h, m, text_of(h, in), val_fix(in));
	for (; out < 20000; in++, out++) {
		it = map_iter(m);
		map_next(&it, &key, &value);
		bad += value != val_fix(out);
		m = map_dissoc(h, m, key);
		m = map_assoc(h, m, text_of(h, in), val_fix(in));
		bad += map_count(m) != 100;
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT(heap_peak(h) < 64 * 1024);
	val_release(h, m);
	heap_done(h);
}

static void
test_take(void)
{
	struct heap *h = heap_new(0);
	val m, v, key, other;
	int n, i;

	for (n = 3; n < 100; n += 90) {
		m = map_empty(h);
		for (i = 0; i < n; i++)
			m = map_assoc(h, m, val_fix(i), vec_empty(h));
		key = val_fix(1);
		CU_ASSERT_EQUAL(map_take(h, m, val_fix(n)), VAL_UNBOUND);
		v = map_take(h, m, key);
		CU_ASSERT_EQUAL(val_obj(v)->refs,
		    heap_never_in_place ? 2 : 1); /* can grow in place */
		m = map_assoc(h, m, key, vec_push(h, v, VAL_TRUE));
		CU_ASSERT_EQUAL(vec_count(map_get(m, key)), 1);
		other = val_retain(m);
		v = map_take(h, m, key);
		CU_ASSERT_EQUAL(val_obj(v)->refs, 2);
		CU_ASSERT_EQUAL(map_get(other, key), v);
		m = map_assoc(h, m, key, vec_push(h, v, VAL_TRUE));
		CU_ASSERT_EQUAL(vec_count(map_get(other, key)), 1);
		CU_ASSERT_EQUAL(vec_count(map_get(m, key)), 2);
		val_release(h, m);
		val_release(h, other);
	}
	heap_done(h);
}

/* Random changes to random versions against an array of pairs. */
#define VERSIONS 8
#define KEYS     400

struct model {
	val m;
	size_t n;
	int keys[KEYS];
	int values[KEYS];
};

static bool
model_holds(struct heap *h, const struct model *x)
{
	struct map_iter it = map_iter(x->m);
	val key, value, want;
	size_t i;
	bool ok = map_count(x->m) == x->n;

	for (i = 0; ok && i < x->n; i++) {
		want = key_of(h, x->keys[i]);
		ok = map_next(&it, &key, &value) && val_same_key(key, want) &&
		    atoi(str_bytes(value, NULL)) == x->values[i] &&
		    map_get(x->m, want) == value;
		val_release(h, want);
	}
	return ok && !map_next(&it, &key, &value);
}

static void
model_change(struct heap *h, struct model *x, uint64_t *seed)
{
	int key = (int)dice(seed, KEYS), value = (int)dice(seed, 100000);
	val k = key_of(h, key), out;
	size_t i;

	for (i = 0; i < x->n && x->keys[i] != key; i++)
		;
	switch (dice(seed, 5)) {
	case 0:
	case 1:
		x->m = map_dissoc(h, x->m, k);
		if (i < x->n) {
			x->n--;
			memmove(x->keys + i, x->keys + i + 1,
			    (x->n - i) * sizeof(int));
			memmove(x->values + i, x->values + i + 1,
			    (x->n - i) * sizeof(int));
		}
		val_release(h, k);
		return;
	case 2:
		out = map_take(h, x->m, k);
		if (out == VAL_UNBOUND) {
			val_release(h, k);
			return;
		}
		val_release(h, out);
		break;
	default:
		break;
	}
	x->m = map_assoc(h, x->m, k, text_of(h, value));
	if (i == x->n)
		x->keys[x->n++] = key;
	x->values[i] = value;
}

static void
test_versions(void)
{
	static struct model models[VERSIONS];
	struct heap *h = heap_new(0);
	uint64_t seed = 7;
	uint32_t round, from, to;
	size_t bad = 0, i;

	for (i = 0; i < VERSIONS; i++)
		models[i] = (struct model){.m = map_empty(h)};
	for (round = 0; round < 20000; round++) {
		from = dice(&seed, VERSIONS);
		to = dice(&seed, VERSIONS);
		if (from != to && dice(&seed, 40) == 0) {
			val_release(h, models[to].m);
			models[to] = models[from];
			val_retain(models[to].m);
		}
		model_change(h, &models[to], &seed);
		if (dice(&seed, 1000) == 0) { /* start small again */
			val_release(h, models[to].m);
			models[to] = (struct model){.m = map_empty(h)};
		}
		if (round % 200 == 0) {
			for (i = 0; i < VERSIONS; i++)
				bad += !model_holds(h, &models[i]);
		}
	}
	for (i = 0; i < VERSIONS; i++) {
		bad += !model_holds(h, &models[i]);
		val_release(h, models[i].m);
	}
	CU_ASSERT_EQUAL(bad, 0);
	heap_done(h);
}

/* Same pairs, other order, other history: equal, same hash. */
static void
test_equal(void)
{
	struct heap *h = heap_new(0);
	val a, b, k;
	int n, i;

	for (n = 1; n < 200; n += n / 2 + 1) {
		a = map_empty(h);
		b = map_empty(h);
		for (i = 0; i < n; i++)
			a = map_assoc(h, a, key_of(h, i), text_of(h, i));
		for (i = n + 90; i-- > 0;)
			b = map_assoc(h, b, key_of(h, i), text_of(h, i));
		for (i = n; i < n + 90; i++) {
			CU_ASSERT(!val_equal(a, b));
			k = key_of(h, i);
			b = map_dissoc(h, b, k);
			val_release(h, k);
		}
		CU_ASSERT(val_equal(a, b));
		CU_ASSERT_EQUAL(val_hash(a), val_hash(b));
		b = map_assoc(h, b, key_of(h, n - 1), VAL_NIL);
		CU_ASSERT(!val_equal(a, b));
		CU_ASSERT_NOT_EQUAL(val_hash(a), val_hash(b));
		val_release(h, a);
		val_release(h, b);
	}
	heap_done(h);
}

VALUE_MAIN("map", {"insertion order", test_order}, {"odd keys", test_keys},
    {"all sizes", test_sizes}, {"equal hashes", test_clashes},
    {"queue", test_queue}, {"take", test_take},
    {"versions stay", test_versions}, {"equality", test_equal})
