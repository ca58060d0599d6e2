/*
 * Calls of anything callable, and the growth of stack and frames.  The loop
 * does the plain case itself (a function of the right number of parameters).
 */
#include <stdlib.h>
#include <string.h>

#include "lang/core_util.h"
#include "lang/machine.h"
#include "lang/slow.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/vector.h"

/* At least this many slots; the fresh ones hold 0. */
bool
stack_reserve(struct vm *vm, size_t slots)
{
	size_t cap = (size_t)(vm->stack_end - vm->stack), want;

	if (slots + 8 <= cap)
		return true;
	slots += 8;
	want = cap * 2 > slots ? cap * 2 : slots;
	if (!heap_room(vm->heap, (want - cap) * sizeof(val)))
		want = slots + slots / 16;
	if (want > UINT32_MAX ||
	    !heap_room(vm->heap, (want - cap) * sizeof(val))) {
		stop_now(vm, STOP_MEMORY,
		    heap_used(vm->heap) + (slots - cap) * sizeof(val),
		    heap_limit(vm->heap));
		return false;
	}
	vm->stack = xreallocarray(vm->stack, want, sizeof(val));
	memset(vm->stack + cap, 0, (want - cap) * sizeof(val));
	vm->stack_end = vm->stack + want;
	heap_charge(vm->heap, (ptrdiff_t)((want - cap) * sizeof(val)));
	return true;
}

enum flow
frame_push(struct vm *vm, const struct code *c, uint32_t base)
{
	struct frame *f;
	size_t cap;

	if (vm->nframes > vm->max_depth)
		return stop_now(vm, STOP_DEPTH, vm->nframes, vm->max_depth);
	if (!stack_reserve(vm, (size_t)base + c->nregs + 1))
		return FLOW_STOP;
	if (vm->nframes == vm->capframes) {
		cap = (size_t)vm->capframes * 2;
		if (!heap_room(vm->heap, vm->capframes * sizeof(*f)))
			cap = vm->capframes + vm->capframes / 16 + 1;
		if (!heap_room(vm->heap, (cap - vm->capframes) * sizeof(*f))) {
			return stop_now(vm, STOP_MEMORY,
			    heap_used(vm->heap) +
			        (cap - vm->capframes) * sizeof(*f),
			    heap_limit(vm->heap));
		}
		heap_charge(
		    vm->heap, (ptrdiff_t)((cap - vm->capframes) * sizeof(*f)));
		vm->frames = xreallocarray(vm->frames, cap, sizeof(*f));
		vm->capframes = (uint32_t)cap;
	}
	f = &vm->frames[vm->nframes++];
	f->code = c;
	f->base = base;
	f->pc = c->insns;
	f->elided = 0;
	vm->fuel--;
	return FLOW_ENTER;
}

enum flow
call_native(
    struct vm *vm, const struct code *c, uint32_t argv, uint32_t argc, val *out)
{
	const struct core_def *d = c->def;
	uint32_t k;
	val v;

	if ((int64_t)argc < d->min || (d->max >= 0 && argc > (uint32_t)d->max))
		return raise_arity(vm, c, argc);
	vm->cc.name = d->name;
	v = d->fn(&vm->cc, vm->stack + argv, argc);
	for (k = argv; k < argv + argc; k++) {
		val arg = vm->stack[k];

		vm->stack[k] = 0;
		val_release(vm->heap, arg);
	}
	if (v == VAL_UNBOUND)
		return slow_failed(vm);
	vm->fuel--;
	cost_charge(vm);
	if (heap_over(vm->heap)) {
		val_release(vm->heap, v);
		return stop_now(
		    vm, STOP_MEMORY, heap_used(vm->heap), heap_limit(vm->heap));
	}
	*out = v;
	return FLOW_NEXT;
}

/* The function slot's value is done with; the result goes there. */
static enum flow
answer(struct vm *vm, uint32_t slot, val v)
{
	val f = vm->stack[slot];

	vm->stack[slot] = v;
	val_release(vm->heap, f);
	return FLOW_NEXT;
}

static enum flow
call_code(struct vm *vm, const struct code *c, uint32_t slot, uint32_t argc,
    bool tail)
{
	struct frame *f;
	uint32_t fixed, k, base;
	val *s;

	if (c->variadic ? argc + 1 < c->nparams : argc != c->nparams)
		return raise_arity(vm, c, argc);
	if (c->variadic) {
		fixed = c->nparams - 1;
		if (!stack_reserve(vm, (size_t)slot + c->nparams + 2))
			return FLOW_STOP;
		s = vm->stack + slot + 1;
		s[fixed] = list_new(vm->heap, s + fixed, argc - fixed);
		for (k = fixed + 1; k < argc; k++)
			s[k] = 0;
		argc = c->nparams;
	}
	if (c->ncaptured == 0) {
		val fn = vm->stack[slot];

		vm->stack[slot] = 0;
		val_release(vm->heap, fn);
	}
	if (!tail)
		return frame_push(vm, c, slot + 1);
	f = &vm->frames[vm->nframes - 1];
	base = f->base;
	s = vm->stack;
	val_release(vm->heap, s[base - 1]);
	for (k = 0; k <= argc; k++) {
		val v = s[slot + k];

		s[slot + k] = 0;
		s[base - 1 + k] = v;
	}
	if (!stack_reserve(vm, (size_t)base + c->nregs + 1))
		return FLOW_STOP;
	f = &vm->frames[vm->nframes - 1];
	f->code = c;
	f->pc = c->insns;
	f->elided++;
	vm->fuel--;
	return FLOW_ENTER;
}

