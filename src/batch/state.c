/*
 * Ends of jobs by content key, counted: the same command twice in the input is
 * two jobs, and an end that was recorded stands for one of them.  The file is
 * kept by rtfs-state, to which ends are told once a round of the loop.  Where
 * there is only a joblog of an earlier run, it tells the same by the text of
 * the command.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "batch/jobline.h"
#include "batch/joblog.h"
#include "batch/recorder.h"
#include "batch/state.h"
#include "state/state.h"

struct tally {
	uint64_t key; /* 0: free */
	uint32_t ok;
	uint32_t failed;
};

struct state {
	const struct runner *runner;
	enum batch_resume resume;
	bool by_text; /* keys are texts of a joblog */
	int fd;       /* to rtfs-state; -1: there is none */
	bool lost;    /* it takes no more */
	struct buf out;
	struct tally *tally;
	size_t size;
	size_t n;
};

static struct tally *
tally_slot(struct tally *t, size_t size, uint64_t key)
{
	size_t i;

	for (i = (size_t)key & (size - 1); t[i].key != 0 && t[i].key != key;
	     i = (i + 1) & (size - 1))
		continue;
	return &t[i];
}

static void
tally_grow(struct state *s)
{
	size_t size = s->size == 0 ? 1024 : s->size * 2, i;
	struct tally *t = xcalloc(size, sizeof(*t));

	for (i = 0; i < s->size; i++) {
		if (s->tally[i].key != 0)
			*tally_slot(t, size, s->tally[i].key) = s->tally[i];
	}
	free(s->tally);
	s->tally = t;
	s->size = size;
}

static void
tally_add(struct state *s, uint64_t key, bool ok)
{
	struct tally *t;

	if (s->n * 4 >= s->size * 3)
		tally_grow(s);
	t = tally_slot(s->tally, s->size, key);
	s->n += t->key == 0;
	t->key = key;
	if (ok)
		t->ok++;
	else
		t->failed++;
}

static uint64_t
short_key(const unsigned char sum[32])
{
	uint64_t key;

	memcpy(&key, sum, sizeof(key));
	return key | 1;
}

static uint64_t
text_key(const char *text, size_t len)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)text, len);
	SHA256Final(sum, &ctx);
	return short_key(sum);
}

static void
take_joblog(void *arg, uint64_t seq ATTR_UNUSED, const char *text, bool ok)
{
	tally_add(arg, text_key(text, strlen(text)), ok);
}

static int
read_all(int fd, void *p, size_t n)
{
	char *at = p;
	ssize_t got;

	while (n > 0) {
		got = read(fd, at, n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

/* What earlier runs have told, up to the row that ends it. */
static int
read_rows(struct state *s, pid_t pid, struct error *e)
{
	struct state_row row[256];
	size_t have = 0, i, whole;
	int status = 0;
	ssize_t n;

	for (;;) {
		n = read(s->fd, (char *)row + have, sizeof(row) - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
				continue;
			return recorder_failed(status, e);
		}
		have += (size_t)n;
		whole = have / sizeof(row[0]);
		for (i = 0; i < whole; i++) {
			if (row[i].ok == STATE_END)
				return 0;
			tally_add(
			    s, short_key(row[i].key), row[i].ok == STATE_OK);
		}
		have -= whole * sizeof(row[0]);
		memmove(row, &row[whole], have);
	}
}

static int
start_recorder(struct runner *r, struct state *s, struct error *e)
{
	int sp[2], null = -1, rc = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sp) == -1)
		return error_sys(e, "--state");
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null == -1)
		error_sys(e, "/dev/null");
	else
		rc = recorder_start(r->batch, "record", sp[1], null, &pid, e);
	close(sp[1]);
	if (null != -1)
		close(null);
	if (rc == -1) {
		close(sp[0]);
		return -1;
	}
	s->fd = sp[0];
	if (read_rows(s, pid, e) == 0)
		return 0;
	close(s->fd);
	s->fd = -1;
	return -1;
}

