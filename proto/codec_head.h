/*
 * One msgpack header, read and checked: the only place that looks at the
 * format bytes.  Internal to proto/codec*.c.
 */
#ifndef PROTO_CODEC_HEAD_H
#define PROTO_CODEC_HEAD_H

#include <string.h>

#include "proto/codec.h"

/* Levels of one value on the wire: a value of MAX_DEPTH levels inside the
 * vector of arguments. */
#define WIRE_DEPTH (MAX_DEPTH + 1)

enum head_kind {
	HEAD_NIL,
	HEAD_BOOL,
	HEAD_INT,  /* within int64 */
	HEAD_UINT, /* above int64 */
	HEAD_FLOAT,
	HEAD_STR,
	HEAD_BIN,
	HEAD_EXT,
	HEAD_ARRAY,
	HEAD_MAP,
};

struct head {
	enum head_kind kind;
	int ext;                   /* HEAD_EXT: its type */
	size_t n;                  /* bytes of body, members, or pairs */
	const unsigned char *body; /* STR, BIN, EXT; NULL: the next of the
	                            * texts that are elsewhere */
	union {
		bool b;
		int64_t i;
		uint64_t u;
		double f;
	} as;
};

const char *head_kind_name(enum head_kind);
/* EK_PROTO "at byte 12: ..."; at is where the trouble is. */
int codec_bad(const struct unpack *, const unsigned char *at, struct error *,
    const char *, ...) ATTR_PRINTF(4, 5);
/* What head_next does not decide inline. */
int head_next_long(struct unpack *, struct head *, struct error *);
int head_body(
    struct unpack *, struct head *, enum head_kind, uint64_t n, struct error *);
int head_count(
    struct unpack *, struct head *, enum head_kind, uint64_t n, struct error *);

/*
 * Read the header at the cursor, with the body of STR, BIN and EXT: the cursor
 * goes past both.  Bodies lie within the bytes that remain, and so does one
 * byte for every member that ARRAY and MAP claim.
 */
static inline int
head_next(struct unpack *u, struct head *h, struct error *e)
{
	unsigned char c;

	if (UNLIKELY(u->at == u->end))
		return codec_bad(u, u->at, e, "ends early");
	c = *u->at;
	if (c <= 0x7f || c >= 0xe0) {
		u->at++;
		h->kind = HEAD_INT;
		h->as.i = (int8_t)c;
		return 0;
	}
	if ((c & 0xe0) == 0xa0) {
		u->at++;
		if (UNLIKELY(u->texts != NULL || (c & 0x1f) > u->end - u->at))
			return head_body(u, h, HEAD_STR, c & 0x1f, e);
		h->kind = HEAD_STR;
		h->n = c & 0x1f;
		h->body = u->at;
		u->at += h->n;
		return 0;
	}
	if ((c & 0xf0) == 0x90) {
		u->at++;
		if (UNLIKELY((c & 0x0f) > u->end - u->at))
			return head_count(u, h, HEAD_ARRAY, c & 0x0f, e);
		h->kind = HEAD_ARRAY;
		h->n = c & 0x0f;
		return 0;
	}
	if ((c & 0xf0) == 0x80) {
		u->at++;
		return head_count(u, h, HEAD_MAP, c & 0x0f, e);
	}
	if (c == 0xce && u->end - u->at > 4) { /* most numbers of tasks */
		h->kind = HEAD_INT;
		h->as.i = (int64_t)u->at[1] << 24 | (int64_t)u->at[2] << 16 |
		    (int64_t)u->at[3] << 8 | u->at[4];
		u->at += 5;
		return 0;
	}
	return head_next_long(u, h, e);
}

/* The header of a string whose bytes come from elsewhere. */
void pack_str_head(struct buf *, size_t len);

#endif
