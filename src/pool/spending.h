/*
 * What bounds all that one pool runs (:total of the policy): tasks, CPU time,
 * wall-clock time since the first task.  Concurrency is the pool's own number
 * of workers; memory, CPUs and processes are a cgroup's.
 */
#ifndef POOL_SPENDING_H
#define POOL_SPENDING_H

#include "policy/policy.h"
#include "task/task.h"

struct loop_timer;
struct pool;
struct worker;

struct spending {
	struct task_queue over; /* submitted when nothing more may start */
	uint64_t tasks;         /* submitted */
	int64_t cpu;            /* ns, of processes that have ended */
	int64_t begun;          /* clock_mono() of the first; 0: none yet */
	enum total_id spent;    /* which is used up; TOTAL_COUNT: none */
	struct loop_timer *timer;
};
void spending_init(struct spending *);
/* The least of workers and :concurrency. */
unsigned int spending_workers(const struct total *, unsigned int workers);
/* A task comes.  false: it must not start; it waits in over for its end. */
bool spending_admit(struct pool *, struct task *);
/* End what waits in over, and, when a total is used up, all that is queued. */
void spending_sweep(struct pool *);
/* A process of the pool has ended after so much CPU time; -1: unknown, what
 * was seen last counts. */
void spending_ended(struct worker *, int64_t cpu_ns);
void spending_close(struct pool *);

#endif
