/*
 * Paths that the task of a traced slot asks for, and whether its profile has
 * them.  Only tells: a call is let through as it is, and the kernel decides.
 */
#ifndef SANDBOX_TRACE_H
#define SANDBOX_TRACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/notify.h"
#include "sandbox/profile.h"

struct sandbox_ask {
	char path[PATH_MAX]; /* absolute */
	uint32_t access;     /* one of SANDBOX_READ, _WRITE, _EXECUTE */
	bool looks;          /* a view hides it, Landlock does not */
	bool arranges;       /* the folder that holds it is changed */
};
#define SANDBOX_MAX_ASKS 2

/* Is a call of that name about paths? */
bool trace_names_path(const char *name);
/* What a waiting call asks for; how many.  Those whose memory cannot be read
 * are left out. */
size_t sandbox_asked(const struct sandbox_call *,
    struct sandbox_ask out[SANDBOX_MAX_ASKS]) ATTR_CHECK;
/* Will that be refused for the profile's sake?  What the machine does not have
 * is not; nor what file permissions are about.  Then path is what a grant would
 * have to name.  The call must still wait.  kept: SANDBOX_* of the slot. */
bool sandbox_ask_refused(const struct sandbox_profile *, uint32_t kept,
    const struct sandbox_call *, struct sandbox_ask *);

#endif
