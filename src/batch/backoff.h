/* How long a job that failed waits for its next attempt. */
#ifndef BATCH_BACKOFF_H
#define BATCH_BACKOFF_H

#include <stdint.h>

#include "base/clock.h"

#define BACKOFF_LONGEST (3600 * NS_PER_SEC)

/*
 * After that attempt (1 for the first), in ns: delay, doubled for each attempt
 * after the first, up to BACKOFF_LONGEST, and from that a quarter less to a
 * quarter more, as chance (any number, each as likely) has it: jobs that failed
 * together do not come back together.
 */
int64_t backoff(int64_t delay, unsigned int attempt, uint32_t chance);

#endif
