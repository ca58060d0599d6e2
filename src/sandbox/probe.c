/* Facts and facilities of this machine.  A facility works when a child that
 * tried it says so: sysctls and version numbers do not know what a container's
 * filter or a security module will refuse. */

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"
#include "sandbox/cgroup.h"
#include "sandbox/enter.h"
#include "sandbox/probe.h"

/* Effective privileges, 1 << CAP_*. */
static uint64_t
privileges(void)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	memset(data, 0, sizeof(data));
	if (syscall(SYS_capget, &header, data) == -1)
		return 0;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static bool
has_all(uint64_t caps)
{
	return (privileges() & caps) == caps;
}

static bool
has_sys_admin(void)
{
	return has_all(UINT64_C(1) << CAP_SYS_ADMIN);
}

static bool
kernel_at_least(unsigned long major, unsigned long minor)
{
	struct utsname u;
	unsigned long a;
	unsigned long b;
	char *end;

	if (uname(&u) == -1)
		return false;
	a = strtoul(u.release, &end, 10);
	b = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return a > major || (a == major && b >= minor);
}

void
facts_now(struct facts *f)
{
	struct rlimit l;
	int i;

	f->cgroup = 0;
	f->cgroup_why = NULL;
	f->uid = geteuid();
	f->gid = getegid();
	f->sys_admin = has_sys_admin();
	f->own_uids = has_all(UINT64_C(1) << CAP_SETUID |
	    UINT64_C(1) << CAP_SETGID | UINT64_C(1) << CAP_KILL);
	/* What a limit counts cannot be tried without reaching it. */
	f->nproc_by_userns = kernel_at_least(5, 14);
	f->nofile = UINT64_MAX;
	if (getrlimit(RLIMIT_NOFILE, &l) == 0)
		f->nofile = l.rlim_cur;
	for (i = 0; i < SANDBOX_NLIMITS; i++) {
		f->hard[i] = UINT64_MAX;
		if (getrlimit((__rlimit_resource_t)i, &l) == 0)
			f->hard[i] = l.rlim_max;
	}
}

/* The trials.  Each runs in a child of its own, returns 0 or an errno, and
 * may write up to 96 bytes of detail. */

static int
try_clone3(char *detail ATTR_UNUSED)
{
	struct clone_args args;
	long pid;

	memset(&args, 0, sizeof(args));
	args.exit_signal = SIGCHLD;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		_exit(0);
	return pid == -1 ? errno : 0;
}

/* Enter new namespaces, by way of a user namespace where needed. */
static int
enter(int flags, char *detail)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (has_sys_admin())
		return unshare(flags) == -1 ? errno : 0;
	if (unshare(flags | CLONE_NEWUSER) == -1 ||
	    sandbox_map_ids(uid, gid) == -1)
		return errno;
	snprintf(detail, 96, "in a user namespace");
	return 0;
}

static int
try_pid_namespace(char *detail)
{
	int rc = enter(CLONE_NEWPID, detail);
	int status;
	pid_t pid;

	if (rc != 0)
		return rc;
	pid = fork();
	if (pid == 0)
		_exit(getpid() == 1 ? 0 : 1);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return errno;
	return status == 0 ? 0 : EPERM;
}

static int
try_ipc_namespace(char *detail)
{
	return enter(CLONE_NEWIPC, detail);
}

static int
try_user_namespace(char *detail ATTR_UNUSED)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER) == -1 || sandbox_map_ids(uid, gid) == -1)
		return errno;
	return geteuid() == uid ? 0 : EPERM;
}

static int
try_mount_namespace(char *detail)
{
	int rc = enter(CLONE_NEWNS, detail);

	if (rc != 0)
		return rc;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", "/proc", "tmpfs", 0, "size=4096") == -1)
		return errno;
	return 0;
}

static int
try_net_namespace(char *detail)
{
	return enter(CLONE_NEWNET, detail);
}

static int
try_no_new_privs(char *detail ATTR_UNUSED)
{
	return sandbox_no_new_privs() == -1 ? errno : 0;
}

static int
try_landlock(char *detail)
{
	struct landlock_ruleset_attr attr = {
	    .handled_access_fs = LANDLOCK_ACCESS_FS_READ_DIR,
	};
	long abi;
	int fd;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (abi == -1)
		return errno;
	snprintf(detail, 96, "ABI %ld", abi);
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd == -1 || sandbox_no_new_privs() == -1 ||
	    syscall(SYS_landlock_restrict_self, fd, 0) == -1)
		return errno;
	/* It must now be refused, or nothing is enforced. */
	if (open("/", O_RDONLY | O_DIRECTORY) != -1)
		return EOPNOTSUPP;
	return errno == EACCES ? 0 : errno;
}

