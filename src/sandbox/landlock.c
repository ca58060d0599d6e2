/* Landlock: the paths of the profile and nothing else, with the best ABI that
 * is here.  With a view of its own the slot has this twice, by two parts of
 * the kernel that fail apart. */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/enter.h"
#include "sandbox/resolve.h"

/* Of later ABIs than the headers may know. */
#define FS_REFER     (UINT64_C(1) << 13)
#define FS_TRUNCATE  (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define NET_TCP      UINT64_C(3) /* bind, connect */
#define SCOPE_ALL    UINT64_C(3) /* abstract sockets, signals */

#define FS_READ    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_EXECUTE LANDLOCK_ACCESS_FS_EXECUTE
#define FS_FILE                                                                \
	(FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |                           \
	    LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
/* No devices are made: MAKE_CHAR and MAKE_BLOCK are never given. */
#define FS_WRITE                                                               \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |       \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |       \
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM |       \
	    FS_REFER | FS_TRUNCATE)
#define FS_ABI1 ((UINT64_C(1) << 13) - 1)

struct ruleset_attr { /* as of ABI 6 */
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

int
sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static int
ruleset_make(int abi, uint32_t network, struct ruleset_attr *a)
{
	size_t size = sizeof(a->fs);

	memset(a, 0, sizeof(*a));
	a->fs = FS_ABI1;
	if (abi >= 2)
		a->fs |= FS_REFER;
	if (abi >= 3)
		a->fs |= FS_TRUNCATE;
	if (abi >= 5)
		a->fs |= FS_IOCTL_DEV;
	if (abi >= 4) {
		size = offsetof(struct ruleset_attr, scoped);
		a->net =
		    network == SANDBOX_NET_NONE || network == SANDBOX_NET_OWN ?
		    NET_TCP :
		    0;
	}
	if (abi >= 6) {
		size = sizeof(*a);
		a->scoped = SCOPE_ALL;
	}
	return (int)syscall(SYS_landlock_create_ruleset, a, size, 0);
}

/* What is not there (fd -1) needs no rule. */
static int
allow_fd(int ruleset, const struct ruleset_attr *a, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr rule;
	struct stat st;
	int saved;
	int rc = 0;

	rule.parent_fd = fd;
	if (fd == -1)
		return 0;
	rule.allowed_access = access & a->fs;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= FS_FILE;
	if (rule.allowed_access != 0)
		rc = (int)syscall(SYS_landlock_add_rule, ruleset,
		    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	saved = errno;
	close(rule.parent_fd);
	errno = saved;
	return rc;
}

static int
allow(int ruleset, const struct ruleset_attr *a, const char *path,
    uint64_t access)
{
	return allow_fd(ruleset, a, open(path, O_PATH | O_CLOEXEC), access);
}

/* What every program may expect, whatever is granted. */
static int
allow_common(int ruleset, const struct ruleset_attr *a, bool view)
{
	static const char *const devices[] = {"/dev/null", "/dev/zero",
	    "/dev/full", "/dev/random", "/dev/urandom"};
	static const char *const own[] = {
	    "/tmp", "/work", "/var/tmp", "/dev/shm"};
	/* Without a pid namespace /proc is everybody's. */
	static const char *const proc[] = {"/proc/self", "/proc/meminfo",
	    "/proc/cpuinfo", "/proc/stat", "/proc/filesystems",
	    "/proc/sys/vm/overcommit_memory"};
	size_t i;

	for (i = 0; i < NITEMS(devices); i++) {
		if (allow(ruleset, a, devices[i],
		        LANDLOCK_ACCESS_FS_READ_FILE |
		            LANDLOCK_ACCESS_FS_WRITE_FILE | FS_IOCTL_DEV) == -1)
			return -1;
	}
	for (i = 0; view && i < NITEMS(own); i++) {
		/* What may run there is granted by its own rule. */
		if (allow(ruleset, a, own[i], FS_READ | FS_WRITE) == -1)
			return -1;
	}
	for (i = 0; !view && i < NITEMS(proc); i++) {
		if (allow(ruleset, a, proc[i], FS_READ) == -1)
			return -1;
	}
	if (view) { /* it holds nothing else; its folders may be listed */
		if (allow(ruleset, a, "/", LANDLOCK_ACCESS_FS_READ_DIR) == -1)
			return -1;
		return allow(ruleset, a, "/proc",
		    FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE);
	}
	return 0;
}

static int
allow_paths(int ruleset, const struct ruleset_attr *a,
    const struct sandbox_profile *p, bool view)
{
	uint64_t access;
	size_t i;
	int fd;

	if (view && p->rootfs != NULL &&
	    allow(ruleset, a, "/", FS_READ | FS_EXECUTE) == -1)
		return -1;

	for (i = 0; i < p->npaths; i++) {
		access = 0;
		if ((p->path[i].access & SANDBOX_READ) != 0)
			access |= FS_READ;
		if ((p->path[i].access & SANDBOX_WRITE) != 0)
			access |= FS_READ | FS_WRITE;
		if ((p->path[i].access & SANDBOX_EXECUTE) != 0)
			access |= FS_READ | FS_EXECUTE;
		fd = view || p->path[i].source == NULL ?
		    open(p->path[i].path, O_PATH | O_CLOEXEC) :
		    sandbox_open_place(p->path[i].source);
		if (allow_fd(ruleset, a, fd, access) == -1)
			return -1;
	}
	return 0;
}

int
sandbox_landlock(const struct sandbox_profile *p, bool view, bool *scoped)
{
	int abi = sandbox_landlock_abi();
	struct ruleset_attr a;
	int fd;
	int rc;
	int saved;

	if (abi == 0)
		return -1;
	fd = ruleset_make(abi, p->network, &a);
	if (fd == -1)
		return -1;
	rc = allow_common(fd, &a, view);
	if (rc == 0)
		rc = allow_paths(fd, &a, p, view);
	if (rc == 0 && view && p->nsecrets > 0)
		rc = allow(fd, &a, "/run/secrets", FS_READ);
	if (rc == 0)
		rc = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	saved = errno;
	close(fd);
	errno = saved;
	*scoped = rc == 0 && a.scoped != 0;
	return rc;
}
