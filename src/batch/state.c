/*
 * Ends of jobs by content key, counted: the same command twice in the input is
 * two jobs, and an end that was recorded stands for one of them.  The file is
 * kept by rtfs-state, to which ends are told once a round of the loop.  Where
 * there is only a joblog of an earlier run, it tells the same by the text of
 * the command.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"
#include "batch/format.h"
#include "batch/state.h"
#include "state/state.h"
#include "value/json.h"
#include "value/map.h"
#include "value/name.h"

#define PROGRAM     "rtfs-state"
#define JOBLOG_SEQ  0 /* columns, from 0 */
#define JOBLOG_EXIT 6
#define JOBLOG_SIG  7
#define JOBLOG_TEXT 8

struct tally {
	uint64_t key; /* 0: free */
	uint32_t ok;
	uint32_t failed;
};

struct state {
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

/* Call for every line of a joblog but the first. */
static int
read_joblog(const char *path,
    void (*take)(void *, uint64_t seq, const char *command, bool ok), void *arg,
    struct error *e)
{
	FILE *f = fopen(path, "re");
	const char *status, *signo, *text;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (f == NULL)
		return error_sys(e, "--joblog %s", path);
	while ((n = getline(&line, &cap, f)) != -1) {
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		status = column(line, JOBLOG_EXIT);
		signo = column(line, JOBLOG_SIG);
		text = column(line, JOBLOG_TEXT);
		if (text == NULL || strncmp(line, "Seq\t", 4) == 0)
			continue;
		take(arg, strtoull(column(line, JOBLOG_SEQ), NULL, 10), text,
		    is_zero(status) && is_zero(signo));
	}
	free(line);
	fclose(f);
	return 0;
}

static void
take_joblog(void *arg, uint64_t seq ATTR_UNUSED, const char *text, bool ok)
{
	tally_add(arg, text_key(text, strlen(text)), ok);
}

static char *
helper_path(const struct batch *b, struct error *e)
{
	const char *worker = b->worker_path[IMAGE_CORE], *slash;
	char *path;

	slash = worker == NULL ? NULL : strrchr(worker, '/');
	if (slash == NULL) {
		error_set(
		    e, EK_UNAVAILABLE, "--state: " PROGRAM " is not installed");
		return NULL;
	}
	path = xasprintf("%.*s/%s", (int)(slash - worker), worker, PROGRAM);
	if (access(path, X_OK) == -1) {
		error_sys(e, "--state: %s", path);
		free(path);
		return NULL;
	}
	return path;
}

/* rtfs-state VERB FILE with these as its descriptors 0 and 1. */
static int
spawn_helper(const struct batch *b, const char *verb, int in, int out,
    pid_t *pid, struct error *e)
{
	char *path = helper_path(b, e), *argv[4];
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none;
	int rc;

	if (path == NULL)
		return -1;
	argv[0] = xstrdup(PROGRAM);
	argv[1] = xstrdup(verb);
	argv[2] = xstrdup(b->options->state);
	argv[3] = NULL;
	sigemptyset(&none);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	posix_spawn_file_actions_adddup2(&fa, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setflags(
	    &at, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(pid, path, &fa, &at, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&at);
	if (rc != 0) {
		errno = rc;
		error_sys(e, "--state: %s", path);
	}
	free(argv[0]);
	free(argv[1]);
	free(argv[2]);
	free(path);
	return rc == 0 ? 0 : -1;
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

/* It has said itself why it ended, unless it was killed. */
static int
helper_failed(int status, struct error *e)
{
	if (WIFSIGNALED(status)) {
		return error_set(e, EK_SYSTEM,
		    "--state: " PROGRAM " was killed by signal %d",
		    WTERMSIG(status));
	}
	return error_set(e, EK_SYSTEM, "%s", "");
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
			return helper_failed(status, e);
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
start_helper(struct runner *r, struct state *s, struct error *e)
{
	int sp[2], null = -1, rc = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sp) == -1)
		return error_sys(e, "--state");
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null == -1)
		error_sys(e, "/dev/null");
	else
		rc = spawn_helper(r->batch, "record", sp[1], null, &pid, e);
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
	s->fd = -1;
	s->resume = o->resume;
	tally_grow(s);
	*out = s;
	if (o->state != NULL)
		return start_helper(r, s, e);
	s->by_text = true;
	if (access(o->joblog, F_OK) == -1)
		return 0; /* the first run */
	return read_joblog(o->joblog, take_joblog, s, e);
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

/* "name":"text"; false: it is no UTF-8, so no JSON either. */
static bool
text_member(
    struct buf *b, const char *name, size_t nname, const char *p, size_t n)
{
	if (utf8_invalid_at(p, n) != UTF8_VALID ||
	    utf8_invalid_at(name, nname) != UTF8_VALID)
		return false;
	if (b->data[b->len - 1] != '{')
		buf_addc(b, ',');
	json_write_string(b, name, nname);
	buf_addc(b, ':');
	json_write_string(b, p, n);
	return true;
}

static bool
member(struct buf *b, const char *name, const char *text)
{
	return text == NULL ||
	    text_member(b, name, strlen(name), text, strlen(text));
}

static bool
env_member(struct buf *b, char *const *env)
{
	const char *eq;

	if (env == NULL)
		return true;
	buf_adds(b, ",\"env\":{");
	for (; *env != NULL; env++) {
		eq = strchrnul(*env, '=');
		if (!text_member(b, *env, (size_t)(eq - *env),
		        *eq == '=' ? eq + 1 : "",
		        *eq == '=' ? strlen(eq + 1) : 0))
			return false;
	}
	buf_addc(b, '}');
	return true;
}

static bool
command_members(struct buf *b, const struct job *j)
{
	char *const *w;

	buf_adds(b, ",\"cmd\":[");
	for (w = j->argv; *w != NULL; w++) {
		if (utf8_invalid_at(*w, strlen(*w)) != UTF8_VALID)
			return false;
		if (w != j->argv)
			buf_addc(b, ',');
		json_write_string(b, *w, strlen(*w));
	}
	buf_addc(b, ']');
	return member(b, "dir", j->dir) &&
	    (!j->has_input ||
	        text_member(b, "stdin", 5,
	            j->input.len == 0 ? "" : j->input.data, j->input.len)) &&
	    env_member(b, j->env);
}

/* The job as a line of --jsonl; nothing when it cannot be one. */
static void
job_line(const struct job *j, struct buf *b)
{
	struct map_iter it;
	struct error e;
	bool ok = true;
	val k, v;

	buf_addc(b, '{');
	ok = member(b, "id", j->id);
	if (j->kind == JOB_COMMAND) {
		ok = ok && command_members(b, j);
	} else {
		ok = ok && j->closure == NULL && j->capability != NULL &&
		    member(b, "capability", j->capability->id);
		buf_adds(b, ",\"args\":");
		ok = ok && json_write(b, j->args, 0, &e) == 0;
	}
	if (ok && j->options != VAL_NIL) {
		it = map_iter(j->options);
		while (ok && map_next(&it, &k, &v)) {
			buf_addf(b, ",\"%s\":", val_name_text(k, NULL));
			ok = json_write(b, v, 0, &e) == 0;
		}
	}
	buf_addc(b, '}');
	if (!ok)
		buf_clear(b);
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

/* The last line of a job tells how it is; it keeps its number. */
static void
write_failed(struct past *p, struct batch_options *o, FILE *f)
{
	struct buf line = BUF_INIT;
	size_t i, n = 0;

	if (p->n > 1)
		qsort(p->end, p->n, sizeof(*p->end), by_job);
	o->retry_seq = xcalloc(p->n + 1, sizeof(*o->retry_seq));
	for (i = 0; i < p->n; i++) {
		if (p->end[i].ok ||
		    (i + 1 < p->n && p->end[i].seq == p->end[i + 1].seq &&
		        strcmp(p->end[i].text, p->end[i + 1].text) == 0))
			continue;
		o->retry_seq[n++] = p->end[i].seq;
		buf_clear(&line);
		buf_adds(&line, "{\"shell\":");
		format_json_text(&line, p->end[i].text, strlen(p->end[i].text));
		buf_adds(&line, "}\n");
		fwrite(line.data, 1, line.len, f);
	}
	buf_free(&line);
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
	rc = read_joblog(o->joblog, take_past, &past, e);
	if (rc == 0)
		write_failed(&past, o, f);
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
	if (spawn_helper(b, "failed", null, fd, &pid, e) == -1) {
		close(null);
		return -1;
	}
	close(null);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return status == 0 ? 0 : helper_failed(status, e);
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
