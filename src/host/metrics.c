/*
 * Counting what the pool says, by capability, and writing it.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/fault.h"
#include "host/metrics.h"
#include "pool/plan.h"
#include "value/name.h"

/* Upper bounds of the two histograms, in seconds; the last is +Inf. */
static const double bounds[] = {
    0.0001, 0.001, 0.01, 0.1, 0.5, 1, 5, 10, 60, 600};
#define BUCKETS (NITEMS(bounds) + 1)

struct histogram {
	uint64_t bucket[BUCKETS]; /* not cumulative */
	int64_t sum;              /* ns */
};

struct family { /* the tasks of one capability */
	const struct capability *capability;
	uint64_t ok;
	uint64_t failed[ERRKEY_COUNT + 1]; /* by kind; the last: others */
	struct histogram wait;
	struct histogram run;
	int64_t cpu; /* ns */
};

struct metrics {
	char *path;
	int fd; /* of what is no plain file; -1: a new one is renamed to path */
	int64_t since;
	struct family **family;
	size_t n;
	struct family *last;
	struct pool_totals totals; /* of a pool that is gone */
	unsigned int most;
};

int
metrics_open(const char *path, struct metrics **out, struct error *e)
{
	struct metrics *m = xcalloc(1, sizeof(*m));
	struct stat st;

	m->path = xstrdup(path);
	m->fd = -1;
	m->since = clock_mono();
	/* what is a device, a pipe or a link (/dev/stdout) stays what it is */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		m->fd =
		    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (m->fd == -1) {
			error_sys(e, "%s", path);
			metrics_free(m);
			return -1;
		}
	}
	if (metrics_write(m, NULL, e) == -1) {
		metrics_free(m);
		return -1;
	}
	*out = m;
	return 0;
}

void
metrics_free(struct metrics *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n; i++)
		free(m->family[i]);
	free(m->family);
	if (m->fd != -1)
		close(m->fd);
	free(m->path);
	free(m);
}

static struct family *
family_of(struct metrics *m, const struct task *t)
{
	const struct capability *c = plan_capability(t->plan);
	size_t i;

	if (m->last != NULL && m->last->capability == c)
		return m->last;
	for (i = 0; i < m->n; i++) {
		if (m->family[i]->capability == c)
			return m->last = m->family[i];
	}
	m->family = xreallocarray(m->family, m->n + 1, sizeof(struct family *));
	m->last = m->family[m->n++] = xcalloc(1, sizeof(struct family));
	m->last->capability = c;
	return m->last;
}

static void
observe(struct histogram *h, int64_t ns)
{
	size_t i = 0;

	while (
	    i < NITEMS(bounds) && (double)ns / (double)NS_PER_SEC > bounds[i])
		i++;
	h->bucket[i]++;
	h->sum += ns;
}

void
metrics_event(struct metrics *m, const struct pool_event *ev)
{
	const struct outcome *o = ev->outcome;
	struct family *f;

	if (ev->kind != POOL_ENDED)
		return;
	f = family_of(m, ev->task);
	if (o->ok)
		f->ok++;
	else
		f->failed[fault_key(o)]++;
	observe(&f->wait, o->queued_ns);
	if (ev->task->started == 0)
		return;
	observe(&f->run, o->usage.wall_ns);
	if (o->usage.known)
		f->cpu += o->usage.user_ns + o->usage.system_ns;
}

static void
head(struct buf *b, const char *name, const char *type, const char *unit,
    const char *help)
{
	buf_addf(b, "# TYPE %s %s\n", name, type);
	if (unit != NULL)
		buf_addf(b, "# UNIT %s %s\n", name, unit);
	buf_addf(b, "# HELP %s %s\n", name, help);
}

/* {capability="..."; the id of a capability has no control characters. */
static void
label(struct buf *b, const char *name, const struct family *f)
{
	const char *p;

	buf_addf(b, "%s{capability=\"", name);
	for (p = f->capability->id; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *p);
	}
	buf_addc(b, '"');
}

static void
counter(struct buf *b, const char *name, uint64_t n, const char *help)
{
	head(b, name, "counter", NULL, help);
	buf_addf(b, "%s_total %llu\n", name, (unsigned long long)n);
}

static void
gauge(struct buf *b, const char *name, uint64_t n, const char *help)
{
	head(b, name, "gauge", NULL, help);
	buf_addf(b, "%s %llu\n", name, (unsigned long long)n);
}

static double
seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_SEC;
}

static void
ended_line(
    struct buf *b, const struct family *f, const char *status, uint64_t n)
{
	if (n == 0)
		return;
	label(b, "rtfs_tasks_ended_total", f);
	buf_addf(b, ",status=\"%s\"} %llu\n", status, (unsigned long long)n);
}

static void
write_ended(const struct metrics *m, struct buf *b)
{
	const struct family *f;
	size_t i, k;

	head(b, "rtfs_tasks_ended", "counter", NULL,
	    "Attempts that are over, by capability and status.");
	for (i = 0; i < m->n; i++) {
		f = m->family[i];
		ended_line(b, f, "ok", f->ok);
		for (k = 0; k < ERRKEY_COUNT; k++) {
			if (f->failed[k] > 0)
				ended_line(b, f,
				    val_name_text(
				        errkey_keyword((enum errkey)k), NULL),
				    f->failed[k]);
		}
		ended_line(b, f, "other", f->failed[ERRKEY_COUNT]);
	}
}

