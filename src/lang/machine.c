/* The machine as the other rooms see it: lang/vm.h. */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "lang/machine.h"
#include "lang/slow.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/vector.h"
#include "value/work.h"

#define FIRST_STACK  512
#define FIRST_FRAMES 64
#define KEEP_STACK   (64U * 1024) /* slots that stay after a run */

void
halt_push(struct vm *vm, uint32_t base)
{
	static const insn halt[] = {OP_HALT};
	static const struct code code = {.insns = halt,
	    .ninsns = 1,
	    .head = {.name = NAME_NONE},
	    .file = NAME_NONE};
	struct frame *f;

	if (vm->nframes == vm->capframes) {
		vm->capframes *= 2;
		vm->frames =
		    xreallocarray(vm->frames, vm->capframes, sizeof(*f));
	}
	f = &vm->frames[vm->nframes++];
	f->pc = halt;
	f->code = &code;
	f->base = base;
	f->elided = 0;
}

int
vm_new(const struct vm_config *config, struct vm **out, struct error *e)
{
	struct vm *vm = xcalloc(1, sizeof(*vm));

	core_count();
	vm->config = *config;
	vm->heap = heap_new(config->max_memory);
	vm->max_depth = config->max_depth == 0 ? SIZE_MAX : config->max_depth;
	vm->stack = xcalloc(FIRST_STACK, sizeof(val));
	vm->stack_end = vm->stack + FIRST_STACK;
	vm->frames = xcalloc(FIRST_FRAMES, sizeof(struct frame));
	vm->capframes = FIRST_FRAMES;
	halt_push(vm, 1);
	vm->bottom = 1;
	vm->value = VAL_NIL;
	vm->thrown = VAL_NIL;
	vm->call.capability = vm->call.args = vm->call.options = VAL_NIL;
	vm->macros = vec_empty(vm->heap);
	vm->xforms = vec_empty(vm->heap);
	vm->module = module_new(vm, NAME_NONE);
	vm->cc.heap = vm->heap;
	vm->cc.vm = vm;
	vm->cc.error = VAL_UNBOUND;
	heap_charge(vm->heap,
	    (ptrdiff_t)(sizeof(*vm) + FIRST_STACK * sizeof(val) +
	        FIRST_FRAMES * sizeof(struct frame)));
	if (heap_over(vm->heap)) {
		vm_free(vm);
		return error_set(e, EK_LIMIT,
		    "MemoryLimit: the budget is too small for any program");
	}
	*out = vm;
	return 0;
}

void
vm_free(struct vm *vm)
{
	uint32_t i;

	if (vm == NULL)
		return;
	for (i = 0; i < vm->nmodules; i++)
		module_free(vm->modules[i]);
	free(vm->modules);
	code_free_all(vm->codes);
	free(vm->cells);
	free(vm->tops);
	free(vm->stack);
	free(vm->frames);
	free(vm->handlers);
	for (i = 0; i < vm->ntypes; i++)
		type_free(vm->types[i]);
	free(vm->types);
	free(vm->xqueue);
	heap_free(vm->heap);
	free(vm);
}

struct heap *
vm_heap(struct vm *vm)
{
	return vm->heap;
}

/* Types live as long as the machine; codes refer to them. */
void
machine_own_type(struct vm *vm, struct type *t)
{
	if (vm->ntypes == vm->captypes) {
		vm->captypes = vm->captypes == 0 ? 16 : vm->captypes * 2;
		vm->types =
		    xreallocarray(vm->types, vm->captypes, sizeof(*vm->types));
	}
	vm->types[vm->ntypes++] = t;
}

/* ---- cells and modules ---- */

