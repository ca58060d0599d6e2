/*
 * One attempt at one task, as the pool sees it, and how it ended.
 *
 *	life		meaning
 *	TASK_NEW	made, not with the pool
 *	TASK_QUEUED	with the pool, nothing started
 *	TASK_SENT	with a worker, in a batch behind another task
 *	TASK_RUNNING	started: its deadline counts
 *	TASK_ENDING	its end is decided, its process is being killed
 *	TASK_DONE	given back with an outcome
 */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include <sys/queue.h>

#include <stdint.h>

#include "base/buf.h"
#include "value/errval.h"

enum task_life {
	TASK_NEW,
	TASK_QUEUED,
	TASK_SENT,
	TASK_RUNNING,
	TASK_ENDING,
	TASK_DONE,
	TASK_NLIVES
};
const char *task_life_name(enum task_life);

/* Code of a function task: made once per function and call, sent once per
 * worker.  Owned by whoever made it; outlives its tasks. */
struct closure {
	uint64_t id; /* unique in this process, never 0 */
	const char *bytes;
	size_t len;
};

struct command; /* task/command.h */
struct worker;
struct plan; /* capability + effective policy + sandbox plan: pool/plan.h */

/* At most 128 bytes: a hundred thousand of them wait in a queue. */
struct task {
	TAILQ_ENTRY(task) entry; /* the pool's, while the pool has it */
	const struct plan *plan;
	struct worker *worker;         /* the pool's: who has it */
	const struct closure *closure; /* function tasks; else NULL */
	const struct command *command; /* CAP_COMMAND; else NULL */
	struct heap *heap;             /* where the result is built */
	val args;        /* vector; the submitter keeps it alive */
	void *owner;     /* the submitter's */
	uint64_t seq;    /* the submitter's: index in its set */
	uint64_t id;     /* the pool's: unique in the pool */
	int64_t queued;  /* clock_mono() */
	int64_t started; /* clock_mono(); 0: not yet */
	uint8_t life;    /* enum task_life */
	uint8_t attempt; /* 1 for the first */
	bool over;       /* the pool's: beyond a :total, never starts */
	bool lost_once;  /* re-queued after its batch lost a worker */
	bool closes;     /* the last one of its message */
};
TAILQ_HEAD(task_queue, task);

struct usage {
	int64_t wall_ns; /* from start of execution to its end */
	int64_t user_ns;
	int64_t system_ns;
	uint64_t max_rss; /* bytes; 0: unknown */
	bool known;       /* CPU and memory figures are there */
};

/*
 * How an attempt ended.  Plain struct, zero-initialised by outcome_init;
 * valid during the callback that hands it over, which may move the value and
 * the texts out by setting them to VAL_UNBOUND or NULL.
 */
struct outcome {
	bool ok;
	enum errkey kind;  /* !ok: which; ERRKEY_COUNT: own_kind says */
	val value;         /* ok: the result, owned, on task->heap */
	val error;         /* an error value that travelled, owned; or
			   * VAL_UNBOUND: build one from the fields below */
	char *message;     /* !ok: one line */
	val data;          /* further :data of the capability; or VAL_UNBOUND */
	int32_t pid;       /* 0: no process was made */
	uint32_t slot;     /* the pool's number for its place; 0: none */
	int32_t exit;      /* exit status; -1: none */
	int32_t signal;    /* 0: none */
	const char *limit; /* ":cpu" without colon, or NULL; static */
	uint64_t allowed;  /* of that limit, in its unit (ns for times) */
	uint64_t used;
	struct usage usage;
	int64_t queued_ns;    /* how long it waited */
	int64_t started_wall; /* clock_wall() of the start; 0: never started */
	struct buf stray;     /* stderr as kept: first and last half */
	uint64_t stray_total; /* bytes that came, kept or not */
	struct buf output;    /* what a function task printed */
	char *not_applied;    /* promises of the plan that were not kept, comma
			       * separated; NULL: none */
};
void outcome_init(struct outcome *);
void outcome_clear(struct heap *, struct outcome *);

/* "task", "limit", "policy", "caller" or "host": whom to blame; NULL for
 * success (design.md, "The record of a task"). */
const char *errkey_fault(enum errkey);

#endif
