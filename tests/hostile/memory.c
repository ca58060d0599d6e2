/* Attacks on memory, also that which the kernel keeps for a process. */
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static bool
eat(const char *arg ATTR_UNUSED)
{
	size_t i;
	char *p;

	for (i = 0; i < 200; i++) {
		p = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return false;
		memset(p, 1, MIB);
	}
	return true;
}

static bool
eat_memfd(const char *arg ATTR_UNUSED)
{
	int fd = memfd_create("x", 0);

	return fd != -1 && attack_fill(fd, 100);
}

/* A table of pages for each page read: memory that is none of the process's. */
static bool
page_tables(const char *arg ATTR_UNUSED)
{
	const size_t step = 2 * MIB, len = 16384 * step; /* 64 MiB of tables */
	volatile char *p = mmap(NULL, len, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t at;

	if (p == MAP_FAILED)
		return false;
	for (at = 0; at < len; at += step)
		(void)p[at];
	return true;
}

/* ARG "high": the same command, with a bit that the kernel does not look at. */
static bool
big_pipe(const char *arg)
{
	unsigned long command = F_SETPIPE_SZ;
	int fd[2];

	if (arg != NULL)
		command |= 1UL << 32;
	return pipe(fd) == 0 && syscall(SYS_fcntl, fd[0], command, MIB) > 0;
}

static bool
lock_memory(const char *arg ATTR_UNUSED)
{
	static char block[4 * 1024 * 1024];

	return mlock(block, sizeof(block)) == 0;
}

static bool
hoard(const char *arg ATTR_UNUSED)
{
	int i;

	for (i = 0; i < 1000; i++) {
		if (eventfd(0, 0) == -1)
			return false;
	}
	return true;
}

static bool
watches(const char *arg ATTR_UNUSED)
{
	int i;

	for (i = 0; i < 60; i++) {
		if (inotify_init1(0) == -1)
			return false;
	}
	return true;
}

/* A descriptor on its way is in nobody's table. */
static bool
descriptors_away(const char *arg ATTR_UNUSED)
{
	enum {
		EACH = 200
	};
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(EACH * sizeof(int))];
	} u;
	char byte = 0;
	struct iovec v = {&byte, 1};
	struct msghdr m = {.msg_iov = &v,
	    .msg_iovlen = 1,
	    .msg_control = &u,
	    .msg_controllen = sizeof(u.room)};
	int pair[2], i;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return false;
	memset(&u, 0, sizeof(u));
	u.h.cmsg_level = SOL_SOCKET;
	u.h.cmsg_type = SCM_RIGHTS;
	u.h.cmsg_len = CMSG_LEN(EACH * sizeof(int));
	for (i = 0; i < EACH; i++)
		memcpy(CMSG_DATA(&u.h) + (size_t)i * sizeof(int), &pair[0],
		    sizeof(int));
	for (i = 0; i < 4; i++) {
		if (sendmsg(pair[1], &m, 0) != 1)
			return false;
	}
	return true;
}

/* Pages of a pipe that are the writer's still. */
static bool
gift_pages(const char *arg ATTR_UNUSED)
{
	static char page[4096];
	struct iovec v = {page, sizeof(page)};
	int fd[2];

	return pipe(fd) == 0 && vmsplice(fd[1], &v, 1, SPLICE_F_GIFT) > 0;
}

static bool
secret_memory(const char *arg ATTR_UNUSED)
{
	return syscall(447 /* memfd_secret */, 0) != -1;
}

const struct attack memory_attacks[] = {
    {"eat",              eat             },
    {"eat-memfd",        eat_memfd       },
    {"page-tables",      page_tables     },
    {"big-pipe",         big_pipe        },
    {"mlock",            lock_memory     },
    {"inotify",          watches         },
    {"hoard",            hoard           },
    {"descriptors-away", descriptors_away},
    {"vmsplice",         gift_pages      },
    {"memfd-secret",     secret_memory   },
    {NULL,               NULL            },
};