uint32_t
cell_new(struct vm *vm, uint32_t name)
{
	uint32_t cap;

	if (vm->ncells == vm->capcells) {
		cap = vm->capcells == 0 ? 32 : vm->capcells * 2;
		heap_charge(vm->heap,
		    (ptrdiff_t)((cap - vm->capcells) * sizeof(struct cell)));
		vm->cells = xreallocarray(vm->cells, cap, sizeof(struct cell));
		vm->capcells = cap;
	}
	vm->cells[vm->ncells].value = VAL_UNBOUND;
	vm->cells[vm->ncells].code = NULL;
	vm->cells[vm->ncells].name = name;
	return vm->ncells++;
}

void
cell_set(struct vm *vm, uint32_t i, val v)
{
	val old = vm->cells[i].value;
	const struct code *c;

	vm->cells[i].value = v;
	vm->cells[i].code = NULL;
	if (val_is_kind(v, O_FUNCTION)) {
		c = (const struct code *)val_function(v)->code;
		if (c->kind == CODE_BYTE && c->ncaptured == 0)
			vm->cells[i].code = c;
	}
	val_release(vm->heap, old);
}

struct module *
module_new(struct vm *vm, uint32_t name)
{
	struct module *m = xcalloc(1, sizeof(*m));

	m->name = name;
	m->file = NAME_NONE;
	m->index = vm->nmodules;
	vm->modules =
	    xreallocarray(vm->modules, vm->nmodules + 1, sizeof(*vm->modules));
	vm->modules[vm->nmodules++] = m;
	return m;
}

void
module_free(struct module *m)
{
	nametab_free(&m->cells);
	nametab_free(&m->defined);
	nametab_free(&m->aliases);
	nametab_free(&m->macros);
	nametab_free(&m->xforms);
	nametab_free(&m->xcells);
	nametab_free(&m->exports);
	nametab_free(&m->only);
	nametab_free(&m->arity);
	free(m);
}

void
module_forget(struct vm *vm, uint32_t from)
{
	for (; from < vm->nmodules; from++)
		vm->modules[from]->name = NAME_NONE;
}

/* The top-level forms are done with: what did not run to its end has not been
 * imported. */
static void
modules_settle(struct vm *vm)
{
	struct module *m;
	uint32_t i;

	for (i = 0; i < vm->nmodules; i++) {
		m = vm->modules[i];
		if (m->end_top >= vm->next_top && m->end_top > 0)
			m->name = NAME_NONE;
		m->end_top = 0;
	}
	vm->ntops = vm->next_top = 0;
}

/* A name's cell; that of a core name holds the core value until the
 * program's own definition has run. */
uint32_t
module_cell(struct vm *vm, struct module *m, uint32_t name)
{
	uint32_t i = nametab_get(&m->cells, name), core;

	if (i != NAMETAB_NONE)
		return i;
	i = cell_new(vm, name);
	nametab_set(&m->cells, name, i);
	core = core_index(name);
	if (core != CORE_NONE && !core_hidden(core))
		cell_set(vm, i, val_retain(core_value(core)));
	return i;
}

val
vm_lookup(struct vm *vm, const char *name)
{
	uint32_t i =
	    nametab_get(&vm->module->cells, name_intern(name, strlen(name)));

	return i == NAMETAB_NONE ? VAL_UNBOUND : vm->cells[i].value;
}

void
vm_define(struct vm *vm, const char *name, val v)
{
	uint32_t id = name_intern(name, strlen(name)), i;

	nametab_set(&vm->module->defined, id, 1);
	i = module_cell(vm, vm->module, id);
	cell_set(vm, i, v);
}

/* ---- running ---- */

