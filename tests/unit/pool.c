/* rooms: pool proto sandbox policy task value base
 * The pool over the real rtfs-worker: results, every limit, faults of workers,
 * guards and fork server, cancelling, and what is left behind. */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>

#include "task/command.h"
#include "tests/unit/rig.h"
#include "tests/unit/super.h"
#include "value/map.h"

static struct effective free_policy = {.timeout = INT64_MAX};
static struct effective quick = {.timeout = 200 * NS_PER_MS};

static struct capability sleeping = {.id = (char[]){"time.sleep"},
    .kind = CAP_BUILTIN,
    .trusted = true,
    .idempotent = true};

/* A shell script as a capability; words last as long as the test. */
struct script {
	struct capability cap;
	char *argv[4];
};

static struct capability *
script_new(struct script *s, enum cap_codec codec, const char *text)
{
	memset(s, 0, sizeof(*s));
	s->argv[0] = xstrdup("sh");
	s->argv[1] = xstrdup("-c");
	s->argv[2] = xstrdup(text);
	s->cap.id = xstrdup("test.script");
	s->cap.kind = CAP_EXEC;
	s->cap.codec = codec;
	s->cap.argv = s->argv;
	s->cap.program = xstrdup("/bin/sh");
	return &s->cap;
}

static void
script_free(struct script *s)
{
	free(s->argv[0]);
	free(s->argv[1]);
	free(s->argv[2]);
	free(s->cap.id);
	free(s->cap.program);
}

static struct capability command_cap = {
    .id = (char[]){"process.exec"}, .kind = CAP_COMMAND};

/* sh -c TEXT as a command; lives as long as the test. */
struct shell {
	struct command command;
	char *argv[4];
};

static struct command *
shell_new(struct shell *s, const char *text)
{
	memset(s, 0, sizeof(*s));
	s->argv[0] = (char *)(uintptr_t) "sh";
	s->argv[1] = (char *)(uintptr_t) "-c";
	s->argv[2] = (char *)(uintptr_t)text;
	s->command.argv = s->argv;
	s->command.program = "/bin/sh";
	return &s->command;
}

static val
one_int(struct heap *h, int64_t n)
{
	val v = val_fix(n);

	return vec_new(h, &v, 1);
}

static void
limit_set(struct effective *f, enum limit_id id, uint64_t soft, uint64_t hard)
{
	f->limit[id].set = true;
	f->limit[id].soft = soft;
	f->limit[id].hard = hard;
}

static void
test_command(void)
{
	char one[] = "A=1", *env[] = {one, NULL};
	struct shell say, slow, dir, none;
	struct rig_task *t[4];
	struct rig r;

	umask(027);
	rig_open(&r, 2);
	shell_new(&say, "cat; echo more >&2; echo no good >&2; exit 3");
	say.command.input = "in\n";
	say.command.ninput = 3;
	t[0] =
	    rig_submit(&r, &command_cap, &free_policy, VAL_NIL, &say.command);
	t[1] = rig_submit(&r, &command_cap, &quick, VAL_NIL,
	    shell_new(&slow, "echo begun; exec sleep 60"));
	shell_new(&dir, "pwd; echo $A; cat; umask");
	dir.command.dir = "/usr/bin";
	dir.command.env = env;
	t[2] =
	    rig_submit(&r, &command_cap, &free_policy, VAL_NIL, &dir.command);
	shell_new(&none, "");
	none.command.program = "/no/such/program";
	t[3] =
	    rig_submit(&r, &command_cap, &free_policy, VAL_NIL, &none.command);
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT_EQUAL(t[0]->exit, 3);
	CU_ASSERT_EQUAL(t[0]->kind, ERRKEY_EXIT);
	CU_ASSERT_STRING_EQUAL(t[0]->message, "exited with status 3: no good");
	CU_ASSERT_STRING_EQUAL(buf_str(&t[0]->out[0]), "in\n");
	CU_ASSERT_STRING_EQUAL(buf_str(&t[0]->out[1]), "more\nno good\n");
	CU_ASSERT_EQUAL(t[1]->kind, ERRKEY_TIMEOUT);
	CU_ASSERT_STRING_EQUAL(buf_str(&t[1]->out[0]), "begun\n");
	CU_ASSERT(t[2]->ok);
	CU_ASSERT_STRING_EQUAL(buf_str(&t[2]->out[0]), "/usr/bin\n1\n0027\n");
	CU_ASSERT_EQUAL(t[3]->kind, ERRKEY_UNAVAILABLE);
	CU_ASSERT(strstr(t[3]->message,
	              "/no/such/program: cannot execute: "
	              "No such file or directory") != NULL);
	umask(022);
	rig_close(&r);
}

