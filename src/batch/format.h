/* -o: how the end of each job is shown on standard output. */
#ifndef BATCH_FORMAT_H
#define BATCH_FORMAT_H

#include "batch/runner.h"

struct format; /* what lasts from one job to the next */

void format_begin(struct runner *);
/* false: not all of it can be shown, which is said. */
bool format_entry(struct runner *, struct entry *);
/* Every job was shown: the one value of -o rtfs. */
void format_end(struct runner *);
/* status is the exit status to be. */
void format_summary(struct runner *, int status);
void format_free(struct runner *);

/* Append a stream as a JSON string, handed to out piece by piece (NULL: all
 * into b); bytes that are no UTF-8 are U+FFFD. */
void format_json_spool(
    struct runner *, struct buf *b, const struct spool *, struct runner *out);

#endif
