/*
 * Does a value fit a type?  Recursion follows the type, not the value, and
 * stops at the first thing that does not fit, whose path goes into the
 * message.
 */
#include "base/utf8.h"
#include "value/equal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/path.h"
#include "value/printer.h"
#include "value/type_impl.h"
#include "value/vector.h"

#define SHOWN_TYPE  160 /* bytes */
#define SHOWN_VALUE 80

/* The way down to where the check stands; on the C stack. */
struct step {
	const struct step *up;
	val key; /* VAL_UNBOUND: an index */
	size_t index;
	bool at_key; /* the key itself is looked at */
};

static void
add_path(struct buf *out, const struct step *s)
{
	if (s == NULL)
		return;
	add_path(out, s->up);
	if (s->key == VAL_UNBOUND)
		path_add_index(out, s->index);
	else
		path_add_key(out, s->key);
}

static int
misfit(const struct type *t, val v, const struct step *s, struct error *e)
{
	struct buf path = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	size_t cut;

	if (e == NULL) /* only a trial */
		return -1;
	add_path(&path, s);
	if (s != NULL && s->at_key)
		buf_adds(&path, " (the key)");
	type_format(t, &want);
	if (want.len > SHOWN_TYPE) {
		cut = utf8_cut(want.data, want.len, SHOWN_TYPE);
		want.len = cut;
		buf_adds(&want, "...");
	}
	if (v == VAL_UNBOUND)
		buf_adds(&got, "nothing: the key is missing");
	else
		print_short(&got, v, SHOWN_VALUE);
	error_set(e, EK_TYPE, "%s%sexpected %s, got %s", buf_str(&path),
	    path.len > 0 ? ": " : "", buf_str(&want), buf_str(&got));
	buf_free(&path);
	buf_free(&want);
	buf_free(&got);
	return -1;
}

static int check(const struct type *, val, const struct step *, struct error *);

static int
check_vector(
    const struct type *t, val v, const struct step *up, struct error *e)
{
	struct step s = {up, VAL_UNBOUND, 0, false};
	const struct type *sub;
	size_t n;
	val item;

	if (!val_is_vector(v))
		return misfit(t, v, up, e);
	n = vec_count(v);
	if (t->kind == TYPE_TUPLE && n != t->n)
		return misfit(t, v, up, e);
	for (; s.index < n; s.index++) {
		sub = t->sub[t->kind == TYPE_TUPLE ? s.index : 0];
		item = vec_get(v, s.index);
		if (sub->kind == TYPE_PLAIN && val_type(item) == sub->plain)
			continue;
		if (check(sub, item, &s, e) == -1)
			return -1;
	}
	return 0;
}

static int
check_list(const struct type *t, val v, const struct step *up, struct error *e)
{
	struct step s = {up, VAL_UNBOUND, 0, false};

	if (!val_is_list(v))
		return misfit(t, v, up, e);
	for (; v != VAL_NO_ITEMS; v = list_rest(v), s.index++) {
		if (check(t->sub[0], list_first(v), &s, e) == -1)
			return -1;
	}
	return 0;
}

static int
check_map(const struct type *t, val v, const struct step *up, struct error *e)
{
	struct step s = {up, VAL_UNBOUND, 0, false};
	size_t i;
	val x;

	if (!val_is_map(v))
		return misfit(t, v, up, e);
	for (i = 0; i < t->n; i++) {
		s.key = t->field[i].key;
		x = map_get(v, s.key);
		if (x == VAL_UNBOUND) {
			if (t->field[i].optional)
				continue;
			return misfit(t->sub[i], x, &s, e);
		}
		if (check(t->sub[i], x, &s, e) == -1)
			return -1;
	}
	return 0;
}

static int
check_map_of(
    const struct type *t, val v, const struct step *up, struct error *e)
{
	struct step s = {up, VAL_UNBOUND, 0, false};
	struct map_iter it;
	val x;

	if (!val_is_map(v))
		return misfit(t, v, up, e);
	it = map_iter(v);
	while (map_next(&it, &s.key, &x)) {
		s.at_key = true;
		if (check(t->sub[0], s.key, &s, e) == -1)
			return -1;
		s.at_key = false;
		if (check(t->sub[1], x, &s, e) == -1)
			return -1;
	}
	return 0;
}

/* A union, an enum, or a type with predicates. */
static bool
fits_choice(const struct type *t, val v)
{
	size_t i;

	if (t->kind == TYPE_UNION) {
		for (i = 0; i < t->n; i++) {
			if (check(t->sub[i], v, NULL, NULL) == 0)
				return true;
		}
		return false;
	}
	if (t->kind == TYPE_ENUM) {
		for (i = 0; i < t->nvalues; i++) {
			if (val_same_key(v, t->value[i]))
				return true;
		}
		return false;
	}
	for (i = 0; i < t->npred; i++) {
		if (!pred_holds(t->pred[i], v))
			return false;
	}
	return true;
}

static int
check(const struct type *t, val v, const struct step *s, struct error *e)
{
	bool fits;

	if (t->nullable && v == VAL_NIL)
		return 0;
	switch (t->kind) {
	case TYPE_ANY:
		return 0;
	case TYPE_PLAIN:
		fits = val_type(v) == t->plain;
		break;
	case TYPE_FLOAT:
	case TYPE_NUMBER:
		fits = val_is_int(v) || val_is_float(v);
		break;
	case TYPE_VECTOR:
	case TYPE_TUPLE:
		return check_vector(t, v, s, e);
	case TYPE_LIST:
		return check_list(t, v, s, e);
	case TYPE_MAP:
		return check_map(t, v, s, e);
	case TYPE_MAP_OF:
		return check_map_of(t, v, s, e);
	case TYPE_FN:
		fits = val_type(v) == T_FUNCTION;
		break;
	case TYPE_AND:
		if (check(t->sub[0], v, s, e) == -1)
			return -1;
		/* FALLTHROUGH */
	case TYPE_UNION:
	case TYPE_ENUM:
		fits = fits_choice(t, v);
		break;
	case TYPE_NEVER:
	default:
		fits = false;
		break;
	}
	return fits ? 0 : misfit(t, v, s, e);
}

int
type_check(const struct type *t, val v, struct error *e)
{
	return check(t, v, NULL, e);
}

bool
type_fits(const struct type *t, val v)
{
	return check(t, v, NULL, NULL) == 0;
}
