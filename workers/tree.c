/* Killing and counting a whole tree of processes.  With a pid namespace the
 * kernel does it; without one the guard is a child subreaper: everything below
 * it becomes its child in the end, so nothing is left exactly when there is no
 * child to wait for.  Killing its own children is free of races (an id is not
 * used again before they are reaped); where they fork faster than that, all
 * descendants are stopped first and killed then. */

#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "workers/process.h"

struct proc {
	pid_t pid;
	pid_t parent;
	bool below; /* a descendant of ours */
	bool stopped;
};

struct procs {
	struct proc *item;
	size_t n;
	size_t cap;
};

void
tree_begin(struct tree *t, pid_t main_process)
{
	t->main = main_process;
	t->main_exited = false;
	t->main_ended = false;
	t->swept = 0;
	t->cpu_ticks = 0;
	t->user_us = 0;
	t->system_us = 0;
}

static uint64_t
micros(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

static void
took(struct tree *t, pid_t pid, int status, const struct rusage *usage)
{
	t->user_us += micros(&usage->ru_utime);
	t->system_us += micros(&usage->ru_stime);
	if (pid == t->main) {
		t->main = 0;
		t->main_ended = true;
		t->status = status;
		t->usage = *usage;
	} else if (t->sweeping && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL) {
		t->swept++;
	}
}

/* RLIMIT_CPU goes by ticks, wait4() by the scheduler's exact figures, which
 * on a crowded machine are far apart.  Asked before the process is reaped. */
static uint64_t
cpu_ticks(pid_t pid)
{
	struct timespec ts;
	clockid_t prof =
	    (clockid_t)(~(unsigned int)pid << 3); /* CPUCLOCK_PROF */

	if (clock_gettime(prof, &ts) == -1)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* 1: reaped one; 0: none has ended; -1: there is no child. */
static int
reap_one(struct tree *t, int options)
{
	struct rusage usage;
	siginfo_t si;
	int status;
	pid_t pid;

	si.si_pid = 0;
	if (t->main > 0 && !t->main_exited &&
	    waitid(P_PID, (id_t)t->main, &si, WEXITED | WNOHANG | WNOWAIT) ==
	        0 &&
	    si.si_pid == t->main && si.si_code != CLD_EXITED)
		t->cpu_ticks = cpu_ticks(t->main);
	do {
		pid = wait4(-1, &status, options, &usage);
	} while (pid == -1 && errno == EINTR);
	if (pid <= 0)
		return pid;
	took(t, pid, status, &usage);
	return 1;
}

void
tree_reap(struct tree *t)
{
	while (!t->main_ended && reap_one(t, WNOHANG) == 1)
		continue;
}

/* Parent of a process by /proc, -1 when it is gone. */
static pid_t
parent_of(pid_t pid)
{
	char path[64];
	char text[512];
	const char *at;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	/* The name in parentheses may hold anything, ")" too. */
	at = strrchr(text, ')');
	if (at == NULL || strlen(at) < sizeof(") S "))
		return -1;
	return (pid_t)strtol(at + strlen(") S "), NULL, 10);
}

static struct proc *
procs_find(struct procs *p, pid_t pid)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (p->item[i].pid == pid)
			return &p->item[i];
	}
	return NULL;
}

