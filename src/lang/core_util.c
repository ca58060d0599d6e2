/*
 * Shared parts of the core library: failures, argument checks, sequences over
 * every kind of collection.  See core_util.h.
 */
#include <stdarg.h>
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "lang/core_util.h"
#include "value/list.h"
#include "value/map.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

#define SHORT_VALUE 60 /* bytes of a value shown in a message */

val
core_fail(struct core_call *call, enum errkey key, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addf(&b, "%s: ", call->name);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	call->error = errval_make(call->heap, key, "%s", buf_str(&b));
	buf_free(&b);
	return VAL_UNBOUND;
}

val
core_type_error(struct core_call *call, const char *expected, val got)
{
	struct buf b = BUF_INIT;

	if (got == VAL_NIL)
		buf_adds(&b, "nil");
	else {
		buf_addf(&b, "%s ", val_type_name(val_type(got)));
		print_short(&b, got, SHORT_VALUE);
	}
	core_fail(call, ERRKEY_TYPE_ERROR, "expected %s, got %s", expected,
	    buf_str(&b));
	buf_free(&b);
	return VAL_UNBOUND;
}

bool
core_room(struct core_call *call, size_t n)
{
	if (LIKELY(heap_room(call->heap, n)))
		return true;
	call->error = VAL_UNBOUND;
	call->wanted = n;
	return false;
}

bool
core_is_seqable(val v)
{
	return v == VAL_NIL || val_is_vector(v) || val_is_list(v) ||
	    val_is_map(v) || val_is_string(v);
}

size_t
core_seq_count(val v)
{
	if (val_is_vector(v))
		return vec_count(v);
	if (val_is_list(v))
		return list_count(v);
	if (val_is_map(v))
		return map_count(v);
	if (val_is_string(v))
		return str_count(v);
	return 0;
}

bool
seq_open(struct core_call *call, val coll, struct seq *s)
{
	if (!core_is_seqable(coll)) {
		core_type_error(call, "a collection", coll);
		return false;
	}
	memset(s, 0, sizeof(*s));
	s->call = call;
	s->coll = coll;
	s->rest = val_is_list(coll) ? coll : VAL_NO_ITEMS;
	s->count = core_seq_count(coll);
	call->cost += s->count / 4;
	return true;
}

bool
seq_next(struct seq *s, val *out)
{
	struct heap *h = s->call->heap;
	struct map_iter it;
	const char *text;
	val pair[2];
	size_t len, n;

	if (s->pos == s->count)
		return false;
	if (val_is_vector(s->coll)) {
		if (s->nrun == 0)
			s->run = vec_run(s->coll, s->pos, &s->nrun);
		*out = val_retain(*s->run++);
		s->nrun--;
	} else if (val_is_list(s->coll)) {
		*out = val_retain(list_first(s->rest));
		s->rest = list_rest(s->rest);
	} else if (val_is_map(s->coll)) {
		it = map_iter(s->coll);
		it.pos = s->offset;
		if (!map_next(&it, &pair[0], &pair[1]))
			return false;
		s->offset = it.pos;
		val_retain(pair[0]);
		val_retain(pair[1]);
		*out = vec_new(h, pair, 2);
	} else {
		text = str_bytes(s->coll, &len);
		utf8_decode(text + s->offset, text + len, &n);
		*out = str_new(h, text + s->offset, n);
		s->offset += n;
	}
	s->pos++;
	return true;
}

val
core_to_vector(struct core_call *call, val v)
{
	struct seq s;
	val x, out;

	if (val_is_vector(v))
		return v;
	if (!seq_open(call, v, &s)) {
		val_release(call->heap, v);
		return VAL_UNBOUND;
	}
	out = vec_empty(call->heap);
	while (seq_next(&s, &x)) {
		out = vec_push(call->heap, out, x);
		if (!core_room(call, 0)) {
			val_release(call->heap, out);
			out = VAL_UNBOUND;
			break;
		}
	}
	val_release(call->heap, v);
	return out;
}

