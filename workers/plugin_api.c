/*
 * The functions of rtfs_capability.h.  A call is our struct work, a value a
 * word of ours: nothing is released, because the process ends with the task.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/token.h"
#include "value/vector.h"
#include "workers/builtin.h"
#include "workers/rtfs_capability.h"

/* VAL_UNBOUND is NULL to the plug-in. */
static const struct rtfs_value *
give(val v)
{
	return (const struct rtfs_value *)(uintptr_t)(v ^ VAL_UNBOUND);
}

static val
take(const struct rtfs_value *v)
{
	return (val)(uintptr_t)v ^ VAL_UNBOUND;
}

static struct work *
work_of(struct rtfs_call *c)
{
	return (struct work *)c;
}

static const struct work *
look(const struct rtfs_call *c)
{
	return (const struct work *)c;
}

/* ---- the task ---- */

const char *
rtfs_id(const struct rtfs_call *c)
{
	return look(c)->capability;
}

size_t
rtfs_argc(const struct rtfs_call *c)
{
	return vec_count(look(c)->args);
}

const struct rtfs_value *
rtfs_arg(const struct rtfs_call *c, size_t i)
{
	return give(work_arg(look(c), i));
}

int64_t
rtfs_time_left(const struct rtfs_call *c)
{
	int64_t left;

	if (look(c)->deadline == INT64_MAX)
		return INT64_MAX;
	left = look(c)->deadline - clock_mono();
	return left > 0 ? left / NS_PER_MS : 0;
}

int
rtfs_arg_int(struct rtfs_call *c, size_t i, int64_t *out)
{
	if (rtfs_get_int(rtfs_arg(c, i), out) == 0)
		return 0;
	return work_wrong_argument(work_of(c), i, "an integer of 64 bits");
}

int
rtfs_arg_float(struct rtfs_call *c, size_t i, double *out)
{
	if (rtfs_get_float(rtfs_arg(c, i), out) == 0)
		return 0;
	return work_wrong_argument(work_of(c), i, "a number");
}

const char *
rtfs_arg_text(struct rtfs_call *c, size_t i, size_t *len)
{
	return work_text(work_of(c), i, len);
}

/* ---- looking at values ---- */

enum rtfs_type
rtfs_type(const struct rtfs_value *value)
{
	static const enum rtfs_type types[T_NTYPES] = {
	    [T_NIL] = RTFS_NIL,
	    [T_BOOL] = RTFS_BOOL,
	    [T_INT] = RTFS_INT,
	    [T_FLOAT] = RTFS_FLOAT,
	    [T_STRING] = RTFS_STRING,
	    [T_KEYWORD] = RTFS_KEYWORD,
	    [T_SYMBOL] = RTFS_SYMBOL,
	    [T_VECTOR] = RTFS_VECTOR,
	    [T_LIST] = RTFS_LIST,
	    [T_MAP] = RTFS_MAP,
	    [T_ERROR] = RTFS_ERROR,
	};

	return value == NULL ? RTFS_NONE : types[val_type(take(value))];
}

int
rtfs_get_bool(const struct rtfs_value *v, int *out)
{
	if (rtfs_type(v) != RTFS_BOOL)
		return -1;
	*out = take(v) == VAL_TRUE;
	return 0;
}

int
rtfs_get_int(const struct rtfs_value *v, int64_t *out)
{
	return rtfs_type(v) == RTFS_INT && int_to_i64(take(v), out) ? 0 : -1;
}

int
rtfs_get_float(const struct rtfs_value *v, double *out)
{
	if (v == NULL || !num_is(take(v)))
		return -1;
	*out = num_to_double(take(v));
	return 0;
}

const char *
rtfs_get_text(const struct rtfs_value *v, size_t *len)
{
	switch (rtfs_type(v)) {
	case RTFS_STRING:
		return str_bytes(take(v), len);
	case RTFS_KEYWORD:
	case RTFS_SYMBOL:
		return val_name_text(take(v), len);
	default:
		return NULL;
	}
}

const char *
rtfs_print(struct rtfs_call *c, const struct rtfs_value *v, size_t *len)
{
	struct heap *h = work_of(c)->heap;
	struct buf b = BUF_INIT;
	val text;

	if (v == NULL)
		return NULL;
	print_readable(&b, take(v));
	text = str_new(h, b.data, b.len);
	buf_free(&b);
	return str_bytes(text, len);
}

size_t
rtfs_count(const struct rtfs_value *v)
{
	switch (rtfs_type(v)) {
	case RTFS_VECTOR:
		return vec_count(take(v));
	case RTFS_LIST:
		return list_count(take(v));
	case RTFS_MAP:
		return map_count(take(v));
	default:
		return 0;
	}
}

const struct rtfs_value *
rtfs_at(const struct rtfs_value *v, size_t i)
{
	if (i >= rtfs_count(v))
		return NULL;
	if (rtfs_type(v) == RTFS_VECTOR)
		return give(vec_get(take(v), i));
	return rtfs_type(v) == RTFS_LIST ? give(list_nth(take(v), i)) : NULL;
}

