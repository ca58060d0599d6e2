/*
 * Without a pid namespace the death of a guard does not end what its task has
 * started.  The supervisor is a child subreaper then: it inherits those
 * processes, and kills them here.  Children that it had from elsewhere before
 * (a shell can exec rtfs with jobs running) are left alone.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pool/internal.h"
#include "sandbox/plan.h"

#define CHILDREN_MAX (64U * 1024)

/* Process ids of our children as text, each with a blank behind it; false:
 * this kernel does not tell them. */
static bool
read_children(struct buf *b)
{
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	buf_clear(b);
	while (fd != -1 && b->len < CHILDREN_MAX &&
	    (n = read(fd, buf_reserve(b, 4096), 4096)) > 0) {
		b->len += (size_t)n;
	}
	if (fd != -1)
		close(fd);
	return n != -1;
}

/* The next id at *at, 0 at the end; one that is cut off does not count. */
static pid_t
next_child(const char **at)
{
	char *end;
	long pid = strtol(*at, &end, 10);

	if (end == *at || *end != ' ')
		return 0;
	*at = end + 1;
	return (pid_t)pid;
}

bool
process_exiting(int pid)
{
	const unsigned long pf_exiting = 4; /* of the kernel's task flags */
	char path[64], line[512], *at = NULL;
	unsigned long flags = 0;
	unsigned int i;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	if (fgets(line, sizeof(line), f) != NULL)
		at = strrchr(line, ')');
	fclose(f);
	/* behind the name: state ppid pgrp session tty tpgid flags */
	for (i = 0; at != NULL && i < 7; i++)
		at = strchr(at + 1, ' ');
	if (at != NULL)
		flags = strtoul(at, NULL, 10);
	return (flags & pf_exiting) != 0;
}

static bool
is_foreign(const struct pool *p, pid_t pid)
{
	size_t i;

	for (i = 0; i < p->nforeign; i++) {
		if (p->foreign[i] == pid)
			return true;
	}
	return false;
}

void
adopted_reaped(struct pool *p, pid_t pid)
{
	size_t i;

	for (i = 0; i < p->nforeign; i++) {
		if (p->foreign[i] == pid) {
			p->foreign[i] = p->foreign[--p->nforeign];
			return;
		}
	}
	if (p->subreaper) /* what it had started is ours now */
		adopted_kill(p);
}

/* Called when the first guard without a namespace is there: none of its
 * children can be ours yet. */
void
adopted_begin(struct pool *p)
{
	struct buf b = BUF_INIT;
	size_t cap = 0;
	pid_t pid;
	const char *at;

	if (p->subreaper || !read_children(&b))
		goto done;
	for (at = b.len == 0 ? NULL : buf_str(&b);
	     at != NULL && (pid = next_child(&at)) > 0;) {
		if (pool_knows(p, pid))
			continue;
		if (p->nforeign == cap) {
			cap = cap == 0 ? 8 : 2 * cap;
			p->foreign =
			    xreallocarray(p->foreign, cap, sizeof(*p->foreign));
		}
		p->foreign[p->nforeign++] = pid;
	}
	p->subreaper = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
done:
	buf_free(&b);
}

/* A guard that is being made is a child that has no name yet. */
static bool
any_making(const struct pool *p)
{
	const struct profile *f;

	TAILQ_FOREACH(f, &p->profiles, entry) {
		if (f->nmaking > 0)
			return true;
	}
	return false;
}

void
adopted_kill(struct pool *p)
{
	struct buf b = BUF_INIT;
	pid_t pid;
	const char *at;

	p->adopted = p->subreaper && any_making(p);
	if (!p->subreaper || p->adopted)
		return;
	if (read_children(&b) && b.len > 0) {
		for (at = buf_str(&b); (pid = next_child(&at)) > 0;) {
			if (!pool_knows(p, pid) && !is_foreign(p, pid))
				kill(pid, SIGKILL); /* not reaped: still it */
		}
	}
	buf_free(&b);
}

void
adopted_end(struct pool *p, int64_t until)
{
	struct buf b = BUF_INIT;
	pid_t pid;
	const char *at;
	bool any = p->subreaper;

	while (any && clock_mono() < until) {
		any = false;
		if (!read_children(&b) || b.len == 0)
			break;
		for (at = buf_str(&b); (pid = next_child(&at)) > 0;) {
			if (is_foreign(p, pid))
				continue;
			any = true;
			kill(pid, SIGKILL);
			(void)waitpid(pid, NULL, WNOHANG);
		}
		if (any)
			poll(NULL, 0, 1);
	}
	buf_free(&b);
	free(p->foreign);
	if (p->subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}
