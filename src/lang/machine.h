/*
 * Inside the machine: its state, and what its parts (vm.c the loop, call.c,
 * raise.c, machine.c, intrinsics.c) offer one another.
 */
#ifndef LANG_MACHINE_H
#define LANG_MACHINE_H

#include "base/limits.h"
#include "lang/code.h"
#include "lang/vm.h"
#include "value/errval.h"

/* A map from name index to a small number. */
struct nametab {
	uint32_t *keys; /* NAME_NONE: free */
	uint32_t *values;
	uint32_t n, cap;
};
#define NAMETAB_NONE UINT32_MAX
uint32_t nametab_get(const struct nametab *, uint32_t name);
void nametab_set(struct nametab *, uint32_t name, uint32_t value);
void nametab_free(struct nametab *);

struct module {
	struct module *next;
	uint32_t name;
	uint32_t file; /* name index of the path */
	struct nametab cells;
	struct nametab defined; /* names this module defines at top level */
	struct nametab aliases; /* -> index in vm->modules */
	struct nametab macros;  /* -> index in vm->macros */
	struct nametab xforms;  /* defn seen so far -> index in vm->xforms */
	struct nametab xcells;  /* compiled for expansion time -> cell */
	struct nametab exports; /* empty: everything */
	struct nametab only;    /* imported by name: not to be defined here */
	struct nametab arity;   /* rtfs check: of its functions */
	uint32_t exports_pos;   /* of the module form */
	uint32_t index;         /* in vm->modules */
	uint32_t end_top;       /* where its forms end in vm->tops; 0: ran */
	bool loading;
	bool unseen; /* rtfs check without files: it has every name */
};

struct cell {
	val value;
	const struct code *code; /* of value, when a call needs no more */
	uint32_t name;
};

struct frame {
	const insn *pc; /* where to go on; the running frame's is in the loop */
	const struct code *code;
	uint32_t base;   /* of its registers in the stack */
	uint32_t elided; /* tail calls that this frame has made */
};

struct handler {
	const insn *pc;
	uint32_t frame; /* index */
	uint32_t reg;   /* gets the thrown value; the first temporary too */
};

struct trace_row {
	const struct code *code;
	uint32_t pc;
	uint32_t elided;
};

#define FUEL_SLICE 16384

struct vm {
	struct vm_config config;
	struct heap *heap;
	struct cell *cells;
	uint32_t ncells, capcells;
	struct code *codes;    /* owned */
	struct module *module; /* the program's */
	struct module **modules;
	uint32_t nmodules;
	uint32_t load_depth;    /* of the form that imports */
	const char *load_class; /* of what vm_load() failed with */
	uint32_t *xqueue;       /* xcells whose function is not compiled yet */
	uint32_t nxqueue, capxqueue;
	val macros;          /* vector of functions */
	val xforms;          /* vector of forms */
	struct type **types; /* of annotations, for all codes */
	uint32_t ntypes, captypes;

	const struct code **tops; /* top-level forms still to run */
	uint32_t ntops, captops, next_top;

	val *stack;
	val *stack_end;
	struct frame *frames;
	uint32_t nframes; /* running frame is nframes - 1 */
	uint32_t capframes;
	struct handler *handlers;
	uint32_t nhandlers, caphandlers;
	uint32_t bottom;  /* frames below belong to an outer run */
	uint32_t hbottom; /* handlers likewise */
	size_t max_depth; /* frames, SIZE_MAX for none */

	int64_t slice;  /* fuel given out */
	int64_t fuel;   /* left of it, while not in the loop */
	uint64_t steps; /* of finished slices */

	enum vm_state state;
	enum vm_stop stop;
	bool applied; /* vm_apply has put a call on the stack */
	bool rested;  /* as vm_reset() leaves it */
	uint32_t apply_argc;
	uint64_t stop_used, stop_limit;
	uint64_t stop_wanted; /* bytes that were refused at once, or 0 */
	val value;
	val thrown; /* on its way to a handler */
	uint64_t yields;
	struct host_call call;
	uint32_t call_slot; /* stack index of the answer */

	struct trace_row trace[MAX_TRACE];
	uint32_t ntrace;
	uint32_t trace_more; /* frames left out */
	bool rethrown;       /* by a try none of whose clauses fit */
	val rows[MAX_TRACE * ERRVAL_FRAME + 1]; /* as in an error's stack */
	uint32_t nrows;
	struct vm_place place;
	struct core_call cc;
};

/* Take the steps that a core function's work cost. */
static inline void
cost_charge(struct vm *vm)
{
	vm->fuel -= (int64_t)(vm->cc.cost & (UINT64_MAX >> 16));
	vm->cc.cost = 0;
}