static void
write_histogram(const struct metrics *m, struct buf *b, const char *name,
    size_t offset, const char *help)
{
	const struct histogram *h;
	uint64_t n;
	size_t i, k;

	head(b, name, "histogram", "seconds", help);
	for (i = 0; i < m->n; i++) {
		h = (const void *)((const char *)m->family[i] + offset);
		for (n = 0, k = 0; k < BUCKETS; k++) {
			n += h->bucket[k];
			buf_addf(b, "%s_bucket", name);
			label(b, "", m->family[i]);
			if (k < NITEMS(bounds))
				buf_addf(b, ",le=\"%g\"", bounds[k]);
			else
				buf_adds(b, ",le=\"+Inf\"");
			buf_addf(b, "} %llu\n", (unsigned long long)n);
		}
		buf_addf(b, "%s_count", name);
		label(b, "", m->family[i]);
		buf_addf(b, "} %llu\n", (unsigned long long)n);
		buf_addf(b, "%s_sum", name);
		label(b, "", m->family[i]);
		buf_addf(b, "} %.9f\n", seconds(h->sum));
	}
}

static void
write_cpu(const struct metrics *m, struct buf *b)
{
	size_t i;

	head(b, "rtfs_task_cpu_seconds", "counter", "seconds",
	    "CPU time of tasks that had a process of their own.");
	for (i = 0; i < m->n; i++) {
		if (m->family[i]->cpu == 0)
			continue;
		label(b, "rtfs_task_cpu_seconds_total", m->family[i]);
		buf_addf(b, "} %.6f\n", seconds(m->family[i]->cpu));
	}
}

static void
write_totals(const struct pool_totals *t, struct buf *b)
{
	counter(b, "rtfs_tasks_submitted", t->submitted,
	    "Attempts given to the pool.");
	counter(b, "rtfs_tasks_started", t->started, "Attempts that began.");
	counter(b, "rtfs_tasks_requeued", t->requeued,
	    "Tasks that came back from a worker before they began.");
	counter(b, "rtfs_kills", t->kills, "Signals sent to task processes.");
	counter(b, "rtfs_processes", t->processes, "Task processes made.");
	counter(b, "rtfs_guards", t->slots, "Guards made.");
	counter(b, "rtfs_fork_servers", t->servers, "Fork servers started.");
}

static void
write_all(struct metrics *m, const struct pool *p, struct buf *b)
{
	struct pool_load load = {.most = m->most};

	if (p != NULL) {
		pool_load(p, &load);
		m->most = load.most;
		m->totals = *pool_totals(p);
	}
	gauge(b, "rtfs_queue_length", load.queued, "Tasks that wait.");
	gauge(b, "rtfs_workers_busy", load.busy,
	    "Task processes that have a task.");
	gauge(b, "rtfs_workers_limit", load.most, "The most that may.");
	gauge(b, "rtfs_processes_alive", load.processes,
	    "Task processes, with those that wait for a task.");
	gauge(b, "rtfs_guards_alive", load.slots, "Guards.");
	head(b, "rtfs_uptime_seconds", "gauge", "seconds", "Time of this run.");
	buf_addf(
	    b, "rtfs_uptime_seconds %.3f\n", seconds(clock_mono() - m->since));
	write_totals(&m->totals, b);
	write_ended(m, b);
	write_histogram(m, b, "rtfs_task_wait_seconds",
	    offsetof(struct family, wait), "Time in the queue.");
	write_histogram(m, b, "rtfs_task_run_seconds",
	    offsetof(struct family, run), "Time from start to end.");
	write_cpu(m, b);
	buf_adds(b, "# EOF\n");
}

static int
write_bytes(int fd, const struct buf *b)
{
	size_t done = 0;
	ssize_t n;

	while (done < b->len) {
		n = write(fd, b->data + done, b->len - done);
		if (n == -1 && errno != EINTR)
			return -1;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* What is a file behind a link has the last ones only, too. */
static int
write_over(const struct metrics *m, const struct buf *b)
{
	if (lseek(m->fd, 0, SEEK_SET) == 0 && ftruncate(m->fd, 0) == -1 &&
	    errno != EINVAL)
		return -1;
	return write_bytes(m->fd, b);
}

/* Under a name that nobody has and nobody can foresee: where tasks may write,
 * too, no pipe is waited for and no link followed. */
static int
write_anew(const struct metrics *m, const struct buf *b)
{
	char *fresh = xasprintf("%s.XXXXXX", m->path);
	mode_t mask = umask(0);
	int fd = mkostemp(fresh, O_CLOEXEC), rc = -1;

	umask(mask);
	if (fd != -1) {
		rc = fchmod(fd, 0666 & ~mask);
		if (rc == 0)
			rc = write_bytes(fd, b);
		if (close(fd) == -1)
			rc = -1;
		if (rc == 0)
			rc = rename(fresh, m->path);
		if (rc == -1)
			unlink(fresh);
	}
	free(fresh);
	return rc;
}

int
metrics_write(struct metrics *m, const struct pool *p, struct error *e)
{
	struct buf b = BUF_INIT;
	int rc;

	write_all(m, p, &b);
	rc = m->fd != -1 ? write_over(m, &b) : write_anew(m, &b);
	if (rc == -1)
		error_sys(e, "%s", m->path);
	buf_free(&b);
	return rc;
}
