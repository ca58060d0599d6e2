/*
 * Taking sequences apart and building new ones.  Vectors come out, whatever
 * went in; the exceptions (rest, next, and what keeps a string a string) are
 * language.md's.  Sorting is in core_sort.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/core_sort.h"
#include "lang/core_util.h"
#include "value/equal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/string.h"
#include "value/vector.h"
#include "value/work.h"

static bool
want_seq(struct core_call *call, val coll)
{
	if (LIKELY(core_is_seqable(coll)))
		return true;
	core_type_error(call, "a collection", coll);
	return false;
}

/* Element i (< count) of a seqable value, owned. */
static val
element(struct core_call *call, val coll, size_t i)
{
	struct seq s;
	val x = VAL_NIL;

	if (val_is_vector(coll))
		return val_retain(vec_get(coll, i));
	if (val_is_list(coll))
		return val_retain(list_nth(coll, i));
	if (val_is_string(coll))
		return str_slice(call->heap, val_retain(coll), i, i + 1);
	seq_open(call, coll, &s);
	while (seq_next(&s, &x) && s.pos <= i)
		val_release(call->heap, x);
	return x;
}

/* Elements from..to of the collection in *slot, which is taken: a string of a
 * string, else a vector. */
static val
slice(struct core_call *call, val *slot, size_t from, size_t to)
{
	val v;

	call->cost += (to - from) / 16;
	if (val_is_string(*slot))
		return str_slice(call->heap, core_own(slot), from, to);
	v = core_to_vector(call, core_own(slot));
	if (v == VAL_UNBOUND)
		return v;
	return vec_slice(call->heap, v, from, to);
}

/* The same, but a string is seen as its characters. */
static val
slice_vector(struct core_call *call, val *slot, size_t from, size_t to)
{
	val v = slice(call, slot, from, to);

	return v == VAL_UNBOUND ? v : core_to_vector(call, v);
}

static val
fn_nth(struct core_call *call, val *argv, unsigned int argc)
{
	size_t count;
	int64_t i;

	if (val_is_map(argv[0]))
		return core_type_error(
		    call, "a vector, list or string", argv[0]);
	if (!want_seq(call, argv[0]) || !core_want_i64(call, argv[1], &i))
		return VAL_UNBOUND;
	count = core_seq_count(argv[0]);
	if (i >= 0 && (uint64_t)i < count)
		return element(call, argv[0], (size_t)i);
	if (argc == 3)
		return core_own(&argv[2]);
	return core_fail(call, ERRKEY_INDEX_OUT_OF_BOUNDS,
	    "index %lld of a sequence of %zu", (long long)i, count);
}

static val
nth_or_nil(struct core_call *call, val coll, size_t i)
{
	if (!want_seq(call, coll))
		return VAL_UNBOUND;
	return i < core_seq_count(coll) ? element(call, coll, i) : VAL_NIL;
}

static val
fn_first(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return nth_or_nil(call, argv[0], 0);
}

static val
fn_second(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return nth_or_nil(call, argv[0], 1);
}

static val
fn_last(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return nth_or_nil(call, argv[0], core_seq_count(argv[0]) - 1);
}

static val
fn_rest(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t n;

	if (!want_seq(call, argv[0]))
		return VAL_UNBOUND;
	if (val_is_list(argv[0]))
		return argv[0] == VAL_NO_ITEMS ? VAL_NO_ITEMS :
		                                 val_retain(list_rest(argv[0]));
	n = core_seq_count(argv[0]);
	call->cost += n / 32;
	return slice(call, &argv[0], n > 0, n);
}

static val
fn_next(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t n;

	if (!want_seq(call, argv[0]))
		return VAL_UNBOUND;
	if ((n = core_seq_count(argv[0])) <= 1)
		return VAL_NIL;
	if (val_is_list(argv[0]))
		return val_retain(list_rest(argv[0]));
	call->cost += n / 32;
	return slice_vector(call, &argv[0], 1, n);
}

static val
fn_butlast(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t n;

	if (!want_seq(call, argv[0]))
		return VAL_UNBOUND;
	n = core_seq_count(argv[0]);
	return slice_vector(call, &argv[0], 0, n > 0 ? n - 1 : 0);
}

