/*
 * Macros: functions from forms to forms, run by the machine while a text is
 * compiled, under the same budgets.  They see core functions, earlier macros
 * and what an earlier top-level defn made.
 */
#include <stdio.h>
#include <string.h>

#include "lang/ast.h"
#include "lang/gen.h"
#include "lang/machine.h"
#include "value/errval.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"

#define MAX_EXPANSIONS 1000000 /* in one text */

val
macro_find(struct unit *u, uint32_t name)
{
	struct module *m = u->module;
	uint32_t i, inner = name;

	if (m == NULL)
		return VAL_UNBOUND;
	if ((m = module_alias(u, name, &inner)) == NULL)
		m = u->module;
	else if (!module_exports(m, inner))
		return VAL_UNBOUND;
	if (m->macros.n == 0)
		return VAL_UNBOUND;
	i = nametab_get(&m->macros, inner);
	return i == NAMETAB_NONE ? VAL_UNBOUND : vec_get(u->vm->macros, i);
}

struct saved {
	struct func *func;
	struct env *env;
	struct names names;
	struct body *body;
	uint32_t pos;
	bool expanding, top;
};

static void
expanding_on(struct unit *u, struct saved *s)
{
	*s = (struct saved){
	    u->func, u->env, u->names, u->body, u->pos, u->expanding, u->top};
	u->func = NULL;
	u->env = NULL;
	u->names = (struct names){0};
	u->body = NULL;
	u->expanding = true;
}

static void
expanding_off(struct unit *u, const struct saved *s)
{
	u->func = s->func;
	u->env = s->env;
	u->names = s->names;
	u->body = s->body;
	u->pos = s->pos;
	u->expanding = s->expanding;
	u->top = s->top;
}

/* The function of (WORD NAME "doc"? [PARAM...] BODY...), for expansion time. */
static val
compile_now(struct unit *u, const struct forms *f, const char *usage)
{
	struct saved s;
	struct node *n;
	val out = VAL_UNBOUND, name = f->item[1];
	uint32_t i = 2;

	if (i < f->n && val_is_string(f->item[i]))
		i++;
	expanding_on(u, &s);
	n = analyze_lambda(u, val_name(name), f, i, usage);
	if (n != NULL && gen_func(u, n->fn) == 0) {
		out =
		    val_from_obj(function_new(u->heap, &n->fn->code->head, 0));
	}
	expanding_off(u, &s);
	return out;
}

/* Functions of the program that macros mention. */
static bool
compile_queue(struct unit *u)
{
	struct vm *vm = u->vm;
	struct forms f;
	uint32_t name;
	val fn;

	while (vm->nxqueue > 0) {
		name = vm->xqueue[--vm->nxqueue];
		forms_of(u,
		    vec_get(vm->xforms, nametab_get(&u->module->xforms, name)),
		    &f);
		fn = compile_now(u, &f, "(defn NAME [PARAM...] BODY...)");
		if (fn == VAL_UNBOUND)
			return false;
		cell_set(vm, nametab_get(&u->module->xcells, name), fn);
	}
	return true;
}

struct node *
form_defmacro(struct unit *u, const struct forms *f)
{
	struct vm *vm = u->vm;
	uint32_t name;
	val fn;

	if (!u->form_top || u->vm == NULL)
		return fail(u, "defmacro stands only at top level");
	if (!val_is_symbol(f->item[1]))
		return fail_usage(u, f, "a name is missing");
	name = val_name(f->item[1]);
	if (form_index(name) >= 0) {
		return fail(u,
		    "defmacro: %s is a special form and cannot be "
		    "defined",
		    name_text(name, NULL));
	}
	fn = compile_now(u, f, "(defmacro NAME [PARAM...] BODY...)");
	if (fn == VAL_UNBOUND || !compile_queue(u))
		return NULL;
	nametab_set(&u->module->macros, name, (uint32_t)vec_count(vm->macros));
	vm->macros = vec_push(vm->heap, vm->macros, fn);
	return node_const(u, VAL_NIL);
}

int
macro_expand(struct unit *u, val macro, const struct forms *f, val *out)
{
	const char *name = val_name_text(f->item[0], NULL);
	struct buf b = BUF_INIT;
	val args = vec_empty(u->heap);
	uint32_t i;

	if (++u->expansions > MAX_EXPANSIONS) {
		fail(u, "macro %s: more than %d expansions", name,
		    MAX_EXPANSIONS);
		return -1;
	}
	for (i = 1; i < f->n; i++)
		args = vec_push(u->heap, args, val_retain(f->item[i]));
	core_compile_pending();
	switch (machine_nested(u->vm, val_retain(macro), args)) {
	case VM_DONE:
		*out = u->vm->value;
		u->vm->value = VAL_NIL;
		return 0;
	case VM_THROWN:
		if (val_is_error(u->vm->value)) {
			fail(u, "macro %s: %s: %s", name,
			    errval_class(u->vm->value),
			    str_bytes(val_errval(u->vm->value)->message, NULL));
		} else {
			print_short(&b, u->vm->value, 80);
			fail(u, "macro %s: threw %s", name, buf_str(&b));
			buf_free(&b);
		}
		return -1;
	default:
		vm_stop_text(u->vm, &b);
		if (u->diags == NULL) {
			error_set(u->error, EK_LIMIT, "macro %s: %s", name,
			    buf_str(&b));
		} else {
			fail(u, "macro %s: %s", name, buf_str(&b));
		}
		u->failed = true;
		buf_free(&b);
		return -1;
	}
}

