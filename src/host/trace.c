/*
 * Writing a trace.  Queueing and running are known when an attempt ends, so
 * each is written whole then.  Times are microseconds with a fraction since
 * the trace was opened.
 */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/fault.h"
#include "host/trace.h"
#include "pool/plan.h"
#include "value/json.h"

/* Groups of tracks, "processes" of the format. */
enum group {
	GROUP_RUN = 1,
	GROUP_QUEUE,
};
#define TRACK_PROGRAM 0U
/* The counter is written no more often than this. */
#define COUNTER_PAUSE NS_PER_MS

struct trace {
	FILE *f;
	struct buf line;
	int64_t since;
	uint64_t queue_id; /* of the last wait in the queue */
	size_t queued;
	size_t running;
	int64_t counted; /* when the counter was written */
	/* By slot: until when its track is taken, and who goes by that name.
	 * Results of a batch come together; one task runs after the other. */
	int64_t *taken;
	size_t nslots;
};

static void
text(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, ",\"%s\":", name);
	json_write_bytes(b, value, strlen(value));
}

static void
us(struct buf *b, const char *name, int64_t ns)
{
	buf_addf(b, ",\"%s\":%lld.%03lld", name, (long long)(ns / 1000),
	    (long long)(ns % 1000));
}

static void
begin(struct trace *t, const char *phase, enum group g, uint64_t track)
{
	buf_clear(&t->line);
	buf_addf(&t->line, ",\n{\"ph\":\"%s\",\"pid\":%d,\"tid\":%llu", phase,
	    g, (unsigned long long)track);
}

static void
at(struct trace *t, int64_t when)
{
	us(&t->line, "ts", when < t->since ? 0 : when - t->since);
}

static void
end(struct trace *t)
{
	buf_addc(&t->line, '}');
	fwrite(t->line.data, 1, t->line.len, t->f);
}

static void
name_track(
    struct trace *t, const char *what, enum group g, uint64_t id, const char *s)
{
	begin(t, "M", g, id);
	text(&t->line, "name", what);
	buf_adds(&t->line, ",\"args\":{\"name\":");
	json_write_bytes(&t->line, s, strlen(s));
	buf_addc(&t->line, '}');
	end(t);
}

int
trace_open(const char *path, struct trace **out, struct error *e)
{
	struct trace *t;
	FILE *f = fopen(path, "we");

	if (f == NULL)
		return error_sys(e, "%s", path);
	t = xcalloc(1, sizeof(*t));
	t->f = f;
	t->since = clock_mono();
	fprintf(f,
	    "[{\"ph\":\"M\",\"pid\":%d,\"name\":\"process_name\","
	    "\"args\":{\"name\":\"rtfs %d\"}}",
	    GROUP_RUN, (int)getpid());
	name_track(t, "thread_name", GROUP_RUN, TRACK_PROGRAM, "program");
	name_track(t, "process_name", GROUP_QUEUE, 0, "queue");
	*out = t;
	return 0;
}

static void
count(struct trace *t, int64_t when, bool always)
{
	if (!always && when - t->counted < COUNTER_PAUSE)
		return;
	t->counted = when;
	begin(t, "C", GROUP_RUN, TRACK_PROGRAM);
	at(t, when);
	text(&t->line, "name", "tasks");
	buf_addf(&t->line, ",\"args\":{\"queued\":%zu,\"running\":%zu}",
	    t->queued, t->running);
	end(t);
}

/* An asynchronous pair: these overlap. */
static void
waited(struct trace *t, const char *label, int64_t from, int64_t to)
{
	t->queue_id++;
	begin(t, "b", GROUP_QUEUE, 0);
	at(t, from);
	text(&t->line, "cat", "queue");
	text(&t->line, "name", label);
	buf_addf(&t->line, ",\"id\":%llu", (unsigned long long)t->queue_id);
	end(t);
	begin(t, "e", GROUP_QUEUE, 0);
	at(t, to);
	text(&t->line, "cat", "queue");
	text(&t->line, "name", label);
	buf_addf(&t->line, ",\"id\":%llu", (unsigned long long)t->queue_id);
	end(t);
}

static void
span(
    struct trace *t, uint64_t track, const char *name, int64_t from, int64_t to)
{
	begin(t, "X", GROUP_RUN, track);
	at(t, from);
	us(&t->line, "dur", to < from ? 0 : to - from);
	text(&t->line, "name", name);
}

static void
mark(struct trace *t, uint64_t track, int64_t when, const char *name)
{
	begin(t, "i", GROUP_RUN, track);
	at(t, when);
	text(&t->line, "name", name);
	buf_adds(&t->line, ",\"s\":\"t\"");
}

static void
ms_arg(struct buf *b, const char *name, int64_t ns)
{
	buf_addf(b, ",\"%s\":%.3f", name, (double)ns / (double)NS_PER_MS);
}

