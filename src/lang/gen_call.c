/*
 * Calls: core functions that are machine operations, other core functions in
 * C, functions of the program, and the operations that patterns use.
 */
#include <string.h>

#include "lang/gen.h"
#include "value/name.h"

/* Core functions with an operation of their own for that many arguments. */
enum shape {
	FOLD,
	BINARY,
	UNARY,
	STEP,
	COMPARE,
	EQUAL,
	NOT,
	NIL,
	TAKE,
	ASSOC,
	UPDATE,
	UPDATE_IN
};
static const struct inline_row {
	const char *name;
	uint8_t argc; /* FOLD, UPDATE, UPDATE_IN: at least */
	uint8_t shape;
	uint8_t op;
	uint8_t jump;
} rows[] = {
    {"+",         2, FOLD,      OP_ADD,    0     },
    {"-",         2, FOLD,      OP_SUB,    0     },
    {"*",         2, FOLD,      OP_MUL,    0     },
    {"/",         2, FOLD,      OP_DIV,    0     },
    {"inc",       1, STEP,      OP_ADDI,   0     },
    {"dec",       1, STEP,      OP_SUBI,   0     },
    {"<",         2, COMPARE,   OP_LT,     OP_JLT},
    {"<=",        2, COMPARE,   OP_LE,     OP_JLE},
    {">",         2, COMPARE,   OP_GT,     OP_JGT},
    {">=",        2, COMPARE,   OP_GE,     OP_JGE},
    {"=",         2, EQUAL,     OP_EQ,     OP_JEQ},
    {"not=",      2, EQUAL,     OP_NE,     OP_JNE},
    {"not",       1, NOT,       OP_NOT,    0     },
    {"nil?",      1, NIL,       OP_ISNIL,  0     },
    {"get",       2, BINARY,    OP_GET,    0     },
    {"nth",       2, BINARY,    OP_NTH,    0     },
    {"conj",      2, BINARY,    OP_CONJ,   0     },
    {"count",     1, UNARY,     OP_COUNT,  0     },
    {"first",     1, UNARY,     OP_FIRST,  0     },
    {"rem",       2, BINARY,    OP_REM,    0     },
    {"mod",       2, BINARY,    OP_MOD,    0     },
    {"bit-and",   2, BINARY,    OP_BITAND, 0     },
    {"throw",     1, UNARY,     OP_THROW,  0     },
    {"%take",     2, TAKE,      OP_TAKE,   0     },
    {"assoc",     3, ASSOC,     OP_ASSOC,  0     },
    {"update",    3, UPDATE,    0,         0     },
    {"update-in", 3, UPDATE_IN, 0,         0     },
};

static const struct inline_row *
inline_find(uint32_t core, uint32_t argc)
{
	static int8_t *of; /* by core index: row + 1 */
	uint32_t i, k;
	bool more;

	if (of == NULL) {
		of = xcalloc(core_count(), 1);
		for (i = 0; i < NITEMS(rows); i++) {
			k = core_index(
			    name_intern(rows[i].name, strlen(rows[i].name)));
			if (k != CORE_NONE)
				of[k] = (int8_t)(i + 1);
		}
	}
	if (core >= core_count() || of[core] == 0)
		return NULL;
	i = (uint32_t)of[core] - 1;
	more = rows[i].shape == FOLD || rows[i].shape == UPDATE ||
	    rows[i].shape == UPDATE_IN;
	if (more ? argc < rows[i].argc : argc != rows[i].argc)
		return NULL;
	return &rows[i];
}

/* The core function that a call's head means, if any. */
static bool
head_core(struct gen *g, const struct node *n, uint32_t *core)
{
	const struct node *h = n->kid[0];

	if (h->kind == N_CORE) {
		*core = h->index;
		return true;
	}
	return h->kind == N_GLOBAL && global_core(g->u, val_name(h->v), core);
}