/* A count argument brought into 0..n. */
static bool
clamp(struct core_call *call, val arg, size_t n, size_t *out)
{
	int64_t i;

	if (!core_want_i64(call, arg, &i))
		return false;
	*out = i < 0 ? 0 : (uint64_t)i > n ? n : (size_t)i;
	return true;
}

/* The usual (f n coll): *k is n brought into 0..*count. */
static bool
open_counted(struct core_call *call, const val *argv, size_t *k, size_t *count)
{
	if (!want_seq(call, argv[1]))
		return false;
	*count = core_seq_count(argv[1]);
	return clamp(call, argv[0], *count, k);
}

static val
fn_take(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t k, n;
	struct seq s;
	val out, x;

	if (!open_counted(call, argv, &k, &n))
		return VAL_UNBOUND;
	if (val_is_vector(argv[1]) || val_is_string(argv[1]))
		return slice(call, &argv[1], 0, k);
	seq_open(call, argv[1], &s);
	out = vec_empty(call->heap);
	while (s.pos < k && seq_next(&s, &x))
		out = vec_push(call->heap, out, x);
	return out;
}

static val
fn_drop(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t k, n;

	if (!open_counted(call, argv, &k, &n))
		return VAL_UNBOUND;
	return slice(call, &argv[1], k, n);
}

static val
fn_take_last(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t k, n;

	if (!open_counted(call, argv, &k, &n))
		return VAL_UNBOUND;
	return slice_vector(call, &argv[1], n - k, n);
}

static val
fn_drop_last(struct core_call *call, val *argv, unsigned int argc)
{
	size_t k = 1, n;

	if (argc == 2) {
		if (!open_counted(call, argv, &k, &n))
			return VAL_UNBOUND;
		return slice_vector(call, &argv[1], 0, n - k);
	}
	return fn_butlast(call, argv, argc);
}

static val
fn_split_at(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t k, n;
	val parts[2], v;

	if (!open_counted(call, argv, &k, &n))
		return VAL_UNBOUND;
	v = core_to_vector(call, core_own(&argv[1]));
	if (v == VAL_UNBOUND)
		return VAL_UNBOUND;
	parts[0] = vec_slice(call->heap, val_retain(v), 0, k);
	parts[1] = vec_slice(call->heap, v, k, n);
	return vec_new(call->heap, parts, 2);
}

static val
fn_subvec(struct core_call *call, val *argv, unsigned int argc)
{
	int64_t from, to, n;

	if (!val_is_vector(argv[0]))
		return core_type_error(call, "a vector", argv[0]);
	n = to = (int64_t)vec_count(argv[0]);
	if (!core_want_i64(call, argv[1], &from) ||
	    (argc == 3 && !core_want_i64(call, argv[2], &to)))
		return VAL_UNBOUND;
	if (from < 0 || to > n || from > to)
		return core_fail(call, ERRKEY_INDEX_OUT_OF_BOUNDS,
		    "%lld to %lld is not within a vector of %lld",
		    (long long)from, (long long)to, (long long)n);
	return vec_slice(
	    call->heap, core_own(&argv[0]), (size_t)from, (size_t)to);
}

static val
fn_concat(struct core_call *call, val *argv, unsigned int argc)
{
	unsigned int i;
	val out = VAL_UNBOUND, v;

	for (i = 0; i < argc; i++) {
		if (!want_seq(call, argv[i]))
			return VAL_UNBOUND;
	}
	out = vec_empty(call->heap);
	for (i = 0; i < argc; i++) {
		v = core_to_vector(call, core_own(&argv[i]));
		if (v == VAL_UNBOUND || !core_room(call, vec_count(v) * 8)) {
			if (v != VAL_UNBOUND)
				val_release(call->heap, v);
			val_release(call->heap, out);
			return VAL_UNBOUND;
		}
		call->cost += vec_count(v) / 8;
		out = i == 0 ? (val_release(call->heap, out), v) :
		               vec_concat(call->heap, out, v);
	}
	return out;
}

