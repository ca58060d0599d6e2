/* Text to the type that a parameter has. */
#include <string.h>

#include "base/utf8.h"
#include "batch/typed.h"
#include "task/marshal.h"
#include "value/json.h"
#include "value/string.h"
#include "value/type.h"
#include "value/vector.h"

/* Of alternative signatures the one for n arguments. */
static const struct type *
signature(const struct capability *c, size_t n)
{
	const struct type *t;
	size_t i;

	if (c->params == NULL)
		return NULL;
	for (i = 0; (t = type_alternative(c->params, i)) != NULL; i++) {
		if (type_tuple_count(t) == (int)n)
			return t;
	}
	return type_alternative(c->params, 0);
}

/* The text as that type, or the string that it is. */
static val
word_value(struct heap *h, const struct type *t, const char *text, size_t len)
{
	struct error e;
	val v, out;

	if (t == NULL)
		return str_new(h, text, len);
	if (type_guide(h, t, str_new(h, text, len), &out, NULL) == 0)
		return out;
	if (json_read(h, text, len, &v, &e) == 0 &&
	    type_guide(h, t, v, &out, NULL) == 0)
		return out;
	return str_new(h, text, len);
}

static int
read_word(struct heap *h, const struct type *params, size_t i,
    const struct typed_word *w, bool json, val *out, struct error *e)
{
	size_t len = strlen(w->text), at;
	const struct type *t;

	if ((at = utf8_invalid_at(w->text, len)) != UTF8_VALID)
		return error_set(e, EK_ARGUMENT,
		    "argument %zu: byte %zu is not UTF-8", i + 1, at);
	if (json) {
		if (json_read(h, w->text, len, out, e) == 0)
			return 0;
		e->kind = EK_ARGUMENT;
		return error_context(e, "argument %zu", i + 1);
	}
	t = w->value && params != NULL ? type_member(params, i) : NULL;
	*out = word_value(h, t, w->text, len);
	return 0;
}

int
typed_args(struct heap *h, const struct capability *c,
    const struct typed_word *w, size_t n, bool json, val *args, struct error *e)
{
	const struct type *params = signature(c, n);
	val v = vec_empty(h), item = VAL_NIL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (read_word(h, params, i, &w[i], json, &item, e) == -1) {
			val_release(h, v);
			return -1;
		}
		v = vec_push(h, v, item);
	}
	if (json)
		return typed_guide(h, c, v, args, e);
	if (marshal_check_args(c, v, e) == -1) {
		val_release(h, v);
		return -1;
	}
	*args = v;
	return 0;
}

int
typed_guide(struct heap *h, const struct capability *c, val json_args,
    val *args, struct error *e)
{
	if (c->params == NULL) {
		*args = json_args;
		return 0;
	}
	/* the check gives the better message */
	if (type_guide(h, c->params, val_retain(json_args), args, NULL) == 0) {
		val_release(h, json_args);
		return 0;
	}
	if (marshal_check_args(c, json_args, e) == 0)
		error_set(e, EK_ARGUMENT, "arguments do not fit :params");
	val_release(h, json_args);
	return -1;
}
