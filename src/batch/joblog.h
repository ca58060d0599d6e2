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

#endif
