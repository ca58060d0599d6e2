/*
 * Making, reading and changing vectors, lists and maps.  Whatever changes a
 * collection takes it out of its argument slot, so that one that nobody else
 * holds is changed in place.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/core_task.h"
#include "lang/core_util.h"
#include "value/equal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

/* Hand all arguments over to a constructor that consumes them. */
static void
give_all(val *argv, unsigned int argc)
{
	unsigned int i;

	for (i = 0; i < argc; i++)
		argv[i] = VAL_NIL;
}

static val
fn_vector(struct core_call *call, val *argv, unsigned int argc)
{
	val out = vec_new(call->heap, argv, argc);

	give_all(argv, argc);
	return out;
}

static val
fn_list(struct core_call *call, val *argv, unsigned int argc)
{
	val out = list_new(call->heap, argv, argc);

	give_all(argv, argc);
	return out;
}

static val
fn_hash_map(struct core_call *call, val *argv, unsigned int argc)
{
	val out;

	if (argc % 2 != 0)
		return core_fail(call, ERRKEY_ARITY_MISMATCH,
		    "expected keys and values in pairs, got %u arguments",
		    argc);
	out = map_new(call->heap, argv, argc / 2);
	give_all(argv, argc);
	return out;
}

static val
fn_vec(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return core_to_vector(call, core_own(&argv[0]));
}

static val
fn_get(struct core_call *call, val *argv, unsigned int argc)
{
	return core_get(call, argv[0], argv[1], argc == 3 ? argv[2] : VAL_NIL);
}

/* Would (get coll key) be an answer, not an error? */
static bool
fits(val coll, val key)
{
	return val_is_map(coll) || val_is_error(coll) || val_is_task(coll) ||
	    (val_is_vector(coll) && val_is_int(key));
}

static val
fn_get_in(struct core_call *call, val *argv, unsigned int argc)
{
	struct heap *h = call->heap;
	struct seq path;
	val missing = argc == 3 ? argv[2] : VAL_NIL;
	val v = val_retain(argv[0]), key, next;

	if (!seq_open(call, argv[1], &path)) {
		val_release(h, v);
		return VAL_UNBOUND;
	}
	while (v != VAL_UNBOUND && seq_next(&path, &key)) {
		next = fits(v, key) ? core_get(call, v, key, VAL_UNBOUND) :
		                      VAL_UNBOUND;
		val_release(h, v);
		val_release(h, key);
		v = next;
	}
	return v == VAL_UNBOUND ? val_retain(missing) : v;
}

val
core_assoc(struct core_call *call, val coll, val key, val value)
{
	struct heap *h = call->heap;
	int64_t i;

	if (coll == VAL_NIL)
		coll = map_empty(h);
	if (val_is_map(coll))
		return map_assoc(h, coll, key, value);
	if (val_is_task(coll))
		return core_task_assoc(call, coll, key, value);
	if (!val_is_vector(coll)) {
		core_type_error(call, "a map, vector, task or nil", coll);
	} else if (!core_want_i64(call, key, &i)) {
		;
	} else if (i < 0 || (uint64_t)i > vec_count(coll)) {
		core_fail(call, ERRKEY_INDEX_OUT_OF_BOUNDS,
		    "index %lld of a vector of %zu", (long long)i,
		    vec_count(coll));
	} else {
		val_release(h, key);
		return (uint64_t)i == vec_count(coll) ?
		    vec_push(h, coll, value) :
		    vec_set(h, coll, (size_t)i, value);
	}
	val_release(h, coll);
	val_release(h, key);
	val_release(h, value);
	return VAL_UNBOUND;
}

