/*
 * Uids for slots, when started as root: numbers that no user of the machine
 * has, in blocks that a supervisor claims for itself as long as it lives.  Two
 * supervisors never share one: kill(-1) and RLIMIT_NPROC go by uid.
 */
#ifndef SANDBOX_UIDS_H
#define SANDBOX_UIDS_H

#include <stdint.h>

#include "base/error.h"

#define UIDS_BLOCK  64U   /* uids of one block */
#define UIDS_BLOCKS 1024U /* that there are */

/* A uid that no slot of this process has; 0: none can be claimed (*e).
 * The first call claims a block: a lock on a file in the runtime folder. */
uint32_t uid_take(struct error *);
void uid_return(uint32_t); /* when nothing runs under it; 0 is fine */
/* "2000000000-2000065535", static: for people. */
const char *uid_range(void);

#endif
