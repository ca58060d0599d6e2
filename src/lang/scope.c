/*
 * Scopes: the variables of a function and their registers, what a name means,
 * and what reading a variable asks of the loops and functions around.
 */
#include <string.h>

#include "lang/ast.h"
#include "value/name.h"

/* ---- what a name means ---- */

static uint32_t
name_place(const struct names *t, uint32_t name)
{
	uint32_t i = name * 2654435761U & (t->cap - 1);

	while (t->keys[i] != NAME_NONE && t->keys[i] != name)
		i = (i + 1) & (t->cap - 1);
	return i;
}

static void
names_grow(struct unit *u, struct names *t)
{
	struct names old = *t;
	uint32_t i, k;

	t->cap = old.cap == 0 ? 16 : old.cap * 2;
	t->keys = arena_alloc(&u->arena, t->cap * sizeof(*t->keys));
	t->of = arena_alloc(&u->arena, t->cap * sizeof(*t->of));
	memset(t->keys, 0xff, t->cap * sizeof(*t->keys));
	for (i = 0; i < old.cap; i++) {
		if (old.keys[i] == NAME_NONE)
			continue;
		k = name_place(t, old.keys[i]);
		t->keys[k] = old.keys[i];
		t->of[k] = old.of[i];
	}
}

struct env *
env_push(struct unit *u, uint32_t name, struct func *f, struct var *var,
    struct func *member)
{
	struct env *e = arena_alloc(&u->arena, sizeof(*e));
	struct names *t = &u->names;
	uint32_t i;

	if (t->n * 2 >= t->cap)
		names_grow(u, t);
	i = name_place(t, name);
	t->n += t->keys[i] == NAME_NONE;
	t->keys[i] = name;
	e->up = u->env;
	e->hidden = t->of[i];
	e->name = name;
	e->func = f;
	e->var = var;
	e->member = member;
	t->of[i] = e;
	u->env = e;
	return e;
}

void
env_pop(struct unit *u, struct env *to)
{
	for (; u->env != to; u->env = u->env->up)
		u->names.of[name_place(&u->names, u->env->name)] =
		    u->env->hidden;
}

const struct env *
env_find(struct unit *u, uint32_t name)
{
	return u->names.cap == 0 ? NULL :
	                           u->names.of[name_place(&u->names, name)];
}

/* ---- pairs of things ---- */

static uint32_t
pair_place(const struct pairs *t, const void *a, const void *b)
{
	uint64_t h = ((uintptr_t)a * UINT64_C(0x9e3779b97f4a7c15)) ^
	    ((uintptr_t)b * UINT64_C(0xc2b2ae3d27d4eb4f));
	uint32_t i = (uint32_t)(h >> 32) & (t->cap - 1);

	while (t->of[i].a != NULL && (t->of[i].a != a || t->of[i].b != b))
		i = (i + 1) & (t->cap - 1);
	return i;
}

uint32_t *
pair_note(struct unit *u, const void *a, const void *b)
{
	struct pairs *t = &u->pairs, old = *t;
	uint32_t i;

	if (t->n * 2 >= t->cap) {
		t->cap = old.cap == 0 ? 16 : old.cap * 2;
		t->of = arena_alloc(&u->arena, t->cap * sizeof(*t->of));
		for (i = 0; i < old.cap; i++) {
			if (old.of[i].a != NULL)
				t->of[pair_place(t, old.of[i].a, old.of[i].b)] =
				    old.of[i];
		}
	}
	i = pair_place(t, a, b);
	if (t->of[i].a == NULL) {
		t->n++;
		t->of[i].a = a;
		t->of[i].b = b;
	}
	return &t->of[i].note;
}

/* ---- variables ---- */

struct var *
var_new(struct unit *u, uint32_t name)
{
	struct func *f = u->func;
	struct var *v = arena_alloc(&u->arena, sizeof(*v));
	uint32_t *regs;

	v->name = name;
	v->func = f;
	if (f->nvars == f->capregs) {
		f->capregs = f->capregs == 0 ? 8 : f->capregs * 2;
		regs = arena_alloc(&u->arena, f->capregs * sizeof(*regs));
		if (f->nvars > 0)
			memcpy(regs, f->regs, f->nvars * sizeof(*regs));
		f->regs = regs;
	}
	v->index = f->nvars++;
	v->reg = f->next_reg++;
	f->regs[v->index] = v->reg;
	if (f->next_reg > f->max_reg)
		f->max_reg = f->next_reg;
	if (f->next_reg > MAX_REGS)
		fail(u, "too many local names in one function");
	v->loop_depth = f->loop == NULL ? 0 : f->loop->depth;
	return v;
}

