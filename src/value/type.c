/*
 * Type forms: from the form of an annotation or manifest to the checked
 * structure, and back to text for messages.  Recursion follows the type's own
 * nesting, which is bounded here.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/printer.h"
#include "value/type_impl.h"
#include "value/vector.h"

#define SHOWN_FORM 60 /* bytes of a form in a message */

static const struct {
	const char *name;
	enum type_kind kind;
	enum val_type plain;
} names[] = {
    {"int",     TYPE_PLAIN,  T_INT    },
    {"float",   TYPE_FLOAT,  T_FLOAT  },
    {"number",  TYPE_NUMBER, T_NIL    },
    {"string",  TYPE_PLAIN,  T_STRING },
    {"bool",    TYPE_PLAIN,  T_BOOL   },
    {"nil",     TYPE_PLAIN,  T_NIL    },
    {"keyword", TYPE_PLAIN,  T_KEYWORD},
    {"symbol",  TYPE_PLAIN,  T_SYMBOL },
    {"any",     TYPE_ANY,    T_NIL    },
    {"never",   TYPE_NEVER,  T_NIL    },
};

static struct type *parse(struct type_maker *, val form);

/* Index into names[], or -1; *nullable for a "?" at the end. */
static int
name_index(val v, bool *nullable)
{
	const char *text;
	size_t i, n;

	if (!val_is_keyword(v) && !val_is_symbol(v))
		return -1;
	text = val_name_text(v, &n);
	*nullable = n > 1 && text[n - 1] == '?';
	n -= *nullable;
	for (i = 0; i < NITEMS(names); i++) {
		if (strlen(names[i].name) == n &&
		    tolower((unsigned char)text[0]) == names[i].name[0] &&
		    memcmp(text + 1, names[i].name + 1, n - 1) == 0)
			return (int)i;
	}
	return -1;
}

bool
type_is_name(val v)
{
	bool nullable;

	return name_index(v, &nullable) != -1;
}

val
type_keep(struct type_maker *m, val v)
{
	if (!val_is_obj(v))
		return v;
	if (m->own == NULL)
		m->own = heap_new(0);
	return val_copy(m->own, v);
}

bool
type_literal(val form, val *out)
{
	if (val_is_kind(form, O_LIST)) {
		if (list_count(form) != 2 ||
		    list_first(form) != symbol_from("quote"))
			return false;
		form = list_first(list_rest(form));
	}
	*out = form;
	return true;
}

static struct type *
wrong(struct type_maker *m, val form, const char *usage)
{
	struct buf shown = BUF_INIT;

	print_short(&shown, form, SHOWN_FORM);
	error_set(
	    m->e, EK_ARGUMENT, "bad type %s; write %s", buf_str(&shown), usage);
	buf_free(&shown);
	return NULL;
}

static struct type *
type_alloc(enum type_kind kind, size_t n)
{
	struct type *t = xcalloc(1, sizeof(*t));

	t->kind = kind;
	t->n = n;
	if (n > 0)
		t->sub = xcalloc(n, sizeof(struct type *));
	return t;
}

void
type_free(struct type *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->n; i++)
		type_free(t->sub[i]);
	for (i = 0; i < t->npred; i++)
		pred_free(t->pred[i]);
	heap_free(t->own);
	free(t->sub);
	free(t->field);
	free(t->value);
	free(t->pred);
	free(t);
}

/* The forms of v from i on as the types of t. */
static struct type *
parse_subs(struct type_maker *m, struct type *t, val v, size_t i)
{
	size_t k;

	for (k = 0; k < t->n; k++) {
		if ((t->sub[k] = parse(m, vec_get(v, i + k))) == NULL) {
			type_free(t);
			return NULL;
		}
	}
	return t;
}

/* [:vector T] and the like: exactly want of them; SIZE_MAX: any number. */
static struct type *
parse_members(struct type_maker *m, val v, enum type_kind kind, size_t want,
    const char *usage)
{
	size_t n = vec_count(v) - 1;

	if ((want != SIZE_MAX && n != want) || (kind == TYPE_UNION && n == 0))
		return wrong(m, v, usage);
	return parse_subs(m, type_alloc(kind, n), v, 1);
}

