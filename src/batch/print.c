/* What is printed is kept together for a round of the loop. */
#include <sys/epoll.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "batch/progress.h"
#include "batch/runner.h"

#define KEEP (64U * 1024)
/* A terminal that cannot be watched is looked at so often. */
#define LOOK (100 * NS_PER_MS)

static void
ready(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg ATTR_UNUSED)
{
	/* only ends the round */
}

bool
print_given_up(const struct runner *r)
{
	return r->out.failed != 0 || r->killed;
}

/* A round of the loop, until fd takes something or anything else happens. */
static bool
wait_round(struct runner *r, int fd)
{
	struct loop_io *io;
	struct error e;
	int rc;

	/* a duplicate: the loop may watch fd itself already */
	io = loop_io_add(r->loop, fd == STDOUT_FILENO ? r->out_fd : fd,
	    EPOLLOUT, ready, r, &e);
	rc = loop_once(
	    r->loop, io != NULL ? INT64_MAX : clock_mono() + LOOK, &e);
	loop_io_remove(io);
	return rc == 0;
}

static void
write_all(struct runner *r, int fd, const char *p, size_t n)
{
	struct nowait *to = &r->out.to[fd == STDERR_FILENO];
	ssize_t done;

	while (n > 0 && !print_given_up(r)) {
		done = nowait_write(to, p, n);
		if (done >= 0) {
			p += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN) {
			if (!wait_round(r, fd))
				return;
		} else if (errno != EINTR) {
			if (fd == STDOUT_FILENO)
				r->out.failed = errno;
			return;
		}
	}
}

void
print_init(struct runner *r)
{
	r->out.to[0].fd = STDOUT_FILENO;
	r->out.to[1].fd = STDERR_FILENO;
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
