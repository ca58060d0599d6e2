/*
 * Guided decoding: JSON knows neither keywords nor lists, a type says where
 * they were meant.  Turning never fails: what cannot be turned stays, and the
 * check afterwards names it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "value/equal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/reader.h"
#include "value/string.h"
#include "value/type_impl.h"
#include "value/vector.h"

#define NAME_COST 64 /* bytes of the name table beside the text itself */

static val guide(struct heap *, const struct type *, val v, bool is_key);

/* The keyword of a string, or VAL_UNBOUND. */
static val
to_keyword(struct heap *h, val s)
{
	size_t len;
	const char *text = str_bytes(s, &len);
	uint32_t before, name;

	if (!text_is_keyword(text, len))
		return VAL_UNBOUND;
	before = name_count();
	name = name_intern(text, len);
	if (name_count() > before)
		heap_charge(h, (ptrdiff_t)(len + NAME_COST));
	return val_keyword(name);
}

/* The integer that has exactly this text, or VAL_UNBOUND. */
static val
to_int(struct heap *h, val s)
{
	size_t i, len;
	const char *text = str_bytes(s, &len);
	size_t first = len > 1 && text[0] == '-';
	val v;

	if (len == first || (text[first] == '0' && len > 1))
		return VAL_UNBOUND;
	for (i = first; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return VAL_UNBOUND;
	}
	if (int_parse(h, text, len, 10, &v) != NUM_OK)
		return VAL_UNBOUND;
	return v;
}

static bool
same_text(val name, val s)
{
	size_t a, b;
	const char *x = val_name_text(name, &a), *y = str_bytes(s, &b);

	return a == b && memcmp(x, y, a) == 0;
}

/* Replace v, releasing it, unless there is nothing to replace it with. */
static val
replaced(struct heap *h, val v, val by)
{
	if (by == VAL_UNBOUND)
		return v;
	val_release(h, v);
	return by;
}

static val
guide_enum(struct heap *h, const struct type *t, val v)
{
	size_t i;

	if (!val_is_string(v))
		return v;
	for (i = 0; i < t->nvalues; i++) {
		if (val_same_key(v, t->value[i]))
			return v;
	}
	for (i = 0; i < t->nvalues; i++) {
		if ((val_is_keyword(t->value[i]) ||
		        val_is_symbol(t->value[i])) &&
		    same_text(t->value[i], v))
			return replaced(h, v, t->value[i]);
	}
	return v;
}

/* All elements, or all keys and values, as owned references; releases v, so
 * that what only v held can be changed in place. */
static val *
take_apart(struct heap *h, val v, size_t *n)
{
	struct map_iter it;
	size_t i = 0;
	val *items, k, x;

	if (val_is_map(v)) {
		*n = map_count(v) * 2;
		items = xcalloc(*n + 1, sizeof(val));
		it = map_iter(v);
		while (map_next(&it, &k, &x)) {
			items[i++] = val_retain(k);
			items[i++] = val_retain(x);
		}
	} else if (val_is_vector(v)) {
		*n = vec_count(v);
		items = xcalloc(*n + 1, sizeof(val));
		for (; i < *n; i++)
			items[i] = val_retain(vec_get(v, i));
	} else {
		*n = list_count(v);
		items = xcalloc(*n + 1, sizeof(val));
		for (x = v; x != VAL_NO_ITEMS; x = list_rest(x))
			items[i++] = val_retain(list_first(x));
	}
	val_release(h, v);
	return items;
}

static val
guide_sequence(struct heap *h, const struct type *t, val v)
{
	size_t i, n;
	val *items;

	if (!val_is_vector(v) ||
	    (t->kind == TYPE_TUPLE && vec_count(v) != t->n))
		return v;
	items = take_apart(h, v, &n);
	for (i = 0; i < n; i++) {
		items[i] = guide(
		    h, t->sub[t->kind == TYPE_TUPLE ? i : 0], items[i], false);
	}
	v = t->kind == TYPE_LIST ? list_new(h, items, n) : vec_new(h, items, n);
	free(items);
	return v;
}

/* Does a member of this name belong to the field? */
static bool
names_field(val key, val field)
{
	struct buf digits = BUF_INIT;
	const char *text;
	size_t len;
	bool same;

	if (!val_is_string(key) || val_is_string(field))
		return val_same_key(key, field);
	if (val_is_keyword(field))
		return same_text(field, key);
	text = str_bytes(key, &len);
	int_format(field, 10, &digits);
	same = digits.len == len && memcmp(digits.data, text, len) == 0;
	buf_free(&digits);
	return same;
}

