/*
 * guard_loop N WORKERS: what the kernel gives to one fresh process a task.
 *
 * Each worker is a persistent pid 1 of its own namespace that forks one
 * process a task; that one lowers five rlimits, reads its task and answers;
 * then the guard kills whatever is left (kill(-1)), reaps it all and reports.
 * One message to the guard, one to the task, one answer, one report: the same
 * as a pool must do, without a pool.
 *
 * guard_loop N alone [PROGRAM]: nobody talks to the guard, which also has
 * mount, ipc and uts namespaces; its processes end at once, or execute PROGRAM.
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
#include <string.h>
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
lower_limits(void)
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
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		r.rlim_cur = r.rlim_max = limits[i].limit;
		if (setrlimit((__rlimit_resource_t)limits[i].resource, &r) ==
		    -1)
			die("setrlimit");
	}
}

/* A child that is pid 1 of its namespace; 0 in it. */
static pid_t
make_guard(unsigned long spaces)
{
	unsigned long flags = CLONE_NEWPID | SIGCHLD | spaces;
	long pid;

	if (geteuid() != 0)
		flags |= CLONE_NEWUSER;
	pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == -1)
		die("clone");
	return (pid_t)pid;
}

/* Wait for it, then for everything else, which is killed; its status. */
static int
clear_up(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	return status;
}

/* ---- a guard alone ---- */

static void
alone(long n, char *const *program)
{
	double begin = now();
	pid_t pid;
	long i;

	for (i = 0; i < n; i++) {
		pid = fork();
		if (pid == -1)
			die("fork");
		if (pid == 0) {
			lower_limits();
			if (*program == NULL)
				_exit(0);
			execv(*program, program);
			_exit(126);
		}
		if (clear_up(pid) != 0)
			_exit(1);
	}
	printf("%.1f\n", (double)n / (now() - begin));
	_exit(fflush(stdout) == 0 ? 0 : 1);
}

static int
run_alone(long n, char *const *program)
{
	pid_t pid = make_guard(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS);
	int status;

	if (pid == 0)
		alone(n, program);
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
}

/* ---- guards that are told what to do ---- */

static void
task(int requests, int results)
{
	char line[128];
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	lower_limits();
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
		status = clear_up(pid);
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
	int c[2], q[2], r[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, c) == -1 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, q) == -1 || pipe(r) == -1)
		die("channels");
	if (make_guard(0) == 0) {
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

static void
take(int i)
{
	char line[128];
	int status;

	if (read(g[i].control, &status, sizeof(status)) !=
	        (ssize_t)sizeof(status) ||
	    status != 0 || read(g[i].results, line, sizeof(line)) != 4)
		die("task");
}

int
main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 1000, sent = 0, done = 0;
	int w = argc > 2 ? atoi(argv[2]) : 2, epoll = epoll_create1(0), k, i;
	struct epoll_event ev[MAX_GUARDS];
	double t;

	if (argc > 2 && strcmp(argv[2], "alone") == 0)
		return run_alone(n, argv + 3);
	for (i = 0; i < w && i < MAX_GUARDS; i++)
		start(epoll, i);
	t = now();
	for (i = 0; i < w && sent < n; i++, sent++)
		give(i);
	while (done < n) {
		k = epoll_wait(epoll, ev, MAX_GUARDS, -1);
		for (; k > 0; k--) {
			i = (int)ev[k - 1].data.u32;
			take(i);
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