static int
try_seccomp(char *detail ATTR_UNUSED)
{
	struct sock_filter code[] = {
	    BPF_STMT(
	        BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {NITEMS(code), code};

	if (sandbox_no_new_privs() == -1 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == -1)
		return errno;
	if (syscall(SYS_getppid) != -1)
		return EOPNOTSUPP;
	return errno == EXDEV ? 0 : errno;
}

static int
try_subreaper(char *detail ATTR_UNUSED)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1 ? errno : 0;
}

static int
try_pidfd(char *detail ATTR_UNUSED)
{
	return syscall(SYS_pidfd_open, getpid(), 0) == -1 ? errno : 0;
}

static int
try_cgroup(char *detail)
{
	struct cgroup *c = cgroup_open();
	bool works = (cgroup_has(c) & CGROUP_MEMORY) != 0;
	const char *text = works ? cgroup_kind(c) : cgroup_why(c);
	/* the remedy stands in the table */
	size_t n = works ? strlen(text) : strcspn(text, "(");

	while (n > 0 && text[n - 1] == ' ')
		n--;
	snprintf(detail, 96, "%.*s", (int)n, text);
	cgroup_close(c);
	return works ? 0 : ENOTSUP;
}

#define REMEDY_USER                                                            \
	"let users make namespaces: sysctl user.max_user_namespaces, "         \
	"kernel.apparmor_restrict_unprivileged_userns=0"
#define REMEDY_NS "start rtfs as root, or " REMEDY_USER

static const struct {
	const char *name;
	const char *purpose;
	const char *remedy;
	int (*attempt)(char *detail);
} facilities[] = {
    [FACILITY_CLONE3] = {"clone3",          "slots are made in one step",
                         "clone(2) does, in more steps",                                                                                               try_clone3      },
    [FACILITY_PID_NAMESPACE] = {"pid namespace",
                         "nothing survives its task; tasks cannot signal others",         REMEDY_NS,
                         try_pid_namespace                                                                                                                             },
    [FACILITY_IPC_NAMESPACE] = {"ipc namespace",
                         "no System V shared memory or queue outlives its slot",          REMEDY_NS,
                         try_ipc_namespace                                                                                                                             },
    [FACILITY_USER_NAMESPACE] = {"user namespace",
                         "gives an ordinary user the other namespaces, and :nproc",       REMEDY_USER,
                         try_user_namespace                                                                                                                            },
    [FACILITY_MOUNT_NAMESPACE] = {"mount namespace",
                         "a root of its own with only the files that are granted",        REMEDY_NS,
                         try_mount_namespace                                                                                                                           },
    [FACILITY_NET_NAMESPACE] = {"net namespace",   "no network",                                 REMEDY_NS,
                         try_net_namespace                                                                                                                             },
    [FACILITY_NO_NEW_PRIVS] = {"no_new_privs",
                         "no task gains rights by a set-user-id program",                 "use Linux 3.5 or newer",                                    try_no_new_privs},
    [FACILITY_LANDLOCK] = {"Landlock",
                         "only the files that are granted, once more",                    "boot with landlock in lsm=, Linux 6.2 or newer",            try_landlock    },
    [FACILITY_SECCOMP] = {"seccomp",         "few system calls",
                         "use a kernel, and a container, that lets filters be set",                                                                    try_seccomp     },
    [FACILITY_CGROUP] = {"memory cgroup",
                         ":memory :pids :cpus for a whole process tree",                  "delegate a cgroup: systemd Delegate=yes, or start as root",
                         try_cgroup                                                                                                                                    },
    [FACILITY_SUBREAPER] = {"child subreaper",
                         "processes of a task are swept where there is no pid namespace",
                         "use Linux 3.4 or newer",                                                                                                     try_subreaper   },
    [FACILITY_PIDFD] = {"pidfd",           "no signal can reach a wrong process",
                         "use Linux 5.3 or newer",                                                                                                     try_pidfd       },
};
static_assert(NITEMS(facilities) == FACILITY_COUNT, "describe each facility");

const char *
facility_name(enum facility f)
{
	return facilities[f].name;
}

const char *
facility_purpose(enum facility f)
{
	return facilities[f].purpose;
}

const char *
facility_remedy(enum facility f)
{
	return facilities[f].remedy;
}

static void
probe_one(enum facility f, struct probe *p)
{
	int pipefd[2];
	ssize_t n = -1;
	pid_t pid;

	memset(p, 0, sizeof(*p));
	/* a child would be in its parent's way, in the group of both */
	if (f == FACILITY_CGROUP) {
		p->works = facilities[f].attempt(p->detail) == 0;
		return; /* detail has the reason */
	}
	if (pipe2(pipefd, O_CLOEXEC) == -1) {
		p->os_errno = errno;
		return;
	}
	pid = fork();
	if (pid == 0) {
		p->os_errno = facilities[f].attempt(p->detail);
		p->works = p->os_errno == 0;
		n = write(pipefd[1], p, sizeof(*p));
		_exit(n == (ssize_t)sizeof(*p) ? 0 : 1);
	}
	if (pid == -1)
		p->os_errno = errno;
	close(pipefd[1]);
	if (pid > 0) {
		do {
			n = read(pipefd[0], p, sizeof(*p));
		} while (n == -1 && errno == EINTR);
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(*p)) { /* killed by what it tried */
			memset(p, 0, sizeof(*p));
			snprintf(p->detail, sizeof(p->detail),
			    "the trial was killed");
		}
	}
	close(pipefd[0]);
}

void
probe_all(struct probe out[FACILITY_COUNT])
{
	int i;

	for (i = 0; i < FACILITY_COUNT; i++)
		probe_one((enum facility)i, &out[i]);
}
