/* Branches, loops, try: what moves the program counter. */
#include <string.h>

#include "lang/gen.h"
#include "value/name.h"

/* Two ways, one of which the jumps no lead to: what an if and the next item
 * of an iteration have in common. */
static void
gen_ways(
    struct gen *g, struct node *n, struct jumps *no, uint32_t dst, int mode)
{
	struct jumps end = {0};
	uint32_t save = g->temp;

	drops(g, n->drops[0]);
	gen_mode(g, n->kid[1], dst, mode);
	g->temp = save;
	if (mode != GEN_TAIL && n->kid[1]->kind != N_RECUR)
		jump_add(g, &end, INSN_X(OP_JMP, 0, 0, 0));
	jump_land(g, no);
	drops(g, n->drops[1]);
	gen_mode(g, n->kid[2], dst, mode);
	g->temp = save;
	jump_land(g, &end);
}

void
gen_if(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	struct jumps no = {0};

	gen_jump(g, n->kid[0], false, &no);
	gen_ways(g, n, &no, dst, mode);
}

void
gen_each(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	struct jumps no = {0};

	emit(g,
	    INSN(OP_EACH, n->var->dead ? F_INV : 0, n->var->reg,
	        n->kid[0]->var->reg, 0));
	jump_add(g, &no, INSN_X(OP_JMP, 0, 0, 0));
	g->each = g->ninsns;
	gen_ways(g, n, &no, dst, mode);
}

void
gen_and_or(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	bool and = n->kind == N_AND;
	struct jumps end = {0}, next;
	uint32_t i;

	for (i = 0; i + 1 < n->n; i++) {
		gen_to(g, n->kid[i], dst);
		if (n->drops[i] == NULL) {
			jump_add(
			    g, &end, INSN_X(and? OP_JF : OP_JT, 0, dst, 0));
		} else {
			memset(&next, 0, sizeof(next));
			jump_add(
			    g, &next, INSN_X(and? OP_JT : OP_JF, 0, dst, 0));
			drops(g, n->drops[i]);
			jump_add(g, &end, INSN_X(OP_JMP, 0, 0, 0));
			jump_land(g, &next);
		}
		if (and)
			emit(g, INSN(OP_DROP, 0, dst, 0, 0));
	}
	if (mode == GEN_TAIL)
		gen_tail(g, n->kid[i]);
	else
		gen_to(g, n->kid[i], dst);
	jump_land(g, &end);
}

static void
jump_and_or(struct gen *g, struct node *n, bool when, struct jumps *j)
{
	bool and = n->kind == N_AND;
	struct jumps out = {0};
	uint32_t i;

	for (i = 0; i + 1 < n->n; i++) {
		/* "and" is decided by a false, "or" by a true operand. */
		gen_jump(g, n->kid[i], !and, when == !and? j : &out);
	}
	gen_jump(g, n->kid[i], when, j);
	jump_land(g, &out);
}

static bool
has_drops(const struct node *n)
{
	uint32_t i;

	for (i = 0; i < n->n; i++) {
		if (n->drops[i] != NULL)
			return true;
	}
	return false;
}

void
gen_jump(struct gen *g, struct node *n, bool when, struct jumps *j)
{
	struct operand o = {0};
	uint32_t save = g->temp;

	if (g->u->failed)
		return;
	switch (n->kind) {
	case N_CONST:
		if (val_truthy(n->v) == when)
			jump_add(g, j, INSN_X(OP_JMP, 0, 0, 0));
		return;
	case N_AND:
	case N_OR:
		if (!has_drops(n)) {
			jump_and_or(g, n, when, j);
			return;
		}
		break;
	case N_CALL:
		if (gen_call_jump(g, n, when, j)) {
			g->temp = save;
			return;
		}
		break;
	default:
		break;
	}
	operands(g, &n, 1, &o);
	jump_add(
	    g, j, INSN_X(when ? OP_JT : OP_JF, o.dies ? F_B : 0, o.reg, 0));
	g->temp = save;
}

/* ---- loops ---- */

