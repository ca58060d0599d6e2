/*
 * A plan: how the tasks of one capability under one effective policy are run.
 * Everything that is the same for all of them is worked out once: the limits
 * as numbers, the PLAN message, the environment, where its tasks wait.
 */
#ifndef POOL_PLAN_H
#define POOL_PLAN_H

#include <sys/types.h>

#include "base/buf.h"
#include "policy/policy.h"
#include "pool/secret.h"
#include "sandbox/plan.h"
#include "sandbox/user.h"
#include "task/task.h"

#define PLAN_ESTIMATES 8

/* How long tasks take, by closure. */
struct estimate {
	uint64_t closure;
	int64_t ns; /* 0: not known yet */
};

struct plan {
	struct plan *next; /* in its hash chain */
	const struct capability *capability;
	const struct effective *effective;
	struct sandbox_plan sandbox;
	struct line *line;
	uint32_t id; /* on the wire: small, dense, never 0 */
	bool batchable;
	char **read; /* the grants, links followed; NULL at the end */
	char **write;
	const struct secret **secret; /* as in effective->secrets */
	bool own; /* a process for each task: it takes a user or a
			   * niceness for good */
	bool as_user;
	struct user user;
	mode_t umask;
	bool command;     /* CAP_COMMAND: both streams go to the submitter */
	bool as_caller;   /* a command that runs as the caller would run it */
	int64_t timeout;  /* ns; INT64_MAX: none */
	uint64_t request; /* bytes; UINT64_MAX: unlimited */
	uint64_t result;
	uint64_t output_keep;
	uint64_t output_kill;
	struct estimate *estimate; /* PLAN_ESTIMATES of them */
};

/* Fill in everything but line and id. */
int plan_new(const struct capability *, const struct effective *,
    const struct facts *, struct plan **, struct error *) ATTR_CHECK;
/* Read the secrets that its policy names.  EK_UNAVAILABLE. */
int plan_secrets(struct plan *, struct secrets *, struct error *) ATTR_CHECK;
void plan_free(struct plan *); /* NULL is fine */

/* Where a task starts. */
struct start {
	const char *directory; /* absolute, as it is written */
	bool inherited;        /* it is ours, and so is who enters it */
	char *place;           /* without links; NULL: the same */
	char *whole;           /* what directory is in, or NULL */
};
/*
 * In a slot that has kept these bits: where the command says (may be NULL),
 * else the policy's :dir, else what its level has, else current.  What a task
 * has swapped since is seen, so it is asked before each.  EK_UNAVAILABLE: a
 * link on the way lies where tasks may write.
 */
int plan_start(const struct plan *, uint32_t kept, const char *command,
    const char *current, struct start *, struct error *) ATTR_CHECK;
void start_clear(struct start *);

/* Append the PLAN frame for a slot that has kept these bits. */
void plan_pack(
    const struct plan *, uint32_t kept, const struct start *, struct buf *);
/* Append the environment of a program as a msgpack array of "NAME=value".
 * Without a task: what is the same for all of them. */
void plan_pack_env(
    const struct plan *, uint32_t kept, const struct task *, struct buf *);

/* What a task of that closure (0: none) is expected to take; 0: unknown. */
int64_t plan_estimate(const struct plan *, uint64_t closure);
void plan_learn(const struct plan *, uint64_t closure, int64_t ns);

#endif
