/* A pipe that is ready takes PIPE_BUF bytes without blocking: it gets no more
 * at a time.  A file is always ready, and takes everything. */
#include <sys/epoll.h>
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "batch/progress.h"
#include "batch/runner.h"
#include "batch/state.h"

#define KEEP (64U * 1024)
/* A terminal that cannot be watched is looked at so often. */
#define LOOK (100 * NS_PER_MS)

static void
ready(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg ATTR_UNUSED)
{
	/* only ends the round */
}

static bool
given_up(const struct runner *r)
{
	return r->out.failed != 0 || r->killed;
}

/* Until fd takes something, however long that is; false: it never will. */
static bool
wait_ready(struct runner *r, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	struct loop_io *io;
	struct error e;

	while (poll(&p, 1, 0) == 0) {
		if (given_up(r))
			return false;
		state_flush(r->state);
		/* a duplicate: the loop may watch fd itself already */
		io = loop_io_add(r->loop, fd == STDOUT_FILENO ? r->out_fd : fd,
		    EPOLLOUT, ready, r, &e);
		if (loop_once(r->loop,
		        io != NULL ? INT64_MAX : clock_mono() + LOOK, &e) == -1)
			return false;
		loop_io_remove(io);
	}
	return true;
}

static void
write_all(struct runner *r, int fd, const char *p, size_t n)
{
	struct stat st;
	bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	ssize_t done;
	size_t part;

	while (n > 0 && !given_up(r)) {
		if (!file && !wait_ready(r, fd))
			return;
		part = file || n < PIPE_BUF ? n : PIPE_BUF;
		done = write(fd, p, part);
		if (done == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done == -1) {
			if (fd == STDOUT_FILENO)
				r->out.failed = errno;
			return;
		}
		p += done;
		n -= (size_t)done;
	}
}

void
print_flush(struct runner *r)
{
	struct buf all = r->out.pending;

	if (all.len == 0)
		return;
	r->out.pending = (struct buf)BUF_INIT;
	progress_hide(r->progress);
	write_all(r, STDOUT_FILENO, all.data, all.len);
	if (r->out.pending.data == NULL) { /* keep the memory */
		buf_clear(&all);
		r->out.pending = all;
	} else {
		buf_free(&all);
	}
}

void
print_text(struct runner *r, int fd, const char *p, size_t n)
{
	if (fd == STDERR_FILENO) {
		print_flush(r);
		progress_hide(r->progress);
		write_all(r, fd, p, n);
		return;
	}
	if (r->out.failed != 0)
		return;
	buf_add(&r->out.pending, p, n);
	if (r->out.pending.len >= KEEP)
		print_flush(r);
}

void
print_free(struct runner *r)
{
	buf_free(&r->out.pending);
}
