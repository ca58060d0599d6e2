/* Attacks by many processes, by odd ones, and on those of others. */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"

static const char victim_text[] = "to be read by others";

/* Outside, where nobody sweeps, a child goes with its parent. */
static void
tidy_child(pid_t attacker)
{
	if (!attack_tidies())
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != attacker)
		_exit(0);
}

static bool
forks(const char *arg ATTR_UNUSED)
{
	pid_t attacker = getpid();
	int i;
	pid_t pid;

	for (i = 0; i < 200; i++) {
		pid = fork();
		if (pid == 0) {
			tidy_child(attacker);
			attack_wait();
		}
		if (pid == -1)
			return false;
	}
	return true;
}

static void *
idle(void *arg ATTR_UNUSED)
{
	attack_wait();
}

static bool
threads(const char *arg ATTR_UNUSED)
{
	pthread_attr_t small;
	pthread_t t;
	int i;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (i = 0; i < 200; i++) {
		errno = pthread_create(&t, &small, idle, NULL);
		if (errno != 0)
			return false;
	}
	return true;
}

/* Each waits for a child that never executes anything. */
static bool
vforks(const char *arg ATTR_UNUSED)
{
	volatile int deep;

	for (deep = 0; deep < 30; deep++) {
		if (vfork() != 0)
			return false;
	}
	attack_wait();
}

static void *
speak_late(void *arg ATTR_UNUSED)
{
	usleep(300000);
	puts("late");
	fflush(stdout);
	_exit(0);
}

/* The process is a zombie by its looks while another thread works on. */
static bool
main_exits(const char *arg ATTR_UNUSED)
{
	pthread_t t;

	errno = pthread_create(&t, NULL, speak_late, NULL);
	if (errno != 0)
		return false;
	syscall(SYS_exit, 0);
	return false;
}

static bool
zombies(const char *arg ATTR_UNUSED)
{
	int i;
	pid_t pid;

	for (i = 0; i < 200; i++) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid == -1)
			return false;
	}
	return true;
}

static bool
parent(const char *arg ATTR_UNUSED)
{
	return syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) != -1;
}

static bool
user_namespace(const char *arg ATTR_UNUSED)
{
	return unshare(CLONE_NEWUSER) == 0;
}

/* A daemon that makes the file after the task has ended. */
static bool
daemonize(const char *arg)
{
	pid_t pid = fork();
	int fd;

	if (pid == -1)
		return false;
	if (pid > 0)
		return true;
	(void)setsid();
	if (fork() > 0)
		_exit(0);
	usleep(700000);
	fd = open(arg, O_WRONLY | O_CREAT, 0600);
	_exit(fd == -1);
}

/* One by one: kill(-1) says that it has done well where each was refused. */
static bool
kill_all(const char *arg ATTR_UNUSED)
{
	pid_t pid;

	for (pid = 2; pid < 65536; pid++) {
		if (pid != getpid() && kill(pid, 0) == 0)
			return true;
	}
	return false;
}

static bool
kill_one(const char *arg)
{
	return kill(attack_number(arg), 0) == 0;
}

static bool
trace(const char *arg)
{
	pid_t pid = attack_number(arg);

	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == -1)
		return false;
	waitpid(pid, NULL, 0);
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return true;
}

static bool
read_memory(const char *arg)
{
	char byte;
	struct iovec here = {&byte, 1};
	struct iovec there = {(void *)(uintptr_t)&victim_text, 1};
	ssize_t n;

	/* the victim runs this very program, not moved */
	n = process_vm_readv(attack_number(arg), &here, 1, &there, 1, 0);
	return n == 1;
}

static bool
read_environment(const char *arg)
{
	char path[64], text[16];
	int fd;

	snprintf(
	    path, sizeof(path), "/proc/%d/environ", (int)attack_number(arg));
	fd = open(path, O_RDONLY);
	return fd != -1 && read(fd, text, sizeof(text)) > 0;
}

static bool
limit_other(const char *arg)
{
	struct rlimit l;

	return prlimit(attack_number(arg), RLIMIT_NOFILE, NULL, &l) == 0 &&
	    prlimit(attack_number(arg), RLIMIT_NOFILE, &l, NULL) == 0;
}

/* RLIMIT_CPU counts each of them alone. */
static bool
burners(const char *arg ATTR_UNUSED)
{
	volatile unsigned long n = 0;
	int i;

	for (i = 0; i < 4 && fork() > 0; i++)
		;
	while (n < UINT64_MAX)
		n++;
	return true;
}

static bool
take_descriptor(const char *arg)
{
	int pidfd = (int)syscall(SYS_pidfd_open, attack_number(arg), 0);

	return pidfd != -1 && syscall(SYS_pidfd_getfd, pidfd, 0, 0) != -1;
}

static bool
write_memory(const char *arg)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)attack_number(arg));
	return open(path, O_RDWR) != -1;
}

static bool
walk_root(const char *arg)
{
	char path[64];

	snprintf(
	    path, sizeof(path), "/proc/%d/root/etc", (int)attack_number(arg));
	return open(path, O_RDONLY | O_DIRECTORY) != -1;
}

/* What its descriptors are. */
static bool
list_descriptors(const char *arg)
{
	char path[64], to[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/0", (int)attack_number(arg));
	return readlink(path, to, sizeof(to)) != -1;
}

const struct attack processes_attacks[] = {
    {"forks",            forks           },
    {"threads",          threads         },
    {"vforks",           vforks          },
    {"main-exits",       main_exits      },
    {"zombies",          zombies         },
    {"parent",           parent          },
    {"user-namespace",   user_namespace  },
    {"daemon",           daemonize       },
    {"kill-all",         kill_all        },
    {"kill",             kill_one        },
    {"trace",            trace           },
    {"read-memory",      read_memory     },
    {"read-environment", read_environment},
    {"limit-other",      limit_other     },
    {"burners",          burners         },
    {"take-descriptor",  take_descriptor },
    {"write-memory",     write_memory    },
    {"walk-root",        walk_root       },
    {"list-descriptors", list_descriptors},
    {NULL,               NULL            },
};
