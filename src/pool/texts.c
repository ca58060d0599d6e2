/*
 * Long texts of a task on their way to its worker.  Those that lie in a file
 * are shown to it there (value/memfile.h).  The others go through a pipe of
 * their own, from where they lie to where they stay, while the worker reads;
 * they are borrowed: whoever takes the task off the worker's list, for what
 * reason ever, ends them (worker_let_go).
 */
#include <sys/epoll.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pool/internal.h"

/* What the kernel lets everybody have. */
#define TEXTS_PIPE (1024 * 1024)
/* Bytes written in one round, so that a long text starves nobody. */
#define TEXTS_ROUND (4U * 1024 * 1024)

/* Past n bytes that were written. */
static void
texts_advance(struct texts *x, size_t n)
{
	while (n > 0 && n >= x->piece[x->first].iov_len)
		n -= x->piece[x->first++].iov_len;
	if (n > 0) {
		x->piece[x->first].iov_base =
		    (char *)x->piece[x->first].iov_base + n;
		x->piece[x->first].iov_len -= n;
	}
}

static void
texts_writable(int fd, uint32_t events ATTR_UNUSED, void *arg)
{
	struct worker *w = arg;
	struct texts *x = &w->texts;
	size_t total = 0;
	ssize_t n;

	while (total < TEXTS_ROUND && x->first < x->n) {
		n = writev(fd, x->piece + x->first, (int)(x->n - x->first));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1) { /* nobody reads: its end will be reported */
			texts_end(w);
			return;
		}
		total += (size_t)n;
		texts_advance(x, (size_t)n);
	}
	if (x->first == x->n)
		texts_end(w);
}

int
texts_open(struct worker *w, int *theirs, struct error *e)
{
	struct texts *x = &w->texts;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return error_sys(e, "a pipe for long text");
	(void)fcntl(fd[1], F_SETPIPE_SZ, TEXTS_PIPE);
	x->io = NULL;
	if (fcntl(fd[1], F_SETFL, O_NONBLOCK) == -1) {
		error_sys(e, "a pipe for long text");
	} else {
		x->io = loop_io_add(
		    w->pool->loop, fd[1], EPOLLOUT, texts_writable, w, e);
	}
	if (x->io == NULL) {
		close(fd[0]);
		close(fd[1]);
		return -1;
	}
	x->fd = fd[1];
	x->first = x->n = 0;
	*theirs = fd[0];
	return 0;
}

uint64_t
texts_lend(
    const struct worker *w, const struct pack_refs *refs, int *fds, size_t *n)
{
	struct heap *h = TAILQ_LAST(&w->sent, task_queue)->heap;
	uint64_t lent = 0;
	size_t i;
	int fd;

	*n = 0;
	if (w->unmade && refs->n > 1) /* only one descriptor may go with it */
		return 0;
	for (i = 0; i < refs->n; i++) {
		fd = str_lend(h, refs->ref[i].text);
		if (fd == -1)
			continue;
		fds[(*n)++] = fd;
		lent |= UINT64_C(1) << i;
	}
	return lent;
}

void
texts_begin(struct worker *w, struct task *t, const struct pack_refs *refs,
    uint64_t lent)
{
	struct texts *x = &w->texts;
	struct iovec *piece;
	size_t i;

	for (i = 0; i < refs->n; i++) {
		if ((lent >> i & 1) != 0)
			continue;
		piece = &x->piece[x->n++];
		memcpy(&piece->iov_base, &refs->ref[i].bytes,
		    sizeof(piece->iov_base));
		piece->iov_len = refs->ref[i].len;
	}
	x->task = t;
}

void
texts_end(struct worker *w)
{
	struct texts *x = &w->texts;

	if (x->io == NULL)
		return;
	loop_io_remove(x->io);
	close(x->fd);
	x->io = NULL;
	x->task = NULL;
}
