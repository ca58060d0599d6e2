/*
 * Equality.  A stack of pairs that are being compared; the answer of a
 * finished pair goes to the one below it.  Maps are why that is more than a
 * list of pairs still to do: a key that is a collection may have to be tried
 * against several others, and "no" then only means "not this one".
 *
 * Where parts are shared, a pair of shared objects counts as equal from the
 * moment it is begun: should it not be, the whole comparison fails anyway.
 * Only a candidate that turns out to be another key makes all that void.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "value/equal.h"
#include "value/number.h"
#include "value/slots.h"
#include "value/stringrep.h"
#include "value/work.h"

#define INLINE_FRAMES 16

enum state {
	EACH,  /* a child was compared, or none yet */
	KEYED, /* maps: a key was compared with a candidate */
};

struct frame {
	val a, b;
	size_t i; /* children begun; for maps: candidates tried */
	enum state state;
	bool by_hash; /* several candidates look alike: ask their hashes */
	struct map_iter entries; /* of a */
	val key, value;          /* of a, being looked for in b */
	val other;               /* value at the candidate */
	uint64_t hash;           /* of key, if asked for */
};

struct stack {
	struct frame few[INLINE_FRAMES];
	struct frame *frames;
	size_t n;
	size_t cap;
	size_t nodes;       /* not charged yet */
	bool remember;      /* this takes long */
	struct pairs known; /* if so: equal, or assumed to be */
};

enum verdict {
	NO,
	YES,
	DEEP
};

static bool
same_float(val a, val b)
{
	double x = float_get(a), y = float_get(b);

	return x == y || (x != x && y != y);
}

/* All that can be said without looking at children. */
static enum verdict
look(val a, val b)
{
	const struct obj *x, *y;

	if (a == b)
		return YES;
	if (!val_is_obj(a) || !val_is_obj(b)) {
		if (val_is_float(a) && val_is_float(b))
			return same_float(a, b) ? YES : NO;
		return NO;
	}
	x = val_obj(a);
	y = val_obj(b);
	if (x->kind != y->kind)
		return NO;
	switch (x->kind) {
	case O_STRING:
		return string_equal(val_string(a), val_string(b)) ? YES : NO;
	case O_FLOAT:
		return same_float(a, b) ? YES : NO;
	case O_BIGINT:
		return num_compare(a, b) == 0 ? YES : NO;
	case O_LIST:
		return list_count(a) == list_count(b) ? DEEP : NO;
	case O_VECTOR:
		return vec_count(a) == vec_count(b) ? DEEP : NO;
	case O_MAP:
		return map_count(a) == map_count(b) ? DEEP : NO;
	case O_FUNCTION:
		return val_function(a)->code->identity ==
		            val_function(b)->code->identity &&
		        val_function(a)->ncaptured ==
		            val_function(b)->ncaptured ?
		    DEEP :
		    NO;
	case O_TASK:
	case O_ERROR:
		return DEEP;
	default:
		return NO;
	}
}

/* Charge for what was done; false: give up. */
static bool
charge(struct stack *s)
{
	bool go_on = work_on(s->nodes);

	s->nodes %= WORK_NODES;
	s->remember = true;
	return go_on;
}

/* Was this pair met before?  If not, it is from now on. */
static bool
met(struct stack *s, val a, val b)
{
	if (!s->remember || !pairs_worth(a, b))
		return false;
	if (pairs_find(&s->known, a, b) != NULL)
		return true;
	pairs_add(&s->known, a, b, 0);
	return false;
}

static bool
push(struct stack *s, val a, val b)
{
	struct frame *more;

	if (s->n == s->cap) {
		if (!work_memory((ptrdiff_t)(s->cap * sizeof(*more))))
			return false;
		more = xreallocarray(s->frames == s->few ? NULL : s->frames,
		    s->cap * 2, sizeof(*more));
		if (s->frames == s->few)
			memcpy(more, s->few, sizeof(s->few));
		s->frames = more;
		s->cap *= 2;
	}
	s->frames[s->n] = (struct frame){.a = a, .b = b};
	if (val_is_map(a))
		s->frames[s->n].entries = map_iter(a);
	s->n++;
	return true;
}

/* The next pair of children of anything but a map; *last: there are no more
 * after it. */
static bool
next_pair(struct stack *s, struct frame *f, val *a, val *b, bool *last)
{
	size_t n, m;
	val *x, *y;

	*last = false;
	if (f->a == VAL_NO_ITEMS)
		return false;
	switch (val_obj(f->a)->kind) {
	case O_LIST:
		*a = list_first(f->a);
		*b = list_first(f->b);
		f->a = list_rest(f->a);
		f->b = list_rest(f->b);
		/* At the end, or the rest is shared. */
		*last = f->a == f->b || met(s, f->a, f->b);
		return true;
	case O_VECTOR:
		n = vec_count(f->a);
		if (f->i >= n)
			return false;
		*a = vec_get(f->a, f->i);
		*b = vec_get(f->b, f->i);
		break;
	default:
		x = obj_slots(val_obj(f->a), &n);
		y = obj_slots(val_obj(f->b), &m);
		if (val_obj(f->a)->kind == O_ERROR)
			n = 3; /* kind, message, data; not the stack */
		if (f->i >= n)
			return false;
		*a = x[f->i];
		*b = y[f->i];
		break;
	}
	*last = ++f->i == n;
	return true;
}

static bool
is_leaf(val v)
{
	return !val_is_obj(v) || kind_is_leaf(val_obj(v)->kind);
}

