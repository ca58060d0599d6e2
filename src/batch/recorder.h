/* The process that keeps what has been done: rtfs-state, beside the workers. */
#ifndef BATCH_RECORDER_H
#define BATCH_RECORDER_H

#include <sys/types.h>

#include "batch/batch.h"

/* rtfs-state VERB FILE with these as its descriptors 0 and 1.
 * EK_UNAVAILABLE: it is not installed; EK_SYSTEM. */
int recorder_start(const struct batch *, const char *verb, int in, int out,
    pid_t *, struct error *) ATTR_CHECK;
/* Fill *e for its status of waitpid(), without text unless it was killed: else
 * it has said itself why it ended.  -1. */
int recorder_failed(int status, struct error *);

#endif