/* Read the table of processes; what was stopped before stays marked. */
static void
procs_scan(struct procs *p)
{
	struct procs next = {NULL, 0, 0};
	struct dirent *entry;
	struct proc *item;
	struct proc *up;
	DIR *dir = opendir("/proc");
	pid_t self = getpid();
	bool changed;
	size_t i;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid <= 0 || *end != '\0')
			continue;
		if (next.n == next.cap) {
			next.cap = next.cap == 0 ? 256 : next.cap * 2;
			next.item = xreallocarray(
			    next.item, next.cap, sizeof(*next.item));
		}
		item = &next.item[next.n];
		item->pid = (pid_t)pid;
		item->parent = parent_of(item->pid);
		item->below = false;
		up = procs_find(p, item->pid);
		item->stopped = up != NULL && up->below && up->stopped;
		if (item->parent > 0)
			next.n++;
	}
	if (dir != NULL)
		closedir(dir);
	do {
		changed = false;
		for (i = 0; i < next.n; i++) {
			item = &next.item[i];
			if (item->below)
				continue;
			up = procs_find(&next, item->parent);
			if (item->parent == self || (up != NULL && up->below)) {
				item->below = true;
				changed = true;
			}
		}
	} while (changed);
	free(p->item);
	*p = next;
}

/* To a process whose parent we know; somebody else may have got its id. */
static void
signal_below(const struct proc *p, int signo)
{
	int fd;

	if (p->parent == getpid()) {
		kill(p->pid, signo);
		return;
	}
	fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (fd != -1 && parent_of(p->pid) == p->parent)
		(void)syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0);
	if (fd != -1)
		close(fd);
}

/* Stop all, so that nobody can fork while we look, then kill all. */
static void
sweep(void)
{
	struct procs p = {NULL, 0, 0};
	bool found;
	size_t i;

	do {
		found = false;
		procs_scan(&p);
		for (i = 0; i < p.n; i++) {
			if (!p.item[i].below || p.item[i].stopped)
				continue;
			signal_below(&p.item[i], SIGSTOP);
			p.item[i].stopped = true;
			found = true;
		}
	} while (found);
	for (i = 0; i < p.n; i++) {
		if (p.item[i].below)
			signal_below(&p.item[i], SIGKILL);
	}
	free(p.item);
}

/* Kill our children, as far as one read tells them; false: it tells none. */
static bool
kill_children(const struct tree *t)
{
	char text[4096];
	ssize_t n = pread(t->children, text, sizeof(text) - 1, 0);
	char *at = text;
	char *end;
	long pid;

	if (n <= 0)
		return false;
	text[n] = '\0';
	/* A number that the end of the room cuts off would be another's. */
	while ((pid = strtol(at, &end, 10)) > 0 && *end == ' ') {
		kill((pid_t)pid, SIGKILL);
		at = end + 1;
	}
	return true;
}

void
tree_kill(struct tree *t)
{
	if (t->namespaced) {
		kill(-1, SIGKILL);
		return;
	}
	if (t->main > 0) {
		kill(t->main, SIGKILL);
		kill(-t->main, SIGKILL); /* its group */
	}
	if (!kill_children(t))
		sweep();
}

void
tree_signal(struct tree *t, int signo)
{
	struct procs p = {NULL, 0, 0};
	size_t i;

	if (t->namespaced) {
		kill(-1, signo);
		return;
	}
	procs_scan(&p);
	for (i = 0; i < p.n; i++) {
		if (p.item[i].below)
			signal_below(&p.item[i], signo);
	}
	free(p.item);
}

/* Without a namespace. */
static void
clear_by_sweeps(struct tree *t)
{
	static const struct timespec moment = {0, 2000000};
	sigset_t child;
	unsigned int round;
	int more;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (round = 0;; round++) {
		while ((more = reap_one(t, WNOHANG)) == 1)
			continue;
		if (more == -1)
			return;
		/* A chain of processes as deep as that, or one that forks
		 * faster than we kill. */
		if (!kill_children(t) || round > 16)
			sweep();
		sigtimedwait(&child, NULL, &moment);
	}
}

void
tree_clear(struct tree *t)
{
	int more;

	t->sweeping = true;
	if (t->namespaced) {
		while ((more = reap_one(t, WNOHANG)) == 1)
			continue;
		if (more == 0)
			kill(-1, SIGKILL);
		while (more != -1)
			more = reap_one(t, 0);
	} else {
		clear_by_sweeps(t);
	}
	t->sweeping = false;
}