static val
fn_seq(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!want_seq(call, argv[0]))
		return VAL_UNBOUND;
	if (core_seq_count(argv[0]) == 0)
		return VAL_NIL;
	return core_to_vector(call, core_own(&argv[0]));
}

static val
count_up_i64(struct heap *h, int64_t first, int64_t by, int64_t count)
{
	val out = vec_empty(h), row[VECTOR_WIDE];
	size_t n;

	while (count > 0) {
		for (n = 0; n < VECTOR_WIDE && count > 0; n++, count--) {
			row[n] = int_from(h, first);
			first += by;
		}
		out = vec_append(h, out, row, n);
	}
	return out;
}

/* start, start+step, ... (n numbers), refused when too many. */
static val
count_up(struct core_call *call, val start, val step, val n)
{
	struct heap *h = call->heap;
	int64_t first, by, count, last;
	val out, x, next;

	if (!int_to_i64(n, &count) || count > INT64_MAX / 16 ||
	    !core_room(call, (size_t)count * sizeof(val))) {
		call->error = VAL_UNBOUND;
		return VAL_UNBOUND;
	}
	call->cost += (uint64_t)count / 4;
	if (int_to_i64(start, &first) && int_to_i64(step, &by) &&
	    !__builtin_mul_overflow(by, count, &last) &&
	    !__builtin_add_overflow(first, last, &last))
		return count_up_i64(h, first, by, count);
	out = vec_empty(h);
	for (x = val_retain(start); count > 0; count--, x = next) {
		out = vec_push(h, out, val_retain(x));
		num_add(h, x, step, &next);
		val_release(h, x);
		if (!core_room(call, 0)) {
			val_release(h, next);
			val_release(h, out);
			return VAL_UNBOUND;
		}
	}
	val_release(h, x);
	return out;
}

/* How many numbers start, start+step, ... stand before end; owned. */
static val
steps_between(struct heap *h, val start, val end, val step)
{
	val span, toward, rounded, n;

	num_sub(h, end, start, &span);
	if (span == val_fix(0) ||
	    int_is_negative(span) != int_is_negative(step)) {
		val_release(h, span);
		return val_fix(0);
	}
	/* (span + step -/+ 1) quot step: rounded away from zero */
	num_add(h, span, step, &toward);
	val_release(h, span);
	num_add(h, toward, val_fix(int_is_negative(step) ? 1 : -1), &rounded);
	val_release(h, toward);
	num_quot(h, rounded, step, &n);
	val_release(h, rounded);
	return n;
}

static val
fn_range(struct core_call *call, val *argv, unsigned int argc)
{
	val start = argc == 1 ? val_fix(0) : argv[0];
	val end = argc == 1 ? argv[0] : argv[1];
	val step = argc == 3 ? argv[2] : val_fix(1);
	val n, out;

	if (!core_want_int(call, start) || !core_want_int(call, end) ||
	    !core_want_int(call, step))
		return VAL_UNBOUND;
	if (step == val_fix(0))
		return core_fail(
		    call, ERRKEY_INVALID_ARGUMENT, "the step is 0");
	n = steps_between(call->heap, start, end, step);
	out = count_up(call, start, step, n);
	val_release(call->heap, n);
	return out;
}

static val
fn_numbers(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	val end, n, out;

	if (!core_want_int(call, argv[0]) || !core_want_int(call, argv[1]))
		return VAL_UNBOUND;
	num_add(call->heap, argv[1], val_fix(1), &end);
	n = steps_between(call->heap, argv[0], end, val_fix(1));
	out = count_up(call, argv[0], val_fix(1), n);
	val_release(call->heap, n);
	val_release(call->heap, end);
	return out;
}

static val
fn_repeat(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	int64_t n;
	val out;

	if (!core_want_i64(call, argv[0], &n))
		return VAL_UNBOUND;
	if (n > 0 &&
	    (n > INT64_MAX / 16 || !core_room(call, (size_t)n * sizeof(val)))) {
		call->error = VAL_UNBOUND;
		return VAL_UNBOUND;
	}
	out = vec_empty(call->heap);
	for (; n > 0; n--) {
		out = vec_push(call->heap, out, val_retain(argv[1]));
		call->cost += (n & 3) == 0;
	}
	return out;
}

