/*
 * The structure of texts: brackets, prefixes, comments.  One loop over the
 * bytes with its own stack of open frames; finished forms wait on a second
 * stack until their container closes and takes them all.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "value/equal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/reader_impl.h"
#include "value/token.h"
#include "value/vector.h"

#define SMALL_MAP 8 /* entries up to which keys are compared pair by pair */

static const struct {
	const char *open;
	char close;       /* 0: one form follows instead */
	const char *form; /* symbol that stands for a prefix */
} kinds[] = {
    [FRAME_LIST] = {"(",  ')', NULL              },
    [FRAME_VECTOR] = {"[",  ']', NULL              },
    [FRAME_MAP] = {"{",  '}', NULL              },
    [FRAME_FN] = {"#(", ')', NULL              },
    [FRAME_QUOTE] = {"'",  0,   "quote"           },
    [FRAME_QUASI] = {"`",  0,   "quasiquote"      },
    [FRAME_UNQUOTE] = {"~",  0,   "unquote"         },
    [FRAME_SPLICE] = {"~@", 0,   "unquote-splicing"},
    [FRAME_META] = {"^",  0,   NULL              },
    [FRAME_DISCARD] = {"#_", 0,   NULL              },
};

int
reader_fail(struct reader *r, size_t offset, const char *fmt, ...)
{
	char msg[512];
	unsigned int line, column;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	text_place(r->text, (size_t)(r->end - r->text), offset, &line, &column);
	return error_at(r->e, line, column, "%s", msg);
}

int
reader_over(struct reader *r, size_t offset)
{
	error_set(r->e, EK_LIMIT, "the memory limit of %zu bytes is passed",
	    heap_limit(r->heap));
	if (r->e != NULL) {
		text_place(r->text, (size_t)(r->end - r->text), offset,
		    &r->e->line, &r->e->column);
	}
	return -1;
}

static int
grow_items(struct reader *r, size_t offset)
{
	size_t cap = r->items_cap == 0 ? 256 : r->items_cap * 2;
	size_t more = (cap - r->items_cap) * (sizeof(val) + sizeof(uint32_t));

	if (!heap_room(r->heap, more))
		return reader_over(r, offset);
	heap_charge(r->heap, (ptrdiff_t)more);
	r->charged += more;
	r->items = xreallocarray(r->items, cap, sizeof(*r->items));
	r->offsets = xreallocarray(r->offsets, cap, sizeof(*r->offsets));
	r->items_cap = cap;
	return 0;
}

static int
push_item(struct reader *r, val v, size_t offset)
{
	if (UNLIKELY(r->nitems == r->items_cap) &&
	    grow_items(r, offset) == -1) {
		val_release(r->heap, v);
		return -1;
	}
	r->items[r->nitems] = v;
	r->offsets[r->nitems++] = (uint32_t)offset;
	return 0;
}

static int
open_frame(struct reader *r, enum frame_kind kind, size_t width)
{
	size_t offset = (size_t)(r->p - r->text);
	struct frame *up = r->nframes > 0 ? &r->frames[r->nframes - 1] : NULL;
	struct frame f = {.base = r->nitems, .offset = (uint32_t)offset};

	f.kind = (uint8_t)kind;
	f.depth = (up != NULL ? up->depth : 0) + 1 + (kind == FRAME_FN);
	f.quasi = up != NULL ? up->quasi : 0;
	f.data = r->map == NULL || kind == FRAME_QUOTE ||
	    (up != NULL &&
	        (up->data ||
	            (up->kind == FRAME_LIST && r->nitems > up->base &&
	                r->items[up->base] == r->quote)));
	if (kind == FRAME_QUASI)
		f.quasi++;
	else if (kind == FRAME_UNQUOTE || kind == FRAME_SPLICE)
		f.quasi--;
	if (f.depth > r->max_depth) {
		return reader_fail(
		    r, offset, "nested more than %u levels deep", r->max_depth);
	}
	if (r->nframes == r->frames_cap) {
		r->frames_cap = r->frames_cap == 0 ? 32 : r->frames_cap * 2;
		r->frames = xreallocarray(r->frames, r->frames_cap, sizeof(f));
	}
	r->frames[r->nframes++] = f;
	r->p += width;
	return 0;
}

/* Remember where a list's cells stood; the first one's place as a container
 * is "self". */
