/*
 * Closure images.  A stream of records:
 *
 *	"RTFI", build id, the function value
 *	'C' code (as many as are mentioned, in order of first mention)
 *	'L' cell: name, value or unbound (likewise)
 *	'E'
 *
 * Codes and cells are mentioned by number, so recursion and sharing need no
 * care; values are written where they stand.  Numbers are LEB128.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "lang/image.h"
#include "lang/image_impl.h"
#include "lang/machine.h"
#include "value/errval.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

#define WAY_SHOWN 8 /* steps of a way that a message names */

/* From the value that is written to the part in hand. */
struct way {
	const struct way *up;
	val key; /* of a map, or VAL_UNBOUND: */
	size_t index;
};

struct writer {
	struct vm *vm;
	struct buf *out;
	struct error *e;
	const struct code **codes;
	uint32_t ncodes, capcodes;
	uint32_t *cells;
	uint32_t ncells, capcells;
	struct nametab cell_of; /* cell index -> number */
	const char *where;      /* what is being written, in words */
	uint32_t name;          /* and its name, or NAME_NONE */
	const struct way *at;   /* the innermost container */
	unsigned int depth;
	bool failed;
};

static void
put_num(struct buf *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_addc(b, (char)(n | 0x80));
	buf_addc(b, (char)n);
}

static void
put_bytes(struct buf *b, const void *p, size_t n)
{
	put_num(b, n);
	buf_add(b, p, n);
}

static void
put_name(struct buf *b, uint32_t name)
{
	const char *text;
	size_t len;

	buf_addc(b, (char)(name != NAME_NONE));
	if (name == NAME_NONE)
		return;
	text = name_text(name, &len);
	put_bytes(b, text, len);
}

static uint32_t
code_number(struct writer *w, const struct code *c)
{
	uint32_t i;

	for (i = w->ncodes; i-- > 0;) {
		if (w->codes[i] == c)
			return i;
	}
	if (w->ncodes == w->capcodes) {
		w->capcodes = w->capcodes == 0 ? 16 : w->capcodes * 2;
		w->codes =
		    xreallocarray(w->codes, w->capcodes, sizeof(*w->codes));
	}
	w->codes[w->ncodes] = c;
	return w->ncodes++;
}

static uint32_t
cell_number(struct writer *w, uint32_t cell)
{
	uint32_t i = nametab_get(&w->cell_of, cell);

	if (i != NAMETAB_NONE)
		return i;
	if (w->ncells == w->capcells) {
		w->capcells = w->capcells == 0 ? 16 : w->capcells * 2;
		w->cells =
		    xreallocarray(w->cells, w->capcells, sizeof(*w->cells));
	}
	nametab_set(&w->cell_of, cell, w->ncells);
	w->cells[w->ncells] = cell;
	return w->ncells++;
}

static void put_value(struct writer *, val);

static void
put_part(struct writer *w, val v, val key, size_t index)
{
	struct way way = {w->at, key, index};

	w->at = &way;
	put_value(w, v);
	w->at = way.up;
}

/* "captured name db, [:x 3]: " and why it cannot be written. */
static void refuse(struct writer *w, const char *fmt, ...) ATTR_PRINTF(2, 3);

static void
refuse(struct writer *w, const char *fmt, ...)
{
	const struct way *shown[WAY_SHOWN], *way;
	struct buf b = BUF_INIT;
	size_t n = 0, i;
	va_list ap;

	for (way = w->at; way != NULL; way = way->up)
		shown[n++ % WAY_SHOWN] = way;
	buf_adds(&b, w->where);
	if (w->name != NAME_NONE)
		buf_addf(&b, " %s", name_text(w->name, NULL));
	for (i = 0; i < n && i < WAY_SHOWN; i++) {
		way = shown[(n - 1 - i) % WAY_SHOWN];
		buf_adds(&b, i == 0 ? ", [" : " ");
		if (way->key == VAL_UNBOUND)
			buf_addf(&b, "%zu", way->index);
		else
			print_short(&b, way->key, 40);
	}
	buf_adds(&b, n > WAY_SHOWN ? " ...]: " : n > 0 ? "]: " : ": ");
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	error_set(w->e, EK_LIMIT, "%s", buf_str(&b));
	buf_free(&b);
	w->failed = true;
}