static enum flow
call_keyword(struct vm *vm, uint32_t slot, uint32_t argc)
{
	val *s = vm->stack + slot, v = VAL_UNBOUND;

	if (argc < 1 || argc > 2) {
		return raise_error(vm, ERRKEY_ARITY_MISMATCH,
		    ":%s: expected 1 to 2 arguments, got %u",
		    val_name_text(s[0], NULL), argc);
	}
	vm->cc.name = "get";
	if (!slow_is_mappish(s[1]) && s[1] != VAL_NIL) {
		core_type_error(&vm->cc, "a map, task, error or nil", s[1]);
		return slow_failed(vm);
	}
	v = core_get(&vm->cc, s[1], s[0], argc == 2 ? s[2] : VAL_NIL);
	if (v == VAL_UNBOUND)
		return slow_failed(vm);
	val_release(vm->heap, s[1]);
	s[1] = 0;
	if (argc == 2) {
		val_release(vm->heap, s[2]);
		s[2] = 0;
	}
	s[0] = v;
	return FLOW_NEXT;
}

static enum flow
call_collection(struct vm *vm, uint32_t slot, uint32_t argc)
{
	const struct code *nth;
	val *s = vm->stack + slot, v = VAL_UNBOUND;
	bool map = val_is_map(s[0]);
	enum flow flow;

	if (argc != 1 && !(map && argc == 2)) {
		return raise_error(vm, ERRKEY_ARITY_MISMATCH,
		    "%s as a function: expected 1%s, got %u",
		    map ? "map" : "vector",
		    map ? " or 2 arguments" : " argument", argc);
	}
	if (map) {
		v = map_get(s[0], s[1]);
		if (v == VAL_UNBOUND)
			v = argc == 2 ? s[2] : VAL_NIL;
		val_retain(v);
		val_release(vm->heap, s[1]);
		s[1] = 0;
		if (argc == 2) {
			val_release(vm->heap, s[2]);
			s[2] = 0;
		}
		return answer(vm, slot, v);
	}
	/* (v i) is (nth v i): the vector moves to the argument's side. */
	if (!stack_reserve(vm, (size_t)slot + 4))
		return FLOW_STOP;
	s = vm->stack + slot;
	s[2] = s[1];
	s[1] = s[0];
	s[0] = 0;
	nth = core_code(core_index(name_intern("nth", 3)));
	if ((flow = call_native(vm, nth, slot + 1, 2, &v)) != FLOW_NEXT)
		return flow;
	return answer(vm, slot, v);
}

static enum flow
call_one(struct vm *vm, uint32_t slot, uint32_t argc, bool tail)
{
	const struct code *c;
	struct buf b = BUF_INIT;
	val f = vm->stack[slot], v = VAL_UNBOUND;
	enum flow flow;

	if (val_is_kind(f, O_FUNCTION)) {
		c = (const struct code *)val_function(f)->code;
		switch (c->kind) {
		case CODE_BYTE:
			return call_code(vm, c, slot, argc, tail);
		case CODE_NATIVE:
			flow = call_native(vm, c, slot + 1, argc, &v);
			return flow == FLOW_NEXT ? answer(vm, slot, v) : flow;
		default:
			return intrinsic_call(vm, c, slot, argc, tail);
		}
	}
	if (val_is_keyword(f))
		return call_keyword(vm, slot, argc);
	if (val_is_map(f) || val_is_vector(f))
		return call_collection(vm, slot, argc);
	print_short(&b, f, 80);
	flow = raise_error(vm, ERRKEY_NOT_CALLABLE, "%s %s is not a function",
	    val_type_name(val_type(f)), buf_str(&b));
	buf_free(&b);
	return flow;
}

enum flow
call_value(struct vm *vm, uint32_t slot, uint32_t argc, bool tail)
{
	enum flow flow = call_one(vm, slot, argc, tail);
	uint32_t k;

	if (flow != FLOW_THROW)
		return flow;
	/* Arguments may lie beyond the frame's own registers. */
	for (k = slot; k <= slot + argc; k++) {
		val v = vm->stack[k];

		vm->stack[k] = 0;
		val_release(vm->heap, v);
	}
	return flow;
}
