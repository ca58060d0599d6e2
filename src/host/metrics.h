/*
 * A run in numbers, as OpenMetrics text: written anew and put in place of the
 * old file, so that who reads it (a node_exporter, a person) sees a whole one.
 */
#ifndef HOST_METRICS_H
#define HOST_METRICS_H

#include "pool/observe.h"

struct metrics;

/* EK_SYSTEM when path cannot be written. */
int metrics_open(
    const char *path, struct metrics **, struct error *) ATTR_CHECK;
void metrics_event(struct metrics *, const struct pool_event *);
/* Write what is known now; pool may be NULL: none was needed yet. */
int metrics_write(
    struct metrics *, const struct pool *, struct error *) ATTR_CHECK;
void metrics_free(struct metrics *); /* NULL is fine; writes nothing */

#endif
