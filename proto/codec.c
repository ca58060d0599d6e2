/*
 * Plain fields of messages, both ways, and the reading of one msgpack header.
 *
 * Writing is msgpack-c's.  Reading is our own cursor: the library stops at 32
 * levels, reserves memory for whatever count a header claims, and its push
 * template cannot be given the end of an extension's body, which our lists,
 * errors and tasks need at any depth.
 */
#include <stdarg.h>
#include <stdio.h>

#include <msgpack.h>

#include "base/limits.h"
#include "proto/codec_head.h"

static int
append(void *out, const char *bytes, size_t n)
{
	struct buf *b = out;

	memcpy(buf_reserve(b, n), bytes, n);
	b->len += n;
	return 0;
}

static void
pack_byte(struct buf *b, unsigned int c)
{
	*buf_reserve(b, 1) = (char)c;
	b->len++;
}

/* The length arguments are bounded by MAX_FRAME, so msgpack's 32 bits do. */
void
pack_array(struct buf *b, size_t n)
{
	msgpack_packer p = {b, append};

	if (n < 16) { /* the usual ones, without its switch */
		pack_byte(b, 0x90 | (unsigned int)n);
		return;
	}
	msgpack_pack_array(&p, n);
}

void
pack_map(struct buf *b, size_t n)
{
	msgpack_packer p = {b, append};

	msgpack_pack_map(&p, n);
}

void
pack_nil(struct buf *b)
{
	msgpack_packer p = {b, append};

	msgpack_pack_nil(&p);
}

void
pack_bool(struct buf *b, bool v)
{
	msgpack_packer p = {b, append};

	if (v)
		msgpack_pack_true(&p);
	else
		msgpack_pack_false(&p);
}

void
pack_int(struct buf *b, int64_t i)
{
	msgpack_packer p = {b, append};

	msgpack_pack_int64(&p, i);
}

void
pack_uint(struct buf *b, uint64_t i)
{
	msgpack_packer p = {b, append};

	if (i < 0x80)
		pack_byte(b, (unsigned int)i);
	else
		msgpack_pack_uint64(&p, i);
}

void
pack_float(struct buf *b, double f)
{
	msgpack_packer p = {b, append};

	msgpack_pack_double(&p, f);
}

void
pack_str(struct buf *b, const char *s, size_t len)
{
	msgpack_packer p = {b, append};

	if (len < 32)
		pack_byte(b, 0xa0 | (unsigned int)len);
	else
		msgpack_pack_str(&p, len);
	buf_add(b, s, len);
}

void
pack_str_head(struct buf *b, size_t len)
{
	msgpack_packer p = {b, append};

	msgpack_pack_str(&p, len);
}

size_t
pack_pieces(const struct buf *b, const struct pack_refs *refs,
    struct iovec out[PACK_PIECES])
{
	size_t at = 0, i, n = 0;

	for (i = 0; i <= refs->n; i++) {
		size_t end = i < refs->n ? refs->ref[i].at : b->len;

		if (end > at) {
			out[n].iov_base = b->data + at;
			out[n++].iov_len = end - at;
		}
		at = end;
		if (i < refs->n) {
			memcpy(&out[n].iov_base, &refs->ref[i].bytes,
			    sizeof(out[n].iov_base));
			out[n++].iov_len = refs->ref[i].len;
		}
	}
	return n;
}

void
pack_strz(struct buf *b, const char *s)
{
	if (s == NULL)
		pack_nil(b);
	else
		pack_str(b, s, strlen(s));
}

void
pack_bin(struct buf *b, const void *s, size_t len)
{
	msgpack_packer p = {b, append};

	msgpack_pack_bin(&p, len);
	buf_add(b, s, len);
}

void
pack_ext(struct buf *b, int type, const void *s, size_t len)
{
	msgpack_packer p = {b, append};

	msgpack_pack_ext(&p, len, (int8_t)type);
	buf_add(b, s, len);
}

/* ---- reading ---- */

const char *
head_kind_name(enum head_kind k)
{
	static const char *const names[] = {
	    [HEAD_NIL] = "nil",
	    [HEAD_BOOL] = "a boolean",
	    [HEAD_INT] = "an integer",
	    [HEAD_UINT] = "an integer above 64 bits signed",
	    [HEAD_FLOAT] = "a float",
	    [HEAD_STR] = "a string",
	    [HEAD_BIN] = "binary data",
	    [HEAD_EXT] = "an extension",
	    [HEAD_ARRAY] = "an array",
	    [HEAD_MAP] = "a map",
	};

	return names[k];
}

int
codec_bad(const struct unpack *u, const unsigned char *at, struct error *e,
    const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_set(
	    e, EK_PROTO, "at byte %zu: %s", (size_t)(at - u->start), text);
	return -1;
}

/* Is the body of this header elsewhere? */
static bool
head_elsewhere(const struct unpack *u, enum head_kind kind, uint64_t n)
{
	const struct unpack_texts *t = u->texts;

	return t != NULL && kind == HEAD_STR && t->next < t->n &&
	    t->text[t->next].at == (size_t)(u->at - u->start) &&
	    t->text[t->next].len == n;
}

