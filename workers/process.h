/*
 * The three kinds of process of a worker image, and what they share.  One
 * binary an image: main() becomes the fork server, which makes guards, which
 * make task processes.
 */
#ifndef WORKERS_PROCESS_H
#define WORKERS_PROCESS_H

#include <sys/resource.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "sandbox/enter.h"
#include "value/heap.h"

struct buf;
struct grants;
struct inbox;
struct task_plan;
struct work;

/* What this binary can run besides builtin_find(); one per image. */
struct image {
	const char *name; /* "core", "http", "plugin" */
	bool atfork;      /* a library of it wants to be told of a fork */
	uint64_t (*build_id)(void);
	/* NULL, all of them: this image runs no closures.  As in work.h. */
	void (*closure_add)(uint64_t id, const void *bytes, size_t len);
	int (*closure_run)(struct work *);
	struct heap *(*closure_heap)(const struct grants *);
	int (*closure_unpack)(
	    void *arg, const void *bytes, size_t len, val *out, struct error *);
	/* NULL, both: this image runs no plug-ins.  Else it runs nothing
	 * else. */
	int (*plugin_run)(struct work *);
	void (*plugin_load)(const struct grants *); /* before plugin_run() */
};
extern const struct image image;

/* Of data that every task process changes: it lies where the C library writes
 * after each fork, too, so that fewer pages are copied. */
#define PER_PROCESS _Thread_local

/* What fork server and guards receive in, and a task process that stays: part
 * of the program, since every mapping of its own makes each fork dearer. */
extern char process_room[FRAME_MAX_MESSAGE];

/* Serve the control socket until it closes; the exit status. */
int forkserver_run(void);

/*
 * In a fresh child of the fork server: be the guard of a slot.  control is
 * its socket, report the pipe on which the fork server waits for a
 * struct guard_report, the entry what sandbox_clone() has made of it.
 */
void guard_main(uint64_t slot, int control, int report,
    struct sandbox_entry *) ATTR_NORETURN;
struct guard_report {
	uint32_t kept;
	uint32_t os_errno; /* not 0: the guard has ended */
	bool userns;       /* it was the user namespace that failed */
	uint16_t refused[SANDBOX_NBITS];
	char why[160]; /* of a guard that ended; may be empty */
};

/* In a fresh child of a guard: be the task process of a run that serves. */
#define TASK_NFDS 4
struct task_start {
	bool once;          /* for one task: no page */
	struct inbox *rest; /* of this message, with all that is for the task;
			     * NULL: there is a request socket */
	const char *title;  /* what it runs, for its title */
	size_t title_len;
	int fd[TASK_NFDS];          /* request, result, stray, page; or -1 */
	pid_t guard;                /* the parent's id as the child sees it */
	bool bound;                 /* the kernel lets it die with that one */
	struct sandbox_entry *lock; /* what the task enters itself; NULL: its
				     * guard has done it */
	struct buf *in; /* to receive in, once the title is set; a new one
			    * costs several faults of a first touch */
};
void task_main(const struct task_start *) ATTR_NORETURN;

/* Everything a run started, as its guard sees it (tree.c). */
struct tree {
	bool namespaced;  /* we are pid 1: kill(-1) reaches exactly the tree */
	int children;     /* our /proc/thread-self/children, or any file that
			  * is empty */
	pid_t main;       /* 0: none alive */
	bool main_exited; /* not by a signal, as we have been told */
	bool main_ended;
	int status;          /* of main, as wait4 gives it */
	struct rusage usage; /* of main */
	uint64_t cpu_ticks;  /* of main when a signal ended it, microseconds,
			       * as RLIMIT_CPU counts; 0: unknown */
	uint64_t user_us;    /* of all that was reaped */
	uint64_t system_us;
	unsigned int swept; /* processes that had to be killed */
	bool sweeping;
};
void tree_begin(struct tree *, pid_t main_process);
/* Take the ends of children that are there; never blocks. */
void tree_reap(struct tree *);
/* Kill main and all it started; their ends are still to be reaped. */
void tree_kill(struct tree *);
/* The same for SIGSTOP and SIGCONT, which nobody can refuse. */
void tree_signal(struct tree *, int signo);
/* Kill what is left and reap all of it.  No process of the tree is there
 * when it returns. */
void tree_clear(struct tree *);

#endif
