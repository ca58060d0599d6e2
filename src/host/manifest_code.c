/*
 * The functions of :rtfs capabilities: a machine for each manifest file in
 * which its definitions run once, and the closure images made from it.
 * Nothing of a program reaches in here, and no call leaves.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "host/manifest_impl.h"
#include "lang/image.h"
#include "value/errval.h"
#include "value/printer.h"
#include "value/string.h"

/* What the definitions of a manifest may use while they run. */
#define CODE_MEMORY (256U * 1024 * 1024)
#define CODE_STEPS  50000000U

struct manifest_function {
	struct manifest_code *code;
	struct closure closure; /* id 0: not made yet */
	char *bytes;
};

struct manifest_code {
	char *file;
	char *text;
	size_t len;
	struct vm *vm;
	struct manifest_function **function;
	unsigned int n;
};

uint64_t
closure_next_id(void)
{
	static uint64_t last;

	return ++last;
}

struct manifest_code *
manifest_code_new(const char *file, const char *text, size_t len)
{
	struct manifest_code *c = xcalloc(1, sizeof(*c));

	c->file = xstrdup(file);
	c->text = xmalloc(len + 1);
	memcpy(c->text, text, len);
	c->text[len] = '\0';
	c->len = len;
	return c;
}

void
manifest_code_free(void *arg)
{
	struct manifest_code *c = arg;
	unsigned int i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		free(c->function[i]->bytes);
		free(c->function[i]);
	}
	free(c->function);
	vm_free(c->vm);
	free(c->file);
	free(c->text);
	free(c);
}

/* The place after white space and comments. */
static size_t
skip_blank(const struct manifest_code *c, size_t i)
{
	unsigned int depth;

	for (;;) {
		if (i < c->len &&
		    (isspace((unsigned char)c->text[i]) || c->text[i] == ',')) {
			i++;
		} else if (i < c->len && c->text[i] == ';') {
			while (i < c->len && c->text[i] != '\n')
				i++;
		} else if (i + 1 < c->len && c->text[i] == '#' &&
		    c->text[i + 1] == '|') {
			depth = 0;
			do {
				if (strncmp(c->text + i, "#|", 2) == 0) {
					depth++;
					i += 2;
				} else if (strncmp(c->text + i, "|#", 2) == 0) {
					depth--;
					i += 2;
				} else {
					i++;
				}
			} while (depth > 0 && i < c->len);
		} else {
			return i;
		}
	}
}

static size_t
skip_string(const struct manifest_code *c, size_t i)
{
	for (i++; i < c->len && c->text[i] != '"'; i++) {
		if (c->text[i] == '\\')
			i++;
	}
	return i + 1;
}

/* The place after the form at i.  The text has been read without an error,
 * so brackets and quotes are known to match. */
static size_t
skip_form(const struct manifest_code *c, size_t i)
{
	unsigned int depth = 0, metas = 0;
	char x;

	for (;;) {
		i = skip_blank(c, i);
		if (i >= c->len)
			return c->len;
		x = c->text[i];
		if (x == '"') {
			i = skip_string(c, i);
		} else if (strchr("([{", x) != NULL) {
			depth++;
			i++;
			continue;
		} else if (strchr(")]}", x) != NULL) {
			depth--;
			i++;
		} else if (x == '^' && depth == 0) {
			metas++; /* one more form follows */
			i++;
			continue;
		} else if (strchr("'`~@#", x) != NULL) {
			i++;
			continue;
		} else {
			while (i < c->len &&
			    strchr("()[]{}\";, \t\r\n", c->text[i]) == NULL)
				i++;
		}
		if (depth == 0 && metas-- == 0)
			return i;
	}
}

static void
blank(struct manifest_code *c, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (c->text[from] != '\n')
			c->text[from] = ' ';
	}
}

void
manifest_code_blank(struct manifest_code *c, size_t form_at)
{
	blank(c, form_at, skip_form(c, form_at));
}

