/*
 * JSON text to values.  Our own because no library keeps integers of every
 * size (design.md, "Dependencies").  The shape of the reader: open containers
 * on a stack, finished values on another.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "value/json.h"
#include "value/map.h"
#include "value/number.h"
#include "value/numtext.h"
#include "value/reader.h"
#include "value/string.h"
#include "value/vector.h"

#define KEY_CACHE     128 /* a power of two */
#define KEY_CACHE_LEN 32  /* longer keys are not kept */

/* What a small text needs is part of the parser, so that a line of JSON costs
 * no allocation but its values. */
#define FEW_ITEMS  64U
#define FEW_LEVELS 16U
#define SMALL_TEXT 1024U /* bytes; the keys of a larger one are kept */

struct level {
	size_t base;
	bool object;
};

struct parser {
	struct heap *heap;
	const char *text;
	const char *p;
	const char *end;
	struct error *e;
	val *items; /* finished, owned */
	size_t nitems;
	size_t items_cap;
	size_t charged;
	size_t depth;
	struct buf scratch;
	bool strict;
	/* Keys met before, owned: records have the same ones again and again,
	 * and one string serves all of them.  NULL: a small text. */
	val *keys;
	struct level *open; /* few_levels, or MAX_DEPTH of them */
	struct level few_levels[FEW_LEVELS];
	val few_items[FEW_ITEMS];
};

static int
fail(struct parser *j, const char *at, const char *what)
{
	unsigned int line, column;

	text_place(j->text, (size_t)(j->end - j->text), (size_t)(at - j->text),
	    &line, &column);
	error_set(
	    j->e, EK_JSON, "%s at byte %zu", what, (size_t)(at - j->text));
	if (j->e != NULL) {
		j->e->line = line;
		j->e->column = column;
	}
	return -1;
}

static int
over(struct parser *j)
{
	return error_set(j->e, EK_LIMIT,
	    "the memory limit of %zu bytes is passed", heap_limit(j->heap));
}

static int
push(struct parser *j, val v)
{
	size_t cap, more;

	if (UNLIKELY(j->nitems == j->items_cap)) {
		cap = j->items_cap * 2;
		more = cap * sizeof(val) - j->charged;
		if (!heap_room(j->heap, more)) {
			val_release(j->heap, v);
			return over(j);
		}
		heap_charge(j->heap, (ptrdiff_t)more);
		j->charged += more;
		if (j->items == j->few_items) {
			j->items = xcalloc(cap, sizeof(val));
			memcpy(j->items, j->few_items, sizeof(j->few_items));
		} else {
			j->items = xreallocarray(j->items, cap, sizeof(val));
		}
		j->items_cap = cap;
	}
	j->items[j->nitems++] = v;
	return 0;
}

static inline void
skip_blanks(struct parser *j)
{
	while (j->p < j->end &&
	    (*j->p == ' ' || *j->p == '\n' || *j->p == '\t' || *j->p == '\r'))
		j->p++;
}

static int
hex4(const char *p, const char *end)
{
	int i, cp = 0;
	char c;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		c = p[i];
		if (c >= '0' && c <= '9')
			cp = cp * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			cp = cp * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return cp;
}

/* p is after the "u"; the end of the escape, or NULL. */
static const char *
unicode_escape(struct parser *j, const char *p)
{
	const char *at = p - 2;
	int cp = hex4(p, j->end), low = -1;
	char *room;

	if (cp == -1) {
		fail(j, at, "\\u without four hexadecimal digits");
		return NULL;
	}
	p += 4;
	if (cp >= 0xd800 && cp < 0xe000) {
		if (cp < 0xdc00 && j->end - p >= 6 && p[0] == '\\' &&
		    p[1] == 'u')
			low = hex4(p + 2, j->end);
		if (low < 0xdc00 || low >= 0xe000) {
			fail(j, at, "half of a surrogate pair");
			return NULL;
		}
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	room = buf_reserve(&j->scratch, 4);
	j->scratch.len += utf8_encode((uint32_t)cp, room);
	return p;
}

/* p is after the backslash; the end of the escape, or NULL. */
static const char *
escape(struct parser *j, const char *p)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (p < j->end && *p == 'u')
		return unicode_escape(j, p + 1);
	if (p == j->end || *p == '\0' || (at = strchr(from, *p)) == NULL) {
		fail(j, p - 1, "unknown escape in a string");
		return NULL;
	}
	buf_addc(&j->scratch, to[at - from]);
	return p + 1;
}

/* The bytes of the string at j->p, decoded, without quotes: in the text
 * itself, or in the scratch buffer. */
