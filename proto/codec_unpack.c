/*
 * msgpack to a value, built straight from the bytes onto a heap.  The bytes
 * may come from a hostile worker: an explicit stack with a bound on levels,
 * counts checked against the bytes that remain (codec_head.h), text checked
 * to be UTF-8, memory asked of the heap before it is taken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "proto/codec_head.h"
#include "proto/proto.h"
#include "value/errval.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/token.h"
#include "value/vector.h"

/* What a new name takes beside its text: as the reader counts it. */
#define NAME_COST 64

enum level_kind {
	LEVEL_VECTOR,
	LEVEL_MAP,
	LEVEL_LIST,
	LEVEL_ERROR,
	LEVEL_TASK
};

struct level {
	enum level_kind kind;
	size_t want; /* values that are still to come */
	size_t base; /* where its values begin in the stack of values */
	const unsigned char *at;  /* where it began, for messages */
	const unsigned char *end; /* end of the bytes outside of it */
};

struct builder {
	struct heap *heap;
	struct unpack *u;
	const struct unpack_options *options;
	struct error *e;
	uint32_t names; /* in the table when we began */
	struct level *level;
	size_t nlevels;
	size_t level_room;
	val *vals;
	size_t nvals;
	size_t val_room;
	struct level first_level[8];
	val first_val[32];
};

static int
heap_full(struct builder *b)
{
	return error_set(
	    b->e, EK_LIMIT, "the data does not fit the memory allowed");
}

static int
keep(struct builder *b, val v)
{
	size_t room;

	if (UNLIKELY(b->nvals == b->val_room)) {
		room = b->val_room * 2;
		if (!heap_room(b->heap, room * sizeof(val))) {
			val_release(b->heap, v);
			return heap_full(b);
		}
		if (b->vals == b->first_val) {
			b->vals = xreallocarray(NULL, room, sizeof(val));
			memcpy(b->vals, b->first_val, sizeof(b->first_val));
		} else {
			b->vals = xreallocarray(b->vals, room, sizeof(val));
		}
		b->val_room = room;
	}
	b->vals[b->nvals++] = v;
	return 0;
}

static int
open_level(struct builder *b, enum level_kind kind, size_t want,
    const unsigned char *at, const unsigned char *end)
{
	struct level *l;

	if (b->nlevels == WIRE_DEPTH) {
		return codec_bad(
		    b->u, at, b->e, "nested deeper than %d levels", MAX_DEPTH);
	}
	if (b->nlevels == b->level_room) {
		b->level_room *= 4;
		if (b->level == b->first_level) {
			b->level =
			    xreallocarray(NULL, b->level_room, sizeof(*l));
			memcpy(
			    b->level, b->first_level, sizeof(b->first_level));
		} else {
			b->level =
			    xreallocarray(b->level, b->level_room, sizeof(*l));
		}
	}
	l = &b->level[b->nlevels++];
	l->kind = kind;
	l->want = want;
	l->base = b->nvals;
	l->at = at;
	l->end = end;
	return 0;
}

/* ---- single values ---- */

static int
text_ok(struct builder *b, const struct head *h)
{
	size_t bad = utf8_invalid_at((const char *)h->body, h->n);

	if (LIKELY(bad == UTF8_VALID))
		return 0;
	return codec_bad(b->u, h->body + bad, b->e, "text is not UTF-8");
}

static int
build_elsewhere(struct builder *b, const struct head *h, val *out)
{
	struct unpack_texts *t = b->u->texts;

	t->next++;
	return t->take(t->arg, b->heap, h->n, out, b->e);
}

static int
build_string(struct builder *b, const struct head *h, val *out)
{
	char *bytes;
	size_t bad;
	val v;

	if (UNLIKELY(h->body == NULL))
		return build_elsewhere(b, h, out);
	if (!heap_room(b->heap, h->n + 64))
		return heap_full(b);
	v = str_blank(b->heap, h->n, &bytes);
	memcpy(bytes, h->body, h->n);
	bad = str_check(v);
	if (UNLIKELY(bad != UTF8_VALID)) {
		val_release(b->heap, v);
		return codec_bad(
		    b->u, h->body + bad, b->e, "text is not UTF-8");
	}
	*out = v;
	return 0;
}

static int
build_name(struct builder *b, const struct head *h, val *out)
{
	bool keyword = h->ext == EXT_KEYWORD;
	uint32_t name, before;
	const char *problem;

	if (text_ok(b, h) == -1)
		return -1;
	if (h->n > MAX_NAME) {
		return codec_bad(b->u, h->body, b->e,
		    "a name of %zu bytes, at most %u allowed", h->n, MAX_NAME);
	}
	problem = token_name_problem((const char *)h->body, h->n, keyword);
	if (problem != NULL) {
		return codec_bad(b->u, h->body, b->e, "no %s: %s",
		    keyword ? "keyword" : "symbol", problem);
	}
	before = name_count();
	name = name_intern((const char *)h->body, h->n);
	if (name_count() != before) /* it stays when the value goes */
		heap_charge(b->heap, (ptrdiff_t)(h->n + NAME_COST));
	if (b->options != NULL && b->options->max_names > 0 &&
	    name_count() - b->names > b->options->max_names) {
		return codec_bad(b->u, h->body, b->e,
		    "more than %u names not seen before",
		    b->options->max_names);
	}
	*out = keyword ? val_keyword(name) : val_symbol(name);
	return 0;
}

