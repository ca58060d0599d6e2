/* rooms: lang value base */
/*
 * What .test files cannot show of the core library in C: that unshared values
 * are changed in place, that nothing leaks, and that results whose size can be
 * known are refused before they are built.
 */
#include <string.h>

#include "lang/core_util.h"
#include "tests/unit/unit.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"

static const struct core_def *const families[] = {
    core_numbers,
    core_compare,
    core_strings,
    core_regex,
    core_collections,
    core_sequences,
    core_predicates,
    core_data,
    core_host,
};

static const struct core_def *
row(const char *name)
{
	const struct core_def *d;
	size_t i;

	for (i = 0; i < NITEMS(families); i++) {
		for (d = families[i]; d->name != NULL; d++) {
			if (strcmp(d->name, name) == 0)
				return d;
		}
	}
	return NULL;
}

/* Call by name as the machine does; consumes the arguments. */
static val
invoke(struct heap *h, struct core_call *call, const char *name, val *argv,
    unsigned int argc)
{
	const struct core_def *d = row(name);
	unsigned int i;
	val out;

	memset(call, 0, sizeof(*call));
	call->heap = h;
	call->name = name;
	call->error = VAL_UNBOUND;
	out = d->fn(call, argv, argc);
	for (i = 0; i < argc; i++)
		val_release(h, argv[i]);
	return out;
}

static val
vector_of(struct heap *h, int64_t n)
{
	val v = vec_empty(h);
	int64_t i;

	for (i = 0; i < n; i++)
		v = vec_push(h, v, val_fix(i));
	return v;
}

static void
test_tables(void)
{
	const struct core_def *d, *other;
	size_t i;

	for (i = 0; i < NITEMS(families); i++) {
		for (d = families[i]; d->name != NULL; d++) {
			CU_ASSERT(d->fn != NULL);
			CU_ASSERT(d->max == -1 || d->max >= d->min);
			other = row(d->name);
			CU_ASSERT_PTR_EQUAL(other, d); /* no name twice */
			if (d->name[0] == '%')
				continue;
			CU_ASSERT_EQUAL(d->usage[0], '(');
			CU_ASSERT(strstr(d->usage, d->name) == d->usage + 1);
			CU_ASSERT(strlen(d->doc) > 5);
		}
	}
}

/* Each of these keeps the object it was given when nobody else holds it, and
 * leaves it alone when somebody does. */
static void
test_in_place(void)
{
	static const char *const names[] = {"assoc", "conj", "pop", "into"};
	struct heap *h = heap_new(0);
	struct core_call call;
	size_t i;
	int shared;
	val v, out, argv[3];

	for (i = 0; i < NITEMS(names); i++) {
		for (shared = 0; shared < 2; shared++) {
			v = vector_of(h, 100);
			if (shared)
				val_retain(v);
			argv[0] = v;
			argv[1] = strcmp(names[i], "into") == 0 ?
			    vector_of(h, 3) :
			    val_fix(7);
			argv[2] = val_fix(8);
			out = invoke(h, &call, names[i], argv,
			    strcmp(names[i], "assoc") == 0   ? 3 :
			        strcmp(names[i], "pop") == 0 ? 1 :
			                                       2);
			CU_ASSERT_EQUAL(out == v, !shared);
			if (shared) {
				CU_ASSERT_EQUAL(vec_count(v), 100);
				CU_ASSERT_EQUAL(vec_get(v, 7), val_fix(7));
				val_release(h, v);
			}
			val_release(h, out);
		}
	}
	CU_ASSERT_EQUAL(heap_used(h), 0);
	heap_free(h);
}

static void
test_map_in_place(void)
{
	struct heap *h = heap_new(0);
	struct core_call call;
	val m = map_empty(h), out, argv[3];
	int64_t i;

	for (i = 0; i < 1000; i++)
		m = map_assoc(h, m, val_fix(i), val_fix(i));
	argv[0] = m;
	argv[1] = val_fix(5);
	argv[2] = val_fix(6);
	out = invoke(h, &call, "assoc", argv, 3);
	CU_ASSERT_EQUAL(out, m);
	argv[0] = out;
	argv[1] = val_fix(5);
	out = invoke(h, &call, "dissoc", argv, 2);
	CU_ASSERT_EQUAL(out, m);
	CU_ASSERT_EQUAL(map_count(out), 999);
	val_release(h, out);
	CU_ASSERT_EQUAL(heap_used(h), 0);
	heap_free(h);
}

