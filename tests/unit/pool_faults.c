/* rooms: pool proto sandbox policy task value base
 * The pool over the real rtfs-worker under faults: workers, guards and fork
 * servers killed, descriptors gone, the pool freed in the middle. */
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/unit/pool_rig.h"

/* Less than what the pool waits for an answer (10 s): the end itself was
 * seen, and on a crowded machine. */
#define AT_ONCE (5 * NS_PER_SEC)

/* The 20th start kills: what is killed ends with :signal at once, and nothing
 * else is touched. */
static int kill_what; /* 0 task process, 1 guard, 2 fork server */
static int64_t killed_at;
static struct rig_task *victim;

static void
kill_now(void *arg)
{
	pid_t pid = victim->run_pid;

	(void)arg;
	if (kill_what == 1)
		pid = rig_parent(pid);
	else if (kill_what == 2)
		pid = rig_titled("rtfs: fork server");
	CU_ASSERT(pid > 1);
	killed_at = clock_mono();
	if (pid > 1)
		kill(pid, SIGKILL);
}

static void
kill_at_20(struct rig *r, struct rig_task *t)
{
	if (t->task.seq != 20 || victim != NULL)
		return;
	victim = t;
	loop_timer_add(r->loop, clock_mono() + 10 * NS_PER_MS, kill_now, NULL);
}

/* Of short ones; the victim is a long one, so that it is still there. */
static void
kill_one(struct capability *c, struct capability *longer, int what)
{
	bool built_in = c == &sleeping;
	struct rig r;
	size_t i;

	kill_what = what;
	victim = NULL;
	rig_open(&r, 2);
	r.on_start = kill_at_20;
	for (i = 0; i < 40; i++) {
		rig_add(&r, i == 20 ? longer : c, &free_policy,
		    built_in ? one_int(r.heap, i == 20 ? 1000 : 10) :
		               vec_empty(r.heap));
	}
	CU_ASSERT(rig_run(&r, 60000));
	CU_ASSERT_PTR_NOT_NULL_FATAL(victim);
	CU_ASSERT_EQUAL(rig_ok(&r), what == 2 ? 40U : 39U);
	if (what != 2) {
		CU_ASSERT(rig_failed(victim, ERRKEY_SIGNAL, "SIGKILL"));
		CU_ASSERT_EQUAL(victim->signal, SIGKILL);
		CU_ASSERT(victim->at - killed_at < AT_ONCE);
	}
	/* usable after */
	r.on_start = NULL;
	rig_add(&r, c, &free_policy,
	    built_in ? one_int(r.heap, 1) : vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(r.t[40].ok);
	rig_close(&r);
}

static void
test_kill(void)
{
	struct script s, longer;
	int what;

	script_new(&s, CODEC_ARGV, "exec sleep 0.01");
	script_new(&longer, CODEC_ARGV, "exec sleep 1");
	for (what = 0; what < 3; what++) {
		kill_one(&sleeping, &sleeping, what);
		kill_one(&s.cap, &longer.cap, what);
	}
	script_free(&s);
	script_free(&longer);
}

/* A pool that goes in the middle of everything leaves no process. */
static void
test_free(void)
{
	struct script s;
	struct rig r;
	pid_t child[64];
	size_t i, before = rig_children(getpid(), child, 64);
	int64_t start;

	script_new(&s, CODEC_ARGV, "(setsid sleep 77 &); sleep 77");
	rig_open(&r, 2);
	for (i = 0; i < 6; i++) {
		rig_add(&r, i % 2 == 0 ? &sleeping : &s.cap, &free_policy,
		    i % 2 == 0 ? one_int(r.heap, 10000) : vec_empty(r.heap));
	}
	CU_ASSERT_FALSE(rig_run(&r, 200));
	CU_ASSERT(rig_children(getpid(), child, 64) > before);
	rig_close(&r);
	CU_ASSERT_EQUAL(rig_children(getpid(), child, 64), before);
	CU_ASSERT_NOT_EQUAL(system("pgrep -fx 'sleep 77' >/dev/null"), 0);
	/* before its guards were made */
	start = clock_mono();
	rig_open(&r, 2);
	rig_add(&r, &s.cap, &free_policy, vec_empty(r.heap));
	CU_ASSERT_FALSE(rig_run(&r, 0));
	rig_close(&r);
	CU_ASSERT(clock_mono() - start < AT_ONCE);
	CU_ASSERT_EQUAL(rig_children(getpid(), child, 64), before);
	script_free(&s);
}

/* Descriptors run out: what can be done with those that are left is done, and
 * with none at all there is an answer within a second or so. */
static void
test_descriptors(void)
{
	struct rlimit full, few;
	struct script s;
	struct rig r;
	int64_t start;
	size_t i;
	int extra;

	script_new(&s, CODEC_ARGV, "echo x");
	CU_ASSERT_EQUAL(getrlimit(RLIMIT_NOFILE, &full), 0);
	for (extra = 24; extra >= 2; extra -= 22) {
		rig_open(&r, 4);
		rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
		CU_ASSERT(rig_run(&r, 5000)); /* the fork server is there */
		few = full;
		few.rlim_cur = (rlim_t)dup(0);
		close((int)few.rlim_cur);
		few.rlim_cur += (rlim_t)extra;
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &few), 0);
		start = clock_mono();
		for (i = 0; i < 20; i++)
			rig_add(&r, &s.cap, &free_policy, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 10000));
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &full), 0);
		if (extra == 24) {
			CU_ASSERT_EQUAL(rig_ok(&r), 21);
			rig_close(&r);
		}
	}
	CU_ASSERT_EQUAL(rig_kind(&r, ERRKEY_UNAVAILABLE), 20);
	CU_ASSERT(clock_mono() - start < AT_ONCE);
	CU_ASSERT(
	    rig_failed(&r.t[1], ERRKEY_UNAVAILABLE, "Too many open files"));
	/* and when there are some again, it goes on */
	rig_add(&r, &s.cap, &free_policy, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(r.t[r.n - 1].ok);
	rig_close(&r);
	script_free(&s);
}