int
state_open(struct runner *r, struct state **out, struct error *e)
{
	const struct batch_options *o = r->options;
	struct state *s;

	*out = NULL;
	if (o->state == NULL && o->resume == RESUME_NO)
		return 0;
	if (o->state == NULL && o->joblog == NULL) {
		return error_set(e, EK_ARGUMENT,
		    "to resume, say --state FILE, or --joblog FILE with the "
		    "one of the earlier run");
	}
	s = xcalloc(1, sizeof(*s));
	s->runner = r;
	s->fd = -1;
	s->resume = o->resume;
	tally_grow(s);
	*out = s;
	if (o->state != NULL)
		return start_recorder(r, s, e);
	s->by_text = true;
	if (access(o->joblog, F_OK) == -1)
		return 0; /* the first run */
	return joblog_read(o->joblog, take_joblog, s, e);
}

static unsigned char
nibble(char c)
{
	return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void
content_key(struct entry *e, unsigned char key[32])
{
	const char *hex = entry_digest(e) + strlen("sha256:");
	size_t i;

	for (i = 0; i < 32; i++, hex += 2) {
		key[i] = (unsigned char)(nibble(hex[0]) << 4 | nibble(hex[1]));
	}
}

static uint64_t
entry_key(const struct state *s, struct entry *e)
{
	unsigned char key[32];

	if (s->by_text)
		return text_key(job_text(e->job), strlen(job_text(e->job)));
	content_key(e, key);
	return short_key(key);
}

bool
state_has(struct state *s, struct entry *e)
{
	struct tally *t;

	if (s == NULL || s->resume == RESUME_NO || e->job->refused != NULL)
		return false;
	e->again = s->resume == RESUME_RETRY;
	if (e->again)
		return false;
	t = tally_slot(s->tally, s->size, entry_key(s, e));
	if (t->ok > 0) {
		t->ok--;
		return true;
	}
	if (t->failed == 0)
		return false;
	t->failed--;
	e->again = s->resume == RESUME_FAILED;
	return s->resume == RESUME_NEW;
}

void
state_ended(struct state *s, struct entry *e)
{
	struct state_message m;
	struct buf job = BUF_INIT, record = BUF_INIT;

	if (s == NULL || s->fd == -1 || s->lost || e->skipped ||
	    e->job->refused != NULL ||
	    (!e->outcome.ok && e->outcome.kind == ERRKEY_CANCELLED))
		return; /* not an end: it is to be run yet */
	memset(&m, 0, sizeof(m));
	content_key(e, m.row.key);
	m.row.ok = e->outcome.ok ? STATE_OK : STATE_FAILED;
	m.again = e->again;
	job_line(e->job, &job);
	buf_addc(&record, '{');
	entry_record(e, &record);
	buf_addc(&record, '}');
	m.job = (uint32_t)job.len;
	m.record = (uint32_t)record.len;
	buf_add(&s->out, &m, sizeof(m));
	buf_add(&s->out, job.data, job.len);
	buf_add(&s->out, record.data, record.len);
	buf_free(&job);
	buf_free(&record);
}

void
state_flush(struct state *s)
{
	size_t at = 0;
	ssize_t n;

	if (s == NULL || s->out.len == 0 || s->lost)
		return;
	if (print_given_up(s->runner)) { /* it is to be run again */
		buf_clear(&s->out);
		return;
	}
	while (at < s->out.len) {
		n = send(
		    s->fd, s->out.data + at, s->out.len - at, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			s->lost = true; /* it has said why */
			log_error("--state: nothing is recorded any more");
			break;
		}
		at += (size_t)n;
	}
	buf_clear(&s->out);
}

int
state_close(struct state *s, struct error *e)
{
	int rc = 0;
	char done = STATE_LOST;

	if (s == NULL)
		return 0;
	state_flush(s);
	if (s->fd != -1) {
		shutdown(s->fd, SHUT_WR);
		if (read_all(s->fd, &done, 1) == -1) /* it was killed */
			rc = error_set(e, EK_SYSTEM,
			    "--state: not everything was recorded");
		else if (done != STATE_DONE)
			rc = error_set(e, EK_SYSTEM, "%s", "");
		close(s->fd);
	}
	buf_free(&s->out);
	free(s->tally);
	free(s);
	return rc;
}