void
gen_loop(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	struct loop *l = n->loop;
	uint32_t i;

	for (i = 0; i + 1 < n->n; i++) {
		if (l->vars[i]->dead)
			gen_effect(g, n->kid[i]);
		else
			gen_to(g, n->kid[i], l->vars[i]->reg);
	}
	l->target = g->ninsns;
	gen_mode(g, n->kid[n->n - 1], dst, mode);
}

/*
 * Which arguments may be computed straight into their variables?  Only
 * operations that write their result last, where nothing evaluated later reads
 * the variable.
 */
static bool *
recur_direct(struct gen *g, struct node *n, struct var *const *vars)
{
	size_t words = g->f->nvars / 64 + 1;
	struct bits *read =
	    arena_alloc(&g->u->arena, sizeof(*read) + words * sizeof(uint64_t));
	bool *direct = arena_alloc(&g->u->arena, n->n + 1);
	const struct node *kid;
	uint32_t i, k;

	for (k = n->n; k-- > 0;) {
		i = n->order[k];
		kid = n->kid[i];
		direct[i] = (kid->kind == N_CALL || kid->kind == N_OP ||
		                kid->kind == N_CONST) &&
		    !bits_test(read, vars[i]->index);
		node_reads_all(kid, read);
	}
	return direct;
}

/* Back to a loop's head; the move before it joins in. */
static void
loop_back(struct gen *g, uint32_t target)
{
	insn last = g->ninsns > 0 ? g->insns[g->ninsns - 1] : 0;
	int64_t by = (int64_t)target - g->ninsns;

	if (g->ninsns > target && g->landed < g->ninsns &&
	    I_OP(last) == OP_MOVE && by >= INT16_MIN) {
		g->insns[g->ninsns - 1] =
		    INSN(OP_LOOPM, 0, I_A(last), I_B(last), by);
		return;
	}
	emit(g, INSN_X(OP_LOOP, 0, 0, 0));
	jump_to(g, g->ninsns - 1, target);
}

void
gen_recur(struct gen *g, struct node *n)
{
	struct var *const *vars =
	    n->loop != NULL ? n->loop->vars : g->f->params;
	uint32_t save = g->temp, i, k, row;
	bool *done = arena_alloc(&g->u->arena, n->n + 1), *direct;
	struct node *kid;

	direct = recur_direct(g, n, vars);
	row = temps(g, n->n);
	for (k = 0; k < n->n; k++) {
		i = n->order[k];
		kid = n->kid[i];
		done[i] = true;
		if (vars[i]->dead) {
			gen_effect(g, kid);
		} else if (kid->kind == N_LOCAL && kid->var == vars[i] &&
		    (kid->flags & NF_LAST) != 0) {
			continue;
		} else if (direct[i]) {
			gen_to(g, kid, vars[i]->reg);
		} else {
			gen_to(g, kid, row + i);
			done[i] = false;
		}
	}
	for (i = 0; i < n->n; i++) {
		if (!done[i]) {
			emit(g, INSN(OP_MOVE, 0, vars[i]->reg, row + i, 0));
		}
	}
	g->temp = save;
	loop_back(g, n->loop != NULL ? n->loop->target : g->f->entry);
}

void
gen_alt(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	struct jumps end = {0};
	uint32_t save = g->temp;

	n->alt_jumps = arena_alloc(&g->u->arena, sizeof(struct jumps));
	gen_mode(g, n->kid[0], dst, mode);
	g->temp = save;
	if (mode != GEN_TAIL)
		jump_add(g, &end, INSN_X(OP_JMP, 0, 0, 0));
	jump_land(g, n->alt_jumps);
	gen_mode(g, n->kid[1], dst, mode);
	g->temp = save;
	jump_land(g, &end);
}

/* ---- try ---- */