int
fuel_refill(struct vm *vm)
{
	uint64_t max = vm->config.max_steps;

	vm->steps += (uint64_t)(vm->slice - vm->fuel) + val_work.due;
	vm->slice = vm->fuel = 0;
	val_work.due = 0;
	if (vm->config.interrupt != NULL && *vm->config.interrupt != 0) {
		stop_now(vm, STOP_INTERRUPT, 0, 0);
		return -1;
	}
	if (heap_over(vm->heap)) {
		stop_now(
		    vm, STOP_MEMORY, heap_used(vm->heap), heap_limit(vm->heap));
		return -1;
	}
	if (max != 0 && vm->steps > max) {
		stop_now(vm, STOP_STEPS, vm->steps, max);
		return -1;
	}
	if (val_work.over) { /* no scratch memory for a walk */
		stop_now(
		    vm, STOP_MEMORY, heap_used(vm->heap), heap_limit(vm->heap));
		return -1;
	}
	val_work.max = max == 0 ? UINT64_MAX : max - vm->steps;
	vm->slice = FUEL_SLICE;
	if (max != 0 && max - vm->steps < FUEL_SLICE)
		vm->slice = (int64_t)(max - vm->steps);
	vm->fuel = vm->slice;
	return 0;
}

static void
value_clear(struct vm *vm)
{
	val v = vm->value;

	vm->value = VAL_NIL;
	val_release(vm->heap, v);
}

static void
call_clear(struct vm *vm)
{
	val_release(vm->heap, vm->call.capability);
	val_release(vm->heap, vm->call.args);
	val_release(vm->heap, vm->call.options);
	vm->call.capability = vm->call.args = vm->call.options = VAL_NIL;
}

/* The machine that runs pays for long walks over values. */
static struct work
work_begin(struct vm *vm)
{
	struct work outer = val_work;
	uint64_t max = vm->config.max_steps, done = vm_steps(vm);

	vm->rested = false;
	val_work = (struct work){.interrupt = vm->config.interrupt,
	    .heap = vm->heap,
	    .max = max == 0 ? UINT64_MAX :
	        max > done  ? max - done :
	                      0};
	return outer;
}

static void
work_end(struct vm *vm, const struct work *outer)
{
	vm->steps += val_work.due;
	val_work = *outer;
}

static enum vm_state
from_flow(struct vm *vm, enum flow flow)
{
	switch (flow) {
	case FLOW_NEXT: /* done at once, in slot 0 */
		vm->value = vm->stack[0];
		vm->stack[0] = 0;
		return VM_DONE;
	case FLOW_ENTER:
		return machine_run(vm);
	case FLOW_THROW:
		return raise_unwind(vm) ? machine_run(vm) : VM_THROWN;
	case FLOW_YIELD:
		return VM_CALL;
	default:
		return VM_STOPPED;
	}
}

/* After a run came back: the next top-level form, as long as all is well. */
static enum vm_state
go_on(struct vm *vm, enum vm_state s)
{
	while (s == VM_DONE && vm->next_top < vm->ntops) {
		value_clear(vm);
		s = from_flow(vm, frame_push(vm, vm->tops[vm->next_top++], 1));
	}
	if (s == VM_STOPPED)
		frames_drop(vm);
	if (s != VM_CALL)
		modules_settle(vm);
	return vm->state = s;
}

enum vm_state
vm_run(struct vm *vm)
{
	struct work outer = work_begin(vm);
	enum vm_state s = VM_DONE;

	value_clear(vm);
	vm->stop = STOP_NONE;
	vm->nrows = 0;
	vm->place.line = 0;
	if (vm->applied) {
		vm->applied = false;
		s = from_flow(vm, call_value(vm, 0, vm->apply_argc, false));
	}
	s = go_on(vm, s);
	work_end(vm, &outer);
	return s;
}

enum vm_state
vm_resume(struct vm *vm, val result)
{
	struct work outer = work_begin(vm);
	enum vm_state s;

	call_clear(vm);
	vm->stack[vm->call_slot] = result;
	s = go_on(vm, machine_run(vm));
	work_end(vm, &outer);
	return s;
}

enum vm_state
vm_raise(struct vm *vm, val thrown)
{
	struct work outer = work_begin(vm);
	enum vm_state s;

	call_clear(vm);
	vm->thrown = thrown;
	s = go_on(vm, from_flow(vm, FLOW_THROW));
	work_end(vm, &outer);
	return s;
}

