/* rooms: value base */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/value_unit.h"
#include "value/equal.h"
#include "value/errval.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/reader.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"
#include "value/work.h"

/* Read twice: new names are charged to the heap that first mentions them. */
static val
read_text(struct heap *h, const char *text)
{
	struct heap *names = heap_new(0);
	struct error e;
	val v = VAL_NIL;

	if (read_one(names, text, strlen(text), NULL, &v, &e) == -1) {
		CU_FAIL("read");
	}
	heap_free(names);
	if (read_one(h, text, strlen(text), NULL, &v, &e) == -1) {
		printf("%s: %s\n", text, e.msg);
		CU_FAIL("read");
	}
	return v;
}

static const struct {
	const char *a, *b;
	bool equal;
} pairs[] = {
    {"1",                          "1",                          true },
    {"1",                          "1.0",                        false},
    {"0.0",                        "-0.0",                       true },
    {"1e300",                      "1e300",                      true },
    {"##NaN",                      "##NaN",                      false},
    {"[##NaN]",                    "[##NaN]",                    true },
    {"{##NaN 1}",                  "{##NaN 1}",                  true },
    {"{1 ##NaN}",                  "{1 ##NaN}",                  true },
    {"[0.0]",                      "[-0.0]",                     true },
    {"{0.0 1}",                    "{-0.0 1}",                   true },
    {"99999999999999999999",       "99999999999999999999",       true },
    {"99999999999999999999",       "99999999999999999998",       false},
    {"99999999999999999999",       "-99999999999999999999",      false},
    {"nil",                        "false",                      false},
    {"nil",                        "()",                         false},
    {"()",                         "()",                         true },
    {"()",                         "[]",                         false},
    {"(1 2)",                      "[1 2]",                      false},
    {"(1 2)",                      "(1 2)",                      true },
    {"(1 2)",                      "(1 2 3)",                    false},
    {"(1 2 3)",                    "(1 2 4)",                    false},
    {"[1 [2 [3]]]",                "[1 [2 [3]]]",                true },
    {"[1 [2 [3]] 4]",              "[1 [2 [3]] 5]",              false},
    {"[1 [2 [3]] 4]",              "[1 [2 [4]] 4]",              false},
    {"\"a\"",                      "\"a\"",                      true },
    {"\"a\"",                      ":a",                         false},
    {"a",                          ":a",                         false},
    {":a",                         ":a",                         true },
    {"{}",                         "{}",                         true },
    {"{:a 1 :b 2}",                "{:b 2 :a 1}",                true },
    {"{:a 1 :b 2}",                "{:b 2 :a 2}",                false},
    {"{:a 1 :b 2}",                "{:a 1 :c 2}",                false},
    {"{:a 1 :b nil}",              "{:a 1 :c nil}",              false},
    {"{:a 1}",                     "{:a 1 :b 2}",                false},
    {"{[1] 2 [3] 4}",              "{[3] 4 [1] 2}",              true },
    {"{[1] 2 [3] 4}",              "{[3] 2 [1] 4}",              false},
    {"{{1 [2]} 3 {2 [2]} 4 [] 5}", "{[] 5 {2 [2]} 4 {1 [2]} 3}", true },
    {"{{1 [2]} 3 {2 [2]} 4}",      "{{2 [2]} 4 {1 [3]} 3}",      false},
    {"{{1 [2]} [3]}",              "{{1 [2]} [4]}",              false},
    {"{1 [[]] 2 3}",               "{2 3 1 [[]]}",               true },
    {"{1 [[]] 2 3}",               "{2 3 1 [[1]]}",              false},
};

static void
test_pairs(void)
{
	struct heap *h = heap_new(0);
	struct heap *other = heap_new(0);
	size_t i;
	val a, b, copy;

	for (i = 0; i < NITEMS(pairs); i++) {
		a = read_text(h, pairs[i].a);
		b = read_text(h, pairs[i].b);
		CU_ASSERT_EQUAL(val_equal(a, b), pairs[i].equal);
		CU_ASSERT_EQUAL(val_equal(b, a), pairs[i].equal);
		if (val_same_key(a, b)) {
			CU_ASSERT_EQUAL(val_hash(a), val_hash(b));
		} else {
			CU_ASSERT(!pairs[i].equal);
			CU_ASSERT_NOT_EQUAL(val_hash(a), val_hash(b));
		}
		copy = val_copy(other, a);
		CU_ASSERT(val_same_key(a, copy));
		CU_ASSERT_EQUAL(val_hash(a), val_hash(copy));
		val_release(other, copy);
		val_release(h, a);
		val_release(h, b);
	}
	heap_done(other);
	heap_done(h);
}