static void
gen_clauses(struct gen *g, struct try_info *t, uint32_t thrown, uint32_t dst,
    int mode, struct jumps *end)
{
	struct jumps next;
	struct clause *c;
	uint32_t i;
	bool all = false;

	for (i = 0; i < t->nclauses && !all; i++) {
		c = &t->clauses[i];
		all = c->selector == VAL_NIL;
		memset(&next, 0, sizeof(next));
		if (!all) {
			emit(g,
			    INSN_X(OP_CATCH, 0, thrown, konst(g, c->selector)));
			jump_add(g, &next, INSN_X(OP_JMP, 0, 0, 0));
		}
		drops(g, c->drops);
		if (c->var != NULL && !c->var->dead) {
			emit(g, INSN(OP_CAUGHT, 0, thrown, 0, 0));
			emit(g, INSN(OP_MOVE, 0, c->var->reg, thrown, 0));
		} else {
			emit(g, INSN(OP_DROP, 0, thrown, 0, 0));
		}
		gen_mode(g, c->body, dst, mode);
		if (mode != GEN_TAIL)
			jump_add(g, end, INSN_X(OP_JMP, 0, 0, 0));
		jump_land(g, &next);
	}
	if (!all)
		emit(g, INSN(OP_RETHROW, 0, thrown, 0, 0));
}

/* Without finally.  The thrown value's register is the first temporary of the
 * try: what lies from there on is dropped when something is thrown. */
static void
gen_catch(struct gen *g, struct try_info *t, uint32_t dst, int mode)
{
	struct jumps handler = {0}, end = {0};
	uint32_t save = g->temp, thrown, value;

	thrown = temps(g, 1);
	value = mode == GEN_TAIL ? temps(g, 1) : dst;
	jump_add(g, &handler, INSN_X(OP_TRY, 0, thrown, 0));
	gen_mode(g, t->body, value, mode == GEN_TAIL ? GEN_VALUE : mode);
	emit(g, INSN(OP_ENDTRY, 0, 0, 0, 0));
	drops(g, t->normal_drops);
	if (mode == GEN_TAIL)
		gen_ret(g, value);
	else
		jump_add(g, &end, INSN_X(OP_JMP, 0, 0, 0));
	jump_land(g, &handler);
	drops(g, t->handler_drops);
	gen_clauses(g, t, thrown, dst, mode, &end);
	jump_land(g, &end);
	g->temp = save;
}

/* One copy of the finally forms: `state` is unbound on the way out in peace,
 * else what was thrown. */
static void
gen_finally(struct gen *g, struct node *n, uint32_t dst)
{
	struct try_info *t = n->try;
	struct jumps handler = {0}, last = {0};
	uint32_t save = g->temp, state, stack, value;

	state = temps(g, 1);
	stack = temps(g, 1);
	value = temps(g, 1);
	jump_add(g, &handler, INSN_X(OP_TRY, 0, state, 0));
	if (t->nclauses > 0) {
		gen_catch(g, t, value, GEN_VALUE);
	} else {
		gen_to(g, t->body, value);
		drops(g, t->normal_drops);
	}
	emit(g, INSN(OP_ENDTRY, 0, 0, 0, 0));
	emit(g, INSN(OP_UNBIND, 0, state, 0, 0));
	jump_add(g, &last, INSN_X(OP_JMP, 0, 0, 0));
	jump_land(g, &handler);
	drops(g, t->finally_drops);
	emit(g, INSN(OP_CAUGHT, F_INV, state, stack, 0));
	jump_land(g, &last);
	gen_effect(g, t->finally);
	place(g, n->pos);
	emit(g, INSN(OP_RETHROW, F_INV | F_B, state, stack, 0));
	if (value != dst)
		emit(g, INSN(OP_MOVE, 0, dst, value, 0));
	g->temp = save;
}

void
gen_try(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	struct try_info *t = n->try;
	uint32_t save = g->temp, value;

	if (t->finally == NULL) {
		gen_catch(g, t, dst, mode);
		return;
	}
	value = mode == GEN_VALUE ? dst : temps(g, 1);
	gen_finally(g, n, value);
	if (mode == GEN_TAIL)
		gen_ret(g, value);
	else if (mode == GEN_EFFECT)
		emit(g, INSN(OP_DROP, 0, value, 0, 0));
	g->temp = save;
}
