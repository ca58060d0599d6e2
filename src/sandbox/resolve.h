/*
 * Where a granted path leads.  Links are followed one by one, and none that a
 * task may have put there: what a grant means is said by whoever wrote it.
 */
#ifndef SANDBOX_RESOLVE_H
#define SANDBOX_RESOLVE_H

#include <stddef.h>

#include "policy/policy.h"

/*
 * *place (the caller's to free) is the absolute path without links; what does
 * not exist is left as it is written.  The first *there bytes exist: all of
 * them, or the folder that would hold the rest, at least "/".
 *
 * EK_UNAVAILABLE: a link on the way lies in a folder that tasks may write.
 * writable NULL: no folder is.
 */
int sandbox_resolve(const char *path, const struct writable *writable,
    char **place, size_t *there, struct error *) ATTR_CHECK;

/* What the options of a task say of :read and :write lies by its name within
 * what it had anyway; does it also when links are followed?  EK_POLICY; else as
 * sandbox_resolve(). */
int sandbox_check_bounds(const struct effective *, struct error *) ATTR_CHECK;

/*
 * Open (O_PATH) what is at a place, known without links: one on
 * the way, or "..", was not there when that was found out.  -1 with errno,
 * ELOOP for those.  Makes system calls only, none that the usual filter
 * refuses.
 */
int sandbox_open_place(const char *place) ATTR_CHECK;
/* The same of the first of two names that leads somewhere: a task with a view
 * of its own sees a grant as it was written (first), everything else where it
 * is (second; NULL: there is no other name). */
int sandbox_open_start(const char *first, const char *second) ATTR_CHECK;
/* And make it the current folder. */
int sandbox_enter_start(const char *first, const char *second) ATTR_CHECK;

#endif