/* Shortest form of an integer outside int64: one number, one encoding. */
static int
build_bigint(struct builder *b, const struct head *h, val *out)
{
	const unsigned char *p = h->body;

	if (h->n <= 8 || (p[0] == 0 && p[1] < 0x80) ||
	    (p[0] == 0xff && p[1] >= 0x80)) {
		return codec_bad(
		    b->u, p, b->e, "a big integer is not in its shortest form");
	}
	if (!heap_room(b->heap, h->n + 64))
		return heap_full(b);
	*out = int_from_bytes(b->heap, p, h->n);
	return 0;
}

static uint64_t
be(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* msgpack's timestamp to RFC 3339 text; the fraction only as long as needed. */
static int
build_timestamp(struct builder *b, const struct head *h, val *out)
{
	char text[64];
	struct tm tm;
	uint64_t ns = 0;
	time_t t;
	size_t n;

	switch (h->n) {
	case 4:
		t = (time_t)be(h->body, 4);
		break;
	case 8:
		ns = be(h->body, 8);
		t = (time_t)(ns & UINT64_C(0x3ffffffff));
		ns >>= 34;
		break;
	case 12:
		ns = be(h->body, 4);
		t = (time_t)be(h->body + 4, 8);
		break;
	default:
		return codec_bad(
		    b->u, h->body, b->e, "a timestamp of %zu bytes", h->n);
	}
	/* years 0000 to 9999 */
	if (ns > 999999999 || t < -62167219200 || t > 253402300799 ||
	    gmtime_r(&t, &tm) == NULL) {
		return codec_bad(
		    b->u, h->body, b->e, "a timestamp is out of range");
	}
	n = (size_t)snprintf(text, sizeof(text),
	    "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (ns > 0) {
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, ".%09u", (unsigned int)ns);
		while (text[n - 1] == '0')
			n--;
	}
	text[n++] = 'Z';
	*out = str_new(b->heap, text, n);
	return 0;
}

static int
build_function(struct builder *b, const struct head *h, val *out)
{
	struct error inner;

	if (b->options == NULL || b->options->function == NULL) {
		return codec_bad(
		    b->u, h->body, b->e, "a function is not allowed here");
	}
	if (b->options->function(b->options->arg, h->body, h->n, out, &inner) ==
	    -1) {
		if (b->e != NULL)
			*b->e = inner;
		return -1;
	}
	return 0;
}

/*
 * A list, error or task: an array that fills the body of an extension.  Until
 * it is complete that body is all there is to read.
 */
static int
open_ext(struct builder *b, const struct head *h, enum level_kind kind,
    size_t members, val *out)
{
	const unsigned char *end = b->u->end;
	struct head inner;

	b->u->at = h->body;
	b->u->end = h->body + h->n;
	if (head_next(b->u, &inner, b->e) == -1)
		return -1;
	if (inner.kind != HEAD_ARRAY || (members > 0 && inner.n != members)) {
		return codec_bad(b->u, h->body, b->e,
		    "extension %d does not hold %s", h->ext,
		    members > 0 ? "an array of 3" : "an array");
	}
	if (inner.n > 0)
		return open_level(b, kind, inner.n, h->body, end);
	if (b->u->at != b->u->end) {
		return codec_bad(b->u, b->u->at, b->e,
		    "bytes are left over in extension %d", h->ext);
	}
	b->u->end = end;
	*out = VAL_NO_ITEMS;
	return 0;
}

static int
build_ext(
    struct builder *b, const struct head *h, const unsigned char *at, val *out)
{
	switch (h->ext) {
	case EXT_KEYWORD:
	case EXT_SYMBOL:
		return build_name(b, h, out);
	case EXT_LIST:
		return open_ext(b, h, LEVEL_LIST, 0, out);
	case EXT_ERROR:
		return open_ext(b, h, LEVEL_ERROR, 3, out);
	case EXT_BIGINT:
		return build_bigint(b, h, out);
	case EXT_TIMESTAMP:
		return build_timestamp(b, h, out);
	case EXT_FUNCTION:
		return build_function(b, h, out);
	case EXT_TASK:
		if (b->options != NULL && b->options->tasks)
			return open_ext(b, h, LEVEL_TASK, 3, out);
		return codec_bad(b->u, at, b->e, "a task is not allowed here");
	default:
		return codec_bad(
		    b->u, at, b->e, "unknown extension %d", h->ext);
	}
}