static void
map_list(struct reader *r, val list, const uint32_t *offsets, size_t self)
{
	if (r->map == NULL || list == VAL_NO_ITEMS)
		return;
	for (; list != VAL_NO_ITEMS; list = list_rest(list)) {
		srcmap_add_parts(r->map, val_obj(list), offsets++, 1, self);
		self = SRCMAP_NONE;
	}
}

/* The same for a vector or a map of n parts. */
static void
map_parts(
    struct reader *r, val v, const uint32_t *offsets, size_t n, size_t self)
{
	if (r->map != NULL)
		srcmap_add_parts(r->map, val_obj(v), offsets, n, self);
}

/* (name a) or (name a b); consumes the arguments; b may be VAL_UNBOUND. */
static val
wrap(struct reader *r, const char *name, val a, val b, const uint32_t at[3])
{
	val items[3] = {symbol_from(name), a, b};
	val list = list_new(r->heap, items, b == VAL_UNBOUND ? 2 : 3);

	map_list(r, list, at, at[0]);
	return list;
}

/* May a value of another word be equal to this one? */
static inline bool
is_wide(val v)
{
	return val_is_obj(v) || val_is_selfloat(v);
}

/* Two equal keys among the pairs from base on: index of the second one, or
 * SIZE_MAX. */
static size_t
find_twin(const struct reader *r, size_t base)
{
	size_t i, k;
	val a, b;

	for (i = base + 2; i < r->nitems; i += 2) {
		a = r->items[i];
		for (k = base; k < i; k += 2) {
			b = r->items[k];
			if (a == b ||
			    (is_wide(a) && is_wide(b) && val_same_key(a, b)))
				return i;
		}
	}
	return SIZE_MAX;
}

/* The same for many pairs, in linear time. */
static size_t
find_twin_hashed(struct reader *r, size_t base)
{
	val seen = map_empty(r->heap);
	size_t i, found = SIZE_MAX;

	for (i = base; i < r->nitems && found == SIZE_MAX; i += 2) {
		if (map_get(seen, r->items[i]) != VAL_UNBOUND)
			found = i;
		else
			seen = map_assoc(
			    r->heap, seen, val_retain(r->items[i]), VAL_NIL);
	}
	val_release(r->heap, seen);
	return found;
}

static void
add_work(struct buf *work, val v)
{
	buf_add(work, &v, sizeof(v));
}

/* Does evaluating this form always give the same value? */
static bool
is_constant(struct reader *r, val v)
{
	struct buf work = BUF_INIT;
	struct map_iter it;
	bool constant = true;
	size_t i;
	val k, x;

	add_work(&work, v);
	while (constant && work.len > 0) {
		work.len -= sizeof(v);
		memcpy(&v, work.data + work.len, sizeof(v));
		if (val_is_symbol(v)) {
			constant = false;
		} else if (val_is_kind(v, O_LIST)) {
			constant = list_first(v) == r->quote;
		} else if (val_is_vector(v)) {
			for (i = 0; i < vec_count(v); i++)
				add_work(&work, vec_get(v, i));
		} else if (val_is_map(v)) {
			it = map_iter(v);
			while (map_next(&it, &k, &x)) {
				add_work(&work, k);
				add_work(&work, x);
			}
		}
	}
	buf_free(&work);
	return constant;
}

/* A literal with two equal keys: an error where they are constants, else the
 * form (hash-map* ...), which evaluates them one after the other. */
static int
twin_keys(struct reader *r, const struct frame *f, size_t twin, val *out)
{
	struct buf shown = BUF_INIT;
	size_t n = r->nitems - f->base;

	if (f->data || is_constant(r, r->items[twin])) {
		print_short(&shown, r->items[twin], 60);
		reader_fail(r, r->offsets[twin],
		    "the key %s stands twice in this map", buf_str(&shown));
		buf_free(&shown);
		return -1;
	}
	if (push_item(r, VAL_NIL, f->offset) == -1)
		return -1;
	memmove(&r->items[f->base + 1], &r->items[f->base], n * sizeof(val));
	memmove(&r->offsets[f->base + 1], &r->offsets[f->base],
	    n * sizeof(uint32_t));
	r->items[f->base] = symbol_from("hash-map*");
	r->offsets[f->base] = f->offset;
	*out = list_new(r->heap, &r->items[f->base], n + 1);
	map_list(r, *out, &r->offsets[f->base], f->offset);
	r->nitems = f->base;
	return 0;
}

