/* rooms: pool proto sandbox policy task value base
 * The pool over the real rtfs-worker: what runs when, deadlines, cancelling,
 * and work that moves. */
#include "tests/unit/pool_rig.h"

/* What a task sleeps that is to be ended before.  How soon it is, a bench
 * measures (tests/bench/pool late); here it is only less than that. */
#define LONG (10 * NS_PER_SEC)

static void
deadlines(struct capability *c, val (*args)(struct heap *))
{
	struct rig r;
	size_t i;

	rig_open(&r, 2);
	for (i = 0; i < 10; i++)
		rig_add(&r, c, &quick, args(r.heap));
	CU_ASSERT(rig_run(&r, 60000));
	CU_ASSERT_EQUAL(rig_kind(&r, ERRKEY_TIMEOUT), 10);
	for (i = 0; i < r.n; i++) {
		CU_ASSERT(r.t[i].used >= 200 * NS_PER_MS);
		CU_ASSERT(r.t[i].usage.wall_ns < LONG);
	}
	rig_close(&r);
}

static val
ten_seconds(struct heap *h)
{
	return one_int(h, LONG / NS_PER_MS);
}

static void
test_deadlines(void)
{
	struct script s;

	deadlines(&sleeping, ten_seconds);
	deadlines(script_new(&s, CODEC_ARGV, "exec sleep 10"), vec_empty);
	script_free(&s);
}

/* One long task in the middle of a batch that was thought to be short: the
 * rest moves on, and its deadline costs nobody else anything. */
static void
test_batch(void)
{
	struct effective soon = {.timeout = unit_soon(400 * NS_PER_MS)};
	struct rig_task *slow;
	struct rig r;
	size_t i;

	rig_open(&r, 2);
	for (i = 0; i < 300; i++) /* short, it learns */
		rig_add(&r, &sleeping, &soon, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT_EQUAL(rig_ok(&r), 300);
	for (i = 0; i < 50; i++)
		rig_add(&r, &sleeping, &soon, one_int(r.heap, 0));
	slow = rig_add(&r, &sleeping, &soon, one_int(r.heap, LONG / NS_PER_MS));
	for (i = 0; i < 200; i++)
		rig_add(&r, &sleeping, &soon, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT_EQUAL(rig_ok(&r), 550);
	CU_ASSERT(rig_failed(slow, ERRKEY_TIMEOUT, "timed out after"));
	CU_ASSERT(slow->usage.wall_ns < LONG);
	for (i = slow->task.seq + 1; i < r.n; i++)
		CU_ASSERT(r.t[i].at < slow->at);
	rig_close(&r);
}

/* Tasks that are long, or of which nothing is known yet, go one by one to
 * whoever is free: each starts before all that were submitted after it, though
 * every third takes six times as long. */
static void
one_by_one(struct rig *r, size_t first)
{
	size_t i, wrong = 0;

	for (i = first; i < first + 24; i++) {
		rig_add(r, &sleeping, &free_policy,
		    one_int(r->heap, i % 3 == 0 ? 120 : 20));
	}
	CU_ASSERT(rig_run(r, 20000));
	for (i = first + 1; i < first + 24; i++)
		wrong += r->t[i].run_at < r->t[i - 1].run_at;
	CU_ASSERT_EQUAL(wrong, 0);
}

static void
test_long(void)
{
	size_t i, of_one = 0;
	struct rig r;

	rig_open(&r, 2);
	for (i = 0; r.n < 200 && (r.n < 2 || r.t[i].pid == r.t[i + 1].pid);
	     i = r.n - 2) { /* until both processes are there */
		rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 50));
		rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 50));
		CU_ASSERT(rig_run(&r, 5000));
	}
	one_by_one(&r, r.n);
	one_by_one(&r, r.n);
	/* proven short, and long all the same: what a worker has too many of
	 * moves to the other */
	for (i = 0; i < 300; i++)
		rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	for (i = 0; i < 24; i++)
		rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 60));
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT_EQUAL(rig_ok(&r), r.n);
	for (i = r.n - 24; i < r.n; i++)
		of_one += r.t[i].pid == r.t[r.n - 24].pid;
	if (of_one < 10 || of_one > 14)
		printf("\n  %zu of 24 in one process\n", of_one);
	CU_ASSERT(of_one >= 10 && of_one <= 14);
	rig_close(&r);
}

static void
cancel_others(struct rig *r, struct rig_task *t)
{
	size_t i;

	if (t->task.seq != 0)
		return;
	for (i = 1; i < r->n; i++) {
		pool_cancel(r->pool, &r->t[i].task, ERRKEY_CANCELLED, "enough",
		    NULL, 0);
	}
}

