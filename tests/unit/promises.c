/* rooms: pool proto sandbox policy task value base
 * What the pool promises, over very many tasks: each ends exactly once, with
 * its own result; a kill hits the one it is meant for; nothing leaks, here or
 * in its processes.
 *
 * SOAK=1 in the environment runs the long forms: 10,000 kills over 200,000
 * tasks, 10,000 cancels and as many timeouts, 1,000,000 tasks twice. */
#include <fcntl.h>

#include "tests/unit/rig.h"

#define WINDOW 400U /* tasks that the pool has at a time */

static struct effective free_policy = {.timeout = INT64_MAX};
static struct effective quick = {.timeout = 10 * NS_PER_MS};

static struct capability upper = {.id = (char[]){"text.upper"},
    .kind = CAP_BUILTIN,
    .trusted = true,
    .idempotent = true};
static struct capability napping = {.id = (char[]){"time.sleep"},
    .kind = CAP_BUILTIN,
    .trusted = true,
    .idempotent = true};
static char *echo_argv[] = {(char[]){"echo"}, NULL};
static struct capability echoing = {.id = (char[]){"test.echo"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = echo_argv,
    .program = (char[]){"/bin/echo"}};
static char *exit_argv[] = {
    (char[]){"sh"}, (char[]){"-c"}, (char[]){"exit 3"}, NULL};
static struct capability failing = {.id = (char[]){"test.exit"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = exit_argv,
    .program = (char[]){"/bin/sh"}};

enum kind {
	UPPER, /* answers with its number in capitals: "N123" */
	NAP,   /* a millisecond */
	ECHO,  /* a program that writes its number */
	EXIT,  /* status 3 */
	LATE,  /* ten seconds, of which it gets ten milliseconds */
	KINDS
};

struct job {
	struct task task;
	enum kind kind;
	uint64_t serial;
	bool out;       /* the pool has it */
	bool cancelled; /* by us */
	int32_t pid;
	unsigned int starts;
};

/* How often something is to be, in a thousand. */
struct mix {
	unsigned int kind[KINDS];
};

struct drive {
	struct loop *loop;
	struct pool *pool;
	struct heap *heap;
	struct job job[WINDOW];
	const struct mix *mix;
	uint64_t submitted, done, most;
	uint64_t ok, cancelled, late, exited, killed;
	uint64_t wrong;
	uint64_t cancelled_running; /* so many of those that ended so ran */
	uint64_t again;             /* started more than once */
	uint64_t with_guard;        /* killed so: whatever it had by then */
	unsigned int seed;
	/* kills: one in so many ends is followed by one; 0: none */
	unsigned int kill_every, cancel_every;
	uint64_t kills, guard_kills, server_kills, cancels;
	int32_t victim[64]; /* ring of those that were killed last */
};

static unsigned int
dice(struct drive *d, unsigned int n)
{
	return (unsigned int)rand_r(&d->seed) % n;
}

static void
submit(struct drive *d, struct job *j)
{
	static struct capability *const caps[KINDS] = {
	    &upper, &napping, &echoing, &failing, &napping};
	unsigned int at = dice(d, 1000);
	const struct plan *plan;
	struct error e;
	char text[32];
	val v;

	for (j->kind = 0; at >= d->mix->kind[j->kind]; j->kind++)
		at -= d->mix->kind[j->kind];
	j->serial = d->submitted++;
	snprintf(text, sizeof(text), "n%llu", (unsigned long long)j->serial);
	if (j->kind == UPPER || j->kind == ECHO)
		v = str_from(d->heap, text);
	else
		v = val_fix(j->kind == LATE ? 10000 : 1);
	memset(&j->task, 0, sizeof(j->task));
	CU_ASSERT_EQUAL_FATAL(
	    pool_plan(d->pool, caps[j->kind],
	        j->kind == LATE ? &quick : &free_policy, &plan, &e),
	    0);
	j->task.plan = plan;
	j->task.heap = d->heap;
	j->task.args =
	    j->kind == EXIT ? vec_empty(d->heap) : vec_new(d->heap, &v, 1);
	j->task.owner = j;
	j->task.seq = j->serial;
	j->task.attempt = 1;
	j->out = true;
	j->cancelled = false;
	j->pid = 0;
	j->starts = 0;
	pool_submit(d->pool, &j->task);
}

static bool
is_own(const struct job *j, val v)
{
	char text[32];

	snprintf(text, sizeof(text), "%c%llu", j->kind == UPPER ? 'N' : 'n',
	    (unsigned long long)j->serial);
	if (j->kind == NAP)
		return v == VAL_NIL;
	return val_is_string(v) && str_equal_text(v, text);
}

static bool
is_victim(const struct drive *d, int32_t pid)
{
	size_t i;

	for (i = 0; i < NITEMS(d->victim); i++) {
		if (d->victim[i] == pid)
			return true;
	}
	return false;
}

/* Whether it may end so: by its own fault, or by what we did to it. */
static bool
judge(struct drive *d, struct job *j, const struct outcome *o)
{
	if (o->ok) {
		d->ok++;
		return j->kind != EXIT && j->kind != LATE &&
		    is_own(j, o->value);
	}
	switch (o->kind) {
	case ERRKEY_TIMEOUT:
		d->late++;
		return j->kind == LATE;
	case ERRKEY_EXIT:
		d->exited++;
		return j->kind == EXIT && o->exit == 3;
	case ERRKEY_CANCELLED:
		d->cancelled++;
		d->cancelled_running += j->pid > 0;
		return j->cancelled;
	case ERRKEY_SIGNAL:
		d->killed++;
		if (o->message != NULL &&
		    strstr(o->message, "its guard was killed") != NULL)
			return ++d->with_guard <= d->guard_kills;
		return o->signal == SIGKILL && is_victim(d, o->pid);
	default:
		return false;
	}
}

static struct job *
running(struct drive *d)
{
	unsigned int at = dice(d, WINDOW), i;
	struct job *j;

	for (i = 0; i < WINDOW; i++) {
		j = &d->job[(at + i) % WINDOW];
		if (j->out && j->pid > 0 && j->task.life == TASK_RUNNING)
			return j;
	}
	return NULL;
}

/* A task process, now and then its guard, and rarely the fork server. */
static void
kill_one(struct drive *d)
{
	struct job *j = running(d);
	pid_t pid, parent;

	if (dice(d, 40) == 0) {
		pid = rig_titled("rtfs: fork server");
		if (pid > 0 && kill(pid, SIGKILL) == 0)
			d->server_kills++;
		return;
	}
	if (j == NULL)
		return;
	parent = rig_parent(j->pid);
	if (parent <= 1 || rig_parent(parent) != getpid())
		return; /* it has ended */
	pid = dice(d, 4) == 0 ? parent : j->pid;
	d->victim[d->kills % NITEMS(d->victim)] = j->pid;
	if (kill(pid, SIGKILL) == 0) {
		d->kills++;
		d->guard_kills += pid == parent;
	}
}

/* One that runs, which has to be killed, or any. */
static void
cancel_one(struct drive *d)
{
	struct job *j = dice(d, 2) == 0 ? running(d) : &d->job[dice(d, WINDOW)];

	if (j == NULL || !j->out || j->cancelled)
		return;
	j->cancelled = true;
	d->cancels++;
	pool_cancel(d->pool, &j->task, ERRKEY_CANCELLED, "chance", NULL, 0);
}

static void
drive_start(struct task *t, int32_t pid, void *arg)
{
	struct drive *d = arg;
	struct job *j = t->owner;

	j->pid = pid;
	d->again += j->starts++ == 1;
}

static void
drive_done(struct task *t, struct outcome *o, void *arg)
{
	struct drive *d = arg;
	struct job *j = t->owner;
	bool once = j->out;

	j->out = false;
	d->done++;
	if (!once || !judge(d, j, o)) {
		d->wrong++;
		printf("\n  task %llu, kind %d, %s: %s %d exit %d signal %d "
		       "pid %d: %s",
		    (unsigned long long)j->serial, j->kind,
		    once ? "once" : "again", o->ok ? "ok" : "failed", o->kind,
		    o->exit, o->signal, o->pid,
		    o->message == NULL ? "" : o->message);
	}
	val_release(d->heap, t->args);
	if (d->submitted < d->most)
		submit(d, j);
	if (d->kill_every != 0 && dice(d, d->kill_every) == 0)
		kill_one(d);
	if (d->cancel_every != 0 && dice(d, d->cancel_every) == 0)
		cancel_one(d);
}

static void
drive_open(struct drive *d, const struct mix *mix, unsigned int workers)
{
	struct pool_config c = {.workers = workers,
	    .grace = 0,
	    .build_id = rig_build,
	    .start = drive_start,
	    .done = drive_done,
	    .arg = d};
	struct error e;

	memset(d, 0, sizeof(*d));
	d->mix = mix;
	d->seed = 5;
	d->heap = heap_new(0);
	c.worker_path[IMAGE_CORE] = rig_worker;
	CU_ASSERT_EQUAL_FATAL(loop_new(&d->loop, &e), 0);
	CU_ASSERT_EQUAL_FATAL(pool_new(d->loop, &c, &d->pool, &e), 0);
}

/* So many more tasks; false: not all of them came back in time. */
static bool
drive_on(struct drive *d, uint64_t n, int64_t seconds)
{
	int64_t until = clock_mono() + unit_soon(seconds * NS_PER_SEC);
	struct error e;
	unsigned int i;

	d->most += n;
	for (i = 0; i < WINDOW && d->submitted < d->most; i++) {
		if (!d->job[i].out)
			submit(d, &d->job[i]);
	}
	while (d->done < d->most && clock_mono() < until) {
		if (loop_once(d->loop, until, &e) == -1)
			return false;
	}
	return d->done == d->most && pool_count(d->pool) == 0;
}

static void
drive_close(struct drive *d)
{
	pid_t child[8];

	pool_free(d->pool);
	loop_free(d->loop);
	heap_free(d->heap);
	CU_ASSERT_EQUAL(rig_children(getpid(), child, 8), 0);
	CU_ASSERT_EQUAL(d->wrong, 0);
}

static bool
soak(void)
{
	return getenv("SOAK") != NULL;
}

/* Tasks and kills: the short form and the long one. */
static void
test_kills(void)
{
	static const struct mix mix = {
	    {880, 100, 20, 0, 0}
        };
	uint64_t n = soak() ? 200000 : 6000;
	struct drive d;

	drive_open(&d, &mix, 3);
	d.kill_every = soak() ? 3 : 10;
	CU_ASSERT(drive_on(&d, n, soak() ? 3000 : 60));
	printf(
	    "\n  %llu tasks, %llu kills of processes, %llu of guards, %llu of "
	    "fork servers: %llu ok, %llu :signal",
	    (unsigned long long)d.done,
	    (unsigned long long)(d.kills - d.guard_kills),
	    (unsigned long long)d.guard_kills,
	    (unsigned long long)d.server_kills, (unsigned long long)d.ok,
	    (unsigned long long)d.killed);
	CU_ASSERT_EQUAL(d.ok + d.killed, n);
	CU_ASSERT(d.kills >= (soak() ? 10000 : 100));
	CU_ASSERT(d.guard_kills >= d.kills / 8);
	CU_ASSERT(d.server_kills >= (soak() ? 100 : 2));
	CU_ASSERT(d.killed <= d.kills);
	CU_ASSERT(d.killed > n / 1000);
	drive_close(&d);
}

static void
test_cancels(void)
{
	static const struct mix mix = {
	    {550, 300, 30, 20, 100}
        };
	uint64_t n = soak() ? 150000 : 4000;
	uint64_t least = soak() ? 10000 : 150;
	struct drive d;

	drive_open(&d, &mix, 3);
	d.cancel_every = 10;
	CU_ASSERT(drive_on(&d, n, soak() ? 3000 : 60));
	printf("\n  %llu tasks, %llu cancels: %llu ok, %llu :cancelled, of "
	       "which %llu ran, %llu :timeout, %llu :exit; %llu began twice",
	    (unsigned long long)d.done, (unsigned long long)d.cancels,
	    (unsigned long long)d.ok, (unsigned long long)d.cancelled,
	    (unsigned long long)d.cancelled_running, (unsigned long long)d.late,
	    (unsigned long long)d.exited, (unsigned long long)d.again);
	CU_ASSERT_EQUAL(d.ok + d.cancelled + d.late + d.exited, n);
	CU_ASSERT(d.cancelled >= least);
	CU_ASSERT(d.cancelled_running >= least / 5);
	CU_ASSERT(d.late >= least);
	/* A process that was killed for another would have to begin again; it
	 * may be thought to have begun when it had not. */
	CU_ASSERT(d.again <= (d.cancelled + d.late) / 20);
	drive_close(&d);
}

/* What is in use: of this process, and of all below it. */
struct sizes {
	unsigned int fds, their_fds;
	size_t processes;
	size_t heap;
	size_t resident, their_resident; /* KiB, without what is shared */
};

static size_t
anonymous(pid_t pid)
{
	char path[64], line[128];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "RssAnon: %zu", &n) == 1)
			break;
	}
	if (f != NULL)
		fclose(f);
	return n;
}

