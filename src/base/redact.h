/*
 * Texts that must not be seen: replaced by "***" wherever they stand, also
 * when they come in pieces.
 */
#ifndef BASE_REDACT_H
#define BASE_REDACT_H

#include "base/buf.h"

/* What is shorter would hide half of every text. */
#define REDACT_LEAST 6U

/* Zero-initialised knows nothing and changes nothing. */
struct redactor {
	struct buf *hidden;
	size_t n;
	size_t longest;
};
void redactor_add(struct redactor *, const char *, size_t);
void redactor_free(struct redactor *); /* wipes them */

/* Append the text to out without them. */
void redact(const struct redactor *, const char *, size_t, struct buf *out);
/* The same for a stream: what may be the beginning of a hidden text is held
 * back until more comes, or until the end. */
void redact_more(const struct redactor *, struct buf *held, const char *,
    size_t, struct buf *out);
void redact_end(const struct redactor *, struct buf *held, struct buf *out);

#endif
