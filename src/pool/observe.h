/*
 * What happens in a pool, for those who watch it: an event at a time, totals,
 * and a table of the moment.  Without an observer an event costs one branch.
 */
#ifndef POOL_OBSERVE_H
#define POOL_OBSERVE_H

#include "pool/pool.h"

enum pool_event_kind {
	POOL_QUEUED,        /* a task waits */
	POOL_REQUEUED,      /* it waits again: back from a worker */
	POOL_STARTED,       /* an attempt begins */
	POOL_ENDED,         /* an attempt is over */
	POOL_KILLED,        /* a signal is on its way to a task process */
	POOL_PROCESS,       /* a task process is there */
	POOL_PROCESS_ENDED, /* code and status say how */
	POOL_SLOT,          /* a guard is there */
	POOL_SLOT_ENDED,
	POOL_SERVER, /* a fork server is there */
	POOL_SERVER_ENDED,
};

struct pool_event {
	enum pool_event_kind kind;
	int64_t at;                    /* clock_mono() */
	const struct task *task;       /* NULL: about none, or not known */
	const struct outcome *outcome; /* POOL_ENDED; else NULL */
	uint32_t slot;                 /* 0: none */
	int32_t pid;                   /* 0: none */
	int signo;                     /* POOL_KILLED */
	int code;                      /* as of waitid; 0: not known */
	int status;
};

/* Called from within the pool; must not call it, and keeps nothing that the
 * event points to.  One observer a pool; NULL: none. */
typedef void (*pool_observe_cb)(const struct pool_event *, void *arg);
void pool_observe(struct pool *, pool_observe_cb, void *arg);

struct pool_totals {
	uint64_t submitted; /* attempts, a retried task counts again */
	uint64_t requeued;
	uint64_t started;
	uint64_t ok;
	uint64_t failed;
	uint64_t processes; /* task processes started */
	uint64_t kills;
	uint64_t slots;
	uint64_t servers;
	int64_t since; /* clock_mono() of pool_new() */
};
const struct pool_totals *pool_totals(const struct pool *);

/* Tasks that wait, that run, and the most that may run. */
struct pool_load {
	size_t queued;
	unsigned int busy; /* processes with tasks */
	unsigned int most;
	unsigned int processes;
	unsigned int slots;
};
void pool_load(const struct pool *, struct pool_load *);

/* Append the table of slots, processes and queues.  label (NULL: the
 * capability) appends the name of a task. */
void pool_show(const struct pool *, struct buf *,
    void (*label)(const struct task *, struct buf *, void *arg), void *arg);

#endif
