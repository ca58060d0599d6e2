/* A job as a line of --jsonl. */
#ifndef BATCH_JOBLINE_H
#define BATCH_JOBLINE_H

#include "batch/job.h"

/* Append it without its newline; nothing when it cannot be one: a text that is
 * no UTF-8, a function task, arguments that are no JSON. */
void job_line(const struct job *, struct buf *);

#endif
