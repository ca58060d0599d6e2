/* The machine's longer steps: see slow.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/core_util.h"
#include "lang/slow.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"
#include "value/work.h"

static const char *const op_core[OP_COUNT_ALL] = {
    [OP_ADD] = "+",
    [OP_SUB] = "-",
    [OP_MUL] = "*",
    [OP_DIV] = "/",
    [OP_REM] = "rem",
    [OP_MOD] = "mod",
    [OP_BITAND] = "bit-and",
    [OP_ADDI] = "+",
    [OP_SUBI] = "-",
    [OP_LT] = "<",
    [OP_LE] = "<=",
    [OP_GT] = ">",
    [OP_GE] = ">=",
    [OP_JLT] = "<",
    [OP_JLE] = "<=",
    [OP_JGT] = ">",
    [OP_JGE] = ">=",
    [OP_JLTI] = "<",
    [OP_JLEI] = "<=",
    [OP_JGTI] = ">",
    [OP_JGEI] = ">=",
    [OP_GET] = "get",
    [OP_NTH] = "nth",
    [OP_COUNT] = "count",
    [OP_FIRST] = "first",
    [OP_CONJ] = "conj",
};

/* The core function that the instruction stands for. */
static const struct core_def *
op_def(insn i)
{
	static const struct core_def *rows[2][OP_COUNT_ALL];
	enum op op = I_OP(i);
	bool step = (op == OP_ADDI || op == OP_SUBI) && (I_FL(i) & F_STEP) != 0;
	const char *name = op_core[op];

	if (rows[step][op] == NULL) {
		if (step)
			name = op == OP_ADDI ? "inc" : "dec";
		rows[step][op] =
		    core_row(core_index(name_intern(name, strlen(name))));
	}
	return rows[step][op];
}

/* Run a core function on values that are consumed. */
static enum flow
run(struct vm *vm, insn i, val *argv, unsigned int argc, val *out)
{
	const struct core_def *d = op_def(i);
	unsigned int k;

	vm->cc.name = d->name;
	*out = d->fn(&vm->cc, argv, argc);
	for (k = 0; k < argc; k++)
		val_release(vm->heap, argv[k]);
	if (*out == VAL_UNBOUND)
		return slow_failed(vm);
	vm->fuel--;
	cost_charge(vm);
	if (heap_over(vm->heap)) {
		val_release(vm->heap, *out);
		return stop_now(
		    vm, STOP_MEMORY, heap_used(vm->heap), heap_limit(vm->heap));
	}
	return FLOW_NEXT;
}

enum flow
slow_failed(struct vm *vm)
{
	vm->cc.cost = 0;
	if (vm->cc.error == VAL_UNBOUND) {
		/* A walk that was given up: the refill knows why. */
		if (val_work.over && fuel_refill(vm) == -1)
			return FLOW_STOP;
		vm->stop_wanted = vm->cc.wanted;
		vm->cc.wanted = 0;
		return stop_now(
		    vm, STOP_MEMORY, heap_used(vm->heap), heap_limit(vm->heap));
	}
	vm->thrown = vm->cc.error;
	vm->cc.error = VAL_UNBOUND;
	return FLOW_THROW;
}

static val *
regs_of(struct vm *vm)
{
	return vm->stack + vm->frames[vm->nframes - 1].base;
}

static val
operand(val *r, bool dies)
{
	val v = *r;

	if (!dies)
		return val_retain(v);
	*r = 0;
	return v;
}

static bool
is_branch(enum op op)
{
	return op >= OP_JLT && op <= OP_JGEI;
}

