/*
 * What a guard does to itself once, before its first task.  The order is
 * fixed by what each step needs: mounts and the network want privilege, the
 * uid goes with it, Landlock and the filter want no_new_privs, and the filter
 * takes away the tools of all the others.
 */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/enter.h"

static_assert(
    1 << (SANDBOX_NBITS - 1) == SANDBOX_NO_USERNS, "room for each bit");

void
sandbox_entry_init(
    struct sandbox_entry *x, const struct sandbox_profile *p, uint32_t uid)
{
	memset(x, 0, sizeof(*x));
	x->profile = p;
	x->uid = uid;
	x->listener = x->scratch = x->secrets = -1;
}

int
sandbox_refused(struct sandbox_entry *x, uint32_t bit, int os_errno)
{
	int i = __builtin_ctz(bit);

	if (x->refused[i] == 0)
		x->refused[i] = (uint16_t)os_errno;
	return -1;
}

static bool
wished(const struct sandbox_entry *x, uint32_t bit)
{
	return (x->profile->wishes & bit) != 0;
}

/* Keep the facility when its attempt went well. */
static void
outcome(struct sandbox_entry *x, uint32_t bit, int rc)
{
	if (rc == -1)
		sandbox_refused(x, bit, errno);
	else
		x->kept |= bit;
}

void
sandbox_prepare(const struct sandbox_profile *p, uint32_t uid)
{
	struct stat st;
	size_t i;

	if ((p->wishes & SANDBOX_NETNS) != 0 &&
	    p->network == SANDBOX_NET_NONE && (p->wishes & SANDBOX_USERNS) == 0)
		sandbox_net_prepare();
	if (uid == 0 || (p->wishes & SANDBOX_VIEW) == 0)
		return;
	for (i = 0; i < p->npaths; i++) {
		if (p->path[i].source != NULL &&
		    stat(p->path[i].source, &st) == 0)
			sandbox_idmap_prepare(st.st_uid, st.st_gid, uid);
	}
}

/* Made with the guard (CLONE_NEWNET), or the one that all share. */
static void
enter_network(struct sandbox_entry *x)
{
	const struct sandbox_profile *p = x->profile;

	if (!wished(x, SANDBOX_NETNS))
		return;
	if ((x->kept & SANDBOX_NETNS) == 0 && p->network == SANDBOX_NET_NONE)
		outcome(x, SANDBOX_NETNS, sandbox_net_join_empty());
	if ((x->kept & SANDBOX_NETNS) != 0 &&
	    p->network == SANDBOX_NET_LOOPBACK &&
	    sandbox_net_loopback() == -1) {
		sandbox_refused(x, SANDBOX_NETNS, errno);
		x->kept &= ~(uint32_t)SANDBOX_NETNS;
	}
}

/* One of its own; else nobody's: somebody's code never runs as root. */
static void
enter_uid(struct sandbox_entry *x)
{
	const uint32_t nobody = 65534;
	bool done;

	if (x->uid == 0)
		errno = EAGAIN;
	done = x->uid != 0 && sandbox_become(x->uid) == 0;
	outcome(x, SANDBOX_OWN_UID, done ? 0 : -1);
	if (!done)
		done = sandbox_become(nobody) == 0;
	if (done && wished(x, SANDBOX_NO_CAPS))
		x->kept |= SANDBOX_NO_CAPS;
}

static void
enter_ids(struct sandbox_entry *x)
{
	if (wished(x, SANDBOX_OWN_UID))
		enter_uid(x);
	if ((x->kept & SANDBOX_NO_CAPS) == 0 && wished(x, SANDBOX_NO_CAPS))
		outcome(x, SANDBOX_NO_CAPS,
		    sandbox_drop_privileges(x->profile->caps));
}

