/*
 * A line is written when its job ends, in one write.  Conventions of GNU
 * parallel 20221122, as observed: a job that was killed by a signal has
 * Exitval 0 and that Signal, one that timed out -1 and 15, a command that is
 * not there 127; Receive counts bytes of standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/joblog.h"
#include "host/fault.h"

#define HEADER                                                                 \
	"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\t"   \
	"Command\n"

enum { /* columns, from 0 */
	COLUMN_SEQ = 0,
	COLUMN_EXIT = 6,
	COLUMN_SIGNAL = 7,
	COLUMN_TEXT = 8
};

struct joblog {
	int fd;
	int os_errno; /* of the first write that failed */
	struct buf line;
};

static void
joblog_write(struct joblog *l)
{
	const char *p = l->line.data;
	size_t n = l->line.len;
	ssize_t done;

	while (n > 0 && l->os_errno == 0) {
		done = write(l->fd, p, n);
		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1) {
			l->os_errno = errno;
			break;
		}
		p += done;
		n -= (size_t)done;
	}
	buf_clear(&l->line);
}

int
joblog_open(const char *path, bool append, struct joblog **out, struct error *e)
{
	struct joblog *l;
	int fd;

	fd = open(path,
	    O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC),
	    0666);
	if (fd == -1)
		return error_sys(e, "--joblog %s", path);
	l = xcalloc(1, sizeof(*l));
	l->fd = fd;
	if (!append || lseek(fd, 0, SEEK_END) == 0) {
		buf_adds(&l->line, HEADER);
		joblog_write(l);
	}
	*out = l;
	return 0;
}

static void
swap(char *p, size_t n, char from, char to)
{
	char *end = p + n;

	while ((p = memchr(p, from, (size_t)(end - p))) != NULL)
		*p++ = to;
}

/* With three decimals, in at least that many columns. */
static void
add_seconds(struct buf *b, int64_t ns, int columns)
{
	int64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

	buf_addf(b, "%*lld.%03d\t", columns - 4, (long long)(ms / 1000),
	    (int)(ms % 1000));
}

void
joblog_add(struct joblog *l, struct entry *e)
{
	const char *text;
	size_t start;
	bool late = fault_key(&e->outcome) == ERRKEY_TIMEOUT;
	int64_t begun = e->begun_wall == 0 ? clock_wall() : e->begun_wall;

	if (l == NULL)
		return;
	buf_addu(&l->line, e->job->seq);
	buf_adds(&l->line, "\t:\t");
	add_seconds(&l->line, begun, 0);
	add_seconds(&l->line, entry_wall(e), 10);
	buf_addf(&l->line, "%zu\t%llu\t%d\t%d\t", e->job->input.len,
	    (unsigned long long)e->received, entry_exitval(e),
	    !e->outcome.ok && late ? 15 : e->outcome.signal);
	text = job_text(e->job);
	start = l->line.len;
	buf_adds(&l->line, text);
	swap(l->line.data + start, l->line.len - start, '\n', '\0');
	buf_addc(&l->line, '\n');
	joblog_write(l);
}

int
joblog_close(struct joblog *l, struct error *e)
{
	int os_errno;

	if (l == NULL)
		return 0;
	os_errno = l->os_errno;
	close(l->fd);
	buf_free(&l->line);
	free(l);
	if (os_errno == 0)
		return 0;
	errno = os_errno;
	return error_sys(e, "--joblog");
}

/* Field n of a line, from 0; the last takes the rest. */
static const char *
column(const char *line, int n)
{
	for (; n > 0 && line != NULL; n--) {
		line = strchr(line, '\t');
		line = line == NULL ? NULL : line + 1;
	}
	return line;
}

/* What is no number tells of no success. */
static bool
is_zero(const char *field)
{
	char *end;

	return strtol(field, &end, 10) == 0 && end > field && *end == '\t';
}

int
joblog_read(const char *path, joblog_line_cb take, void *arg, struct error *e)
{
	FILE *f = fopen(path, "re");
	const char *status, *signo, *text;
	char *line = NULL;
	size_t cap = 0, at;
	ssize_t n;

	if (f == NULL)
		return error_sys(e, "--joblog %s", path);
	while ((n = getline(&line, &cap, f)) != -1) {
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		status = column(line, COLUMN_EXIT);
		signo = column(line, COLUMN_SIGNAL);
		text = column(line, COLUMN_TEXT);
		if (text == NULL || strncmp(line, "Seq\t", 4) == 0)
			continue;
		at = (size_t)(text - line);
		swap(line + at, (size_t)n - at, '\0', '\n');
		take(arg, strtoull(column(line, COLUMN_SEQ), NULL, 10), text,
		    is_zero(status) && is_zero(signo));
	}
	free(line);
	fclose(f);
	return 0;
}