static int
string_text(struct parser *j, const char **out, size_t *len)
{
	const char *open = j->p, *start = open + 1, *p = start;
	bool plain = true;

	for (;;) {
		while (p < j->end && *p != '"' && *p != '\\' &&
		    (unsigned char)*p >= 0x20)
			p++;
		if (p == j->end)
			return fail(j, open, "a string is not closed");
		if (plain && *p == '"') {
			*out = start;
			*len = (size_t)(p - start);
			break;
		}
		if ((unsigned char)*p < 0x20)
			return fail(j, p, "a control character in a string");
		if (plain)
			buf_clear(&j->scratch);
		plain = false;
		buf_add(&j->scratch, start, (size_t)(p - start));
		if (*p == '"') {
			*out = j->scratch.data;
			*len = j->scratch.len;
			break;
		}
		if ((p = escape(j, p + 1)) == NULL)
			return -1;
		start = p;
	}
	j->p = p + 1;
	return 0;
}

static val
key_value(struct parser *j, const char *text, size_t len)
{
	size_t slot = len, i, known_len;
	const char *known;
	val v;

	if (j->keys == NULL || len > KEY_CACHE_LEN)
		return str_new(j->heap, text, len);
	for (i = 0; i < len; i++)
		slot = slot * 31 + (unsigned char)text[i];
	slot = (slot ^ slot >> 7) & (KEY_CACHE - 1);
	v = j->keys[slot];
	if (v != VAL_NIL) {
		known = str_bytes(v, &known_len);
		if (known_len == len && memcmp(known, text, len) == 0)
			return val_retain(v);
		val_release(j->heap, v);
	}
	v = str_new(j->heap, text, len);
	j->keys[slot] = val_retain(v);
	return v;
}

/* A member's name and its colon. */
static int
read_key(struct parser *j)
{
	const char *text = "";
	size_t len = 0;

	skip_blanks(j);
	if (j->p == j->end || *j->p != '"')
		return fail(j, j->p, "expected a member's name in quotes");
	if (string_text(j, &text, &len) == -1 ||
	    push(j, key_value(j, text, len)) == -1)
		return -1;
	skip_blanks(j);
	if (j->p == j->end || *j->p != ':')
		return fail(j, j->p, "expected \":\" after a member's name");
	j->p++;
	return 0;
}

static int
read_number(struct parser *j)
{
	struct numtext n;
	val v;

	numtext_scan(&n, j->p, j->end);
	if (n.digits == 0)
		return fail(j, j->p, "a number without digits");
	if (*n.begin == '+')
		return fail(j, j->p, "a number cannot begin with \"+\"");
	if (n.whole_digits > 1 && n.begin[n.negative] == '0')
		return fail(j, j->p, "a number with a leading zero");
	if (n.stop < j->end &&
	    (*n.stop == '.' || *n.stop == 'e' || *n.stop == 'E'))
		return fail(j, n.stop, "digits are missing in a number");
	switch (numtext_value(j->heap, &n, &v)) {
	case NUM_OK:
		break;
	case NUM_DOMAIN:
		return fail(j, j->p, "a number beyond the range of a float");
	default:
		return over(j);
	}
	j->p = n.stop;
	return push(j, v);
}

static int
read_word(struct parser *j)
{
	static const struct {
		const char *text;
		val v;
	} words[] = {
	    {"true",  VAL_TRUE },
            {"false", VAL_FALSE},
            {"null",  VAL_NIL  }
        };
	size_t i, n;

	for (i = 0; i < NITEMS(words); i++) {
		n = strlen(words[i].text);
		if ((size_t)(j->end - j->p) >= n &&
		    memcmp(j->p, words[i].text, n) == 0) {
			j->p += n;
			return push(j, words[i].v);
		}
	}
	return fail(j, j->p,
	    j->p == j->end ? "the text ends where a value should be" :
	                     "expected a value");
}

static int
open_container(struct parser *j, bool object)
{
	if (j->depth == MAX_DEPTH)
		return fail(j, j->p, "nested more than 1000 levels deep");
	if (UNLIKELY(j->depth == FEW_LEVELS && j->open == j->few_levels)) {
		j->open = xcalloc(MAX_DEPTH, sizeof(*j->open));
		memcpy(j->open, j->few_levels, sizeof(j->few_levels));
	}
	j->open[j->depth].base = j->nitems;
	j->open[j->depth++].object = object;
	j->p++;
	skip_blanks(j);
	return 0;
}

/* The name that n keys, each followed by a value, have more than once. */
static int
twice(struct parser *j, const val *items, size_t n)
{
	val seen = map_empty(j->heap);
	const char *name = "";
	size_t i;

	for (i = 0; i < n; i++) {
		if (name[0] == '\0' && map_get(seen, items[2 * i]) == VAL_TRUE)
			name = str_bytes(items[2 * i], NULL);
		seen = map_assoc(
		    j->heap, seen, val_retain(items[2 * i]), VAL_TRUE);
	}
	error_set(j->e, EK_JSON, "the member \"%.100s\" is given twice", name);
	val_release(j->heap, seen);
	return -1;
}

