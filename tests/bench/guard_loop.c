/*
 * guard_loop N WORKERS: what the kernel gives to one fresh process a task.
 *
 * Each worker is a persistent pid 1 of its own namespace that forks one
 * process a task; that one sets five rlimits, reads its task and answers; then
 * the guard kills whatever is left (kill(-1)), reaps it all and reports.  One
 * message to the guard, one to the task, one answer, one report: the same as a
 * pool must do, without a pool.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MAX_GUARDS 64

static void
die(const char *what)
{
	perror(what);
	_exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
task(int requests, int results)
{
	static const struct {
		int resource;
		rlim_t limit;
	} limits[] = {
	    {RLIMIT_CPU,    30       },
	    {RLIMIT_DATA,   512 << 20},
	    {RLIMIT_FSIZE,  64 << 20 },
	    {RLIMIT_NOFILE, 256      },
	    {RLIMIT_CORE,   0        },
	};
	struct rlimit r;
	char line[128];
	ssize_t n;
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		r.rlim_cur = r.rlim_max = limits[i].limit;
		if (setrlimit((__rlimit_resource_t)limits[i].resource, &r) ==
		    -1)
			die("setrlimit");
	}
	n = read(requests, line, sizeof(line));
	if (n <= 0 || write(results, line, (size_t)n) != n)
		_exit(1);
	_exit(0);
}

static void
guard(int control, int requests, int results)
{
	char line[128];
	int status;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(control, line, sizeof(line)) > 0) {
		pid = fork();
		if (pid == -1)
			die("fork");
		if (pid == 0)
			task(requests, results);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
		kill(-1, SIGKILL);
		while (waitpid(-1, NULL, 0) > 0)
			;
		if (write(control, &status, sizeof(status)) !=
		    (ssize_t)sizeof(status))
			_exit(1);
	}
	_exit(0);
}

static struct {
	int control;
	int requests;
	int results;
} g[MAX_GUARDS];

static void
start(int epoll, int i)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (unsigned)i};
	unsigned long flags = CLONE_NEWPID | SIGCHLD;
	int c[2], q[2], r[2];
	long pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, c) == -1 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, q) == -1 || pipe(r) == -1)
		die("channels");
	if (geteuid() != 0)
		flags |= CLONE_NEWUSER;
	pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == -1)
		die("clone");
	if (pid == 0) {
		close(c[0]);
		close(q[0]);
		close(r[0]);
		guard(c[1], q[1], r[1]);
	}
	close(c[1]);
	close(r[1]);
	g[i].control = c[0];
	g[i].requests = q[0];
	g[i].results = r[0];
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c[0], &ev) == -1)
		die("epoll_ctl");
}

static void
give(int i)
{
	if (write(g[i].requests, "task", 4) != 4 ||
	    write(g[i].control, "run", 3) != 3)
		die("write");
}

int
main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 1000, sent = 0, done = 0;
	int w = argc > 2 ? atoi(argv[2]) : 2, epoll = epoll_create1(0), k, i;
	struct epoll_event ev[MAX_GUARDS];
	char line[128];
	int status;
	double t;

	for (i = 0; i < w && i < MAX_GUARDS; i++)
		start(epoll, i);
	t = now();
	for (i = 0; i < w && sent < n; i++, sent++)
		give(i);
	while (done < n) {
		k = epoll_wait(epoll, ev, MAX_GUARDS, -1);
		for (; k > 0; k--) {
			i = (int)ev[k - 1].data.u32;
			if (read(g[i].control, &status, sizeof(status)) !=
			        (ssize_t)sizeof(status) ||
			    status != 0 ||
			    read(g[i].results, line, sizeof(line)) != 4)
				die("task");
			done++;
			if (sent < n) {
				give(i);
				sent++;
			}
		}
	}
	printf("per_s=%.0f\n", (double)n / (now() - t));
	return 0;
}