static val
fn_assoc(struct core_call *call, val *argv, unsigned int argc)
{
	unsigned int i;
	val coll;

	if (argc % 2 == 0)
		return core_fail(call, ERRKEY_ARITY_MISMATCH,
		    "expected keys and values in pairs, got %u arguments",
		    argc);
	coll = core_own(&argv[0]);
	for (i = 1; coll != VAL_UNBOUND && i < argc; i += 2)
		coll = core_assoc(
		    call, coll, core_own(&argv[i]), core_own(&argv[i + 1]));
	return coll;
}

/*
 * Down the path taking each inner collection out of its place, and up again
 * putting it back, so that every level nobody else holds is changed in place.
 */
static val
fn_assoc_in(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	size_t n, i, depth;
	val path, *level, v;

	path = core_to_vector(call, core_own(&argv[1]));
	if (path == VAL_UNBOUND)
		return VAL_UNBOUND;
	if ((n = vec_count(path)) == 0) {
		val_release(h, path);
		return core_fail(
		    call, ERRKEY_INVALID_ARGUMENT, "the path is empty");
	}
	level = xcalloc(n, sizeof(*level));
	level[0] = core_own(&argv[0]);
	for (depth = 1; depth < n; depth++) {
		v = core_take(
		    call, &level[depth - 1], vec_get(path, depth - 1));
		if (v == VAL_UNBOUND)
			break;
		level[depth] = v;
	}
	v = depth < n ? VAL_UNBOUND : core_own(&argv[2]);
	for (i = depth; i-- > 0;) {
		if (v == VAL_UNBOUND)
			val_release(h, level[i]);
		else
			v = core_assoc(
			    call, level[i], val_retain(vec_get(path, i)), v);
	}
	free(level);
	val_release(h, path);
	return v;
}

/* What update-in keeps between its way down and its way up: the value at the
 * path's end, the path, and every collection on the way, outermost first. */
enum {
	DOWN_VALUE,
	DOWN_PATH,
	DOWN_LEVELS
};

/* (%down coll path): each inner collection is taken out of its place, so that
 * what nobody else holds is changed in place. */
static val
fn_down(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	val row[DOWN_LEVELS + 2], levels, coll, path, x;
	size_t n, i;

	call->name = "update-in";
	path = core_to_vector(call, core_own(&argv[1]));
	if (path == VAL_UNBOUND)
		return VAL_UNBOUND;
	if ((n = vec_count(path)) == 0) {
		val_release(h, path);
		return core_fail(
		    call, ERRKEY_INVALID_ARGUMENT, "the path is empty");
	}
	call->cost += n;
	row[DOWN_VALUE] = VAL_NIL;
	row[DOWN_PATH] = path;
	levels = vec_new(h, row, DOWN_LEVELS);
	coll = core_own(&argv[0]);
	for (i = 0; i < n; i++) {
		x = core_take(call, &coll, vec_get(path, i));
		levels = vec_push(h, levels, coll);
		if (x == VAL_UNBOUND) {
			val_release(h, levels);
			return VAL_UNBOUND;
		}
		coll = x;
	}
	return vec_set(h, levels, DOWN_VALUE, coll);
}

/* Item i of a vector, moved out of it if nobody else holds that. */
static val
move_out(val v, size_t i)
{
	val *slot = vec_own_slot(v, i);

	return slot == NULL ? val_retain(vec_get(v, i)) : core_own(slot);
}

/* (%up levels value): the outermost collection with the value put in. */
static val
fn_up(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	val path = vec_get(argv[0], DOWN_PATH), v = core_own(&argv[1]);
	size_t i = vec_count(path);

	call->name = "assoc";
	call->cost += i;
	while (i-- > 0 && v != VAL_UNBOUND) {
		v = core_assoc(call, move_out(argv[0], DOWN_LEVELS + i),
		    val_retain(vec_get(path, i)), v);
	}
	return v;
}

static val
fn_dissoc(struct core_call *call, val *argv, unsigned int argc)
{
	unsigned int i;
	val m;

	if (argv[0] == VAL_NIL)
		return VAL_NIL;
	if (!val_is_map(argv[0]))
		return core_type_error(call, "a map or nil", argv[0]);
	m = core_own(&argv[0]);
	for (i = 1; i < argc; i++)
		m = map_dissoc(call->heap, m, argv[i]);
	return m;
}

