/*
 * What valgrind 3.19 does not know of the kernel, so that the pool's tests run
 * in it: preloaded (LD_PRELOAD), in front of syscall(3) of libc.
 * pidfd_open and pidfd_send_signal are done by another process, which valgrind
 * does not run: /bin/true, whose constructor is this one, too.  epoll_pwait2 is
 * as missing as on a kernel that is older than it.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct question {
	long number;
	int pid;
	int signo;
};

static int broker = -1;

/* One message with perhaps a descriptor; -1: there is nobody. */
static int
put(int to, void *data, size_t n, int fd)
{
	char room[CMSG_SPACE(sizeof(fd))] = {0};
	struct iovec v = {.iov_base = data, .iov_len = n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (fd != -1) {
		m.msg_control = room;
		m.msg_controllen = sizeof(room);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(to, &m, MSG_NOSIGNAL) == (ssize_t)n ? 0 : -1;
}

static int
get(int from, void *data, size_t n, int *fd)
{
	char room[CMSG_SPACE(sizeof(*fd))] = {0};
	struct iovec v = {.iov_base = data, .iov_len = n};
	struct msghdr m = {.msg_iov = &v,
	    .msg_iovlen = 1,
	    .msg_control = room,
	    .msg_controllen = sizeof(room)};
	struct cmsghdr *c;
	ssize_t got;

	*fd = -1;
	do {
		got = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
	} while (got == -1 && errno == EINTR);
	if (got != (ssize_t)n)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(*fd)))
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return 0;
}

/* Until the test has ended. */
static void
answer(int s)
{
	struct question q;
	int fd, result;

	while (get(s, &q, sizeof(q), &fd) == 0) {
		result = (int)(q.number == SYS_pidfd_open ?
		        syscall(q.number, q.pid, 0) :
		        syscall(q.number, fd, q.signo, NULL, 0));
		if (fd != -1)
			close(fd);
		fd = q.number == SYS_pidfd_open ? result : -1;
		result = result == -1 ? errno : 0;
		if (put(s, &result, sizeof(result), fd) == -1)
			break;
		if (fd != -1)
			close(fd);
	}
	_exit(0);
}

/* A grandchild: the tests count their children. */
static void
ask_true(int s, char *self)
{
	char preload[4200], number[64], name[] = "/bin/true";
	char *argv[] = {name, NULL}, *envp[] = {preload, number, NULL};
	pid_t pid = fork();

	if (pid == 0) {
		snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", self);
		snprintf(number, sizeof(number), "RTFS_BROKER=%d", s);
		fcntl(s, F_SETFD, 0);
		if (fork() == 0)
			execve(name, argv, envp);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void start(void) __attribute__((constructor));

static void
start(void)
{
	const char *broker_fd = getenv("RTFS_BROKER");
	char *self = getenv("LD_PRELOAD");
	int sv[2];

	if (broker_fd != NULL)
		answer(atoi(broker_fd));
	if (self == NULL ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		return;
	broker = fcntl(sv[0], F_DUPFD_CLOEXEC, 200);
	ask_true(sv[1], self);
	close(sv[0]);
	close(sv[1]);
}

static long
ask(long number, int pid, int signo, int fd)
{
	struct question q = {.number = number, .pid = pid, .signo = signo};
	int error;

	if (put(broker, &q, sizeof(q), fd) == -1 ||
	    get(broker, &error, sizeof(error), &fd) == -1) {
		fprintf(stderr, "valgrind/kernel: there is no broker\n");
		abort();
	}
	if (error == 0 && number == SYS_pidfd_open && fd == -1)
		error = EMFILE;
	errno = error;
	if (error != 0)
		return -1;
	return number == SYS_pidfd_open ? fd : 0;
}

long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list ap;
	int i;

	va_start(ap, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_epoll_pwait2 && broker != -1) {
		errno = ENOSYS;
		return -1;
	}
	if (number == SYS_pidfd_open && broker != -1)
		return ask(number, (int)a[0], 0, -1);
	if (number == SYS_pidfd_send_signal && broker != -1)
		return ask(number, 0, (int)a[1], (int)a[0]);
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