static void
ran(struct trace *t, const struct pool_event *ev, const char *label)
{
	const struct outcome *o = ev->outcome;
	int64_t from = ev->task->started, to, *taken = &t->taken[ev->slot];
	struct buf *b = &t->line;

	if (from < *taken || from == ev->at)
		from = *taken > ev->task->queued ? *taken : ev->task->queued;
	to = from + o->usage.wall_ns;
	if (to > ev->at)
		to = ev->at;
	if (to < from)
		to = from;
	*taken = to;
	span(t, ev->slot, label, from, to);
	text(b, "cat", o->ok ? "task" : "task,failed");
	buf_addf(b, ",\"args\":{\"seq\":%llu,\"attempt\":%u,\"pid\":%d",
	    (unsigned long long)ev->task->seq, ev->task->attempt, (int)o->pid);
	text(b, "capability", plan_capability(ev->task->plan)->id);
	text(b, "status", o->ok ? "ok" : fault_kind(o));
	if (o->limit != NULL)
		text(b, "limit", o->limit);
	if (o->exit > 0)
		buf_addf(b, ",\"exit\":%d", (int)o->exit);
	if (o->signal != 0)
		buf_addf(b, ",\"signal\":%d", (int)o->signal);
	ms_arg(b, "queued_ms", o->queued_ns);
	if (o->usage.known) {
		ms_arg(b, "user_ms", o->usage.user_ns);
		ms_arg(b, "system_ms", o->usage.system_ns);
		buf_addf(b, ",\"max_rss_bytes\":%llu",
		    (unsigned long long)o->usage.max_rss);
	}
	buf_addc(b, '}');
	end(t);
}

static void
ended(struct trace *t, const struct pool_event *ev, const char *label)
{
	const struct task *task = ev->task;
	bool started = task->started != 0;

	waited(t, label, task->queued, started ? task->started : ev->at);
	if (started) {
		t->running -= t->running > 0;
		if (ev->slot < t->nslots)
			ran(t, ev, label);
	} else {
		t->queued -= t->queued > 0;
	}
}

static void
slot_made(struct trace *t, const struct pool_event *ev)
{
	size_t n = t->nslots;
	char name[48];

	if (ev->slot >= n) {
		n = (size_t)ev->slot + 64;
		t->taken = xreallocarray(t->taken, n, sizeof(*t->taken));
		memset(t->taken + t->nslots, 0,
		    (n - t->nslots) * sizeof(*t->taken));
		t->nslots = n;
	}
	snprintf(name, sizeof(name), "slot %u", ev->slot);
	name_track(t, "thread_name", GROUP_RUN, ev->slot, name);
}

/* One that ends by a signal; how others end says their task. */
static void
process_ended(struct trace *t, const struct pool_event *ev)
{
	const char *how;
	char name[64];

	if (ev->code == CLD_EXITED)
		return;
	how = ev->code == 0 ? NULL : sigabbrev_np(ev->status);
	if (ev->code == 0)
		snprintf(name, sizeof(name), "guard lost");
	else
		snprintf(name, sizeof(name), "ended by SIG%s",
		    how == NULL ? "?" : how);
	mark(t, ev->slot, ev->at, name);
	text(&t->line, "cat", "process");
	buf_addf(&t->line, ",\"args\":{\"pid\":%d}", (int)ev->pid);
	end(t);
}

static void
killed(struct trace *t, const struct pool_event *ev, const char *label)
{
	const char *signal = sigabbrev_np(ev->signo);
	char name[32];

	snprintf(
	    name, sizeof(name), "SIG%s sent", signal == NULL ? "?" : signal);
	mark(t, ev->slot, ev->at, name);
	text(&t->line, "cat", "kill");
	buf_addf(&t->line, ",\"args\":{\"pid\":%d", (int)ev->pid);
	if (label != NULL)
		text(&t->line, "task", label);
	buf_addc(&t->line, '}');
	end(t);
}

static void
server(struct trace *t, const struct pool_event *ev, const char *name)
{
	mark(t, TRACK_PROGRAM, ev->at, name);
	text(&t->line, "cat", "process");
	buf_addf(&t->line, ",\"args\":{\"pid\":%d}", (int)ev->pid);
	end(t);
}

void
trace_event(struct trace *t, const struct pool_event *ev, const char *label)
{
	switch (ev->kind) {
	case POOL_QUEUED:
		t->queued++;
		break;
	case POOL_REQUEUED:
		if (ev->task->started == 0)
			return;
		t->running -= t->running > 0;
		t->queued++;
		break;
	case POOL_STARTED:
		t->queued -= t->queued > 0;
		t->running++;
		break;
	case POOL_ENDED:
		ended(t, ev, label);
		break;
	case POOL_KILLED:
		killed(t, ev, label);
		return;
	case POOL_PROCESS_ENDED:
		process_ended(t, ev);
		return;
	case POOL_SLOT:
		slot_made(t, ev);
		return;
	case POOL_SERVER:
		server(t, ev, "fork server is there");
		return;
	case POOL_SERVER_ENDED:
		server(t, ev, "fork server has ended");
		return;
	default:
		return;
	}
	count(t, ev->at, t->queued + t->running == 0);
}

void
trace_program(struct trace *t, const char *what, int64_t from, int64_t to,
    const char *unit, uint64_t n)
{
	span(t, TRACK_PROGRAM, what, from < t->since ? t->since : from, to);
	text(&t->line, "cat", "program");
	buf_addf(
	    &t->line, ",\"args\":{\"%s\":%llu}", unit, (unsigned long long)n);
	end(t);
}

int
trace_close(struct trace *t, struct error *e)
{
	int rc = 0;

	if (t == NULL)
		return 0;
	fputs("]\n", t->f);
	if (ferror(t->f))
		rc = error_set(e, EK_SYSTEM, "not all of it was written");
	if (fclose(t->f) == EOF && rc == 0)
		rc = error_sys(e, "cannot be written");
	buf_free(&t->line);
	free(t->taken);
	free(t);
	return rc;
}