static val
fn_take_value(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return core_take(call, &argv[0], argv[1]);
}

/* All entries of from (a map) into the map into, which is consumed. */
static val
add_entries(struct heap *h, val into, val from)
{
	struct map_iter it = map_iter(from);
	val k, v;

	while (map_next(&it, &k, &v))
		into = map_assoc(h, into, val_retain(k), val_retain(v));
	return into;
}

static val
fn_merge(struct core_call *call, val *argv, unsigned int argc)
{
	unsigned int i;
	val out = VAL_NIL;

	for (i = 0; i < argc; i++) {
		if (argv[i] != VAL_NIL && !val_is_map(argv[i]))
			return core_type_error(call, "a map or nil", argv[i]);
	}
	for (i = 0; i < argc; i++) {
		if (argv[i] == VAL_NIL)
			continue;
		if (out == VAL_NIL) {
			out = core_own(&argv[i]);
			continue;
		}
		call->cost += map_count(argv[i]) / 4;
		out = add_entries(call->heap, out, argv[i]);
		if (!core_room(call, 0)) {
			val_release(call->heap, out);
			return VAL_UNBOUND;
		}
	}
	return out;
}

static bool
want_map(struct core_call *call, val m)
{
	if (m == VAL_NIL || val_is_map(m))
		return true;
	core_type_error(call, "a map or nil", m);
	return false;
}

static val
fn_select_keys(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	struct seq s;
	val key, stored, v, out;

	if (!want_map(call, argv[0]) || !seq_open(call, argv[1], &s))
		return VAL_UNBOUND;
	out = map_empty(h);
	while (seq_next(&s, &key)) {
		if (argv[0] != VAL_NIL && map_find(argv[0], key, &stored, &v))
			out = map_assoc(
			    h, out, val_retain(stored), val_retain(v));
		val_release(h, key);
	}
	return out;
}

/* As Clojure: old keys go, new ones are added in the order of the second
 * map. */
static val
fn_rename_keys(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	struct map_iter it;
	val m, out, from, to, v;

	if (argv[0] == VAL_NIL)
		return VAL_NIL;
	if (!want_map(call, argv[0]) || !want_map(call, argv[1]))
		return VAL_UNBOUND;
	m = argv[0];
	out = val_retain(m);
	if (argv[1] == VAL_NIL)
		return out;
	for (it = map_iter(argv[1]); map_next(&it, &from, &to);)
		out = map_dissoc(h, out, from);
	for (it = map_iter(argv[1]); map_next(&it, &from, &to);) {
		if ((v = map_get(m, from)) != VAL_UNBOUND)
			out = map_assoc(h, out, val_retain(to), val_retain(v));
	}
	return out;
}

static val
fn_contains(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	const char *hay, *needle;
	size_t hay_len, len;
	struct seq s;
	val x;
	bool found = false;

	if (val_is_map(argv[0]))
		return val_bool(map_get(argv[0], argv[1]) != VAL_UNBOUND);
	if (val_is_string(argv[0])) {
		if (!core_want_string(call, argv[1]))
			return VAL_UNBOUND;
		hay = str_bytes(argv[0], &hay_len);
		needle = str_bytes(argv[1], &len);
		return val_bool(
		    len == 0 || memmem(hay, hay_len, needle, len) != NULL);
	}
	if (!seq_open(call, argv[0], &s))
		return VAL_UNBOUND;
	while (!found && seq_next(&s, &x)) {
		found = val_same_key(x, argv[1]);
		val_release(call->heap, x);
	}
	return val_bool(found);
}

