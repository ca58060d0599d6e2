/* Special forms that concern the host: step, step-if, step-loop,
 * step-parallel; and defstruct. */
#include <string.h>

#include "lang/ast.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/string.h"
#include "value/vector.h"

/* ---- step ---- */

/* begin, body, end whatever happens; the body's value. */
static struct node *
in_step(struct unit *u, struct node *name, struct node *options,
    uint32_t var_from, struct node *body)
{
	struct try_info *t = arena_alloc(&u->arena, sizeof(*t));
	struct node *begin, *end, *n, *d;
	struct binds b = {0};
	struct scope s;
	struct var *v;

	if (name == NULL || options == NULL || body == NULL)
		return NULL;
	scope_open(u, &s);
	v = var_temp(u);
	binds_add(u, &b, v, name);
	if ((begin = node_call(u, "%step-begin", 2)) == NULL ||
	    (end = node_call(u, "%step-end", 1)) == NULL)
		return NULL;
	begin->kid[1] = node_local(u, v);
	begin->kid[2] = options;
	end->kid[1] = node_local(u, v);
	n = node_new(u, N_TRY, 0);
	n->try = t;
	t->body = body;
	t->finally = end;
	t->var_from = var_from;
	t->var_to = t->clause_to = u->func->nvars;
	d = node_new(u, N_DO, 2);
	d->kid[0] = begin;
	d->kid[1] = n;
	scope_close(u, &s);
	return binds_let(u, &b, d);
}

static struct node *
text_node(struct unit *u, const char *text)
{
	val v = str_from(u->heap, text);

	u->keep = vec_push(u->heap, u->keep, v);
	return node_const(u, v);
}

/* KEYWORD VALUE pairs from f[*i] on, as a map node. */
static struct node *
options(
    struct unit *u, const struct forms *f, uint32_t *i, struct node **params)
{
	struct node *n = node_new(u, N_MAP, 0), **kid, *v;

	kid = arena_alloc(&u->arena, (f->n + 1) * sizeof(*kid));
	n->kid = kid;
	for (; *i + 1 < f->n && val_is_keyword(f->item[*i]); *i += 2) {
		v = analyze_at(u, f->item[*i + 1], f->pos[*i + 1]);
		if (v == NULL)
			return NULL;
		if (params != NULL && val_is_key(f->item[*i], "params")) {
			*params = v;
			continue;
		}
		kid[n->n++] = node_const(u, f->item[*i]);
		kid[n->n++] = v;
	}
	if (n->n == 0)
		return node_const(u, VAL_NIL);
	return n;
}

struct node *
form_step(struct unit *u, const struct forms *f)
{
	struct scope s;
	struct binds b = {0};
	struct body *body;
	struct node *name, *opts, *params = NULL, *n;
	struct var *v;
	uint32_t i = 2, from, floor;

	if ((name = analyze_at(u, f->item[1], f->pos[1])) == NULL)
		return NULL;
	if (name->kind == N_CONST && !val_is_string(name->v))
		return fail_usage(u, f, "the name must be a string");
	if ((opts = options(u, f, &i, &params)) == NULL)
		return NULL;
	if (u->body == NULL && params == NULL) { /* def stays top level */
		from = u->func->nvars;
		n = analyze_body(u, f, i);
		return in_step(u, name, opts, from, n);
	}
	scope_open(u, &s);
	from = u->func->nvars;
	if (params != NULL) {
		v = var_new(u, name_intern("%params", 7));
		binds_add(u, &b, v, params);
		var_show(u, v);
	}
	if (u->body == NULL) {
		floor = u->func->floor;
		body = body_open(u);
		n = body_close(u, body, analyze_body(u, f, i));
		u->func->floor = floor;
	} else {
		u->body->conditional++;
		n = analyze_body(u, f, i);
		u->body->conditional--;
	}
	n = in_step(u, name, opts, from, binds_let(u, &b, n));
	scope_close(u, &s);
	return n;
}

struct node *
form_step_if(struct unit *u, const struct forms *f)
{
	uint32_t from = u->func->nvars;
	struct node *n = form_if(u, f);

	return in_step(
	    u, text_node(u, "step-if"), node_const(u, VAL_NIL), from, n);
}

struct node *
form_step_loop(struct unit *u, const struct forms *f)
{
	uint32_t from = u->func->nvars;

	return in_step(u, text_node(u, "step-loop"), node_const(u, VAL_NIL),
	    from, loop_while(u, f));
}

