/*
 * The call stack of a throw or a stop: remembered as it happens (cheap, for
 * most throws are caught), kept in an error that the program gets to see, and
 * shown when nothing caught it.  An error that is thrown again keeps the
 * stack and the place of its first throw.
 */
#include <string.h>

#include "lang/machine.h"
#include "value/name.h"
#include "value/vector.h"

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

static val
name_symbol(uint32_t name)
{
	return name == NAME_NONE ? VAL_NIL : val_symbol(name);
}

/* vm->trace as vm->rows. */
static void
rows_make(struct vm *vm)
{
	const struct trace_row *t;
	const struct place_row *p;
	val *row = vm->rows;
	uint32_t i;

	for (i = 0; i < vm->ntrace; i++, row += ERRVAL_FRAME) {
		t = &vm->trace[i];
		p = code_place(t->code, t->pc - 1);
		row[FRAME_NAME] = name_symbol(t->code->head.name);
		row[FRAME_FILE] = name_symbol(t->code->file);
		row[FRAME_LINE] = p == NULL ? VAL_NIL : val_fix(p->line);
		row[FRAME_COLUMN] = p == NULL ? VAL_NIL : val_fix(p->column);
		row[FRAME_ELIDED] = val_fix(t->elided);
	}
	row[0] = val_fix(vm->trace_more);
	vm->nrows = vm->ntrace;
}

static val *
stack_of(val thrown)
{
	return val_is_error(thrown) ? &val_errval(thrown)->stack : NULL;
}

bool
trace_is_kept(val thrown)
{
	const val *stack = stack_of(thrown);

	return stack != NULL && *stack != VAL_NIL;
}

void
trace_keep(struct vm *vm, val thrown)
{
	val *stack = stack_of(thrown);

	if (stack == NULL || *stack != VAL_NIL || vm->ntrace == 0)
		return;
	rows_make(vm);
	/* The stack is no part of the value's equality: filling it in a
	 * shared error changes nothing that was there. */
	*stack =
	    vec_new(vm->heap, vm->rows, (size_t)vm->nrows * ERRVAL_FRAME + 1);
}

enum {              /* of one frame in what trace_save() makes */
	SAVED_CODE, /* its address, which looks like an integer */
	SAVED_PC,
	SAVED_ELIDED,
	SAVED_FRAME
};

val
trace_save(struct vm *vm, val thrown)
{
	val saved[MAX_TRACE * SAVED_FRAME + 1], *s = saved;
	uint32_t i;

	if (stack_of(thrown) != NULL)
		return VAL_NIL;
	for (i = 0; i < vm->ntrace; i++, s += SAVED_FRAME) {
		s[SAVED_CODE] = (val)(uintptr_t)vm->trace[i].code;
		s[SAVED_PC] = val_fix(vm->trace[i].pc);
		s[SAVED_ELIDED] = val_fix(vm->trace[i].elided);
	}
	*s++ = val_fix(vm->trace_more);
	return vec_new(vm->heap, saved, (size_t)(s - saved));
}

bool
trace_restore(struct vm *vm, val saved)
{
	struct trace_row *t = vm->trace;
	size_t i, n;

	if (saved == VAL_NIL)
		return false;
	n = vec_count(saved);
	for (i = 0; i + 1 < n; i += SAVED_FRAME, t++) {
		t->code = (const struct code *)(uintptr_t)vec_get(
		    saved, i + SAVED_CODE);
		t->pc = (uint32_t)val_unfix(vec_get(saved, i + SAVED_PC));
		t->elided =
		    (uint32_t)val_unfix(vec_get(saved, i + SAVED_ELIDED));
	}
	vm->ntrace = (uint32_t)(t - vm->trace);
	vm->trace_more = (uint32_t)val_unfix(vec_get(saved, i));
	return true;
}

/* The innermost frame of the program: what core functions do is reported
 * where they were called. */
static void
place_set(struct vm *vm)
{
	const val *row = vm->rows;
	uint32_t i;

	memset(&vm->place, 0, sizeof(vm->place));
	for (i = 0; i < vm->nrows; i++, row += ERRVAL_FRAME) {
		if (row[FRAME_FILE] == VAL_NIL || row[FRAME_LINE] == VAL_NIL)
			continue;
		vm->place.file = val_name_text(row[FRAME_FILE], NULL);
		vm->place.line = (unsigned int)val_unfix(row[FRAME_LINE]);
		vm->place.column = (unsigned int)val_unfix(row[FRAME_COLUMN]);
		return;
	}
}

void
trace_settle(struct vm *vm, val thrown)
{
	size_t i, n;
	val kept;

	if (trace_is_kept(thrown)) {
		kept = *stack_of(thrown);
		n = vec_count(kept);
		for (i = 0; i < n; i++)
			vm->rows[i] = vec_get(kept, i);
		vm->nrows = (uint32_t)(n / ERRVAL_FRAME);
	} else {
		rows_make(vm);
	}
	place_set(vm);
}

static void
row_add(const val *row, bool bottom, struct buf *out)
{
	const char *name = bottom ? "top level" : "fn";

	if (row[FRAME_NAME] != VAL_NIL)
		name = val_name_text(row[FRAME_NAME], NULL);
	buf_addf(out, "  in %s", name);
	if (row[FRAME_FILE] == VAL_NIL) {
		buf_adds(out, " (core)");
	} else if (row[FRAME_LINE] != VAL_NIL) {
		buf_addf(out, " (%s:%lld:%lld)",
		    val_name_text(row[FRAME_FILE], NULL),
		    (long long)val_unfix(row[FRAME_LINE]),
		    (long long)val_unfix(row[FRAME_COLUMN]));
	}
}

/* Frames that look the same, one after the other, are one line. */
void
vm_error_trace(const struct vm *vm, struct buf *out)
{
	const val *row = vm->rows;
	long long elided, more;
	uint32_t i, same;

	if (vm->nrows == 0)
		return;
	more = val_unfix(vm->rows[(size_t)vm->nrows * ERRVAL_FRAME]);
	for (i = 0; i < vm->nrows; i += same, row += same * ERRVAL_FRAME) {
		elided = val_unfix(row[FRAME_ELIDED]);
		for (same = 1; i + same < vm->nrows && elided == 0; same++) {
			if (memcmp(row, row + same * ERRVAL_FRAME,
			        ERRVAL_FRAME * sizeof(val)) != 0)
				break;
		}
		row_add(row, more == 0 && i + same == vm->nrows, out);
		if (same > 1)
			buf_addf(out, ", %u times", same);
		buf_addc(out, '\n');
		if (elided > 0) {
			buf_addf(out, "  ... %lld tail call%s\n", elided,
			    elided == 1 ? "" : "s");
		}
	}
	if (more > 0)
		buf_addf(out, "  ... %lld more\n", more);
}
