/*
 * The ring for the last half is only allocated when the first half is full:
 * most tasks write nothing or little.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pool/capture.h"

/* "unlimited" output is kept up to this. */
#define KEEP_MAX (64U * 1024 * 1024)

void
capture_reset(struct capture *c, uint64_t keep)
{
	buf_clear(&c->head);
	free(c->tail);
	c->tail = NULL;
	c->tail_at = 0;
	c->tail_total = 0;
	c->total = 0;
	c->keep = keep > KEEP_MAX ? KEEP_MAX : (size_t)keep;
	c->tail_cap = c->keep / 2;
}

void
capture_add(struct capture *c, const char *p, size_t n)
{
	size_t room, part;

	c->total += n;
	room = c->keep - c->tail_cap;
	room -= c->head.len < room ? c->head.len : room;
	part = n < room ? n : room;
	if (part > 0)
		buf_add(&c->head, p, part);
	p += part;
	n -= part;
	if (n == 0 || c->tail_cap == 0)
		return;
	if (c->tail == NULL)
		c->tail = xmalloc(c->tail_cap);
	c->tail_total += n;
	if (n > c->tail_cap) {
		p += n - c->tail_cap;
		n = c->tail_cap;
	}
	part = c->tail_cap - c->tail_at;
	if (part > n)
		part = n;
	memcpy(c->tail + c->tail_at, p, part);
	memcpy(c->tail, p + part, n - part);
	c->tail_at = (c->tail_at + n) % c->tail_cap;
}

void
capture_take(struct capture *c, struct buf *out)
{
	size_t tail =
	    c->tail_total < c->tail_cap ? (size_t)c->tail_total : c->tail_cap;
	uint64_t dropped = c->total - c->head.len - tail;

	if (out->data == NULL && tail == 0 && dropped == 0) {
		*out = c->head;
		c->head = (struct buf)BUF_INIT;
	} else if (c->head.len > 0) {
		buf_add(out, c->head.data, c->head.len);
	}
	if (dropped > 0) {
		buf_addf(out, "%s[... %" PRIu64 " bytes dropped ...]\n",
		    out->len > 0 ? "\n" : "", dropped);
		if (tail > 0) {
			buf_add(out, c->tail + c->tail_at, tail - c->tail_at);
			buf_add(out, c->tail, c->tail_at);
		}
	} else if (tail > 0) {
		buf_add(out, c->tail, tail);
	}
	capture_reset(c, c->keep);
}

void
capture_free(struct capture *c)
{
	buf_free(&c->head);
	free(c->tail);
	c->tail = NULL;
}
