/*
 * The loop: one instruction after the other.  What is slow or rare is in
 * call.c, raise.c and slow.c; nothing here calls itself.  Registers that are
 * dead never hold a reference (they hold 0 or another word that is no
 * pointer), so a throw can drop a whole range of the stack.
 */
/* Every instruction keeps a jump of its own at its end, which branch
 * predictors need; gcc would merge them. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-gcse", "no-crossjumping", "align-labels=16")
#endif

#include <stdlib.h>
#include <string.h>

#include "lang/core_util.h"
#include "lang/loop.h"
#include "lang/machine.h"
#include "lang/slow.h"
#include "value/equal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/number.h"
#include "value/vector.h"
#include "value/work.h"

/* Equal words decide but for floats (NaN is boxed); words of which one is no
 * pointer decide when they differ, but for the two zeros. */
static inline bool
equal(val x, val y)
{
	if (BOTH_FIX(x, y))
		return x == y;
	if (!val_is_obj(x) || !val_is_obj(y)) /* 0.0 equals -0.0 */
		return x == y ||
		    (val_is_float(x) && val_is_float(y) && val_equal(x, y));
	return val_equal(x, y);
}

enum vm_state
machine_run(struct vm *vm)
{
	static const void *const labels[] = {
#define OP(name) &&L_##name,
#include "lang/op.def"
#undef OP
	};
	struct heap *h = vm->heap;
	const insn *pc;
	val *R;
	const struct code *c;
	const struct core_def *d;
	struct frame *fr, *fr_end;
	val *pr;
	int64_t fuel = vm->fuel, sum;
	enum flow flow;
	insn i;
	val x, y, v = VAL_NIL;
	val out; /* its address is taken: it alone lives in memory */
	bool yes;

	LOAD_FRAME;
	NEXT;

flow:
	fuel = vm->fuel;
	switch (flow) {
	case FLOW_NEXT:
	case FLOW_ENTER:
		LOAD_FRAME;
		WORKED;
		if (UNLIKELY(fuel < 0))
			goto refill;
		NEXT;
	case FLOW_THROW:
		if (!raise_unwind(vm))
			return VM_THROWN;
		LOAD_FRAME;
		WORKED;
		NEXT;
	case FLOW_YIELD:
		return VM_CALL;
	case FLOW_STOP:
		return VM_STOPPED;
	}
refill:
	SAVE();
	if (fuel_refill(vm) == -1)
		return VM_STOPPED;
	fuel = vm->fuel;
	NEXT;

L_LOADK:
	A = val_retain(K[I_BX(i)]);
	NEXT;
L_LOADI:
	A = val_fix(I_SX(i));
	NEXT;
L_LOADW:
	A = I_BX(i);
	NEXT;
L_LOADKW:
	A = val_keyword(I_BX(i));
	NEXT;
L_MOVE:
	v = B;
	B = 0;
	A = v;
	NEXT;
L_COPY:
	A = val_retain(B);
	NEXT;
L_DROP:
	KILL(A);
	NEXT;
L_UPVAL:
	A = val_retain(val_function(R[-1])->captured[I_BX(i)]);
	NEXT;
L_FN:
	SAVE();
	A = slow_closure(vm, i, R);
	NEXT;
L_SIBLING:
	SAVE();
	A = slow_sibling(vm, i, R);
	NEXT;
L_GETCELL:
	v = vm->cells[I_BX(i)].value;
	if (UNLIKELY(v == VAL_UNBOUND))
		FLOW(raise_undefined(vm, vm->cells[I_BX(i)].name));
	A = val_retain(v);
	NEXT;
L_SETCELL:
	cell_set(vm, I_BX(i), val_retain(A));
	NEXT;
L_BOUND:
	if (UNLIKELY(A == VAL_UNBOUND))
		FLOW(raise_undefined(vm, val_name(K[I_BX(i)])));
	NEXT;
L_UNBIND:
	A = VAL_UNBOUND;
	NEXT;
L_JMP:
	JUMP;
	NEXT;
L_LOOP:
	JUMP;
	STEP;
	NEXT;
L_LOOPM:
	v = B;
	B = 0;
	A = v;
	pc += I_SC(i);
	STEP;
	NEXT;
L_JF:
	v = A;
	if (I_FL(i) & F_B)
		KILL(A);
	if (!val_truthy(v))
		JUMP;
	NEXT;
L_JT:
	v = A;
	if (I_FL(i) & F_B)
		KILL(A);
	if (val_truthy(v))
		JUMP;
	NEXT;

	JCOMPARE(JLT, <, num_less(x, y));
	JCOMPARE(JLE, <=, num_less(x, y) || num_equal(x, y));
	JCOMPARE(JGT, >, num_less(y, x));
	JCOMPARE(JGE, >=, num_less(y, x) || num_equal(x, y));
	JCOMPAREI(JLTI, <, num_less(x, y));
	JCOMPAREI(JLEI, <=, num_less(x, y) || num_equal(x, y));
	JCOMPAREI(JGTI, >, num_less(y, x));
	JCOMPAREI(JGEI, >=, num_less(y, x) || num_equal(x, y));
L_JEQ:
	yes = equal(B, C);
	KILL_B;
	KILL_C;
	BRANCH_WORKED(yes);
L_JNE:
	yes = !equal(B, C);
	KILL_B;
	KILL_C;
	BRANCH_WORKED(yes);
L_JEQK:
	yes = equal(B, K[I_C(i)]);
	KILL_B;
	BRANCH_WORKED(yes);
L_JNEK:
	yes = !equal(B, K[I_C(i)]);
	KILL_B;
	BRANCH_WORKED(yes);
L_JNIL:
	yes = B == VAL_NIL;
	KILL_B;
	BRANCH(yes);

	ARITH(ADD, __builtin_add_overflow, num_add);
	ARITH(SUB, __builtin_sub_overflow, num_sub);
L_MUL:
	x = B;
	y = C;
	if (LIKELY(BOTH_FIX(x, y)) &&
	    LIKELY(!__builtin_mul_overflow((int64_t)x, val_unfix(y), &sum))) {
		A = (val)sum;
		NEXT;
	}
	if (num_is(x) && num_is(y) && num_mul(h, x, y, &out) == NUM_OK) {
		KILL_B;
		KILL_C;
		A = out;
		WORKED;
		STEP;
		NEXT;
	}
	FLOW(slow_binary(vm, i));
L_DIV:
	FLOW(slow_binary(vm, i));
	REMAINDER(REM);
	REMAINDER(MOD);
L_BITAND:
	x = B;
	y = C;
	if (LIKELY(BOTH_FIX(x, y))) {
		A = x & y;
		NEXT;
	}
	FLOW(slow_binary(vm, i));
L_ADDI:
	x = B;
	if (LIKELY(val_is_fix(x)) &&
	    LIKELY(!__builtin_add_overflow(
	        (int64_t)x, (int64_t)val_fix(I_SC(i)), &sum))) {
		A = (val)sum;
		NEXT;
	}
	FLOW(slow_binary(vm, i));
L_SUBI:
	x = B;
	if (LIKELY(val_is_fix(x)) &&
	    LIKELY(!__builtin_sub_overflow(
	        (int64_t)x, (int64_t)val_fix(I_SC(i)), &sum))) {
		A = (val)sum;
		NEXT;
	}
	FLOW(slow_binary(vm, i));

	COMPARE(LT, <, num_less(x, y));
	COMPARE(LE, <=, num_less(x, y) || num_equal(x, y));
	COMPARE(GT, >, num_less(y, x));
	COMPARE(GE, >=, num_less(y, x) || num_equal(x, y));
L_EQ:
	v = val_bool(equal(B, C));
	KILL_B;
	KILL_C;
	A = v;
	WORKED;
	NEXT;
L_NE:
	v = val_bool(!equal(B, C));
	KILL_B;
	KILL_C;
	A = v;
	WORKED;
	NEXT;
L_NOT:
	v = val_bool(!val_truthy(B));
	KILL_B;
	A = v;
	NEXT;
L_ISNIL:
	v = val_bool(B == VAL_NIL);
	KILL_B;
	A = v;
	NEXT;
L_GET:
	x = B;
	if (val_is_map(x)) {
		v = map_get(x, C);
		v = v == VAL_UNBOUND ? VAL_NIL : val_retain(v);
		KILL_B;
		KILL_C;
		A = v;
		WORKED;
		NEXT;
	}
	FLOW(slow_binary(vm, i));
L_GETK:
	x = B;
	if (LIKELY(val_is_map(x))) {
		v = map_get_name(x, K[I_C(i)]);
		v = v == VAL_UNBOUND ? VAL_NIL : val_retain(v);
		KILL_B;
		A = v;
		NEXT;
	}
	FLOW(slow_getk(vm, i));
L_NTH:
	x = B;
	y = C;
	if (LIKELY(val_is_vector(x) && val_is_fix(y)) &&
	    LIKELY((uint64_t)val_unfix(y) < vec_count(x))) {
		v = val_retain(vec_get(x, (size_t)val_unfix(y)));
		KILL_B;
		A = v;
		NEXT;
	}
	FLOW(slow_binary(vm, i));
L_COUNT:
	x = B;
	if (val_is_vector(x)) {
		v = val_fix((int64_t)vec_count(x));
		KILL_B;
		A = v;
		NEXT;
	}
	FLOW(slow_unary(vm, i));
L_FIRST:
	x = B;
	if (val_is_vector(x)) {
		v = vec_count(x) == 0 ? VAL_NIL : val_retain(vec_get(x, 0));
		KILL_B;
		A = v;
		NEXT;
	}
	FLOW(slow_unary(vm, i));
L_CONJ:
	x = B;
	if (LIKELY(val_is_vector(x))) {
		if (I_FL(i) & F_B)
			B = 0;
		else
			val_retain(x);
		y = C;
		if (I_FL(i) & F_C)
			C = 0;
		else
			val_retain(y);
		A = vec_push_tail(x, y) ? x : vec_push(h, x, y);
		STEP;
		NEXT;
	}
	FLOW(slow_binary(vm, i));
L_TAKE:
	if (LIKELY(val_is_map(B) && (pr = map_own_slot(B, C)) != NULL)) {
		v = *pr;
		*pr = VAL_NIL;
		KILL_C;
		A = v;
		NEXT;
	}
	SAVE();
	v = core_take(&vm->cc, &B, C);
	if (UNLIKELY(v == VAL_UNBOUND)) {
		flow = slow_failed(vm);
		goto flow;
	}
	KILL_C;
	A = v;
	NEXT;
L_ASSOC:
	x = B;
	if (I_FL(i) & F_B)
		B = 0;
	else
		val_retain(x);
	pr = &C;
	y = pr[0];
	v = pr[1];
	pr[0] = pr[1] = 0;
	if (LIKELY(val_is_map(x) && (pr = map_own_slot(x, y)) != NULL)) {
		val_release(h, *pr);
		*pr = v;
		val_release(h, y);
		A = x;
		STEP;
		NEXT;
	}
	vm->cc.name = "assoc";
	v = core_assoc(&vm->cc, x, y, v);
	AFTER_NATIVE;

L_ITER:
	(&A)[ITER_NEXT] = (&A)[ITER_END] = 0;
	NEXT;
L_EACH:
	pr = &B;
	x = pr[ITER_NEXT];
	if (x == pr[ITER_END]) {
		size_t n;

		y = (val)val_unfix(pr[ITER_POS]);
		if (y >= vec_count(pr[0])) {
			pc += I_SX(*pc) + 1;
			NEXT;
		}
		x = (val)(uintptr_t)vec_run(pr[0], y, &n);
		pr[ITER_END] = x + n * sizeof(val);
		pr[ITER_POS] = val_fix((int64_t)(y + n));
	}
	pr[ITER_NEXT] = x + sizeof(val);
	if (LIKELY((I_FL(i) & F_INV) == 0))
		A = val_retain(*(const val *)(uintptr_t)x);
	pc++;
	NEXT;

L_CALL:
	v = A;
	if (LIKELY(val_is_kind(v, O_FUNCTION))) {
		c = (const struct code *)val_function(v)->code;
		if (LIKELY(c->direct == I_B(i)))
			PUSH;
		d = c->def;
		if (c->kind == CODE_NATIVE && (int)I_B(i) >= d->min &&
		    (d->max < 0 || (int)I_B(i) <= d->max)) {
			KILL(A);
			CALL_NATIVE(&A + 1, I_B(i));
		}
	}
	FLOW(call_value(vm, (uint32_t)(&A - vm->stack), I_B(i), false));
L_CALLR:
	v = C;
	if (LIKELY(val_is_kind(v, O_FUNCTION))) {
		c = (const struct code *)val_function(v)->code;
		if (LIKELY(c->direct == I_B(i))) {
			A = c->ncaptured == 0 ? 0 : val_retain(v);
			PUSH;
		}
		d = c->def;
		if (c->kind == CODE_NATIVE && (int)I_B(i) >= d->min &&
		    (d->max < 0 || (int)I_B(i) <= d->max))
			CALL_NATIVE(&A + 1, I_B(i));
	}
	A = val_retain(v);
	FLOW(call_value(vm, (uint32_t)(&A - vm->stack), I_B(i), false));
L_CALLG:
	c = vm->cells[I_BX(i)].code;
	if (LIKELY(c != NULL && c->direct == I_FL(i))) {
		A = 0;
		PUSH;
	}
	FLOW(slow_callg(vm, i, R, false));
L_CALLS:
	A = val_retain(R[-1]);
	c = fr->code->protos[I_C(i)];
	PUSH;
L_CALLSELF:
	v = A;
	if (val_is_kind(v, O_FUNCTION) &&
	    (const struct code *)val_function(v)->code == fr->code)
		FLOW(call_value(vm, (uint32_t)(&A - vm->stack), I_B(i), true));
	FLOW(call_value(vm, (uint32_t)(&A - vm->stack), I_B(i), false));
L_TCALL:
	v = A;
	if (LIKELY(val_is_kind(v, O_FUNCTION))) {
		c = (const struct code *)val_function(v)->code;
		if (LIKELY(c->direct == I_B(i))) {
			x = I_B(i);
			KILL(R[-1]);
			A = 0;
			R[-1] = v;
			goto replace;
		}
	}
	FLOW(call_value(vm, (uint32_t)(&A - vm->stack), I_B(i), true));
L_TCALLG:
	c = vm->cells[I_BX(i)].code;
	if (UNLIKELY(c == NULL || c->direct != I_FL(i)))
		FLOW(slow_callg(vm, i, R, true));
	x = I_FL(i);
	KILL(R[-1]);
	goto replace;
L_TCALLS:
	x = I_B(i);
	c = fr->code->protos[I_C(i)];
replace:
	/* Arguments down to the window's start; sources end empty. */
	for (y = 0, pr = &A + 1; y < x; y++, pr++) {
		v = *pr;
		*pr = 0;
		R[y] = v;
	}
	CHECK_DEAD((uint32_t)x);
	if (UNLIKELY(R + c->nregs >= vm->stack_end)) {
		SAVE();
		if (!stack_reserve(vm, fr->base + c->nregs + 1))
			return VM_STOPPED;
		R = vm->stack + fr->base;
	}
	fr->code = c;
	fr->elided++;
	pc = c->insns;
	STEP;
	NEXT;
L_HOST:
	FLOW(intrinsic_host(
	    vm, (uint32_t)(&A - vm->stack), I_B(i), (I_FL(i) & F_INV) != 0));
L_NATIVE:
	d = core_table[I_C(i)].def;
	CALL_NATIVE(&B, I_FL(i));
L_RET:
	v = A;
	A = 0;
	CHECK_DEAD(0);
	x = R[-1];
	R[-1] = v;
	if (val_is_obj(x))
		val_release(h, x);
	fr--;
	pc = fr->pc;
	R = vm->stack + fr->base;
	NEXT;
L_HALT: /* the frame below the first: v is what that one returned */
	pc--;
	SAVE();
	R[-1] = 0;
	vm->value = v;
	return VM_DONE;
L_MAKEVEC : {
	uint32_t k, n = I_C(i);

	v = vec_new(h, &B, n);
	for (k = 0; k < n; k++)
		(&B)[k] = 0;
	A = v;
	NEXT;
}
L_MOREVEC : {
	uint32_t k, n = I_C(i);

	v = A;
	for (k = 0; k < n; k++) {
		v = vec_push(h, v, (&B)[k]);
		(&B)[k] = 0;
	}
	A = v;
	NEXT;
}
L_MAKEMAP : {
	uint32_t k, n = I_C(i) * 2;

	v = map_new(h, &B, n / 2);
	for (k = 0; k < n; k++)
		(&B)[k] = 0;
	A = v;
	NEXT;
}
L_MOREMAP : {
	uint32_t k, n = I_C(i) * 2;

	v = A;
	for (k = 0; k < n; k += 2) {
		v = map_assoc(h, v, (&B)[k], (&B)[k + 1]);
		(&B)[k] = (&B)[k + 1] = 0;
	}
	A = v;
	NEXT;
}
L_TRY : {
	struct handler *t;

	if (vm->nhandlers == vm->caphandlers)
		slow_handlers(vm);
	t = &vm->handlers[vm->nhandlers++];
	t->pc = pc + I_SX(i);
	t->frame = (uint32_t)(fr - vm->frames);
	t->reg = (uint32_t)(&A - vm->stack);
	NEXT;
}
L_ENDTRY:
	vm->nhandlers--;
	NEXT;
L_CATCH:
	BRANCH(slow_catches(A, K[I_BX(i)]));
L_CAUGHT:
	if ((I_FL(i) & F_INV) != 0)
		B = trace_save(vm, A);
	trace_keep(vm, A);
	NEXT;
L_RETHROW:
	v = A;
	if ((I_FL(i) & F_INV) != 0 && v == VAL_UNBOUND)
		NEXT;
	A = 0;
	vm->rethrown = (I_FL(i) & F_INV) == 0 || trace_restore(vm, B);
	KILL_B;
	vm->thrown = v;
	FLOW(FLOW_THROW);
L_THROW:
	vm->thrown = B;
	if (I_FL(i) & F_B)
		B = 0;
	else
		val_retain(vm->thrown);
	FLOW(FLOW_THROW);
L_CHKVEC:
	v = A;
	if (LIKELY(val_is_vector(v) || val_is_list(v) || v == VAL_NIL))
		NEXT;
	FLOW(slow_pattern(vm, i, v, K[I_BX(i)]));
L_CHKMAP:
	v = A;
	if (LIKELY(slow_is_mappish(v) || v == VAL_NIL))
		NEXT;
	FLOW(slow_pattern(vm, i, v, K[I_BX(i)]));
L_NTHX:
	v = slow_item(B, I_C(i));
	KILL_B;
	A = v;
	NEXT;
L_RESTX:
	v = slow_rest(h, B, I_C(i));
	KILL_B;
	A = v;
	STEP;
	NEXT;
L_GETX:
	v = slow_field(h, B, K[I_C(i)]);
	if (v == VAL_UNBOUND)
		v = VAL_NIL;
	KILL_B;
	A = v;
	NEXT;
L_FINDX:
	v = slow_field(h, B, K[I_C(i)]);
	KILL_B;
	A = v;
	NEXT;
L_ISBOUND:
	v = val_bool(B != VAL_UNBOUND);
	KILL_B;
	A = v;
	NEXT;
L_ISVEC:
	v = val_bool(slow_length(B) == I_C(i));
	KILL_B;
	A = v;
	NEXT;
L_ISVECN:
	x = slow_length(B);
	v = val_bool(x != UINT64_MAX && x >= I_C(i));
	KILL_B;
	A = v;
	NEXT;
L_ISMAP:
	v = val_bool(slow_is_mappish(B));
	KILL_B;
	A = v;
	NEXT;
L_HASKEY:
	v = slow_field(h, B, K[I_C(i)]);
	x = val_bool(v != VAL_UNBOUND);
	val_release(h, v);
	KILL_B;
	A = x;
	NEXT;
L_ISTYPE:
	v = val_bool(type_check(fr->code->types[I_C(i)], B, NULL) == 0);
	KILL_B;
	A = v;
	NEXT;
L_CHKTYPE:
	SAVE();
	flow = slow_type(vm, i, A);
	if (LIKELY(flow == FLOW_NEXT))
		NEXT;
	goto flow;
L_NOMATCH:
	FLOW(slow_nomatch(vm, A, K[I_BX(i)]));
L_JNNIL:
	yes = B != VAL_NIL;
	KILL_B;
	BRANCH(yes);
}