bool
node_is_arithmetic(struct unit *u, const struct node *n)
{
	const struct inline_row *r;
	struct gen g = {.u = u};
	uint32_t core, i;

	if (n->kind != N_CALL || !head_core(&g, n, &core) ||
	    (r = inline_find(core, n->n - 1)) == NULL || r->op == OP_DIV ||
	    (r->shape != FOLD && r->shape != STEP) || n->n > 3)
		return false;
	for (i = 1; i < n->n; i++) {
		if (n->kid[i]->kind != N_CONST &&
		    (n->kid[i]->kind != N_LOCAL || !node_is_trivial(n->kid[i])))
			return false;
	}
	return true;
}

void
gen_row(struct gen *g, struct node *const *kid, uint32_t n, uint32_t first)
{
	uint32_t i, save = g->temp;
	bool top = first + n == save;

	for (i = 0; i < n; i++) {
		if (node_is_trivial(kid[i]))
			continue;
		if (top) /* the places to the right are still free */
			g->temp = first + i + 1;
		gen_to(g, kid[i], first + i);
	}
	g->temp = save;
	for (i = 0; i < n; i++) {
		if (node_is_trivial(kid[i]))
			gen_to(g, kid[i], first + i);
	}
}

void
operands(
    struct gen *g, struct node *const *kid, uint32_t n, struct operand *out)
{
	uint32_t i, pass;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < n; i++) {
			if (node_is_trivial(kid[i]) != (pass == 1))
				continue;
			if (kid[i]->kind == N_LOCAL && pass == 1) {
				out[i].reg = kid[i]->var->reg;
				out[i].dies = (kid[i]->flags & NF_LAST) != 0;
				continue;
			}
			out[i].reg = temps(g, 1);
			out[i].dies = true;
			gen_to(g, kid[i], out[i].reg);
		}
	}
}

static bool
small_int(const struct node *n, int64_t max, int64_t *i)
{
	if (n->kind != N_CONST || !val_is_fix(n->v))
		return false;
	*i = val_unfix(n->v);
	return *i >= -max - 1 && *i <= max;
}

static uint32_t
flags_of(const struct operand *o, uint32_t n)
{
	return (o[0].dies ? F_B : 0) | (n > 1 && o[1].dies ? F_C : 0);
}

static void
gen_binary(struct gen *g, struct node *n, enum op op, struct node *const *kid,
    uint32_t dst)
{
	struct operand o[2] = {0};
	int64_t i;

	if ((op == OP_ADD || op == OP_SUB) &&
	    small_int(kid[1], INT16_MAX, &i)) {
		operands(g, kid, 1, o);
		place(g, n->pos);
		emit(g,
		    INSN(op == OP_ADD ? OP_ADDI : OP_SUBI, flags_of(o, 1), dst,
		        o[0].reg, i));
		return;
	}
	operands(g, kid, 2, o);
	place(g, n->pos);
	emit(g, INSN(op, flags_of(o, 2), dst, o[0].reg, o[1].reg));
}

/* (+ a b c): left to right, what is in between in a temporary. */
static void
gen_fold(struct gen *g, struct node *n, enum op op, uint32_t dst)
{
	struct operand o[2] = {0};
	uint32_t i, acc;

	if (n->n == 3) {
		gen_binary(g, n, op, n->kid + 1, dst);
		return;
	}
	/* All operands first: evaluation comes before any adding. */
	acc = temps(g, n->n - 1);
	gen_row(g, n->kid + 1, n->n - 1, acc);
	place(g, n->pos);
	for (i = 1; i < n->n - 1; i++) {
		o[0] = (struct operand){acc, true};
		o[1] = (struct operand){acc + i, true};
		emit(g,
		    INSN(op, F_B | F_C, i + 2 == n->n ? dst : acc, o[0].reg,
		        o[1].reg));
	}
}

