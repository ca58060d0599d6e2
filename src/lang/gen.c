/* Tree to instructions: emission, registers, constants, simple nodes. */
#include <stdlib.h>
#include <string.h>

#include "lang/gen.h"
#include "value/name.h"

#define GROW(a, n, cap)                                                        \
	do {                                                                   \
		if ((n) == (cap)) {                                            \
			(cap) = (cap) == 0 ? 16 : (cap)*2;                     \
			(a) = xreallocarray((a), (cap), sizeof(*(a)));         \
		}                                                              \
	} while (0)

void
emit(struct gen *g, insn i)
{
	GROW(g->insns, g->ninsns, g->capinsns);
	g->insns[g->ninsns++] = i;
}

void
place(struct gen *g, uint32_t pos)
{
	struct place_row *r;
	uint32_t line, column;

	if (pos == POS_NONE || pos == g->last_pos)
		return;
	g->last_pos = pos;
	unit_place(g->u, pos, &line, &column);
	if (g->nplaces > 0 && g->places[g->nplaces - 1].pc == g->ninsns) {
		r = &g->places[g->nplaces - 1];
	} else {
		GROW(g->places, g->nplaces, g->capplaces);
		r = &g->places[g->nplaces++];
	}
	r->pc = g->ninsns;
	r->line = line;
	r->column = column;
}

