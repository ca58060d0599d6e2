/*
 * Lines of several jobs side by side, each whole: what does not end a line
 * yet is kept until it does, or until the job ends.
 */
#include <string.h>
#include <unistd.h>

#include "batch/live.h"

/* A line longer than this is passed on in pieces. */
#define LINE_MAX_KEPT (1024U * 1024)

void
tagged_write(struct entry *e, int fd, const char *p, size_t n, bool *mid)
{
	const char *tag = e->job->tag, *end;
	size_t len;

	if (tag == NULL) {
		print_text(e->runner, fd, p, n);
		return;
	}
	for (; n > 0; p += len, n -= len) {
		end = memchr(p, '\n', n);
		len = end == NULL ? n : (size_t)(end - p) + 1;
		if (!*mid) {
			print_text(e->runner, fd, tag, strlen(tag));
			print_text(e->runner, fd, "\t", 1);
		}
		print_text(e->runner, fd, p, len);
		*mid = end == NULL;
	}
}

bool
live_wanted(const struct entry *e)
{
	const struct batch_options *o = e->runner->options;

	return o->group != GROUP_JOB && o->format == BATCH_TEXT &&
	    o->results == NULL;
}

void
live_write(struct entry *e, int fd, const char *p, size_t n)
{
	struct buf *line = &e->line[fd - 1];
	const char *last;
	bool mid = false;
	size_t whole;

	if (e->runner->options->group == GROUP_NONE) {
		print_text(e->runner, fd, p, n);
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
	struct spool s[2];

	/* more may come while somebody reads this */
	memcpy(s, e->out, sizeof(s));
	memset(e->out, 0, sizeof(e->out));
	spool_each(f, &s[0], catch_up_out, e);
	spool_each(f, &s[1], catch_up_err, e);
	spool_free(f, &s[0]);
	spool_free(f, &s[1]);
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