static bool
add_field(
    struct type_maker *m, struct type *t, val key, val form, bool optional)
{
	struct type *sub;
	size_t n = t->n;

	if (!val_is_keyword(key) && val_type(key) != T_STRING &&
	    !val_is_int(key)) {
		wrong(m, key, "keys as keywords, strings or integers");
		return false;
	}
	if ((sub = parse(m, form)) == NULL)
		return false;
	t->sub = xreallocarray(t->sub, n + 1, sizeof(struct type *));
	t->field = xreallocarray(t->field, n + 1, sizeof(*t->field));
	t->sub[n] = sub;
	t->field[n].key = type_keep(m, key);
	t->field[n].optional = optional;
	t->n = n + 1;
	return true;
}

static bool
add_entry(struct type_maker *m, struct type *t, val e)
{
	static const char usage[] =
	    "entries of :map as [:key T], [:key T ?] or {:key T}";
	struct map_iter it;
	size_t n;
	val k, v;

	if (val_is_map(e)) {
		it = map_iter(e);
		while (map_next(&it, &k, &v)) {
			if (!add_field(m, t, k, v, false))
				return false;
		}
		return true;
	}
	n = val_is_vector(e) ? vec_count(e) : 0;
	if ((n != 2 && n != 3) ||
	    (n == 3 && vec_get(e, 2) != symbol_from("?"))) {
		wrong(m, e, usage);
		return false;
	}
	return add_field(m, t, vec_get(e, 0), vec_get(e, 1), n == 3);
}

static struct type *
parse_map(struct type_maker *m, val v)
{
	struct type *t = type_alloc(TYPE_MAP, 0);
	size_t i;

	for (i = 1; i < vec_count(v); i++) {
		if (!add_entry(m, t, vec_get(v, i))) {
			type_free(t);
			return NULL;
		}
	}
	return t;
}

static struct type *
parse_enum(struct type_maker *m, val v, bool single)
{
	size_t i, n = vec_count(v) - 1;
	struct type *t;
	val x;

	if (n == 0 || (single && n != 1))
		return wrong(m, v, single ? "[:val x]" : "[:enum x ...]");
	t = type_alloc(TYPE_ENUM, 0);
	t->single = single;
	t->value = xcalloc(n, sizeof(val));
	for (i = 0; i < n; i++) {
		if (!type_literal(vec_get(v, i + 1), &x)) {
			type_free(t);
			return wrong(m, v, "literal values only");
		}
		t->value[t->nvalues++] = type_keep(m, x);
	}
	return t;
}

static struct type *
parse_and(struct type_maker *m, val v)
{
	size_t i, n = vec_count(v);
	struct type *t;

	if (n < 2)
		return wrong(m, v, "[:and T predicate ...]");
	t = parse_subs(m, type_alloc(TYPE_AND, 1), v, 1);
	if (t == NULL)
		return NULL;
	t->pred = xcalloc(n, sizeof(struct pred *));
	for (i = 2; i < n; i++) {
		t->pred[t->npred] = pred_new(m, vec_get(v, i));
		if (t->pred[t->npred++] == NULL) {
			t->npred--;
			type_free(t);
			return NULL;
		}
	}
	return t;
}

static struct type *
parse_fn(struct type_maker *m, val v)
{
	static const char usage[] = "[:fn [T ...] R]";
	struct type *t;
	size_t i, n;
	val params;

	if (vec_count(v) != 3 || !val_is_vector(vec_get(v, 1)))
		return wrong(m, v, usage);
	params = vec_get(v, 1);
	n = vec_count(params);
	t = type_alloc(TYPE_FN, n + 1);
	for (i = 0; i < n; i++) {
		if (vec_get(params, i) == symbol_from("&")) {
			t->sub[i] = type_alloc(TYPE_NEVER, 0);
			t->sub[i]->single = true;
			continue;
		}
		if ((t->sub[i] = parse(m, vec_get(params, i))) == NULL)
			goto fail;
	}
	if ((t->sub[n] = parse(m, vec_get(v, 2))) != NULL)
		return t;
fail:
	type_free(t);
	return NULL;
}

