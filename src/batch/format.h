/* -o: how the end of each job is shown on standard output. */
#ifndef BATCH_FORMAT_H
#define BATCH_FORMAT_H

#include "batch/runner.h"

struct format; /* what lasts from one job to the next */

void format_begin(struct runner *);
void format_entry(struct runner *, struct entry *);
/* The summary; status is the exit status to be. */
void format_end(struct runner *, int status);
void format_free(struct runner *);

/* Append a JSON string of any bytes: those that are no UTF-8 are U+FFFD. */
void format_json_text(struct buf *, const char *, size_t);
/* The same for a stream, handed to out piece by piece (NULL: all into b). */
void format_json_spool(
    struct runner *, struct buf *b, const struct spool *, struct runner *out);

#endif
