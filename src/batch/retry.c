/* --retry-failed: what failed, as it is recorded, becomes the input. */
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "batch/joblog.h"
#include "batch/recorder.h"
#include "value/json.h"

#define TASK "(task :" /* what job_text() begins with where it is no command */

/* The lines of a joblog, in its order. */
struct past {
	struct past_end {
		uint64_t seq;
		char *text;
		size_t at;
		bool ok;
	} * end;
	size_t n;
};

static void
take_past(void *arg, uint64_t seq, const char *text, bool ok)
{
	struct past *p = arg;

	if ((p->n & (p->n - 1)) == 0) {
		p->end = xreallocarray(
		    p->end, p->n == 0 ? 1 : 2 * p->n, sizeof(*p->end));
	}
	p->end[p->n] = (struct past_end){seq, xstrdup(text), p->n, ok};
	p->n++;
}

static int
by_job(const void *a, const void *b)
{
	const struct past_end *x = a, *y = b;
	int c;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	c = strcmp(x->text, y->text);
	return c != 0 ? c : x->at < y->at ? -1 : 1;
}

/* Is it what sh may be given? */
static int
check_command(const struct past_end *p, struct error *e)
{
	bool task = strncmp(p->text, TASK, strlen(TASK)) == 0;

	if (!task && utf8_invalid_at(p->text, strlen(p->text)) == UTF8_VALID)
		return 0;
	return error_set(e, EK_ARGUMENT,
	    "--retry-failed: job %llu of the joblog is %s; --resume-failed "
	    "with the input runs it",
	    (unsigned long long)p->seq, task ? "a task" : "no UTF-8");
}

/* The last line of a job tells how it is; it keeps its number. */
static int
write_failed(struct past *p, struct batch_options *o, FILE *f, struct error *e)
{
	struct buf line = BUF_INIT;
	size_t i, n = 0;
	int rc = 0;

	if (p->n > 1)
		qsort(p->end, p->n, sizeof(*p->end), by_job);
	o->retry_seq = xcalloc(p->n + 1, sizeof(*o->retry_seq));
	for (i = 0; i < p->n; i++) {
		if (p->end[i].ok ||
		    (i + 1 < p->n && p->end[i].seq == p->end[i + 1].seq &&
		        strcmp(p->end[i].text, p->end[i + 1].text) == 0))
			continue;
		if ((rc = check_command(&p->end[i], e)) == -1)
			break;
		o->retry_seq[n++] = p->end[i].seq;
		buf_clear(&line);
		buf_adds(&line, "{\"shell\":");
		json_write_bytes(&line, p->end[i].text, strlen(p->end[i].text));
		buf_adds(&line, "}\n");
		fwrite(line.data, 1, line.len, f);
	}
	buf_free(&line);
	return rc;
}

static int
failed_of_joblog(struct batch_options *o, int fd, struct error *e)
{
	FILE *f = fdopen(dup(fd), "w");
	struct past past = {NULL, 0};
	size_t i;
	int rc;

	if (f == NULL)
		return error_sys(e, "--retry-failed");
	rc = joblog_read(o->joblog, take_past, &past, e);
	if (rc == 0)
		rc = write_failed(&past, o, f, e);
	if (fclose(f) == EOF && rc == 0)
		rc = error_sys(e, "--retry-failed");
	for (i = 0; i < past.n; i++)
		free(past.end[i].text);
	free(past.end);
	return rc;
}

static int
failed_of_state(const struct batch *b, int fd, struct error *e)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), status = 0;
	pid_t pid;

	if (null == -1)
		return error_sys(e, "/dev/null");
	if (recorder_start(b, "failed", null, fd, &pid, e) == -1) {
		close(null);
		return -1;
	}
	close(null);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return status == 0 ? 0 : recorder_failed(status, e);
}

int
batch_retry_input(
    const struct batch *b, struct batch_options *o, struct error *e)
{
	static char path[64]; /* options borrow their texts */
	int fd, rc;

	if (o->resume != RESUME_RETRY)
		return 0;
	if (o->state == NULL && o->joblog == NULL) {
		return error_set(e, EK_ARGUMENT,
		    "--retry-failed needs --state FILE or --joblog FILE");
	}
	fd = memfd_create("failed jobs", MFD_CLOEXEC);
	if (fd == -1)
		return error_sys(e, "--retry-failed");
	rc = o->state != NULL ? failed_of_state(b, fd, e) :
	                        failed_of_joblog(o, fd, e);
	if (rc == -1 || lseek(fd, 0, SEEK_SET) == -1) {
		close(fd);
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	o->jsonl = path; /* the descriptor stays as long as the process */
	return 0;
}