int
vm_apply(struct vm *vm, val f, val args, struct error *e)
{
	size_t n = vec_count(args), i;

	core_compile_pending();
	if (!vm->rested)
		vm_reset(vm);
	vm->rested = false;
	if (n > UINT32_MAX / 4 || !stack_reserve(vm, n + 8)) {
		val_release(vm->heap, f);
		val_release(vm->heap, args);
		return error_set(
		    e, EK_LIMIT, "MemoryLimit: the arguments do not fit");
	}
	vm->stack[0] = f;
	for (i = 0; i < n; i++)
		vm->stack[i + 1] = val_retain(vec_get(args, i));
	val_release(vm->heap, args);
	vm->apply_argc = (uint32_t)n;
	vm->applied = true;
	return 0;
}

/* Expansion time: above whatever frames there are (none, while loading). */
enum vm_state
machine_nested(struct vm *vm, val f, val args)
{
	uint32_t bottom = vm->bottom, hbottom = vm->hbottom, slot = 0, i, n;
	const struct frame *top = &vm->frames[vm->nframes - 1];
	struct work outer = work_begin(vm);
	enum vm_state s = VM_STOPPED;
	enum flow flow;

	n = (uint32_t)vec_count(args);
	if (vm->nframes > 1)
		slot = top->base + top->code->nregs + 1;
	value_clear(vm);
	halt_push(vm, slot + 1);
	vm->bottom = vm->nframes;
	vm->hbottom = vm->nhandlers;
	if (!stack_reserve(vm, (size_t)slot + n + 8))
		goto done;
	vm->stack[slot] = f;
	for (i = 0; i < n; i++)
		vm->stack[slot + 1 + i] = val_retain(vec_get(args, i));
	val_release(vm->heap, args);
	flow = call_value(vm, slot, n, false);
	if (flow == FLOW_NEXT) {
		vm->value = vm->stack[slot];
		vm->stack[slot] = 0;
		s = VM_DONE;
	} else {
		s = from_flow(vm, flow);
	}
	if (s == VM_STOPPED)
		frames_drop(vm);
done:
	vm->nframes = vm->bottom - 1;
	vm->bottom = bottom;
	vm->hbottom = hbottom;
	work_end(vm, &outer);
	return s;
}

/* What a deep recursion has taken is there for the next run. */
static void
stack_shrink(struct vm *vm)
{
	size_t cap = (size_t)(vm->stack_end - vm->stack);

	if (vm->bottom != 1 || cap <= KEEP_STACK)
		return;
	vm->stack = xreallocarray(vm->stack, FIRST_STACK, sizeof(val));
	vm->stack_end = vm->stack + FIRST_STACK;
	heap_charge(vm->heap, -(ptrdiff_t)((cap - FIRST_STACK) * sizeof(val)));
	if ((cap = vm->capframes) <= FIRST_FRAMES)
		return;
	vm->frames =
	    xreallocarray(vm->frames, FIRST_FRAMES, sizeof(struct frame));
	vm->capframes = FIRST_FRAMES;
	heap_charge(vm->heap,
	    -(ptrdiff_t)((cap - FIRST_FRAMES) * sizeof(struct frame)));
}

void
vm_reset(struct vm *vm)
{
	frames_drop(vm);
	stack_shrink(vm);
	vm->steps = 0;
	vm->slice = vm->fuel = 0;
	call_clear(vm);
	value_clear(vm);
	vm->applied = false;
	modules_settle(vm);
	vm->stop = STOP_NONE;
	vm->state = VM_DONE;
	vm->rested = true;
}

int
vm_load(struct vm *vm, const char *name, const char *text, size_t len,
    struct error *e)
{
	uint32_t nmodules = vm->nmodules, ntops = vm->ntops;
	struct error local;

