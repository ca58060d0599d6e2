/*
 * A value to msgpack, with an explicit stack: nesting costs no C stack, and
 * the way from the root to what cannot travel is there for the message.
 *
 * Lists, errors and tasks are extensions that hold an array, so their length
 * is known only at their end: room for the longest header is left open and
 * closed up when the body turns out small.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "proto/codec_head.h"
#include "proto/proto.h"
#include "value/errval.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

enum level_kind {
	LEVEL_VECTOR,
	LEVEL_MAP,
	LEVEL_LIST,
	LEVEL_ERROR,
	LEVEL_TASK
};

struct level {
	enum level_kind kind;
	bool in_value; /* map: the value of key is being written */
	val v;         /* list: what is left */
	val key;
	val value;          /* map: pending, while the key is written */
	size_t pos;         /* elements begun */
	size_t n;           /* elements in all */
	const val *run;     /* vector: from pos on */
	size_t nrun;        /* of them left */
	struct map_iter it; /* map */
	size_t mark;        /* LIST, ERROR, TASK: begin of the header */
};

struct packer {
	struct buf *out;
	const struct pack_options *options;
	size_t start;
	size_t max;
	struct error *e;
	struct level *level;
	size_t nlevels;
	size_t room;
	size_t open;  /* levels that are extensions */
	size_t nrefs; /* those of others, and their bytes */
	size_t referred;
	struct level first[8];
};

#define FEW 8

#define EXT_ROOM  6 /* format byte, 32-bit length, type */
#define EXT_SLACK 3 /* of these, what a short body gives back */

static size_t
ext_open(struct buf *b)
{
	size_t mark = b->len;

	buf_reserve(b, EXT_ROOM);
	b->len += EXT_ROOM;
	return mark;
}

static void
ext_close(struct buf *b, size_t mark, int type)
{
	size_t n = b->len - mark - EXT_ROOM;
	char *p = b->data + mark;

	if (n <= 255) {
		p[0] = (char)0xc7;
		p[1] = (char)n;
		p[2] = (char)type;
		memmove(p + 3, p + EXT_ROOM, n);
		b->len = mark + 3 + n;
		return;
	}
	p[0] = (char)0xc9;
	p[1] = (char)(n >> 24);
	p[2] = (char)(n >> 16 & 0xff);
	p[3] = (char)(n >> 8 & 0xff);
	p[4] = (char)(n & 0xff);
	p[5] = (char)type;
}

/* ---- what went wrong, and where ---- */

static void
level_path(const struct level *l, struct buf *b)
{
	static const char *const error_part[] = {":kind", ":message", ":data"};
	static const char *const task_part[] = {
	    ":capability", ":args", "options"};

	switch (l->kind) {
	case LEVEL_VECTOR:
	case LEVEL_LIST:
		buf_addf(b, "%zu", l->pos - 1);
		break;
	case LEVEL_MAP:
		if (!l->in_value)
			buf_adds(b, "key ");
		print_short(b, l->key, 40);
		break;
	case LEVEL_ERROR:
		buf_adds(b, error_part[l->pos - 1]);
		break;
	case LEVEL_TASK:
		buf_adds(b, task_part[l->pos - 1]);
		break;
	}
}

/* "argument 2, [:x 3]", "[2 :name]", "argument 1", or nothing. */
static void
packer_path(const struct packer *p, struct buf *b)
{
	size_t i = 0, first, n = p->nlevels;

	if (n > 0 && p->options != NULL && p->options->arguments) {
		buf_addf(b, "argument %zu", p->level[0].pos);
		if (n == 1)
			return;
		buf_adds(b, ", ");
		i = 1;
	}
	if (n == 0)
		return;
	buf_addc(b, '[');
	for (first = i; i < n; i++) {
		if (i > first)
			buf_addc(b, ' ');
		if (i == first + 10) {
			buf_adds(b, "...");
			break;
		}
		level_path(&p->level[i], b);
	}
	buf_addc(b, ']');
}

