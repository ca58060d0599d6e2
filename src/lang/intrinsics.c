/*
 * Core functions that are part of the machine: apply and call change its
 * frames or stop it; throw, print and the expansion of macros need its state.
 */
#include <string.h>

#include "lang/core_util.h"
#include "lang/machine.h"
#include "lang/slow.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"

static val
fn_never(struct core_call *c, val *argv, unsigned int argc)
{
	(void)argv;
	(void)argc;
	return core_fail(c, ERRKEY_INVALID_ARGUMENT, "not a plain function");
}

static val
fn_throw(struct core_call *c, val *argv, unsigned int argc)
{
	(void)argc;
	c->error = core_own(&argv[0]);
	return VAL_UNBOUND;
}

static val
print_all(struct core_call *c, val *argv, unsigned int argc, bool newline)
{
	struct vm *vm = c->vm;
	struct buf b = BUF_INIT;
	unsigned int i;

	for (i = 0; i < argc; i++) {
		if (i > 0)
			buf_addc(&b, ' ');
		if (!core_print(c, &b, argv[i], false)) {
			buf_free(&b);
			return VAL_UNBOUND;
		}
	}
	if (newline)
		buf_addc(&b, '\n');
	c->cost = b.len / 16;
	if (vm->config.print != NULL && b.len > 0)
		vm->config.print(vm->config.print_arg, b.data, b.len);
	buf_free(&b);
	return VAL_NIL;
}

static val
fn_println(struct core_call *c, val *argv, unsigned int argc)
{
	return print_all(c, argv, argc, true);
}

static val
fn_print(struct core_call *c, val *argv, unsigned int argc)
{
	return print_all(c, argv, argc, false);
}

/* (%splice list? part...): the items of all parts, as list or vector. */
static val
fn_splice(struct core_call *c, val *argv, unsigned int argc)
{
	struct heap *h = c->heap;
	val out = vec_empty(h), v, l = VAL_NO_ITEMS;
	unsigned int i;
	size_t k, n;

	for (i = 1; i < argc; i++) {
		v = core_to_vector(c, core_own(&argv[i]));
		if (v == VAL_UNBOUND) {
			val_release(h, out);
			return v;
		}
		n = vec_count(v);
		for (k = 0; k < n; k++)
			out = vec_push(h, out, val_retain(vec_get(v, k)));
		val_release(h, v);
	}
	c->cost = vec_count(out);
	if (argv[0] == VAL_FALSE)
		return out;
	for (k = vec_count(out); k > 0; k--)
		l = list_cons(h, val_retain(vec_get(out, k - 1)), l);
	val_release(h, out);
	return l;
}

static val
step(struct core_call *c, val *argv, bool begin, val options)
{
	struct vm *vm = c->vm;
	struct buf b = BUF_INIT;

	if (vm->config.step != NULL) {
		if (!core_print(c, &b, argv[0], false)) {
			buf_free(&b);
			return VAL_UNBOUND;
		}
		vm->config.step(
		    vm->config.step_arg, begin, buf_str(&b), options);
		buf_free(&b);
	}
	return VAL_NIL;
}

static val
fn_step_begin(struct core_call *c, val *argv, unsigned int argc)
{
	(void)argc;
	c->name = "step";
	if (!core_want_string(c, argv[0]))
		return VAL_UNBOUND;
	return step(c, argv, true, argv[1]);
}

static val
fn_step_end(struct core_call *c, val *argv, unsigned int argc)
{
	(void)argc;
	return step(c, argv, false, VAL_NIL);
}

static val
fn_loop_limit(struct core_call *c, val *argv, unsigned int argc)
{
	(void)argv;
	(void)argc;
	return core_fail(
	    c, ERRKEY_LOOP_LIMIT, "step-loop: more than 10000 rounds");
}

/* clang-format off */
/* The first ones in the order of enum intrinsic. */
const struct core_def intrinsics[] = {
	{"apply", fn_never, 2, -1, "(apply f x... coll)",
	    "Calls f with the x and the items of coll."},
	{"call", fn_never, 1, -1, "(call capability arg...)",
	    "Asks the host to do one task, or :parallel a set of them."},
	{"%call-with", fn_never, 2, -1, "",
	    ""},
	{"macroexpand-1", fn_never, 1, 1, "(macroexpand-1 form)",
	    "One expansion of a macro call; other forms as they are."},
	{"throw", fn_throw, 1, 1, "(throw x)",
	    "Throws any value."},
	{"println", fn_println, 0, -1, "(println x...)",
	    "Writes the values, separated by blanks, and a newline."},
	{"print", fn_print, 0, -1, "(print x...)",
	    "Writes the values, separated by blanks."},
	{"%splice", fn_splice, 1, -1, "",
	    ""},
	{"%step-begin", fn_step_begin, 2, 2, "",
	    ""},
	{"%step-end", fn_step_end, 1, 1, "",
	    ""},
	{"%loop-limit", fn_loop_limit, 0, 0, "",
	    ""},
	{NULL, NULL, 0, 0, NULL, NULL},
};
/* clang-format on */

bool
intrinsic_of(const struct core_def *d, uint8_t *which)
{
	if (d->fn != fn_never)
		return false;
	*which = (uint8_t)(d - intrinsics); /* enum intrinsic's order */
	return true;
}

