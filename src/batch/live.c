/*
 * Lines of several jobs side by side, each whole: what does not end a line
 * yet is kept until it does, or until the job ends.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "batch/live.h"

/* A line longer than this is passed on in pieces. */
#define LINE_MAX_KEPT (1024U * 1024)

static void
write_stderr(const char *p, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(STDERR_FILENO, p, n);
		if (done == -1 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		p += done;
		n -= (size_t)done;
	}
}

static void
put(struct runner *r, int fd, const char *p, size_t n)
{
	if (fd == STDOUT_FILENO) {
		output_write(&r->out, p, n);
	} else {
		output_flush(&r->out);
		write_stderr(p, n);
	}
}

void
tagged_write(struct entry *e, int fd, const char *p, size_t n, bool *mid)
{
	const char *tag = e->job->tag, *end;
	size_t len;

	if (tag == NULL) {
		put(e->runner, fd, p, n);
		return;
	}
	for (; n > 0; p += len, n -= len) {
		end = memchr(p, '\n', n);
		len = end == NULL ? n : (size_t)(end - p) + 1;
		if (!*mid) {
			put(e->runner, fd, tag, strlen(tag));
			put(e->runner, fd, "\t", 1);
		}
		put(e->runner, fd, p, len);
		*mid = end == NULL;
	}
}

bool
live_wanted(const struct entry *e)
{
	const struct batch_options *o = e->runner->options;

	return o->group != GROUP_JOB && o->format == BATCH_TEXT &&
	    o->results == NULL &&
	    (!o->keep_order || TAILQ_FIRST(&e->runner->order) == e);
}

void
live_write(struct entry *e, int fd, const char *p, size_t n)
{
	struct buf *line = &e->line[fd - 1];
	const char *last;
	bool mid = false;
	size_t whole;

	if (e->runner->options->group == GROUP_NONE) {
		put(e->runner, fd, p, n);
		return;
	}
	last = memrchr(p, '\n', n);
	whole = last == NULL ? 0 : (size_t)(last - p) + 1;
	if (whole == 0 && line->len + n > LINE_MAX_KEPT)
		whole = n;
	if (whole > 0) {
		buf_add(line, p, whole);
		tagged_write(e, fd, line->data, line->len, &mid);
		buf_clear(line);
	}
	buf_add(line, p + whole, n - whole);
}

static bool
catch_up_out(void *arg, const char *p, size_t n)
{
	live_write(arg, STDOUT_FILENO, p, n);
	return true;
}

static bool
catch_up_err(void *arg, const char *p, size_t n)
{
	live_write(arg, STDERR_FILENO, p, n);
	return true;
}

void
live_catch_up(struct entry *e)
{
	struct spill *f = &e->runner->spill;

	spool_each(f, &e->out[0], catch_up_out, e);
	spool_each(f, &e->out[1], catch_up_err, e);
	spool_free(f, &e->out[0]);
	spool_free(f, &e->out[1]);
}

void
live_end(struct entry *e)
{
	bool mid;
	int i;

	for (i = 0; i < 2; i++) {
		mid = false;
		if (e->line[i].len > 0) {
			tagged_write(
			    e, i + 1, e->line[i].data, e->line[i].len, &mid);
		}
		buf_free(&e->line[i]);
	}
}