static uint32_t
word_hash(val v)
{
	return (uint32_t)((v * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

uint32_t
konst(struct gen *g, val v)
{
	uint32_t i, cap;

	if (g->nconsts * 2 >= g->caphash) {
		cap = g->caphash == 0 ? 32 : g->caphash * 2;
		free(g->hash);
		g->hash = xcalloc(cap, sizeof(uint32_t));
		g->caphash = cap;
		for (i = 0; i < g->nconsts; i++) {
			uint32_t h = word_hash(g->consts[i]) & (cap - 1);

			while (g->hash[h] != 0)
				h = (h + 1) & (cap - 1);
			g->hash[h] = i + 1;
		}
	}
	i = word_hash(v) & (g->caphash - 1);
	while (g->hash[i] != 0) {
		if (g->consts[g->hash[i] - 1] == v)
			return g->hash[i] - 1;
		i = (i + 1) & (g->caphash - 1);
	}
	GROW(g->consts, g->nconsts, g->capconsts);
	g->hash[i] = g->nconsts + 1;
	g->consts[g->nconsts] = val_retain(v);
	return g->nconsts++;
}

uint32_t
proto(struct gen *g, struct code *c)
{
	uint32_t *noted = pair_note(g->u, g->f, c);

	if (*noted == 0) {
		GROW(g->protos, g->nprotos, g->capprotos);
		g->protos[g->nprotos] = c;
		*noted = ++g->nprotos;
	}
	return *noted - 1;
}

uint32_t
type_slot(struct gen *g, struct type *t, val form)
{
	uint32_t i;

	for (i = 0; i < g->ntypes; i++) {
		if (g->types[i] == t)
			return i;
	}
	if (g->ntypes == g->captypes) {
		g->captypes = g->captypes == 0 ? 8 : g->captypes * 2;
		g->types =
		    xreallocarray(g->types, g->captypes, sizeof(*g->types));
		g->type_forms =
		    xreallocarray(g->type_forms, g->captypes, sizeof(val));
	}
	g->types[g->ntypes] = t;
	g->type_forms[g->ntypes] = val_retain(form);
	return g->ntypes++;
}

uint32_t
temps(struct gen *g, uint32_t n)
{
	uint32_t first = g->temp;

	g->temp += n;
	if (g->temp > g->max)
		g->max = g->temp;
	if (g->temp > MAX_REGS)
		fail_at(g->u, g->last_pos,
		    "function too large: more than %d "
		    "registers",
		    MAX_REGS);
	return first;
}

void
jump_add(struct gen *g, struct jumps *j, insn i)
{
	uint32_t *grown;

	if (j->n == j->cap) {
		j->cap = j->cap == 0 ? 4 : j->cap * 2;
		grown = arena_alloc(&g->u->arena, j->cap * sizeof(*grown));
		if (j->n > 0)
			memcpy(grown, j->at, j->n * sizeof(*grown));
		j->at = grown;
	}
	j->at[j->n++] = g->ninsns;
	emit(g, i);
}

void
jump_to(struct gen *g, uint32_t at, uint32_t target)
{
	int32_t by = (int32_t)(target - (at + 1));

	g->insns[at] = (g->insns[at] & UINT64_C(0xffffffff)) |
	    (uint64_t)(uint32_t)by << 32;
}

void
jump_land(struct gen *g, struct jumps *j)
{
	uint32_t i;

	for (i = 0; i < j->n; i++)
		jump_to(g, j->at[i], g->ninsns);
	if (j->n > 0)
		g->landed = g->ninsns;
}

void
drops(struct gen *g, const struct bits *b)
{
	uint32_t i, k;
	uint64_t w;

	for (i = 0; b != NULL && i < b->nwords; i++) {
		for (w = b->w[i]; w != 0; w &= w - 1) {
			k = i * 64 + (uint32_t)__builtin_ctzll(w);
			emit(g, INSN(OP_DROP, 0, g->f->regs[k], 0, 0));
		}
	}
}

/* ---- simple nodes ---- */

static void
gen_const(struct gen *g, val v, uint32_t dst)
{
	if (val_is_fix(v) && val_unfix(v) >= INT32_MIN &&
	    val_unfix(v) <= INT32_MAX) {
		emit(g, INSN_X(OP_LOADI, 0, dst, (int32_t)val_unfix(v)));
	} else if (v <= 0xff && (v & 3) == 3) {
		emit(g, INSN_X(OP_LOADW, 0, dst, v));
	} else if (val_is_keyword(v)) {
		emit(g, INSN_X(OP_LOADKW, 0, dst, val_name(v)));
	} else {
		emit(g, INSN_X(OP_LOADK, 0, dst, konst(g, v)));
	}
}

/* Can EACH put its item where this MOVE would take it?  dst holds nothing
 * there unless a MOVE in between says so. */
static bool
each_gives(struct gen *g, uint32_t reg, uint32_t dst)
{
	insn *each;
	uint32_t i;

	if (g->each == 0 || g->landed >= g->each)
		return false;
	each = &g->insns[g->each - 2];
	if (I_A(*each) != reg)
		return false;
	for (i = g->each; i < g->ninsns; i++) {
		if (I_OP(g->insns[i]) != OP_MOVE || I_A(g->insns[i]) == dst ||
		    I_B(g->insns[i]) == dst)
			return false;
	}
	*each = INSN(OP_EACH, I_FL(*each), dst, I_B(*each), 0);
	return true;
}

static void
gen_local(struct gen *g, struct node *n, uint32_t dst)
{
	uint32_t reg = n->var->reg;

	if ((n->flags & NF_MAYBE) != 0) {
		place(g, n->pos);
		emit(g,
		    INSN_X(
		        OP_BOUND, 0, reg, konst(g, val_symbol(n->var->name))));
	}
	if (reg == dst)
		return;
	if ((n->flags & NF_LAST) != 0 && each_gives(g, reg, dst))
		return;
	emit(g,
	    INSN(
	        (n->flags & NF_LAST) != 0 ? OP_MOVE : OP_COPY, 0, dst, reg, 0));
}

static void
gen_upval(struct gen *g, struct node *n, uint32_t dst)
{
	emit(g, INSN_X(OP_UPVAL, 0, dst, n->index));
	if ((n->flags & NF_MAYBE) != 0) {
		place(g, n->pos);
		emit(g, INSN_X(OP_BOUND, 0, dst, konst(g, n->v)));
	}
}

static void
gen_global(struct gen *g, struct node *n, uint32_t dst)
{
	uint32_t core;

	if (global_core(g->u, val_name(n->v), &core)) {
		emit(g, INSN_X(OP_LOADK, 0, dst, konst(g, core_value(core))));
		return;
	}
	check_global(g->u, val_name(n->v), n->pos);
	place(g, n->pos);
	emit(g, INSN_X(OP_GETCELL, 0, dst, global_cell(g->u, val_name(n->v))));
}

static void
gen_fn(struct gen *g, struct node *n, uint32_t dst)
{
	uint32_t save = g->temp, row;

	if (gen_func(g->u, n->fn) == -1)
		return;
	row = temps(g, n->n);
	gen_row(g, n->kid, n->n, row);
	emit(g, INSN(OP_FN, 0, dst, proto(g, n->fn->code), row));
	g->temp = save;
}

#define CHUNK 64 /* elements of a literal loaded at a time */

static void
gen_vec(struct gen *g, struct node *n, uint32_t dst)
{
	uint32_t save = g->temp, row, to, i, k;

	to = n->n > CHUNK ? temps(g, 1) : dst;
	row = temps(g, n->n > CHUNK ? CHUNK : n->n);
	for (i = 0; i == 0 || i < n->n; i += CHUNK) {
		k = n->n - i > CHUNK ? CHUNK : n->n - i;
		gen_row(g, n->kid + i, k, row);
		emit(g, INSN(i == 0 ? OP_MAKEVEC : OP_MOREVEC, 0, to, row, k));
	}
	if (to != dst)
		emit(g, INSN(OP_MOVE, 0, dst, to, 0));
	g->temp = save;
}

static void
gen_map(struct gen *g, struct node *n, uint32_t dst)
{
	uint32_t save = g->temp, row, to, i, k;

	to = n->n > CHUNK ? temps(g, 1) : dst;
	row = temps(g, n->n > CHUNK ? CHUNK : n->n);
	for (i = 0; i == 0 || i < n->n; i += CHUNK) {
		k = n->n - i > CHUNK ? CHUNK : n->n - i;
		gen_row(g, n->kid + i, k, row);
		emit(g,
		    INSN(i == 0 ? OP_MAKEMAP : OP_MOREMAP, 0, to, row, k / 2));
	}
	if (to != dst)
		emit(g, INSN(OP_MOVE, 0, dst, to, 0));
	g->temp = save;
}

static void
emit_check(struct gen *g, struct node *n, uint32_t reg)
{
	place(g, n->pos);
	emit(g,
	    INSN((OP_CHKTYPE), (n->flags & NF_IMPLICIT) != 0 ? F_C : 0, reg,
	        type_slot(g, n->type, n->form), konst(g, n->v)));
}

static void
gen_let(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	uint32_t i;

	for (i = 0; i + 1 < n->n; i++) {
		if (n->vars[i] == NULL || n->vars[i]->dead)
			gen_effect(g, n->kid[i]);
		else
			gen_to(g, n->kid[i], n->vars[i]->reg);
	}
	gen_mode(g, n->kid[n->n - 1], dst, mode);
}

static void
gen_do(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	uint32_t i;

	for (i = 0; i + 1 < n->n; i++)
		gen_effect(g, n->kid[i]);
	gen_mode(g, n->kid[i], dst, mode);
}

static void
gen_iter(struct gen *g, struct node *n, uint32_t dst)
{
	gen_to(g, n->kid[0], dst);
	gen_to(g, n->kid[1], dst + ITER_POS);
	emit(g, INSN(OP_ITER, 0, dst, 0, 0));
}

static void
gen_def(struct gen *g, struct node *n, uint32_t dst)
{
	gen_to(g, n->kid[0], dst);
	emit(g,
	    INSN_X(OP_SETCELL, 0, dst,
	        module_cell(g->u->vm, g->u->module, val_name(n->v))));
}

void
gen_mode(struct gen *g, struct node *n, uint32_t dst, int mode)
{
	if (mode == GEN_TAIL)
		gen_tail(g, n);
	else if (mode == GEN_EFFECT)
		gen_effect(g, n);
	else
		gen_to(g, n, dst);
}

void
gen_to(struct gen *g, struct node *n, uint32_t dst)
{
	if (g->u->failed)
		return;
	switch (n->kind) {
	case N_CONST:
		gen_const(g, n->v, dst);
		break;
	case N_LOCAL:
		gen_local(g, n, dst);
		break;
	case N_UPVAL:
		gen_upval(g, n, dst);
		break;
	case N_SELF:
		emit(g, INSN_X(OP_SIBLING, 0, dst, proto(g, n->fn->code)));
		break;
	case N_GLOBAL:
		gen_global(g, n, dst);
		break;
	case N_CORE:
		emit(g,
		    INSN_X(OP_LOADK, 0, dst, konst(g, core_value(n->index))));
		break;
	case N_CALL:
		gen_call(g, n, dst);
		break;
	case N_OP:
		gen_op(g, n, dst);
		break;
	case N_IF:
		gen_if(g, n, dst, GEN_VALUE);
		break;
	case N_AND:
	case N_OR:
		gen_and_or(g, n, dst, GEN_VALUE);
		break;
	case N_DO:
		gen_do(g, n, dst, GEN_VALUE);
		break;
	case N_LET:
		gen_let(g, n, dst, GEN_VALUE);
		break;
	case N_LOOP:
		gen_loop(g, n, dst, GEN_VALUE);
		break;
	case N_RECUR:
		gen_recur(g, n);
		break;
	case N_FN:
		gen_fn(g, n, dst);
		break;
	case N_DEF:
		gen_def(g, n, dst);
		break;
	case N_TRY:
		gen_try(g, n, dst, GEN_VALUE);
		break;
	case N_ALT:
		gen_alt(g, n, dst, GEN_VALUE);
		break;
	case N_FAIL:
		jump_add(g, n->alt->alt_jumps, INSN_X(OP_JMP, 0, 0, 0));
		break;
	case N_VEC:
		gen_vec(g, n, dst);
		break;
	case N_MAP:
		gen_map(g, n, dst);
		break;
	case N_CHECK:
		gen_to(g, n->kid[0], dst);
		emit_check(g, n, dst);
		break;
	case N_ITER:
		gen_iter(g, n, dst);
		break;
	case N_EACH:
		gen_each(g, n, dst, GEN_VALUE);
		break;
	default: /* N_SET, N_UNBIND */
		gen_effect(g, n);
		emit(g, INSN_X(OP_LOADW, 0, dst, VAL_NIL));
		break;
	}
}

void
gen_effect(struct gen *g, struct node *n)
{
	uint32_t i, save = g->temp, t;

	if (g->u->failed)
		return;
	switch (n->kind) {
	case N_CONST:
	case N_CORE:
	case N_SELF:
		return;
	case N_LOCAL:
		if ((n->flags & NF_MAYBE) != 0) {
			place(g, n->pos);
			emit(g,
			    INSN_X(OP_BOUND, 0, n->var->reg,
			        konst(g, val_symbol(n->var->name))));
		}
		if ((n->flags & NF_LAST) != 0)
			emit(g, INSN(OP_DROP, 0, n->var->reg, 0, 0));
		return;
	case N_IF:
		gen_if(g, n, 0, GEN_EFFECT);
		return;
	case N_EACH:
		gen_each(g, n, 0, GEN_EFFECT);
		return;
	case N_DO:
		for (i = 0; i < n->n; i++)
			gen_effect(g, n->kid[i]);
		return;
	case N_LET:
		gen_let(g, n, 0, GEN_EFFECT);
		return;
	case N_LOOP:
		gen_loop(g, n, 0, GEN_EFFECT);
		return;
	case N_RECUR:
		gen_recur(g, n);
		return;
	case N_ALT:
		gen_alt(g, n, 0, GEN_EFFECT);
		return;
	case N_SET:
		if (n->var->dead)
			gen_effect(g, n->kid[0]);
		else
			gen_to(g, n->kid[0], n->var->reg);
		return;
	case N_UNBIND:
		for (i = 0; i < n->index; i++)
			emit(g, INSN(OP_UNBIND, 0, n->vars[i]->reg, 0, 0));
		return;
	case N_CHECK:
		if (n->kid[0]->kind == N_LOCAL &&
		    (n->kid[0]->flags & NF_MAYBE) == 0) {
			emit_check(g, n, n->kid[0]->var->reg);
			gen_effect(g, n->kid[0]);
			return;
		}
		break;
	default:
		break;
	}
	t = temps(g, 1);
	gen_to(g, n, t);
	emit(g, INSN(OP_DROP, 0, t, 0, 0));
	g->temp = save;
}

void
gen_ret(struct gen *g, uint32_t reg)
{
	if (g->f->ret != NULL) {
		emit(g,
		    INSN(OP_CHKTYPE, 0, reg,
		        type_slot(g, g->f->ret, g->f->ret_form),
		        konst(g, symbol_from("result"))));
	}
	emit(g, INSN(OP_RET, 0, reg, 0, 0));
}

void
gen_tail(struct gen *g, struct node *n)
{
	uint32_t save = g->temp, t;

	if (g->u->failed)
		return;
	switch (n->kind) {
	case N_CALL:
		gen_call_tail(g, n);
		return;
	case N_IF:
		gen_if(g, n, 0, GEN_TAIL);
		return;
	case N_EACH:
		gen_each(g, n, 0, GEN_TAIL);
		return;
	case N_DO:
		gen_do(g, n, 0, GEN_TAIL);
		return;
	case N_LET:
		gen_let(g, n, 0, GEN_TAIL);
		return;
	case N_LOOP:
		gen_loop(g, n, 0, GEN_TAIL);
		return;
	case N_RECUR:
		gen_recur(g, n);
		return;
	case N_TRY:
		gen_try(g, n, 0, GEN_TAIL);
		return;
	case N_ALT:
		gen_alt(g, n, 0, GEN_TAIL);
		return;
	case N_FAIL:
		gen_to(g, n, 0);
		return;
	case N_LOCAL:
		if ((n->flags & (NF_MAYBE | NF_LAST)) == NF_LAST) {
			gen_ret(g, n->var->reg);
			return;
		}
		break;
	default:
		break;
	}
	t = temps(g, 1);
	if (n->kind == N_AND || n->kind == N_OR)
		gen_and_or(g, n, t, GEN_TAIL);
	else
		gen_to(g, n, t);
	gen_ret(g, t);
	g->temp = save;
}

/* ---- one function ---- */

static void *
exact(void *p, size_t n, size_t size)
{
	return n == 0 ? (free(p), NULL) : xreallocarray(p, n, size);
}

int
gen_func(struct unit *u, struct func *f)
{
	struct gen g = {.u = u, .f = f, .last_pos = POS_NONE};
	struct code *c = f->code;
	uint32_t i, *names;

	live_func(u, f);
	if (u->failed)
		return -1;
	g.temp = g.max = f->max_reg;
	place(&g, f->pos);
	for (i = 0; i < f->nparams; i++) {
		if (f->params[i]->dead) {
			emit(&g, INSN(OP_DROP, 0, f->params[i]->reg, 0, 0));
		}
	}
	f->entry = g.ninsns;
	gen_tail(&g, f->body);
	c->kind = CODE_BYTE;
	c->nparams = f->nparams;
	c->nregs = g.max + 2;
	c->ncaptured = f->caps->n;
	if (c->ncaptured > 0) {
		names = xcalloc(c->ncaptured, sizeof(*names));
		for (i = 0; i < c->ncaptured; i++)
			names[i] = f->caps->of[i]->name;
		c->capture_names = names;
	}
	c->insns = exact(g.insns, g.ninsns, sizeof(insn));
	c->ninsns = g.ninsns;
	c->consts = exact(g.consts, g.nconsts, sizeof(val));
	c->nconsts = g.nconsts;
	c->protos = exact(g.protos, g.nprotos, sizeof(void *));
	c->nprotos = g.nprotos;
	c->types = exact(g.types, g.ntypes, sizeof(void *));
	c->type_forms = exact(g.type_forms, g.ntypes, sizeof(val));
	c->ntypes = g.ntypes;
	c->places = exact(g.places, g.nplaces, sizeof(struct place_row));
	c->nplaces = g.nplaces;
	code_seal(c);
	free(g.hash);
	if (u->vm != NULL)
		heap_charge(u->heap, (ptrdiff_t)code_size(c));
	return u->failed ? -1 : 0;
}