enum flow
slow_binary(struct vm *vm, insn i)
{
	val *R = regs_of(vm);
	enum op op = I_OP(i);
	val argv[2], v;
	unsigned int argc = 2;
	enum flow flow;
	const insn *pc;

	argv[0] = operand(&R[I_B(i)], (I_FL(i) & F_B) != 0);
	if ((op == OP_ADDI || op == OP_SUBI) && (I_FL(i) & F_STEP) != 0) {
		argc = 1;
	} else if (op >= OP_JLTI && op <= OP_JGEI) {
		argv[1] = val_fix(I_SAC(i));
	} else if (op == OP_ADDI || op == OP_SUBI) {
		argv[1] = val_fix(I_SC(i));
	} else {
		argv[1] = operand(&R[I_C(i)], (I_FL(i) & F_C) != 0);
	}
	if ((flow = run(vm, i, argv, argc, &v)) != FLOW_NEXT)
		return flow;
	if (!is_branch(op)) {
		R[I_A(i)] = v;
		return FLOW_NEXT;
	}
	pc = vm->frames[vm->nframes - 1].pc;
	if (val_truthy(v) == ((I_FL(i) & F_INV) != 0))
		pc += I_SX(*pc);
	vm->frames[vm->nframes - 1].pc = pc + 1;
	return FLOW_NEXT;
}

enum flow
slow_unary(struct vm *vm, insn i)
{
	val *R = regs_of(vm);
	val argv[1], v;
	enum flow flow;

	argv[0] = operand(&R[I_B(i)], (I_FL(i) & F_B) != 0);
	flow = run(vm, i, argv, 1, &v);
	if (flow == FLOW_NEXT)
		R[I_A(i)] = v;
	return flow;
}

enum flow
slow_getk(struct vm *vm, insn i)
{
	val *R = regs_of(vm);
	val from = operand(&R[I_B(i)], (I_FL(i) & F_B) != 0), v;

	vm->cc.name = "get";
	v = slow_is_mappish(from) || from == VAL_NIL ?
	    core_get(&vm->cc, from,
	        vm->frames[vm->nframes - 1].code->consts[I_C(i)], VAL_NIL) :
	    core_type_error(&vm->cc, "a map, task, error or nil", from);
	val_release(vm->heap, from);
	if (v == VAL_UNBOUND)
		return slow_failed(vm);
	R[I_A(i)] = v;
	vm->fuel--;
	return FLOW_NEXT;
}

enum flow
slow_callg(struct vm *vm, insn i, val *regs, bool tail)
{
	val v = vm->cells[I_BX(i)].value;

	if (v == VAL_UNBOUND)
		return raise_undefined(vm, vm->cells[I_BX(i)].name);
	regs[I_A(i)] = val_retain(v);
	return call_value(
	    vm, (uint32_t)(&regs[I_A(i)] - vm->stack), I_FL(i), tail);
}

val
slow_closure(struct vm *vm, insn i, val *regs)
{
	const struct code *c = vm->frames[vm->nframes - 1].code->protos[I_B(i)];
	struct function *f;
	uint32_t k;

	f = function_new(vm->heap, &c->head, c->ncaptured);
	for (k = 0; k < c->ncaptured; k++) {
		f->captured[k] = regs[I_C(i) + k];
		regs[I_C(i) + k] = 0;
	}
	return val_from_obj(f);
}

val
slow_sibling(struct vm *vm, insn i, val *regs)
{
	const struct code *c =
	    vm->frames[vm->nframes - 1].code->protos[I_BX(i)];
	struct function *f, *self;
	uint32_t k;

	f = function_new(vm->heap, &c->head, c->ncaptured);
	if (c->ncaptured > 0) {
		self = val_function(regs[-1]);
		for (k = 0; k < c->ncaptured; k++)
			f->captured[k] = val_retain(self->captured[k]);
	}
	return val_from_obj(f);
}

void
slow_handlers(struct vm *vm)
{
	uint32_t cap = vm->caphandlers == 0 ? 16 : vm->caphandlers * 2;

	heap_charge(vm->heap,
	    (ptrdiff_t)((cap - vm->caphandlers) * sizeof(struct handler)));
	vm->handlers = xreallocarray(vm->handlers, cap, sizeof(struct handler));
	vm->caphandlers = cap;
}

bool
slow_catches(val thrown, val selector)
{
	if (selector == VAL_NIL)
		return true;
	if (!val_is_error(thrown))
		return false;
	if (val_is_keyword(selector))
		return val_errval(thrown)->kind == selector;
	return errval_matches(thrown, val_name_text(selector, NULL));
}

