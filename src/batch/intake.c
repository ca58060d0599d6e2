/* Reading without waiting. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/intake.h"

#define READ_BYTES (64 * 1024)

int
intake_open(struct intake *f, const char *path, struct error *e)
{
	memset(f, 0, sizeof(*f));
	f->from.fd = STDIN_FILENO;
	if (strcmp(path, "-") != 0)
		f->from.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->from.fd == -1)
		return error_sys(e, "%s", path);
	f->name = xstrdup(f->from.fd == STDIN_FILENO ? "standard input" : path);
	return 0;
}

void
intake_close(struct intake *f)
{
	if (f->from.fd > STDERR_FILENO)
		close(f->from.fd);
	f->from.fd = -1;
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
	ssize_t n;

	if (f->ended)
		return PULL_END;
	if (f->drained) {
		f->drained = false;
		return PULL_WAIT;
	}
	if (f->start > 0) {
		buf_drop(&f->bytes, f->start);
		f->start = 0;
	}
	n = nowait_read(
	    &f->from, buf_reserve(&f->bytes, READ_BYTES), READ_BYTES);
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
	f->drained = n < READ_BYTES && nowait_watched(&f->from);
	return PULL_JOB;
}