/* What has effects is never started twice: each line is there at most once,
 * and exactly once where the task is said to have ended well. */
static unsigned int effects_kills;

static void
kill_some(struct rig *r, struct rig_task *t ATTR_UNUSED)
{
	size_t i;

	for (i = 0; r->done % 7 == 0 && i < r->n; i++) {
		if (r->t[i].run_pid > 0 && !r->t[i].done) {
			effects_kills += kill(r->t[i].run_pid, SIGKILL) == 0;
			return;
		}
	}
}

static void
test_effects(void)
{
	struct capability c = {
	    .id = (char[]){"fs.append"}, .kind = CAP_BUILTIN, .trusted = true};
	struct effective f = {.timeout = INT64_MAX};
	char *all[] = {(char[]){"/"}, NULL}, name[] = "/tmp/rtfs-XXXXXX";
	unsigned char times[400] = {0};
	char line[32];
	int fd = mkstemp(name);
	FILE *in;
	struct rig r;
	val v[2];
	size_t i;

	f.write = all;
	effects_kills = 0;
	rig_open(&r, 3);
	r.on_done = kill_some;
	for (i = 0; i < NITEMS(times); i++) {
		snprintf(line, sizeof(line), "%zu\n", i);
		v[0] = str_from(r.heap, name);
		v[1] = str_from(r.heap, line);
		rig_add(&r, &c, &f, vec_new(r.heap, v, 2));
	}
	CU_ASSERT(rig_run(&r, 30000));
	in = fopen(name, "r");
	CU_ASSERT_FATAL(in != NULL);
	while (fgets(line, sizeof(line), in) != NULL)
		times[strtoul(line, NULL, 10)]++;
	fclose(in);
	for (i = 0; i < NITEMS(times); i++) {
		CU_ASSERT(times[i] <= 1);
		CU_ASSERT(!r.t[i].ok || times[i] == 1);
	}
	CU_ASSERT(effects_kills > 0);
	CU_ASSERT(rig_kind(&r, ERRKEY_SIGNAL) <= effects_kills);
	CU_ASSERT_EQUAL(rig_ok(&r) + rig_kind(&r, ERRKEY_SIGNAL), r.n);
	rig_close(&r);
	close(fd);
	unlink(name);
}

