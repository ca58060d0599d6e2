/* A pipe that polls as ready takes PIPE_BUF bytes without blocking: where it
 * is polled it gets no more at a time. */
#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "batch/nowait.h"

static void
look(struct nowait *f)
{
	struct stat st;

	if (f->way != NOWAIT_UNKNOWN)
		return;
	f->way = NOWAIT_POLL;
	if (fstat(f->fd, &st) == -1)
		return;
	if (S_ISREG(st.st_mode))
		f->way = NOWAIT_FILE;
	else if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
		f->way = NOWAIT_CALL;
}

/* The kernel, or a filter before it, does not take such a call. */
static bool
refused(int os_errno)
{
	return os_errno == EOPNOTSUPP || os_errno == ENOSYS ||
	    os_errno == EINVAL || os_errno == EPERM;
}

static bool
ready(const struct nowait *f, short events)
{
	struct pollfd p = {.fd = f->fd, .events = events};

	if (f->way == NOWAIT_FILE || poll(&p, 1, 0) != 0)
		return true;
	errno = EAGAIN;
	return false;
}

ssize_t
nowait_read(struct nowait *f, void *p, size_t n)
{
	struct iovec v = {p, n};
	ssize_t done;

	look(f);
	if (f->way == NOWAIT_CALL) {
		done = preadv2(f->fd, &v, 1, -1, RWF_NOWAIT);
		if (done != -1 || !refused(errno))
			return done;
		f->way = NOWAIT_POLL;
	}
	return ready(f, POLLIN) ? read(f->fd, p, n) : -1;
}

ssize_t
nowait_write(struct nowait *f, const void *p, size_t n)
{
	struct iovec v = {(void *)(uintptr_t)p, n};
	ssize_t done;

	look(f);
	if (f->way == NOWAIT_CALL) {
		done = pwritev2(f->fd, &v, 1, -1, RWF_NOWAIT);
		if (done != -1 || !refused(errno))
			return done;
		f->way = NOWAIT_POLL;
	}
	if (!ready(f, POLLOUT))
		return -1;
	if (f->way == NOWAIT_POLL && n > PIPE_BUF)
		n = PIPE_BUF;
	return write(f->fd, p, n);
}

bool
nowait_watched(const struct nowait *f)
{
	return f->way == NOWAIT_CALL;
}