/* Large maps whose keys are collections, a few of them hard to tell apart. */
static void
test_large_keys(void)
{
	struct heap *h = heap_new(0);
	val a = map_empty(h), b = map_empty(h), k[3];
	int i;

	for (i = 0; i < 200; i++) {
		k[0] = val_fix(i % 10);
		k[1] = str_from(h, "x");
		k[2] = val_fix(i);
		a = map_assoc(h, a, vec_new(h, k, 3), vec_new(h, k, 1));
	}
	for (i = 200; i-- > 0;) {
		k[0] = val_fix(i % 10);
		k[1] = str_from(h, "x");
		k[2] = val_fix(i);
		b = map_assoc(h, b, vec_new(h, k, 3), vec_new(h, k, 1));
	}
	CU_ASSERT(val_equal(a, b));
	CU_ASSERT_EQUAL(val_hash(a), val_hash(b));
	k[0] = val_fix(3);
	k[1] = str_from(h, "x");
	k[2] = val_fix(13);
	k[0] = vec_new(h, k, 3);
	b = map_assoc(h, b, k[0], val_fix(1));
	CU_ASSERT(!val_equal(a, b));
	CU_ASSERT(!val_equal(b, a));
	val_release(h, a);
	val_release(h, b);
	heap_done(h);
}

static val
closure(struct heap *h, const struct code_head *code, val captured)
{
	struct function *f = function_new(h, code, 1);

	f->captured[0] = captured;
	return val_from_obj(f);
}

static void
test_functions_and_tasks(void)
{
	static const struct code_head one = {1, NAME_NONE, false};
	static const struct code_head same = {1, NAME_NONE, false};
	static const struct code_head two = {2, NAME_NONE, false};
	struct heap *h = heap_new(0);
	val f = closure(h, &one, read_text(h, "[1]"));
	val g = closure(h, &same, read_text(h, "[1]"));
	val x = closure(h, &one, read_text(h, "[2]"));
	val y = closure(h, &two, read_text(h, "[1]"));
	val t, u, w, culprit;
	int order;

	CU_ASSERT(val_equal(f, g));
	CU_ASSERT_EQUAL(val_hash(f), val_hash(g));
	CU_ASSERT(!val_equal(f, x));
	CU_ASSERT(!val_equal(f, y));
	t = taskval_new(h, keyword_from("a"), read_text(h, "[1 2]"), VAL_NIL);
	u = taskval_new(
	    h, keyword_from("a"), read_text(h, "[1 2]"), map_empty(h));
	CU_ASSERT(val_equal(t, u));
	CU_ASSERT_EQUAL(val_hash(t), val_hash(u));
	w = taskval_assoc(
	    h, val_retain(t), keyword_from("timeout"), read_text(h, "\"2s\""));
	CU_ASSERT(!val_equal(t, w));
	CU_ASSERT(
	    str_equal_text(taskval_get(w, keyword_from("timeout")), "2s"));
	CU_ASSERT_EQUAL(taskval_get(t, keyword_from("timeout")), VAL_UNBOUND);
	w = taskval_assoc(h, w, keyword_from("args"), vec_empty(h));
	w = taskval_assoc(h, w, keyword_from("capability"), read_text(h, ":b"));
	CU_ASSERT_EQUAL(
	    taskval_get(w, keyword_from("capability")), keyword_from("b"));
	CU_ASSERT_EQUAL(
	    taskval_get(t, keyword_from("capability")), keyword_from("a"));
	CU_ASSERT_EQUAL(vec_count(taskval_get(w, keyword_from("args"))), 0);
	CU_ASSERT_EQUAL(val_compare(t, u, &order, &culprit), -1);
	CU_ASSERT_EQUAL(culprit, t);
	CU_ASSERT_EQUAL(val_compare(val_fix(1), f, &order, &culprit), -1);
	CU_ASSERT_EQUAL(culprit, f);
	val_release(h, f);
	val_release(h, g);
	val_release(h, x);
	val_release(h, y);
	val_release(h, t);
	val_release(h, u);
	val_release(h, w);
	heap_done(h);
}

