/*
 * A run as a trace in the Chrome trace-event format, which Perfetto and
 * chrome://tracing read: one track a slot with the tasks that ran there and
 * the kills, a track of the program with its computing and its calls, a group
 * with every task's time in the queue, and a counter of tasks.
 *
 * The file is an array of events that is valid JSON once it is closed; the
 * format allows for a missing bracket, so a run that was killed can be read.
 */
#ifndef HOST_TRACE_H
#define HOST_TRACE_H

#include "pool/observe.h"

struct trace;

/* EK_SYSTEM when path cannot be made. */
int trace_open(const char *path, struct trace **, struct error *) ATTR_CHECK;
/* label is the name of the event's task; NULL when it has none. */
void trace_event(struct trace *, const struct pool_event *, const char *label);
/* The program did that between two times of clock_mono(), with a number of
 * something. */
void trace_program(struct trace *, const char *what, int64_t from, int64_t to,
    const char *unit, uint64_t n);
/* EK_SYSTEM when not all of it could be written. */
int trace_close(struct trace *, struct error *);

#endif