/* As a caller without us would have it. */
static void
test_command_limits(void)
{
	struct effective small = {.timeout = INT64_MAX};
	struct shell flood, files;
	struct rig_task *t[2];
	struct rlimit l, low;
	char text[32];
	struct rig r;

	CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_NOFILE, &l), 0);
	low = l;
	if (low.rlim_cur > 500)
		low.rlim_cur = 500;
	CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &low), 0);
	rig_open(&r, 2);
	limit_set(&small, LIMIT_RESULT, 1000, 1000);
	t[0] = rig_submit(
	    &r, &command_cap, &small, VAL_NIL, shell_new(&flood, "yes"));
	t[1] = rig_submit(&r, &command_cap, &free_policy, VAL_NIL,
	    shell_new(&files, "ulimit -n; grep NoNewPrivs /proc/self/status"));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT_EQUAL(t[0]->kind, ERRKEY_RESULT_LIMIT);
	CU_ASSERT_EQUAL(t[0]->out[0].len, 1000);
	snprintf(text, sizeof(text), "%u\nNoNewPrivs:\t0\n",
	    (unsigned int)low.rlim_cur);
	CU_ASSERT_STRING_EQUAL(buf_str(&t[1]->out[0]), text);
	rig_close(&r);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &l), 0);
}

static void
test_builtin(void)
{
	struct capability now = {.id = (char[]){"time.now"},
	    .kind = CAP_BUILTIN,
	    .trusted = true,
	    .idempotent = true};
	struct rig r;
	size_t i;

	rig_open(&r, 2);
	for (i = 0; i < 1000; i++)
		rig_add(&r, &now, &free_policy, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT_EQUAL(rig_ok(&r), 1000);
	for (i = 0; i < r.n; i++) {
		CU_ASSERT(val_is_fix(r.t[i].value));
		CU_ASSERT(r.t[i].pid > 0);
	}
	rig_close(&r);
}

static const struct {
	enum cap_codec codec;
	const char *script;
	const char *want; /* NULL: fails */
	enum errkey kind;
	const char *text;
} script_table[] = {
    {CODEC_ARGV, "echo hello",                                  "hello", 0,                     NULL                  },
    {CODEC_RAW,  "cat",                                         "input", 0,                     NULL                  },
    {CODEC_RAW,  "cat >/dev/null; printf '\\377'",              NULL,    ERRKEY_INVALID_RESULT,
     "0"                                                                                                              },
    {CODEC_JSON, "echo '[1'",                                   NULL,    ERRKEY_INVALID_RESULT, ""                    },
    {CODEC_JSON, ":",                                           NULL,    ERRKEY_INVALID_RESULT, ""                    },
    {CODEC_JSON, "exec >&-",                                    NULL,    ERRKEY_INVALID_RESULT, ""                    },
    {CODEC_ARGV, "echo one >&2; echo 'the reason' >&2; exit 3", NULL,
     ERRKEY_EXIT,                                                                               "status 3: the reason"},
    {CODEC_ARGV, "kill -SEGV $$",                               NULL,    ERRKEY_SIGNAL,         "SIGSEGV"             },
    {CODEC_ARGV, "sleep 10",                                    NULL,    ERRKEY_TIMEOUT,        "after 200ms"         },
    {CODEC_ARGV, "exec >&- 2>&-; sleep 10",                     NULL,    ERRKEY_TIMEOUT,        ""                    },
    {CODEC_ARGV, "trap '' TERM; while :; do :; done",           NULL,    ERRKEY_TIMEOUT,        ""                    },
    {CODEC_ARGV, "echo quick; sleep 10 & exit 0",               "quick", 0,                     NULL                  },
    {CODEC_ARGV, "(setsid sleep 10 &) ; echo quick",            "quick", 0,                     NULL                  },
};

static void
test_scripts(void)
{
	struct script s[NITEMS(script_table)];
	struct rig_task *t;
	struct rig r;
	size_t i, len;
	val v;

	rig_open(&r, 2);
	for (i = 0; i < NITEMS(script_table); i++) {
		v = str_from(r.heap, "input");
		rig_add(&r,
		    script_new(
		        &s[i], script_table[i].codec, script_table[i].script),
		    &quick,
		    script_table[i].codec == CODEC_RAW ?
		        vec_new(r.heap, &v, 1) :
		        vec_empty(r.heap));
	}
	CU_ASSERT(rig_run(&r, 10000));
	for (i = 0; i < NITEMS(script_table); i++) {
		t = &r.t[i];
		CU_ASSERT(t->usage.known);
		if (script_table[i].want == NULL) {
			CU_ASSERT(rig_failed(
			    t, script_table[i].kind, script_table[i].text));
			continue;
		}
		if (!t->ok) {
			printf("%s: %s\n", script_table[i].script, t->message);
		}
		CU_ASSERT_FATAL(t->ok);
		CU_ASSERT_EQUAL(
		    strncmp(str_bytes(t->value, &len), script_table[i].want,
		        strlen(script_table[i].want)),
		    0);
	}
	CU_ASSERT(r.busiest <= 2);
	rig_close(&r);
	for (i = 0; i < NITEMS(script_table); i++)
		script_free(&s[i]);
}

static void
test_limits(void)
{
	struct effective small = {.timeout = 5 * NS_PER_SEC};
	struct script flood, noise, noisy, spin, big;
	struct rig_task *t[5];
	struct rig r;

	limit_set(&small, LIMIT_RESULT, 1000, 1000);
	limit_set(&small, LIMIT_OUTPUT, 1000, 1000000);
	limit_set(&small, LIMIT_CPU, 1, 2);
	limit_set(&small, LIMIT_FSIZE, 4096, 4096);
	rig_open(&r, 2);
	t[0] = rig_add(&r, script_new(&flood, CODEC_ARGV, "yes"), &small,
	    vec_empty(r.heap));
	t[1] = rig_add(&r, script_new(&noise, CODEC_ARGV, "yes >&2"), &small,
	    vec_empty(r.heap));
	t[2] = rig_add(&r,
	    script_new(&noisy, CODEC_ARGV, "yes | head -c 9000 >&2; echo ok"),
	    &small, vec_empty(r.heap));
	t[3] = rig_add(&r, script_new(&spin, CODEC_ARGV, "while :; do :; done"),
	    &small, vec_empty(r.heap));
	t[4] = rig_add(&r,
	    script_new(&big, CODEC_ARGV,
	        "exec head -c 100000 /dev/zero > \"${TMPDIR:-/tmp}/rtfs.$$\""),
	    &small, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 10000));
	CU_ASSERT(rig_failed(t[0], ERRKEY_RESULT_LIMIT, "1000"));
	CU_ASSERT(t[0]->limit != NULL && t[0]->used > 1000);
	CU_ASSERT(rig_failed(t[1], ERRKEY_OUTPUT_LIMIT, "1000000"));
	CU_ASSERT(strlen(t[1]->stray) < 1100);
	CU_ASSERT(t[1]->stray_total > 1000000);
	CU_ASSERT(t[2]->ok);
	CU_ASSERT_EQUAL(t[2]->stray_total, 9000);
	CU_ASSERT_PTR_NOT_NULL(strstr(t[2]->stray, "8000 bytes dropped"));
	CU_ASSERT(rig_failed(t[3], ERRKEY_CPU_LIMIT, "limit is 1s"));
	CU_ASSERT(rig_failed(t[4], ERRKEY_FILE_SIZE_LIMIT, "4K"));
	rig_close(&r);
	script_free(&flood);
	script_free(&noise);
	script_free(&noisy);
	script_free(&spin);
	script_free(&big);
	(void)!system("rm -f /tmp/rtfs.*");
}