int
sandbox_enter(struct sandbox_entry *x)
{
	if ((x->kept & SANDBOX_USERNS) != 0 && sandbox_map_self() == -1)
		return -1;
	if ((x->kept & SANDBOX_VIEW) != 0 && sandbox_view(x) == -1)
		return -1;
	if ((x->kept & SANDBOX_UTSNS) != 0 && sethostname("task", 4) == -1)
		sandbox_refused(x, SANDBOX_UTSNS, errno);
	enter_network(x);
	/* Inside a user namespace the guard has every capability. */
	if (wished(x, SANDBOX_NO_CAPS) || wished(x, SANDBOX_OWN_UID))
		enter_ids(x);
	else if ((x->kept & SANDBOX_USERNS) != 0 &&
	    sandbox_drop_privileges(0) == -1)
		return -1;
	if (wished(x, SANDBOX_NO_NEW_PRIVS))
		outcome(x, SANDBOX_NO_NEW_PRIVS, sandbox_no_new_privs());
	return 0;
}

static void
enter_landlock(struct sandbox_entry *x)
{
	bool view = (x->kept & SANDBOX_VIEW) != 0;
	bool scoped = false;

	/* Before ABI 3 a file could be cut off that may not be written. */
	if (!view && sandbox_landlock_abi() < 3) {
		sandbox_refused(x, SANDBOX_LANDLOCK, ENOSYS);
		sandbox_refused(x, SANDBOX_SCOPE, ENOSYS);
		return;
	}
	outcome(
	    x, SANDBOX_LANDLOCK, sandbox_landlock(x->profile, view, &scoped));
	if (scoped)
		x->kept |= SANDBOX_SCOPE;
	else
		sandbox_refused(x, SANDBOX_SCOPE, ENOSYS);
}

static int
load_filter(const struct sandbox_profile *p, unsigned int flags)
{
	struct sock_fprog program = {
	    .len = (unsigned short)(p->filter_len / sizeof(struct sock_filter)),
	    .filter = (struct sock_filter *)(void *)p->filter,
	};

	return (int)syscall(
	    SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* Where nobody listens a forbidden call kills. */
static void
kill_instead(const struct sandbox_profile *p)
{
	struct sock_filter *at = (struct sock_filter *)(void *)p->filter;
	size_t i;

	for (i = 0; i < p->filter_len / sizeof(*at); i++) {
		if (at[i].code == (BPF_RET | BPF_K) &&
		    at[i].k == SECCOMP_RET_USER_NOTIF)
			at[i].k = SECCOMP_RET_KILL_PROCESS;
	}
}

static void
enter_filter(struct sandbox_entry *x)
{
	int fd = -1;

	/* One listener a slot, so it must be the guard's filter. */
	if (wished(x, SANDBOX_LISTENER) && (x->kept & SANDBOX_PIDNS) != 0) {
		fd = load_filter(x->profile, SECCOMP_FILTER_FLAG_NEW_LISTENER);
		outcome(x, SANDBOX_LISTENER, fd == -1 ? -1 : 0);
		x->listener = fd;
	}
	if (fd == -1)
		kill_instead(x->profile);
	outcome(x, SANDBOX_SECCOMP, fd != -1 ? 0 : load_filter(x->profile, 0));
	if ((x->kept & SANDBOX_SECCOMP) != 0)
		x->kept |= x->profile->wishes & SANDBOX_NO_USERNS;
}

bool
sandbox_locks(const struct sandbox_entry *x)
{
	return wished(x, SANDBOX_LANDLOCK) || wished(x, SANDBOX_SECCOMP) ||
	    wished(x, SANDBOX_NO_USERNS);
}

void
sandbox_lock(struct sandbox_entry *x)
{
	if (wished(x, SANDBOX_LANDLOCK))
		enter_landlock(x);
	if (wished(x, SANDBOX_SECCOMP))
		enter_filter(x);
	else if (wished(x, SANDBOX_NO_USERNS))
		outcome(x, SANDBOX_NO_USERNS, load_filter(x->profile, 0));
}
