/*
 * Forms to tree: names, calls, literals, scopes.  The special forms are in
 * forms_*.c.  Recursion in C is bounded by MAX_TREE.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"
#include "lang/ast.h"
#include "lang/check.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/printer.h"
#include "value/vector.h"

/* ---- errors and places ---- */

static void
lines_make(struct unit *u)
{
	const char *p = u->text, *end = u->text + u->len;
	uint32_t cap = 64;

	u->lines = xreallocarray(NULL, cap, sizeof(uint32_t));
	u->lines[0] = 0;
	u->nlines = 1;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		if (u->nlines == cap) {
			cap *= 2;
			u->lines =
			    xreallocarray(u->lines, cap, sizeof(uint32_t));
		}
		u->lines[u->nlines++] = (uint32_t)(p - u->text);
	}
}

/* Columns are counted on from the last answer on the same line, so that one
 * line of megabytes stays linear. */
void
unit_place(struct unit *u, uint32_t pos, uint32_t *line, uint32_t *column)
{
	uint32_t lo = 0, hi, mid, from;

	*line = *column = 0;
	if (pos == POS_NONE || u->text == NULL || pos > u->len)
		return;
	if (u->lines == NULL)
		lines_make(u);
	for (hi = u->nlines; hi - lo > 1;) {
		mid = lo + (hi - lo) / 2;
		if (u->lines[mid] <= pos)
			lo = mid;
		else
			hi = mid;
	}
	from = u->lines[lo];
	*column = 1;
	if (u->last_line == lo + 1 && u->last_off <= pos) {
		from = u->last_off;
		*column = u->last_col;
	}
	*column += (uint32_t)utf8_count(u->text + from, pos - from);
	*line = lo + 1;
	u->last_line = lo + 1;
	u->last_off = pos;
	u->last_col = *column;
}

static struct node *
fail_v(struct unit *u, uint32_t pos, const char *fmt, va_list ap)
{
	struct error e;
	uint32_t line, column;

	if (u->failed && u->diags == NULL)
		return NULL;
	unit_place(u, pos, &line, &column);
	vsnprintf(e.msg, sizeof(e.msg), fmt, ap);
	if (u->diags != NULL) {
		if (!u->failed) {
			diags_add(u->diags, DIAG_ERROR, u->name, line, column,
			    u->class != NULL ? u->class : "ParseError", "%s",
			    e.msg);
		}
	} else {
		if (u->class != NULL && u->vm != NULL)
			u->vm->load_class = u->class;
		error_at(u->error, line, column, "%s", e.msg);
	}
	u->failed = true;
	return NULL;
}

struct node *
fail(struct unit *u, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_v(u, u->pos, fmt, ap);
	va_end(ap);
	return NULL;
}

bool
unit_over(struct unit *u)
{
	char used[32], limit[32];

	if (LIKELY(!heap_over(u->heap)))
		return false;
	units_format_bytes(heap_used(u->heap), used);
	units_format_bytes(heap_limit(u->heap), limit);
	error_set(u->error, EK_LIMIT,
	    "the program does not fit: compiling used %s of %s", used, limit);
	u->failed = true;
	return true;
}

struct node *
fail_at(struct unit *u, uint32_t pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_v(u, pos == POS_NONE ? u->pos : pos, fmt, ap);
	va_end(ap);
	return NULL;
}

struct node *
fail_usage(struct unit *u, const struct forms *f, const char *what)
{
	int i = form_index(val_name(f->item[0]));

	return fail(u, "%s: %s; usage: %s", val_name_text(f->item[0], NULL),
	    what, i < 0 ? "?" : form_table[i].usage);
}

static uint32_t
place_in(struct unit *u, const void *obj, uint32_t index)
{
	size_t off;

	if (u->map == NULL)
		return POS_NONE;
	off = srcmap_find(u->map, obj, index);
	return off >= POS_NONE ? POS_NONE : (uint32_t)off;
}