/* ---- quasiquote ---- */

struct quasi {
	struct unit *u;
	val names[64]; /* x# and what it became */
	val fresh[64];
	uint32_t n;
	uint32_t level; /* quasiquotes around, less unquotes */
};

static bool
is_form(val v, const char *word)
{
	return val_is_list(v) && v != VAL_NO_ITEMS && list_count(v) == 2 &&
	    val_is_symbol(list_first(v)) &&
	    strcmp(val_name_text(list_first(v), NULL), word) == 0;
}

static val
quasi_symbol(struct quasi *q, val sym)
{
	size_t len;
	const char *text = val_name_text(sym, &len);
	char fresh[300];
	uint32_t i;

	if (len < 2 || text[len - 1] != '#' || q->level > 1)
		return sym; /* an inner quasiquote renames its own */
	for (i = 0; i < q->n; i++) {
		if (q->names[i] == sym)
			return q->fresh[i];
	}
	if (q->n == NITEMS(q->names))
		return sym;
	snprintf(fresh, sizeof(fresh), "%.*s__%u__auto",
	    len > 200 ? 200 : (int)len - 1, text, ++q->u->gensym);
	q->names[q->n] = sym;
	return q->fresh[q->n++] = symbol_from(fresh);
}

static struct node *quasi(struct quasi *, val form, uint32_t pos);

static bool
splices(const struct quasi *q, val item)
{
	return q->level == 1 && is_form(item, "unquote-splicing");
}

/* Items with splices: (%splice kind part...) where a plain item is wrapped in
 * a vector. */
static struct node *
quasi_items(struct quasi *q, const struct forms *f, const char *make)
{
	struct unit *u = q->u;
	struct node *n, *one;
	bool splice = false;
	uint32_t i;

	for (i = 0; i < f->n; i++)
		splice |= splices(q, f->item[i]);
	if (!splice) {
		if ((n = node_call(u, make, f->n)) == NULL)
			return NULL;
		for (i = 0; i < f->n; i++) {
			n->kid[i + 1] = quasi(q, f->item[i], f->pos[i]);
			if (n->kid[i + 1] == NULL)
				return NULL;
		}
		return n;
	}
	if ((n = node_call(u, "%splice", f->n + 1)) == NULL)
		return NULL;
	n->kid[1] =
	    node_const(u, strcmp(make, "list") == 0 ? VAL_TRUE : VAL_FALSE);
	for (i = 0; i < f->n; i++) {
		if (splices(q, f->item[i])) {
			one = analyze_at(u, list_nth(f->item[i], 1), f->pos[i]);
		} else {
			one = node_new(u, N_VEC, 1);
			one->kid[0] = quasi(q, f->item[i], f->pos[i]);
			if (one->kid[0] == NULL)
				return NULL;
		}
		if ((n->kid[i + 2] = one) == NULL)
			return NULL;
	}
	return n;
}

static bool
plain(val form, unsigned int depth)
{
	return depth < 64 && !val_is_symbol(form) && !val_is_list(form) &&
	    !val_is_vector(form) && !val_is_map(form);
}

static struct node *
quasi(struct quasi *q, val form, uint32_t pos)
{
	struct unit *u = q->u;
	struct forms f;
	struct node *n = NULL;
	uint32_t saved = u->pos, level, i;

	if (u->depth >= MAX_TREE)
		return fail(u, "nested deeper than %d levels", MAX_TREE);
	if (pos != POS_NONE)
		u->pos = pos;
	u->depth++;
	if (val_is_symbol(form)) {
		n = node_const(u, quasi_symbol(q, form));
	} else if (plain(form, 0) || form == VAL_NO_ITEMS) {
		n = node_const(u, form);
	} else if (q->level == 1 && is_form(form, "unquote")) {
		n = analyze(u, list_nth(form, 1));
	} else if (splices(q, form)) {
		fail(u, "~@ stands only inside a list or vector");
	} else if (val_is_map(form)) {
		struct map_iter it = map_iter(form);
		val k, v;

		if ((n = node_call(u, "hash-map",
		         (uint32_t)map_count(form) * 2)) != NULL) {
			for (i = 1; map_next(&it, &k, &v); i += 2) {
				n->kid[i] = quasi(q, k, POS_NONE);
				n->kid[i + 1] = quasi(q, v, POS_NONE);
				if (n->kid[i] == NULL || n->kid[i + 1] == NULL)
					n = NULL;
				if (n == NULL)
					break;
			}
		}
	} else {
		level = q->level;
		if (is_form(form, "quasiquote"))
			q->level++;
		else if (is_form(form, "unquote") ||
		    is_form(form, "unquote-splicing"))
			q->level--;
		forms_of(u, form, &f);
		n = quasi_items(q, &f, val_is_list(form) ? "list" : "vector");
		q->level = level;
	}
	u->depth--;
	u->pos = saved;
	return n;
}

struct node *
form_quasiquote(struct unit *u, const struct forms *f)
{
	struct quasi q = {.u = u, .level = 1};

	return quasi(&q, f->item[1], f->pos[1]);
}
