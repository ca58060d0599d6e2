/* System calls that no contained program needs. */
#include <sys/fanotify.h>
#include <sys/personality.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static bool
io_uring(const char *arg ATTR_UNUSED)
{
	char params[120] = {0};

	return syscall(SYS_io_uring_setup, 1, params) != -1;
}

static bool
fault_fd(const char *arg ATTR_UNUSED)
{
	return syscall(SYS_userfaultfd, 1) != -1;
}

static bool
add_key(const char *arg ATTR_UNUSED)
{
	return syscall(SYS_add_key, "user", "rtfs-test", "x", 1, -2) != -1;
}

static bool
bpf(const char *arg ATTR_UNUSED)
{
	char attr[128] = {0};
	uint32_t type = 1 /* hash */, key = 4, value = 4, n = 1;

	memcpy(attr, &type, 4);
	memcpy(attr + 4, &key, 4);
	memcpy(attr + 8, &value, 4);
	memcpy(attr + 12, &n, 4);
	return syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, attr, 72) != -1;
}

static bool
perf(const char *arg ATTR_UNUSED)
{
	char attr[128] = {0};
	uint32_t type = 1 /* software */, size = 112;

	memcpy(attr, &type, 4);
	memcpy(attr + 4, &size, 4);
	return syscall(SYS_perf_event_open, attr, 0, -1, -1, 0) != -1;
}

static bool
person(const char *arg ATTR_UNUSED)
{
	return personality(ADDR_NO_RANDOMIZE) != -1;
}

static bool
x32(const char *arg ATTR_UNUSED)
{
#ifdef __x86_64__
	return syscall(0x40000000 | SYS_getpid) > 0;
#else
	errno = ENOSYS;
	return false;
#endif
}

static bool
watch_all(const char *arg ATTR_UNUSED)
{
	return fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, 0) != -1;
}

/* The gate of 32-bit programs. */
static bool
i386(const char *arg ATTR_UNUSED)
{
#ifdef __x86_64__
	long rc = 20; /* getpid of that ABI */

	__asm__ volatile("int $0x80"
	                 : "+a"(rc)
	                 :
	                 : "memory", "r8", "r9", "r10", "r11");
	errno = rc < 0 ? (int)-rc : 0;
	return rc > 0;
#else
	errno = ENOSYS;
	return false;
#endif
}

const struct attack syscalls_attacks[] = {
    {"io-uring",    io_uring },
    {"userfaultfd", fault_fd },
    {"add-key",     add_key  },
    {"bpf",         bpf      },
    {"perf",        perf     },
    {"personality", person   },
    {"x32",         x32      },
    {"fanotify",    watch_all},
    {"i386",        i386     },
    {NULL,          NULL     },
};
