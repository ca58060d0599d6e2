/* Reading without waiting. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/intake.h"

#define READ_BYTES (64U * 1024)

int
intake_open(struct intake *f, const char *path, struct error *e)
{
	memset(f, 0, sizeof(*f));
	f->fd = STDIN_FILENO;
	if (strcmp(path, "-") != 0)
		f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd == -1)
		return error_sys(e, "%s", path);
	f->name = xstrdup(f->fd == STDIN_FILENO ? "standard input" : path);
	return 0;
}

void
intake_close(struct intake *f)
{
	if (f->fd > STDERR_FILENO)
		close(f->fd);
	f->fd = -1;
	free(f->name);
	f->name = NULL;
	buf_free(&f->bytes);
}

void
intake_use(struct intake *f, size_t n)
{
	f->start += n;
	if (f->start == f->bytes.len) {
		buf_clear(&f->bytes);
		f->start = 0;
	}
}

enum job_pull
intake_more(struct intake *f, struct error *e)
{
	struct pollfd p = {f->fd, POLLIN, 0};
	ssize_t n;

	if (f->ended)
		return PULL_END;
	if (poll(&p, 1, 0) == 0)
		return PULL_WAIT;
	if (f->start > 0) {
		buf_drop(&f->bytes, f->start);
		f->start = 0;
	}
	n = read(f->fd, buf_reserve(&f->bytes, READ_BYTES), READ_BYTES);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return PULL_WAIT;
	if (n == -1) {
		error_sys(e, "%s", f->name);
		return PULL_ERROR;
	}
	if (n == 0) {
		f->ended = true;
		return PULL_END;
	}
	f->bytes.len += (size_t)n;
	return PULL_JOB;
}
