/*
 * Functions in a worker: rtfs.fn, functions of :rtfs capabilities, and text.*,
 * which is core functions called by name.  The only file here that knows the
 * language.
 *
 * One machine a process, made again when a plan has other budgets.  Each
 * closure image is read once a machine; nothing a function does can reach
 * another task, since values are immutable and an image's names are its own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/image.h"
#include "lang/vm.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "workers/builtin.h"

struct closure_image {
	uint64_t id;
	char *bytes;
	size_t len;
	val function; /* on the machine's heap; VAL_UNBOUND: not read yet */
};

/* text.* and the core function behind each. */
static struct mirror {
	const char *id;
	const char *function;
	val value; /* as above */
} mirrors[] = {
    {"text.blank?",       "blank?",          VAL_UNBOUND},
    {"text.contains?",    "string-contains", VAL_UNBOUND},
    {"text.ends-with?",   "ends-with?",      VAL_UNBOUND},
    {"text.index-of",     "index-of",        VAL_UNBOUND},
    {"text.join",         "join",            VAL_UNBOUND},
    {"text.length",       "string-length",   VAL_UNBOUND},
    {"text.lower",        "lower",           VAL_UNBOUND},
    {"text.re-find",      "re-find",         VAL_UNBOUND},
    {"text.re-matches",   "re-matches",      VAL_UNBOUND},
    {"text.re-seq",       "re-seq",          VAL_UNBOUND},
    {"text.replace",      "replace",         VAL_UNBOUND},
    {"text.reverse",      "reverse",         VAL_UNBOUND},
    {"text.split",        "split",           VAL_UNBOUND},
    {"text.split-lines",  "split-lines",     VAL_UNBOUND},
    {"text.starts-with?", "starts-with?",    VAL_UNBOUND},
    {"text.substring",    "substring",       VAL_UNBOUND},
    {"text.trim",         "trim",            VAL_UNBOUND},
    {"text.upper",        "upper",           VAL_UNBOUND},
};

static struct {
	struct vm *vm;
	size_t memory; /* its budgets */
	size_t depth;
	uint64_t steps;
	bool used; /* something has run on it */
	struct closure_image *image;
	size_t nimages;
	size_t room;
	struct work *work; /* whose output it is; NULL: nobody's */
} m;

uint64_t
closure_build_id(void)
{
	return lang_build_id();
}

void
closure_add(uint64_t id, const void *bytes, size_t len)
{
	struct closure_image *c;
	size_t i;

	for (i = 0; i < m.nimages; i++) {
		if (m.image[i].id == id)
			return;
	}
	if (m.nimages == m.room) {
		m.room = m.room == 0 ? 16 : m.room * 2;
		m.image = xreallocarray(m.image, m.room, sizeof(*c));
	}
	c = &m.image[m.nimages++];
	c->id = id;
	c->bytes = xstrndup(bytes, len);
	c->len = len;
	c->function = VAL_UNBOUND;
}

/* The last sent is the likeliest. */
static struct closure_image *
find_image(uint64_t id)
{
	size_t i = m.nimages;

	while (i-- > 0) {
		if (m.image[i].id == id)
			return &m.image[i];
	}
	return NULL;
}

/* What a task prints beyond its limit is dropped, at a whole character. */
static void
on_print(void *arg ATTR_UNUSED, const char *text, size_t len)
{
	uint64_t left;

	if (m.work == NULL || m.work->printed.len >= m.work->grants->output)
		return;
	left = m.work->grants->output - m.work->printed.len;
	if (len > left)
		len = utf8_cut(text, len, (size_t)left);
	buf_add(&m.work->printed, text, len);
}

static void
machine_drop(void)
{
	size_t i;

	for (i = 0; i < m.nimages; i++)
		m.image[i].function = VAL_UNBOUND;
	for (i = 0; i < NITEMS(mirrors); i++)
		mirrors[i].value = VAL_UNBOUND;
	vm_free(m.vm); /* and all values on its heap */
	m.vm = NULL;
}

