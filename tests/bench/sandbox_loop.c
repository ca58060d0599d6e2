/*
 * sandbox_loop N [PROGRAM]: what the kernel gives to a fresh process in ready
 * namespaces.  A persistent pid 1 in pid, mount, ipc and uts namespaces forks
 * one process a task, which lowers five rlimits and ends, or executes PROGRAM;
 * then kill(-1), and reaping until there is nobody.  Prints tasks per second.
 */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
task(char *const *program)
{
	static const struct {
		int resource;
		rlim_t value;
	} limits[] = {{RLIMIT_CORE, 0}, {RLIMIT_CPU, 30}, {RLIMIT_NOFILE, 256},
	    {RLIMIT_FSIZE, 64 << 20}, {RLIMIT_DATA, 512 << 20}};
	struct rlimit l;
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		l.rlim_cur = l.rlim_max = limits[i].value;
		if (setrlimit((__rlimit_resource_t)limits[i].resource, &l) ==
		    -1)
			_exit(1);
	}
	if (*program == NULL)
		_exit(0);
	execv(*program, program);
	_exit(126);
}

static int
init(long n, char *const *program)
{
	double begin = now();
	int status;
	pid_t pid;
	long i;

	for (i = 0; i < n; i++) {
		pid = fork();
		if (pid == 0)
			task(program);
		if (pid == -1 || waitpid(pid, &status, 0) != pid || status != 0)
			return 1;
		kill(-1, SIGKILL);
		while (waitpid(-1, NULL, 0) != -1 || errno == EINTR)
			continue;
	}
	printf("%.1f\n", (double)n / (now() - begin));
	return fflush(stdout) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC |
	    CLONE_NEWUTS | SIGCHLD;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid == 0)
		_exit(init(atol(argv[1]), argv + 2));
	if (pid == -1) {
		perror("clone");
		return 1;
	}
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
}
