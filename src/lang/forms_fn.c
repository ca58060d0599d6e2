/* Functions: parameters and their annotations, recursive groups, fn. */
#include <string.h>

#include "lang/ast.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/vector.h"

/* ---- annotations ---- */

bool
is_colon(val form)
{
	return val_is_symbol(form) &&
	    strcmp(val_name_text(form, NULL), ":") == 0;
}

static bool
is_type_keyword(val form)
{
	return val_is_keyword(form) && type_is_name(form);
}

struct type *
type_at(struct unit *u, val form, uint32_t pos)
{
	struct type *t;
	struct error e;

	if (type_new(form, &t, &e) == -1) {
		fail_at(u, pos, "%s", e.msg);
		return NULL;
	}
	if (u->vm != NULL)
		machine_own_type(u->vm, t);
	return t;
}

struct node *
node_check(struct unit *u, struct node *kid, struct type *t, val form,
    const char *what)
{
	struct node *n = node_new(u, N_CHECK, 1);

	check_value(u, kid, t, what);
	n->kid[0] = kid;
	n->type = t;
	n->form = form;
	n->v = symbol_from(what);
	return n;
}

/*
 * An annotation at f[i]: *t is its type (NULL: none there), the result how
 * many forms it took; -1 after an error.  A keyword counts only when it may
 * (any: it cannot be anything else, so an unknown type is an error).
 */
int
annotation(struct unit *u, const struct forms *f, uint32_t i, bool any,
    struct type **t, val *form)
{
	*t = NULL;
	if (i >= f->n)
		return 0;
	if (is_colon(f->item[i])) {
		if (i + 1 >= f->n) {
			fail_at(u, f->pos[i], "a type is missing after :");
			return -1;
		}
		*form = f->item[i + 1];
		*t = type_at(u, *form, f->pos[i + 1]);
		return *t == NULL ? -1 : 2;
	}
	if (val_is_keyword(f->item[i]) &&
	    (any || is_type_keyword(f->item[i]))) {
		*form = f->item[i];
		*t = type_at(u, *form, f->pos[i]);
		return *t == NULL ? -1 : 1;
	}
	return 0;
}

/* ---- binding lists ---- */

void
binds_add(struct unit *u, struct binds *b, struct var *v, struct node *init)
{
	struct var **vars;
	struct node **inits;

	if (b->n == b->cap) {
		b->cap = b->cap == 0 ? 8 : b->cap * 2;
		vars = arena_alloc(&u->arena, b->cap * sizeof(*vars));
		inits = arena_alloc(&u->arena, b->cap * sizeof(*inits));
		if (b->n > 0) {
			memcpy(vars, b->vars, b->n * sizeof(*vars));
			memcpy(inits, b->inits, b->n * sizeof(*inits));
		}
		b->vars = vars;
		b->inits = inits;
	}
	b->vars[b->n] = v;
	b->inits[b->n++] = init;
}

struct node *
binds_let(struct unit *u, struct binds *b, struct node *body)
{
	struct node *n;
	uint32_t i;

	if (body == NULL || b->n == 0)
		return body;
	n = node_new(u, N_LET, b->n + 1);
	n->vars = b->vars;
	for (i = 0; i < b->n; i++) {
		if ((n->kid[i] = b->inits[i]) == NULL)
			return NULL;
	}
	n->kid[b->n] = body;
	return n;
}

/* ---- functions ---- */

struct func *
func_new(struct unit *u, uint32_t name)
{
	struct func *f = arena_alloc(&u->arena, sizeof(*f));

	f->outer = u->func;
	f->code = u->use_code != NULL ? u->use_code : code_new(u->owner);
	u->use_code = NULL;
	f->code->head.name = name;
	f->code->head.core = u->core;
	f->code->file = u->file;
	f->name = name;
	f->pos = u->pos;
	f->caps = arena_alloc(&u->arena, sizeof(*f->caps));
	f->caps->outer = u->func;
	f->expanding = u->expanding;
	return f;
}

/* Parameters come first in the frame, before what their patterns bind. */
static bool
param_vars(struct unit *u, struct func *fn, const struct forms *p)
{
	uint32_t i;
	val pat;

	for (i = 0; i < p->n; i++) {
		pat = p->item[i];
		if (is_colon(pat)) {
			i++; /* and the type after it */
			continue;
		}
		if (val_is_keyword(pat) ||
		    (val_is_symbol(pat) &&
		        strcmp(val_name_text(pat, NULL), "&") == 0))
			continue;
		fn->params[fn->nparams++] = pattern_is_name(pat) ?
		    var_new(u, val_name(pat)) :
		    var_temp(u);
	}
	return !u->failed;
}