static void
test_cancel(void)
{
	struct script s, polite, deaf;
	struct rig r;
	int64_t start;
	size_t i;

	rig_open(&r, 2);
	r.on_done = cancel_others;
	for (i = 0; i < 20; i++) {
		rig_add(&r, &sleeping, &free_policy,
		    one_int(r.heap, i == 0 ? 50 : LONG / NS_PER_MS));
	}
	start = clock_mono();
	CU_ASSERT(rig_run(&r, 60000));
	CU_ASSERT(clock_mono() - start < LONG);
	CU_ASSERT_EQUAL(rig_ok(&r), 1);
	CU_ASSERT_EQUAL(rig_kind(&r, ERRKEY_CANCELLED), 19);

	/* a program is asked first; one that does not listen is killed */
	r.on_done = NULL;
	rig_add(&r,
	    script_new(&polite, CODEC_ARGV,
	        "trap 'echo bye >&2; exit 0' TERM; sleep 10 & wait"),
	    &free_policy, vec_empty(r.heap));
	rig_add(&r,
	    script_new(&deaf, CODEC_ARGV, "trap '' TERM; sleep 10; sleep 10"),
	    &free_policy, vec_empty(r.heap));
	rig_add(&r, script_new(&s, CODEC_ARGV, "echo never"), &free_policy,
	    vec_empty(r.heap));
	CU_ASSERT_FALSE(rig_run(&r, 200));
	start = clock_mono();
	pool_cancel_all(r.pool, ERRKEY_CANCELLED, "interrupted");
	CU_ASSERT(rig_run(&r, 60000));
	CU_ASSERT(clock_mono() - start < LONG);
	CU_ASSERT_EQUAL(rig_kind(&r, ERRKEY_CANCELLED), 22);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.t[20].stray, "bye"));
	CU_ASSERT(r.t[21].at - start >= 99 * NS_PER_MS);
	rig_close(&r);
	script_free(&s);
	script_free(&polite);
	script_free(&deaf);
}

/* Some of a batch are cancelled while its first one runs: that goes on in its
 * process, which the others then have, too. */
static void
cancel_third(void *arg)
{
	struct rig *r = arg;
	size_t i;

	for (i = 303; i < r->n; i += 3) {
		pool_cancel(r->pool, &r->t[i].task, ERRKEY_CANCELLED, "enough",
		    NULL, 0);
	}
}

static unsigned int first_starts;

static void
cancel_soon(struct rig *r, struct rig_task *t)
{
	if (t->task.seq == 300 && first_starts++ == 0) {
		loop_timer_add(
		    r->loop, clock_mono() + 20 * NS_PER_MS, cancel_third, r);
	}
}

static void
test_cancel_batch(void)
{
	size_t i, elsewhere = 0;
	struct rig r;

	first_starts = 0;
	rig_open(&r, 1);
	r.on_start = cancel_soon;
	for (i = 0; i < 300; i++)
		rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	for (i = 0; i < 60; i++) {
		rig_add(&r, &sleeping, &free_policy,
		    one_int(r.heap, i == 0 ? 100 : 0));
	}
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT_EQUAL(first_starts, 1);
	CU_ASSERT(r.t[300].ok && r.t[301].ok);
	CU_ASSERT_EQUAL(rig_kind(&r, ERRKEY_CANCELLED), 19);
	CU_ASSERT_EQUAL(rig_ok(&r), r.n - 19);
	for (i = 300; i < r.n; i++)
		elsewhere += r.t[i].ok && r.t[i].pid != r.t[0].pid;
	CU_ASSERT_EQUAL(elsewhere, 0);
	rig_close(&r);
}

/* Tasks that come one by one: many messages of one task in a worker's hands,
 * and a worker that is killed costs one of them. */
static const struct capability *stream_of;
static bool stream_killed;

static void
stream(struct rig *r, struct rig_task *t)
{
	if (r->n < 1500)
		rig_add(r, stream_of, &free_policy, one_int(r->heap, 0));
	if (r->done == 700)
		stream_killed = kill(t->pid, SIGKILL) == 0;
}

static void
test_stream(void)
{
	struct rig r;
	size_t i;

	rig_open(&r, 2);
	r.on_done = stream;
	stream_of = &sleeping;
	stream_killed = false;
	for (i = 0; i < 40; i++)
		rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT_EQUAL(r.done, 1500);
	CU_ASSERT(stream_killed);
	CU_ASSERT(rig_kind(&r, ERRKEY_SIGNAL) <= 1);
	CU_ASSERT_EQUAL(rig_ok(&r) + rig_kind(&r, ERRKEY_SIGNAL), r.n);
	rig_close(&r);
}

/* Resident pages of a process; 0: it is gone. */
static long
resident(int32_t pid)
{
	char path[64];
	long all, n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	f = fopen(path, "r");
	if (f != NULL && fscanf(f, "%ld %ld", &all, &n) != 2)
		n = 0;
	if (f != NULL)
		fclose(f);
	return n;
}

/* A worker with nothing to do gives back its pages, and serves on. */
static void
test_rest(void)
{
	struct rig_task *t;
	struct rig r;
	int32_t pid;
	long before;
	int i;

#ifdef WITH_SANITIZERS
	puts("  skipped: most pages of a sanitizer's process are its own");
	return;
#endif
	rig_open(&r, 1);
	t = rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	pid = t->pid;
	before = resident(pid);
	CU_ASSERT(before > 0);
	for (i = 0; i < 80 && resident(pid) > before * 3 / 4; i++)
		rig_wait(&r, 100);
	CU_ASSERT(resident(pid) > 0 && resident(pid) <= before * 3 / 4);
	t = rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(t->ok);
	CU_ASSERT_EQUAL(t->pid, pid);
	rig_close(&r);
}

SUPER_MAIN("pool_order", {"the worker's build", learn_build},
    {"deadlines", test_deadlines}, {"a long one in a batch", test_batch},
    {"long ones", test_long}, {"cancelling", test_cancel},
    {"cancelling in a batch", test_cancel_batch}, {"one by one", test_stream},
    {"resting", test_rest})
