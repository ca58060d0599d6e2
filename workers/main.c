/* rtfs-worker: the process that a supervisor starts once per image.  Cleans
 * itself up, and becomes the fork server.  Of no use to a person. */

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/process.h"

/* Bytes that a title may have: the space of argv, which the kernel sets once
 * for the life of a program. */
#define TITLE_ROOM 96

static bool
is_control_socket(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_SEQPACKET;
}

/* Start over with room for titles, and with nothing of the environment. */
static void
make_title_room(int argc, char **argv)
{
	char room[TITLE_ROOM + 1];
	char name[] = "rtfs-worker";
	char *next_argv[] = {name, room, NULL};
	char *next_env[] = {NULL};

	if (argc > 1 && strlen(argv[1]) >= TITLE_ROOM)
		return;
	memset(room, ' ', TITLE_ROOM);
	room[TITLE_ROOM] = '\0';
	execve("/proc/self/exe", next_argv, next_env);
	/* Without /proc titles are cut short: no reason to stop. */
}

/* All to default, also the two that the C library keeps to itself (its
 * posix_spawn leaves them ignored); hence not by its function. */
static void
clean_signals(void)
{
	const unsigned long none[8] = {0}; /* SIG_DFL, no flags, empty mask */
	int signo;

	for (signo = 1; signo < _NSIG; signo++)
		(void)syscall(SYS_rt_sigaction, signo, none, NULL, _NSIG / 8);
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, _NSIG / 8);
}

/* 0 and 1 are /dev/null, 2 is where a last word may go. */
static int
clean_fds(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd == -1)
		return -1;
	while (fd <= STDERR_FILENO) {
		fd = dup(fd);
		if (fd == -1)
			return -1;
	}
	if (dup2(fd, STDIN_FILENO) == -1 || dup2(fd, STDOUT_FILENO) == -1)
		return -1;
	closefrom(CONTROL_FD + 1);
	return fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC);
}

int
main(int argc, char **argv, char **envp)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("rtfs-worker %s (%s), protocol %d\n", PACKAGE_VERSION,
		    image.name, PROTO_VERSION);
		return 0;
	}
	if (!is_control_socket(CONTROL_FD)) {
		fputs("rtfs: rtfs-worker is started by rtfs, which talks to "
		      "it on descriptor 3\n",
		    stderr);
		return 2;
	}
	make_title_room(argc, argv);
	setproctitle_init(argc, argv, envp);
	clearenv();
	clean_signals();
	if (clean_fds() == -1) {
		fprintf(stderr, "rtfs: rtfs-worker: %s\n", strerror(errno));
		return 1;
	}
	(void)setsid(); /* fails when the supervisor has done it */
	prctl(PR_SET_NAME, "rtfs-worker", 0, 0, 0);
	/* Where its file may be executed, not read, /proc/self is root's, and
	 * the maps of a user namespace could not be written. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	umask(077);
	setproctitle("-rtfs: fork server");
	return forkserver_run();
}
