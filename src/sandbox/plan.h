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
#include "sandbox/cgroup.h"
#include "sandbox/filter.h"
#include "sandbox/probe.h"
#include "sandbox/profile.h"
#include "task/capability.h"

struct sandbox_limit {
	int resource;   /* RLIMIT_* */
	uint32_t needs; /* bits that the slot must have kept, else it is left
			 * out and named in not_applied */
	uint64_t soft;  /* UINT64_MAX: unlimited */
	uint64_t hard;
};

/* What a level promises; each is kept by any one of several facilities.  The
 * first four are the bits of DEGRADE_*. */
enum {
	PROMISE_FILES = DEGRADE_FILES,     /* only what is granted */
	PROMISE_NETWORK = DEGRADE_NETWORK, /* none but what is granted */
	PROMISE_OTHERS = DEGRADE_OTHERS,   /* no hold on other processes */
	PROMISE_TREE = DEGRADE_TREE,       /* nothing survives its task */
	PROMISE_SURFACE = 1 << 8,          /* few system calls */
	PROMISE_USERNS = 1 << 9,           /* no user namespace inside */
};
#define PROMISE_COUNT 6

struct sandbox_plan {
	struct sandbox_profile profile;
	uint32_t promises;    /* those of the level, PROMISE_* */
	uint32_t degrade;     /* those that may be missed */
	uint32_t required;    /* facilities that must be there */
	bool filter_network;  /* the filter lets sockets be made */
	bool filter_ipc;      /* perhaps System V objects, too */
	struct filter filter; /* to be compiled into the profile */
	struct sandbox_limit limit[SANDBOX_NLIMITS];
	size_t nlimits;
	bool tmp_limited; /* :tmp needs a view */
	bool grouped;     /* group limits something */
	struct cgroup_limits group;
	char *clamped;     /* "nofile data": lowered to a ceiling or to the
			    * inherited hard limit; NULL: none */
	char *not_applied; /* "nproc,tmp": asked for, and no slot here keeps
			    * it; NULL: none */
};

/* EK_UNAVAILABLE: a limit that this version or machine cannot keep.
 * EK_POLICY: an unknown name in :require or :syscalls.  *out is filled only on
 * success; free with sandbox_plan_clear().  The lists of the effective policy
 * must live as long. */
int sandbox_plan(const struct capability *, const struct effective *,
    const struct facts *, struct sandbox_plan *out, struct error *) ATTR_CHECK;
/* plan_group.c.  Is there a limit that only a group keeps?  To enter one takes
 * the kernel some 10 ms, now and then, so nobody does without a reason: that
 * :nproc of the built-in layer is none, nor one that a uid keeps. */
bool sandbox_wants_group(const struct effective *, const struct facts *);
/* Fill in group, from limits that it changes: what the group
 * keeps is no rlimit, and what stands in for a group is one. */
int sandbox_plan_group(const struct effective *, const struct facts *,
    struct limit_value limit[LIMIT_COUNT], struct sandbox_plan *,
    struct buf *missing, struct error *) ATTR_CHECK;
void sandbox_plan_clear(struct sandbox_plan *);
/* The half of a plan that looks at the machine: compiles the filter, follows
 * links in granted paths, once and for all (resolve.h). */
int sandbox_plan_finish(
    struct sandbox_plan *, const struct writable *, struct error *) ATTR_CHECK;
/* Both halves: for those who show what would be entered. */
int sandbox_plan_whole(const struct capability *, const struct effective *,
    const struct facts *, struct sandbox_plan *out, struct error *) ATTR_CHECK;

/* level.c: wishes, promises, paths, filter of the level. */
int sandbox_plan_level(const struct capability *, const struct effective *,
    const struct facts *, struct sandbox_plan *, struct error *) ATTR_CHECK;

/* Append to *out, comma separated (out may be empty), what is not in force in
 * a slot that has kept these bits: plan->not_applied, limits whose needs are
 * not met, promises that it does not keep, and at :inherit wishes that were
 * not kept ("pid namespace"). */
void sandbox_plan_missing(
    const struct sandbox_plan *, uint32_t kept, struct buf *out);

/* promise.c: the promises that these facilities keep. */
uint32_t sandbox_promises(const struct sandbox_plan *, uint32_t kept);
const char *sandbox_promise_name(uint32_t promise); /* "tree" */
/* May a slot that has kept these bits be used?  -1: EK_UNAVAILABLE naming the
 * first promise that is missed, what was tried with its errno, and the
 * remedy. */
int sandbox_judge(const struct sandbox_plan *, uint32_t kept,
    const uint16_t refused[SANDBOX_NBITS], struct error *) ATTR_CHECK;

#endif
