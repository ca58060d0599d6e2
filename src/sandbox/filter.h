/*
 * The filter of system calls, compiled in the supervisor from names to the
 * program that a guard loads: libseccomp is linked into nobody else.  An
 * allow list; what is not on it is ENOSYS, so that a program takes the older
 * way; what a contained program has no honest use for is told to the
 * supervisor, or kills where nobody listens; other ABIs (i386, x32) kill.
 * No call makes a set-user-id or set-group-id file.
 * A lax one, for :isolated, only refuses these, vsock, which no network
 * namespace bounds, and user namespaces: in one of its own a program has all
 * privileges, and with them most of what a kernel can do.
 */
#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* Sets of system calls, as :syscalls names them. */
enum {
	FILTER_COMPUTE = 1, /* memory, threads, time, open descriptors */
	FILTER_FILES = 2,   /* paths; bounded by mounts and Landlock */
	FILTER_NETWORK = 4, /* sockets of the internet families */
	FILTER_EXEC = 8,    /* new processes and programs */
};

enum filter_arch {
	FILTER_NATIVE,
	FILTER_X86_64,
	FILTER_ARM64,
};

struct filter {
	uint32_t sets;
	/* Further calls, by name; those that begin with a colon are sets and
	 * pass here.  NULL: none. */
	char *const *names;
	enum filter_arch arch;
	/* Forbidden calls ask a listener (SECCOMP_RET_USER_NOTIF); else they
	 * kill the process. */
	bool notify;
	/* So do all others that are refused: who listens answers them with
	 * filter_errno(); and those that name paths (trace.h): who listens lets
	 * them go on where filter_allows(). */
	bool trace;
	/* Everything may be called, in every ABI, but no user namespace made, no
	 * vsock opened and no set-user-id bit set.
	 * The fields above then say nothing. */
	bool lax;
};

/* "files" without colon; 0: no such set. */
uint32_t filter_set(const char *name);
/* Is there a system call of that name that a policy may add? */
bool filter_knows(const char *name);
/* Append the program (struct sock_filter, in native byte order).  EK_ARGUMENT:
 * an unknown name; EK_UNAVAILABLE: the library cannot. */
int filter_export(
    const struct filter *, struct buf *, struct error *) ATTR_CHECK;
/* Is the call, of that name, allowed whatever its arguments? */
bool filter_allows(const struct filter *, const char *name);
/* What a refused call gets: EPERM or ENOSYS; 0: it is forbidden. */
int filter_errno(uint32_t arch, int nr);
/* "mount", NULL: unknown; the caller frees. */
char *filter_call_name(uint32_t arch, int nr);

#endif
