/* Forbidden system calls, as the listener of a slot tells of them. */
#ifndef SANDBOX_NOTIFY_H
#define SANDBOX_NOTIFY_H

#include <stdint.h>

#include "base/macros.h"

struct sandbox_call {
	uint64_t id;  /* the kernel's, for the answer */
	uint32_t pid; /* as the caller's /proc has it; 0: unknown */
	uint32_t arch;
	int nr;
	uint64_t arg[6];
};

/* The next one that waits: 1; 0: none, or its process is gone; -1: there will
 * be none any more (errno). */
int sandbox_notified(int fd, struct sandbox_call *) ATTR_CHECK;
/* The call fails with that errno.  -1 with errno: its process is gone. */
int sandbox_call_refuse(
    int fd, const struct sandbox_call *, int os_errno) ATTR_CHECK;
/* The call goes on as if nobody had listened. */
int sandbox_call_continue(int fd, const struct sandbox_call *) ATTR_CHECK;
/* "mount(2) with arguments 0x7f12, 0x0, ..."; the caller frees. */
char *sandbox_call_text(const struct sandbox_call *);

#endif
