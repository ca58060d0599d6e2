/* Output of jobs that still run: --line-buffer and --ungroup. */
#ifndef BATCH_LIVE_H
#define BATCH_LIVE_H

#include "batch/runner.h"

/* Is what it prints shown before it ends? */
bool live_wanted(const struct entry *);
void live_write(struct entry *, int fd, const char *, size_t);
/* Show what it has printed since the last time. */
void live_catch_up(struct entry *);
/* A last line without its end. */
void live_end(struct entry *);
/* Whole text to descriptor 1 or 2, each line after the job's tag. */
void tagged_write(struct entry *, int fd, const char *, size_t, bool *mid);

#endif