/* Ascending; "=" before a text: the same place as the one before it. */
static const char *const ascending[] = {
    "nil",
    "false",
    "true",
    "##-Inf",
    "-99999999999999999999",
    "-1",
    "0",
    "=0.0",
    "=-0.0",
    "0.5",
    "1",
    "=1.0",
    "99999999999999999999",
    "##Inf",
    "##NaN",
    "\"\"",
    "\"A\"",
    "\"a\"",
    "\"aa\"",
    "\"b\"",
    "\"\xc3\xa4\"",
    "\"\xef\xbf\xbf\"",
    "\"\xf0\x9f\x98\x80\"",
    ":a",
    ":aa",
    ":b",
    "a",
    "b",
    "()",
    "=[]",
    "[nil]",
    "(1)",
    "=[1]",
    "(1 2)",
    "[1 2 0]",
    "(1 3)",
    "[1 [2]]",
    "[1 [2 3]]",
    "[1 [3]]",
    "[2]",
    "[##NaN]",
    "[\"a\"]",
    "[[]]",
    "[{}]",
    "{}",
    "{1 2}",
    "{1 [3]}",
    "{2 1}",
    "{:a 1}",
    "={:a 1.0}",
    "{:b 0}",
    "{[1] 0}",
    "{1 1 2 2}",
    "={2 2 1 1}",
    "{1 1 2 3}",
    "{1 2 2 1}",
    "{1 1 3 1}",
    "{3 1 [1] 1 [0] 1}",
    "={[0] 1 [1] 1 3 1}",
    "{[0] 2 [1] 1 3 1}",
    "{1 0 2 0 3 0 4 0 5 0}",
    "={5 0 3 0 1 0 2 0 4 0}",
    "{5 0 3 0 [1] 0 2 0 4 0}",
    "{5 0 3 0 [2] 0 2 0 4 0}",
};

static void
test_order(void)
{
	struct heap *h = heap_new(0);
	val v[NITEMS(ascending)], culprit;
	int rank[NITEMS(ascending)], order, want;
	size_t i, j;

	for (i = 0; i < NITEMS(ascending); i++) {
		rank[i] = i == 0 ? 0 : rank[i - 1] + (ascending[i][0] != '=');
		v[i] = read_text(h, ascending[i] + (ascending[i][0] == '='));
	}
	for (i = 0; i < NITEMS(ascending); i++) {
		for (j = 0; j < NITEMS(ascending); j++) {
			want = (rank[i] > rank[j]) - (rank[i] < rank[j]);
			CU_ASSERT_EQUAL(
			    val_compare(v[i], v[j], &order, &culprit), 0);
			CU_ASSERT_EQUAL((order > 0) - (order < 0), want);
		}
	}
	for (i = 0; i < NITEMS(ascending); i++)
		val_release(h, v[i]);
	heap_done(h);
}

/* Maps of many keys in any order sort to the same. */
static void
test_map_order(void)
{
	struct heap *h = heap_new(0);
	uint64_t seed = 5;
	val a, b, k, culprit;
	int n, i, order;

	for (n = 1; n < 70; n++) {
		a = map_empty(h);
		b = map_empty(h);
		for (i = 0; i < n; i++) {
			k = val_fix(dice(&seed, 1000));
			a = map_assoc(h, a, vec_new(h, &k, 1), k);
		}
		for (i = 1000; i-- > 0;) {
			val one = val_fix(i), key = vec_new(h, &one, 1);

			if (map_get(a, key) != VAL_UNBOUND)
				b = map_assoc(h, b, key, one);
			else
				val_release(h, key);
		}
		CU_ASSERT_EQUAL(val_compare(a, b, &order, &culprit), 0);
		CU_ASSERT_EQUAL(order, 0);
		k = val_fix(1000);
		k = vec_new(h, &k, 1);
		b = map_assoc(h, b, val_retain(k), VAL_NIL);
		a = map_assoc(h, a, k, VAL_TRUE);
		CU_ASSERT_EQUAL(val_compare(a, b, &order, &culprit), 0);
		CU_ASSERT_EQUAL(order, 1);
		val_release(h, a);
		val_release(h, b);
	}
	heap_done(h);
}

static void
test_no_order(void)
{
	struct heap *h = heap_new(0);
	val e = errval_make(h, ERRKEY_EXIT, "x"), culprit, item;
	val a, b;
	int order;

	item = val_retain(e);
	a = vec_new(h, &item, 1);
	item = VAL_NIL;
	b = vec_new(h, &item, 1);
	CU_ASSERT_EQUAL(val_compare(a, b, &order, &culprit), -1);
	CU_ASSERT_EQUAL(culprit, e);
	val_release(h, a);
	val_release(h, b);
	a = map_assoc(h, map_empty(h), e, val_fix(1));
	a = map_assoc(h, a, val_fix(1), val_fix(1));
	CU_ASSERT_EQUAL(val_compare(a, a, &order, &culprit), -1);
	CU_ASSERT_EQUAL(culprit, e);
	val_release(h, a);
	heap_done(h);
}

