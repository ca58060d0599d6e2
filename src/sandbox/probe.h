/*
 * What this machine can keep, found out by doing: never from sysctls.
 */
#ifndef SANDBOX_PROBE_H
#define SANDBOX_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SANDBOX_NLIMITS 16 /* RLIM_NLIMITS of Linux */

/* What a plan rests on; cheap to get (no process is made). */
struct facts {
	uint32_t uid; /* effective */
	uint32_t gid;
	bool sys_admin; /* may make namespaces without a user namespace */
	bool own_uids;  /* may give a slot a uid of its own, and kill it */
	bool
	    nproc_by_userns; /* RLIMIT_NPROC counts per user namespace (5.14) */
	uint64_t hard[SANDBOX_NLIMITS]; /* inherited; UINT64_MAX: unlimited */
	uint32_t cgroup; /* CGROUP_* that can be used; set by who has opened
			  * them */
	const char *cgroup_why; /* why others cannot; NULL: none was tried */
	uint64_t nofile;        /* the soft limit */
};
void facts_now(struct facts *);

enum facility {
	FACILITY_CLONE3,
	FACILITY_PID_NAMESPACE,
	FACILITY_IPC_NAMESPACE,
	FACILITY_USER_NAMESPACE,
	FACILITY_MOUNT_NAMESPACE,
	FACILITY_NET_NAMESPACE,
	FACILITY_NO_NEW_PRIVS,
	FACILITY_LANDLOCK,
	FACILITY_SECCOMP,
	FACILITY_CGROUP,
	FACILITY_SUBREAPER,
	FACILITY_PIDFD,
	FACILITY_COUNT
};

/* One row of `rtfs doctor`. */
struct probe {
	bool works;
	int os_errno;    /* !works: the errno of the trial; 0: none */
	char detail[96]; /* "ABI 7", "version 2 without controllers"; may be
			  * empty */
};
const char *facility_name(enum facility); /* "pid namespace" */
/* What it keeps: "nothing survives its task"; one line, static. */
const char *facility_purpose(enum facility);
/* What to do where it does not work; one line, static. */
const char *facility_remedy(enum facility);
/* Try all of them, in children of the caller (it must be single-threaded);
 * takes some milliseconds.  Namespaces are tried alone where the caller may,
 * else together with a user namespace. */
void probe_all(struct probe out[FACILITY_COUNT]);

#endif
