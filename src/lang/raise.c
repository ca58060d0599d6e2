/* Throwing: error values, the trace, unwinding to a handler, stops. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lang/machine.h"
#include "value/name.h"
#include "value/string.h"
#include "value/vector.h"

static void
place_take(struct vm *vm)
{
	const struct place_row *p = NULL;
	const struct frame *f;
	uint32_t i;

	/* The innermost frame of the program: what core functions do is
	 * reported where they were called. */
	memset(&vm->place, 0, sizeof(vm->place));
	for (i = vm->nframes; i > vm->bottom; i--) {
		f = &vm->frames[i - 1];
		if (f->code->head.core && i - 1 > vm->bottom)
			continue;
		p = code_place(f->code, (uint32_t)(f->pc - f->code->insns) - 1);
		if (p == NULL)
			continue;
		vm->place.file = f->code->file == NAME_NONE ?
		    NULL :
		    name_text(f->code->file, NULL);
		vm->place.line = p->line;
		vm->place.column = p->column;
		return;
	}
}

void
trace_take(struct vm *vm)
{
	const struct frame *f;
	uint32_t i, n = 0;

	for (i = vm->nframes; i > vm->bottom && n < MAX_TRACE; i--, n++) {
		f = &vm->frames[i - 1];
		vm->trace[n].code = f->code;
		vm->trace[n].pc = (uint32_t)(f->pc - f->code->insns);
		vm->trace[n].elided = f->elided;
	}
	vm->ntrace = n;
	vm->trace_more = i - vm->bottom;
}

/* [name file line] of each remembered frame. */
void
trace_fill(struct vm *vm, val *error)
{
	struct errval *e = val_errval(*error);
	const struct place_row *p;
	const struct code *c;
	val row[3], v;
	uint32_t i;

	if (e->stack != VAL_NIL || vm->ntrace == 0)
		return;
	v = vec_empty(vm->heap);
	for (i = 0; i < vm->ntrace; i++) {
		c = vm->trace[i].code;
		p = code_place(c, vm->trace[i].pc - 1);
		row[0] = c->head.name == NAME_NONE ?
		    VAL_NIL :
		    str_from(vm->heap, name_text(c->head.name, NULL));
		row[1] = c->file == NAME_NONE ?
		    VAL_NIL :
		    str_from(vm->heap, name_text(c->file, NULL));
		row[2] = p == NULL ? VAL_NIL : val_fix(p->line);
		v = vec_push(vm->heap, v, vec_new(vm->heap, row, 3));
	}
	/* The stack is no part of the value's equality: filling it in a
	 * shared error changes nothing that was there. */
	e->stack = v;
}

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

	/* An error that has its stack is on its way again. */
	if (!val_is_error(vm->thrown) ||
	    val_errval(vm->thrown)->stack == VAL_NIL || vm->ntrace == 0) {
		trace_take(vm);
		if (vm->nhandlers == vm->hbottom)
			place_take(vm);
		else
			vm->place.line = 0;
	}
	if (vm->nhandlers == vm->hbottom) {
		if (vm->place.line == 0)
			place_take(vm);
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
	place_take(vm);
	return FLOW_STOP;
}
