/* --joblog: GNU parallel's nine columns. */
#ifndef BATCH_JOBLOG_H
#define BATCH_JOBLOG_H

#include "batch/runner.h"

struct joblog;

/* append: lines of earlier runs stay.  EK_SYSTEM. */
int joblog_open(
    const char *path, bool append, struct joblog **, struct error *) ATTR_CHECK;
void joblog_add(struct joblog *, struct entry *); /* NULL is fine */
int joblog_close(struct joblog *, struct error *);

/* The lines of one that an earlier run has left, ours or GNU parallel's; ok:
 * status and signal are 0. */
typedef void (*joblog_line_cb)(
    void *arg, uint64_t seq, const char *command, bool ok);
/* EK_SYSTEM: it cannot be read. */
int joblog_read(
    const char *path, joblog_line_cb, void *arg, struct error *) ATTR_CHECK;

#endif
