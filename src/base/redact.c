/* See redact.h. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/redact.h"

void
redactor_add(struct redactor *r, const char *text, size_t n)
{
	struct buf b = BUF_INIT;
	size_t i;

	if (n < REDACT_LEAST)
		return;
	for (i = 0; i < r->n; i++) {
		if (r->hidden[i].len == n &&
		    memcmp(r->hidden[i].data, text, n) == 0)
			return;
	}
	buf_add(&b, text, n);
	r->hidden = xreallocarray(r->hidden, r->n + 1, sizeof(*r->hidden));
	r->hidden[r->n++] = b;
	if (n > r->longest)
		r->longest = n;
}

void
redactor_free(struct redactor *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		explicit_bzero(r->hidden[i].data, r->hidden[i].len);
		buf_free(&r->hidden[i]);
	}
	free(r->hidden);
	memset(r, 0, sizeof(*r));
}

/* The first of them in the text, at the leftmost place the longest; NULL:
 * none. */
static const char *
find(const struct redactor *r, const char *text, size_t n, size_t *len)
{
	const char *first = NULL, *at;
	size_t i;

	for (i = 0; n > 0 && i < r->n; i++) {
		at = memmem(text, n, r->hidden[i].data, r->hidden[i].len);
		if (at == NULL)
			continue;
		if (first == NULL || at < first ||
		    (at == first && r->hidden[i].len > *len)) {
			first = at;
			*len = r->hidden[i].len;
		}
	}
	return first;
}

void
redact(const struct redactor *r, const char *text, size_t n, struct buf *out)
{
	const char *at;
	size_t len = 0;

	while (r->n > 0 && (at = find(r, text, n, &len)) != NULL) {
		buf_add(out, text, (size_t)(at - text));
		buf_adds(out, "***");
		n -= (size_t)(at - text) + len;
		text = at + len;
	}
	buf_add(out, text, n);
}

static bool
may_begin(const struct redactor *r, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (n < r->hidden[i].len &&
		    memcmp(text, r->hidden[i].data, n) == 0)
			return true;
	}
	return false;
}

/* How many bytes at the end may be the beginning of one. */
static size_t
open_end(const struct redactor *r, const char *text, size_t n)
{
	size_t k = n < r->longest ? n : r->longest - 1;

	while (k > 0 && !may_begin(r, text + n - k, k))
		k--;
	return k;
}

void
redact_more(const struct redactor *r, struct buf *held, const char *text,
    size_t n, struct buf *out)
{
	struct buf all = *held;
	const char *at, *rest;
	size_t len = 0, left;

	*held = (struct buf)BUF_INIT;
	buf_add(&all, text, n);
	rest = all.data;
	left = all.len;
	while (r->n > 0 && (at = find(r, rest, left, &len)) != NULL) {
		buf_add(out, rest, (size_t)(at - rest));
		buf_adds(out, "***");
		left -= (size_t)(at - rest) + len;
		rest = at + len;
	}
	len = r->n > 0 ? open_end(r, rest, left) : 0;
	buf_add(out, rest, left - len);
	buf_add(held, rest + left - len, len);
	buf_free(&all);
}

void
redact_end(const struct redactor *r, struct buf *held, struct buf *out)
{
	redact(r, held->data == NULL ? "" : held->data, held->len, out);
	buf_free(held);
}
