/*
 * The words that the loop (vm.c) is written in: operands, dispatch, and the
 * shapes that several instructions share.  They are macros because they jump
 * and because they use the loop's own variables:
 *
 *	i, pc, R	the instruction, the next one, the frame's registers
 *	fr, fr_end	the frame, the end of those that may be used
 *	fuel, flow	steps left, what a slow step ended with
 *	vm, h, c, d, x, y, v, out, sum, yes, pr	the machine, its heap; scratch
 */
#ifndef LANG_LOOP_H
#define LANG_LOOP_H

#include "lang/code.h"
#include "value/heap.h"

#define A R[I_A(i)]
#define B R[I_B(i)]
#define C R[I_C(i)]

/* The instruction's operand dies. */
#define KILL(x)                                                                \
	do {                                                                   \
		val kill_ = (x);                                               \
		(x) = 0;                                                       \
		val_release(h, kill_);                                         \
	} while (0)
#define KILL_B                                                                 \
	do {                                                                   \
		if (I_FL(i) & F_B)                                             \
			KILL(B);                                               \
	} while (0)
#define KILL_C                                                                 \
	do {                                                                   \
		if (I_FL(i) & F_C)                                             \
			KILL(C);                                               \
	} while (0)

#define SAVE()                                                                 \
	(fr->pc = pc, vm->nframes = (uint32_t)(fr - vm->frames) + 1,           \
	    vm->fuel = fuel)
#define K (fr->code->consts)
#define NEXT                                                                   \
	do {                                                                   \
		i = *pc++;                                                     \
		goto *labels[I_OP(i)];                                         \
	} while (0)
#define FLOW(expr)                                                             \
	do {                                                                   \
		SAVE();                                                        \
		flow = (expr);                                                 \
		goto flow;                                                     \
	} while (0)
#define STEP                                                                   \
	do {                                                                   \
		if (UNLIKELY(--fuel < 0))                                      \
			goto refill;                                           \
	} while (0)
/* After what may have been a long walk or large numbers: charge for it now,
 * and stop here if it was given up. */
#define WORKED                                                                 \
	do {                                                                   \
		if (UNLIKELY(val_work.due != 0))                               \
			goto refill;                                           \
	} while (0)
#define JUMP (pc += I_SX(i))
/* A JMP follows a test: take it or step over it. */
#define BRANCH(cond)                                                           \
	do {                                                                   \
		if ((cond) == ((I_FL(i) & F_INV) != 0))                        \
			pc += I_SX(*pc) + 1;                                   \
		else                                                           \
			pc++;                                                  \
		NEXT;                                                          \
	} while (0)

#define BRANCH_WORKED(cond)                                                    \
	do {                                                                   \
		if ((cond) == ((I_FL(i) & F_INV) != 0))                        \
			pc += I_SX(*pc) + 1;                                   \
		else                                                           \
			pc++;                                                  \
		WORKED;                                                        \
		NEXT;                                                          \
	} while (0)

/* Every register from n on holds no reference. */
#ifdef VM_CHECK
#define CHECK_DEAD(n)                                                          \
	do {                                                                   \
		const struct frame *c_ = fr;                                   \
		uint32_t r_;                                                   \
		for (r_ = (n); r_ < c_->code->nregs; r_++) {                   \
			if (val_is_obj(R[r_]))                                 \
				slow_leak(c_->code, pc, r_);                   \
		}                                                              \
	} while (0)
#define CHECK_CALL                                                             \
	do {                                                                   \
		if (vm->cc.error != VAL_UNBOUND)                               \
			abort();                                               \
	} while (0)
#else
#define CHECK_DEAD(n) ((void)0)
#define CHECK_CALL    ((void)0)
#endif

#define BOTH_FIX(x, y) ((((x) | (y)) & 3) == 0)

#define ARITH(name, builtin, num)                                              \
	L_##name : x = B;                                                      \
	y = C;                                                                 \
	if (LIKELY(BOTH_FIX(x, y)) &&                                          \
	    LIKELY(!builtin((int64_t)x, (int64_t)y, &sum))) {                  \
		A = (val)sum;                                                  \
		NEXT;                                                          \
	}                                                                      \
	if (num_is(x) && num_is(y) && num(h, x, y, &out) == NUM_OK) {          \
		KILL_B;                                                        \
		KILL_C;                                                        \
		A = out;                                                       \
		WORKED;                                                        \
		STEP;                                                          \
		NEXT;                                                          \
	}                                                                      \
	FLOW(slow_binary(vm, i))