/* The machine for these budgets; NULL with *e. */
static struct vm *
machine(const struct grants *g, struct error *e)
{
	struct vm_config config = {
	    .max_memory = g->memory,
	    .max_depth = g->depth,
	    .max_steps = g->steps,
	    .may_call = false,
	    .print = on_print,
	};

	/* Steps are counted over the life of a machine. */
	if (m.vm != NULL && m.memory == g->memory && m.depth == g->depth &&
	    m.steps == g->steps && !(m.used && m.steps != 0))
		return m.vm;
	machine_drop();
	m.memory = g->memory;
	m.depth = g->depth;
	m.steps = g->steps;
	m.used = false;
	if (vm_new(&config, &m.vm, e) == -1)
		m.vm = NULL;
	return m.vm;
}

struct heap *
closure_heap(const struct grants *g)
{
	struct error e ATTR_SCRATCH;
	struct vm *vm = machine(g, &e);

	return vm == NULL ? NULL : vm_heap(vm); /* closure_run says why */
}

int
closure_unpack(void *arg ATTR_UNUSED, const void *bytes, size_t len, val *out,
    struct error *e)
{
	if (m.vm == NULL)
		return error_set(e, EK_LIMIT, "no machine for a function");
	return image_read(m.vm, bytes, len, out, e);
}

static int
over_budget(struct work *w, enum errkey key, const char *limit, uint64_t used,
    const char *text)
{
	w->limit = limit;
	w->used = used;
	return work_error(w, key, "%s", text);
}

static int
stopped(struct work *w)
{
	struct buf b = BUF_INIT;
	const char *text;

	vm_stop_text(m.vm, &b);
	text = buf_str(&b);
	switch (vm_stop(m.vm)) {
	case STOP_MEMORY:
		over_budget(w, ERRKEY_MEMORY_LIMIT, "memory",
		    heap_used(vm_heap(m.vm)), text);
		break;
	case STOP_DEPTH:
		over_budget(
		    w, ERRKEY_STACK_OVERFLOW, "depth", w->grants->depth, text);
		break;
	case STOP_STEPS:
		over_budget(
		    w, ERRKEY_STEP_LIMIT, "steps", vm_steps(m.vm), text);
		break;
	default:
		work_error(w, ERRKEY_CAPABILITY, "%s", text);
		break;
	}
	buf_free(&b);
	return -1;
}

/* The value of the machine, for the task: a reference, or a copy where the
 * task has a heap of its own. */
static val
take_value(struct work *w)
{
	val v = vm_value(m.vm);

	return w->heap == vm_heap(m.vm) ? val_retain(v) : val_copy(w->heap, v);
}

static int
returned(struct work *w)
{
	val v = vm_value(m.vm);

	if (val_is_kind(v, O_FUNCTION) || val_is_task(v)) {
		return work_error(w, ERRKEY_INVALID_RESULT,
		    "the function returned a %s, which cannot leave a worker",
		    val_type_name(val_type(v)));
	}
	return work_done(w, take_value(w));
}

/* The error with {:at "FILE:LINE:COLUMN"}, where the function threw it, beside
 * its own data. */
static val
with_place(struct work *w, val error)
{
	struct vm_place place = vm_error_place(m.vm);
	const struct errval *e = val_errval(error);
	val key = keyword_from("at"), at, copy;
	struct buf b = BUF_INIT;

	if (place.file == NULL || place.line == 0 || !val_is_map(e->data) ||
	    map_get(e->data, key) != VAL_UNBOUND)
		return error;
	buf_addf(&b, "%s:%u:%u", place.file, place.line, place.column);
	at = str_new(w->heap, b.data, b.len);
	buf_free(&b);
	copy = errval_new(w->heap, val_retain(e->kind), val_retain(e->message),
	    map_assoc(w->heap, val_retain(e->data), key, at));
	val_release(w->heap, error);
	return copy;
}

