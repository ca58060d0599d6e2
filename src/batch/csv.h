/*
 * Comma-separated values as RFC 4180 has them: fields in quotes may hold
 * separators, newlines and doubled quotes; lines end with LF or CRLF.
 */
#ifndef BATCH_CSV_H
#define BATCH_CSV_H

#include "base/buf.h"
#include "base/error.h"
#include "batch/words.h"

/* How far a record was looked through; zero-initialised at its beginning. */
struct csv_scan {
	size_t at;
	int state;
};
/* Bytes of the record at data, its LF included, or 0: it does not end in
 * data[0..len).  Goes on where the last call stopped. */
size_t csv_end(struct csv_scan *, const char *data, size_t len, char separator);
/* The fields of one record without its LF; "" is one empty field.  EK_SYNTAX
 * with line and column in the record: a quote within an unquoted field, text
 * behind a closing quote, a quote that is not closed, a NUL. */
int csv_fields(const char *, size_t len, char separator, struct words *,
    struct error *) ATTR_CHECK;
/* Add one field, in quotes where it needs them. */
void csv_write(struct buf *, const char *, size_t len, char separator);

#endif
