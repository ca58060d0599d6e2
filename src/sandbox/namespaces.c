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

static const struct {
	uint32_t bit;
	uint64_t flag;
} namespaces[] = {
    {SANDBOX_PIDNS,    CLONE_NEWPID   },
    {SANDBOX_IPCNS,    CLONE_NEWIPC   },
    {SANDBOX_USERNS,   CLONE_NEWUSER  },
    {SANDBOX_VIEW,     CLONE_NEWNS    },
    {SANDBOX_NETNS,    CLONE_NEWNET   },
    {SANDBOX_UTSNS,    CLONE_NEWUTS   },
    {SANDBOX_CGROUPNS, CLONE_NEWCGROUP},
};
#define MORE (SANDBOX_VIEW | SANDBOX_NETNS | SANDBOX_UTSNS | SANDBOX_CGROUPNS)

static uint32_t refused; /* namespaces that this process need not try again */
static int refusal;      /* the errno of the whole set */
static uid_t my_uid;     /* before the clone: unknown inside a new userns */
static gid_t my_gid;

static uint64_t
clone_flags(uint32_t kept)
{
	uint64_t flags = CLONE_PARENT;
	size_t i;

	for (i = 0; i < NITEMS(namespaces); i++) {
		if ((kept & namespaces[i].bit) != 0)
			flags |= namespaces[i].flag;
	}
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

/* What the guard is made with.  An empty net namespace is joined later, where
 * we may join one. */
static uint32_t
clone_wishes(const struct sandbox_profile *p)
{
	uint32_t want = 0;
	size_t i;

	for (i = 0; i < NITEMS(namespaces); i++)
		want |= namespaces[i].bit;
	want &= p->wishes;
	if (p->network == SANDBOX_NET_NONE && (want & SANDBOX_USERNS) == 0)
		want &= ~(uint32_t)SANDBOX_NETNS;
	return want;
}

/* A guard without a pid namespace sweeps by /proc: it keeps the machine's. */
static uint32_t
granted(uint32_t want)
{
	return (want & SANDBOX_PIDNS) != 0 ? want : want & ~(uint32_t)MORE;
}

static void
clone_refused(struct sandbox_entry *x, uint32_t lacking)
{
	size_t i;

	for (i = 0; i < NITEMS(namespaces); i++) {
		if ((lacking & namespaces[i].bit) != 0)
			sandbox_refused(x, namespaces[i].bit, refusal);
	}
}

pid_t
sandbox_clone(struct sandbox_entry *x)
{
	static const uint32_t tries[] = {
	    SANDBOX_USERNS | SANDBOX_PIDNS | SANDBOX_IPCNS | MORE,
	    SANDBOX_PIDNS | SANDBOX_IPCNS | MORE,
	    SANDBOX_USERNS | SANDBOX_PIDNS | SANDBOX_IPCNS,
	    SANDBOX_PIDNS | SANDBOX_IPCNS,
	    SANDBOX_USERNS | SANDBOX_PIDNS,
	    SANDBOX_PIDNS,
	    SANDBOX_USERNS | SANDBOX_IPCNS,
	    SANDBOX_IPCNS,
	    0,
	};
	uint32_t all = clone_wishes(x->profile);
	uint32_t want = granted(all & ~refused);
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
		pid = raw_clone(clone_flags(next));
		if (pid >= 0)
			break;
		if (errno == EAGAIN || errno == ENOMEM)
			return -1;
		if (refusal == 0)
			refusal = errno;
	}
	x->kept = next;
	/* ENOSPC and the like may pass; a refusal by right does not. */
	if (pid > 0 && next != want)
		refused |= want & ~next;
	clone_refused(x, all & ~next);
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
