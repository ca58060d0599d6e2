/* rooms: pool proto sandbox policy task value base
 * Who comes next: order of submission within a capability, and nobody waits
 * for all of somebody else's. */
#include "tests/unit/rig.h"

static struct effective free_policy = {.timeout = INT64_MAX};

static struct capability napping = {.id = (char[]){"time.sleep"},
    .kind = CAP_BUILTIN,
    .trusted = true,
    .idempotent = true};

static char *script_argv[] = {
    (char[]){"sh"}, (char[]){"-c"}, (char[]){"sleep 0.02"}, NULL};
static struct capability script = {.id = (char[]){"test.script"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = script_argv,
    .program = (char[]){"/bin/sh"}};

static struct rig_task *
add_nap(struct rig *r, int64_t ms)
{
	val v = val_fix(ms);

	return rig_add(r, &napping, &free_policy, vec_new(r->heap, &v, 1));
}

/* Tasks of that capability that were submitted before t, or after, and yet
 * began on the other side of it. */
static size_t
out_of_turn(const struct rig *r, const struct rig_task *t, bool later)
{
	const struct rig_task *o;
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		o = &r->t[i];
		if (later && o->task.seq > t->task.seq && o->run_at < t->run_at)
			n++;
		if (!later && o->task.seq < t->task.seq &&
		    o->run_at > t->run_at)
			n++;
	}
	return n;
}

/* Tasks with a process each are sent in the order of submission, and a process
 * that has many answers them in that order. */