bool
forms_of(struct unit *u, val coll, struct forms *f)
{
	uint32_t i;
	val l;

	if (val_is_list(coll)) {
		f->n = (uint32_t)list_count(coll);
	} else if (val_is_vector(coll)) {
		f->n = (uint32_t)vec_count(coll);
	} else {
		return false;
	}
	f->item = arena_alloc(&u->arena, (f->n + 1) * sizeof(val));
	f->pos = arena_alloc(&u->arena, (f->n + 1) * sizeof(uint32_t));
	if (val_is_vector(coll)) {
		for (i = 0; i < f->n; i++) {
			f->item[i] = vec_get(coll, i);
			f->pos[i] = place_in(u, val_obj(coll), i);
		}
		return true;
	}
	for (i = 0, l = coll; i < f->n; i++, l = list_rest(l)) {
		f->item[i] = list_first(l);
		f->pos[i] = place_in(u, val_obj(l), 0);
	}
	return true;
}

/* ---- symbols ---- */

static struct node *
analyze_symbol(struct unit *u, val form)
{
	const char *text = val_name_text(form, NULL);
	size_t len = strlen(text);

	if (text[0] == ':' && text[1] == '\0')
		return fail(u, "a lone : stands only where a type may follow");
	if (env_find(u, val_name(form)) == NULL) {
		if (form_index(val_name(form)) >= 0) {
			return fail(
			    u, "%s is a special form, not a value", text);
		}
		if (text[0] == '&' && text[1] == '\0')
			return fail(u, "& stands only in patterns");
		if (strcmp(text, "unquote") == 0 ||
		    strcmp(text, "unquote-splicing") == 0)
			return fail(u, "%s stands only inside quasiquote",
			    text[7] == '\0' ? "~" : "~@");
		if (macro_find(u, val_name(form)) != VAL_UNBOUND)
			return fail(u, "%s is a macro, not a value", text);
		if (len > 1 && text[len - 1] == '#') {
			return fail(u,
			    "%s: a name that ends in # stands only "
			    "inside quasiquote",
			    text);
		}
	}
	return resolve(u, u->func, val_name(form));
}

/* ---- literals ---- */

static bool
all_const(struct node *const *kid, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (kid[i]->kind != N_CONST)
			return false;
	}
	return true;
}

/* Values made while compiling live as long as the unit. */
static val
unit_keep(struct unit *u, val v)
{
	if (val_is_obj(v))
		u->keep = vec_push(u->heap, u->keep, v);
	return v;
}

static struct node *
analyze_vector(struct unit *u, val form)
{
	struct forms f = {NULL, NULL, 0};
	struct node *n;
	uint32_t i, pos = u->pos;

	forms_of(u, form, &f);
	n = node_new(u, N_VEC, f.n);
	for (i = 0; i < f.n; i++) {
		if ((n->kid[i] = analyze_at(u, f.item[i], f.pos[i])) == NULL)
			return NULL;
	}
	u->pos = pos;
	if (all_const(n->kid, n->n)) {
		val v = vec_empty(u->heap);

		for (i = 0; i < f.n; i++) {
			v = vec_push(u->heap, v, val_retain(n->kid[i]->v));
		}
		return node_const(u, unit_keep(u, v));
	}
	return n;
}

static struct node *
analyze_map(struct unit *u, val form)
{
	struct map_iter it = map_iter(form);
	struct node *n = node_new(u, N_MAP, (uint32_t)map_count(form) * 2);
	uint32_t i = 0, pos = u->pos;
	val k, v, m;

	for (; map_next(&it, &k, &v); i += 2) {
		n->kid[i] = analyze_at(u, k, place_in(u, val_obj(form), i));
		if (n->kid[i] == NULL)
			return NULL;
		n->kid[i + 1] =
		    analyze_at(u, v, place_in(u, val_obj(form), i + 1));
		if (n->kid[i + 1] == NULL)
			return NULL;
	}
	u->pos = pos;
	if (!all_const(n->kid, n->n))
		return n;
	m = map_empty(u->heap);
	for (i = 0; i < n->n; i += 2) {
		m = map_assoc(u->heap, m, val_retain(n->kid[i]->v),
		    val_retain(n->kid[i + 1]->v));
	}
	return node_const(u, unit_keep(u, m));
}

/* ---- lists ---- */