/* The call's own value goes, arguments move down by n. */
static void
shift(struct vm *vm, uint32_t slot, uint32_t argc, uint32_t n)
{
	val *s = vm->stack + slot;
	uint32_t k;

	for (k = 0; k < n; k++) {
		val v = s[k];

		s[k] = 0;
		val_release(vm->heap, v);
	}
	for (k = 0; k + n <= argc; k++) {
		s[k] = s[k + n];
		s[k + n] = 0;
	}
}

static enum flow
do_apply(struct vm *vm, uint32_t slot, uint32_t argc, bool tail)
{
	val *s = vm->stack + slot, v;
	size_t n, k;

	vm->cc.name = "apply";
	v = s[argc];
	s[argc] = 0;
	v = core_to_vector(&vm->cc, v);
	if (v == VAL_UNBOUND)
		return slow_failed(vm);
	shift(vm, slot, argc - 1, 1);
	cost_charge(vm);
	n = vec_count(v);
	argc -= 2;
	if (n > UINT32_MAX / 4 ||
	    !stack_reserve(vm, (size_t)slot + argc + n + 4)) {
		val_release(vm->heap, v);
		return FLOW_STOP;
	}
	s = vm->stack + slot;
	for (k = 0; k < n; k++)
		s[argc + 1 + k] = val_retain(vec_get(v, k));
	val_release(vm->heap, v);
	vm->fuel -= (int64_t)n;
	return call_value(vm, slot, argc + (uint32_t)n, tail);
}

static ATTR_NOINLINE enum flow
no_capability(struct vm *vm, val got)
{
	struct buf b = BUF_INIT;
	enum flow flow;

	print_short(&b, got, 80);
	flow = raise_error(vm, ERRKEY_INVALID_ARGUMENTS,
	    "call: expected a capability (keyword, string or function), "
	    "got %s %s",
	    val_type_name(val_type(got)), buf_str(&b));
	buf_free(&b);
	return flow;
}

enum flow
intrinsic_host(struct vm *vm, uint32_t slot, uint32_t argc, bool options)
{
	val *s = vm->stack + slot, opts = VAL_NIL, args;
	uint32_t first = options ? 2 : 1, k;

	if (options) {
		const struct core_def *d =
		    core_row(core_index(name_intern("%options", 8)));

		vm->cc.name = "call";
		opts = d->fn(&vm->cc, s + 1, 1);
		if (opts == VAL_UNBOUND)
			return slow_failed(vm);
		cost_charge(vm);
	}
	if (!vm->config.may_call) {
		val_release(vm->heap, opts);
		return raise_error(vm, ERRKEY_DENIED,
		    "a function task cannot "
		    "call; make it a task of its own");
	}
	if (!val_is_keyword(s[first]) && !val_is_string(s[first]) &&
	    !val_is_kind(s[first], O_FUNCTION)) {
		val_release(vm->heap, opts);
		return no_capability(vm, s[first]);
	}
	args = vec_new(vm->heap, s + first + 1, argc - first);
	for (k = first + 1; k <= argc; k++)
		s[k] = 0;
	vm->call.capability = s[first];
	s[first] = 0;
	vm->call.args = args;
	vm->call.options = opts;
	for (k = 0; k < first; k++) { /* the function, the options */
		val_release(vm->heap, s[k]);
		s[k] = 0;
	}
	vm->call.file = NULL;
	vm->call.line = vm->call.column = 0; /* vm_call() looks */
	vm->call_slot = slot;
	vm->yields++;
	vm->fuel--;
	return FLOW_YIELD;
}

/* (macroexpand-1 form): calls the macro's function, or gives the form. */
static enum flow
do_expand(struct vm *vm, uint32_t slot, bool tail)
{
	val form = vm->stack[slot + 1], l;
	uint32_t i = NAMETAB_NONE, n;

	if (val_is_list(form) && form != VAL_NO_ITEMS &&
	    val_is_symbol(list_first(form)))
		i = nametab_get(
		    &vm->module->macros, val_name(list_first(form)));
	shift(vm, slot, 1, 1);
	if (i == NAMETAB_NONE)
		return FLOW_NEXT;
	n = (uint32_t)list_count(form) - 1;
	if (!stack_reserve(vm, (size_t)slot + n + 4))
		return FLOW_STOP;
	vm->stack[slot] = val_retain(vec_get(vm->macros, i));
	for (l = list_rest(form), i = 1; l != VAL_NO_ITEMS; l = list_rest(l))
		vm->stack[slot + i++] = val_retain(list_first(l));
	val_release(vm->heap, form);
	return call_value(vm, slot, n, tail);
}

enum flow
intrinsic_call(struct vm *vm, const struct code *c, uint32_t slot,
    uint32_t argc, bool tail)
{
	if ((int64_t)argc < c->def->min ||
	    (c->def->max >= 0 && argc > (uint32_t)c->def->max))
		return raise_arity(vm, c, argc);
	switch (c->intrinsic) {
	case INTR_APPLY:
		return do_apply(vm, slot, argc, tail);
	case INTR_CALL:
		return intrinsic_host(vm, slot, argc, false);
	case INTR_CALL_WITH:
		return intrinsic_host(vm, slot, argc, true);
	default:
		return do_expand(vm, slot, tail);
	}
}