static void
put_function(struct writer *w, val v)
{
	const struct function *f = val_function(v);
	const struct code *c = (const struct code *)f->code;
	const struct way *at;
	const char *where;
	uint32_t i, name;

	if (c->core_index != CORE_NONE) {
		buf_addc(w->out, TAG_CORE);
		put_num(w->out, c->core_index);
		return;
	}
	buf_addc(w->out, TAG_FUNCTION);
	put_num(w->out, code_number(w, c));
	put_num(w->out, f->ncaptured);
	at = w->at;
	where = w->where;
	name = w->name;
	for (i = 0; i < f->ncaptured && !w->failed; i++) {
		w->at = NULL;
		w->where = "captured name";
		w->name =
		    c->capture_names == NULL ? NAME_NONE : c->capture_names[i];
		put_value(w, f->captured[i]);
	}
	w->at = at;
	w->where = where;
	w->name = name;
}

static void
put_seq(struct writer *w, val v)
{
	size_t i, n;
	val l;

	if (val_is_vector(v)) {
		n = vec_count(v);
		buf_addc(w->out, TAG_VECTOR);
		put_num(w->out, n);
		for (i = 0; i < n && !w->failed; i++)
			put_part(w, vec_get(v, i), VAL_UNBOUND, i);
		return;
	}
	buf_addc(w->out, TAG_LIST);
	put_num(w->out, list_count(v));
	for (l = v, i = 0; l != VAL_NO_ITEMS && !w->failed; l = list_rest(l))
		put_part(w, list_first(l), VAL_UNBOUND, i++);
}

static void
put_object(struct writer *w, val v)
{
	struct buf b = BUF_INIT;
	struct map_iter it;
	const char *text;
	double d;
	size_t len;
	val k, x;

	switch (val_obj(v)->kind) {
	case O_BIGINT:
		buf_addc(w->out, TAG_BIG);
		int_to_bytes(v, &b);
		put_bytes(w->out, b.data, b.len);
		buf_free(&b);
		break;
	case O_FLOAT:
		buf_addc(w->out, TAG_FLOAT);
		d = float_get(v);
		buf_add(w->out, &d, sizeof(d));
		break;
	case O_STRING:
		buf_addc(w->out, TAG_STRING);
		text = str_bytes(v, &len);
		put_bytes(w->out, text, len);
		break;
	case O_MAP:
		buf_addc(w->out, TAG_MAP);
		put_num(w->out, map_count(v));
		for (it = map_iter(v); map_next(&it, &k, &x) && !w->failed;) {
			put_part(w, k, k, 0);
			put_part(w, x, k, 0);
		}
		break;
	case O_FUNCTION:
		put_function(w, v);
		break;
	case O_TASK:
		buf_addc(w->out, TAG_TASK);
		put_value(w, val_taskval(v)->capability);
		put_value(w, val_taskval(v)->args);
		put_value(w, val_taskval(v)->options);
		break;
	case O_ERROR:
		buf_addc(w->out, TAG_ERROR);
		put_value(w, val_errval(v)->kind);
		put_value(w, val_errval(v)->message);
		put_value(w, val_errval(v)->data);
		break;
	default:
		put_seq(w, v);
		break;
	}
}