int
head_body(struct unpack *u, struct head *h, enum head_kind kind, uint64_t n,
    struct error *e)
{
	size_t left = (size_t)(u->end - u->at);

	if (UNLIKELY(head_elsewhere(u, kind, n))) {
		h->kind = kind;
		h->n = (size_t)n;
		h->body = NULL;
		return 0;
	}
	if (n > left) {
		return codec_bad(u, u->at, e, "%s claims %ju bytes, %zu remain",
		    head_kind_name(kind), (uintmax_t)n, left);
	}
	h->kind = kind;
	h->n = (size_t)n;
	h->body = u->at;
	u->at += n;
	return 0;
}

int
head_count(struct unpack *u, struct head *h, enum head_kind kind, uint64_t n,
    struct error *e)
{
	size_t left = (size_t)(u->end - u->at);

	if (n > (kind == HEAD_MAP ? left / 2 : left)) {
		return codec_bad(u, u->at, e,
		    "%s claims %ju members, %zu bytes remain",
		    head_kind_name(kind), (uintmax_t)n, left);
	}
	h->kind = kind;
	h->n = (size_t)n;
	return 0;
}

static int
head_int(struct head *h, int64_t i)
{
	h->kind = HEAD_INT;
	h->as.i = i;
	return 0;
}

static int
head_uint(struct head *h, uint64_t n)
{
	if (n <= INT64_MAX)
		return head_int(h, (int64_t)n);
	h->kind = HEAD_UINT;
	h->as.u = n;
	return 0;
}

static int
head_float(struct head *h, double f)
{
	h->kind = HEAD_FLOAT;
	h->as.f = f;
	return 0;
}

/* size bytes at the cursor, big endian. */
static uint64_t
big_endian(struct unpack *u, size_t size)
{
	uint64_t n = 0;

	while (size-- > 0)
		n = n << 8 | *u->at++;
	return n;
}

static double
float_bits(uint64_t n, size_t size)
{
	uint32_t n4 = (uint32_t)n;
	float f4;
	double f8;

	if (size == 4) {
		memcpy(&f4, &n4, sizeof(f4));
		return (double)f4;
	}
	memcpy(&f8, &n, sizeof(f8));
	return f8;
}

/* Bytes of the number behind the format bytes 0xc4 to 0xdf: a length, a
 * count, or the integer itself. */
static const uint8_t number_size[] = {
    [0x04] = 1,
    [0x05] = 2,
    [0x06] = 4, /* bin */
    [0x07] = 1,
    [0x08] = 2,
    [0x09] = 4, /* ext */
    [0x0a] = 4,
    [0x0b] = 8, /* float */
    [0x0c] = 1,
    [0x0d] = 2,
    [0x0e] = 4,
    [0x0f] = 8, /* uint */
    [0x10] = 1,
    [0x11] = 2,
    [0x12] = 4,
    [0x13] = 8, /* int */
    [0x14] = 0,
    [0x15] = 0,
    [0x16] = 0,
    [0x17] = 0,
    [0x18] = 0, /* fixext */
    [0x19] = 1,
    [0x1a] = 2,
    [0x1b] = 4, /* str */
    [0x1c] = 2,
    [0x1d] = 4, /* array */
    [0x1e] = 2,
    [0x1f] = 4, /* map */
};

static int
head_ext(struct unpack *u, struct head *h, uint64_t n, struct error *e)
{
	if (u->at == u->end)
		return codec_bad(u, u->at, e, "ends early");
	h->ext = *u->at < 0x80 ? *u->at : *u->at - 0x100;
	u->at++;
	return head_body(u, h, HEAD_EXT, n, e);
}

int
head_next_long(struct unpack *u, struct head *h, struct error *e)
{
	const unsigned char *at = u->at;
	unsigned char c = *u->at++;
	size_t size = number_size[c & 0x1f];
	uint64_t n;

	if ((size_t)(u->end - u->at) < size)
		return codec_bad(u, at, e, "ends early");
	n = big_endian(u, size);
	switch (c) {
	case 0xc0:
		h->kind = HEAD_NIL;
		return 0;
	case 0xc2:
	case 0xc3:
		h->kind = HEAD_BOOL;
		h->as.b = c == 0xc3;
		return 0;
	case 0xc4:
	case 0xc5:
	case 0xc6:
		return head_body(u, h, HEAD_BIN, n, e);
	case 0xc7:
	case 0xc8:
	case 0xc9:
		return head_ext(u, h, n, e);
	case 0xca:
	case 0xcb:
		return head_float(h, float_bits(n, size));
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf:
		return head_uint(h, n);
	case 0xd0:
		return head_int(h, (int8_t)n);
	case 0xd1:
		return head_int(h, (int16_t)n);
	case 0xd2:
		return head_int(h, (int32_t)n);
	case 0xd3:
		return head_int(h, (int64_t)n);
	case 0xd4:
	case 0xd5:
	case 0xd6:
	case 0xd7:
	case 0xd8:
		return head_ext(u, h, UINT64_C(1) << (c - 0xd4), e);
	case 0xd9:
	case 0xda:
	case 0xdb:
		return head_body(u, h, HEAD_STR, n, e);
	case 0xdc:
	case 0xdd:
		return head_count(u, h, HEAD_ARRAY, n, e);
	case 0xde:
	case 0xdf:
		return head_count(u, h, HEAD_MAP, n, e);
	default:
		return codec_bad(u, at, e, "byte 0x%02x begins nothing", c);
	}
}