/* The members from base on, consumed. */
static int
close_object(struct parser *j, size_t base, val *out)
{
	const val *items = j->items + base;
	size_t n = (j->nitems - base) / 2, i;
	int rc = 0;

	for (i = 0; j->strict && i < n; i++)
		val_retain(items[2 * i]);
	*out = map_new(j->heap, items, n);
	if (j->strict && map_count(*out) < n) {
		val_release(j->heap, *out);
		rc = twice(j, items, n);
	}
	for (i = 0; j->strict && i < n; i++)
		val_release(j->heap, items[2 * i]);
	return rc;
}

static int
close_container(struct parser *j)
{
	size_t base = j->open[--j->depth].base, n = j->nitems - base;
	int rc = 0;
	val v;

	if (heap_over(j->heap)) {
		j->depth++;
		return over(j);
	}
	if (!j->open[j->depth].object)
		v = vec_new(j->heap, j->items + base, n);
	else
		rc = close_object(j, base, &v);
	j->nitems = base;
	if (rc == -1)
		return -1;
	j->p++;
	return push(j, v);
}

/* One value, or the opening of one.  *opened: its first part comes next. */
static int
read_start(struct parser *j, bool *opened)
{
	const char *text;
	size_t len;

	*opened = false;
	skip_blanks(j);
	if (j->p == j->end)
		return read_word(j);
	switch (*j->p) {
	case '"':
		if (string_text(j, &text, &len) == -1)
			return -1;
		return push(j, str_new(j->heap, text, len));
	case '[':
		if (open_container(j, false) == -1)
			return -1;
		if (j->p < j->end && *j->p == ']')
			return close_container(j);
		*opened = true;
		return 0;
	case '{':
		if (open_container(j, true) == -1)
			return -1;
		if (j->p < j->end && *j->p == '}')
			return close_container(j);
		*opened = true;
		return read_key(j);
	case '-':
	case '+':
	case '0' ... '9':
		return read_number(j);
	default:
		return read_word(j);
	}
}

/* After a value: close what it completes.  *more: another value follows. */
static int
read_end(struct parser *j, bool *more)
{
	bool object;

	*more = false;
	while (j->depth > 0) {
		object = j->open[j->depth - 1].object;
		skip_blanks(j);
		if (j->p == j->end)
			return fail(j, j->p,
			    object ? "an object is not closed" :
			             "an array is not closed");
		if (*j->p == ',') {
			j->p++;
			*more = true;
			return object ? read_key(j) : 0;
		}
		if (*j->p != (object ? '}' : ']'))
			return fail(j, j->p,
			    object ? "expected \",\" or \"}\"" :
			             "expected \",\" or \"]\"");
		if (close_container(j) == -1)
			return -1;
	}
	return 0;
}

static int
read_text(struct parser *j)
{
	size_t bad;
	bool more;

	bad = utf8_invalid_at(j->text, (size_t)(j->end - j->text));
	if (bad != UTF8_VALID)
		return fail(j, j->text + bad, "bad UTF-8");
	do {
		if (read_start(j, &more) == -1)
			return -1;
		if (!more && read_end(j, &more) == -1)
			return -1;
	} while (more);
	skip_blanks(j);
	if (j->p < j->end)
		return fail(j, j->p, "text after the value");
	return heap_over(j->heap) ? over(j) : 0;
}

static int
read_json(struct heap *h, const char *text, size_t len, bool strict, val *out,
    struct error *e)
{
	struct parser j;
	size_t i;
	int rc;

	memset(&j, 0, offsetof(struct parser, few_levels));
	j.heap = h;
	j.text = j.p = text;
	j.end = text + len;
	j.e = e;
	j.strict = strict;
	j.open = j.few_levels;
	j.items = j.few_items;
	j.items_cap = FEW_ITEMS;
	if (len >= SMALL_TEXT) {
		j.keys = xcalloc(KEY_CACHE, sizeof(val));
		for (i = 0; i < KEY_CACHE; i++)
			j.keys[i] = VAL_NIL;
	}
	rc = read_text(&j);
	if (rc == 0)
		*out = j.items[--j.nitems];
	while (j.nitems > 0)
		val_release(h, j.items[--j.nitems]);
	for (i = 0; j.keys != NULL && i < KEY_CACHE; i++)
		val_release(h, j.keys[i]);
	free(j.keys);
	heap_charge(h, -(ptrdiff_t)j.charged);
	if (j.items != j.few_items)
		free(j.items);
	if (j.open != j.few_levels)
		free(j.open);
	buf_free(&j.scratch);
	return rc;
}

int
json_read(
    struct heap *h, const char *text, size_t len, val *out, struct error *e)
{
	return read_json(h, text, len, false, out, e);
}

int
json_read_strict(
    struct heap *h, const char *text, size_t len, val *out, struct error *e)
{
	return read_json(h, text, len, true, out, e);
}