/* Put the path before the message that is in *e. */
static int
packer_where(const struct packer *p, const char *between)
{
	struct buf path = BUF_INIT;
	struct error inner;

	packer_path(p, &path);
	if (path.len > 0 && p->e != NULL) {
		inner = *p->e;
		error_set(p->e, inner.kind, "%.240s%s%s", buf_str(&path),
		    between, inner.msg);
	}
	buf_free(&path);
	return -1;
}

static int
packer_refuse(const struct packer *p, const char *what)
{
	error_set(p->e, EK_ARGUMENT, "%s", what);
	return packer_where(p, ": ");
}

static int
packer_full(const struct packer *p)
{
	return error_set(p->e, EK_LIMIT,
	    "the data needs more than the %zu bytes allowed", p->max);
}

/* ---- the parts ---- */

static int
push(struct packer *p, enum level_kind kind, val v, size_t n)
{
	struct level *l;

	if (p->nlevels == WIRE_DEPTH) {
		error_set(p->e, EK_ARGUMENT, "nested deeper than %d levels",
		    MAX_DEPTH);
		return packer_where(p, ": ");
	}
	if (p->nlevels == p->room) {
		p->room *= 4;
		if (p->level == p->first) {
			p->level = xreallocarray(NULL, p->room, sizeof(*l));
			memcpy(p->level, p->first, sizeof(p->first));
		} else {
			p->level = xreallocarray(p->level, p->room, sizeof(*l));
		}
	}
	l = &p->level[p->nlevels++];
	l->kind = kind;
	l->v = v;
	l->n = n;
	l->pos = 0;
	l->nrun = 0;
	l->in_value = true;
	return 0;
}

static int
push_ext(struct packer *p, enum level_kind kind, val v, size_t n)
{
	if (push(p, kind, v, n) == -1)
		return -1;
	p->level[p->nlevels - 1].mark = ext_open(p->out);
	p->open++;
	pack_array(p->out, n);
	return 0;
}

/* Inside an extension, whose length comes first, everything is copied. */
static bool
refer(struct packer *p, val text, const char *s, size_t n)
{
	struct pack_refs *refs = p->options == NULL ? NULL : p->options->refs;

	if (refs == NULL || n < PACK_REF_MIN || refs->n == PACK_REFS ||
	    p->open > 0)
		return false;
	pack_str_head(p->out, n);
	refs->ref[refs->n].at = p->out->len;
	refs->ref[refs->n].bytes = s;
	refs->ref[refs->n].text = text;
	refs->ref[refs->n++].len = n;
	refs->total += n;
	return true;
}

static size_t
packed(const struct packer *p)
{
	size_t n = p->out->len - p->start;

	if (p->options != NULL && p->options->refs != NULL)
		n += p->options->refs->total - p->referred;
	return n;
}

static int
pack_text(struct packer *p, val v)
{
	size_t n;
	const char *s = str_bytes(v, &n);

	if (n > p->max) /* before it is copied; the rest is seen after */
		return packer_full(p);
	if (!refer(p, v, s, n))
		pack_str(p->out, s, n);
	return 0;
}

static void
pack_name(struct packer *p, int type, val v)
{
	size_t n;
	const char *s = val_name_text(v, &n);

	pack_ext(p->out, type, s, n);
}

static int
pack_big(struct packer *p, val v)
{
	struct buf b = BUF_INIT;
	struct unpack u;
	uint64_t n = 0;
	int64_t i;
	size_t k;

	if (int_to_i64(v, &i)) {
		pack_int(p->out, i);
		return 0;
	}
	int_to_bytes(v, &b);
	if (b.len == 9 && b.data[0] == 0) { /* fits 64 bits without a sign */
		unpack_init(&u, b.data, b.len);
		for (k = 1; k < 9; k++)
			n = n << 8 | u.start[k];
		pack_uint(p->out, n);
	} else {
		pack_ext(p->out, EXT_BIGINT, b.data, b.len);
	}
	buf_free(&b);
	return 0;
}