static struct node *
analyze_call(struct unit *u, const struct forms *f)
{
	struct node *n = node_new(u, N_CALL, f->n);
	uint32_t i, pos = u->pos;

	for (i = 0; i < f->n; i++) {
		if ((n->kid[i] = analyze_at(u, f->item[i], f->pos[i])) == NULL)
			return NULL;
	}
	u->pos = pos;
	return n;
}

static struct node *
analyze_macro(struct unit *u, val macro, const struct forms *f)
{
	struct node *n;
	val form;

	if (u->expansion >= MAX_EXPANSION) {
		return fail(u,
		    "macro %s: more than %d expansions inside one "
		    "another",
		    val_name_text(f->item[0], NULL), MAX_EXPANSION);
	}
	if (macro_expand(u, macro, f, &form) == -1)
		return NULL;
	unit_keep(u, form);
	u->expansion++;
	n = analyze(u, form);
	u->expansion--;
	return n;
}

static struct node *
analyze_list(struct unit *u, val form)
{
	const struct form_def *d;
	struct forms f;
	uint32_t name;
	val macro;
	int i;

	if (form == VAL_NO_ITEMS || !forms_of(u, form, &f))
		return node_const(u, form);
	if (!val_is_symbol(f.item[0]))
		return analyze_call(u, &f);
	name = val_name(f.item[0]);
	if (env_find(u, name) != NULL)
		return analyze_call(u, &f);
	if (u->core && strcmp(val_name_text(f.item[0], NULL), "%each") == 0)
		return form_each(u, &f);
	if ((macro = macro_find(u, name)) != VAL_UNBOUND)
		return analyze_macro(u, macro, &f);
	if ((i = form_index(name)) < 0)
		return analyze_call(u, &f);
	d = &form_table[i];
	if ((int)f.n - 1 < d->min || (d->max >= 0 && (int)f.n - 1 > d->max)) {
		return fail(u, "%s: %s; usage: %s", d->name,
		    (int)f.n - 1 < d->min ? "something is missing" :
		                            "too many forms",
		    d->usage);
	}
	return d->fn(u, &f);
}

struct node *
analyze(struct unit *u, val form)
{
	struct node *n;

	if (u->failed && u->diags == NULL)
		return NULL;
	if (u->depth >= MAX_TREE)
		return fail(u, "nested deeper than %d levels", MAX_TREE);
	if (unit_over(u))
		return u->diags != NULL ? node_const(u, VAL_NIL) : NULL;
	u->depth++;
	u->form_top = u->top; /* what is inside stands no longer at top level */
	u->top = false;
	if (val_is_symbol(form))
		n = analyze_symbol(u, form);
	else if (val_is_list(form))
		n = analyze_list(u, form);
	else if (val_is_vector(form))
		n = analyze_vector(u, form);
	else if (val_is_map(form))
		n = analyze_map(u, form);
	else
		n = node_const(u, form);
	u->depth--;
	if (n == NULL && u->diags != NULL) {
		u->failed = false; /* noted; the rest is looked at, too */
		check_lost(u, form);
		n = node_const(u, VAL_NIL);
	}
	return n;
}

struct node *
analyze_at(struct unit *u, val form, uint32_t pos)
{
	uint32_t saved = u->pos;
	struct node *n;

	if (pos != POS_NONE)
		u->pos = pos;
	n = analyze(u, form);
	u->pos = saved;
	return n;
}

struct node *
analyze_body(struct unit *u, const struct forms *f, uint32_t from)
{
	struct node *n, *k;
	uint32_t i, run;

	if (f->n == from)
		return node_const(u, VAL_NIL);
	if (f->n == from + 1)
		return analyze_at(u, f->item[from], f->pos[from]);
	n = node_new(u, N_DO, f->n - from);
	for (i = from; i < f->n; i++) {
		k = defn_neighbours(u, f, i, &run);
		if (u->failed && u->diags == NULL)
			return NULL;
		for (; run > 1; run--) /* the group stands at its last one */
			n->kid[i++ - from] = node_const(u, VAL_NIL);
		if (k == NULL)
			k = analyze_at(u, f->item[i], f->pos[i]);
		if ((n->kid[i - from] = k) == NULL)
			return NULL;
	}
	return n;
}
