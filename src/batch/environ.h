/* The variables of a command, and the file that its first word names. */
#ifndef BATCH_ENVIRON_H
#define BATCH_ENVIRON_H

#include "batch/job.h"
#include "policy/policy.h"

/*
 * "NAME=VALUE", NULL at the end, for word_list_free().  NULL: just what the
 * caller has.  Where a policy file says :env, the caller's PATH, HOME, LANG, TZ and
 * TMPDIR and what it names are left of the caller's; what the job brings
 * itself comes on top.
 */
char **environ_make(const struct job *, const struct effective *f);
/* Has a policy file narrowed it? */
bool environ_narrowed(const struct effective *);
/* The file to execute, as execvp() finds it with the PATH of env or else the
 * caller's; a name with a slash is itself; one that is there but may not be
 * executed only when there is no other.  NULL: there is none.  The caller
 * frees. */
char *environ_program(const char *name, char *const *env);

#endif
