/*
 * Values as text.  Tasks and errors print as the form that makes them; inside
 * such a form lists and symbols are quoted, so that reading and evaluating it
 * gives an equal value.  Open containers are on a stack of our own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "value/errval.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/numtext.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"
#include "value/work.h"

struct open {
	val v;    /* a list: what is left of it */
	size_t i; /* elements printed */
	struct map_iter it;
	val pending; /* a map's value whose key is printed */
	enum obj_kind kind;
	bool evaluated; /* its elements stand in a form */
};

struct printer {
	struct buf *out;
	size_t stop; /* out->len at which to give up; SIZE_MAX: never */
	struct open *open;
	size_t n;
	size_t cap;
	bool failed; /* no memory for the stack */
};

void
print_string(struct buf *out, const char *p, size_t len)
{
	const char *end = p + len, *run = p;
	unsigned char c;
	uint32_t cp;

	buf_addc(out, '"');
	for (; p < end; p++) {
		c = (unsigned char)*p;
		if (LIKELY(c >= 0x20 && c != '"' && c != '\\' && c != 0x7f &&
		        c != 0xc2))
			continue;
		if (c == 0xc2 && (unsigned char)p[1] >= 0xa0)
			continue;
		buf_add(out, run, (size_t)(p - run));
		switch (c) {
		case '"':
		case '\\':
			buf_addc(out, '\\');
			buf_addc(out, (char)c);
			break;
		case '\n':
			buf_adds(out, "\\n");
			break;
		case '\t':
			buf_adds(out, "\\t");
			break;
		case '\r':
			buf_adds(out, "\\r");
			break;
		default: /* a control character, U+0080 to U+009F too */
			cp = c == 0xc2 ? (unsigned char)*++p : c;
			buf_addf(out, "\\u%04X", cp);
			break;
		}
		run = p + 1;
	}
	buf_add(out, run, (size_t)(p - run));
	buf_addc(out, '"');
}

static void
print_function(struct buf *out, val v)
{
	const struct code_head *code = val_function(v)->code;
	size_t len;
	const char *text;

	buf_adds(out, "#<function");
	if (code->name != NAME_NONE) {
		text = name_text(code->name, &len);
		buf_addc(out, ' ');
		buf_add(out, text, len);
	}
	buf_addc(out, '>');
}

static void
print_text(struct printer *p, val v)
{
	size_t len, room;
	const char *text = str_bytes(v, &len);

	if (p->stop != SIZE_MAX) { /* no more than will be shown */
		room = p->stop > p->out->len ? p->stop - p->out->len : 0;
		if (len > room)
			len = utf8_cut(text, len, room);
	}
	print_string(p->out, text, len);
}

static void
print_atom(struct printer *p, val v)
{
	size_t len;
	const char *text;

	switch (val_type(v)) {
	case T_NIL:
		buf_add(p->out, "nil", 3);
		break;
	case T_BOOL:
		buf_adds(p->out, v == VAL_TRUE ? "true" : "false");
		break;
	case T_INT:
		if (val_is_fix(v))
			numtext_add(p->out, val_unfix(v));
		else
			int_format(v, 10, p->out);
		break;
	case T_FLOAT:
		float_format(float_get(v), p->out);
		break;
	case T_STRING:
		print_text(p, v);
		break;
	case T_KEYWORD:
		buf_addc(p->out, ':');
		/* FALLTHROUGH */
	case T_SYMBOL:
		text = val_name_text(v, &len);
		buf_add(p->out, text, len);
		break;
	case T_FUNCTION:
		print_function(p->out, v);
		break;
	case T_LIST: /* the empty one; others are containers */
	default:
		buf_add(p->out, "()", 2);
		break;
	}
}

static void
push(struct printer *p, val v, enum obj_kind kind, bool evaluated)
{
	struct open *o;

	size_t cap = p->cap == 0 ? 16 : p->cap * 2;

	if (p->n == p->cap) {
		if (!work_memory((ptrdiff_t)((cap - p->cap) * sizeof(*o)))) {
			p->failed = true;
			return;
		}
		p->open = xreallocarray(p->open, cap, sizeof(*o));
		p->cap = cap;
	}
	o = &p->open[p->n++];
	*o = (struct open){.v = v, .kind = kind, .evaluated = evaluated};
	o->pending = VAL_UNBOUND;
	if (kind == O_MAP)
		o->it = map_iter(v);
}

/* Print an atom, or open a container. */
static void
print_value(struct printer *p, val v, bool evaluated)
{
	enum obj_kind kind = val_is_obj(v) ? val_obj(v)->kind : O_FREE;

	switch (kind) {
	case O_LIST:
		if (evaluated)
			buf_addc(p->out, '\'');
		buf_addc(p->out, '(');
		push(p, v, kind, false);
		break;
	case O_VECTOR:
		buf_addc(p->out, '[');
		push(p, v, kind, evaluated);
		break;
	case O_MAP:
		buf_addc(p->out, '{');
		push(p, v, kind, evaluated);
		break;
	case O_TASK:
	case O_ERROR:
		push(p, v, kind, true);
		break;
	default:
		if (evaluated && val_is_symbol(v))
			buf_addc(p->out, '\'');
		print_atom(p, v);
		break;
	}
}

