/* Nodes of the tree: making the common ones.  A kid that is NULL (after an
 * error) makes the node NULL. */
#include <string.h>

#include "lang/ast.h"
#include "lang/machine.h"
#include "value/name.h"

struct node *
node_new(struct unit *u, enum node_kind kind, uint32_t nkids)
{
	struct node *n = arena_alloc(&u->arena, sizeof(*n));

	n->kind = (uint8_t)kind;
	n->pos = u->pos;
	n->n = nkids;
	n->v = VAL_NIL;
	if (nkids > 0) {
		n->kid = arena_alloc(&u->arena, nkids * sizeof(struct node *));
	}
	return n;
}

struct node *
node_const(struct unit *u, val v)
{
	struct node *n = node_new(u, N_CONST, 0);

	n->v = v;
	return n;
}

struct node *
node_local(struct unit *u, struct var *var)
{
	struct node *n = node_new(u, N_LOCAL, 0);

	n->var = var;
	if (var->maybe)
		n->flags |= NF_MAYBE;
	return n;
}

struct node *
node_op(struct unit *u, enum op op, struct node *kid, uint32_t index, val v)
{
	struct node *n = node_new(u, N_OP, kid == NULL ? 0 : 1);

	n->op = (uint8_t)op;
	if (kid != NULL)
		n->kid[0] = kid;
	n->index = index;
	n->v = v;
	return n;
}

struct node *
node_core(struct unit *u, const char *name)
{
	struct node *n = node_new(u, N_CORE, 0);

	n->index = core_index(name_intern(name, strlen(name)));
	if (n->index == CORE_NONE)
		return fail(u, "core function %s is missing", name);
	return n;
}

struct node *
node_call(struct unit *u, const char *core, uint32_t nargs)
{
	struct node *n = node_new(u, N_CALL, nargs + 1);

	if ((n->kid[0] = node_core(u, core)) == NULL)
		return NULL;
	return n;
}

struct node *
node_call1(struct unit *u, const char *core, struct node *a)
{
	struct node *n = node_call(u, core, 1);

	if (n == NULL || a == NULL)
		return NULL;
	n->kid[1] = a;
	return n;
}

struct node *
node_call2(struct unit *u, const char *core, struct node *a, struct node *b)
{
	struct node *n = node_call(u, core, 2);

	if (n == NULL || a == NULL || b == NULL)
		return NULL;
	n->kid[1] = a;
	n->kid[2] = b;
	return n;
}

struct node *
node_do2(struct unit *u, struct node *a, struct node *b)
{
	struct node *n = node_new(u, N_DO, 2);

	if (a == NULL || b == NULL)
		return NULL;
	n->kid[0] = a;
	n->kid[1] = b;
	return n;
}

struct node *
node_if(struct unit *u, struct node *test, struct node *yes, struct node *no)
{
	struct node *n = node_new(u, N_IF, 3);

	if (test == NULL || yes == NULL || no == NULL)
		return NULL;
	n->kid[0] = test;
	n->kid[1] = yes;
	n->kid[2] = no;
	return n;
}

struct node *
node_use(struct unit *u, struct var *v)
{
	struct env e = {.func = v->func, .var = v};

	return resolve_env(u, u->func, &e);
}

struct node *
node_loop(struct unit *u, uint32_t nvars)
{
	struct loop *l = arena_alloc(&u->arena, sizeof(*l));
	struct node *n = node_new(u, N_LOOP, nvars + 1);

	l->outer = u->func->loop;
	l->depth = l->outer == NULL ? 1 : l->outer->depth + 1;
	l->nvars = nvars;
	l->vars = arena_alloc(&u->arena, (nvars + 1) * sizeof(struct var *));
	n->loop = l;
	n->vars = l->vars;
	return n;
}
