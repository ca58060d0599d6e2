/*
 * update and update-in in line: down the path taking each value out of its
 * place (TAKE), the function on the last, up again putting it back (ASSOC).  So
 * whatever nobody else holds is changed in place, and the function is called
 * as if the program called it: with no frame in between, or as an instruction.
 */
#include "lang/gen.h"
#include "value/vector.h"

#define LEVELS_MAX 32 /* a longer path: the function of the prelude */

static uint32_t
path_length(const struct node *path)
{
	if (path->kind == N_VEC)
		return path->n;
	return path->kind == N_CONST && val_is_vector(path->v) ?
	    (uint32_t)vec_count(path->v) :
	    0;
}

bool
path_fits(const struct node *path)
{
	uint32_t n = path_length(path);

	return n > 0 && n <= LEVELS_MAX;
}

/* Each key into the first of two registers. */
static void
gen_keys(struct gen *g, struct node *path, bool in, uint32_t pairs)
{
	uint32_t i, plain;

	if (!in) {
		gen_to(g, path, pairs);
		return;
	}
	for (i = 0; path->kind == N_CONST && i < vec_count(path->v); i++)
		gen_to(g, node_const(g->u, vec_get(path->v, i)), pairs + 2 * i);
	for (plain = 0; plain < 2; plain++) {
		for (i = 0; i < path->n; i++) {
			if (node_is_trivial(path->kid[i]) == (plain == 1))
				gen_to(g, path->kid[i], pairs + 2 * i);
		}
	}
}

/* What stands in a register of its own, as an operand that dies. */
static struct node *
node_spent(struct gen *g, uint32_t reg)
{
	struct var *v = arena_alloc(&g->u->arena, sizeof(*v));
	struct node *n;

	v->reg = reg;
	n = node_local(g->u, v);
	n->flags |= NF_LAST;
	return n;
}

/* Names are looked up by the call. */
static bool
waits(const struct node *n)
{
	return node_is_trivial(n) || n->kind == N_GLOBAL || n->kind == N_SELF;
}

/* The call of the function on the value in x; what has to be computed for it
 * is computed now. */
static struct node *
applied(struct gen *g, struct node *n, uint32_t x)
{
	struct node *call = node_new(g->u, N_CALL, n->n - 2);
	uint32_t i, reg;

	call->pos = n->pos;
	call->kid[1] = node_spent(g, x);
	for (i = 3; i < n->n; i++) {
		struct node *kid = n->kid[i];

		if (i == 3 ? !waits(kid) : !node_is_trivial(kid)) {
			reg = temps(g, 1);
			gen_to(g, kid, reg);
			kid = node_spent(g, reg);
		}
		call->kid[i == 3 ? 0 : i - 2] = kid;
	}
	return call;
}

void
gen_update(struct gen *g, struct node *n, bool in, uint32_t dst)
{
	struct node *coll = n->kid[1], *path = n->kid[2], *call;
	uint32_t levels = in ? path_length(path) : 1, i;
	uint32_t colls = temps(g, levels + 1), pairs = temps(g, 2 * levels);

	/* In the order of live_kids(): plain ones last. */
	if (!node_is_trivial(coll))
		gen_to(g, coll, colls);
	if (!node_is_trivial(path))
		gen_keys(g, path, in, pairs);
	call = applied(g, n, colls + levels);
	if (node_is_trivial(coll))
		gen_to(g, coll, colls);
	if (node_is_trivial(path))
		gen_keys(g, path, in, pairs);
	place(g, n->pos);
	for (i = 0; i < levels; i++) {
		emit(g,
		    INSN(OP_TAKE, 0, colls + i + 1, colls + i, pairs + 2 * i));
	}
	gen_call(g, call, pairs + 2 * i - 1);
	place(g, n->pos);
	while (i-- > 0) {
		emit(g,
		    INSN(OP_ASSOC, F_B, i == 0 ? dst : pairs + 2 * i - 1,
		        colls + i, pairs + 2 * i));
	}
}