static int
thrown(struct work *w)
{
	struct buf b = BUF_INIT;
	val v = vm_value(m.vm), data;

	if (val_is_error(v)) {
		w->error = with_place(w, take_value(w));
		return -1;
	}
	print_short(&b, v, 80);
	data = map_assoc(
	    w->heap, map_empty(w->heap), keyword_from("value"), take_value(w));
	work_error_data(
	    w, ERRKEY_THROWN, data, "the function threw %s", buf_str(&b));
	buf_free(&b);
	return -1;
}

/* Apply f (borrowed) to the arguments of w on the machine. */
static int
apply(struct work *w, val f)
{
	struct error e ATTR_SCRATCH;
	val args = w->args;
	int rc;

	/* The arguments go with the call, so that the function may change
	 * them in place. */
	if (w->heap == vm_heap(m.vm))
		w->args = VAL_UNBOUND;
	else
		args = val_copy(vm_heap(m.vm), args);
	m.used = true;
	if (vm_apply(m.vm, val_retain(f), args, &e) == -1) {
		return over_budget(w, ERRKEY_MEMORY_LIMIT, "memory",
		    heap_used(vm_heap(m.vm)), e.msg);
	}
	m.work = w;
	switch (vm_run(m.vm)) {
	case VM_DONE:
		rc = returned(w);
		break;
	case VM_THROWN:
		rc = thrown(w);
		break;
	case VM_STOPPED:
		rc = stopped(w);
		break;
	default: /* VM_CALL: the machine was made without */
		rc = work_error(w, ERRKEY_DENIED,
		    "a function task cannot call; make it a task of its own");
		break;
	}
	m.work = NULL;
	vm_reset(m.vm);
	return rc;
}

int
closure_run(struct work *w)
{
	struct closure_image *c = find_image(w->closure);
	struct error e ATTR_SCRATCH;

	if (c == NULL) {
		return work_error(w, ERRKEY_PROTOCOL,
		    "function %ju was never sent", (uintmax_t)w->closure);
	}
	/* Arguments that are decoded on the machine's heap chose it already. */
	if ((m.vm == NULL || w->heap != vm_heap(m.vm)) &&
	    machine(w->grants, &e) == NULL) {
		return over_budget(w, ERRKEY_MEMORY_LIMIT, "memory", 0, e.msg);
	}
	if (c->function == VAL_UNBOUND &&
	    image_read(m.vm, c->bytes, c->len, &c->function, &e) == -1) {
		c->function = VAL_UNBOUND;
		if (e.kind == EK_LIMIT) {
			return over_budget(w, ERRKEY_MEMORY_LIMIT, "memory",
			    heap_used(vm_heap(m.vm)), e.msg);
		}
		return work_error(w, ERRKEY_PROTOCOL, "function %ju: %s",
		    (uintmax_t)w->closure, e.msg);
	}
	return apply(w, c->function);
}

/* The value of a core function: that of a program which is its name. */
static int
core_value(const char *name, val *out, struct error *e)
{
	if (vm_load(m.vm, name, name, strlen(name), e) == -1)
		return -1;
	if (vm_run(m.vm) != VM_DONE) {
		vm_reset(m.vm);
		return error_set(
		    e, EK_ARGUMENT, "%s is no core function", name);
	}
	*out = val_retain(vm_value(m.vm));
	vm_reset(m.vm);
	return 0;
}

int
builtin_text_call(struct work *w)
{
	static struct mirror *last = mirrors;
	struct mirror *f = last;
	struct error e ATTR_SCRATCH;

	while (strcmp(f->id, w->capability) != 0) {
		if (++f == mirrors + NITEMS(mirrors))
			f = mirrors;
		if (f == last) {
			return work_error(w, ERRKEY_UNKNOWN_CAPABILITY,
			    "%s has no core function", w->capability);
		}
	}
	last = f;
	if (machine(w->grants, &e) == NULL)
		return over_budget(w, ERRKEY_MEMORY_LIMIT, "memory", 0, e.msg);
	if (f->value == VAL_UNBOUND &&
	    core_value(f->function, &f->value, &e) == -1)
		return work_error(w, ERRKEY_CAPABILITY, "%s", e.msg);
	return apply(w, f->value);
}
