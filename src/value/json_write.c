/*
 * Values to JSON text.  Open containers are on a stack of our own, which also
 * gives the path of what cannot be written.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "value/errval.h"
#include "value/json.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/numtext.h"
#include "value/path.h"
#include "value/string.h"
#include "value/vector.h"
#include "value/work.h"

struct open {
	val v;    /* a list: what is left of it */
	size_t i; /* parts written */
	struct map_iter it;
	val key; /* of the part that is being written */
	enum obj_kind kind;
};

struct writer {
	struct buf *out;
	struct error *e;
	struct open *open;
	size_t n;
	size_t cap;
	int indent;
};

static void
write_inside(struct buf *out, const char *p, size_t len)
{
	static const char escapes[0x20] = {['\b'] = 'b',
	    ['\t'] = 't',
	    ['\n'] = 'n',
	    ['\f'] = 'f',
	    ['\r'] = 'r'};
	const char *end = p + len, *run = p;
	unsigned char c;

	for (; p < end; p++) {
		c = (unsigned char)*p;
		if (LIKELY(c >= 0x20 && c != '"' && c != '\\'))
			continue;
		buf_add(out, run, (size_t)(p - run));
		run = p + 1;
		if (c >= 0x20 || escapes[c] != 0) {
			buf_addc(out, '\\');
			buf_addc(out, (char)(c >= 0x20 ? c : escapes[c]));
		} else {
			buf_addf(out, "\\u%04x", c);
		}
	}
	buf_add(out, run, (size_t)(p - run));
}

void
json_write_string(struct buf *out, const char *p, size_t len)
{
	buf_addc(out, '"');
	write_inside(out, p, len);
	buf_addc(out, '"');
}

void
json_write_inside(struct buf *out, const char *p, size_t len)
{
	size_t good;

	while ((good = utf8_invalid_at(p, len)) != UTF8_VALID) {
		write_inside(out, p, good);
		buf_adds(out, "\xef\xbf\xbd");
		p += good + 1;
		len -= good + 1;
	}
	write_inside(out, p, len);
}

void
json_write_bytes(struct buf *out, const char *p, size_t len)
{
	buf_addc(out, '"');
	json_write_inside(out, p, len);
	buf_addc(out, '"');
}

/* Sets the error: where we are, then what is wrong there. */
static int
refuse(struct writer *w, val culprit, const char *why)
{
	struct buf path = BUF_INIT;
	struct open *o;
	int rc;

	for (o = w->open; o < w->open + w->n; o++) {
		if (o->kind == O_ERROR)
			buf_adds(&path, path.len > 0 ? ".data" : "data");
		else if (o->kind == O_MAP)
			path_add_key(&path, o->key);
		else
			path_add_index(&path, o->i - 1);
	}
	if (culprit != VAL_UNBOUND)
		path_add_key(&path, culprit);
	rc = error_set(w->e, EK_ARGUMENT, "%s%s%s cannot be JSON",
	    buf_str(&path), path.len > 0 ? ": " : "", why);
	buf_free(&path);
	return rc;
}

/* Text of a key, in place or in the scratch buffer; false: it has none. */
static bool
key_text(val key, struct buf *scratch, const char **text, size_t *len)
{
	if (val_is_string(key)) {
		*text = str_bytes(key, len);
	} else if (val_is_keyword(key) || val_is_symbol(key)) {
		*text = val_name_text(key, len);
	} else if (val_is_int(key)) {
		buf_clear(scratch);
		int_format(key, 10, scratch);
		*text = scratch->data;
		*len = scratch->len;
	} else {
		return false;
	}
	return true;
}

struct text {
	size_t at; /* in a common buffer */
	size_t len;
	val key;
};

static int
compare_text(const void *a, const void *b, void *all)
{
	const struct text *x = a, *y = b;
	const char *base = all;
	size_t n = x->len < y->len ? x->len : y->len;
	int order = memcmp(base + x->at, base + y->at, n);

	if (order != 0)
		return order;
	return (x->len > y->len) - (x->len < y->len);
}

