/*
 * :program of a policy: which programs process.exec and the commands of a
 * batch may execute.  Two names of one file are compared by their folders'
 * real paths and their own last part: /bin/cat is /usr/bin/cat where /bin is a
 * link, but what only links to an allowed program is another one.
 */
#ifndef SANDBOX_PROGRAM_H
#define SANDBOX_PROGRAM_H

#include <stdbool.h>

/* Where names without a slash are looked for. */
#define PROGRAM_PATH "/usr/local/bin:/usr/bin:/bin"

/* The file that a name means: with a slash as it is, else searched; NULL: not
 * found.  The caller frees. */
char *program_find(const char *name);
/* list as in struct effective (NULL: anything). */
bool program_allowed(char *const *list, const char *program);

#endif
