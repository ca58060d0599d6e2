/*
 * Any text as a program: compiled and run within a budget.  Its calls are
 * answered with nil, and once more refused.  Changing unshared values in place
 * changes nothing that can be seen, not even the number of steps; a function
 * that a program ends with travels as an image.
 */
#include "lang/image.h"
#include "lang/vm.h"
#include "tests/fuzz/fuzz.h"
#include "value/errval.h"

FUZZ_START

#define MAX_YIELDS 64
#define MAX_TEXT   16384 /* bytes of a printed value that are compared */

struct run {
	enum vm_state state; /* VM_CALL: too many of them */
	enum vm_stop stop;
	struct buf text; /* output, then the value or what was thrown */
	uint64_t steps;
	uint64_t yields;
	bool loaded;
};

static void
keep(void *arg, const char *text, size_t len)
{
	struct run *r = arg;

	if (r->text.len < MAX_TEXT)
		buf_add(&r->text, text, len < MAX_TEXT ? len : MAX_TEXT);
}

static void
travel(struct vm *vm)
{
	struct vm_config config = {.max_memory = FUZZ_MEMORY};
	struct buf image = BUF_INIT;
	struct vm *other;
	struct error e;
	val f;

	if (image_write(vm, vm_value(vm), &image, &e) == -1) {
		fuzz_error(&e, false);
		buf_free(&image);
		return;
	}
	FUZZ_REQUIRE(vm_new(&config, &other, &e) == 0);
	if (image_read(other, image.data, image.len, &f, &e) == -1) {
		fprintf(stderr, "%s\n", e.msg);
		FUZZ_REQUIRE(e.kind == EK_LIMIT);
	} else {
		val_release(vm_heap(other), f);
	}
	vm_free(other);
	buf_free(&image);
}

static void
ended(struct vm *vm, struct run *r)
{
	struct buf trace = BUF_INIT;

	switch (r->state) {
	case VM_DONE:
	case VM_THROWN:
		print_short(&r->text, vm_value(vm), MAX_TEXT);
		if (r->state == VM_DONE &&
		    val_is_kind(vm_value(vm), O_FUNCTION))
			travel(vm);
		if (r->state == VM_THROWN)
			vm_error_trace(vm, &trace);
		break;
	case VM_STOPPED:
		r->stop = vm_stop(vm);
		vm_stop_text(vm, &trace);
		vm_error_trace(vm, &trace);
		FUZZ_REQUIRE(vm_stop_class(vm)[0] != '\0');
		FUZZ_REQUIRE(r->stop != STOP_INTERNAL);
		break;
	case VM_CALL:
		break;
	}
	buf_free(&trace);
}

static void
run(const char *text, size_t len, bool may_call, struct run *r)
{
	struct vm_config config = {
	    .max_memory = FUZZ_MEMORY / 16, /* 2 MiB */
	    .max_steps = 20000,
	    .max_depth = 2000,
	    .may_call = may_call,
	    .print = keep,
	    .print_arg = r,
	};
	struct vm *vm;
	struct error e;

	memset(r, 0, sizeof(*r));
	FUZZ_REQUIRE(vm_new(&config, &vm, &e) == 0);
	if (vm_load(vm, "t.rtfs", text, len, &e) == -1) {
		fuzz_error(&e, true);
		buf_adds(&r->text, e.msg);
		vm_free(vm);
		return;
	}
	r->loaded = true;
	r->state = vm_run(vm);
	while (r->state == VM_CALL && vm_yields(vm) < MAX_YIELDS)
		r->state = vm_resume(vm, VAL_NIL);
	r->steps = vm_steps(vm);
	r->yields = vm_yields(vm);
	ended(vm, r);
	vm_free(vm);
}

static void
same(struct run *a, struct run *b)
{
	if (a->stop != STOP_NONE || b->stop != STOP_NONE)
		return; /* budgets of memory may differ */
	FUZZ_REQUIRE(a->loaded == b->loaded);
	FUZZ_REQUIRE(a->state == b->state);
	if (a->text.len != b->text.len ||
	    (a->text.len > 0 &&
	        memcmp(a->text.data, b->text.data, a->text.len) != 0)) {
		fprintf(stderr, "in place: %s\ncopied:   %s\n",
		    buf_str(&a->text), buf_str(&b->text));
		FUZZ_FAIL("one result");
	}
	FUZZ_REQUIRE(a->steps == b->steps);
	FUZZ_REQUIRE(a->yields == b->yields);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct run a, b;

	run(text, len, true, &a);
	heap_never_in_place = true;
	run(text, len, true, &b);
	heap_never_in_place = false;
	same(&a, &b);
	buf_free(&b.text);
	if (a.yields > 0) {
		run(text, len, false, &b);
		FUZZ_REQUIRE(b.yields == 0);
		buf_free(&b.text);
	}
	buf_free(&a.text);
	return 0;
}