static int
close_map(struct reader *r, const struct frame *f, val *out)
{
	size_t i, n = r->nitems - f->base, twin;
	val *items = &r->items[f->base];

	if (n % 2 != 0) {
		return reader_fail(r, r->offsets[r->nitems - 1],
		    "this key has no value: an odd number of forms in a map");
	}
	if (n / 2 <= SMALL_MAP) {
		if ((twin = find_twin(r, f->base)) != SIZE_MAX)
			return twin_keys(r, f, twin, out);
		*out = map_new(r->heap, items, n / 2);
	} else {
		for (i = 0; i < n; i++)
			val_retain(items[i]);
		*out = map_new(r->heap, items, n / 2);
		if (map_count(*out) != n / 2) {
			val_release(r->heap, *out);
			twin = find_twin_hashed(r, f->base);
			return twin_keys(r, f, twin, out);
		}
		for (i = 0; i < n; i++)
			val_release(r->heap, items[i]);
	}
	map_parts(r, *out, &r->offsets[f->base], n, f->offset);
	r->nitems = f->base;
	return 0;
}

/* #(body) as (fn [%1 %2 & %&] (body)). */
static val
close_fn(struct reader *r, const struct frame *f, val body)
{
	uint32_t at[3] = {f->offset, f->offset, f->offset};
	val params = vec_empty(r->heap);
	char name[16];
	unsigned int i;

	for (i = 1; i <= r->fn_high; i++) {
		snprintf(name, sizeof(name), "%%%u", i);
		params = vec_push(r->heap, params, symbol_from(name));
	}
	if (r->fn_rest) {
		params = vec_push(r->heap, params, symbol_from("&"));
		params = vec_push(r->heap, params, symbol_from("%&"));
	}
	if (r->map != NULL)
		srcmap_add(r->map, val_obj(params), SRCMAP_SELF, f->offset);
	r->in_fn = false;
	return wrap(r, "fn", params, body, at);
}

static int
wrong_close(struct reader *r, char c, size_t offset)
{
	const struct frame *f;
	unsigned int line, column;

	if (r->nframes == 0) {
		return reader_fail(r, offset,
		    "\"%c\" closes nothing: no bracket is open here", c);
	}
	f = &r->frames[r->nframes - 1];
	if (kinds[f->kind].close == 0) {
		return reader_fail(r, f->offset, "\"%s\" needs a form after it",
		    kinds[f->kind].open);
	}
	text_place(
	    r->text, (size_t)(r->end - r->text), f->offset, &line, &column);
	return reader_fail(r, offset,
	    "\"%c\" cannot close the \"%s\" of line %u, column %u; "
	    "expected \"%c\"",
	    c, kinds[f->kind].open, line, column, kinds[f->kind].close);
}

static int
close_frame(struct reader *r, char c)
{
	size_t offset = (size_t)(r->p - r->text), n;
	struct frame f;
	val v = VAL_UNBOUND;

	if (r->nframes == 0 || kinds[r->frames[r->nframes - 1].kind].close != c)
		return wrong_close(r, c, offset);
	if (UNLIKELY(heap_over(r->heap)))
		return reader_over(r, offset);
	f = r->frames[r->nframes - 1];
	n = r->nitems - f.base;
	switch (f.kind) {
	case FRAME_VECTOR:
		v = vec_new(r->heap, r->items + f.base, n);
		map_parts(r, v, r->offsets + f.base, n, f.offset);
		r->nitems = f.base;
		break;
	case FRAME_MAP:
		if (close_map(r, &f, &v) == -1)
			return -1;
		break;
	default:
		v = list_new(r->heap, r->items + f.base, n);
		map_list(r, v, r->offsets + f.base, f.offset);
		r->nitems = f.base;
		if (f.kind == FRAME_FN)
			v = close_fn(r, &f, v);
		break;
	}
	r->nframes--;
	r->p++;
	return reader_form(r, v, f.offset);
}

/* The metadata itself is complete: it waits as an item for its form. */
static int
metadata(struct reader *r, val v, size_t offset)
{
	val pair[2] = {v, VAL_TRUE};

	if (val_is_keyword(v)) {
		v = map_new(r->heap, pair, 1);
		if (r->map != NULL)
			srcmap_add(r->map, val_obj(v), SRCMAP_SELF, offset);
	} else if (!val_is_map(v)) {
		val_release(r->heap, v);
		return reader_fail(
		    r, offset, "metadata must be a map or a keyword");
	}
	return push_item(r, v, offset);
}