const struct rtfs_value *
rtfs_get(const struct rtfs_value *v, const char *name)
{
	struct map_iter it;
	val key, value;

	if (rtfs_type(v) != RTFS_MAP)
		return NULL;
	value = map_get_keyword(take(v), name);
	if (value != VAL_UNBOUND)
		return give(value);
	it = map_iter(take(v));
	while (map_next(&it, &key, &value)) {
		if (val_is_string(key) && str_equal_text(key, name))
			return give(value);
	}
	return NULL;
}

int
rtfs_each(const struct rtfs_value *v,
    int (*fn)(const struct rtfs_value *, const struct rtfs_value *, void *),
    void *arg)
{
	struct map_iter it;
	size_t i, n = rtfs_count(v);
	val key, value, l;
	int rc = 0;

	switch (rtfs_type(v)) {
	case RTFS_VECTOR:
		for (i = 0; i < n && rc == 0; i++)
			rc = fn(NULL, give(vec_get(take(v), i)), arg);
		break;
	case RTFS_LIST:
		for (l = take(v); l != VAL_NO_ITEMS && rc == 0;
		     l = list_rest(l))
			rc = fn(NULL, give(list_first(l)), arg);
		break;
	case RTFS_MAP:
		it = map_iter(take(v));
		while (rc == 0 && map_next(&it, &key, &value))
			rc = fn(give(key), give(value), arg);
		break;
	default:
		break;
	}
	return rc;
}

/* ---- making values ---- */

const struct rtfs_value *
rtfs_nil(struct rtfs_call *c ATTR_UNUSED)
{
	return give(VAL_NIL);
}

const struct rtfs_value *
rtfs_bool(struct rtfs_call *c ATTR_UNUSED, int b)
{
	return give(val_bool(b != 0));
}

const struct rtfs_value *
rtfs_int(struct rtfs_call *c, int64_t i)
{
	return give(int_from(work_of(c)->heap, i));
}

const struct rtfs_value *
rtfs_float(struct rtfs_call *c, double d)
{
	return give(float_from(work_of(c)->heap, d));
}

const struct rtfs_value *
rtfs_string(struct rtfs_call *c, const char *bytes, size_t len)
{
	if (bytes == NULL || utf8_invalid_at(bytes, len) != UTF8_VALID)
		return NULL;
	return give(str_new(work_of(c)->heap, bytes, len));
}

const struct rtfs_value *
rtfs_text(struct rtfs_call *c, const char *text)
{
	return text == NULL ? NULL : rtfs_string(c, text, strlen(text));
}

const struct rtfs_value *
rtfs_keyword(struct rtfs_call *c ATTR_UNUSED, const char *name)
{
	size_t len = name == NULL ? 0 : strlen(name);

	if (len == 0 || utf8_invalid_at(name, len) != UTF8_VALID ||
	    token_name_problem(name, len, true) != NULL)
		return NULL;
	return give(keyword_from(name));
}

/* Our words for those n values, one reference each; NULL: one is NULL. */
static val *
words_of(const struct rtfs_value *const *v, size_t n)
{
	val *words = xreallocarray(NULL, n + 1, sizeof(*words));
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i] == NULL) {
			free(words);
			return NULL;
		}
		words[i] = val_retain(take(v[i]));
	}
	return words;
}

const struct rtfs_value *
rtfs_vector(
    struct rtfs_call *c, const struct rtfs_value *const *items, size_t n)
{
	val *words = words_of(items, n), v;

	if (words == NULL)
		return NULL;
	v = vec_new(work_of(c)->heap, words, n);
	free(words);
	return give(v);
}

const struct rtfs_value *
rtfs_map(struct rtfs_call *c, const struct rtfs_value *const *pairs, size_t n)
{
	val *words = words_of(pairs, 2 * n), v;

	if (words == NULL)
		return NULL;
	v = map_new(work_of(c)->heap, words, n);
	free(words);
	return give(v);
}

/* ---- the end of a call ---- */

int
rtfs_return(struct rtfs_call *c, const struct rtfs_value *v)
{
	struct work *w = work_of(c);

	w->error = VAL_UNBOUND;
	w->result = v == NULL ? VAL_UNBOUND : val_retain(take(v));
	return 0;
}

static int
fail(struct work *w, enum errkey kind, val data, const char *fmt, va_list ap)
{
	struct buf b = BUF_INIT;

	buf_vaddf(&b, fmt, ap);
	w->result = VAL_UNBOUND;
	work_error_data(w, kind, data, "%s", buf_str(&b));
	buf_free(&b);
	return -1;
}

int
rtfs_fail(
    struct rtfs_call *c, const struct rtfs_value *data, const char *fmt, ...)
{
	struct work *w = work_of(c);
	val map;
	va_list ap;

	map = rtfs_type(data) == RTFS_MAP ? val_retain(take(data)) :
	                                    map_empty(w->heap);
	va_start(ap, fmt);
	fail(w, ERRKEY_CAPABILITY, map, fmt, ap);
	va_end(ap);
	return -1;
}

int
rtfs_refuse(struct rtfs_call *c, const char *fmt, ...)
{
	struct work *w = work_of(c);
	va_list ap;

	va_start(ap, fmt);
	fail(w, ERRKEY_INVALID_ARGUMENTS, map_empty(w->heap), fmt, ap);
	va_end(ap);
	return -1;
}
