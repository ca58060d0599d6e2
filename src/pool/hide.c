/* Secrets in what a task says of itself: messages and the data of errors are
 * shown, logged and recorded.  Its value is its own affair.  What has come by a
 * message nests MAX_DEPTH deep at most, so this may call itself. */
#include <stdlib.h>
#include <string.h>

#include "pool/internal.h"
#include "value/errval.h"
#include "value/list.h"
#include "value/map.h"
#include "value/string.h"
#include "value/vector.h"

struct hiding {
	const struct redactor *redactor;
	struct heap *heap;
	struct buf text; /* of the string at hand */
};

static val hide(struct hiding *, val);

static val
hide_string(struct hiding *h, val v)
{
	size_t n;
	const char *text = str_bytes(v, &n);

	buf_clear(&h->text);
	redact(h->redactor, text, n, &h->text);
	if (h->text.len == n && memcmp(h->text.data, text, n) == 0)
		return val_retain(v);
	return str_repaired(h->heap, h->text.data, h->text.len);
}

static val
hide_items(struct hiding *h, val v)
{
	bool list = val_is_list(v);
	size_t n = list ? list_count(v) : vec_count(v);
	val *item = xcalloc(n + 1, sizeof(*item));
	val rest = v;
	size_t i;

	for (i = 0; i < n; i++) {
		item[i] = hide(h, list ? list_first(rest) : vec_get(v, i));
		if (list)
			rest = list_rest(rest);
	}
	v = list ? list_new(h->heap, item, n) : vec_new(h->heap, item, n);
	free(item);
	return v;
}

static val
hide_pairs(struct hiding *h, val v)
{
	val *pair = xcalloc(2 * map_count(v) + 1, sizeof(*pair));
	struct map_iter it = map_iter(v);
	val key, value;
	size_t n = 0;

	while (map_next(&it, &key, &value)) {
		pair[2 * n] = hide(h, key);
		pair[2 * n + 1] = hide(h, value);
		n++;
	}
	v = map_new(h->heap, pair, n);
	free(pair);
	return v;
}

static val
hide_error(struct hiding *h, val v)
{
	const struct errval *e = val_errval(v);
	val message = hide(h, e->message);
	val data = hide(h, e->data);

	return errval_new(h->heap, val_retain(e->kind), message, data);
}

/* The same value with "***" in the place of secrets; borrows, owned. */
static val
hide(struct hiding *h, val v)
{
	if (val_is_string(v))
		return hide_string(h, v);
	if (val_is_vector(v) || val_is_list(v))
		return hide_items(h, v);
	if (val_is_map(v))
		return hide_pairs(h, v);
	if (val_is_error(v))
		return hide_error(h, v);
	return val_retain(v);
}

static void
hide_in(struct hiding *h, val *at)
{
	val hidden = hide(h, *at);

	val_release(h->heap, *at);
	*at = hidden;
}

void
outcome_hide(const struct redactor *r, struct heap *heap, struct outcome *o)
{
	struct hiding h = {r, heap, BUF_INIT};
	struct errval *error;

	if (r->n == 0)
		return;
	if (o->message != NULL) {
		redact(r, o->message, strlen(o->message), &h.text);
		free(o->message);
		o->message = xstrndup(h.text.data, h.text.len);
	}
	if (o->data != VAL_UNBOUND)
		hide_in(&h, &o->data);
	if (o->error != VAL_UNBOUND && val_is_error(o->error)) {
		error = val_errval(o->error);
		hide_in(&h, &error->message);
		hide_in(&h, &error->data);
	}
	buf_free(&h.text);
}