static unsigned int
descriptors(pid_t pid)
{
	unsigned int n = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		closedir(dir);
	return n < 2 ? 0 : n - 2; /* . and .. */
}

static void
measure_below(pid_t pid, struct sizes *s)
{
	pid_t child[256];
	size_t i, n = rig_children(pid, child, 256);

	for (i = 0; i < n; i++) {
		s->processes++;
		s->their_fds += descriptors(child[i]);
		s->their_resident += anonymous(child[i]);
		measure_below(child[i], s);
	}
}

static void
measure(const struct drive *d, struct sizes *s)
{
	int fd;

	memset(s, 0, sizeof(*s));
	for (fd = 0; fd < 4096; fd++)
		s->fds += fcntl(fd, F_GETFD) != -1;
	s->heap = heap_used(d->heap);
	s->resident = anonymous(getpid());
	measure_below(getpid(), s);
}

/* Slots come and go, each with two descriptors of ours, a worker with five;
 * there a guard and a task process, each with some and with pages of its own.
 * So few more than there were may be there, however many tasks there were. */
#define SLOTS_MORE 4U
#define SLOT_FDS   7U
#define SLOT_THEIR 16U
#define SLOT_KIB   1024U

static void
no_leak(const char *what, const struct mix *mix, uint64_t n,
    unsigned int kill_every)
{
	struct sizes before, after;
	struct drive d;

	drive_open(&d, mix, 2);
	d.kill_every = kill_every;
	CU_ASSERT(drive_on(&d, n / 10, 600));
	measure(&d, &before);
	CU_ASSERT(drive_on(&d, n - n / 10, 3000));
	measure(&d, &after);
	printf("\n  %s: %llu tasks; %u -> %u descriptors, %zu -> %zu KiB, heap "
	       "%zu -> %zu bytes; below %zu -> %zu processes, %u -> %u "
	       "descriptors, %zu -> %zu KiB",
	    what, (unsigned long long)d.done, before.fds, after.fds,
	    before.resident, after.resident, before.heap, after.heap,
	    before.processes, after.processes, before.their_fds,
	    after.their_fds, before.their_resident, after.their_resident);
	CU_ASSERT(after.processes <= before.processes + 2 * SLOTS_MORE);
	CU_ASSERT(after.fds <= before.fds + SLOTS_MORE * SLOT_FDS);
	CU_ASSERT(
	    after.their_fds <= before.their_fds + SLOTS_MORE * SLOT_THEIR);
	CU_ASSERT(after.heap <= before.heap + 4096);
	if (!unit_instrumented()) { /* which keeps what was freed */
		CU_ASSERT(after.resident <= before.resident + 512);
		CU_ASSERT(after.their_resident <=
		    before.their_resident + SLOTS_MORE * SLOT_KIB);
	}
	drive_close(&d);
}

static void
test_leaks(void)
{
	static const struct mix good = {
	    {995, 0, 5, 0, 0}
        };
	static const struct mix bad = {
	    {800, 100, 40, 40, 20}
        };

	no_leak("all well", &good, soak() ? 1000000 : 20000, 0);
	no_leak("with failures", &bad, soak() ? 1000000 : 4000, 40);
}

SUPER_MAIN("promises", {"the worker's build", learn_build},
    {"killed at random", test_kills},
    {"cancelled and late at random", test_cancels},
    {"nothing leaks", test_leaks})
