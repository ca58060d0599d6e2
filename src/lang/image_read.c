/* Closure images, read (format: image.c).  A damaged one is refused, never
 * trusted. */
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
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

struct reading {
	struct vm *vm;
	const unsigned char *p, *end;
	struct code **codes;
	uint32_t ncodes, next_code;
	uint32_t *cells;
	uint32_t ncells, next_cell;
	unsigned int depth;
	bool bad;
};

static uint64_t
get_num(struct reading *r)
{
	uint64_t n = 0;
	unsigned int shift = 0;

	for (; r->p < r->end && shift < 64; shift += 7) {
		n |= (uint64_t)(*r->p & 0x7f) << shift;
		if ((*r->p++ & 0x80) == 0)
			return n;
	}
	r->bad = true;
	return 0;
}

/* A count of things that take at least `each` bytes. */
static uint32_t
get_count(struct reading *r, size_t each)
{
	uint64_t n = get_num(r);

	if (n > (uint64_t)(r->end - r->p) / each || n > UINT32_MAX / 2) {
		r->bad = true;
		return 0;
	}
	return (uint32_t)n;
}

static const void *
get_raw(struct reading *r, size_t n)
{
	const void *p = r->p;

	if (n > (size_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return p;
}

static unsigned int
get_byte(struct reading *r)
{
	const unsigned char *p = get_raw(r, 1);

	return p == NULL ? 0 : *p;
}

static uint32_t
get_name(struct reading *r)
{
	uint32_t n;
	const char *p;

	if (get_byte(r) == 0)
		return NAME_NONE;
	n = get_count(r, 1);
	p = get_raw(r, n);
	return p == NULL || r->bad ? NAME_NONE : name_intern(p, n);
}

static struct code *
code_at(struct reading *r, uint64_t i)
{
	if (i > r->ncodes || i > UINT32_MAX / 2) {
		r->bad = true;
		return NULL;
	}
	if (i == r->ncodes) { /* numbers are given in order of mention */
		r->codes =
		    xreallocarray(r->codes, r->ncodes + 1, sizeof(*r->codes));
		r->codes[r->ncodes++] = code_new(&r->vm->codes);
	}
	return r->codes[i];
}

static uint32_t
cell_at(struct reading *r, uint64_t i)
{
	if (i > r->ncells || i > UINT32_MAX / 2) {
		r->bad = true;
		return 0;
	}
	if (i == r->ncells) {
		r->cells =
		    xreallocarray(r->cells, r->ncells + 1, sizeof(*r->cells));
		r->cells[r->ncells++] = cell_new(r->vm, NAME_NONE);
	}
	return r->cells[i];
}

static val get_value(struct reading *);

static val
get_function(struct reading *r)
{
	struct heap *h = r->vm->heap;
	struct function *f;
	struct code *c;
	uint32_t i, n;

	c = code_at(r, get_num(r));
	n = get_count(r, 1);
	if (r->bad)
		return VAL_NIL;
	c->ncaptured = n;
	f = function_new(h, &c->head, n);
	for (i = 0; i < n; i++)
		f->captured[i] = VAL_NIL;
	for (i = 0; i < n; i++)
		f->captured[i] = get_value(r);
	return val_from_obj(f);
}

static val
get_seq(struct reading *r, bool list)
{
	struct heap *h = r->vm->heap;
	uint32_t n = get_count(r, 1), i;
	val v = vec_empty(h), l = VAL_NO_ITEMS;

	for (i = 0; i < n && !r->bad; i++)
		v = vec_push(h, v, get_value(r));
	if (!list)
		return v;
	for (i = (uint32_t)vec_count(v); i-- > 0;)
		l = list_cons(h, val_retain(vec_get(v, i)), l);
	val_release(h, v);
	return l;
}

static val
get_map(struct reading *r)
{
	struct heap *h = r->vm->heap;
	uint32_t n = get_count(r, 2), i;
	val m = map_empty(h), k;

	for (i = 0; i < n && !r->bad; i++) {
		k = get_value(r);
		m = map_assoc(h, m, k, get_value(r));
	}
	return m;
}

static val
get_parts(struct reading *r, enum tag tag)
{
	val a = get_value(r), b = get_value(r), c = get_value(r);
	bool ok = !r->bad;

	if (tag == TAG_TASK)
		ok = ok && val_is_vector(b) && (c == VAL_NIL || val_is_map(c));
	else
		ok = ok && val_is_keyword(a) && val_is_string(b) &&
		    val_is_map(c);
	if (!ok) {
		r->bad = true;
		val_release(r->vm->heap, a);
		val_release(r->vm->heap, b);
		val_release(r->vm->heap, c);
		return VAL_NIL;
	}
	return tag == TAG_TASK ? taskval_new(r->vm->heap, a, b, c) :
	                         errval_new(r->vm->heap, a, b, c);
}

static val
get_plain(struct reading *r, unsigned int tag)
{
	struct heap *h = r->vm->heap;
	const void *p;
	uint32_t name, len;
	uint64_t n;
	double d;

	switch (tag) {
	case TAG_WORD:
		n = get_num(r);
		if (n != VAL_NIL && n != VAL_FALSE && n != VAL_TRUE &&
		    n != VAL_NO_ITEMS && n != VAL_UNBOUND)
			break;
		return n;
	case TAG_INT:
		n = get_num(r);
		return int_from(h, (int64_t)(n >> 1 ^ -(n & 1)));
	case TAG_FLOAT:
		if ((p = get_raw(r, sizeof(d))) == NULL)
			break;
		memcpy(&d, p, sizeof(d));
		return float_from(h, d);
	case TAG_BIG:
	case TAG_STRING:
		len = get_count(r, 1);
		if ((p = get_raw(r, len)) == NULL || r->bad)
			break;
		return tag == TAG_BIG ? int_from_bytes(h, p, len) :
		                        str_new(h, p, len);
	case TAG_KEYWORD:
	case TAG_SYMBOL:
		if ((name = get_name(r)) == NAME_NONE)
			break;
		return tag == TAG_KEYWORD ? val_keyword(name) :
		                            val_symbol(name);
	case TAG_CORE:
		n = get_num(r);
		if (n < core_count())
			return val_retain(core_value((uint32_t)n));
		break;
	default:
		break;
	}
	r->bad = true;
	return VAL_NIL;
}

static val
get_value(struct reading *r)
{
	unsigned int tag = get_byte(r);
	val v;

	if (r->bad || r->depth > MAX_DEPTH) {
		r->bad = true;
		return VAL_NIL;
	}
	r->depth++;
	switch (tag) {
	case TAG_LIST:
	case TAG_VECTOR:
		v = get_seq(r, tag == TAG_LIST);
		break;
	case TAG_MAP:
		v = get_map(r);
		break;
	case TAG_FUNCTION:
		v = get_function(r);
		break;
	case TAG_TASK:
	case TAG_ERROR:
		v = get_parts(r, tag);
		break;
	default:
		v = get_plain(r, tag);
		break;
	}
	r->depth--;
	return v;
}

static bool
get_insns(struct reading *r, struct code *c)
{
	uint32_t n = get_count(r, sizeof(insn)), i, name;
	const void *p;
	insn *x;

	if ((p = get_raw(r, n * sizeof(insn))) == NULL || n == 0)
		return false;
	x = xreallocarray(NULL, n, sizeof(*x));
	memcpy(x, p, n * sizeof(*x));
	c->insns = x;
	c->ninsns = n;
	for (i = 0; i < n; i++) {
		if (I_OP(x[i]) >= OP_COUNT_ALL ||
		    (I_OP(x[i]) == OP_NATIVE &&
		        (I_C(x[i]) >= core_count() ||
		            core_row(I_C(x[i])) == NULL)))
			return false;
		if (names_cell(I_OP(x[i]))) {
			x[i] = INSN_X(I_OP(x[i]), I_FL(x[i]), I_A(x[i]),
			    cell_at(r, I_BX(x[i])));
		}
	}
	for (i = 0; i < n && !r->bad; i++) {
		if (I_OP(x[i]) != OP_LOADKW)
			continue;
		if ((name = get_name(r)) == NAME_NONE)
			return false;
		x[i] = INSN_X(OP_LOADKW, I_FL(x[i]), I_A(x[i]), name);
	}
	return !r->bad;
}

static bool
get_tables(struct reading *r, struct code *c)
{
	uint32_t i, n;
	struct code **protos;
	struct type **types;
	struct place_row *places;
	struct error e;
	val *v, form;
	const void *p;

	n = get_count(r, 1);
	c->consts = v = xcalloc(n + 1, sizeof(val));
	for (i = 0; i < n && !r->bad; i++, c->nconsts++)
		v[i] = get_value(r);
	n = get_count(r, 1);
	c->protos = protos = xcalloc(n + 1, sizeof(*protos));
	for (i = 0; i < n && !r->bad; i++, c->nprotos++)
		protos[i] = code_at(r, get_num(r));
	n = get_count(r, 1);
	types = xcalloc(n + 1, sizeof(*types));
	c->types = types;
	c->own_types = true;
	c->type_forms = v = xcalloc(n + 1, sizeof(val));
	for (i = 0; i < n && !r->bad; i++) {
		v[i] = form = get_value(r);
		if (r->bad || type_new(form, &types[i], &e) == -1)
			return false;
		c->ntypes++;
	}
	n = get_count(r, sizeof(*places));
	c->places = places = xcalloc(n + 1, sizeof(*places));
	if ((p = get_raw(r, n * sizeof(*places))) == NULL)
		return false;
	memcpy(places, p, n * sizeof(*places));
	c->nplaces = n;
	return !r->bad;
}

static bool
get_code(struct reading *r)
{
	struct code *c = code_at(r, r->next_code);
	unsigned int flags;
	uint64_t nregs;

	if (c == NULL || c->ninsns > 0)
		return false;
	r->next_code++;
	c->head.name = get_name(r);
	c->file = get_name(r);
	flags = get_byte(r);
	c->kind = CODE_BYTE;
	c->variadic = (flags & 1) != 0;
	c->checked = (flags & 2) != 0;
	c->head.core = (flags & 4) != 0;
	c->nparams = (uint32_t)get_num(r);
	nregs = get_num(r);
	c->ncaptured = (uint32_t)get_num(r);
	if (nregs > MAX_REGS + 2 || c->nparams > nregs)
		return false;
	c->nregs = (uint32_t)nregs;
	if (!get_insns(r, c) || !get_tables(r, c))
		return false;
	code_seal(c);
	heap_charge(r->vm->heap, (ptrdiff_t)code_size(c));
	return true;
}

static bool
get_cell(struct reading *r)
{
	uint32_t i = cell_at(r, r->next_cell);
	val v;

	r->next_cell++;
	if (r->bad)
		return false;
	r->vm->cells[i].name = get_name(r);
	v = get_value(r);
	cell_set(r->vm, i, v);
	return !r->bad;
}

static bool
get_records(struct reading *r)
{
	for (;;) {
		r->depth = 0;
		switch (get_byte(r)) {
		case 'C':
			if (!get_code(r))
				return false;
			break;
		case 'L':
			if (!get_cell(r))
				return false;
			break;
		case 'E':
			return !r->bad && r->p == r->end &&
			    r->next_code == r->ncodes &&
			    r->next_cell == r->ncells;
		default:
			return false;
		}
	}
}

int
image_read(struct vm *vm, const void *bytes, size_t len, val *function,
    struct error *e)
{
	struct reading r = {
	    .vm = vm, .p = bytes, .end = (const unsigned char *)bytes + len};
	uint64_t id = lang_build_id();
	bool ok;

	*function = VAL_NIL;
	if (len < 12 || memcmp(bytes, "RTFI", 4) != 0)
		return error_set(e, EK_PROTO, "not a closure image");
	if (memcmp(r.p + 4, &id, sizeof(id)) != 0)
		return error_set(e, EK_PROTO, "closure image of another build");
	r.p += 12;
	*function = get_value(&r);
	ok = get_records(&r) && val_is_kind(*function, O_FUNCTION);
	free(r.codes);
	free(r.cells);
	if (!ok) {
		*function = VAL_NIL;
		return error_set(e, EK_PROTO, "damaged closure image");
	}
	core_compile_pending();
	return 0;
}