static int
packer_stays(struct packer *p, const char *what)
{
	char why[64];

	snprintf(why, sizeof(why), "a %s cannot %s", what,
	    p->options != NULL && p->options->no_way != NULL ?
	        p->options->no_way :
	        "travel to a worker");
	return packer_refuse(p, why);
}

static int
pack_function(struct packer *p, val v)
{
	size_t mark;

	if (p->options == NULL || p->options->function == NULL)
		return packer_stays(p, "function");
	mark = ext_open(p->out);
	if (p->options->function(p->options->arg, v, p->out, p->e) == -1)
		return packer_where(p, ", ");
	ext_close(p->out, mark, EXT_FUNCTION);
	return 0;
}

static int
pack_object(struct packer *p, val v)
{
	switch ((enum obj_kind)val_obj(v)->kind) {
	case O_STRING:
		return pack_text(p, v);
	case O_VECTOR:
		if (push(p, LEVEL_VECTOR, v, vec_count(v)) == -1)
			return -1;
		pack_array(p->out, vec_count(v));
		return 0;
	case O_MAP:
		if (push(p, LEVEL_MAP, v, map_count(v)) == -1)
			return -1;
		p->level[p->nlevels - 1].it = map_iter(v);
		pack_map(p->out, map_count(v));
		return 0;
	case O_LIST:
		return push_ext(p, LEVEL_LIST, v, list_count(v));
	case O_ERROR:
		return push_ext(p, LEVEL_ERROR, v, 3);
	case O_TASK:
		if (p->options == NULL || !p->options->tasks)
			return packer_stays(p, "task");
		return push_ext(p, LEVEL_TASK, v, 3);
	case O_FUNCTION:
		return pack_function(p, v);
	case O_BIGINT:
		return pack_big(p, v);
	case O_FLOAT:
		pack_float(p->out, float_get(v));
		return 0;
	default:
		return packer_refuse(p, "not a value that can travel");
	}
}

static int
pack_one(struct packer *p, val v)
{
	if (val_is_fix(v)) {
		pack_int(p->out, val_unfix(v));
		return 0;
	}
	if (val_is_obj(v))
		return pack_object(p, v);
	if (val_is_keyword(v))
		pack_name(p, EXT_KEYWORD, v);
	else if (val_is_selfloat(v))
		pack_float(p->out, float_get(v));
	else if (v == VAL_NIL)
		pack_nil(p->out);
	else if (v == VAL_TRUE || v == VAL_FALSE)
		pack_bool(p->out, v == VAL_TRUE);
	else if (v == VAL_NO_ITEMS)
		buf_add(p->out, "\xc7\x01\x03\x90", 4); /* EXT_LIST, empty */
	else if (val_is_symbol(v))
		pack_name(p, EXT_SYMBOL, v);
	else
		return packer_refuse(p, "not a value that can travel");
	return 0;
}

/* The next thing to write inside the innermost container, VAL_UNBOUND: it is
 * complete. */
static val
level_next(struct level *l)
{
	val v;

	if (l->kind == LEVEL_MAP && !l->in_value) {
		l->in_value = true;
		return l->value;
	}
	if (l->pos == l->n)
		return VAL_UNBOUND;
	l->pos++;
	switch (l->kind) {
	case LEVEL_VECTOR:
		if (l->nrun == 0)
			l->run = vec_run(l->v, l->pos - 1, &l->nrun);
		l->nrun--;
		return *l->run++;
	case LEVEL_MAP:
		map_next(&l->it, &l->key, &l->value);
		l->in_value = false;
		return l->key;
	case LEVEL_LIST:
		v = list_first(l->v);
		l->v = list_rest(l->v);
		return v;
	case LEVEL_ERROR:
		return l->pos == 1 ? val_errval(l->v)->kind :
		    l->pos == 2    ? val_errval(l->v)->message :
		                     val_errval(l->v)->data;
	case LEVEL_TASK:
		return l->pos == 1 ? val_taskval(l->v)->capability :
		    l->pos == 2    ? val_taskval(l->v)->args :
		                     val_taskval(l->v)->options;
	}
	return VAL_UNBOUND;
}