static val
entries(struct core_call *call, val m, bool want_keys)
{
	struct map_iter it;
	val k, v, out;

	if (!want_map(call, m))
		return VAL_UNBOUND;
	out = vec_empty(call->heap);
	if (m == VAL_NIL)
		return out;
	call->cost += map_count(m) / 4;
	for (it = map_iter(m); map_next(&it, &k, &v);)
		out = vec_push(call->heap, out, val_retain(want_keys ? k : v));
	return out;
}

static val
fn_keys(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return entries(call, argv[0], true);
}

static val
fn_vals(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return entries(call, argv[0], false);
}

static val
fn_find(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	val pair[2], k, v;

	if (!want_map(call, argv[0]))
		return VAL_UNBOUND;
	if (argv[0] == VAL_NIL || !map_find(argv[0], argv[1], &k, &v))
		return VAL_NIL;
	pair[0] = val_retain(k);
	pair[1] = val_retain(v);
	return vec_new(call->heap, pair, 2);
}

static val
fn_zipmap(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct seq ks, vs;
	val out, k, v;

	if (!seq_open(call, argv[0], &ks) || !seq_open(call, argv[1], &vs))
		return VAL_UNBOUND;
	out = map_empty(call->heap);
	while (ks.pos < ks.count && vs.pos < vs.count && seq_next(&ks, &k) &&
	    seq_next(&vs, &v))
		out = map_assoc(call->heap, out, k, v);
	return out;
}

/* Consumes both, also when it fails. */
static val
conj_one(struct core_call *call, val coll, val x)
{
	struct heap *h = call->heap;
	val k, v;

	if (coll == VAL_NIL)
		coll = vec_empty(h);
	if (val_is_vector(coll))
		return vec_push(h, coll, x);
	if (val_is_list(coll))
		return list_cons(h, x, coll);
	if (!val_is_map(coll)) {
		core_type_error(call, "a vector, list, map or nil", coll);
	} else if (x == VAL_NIL) {
		return coll;
	} else if (val_is_map(x)) {
		coll = add_entries(h, coll, x);
		val_release(h, x);
		return coll;
	} else if (val_is_vector(x) && vec_count(x) == 2) {
		k = val_retain(vec_get(x, 0));
		v = val_retain(vec_get(x, 1));
		val_release(h, x);
		return map_assoc(h, coll, k, v);
	} else {
		core_type_error(call, "a pair [key value] to add to a map", x);
	}
	val_release(h, coll);
	val_release(h, x);
	return VAL_UNBOUND;
}

static val
fn_conj(struct core_call *call, val *argv, unsigned int argc)
{
	unsigned int i;
	val coll = core_own(&argv[0]);

	for (i = 1; coll != VAL_UNBOUND && i < argc; i++)
		coll = conj_one(call, coll, core_own(&argv[i]));
	return coll;
}

static val
fn_cons(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	val tail, head;

	if (val_is_list(argv[1]))
		return list_cons(h, core_own(&argv[0]), core_own(&argv[1]));
	tail = core_to_vector(call, core_own(&argv[1]));
	if (tail == VAL_UNBOUND)
		return VAL_UNBOUND;
	call->cost += vec_count(tail) / 4;
	head = core_own(&argv[0]);
	return vec_concat(h, vec_new(h, &head, 1), tail);
}

static val
fn_into(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct seq s;
	val to, x;

	if (argv[0] == VAL_NIL)
		argv[0] = vec_empty(call->heap);
	if (val_is_vector(argv[0]) && val_is_vector(argv[1])) {
		call->cost += vec_count(argv[1]) / 4;
		return vec_concat(
		    call->heap, core_own(&argv[0]), core_own(&argv[1]));
	}
	if (!seq_open(call, argv[1], &s))
		return VAL_UNBOUND;
	to = core_own(&argv[0]);
	while (to != VAL_UNBOUND && seq_next(&s, &x)) {
		to = conj_one(call, to, x);
		if (to != VAL_UNBOUND && !core_room(call, 0)) {
			val_release(call->heap, to);
			return VAL_UNBOUND;
		}
	}
	return to;
}

