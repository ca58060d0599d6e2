/* Which isolation level a task gets here, found out by running one. */
#ifndef CLI_REACH_H
#define CLI_REACH_H

#include "base/buf.h"
#include "policy/policy.h"

/* Run a program at that level, under the built-in policy alone, the whole way
 * from policy to process.  false: *why says what this machine lacks, and the
 * remedy. */
bool level_reached(enum isolation, struct buf *why);

#endif