static void
gen_assoc(struct gen *g, struct node *n, uint32_t dst)
{
	struct operand coll = {0};
	uint32_t pair = temps(g, 2);
	bool plain = node_is_trivial(n->kid[1]);

	if (!plain)
		operands(g, n->kid + 1, 1, &coll);
	gen_row(g, n->kid + 2, 2, pair);
	if (plain)
		operands(g, n->kid + 1, 1, &coll);
	place(g, n->pos);
	emit(g, INSN(OP_ASSOC, flags_of(&coll, 1), dst, coll.reg, pair));
}

static bool
same_local(const struct node *a, const struct node *b)
{
	return a->kind == N_LOCAL && b->kind == N_LOCAL && a->var == b->var;
}

/* Can the arguments stand as the operation wants them? */
static bool
inline_fits(const struct inline_row *r, const struct node *n)
{
	switch (r->shape) {
	case TAKE:
		return n->kid[1]->kind == N_LOCAL &&
		    (n->kid[1]->flags & NF_LAST) == 0;
	case ASSOC: /* key and value move, the collection stays */
		return !same_local(n->kid[1], n->kid[2]) &&
		    !same_local(n->kid[1], n->kid[3]);
	case UPDATE_IN:
		return path_fits(n->kid[2]);
	default:
		return true;
	}
}

static void
gen_inline(
    struct gen *g, struct node *n, const struct inline_row *r, uint32_t dst)
{
	struct operand o[2] = {0};

	switch (r->shape) {
	case FOLD:
		gen_fold(g, n, r->op, dst);
		break;
	case STEP:
		operands(g, n->kid + 1, 1, o);
		place(g, n->pos);
		emit(g, INSN(r->op, flags_of(o, 1) | F_STEP, dst, o[0].reg, 1));
		break;
	case UNARY:
	case NOT:
	case NIL:
		operands(g, n->kid + 1, 1, o);
		place(g, n->pos);
		emit(g, INSN(r->op, flags_of(o, 1), dst, o[0].reg, 0));
		break;
	case BINARY:
		if (r->op == OP_GET && n->kid[2]->kind == N_CONST &&
		    val_is_keyword(n->kid[2]->v) &&
		    konst(g, n->kid[2]->v) < UINT16_MAX) {
			operands(g, n->kid + 1, 1, o);
			place(g, n->pos);
			emit(g,
			    INSN(OP_GETK, flags_of(o, 1), dst, o[0].reg,
			        konst(g, n->kid[2]->v)));
			break;
		}
		gen_binary(g, n, r->op, n->kid + 1, dst);
		break;
	case ASSOC:
		gen_assoc(g, n, dst);
		break;
	case UPDATE:
	case UPDATE_IN:
		gen_update(g, n, r->shape == UPDATE_IN, dst);
		break;
	case TAKE:
	default:
		gen_binary(g, n, r->op, n->kid + 1, dst);
		break;
	}
}

static void
gen_native(struct gen *g, struct node *n, uint32_t core, uint32_t dst)
{
	uint32_t argc = n->n - 1, row;

	row = temps(g, argc == 0 ? 1 : argc);
	gen_row(g, n->kid + 1, argc, row);
	place(g, n->pos);
	emit(g, INSN(OP_NATIVE, argc, dst, row, core));
}

static bool
native_fits(uint32_t core, uint32_t argc)
{
	const struct core_def *d = core_row(core);

	return d != NULL && core_code(core)->kind == CODE_NATIVE &&
	    argc <= 200 && (int)argc >= d->min &&
	    (d->max < 0 || (int)argc <= d->max);
}

/* Calls that need no frame: into dst, true. */
static bool
gen_simple(struct gen *g, struct node *n, uint32_t dst)
{
	const struct inline_row *r;
	struct operand o = {0};
	uint32_t core;

	check_call(g->u, n);
	if (n->kid[0]->kind == N_CONST && val_is_keyword(n->kid[0]->v) &&
	    n->n == 2 && konst(g, n->kid[0]->v) < UINT16_MAX) {
		operands(g, n->kid + 1, 1, &o);
		place(g, n->pos);
		emit(g,
		    INSN(OP_GETK, flags_of(&o, 1), dst, o.reg,
		        konst(g, n->kid[0]->v)));
		return true;
	}
	if (!head_core(g, n, &core))
		return false;
	if ((r = inline_find(core, n->n - 1)) != NULL && inline_fits(r, n)) {
		gen_inline(g, n, r, dst);
		return true;
	}
	if (!native_fits(core, n->n - 1))
		return false;
	gen_native(g, n, core, dst);
	return true;
}