/* The vectors of the SipHash-1-3 definition as other implementations have
 * them, key 00 01 .. 0f, input 00 01 02 ... */
static void
test_siphash(void)
{
	unsigned char in[64];
	size_t i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)i;
	hash_set_seed(
	    UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908));
	CU_ASSERT_EQUAL(hash_bytes(in, 0), UINT64_C(0xabac0158050fc4dc));
	CU_ASSERT_EQUAL(hash_bytes(in, 1), UINT64_C(0xc9f49bf37d57ca93));
	CU_ASSERT_EQUAL(hash_bytes(in, 7), UINT64_C(0xd3927d989bb11140));
	CU_ASSERT_EQUAL(hash_bytes(in, 8), UINT64_C(0x369095118d299a8e));
	CU_ASSERT_EQUAL(hash_bytes(in, 15), UINT64_C(0xd320d86d2a519956));
}

/* [x x] of [x x] of ...: 2^levels paths to the innermost. */
static val
shared(struct heap *h, int levels, bool map)
{
	val v = vec_empty(h), pair[4];

	for (; levels > 0; levels--) {
		pair[0] = val_fix(1);
		pair[1] = val_retain(v);
		pair[2] = map ? val_fix(2) : v;
		pair[3] = v;
		v = map ? map_new(h, pair, 2) : vec_new(h, pair + 1, 2);
	}
	return v;
}

static void
test_shared(void)
{
	struct heap *h = heap_new(0);
	val a, b, c, culprit;
	int order, map;

	for (map = 0; map < 2; map++) {
		a = shared(h, 500, map);
		b = shared(h, 500, map);
		c = shared(h, 501, map);
		CU_ASSERT_TRUE(val_equal(a, b));
		CU_ASSERT_FALSE(val_equal(a, c));
		CU_ASSERT_EQUAL(val_hash(a), val_hash(b));
		CU_ASSERT_EQUAL(val_compare(a, b, &order, &culprit), 0);
		CU_ASSERT_EQUAL(order, 0);
		val_release(h, a);
		val_release(h, b);
		val_release(h, c);
	}
	CU_ASSERT_EQUAL(heap_used(h), 0);
	heap_done(h);
}

/* Walks charge, stop at the budget, on an interrupt and without memory. */
static void
test_work(void)
{
	volatile sig_atomic_t interrupt = 0;
	struct work none = {.max = UINT64_MAX};
	struct heap *h = heap_new(0), *scratch = heap_new(64 * 1024);
	val a, b, culprit;
	uint64_t cost;
	int order, i;

	a = vec_empty(h);
	b = vec_empty(h);
	for (i = 0; i < 100000; i++) {
		a = vec_new(h, &a, 1);
		b = vec_new(h, &b, 1);
	}
	val_work = none;
	CU_ASSERT_TRUE(val_equal(a, b));
	cost = val_work.due;
	CU_ASSERT_TRUE(cost >= 100000 / WORK_NODES);
	CU_ASSERT_TRUE(val_equal(a, b));
	CU_ASSERT_EQUAL(val_work.due, 2 * cost);
	CU_ASSERT_FALSE(val_work.over);
	val_work = none;
	val_work.max = cost / 2;
	val_equal(a, b);
	CU_ASSERT_TRUE(val_work.over && val_work.due < cost);
	val_work = none;
	val_work.interrupt = &interrupt;
	interrupt = 1;
	val_hash(a);
	CU_ASSERT_TRUE(val_work.over && val_work.due > 0);
	val_work = none;
	val_work.heap = scratch;
	val_compare(a, b, &order, &culprit);
	CU_ASSERT_TRUE(val_work.over && val_work.due > 0);
	CU_ASSERT_EQUAL(heap_used(scratch), 0);
	val_work = none;
	val_release(h, a);
	val_release(h, b);
	heap_free(scratch);
	heap_done(h);
}

VALUE_MAIN("equal", {"siphash", test_siphash}, {"pairs", test_pairs},
    {"large keys", test_large_keys},
    {"functions and tasks", test_functions_and_tasks}, {"order", test_order},
    {"order of maps", test_map_order}, {"no order", test_no_order},
    {"shared parts", test_shared}, {"work", test_work})
