/*
 * The sort of the core library.  Entries are rows of one to three words in one
 * block; what the first word is depends on the keys:
 *
 *	all integers of one word   the integer, order made unsigned: radix sort
 *	all floats		   its bits, order made unsigned: radix sort
 *	all strings		   the first eight bytes, then the key: merge sort
 *	anything else		   the key: merge sort by val_compare
 *
 * The last word is the item, left out where the first already tells it.  A
 * comparator written in RTFS goes through the merge sort of prelude.rtfs.
 */
#include <sys/mman.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/core_sort.h"
#include "lang/core_util.h"
#include "value/equal.h"
#include "value/string.h"
#include "value/vector.h"

#define RUN        8   /* sorted by insertion before merging begins */
#define RADIX_MIN  128 /* below this merging is faster */
#define SIGN       (UINT64_C(1) << 63)
#define HUGE_BLOCK (2UL << 20) /* from here on huge pages save page faults */

enum key_kind {
	KEYS_FIX,
	KEYS_FLOAT,
	KEYS_STRING,
	KEYS_MIXED
};

struct sorter {
	enum key_kind kind;
	size_t n;
	unsigned int width; /* words of a row */
	val *a, *b;         /* n rows each; the result ends in a */
	val culprit;        /* a key without order, or VAL_UNBOUND */
};

static val *
block_new(size_t words)
{
	size_t size = (words + 1) * sizeof(val);
	void *p;

	if (size < 2 * HUGE_BLOCK)
		return xmalloc(size);
	if (posix_memalign(&p, HUGE_BLOCK, size) != 0)
		return xmalloc(size);
	madvise(p, size, MADV_HUGEPAGE); /* a hint: may fail */
	return p;
}

static inline void
copy_row(const struct sorter *s, val *to, const val *from)
{
	to[0] = from[0];
	if (s->width > 1)
		to[1] = from[1];
	if (s->width > 2)
		to[2] = from[2];
}

static void
swap_blocks(struct sorter *s)
{
	val *t = s->a;

	s->a = s->b;
	s->b = t;
}

/* By the first word, unsigned, least significant byte first; bytes that are
 * the same everywhere are passed over. */
static void
radix_sort(struct sorter *s)
{
	size_t counts[8][256], at, i, n;
	unsigned int byte, digit;
	uint64_t key;

	memset(counts, 0, sizeof(counts));
	for (i = 0; i < s->n; i++) {
		key = s->a[i * s->width];
		for (byte = 0; byte < 8; byte++, key >>= 8)
			counts[byte][key & 0xff]++;
	}
	for (byte = 0; byte < 8; byte++) {
		if (counts[byte][s->a[0] >> (8 * byte) & 0xff] == s->n)
			continue;
		for (at = 0, digit = 0; digit < 256; digit++) {
			n = counts[byte][digit];
			counts[byte][digit] = at;
			at += n;
		}
		for (i = 0; i < s->n; i++) {
			digit = s->a[i * s->width] >> (8 * byte) & 0xff;
			copy_row(s, s->b + counts[byte][digit]++ * s->width,
			    s->a + i * s->width);
		}
		swap_blocks(s);
	}
}

/* Must row b stand before row a (which came earlier)? */
static inline bool
out_of_order(struct sorter *s, const val *a, const val *b)
{
	unsigned int key = s->kind == KEYS_STRING;
	int order;
	val culprit;

	if (s->kind != KEYS_MIXED && (a[0] != b[0] || !key))
		return b[0] < a[0];
	if (val_compare(b[key], a[key], &order, &culprit) == -1) {
		s->culprit = culprit;
		return false;
	}
	return order < 0;
}

static void
sort_run(struct sorter *s, size_t from, size_t to)
{
	unsigned int w = s->width;
	val row[3];
	size_t i, j;

	for (i = from + 1; i < to; i++) {
		copy_row(s, row, s->a + i * w);
		for (j = i; j > from; j--) {
			if (!out_of_order(s, s->a + (j - 1) * w, row))
				break;
			copy_row(s, s->a + j * w, s->a + (j - 1) * w);
		}
		copy_row(s, s->a + j * w, row);
	}
}

static void
merge(struct sorter *s, size_t from, size_t mid, size_t to)
{
	size_t size = s->width * sizeof(val);
	val *left = s->a + from * s->width, *right = s->a + mid * s->width;
	val *left_end = right, *right_end = s->a + to * s->width;
	val *out = s->b + from * s->width;

	if (mid == to || !out_of_order(s, right - s->width, right)) {
		memcpy(out, left, (to - from) * size);
		return;
	}
	while (left < left_end && right < right_end) {
		if (out_of_order(s, left, right)) {
			copy_row(s, out, right);
			right += s->width;
		} else {
			copy_row(s, out, left);
			left += s->width;
		}
		out += s->width;
	}
	memcpy(out, left, (size_t)(left_end - left) * sizeof(val));
	out += left_end - left;
	memcpy(out, right, (size_t)(right_end - right) * sizeof(val));
}