static val
reverse_string(struct core_call *call, val s)
{
	struct buf b = BUF_INIT;
	const char *p, *end;
	char *out;
	size_t len, n;

	p = str_bytes(s, &len);
	if (!core_room(call, len))
		return VAL_UNBOUND;
	out = buf_reserve(&b, len + 1) + len;
	for (end = p + len; p < end; p += n) {
		utf8_decode(p, end, &n);
		out -= n;
		memcpy(out, p, n);
	}
	b.len = len;
	return core_string(call, &b);
}

static val
fn_reverse(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	size_t i;
	val v, out;

	if (val_is_string(argv[0]))
		return reverse_string(call, argv[0]);
	v = core_to_vector(call, core_own(&argv[0]));
	if (v == VAL_UNBOUND)
		return v;
	call->cost += vec_count(v) / 4;
	out = vec_empty(call->heap);
	for (i = vec_count(v); i-- > 0;)
		out = vec_push(call->heap, out, val_retain(vec_get(v, i)));
	val_release(call->heap, v);
	return out;
}

static val
fn_interleave(struct core_call *call, val *argv, unsigned int argc)
{
	struct seq *s;
	unsigned int i;
	size_t n = SIZE_MAX, k;
	val out = VAL_UNBOUND, x;

	if (argc == 0)
		return vec_empty(call->heap);
	s = xcalloc(argc, sizeof(*s));
	for (i = 0; i < argc; i++) {
		if (!seq_open(call, argv[i], &s[i]))
			goto done;
		if (s[i].count < n)
			n = s[i].count;
	}
	if (!core_room(call, n * argc * sizeof(val)))
		goto done;
	out = vec_empty(call->heap);
	for (k = 0; k < n; k++) {
		for (i = 0; i < argc && seq_next(&s[i], &x); i++)
			out = vec_push(call->heap, out, x);
	}
done:
	free(s);
	return out;
}

static val
fn_interpose(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct seq s;
	val out, x;

	if (!seq_open(call, argv[1], &s))
		return VAL_UNBOUND;
	out = vec_empty(call->heap);
	while (seq_next(&s, &x)) {
		if (s.pos > 1)
			out = vec_push(call->heap, out, val_retain(argv[0]));
		out = vec_push(call->heap, out, x);
	}
	return out;
}

/* Depth by an explicit stack; parts shared in the input are copied out as
 * often as they stand there, so the budget is looked at on the way. */
static val
fn_flatten(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	struct seq *stack;
	size_t depth = 1, cap = 8, seen = 0;
	val out, x;

	if (!want_seq(call, argv[0]))
		return VAL_UNBOUND;
	/* a map's entries are made afresh: let a vector hold them */
	argv[0] = core_to_vector(call, argv[0]);
	if (argv[0] == VAL_UNBOUND) {
		argv[0] = VAL_NIL;
		return VAL_UNBOUND;
	}
	stack = xcalloc(cap, sizeof(*stack));
	seq_open(call, argv[0], &stack[0]);
	out = vec_empty(h);
	while (depth > 0) {
		if (!seq_next(&stack[depth - 1], &x)) {
			depth--;
			continue;
		}
		/* Shared parts may make this walk endless. */
		if (++seen % WORK_LOOK == 0 &&
		    (!work_on((uint64_t)WORK_LOOK * WORK_NODES) ||
		        !core_room(call, 0))) {
			val_release(h, x);
			val_release(h, out);
			out = VAL_UNBOUND;
			break;
		}
		if (!val_is_vector(x) && !val_is_list(x)) {
			out = vec_push(h, out, x);
			continue;
		}
		if (depth == cap) {
			cap *= 2;
			stack = xreallocarray(stack, cap, sizeof(*stack));
		}
		/* borrowed from here on: its container holds it too */
		val_release(h, x);
		seq_open(call, x, &stack[depth++]);
		if (!core_room(call, depth * sizeof(*stack))) {
			val_release(h, out);
			out = VAL_UNBOUND;
			break;
		}
	}
	free(stack);
	call->cost += seen % WORK_LOOK;
	return out;
}

