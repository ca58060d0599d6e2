/* Throwing: error values, unwinding to a handler, stops. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lang/machine.h"
#include "value/name.h"

enum flow
raise_error(struct vm *vm, enum errkey key, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vm->thrown = errval_make(vm->heap, key, "%s", text);
	return FLOW_THROW;
}

enum flow
raise_arity(struct vm *vm, const struct code *c, uint32_t argc)
{
	const char *name =
	    c->head.name == NAME_NONE ? "fn" : name_text(c->head.name, NULL);
	uint32_t min = c->nparams, max = c->nparams;
	bool any = false;

	if (c->kind != CODE_BYTE) {
		min = (uint32_t)c->def->min;
		any = c->def->max < 0;
		max = any ? min : (uint32_t)c->def->max;
	} else if (c->variadic) {
		min--;
		any = true;
	}
	if (any) {
		return raise_error(vm, ERRKEY_ARITY_MISMATCH,
		    "%s: expected at least %u argument%s, got %u", name, min,
		    min == 1 ? "" : "s", argc);
	}
	if (min != max) {
		return raise_error(vm, ERRKEY_ARITY_MISMATCH,
		    "%s: expected %u to %u arguments, got %u", name, min, max,
		    argc);
	}
	return raise_error(vm, ERRKEY_ARITY_MISMATCH,
	    "%s: expected %u argument%s, got %u", name, min,
	    min == 1 ? "" : "s", argc);
}

static void
clear_range(struct vm *vm, uint32_t from, uint32_t to)
{
	uint32_t k;
	val v;

	for (k = from; k < to; k++) {
		v = vm->stack[k];
		vm->stack[k] = 0;
		val_release(vm->heap, v);
	}
}

static uint32_t
stack_top(const struct vm *vm)
{
	const struct frame *f = &vm->frames[vm->nframes - 1];

	return f->base + f->code->nregs;
}

void
frames_drop(struct vm *vm)
{
	if (vm->nframes > vm->bottom) {
		clear_range(vm, vm->frames[vm->bottom].base - 1, stack_top(vm));
	}
	vm->nframes = vm->bottom;
	vm->nhandlers = vm->hbottom;
}

bool
raise_unwind(struct vm *vm)
{
	struct handler *h;

	if (!vm->rethrown && !trace_is_kept(vm->thrown))
		trace_take(vm);
	vm->rethrown = false;
	if (vm->nhandlers == vm->hbottom) {
		trace_settle(vm, vm->thrown);
		vm->value = vm->thrown;
		vm->thrown = VAL_NIL;
		frames_drop(vm);
		return false;
	}
	h = &vm->handlers[--vm->nhandlers];
	clear_range(vm, h->reg, stack_top(vm));
	vm->nframes = h->frame + 1;
	vm->frames[h->frame].pc = h->pc;
	vm->stack[h->reg] = vm->thrown;
	vm->thrown = VAL_NIL;
	return true;
}

enum flow
stop_now(struct vm *vm, enum vm_stop stop, uint64_t used, uint64_t limit)
{
	vm->stop = stop;
	vm->stop_used = used;
	vm->stop_limit = limit;
	trace_take(vm);
	trace_settle(vm, VAL_NIL);
	return FLOW_STOP;
}