static bool
analyze_params(
    struct unit *u, struct func *fn, val params, uint32_t pos, struct binds *b)
{
	struct forms p;
	struct type *t;
	struct var *v;
	val form, pat;
	uint32_t i, at, k = 0;
	bool rest = false;
	int n;

	if (!forms_of(u, params, &p))
		return false;
	fn->params = arena_alloc(&u->arena, (p.n + 1) * sizeof(struct var *));
	if (!param_vars(u, fn, &p))
		return false;
	for (i = 0; i < p.n; i++) {
		pat = p.item[i];
		at = p.pos[i] == POS_NONE ? pos : p.pos[i];
		if (val_is_symbol(pat) &&
		    strcmp(val_name_text(pat, NULL), "&") == 0) {
			if (rest || i + 1 >= p.n) {
				fail_at(u, at, "& needs one name after it");
				return false;
			}
			rest = true;
			continue;
		}
		if (rest && fn->code->variadic) {
			fail_at(u, at, "only one name may follow &");
			return false;
		}
		if (val_is_keyword(pat) || is_colon(pat) || k == fn->nparams) {
			fail_at(u, at,
			    "a parameter is a name, a vector or a "
			    "map");
			return false;
		}
		v = fn->params[k++];
		fn->code->variadic = rest;
		if ((n = annotation(u, &p, i + 1, true, &t, &form)) == -1)
			return false;
		i += (uint32_t)n;
		if (t != NULL && rest) {
			struct node *c =
			    node_op(u, OP_CHKTYPE, node_local(u, v), 1, pat);

			c->kind = N_CHECK;
			c->type = t;
			c->form = form;
			c->flags |= NF_IMPLICIT; /* each element */
			c->v = val_is_symbol(pat) ? pat : symbol_from("&");
			binds_add(u, b, NULL, c);
		} else if (t != NULL) {
			binds_add(u, b, NULL,
			    node_check(u, node_local(u, v), t, form,
			        val_is_symbol(pat) ? val_name_text(pat, NULL) :
			                             "parameter"));
		}
		if (!pattern_is_name(pat) && !pattern_bind(u, pat, at, v, b))
			return false;
		if (pattern_is_name(pat))
			var_show(u, v);
	}
	return true;
}

struct node *
analyze_fn(struct unit *u, struct func *fn, const struct forms *f, uint32_t i,
    const char *usage)
{
	struct func *saved = u->func;
	struct env *env = u->env;
	struct body *b;
	struct binds binds = {0};
	struct type *t = NULL;
	struct node *body;
	val form = VAL_NIL;
	int n;

	if (i >= f->n || !val_is_vector(f->item[i]))
		return fail(
		    u, "a parameter vector is missing; usage: %s", usage);
	u->func = fn;
	b = body_open(u);
	fn->recur_ok = true;
	body = NULL;
	if (!analyze_params(u, fn, f->item[i], f->pos[i], &binds))
		goto done;
	i++;
	if (i + 1 < f->n) {
		if ((n = annotation(u, f, i, false, &t, &form)) == -1)
			goto done;
		if (n > 0 && i + (uint32_t)n >= f->n)
			goto bare;
		i += (uint32_t)n;
	}
	if (i >= f->n) {
	bare:
		fail(u, "a body is missing; usage: %s", usage);
		goto done;
	}
	fn->ret = t;
	fn->ret_form = form;
	fn->code->checked = t != NULL;
	if ((body = analyze_body(u, f, i)) != NULL)
		body = binds_let(u, &binds, body);
done:
	body = body_close(u, b, body);
	u->func = saved;
	env_pop(u, env);
	fn->body = body;
	return body;
}

static struct node *
node_fn(struct unit *u, struct func *fn)
{
	struct node *n = node_new(u, N_FN, 0);

	n->fn = fn;
	return n;
}