static val
partition(struct core_call *call, val n, val step, val coll)
{
	struct heap *h = call->heap;
	int64_t size, by, from, count, to;
	val out;

	if (!core_want_i64(call, n, &size) || !core_want_i64(call, step, &by))
		goto fail;
	if (size < 1 || by < 1) {
		core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "size and step must be above 0");
		goto fail;
	}
	if ((coll = core_to_vector(call, coll)) == VAL_UNBOUND)
		return VAL_UNBOUND;
	count = (int64_t)vec_count(coll);
	call->cost += (uint64_t)count / 4;
	out = vec_empty(h);
	for (from = 0; from < count; from += by) {
		to = size > count - from ? count : from + size;
		call->cost += (uint64_t)(to - from) / 16;
		out = vec_push(h, out,
		    vec_slice(h, val_retain(coll), (size_t)from, (size_t)to));
		if (!core_room(call, 0)) {
			val_release(h, out);
			out = VAL_UNBOUND;
			break;
		}
		if (by > count - from)
			break;
	}
	val_release(h, coll);
	return out;
fail:
	val_release(h, coll);
	return VAL_UNBOUND;
}

static val
fn_partition(struct core_call *call, val *argv, unsigned int argc)
{
	return partition(call, argv[0], argc == 3 ? argv[1] : argv[0],
	    core_own(&argv[argc - 1]));
}

/* Each element once, at its first place. */
static val
fn_distinct(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	struct buf b = BUF_INIT;
	bool string = val_is_string(argv[0]);
	const char *p;
	size_t len;
	struct seq s;
	val seen, out, x;

	if (!seq_open(call, argv[0], &s))
		return VAL_UNBOUND;
	seen = map_empty(h);
	out = vec_empty(h);
	while (seq_next(&s, &x)) {
		if (map_get(seen, x) != VAL_UNBOUND) {
			val_release(h, x);
			continue;
		}
		seen = map_assoc(h, seen, val_retain(x), VAL_TRUE);
		if (string) {
			p = str_bytes(x, &len);
			buf_add(&b, p, len);
			val_release(h, x);
		} else {
			out = vec_push(h, out, x);
		}
	}
	val_release(h, seen);
	if (!string)
		return out;
	val_release(h, out);
	return core_string(call, &b);
}

/* Neighbours that are equal become one. */
static val
fn_dedupe(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct heap *h = call->heap;
	struct seq s;
	val out, x;
	size_t n = 0;

	if (!seq_open(call, argv[0], &s))
		return VAL_UNBOUND;
	out = vec_empty(h);
	while (seq_next(&s, &x)) {
		if (n > 0 && val_same_key(vec_get(out, n - 1), x)) {
			val_release(h, x);
			continue;
		}
		out = vec_push(h, out, x);
		n++;
	}
	return out;
}

static val
fn_sort(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	bool string = val_is_string(argv[0]);
	struct buf b = BUF_INIT;
	const char *p;
	size_t i, len;
	val v, out;

	call->name = "sort";
	v = core_to_vector(call, core_own(&argv[0]));
	if (v == VAL_UNBOUND)
		return v;
	out = sort_by_keys(call, v, v);
	val_release(call->heap, v);
	if (out == VAL_UNBOUND || !string)
		return out;
	for (i = 0; i < vec_count(out); i++) {
		p = str_bytes(vec_get(out, i), &len);
		buf_add(&b, p, len);
	}
	val_release(call->heap, out);
	return core_string(call, &b);
}

/* (%sort-by-keys keys items): items in the order of keys, both vectors. */
static val
fn_sort_by_keys(
    struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	call->name = "sort-by";
	return sort_by_keys(call, argv[0], argv[1]);
}

/* (%vec coll): what for and doseq go over. */
static val
fn_to_vector(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	call->name = "for";
	return core_to_vector(call, core_own(&argv[0]));
}

/* (%seq name coll): the elements as a vector, for the function of that name. */
static val
fn_named_vector(
    struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (LIKELY(val_is_vector(argv[1])))
		return core_own(&argv[1]);
	call->name = str_bytes(argv[0], NULL);
	return core_to_vector(call, core_own(&argv[1]));
}