static struct type *
unknown(struct type_maker *m, val word)
{
	static const char *const compound[] = {"vector", "list", "tuple", "map",
	    "record", "map-of", "dict", "union", "enum", "val", "and", "fn"};
	struct nearest near;
	struct buf shown = BUF_INIT;
	const char *text = val_name_text(word, NULL);
	char plain[32]; /* Strng? is near string */
	bool whole = false;
	size_t i;

	snprintf(plain, sizeof(plain), "%s", text);
	plain[0] = (char)tolower((unsigned char)plain[0]);
	plain[strcspn(plain, "?")] = '\0';
	nearest_init(&near, plain);
	for (i = 0; i < NITEMS(names); i++)
		nearest_offer(&near, names[i].name);
	for (i = 0; i < NITEMS(compound); i++) {
		nearest_offer(&near, compound[i]);
		whole |= strcmp(text, compound[i]) == 0;
	}
	print_short(&shown, word, SHOWN_FORM);
	if (whole)
		error_set(m->e, EK_ARGUMENT,
		    "the type %s stands in brackets: [:%s ...]",
		    buf_str(&shown), text);
	else if (near.best != NULL)
		error_set(m->e, EK_ARGUMENT,
		    "unknown type %s; did you mean :%s?", buf_str(&shown),
		    near.best);
	else
		error_set(
		    m->e, EK_ARGUMENT, "unknown type %s", buf_str(&shown));
	buf_free(&shown);
	return NULL;
}

static struct type *
parse_vector(struct type_maker *m, val v)
{
	val head = vec_count(v) > 0 ? vec_get(v, 0) : VAL_NIL;

	if (!val_is_keyword(head))
		return wrong(m, v, "[:vector T], [:map ...] and so on");
	if (val_is_key(head, "vector"))
		return parse_members(m, v, TYPE_VECTOR, 1, "[:vector T]");
	if (val_is_key(head, "list"))
		return parse_members(m, v, TYPE_LIST, 1, "[:list T]");
	if (val_is_key(head, "tuple"))
		return parse_members(m, v, TYPE_TUPLE, SIZE_MAX, "");
	if (val_is_key(head, "map-of") || val_is_key(head, "dict"))
		return parse_members(m, v, TYPE_MAP_OF, 2, "[:map-of K V]");
	if (val_is_key(head, "union"))
		return parse_members(
		    m, v, TYPE_UNION, SIZE_MAX, "[:union T ...]");
	if (val_is_key(head, "map") || val_is_key(head, "record"))
		return parse_map(m, v);
	if (val_is_key(head, "enum") || val_is_key(head, "val"))
		return parse_enum(m, v, val_is_key(head, "val"));
	if (val_is_key(head, "and"))
		return parse_and(m, v);
	if (val_is_key(head, "fn"))
		return parse_fn(m, v);
	return unknown(m, head);
}

static bool
has_names(const struct type *t)
{
	size_t i;

	for (i = 0; i < t->nvalues; i++) {
		if (val_is_keyword(t->value[i]) || val_is_symbol(t->value[i]))
			return true;
	}
	return false;
}

/* Could guided decoding change a value of this type? */
static bool
type_guides(const struct type *t)
{
	size_t i;

	switch (t->kind) {
	case TYPE_PLAIN:
		return t->plain == T_KEYWORD;
	case TYPE_FLOAT:
	case TYPE_LIST:
	case TYPE_MAP_OF: /* :int turns keys, not values */
		return true;
	case TYPE_ENUM:
		return has_names(t);
	case TYPE_MAP:
		for (i = 0; i < t->n; i++) {
			if (!val_is_string(t->field[i].key))
				return true;
		}
		break;
	case TYPE_FN:
		return false;
	default:
		break;
	}
	for (i = 0; i < t->n; i++) {
		if (t->sub[i]->guides)
			return true;
	}
	return false;
}

static struct type *
parse(struct type_maker *m, val form)
{
	struct type *t = NULL;
	bool nullable = false;
	int i;

	if (m->depth == MAX_DEPTH) {
		error_set(m->e, EK_LIMIT,
		    "a type nested more than %d levels deep", MAX_DEPTH);
		return NULL;
	}
	m->depth++;
	if (form == VAL_NIL)
		form = keyword_from("nil");
	if ((i = name_index(form, &nullable)) != -1) {
		t = type_alloc(names[i].kind, 0);
		t->plain = names[i].plain;
		t->nullable = nullable;
	} else if (val_is_keyword(form) || val_is_symbol(form)) {
		t = unknown(m, form);
	} else if (val_is_vector(form)) {
		t = parse_vector(m, form);
	} else {
		wrong(m, form, "a type as :int or [:vector :int]");
	}
	if (t != NULL)
		t->guides = type_guides(t);
	m->depth--;
	return t;
}

