/*
 * The front door, pure half: from the effective limits of a capability and
 * the facts of the machine to the flat list of what a slot and its tasks
 * enter.  Touches no kernel.  Fails closed: what cannot be kept is refused
 * with what was asked, why not, and what to do instead.
 */
#ifndef SANDBOX_PLAN_H
#define SANDBOX_PLAN_H

#include "base/buf.h"
#include "base/error.h"
#include "policy/policy.h"
#include "sandbox/probe.h"

/* What a slot is asked to have and has: the bits of SLOT_MAKE and SLOT_MADE
 * (proto/proto.h has the same numbers; workers/guard.c asserts it). */
enum {
	SANDBOX_PIDNS = 1,
	SANDBOX_IPCNS = 2,
	SANDBOX_NO_NEW_PRIVS = 4,
	SANDBOX_USERNS = 8,
};

struct sandbox_limit {
	int resource;   /* RLIMIT_* */
	uint32_t needs; /* bits that the slot must have kept, else it is left
			 * out and named in not_applied */
	uint64_t soft;  /* UINT64_MAX: unlimited */
	uint64_t hard;
};

struct sandbox_plan {
	uint32_t wishes;
	uint32_t required; /* a slot that has not kept these is of no use */
	struct sandbox_limit limit[SANDBOX_NLIMITS];
	size_t nlimits;
	char *clamped;     /* "nofile data": lowered to the inherited hard
			    * limit; NULL: none */
	char *not_applied; /* "nproc,tmp": asked for, and no slot here keeps
			    * it; NULL: none */
};

/* EK_UNAVAILABLE: the policy has a key that nothing keeps yet (unkept.c). */
int sandbox_check_kept(const struct effective *, struct error *) ATTR_CHECK;
/* EK_UNAVAILABLE: isolation or a limit that this version or machine cannot
 * keep.  *out is filled only on success; free with sandbox_plan_clear(). */
int sandbox_plan(const struct effective *, const struct facts *,
    struct sandbox_plan *out, struct error *) ATTR_CHECK;
void sandbox_plan_clear(struct sandbox_plan *);
/* Append to *out, comma separated (out may be empty), what is not in force in
 * a slot that has kept these bits: plan->not_applied, limits whose needs are
 * not met, wishes that were not kept ("pid namespace"). */
void sandbox_plan_missing(
    const struct sandbox_plan *, uint32_t kept, struct buf *out);

#endif