/* ---- step-parallel ---- */

static bool
is_head(struct unit *u, val form, const char *word)
{
	val head;

	if (!val_is_list(form) || form == VAL_NO_ITEMS)
		return false;
	head = list_first(form);
	return val_is_symbol(head) && env_find(u, val_name(head)) == NULL &&
	    strcmp(val_name_text(head, NULL), word) == 0;
}

static val
cons(struct unit *u, val first, val rest)
{
	return list_cons(u->heap, val_retain(first), rest);
}

/* (call C A...) -> (task C A...), under metadata too; anything else e ->
 * (task (fn [] e)).  A fresh form, or VAL_UNBOUND. */
static val
as_task(struct unit *u, val form)
{
	val inner, out, task = symbol_from("task");

	if (is_head(u, form, "call"))
		return list_cons(u->heap, task, val_retain(list_rest(form)));
	if (is_head(u, form, "with-meta*") && list_count(form) == 3 &&
	    is_head(u, list_nth(form, 2), "call")) {
		inner = as_task(u, list_nth(form, 2));
		out = list_cons(u->heap, inner, VAL_NO_ITEMS);
		out = cons(u, list_nth(form, 1), out);
		return cons(u, list_first(form), out);
	}
	out = cons(u, form, VAL_NO_ITEMS);
	out = list_cons(u->heap, vec_empty(u->heap), out);
	out = list_cons(u->heap, symbol_from("fn"), out);
	out = list_cons(u->heap, out, VAL_NO_ITEMS);
	return list_cons(u->heap, task, out);
}

struct node *
form_step_parallel(struct unit *u, const struct forms *f)
{
	uint32_t i = 1, k, from = u->func->nvars;
	struct node *opts, *row, *call;
	val form;

	if ((opts = options(u, f, &i, NULL)) == NULL)
		return NULL;
	row = node_new(u, N_VEC, f->n - i);
	for (k = 0; i < f->n; i++, k++) {
		form = as_task(u, f->item[i]);
		u->keep = vec_push(u->heap, u->keep, form);
		if ((row->kid[k] = analyze_at(u, form, f->pos[i])) == NULL)
			return NULL;
	}
	if ((call = node_call(u, "call", opts->kind == N_CONST ? 2 : 3)) ==
	    NULL)
		return NULL;
	call->kid[1] = node_const(u, keyword_from("parallel"));
	call->kid[2] = row;
	if (opts->kind != N_CONST)
		call->kid[3] = opts;
	return in_step(u, text_node(u, "step-parallel"), node_const(u, VAL_NIL),
	    from, call);
}

/* ---- defstruct ---- */

/* (defstruct Name :field T ...): a function of one map that checks it. */
struct node *
form_defstruct(struct unit *u, const struct forms *f)
{
	struct func *saved = u->func, *fn;
	struct env *env = u->env;
	struct body *body;
	struct type *t;
	struct node *def, *n;
	val form, pair[2];
	uint32_t i;

	if (!val_is_symbol(f->item[1]))
		return fail_usage(u, f, "a name is missing");
	if (f->n % 2 != 0)
		return fail_usage(u, f, "fields are pairs of key and type");
	form = vec_push(u->heap, vec_empty(u->heap), keyword_from("map"));
	for (i = 2; i < f->n; i += 2) {
		if (!val_is_keyword(f->item[i])) {
			val_release(u->heap, form);
			return fail_usage(u, f, "a field is a keyword");
		}
		pair[0] = f->item[i];
		pair[1] = val_retain(f->item[i + 1]);
		form = vec_push(u->heap, form, vec_new(u->heap, pair, 2));
	}
	u->keep = vec_push(u->heap, u->keep, form);
	if ((t = type_at(u, form, u->pos)) == NULL)
		return NULL;
	fn = func_new(u, val_name(f->item[1]));
	u->func = fn;
	body = body_open(u);
	fn->params = arena_alloc(&u->arena, sizeof(struct var *));
	fn->params[fn->nparams++] = var_temp(u);
	n = node_check(u, node_local(u, fn->params[0]), t, form,
	    val_name_text(f->item[1], NULL));
	fn->body = body_close(u, body, n);
	u->func = saved;
	env_pop(u, env);
	def = node_new(u, N_FN, 0);
	def->fn = fn;
	return node_define(u, val_name(f->item[1]), def);
}