int
type_new(val form, struct type **out, struct error *e)
{
	struct type_maker m = {.e = e};
	struct type *t = parse(&m, form);

	if (t == NULL) {
		heap_free(m.own);
		return -1;
	}
	t->own = m.own;
	*out = t;
	return 0;
}

int
type_tuple_count(const struct type *t)
{
	if (t->kind == TYPE_AND)
		return type_tuple_count(t->sub[0]);
	return t->kind == TYPE_TUPLE ? (int)t->n : -1;
}

const struct type *
type_member(const struct type *t, size_t i)
{
	if (t->kind == TYPE_AND)
		return type_member(t->sub[0], i);
	if (t->kind == TYPE_TUPLE)
		return i < t->n ? t->sub[i] : NULL;
	if (t->kind == TYPE_VECTOR || t->kind == TYPE_LIST)
		return t->sub[0];
	return NULL;
}

const struct type *
type_alternative(const struct type *t, size_t i)
{
	if (t->kind == TYPE_UNION)
		return i < t->n ? t->sub[i] : NULL;
	return i == 0 ? t : NULL;
}

static void
format_plain(const struct type *t, struct buf *out)
{
	size_t i;

	for (i = 0; i < NITEMS(names); i++) {
		if (names[i].kind == t->kind && names[i].plain == t->plain)
			buf_addf(out, ":%s%s", names[i].name,
			    t->nullable ? "?" : "");
	}
}

static void
format_subs(const struct type *t, const char *head, struct buf *out)
{
	size_t i;

	buf_adds(out, head);
	for (i = 0; i < t->n; i++) {
		buf_addc(out, ' ');
		type_format(t->sub[i], out);
	}
	for (i = 0; i < t->npred; i++) {
		buf_addc(out, ' ');
		pred_format(t->pred[i], out);
	}
	buf_addc(out, ']');
}

static void
format_fields(const struct type *t, struct buf *out)
{
	size_t i;

	buf_adds(out, "[:map");
	for (i = 0; i < t->n; i++) {
		buf_adds(out, " [");
		print_readable(out, t->field[i].key);
		buf_addc(out, ' ');
		type_format(t->sub[i], out);
		buf_adds(out, t->field[i].optional ? " ?]" : "]");
	}
	buf_addc(out, ']');
}

void
type_format(const struct type *t, struct buf *out)
{
	size_t i;

	switch (t->kind) {
	case TYPE_VECTOR:
		format_subs(t, "[:vector", out);
		break;
	case TYPE_LIST:
		format_subs(t, "[:list", out);
		break;
	case TYPE_TUPLE:
		format_subs(t, "[:tuple", out);
		break;
	case TYPE_MAP_OF:
		format_subs(t, "[:map-of", out);
		break;
	case TYPE_UNION:
		format_subs(t, "[:union", out);
		break;
	case TYPE_AND:
		format_subs(t, "[:and", out);
		break;
	case TYPE_MAP:
		format_fields(t, out);
		break;
	case TYPE_ENUM:
		buf_adds(out, t->single ? "[:val" : "[:enum");
		for (i = 0; i < t->nvalues; i++) {
			buf_addc(out, ' ');
			print_readable(out, t->value[i]);
		}
		buf_addc(out, ']');
		break;
	case TYPE_FN:
		buf_adds(out, "[:fn [");
		for (i = 0; i + 1 < t->n; i++) {
			buf_adds(out, i > 0 ? " " : "");
			if (t->sub[i]->single && t->sub[i]->nvalues == 0)
				buf_addc(out, '&');
			else
				type_format(t->sub[i], out);
		}
		buf_adds(out, "] ");
		type_format(t->sub[i], out);
		buf_addc(out, ']');
		break;
	default:
		format_plain(t, out);
		break;
	}
}