val
core_get(struct core_call *call, val coll, val key, val missing)
{
	int64_t i;
	val v = VAL_UNBOUND;

	if (val_is_map(coll)) {
		v = map_get(coll, key);
	} else if (val_is_vector(coll)) {
		if (!val_is_int(key))
			return core_type_error(call, "an integer index", key);
		if (int_to_i64(key, &i) && i >= 0 &&
		    (uint64_t)i < vec_count(coll))
			v = vec_get(coll, (size_t)i);
	} else if (val_is_error(coll)) {
		v = errval_get(call->heap, coll, key);
		return v == VAL_UNBOUND ? val_retain(missing) : v;
	} else if (val_is_task(coll)) {
		v = taskval_get(coll, key);
	} else if (coll != VAL_NIL) {
		return core_type_error(
		    call, "a map, vector, task, error or nil", coll);
	}
	return val_retain(v == VAL_UNBOUND ? missing : v);
}

val
core_take(struct core_call *call, val *slot, val key)
{
	int64_t i;
	val v;

	call->name = "update";
	if (val_is_map(*slot)) {
		v = map_take(call->heap, *slot, key);
		return v == VAL_UNBOUND ? VAL_NIL : v;
	}
	v = core_get(call, *slot, key, VAL_NIL);
	if (val_is_obj(v) && val_is_vector(*slot) &&
	    obj_unique(val_obj(*slot)) && int_to_i64(key, &i))
		*slot = vec_set(call->heap, *slot, (size_t)i, VAL_NIL);
	return v;
}

bool
core_want_string(struct core_call *call, val v)
{
	if (LIKELY(val_is_string(v)))
		return true;
	core_type_error(call, "a string", v);
	return false;
}

bool
core_want_number(struct core_call *call, val v)
{
	if (LIKELY(num_is(v)))
		return true;
	core_type_error(call, "a number", v);
	return false;
}

bool
core_want_int(struct core_call *call, val v)
{
	if (LIKELY(val_is_int(v)))
		return true;
	core_type_error(call, "an integer", v);
	return false;
}

bool
core_want_i64(struct core_call *call, val v, int64_t *out)
{
	if (!core_want_int(call, v))
		return false;
	if (!int_to_i64(v, out))
		*out = int_is_negative(v) ? INT64_MIN : INT64_MAX;
	return true;
}

val
core_num(
    struct core_call *call, enum num_status status, val result, val a, val b)
{
	switch (status) {
	case NUM_OK:
		return result;
	case NUM_NOT_NUMBER:
		return core_type_error(call, "a number", num_is(a) ? b : a);
	case NUM_NOT_INT:
		return core_type_error(
		    call, "an integer", val_is_int(a) ? b : a);
	case NUM_ZERO:
		return core_fail(
		    call, ERRKEY_DIVISION_BY_ZERO, "division by zero");
	case NUM_DOMAIN: {
		struct buf text = BUF_INIT;

		print_short(&text, a, SHORT_VALUE);
		core_fail(call, ERRKEY_INVALID_ARGUMENT, "not defined for %s",
		    buf_str(&text));
		buf_free(&text);
		return VAL_UNBOUND;
	}
	case NUM_TOO_BIG:
		break;
	}
	call->error = VAL_UNBOUND;
	return VAL_UNBOUND;
}

val
core_string(struct core_call *call, struct buf *b)
{
	val v = VAL_UNBOUND;

	if (core_room(call, b->len))
		v = str_new(call->heap, b->data == NULL ? "" : b->data, b->len);
	call->cost += b->len / 64;
	buf_free(b);
	return v;
}

size_t
core_text_room(struct core_call *call, size_t built)
{
	size_t limit = heap_limit(call->heap), used = heap_used(call->heap);
	size_t left = limit > used ? limit - used : 0;

	if (limit == 0)
		return SIZE_MAX / 4;
	return left / 2 > built ? left / 2 - built : 0;
}

bool
core_print(struct core_call *call, struct buf *b, val v, bool readable)
{
	if (print_max(b, v, readable, core_text_room(call, b->len)))
		return true;
	call->error = VAL_UNBOUND;
	return false;
}

bool
core_is_space(uint32_t cp)
{
	if (cp < 0x80)
		return cp == ' ' || (cp >= '\t' && cp <= '\r');
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default:
		return cp == 0x85;
	}
}

const char *
core_trim(const char *p, size_t *len)
{
	const char *end = p + *len, *last = p, *q;
	size_t n;

	while (p < end && core_is_space(utf8_decode(p, end, &n)))
		p += n;
	for (q = last = p; q < end; q += n) {
		if (!core_is_space(utf8_decode(q, end, &n)))
			last = q + n;
	}
	*len = (size_t)(last - p);
	return p;
}