unsigned int
manifest_code_add(struct manifest_code *c, size_t form_at, size_t function_at)
{
	struct manifest_function *f = xcalloc(1, sizeof(*f));
	size_t form_end = skip_form(c, form_at);
	size_t function_end = skip_form(c, function_at);
	char head[24];
	int n;

	f->code = c;
	/* "(def %N" is not longer than "(capability"; the form's own last
	 * parenthesis closes it */
	blank(c, form_at, function_at);
	blank(c, function_end, form_end - 1);
	n = snprintf(head, sizeof(head), "(def %%%u", c->n);
	memcpy(c->text + form_at, head, (size_t)n);
	c->function =
	    xreallocarray(c->function, c->n + 1, sizeof(c->function[0]));
	c->function[c->n] = f;
	return c->n++;
}

static size_t
report_thrown(struct manifest_code *c, struct diags *ds)
{
	struct vm_place place = vm_error_place(c->vm);
	struct buf b = BUF_INIT;
	val v = vm_value(c->vm);
	const char *class = "PolicyError";

	if (val_is_error(v)) {
		class = errval_class(v);
		print_plain(&b, val_errval(v)->message);
	} else {
		print_short(&b, v, 80);
	}
	diags_add(ds, DIAG_ERROR, c->file, place.line, place.column,
	    "PolicyError", "%s: %s", class, buf_str(&b));
	buf_free(&b);
	return 1;
}

size_t
manifest_code_run(struct manifest_code *c, struct diags *ds)
{
	struct vm_config config;
	struct error e;
	struct buf b = BUF_INIT;
	char name[24];
	unsigned int i;
	size_t errors = 0;
	val v;

	memset(&config, 0, sizeof(config));
	config.max_memory = CODE_MEMORY;
	config.max_steps = CODE_STEPS;
	if (vm_new(&config, &c->vm, &e) == -1 ||
	    vm_load(c->vm, c->file, c->text, c->len, &e) == -1) {
		diags_add(ds, DIAG_ERROR, c->file, e.line, e.column,
		    "ParseError", "%s", e.msg);
		return 1;
	}
	switch (vm_run(c->vm)) {
	case VM_DONE:
		break;
	case VM_STOPPED:
		vm_stop_text(c->vm, &b);
		diags_add(ds, DIAG_ERROR, c->file, 0, 0, "PolicyError", "%s",
		    buf_str(&b));
		buf_free(&b);
		return 1;
	case VM_CALL:
	case VM_THROWN:
		return report_thrown(c, ds);
	}
	for (i = 0; i < c->n; i++) {
		snprintf(name, sizeof(name), "%%%u", i);
		v = vm_lookup(c->vm, name);
		if (v == VAL_UNBOUND || !val_is_kind(v, O_FUNCTION)) {
			diags_add(ds, DIAG_ERROR, c->file, 0, 0, "PolicyError",
			    ":rtfs of capability number %u is no function",
			    i + 1);
			errors++;
		}
	}
	return errors;
}

struct manifest_function *
manifest_code_function(struct manifest_code *c, unsigned int number)
{
	return c->function[number];
}

int
manifest_closure(
    const struct capability *cap, const struct closure **out, struct error *e)
{
	struct manifest_function *f = cap->function;
	struct buf b = BUF_INIT;
	struct vm *vm = f->code->vm; /* NULL: the file has errors */
	char name[24];
	unsigned int i = 0;
	val v = VAL_UNBOUND;

	if (f->closure.id == 0) {
		while (f->code->function[i] != f)
			i++;
		snprintf(name, sizeof(name), "%%%u", i);
		if (vm != NULL)
			v = vm_lookup(vm, name);
		if (v == VAL_UNBOUND || !val_is_kind(v, O_FUNCTION))
			return error_set(e, EK_UNAVAILABLE,
			    ":%s: its file has errors", cap->id);
		if (image_write(vm, v, &b, e) == -1) {
			buf_free(&b);
			return -1;
		}
		f->bytes = buf_take(&b, &f->closure.len);
		f->closure.bytes = f->bytes;
		f->closure.id = closure_next_id();
	}
	*out = &f->closure;
	return 0;
}