/* The frame on top is a prefix and v its form.  Returns true when the frame
 * is gone and *v and *offset are the form that it became. */
static bool
finish_prefix(struct reader *r, const struct frame *f, val *v, size_t *offset)
{
	uint32_t at[3] = {f->offset, (uint32_t)*offset, (uint32_t)*offset};
	val meta;

	r->nframes--;
	if (f->kind == FRAME_DISCARD) {
		val_release(r->heap, *v);
		return false;
	}
	if (f->kind != FRAME_META) {
		*v = wrap(r, kinds[f->kind].form, *v, VAL_UNBOUND, at);
		*offset = f->offset;
		return true;
	}
	meta = r->items[--r->nitems];
	if (f->data) {
		val_release(r->heap, meta);
		return true;
	}
	at[1] = r->offsets[r->nitems];
	*v = wrap(r, "with-meta*", meta, *v, at);
	*offset = f->offset;
	return true;
}

int
reader_form(struct reader *r, val v, size_t offset)
{
	struct frame f;

	while (r->nframes > 0) {
		f = r->frames[r->nframes - 1];
		if (LIKELY(f.kind <= FRAME_FN))
			return push_item(r, v, offset);
		if (f.kind == FRAME_META && f.base == r->nitems)
			return metadata(r, v, offset);
		if (!finish_prefix(r, &f, &v, &offset))
			return 0;
	}
	if (r->single && r->nitems == 1) {
		val_release(r->heap, v);
		return reader_fail(
		    r, offset, "one form is wanted and here begins a second");
	}
	return push_item(r, v, offset);
}

static int
block_comment(struct reader *r)
{
	size_t offset = (size_t)(r->p - r->text), depth = 1;
	const char *p = r->p + 2;

	while (depth > 0) {
		if (r->end - p < 2) {
			r->unfinished = true;
			return reader_fail(r, offset,
			    "this comment is never closed with \"|#\"");
		}
		if (p[0] == '|' && p[1] == '#') {
			depth--;
			p += 2;
		} else if (p[0] == '#' && p[1] == '|') {
			depth++;
			p += 2;
		} else {
			p++;
		}
	}
	r->p = p;
	return 0;
}

static void
skip_line(struct reader *r)
{
	const char *nl = memchr(r->p, '\n', (size_t)(r->end - r->p));

	r->p = nl != NULL ? nl + 1 : r->end;
}

static int
dispatch(struct reader *r) /* at a "#" */
{
	size_t offset = (size_t)(r->p - r->text);

	switch (r->end - r->p > 1 ? r->p[1] : ' ') {
	case '(':
		if (r->in_fn) {
			return reader_fail(r, offset,
			    "\"#(\" cannot stand inside \"#(\"; use fn");
		}
		if (open_frame(r, FRAME_FN, 2) == -1)
			return -1;
		r->in_fn = true;
		r->fn_rest = false;
		r->fn_high = 0;
		return 0;
	case '_':
		return open_frame(r, FRAME_DISCARD, 2);
	case '|':
		return block_comment(r);
	case '#':
		return reader_special(r);
	case '{':
		return reader_fail(r, offset, "there are no sets (\"#{\")");
	case '"':
		return reader_fail(r, offset,
		    "there are no regex literals (#\"...\"); "
		    "a pattern is a string");
	case '\'':
		return reader_fail(r, offset, "there are no vars (\"#'\")");
	case '<':
		return reader_fail(r, offset,
		    "\"#<...>\" is printed for what cannot be read back");
	default:
		return reader_fail(
		    r, offset, "\"#\" must be followed by one of ( _ | #");
	}
}