/* Keys of different types can have one text. */
static int
check_mixed_keys(struct writer *w, val map)
{
	struct text *texts = xcalloc(map_count(map), sizeof(*texts));
	struct buf all = BUF_INIT, scratch = BUF_INIT;
	struct map_iter it = map_iter(map);
	const char *text;
	size_t i, n = 0;
	int rc = 0;
	val k, v;

	while (map_next(&it, &k, &v)) {
		if (!key_text(k, &scratch, &text, &texts[n].len))
			continue;
		texts[n].key = k;
		texts[n++].at = all.len;
		buf_add(&all, text, texts[n - 1].len);
	}
	qsort_r(texts, n, sizeof(*texts), compare_text, all.data);
	for (i = 1; i < n && rc == 0; i++) {
		if (compare_text(&texts[i - 1], &texts[i], all.data) == 0)
			rc = refuse(
			    w, texts[i].key, "a second key of the same text");
	}
	free(texts);
	buf_free(&all);
	buf_free(&scratch);
	return rc;
}

static int
check_keys(struct writer *w, val map)
{
	struct map_iter it = map_iter(map);
	bool seen[T_NTYPES] = {false};
	unsigned int kinds = 0;
	enum val_type t;
	val k, v;

	while (map_next(&it, &k, &v)) {
		t = val_type(k);
		if (t != T_STRING && t != T_KEYWORD && t != T_SYMBOL &&
		    t != T_INT)
			return refuse(w, k, "a key that is no name or integer");
		kinds += !seen[t];
		seen[t] = true;
	}
	return kinds > 1 ? check_mixed_keys(w, map) : 0;
}

static int
write_atom(struct writer *w, val v)
{
	const char *text;
	size_t len;

	switch (val_type(v)) {
	case T_NIL:
		buf_add(w->out, "null", 4);
		return 0;
	case T_BOOL:
		buf_adds(w->out, v == VAL_TRUE ? "true" : "false");
		return 0;
	case T_INT:
		if (val_is_fix(v))
			numtext_add(w->out, val_unfix(v));
		else
			int_format(v, 10, w->out);
		return 0;
	case T_FLOAT:
		if (!isfinite(float_get(v)))
			return refuse(w, VAL_UNBOUND, "NaN or an infinity");
		float_format(float_get(v), w->out);
		return 0;
	case T_STRING:
		text = str_bytes(v, &len);
		json_write_string(w->out, text, len);
		return 0;
	case T_KEYWORD:
	case T_SYMBOL:
		text = val_name_text(v, &len);
		json_write_string(w->out, text, len);
		return 0;
	case T_LIST:
		buf_add(w->out, "[]", 2);
		return 0;
	case T_FUNCTION:
		return refuse(w, VAL_UNBOUND, "a function");
	case T_TASK:
		return refuse(w, VAL_UNBOUND, "a task");
	default:
		return refuse(w, VAL_UNBOUND, "this value");
	}
}

static int
push(struct writer *w, val v, enum obj_kind kind)
{
	size_t cap = w->cap == 0 ? 16 : w->cap * 2;
	struct open *o;

	if (w->n == w->cap) {
		if (!work_memory((ptrdiff_t)((cap - w->cap) * sizeof(*o))))
			return error_set(w->e, EK_LIMIT,
			    "no memory is left for so many levels");
		w->open = xreallocarray(w->open, cap, sizeof(*o));
		w->cap = cap;
	}
	o = &w->open[w->n++];
	*o = (struct open){.v = v, .kind = kind};
	if (kind == O_MAP)
		o->it = map_iter(v);
	return 0;
}

static void
new_line(struct writer *w, size_t level)
{
	size_t n = level * (size_t)w->indent;

	if (w->indent <= 0)
		return;
	buf_addc(w->out, '\n');
	memset(buf_reserve(w->out, n), ' ', n);
	w->out->len += n;
}