/* (call ...) and ^{...} (call ...), which stop the machine. */
static bool
head_host(struct gen *g, const struct node *n, bool *options)
{
	const struct code *c;
	uint32_t core;

	if (n->n < 2 || !head_core(g, n, &core))
		return false;
	c = core_code(core);
	*options = c->kind == CODE_INTRINSIC && c->intrinsic == INTR_CALL_WITH;
	return *options ?
	    n->n > 2 :
	    c->kind == CODE_INTRINSIC && c->intrinsic == INTR_CALL;
}

/* Function and arguments into registers from the result on; the call. */
static uint32_t
gen_general(struct gen *g, struct node *n, bool tail)
{
	struct node *h = n->kid[0];
	uint32_t argc = n->n - 1, row, core, name;
	bool self = g->f->ret != NULL && tail, options;

	row = temps(g, argc + 1);
	if (head_host(g, n, &options)) {
		gen_row(g, n->kid + 1, argc, row + 1);
		place(g, n->pos);
		emit(g, INSN(OP_HOST, options ? F_INV : 0, row, argc, 0));
		return row;
	}
	if (h->kind == N_SELF && !self && argc == h->fn->nparams &&
	    !h->fn->code->variadic) {
		gen_row(g, n->kid + 1, argc, row + 1);
		place(g, n->pos);
		emit(g,
		    INSN(tail ? OP_TCALLS : OP_CALLS, 0, row, argc,
		        proto(g, h->fn->code)));
		return row;
	}
	if (h->kind == N_GLOBAL && !self && argc <= 200) {
		name = val_name(h->v);
		if (!global_core(g->u, name, &core) &&
		    global_defined(g->u, name)) {
			gen_row(g, n->kid + 1, argc, row + 1);
			place(g, n->pos);
			emit(g,
			    INSN_X(tail ? OP_TCALLG : OP_CALLG, argc, row,
			        global_cell(g->u, name)));
			return row;
		}
	}
	if (h->kind == N_LOCAL && node_is_trivial(h) && !self && !tail &&
	    (h->flags & NF_LAST) == 0) {
		gen_row(g, n->kid + 1, argc, row + 1);
		place(g, n->pos);
		emit(g, INSN(OP_CALLR, 0, row, argc, h->var->reg));
		return row;
	}
	gen_row(g, n->kid, argc + 1, row);
	place(g, n->pos);
	emit(g,
	    INSN(self    ? OP_CALLSELF :
	            tail ? OP_TCALL :
	                   OP_CALL,
	        0, row, argc, 0));
	return row;
}

void
gen_call(struct gen *g, struct node *n, uint32_t dst)
{
	uint32_t save = g->temp, row;

	if (!gen_simple(g, n, dst)) {
		if (dst + 1 == g->temp && dst >= g->f->max_reg)
			g->temp = dst; /* the call's row may begin there */
		row = gen_general(g, n, false);
		if (row != dst)
			emit(g, INSN(OP_MOVE, 0, dst, row, 0));
	}
	g->temp = save;
}

/* A function of the prelude ends: none of them calls a function it was given
 * as its last act.  So it needs no tail call, and the frame that stays says
 * where it was called. */
static bool
returns_here(struct gen *g, const struct node *n)
{
	uint32_t core;

	return g->u->vm != NULL && head_core(g, n, &core) &&
	    core_code(core)->kind != CODE_INTRINSIC;
}

void
gen_call_tail(struct gen *g, struct node *n)
{
	uint32_t save = g->temp, t = temps(g, 1);

	if (!gen_simple(g, n, t)) {
		g->temp = save;
		t = gen_general(g, n, !returns_here(g, n));
	}
	gen_ret(g, t);
	g->temp = save;
}

