/*
 * The reader stops at its first error; rtfs check wants all of them.  So what
 * the reader complains of is painted over and the text read again: a bad token
 * becomes zeros, and where that does not help the whole form is blanked, up to
 * the next line that begins one in its first column.  No offset ever changes.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/check_repair.h"
#include "lang/machine.h"
#include "value/name.h"
#include "value/reader.h"

#define MAX_ERRORS 100 /* each costs a reading of the text */

/* text_place() backwards. */
static size_t
offset_of(const struct buf *b, unsigned int line, unsigned int column)
{
	const char *p = b->data, *end = b->data + b->len, *nl;

	while (--line > 0 && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL)
		p = nl + 1;
	while (--column > 0 && p < end) {
		do
			p++;
		while (p < end && ((unsigned char)*p & 0xc0) == 0x80);
	}
	return (size_t)(p - b->data);
}

static size_t
line_start(const struct buf *b, size_t at)
{
	while (at > 0 && b->data[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_end(const struct buf *b, size_t at)
{
	const char *nl = memchr(b->data + at, '\n', b->len - at);

	return nl == NULL ? b->len : (size_t)(nl - b->data) + 1;
}

static bool
begins_form(const struct buf *b, size_t at)
{
	return at < b->len && strchr(" \t\r\n,;)]}", b->data[at]) == NULL;
}

/* Bytes of the token at an offset: 0 at a bracket, a quote or #. */
static size_t
token_length(const struct buf *b, size_t at)
{
	size_t n = 0;

	if (b->data[at] == '#') /* not the whole of it is a token */
		return 0;
	while (at + n < b->len &&
	    strchr(" \t\r\n,()[]{}\";", b->data[at + n]) == NULL)
		n++;
	return n;
}

static bool
all_zeros(const struct buf *b, size_t at, size_t n)
{
	size_t i;

	for (i = at; i < at + n && b->data[i] == '0'; i++)
		;
	return i == at + n;
}

/* The name that the form from..to would have defined counts as defined. */
static void
name_lost(struct repair *r, struct vm *vm, size_t from, size_t to)
{
	static const char *const words[] = {
	    "def", "defn", "defstruct", "defmacro"};
	const char *p = r->text.data + from;
	size_t i, n;

	if (*p != '(')
		return;
	n = token_length(&r->text, from + 1);
	for (i = 0; i < NITEMS(words); i++) {
		if (n == strlen(words[i]) && memcmp(p + 1, words[i], n) == 0)
			break;
	}
	if (i == NITEMS(words))
		return;
	r->macro_lost |= strcmp(words[i], "defmacro") == 0;
	for (from += n + 1; from < to && r->text.data[from] == ' '; from++)
		;
	n = token_length(&r->text, from);
	if (n > 0) {
		nametab_set(&vm->module->defined,
		    name_intern(r->text.data + from, n), 1);
	}
}

static bool
blank(struct repair *r, struct vm *vm, size_t from, size_t to)
{
	bool changed = false;
	size_t i;

	name_lost(r, vm, from, to);
	for (i = from; i < to; i++) {
		if (r->text.data[i] != '\n' && r->text.data[i] != ' ') {
			r->text.data[i] = ' ';
			changed = true;
		}
	}
	return changed;
}

/* false: nothing is left to be changed there. */
static bool
paint_over(struct repair *r, struct vm *vm, size_t at)
{
	struct buf *b = &r->text;
	unsigned int column;
	size_t from, to, n;

	if (at >= b->len)
		return false;
	for (from = line_start(b, at); from > 0 && !begins_form(b, from);)
		from = line_start(b, from - 1);
	for (to = line_end(b, at); to < b->len && !begins_form(b, to);)
		to = line_end(b, to);
	r->lines = xreallocarray(r->lines, r->n + 1, sizeof(*r->lines));
	text_place(b->data, b->len, from, &r->lines[r->n].from, &column);
	text_place(b->data, b->len, to - 1, &r->lines[r->n].to, &column);
	r->n++;
	n = token_length(b, at);
	if (n > 0 && !all_zeros(b, at, n)) {
		memset(b->data + at, '0', n);
		return true;
	}
	return blank(r, vm, from, to);
}

void
repair_read(struct vm *vm, const char *name, const char *text, size_t len,
    struct diags *diags, struct repair *r)
{
	struct reader_options ro = {0};
	unsigned int line = 0, column = 0, i;
	struct error e;
	val forms;
	int rc;

	buf_add(&r->text, text, len);
	for (i = 0; i < MAX_ERRORS; i++) {
		ro.map = srcmap_new();
		rc =
		    read_all(vm->heap, buf_str(&r->text), len, &ro, &forms, &e);
		srcmap_free(ro.map);
		if (rc == 0) {
			val_release(vm->heap, forms);
			return;
		}
		if (e.line != line || e.column != column) {
			diags_add(diags, DIAG_ERROR, name, e.line, e.column,
			    "ParseError", "%s", e.msg);
		}
		line = e.line;
		column = e.column;
		if (line == 0 || column == 0 ||
		    !paint_over(r, vm, offset_of(&r->text, line, column)))
			break;
	}
	buf_clear(&r->text);
}

static bool
is_damaged(const struct repair *r, const char *name, const struct diag *d)
{
	size_t i;

	if (d->file == NULL || strcmp(d->file, name) != 0)
		return false; /* a module's */
	for (i = 0; i < r->n; i++) {
		if (d->line >= r->lines[i].from && d->line <= r->lines[i].to)
			return true;
	}
	return false;
}

void
repair_forget(
    const struct repair *r, const char *name, struct diags *ds, size_t first)
{
	size_t i, n = first;

	for (i = first; i < ds->n; i++) {
		if (is_damaged(r, name, &ds->item[i])) {
			free(ds->item[i].file);
			free(ds->item[i].message);
		} else {
			ds->item[n++] = ds->item[i];
		}
	}
	ds->n = n;
}

void
repair_free(struct repair *r)
{
	buf_free(&r->text);
	free(r->lines);
	*r = (struct repair){.n = 0};
}