/* Kills and cancels at random: every task comes back exactly once, and a kill
 * never costs more than the one it hits. */
static unsigned int chaos_seed, chaos_kills;

static void
chaos(struct rig *r, struct rig_task *t)
{
	unsigned int dice = (unsigned int)rand_r(&chaos_seed) % 20;
	struct rig_task *other = &r->t[(size_t)rand_r(&chaos_seed) % r->n];
	pid_t pid = 0;
	size_t i;

	for (i = 0; dice < 3 && i < r->n; i++) { /* one that runs */
		other = &r->t[(t->task.seq + i) % r->n];
		if (other->run_pid > 0 && !other->done)
			break;
	}
	if (dice == 0) {
		pid = other->run_pid;
	} else if (dice == 1 && other->run_pid > 0) {
		pid = rig_parent(other->run_pid);
	} else if (dice == 2 && chaos_seed % 8 == 0) {
		pid = rig_titled("rtfs: fork server");
	} else if (dice == 3 && !other->done) {
		pool_cancel(
		    r->pool, &other->task, ERRKEY_CANCELLED, "chaos", NULL, 0);
	}
	/* only what is a child of ours, or of one of these */
	if (pid > 1 && !other->done &&
	    (rig_parent(pid) == getpid() ||
	        rig_parent(rig_parent(pid)) == getpid())) {
		chaos_kills++;
		kill(pid, SIGKILL);
	}
}

static void
test_chaos(void)
{
	struct script s, slow;
	struct rig r;
	size_t i, back = 0, signals, cancelled, timeouts;

	chaos_seed = 20;
	chaos_kills = 0;
	rig_open(&r, 3);
	r.on_done = chaos;
	script_new(&s, CODEC_ARGV, "echo x");
	script_new(&slow, CODEC_ARGV, "sleep 10");
	for (i = 0; i < 600; i++) {
		if (i % 10 == 0) {
			rig_add(&r, &s.cap, &quick, vec_empty(r.heap));
		} else if (i % 100 == 1) {
			rig_add(&r, &slow.cap, &quick, vec_empty(r.heap));
		} else {
			rig_add(&r, &sleeping, &quick,
			    one_int(r.heap, i % 50 == 2 ? 3000 : (int)(i % 5)));
		}
	}
	CU_ASSERT(rig_run(&r, 60000));
	for (i = 0; i < r.n; i++)
		back += r.t[i].times == 1;
	CU_ASSERT_EQUAL(back, r.n);
	signals = rig_kind(&r, ERRKEY_SIGNAL);
	cancelled = rig_kind(&r, ERRKEY_CANCELLED);
	timeouts = rig_kind(&r, ERRKEY_TIMEOUT);
	CU_ASSERT(signals <= chaos_kills);
	CU_ASSERT_EQUAL(rig_ok(&r) + signals + cancelled + timeouts, r.n);
	if (rig_ok(&r) + signals + cancelled + timeouts != r.n) {
		for (i = 0; i < r.n; i++) {
			if (!r.t[i].ok && r.t[i].kind != ERRKEY_SIGNAL &&
			    r.t[i].kind != ERRKEY_CANCELLED) {
				rig_failed(&r.t[i], ERRKEY_TIMEOUT, "");
			}
		}
	}
	r.on_done = NULL;
	rig_add(&r, &s.cap, &free_policy, vec_empty(r.heap));
	rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(r.t[r.n - 1].ok && r.t[r.n - 2].ok);
	printf("\n  %u kills: %zu ok, %zu signal, %zu cancelled, %zu timeout\n",
	    chaos_kills, rig_ok(&r), signals, cancelled, timeouts);
	rig_close(&r);
	script_free(&s);
	script_free(&slow);
}

SUPER_MAIN("pool_faults", {"the worker's build", learn_build},
    {"one is killed", test_kill}, {"effects", test_effects},
    {"freeing", test_free}, {"chaos", test_chaos},
    {"descriptors run out", test_descriptors})
