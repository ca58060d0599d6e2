/*
 * Special forms that bind names: def defn fn let loop recur, and the type
 * annotations that may stand in them.
 */
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
static int
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
	u->env = env;
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
		} else if (e->func == u->func) {
			k = node_new(u, N_SELF, 0);
			k->fn = e->member;
		} else {
			uint32_t j;

			k = node_new(u, N_UPVAL, 0);
			for (j = 0; j < u->func->caps->n; j++) {
				if (u->func->caps->of[j]->var == e->var &&
				    u->func->caps->of[j]->member == e->member &&
				    u->func->caps->of[j]->func == e->func) {
					break;
				}
			}
			k->index = j;
		}
		n->kid[i] = k;
	}
}

static struct env *
env_member(struct unit *u, uint32_t name, struct func *of, struct func *member)
{
	struct env *e = arena_alloc(&u->arena, sizeof(*e));

	e->up = u->env;
	e->name = name;
	e->func = of;
	e->member = member;
	u->env = e;
	return e;
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

struct member {
	uint32_t name;
	struct forms f;
	uint32_t at; /* of the parameter vector */
	uint32_t pos;
	const char *usage;
	struct var *var;
};

/* A recursive group of n functions, bound to m[i].var; adds to binds. */
static bool
analyze_group(struct unit *u, struct member *m, uint32_t n, struct binds *b)
{
	struct func **fns = arena_alloc(&u->arena, n * sizeof(*fns));
	struct env *env = u->env;
	struct node *node;
	uint32_t i, j, pos = u->pos;

	for (i = 0; i < n; i++) {
		u->pos = m[i].pos;
		fns[i] = func_new(u, m[i].name);
		if (i > 0)
			fns[i]->caps = fns[0]->caps;
	}
	for (i = 0; i < n; i++) {
		u->pos = m[i].pos;
		for (j = 0; j < n; j++)
			env_member(u, m[j].name, fns[i], fns[j]);
		node = analyze_fn(u, fns[i], &m[i].f, m[i].at, m[i].usage);
		u->env = env;
		if (node == NULL)
			return false;
	}
	for (i = 0; i < n; i++) {
		u->pos = m[i].pos;
		node = node_fn(u, fns[i]);
		node_fn_captures(u, node);
		binds_add(u, b, m[i].var, node);
	}
	u->pos = pos;
	return true;
}

static bool
member_from(
    struct unit *u, val form, uint32_t name, uint32_t pos, struct member *m)
{
	m->name = name;
	m->pos = pos == POS_NONE ? u->pos : pos;
	m->usage = FN_USAGE;
	m->at = 1;
	forms_of(u, form, &m->f);
	if (m->f.n > 1 && val_is_symbol(m->f.item[1]))
		m->at = 2;
	return true;
}

struct node *
analyze_lambda(struct unit *u, uint32_t name, const struct forms *f, uint32_t i,
    const char *usage)
{
	struct func *fn = func_new(u, name);
	struct env *env = u->env;
	struct node *n;

	if (name != NAME_NONE && u->body != NULL)
		env_member(u, name, fn, fn);
	if (analyze_fn(u, fn, f, i, usage) == NULL)
		return NULL;
	u->env = env;
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
		env_member(u, name, fn, fn);
	n = analyze_fn(u, fn, f, i, FN_USAGE);
	u->env = env;
	if (n == NULL)
		return NULL;
	n = node_fn(u, fn);
	node_fn_captures(u, n);
	return n;
}

/* ---- let and loop ---- */

struct pair {
	val pat;
	uint32_t pos;
	val value;
	uint32_t value_pos;
	struct type *type;
	val type_form;
};

/*
 * Split a binding vector into pairs, from the right end: a type keyword is
 * the value whenever the rest can be read as bindings after it.
 */
static bool
pairs_of(struct unit *u, const struct forms *b, struct pair **out, uint32_t *n)
{
	bool *ok = arena_alloc(&u->arena, b->n + 5);
	struct pair *p;
	uint32_t i, step;

	ok[b->n] = true;
	for (i = b->n; i-- > 0;) {
		if (!val_is_symbol(b->item[i]) && !val_is_vector(b->item[i]) &&
		    !val_is_map(b->item[i]))
			continue;
		if (i + 1 < b->n && is_colon(b->item[i + 1])) {
			ok[i] = i + 4 <= b->n && ok[i + 4];
			continue;
		}
		ok[i] = i + 2 <= b->n && ok[i + 2];
		if (!ok[i] && i + 3 <= b->n && val_is_keyword(b->item[i + 1]))
			ok[i] = ok[i + 3];
	}
	if (!ok[0]) {
		fail(u, "bindings must be pairs of a pattern and a value");
		return false;
	}
	*out = p = arena_alloc(&u->arena, (b->n + 1) * sizeof(*p));
	*n = 0;
	for (i = 0; i < b->n; i += step, p++, (*n)++) {
		p->pat = b->item[i];
		p->pos = b->pos[i];
		if (is_colon(b->item[i + 1])) {
			step = 4;
			p->type_form = b->item[i + 2];
		} else if (i + 2 <= b->n && ok[i + 2]) {
			step = 2;
		} else {
			step = 3;
			p->type_form = b->item[i + 1];
		}
		if (step != 2) {
			p->type =
			    type_at(u, p->type_form, b->pos[i + step - 2]);
			if (p->type == NULL)
				return false;
		}
		p->value = b->item[i + step - 1];
		p->value_pos = b->pos[i + step - 1];
	}
	return true;
}

static struct node *
pair_value(struct unit *u, const struct pair *p)
{
	struct node *n = analyze_at(u, p->value, p->value_pos);

	if (n == NULL || p->type == NULL)
		return n;
	return node_check(u, n, p->type, p->type_form,
	    val_is_symbol(p->pat) ? val_name_text(p->pat, NULL) : "pattern");
}

static bool
is_group_pair(struct unit *u, const struct pair *p)
{
	return p->type == NULL && pattern_is_name(p->pat) &&
	    is_fn_form(u, p->value);
}

/* A run of neighbouring (name (fn ...)) pairs from i on; its length. */
static uint32_t
group_length(struct unit *u, const struct pair *p, uint32_t i, uint32_t n)
{
	uint32_t j, k;

	for (j = i; j < n && is_group_pair(u, &p[j]); j++) {
		for (k = i; k < j && p[k].pat != p[j].pat; k++)
			;
		if (k < j)
			break;
	}
	return j - i;
}

static bool
bind_pairs(struct unit *u, struct pair *p, uint32_t n, struct binds *b)
{
	struct member *m;
	struct node *init;
	struct var *v;
	uint32_t i, j, run;

	for (i = 0; i < n; i += run) {
		run = group_length(u, p, i, n);
		if (run > 0) {
			m = arena_alloc(&u->arena, run * sizeof(*m));
			for (j = 0; j < run; j++) {
				member_from(u, p[i + j].value,
				    val_name(p[i + j].pat), p[i + j].value_pos,
				    &m[j]);
				m[j].var = var_new(u, m[j].name);
			}
			if (!analyze_group(u, m, run, b))
				return false;
			for (j = 0; j < run; j++)
				var_show(u, m[j].var);
			continue;
		}
		run = 1;
		if ((init = pair_value(u, &p[i])) == NULL)
			return false;
		v = pattern_is_name(p[i].pat) ? var_new(u, val_name(p[i].pat)) :
		                                var_temp(u);
		binds_add(u, b, v, init);
		if (pattern_is_name(p[i].pat)) {
			var_show(u, v);
		} else if (!pattern_bind(u, p[i].pat, p[i].pos, v, b)) {
			return false;
		}
	}
	return true;
}

bool
bind_vector(struct unit *u, val vector, struct binds *b)
{
	struct forms v;
	struct pair *p;
	uint32_t np;

	if (!val_is_vector(vector)) {
		fail(u, "a binding vector is missing");
		return false;
	}
	forms_of(u, vector, &v);
	return pairs_of(u, &v, &p, &np) && bind_pairs(u, p, np, b);
}

struct node *
form_let(struct unit *u, const struct forms *f)
{
	struct forms v;
	struct scope s;
	struct pair *p;
	struct binds b = {0};
	struct body *body;
	struct node *n = NULL;
	uint32_t np;

	if (!val_is_vector(f->item[1]))
		return fail_usage(u, f, "a binding vector is missing");
	forms_of(u, f->item[1], &v);
	if (!pairs_of(u, &v, &p, &np))
		return NULL;
	scope_open(u, &s);
	if (bind_pairs(u, p, np, &b)) {
		uint32_t floor = u->func->floor;

		body = body_open(u);
		n = analyze_body(u, f, 2);
		n = body_close(u, body, n);
		u->func->floor = floor;
		n = binds_let(u, &b, n);
	}
	scope_close(u, &s);
	return n;
}

/* Starting values see the names before them, those in patterns too: patterns
 * are taken apart once outside, for that, and again in every round. */
struct node *
form_loop(struct unit *u, const struct forms *f)
{
	struct forms v;
	struct scope s;
	struct pair *p;
	struct binds first = {0}, b = {0};
	struct body *body;
	struct loop *l;
	struct node *n = NULL, *loop;
	uint32_t np, i, floor;

	if (!val_is_vector(f->item[1]))
		return fail_usage(u, f, "a binding vector is missing");
	forms_of(u, f->item[1], &v);
	if (!pairs_of(u, &v, &p, &np))
		return NULL;
	scope_open(u, &s);
	l = arena_alloc(&u->arena, sizeof(*l));
	loop = node_new(u, N_LOOP, np + 1);
	l->outer = u->func->loop;
	l->depth = l->outer == NULL ? 1 : l->outer->depth + 1;
	l->nvars = np;
	l->vars = arena_alloc(&u->arena, (np + 1) * sizeof(struct var *));
	loop->loop = l;
	loop->vars = l->vars;
	for (i = 0; i < np; i++) {
		struct node *init = pair_value(u, &p[i]);
		struct var *t;

		if (init == NULL)
			goto done;
		if (pattern_is_name(p[i].pat)) {
			loop->kid[i] = init;
		} else {
			t = var_temp(u);
			binds_add(u, &first, t, init);
			if (!pattern_bind(u, p[i].pat, p[i].pos, t, &first))
				goto done;
			loop->kid[i] = node_local(u, t);
		}
		l->vars[i] = var_new(u,
		    pattern_is_name(p[i].pat) ? val_name(p[i].pat) : NAME_NONE);
		l->vars[i]->loop_depth = l->depth;
		if (pattern_is_name(p[i].pat)) {
			if (first.n > 0) {
				/* Keep the order of evaluation. */
				t = var_temp(u);
				binds_add(u, &first, t, init);
				loop->kid[i] = node_local(u, t);
				t->name = val_name(p[i].pat);
				var_show(u, t);
			} else if (i + 1 < np) {
				l->vars[i]->loop_depth = l->depth - 1;
				var_show(u, l->vars[i]);
			} else {
				var_show(u, l->vars[i]);
			}
		}
	}
	for (i = 0; i < np; i++) {
		l->vars[i]->loop_depth = l->depth;
		if (pattern_is_name(p[i].pat))
			var_show(u, l->vars[i]);
	}
	u->func->loop = l;
	for (i = 0; i < np; i++) {
		if (p[i].type != NULL) {
			binds_add(u, &b, NULL,
			    node_check(u, node_local(u, l->vars[i]), p[i].type,
			        p[i].type_form,
			        val_is_symbol(p[i].pat) ?
			            val_name_text(p[i].pat, NULL) :
			            "pattern"));
		}
		if (!pattern_is_name(p[i].pat) &&
		    !pattern_bind(u, p[i].pat, p[i].pos, l->vars[i], &b))
			goto out;
	}
	floor = u->func->floor;
	body = body_open(u);
	n = analyze_body(u, f, 2);
	n = body_close(u, body, n);
	u->func->floor = floor;
	n = binds_let(u, &b, n);
	if ((loop->kid[np] = n) != NULL)
		n = binds_let(u, &first, loop);
out:
	u->func->loop = l->outer;
done:
	scope_close(u, &s);
	return n;
}

struct node *
form_recur(struct unit *u, const struct forms *f)
{
	struct node *n = node_new(u, N_RECUR, f->n - 1);
	uint32_t i, want;

	n->loop = u->func->loop;
	if (n->loop == NULL && !u->func->recur_ok)
		return fail(u, "recur stands outside of loop and function");
	want = n->loop != NULL ? n->loop->nvars : u->func->nparams;
	if (f->n - 1 != want) {
		return fail(
		    u, "recur: expected %u values, got %u", want, f->n - 1);
	}
	for (i = 1; i < f->n; i++) {
		n->kid[i - 1] = analyze_at(u, f->item[i], f->pos[i]);
		if (n->kid[i - 1] == NULL)
			return NULL;
	}
	if (n->loop != NULL)
		n->loop->nrecur++;
	return n;
}

/* ---- def and defn ---- */

/* A name, perhaps under metadata. */
static val
strip_meta(val form)
{
	while (val_is_list(form) && form != VAL_NO_ITEMS &&
	    list_count(form) == 3 && val_is_symbol(list_first(form)) &&
	    strcmp(val_name_text(list_first(form), NULL), "with-meta*") == 0)
		form = list_nth(form, 2);
	return form;
}

static bool
name_ok(struct unit *u, const struct forms *f, val *name)
{
	*name = strip_meta(f->item[1]);
	if (!val_is_symbol(*name)) {
		fail_usage(u, f, "a name is missing");
		return false;
	}
	if (form_index(val_name(*name)) >= 0) {
		fail(u, "%s: %s is a special form and cannot be defined",
		    val_name_text(f->item[0], NULL),
		    val_name_text(*name, NULL));
		return false;
	}
	return true;
}

static void
body_def(struct unit *u, struct var *v)
{
	struct body *b = u->body;
	struct env **grown;
	struct var **vars;

	var_show(u, v);
	if (u->func->next_reg > u->func->floor)
		u->func->floor = u->func->next_reg;
	if (b->ndefs == b->capdefs) {
		b->capdefs = b->capdefs == 0 ? 8 : b->capdefs * 2;
		grown = arena_alloc(&u->arena, b->capdefs * sizeof(*grown));
		if (b->ndefs > 0)
			memcpy(grown, b->defs, b->ndefs * sizeof(*grown));
		b->defs = grown;
	}
	b->defs[b->ndefs++] = u->env;
	if (b->conditional == 0)
		return;
	v->maybe = true;
	if (b->nmaybes == b->capmaybes) {
		b->capmaybes = b->capmaybes == 0 ? 8 : b->capmaybes * 2;
		vars = arena_alloc(&u->arena, b->capmaybes * sizeof(*vars));
		if (b->nmaybes > 0)
			memcpy(vars, b->maybes, b->nmaybes * sizeof(*vars));
		b->maybes = vars;
	}
	b->maybes[b->nmaybes++] = v;
}

/* Set the variable, then give its value. */
struct node *
node_define(struct unit *u, uint32_t name, struct node *init)
{
	struct node *d, *set;
	struct var *v;

	if (init == NULL)
		return NULL;
	if (u->body == NULL) {
		if (!u->expanding && u->module != NULL) {
			check_define(u, name, init);
			nametab_set(&u->module->defined, name, 1);
			if (macro_find(u, name) != VAL_UNBOUND)
				nametab_set(
				    &u->module->macros, name, NAMETAB_NONE);
		}
		d = node_new(u, N_DEF, 1);
		d->v = val_symbol(name);
		d->kid[0] = init;
		return d;
	}
	v = var_new(u, name);
	body_def(u, v);
	d = node_new(u, N_DO, 2);
	set = node_new(u, N_SET, 1);
	set->kid[0] = init;
	set->var = v;
	d->kid[0] = set;
	d->kid[1] = node_new(u, N_LOCAL, 0);
	d->kid[1]->var = v;
	return d;
}

struct node *
form_def(struct unit *u, const struct forms *f)
{
	struct type *t;
	struct node *n;
	val name, form;
	uint32_t i = 2;
	int k;

	if (!name_ok(u, f, &name))
		return NULL;
	if (f->n > 3) {
		if (f->n == 4 && val_is_string(f->item[2])) {
			i = 3; /* documentation */
			t = NULL;
		} else {
			k = annotation(u, f, 2, true, &t, &form);
			if (k == -1)
				return NULL;
			i += (uint32_t)k;
		}
	} else {
		t = NULL;
	}
	if (i + 1 != f->n) {
		return fail_usage(u, f,
		    i >= f->n ? "a value is missing" : "more than one value");
	}
	n = analyze_at(u, f->item[i], f->pos[i]);
	if (n != NULL && t != NULL)
		n = node_check(u, n, t, form, val_name_text(name, NULL));
	if (n != NULL && n->kind == N_FN && n->fn->code->head.name == NAME_NONE)
		n->fn->code->head.name = val_name(name);
	return node_define(u, val_name(name), n);
}

static const char defn_usage[] = "(defn NAME \"doc\"? [PARAM...] BODY...)";

static bool
defn_member(struct unit *u, const struct forms *f, struct member *m)
{
	val name;

	if (!name_ok(u, f, &name))
		return false;
	m->name = val_name(name);
	m->f = *f;
	m->at = 2;
	m->pos = u->pos;
	m->usage = defn_usage;
	m->var = NULL;
	if (f->n > 3 && val_is_string(f->item[2]))
		m->at = 3;
	if (m->at < f->n && val_is_map(f->item[m->at]))
		m->at++;
	return true;
}

static bool
is_local_defn(struct unit *u, val form)
{
	val head;

	if (!val_is_list(form) || form == VAL_NO_ITEMS || list_count(form) < 3)
		return false;
	head = list_first(form);
	return val_is_symbol(head) &&
	    strcmp(val_name_text(head, NULL), "defn") == 0 &&
	    env_find(u, val_name(head)) == NULL;
}

/* Neighbouring defns from f[i] on: how many have names of their own. */
static uint32_t
defn_run(struct unit *u, const struct forms *f, uint32_t i)
{
	uint32_t j, k;

	for (j = i; j < f->n && is_local_defn(u, f->item[j]); j++) {
		for (k = i; k < j; k++) {
			if (strip_meta(list_nth(f->item[k], 1)) ==
			    strip_meta(list_nth(f->item[j], 1)))
				return j - i;
		}
	}
	return j - i;
}

/* A recursive group of local functions; the value is the last one. */
static struct node *
defn_group(struct unit *u, struct member *m, uint32_t n)
{
	struct binds b = {0};
	struct node *d, *set;
	uint32_t i;

	if (!analyze_group(u, m, n, &b))
		return NULL;
	d = node_new(u, N_DO, n + 1);
	for (i = 0; i < n; i++) {
		m[i].var = var_new(u, m[i].name);
		set = node_new(u, N_SET, 1);
		set->kid[0] = b.inits[i];
		set->var = m[i].var;
		d->kid[i] = set;
	}
	for (i = 0; i < n; i++)
		body_def(u, m[i].var);
	d->kid[n] = node_new(u, N_LOCAL, 0);
	d->kid[n]->var = m[n - 1].var;
	return d;
}

struct node *
defn_neighbours(
    struct unit *u, const struct forms *f, uint32_t i, uint32_t *taken)
{
	struct member *m;
	struct forms one;
	uint32_t n, k, saved = u->pos;

	*taken = 0;
	if (u->body == NULL || (n = defn_run(u, f, i)) < 2)
		return NULL;
	m = arena_alloc(&u->arena, n * sizeof(*m));
	for (k = 0; k < n; k++) {
		forms_of(u, f->item[i + k], &one);
		if (f->pos[i + k] != POS_NONE)
			u->pos = f->pos[i + k];
		if (!defn_member(u, &one, &m[k]))
			return NULL;
	}
	u->pos = saved;
	*taken = n;
	return defn_group(u, m, n);
}

struct node *
form_defn(struct unit *u, const struct forms *f)
{
	struct member m;
	struct node *n;

	if (!defn_member(u, f, &m))
		return NULL;
	if (u->body != NULL)
		return defn_group(u, &m, 1);
	n = analyze_lambda(u, m.name, f, m.at, defn_usage);
	return node_define(u, m.name, n);
}