const struct core_def core_sequences[] = {
    {"first",         fn_first,        1, 1,  "(first coll)",
     "The first element, nil if there is none."                                                              },
    {"second",        fn_second,       1, 1,  "(second coll)",
     "The second element, nil if there is none."                                                             },
    {"rest",          fn_rest,         1, 1,  "(rest coll)",
     "All but the first element: of a list a list, of a string a string, "
        "else a vector."                                                                                     },
    {"next",          fn_next,         1, 1,  "(next coll)",
     "All but the first element, or nil if nothing is left."                                                 },
    {"last",          fn_last,         1, 1,  "(last coll)",
     "The last element, nil if there is none."                                                               },
    {"butlast",       fn_butlast,      1, 1,  "(butlast coll)",
     "A vector of all but the last element."                                                                 },
    {"nth",           fn_nth,          2, 3,  "(nth coll index default?)",
     "The element at an index of a vector, list or string; outside "
        "IndexOutOfBounds, or the default."                                                                  },
    {"take",          fn_take,         2, 2,  "(take n coll)",
     "The first n elements, fewer if there are not so many."                                                 },
    {"drop",          fn_drop,         2, 2,  "(drop n coll)",                "All but the first n elements."},
    {"take-last",     fn_take_last,    2, 2,  "(take-last n coll)",
     "The last n elements."                                                                                  },
    {"drop-last",     fn_drop_last,    1, 2,  "(drop-last n? coll)",
     "All but the last n elements (1 if n is not given)."                                                    },
    {"split-at",      fn_split_at,     2, 2,  "(split-at n coll)",
     "[the first n elements, the rest]."                                                                     },
    {"subvec",        fn_subvec,       2, 3,  "(subvec v start end?)",
     "The part of a vector from index start up to, not including, end."                                      },
    {"concat",        fn_concat,       0, -1, "(concat & colls)",
     "A vector of the elements of all collections."                                                          },
    {"seq",           fn_seq,          1, 1,  "(seq coll)",
     "A vector of the elements, or nil if there are none."                                                   },
    {"range",         fn_range,        1, 3,  "(range start? end step?)",
     "The integers from start (0) up to, not including, end."                                                },
    {"numbers",       fn_numbers,      2, 2,  "(numbers first last)",
     "The integers from first to last, both included."                                                       },
    {"repeat",        fn_repeat,       2, 2,  "(repeat n x)",                 "A vector of n times x."       },
    {"reverse",       fn_reverse,      1, 1,  "(reverse coll)",
     "The elements from last to first; of a string a string."                                                },
    {"interleave",    fn_interleave,   0, -1, "(interleave & colls)",
     "The first of each, the second of each, and so on, as far as all go."                                   },
    {"interpose",     fn_interpose,    2, 2,  "(interpose separator coll)",
     "The elements with the separator between them."                                                         },
    {"flatten",       fn_flatten,      1, 1,  "(flatten coll)",
     "The elements, with vectors and lists among them replaced by their own "
        "elements, at every depth."                                                                          },
    {"partition",     fn_partition,    2, 3,  "(partition n step? coll)",
     "Vectors of n elements each, beginning every step (n) elements; the "
        "last ones may be shorter."                                                                          },
    {"partition-all", fn_partition,    2, 3,  "(partition-all n step? coll)",
     "The same as partition."                                                                                },
    {"distinct",      fn_distinct,     1, 1,  "(distinct coll)",
     "Each different element once, in order of first appearance."                                            },
    {"dedupe",        fn_dedupe,       1, 1,  "(dedupe coll)",
     "The elements without those that equal the one before."                                                 },
    {"%sort",         fn_sort,         1, 1,  "",                             ""                             },
    {"%sort-by-keys", fn_sort_by_keys, 2, 2,  "",                             ""                             },
    {"%vec",          fn_to_vector,    1, 1,  "",                             ""                             },
    {"%seq",          fn_named_vector, 2, 2,  "",                             ""                             },
    {NULL,            NULL,            0, 0,  NULL,                           NULL                           },
};
