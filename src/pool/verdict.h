/*
 * How an attempt ended, from the facts: a pure function with a fixed order
 * of precedence, so that every case can stand in a table.  First comes what
 * we did ourselves, then what the kernel says, then what the task says.
 */
#ifndef POOL_VERDICT_H
#define POOL_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "value/errval.h"

enum answer_state {
	ANSWER_NONE,    /* nothing, or not all of it */
	ANSWER_OK,      /* complete and well formed */
	ANSWER_INVALID, /* complete, but no value of the promised kind */
};

struct attempt {
	/* our own act */
	bool decided;
	enum errkey decided_kind;
	/* a program that could not be started */
	bool not_started;
	uint32_t stage; /* enum exec_stage */
	int os_errno;
	const char *directory; /* that it was to start in; NULL: none said */
	/* the end of the main process, as the guard reports it */
	bool ended;
	int code;             /* CLD_EXITED, CLD_KILLED, CLD_DUMPED */
	int status;           /* exit status or signal */
	int64_t cpu_ns;       /* of the main process */
	int64_t tree_cpu_ns;  /* of all */
	int64_t cpu_ticks_ns; /* of main as RLIMIT_CPU counts; 0: unknown */
	/* instead of it: the guard is gone */
	bool guard_lost;
	int guard_signal; /* 0: it was not killed from outside */
	/* limits in force, UINT64_MAX: none */
	uint64_t cpu_soft; /* seconds */
	uint64_t cpu_hard;
	uint64_t fsize; /* bytes */
	/* what the kernel says of its group */
	bool oom;             /* something was killed for lack of memory: */
	bool oom_total;       /* of all tasks together */
	uint64_t memory;      /* that limit */
	uint64_t memory_used; /* 0: unknown */
	uint64_t refused;     /* forks, at this limit: */
	uint64_t pids;
	bool pids_total; /* the nearest is that of all tasks together */
	/* Where no group counts them: RLIMIT_NPROC in force (0: none), and how
	 * many there were at the end, of a child that lives on to the guard. */
	uint64_t nproc;
	uint64_t processes;

	enum answer_state answer;
};

struct verdict {
	bool ok;
	enum errkey kind;
	int32_t exit;   /* -1: none */
	int32_t signal; /* 0: none */
	const char *
	    limit; /* "cpu", "fsize", "memory", "total", or NULL; whatever it ended
			    * of "pids" and "total" where forks were refused, "nproc"
			    * where none was left to be had */
	uint64_t allowed; /* cpu: ns */
	uint64_t used;
};

void verdict_reach(const struct attempt *, struct verdict *);
/* One line for the kinds that verdict_reach() finds by itself; nothing for a
 * decision of ours, whose text is there already. */
void verdict_text(const struct attempt *, const struct verdict *, struct buf *);

#endif
