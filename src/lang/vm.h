/*
 * One evaluation: a compiled program, its heap, its stopped or running
 * machine.  The only door of this room for the others.
 *
 *	vm_new -> vm_load -> vm_run -> VM_DONE | VM_CALL | VM_THROWN | VM_STOPPED
 *	                     VM_CALL -> vm_resume or vm_raise -> (as vm_run)
 *	VM_DONE, VM_THROWN -> vm_load or vm_apply again (repl, worker)
 *
 * A yield keeps the whole continuation in the struct; nothing of it is on the
 * C stack, so any number of machines can stand still at once.
 */
#ifndef LANG_VM_H
#define LANG_VM_H

#include <signal.h>

#include "base/buf.h"
#include "base/error.h"
#include "value/heap.h"

struct vm;

struct vm_config {
	size_t max_memory;  /* bytes of the heap; 0: none */
	uint64_t max_steps; /* 0: none */
	size_t max_depth;   /* frames; 0: memory alone bounds it */
	/* false: every (call ...) throws :denied, "a function task cannot
	 * call; make it a task of its own" (inside workers). */
	bool may_call;
	/* println and print, in program order.  NULL: text is dropped. */
	void (*print)(void *arg, const char *text, size_t len);
	void *print_arg;
	/* Begin and end of a (step "name" ...); options is a map or nil,
	 * borrowed.  NULL: not reported. */
	void (*step)(void *arg, bool begin, const char *name, val options);
	void *step_arg;
	/* The text of a module's file, path like "geometry/shapes.rtfs", in
	 * the program's folder or RTFS_PATH; *found is its name for messages
	 * (malloc'ed).  -1: no such file, where os_errno is ENOENT and the
	 * text names the places looked at, or it cannot be read.  NULL: there
	 * are no modules. */
	int (*read_module)(void *arg, const char *path, struct buf *text,
	    char **found, struct error *e);
	void *read_module_arg;
	/* Looked at about every 16,384 steps; non-zero stops the machine with
	 * VM_STOPPED, STOP_INTERRUPT.  NULL: never. */
	const volatile sig_atomic_t *interrupt;
};

enum vm_state {
	VM_DONE,    /* vm_value() is the value of the last form */
	VM_CALL,    /* vm_call() says what the host is asked for */
	VM_THROWN,  /* vm_value() is what was thrown and not caught */
	VM_STOPPED, /* a budget is used up, or interrupted: vm_stop() */
};

enum vm_stop {
	STOP_NONE,
	STOP_MEMORY,    /* MemoryLimit */
	STOP_DEPTH,     /* StackOverflow */
	STOP_STEPS,     /* StepLimit */
	STOP_INTERRUPT, /* asked to by config.interrupt */
	STOP_INTERNAL,  /* InternalError: a bug of ours */
};

/* What a program asks of its host: one (call CAPABILITY ARG...).  Borrowed
 * from the machine, valid until it goes on. */
struct host_call {
	val capability; /* keyword, string or function */
	val args;       /* vector */
	val options;    /* map from ^{...}, keys normalised; or nil */
	const char *file;
	unsigned int line;
	unsigned int column;
};

/* EK_LIMIT when the budget does not even hold an idle machine. */
int vm_new(const struct vm_config *, struct vm **, struct error *) ATTR_CHECK;
void vm_free(struct vm *); /* NULL is fine */
struct heap *vm_heap(struct vm *);

/* Read, expand and compile a whole file and the modules it imports; nothing
 * runs yet.  name is for messages and traces.  Errors are EK_SYNTAX with line
 * and column, or EK_LIMIT (a budget while reading or expanding);
 * vm_error_place() also says in which file.  text may be freed after. */
int vm_load(struct vm *, const char *name, const char *text, size_t len,
    struct error *) ATTR_CHECK;
/* What vm_load() failed with: "ParseError", "ModuleNotFound", "ModuleError",
 * "MemoryLimit"; static. */
const char *vm_load_class(const struct vm *);
enum vm_state vm_run(struct vm *);
enum vm_state vm_resume(struct vm *, val result); /* consumes result */
/* Go on as if the call had thrown; consumes thrown (any value). */
enum vm_state vm_raise(struct vm *, val thrown);
/* Prepare f(args...) for vm_run; consumes f and args (a vector). */
int vm_apply(struct vm *, val f, val args, struct error *) ATTR_CHECK;

val vm_value(const struct vm *);              /* borrowed */
const struct host_call *vm_call(struct vm *); /* while VM_CALL */
enum vm_stop vm_stop(const struct vm *);
/* "MemoryLimit: used 1.1G of 1G" and its class; while VM_STOPPED. */
void vm_stop_text(const struct vm *, struct buf *out);
const char *vm_stop_class(const struct vm *);
uint64_t vm_steps(const struct vm *);  /* executed so far, deterministic */
uint64_t vm_yields(const struct vm *); /* calls to the host so far */

/* Where the uncaught throw or stop happened, or what vm_load() refused
 * stands; line 0: unknown. */
struct vm_place {
	const char *file;
	unsigned int line;
	unsigned int column;
};
struct vm_place vm_error_place(const struct vm *);
/* The call stack of that moment, innermost first, one line each:
 * "  in fact (math.rtfs:3:5)"; elided tail calls are said so. */
void vm_error_trace(const struct vm *, struct buf *out);

/* A top-level name's value (borrowed) or VAL_UNBOUND. */
val vm_lookup(struct vm *, const char *name);
/* Define a top-level name before vm_load, for hosts (%args, tests). */
void vm_define(struct vm *, const char *name, val v); /* consumes v */
/* Start over with an empty stack and no steps made, after a run of any end;
 * definitions stay. */
void vm_reset(struct vm *);

/* Names of the core library, functions and macros and special forms, sorted;
 * the array is static, *n its length. */
const char *const *lang_core_names(size_t *n);
/* Documentation: usage line and text, or NULL. */
const char *lang_doc(const char *name);
/* A hash over opcode list, core-function table and image format: two builds
 * that agree may exchange closure images. */
uint64_t lang_build_id(void);

#endif