/* One value, or the opening of a container (*out stays VAL_UNBOUND). */
static int
build_one(struct builder *b, val *out)
{
	const unsigned char *at = b->u->at;
	struct head h;

	*out = VAL_UNBOUND;
	if (head_next(b->u, &h, b->e) == -1)
		return -1;
	switch (h.kind) {
	case HEAD_NIL:
		*out = VAL_NIL;
		return 0;
	case HEAD_BOOL:
		*out = val_bool(h.as.b);
		return 0;
	case HEAD_INT:
		*out = int_from(b->heap, h.as.i);
		return 0;
	case HEAD_UINT:
		*out = int_from_u64(b->heap, h.as.u);
		return 0;
	case HEAD_FLOAT:
		*out = float_from(b->heap, h.as.f);
		return 0;
	case HEAD_STR:
		return build_string(b, &h, out);
	case HEAD_ARRAY:
		if (h.n == 0) {
			*out = vec_empty(b->heap);
			return 0;
		}
		return open_level(b, LEVEL_VECTOR, h.n, at, b->u->end);
	case HEAD_MAP:
		if (h.n == 0) {
			*out = map_empty(b->heap);
			return 0;
		}
		return open_level(b, LEVEL_MAP, 2 * h.n, at, b->u->end);
	case HEAD_EXT:
		return build_ext(b, &h, at, out);
	case HEAD_BIN:
		return codec_bad(
		    b->u, at, b->e, "binary data is not a value; send text");
	}
	return codec_bad(b->u, at, b->e, "unknown header");
}

/* ---- containers ---- */

static int
close_map(struct builder *b, const struct level *l, size_t n, val *out)
{
	*out = map_new(b->heap, b->vals + l->base, n / 2);
	if (map_count(*out) == n / 2)
		return 0;
	val_release(b->heap, *out);
	return codec_bad(b->u, l->at, b->e, "a map has a key twice");
}

static int
close_error(struct builder *b, const struct level *l, val *out)
{
	val *v = b->vals + l->base;

	if (val_is_keyword(v[0]) && val_is_string(v[1]) && val_is_map(v[2])) {
		*out = errval_new(b->heap, v[0], v[1], v[2]);
		return 0;
	}
	b->nvals = l->base + 3; /* still ours to release */
	return codec_bad(
	    b->u, l->at, b->e, "an error is not [keyword, text, map]");
}

static int
close_task(struct builder *b, const struct level *l, val *out)
{
	val *v = b->vals + l->base;

	if ((val_is_keyword(v[0]) || val_is_string(v[0]) ||
	        val_is_kind(v[0], O_FUNCTION)) &&
	    val_is_vector(v[1]) && (v[2] == VAL_NIL || val_is_map(v[2]))) {
		*out = taskval_new(b->heap, v[0], v[1], v[2]);
		return 0;
	}
	b->nvals = l->base + 3;
	return codec_bad(b->u, l->at, b->e,
	    "a task is not [capability, arguments, options]");
}

/* The innermost container has all its values: make it. */
static int
close_level(struct builder *b, val *out)
{
	const struct level *l = &b->level[--b->nlevels];
	size_t n = b->nvals - l->base;

	if (l->kind >= LEVEL_LIST && b->u->at != b->u->end) {
		return codec_bad(b->u, b->u->at, b->e,
		    "bytes are left over in an extension");
	}
	b->u->end = l->end;
	/* what the container costs beside its values, at most */
	if (!heap_room(b->heap, n * 40 + 64))
		return heap_full(b);
	b->nvals = l->base;
	switch (l->kind) {
	case LEVEL_VECTOR:
		*out = vec_new(b->heap, b->vals + l->base, n);
		return 0;
	case LEVEL_MAP:
		return close_map(b, l, n, out);
	case LEVEL_LIST:
		*out = list_new(b->heap, b->vals + l->base, n);
		return 0;
	case LEVEL_ERROR:
		return close_error(b, l, out);
	case LEVEL_TASK:
		return close_task(b, l, out);
	}
	return -1;
}

static int
build(struct builder *b, val *out)
{
	val v;

	for (;;) {
		if (build_one(b, &v) == -1)
			return -1;
		while (v != VAL_UNBOUND) {
			if (b->nlevels == 0) {
				*out = v;
				return 0;
			}
			if (keep(b, v) == -1)
				return -1;
			v = VAL_UNBOUND;
			if (--b->level[b->nlevels - 1].want == 0 &&
			    close_level(b, &v) == -1) {
				return -1;
			}
		}
	}
}

int
unpack_val(struct heap *h, struct unpack *u,
    const struct unpack_options *options, val *out, struct error *e)
{
	struct builder b ATTR_SCRATCH;
	const unsigned char *end = u->end;
	int rc;

	b.heap = h;
	b.u = u;
	b.options = options;
	b.e = e;
	b.names = name_count();
	b.level = b.first_level;
	b.nlevels = 0;
	b.level_room = NITEMS(b.first_level);
	b.vals = b.first_val;
	b.nvals = 0;
	b.val_room = NITEMS(b.first_val);
	rc = build(&b, out);
	if (rc == -1) {
		while (b.nvals > 0)
			val_release(h, b.vals[--b.nvals]);
		u->end = end;
	}
	if (b.level != b.first_level)
		free(b.level);
	if (b.vals != b.first_val)
		free(b.vals);
	return rc;
}