/* Get ready to look for f->key, a collection, in f->b. */
static void
begin_key(struct frame *f)
{
	bool big = (val_obj(f->b)->aux & MAP_BIG) != 0;
	size_t i, alike = 0;
	val stored, value;

	if (!big) {
		for (i = 0; map_candidate(f->b, 0, i, &stored, &value); i++)
			alike += look(f->key, stored) == DEEP;
	}
	f->by_hash = alike > 1;
	f->hash = big || f->by_hash ? val_hash(f->key) : 0;
	f->i = 0;
	f->state = KEYED;
}

/* Go on with a map after an answer: YES or NO for the whole, or DEEP with the
 * pair to compare next. */
static enum verdict
step_map(struct stack *s, struct frame *f, bool answer, val *a, val *b)
{
	enum verdict v;
	val stored;

	if (f->state == EACH && !answer)
		return NO;
	if (f->state == KEYED && answer)
		goto found;
	if (f->state == KEYED)
		pairs_free(&s->known);
	for (;;) {
		if (f->state == EACH) {
			s->nodes += 2;
			if (!map_next(&f->entries, &f->key, &f->value))
				return YES;
			if (is_leaf(f->key)) {
				if (!map_find(
				        f->b, f->key, &stored, &f->other)) {
					return NO;
				}
				goto found;
			}
			begin_key(f);
		}
		if (!map_candidate(f->b, f->hash, f->i++, &stored, &f->other))
			return NO;
		v = look(f->key, stored);
		if (v == DEEP && f->by_hash && val_hash(stored) != f->hash)
			continue;
		if (v == DEEP) {
			*a = f->key;
			*b = stored;
			return DEEP;
		}
		if (v == NO)
			continue;
	found:
		f->state = EACH;
		v = look(f->value, f->other);
		if (v == NO)
			return NO;
		if (v == DEEP) {
			*a = f->value;
			*b = f->other;
			return DEEP;
		}
	}
}

static enum verdict
step_items(
    struct stack *s, struct frame *f, bool answer, val *a, val *b, bool *last)
{
	enum verdict v = YES;
	size_t n = 1;

	if (!answer)
		return NO;
	while (next_pair(s, f, a, b, last)) {
		n++;
		v = look(*a, *b);
		if (v != YES || *last)
			break;
	}
	s->nodes += n;
	return v;
}

static bool
equal_deep(val a, val b)
{
	struct stack s = {.frames = s.few, .cap = INLINE_FRAMES};
	bool answer = true, last;
	struct frame *f;
	enum verdict v;

	if (!val_work.over)
		push(&s, a, b);
	while (s.n > 0) {
		if (UNLIKELY(s.nodes >= WORK_LOOK) && !charge(&s))
			break;
		f = &s.frames[s.n - 1];
		last = false;
		if (val_is_map(f->a))
			v = step_map(&s, f, answer, &a, &b);
		else
			v = step_items(&s, f, answer, &a, &b, &last);
		if (v != DEEP || last)
			s.n--; /* the last child's answer is its own */
		answer = v != NO;
		if (v == DEEP && !met(&s, a, b) && !push(&s, a, b))
			break;
	}
	work_on(s.nodes);
	pairs_free(&s.known);
	if (s.frames != s.few) {
		work_memory(
		    -(ptrdiff_t)((s.cap - INLINE_FRAMES) * sizeof(*s.frames)));
		free(s.frames);
	}
	return answer;
}

bool
val_same_key(val a, val b)
{
	enum verdict v = look(a, b);

	return v == DEEP ? equal_deep(a, b) : v == YES;
}

bool
val_equal(val a, val b)
{
	if (val_is_float(a) && val_is_float(b))
		return float_get(a) == float_get(b);
	return val_same_key(a, b);
}

/* --- pairs --- */

static struct pair *
slot_of(const struct pairs *p, const struct obj *a, const struct obj *b)
{
	uint64_t h = ((uintptr_t)a >> 4) * UINT64_C(0x9e3779b97f4a7c15) ^
	    ((uintptr_t)b >> 4) * UINT64_C(0xc2b2ae3d27d4eb4f);
	size_t i = (h ^ h >> 32) & (p->cap - 1);

	while (
	    p->slots[i].a != NULL && (p->slots[i].a != a || p->slots[i].b != b))
		i = (i + 1) & (p->cap - 1);
	return &p->slots[i];
}

struct pair *
pairs_find(const struct pairs *p, val a, val b)
{
	struct pair *slot;

	if (p->cap == 0)
		return NULL;
	slot = slot_of(p, val_obj(a), val_obj(b));
	return slot->a == NULL ? NULL : slot;
}

void
pairs_add(struct pairs *p, val a, val b, int64_t result)
{
	struct pairs more = {.n = p->n, .cap = p->cap == 0 ? 256 : p->cap * 2};
	size_t i;

	if (p->n * 2 >= p->cap) {
		if (!work_memory((ptrdiff_t)(more.cap * sizeof(struct pair))))
			return;
		more.slots = xcalloc(more.cap, sizeof(struct pair));
		for (i = 0; i < p->cap; i++) {
			if (p->slots[i].a != NULL)
				*slot_of(&more, p->slots[i].a, p->slots[i].b) =
				    p->slots[i];
		}
		pairs_free(p);
		*p = more;
	}
	*slot_of(p, val_obj(a), val_obj(b)) =
	    (struct pair){val_obj(a), val_obj(b), result};
	p->n++;
}

void
pairs_free(struct pairs *p)
{
	if (p->cap == 0)
		return;
	work_memory(-(ptrdiff_t)(p->cap * sizeof(struct pair)));
	free(p->slots);
	*p = (struct pairs){0};
}
