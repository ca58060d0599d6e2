/*
 * The files of a control group: both versions, the limits as each of them
 * spells them.  A limit counts when reading it back says so.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sandbox/cgroup_impl.h"

/* Of a CPU quota: the kernel's default in microseconds, and the most
 * thousandths of a CPU that it can count. */
#define PERIOD   100000
#define MAX_CPUS UINT64_C(100000000)

static int
group_open(const char *folder, const char *file, int flags)
{
	char *path = xasprintf("%s/%s", folder, file);
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
	int saved = errno;

	free(path);
	errno = saved;
	return fd;
}

int
group_write(const char *folder, const char *file, const char *fmt, ...)
{
	char text[64];
	va_list ap;
	int fd, n, saved;
	ssize_t done;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fd = group_open(folder, file, O_WRONLY);
	if (fd == -1)
		return -1;
	done = write(fd, text, (size_t)n);
	saved = errno;
	close(fd);
	errno = saved;
	return done == n ? 0 : -1;
}

int
group_read(const char *folder, const char *file, char *out, size_t room)
{
	int fd = group_open(folder, file, O_RDONLY);
	ssize_t n;
	int saved;

	if (fd == -1)
		return -1;
	n = read(fd, out, room - 1);
	saved = errno;
	close(fd);
	errno = saved;
	if (n == -1)
		return -1;
	out[n] = '\0';
	return 0;
}

bool
group_has_file(const char *folder, const char *file)
{
	char *path = xasprintf("%s/%s", folder, file);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

uint64_t
group_number(const char *text, const char *word)
{
	size_t n = strlen(word);

	while (text != NULL && *text != '\0') {
		if (strncmp(text, word, n) == 0 && text[n] == ' ')
			return strtoull(text + n, NULL, 10);
		text = strchr(text, '\n');
		text = text == NULL ? NULL : text + 1;
	}
	return 0;
}

/* Version 1 has the highest number of pages for "unlimited". */
static uint64_t
number_of(const char *text)
{
	const uint64_t pages = UINT64_C(0x7fffffffffffffff) - 65535;
	uint64_t n;

	if (strncmp(text, "max", 3) == 0 || text[0] == '-')
		return CGROUP_UNLIMITED;
	n = strtoull(text, NULL, 10);
	return n >= pages ? CGROUP_UNLIMITED : n;
}

int
group_read_number(const char *folder, const char *file, uint64_t *out)
{
	char text[64];

	if (group_read(folder, file, text, sizeof(text)) == -1)
		return -1;
	*out = number_of(text);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st ATTR_UNUSED, int type,
    struct FTW *at ATTR_UNUSED)
{
	return type == FTW_DP && rmdir(path) == -1 && errno != ENOENT ? errno :
	                                                                0;
}

int
group_remove(const char *folder)
{
	int rc;

	if (rmdir(folder) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -1;
	/* a task that may (root's, not isolated) can have made some below */
	rc = nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	if (rc > 0)
		errno = rc;
	return rc == 0 ? 0 : -1;
}

/* Amount or word for none. */
static const char *
amount(uint64_t n, const char *none, char out[24])
{
	if (n == CGROUP_UNLIMITED)
		snprintf(out, 24, "%s", none);
	else
		snprintf(out, 24, "%" PRIu64, n);
	return out;
}

static int
limit_pages(const char *folder, const char *file, uint64_t bytes)
{
	uint64_t got;

	if (group_read_number(folder, file, &got) == -1)
		return -1;
	if (got <= bytes) /* rounded down to pages */
		return 0;
	errno = ERANGE;
	return -1;
}

static int
limit_memory_v2(const char *folder, uint64_t bytes)
{
	char text[24];

	/* without swap there is no such file */
	if (group_write(folder, "memory.swap.max",
	        bytes == CGROUP_UNLIMITED ? "max" : "0") == -1 &&
	    errno != ENOENT)
		return -1;
	if (group_write(
	        folder, "memory.max", "%s", amount(bytes, "max", text)) == -1)
		return -1;
	return limit_pages(folder, "memory.max", bytes);
}

/* What holds for memory and swap together may never be the lesser of the two,
 * on the way either. */
static int
limit_memory_v1(const char *folder, uint64_t bytes)
{
	static const char limit[] = "memory.limit_in_bytes";
	static const char both[] = "memory.memsw.limit_in_bytes";
	bool swap = group_has_file(folder, both);
	char text[24];

	amount(bytes, "-1", text);
	if (swap && bytes != CGROUP_UNLIMITED)
		(void)group_write(folder, limit, "%s", text);
	if (swap && group_write(folder, both, "%s", text) == -1)
		return -1;
	if (group_write(folder, limit, "%s", text) == -1)
		return -1;
	(void)group_write(folder, "memory.max_usage_in_bytes", "0");
	if (swap && limit_pages(folder, both, bytes) == -1)
		return -1;
	return limit_pages(folder, limit, bytes);
}

static int
limit_pids(const char *folder, uint64_t n)
{
	char text[24];

	return group_write(folder, "pids.max", "%s", amount(n, "max", text));
}

static int
limit_cpu(const char *folder, bool v2, uint64_t cpus)
{
	uint64_t quota = cpus;
	char text[24];

	if (cpus != CGROUP_UNLIMITED)
		quota = (cpus < MAX_CPUS ? cpus : MAX_CPUS) * (PERIOD / 1000);
	if (v2)
		return group_write(folder, "cpu.max", "%s %d",
		    amount(quota, "max", text), PERIOD);
	if (group_write(folder, "cpu.cfs_period_us", "%d", PERIOD) == -1)
		return -1;
	return group_write(
	    folder, "cpu.cfs_quota_us", "%s", amount(quota, "-1", text));
}

int
group_limit(const struct cgroup_tree *t, const char *folder,
    const struct cgroup_limits *l, struct error *e)
{
	const char *what = NULL;

	if ((t->has & CGROUP_MEMORY) != 0 &&
	    (t->v2 ? limit_memory_v2(folder, l->memory) :
	             limit_memory_v1(folder, l->memory)) == -1)
		what = ":memory";
	else if ((t->has & CGROUP_PIDS) != 0 &&
	    limit_pids(folder, l->pids) == -1)
		what = ":pids";
	else if ((t->has & CGROUP_CPU) != 0 &&
	    limit_cpu(folder, t->v2, l->cpus) == -1)
		what = ":cpus";
	if (what == NULL)
		return 0;
	return error_sys(e, "%s cannot be set in %s", what, folder);
}
