/*
 * The sort of the core library: a bottom-up merge sort by val_compare, and a
 * radix sort when all keys are integers of one word.  A comparator written in
 * RTFS goes through the merge sort of prelude.rtfs instead.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/core_sort.h"
#include "lang/core_util.h"
#include "value/equal.h"
#include "value/vector.h"

#define RUN       8   /* sorted by insertion before merging begins */
#define RADIX_MIN 128 /* below this merging is faster */

struct entry {
	val key;
	val item;
};

struct sorter {
	struct entry *a, *b; /* n entries each; the result ends in a */
	size_t n;
	val culprit; /* a key without order, or VAL_UNBOUND */
};

/* Least significant byte first; bytes that are the same everywhere are passed
 * over.  The sign bit is flipped to make the order unsigned. */
static void
radix_sort(struct sorter *s)
{
	size_t counts[8][256], at, i, n;
	struct entry *swap;
	unsigned int byte, digit;
	uint64_t key;

	memset(counts, 0, sizeof(counts));
	for (i = 0; i < s->n; i++) {
		s->a[i].key ^= UINT64_C(1) << 63;
		key = s->a[i].key;
		for (byte = 0; byte < 8; byte++, key >>= 8)
			counts[byte][key & 0xff]++;
	}
	for (byte = 0; byte < 8; byte++) {
		if (counts[byte][s->a[0].key >> (8 * byte) & 0xff] == s->n)
			continue;
		for (at = 0, digit = 0; digit < 256; digit++) {
			n = counts[byte][digit];
			counts[byte][digit] = at;
			at += n;
		}
		for (i = 0; i < s->n; i++) {
			digit = s->a[i].key >> (8 * byte) & 0xff;
			s->b[counts[byte][digit]++] = s->a[i];
		}
		swap = s->a;
		s->a = s->b;
		s->b = swap;
	}
}

/* Must b stand before a (which came earlier)? */
static bool
out_of_order(struct sorter *s, val a, val b)
{
	int order;
	val culprit;

	if (val_is_fix(a) && val_is_fix(b))
		return (int64_t)b < (int64_t)a;
	if (val_compare(b, a, &order, &culprit) == -1) {
		s->culprit = culprit;
		return false;
	}
	return order < 0;
}

static void
sort_run(struct sorter *s, size_t from, size_t to)
{
	struct entry e;
	size_t i, j;

	for (i = from + 1; i < to; i++) {
		e = s->a[i];
		for (j = i; j > from; j--) {
			if (!out_of_order(s, s->a[j - 1].key, e.key))
				break;
			s->a[j] = s->a[j - 1];
		}
		s->a[j] = e;
	}
}

static void
merge(struct sorter *s, size_t from, size_t mid, size_t to)
{
	size_t i = from, j = mid, k = from;

	if (mid == to || !out_of_order(s, s->a[mid - 1].key, s->a[mid].key)) {
		memcpy(s->b + from, s->a + from, (to - from) * sizeof(*s->a));
		return;
	}
	while (i < mid && j < to) {
		if (out_of_order(s, s->a[i].key, s->a[j].key))
			s->b[k++] = s->a[j++];
		else
			s->b[k++] = s->a[i++];
	}
	memcpy(s->b + k, s->a + i, (mid - i) * sizeof(*s->a));
	k += mid - i;
	memcpy(s->b + k, s->a + j, (to - j) * sizeof(*s->a));
}

static void
merge_sort(struct sorter *s)
{
	struct entry *swap;
	size_t i, width, mid, to;

	for (i = 0; i < s->n; i += RUN)
		sort_run(s, i, s->n - i < RUN ? s->n : i + RUN);
	for (width = RUN; width < s->n && s->culprit == VAL_UNBOUND;
	     width *= 2) {
		for (i = 0; i < s->n; i = to) {
			mid = s->n - i < width ? s->n : i + width;
			to = s->n - mid < width ? s->n : mid + width;
			merge(s, i, mid, to);
		}
		swap = s->a;
		s->a = s->b;
		s->b = swap;
	}
}

val
sort_by_keys(struct core_call *call, val keys, val items)
{
	struct sorter s = {NULL, NULL, vec_count(items), VAL_UNBOUND};
	size_t i, log2 = 0;
	bool fix = true;
	int order;
	val out = VAL_UNBOUND, culprit;

	if (!core_room(call, s.n * 2 * sizeof(*s.a) + s.n * sizeof(val)))
		return VAL_UNBOUND;
	s.a = xcalloc(s.n + 1, sizeof(*s.a));
	s.b = xcalloc(s.n + 1, sizeof(*s.b));
	for (i = 0; i < s.n; i++) {
		s.a[i].key = vec_get(keys, i);
		s.a[i].item = vec_get(items, i);
		fix = fix && val_is_fix(s.a[i].key);
	}
	while (s.n >> log2 > 1)
		log2++;
	call->cost += s.n * log2 / 4;
	if (fix && s.n >= RADIX_MIN)
		radix_sort(&s);
	else if (s.n == 1 &&
	    val_compare(s.a[0].key, s.a[0].key, &order, &culprit) == -1)
		s.culprit = culprit;
	else
		merge_sort(&s);
	if (s.culprit != VAL_UNBOUND) {
		core_type_error(call, "something that has an order", s.culprit);
	} else {
		out = vec_empty(call->heap);
		for (i = 0; i < s.n; i++)
			out =
			    vec_push(call->heap, out, val_retain(s.a[i].item));
	}
	free(s.a);
	free(s.b);
	return out;
}