static void
merge_sort(struct sorter *s)
{
	size_t i, run, mid, to;

	for (i = 0; i < s->n; i += RUN)
		sort_run(s, i, s->n - i < RUN ? s->n : i + RUN);
	for (run = RUN; run < s->n && s->culprit == VAL_UNBOUND; run *= 2) {
		for (i = 0; i < s->n; i = to) {
			mid = s->n - i < run ? s->n : i + run;
			to = s->n - mid < run ? s->n : mid + run;
			merge(s, i, mid, to);
		}
		swap_blocks(s);
	}
}

static enum key_kind
kind_of(val keys)
{
	size_t i, n = vec_count(keys), fix = 0, strings = 0, floats = 0;
	val key;

	for (i = 0; i < n; i++) {
		key = vec_get(keys, i);
		if (val_is_fix(key))
			fix++;
		else if (val_is_string(key))
			strings++;
		else if (val_is_float(key))
			floats++;
		if (fix <= i && strings <= i && floats <= i)
			return KEYS_MIXED;
	}
	return strings == n ? KEYS_STRING : fix == n ? KEYS_FIX : KEYS_FLOAT;
}

/* Unsigned order of the words is the order of the floats, -0.0 and 0.0 being
 * level and every NaN last. */
static uint64_t
float_word(double d)
{
	uint64_t bits;

	if (isnan(d))
		return UINT64_MAX;
	if (d == 0)
		d = 0; /* drops the sign */
	memcpy(&bits, &d, sizeof(bits));
	return (bits & SIGN) != 0 ? ~bits : bits | SIGN;
}

static uint64_t
string_word(val s)
{
	size_t len, i;
	const char *p = str_bytes(s, &len);
	uint64_t word = 0;

	for (i = 0; i < 8; i++)
		word = word << 8 | (i < len ? (unsigned char)p[i] : 0);
	return word;
}

static void
fill_rows(struct sorter *s, val keys, val items)
{
	val *row = s->a, key;
	size_t i;

	for (i = 0; i < s->n; i++, row += s->width) {
		key = vec_get(keys, i);
		switch (s->kind) {
		case KEYS_FIX:
			row[0] = key ^ SIGN;
			break;
		case KEYS_FLOAT:
			row[0] = float_word(float_get(key));
			break;
		case KEYS_STRING:
			row[0] = string_word(key);
			row[1] = key;
			break;
		case KEYS_MIXED:
			row[0] = key;
			break;
		}
		if (s->width > 1)
			row[s->width - 1] = vec_get(items, i);
	}
}

static val
collect(const struct sorter *s, struct heap *h)
{
	const val *row = s->a + s->width - 1;
	uint64_t flip = s->kind == KEYS_FIX && s->width == 1 ? SIGN : 0;
	val out = vec_empty(h);
	size_t i;

	for (i = 0; i < s->n; i++, row += s->width)
		out = vec_push(h, out, val_retain(*row ^ flip));
	return out;
}

val
sort_by_keys(struct core_call *call, val keys, val items)
{
	struct sorter s = {.n = vec_count(items), .culprit = VAL_UNBOUND};
	bool keyed = keys != items;
	size_t log2 = 0;
	val out = VAL_UNBOUND, culprit;
	int order;

	s.kind = kind_of(keys);
	s.width = s.kind == KEYS_STRING ? 2 + keyed :
	    s.kind == KEYS_FLOAT        ? 2 :
	                                  1 + keyed;
	if (!core_room(call, s.n * (2 * s.width + 1) * sizeof(val)))
		return VAL_UNBOUND;
	while (s.n >> log2 > 1)
		log2++;
	call->cost += s.n * log2 / 4;
	s.a = block_new(s.n * s.width);
	s.b = block_new(s.n * s.width);
	fill_rows(&s, keys, items);
	if (s.kind <= KEYS_FLOAT && s.n >= RADIX_MIN)
		radix_sort(&s);
	else if (s.n > 1)
		merge_sort(&s);
	else if (s.n == 1 && /* has it an order at all? */
	    val_compare(vec_get(keys, 0), vec_get(keys, 0), &order, &culprit) ==
	        -1)
		s.culprit = culprit;
	if (s.culprit == VAL_UNBOUND)
		out = collect(&s, call->heap);
	else
		core_type_error(call, "something that has an order", s.culprit);
	free(s.a);
	free(s.b);
	return out;
}