enum flow
slow_pattern(struct vm *vm, insn i, val got, val pattern)
{
	struct buf p = BUF_INIT, g = BUF_INIT;
	enum flow flow;

	print_short(&p, pattern, 80);
	print_short(&g, got, 80);
	flow = raise_error(vm, ERRKEY_TYPE_ERROR,
	    "pattern %s needs %s, got %s %s", buf_str(&p),
	    I_OP(i) == OP_CHKVEC ? "a vector, list or nil" :
	                           "a map, task, error or nil",
	    val_type_name(val_type(got)), buf_str(&g));
	buf_free(&p);
	buf_free(&g);
	return flow;
}

enum flow
slow_nomatch(struct vm *vm, val got, val what)
{
	struct buf g = BUF_INIT;
	enum flow flow;

	print_short(&g, got, 200);
	flow = raise_error(vm, ERRKEY_MATCH_ERROR, "%s: no clause fits %s",
	    val_name_text(what, NULL), buf_str(&g));
	buf_free(&g);
	return flow;
}

enum flow
slow_type(struct vm *vm, insn i, val v)
{
	const struct code *c = vm->frames[vm->nframes - 1].code;
	const struct type *t = c->types[I_B(i)];
	const char *what = val_name_text(c->consts[I_C(i)], NULL);
	struct error e;
	size_t n = 0;

	if ((I_FL(i) & F_C) == 0) {
		if (type_check(t, v, &e) == 0)
			return FLOW_NEXT;
		return raise_error(vm, ERRKEY_TYPE_VALIDATION, "%s%s%s", what,
		    e.msg[0] == '[' ? "" : ": ", e.msg);
	}
	for (; v != VAL_NO_ITEMS; v = list_rest(v), n++) {
		if (type_check(t, list_first(v), &e) == -1) {
			return raise_error(vm, ERRKEY_TYPE_VALIDATION,
			    "%s[%zu]: %s", what, n, e.msg);
		}
	}
	return FLOW_NEXT;
}

void
slow_leak(const struct code *c, const insn *pc, uint32_t reg)
{
	uint32_t at = (uint32_t)(pc - c->insns), i;

	fprintf(stderr, "%s: register %u holds a reference at %u\n",
	    c->head.name == NAME_NONE ? "fn" : name_text(c->head.name, NULL),
	    reg, at);
	for (i = 0; i < c->ninsns; i++) {
		insn x = c->insns[i];

		fprintf(stderr, "%4u %-8s %2u  %u %u %u  (%d)\n", i,
		    op_name(I_OP(x)), I_FL(x), I_A(x), I_B(x), I_C(x), I_SX(x));
	}
	abort();
}

/* ---- patterns ---- */

bool
slow_is_mappish(val v)
{
	return val_is_map(v) || val_is_task(v) || val_is_error(v);
}

uint64_t
slow_length(val v)
{
	if (val_is_vector(v))
		return vec_count(v);
	return val_is_list(v) ? list_count(v) : UINT64_MAX;
}

val
slow_item(val coll, size_t i)
{
	if (val_is_vector(coll)) {
		return i < vec_count(coll) ? val_retain(vec_get(coll, i)) :
		                             VAL_NIL;
	}
	if (val_is_list(coll) && i < list_count(coll))
		return val_retain(list_nth(coll, i));
	return VAL_NIL;
}

val
slow_rest(struct heap *h, val coll, size_t from)
{
	size_t n = val_is_vector(coll) ? vec_count(coll) : 0;
	val l = VAL_NO_ITEMS;

	if (val_is_list(coll)) {
		for (; from > 0 && coll != VAL_NO_ITEMS; from--)
			coll = list_rest(coll);
		return val_retain(coll);
	}
	for (; n > from; n--)
		l = list_cons(h, val_retain(vec_get(coll, n - 1)), l);
	return l;
}

val
slow_field(struct heap *h, val m, val key)
{
	if (val_is_map(m)) {
		val v = map_get(m, key);

		return v == VAL_UNBOUND ? v : val_retain(v);
	}
	if (val_is_task(m)) {
		val v = taskval_get(m, key);

		return v == VAL_UNBOUND ? v : val_retain(v);
	}
	return val_is_error(m) ? errval_get(h, m, key) : VAL_UNBOUND;
}
