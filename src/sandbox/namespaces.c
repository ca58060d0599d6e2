/* Making a process in new namespaces, with what the kernel grants.  Apart
 * because clone3(2) has no wrapper and its refusals have many names. */

#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/enter.h"
#include "sandbox/plan.h"

#define NAMESPACES (SANDBOX_PIDNS | SANDBOX_IPCNS | SANDBOX_USERNS)

static uint32_t refused; /* namespaces that this process need not try again */
static uid_t my_uid;     /* before the clone: unknown inside a new userns */
static gid_t my_gid;

static uint64_t
clone_flags(uint32_t kept)
{
	uint64_t flags = CLONE_PARENT;

	if ((kept & SANDBOX_PIDNS) != 0)
		flags |= CLONE_NEWPID;
	if ((kept & SANDBOX_IPCNS) != 0)
		flags |= CLONE_NEWIPC;
	if ((kept & SANDBOX_USERNS) != 0)
		flags |= CLONE_NEWUSER;
	return flags;
}

/* With CLONE_PARENT the exit signal is the caller's own and must be 0 here. */
static pid_t
raw_clone(uint64_t flags)
{
	struct clone_args args;
	long pid;

	memset(&args, 0, sizeof(args));
	args.flags = flags;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	/* Old kernels say ENOSYS, old container filters EPERM. */
	if (pid == -1 && (errno == ENOSYS || errno == EPERM))
		pid = syscall(SYS_clone, (unsigned long)flags, 0, 0, 0, 0);
	return (pid_t)pid;
}

pid_t
sandbox_clone(uint32_t *kept)
{
	static const uint32_t tries[] = {
	    SANDBOX_USERNS | SANDBOX_PIDNS | SANDBOX_IPCNS,
	    SANDBOX_PIDNS | SANDBOX_IPCNS,
	    SANDBOX_USERNS | SANDBOX_PIDNS,
	    SANDBOX_PIDNS,
	    SANDBOX_USERNS | SANDBOX_IPCNS,
	    SANDBOX_IPCNS,
	    0,
	};
	uint32_t want = *kept & NAMESPACES & ~refused;
	uint32_t last = UINT32_MAX;
	uint32_t next;
	pid_t pid = -1;
	size_t i;

	my_uid = geteuid();
	my_gid = getegid();
	for (i = 0; i < NITEMS(tries); i++) {
		next = want & tries[i];
		if (next == last || next == SANDBOX_USERNS)
			continue;
		last = next;
		*kept = next;
		pid = raw_clone(clone_flags(next));
		if (pid >= 0)
			break;
		if (errno == EAGAIN || errno == ENOMEM)
			return -1;
	}
	/* ENOSPC and the like may pass; a refusal by right does not. */
	if (pid > 0 && next != want)
		refused |= want & ~next;
	return pid;
}

void
sandbox_clone_without_userns(void)
{
	refused |= SANDBOX_USERNS;
}

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int saved;

	if (fd == -1)
		return -1;
	n = write(fd, text, strlen(text));
	saved = errno;
	close(fd);
	errno = saved;
	return n == -1 ? -1 : 0;
}

int
sandbox_map_ids(uid_t uid, gid_t gid)
{
	char text[64];

	/* The kernel wants this before a gid_map without privilege. */
	if (write_file("/proc/self/setgroups", "deny") == -1 && errno != ENOENT)
		return -1;
	snprintf(text, sizeof(text), "%u %u 1", uid, uid);
	if (write_file("/proc/self/uid_map", text) == -1)
		return -1;
	snprintf(text, sizeof(text), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", text);
}

int
sandbox_map_self(void)
{
	return sandbox_map_ids(my_uid, my_gid);
}