struct var *
var_temp(struct unit *u)
{
	return var_new(u, NAME_NONE);
}

void
var_show(struct unit *u, struct var *v)
{
	static uint32_t blank = NAME_NONE;

	if (blank == NAME_NONE)
		blank = name_intern("_", 1);
	if (v->name != blank)
		env_push(u, v->name, v->func, v, NULL);
}

void
scope_open(struct unit *u, struct scope *s)
{
	s->env = u->env;
	s->reg = u->func->next_reg;
	s->body = u->body;
	s->ndefs = u->body == NULL ? 0 : u->body->ndefs;
}

/* Names of the scope go; what an inner form defined for the enclosing body
 * stays, and so does its register. */
void
scope_close(struct unit *u, struct scope *s)
{
	struct func *f = u->func;
	struct env *e;
	uint32_t i;

	env_pop(u, s->env);
	if (s->body != NULL) {
		for (i = s->ndefs; i < s->body->ndefs; i++) {
			e = s->body->defs[i];
			env_push(u, e->name, e->func, e->var, NULL);
		}
	}
	f->next_reg = s->reg > f->floor ? s->reg : f->floor;
}

struct body *
body_open(struct unit *u)
{
	struct body *b = arena_alloc(&u->arena, sizeof(*b));

	b->outer = u->body;
	b->func = u->func;
	u->body = b;
	return b;
}

struct node *
body_close(struct unit *u, struct body *b, struct node *n)
{
	struct node *d, *x;
	uint32_t i;

	u->body = b->outer;
	if (n == NULL || b->nmaybes == 0)
		return n;
	d = node_new(u, N_DO, 2);
	x = node_new(u, N_UNBIND, 0);
	x->vars = b->maybes;
	x->n = 0;
	x->index = b->nmaybes;
	for (i = 0; i < b->nmaybes; i++)
		b->maybes[i]->maybe = true;
	d->kid[0] = x;
	d->kid[1] = n;
	return d;
}

/* ---- names ---- */

static void
loop_uses(struct unit *u, struct func *f, struct var *v)
{
	struct loop *l;
	struct var **grown;
	uint32_t *noted;

	for (l = f->loop; l != NULL && l->depth > v->loop_depth; l = l->outer) {
		if (*(noted = pair_note(u, l, v)) != 0)
			return; /* and so in the loops around */
		*noted = 1;
		if (l->nused == l->capused) {
			l->capused = l->capused == 0 ? 8 : l->capused * 2;
			grown =
			    arena_alloc(&u->arena, l->capused * sizeof(*grown));
			if (l->nused > 0) {
				memcpy(
				    grown, l->used, l->nused * sizeof(*grown));
			}
			l->used = grown;
		}
		l->used[l->nused++] = v;
	}
}

/* Its index + 1, 0 if it is no capture yet. */
static uint32_t *
capture_note(struct unit *u, const struct captures *c, const struct env *e)
{
	return pair_note(u, c,
	    e->var != NULL ? (const void *)e->var : (const void *)e->member);
}

uint32_t
capture_index(struct unit *u, struct func *f, const struct env *e)
{
	struct captures *c = f->caps;
	const struct env **grown;
	uint32_t *noted = capture_note(u, c, e);

	if (*noted != 0)
		return *noted - 1;
	*noted = c->n + 1;
	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 8 : c->cap * 2;
		grown = arena_alloc(&u->arena, c->cap * sizeof(*grown));
		if (c->n > 0)
			memcpy(grown, c->of, c->n * sizeof(*grown));
		c->of = grown;
	}
	c->of[c->n++] = e;
	/* The functions between must capture it, too, and loops around the
	 * place where this closure is made read it. */
	(void)resolve_env(u, f->outer, e);
	return c->n - 1;
}

struct node *
resolve_env(struct unit *u, struct func *f, const struct env *e)
{
	struct node *n;

	if (e->func == f && e->var != NULL) {
		loop_uses(u, f, e->var);
		return node_local(u, e->var);
	}
	if (env_is_member(e, f)) {
		n = node_new(u, N_SELF, 0);
		n->fn = e->member;
		return n;
	}
	n = node_new(u, N_UPVAL, 0);
	n->index = capture_index(u, f, e);
	if (e->var != NULL && e->var->maybe) {
		n->flags |= NF_MAYBE;
		n->v = val_symbol(e->name);
	}
	return n;
}

struct node *
resolve(struct unit *u, struct func *f, uint32_t name)
{
	const struct env *e = env_find(u, name);
	struct node *n;

	if (e != NULL)
		return resolve_env(u, f, e);
	n = node_new(u, N_GLOBAL, 0);
	n->v = val_symbol(name);
	return n;
}
