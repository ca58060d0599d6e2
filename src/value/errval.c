/* Error values and the questions that catch asks of the table of kinds. */
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "value/errval.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/string.h"
#include "value/vector.h"

static const struct {
	const char *kind;
	const char *class;
	const char *group;
	const char *also; /* words separated by one space */
} table[] = {
#define ERRVAL(sym, kind, cls, group, also) {kind, cls, group, also},
#include "value/errval.def"
#undef ERRVAL
};

static const char application[] = "ApplicationError";
static const char *const everything[] = {"Exception", "Error"};
static const char *const uncatchable[] = {
    "MemoryLimit", "StackOverflow", "StepLimit", "InternalError"};

static val keywords[ERRKEY_COUNT];

val
errval_new(struct heap *h, val kind, val message, val data)
{
	struct errval *e = heap_alloc(h, sizeof(*e), O_ERROR);

	e->kind = kind;
	e->message = message;
	e->data = data;
	e->stack = VAL_NIL;
	return val_from_obj(e);
}

val
errval_make(struct heap *h, enum errkey key, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	val message;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	message = str_new(h, b.data, b.len);
	buf_free(&b);
	return errval_new(h, errkey_keyword(key), message, map_empty(h));
}

static val
name_string(struct heap *h, val symbol)
{
	return symbol == VAL_NIL ? VAL_NIL :
	                           str_from(h, val_name_text(symbol, NULL));
}

static val
stack_rows(struct heap *h, val flat)
{
	val row[3], rows;
	size_t i;

	if (flat == VAL_NIL)
		return VAL_NIL;
	rows = vec_empty(h);
	for (i = 0; i + 1 < vec_count(flat); i += ERRVAL_FRAME) {
		row[0] = name_string(h, vec_get(flat, i + FRAME_NAME));
		row[1] = name_string(h, vec_get(flat, i + FRAME_FILE));
		row[2] = vec_get(flat, i + FRAME_LINE);
		rows = vec_push(h, rows, vec_new(h, row, 3));
	}
	return rows;
}

val
errval_get(struct heap *h, val error, val key)
{
	static val kind, message, data, stack, class;
	const struct errval *e = val_errval(error);

	if (kind == 0) {
		kind = keyword_from("kind");
		message = keyword_from("message");
		data = keyword_from("data");
		stack = keyword_from("stack");
		class = keyword_from("class");
	}
	if (key == kind)
		return e->kind;
	if (key == message)
		return val_retain(e->message);
	if (key == data)
		return val_retain(e->data);
	if (key == stack)
		return stack_rows(h, e->stack);
	if (key == class)
		return str_from(h, errval_class(error));
	return VAL_UNBOUND;
}

val
errkey_keyword(enum errkey key)
{
	if (keywords[key] == 0)
		keywords[key] = keyword_from(table[key].kind);
	return keywords[key];
}

enum errkey
errkey_from(val kind)
{
	int i;

	for (i = 0; i < ERRKEY_COUNT; i++) {
		if (errkey_keyword((enum errkey)i) == kind)
			break;
	}
	return (enum errkey)i;
}

const char *
errkey_class(enum errkey key)
{
	return key < ERRKEY_COUNT ? table[key].class : application;
}

const char *
errval_class(val error)
{
	return errkey_class(errkey_from(val_errval(error)->kind));
}

static bool
among(const char *const *words, size_t n, const char *name)
{
	while (n-- > 0) {
		if (strcmp(words[n], name) == 0)
			return true;
	}
	return false;
}

/* Is name one of the words of a row's "also"? */
static bool
also_has(const char *also, const char *name)
{
	size_t len = strlen(name), n;

	for (; *also != '\0'; also += n + (also[n] == ' ')) {
		n = strcspn(also, " ");
		if (n == len && memcmp(also, name, n) == 0)
			return true;
	}
	return false;
}

enum selector
selector_from(const char *name, enum errkey *which)
{
	size_t i;

	if (among(everything, NITEMS(everything), name))
		return SELECT_ALL;
	if (among(uncatchable, NITEMS(uncatchable), name))
		return SELECT_UNCATCHABLE;
	if (strcmp(name, application) == 0)
		return SELECT_APPLICATION;
	for (i = 0; i < NITEMS(table); i++) {
		if (strcmp(table[i].group, name) == 0)
			return SELECT_GROUP;
	}
	for (i = 0; i < NITEMS(table); i++) {
		if (strcmp(table[i].class, name) == 0 ||
		    also_has(table[i].also, name)) {
			*which = (enum errkey)i;
			return SELECT_CLASS;
		}
	}
	return SELECT_UNKNOWN;
}

bool
errval_matches(val error, const char *name)
{
	enum errkey key = errkey_from(val_errval(error)->kind);

	if (among(everything, NITEMS(everything), name))
		return true;
	if (key == ERRKEY_COUNT)
		return strcmp(name, application) == 0;
	return strcmp(table[key].class, name) == 0 ||
	    strcmp(table[key].group, name) == 0 ||
	    also_has(table[key].also, name);
}

const char *
selector_nearest(const char *name)
{
	struct nearest near;
	size_t i;

	nearest_init(&near, name);
	for (i = 0; i < NITEMS(table); i++) {
		nearest_offer(&near, table[i].class);
		nearest_offer(&near, table[i].group);
	}
	for (i = 0; i < NITEMS(everything); i++)
		nearest_offer(&near, everything[i]);
	nearest_offer(&near, application);
	return near.best;
}