	if (e == NULL)
		e = &local;
	vm->rested = false;
	vm->load_class = "ParseError";
	vm->place = (struct vm_place){NULL, 0, 0};
	vm->nrows = 0;
	if (load_text(vm, vm->module, name, text, len, e) == 0)
		return 0;
	vm->ntops = ntops;
	module_forget(vm, nmodules);
	if (vm->place.file == NULL) {
		vm->place = (struct vm_place){
		    name_text(name_intern(name, strlen(name)), NULL), e->line,
		    e->column};
	}
	if (e->kind == EK_LIMIT)
		vm->load_class = "MemoryLimit";
	return -1;
}

const char *
vm_load_class(const struct vm *vm)
{
	return vm->load_class;
}

/* ---- asking ---- */

val
vm_value(const struct vm *vm)
{
	return vm->value;
}

const struct host_call *
vm_call(struct vm *vm)
{
	const struct frame *f = &vm->frames[vm->nframes - 1];
	const struct place_row *p =
	    code_place(f->code, (uint32_t)(f->pc - f->code->insns) - 1);

	if (f->code->file != NAME_NONE)
		vm->call.file = name_text(f->code->file, NULL);
	vm->call.line = p == NULL ? 0 : p->line;
	vm->call.column = p == NULL ? 0 : p->column;
	return &vm->call;
}

enum vm_stop
vm_stop(const struct vm *vm)
{
	return vm->stop;
}

const char *
vm_stop_class(const struct vm *vm)
{
	switch (vm->stop) {
	case STOP_MEMORY:
		return "MemoryLimit";
	case STOP_DEPTH:
		return "StackOverflow";
	case STOP_STEPS:
		return "StepLimit";
	case STOP_INTERRUPT:
		return "Interrupted";
	default:
		return "InternalError";
	}
}

void
vm_stop_text(const struct vm *vm, struct buf *out)
{
	char used[32], limit[32], wanted[32];

	buf_addf(out, "%s", vm_stop_class(vm));
	switch (vm->stop) {
	case STOP_MEMORY:
		units_format_bytes(vm->stop_used, used);
		units_format_bytes(vm->stop_limit, limit);
		if (vm->stop_wanted > 0) {
			units_format_bytes(vm->stop_wanted, wanted);
			buf_addf(out, ": needs %s more, used %s of %s", wanted,
			    used, limit);
		} else {
			buf_addf(out, ": used %s of %s", used, limit);
		}
		break;
	case STOP_DEPTH:
		buf_addf(out, ": more than %llu frames",
		    (unsigned long long)vm->stop_limit);
		break;
	case STOP_STEPS:
		buf_addf(out, ": used %llu of %llu steps",
		    (unsigned long long)vm->stop_used,
		    (unsigned long long)vm->stop_limit);
		break;
	default:
		break;
	}
}

uint64_t
vm_steps(const struct vm *vm)
{
	return vm->steps + (uint64_t)(vm->slice - vm->fuel);
}

uint64_t
vm_yields(const struct vm *vm)
{
	return vm->yields;
}

struct vm_place
vm_error_place(const struct vm *vm)
{
	return vm->place;
}

/* The message names the nearest known name. */
enum flow
raise_undefined(struct vm *vm, uint32_t name)
{
	const char *text = name_text(name, NULL);
	const char *const *core;
	struct nearest near;
	size_t i, n;

	nearest_init(&near, text);
	for (i = 0; i < vm->ncells; i++) {
		if (vm->cells[i].value != VAL_UNBOUND)
			nearest_offer(
			    &near, name_text(vm->cells[i].name, NULL));
	}
	core = lang_core_names(&n);
	for (i = 0; i < n; i++)
		nearest_offer(&near, core[i]);
	if (near.best == NULL) {
		return raise_error(
		    vm, ERRKEY_UNDEFINED_SYMBOL, "%s is not defined", text);
	}
	return raise_error(vm, ERRKEY_UNDEFINED_SYMBOL,
	    "%s is not defined; did you mean %s?", text, near.best);
}
