/*
 * The total order.  Like equal.c a stack of pairs and an answer that travels
 * down.  Maps are ordered by their sorted keys: a merge sort that stands
 * still while two of its keys are being compared.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "value/equal.h"
#include "value/name.h"
#include "value/number.h"
#include "value/slots.h"
#include "value/stringrep.h"
#include "value/work.h"

enum rank {
	R_NIL,
	R_FALSE,
	R_TRUE,
	R_NUMBER,
	R_STRING,
	R_KEYWORD,
	R_SYMBOL,
	R_SEQUENCE,
	R_MAP,
	R_NONE,
};

/* Bottom-up merge sort of a map's pairs by key. */
struct sorter {
	val *from; /* runs of width, being merged into... */
	val *to;
	size_t n; /* pairs */
	size_t width;
	size_t low;     /* begin of the two runs being merged */
	size_t i, j, k; /* next of the left run, of the right one, of to */
};

enum phase {
	SORT_A,
	SORT_B,
	KEYS,
	VALUES,
};

struct frame {
	val first, second; /* what is compared */
	val a, b;          /* the same; for lists, what is left */
	size_t i;
	struct sorter *sorters; /* two, for maps; else NULL */
	enum phase phase;
	bool asked; /* the answer is to a question of this frame */
};

struct stack {
	struct frame *frames;
	size_t n;
	size_t cap;
	size_t nodes;       /* not charged yet */
	bool remember;      /* this takes long: keep orders of shared parts */
	struct pairs known; /* result: the order */
};

static enum rank
rank_of(val v)
{
	switch (val_type(v)) {
	case T_NIL:
		return R_NIL;
	case T_BOOL:
		return v == VAL_TRUE ? R_TRUE : R_FALSE;
	case T_INT:
	case T_FLOAT:
		return R_NUMBER;
	case T_STRING:
		return R_STRING;
	case T_KEYWORD:
		return R_KEYWORD;
	case T_SYMBOL:
		return R_SYMBOL;
	case T_LIST:
	case T_VECTOR:
		return R_SEQUENCE;
	case T_MAP:
		return R_MAP;
	case T_FUNCTION:
	case T_TASK:
	case T_ERROR:
	case T_NTYPES:
		break;
	}
	return R_NONE;
}

static int
sign(bool less, bool more)
{
	return more - less;
}

static int
compare_text(const char *a, size_t an, const char *b, size_t bn)
{
	int c = memcmp(a, b, an < bn ? an : bn); /* UTF-8 keeps the order */

	return c != 0 ? sign(c<0, c> 0) : sign(an<bn, an> bn);
}

static int
compare_names(val a, val b)
{
	size_t an, bn;
	const char *x = val_name_text(a, &an);
	const char *y = val_name_text(b, &bn);

	return compare_text(x, an, y, bn);
}

/* 1: *order is known.  0: children decide.  -1: no order, *culprit is set. */
static int
look(val a, val b, int *order, val *culprit)
{
	enum rank x = rank_of(a), y = rank_of(b);

	if (x == R_NONE || y == R_NONE) {
		*culprit = x == R_NONE ? a : b;
		return -1;
	}
	if (x != y) {
		*order = sign(x<y, x> y);
		return 1;
	}
	switch (x) {
	case R_NUMBER:
		*order = num_compare(a, b);
		return 1;
	case R_STRING:
		*order = compare_text(val_string(a)->text, val_string(a)->len,
		    val_string(b)->text, val_string(b)->len);
		return 1;
	case R_KEYWORD:
	case R_SYMBOL:
		*order = compare_names(a, b);
		return 1;
	case R_SEQUENCE:
		return 0;
	case R_MAP:
		*order = sign(
		    map_count(a) < map_count(b), map_count(a) > map_count(b));
		return *order != 0;
	default:
		*order = 0;
		return 1;
	}
}

static void
sorter_init(struct sorter *s, val m)
{
	struct map_iter it = map_iter(m);
	size_t i;

	*s = (struct sorter){.n = map_count(m), .width = 1};
	s->from = xcalloc(s->n, 2 * sizeof(val));
	s->to = xcalloc(s->n, 2 * sizeof(val));
	for (i = 0; i < s->n; i++)
		map_next(&it, &s->from[i * 2], &s->from[i * 2 + 1]);
	s->j = 1;
}

static size_t
run_end(const struct sorter *s, size_t begin)
{
	return begin + s->width < s->n ? begin + s->width : s->n;
}

static void
sorter_put(struct sorter *s, size_t *next)
{
	memcpy(&s->to[s->k++ * 2], &s->from[(*next)++ * 2], 2 * sizeof(val));
}

/* On to the next question: true, and *a and *b are the keys to compare; the
 * answer goes to sorter_answer().  false: from is sorted. */
static bool
sorter_next(struct sorter *s, val *a, val *b)
{
	size_t middle, end;
	val *swap;

	while (s->width < s->n) {
		middle = run_end(s, s->low);
		end = run_end(s, middle);
		if (s->i < middle && s->j < end) {
			*a = s->from[s->i * 2];
			*b = s->from[s->j * 2];
			return true;
		}
		while (s->i < middle)
			sorter_put(s, &s->i);
		while (s->j < end)
			sorter_put(s, &s->j);
		s->low = end;
		if (end == s->n) {
			swap = s->from;
			s->from = s->to;
			s->to = swap;
			s->width *= 2;
			s->low = s->k = 0;
		}
		s->i = s->low;
		s->j = run_end(s, s->low);
	}
	return false;
}

