/*
 * The front door, half with effects: what a guard and its task processes do to
 * themselves.  Called in small single-threaded processes; every function says
 * what failed by errno and never ends the process.
 */
#ifndef SANDBOX_ENTER_H
#define SANDBOX_ENTER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

/*
 * namespaces.c.  Like fork(), but the child is a child of the caller's
 * *parent* and lives in new namespaces.  *kept goes in as wishes (SANDBOX_*);
 * what the kernel refuses is dropped and remembered, so that the next slot
 * does not try it again.  On success *kept holds, in both processes, the
 * namespaces that were made.  -1: not even a plain process could be made.
 */
pid_t sandbox_clone(uint32_t *kept);
/* The child could not use its user namespace: do without from now on. */
void sandbox_clone_without_userns(void);
/* In the child: the ids that the caller had, in the new user namespace.  -1
 * with errno; the process has no name then and should end. */
int sandbox_map_self(void) ATTR_CHECK;
/* The same for a process that made its user namespace by unshare(2). */
int sandbox_map_ids(uid_t, gid_t) ATTR_CHECK;

/*
 * enter.c.  In the new guard: ids and no capabilities in a user namespace of
 * its own, no_new_privs.  *kept gets SANDBOX_NO_NEW_PRIVS added when that
 * holds.  -1 with errno: the user namespace cannot be used.
 */
int sandbox_enter_guard(uint32_t wishes, uint32_t *kept) ATTR_CHECK;

/* rlimits.c.  Lower the caller's own limit.  Never raises the hard limit:
 * what is above it is set to it.  -1 with errno. */
int sandbox_lower_limit(int resource, uint64_t soft, uint64_t hard) ATTR_CHECK;
/* Only the soft one, up to the hard limit; may raise it. */
int sandbox_soft_limit(int resource, uint64_t soft) ATTR_CHECK;

/* privs.c */
int sandbox_no_new_privs(void) ATTR_CHECK;
int sandbox_drop_capabilities(void) ATTR_CHECK;

#endif