/* What a program needs to be started is missing, or too large to be sent in
 * the socket. */
static void
test_start(void)
{
	struct script gone, plain, echo, cat;
	struct rig_task *t[4];
	struct rig r;
	size_t len, big = 3000000;
	char *text = xcalloc(1, big), name[] = "/tmp/rtfs-poolXXXXXX";
	int fd = mkstemp(name);
	val v;

	rig_open(&r, 2);
	script_new(&gone, CODEC_ARGV, "");
	free(gone.cap.program);
	gone.cap.program = xstrdup("/no/such/program");
	t[0] = rig_add(&r, &gone.cap, &free_policy, vec_empty(r.heap));
	script_new(&plain, CODEC_ARGV, "");
	free(plain.cap.program);
	plain.cap.program = xstrdup(name);
	plain.cap.file = (char[]){"some.rtfs"};
	plain.cap.line = 7;
	t[1] = rig_add(&r, &plain.cap, &free_policy, vec_empty(r.heap));
	memset(text, 'x', big);
	v = str_new(r.heap, text, 100000);
	t[2] = rig_add(&r, script_new(&echo, CODEC_ARGV, "echo ${#0}"),
	    &free_policy, vec_new(r.heap, &v, 1));
	v = str_new(r.heap, text, big);
	t[3] = rig_add(&r, script_new(&cat, CODEC_RAW, "cat"), &free_policy,
	    vec_new(r.heap, &v, 1));
	CU_ASSERT(rig_run(&r, 10000));
	CU_ASSERT(rig_failed(t[0], ERRKEY_UNAVAILABLE,
	    "/no/such/program: cannot execute: No such file"));
	CU_ASSERT(rig_failed(t[1], ERRKEY_UNAVAILABLE, "chmod +x"));
	CU_ASSERT(rig_failed(t[1], ERRKEY_UNAVAILABLE, "some.rtfs:7"));
	CU_ASSERT(t[2]->ok && str_equal_text(t[2]->value, "100000"));
	CU_ASSERT_FATAL(t[3]->ok);
	CU_ASSERT_EQUAL(memcmp(str_bytes(t[3]->value, &len), text, big), 0);
	CU_ASSERT_EQUAL(len, big);
	rig_close(&r);
	script_free(&gone);
	script_free(&plain);
	script_free(&echo);
	script_free(&cat);
	free(text);
	close(fd);
	unlink(name);
}

