/*
 * User namespaces that stand for a map of one owner to one slot's uid, held
 * by the fork server for the mounts of its guards: on such a mount the owner's
 * files are the slot's, and what the slot makes there is the owner's.
 */
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/enter.h"

/* Slots of a block of uids, times the owners of what is granted. */
#define MAX_MAPS 256

static struct map {
	uint32_t owner_uid;
	uint32_t owner_gid;
	uint32_t uid;
	int fd;
} maps[MAX_MAPS];
static size_t nmaps;

int
sandbox_idmap_find(uint32_t owner_uid, uint32_t owner_gid, uint32_t uid)
{
	size_t i;

	for (i = 0; i < nmaps; i++) {
		if (maps[i].owner_uid == owner_uid &&
		    maps[i].owner_gid == owner_gid && maps[i].uid == uid)
			return maps[i].fd;
	}
	errno = ENOSYS;
	return -1;
}

static int
write_map(pid_t pid, const char *name, uint32_t from, uint32_t to)
{
	char path[64];
	char text[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	n = snprintf(text, sizeof(text), "%u %u 1", from, to);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = write(fd, text, (size_t)n) == n ? 0 : -1;
	close(fd);
	return (int)n;
}

/* A process that only is there while its namespace is named. */
static pid_t
make_namespace(void)
{
	struct clone_args args;
	long pid;

	memset(&args, 0, sizeof(args));
	args.flags = CLONE_NEWUSER;
	args.exit_signal = SIGCHLD;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		for (;;)
			pause();
	}
	return (pid_t)pid;
}

void
sandbox_idmap_prepare(uint32_t owner_uid, uint32_t owner_gid, uint32_t uid)
{
	char path[64];
	pid_t pid;
	int fd = -1;

	if (nmaps == MAX_MAPS ||
	    sandbox_idmap_find(owner_uid, owner_gid, uid) != -1)
		return;
	pid = make_namespace();
	if (pid == -1)
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	if (write_map(pid, "uid_map", owner_uid, uid) == 0 &&
	    write_map(pid, "gid_map", owner_gid, uid) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	if (fd != -1)
		maps[nmaps++] = (struct map){owner_uid, owner_gid, uid, fd};
}