/* Divisor -1 could overflow, 0 is an error: not here. */
#define REMAINDER(name)                                                        \
	L_##name : x = B;                                                      \
	y = C;                                                                 \
	if (LIKELY(BOTH_FIX(x, y)) && LIKELY((int64_t)y > 0)) {                \
		A = (val)((int64_t)x % (int64_t)y);                            \
		NEXT;                                                          \
	}                                                                      \
	FLOW(slow_binary(vm, i))

#define COMPARE(name, rel, less)                                               \
	L_##name : x = B;                                                      \
	y = C;                                                                 \
	if (LIKELY(BOTH_FIX(x, y))) {                                          \
		A = val_bool((int64_t)x rel(int64_t) y);                       \
		NEXT;                                                          \
	}                                                                      \
	if (num_is(x) && num_is(y)) {                                          \
		v = val_bool(less);                                            \
		KILL_B;                                                        \
		KILL_C;                                                        \
		A = v;                                                         \
		NEXT;                                                          \
	}                                                                      \
	FLOW(slow_binary(vm, i))

#define JCOMPARE(name, rel, less)                                              \
	L_##name : x = B;                                                      \
	y = C;                                                                 \
	if (LIKELY(BOTH_FIX(x, y)))                                            \
		BRANCH((int64_t)x rel(int64_t) y);                             \
	if (num_is(x) && num_is(y)) {                                          \
		yes = less;                                                    \
		KILL_B;                                                        \
		KILL_C;                                                        \
		BRANCH(yes);                                                   \
	}                                                                      \
	FLOW(slow_binary(vm, i))

#define JCOMPAREI(name, rel, less)                                             \
	L_##name : x = B;                                                      \
	y = val_fix(I_SAC(i));                                                 \
	if (LIKELY(val_is_fix(x)))                                             \
		BRANCH((int64_t)x rel(int64_t) y);                             \
	if (num_is(x)) {                                                       \
		yes = less;                                                    \
		KILL_B;                                                        \
		BRANCH(yes);                                                   \
	}                                                                      \
	FLOW(slow_binary(vm, i))

#define LOAD_FRAME                                                             \
	do {                                                                   \
		fr = &vm->frames[vm->nframes - 1];                             \
		fr_end = vm->frames + vm->capframes;                           \
		if (vm->max_depth < vm->capframes)                             \
			fr_end = vm->frames + vm->max_depth + 1;               \
		pc = fr->pc;                                                   \
		R = vm->stack + fr->base;                                      \
	} while (0)

/* A frame for code c, whose arguments begin after register a. */
#define PUSH                                                                   \
	do {                                                                   \
		x = I_A(i) + 1;                                                \
		if (UNLIKELY(fr + 1 >= fr_end ||                               \
		        R + x + c->nregs >= vm->stack_end)) {                  \
			SAVE();                                                \
			flow = frame_push(vm, c, fr->base + (uint32_t)x);      \
			goto flow;                                             \
		}                                                              \
		fr->pc = pc;                                                   \
		fr[1].base = fr->base + (uint32_t)x;                           \
		fr++;                                                          \
		fr->code = c;                                                  \
		fr->elided = 0;                                                \
		pc = c->insns;                                                 \
		R += x;                                                        \
		STEP;                                                          \
		NEXT;                                                          \
	} while (0)

/* R[a] = d(argv...), d a core function that takes argc arguments. */
#define CALL_NATIVE(argv, argc)                                                \
	do {                                                                   \
		vm->cc.name = d->name;                                         \
		v = d->fn(&vm->cc, argv, argc);                                \
		for (x = 0, pr = (argv); x < argc; x++)                        \
			KILL(pr[x]);                                           \
		AFTER_NATIVE;                                                  \
	} while (0)

/* A core function gave v. */
#define AFTER_NATIVE                                                           \
	do {                                                                   \
		if (UNLIKELY(v == VAL_UNBOUND))                                \
			FLOW(slow_failed(vm));                                 \
		A = v;                                                         \
		CHECK_CALL;                                                    \
		if (UNLIKELY(vm->cc.cost != 0)) {                              \
			SAVE();                                                \
			cost_charge(vm);                                       \
			fuel = vm->fuel;                                       \
		}                                                              \
		if (UNLIKELY(--fuel < 0 || val_work.due != 0 || heap_over(h))) \
			goto refill;                                           \
		NEXT;                                                          \
	} while (0)

#endif
