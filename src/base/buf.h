/*
 * A growable byte buffer.  Zero-initialised is empty and valid:
 * "struct buf b = BUF_INIT".  Running out of memory ends the process with a
 * message (buf_oom): a supervisor that cannot get a few bytes cannot go on,
 * and every size that the outside chooses is bounded before it gets here.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct buf {
	char *data; /* not NUL-terminated; see buf_str() */
	size_t len;
	size_t cap;
};
#define BUF_INIT                                                               \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* Make room for n more bytes and return where they go (len is unchanged). */
char *buf_grow(struct buf *, size_t n);
static inline char *
buf_reserve(struct buf *b, size_t n)
{
	if (LIKELY(n < b->cap - b->len))
		return b->data + b->len;
	return buf_grow(b, n);
}
void buf_add(struct buf *, const void *, size_t);
void buf_addc(struct buf *, char);
void buf_adds(struct buf *, const char *); /* NUL-terminated text */
void buf_addu(struct buf *, uint64_t);     /* decimal digits */
void buf_addf(struct buf *, const char *, ...) ATTR_PRINTF(2, 3);
void buf_vaddf(struct buf *, const char *, va_list) ATTR_PRINTF(2, 0);
/* Drop the first n bytes (n <= len). */
void buf_drop(struct buf *, size_t n);
/* The text, NUL-terminated (the NUL is not counted in len); never NULL. */
const char *buf_str(struct buf *);
/* Hand the bytes over, NUL-terminated; the caller frees.  Empties the buffer. */
char *buf_take(struct buf *, size_t *len);
void buf_clear(struct buf *); /* len = 0, memory kept */
void buf_free(struct buf *);

/* malloc that cannot fail: the same rule for other small things. */
void *xmalloc(size_t);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *, size_t);
void *xreallocarray(void *, size_t n, size_t size);
char *xstrdup(const char *);
char *xstrndup(const char *, size_t);
char *xasprintf(const char *, ...) ATTR_PRINTF(1, 2);

#endif