void
unpack_init(struct unpack *u, const void *bytes, size_t len)
{
	u->start = bytes;
	u->at = u->start;
	u->end = u->start + len;
	u->texts = NULL;
}

/* The next header, which must be of that kind. */
static int
want(struct unpack *u, struct head *h, enum head_kind kind, struct error *e)
{
	const unsigned char *at = u->at;

	if (head_next(u, h, e) == -1)
		return -1;
	if (h->kind == kind)
		return 0;
	codec_bad(u, at, e, "expected %s, found %s", head_kind_name(kind),
	    head_kind_name(h->kind));
	return -1;
}

int
unpack_array(struct unpack *u, size_t *n, struct error *e)
{
	struct head h;

	if (want(u, &h, HEAD_ARRAY, e) == -1)
		return -1;
	*n = h.n;
	return 0;
}

int
unpack_map(struct unpack *u, size_t *n, struct error *e)
{
	struct head h;

	if (want(u, &h, HEAD_MAP, e) == -1)
		return -1;
	*n = h.n;
	return 0;
}

int
unpack_fields(struct unpack *u, size_t n, struct error *e)
{
	const unsigned char *at = u->at;
	size_t got;

	if (unpack_array(u, &got, e) == -1)
		return -1;
	if (got >= n)
		return 0;
	return codec_bad(u, at, e, "expected %zu fields, found %zu", n, got);
}

/* Of one or two bytes, as most times of tasks are. */
static bool
unpack_short(struct unpack *u, int64_t *i)
{
	const unsigned char *at = u->at;

	if (u->end - at < 3 || (*at != 0xcc && *at != 0xcd))
		return false;
	*i = *at == 0xcc ? at[1] : at[1] << 8 | at[2];
	u->at += *at - 0xcc + 2;
	return true;
}

int
unpack_int(struct unpack *u, int64_t *i, struct error *e)
{
	struct head h ATTR_SCRATCH;

	if (unpack_short(u, i))
		return 0;
	if (want(u, &h, HEAD_INT, e) == -1)
		return -1;
	*i = h.as.i;
	return 0;
}

int
unpack_uint(struct unpack *u, uint64_t *i, struct error *e)
{
	const unsigned char *at = u->at;
	struct head h;

	if (head_next(u, &h, e) == -1)
		return -1;
	if (h.kind == HEAD_UINT) {
		*i = h.as.u;
		return 0;
	}
	if (h.kind == HEAD_INT && h.as.i >= 0) {
		*i = (uint64_t)h.as.i;
		return 0;
	}
	return codec_bad(u, at, e, "expected an integer of 0 or more, found %s",
	    h.kind == HEAD_INT ? "a negative one" : head_kind_name(h.kind));
}

int
unpack_bool(struct unpack *u, bool *b, struct error *e)
{
	struct head h;

	if (want(u, &h, HEAD_BOOL, e) == -1)
		return -1;
	*b = h.as.b;
	return 0;
}

static int
unpack_bytes(struct unpack *u, enum head_kind kind, const unsigned char **p,
    size_t *n, struct error *e)
{
	struct head h;

	if (u->at != u->end && *u->at == 0xc0) {
		u->at++;
		*p = NULL;
		*n = 0;
		return 0;
	}
	if (want(u, &h, kind, e) == -1)
		return -1;
	*p = h.body;
	*n = h.n;
	return 0;
}

int
unpack_str(struct unpack *u, const char **s, size_t *n, struct error *e)
{
	const unsigned char *p;

	if (unpack_bytes(u, HEAD_STR, &p, n, e) == -1)
		return -1;
	*s = (const char *)p;
	return 0;
}

int
unpack_bin(struct unpack *u, const void **s, size_t *n, struct error *e)
{
	const unsigned char *p;

	if (unpack_bytes(u, HEAD_BIN, &p, n, e) == -1)
		return -1;
	*s = p;
	return 0;
}

bool
unpack_long_text(struct unpack *u, size_t *len)
{
	const unsigned char *p = u->at;

	if (u->end - p < 5 || p[0] != 0xdb) /* str 32 */
		return false;
	*len =
	    (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
	u->at += 5;
	return true;
}

int
unpack_skip(struct unpack *u, struct error *e)
{
	struct head h = {.kind = HEAD_NIL};
	uint64_t left = 1; /* cannot wrap: each count is at most the bytes */

	while (left-- > 0) {
		if (head_next(u, &h, e) == -1)
			return -1;
		if (h.kind == HEAD_ARRAY)
			left += h.n;
		else if (h.kind == HEAD_MAP)
			left += 2 * (uint64_t)h.n;
	}
	return 0;
}