static void
guide_member(struct heap *h, const struct type *t, val *key, val *value)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (!names_field(*key, t->field[i].key))
			continue;
		/* A heap key of the type lives on another heap. */
		if (val_is_string(*key) && !val_is_string(t->field[i].key))
			*key = replaced(h, *key, val_copy(h, t->field[i].key));
		*value = guide(h, t->sub[i], *value, false);
		return;
	}
}

static val
guide_map(struct heap *h, const struct type *t, val v)
{
	size_t i, n;
	val *items;

	if (!val_is_map(v))
		return v;
	items = take_apart(h, v, &n);
	for (i = 0; i < n; i += 2) {
		if (t->kind == TYPE_MAP) {
			guide_member(h, t, &items[i], &items[i + 1]);
			continue;
		}
		items[i] = guide(h, t->sub[0], items[i], true);
		items[i + 1] = guide(h, t->sub[1], items[i + 1], false);
	}
	v = map_new(h, items, n / 2);
	free(items);
	return v;
}

static val
guide_union(struct heap *h, const struct type *t, val v, bool is_key)
{
	size_t i;
	val x;

	for (i = 0; i < t->n; i++) {
		x = guide(h, t->sub[i], val_retain(v), is_key);
		if (type_fits(t->sub[i], x)) {
			val_release(h, v);
			return x;
		}
		val_release(h, x);
	}
	return v;
}

/* Consumes v. */
static val
guide(struct heap *h, const struct type *t, val v, bool is_key)
{
	if ((!t->guides && !is_key) || (t->nullable && v == VAL_NIL))
		return v;
	switch (t->kind) {
	case TYPE_PLAIN:
		if (!val_is_string(v))
			return v;
		if (t->plain == T_KEYWORD)
			return replaced(h, v, to_keyword(h, v));
		if (t->plain == T_INT && is_key)
			return replaced(h, v, to_int(h, v));
		return v;
	case TYPE_FLOAT:
		if (!val_is_int(v) || isinf(num_to_double(v)))
			return v;
		return replaced(h, v, float_from(h, num_to_double(v)));
	case TYPE_ENUM:
		return guide_enum(h, t, v);
	case TYPE_VECTOR:
	case TYPE_LIST:
	case TYPE_TUPLE:
		return guide_sequence(h, t, v);
	case TYPE_MAP:
	case TYPE_MAP_OF:
		return guide_map(h, t, v);
	case TYPE_UNION:
		return guide_union(h, t, v, is_key);
	case TYPE_AND:
		return guide(h, t->sub[0], v, is_key);
	default:
		return v;
	}
}

int
type_guide(
    struct heap *h, const struct type *t, val v, val *out, struct error *e)
{
	v = guide(h, t, v, false);
	if (type_check(t, v, e) == -1) {
		val_release(h, v);
		return -1;
	}
	*out = v;
	return 0;
}

/* One container whose parts are being done; no C recursion, because here the
 * value decides the depth. */
struct level {
	val *items; /* owned */
	size_t n;
	size_t i;
	enum obj_kind kind;
};

static bool
is_container(val v)
{
	return val_is_map(v) || val_is_vector(v) || val_is_kind(v, O_LIST);
}

static void
enter(struct heap *h, struct level **levels, size_t *n, size_t *cap, val v)
{
	struct level *l;

	if (*n == *cap) {
		*cap = *cap == 0 ? 16 : *cap * 2;
		*levels = xreallocarray(*levels, *cap, sizeof(**levels));
	}
	l = &(*levels)[(*n)++];
	l->kind = val_obj(v)->kind;
	l->i = 0;
	l->items = take_apart(h, v, &l->n);
}

static val
put_together(struct heap *h, struct level *l)
{
	val v;

	if (l->kind == O_MAP)
		v = map_new(h, l->items, l->n / 2);
	else if (l->kind == O_LIST)
		v = list_new(h, l->items, l->n);
	else
		v = vec_new(h, l->items, l->n);
	free(l->items);
	return v;
}

val
keys_to_keywords(struct heap *h, val v)
{
	struct level *levels = NULL, *l;
	size_t n = 0, cap = 0;

	if (!is_container(v))
		return v;
	enter(h, &levels, &n, &cap, v);
	for (;;) {
		l = &levels[n - 1];
		if (l->i < l->n) {
			v = l->items[l->i];
			if (l->kind == O_MAP && l->i % 2 == 0 &&
			    val_is_string(v)) {
				l->items[l->i++] =
				    replaced(h, v, to_keyword(h, v));
			} else if (is_container(v)) {
				enter(h, &levels, &n, &cap, v);
			} else {
				l->i++;
			}
			continue;
		}
		v = put_together(h, l);
		if (--n == 0)
			break;
		l = &levels[n - 1];
		l->items[l->i++] = v;
	}
	free(levels);
	return v;
}