/* What a slow step of the loop ends with. */
enum flow {
	FLOW_NEXT,  /* done; go on with the next instruction */
	FLOW_ENTER, /* a frame was pushed or replaced: load it */
	FLOW_THROW, /* vm->thrown is set */
	FLOW_YIELD,
	FLOW_STOP, /* vm->stop is set */
};

/* vm.c: run the frames above vm->bottom. */
enum vm_state machine_run(struct vm *);

/* call.c.  stack[slot] is the function, argc arguments follow; they are
 * consumed; a value goes to stack[slot].  The running frame's pc is saved. */
enum flow call_value(struct vm *, uint32_t slot, uint32_t argc, bool tail);
/* Push a frame for code whose arguments begin at base. */
enum flow frame_push(struct vm *, const struct code *, uint32_t base);
bool stack_reserve(struct vm *, size_t slots); /* in all; false: FLOW_STOP */
/* Run one core C function on argv in the stack. */
enum flow call_native(
    struct vm *, const struct code *, uint32_t argv, uint32_t argc, val *out);

/* raise.c */
enum flow raise_error(struct vm *, enum errkey, const char *, ...)
    ATTR_PRINTF(3, 4);
enum flow raise_undefined(struct vm *, uint32_t name);
enum flow raise_arity(struct vm *, const struct code *, uint32_t argc);
/* Unwind to the handler of vm->thrown.  false: none, the run is over. */
bool raise_unwind(struct vm *);
enum flow stop_now(struct vm *, enum vm_stop, uint64_t used, uint64_t limit);
/* Drop every frame above vm->bottom. */
void frames_drop(struct vm *);

/* trace.c */
void trace_take(struct vm *);             /* remember the frames as they are */
void trace_keep(struct vm *, val thrown); /* in an error that has none yet */
bool trace_is_kept(val thrown);
/* The frames remembered for a thrown value that is no error, owned, for
 * whoever runs something before throwing it again; nil for an error. */
val trace_save(struct vm *, val thrown);
bool trace_restore(struct vm *, val saved); /* false: nil */
/* What vm_error_trace() and vm_error_place() tell: the thrown error's own
 * stack, else the frames remembered last. */
void trace_settle(struct vm *, val thrown);

/* machine.c */
void halt_push(struct vm *, uint32_t base); /* the frame below a run */
void machine_own_type(struct vm *, struct type *);
struct module *module_new(struct vm *, uint32_t name);
void module_free(struct module *);
/* Modules from the index on are no more: the next import reads again. */
void module_forget(struct vm *, uint32_t from);
uint32_t cell_new(struct vm *, uint32_t name);
void cell_set(struct vm *, uint32_t, val); /* consumes it */
uint32_t module_cell(struct vm *, struct module *, uint32_t name);
/* Run code without arguments to its end now (expansion time, modules). */
enum vm_state machine_nested(struct vm *, val function, val args);
int fuel_refill(struct vm *); /* -1: stopped */

/* intrinsics.c */
extern const struct core_def intrinsics[];
bool intrinsic_of(const struct core_def *, uint8_t *which);
/* (call ARG...): the arguments follow stack[slot]; yields. */
enum flow intrinsic_host(
    struct vm *, uint32_t slot, uint32_t argc, bool options);
enum flow intrinsic_call(
    struct vm *, const struct code *, uint32_t slot, uint32_t argc, bool tail);

/* corelib.c */
struct core_entry {
	const struct core_def *def; /* NULL: prelude */
	const char *source;         /* prelude */
	const char *name;
	struct code *code; /* made when first mentioned */
	val value;         /* the function, VAL_UNBOUND until then */
	bool hidden;       /* programs cannot name it */
};
extern struct core_entry *core_table; /* after core_count() or core_index() */
uint32_t core_count(void);
uint32_t core_index(uint32_t name); /* CORE_NONE: no core function */
/* Also queues a prelude function for core_compile_pending(). */
struct code *core_code(uint32_t index);
val core_value(uint32_t index);  /* function value, never freed */
void core_compile_pending(void); /* before anything runs */
bool core_hidden(uint32_t index);
static inline const struct core_def *
core_row(uint32_t index)
{
	return core_table[index].def;
}

/* load.c: compile a text; its top-level forms are appended to vm->tops. */
int load_text(struct vm *, struct module *, const char *name, const char *text,
    size_t len, struct error *);
struct diags;
/* With diags: goes on after errors and adds them there. */
int load_unit(struct vm *, struct module *, const char *name, const char *text,
    size_t len, struct diags *, struct error *);

#endif