static void
level_end(struct packer *p)
{
	static const int type[] = {
	    [LEVEL_LIST] = EXT_LIST,
	    [LEVEL_ERROR] = EXT_ERROR,
	    [LEVEL_TASK] = EXT_TASK,
	};
	struct level *l = &p->level[--p->nlevels];

	if (l->kind >= LEVEL_LIST) {
		ext_close(p->out, l->mark, type[l->kind]);
		p->open--;
	}
}

static size_t
room_for(size_t max, size_t slack)
{
	return max > SIZE_MAX - slack ? SIZE_MAX : max + slack;
}

/* A number, a truth value, nil or a short text; false: something else. */
static bool
pack_plain(struct buf *out, val v)
{
	const char *s;
	size_t n;

	if (val_is_fix(v)) {
		pack_int(out, val_unfix(v));
	} else if (val_is_string(v)) {
		s = str_bytes(v, &n);
		if (n >= PACK_REF_MIN)
			return false;
		pack_str(out, s, n);
	} else if (v == VAL_NIL) {
		pack_nil(out);
	} else if (v == VAL_TRUE || v == VAL_FALSE) {
		pack_bool(out, v == VAL_TRUE);
	} else {
		return false;
	}
	return true;
}

/* Most values and arguments of tasks: one that is plain, or a few of them in a
 * vector.  false: it is not so, or over max, and nothing has been packed. */
static bool
pack_few(struct buf *out, val v, size_t max)
{
	size_t before = out->len, n, i;
	bool plain = true;

	if (!val_is_vector(v)) {
		plain = pack_plain(out, v);
	} else if ((n = vec_count(v)) <= FEW) {
		pack_array(out, n);
		for (i = 0; i < n && plain; i++)
			plain = pack_plain(out, vec_get(v, i));
	} else {
		return false;
	}
	if (plain && out->len - before <= max)
		return true;
	out->len = before;
	return false;
}

int
pack_val(struct buf *out, val v, const struct pack_options *options, size_t max,
    struct error *e)
{
	struct error own ATTR_SCRATCH;
	struct packer p ATTR_SCRATCH;
	int rc;

	if (pack_few(out, v, max))
		return 0;
	p.out = out;
	p.options = options;
	p.start = out->len;
	p.max = max;
	p.e = e != NULL ? e : &own;
	p.level = p.first;
	p.nlevels = 0;
	p.open = 0;
	p.nrefs = 0;
	p.referred = 0;
	if (options != NULL && options->refs != NULL) {
		p.nrefs = options->refs->n;
		p.referred = options->refs->total;
	}
	p.room = NITEMS(p.first);
	for (;;) {
		rc = pack_one(&p, v);
		if (rc == 0 && packed(&p) > room_for(max, p.open * EXT_SLACK)) {
			rc = packer_full(&p);
		}
		if (rc == -1)
			break;
		v = VAL_UNBOUND;
		while (p.nlevels > 0 &&
		    (v = level_next(&p.level[p.nlevels - 1])) == VAL_UNBOUND) {
			level_end(&p);
		}
		if (v == VAL_UNBOUND)
			break;
	}
	if (rc == 0 && packed(&p) > max)
		rc = packer_full(&p);
	if (rc == -1)
		out->len = p.start;
	if (rc == -1 && options != NULL && options->refs != NULL) {
		options->refs->n = p.nrefs;
		options->refs->total = p.referred;
	}
	if (p.level != p.first)
		free(p.level);
	return rc;
}
