/*
 * One program run to its end, for the runners of .test files and of the
 * conformance cases.  Its host knows three capabilities: (call :test.echo x)
 * gives x, (call :test.fail) throws a :capability error, (call :test.throw x)
 * throws x; any other name is :unknown-capability.  (call :parallel [task...])
 * answers with what those would give, errors in place.
 */
#ifndef TESTS_LANGCASE_H
#define TESTS_LANGCASE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "lang/vm.h"
#include "value/errval.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

#define CASE_MEMORY (64UL << 20) /* bytes: a runaway case ends early */
#define CASE_STEPS  UINT64_C(200000000)

struct outcome {
	struct buf value;   /* pr-str of the last value or of what was thrown */
	struct buf output;  /* what println wrote */
	struct buf message; /* of an error */
	const char *class; /* NULL: it ended with a value; "thrown": no error */
	uint64_t yields;
	uint64_t steps;
};

static inline void
case_print(void *arg, const char *text, size_t len)
{
	buf_add(arg, text, len);
}

static inline val
case_task(struct heap *h, val task)
{
	const struct taskval *t = val_is_task(task) ? val_taskval(task) : NULL;

	if (t != NULL && val_is_key(t->capability, "test.echo") &&
	    vec_count(t->args) > 0)
		return val_retain(vec_get(t->args, 0));
	return errval_make(h, ERRKEY_CAPABILITY, "told to fail");
}

static inline enum vm_state
case_parallel(struct vm *vm, val work)
{
	struct heap *h = vm_heap(vm);
	val out = vec_empty(h);
	size_t i;

	for (i = 0; val_is_vector(work) && i < vec_count(work); i++)
		out = vec_push(h, out, case_task(h, vec_get(work, i)));
	val_release(h, work);
	return vm_resume(vm, out);
}

static inline enum vm_state
case_answer(struct vm *vm)
{
	const struct host_call *c = vm_call(vm);
	struct heap *h = vm_heap(vm);
	val x =
	    vec_count(c->args) > 0 ? val_retain(vec_get(c->args, 0)) : VAL_NIL;

	if (val_is_key(c->capability, "test.echo"))
		return vm_resume(vm, x);
	if (val_is_key(c->capability, "test.throw"))
		return vm_raise(vm, x);
	if (val_is_key(c->capability, "parallel"))
		return case_parallel(vm, x);
	val_release(h, x);
	if (val_is_key(c->capability, "test.fail"))
		return vm_raise(
		    vm, errval_make(h, ERRKEY_CAPABILITY, "told to fail"));
	return vm_raise(vm,
	    errval_make(h, ERRKEY_UNKNOWN_CAPABILITY, "no such capability"));
}

static inline void
case_thrown(struct outcome *o, val v)
{
	const char *text;
	size_t len;

	print_readable(&o->value, v);
	if (!val_is_error(v)) {
		o->class = "thrown";
		return;
	}
	o->class = errval_class(v);
	text = str_bytes(val_errval(v)->message, &len);
	buf_add(&o->message, text, len);
}

static inline void
outcome_clear(struct outcome *o)
{
	buf_clear(&o->value);
	buf_clear(&o->output);
	buf_clear(&o->message);
	o->class = NULL;
	o->yields = 0;
	o->steps = 0;
}

static inline void
outcome_free(struct outcome *o)
{
	buf_free(&o->value);
	buf_free(&o->output);
	buf_free(&o->message);
}

static inline void
case_run(const char *program, size_t len, struct outcome *o)
{
	struct vm_config config = {
	    .max_memory = CASE_MEMORY,
	    .max_steps = CASE_STEPS,
	    .may_call = true,
	    .print = case_print,
	};
	struct vm *vm;
	struct error e;
	enum vm_state state;

	outcome_clear(o);
	config.print_arg = &o->output;
	if (vm_new(&config, &vm, &e) == -1) {
		fprintf(stderr, "no machine: %s\n", e.msg);
		exit(99);
	}
	if (vm_load(vm, "test", program, len, &e) == -1) {
		o->class = e.kind == EK_SYNTAX ? "ParseError" : "MemoryLimit";
		buf_adds(&o->message, e.msg);
		vm_free(vm);
		return;
	}
	state = vm_run(vm);
	while (state == VM_CALL)
		state = case_answer(vm);
	o->yields = vm_yields(vm);
	o->steps = vm_steps(vm);
	switch (state) {
	case VM_DONE:
		print_readable(&o->value, vm_value(vm));
		break;
	case VM_THROWN:
		case_thrown(o, vm_value(vm));
		break;
	case VM_CALL:
	case VM_STOPPED:
		o->class = vm_stop_class(vm);
		vm_stop_text(vm, &o->message);
		break;
	}
	vm_free(vm);
}

/* A whole file, NUL-terminated; ends the program when it cannot be read. */
static inline char *
case_file(const char *path, size_t *len)
{
	struct buf b = BUF_INIT;
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(99);
	}
	do {
		n = fread(buf_reserve(&b, 65536), 1, 65536, f);
		b.len += n;
	} while (n > 0);
	fclose(f);
	return buf_take(&b, len);
}

#endif
