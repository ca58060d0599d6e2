/*
 * From a program's text to its value, and the report of an uncaught error:
 * place, class and message; the line with a caret; the task it came from; the
 * call stack.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "host/evaluate.h"
#include "host/interrupt.h"
#include "value/errval.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/string.h"

#define STDERR_LINES 10 /* of a failed task, shown with its error */

/* A line of the excerpt comes from the program, or from the file (a module)
 * in which it happened. */
static void
add_excerpt(
    const struct program *p, const struct vm_place *place, struct buf *out)
{
	char *text;
	size_t n;
	FILE *f;

	if (place->line == 0)
		return;
	if (place->file == NULL || strcmp(place->file, p->name) == 0) {
		text_excerpt(p->text, p->len, place->line, place->column, out);
		return;
	}
	if ((f = fopen(place->file, "re")) == NULL)
		return;
	text = xmalloc(MAX_FRAME / 1024);
	n = fread(text, 1, MAX_FRAME / 1024, f);
	fclose(f);
	if (utf8_invalid_at(text, n) == UTF8_VALID)
		text_excerpt(text, n, place->line, place->column, out);
	free(text);
}

static void
add_place(
    const struct program *p, const struct vm_place *place, struct buf *out)
{
	visible_adds(out, place->file != NULL ? place->file : p->name);
	if (place->line != 0) {
		buf_addf(out, ":%u", place->line);
		if (place->column != 0)
			buf_addf(out, ":%u", place->column);
	}
	buf_adds(out, ": ");
}

static void
add_stderr(struct buf *out, val text)
{
	const char *p, *end, *nl;
	size_t len, lines = 0;

	p = str_bytes(text, &len);
	end = p + len;
	buf_adds(out, "  its stderr:\n");
	for (; p < end && lines < STDERR_LINES; p = nl + 1, lines++) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		buf_adds(out, "    ");
		visible_add(out, p, (size_t)(nl - p));
		buf_addc(out, '\n');
	}
	if (p < end)
		buf_adds(out, "    ...\n");
}

static void
add_task(struct buf *out, val data)
{
	static const char *const shown[] = {"task", "capability", "at", "pid",
	    "exit", "signal", "limit", "attempts"};
	bool any = false;
	size_t i;
	val v;

	if (!val_is_map(data) ||
	    map_get_keyword(data, "capability") == VAL_UNBOUND)
		return;
	for (i = 0; i < NITEMS(shown); i++) {
		v = map_get_keyword(data, shown[i]);
		if (v == VAL_UNBOUND)
			continue;
		buf_addf(out, "%s%s ", any ? ", " : "  ", shown[i]);
		print_short(out, v, 80);
		any = true;
	}
	buf_adds(out, any ? "\n" : "");
	v = map_get_keyword(data, "stderr");
	if (v != VAL_UNBOUND && val_is_string(v))
		add_stderr(out, v);
}

static void
report_thrown(struct vm *vm, const struct program *p, struct buf *out)
{
	struct vm_place place = vm_error_place(vm);
	val v = vm_value(vm);
	const char *text;
	size_t len;

	add_place(p, &place, out);
	if (val_is_error(v)) {
		buf_addf(out, "%s: ", errval_class(v));
		if (val_is_string(val_errval(v)->message)) {
			text = str_bytes(val_errval(v)->message, &len);
			visible_add(out, text, len);
		}
		if (strcmp(errval_class(v), "HostError") == 0 ||
		    strcmp(errval_class(v), "ApplicationError") == 0) {
			buf_adds(out, " (:");
			buf_adds(out, val_name_text(val_errval(v)->kind, NULL));
			buf_addc(out, ')');
		}
	} else {
		buf_adds(out, "Thrown: ");
		print_short(out, v, 200);
	}
	buf_addc(out, '\n');
	add_excerpt(p, &place, out);
	if (val_is_error(v))
		add_task(out, val_errval(v)->data);
	vm_error_trace(vm, out);
}

static void
report_stopped(struct vm *vm, const struct program *p, struct buf *out)
{
	struct vm_place place = vm_error_place(vm);

	add_place(p, &place, out);
	vm_stop_text(vm, out);
	buf_addc(out, '\n');
	add_excerpt(p, &place, out);
	vm_error_trace(vm, out);
}

static void
report_syntax(struct vm *vm, const struct program *p, const struct error *e,
    struct buf *out)
{
	struct vm_place place = vm_error_place(vm);

	add_place(p, &place, out);
	buf_addf(out, "%s: %s\n", vm_load_class(vm), e->msg);
	add_excerpt(p, &place, out);
}

enum evaluation
evaluate(
    struct host *host, struct vm *vm, const struct program *p, struct buf *out)
{
	enum vm_state state;
	struct error e;
	val v;

	if (vm_load(vm, p->name, p->text, p->len, &e) == -1) {
		report_syntax(vm, p, &e, out);
		return EVAL_FAILED;
	}
	for (state = vm_run(vm); state == VM_CALL;) {
		switch (host_answer_call(host, vm, &v)) {
		case HOST_RESUME:
			state = vm_resume(vm, v);
			break;
		case HOST_RAISE:
			state = vm_raise(vm, v);
			break;
		case HOST_END:
			return EVAL_INTERRUPTED;
		}
	}
	if (interrupt_signal != 0)
		return EVAL_INTERRUPTED;
	if (state == VM_DONE)
		return EVAL_DONE;
	if (state == VM_THROWN)
		report_thrown(vm, p, out);
	else
		report_stopped(vm, p, out);
	return EVAL_FAILED;
}
