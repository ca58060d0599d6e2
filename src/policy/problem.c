/* What is wrong with a policy text: every problem with its place, so that one
 * run shows all problems of a file. */
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "policy/rules.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/printer.h"
#include "value/string.h"

static size_t
spot_offset(const struct parse *p, struct spot at)
{
	if (p->map == NULL || !val_is_obj(at.container))
		return SRCMAP_NONE;
	return srcmap_find(p->map, val_obj(at.container), at.index);
}

static void
spot_place(const struct parse *p, struct spot at, unsigned int *line,
    unsigned int *column)
{
	size_t offset = spot_offset(p, at);

	*line = *column = 0;
	if (offset != SRCMAP_NONE)
		text_place(p->text, p->len, offset, line, column);
}

struct origin
origin_at(const struct parse *p, struct spot at)
{
	struct origin o = {p->layer, p->file, 0, 0};

	spot_place(p, at, &o.line, &o.column);
	return o;
}

const char *
spot_text(const struct parse *p, struct spot at)
{
	size_t offset = spot_offset(p, at);

	return offset == SRCMAP_NONE ? NULL : p->text + offset;
}

void
problem(struct parse *p, enum diag_level level, struct spot at, const char *fmt,
    ...)
{
	unsigned int line, column;
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	spot_place(p, at, &line, &column);
	if (p->ds != NULL) {
		diags_add(p->ds, level, p->file, line, column,
		    level == DIAG_ERROR ? "PolicyError" : "PolicyWarning", "%s",
		    buf_str(&text));
	} else if (p->problems == 0 && level == DIAG_ERROR) {
		error_set(p->e, EK_ARGUMENT, "%s", buf_str(&text));
	}
	p->problems += level == DIAG_ERROR;
	buf_free(&text);
}

static const char *
shown(struct buf *b, val v)
{
	buf_clear(b);
	print_short(b, v, 60);
	return buf_str(b);
}

void
wrong_value(struct parse *p, struct spot at, const char *key,
    const char *expected, val got)
{
	struct buf b = BUF_INIT;

	WRONG(p, at, "%s: expected %s, got %s", key, expected, shown(&b, got));
	buf_free(&b);
}

/* Text of a string value that is safe as a C string, or NULL. */
const char *
plain_text(val v)
{
	const char *s;
	size_t n;

	if (!val_is_string(v))
		return NULL;
	s = str_bytes(v, &n);
	return strlen(s) == n ? s : NULL;
}

void
unknown_word(struct parse *p, struct spot at, const char *what, val word,
    const char *const *known)
{
	struct nearest near;
	struct buf b = BUF_INIT;
	size_t i;

	shown(&b, word);
	nearest_init(&near, val_name_text(word, NULL));
	for (i = 0; known[i] != NULL; i++)
		nearest_offer(&near, known[i]);
	if (near.best != NULL)
		WRONG(p, at, "unknown %s %s; did you mean :%s?", what,
		    buf_str(&b), near.best);
	else
		WRONG(p, at, "unknown %s %s", what, buf_str(&b));
	buf_free(&b);
}

void
unknown_key(struct parse *p, struct spot at, val key, const char *const *known)
{
	struct buf b = BUF_INIT;

	if (val_is_keyword(key))
		unknown_word(p, at, "key", key, known);
	else
		WRONG(
		    p, at, "expected a keyword as key, got %s", shown(&b, key));
	buf_free(&b);
}