static void
space(struct printer *p, const struct open *o)
{
	if (o->i > 0)
		buf_addc(p->out, ' ');
}

/* The next_of functions print the next part of what is open on top; false: it
 * is complete (and nothing was pushed).  print_value() may move the stack, so
 * it comes last. */
static bool
next_of_task(struct printer *p, struct open *o)
{
	const struct taskval *t = val_taskval(o->v);
	size_t i = o->i++;

	if (i == 0) {
		if (t->options == VAL_NIL)
			return true;
		buf_addc(p->out, '^');
		print_value(p, t->options, true);
	} else if (i == 1) {
		buf_adds(p->out, t->options == VAL_NIL ? "(task " : " (task ");
		print_value(p, t->capability, true);
	} else if (i - 2 < vec_count(t->args)) {
		buf_addc(p->out, ' ');
		print_value(p, vec_get(t->args, i - 2), true);
	} else {
		buf_addc(p->out, ')');
		return false;
	}
	return true;
}

static bool
next_of_error(struct printer *p, struct open *o)
{
	const struct errval *e = val_errval(o->v);

	switch (o->i++) {
	case 0:
		buf_adds(p->out, "(error ");
		print_value(p, e->kind, true);
		buf_addc(p->out, ' ');
		print_value(p, e->message, true);
		return true;
	case 1:
		if (val_is_map(e->data) && map_count(e->data) > 0) {
			buf_addc(p->out, ' ');
			print_value(p, e->data, true);
		}
		return true;
	default:
		buf_addc(p->out, ')');
		return false;
	}
}

static bool
next_of_map(struct printer *p, struct open *o)
{
	val k, v = o->pending;

	if (v != VAL_UNBOUND) {
		o->pending = VAL_UNBOUND;
		buf_addc(p->out, ' ');
		print_value(p, v, o->evaluated);
		return true;
	}
	if (!map_next(&o->it, &k, &v)) {
		buf_addc(p->out, '}');
		return false;
	}
	if (o->i++ > 0)
		buf_addc(p->out, ' ');
	o->pending = v;
	print_value(p, k, o->evaluated);
	return true;
}

static bool
next_of(struct printer *p, struct open *o)
{
	val v = o->v;

	switch (o->kind) {
	case O_LIST:
		if (v == VAL_NO_ITEMS) {
			buf_addc(p->out, ')');
			return false;
		}
		space(p, o);
		o->i++;
		o->v = list_rest(v);
		print_value(p, list_first(v), false);
		return true;
	case O_VECTOR:
		if (o->i == vec_count(v)) {
			buf_addc(p->out, ']');
			return false;
		}
		space(p, o);
		print_value(p, vec_get(v, o->i++), o->evaluated);
		return true;
	case O_MAP:
		return next_of_map(p, o);
	case O_TASK:
		return next_of_task(p, o);
	default:
		return next_of_error(p, o);
	}
}

/* Everything on the stack, or until the limit is reached; false: it was given
 * up. */
static bool
print_all(struct buf *out, val v, size_t stop)
{
	struct printer p = {.out = out, .stop = stop};
	size_t parts = 0;
	bool go_on = true;

	print_value(&p, v, false);
	while (p.n > 0 && out->len < stop && go_on) {
		if (UNLIKELY(++parts % WORK_LOOK == 0))
			go_on = work_on(WORK_LOOK);
		if (p.failed)
			go_on = false;
		else if (!next_of(&p, &p.open[p.n - 1]))
			p.n--;
	}
	work_memory(-(ptrdiff_t)(p.cap * sizeof(*p.open)));
	free(p.open);
	return go_on;
}

void
print_readable(struct buf *out, val v)
{
	print_all(out, v, SIZE_MAX);
}

void
print_plain(struct buf *out, val v)
{
	print_max(out, v, false, SIZE_MAX);
}

bool
print_max(struct buf *out, val v, bool readable, size_t max)
{
	size_t start = out->len, len, stop;
	const char *text;

	if (val_is_string(v) && !readable) {
		text = str_bytes(v, &len);
		if (len > max)
			return false;
		buf_add(out, text, len);
		return true;
	}
	if (__builtin_add_overflow(start, max, &stop) || stop > SIZE_MAX / 2)
		stop = SIZE_MAX / 2;
	/* A little more: a string is cut between characters. */
	return print_all(out, v, stop + 8) && out->len <= stop;
}

void
print_short(struct buf *out, val v, size_t max)
{
	size_t start = out->len;

	print_all(out, v, start + max + 1);
	if (out->len - start <= max)
		return;
	out->len = start + utf8_cut(out->data + start, out->len - start, max);
	buf_adds(out, "...");
}