static void
test_submission(void)
{
	struct rig_task *last[RIG_TASKS] = {NULL};
	size_t i, k, n = 0, wrong = 0;
	struct rig r;

	rig_open(&r, 3);
	for (i = 0; i < 300; i++)
		add_nap(&r, 0);
	for (i = 0; i < 30; i++)
		rig_add(&r, &script, &free_policy, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT_EQUAL(rig_ok(&r), 330);
	for (i = 301; i < 330; i++) /* numbered as they are sent */
		wrong += r.t[i].task.id <= r.t[i - 1].task.id;
	for (i = 0; i < 300; i++) {
		for (k = 0; k < n && last[k]->pid != r.t[i].pid; k++)
			continue;
		if (k == n)
			n++;
		else /* one that was moved to it has a later number */
			wrong += last[k]->at > r.t[i].at &&
			    last[k]->task.id < r.t[i].task.id;
		last[k] = &r.t[i];
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(n <= 3);
	rig_close(&r);
}

/* A few of one kind among many of another start when it is their turn, though
 * they need a process of another kind. */
static void
test_kinds(void)
{
	struct rig_task *few[4];
	struct rig r;
	size_t i;

	rig_open(&r, 2);
	for (i = 0; i < 40; i++) {
		if (i == 4 || i == 5)
			few[i - 4] = add_nap(&r, 1);
		rig_add(&r, &script, &free_policy, vec_empty(r.heap));
	}
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT_EQUAL(rig_ok(&r), 42);
	for (i = 0; i < 2; i++) {
		if (out_of_turn(&r, few[i], true) > 8)
			printf("%zu before task %zu\n",
			    out_of_turn(&r, few[i], true), i);
		CU_ASSERT(out_of_turn(&r, few[i], true) <= 8);
	}
	rig_close(&r);

	rig_open(&r, 2);
	for (i = 0; i < 100; i++) {
		if (i == 6 || i == 7)
			few[i - 4] = rig_add(
			    &r, &script, &free_policy, vec_empty(r.heap));
		add_nap(&r, 10);
	}
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT_EQUAL(rig_ok(&r), 102);
	for (i = 2; i < 4; i++) {
		if (out_of_turn(&r, few[i], true) > 16)
			printf("%zu before task %zu\n",
			    out_of_turn(&r, few[i], true), i);
		CU_ASSERT(out_of_turn(&r, few[i], true) <= 16);
	}
	rig_close(&r);
}

/* Capabilities of one kind under another name. */
static struct capability
named(char *id)
{
	struct capability c = script;

	c.id = id;
	return c;
}

/* How many of the first n starts were of that capability. */
static size_t
among_first(const struct rig *r, const struct capability *c, size_t n)
{
	size_t i, k, before, count = 0;

	for (i = 0; i < r->n; i++) {
		for (before = 0, k = 0; k < r->n; k++)
			before += r->t[k].run_at < r->t[i].run_at;
		count += before < n && plan_capability(r->t[i].task.plan) == c;
	}
	return count;
}

/* A long queue of one does not keep another waiting for its end; each keeps
 * its own order. */
static void
test_starving(void)
{
	struct capability slow = named((char[]){"test.slow"});
	struct capability other = named((char[]){"test.other"});
	struct rig r;
	size_t i, wrong = 0, first;

	rig_open(&r, 2);
	for (i = 0; i < 60; i++)
		rig_add(&r, &slow, &free_policy, vec_empty(r.heap));
	for (i = 0; i < 10; i++)
		rig_add(&r, &other, &free_policy, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT_EQUAL(rig_ok(&r), 70);
	first = among_first(&r, &other, 35);
	if (first < 8)
		printf("\n  %zu of 10 among the first 35\n", first);
	CU_ASSERT(first >= 8);
	for (i = 1; i < 70; i++)
		wrong += i != 60 && r.t[i].task.id <= r.t[i - 1].task.id;
	CU_ASSERT_EQUAL(wrong, 0);
	rig_close(&r);
}

static void
test_weights(void)
{
	struct effective heavy = free_policy;
	struct capability much = named((char[]){"test.much"});
	struct capability little = named((char[]){"test.little"});
	struct rig r;
	size_t i, n;

	heavy.weight = 4;
	rig_open(&r, 2);
	for (i = 0; i < 80; i++) {
		rig_add(&r, &little, &free_policy, vec_empty(r.heap));
		rig_add(&r, &much, &heavy, vec_empty(r.heap));
	}
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT_EQUAL(rig_ok(&r), 160);
	n = among_first(&r, &much, 80);
	if (n < 54 || n > 74)
		printf("\n  %zu of the first 80 instead of 64\n", n);
	CU_ASSERT(n >= 54 && n <= 74);
	rig_close(&r);
}

static unsigned int capped_now, capped_most;
static const struct capability *capped;

static void
count_start(struct rig *r ATTR_UNUSED, struct rig_task *t)
{
	if (plan_capability(t->task.plan) == capped &&
	    ++capped_now > capped_most)
		capped_most = capped_now;
}

static void
count_done(struct rig *r ATTR_UNUSED, struct rig_task *t)
{
	if (plan_capability(t->task.plan) == capped)
		capped_now--;
}

/* :concurrency holds for a program and for built-ins that go in batches, and
 * leaves the other workers to others. */
static void
test_concurrency(void)
{
	struct effective two = free_policy;
	struct capability *list[] = {&script, &napping}, other;
	struct rig r;
	size_t i, k;

	two.concurrency = 2;
	other = named((char[]){"test.other"});
	for (k = 0; k < NITEMS(list); k++) {
		capped = list[k];
		capped_now = capped_most = 0;
		rig_open(&r, 4);
		r.on_start = count_start;
		r.on_done = count_done;
		for (i = 0; i < 24; i++) {
			val v = val_fix(3);

			rig_add(&r, list[k], &two,
			    k == 0 ? vec_empty(r.heap) :
			             vec_new(r.heap, &v, 1));
			rig_add(&r, &other, &free_policy, vec_empty(r.heap));
		}
		CU_ASSERT(rig_run(&r, 20000));
		CU_ASSERT_EQUAL(rig_ok(&r), 48);
		CU_ASSERT_EQUAL(capped_most, 2);
		CU_ASSERT(r.busiest > 2 && r.busiest <= 4);
		rig_close(&r);
	}
}

SUPER_MAIN("fairness", {"the worker's build", learn_build},
    {"order of submission", test_submission},
    {"kinds of process take turns", test_kinds},
    {"nobody starves", test_starving}, {"weights", test_weights},
    {"concurrency", test_concurrency})