static val
fn_count(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_is_seqable(argv[0]))
		return core_type_error(call, "a collection", argv[0]);
	return val_fix((int64_t)core_seq_count(argv[0]));
}

static val
fn_length(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (argv[0] == VAL_NIL || !core_is_seqable(argv[0]))
		return core_type_error(
		    call, "a vector, list, map or string", argv[0]);
	return val_fix((int64_t)core_seq_count(argv[0]));
}

static val
fn_empty_p(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_is_seqable(argv[0]))
		return core_type_error(call, "a collection", argv[0]);
	return val_bool(argv[0] == VAL_NIL || argv[0] == VAL_NO_ITEMS ||
	    core_seq_count(argv[0]) == 0);
}

static val
fn_not_empty(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_is_seqable(argv[0]))
		return core_type_error(call, "a collection", argv[0]);
	return core_seq_count(argv[0]) == 0 ? VAL_NIL : core_own(&argv[0]);
}

static val
fn_empty(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (argv[0] == VAL_NIL)
		return VAL_NIL;
	if (val_is_list(argv[0]))
		return VAL_NO_ITEMS;
	if (val_is_map(argv[0]))
		return map_empty(call->heap);
	if (val_is_vector(argv[0]) || val_is_string(argv[0]))
		return vec_empty(call->heap);
	return core_type_error(call, "a collection", argv[0]);
}

static val
fn_peek(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t n = core_seq_count(argv[0]);

	if (val_is_vector(argv[0]))
		return n == 0 ? VAL_NIL : val_retain(vec_get(argv[0], n - 1));
	if (val_is_list(argv[0]))
		return n == 0 ? VAL_NIL : val_retain(list_first(argv[0]));
	if (argv[0] == VAL_NIL)
		return VAL_NIL;
	return core_type_error(call, "a vector, list or nil", argv[0]);
}

static val
fn_pop(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (argv[0] == VAL_NIL)
		return VAL_NIL;
	if (!val_is_vector(argv[0]) && !val_is_list(argv[0]))
		return core_type_error(call, "a vector, list or nil", argv[0]);
	if (core_seq_count(argv[0]) == 0)
		return core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "the %s is empty",
		    val_is_list(argv[0]) ? "list" : "vector");
	if (val_is_list(argv[0]))
		return val_retain(list_rest(argv[0]));
	return vec_pop(call->heap, core_own(&argv[0]));
}

static val
fn_frequencies(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	struct seq s;
	val out, x, n;

	if (!seq_open(call, argv[0], &s))
		return VAL_UNBOUND;
	out = map_empty(h);
	while (seq_next(&s, &x)) {
		n = map_get(out, x);
		out = map_assoc(h, out, x,
		    val_fix(n == VAL_UNBOUND ? 1 : val_unfix(n) + 1));
	}
	return out;
}

/* (%group m key x): x appended to the vector under key. */
static val
fn_group(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	val m = core_own(&argv[0]), v = map_take(h, m, argv[1]);

	if (v == VAL_UNBOUND)
		v = vec_empty(h);
	return map_assoc(
	    h, m, core_own(&argv[1]), vec_push(h, v, core_own(&argv[2])));
}