static void
deadlines(struct capability *c, val (*args)(struct heap *))
{
	int64_t start = clock_mono();
	struct rig r;
	size_t i;

	rig_open(&r, 2);
	for (i = 0; i < 10; i++)
		rig_add(&r, c, &quick, args(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT_EQUAL(rig_kind(&r, ERRKEY_TIMEOUT), 10);
	CU_ASSERT(clock_mono() - start < unit_soon(1300 * NS_PER_MS));
	for (i = 0; i < r.n; i++) {
		CU_ASSERT(r.t[i].used >= 200 * NS_PER_MS);
		CU_ASSERT(r.t[i].usage.wall_ns < unit_soon(260 * NS_PER_MS));
	}
	rig_close(&r);
}

static val
ten_seconds(struct heap *h)
{
	return one_int(h, 10000);
}

static void
test_deadlines(void)
{
	struct script s;

	deadlines(&sleeping, ten_seconds);
	deadlines(script_new(&s, CODEC_ARGV, "exec sleep 10"), vec_empty);
	script_free(&s);
}

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

static void
kill_one(struct capability *c, int what)
{
	struct rig r;
	size_t i;

	kill_what = what;
	victim = NULL;
	rig_open(&r, 2);
	r.on_start = kill_at_20;
	for (i = 0; i < 40; i++)
		rig_add(&r, c, &free_policy,
		    c == &sleeping ? one_int(r.heap, 30) : vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 10000));
	CU_ASSERT_PTR_NOT_NULL_FATAL(victim);
	CU_ASSERT_EQUAL(rig_ok(&r), what == 2 ? 40U : 39U);
	if (what != 2) {
		CU_ASSERT(rig_failed(victim, ERRKEY_SIGNAL, "SIGKILL"));
		CU_ASSERT_EQUAL(victim->signal, SIGKILL);
		CU_ASSERT(victim->at - killed_at < unit_soon(50 * NS_PER_MS));
	}
	/* usable after */
	r.on_start = NULL;
	rig_add(&r, c, &free_policy,
	    c == &sleeping ? one_int(r.heap, 1) : vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(r.t[40].ok);
	rig_close(&r);
}

static void
test_kill(void)
{
	struct script s;
	int what;

	script_new(&s, CODEC_ARGV, "exec sleep 0.03");
	for (what = 0; what < 3; what++) {
		kill_one(&sleeping, what);
		kill_one(&s.cap, what);
	}
	script_free(&s);
}

/* One long task in the middle of a batch that was thought to be short: the
 * rest moves on, and its deadline costs nobody else anything. */
static void
test_batch(void)
{
	struct rig_task *slow;
	struct rig r;
	int64_t start;
	size_t i;

	rig_open(&r, 2);
	for (i = 0; i < 300; i++) /* short, it learns */
		rig_add(&r, &sleeping, &quick, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT_EQUAL(rig_ok(&r), 300);
	start = clock_mono();
	for (i = 0; i < 50; i++)
		rig_add(&r, &sleeping, &quick, one_int(r.heap, 0));
	slow = rig_add(&r, &sleeping, &quick, one_int(r.heap, 5000));
	for (i = 0; i < 200; i++)
		rig_add(&r, &sleeping, &quick, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT_EQUAL(rig_ok(&r), 550);
	CU_ASSERT(rig_failed(slow, ERRKEY_TIMEOUT, "after 200ms"));
	CU_ASSERT(slow->at - start < unit_soon(300 * NS_PER_MS));
	for (i = slow->task.seq + 1; i < r.n; i++)
		CU_ASSERT(r.t[i].at < slow->at);
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
		    one_int(r.heap, i == 0 ? 50 : 5000));
	}
	start = clock_mono();
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(clock_mono() - start < unit_soon(500 * NS_PER_MS));
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
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(clock_mono() - start < unit_soon(400 * NS_PER_MS));
	CU_ASSERT_EQUAL(rig_kind(&r, ERRKEY_CANCELLED), 22);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.t[20].stray, "bye"));
	CU_ASSERT(r.t[21].at - start >= 99 * NS_PER_MS);
	rig_close(&r);
	script_free(&s);
	script_free(&polite);
	script_free(&deaf);
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
	CU_ASSERT(clock_mono() - start < unit_soon(NS_PER_SEC));
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
	CU_ASSERT(clock_mono() - start < unit_soon(2 * NS_PER_SEC));
	CU_ASSERT(
	    rig_failed(&r.t[1], ERRKEY_UNAVAILABLE, "Too many open files"));
	/* and when there are some again, it goes on */
	rig_add(&r, &s.cap, &free_policy, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(r.t[r.n - 1].ok);
	rig_close(&r);
	script_free(&s);
}

/* A request that goes by memfd, a result that fills the pipe many times, and
 * one that is a little too long. */
static void
test_large(void)
{
	struct capability hash = {.id = (char[]){"crypto.hash"},
	    .kind = CAP_BUILTIN,
	    .trusted = true,
	    .idempotent = true};
	struct capability readf = {.id = (char[]){"fs.read"},
	    .kind = CAP_BUILTIN,
	    .trusted = true,
	    .idempotent = true};
	struct effective f = {.timeout = 5 * NS_PER_SEC};
	char *read_all[] = {(char[]){"/"}, NULL}, name[] = "/tmp/rtfs-XXXXXX";
	struct rig_task *t[4];
	size_t big = 5000000, len;
	char *text = xmalloc(big);
	int fd = mkstemp(name);
	struct rig r;
	val v[2];

	memset(text, 'y', big);
	CU_ASSERT_EQUAL(write(fd, text, big), (ssize_t)big);
	f.read = read_all;
	rig_open(&r, 2);
	v[0] = str_from(r.heap, "sha256");
	v[1] = str_new(r.heap, text, big);
	t[0] = rig_add(&r, &hash, &f, vec_new(r.heap, v, 2));
	v[0] = str_from(r.heap, name);
	t[1] = rig_add(&r, &readf, &f, vec_new(r.heap, v, 1));
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT(t[0]->ok);
	CU_ASSERT_FATAL(t[1]->ok);
	CU_ASSERT_EQUAL(memcmp(str_bytes(t[1]->value, &len), text, big), 0);
	CU_ASSERT_EQUAL(len, big);
	limit_set(&f, LIMIT_RESULT, 100000, 100000);
	limit_set(&f, LIMIT_REQUEST, 100000, 100000);
	rig_close(&r);
	rig_open(&r, 2);
	v[0] = str_from(r.heap, name);
	t[2] = rig_add(&r, &readf, &f, vec_new(r.heap, v, 1));
	v[0] = str_from(r.heap, "sha256");
	v[1] = str_new(r.heap, text, big);
	t[3] = rig_add(&r, &hash, &f, vec_new(r.heap, v, 2));
	CU_ASSERT(rig_run(&r, 20000));
	CU_ASSERT(rig_failed(t[2], ERRKEY_RESULT_LIMIT, ""));
	CU_ASSERT(t[2]->limit != NULL && strcmp(t[2]->limit, "result") == 0);
	CU_ASSERT(rig_failed(t[3], ERRKEY_INVALID_ARGUMENTS, "100000"));
	rig_close(&r);
	free(text);
	close(fd);
	unlink(name);
}

/* A capability that is not trusted but is code of ours: one process each, and
 * its answer counts only when the process ends well, too. */
static void
test_once(void)
{
	struct capability c = {
	    .id = (char[]){"process.exec"}, .kind = CAP_BUILTIN};
	struct rig_task *t[3];
	struct rig r;
	val words[2], argv;
	size_t i;

	rig_open(&r, 2);
	for (i = 0; i < 3; i++) {
		words[0] =
		    str_from(r.heap, i == 2 ? "/bin/sleep" : "/bin/echo");
		words[1] = str_from(r.heap, "10");
		argv = vec_new(r.heap, words, 2);
		t[i] = rig_add(&r, &c, &quick, vec_new(r.heap, &argv, 1));
	}
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(t[0]->ok && t[1]->ok);
	CU_ASSERT_NOT_EQUAL(t[0]->pid, t[1]->pid);
	CU_ASSERT(t[0]->usage.known);
	CU_ASSERT(rig_failed(t[2], ERRKEY_TIMEOUT, "200ms"));
	rig_close(&r);
}

/* Its channels are not watched at first: more than a pipe holds comes through
 * all the same, also from one that has a while to live. */
static void
test_once_large(void)
{
	struct capability c = {
	    .id = (char[]){"process.exec"}, .kind = CAP_BUILTIN};
	const char *text[] = {"head -c 300000 /dev/zero | tr '\\0' x",
	    "sleep 0.05; head -c 300000 /dev/zero | tr '\\0' x"};
	struct rig_task *t[NITEMS(text)];
	struct effective f = {.timeout = 10 * NS_PER_SEC};
	val words[3], argv, out;
	struct rig r;
	size_t i, len;

	rig_open(&r, 2);
	for (i = 0; i < NITEMS(text); i++) {
		words[0] = str_from(r.heap, "/bin/sh");
		words[1] = str_from(r.heap, "-c");
		words[2] = str_from(r.heap, text[i]);
		argv = vec_new(r.heap, words, 3);
		t[i] = rig_add(&r, &c, &f, vec_new(r.heap, &argv, 1));
	}
	CU_ASSERT(rig_run(&r, 20000));
	for (i = 0; i < NITEMS(text); i++) {
		CU_ASSERT_FATAL(t[i]->ok);
		out = map_get_keyword(t[i]->value, "stdout");
		CU_ASSERT_FATAL(val_is_string(out));
		str_bytes(out, &len);
		CU_ASSERT_EQUAL(len, 300000);
	}
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

static void
learn_build(void)
{
	struct server s;

	rig_worker = worker_path;
	CU_ASSERT_FATAL(server_start(&s));
	rig_build = worker_build;
	server_stop(&s);
}

/* Another build is refused, naming both. */
static void
test_build(void)
{
	struct rig r;

	rig_build ^= 1;
	rig_open(&r, 2);
	rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(rig_failed(&r.t[0], ERRKEY_UNAVAILABLE, "another build"));
	rig_close(&r);
	rig_build ^= 1;
	rig_worker = "/no/such/worker";
	rig_open(&r, 2);
	rig_add(&r, &sleeping, &free_policy, one_int(r.heap, 0));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(rig_failed(&r.t[0], ERRKEY_UNAVAILABLE, "/no/such/worker"));
	rig_close(&r);
	rig_worker = worker_path;
}

SUPER_MAIN("pool", {"the worker's build", learn_build},
    {"another build", test_build}, {"commands", test_command},
    {"a command is as the caller has it", test_command_limits},
    {"built-ins in batches", test_builtin}, {"programs", test_scripts},
    {"limits of programs", test_limits}, {"starting programs", test_start},
    {"deadlines", test_deadlines}, {"one is killed", test_kill},
    {"a long one in a batch", test_batch}, {"cancelling", test_cancel},
    {"freeing", test_free}, {"one process each", test_once},
    {"much from one process each", test_once_large},
    {"one by one", test_stream}, {"effects", test_effects},
    {"large requests and results", test_large}, {"chaos", test_chaos},
    {"descriptors run out", test_descriptors})
