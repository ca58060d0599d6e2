/* Values to text.  No C recursion; every readable form reads back equal. */
#ifndef VALUE_PRINTER_H
#define VALUE_PRINTER_H

#include "base/buf.h"
#include "value/value.h"

void print_readable(struct buf *, val); /* pr-str: strings quoted */
void print_plain(struct buf *, val);    /* str: a top-level string as it is */
/* The same, as long as it takes at most max bytes and its work is not given up
 * (value/work.h); false: it does not, what was added is of no use.  Values that
 * share parts can be exponentially longer as text than in memory. */
bool print_max(struct buf *, val, bool readable, size_t max);
/* Readable, cut to about max bytes with "..." inside: for messages. */
void print_short(struct buf *, val, size_t max);
/* One string literal with quotes and escapes. */
void print_string(struct buf *, const char *, size_t len);

#endif