/* A value taken out of an unshared container is the caller's alone. */
static void
test_take(void)
{
	struct heap *h = heap_new(0);
	struct core_call call = {.heap = h, .name = "take"};
	val key = keyword_from("a"), slot, inner, v;
	int shared;

	for (shared = 0; shared < 2; shared++) {
		inner = vector_of(h, 3);
		slot = map_assoc(h, map_empty(h), key, inner);
		if (shared)
			val_retain(slot);
		v = core_take(&call, &slot, key);
		CU_ASSERT_EQUAL(v, inner);
		CU_ASSERT_EQUAL(obj_unique(val_obj(v)), !shared);
		CU_ASSERT_EQUAL(map_get(slot, key) == VAL_NIL, !shared);
		val_release(h, v);
		val_release(h, slot);
		if (shared)
			val_release(h, slot);

		inner = vector_of(h, 3);
		slot = vec_push(h, vector_of(h, 2), inner);
		if (shared)
			val_retain(slot);
		v = core_take(&call, &slot, val_fix(2));
		CU_ASSERT_EQUAL(v, inner);
		CU_ASSERT_EQUAL(obj_unique(val_obj(v)), !shared);
		val_release(h, v);
		val_release(h, slot);
		if (shared)
			val_release(h, slot);
	}
	CU_ASSERT_EQUAL(heap_used(h), 0);
	heap_free(h);
}

static void
test_room(void)
{
	struct heap *h = heap_new(1 << 20);
	struct core_call call;
	size_t before = heap_peak(h);
	char *text;
	val argv[3], s;

	argv[0] = val_fix(1 << 20);
	argv[1] = val_fix(5);
	CU_ASSERT_EQUAL(invoke(h, &call, "repeat", argv, 2), VAL_UNBOUND);
	CU_ASSERT_EQUAL(call.error, VAL_UNBOUND);
	argv[0] = val_fix(INT64_C(1) << 40);
	CU_ASSERT_EQUAL(invoke(h, &call, "range", argv, 1), VAL_UNBOUND);
	CU_ASSERT_EQUAL(call.error, VAL_UNBOUND);
	argv[0] = val_fix(10);
	argv[1] = val_fix(INT64_C(1) << 40);
	CU_ASSERT_EQUAL(invoke(h, &call, "pow", argv, 2), VAL_UNBOUND);
	CU_ASSERT_EQUAL(call.error, VAL_UNBOUND);
	argv[0] = val_fix(1);
	argv[1] = val_fix(INT64_C(1) << 40);
	CU_ASSERT_EQUAL(
	    invoke(h, &call, "bit-shift-left", argv, 2), VAL_UNBOUND);
	CU_ASSERT_EQUAL(call.error, VAL_UNBOUND);
	CU_ASSERT(heap_peak(h) - before < 4096);

	/* 100 kB of separator between 100 elements */
	argv[0] = val_fix(100);
	argv[1] = val_fix(1);
	argv[1] = invoke(h, &call, "repeat", argv, 2);
	CU_ASSERT_NOT_EQUAL(argv[1], VAL_UNBOUND);
	argv[0] = str_blank(h, 100000, &text);
	memset(text, 'x', 100000);
	str_seal(argv[0]);
	s = invoke(h, &call, "join", argv, 2);
	CU_ASSERT_EQUAL(s, VAL_UNBOUND);
	CU_ASSERT_EQUAL(call.error, VAL_UNBOUND);
	CU_ASSERT_EQUAL(heap_used(h), 0);
	heap_free(h);
}

/* Failing functions release what they took. */
static void
test_no_leak_on_error(void)
{
	static const struct {
		const char *name;
		unsigned int argc;
	} cases[] = {
	    {"assoc",       3},
	    {"assoc-in",    3},
	    {"conj",        2},
	    {"into",        2},
	    {"merge",       2},
	    {"zipmap",      2},
	    {"get-in",      2},
	    {"concat",      2},
	    {"join",        2},
	    {"nth",         2},
	    {"replace",     3},
	    {"interleave",  2},
	    {"cons",        2},
	    {"error",       3},
	    {"task",        2},
	    {"partition",   2},
	    {"%sort",       1},
	    {"re-find",     2},
	    {"format",      2},
	    {"read-string", 1},
	};
	struct heap *h = heap_new(0);
	struct core_call call;
	val argv[3], out;
	size_t i, kind, j;

	for (i = 0; i < NITEMS(cases); i++) {
		for (kind = 0; kind < 27; kind++) {
			for (j = 0; j < 3; j++) {
				size_t pick = j == 0 ? kind % 3 :
				    j == 1           ? kind / 3 % 3 :
				                       kind / 9;

				argv[j] = pick == 0 ? vector_of(h, 3) :
				    pick == 1       ? str_from(h, "(a") :
				                      map_assoc(h, map_empty(h),
				                          str_from(h, "(a"),
				                          vector_of(h, 2));
			}
			out = invoke(
			    h, &call, cases[i].name, argv, cases[i].argc);
			for (j = cases[i].argc; j < 3; j++)
				val_release(h, argv[j]);
			if (out == VAL_UNBOUND)
				val_release(h, call.error);
			else
				val_release(h, out);
			CU_ASSERT_EQUAL(heap_used(h), 0);
		}
	}
	heap_free(h);
}