static int
read_form_part(struct reader *r)
{
	size_t offset = (size_t)(r->p - r->text);
	bool splice;

	switch (*r->p) {
	case '(':
		return open_frame(r, FRAME_LIST, 1);
	case '[':
		return open_frame(r, FRAME_VECTOR, 1);
	case '{':
		return open_frame(r, FRAME_MAP, 1);
	case ')':
	case ']':
	case '}':
		return close_frame(r, *r->p);
	case '"':
		return reader_string(r);
	case ':':
		return reader_keyword(r);
	case ';':
		skip_line(r);
		return 0;
	case '\'':
		return open_frame(r, FRAME_QUOTE, 1);
	case '`':
		return open_frame(r, FRAME_QUASI, 1);
	case '~':
		splice = r->end - r->p > 1 && r->p[1] == '@';
		return open_frame(
		    r, splice ? FRAME_SPLICE : FRAME_UNQUOTE, splice ? 2 : 1);
	case '^':
		return open_frame(r, FRAME_META, 1);
	case '#':
		return dispatch(r);
	case '\\':
		return reader_fail(r, offset,
		    "there are no character literals; write \"a\" for \\a");
	case '@':
		return reader_fail(
		    r, offset, "there is nothing to dereference (\"@\")");
	default:
		return reader_token(r);
	}
}

static int
end_of_text(struct reader *r)
{
	const struct frame *f;

	if (r->nframes > 0) {
		r->unfinished = true;
		f = &r->frames[r->nframes - 1];
		if (kinds[f->kind].close == 0) {
			return reader_fail(r, f->offset,
			    "\"%s\" needs a form after it",
			    kinds[f->kind].open);
		}
		return reader_fail(r, f->offset,
		    "this \"%s\" is never closed with \"%c\"",
		    kinds[f->kind].open, kinds[f->kind].close);
	}
	if (r->single && r->nitems == 0)
		return reader_fail(r, (size_t)(r->end - r->text),
		    "there is no form in this text");
	if (heap_over(r->heap))
		return reader_over(r, (size_t)(r->end - r->text));
	return 0;
}

static int
read_text(struct reader *r)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t len = (size_t)(r->end - r->text), bad;

	if ((uint64_t)len >= UINT32_MAX)
		return error_set(r->e, EK_LIMIT, "a text of 4 GiB or more");
	if ((bad = utf8_invalid_at(r->text, len)) != UTF8_VALID) {
		return reader_fail(r, bad,
		    "this is not UTF-8 (byte 0x%02x at offset %zu)",
		    (unsigned char)r->text[bad], bad);
	}
	if (len >= 3 && memcmp(r->p, bom, 3) == 0)
		r->p += 3;
	if (r->end - r->p >= 2 && memcmp(r->p, "#!", 2) == 0)
		skip_line(r);
	for (;;) {
		while (r->p < r->end && TOKEN_IS(*r->p, TOKEN_BLANK))
			r->p++;
		if (r->p == r->end)
			return end_of_text(r);
		if (read_form_part(r) == -1)
			return -1;
	}
}

static int
read_with(struct reader *r, const struct reader_options *o)
{
	int rc;

	r->max_depth = o != NULL && o->max_depth > 0 ? o->max_depth : MAX_DEPTH;
	r->map = o != NULL ? o->map : NULL;
	r->quote = symbol_from("quote");
	r->p = r->text;
	rc = read_text(r);
	heap_charge(r->heap, -(ptrdiff_t)r->charged);
	free(r->frames);
	buf_free(&r->scratch);
	return rc;
}

static void
drop_items(struct reader *r)
{
	while (r->nitems > 0)
		val_release(r->heap, r->items[--r->nitems]);
}

int
read_all(struct heap *h, const char *text, size_t len,
    const struct reader_options *o, val *forms, struct error *e)
{
	struct reader r = {.heap = h, .text = text, .end = text + len, .e = e};
	int rc = read_with(&r, o);

	if (rc == 0) {
		*forms = vec_new(h, r.items, r.nitems);
		map_parts(&r, *forms, r.offsets, r.nitems, 0);
	} else {
		drop_items(&r);
	}
	free(r.items);
	free(r.offsets);
	return rc;
}

int
read_one(struct heap *h, const char *text, size_t len,
    const struct reader_options *o, val *form, struct error *e)
{
	struct reader r = {.heap = h, .text = text, .end = text + len, .e = e};
	int rc;

	r.single = true;
	rc = read_with(&r, o);
	if (rc == 0)
		*form = r.items[0];
	else
		drop_items(&r);
	free(r.items);
	free(r.offsets);
	return rc;
}

bool
text_unfinished(const char *text, size_t len)
{
	struct heap *h = heap_new(0);
	struct reader r = {.heap = h, .text = text, .end = text + len};
	struct reader_options code = {.map = srcmap_new()};

	(void)read_with(&r, &code);
	drop_items(&r);
	free(r.items);
	free(r.offsets);
	srcmap_free(code.map);
	heap_free(h);
	return r.unfinished;
}
