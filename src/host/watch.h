/*
 * Everything that looks into a pool while it works: the trace, the metrics,
 * and the table that SIGUSR1 asks for.  Who has a pool attaches it; who does
 * not (a program that needs no worker) just opens and closes.
 */
#ifndef HOST_WATCH_H
#define HOST_WATCH_H

#include "pool/loop.h"
#include "pool/observe.h"

struct watch;

/* Append the name of a task, as a person knows it. */
typedef void (*watch_label_cb)(const struct task *, struct buf *, void *arg);

struct watch_config {
	const char *trace; /* path, or NULL; borrowed */
	const char *metrics;
};
/* EK_SYSTEM when a file cannot be made; the message names the option. */
int watch_open(
    const struct watch_config *, struct watch **, struct error *) ATTR_CHECK;
/* Call before the first task is submitted, once; SIGUSR1 is an event of the
 * loop from then on. */
int watch_attach(struct watch *, struct loop *, struct pool *, watch_label_cb,
    void *arg, struct error *) ATTR_CHECK;
/* Call while the pool is still there. */
void watch_detach(struct watch *);
/* The program waited for a call of n tasks between these times of
 * clock_mono(), and has taken so many steps up to there. */
void watch_call(
    struct watch *, int64_t from, int64_t to, size_t n, uint64_t steps);
/* EK_SYSTEM when not all could be written; NULL is fine. */
int watch_close(struct watch *, struct error *);

#endif