/* Write an atom, or open a container. */
static int
write_value(struct writer *w, val v)
{
	enum obj_kind kind = val_is_obj(v) ? val_obj(v)->kind : O_FREE;

	switch (kind) {
	case O_MAP:
		if (check_keys(w, v) == -1)
			return -1;
		buf_addc(w->out, '{');
		return push(w, v, kind);
	case O_LIST:
	case O_VECTOR:
		buf_addc(w->out, '[');
		return push(w, v, kind);
	case O_ERROR:
		buf_adds(
		    w->out, w->indent > 0 ? "{\"error\": {" : "{\"error\":{");
		return push(w, v, kind);
	default:
		return write_atom(w, v);
	}
}

static void
separate(struct writer *w, struct open *o)
{
	if (o->i++ > 0)
		buf_addc(w->out, ',');
	new_line(w, w->n);
}

static void
close_container(struct writer *w, const struct open *o, const char *bracket)
{
	if (o->i > 0)
		new_line(w, w->n - 1);
	buf_adds(w->out, bracket);
	w->n--;
}

static void
write_name(struct writer *w, const char *text, size_t len)
{
	json_write_string(w->out, text, len);
	buf_adds(w->out, w->indent > 0 ? ": " : ":");
}

static int
next_of_map(struct writer *w, struct open *o)
{
	struct buf scratch = BUF_INIT;
	const char *text = "";
	size_t len = 0;
	val v;

	if (!map_next(&o->it, &o->key, &v)) {
		close_container(w, o, "}");
		return 0;
	}
	separate(w, o);
	key_text(o->key, &scratch, &text, &len);
	write_name(w, text, len);
	buf_free(&scratch);
	return write_value(w, v);
}

static int
next_of_error(struct writer *w, struct open *o)
{
	const struct errval *e = val_errval(o->v);
	const char *class;

	switch (o->i) {
	case 0:
		separate(w, o);
		write_name(w, "kind", 4);
		return write_atom(w, e->kind);
	case 1:
		separate(w, o);
		write_name(w, "message", 7);
		return write_atom(w, e->message);
	case 2:
		separate(w, o);
		write_name(w, "class", 5);
		class = errval_class(o->v);
		json_write_string(w->out, class, strlen(class));
		return 0;
	case 3:
		if (val_is_map(e->data) && map_count(e->data) > 0) {
			separate(w, o);
			write_name(w, "data", 4);
			return write_value(w, e->data);
		}
		break;
	default:
		break;
	}
	close_container(w, o, "}}");
	return 0;
}

/* The next part of what is open on top, or its end.  write_value() may move
 * the stack, so it comes last. */
static int
next_of(struct writer *w)
{
	struct open *o = &w->open[w->n - 1];
	val v = o->v;

	switch (o->kind) {
	case O_LIST:
		if (v == VAL_NO_ITEMS)
			break;
		separate(w, o);
		o->v = list_rest(v);
		return write_value(w, list_first(v));
	case O_VECTOR:
		if (o->i == vec_count(v))
			break;
		separate(w, o);
		return write_value(w, vec_get(v, o->i - 1));
	case O_MAP:
		return next_of_map(w, o);
	default:
		return next_of_error(w, o);
	}
	close_container(w, o, "]");
	return 0;
}

int
json_write_max(struct buf *out, val v, int indent, size_t max, struct error *e)
{
	struct writer w = {.out = out, .e = e, .indent = indent};
	size_t start = out->len, parts = 0;
	int rc;

	rc = write_value(&w, v);
	while (rc == 0 && w.n > 0) {
		rc = next_of(&w);
		if (UNLIKELY(++parts % WORK_LOOK == 0) && rc == 0 &&
		    !work_on(WORK_LOOK))
			rc = error_set(e, EK_LIMIT, "interrupted");
		if (rc == 0 && out->len - start > max)
			break;
	}
	if (rc == 0 && out->len - start > max)
		rc = error_set(
		    e, EK_LIMIT, "the JSON text is longer than %zu bytes", max);
	if (rc == -1)
		out->len = start;
	work_memory(-(ptrdiff_t)(w.cap * sizeof(*w.open)));
	free(w.open);
	return rc;
}

int
json_write(struct buf *out, val v, int indent, struct error *e)
{
	return json_write_max(out, v, indent, SIZE_MAX, e);
}
