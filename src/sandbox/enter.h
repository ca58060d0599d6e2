/*
 * The front door, half with effects: what a guard and its task processes do to
 * themselves.  Called in small single-threaded processes; every function says
 * what failed by errno and never ends the process.
 */
#ifndef SANDBOX_ENTER_H
#define SANDBOX_ENTER_H

#include <sys/resource.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "sandbox/profile.h"

/* One guard on its way into its profile. */
struct sandbox_entry {
	const struct sandbox_profile *profile;
	uint32_t uid;  /* of the slot; 0: none */
	uint32_t kept; /* SANDBOX_* so far */
	/* What the kernel refused: errno by number of the bit; 0: nothing. */
	uint16_t refused[SANDBOX_NBITS];
	char why[160]; /* what made it impossible, for a person */
	int listener;  /* of forbidden calls, to be sent on; -1: none */
	int scratch;   /* the slot's tmpfs; -1: none */
	int secrets;   /* bytes of the profile's secrets, one after the other;
			* -1: none */
	uint64_t scratch_files; /* and what it holds when empty */
	uint64_t scratch_blocks;
};
void sandbox_entry_init(
    struct sandbox_entry *, const struct sandbox_profile *, uint32_t uid);
/* Note that a facility was refused, with the errno; returns -1. */
int sandbox_refused(struct sandbox_entry *, uint32_t bit, int os_errno);

/*
 * In the fork server, once a profile: what guards share (an empty net
 * namespace, the owners of granted folders).  Never fails: what cannot be
 * had is missed later, by its name.
 */
void sandbox_prepare(const struct sandbox_profile *, uint32_t uid);

/*
 * namespaces.c.  Like fork(), but the child is a child of the caller's
 * *parent* and lives in new namespaces: those that the profile wishes and the
 * kernel grants; what it refuses is remembered, so that the next slot does not
 * try it again.  On success kept holds, in both processes, the namespaces that
 * were made.  -1: not even a plain process could be made.
 */
pid_t sandbox_clone(struct sandbox_entry *);
/* The child could not use its user namespace: do without from now on. */
void sandbox_clone_without_userns(void);
/* In the child: the ids that the caller had, in the new user namespace.  -1
 * with errno; the process has no name then and should end. */
int sandbox_map_self(void) ATTR_CHECK;
/* The same for a process that made its user namespace by unshare(2). */
int sandbox_map_ids(uid_t, gid_t) ATTR_CHECK;

/*
 * enter.c.  In the new guard, in this order: ids of a user namespace, mounts,
 * network, uid, privileges, no_new_privs; the rest of the way in is
 * sandbox_lock().  -1 with errno and why: this guard is of no use.
 */
int sandbox_enter(struct sandbox_entry *) ATTR_CHECK;
/* Landlock and the filter, for good: the guard's last step where it has a pid
 * namespace, the task's first where it has none (its guard must be able to
 * kill what it leaves).  Never fails; kept and refused tell. */
void sandbox_lock(struct sandbox_entry *);
bool sandbox_locks(const struct sandbox_entry *); /* does that do anything? */
/* Is the slot's tmpfs as it was in the beginning?  Sets its folders back. */
bool sandbox_scratch_clean(const struct sandbox_entry *);

/* net.c */
int sandbox_net_join_empty(void) ATTR_CHECK; /* -1 with errno */
int sandbox_net_loopback(void) ATTR_CHECK;   /* lo up in the own namespace */
void sandbox_net_prepare(void);

/* view.c: the root of a slot.  -1 with errno and entry->why. */
int sandbox_view(struct sandbox_entry *) ATTR_CHECK;
/* The mount of a granted path on which that owner is the slot's uid: a user
 * namespace made before; -1. */
int sandbox_idmap_find(uint32_t owner_uid, uint32_t owner_gid, uint32_t uid);
void sandbox_idmap_prepare(
    uint32_t owner_uid, uint32_t owner_gid, uint32_t uid);

/* landlock.c: -1 with errno.  *scoped: signals and sockets, too. */
int sandbox_landlock(
    const struct sandbox_profile *, bool view, bool *scoped) ATTR_CHECK;
/* 0: there is none, with errno. */
int sandbox_landlock_abi(void);

/* rlimits.c.  Lower the caller's own limit from what it is now.  Never raises
 * the hard limit: what is above it is set to it.  -1 with errno. */
int sandbox_lower_limit(int resource, const struct rlimit *now, uint64_t soft,
    uint64_t hard) ATTR_CHECK;

/* privs.c */
int sandbox_no_new_privs(void) ATTR_CHECK;
/* All but those of the mask, 1 << CAP_*; also from the bounding set, as far as
 * that is allowed. */
int sandbox_drop_privileges(uint64_t kept) ATTR_CHECK;
/* Another user, without groups and without any privilege. */
int sandbox_become(uint32_t uid) ATTR_CHECK;

#endif
