/* What a PLAN message says, kept by a task process. */
#ifndef WORKERS_GRANTS_H
#define WORKERS_GRANTS_H

#include "proto/frame.h"
#include "sandbox/user.h"
#include "workers/work.h"

struct task_limit {
	int resource; /* RLIMIT_* */
	uint64_t soft;
	uint64_t hard;
};

struct task_plan {
	struct grants grants;
	unsigned int umask;
	int niceness; /* added to what it is */
	bool as_user; /* become that user */
	struct user user;
	struct task_limit *limit;
	size_t nlimits;
};

/* Keep a plan; one of the same number goes.  EK_PROTO. */
int task_plan_add(const struct frame *, struct error *) ATTR_CHECK;
/* NULL: never said. */
const struct task_plan *task_plan_find(uint64_t id);
void task_plan_drop(const struct task_plan *); /* NULL: nothing */

/* Once, before any plan: what limits and umask are. */
void task_plan_prepare(void);
void task_plan_umask(const struct task_plan *);
/* A serving process: put the plan's umask and soft limits in force, CPU time
 * counted from now (clock_mono()).  -1 with errno. */
int task_plan_apply(const struct task_plan *, int64_t now) ATTR_CHECK;
/* Soft and hard limits, for good.  -1 with errno. */
int task_plan_bind(const struct task_plan *) ATTR_CHECK;
/* User and niceness, for good; nothing for most plans.  A process that others
 * of its uid could look into is not one afterwards.  -1 with errno. */
int task_plan_become(const struct task_plan *) ATTR_CHECK;
/* Let a message with descriptors in, whatever the plan in force says. */
void task_plan_relax(void);

#endif
