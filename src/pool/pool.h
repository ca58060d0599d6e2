/*
 * The pool: tasks in, outcomes out.  Keeps fork servers, guards and workers,
 * starts what is queued, times it, kills what is over, reaps, and loses
 * nothing: every submitted task is given back exactly once.
 *
 * Units: nanoseconds of clock_mono().  A deadline counts from the moment the
 * task starts to run, not from pool_submit().
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include "policy/policy.h"
#include "pool/loop.h"
#include "proto/codec.h"
#include "task/task.h"

struct pool;

/* The task is the callback's again; *o is cleared by the pool afterwards.
 * The callback may submit and cancel. */
typedef void (*pool_done_cb)(struct task *, struct outcome *o, void *arg);
/* A task has begun to run in process pid. */
typedef void (*pool_start_cb)(struct task *, int32_t pid, void *arg);

struct pool_config {
	unsigned int workers; /* at a time, 1 to MAX_WORKERS */
	unsigned int batch;   /* most tasks in a message; 0: as many as pay */
	unsigned int depth;   /* most messages a worker has; 0: the usual */
	int64_t spin; /* look for so long before going to sleep, at both ends */
	const char *worker_path[IMAGE_COUNT]; /* absolute; NULL: not built */
	int niceness;        /* of all processes of the pool; 0: as ours */
	bool leave_children; /* of commands at :inherit: they may live on */
	int64_t grace;       /* between TERM and KILL when cancelling */
	uint64_t build_id;   /* lang_build_id(), to compare with the worker's */
	/* How functions in the arguments of function tasks travel; NULL: they
	 * do not. */
	pack_function_cb pack_function;
	void *pack_arg;
	/* Where :secrets are; NULL at the end; outlives the pool. */
	char *const *secret_dirs;
	struct total total[TOTAL_COUNT]; /* of the policy; not set: none */
	bool live_stray; /* call stray as stderr comes, besides keeping it */
	void (*stray)(struct task *, const char *, size_t, void *arg);
	/* What a command (CAP_COMMAND) writes to descriptor 1 or 2, as it
	 * comes and all of it before done; its outcome has neither.  May
	 * cancel, not submit. */
	void (*stream)(struct task *, int fd, const char *, size_t, void *arg);
	/* A system call of a capability with trace_denied has failed for its
	 * filter: "socket(2) with arguments ...".  NULL: nobody asks. */
	void (*denied)(const char *call, int os_errno, void *arg);
	/* It asks for a path that it was not granted: one of SANDBOX_READ,
	 * _WRITE, _EXECUTE.  With denied. */
	void (*path_denied)(const char *path, uint32_t access, void *arg);
	/* Starts and streams of short programs are wanted as they come, not
	 * with the end: see line_quiet().  So they are by who observes. */
	bool prompt;
	/* A worker may be given a command while it runs another one that is
	 * expected to be short, and begins with it as soon as that has ended:
	 * before done has been called for that one. */
	bool ahead;
	pool_start_cb start; /* may be NULL */
	pool_done_cb done;
	void *arg; /* of all of them */
};

/* SIGPIPE is ignored in this process from then on. */
int pool_new(struct loop *, const struct pool_config *, struct pool **,
    struct error *) ATTR_CHECK;
/* Kill everything, reap everything, give nothing back.  No process of the
 * pool is left when it returns. */
void pool_free(struct pool *);

/*
 * The way tasks of a capability under an effective policy are run: one per
 * pair, cached, owned by the pool.  EK_UNAVAILABLE: this machine cannot keep
 * what the policy asks for, with what was tried and the remedy.
 */
int pool_plan(struct pool *, const struct capability *,
    const struct effective *, const struct plan **, struct error *) ATTR_CHECK;
const struct capability *plan_capability(const struct plan *);
const struct effective *plan_effective(const struct plan *);
/* Limits that were lowered to the inherited hard limit: "nofile data", or
 * NULL; isolation as applied: "inherit". */
const char *plan_clamped(const struct plan *);

/* Queue it; the pool has it until the callback.  Tasks of a capability go to
 * workers in the order of submission (a batch at a time).  task->plan, heap,
 * args, owner, seq, closure are set. */
void pool_submit(struct pool *, struct task *);
/* The same for one that has waited elsewhere since then (clock_mono()). */
void pool_submit_since(struct pool *, struct task *, int64_t queued);
/* So many are still to be submitted: who looks into the pool sees them wait. */
void pool_expect(struct pool *, size_t n);
/* End a task that the pool has, with that kind and text: a queued one at
 * once, a running one by TERM, then KILL after the grace (0: KILL at once).
 * limit may be NULL; else allowed is its amount. */
void pool_cancel(struct pool *, struct task *, enum errkey, const char *text,
    const char *limit, uint64_t allowed);
/* End it as cancelled unless it has begun, which may become known later. */
void pool_withdraw(struct pool *, struct task *);
void pool_cancel_all(struct pool *, enum errkey, const char *text);
/* Second Ctrl-C: no grace any more. */
void pool_kill_all(struct pool *);
/* Stop what runs (SIGSTOP, to whole trees), and let it go on: every deadline and
 * timer of the loop is put off by the ns between the two.  Between them no
 * other function may be called. */
void pool_stop(struct pool *);
void pool_continue(struct pool *, int64_t ns);
/* At most n tasks run at a time from now on (n <= workers). */
void pool_set_concurrency(struct pool *, unsigned int n);
size_t pool_count(const struct pool *); /* tasks it has */

#endif