static void
sorter_answer(struct sorter *s, int order)
{
	sorter_put(s, order <= 0 ? &s->i : &s->j);
}

/* Scratch memory of a frame for two maps. */
static ptrdiff_t
sorters_size(val m)
{
	return (ptrdiff_t)(map_count(m) * 8 * sizeof(val));
}

static bool
push(struct stack *s, val a, val b)
{
	size_t cap = s->cap == 0 ? 16 : s->cap * 2;
	struct frame *f;

	if (s->n == s->cap) {
		if (!work_memory((ptrdiff_t)((cap - s->cap) * sizeof(*f))))
			return false;
		s->frames = xreallocarray(s->frames, cap, sizeof(*f));
		s->cap = cap;
	}
	if (val_is_map(a) && !work_memory(sorters_size(a)))
		return false;
	f = &s->frames[s->n++];
	*f = (struct frame){.first = a, .second = b, .a = a, .b = b};
	if (val_is_map(a)) {
		s->nodes += map_count(a) * 4;
		f->sorters = xcalloc(2, sizeof(*f->sorters));
		sorter_init(&f->sorters[0], a);
		sorter_init(&f->sorters[1], b);
	}
	return true;
}

static void
pop(struct stack *s)
{
	struct frame *f = &s->frames[--s->n];
	int i;

	if (f->sorters == NULL)
		return;
	for (i = 0; i < 2; i++) {
		free(f->sorters[i].from);
		free(f->sorters[i].to);
	}
	free(f->sorters);
	work_memory(-sorters_size(f->first));
}

/* Charge for what was done; false: give up. */
static bool
charge(struct stack *s)
{
	bool go_on = work_on(s->nodes);

	s->nodes = 0;
	s->remember = true;
	return go_on;
}

static void
keep_order(struct stack *s, const struct frame *f, int order)
{
	if (s->remember && pairs_worth(f->first, f->second) &&
	    pairs_find(&s->known, f->first, f->second) == NULL)
		pairs_add(&s->known, f->first, f->second, order);
}

static bool
known_order(const struct stack *s, val a, val b, int *order)
{
	const struct pair *p;

	if (!s->remember || !pairs_worth(a, b) ||
	    (p = pairs_find(&s->known, a, b)) == NULL)
		return false;
	*order = (int)p->result;
	return true;
}

/* Next element of a list or vector. */
static bool
next_item(val *v, size_t i, val *item)
{
	if (val_is_vector(*v)) {
		if (i >= vec_count(*v))
			return false;
		*item = vec_get(*v, i);
		return true;
	}
	if (*v == VAL_NO_ITEMS)
		return false;
	*item = list_first(*v);
	*v = list_rest(*v);
	return true;
}

/* Each step says: 1, done with *order; 0, compare *a with *b next. */
static int
step_sequence(struct frame *f, int *order, val *a, val *b)
{
	bool more_a, more_b;

	if (*order != 0)
		return 1;
	more_a = next_item(&f->a, f->i, a);
	more_b = next_item(&f->b, f->i, b);
	f->i++;
	if (more_a && more_b)
		return 0;
	*order = sign(more_b, more_a);
	return 1;
}

static int
step_map(struct frame *f, int *order, val *a, val *b)
{
	struct sorter *s = f->sorters;

	if (f->asked && f->phase <= SORT_B)
		sorter_answer(&s[f->phase], *order);
	else if (f->asked && *order != 0)
		return 1;
	*order = 0;
	f->asked = true;
	for (; f->phase <= SORT_B; f->phase++) {
		if (sorter_next(&s[f->phase], a, b))
			return 0;
	}
	if (f->i == s[0].n && f->phase == KEYS) {
		f->phase = VALUES;
		f->i = 0;
	}
	if (f->i == s[0].n)
		return 1;
	*a = s[0].from[f->i * 2 + (f->phase == VALUES)];
	*b = s[1].from[f->i * 2 + (f->phase == VALUES)];
	f->i++;
	return 0;
}

static int
compare_deep(val a, val b, int *order, val *culprit)
{
	struct stack s = {0};
	struct frame *f;
	int done, known = 1;

	*order = 0;
	if (!val_work.over)
		push(&s, a, b);
	while (s.n > 0 && known != -1) {
		if (UNLIKELY(++s.nodes >= WORK_LOOK) && !charge(&s))
			break;
		f = &s.frames[s.n - 1];
		done = f->sorters != NULL ? step_map(f, order, &a, &b) :
		                            step_sequence(f, order, &a, &b);
		if (done) {
			keep_order(&s, f, *order);
			pop(&s);
			continue;
		}
		known = look(a, b, order, culprit);
		if (known == 0 && !known_order(&s, a, b, order)) {
			*order = 0;
			if (!push(&s, a, b))
				break;
		}
	}
	while (s.n > 0)
		pop(&s);
	work_on(s.nodes);
	pairs_free(&s.known);
	work_memory(-(ptrdiff_t)(s.cap * sizeof(*s.frames)));
	free(s.frames);
	return known == -1 ? -1 : 0;
}

int
val_compare(val a, val b, int *order, val *culprit)
{
	int known = look(a, b, order, culprit);

	if (known != 0)
		return known == 1 ? 0 : -1;
	return compare_deep(a, b, order, culprit);
}