/* ---- as a condition ---- */

static uint32_t
jump_op(const struct inline_row *r, struct node *const *kid, bool *small,
    int64_t *i)
{
	*small = r->shape == COMPARE && small_int(kid[1], INT32_MAX, i);
	if (!*small)
		return r->jump;
	switch (r->jump) {
	case OP_JLT:
		return OP_JLTI;
	case OP_JLE:
		return OP_JLEI;
	case OP_JGT:
		return OP_JGTI;
	default:
		return OP_JGEI;
	}
}

bool
gen_call_jump(struct gen *g, struct node *n, bool when, struct jumps *j)
{
	const struct inline_row *r;
	struct operand o[2] = {0};
	uint32_t core, op, k, inv = when ? F_INV : 0;
	bool small;
	int64_t i;

	if (!head_core(g, n, &core) ||
	    (r = inline_find(core, n->n - 1)) == NULL)
		return false;
	if (r->shape == NOT) {
		gen_jump(g, n->kid[1], !when, j);
		return true;
	}
	if (r->shape == NIL) {
		operands(g, n->kid + 1, 1, o);
		emit(g, INSN(OP_JNIL, flags_of(o, 1) | inv, 0, o[0].reg, 0));
		jump_add(g, j, INSN_X(OP_JMP, 0, 0, 0));
		return true;
	}
	if (r->shape != COMPARE && r->shape != EQUAL)
		return false;
	if (r->shape == EQUAL && n->kid[2]->kind == N_CONST &&
	    (k = konst(g, n->kid[2]->v)) < UINT16_MAX) {
		operands(g, n->kid + 1, 1, o);
		place(g, n->pos);
		emit(g,
		    INSN(r->jump == OP_JEQ ? OP_JEQK : OP_JNEK,
		        flags_of(o, 1) | inv, 0, o[0].reg, k));
		jump_add(g, j, INSN_X(OP_JMP, 0, 0, 0));
		return true;
	}
	op = jump_op(r, n->kid + 1, &small, &i);
	operands(g, n->kid + 1, small ? 1 : 2, o);
	place(g, n->pos);
	if (small) {
		emit(g,
		    INSN(op, flags_of(o, 1) | inv, (uint32_t)i, o[0].reg,
		        (uint32_t)i >> 16));
	} else {
		emit(g, INSN(op, flags_of(o, 2) | inv, 0, o[0].reg, o[1].reg));
	}
	jump_add(g, j, INSN_X(OP_JMP, 0, 0, 0));
	return true;
}

/* ---- operations of patterns ---- */

void
gen_op(struct gen *g, struct node *n, uint32_t dst)
{
	struct operand o = {0};
	uint32_t save = g->temp, c = n->index;

	operands(g, n->kid, 1, &o);
	place(g, n->pos);
	switch (n->op) {
	case OP_CHKVEC:
	case OP_CHKMAP:
	case OP_NOMATCH:
		emit(g, INSN_X(n->op, 0, o.reg, konst(g, n->v)));
		if (o.dies)
			emit(g, INSN(OP_DROP, 0, o.reg, 0, 0));
		emit(g, INSN_X(OP_LOADW, 0, dst, VAL_NIL));
		break;
	case OP_GETX:
	case OP_FINDX:
	case OP_HASKEY:
		c = konst(g, n->v);
		if (c > UINT16_MAX)
			fail_at(g->u, n->pos,
			    "function too large: too many "
			    "constants");
		emit(g, INSN(n->op, flags_of(&o, 1), dst, o.reg, c));
		break;
	case OP_ISTYPE:
		c = type_slot(g, n->type, n->form);
		emit(g, INSN(n->op, flags_of(&o, 1), dst, o.reg, c));
		break;
	default:
		emit(g, INSN(n->op, flags_of(&o, 1), dst, o.reg, c));
		break;
	}
	g->temp = save;
}
