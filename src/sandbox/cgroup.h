/*
 * Control groups: a sub-tree of our own, one group a slot, limits that hold
 * for everything a task starts.  Version 2 where its controllers are to be
 * had, else version 1's memory, pids and cpu, then with version 2's
 * cgroup.kill.  Used by the supervisor, which stays outside of it; where that
 * was killed its fork servers take it away.
 *
 * No group that we did not make is touched, but for two files of the one that
 * we are in, where version 2 demands it: its controllers are enabled for the
 * groups below, and for that we move into a leaf.  Both is undone at the end.
 */
#ifndef SANDBOX_CGROUP_H
#define SANDBOX_CGROUP_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* ---- cgroup_find.c: pure ---- */

enum {
	CGROUP_MEMORY = 1,
	CGROUP_PIDS = 2,
	CGROUP_CPU = 4,
	CGROUP_KILL = 8, /* everything in a group by one write */
};
#define CGROUP_PLACES 8

/* A hierarchy that is mounted. */
struct cgroup_place {
	bool v2;
	uint32_t controllers; /* of version 1 */
	char *top;            /* folder where it is mounted */
	char *own;            /* folder of the caller's own group; NULL: it
			       * cannot be seen from here */
};
/*
 * From the texts of /proc/self/mountinfo and /proc/self/cgroup; returns how
 * many were filled in.  Those without a controller of ours are left out, but
 * for version 2.  Free with cgroup_places_clear().
 */
size_t cgroup_find(const char *mountinfo, const char *cgroups,
    struct cgroup_place out[CGROUP_PLACES]);
void cgroup_places_clear(struct cgroup_place *, size_t n);
const char *cgroup_controller_name(uint32_t bit); /* "memory" */

/* ---- cgroup.c: the sub-tree ---- */

#define CGROUP_UNLIMITED UINT64_MAX
struct cgroup_limits {
	uint64_t memory; /* bytes; no swap besides */
	uint64_t pids;   /* of a slot: those of its tasks */
	uint64_t cpus;   /* thousandths of a processor's time */
};
#define CGROUP_LIMITS_NONE                                                     \
	{                                                                      \
		CGROUP_UNLIMITED, CGROUP_UNLIMITED, CGROUP_UNLIMITED           \
	}

struct cgroup;
/* Find a place and make the sub-tree; never NULL, see cgroup_has().  Removes
 * what supervisors of our user that were killed have left there. */
struct cgroup *cgroup_open(void);
uint32_t cgroup_has(const struct cgroup *); /* CGROUP_* that can be used */
/* Why others cannot, with the remedy; empty when all can. */
const char *cgroup_why(const struct cgroup *);
/* "version 2", "version 1 (memory pids)": for people. */
const char *cgroup_kind(const struct cgroup *);
/* Limits of all slots together.  EK_UNAVAILABLE: one cannot be set. */
int cgroup_total(
    struct cgroup *, const struct cgroup_limits *, struct error *) ATTR_CHECK;
/* Removes the sub-tree; waits a little for what is still dying in it.  NULL
 * is fine. */
void cgroup_close(struct cgroup *);
/* Try again to remove groups that were busy; false: some still are. */
bool cgroup_tidy(struct cgroup *);

/* Where a sub-tree was made: what whoever clears up needs to know. */
struct cgroup_made {
	char *own;        /* folder of the group that it lies in */
	uint32_t enabled; /* controllers of that one that were turned on */
};
/* Those of c, whose folders stay its own; their number. */
size_t cgroup_made(const struct cgroup *c, struct cgroup_made[CGROUP_PLACES]);
/* Their maker was killed: removes them when nothing lives there any more,
 * which may take a moment; what lives on stays. */
void cgroup_remove_dead(const struct cgroup_made *, size_t n);

/* ---- cgroup_slot.c: the group of one slot ---- */

struct cgroup_slot;
/* Make it and put the process in, before that has started anything. */
int cgroup_slot_new(struct cgroup *, uint32_t id, pid_t,
    struct cgroup_slot **out, struct error *) ATTR_CHECK;
/* Make exactly these hold from now on: what is not limited is set free.  -1:
 * one does not hold. */
int cgroup_slot_limit(struct cgroup_slot *, const struct cgroup_limits *,
    struct error *) ATTR_CHECK;
/* What the kernel has counted since the last call. */
struct cgroup_use {
	bool oom;         /* it killed something here, for lack of memory: */
	bool oom_total;   /* in the sub-tree as a whole, not in this group */
	uint64_t memory;  /* highest use; 0: unknown */
	uint64_t refused; /* forks, at the limit of pids */
};
void cgroup_slot_use(struct cgroup_slot *, struct cgroup_use *);
/* SIGKILL to everything in it; false: this machine has no such thing. */
bool cgroup_slot_kill(struct cgroup_slot *);
/* All its processes are dead or dying; removes the group, now or later. */
void cgroup_slot_free(struct cgroup_slot *); /* NULL is fine */

#endif
