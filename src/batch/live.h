/* Output of jobs that still run: --line-buffer and --ungroup. */
#ifndef BATCH_LIVE_H
#define BATCH_LIVE_H

#include "batch/runner.h"

/* Is what it prints now shown at once? */
bool live_wanted(const struct entry *);
void live_write(struct entry *, int fd, const char *, size_t);
/* What was spooled before it was its turn (-k). */
void live_catch_up(struct entry *);
/* A last line without its end. */
void live_end(struct entry *);
/* Whole text to descriptor 1 or 2, each line after the job's tag. */
void tagged_write(struct entry *, int fd, const char *, size_t, bool *mid);

#endif