const struct core_def core_collections[] = {
    {"vector",      fn_vector,      0, -1, "(vector & xs)",                "A vector of xs."                   },
    {"list",        fn_list,        0, -1, "(list & xs)",                  "A list of xs."                     },
    {"hash-map",    fn_hash_map,    0, -1, "(hash-map & kvs)",
     "A map of keys and values, in this order."                                                                },
    {"vec",         fn_vec,         1, 1,  "(vec coll)",
     "The elements of a collection as a vector."                                                               },
    {"get",         fn_get,         2, 3,  "(get coll key default?)",
     "The value of a key of a map, task or error, or of an index of a "
        "vector; the default (or nil) if there is none."                                                       },
    {"get-in",      fn_get_in,      2, 3,  "(get-in coll path default?)",
     "get along a path of keys; the default (or nil) at the first step that "
        "does not fit."                                                                                        },
    {"assoc",       fn_assoc,       3, -1, "(assoc coll key value & kvs)",
     "The map, task or vector with key set to value. A key keeps its place; "
        "a vector's index may be its length, which appends."                                                   },
    {"assoc-in",    fn_assoc_in,    3, 3,  "(assoc-in coll path value)",
     "assoc at the end of a path of keys; missing maps are made."                                              },
    {"dissoc",      fn_dissoc,      1, -1, "(dissoc m & keys)",
     "The map without the keys."                                                                               },
    {"merge",       fn_merge,       0, -1, "(merge & maps)",
     "All entries of the maps; a later value replaces an earlier one."                                         },
    {"select-keys", fn_select_keys, 2, 2,  "(select-keys m keys)",
     "A map of those entries whose keys are given, in the order given."                                        },
    {"rename-keys", fn_rename_keys, 2, 2,  "(rename-keys m names)",
     "m with each key of the map names replaced by its value there; renamed "
        "entries go last."                                                                                     },
    {"contains?",   fn_contains,    2, 2,  "(contains? coll x)",
     "Is x a key of the map, a value in the vector or list, a part of the "
        "string?"                                                                                              },
    {"keys",        fn_keys,        1, 1,  "(keys m)",                     "The keys of a map, in its order."  },
    {"vals",        fn_vals,        1, 1,  "(vals m)",                     "The values of a map, in its order."},
    {"find",        fn_find,        2, 2,  "(find m key)",                 "The entry [key value], or nil."    },
    {"zipmap",      fn_zipmap,      2, 2,  "(zipmap keys values)",
     "A map of keys and values, as far as both go."                                                            },
    {"conj",        fn_conj,        1, -1, "(conj coll & xs)",
     "coll with xs added: at the end of a vector, at the front of a list, "
        "pairs or maps into a map."                                                                            },
    {"cons",        fn_cons,        2, 2,  "(cons x coll)",
     "x before the elements of coll: a list if coll is a list, else a "
        "vector."                                                                                              },
    {"into",        fn_into,        2, 2,  "(into to from)",
     "All elements of from added to the collection to."                                                        },
    {"count",       fn_count,       1, 1,  "(count coll)",
     "The number of elements; 0 for nil."                                                                      },
    {"length",      fn_length,      1, 1,  "(length coll)",
     "The number of elements; TypeError for nil."                                                              },
    {"empty?",      fn_empty_p,     1, 1,  "(empty? coll)",
     "Has the collection no elements? true for nil."                                                           },
    {"not-empty",   fn_not_empty,   1, 1,  "(not-empty coll)",
     "coll, or nil if it has no elements."                                                                     },
    {"empty",       fn_empty,       1, 1,  "(empty coll)",
     "The empty collection of the same kind; of nil nil."                                                      },
    {"peek",        fn_peek,        1, 1,  "(peek coll)",
     "The element that pop takes away: the last of a vector, the first of a "
        "list; nil if there is none."                                                                          },
    {"pop",         fn_pop,         1, 1,  "(pop coll)",
     "The vector without its last, the list without its first element."                                        },
    {"frequencies", fn_frequencies, 1, 1,  "(frequencies coll)",
     "A map from each element to how often it stands in coll."                                                 },
    {"%take",       fn_take_value,  2, 2,  "",                             ""                                  },
    {"%down",       fn_down,        2, 2,  "",                             ""                                  },
    {"%up",         fn_up,          2, 2,  "",                             ""                                  },
    {"%group",      fn_group,       3, 3,  "",                             ""                                  },
    {NULL,          NULL,           0, 0,  NULL,                           NULL                                },
};