/* Values of every kind, with the numbers and texts that are special. */
static val
sample(struct heap *h, unsigned int i)
{
	static const int64_t numbers[] = {0, 1, -1, 2, 64, 100000, VAL_FIX_MIN};
	static const char *const texts[] = {
	    "", "a", "(", "%s %d", "é😀", "[1 {:a 2}]", "(?<n>a*)$", "12"};
	val pair[2];

	if (i < NITEMS(numbers))
		return val_fix(numbers[i]);
	i -= (unsigned int)NITEMS(numbers);
	if (i < NITEMS(texts))
		return str_from(h, texts[i]);
	switch (i - NITEMS(texts)) {
	case 0:
		return VAL_NIL;
	case 1:
		return VAL_TRUE;
	case 2:
		return VAL_NO_ITEMS;
	case 3:
		return keyword_from("a");
	case 4:
		return float_from(h, -1.5);
	case 5:
		return float_from(h, __builtin_nan(""));
	case 6:
		return int_from(h, INT64_MIN);
	case 7:
		return vector_of(h, 40);
	case 8:
		return map_assoc(
		    h, map_empty(h), keyword_from("a"), vector_of(h, 2));
	case 9:
		return list_cons(h, val_fix(1), VAL_NO_ITEMS);
	case 10:
		pair[0] = str_from(h, "k");
		pair[1] = vector_of(h, 1);
		return vec_new(h, pair, 2);
	default:
		return errval_make(h, ERRKEY_TYPE_ERROR, "message");
	}
}
#define NSAMPLES 27

/* Whatever comes in, a value or an error comes out, and nothing stays. */
static void
test_any_arguments(void)
{
	struct heap *h = heap_new(1 << 20);
	const struct core_def *d;
	struct core_call call;
	uint32_t seed = 1;
	unsigned int round, argc, spread, j;
	val argv[4], out;
	size_t i, left = 0;

	for (i = 0; i < NITEMS(families); i++) {
		for (d = families[i]; d->name != NULL; d++) {
			if (d->name[0] == '%' ||
			    strcmp(d->name, "keyword") == 0 ||
			    strcmp(d->name, "symbol") == 0 ||
			    strcmp(d->name, "read-string") == 0)
				continue; /* names are charged for good */
			spread = d->max == -1 ?
			    3 :
			    1 + (unsigned int)(d->max - d->min);
			for (round = 0; round < 300; round++) {
				seed = seed * 1103515245 + 12345;
				argc = (unsigned int)d->min +
				    (seed >> 16) % spread;
				argc = argc > 4 ? 4 : argc;
				for (j = 0; j < argc; j++) {
					seed = seed * 1103515245 + 12345;
					argv[j] =
					    sample(h, (seed >> 16) % NSAMPLES);
				}
				out = invoke(h, &call, d->name, argv, argc);
				val_release(
				    h, out == VAL_UNBOUND ? call.error : out);
				CU_ASSERT_EQUAL(heap_used(h), left);
				if (heap_used(h) != left)
					printf("%s leaves %zu bytes\n", d->name,
					    heap_used(h) - left);
				left = heap_used(h);
			}
		}
	}
	heap_free(h);
}

static void
test_messages(void)
{
	static const struct {
		const char *name;
		val arg;
		const char *message;
	} rows[] = {
	    {"inc",       VAL_TRUE,     "inc: expected a number, got bool true"},
	    {"inc",       VAL_NIL,      "inc: expected a number, got nil"      },
	    {"factorial", VAL_FALSE,
             "factorial: expected an integer, got bool false"                  },
	    {"length",    VAL_NIL,
             "length: expected a vector, list, map or string, got nil"         },
	    {"upper",     VAL_NO_ITEMS, "upper: expected a string, got list ()"},
	};
	struct heap *h = heap_new(0);
	struct core_call call;
	size_t i;
	val argv[1];

	for (i = 0; i < NITEMS(rows); i++) {
		argv[0] = rows[i].arg;
		CU_ASSERT_EQUAL(
		    invoke(h, &call, rows[i].name, argv, 1), VAL_UNBOUND);
		CU_ASSERT_STRING_EQUAL(
		    str_bytes(val_errval(call.error)->message, NULL),
		    rows[i].message);
		val_release(h, call.error);
	}
	heap_free(h);
}

UNIT_MAIN("core", {"every row is complete", test_tables},
    {"changes unshared vectors in place", test_in_place},
    {"changes unshared maps in place", test_map_in_place},
    {"take moves a value out", test_take},
    {"refuses what has no room", test_room},
    {"errors leak nothing", test_no_leak_on_error},
    {"any arguments give a value or an error", test_any_arguments},
    {"messages say what was expected", test_messages})