/* The captures become kids once the whole group is known. */
static void
node_fn_captures(struct unit *u, struct node *n)
{
	struct captures *c = n->fn->caps;
	const struct env *e;
	uint32_t i;

	n->n = c->n;
	n->kid = arena_alloc(&u->arena, (c->n + 1) * sizeof(struct node *));
	for (i = 0; i < c->n; i++) {
		struct node *k;

		e = c->of[i];
		if (e->func == u->func && e->var != NULL) {
			k = node_new(u, N_LOCAL, 0); /* unbound is captured */
			k->var = e->var;
		} else if (env_is_member(e, u->func)) {
			k = node_new(u, N_SELF, 0);
			k->fn = e->member;
		} else {
			k = node_new(u, N_UPVAL, 0);
			k->index = capture_index(u, u->func, e);
		}
		n->kid[i] = k;
	}
}

bool
is_fn_form(struct unit *u, val form)
{
	const char *s;
	val head;

	if (!val_is_list(form) || form == VAL_NO_ITEMS)
		return false;
	head = list_first(form);
	if (!val_is_symbol(head) || env_find(u, val_name(head)) != NULL)
		return false;
	s = val_name_text(head, NULL);
	return strcmp(s, "fn") == 0 || strcmp(s, "lambda") == 0;
}

#define FN_USAGE "(fn [PARAM...] BODY...)"

/* A recursive group of n functions, bound to m[i].var; adds to binds. */
bool
analyze_group(struct unit *u, struct member *m, uint32_t n, struct binds *b)
{
	struct func **fns = arena_alloc(&u->arena, n * sizeof(*fns));
	struct env *env = u->env, *group;
	struct node *node;
	uint32_t i, pos = u->pos;

	for (i = 0; i < n; i++) {
		u->pos = m[i].pos;
		fns[i] = func_new(u, m[i].name);
		if (i > 0)
			fns[i]->caps = fns[0]->caps;
	}
	for (i = 0; i < n; i++)
		env_push(u, m[i].name, fns[0], NULL, fns[i]);
	group = u->env;
	for (i = 0; i < n; i++) {
		u->pos = m[i].pos;
		if (m[i].own != NAME_NONE)
			env_push(u, m[i].own, fns[0], NULL, fns[i]);
		node = analyze_fn(u, fns[i], &m[i].f, m[i].at, m[i].usage);
		env_pop(u, node == NULL ? env : group);
		if (node == NULL)
			return false;
	}
	env_pop(u, env);
	for (i = 0; i < n; i++) {
		u->pos = m[i].pos;
		node = node_fn(u, fns[i]);
		node_fn_captures(u, node);
		if (m[i].var != NULL)
			m[i].var->known = fns[i];
		binds_add(u, b, m[i].var, node);
	}
	u->pos = pos;
	return true;
}

void
member_from(
    struct unit *u, val form, uint32_t name, uint32_t pos, struct member *m)
{
	m->name = name;
	m->pos = pos == POS_NONE ? u->pos : pos;
	m->usage = FN_USAGE;
	m->at = 1;
	m->own = NAME_NONE;
	forms_of(u, form, &m->f);
	if (m->f.n > 1 && val_is_symbol(m->f.item[1])) {
		m->own = val_name(m->f.item[1]);
		m->at = 2;
	}
}

struct node *
analyze_lambda(struct unit *u, uint32_t name, const struct forms *f, uint32_t i,
    const char *usage)
{
	struct func *fn = func_new(u, name);
	struct env *env = u->env;
	struct node *n;

	if (name != NAME_NONE && u->body != NULL)
		env_push(u, name, fn, NULL, fn);
	if (analyze_fn(u, fn, f, i, usage) == NULL)
		return NULL;
	env_pop(u, env);
	n = node_fn(u, fn);
	node_fn_captures(u, n);
	return n;
}

struct node *
form_fn(struct unit *u, const struct forms *f)
{
	struct func *fn;
	struct env *env = u->env;
	struct node *n;
	uint32_t i = 1, name = NAME_NONE;

	if (f->n > 1 && val_is_symbol(f->item[1])) {
		name = val_name(f->item[1]);
		i = 2;
	}
	fn = func_new(u, name);
	if (name != NAME_NONE)
		env_push(u, name, fn, NULL, fn);
	n = analyze_fn(u, fn, f, i, FN_USAGE);
	env_pop(u, env);
	if (n == NULL)
		return NULL;
	n = node_fn(u, fn);
	node_fn_captures(u, n);
	return n;
}