static void
put_value(struct writer *w, val v)
{
	double d;
	int64_t i;

	if (w->failed)
		return;
	if (w->out->len > MAX_FRAME) {
		refuse(w,
		    "the function and what it captured take more than %u bytes",
		    MAX_FRAME);
		return;
	}
	if (val_is_fix(v)) {
		i = val_unfix(v);
		buf_addc(w->out, TAG_INT);
		put_num(w->out, (uint64_t)i << 1 ^ (i < 0 ? UINT64_MAX : 0));
	} else if (val_is_selfloat(v)) {
		d = float_get(v);
		buf_addc(w->out, TAG_FLOAT);
		buf_add(w->out, &d, sizeof(d));
	} else if (val_is_keyword(v) || val_is_symbol(v)) {
		buf_addc(w->out, val_is_keyword(v) ? TAG_KEYWORD : TAG_SYMBOL);
		put_name(w->out, val_name(v));
	} else if (!val_is_obj(v)) {
		buf_addc(w->out, TAG_WORD);
		put_num(w->out, v);
	} else if (++w->depth > MAX_DEPTH) {
		refuse(w, "nested deeper than %d levels", MAX_DEPTH);
	} else {
		put_object(w, v);
		w->depth--;
	}
}

static void
put_code(struct writer *w, const struct code *c)
{
	struct buf *b = w->out;
	uint32_t i;
	insn x;

	buf_addc(b, 'C');
	put_name(b, c->head.name);
	put_name(b, c->file);
	buf_addc(b, (char)(c->variadic | c->checked << 1 | c->head.core << 2));
	put_num(b, c->nparams);
	put_num(b, c->nregs);
	put_num(b, c->ncaptured);
	put_num(b, c->ninsns);
	for (i = 0; i < c->ninsns; i++) {
		x = c->insns[i];
		if (names_cell(I_OP(x))) {
			x = INSN_X(
			    I_OP(x), I_FL(x), I_A(x), cell_number(w, I_BX(x)));
		} else if (I_OP(x) == OP_LOADKW) {
			x = INSN_X(OP_LOADKW, I_FL(x), I_A(x), 0);
		}
		buf_add(b, &x, sizeof(x));
	}
	/* Numbers of names mean something in this process only. */
	for (i = 0; i < c->ninsns; i++) {
		if (I_OP(c->insns[i]) == OP_LOADKW)
			put_name(b, I_BX(c->insns[i]));
	}
	put_num(b, c->nconsts);
	for (i = 0; i < c->nconsts; i++)
		put_value(w, c->consts[i]);
	put_num(b, c->nprotos);
	for (i = 0; i < c->nprotos; i++)
		put_num(b, code_number(w, c->protos[i]));
	put_num(b, c->ntypes);
	for (i = 0; i < c->ntypes; i++)
		put_value(w, c->type_forms[i]);
	put_num(b, c->nplaces);
	buf_add(b, c->places, c->nplaces * sizeof(*c->places));
}

static void
put_cell(struct writer *w, uint32_t cell)
{
	w->where = "captured name";
	w->name = w->vm->cells[cell].name;
	buf_addc(w->out, 'L');
	put_name(w->out, w->vm->cells[cell].name);
	put_value(w, w->vm->cells[cell].value);
	w->where = "its code";
	w->name = NAME_NONE;
}

int
image_write(struct vm *vm, val function, struct buf *out, struct error *e)
{
	struct writer w = {
	    .vm = vm,
	    .out = out,
	    .e = e,
	    .where = "its code",
	    .name = NAME_NONE,
	};
	uint64_t id = lang_build_id();
	uint32_t c = 0, l = 0;

	buf_add(out, "RTFI", 4);
	buf_add(out, &id, sizeof(id));
	put_value(&w, function);
	while (!w.failed && (c < w.ncodes || l < w.ncells)) {
		w.depth = 0;
		if (c < w.ncodes)
			put_code(&w, w.codes[c++]);
		else
			put_cell(&w, w.cells[l++]);
	}
	buf_addc(out, 'E');
	free(w.codes);
	free(w.cells);
	nametab_free(&w.cell_of);
	return w.failed ? -1 : 0;
}
