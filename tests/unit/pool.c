/* rooms: pool proto sandbox policy task value base
 * The pool over the real rtfs-worker: what goes in and what comes out, by
 * every kind of capability, and every limit on it. */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>

#include "tests/unit/pool_rig.h"
#include "value/map.h"

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
    {CODEC_ARGV, "sleep 10",                                    NULL,    ERRKEY_TIMEOUT,        "after 400ms"         },
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
	CU_ASSERT(rig_failed(t[2], ERRKEY_TIMEOUT, "400ms"));
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

/* Processes that are made with their task and those that wait for it, in one
 * run; long texts and large values reach both. */
static void
test_once_many(void)
{
	struct capability hash = {
	    .id = (char[]){"crypto.hash"}, .kind = CAP_BUILTIN};
	struct capability write = {
	    .id = (char[]){"json.stringify"}, .kind = CAP_BUILTIN};
	struct effective f = {.timeout = 10 * NS_PER_SEC};
	char text[200001], number[32];
	struct rig_task *t[60];
	val v[2], many[2000];
	struct rig r;
	size_t i, k, len;

	memset(text, 'y', sizeof(text));
	rig_open(&r, (unsigned int)sysconf(_SC_NPROCESSORS_ONLN));
	for (i = 0; i < NITEMS(many); i++)
		many[i] = str_new(r.heap, text, 100);
	for (i = 0; i < NITEMS(t); i++) {
		snprintf(number, sizeof(number), "%zu", i);
		v[0] = str_from(r.heap, "sha256");
		v[1] = i % 3 == 1 ? str_new(r.heap, text, sizeof(text)) :
		                    str_from(r.heap, number);
		if (i % 3 == 2)
			v[0] = vec_new(r.heap, many, NITEMS(many));
		t[i] = i % 3 == 2 ?
		    rig_add(&r, &write, &f, vec_new(r.heap, v, 1)) :
		    rig_add(&r, &hash, &f, vec_new(r.heap, v, 2));
	}
	CU_ASSERT(rig_run(&r, 20000));
	for (i = 0; i < NITEMS(t); i++) {
		CU_ASSERT_FATAL(t[i]->ok);
		CU_ASSERT(t[i]->usage.known);
		str_bytes(t[i]->value, &len);
		CU_ASSERT_EQUAL(len, i % 3 == 2 ? 206001 : 64);
		for (k = 0; k < i; k++)
			CU_ASSERT_NOT_EQUAL(t[k]->pid, t[i]->pid);
	}
	rig_close(&r);
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
    {"one process each", test_once},
    {"much from one process each", test_once_large},
    {"many of them, and much to them", test_once_many},
    {"large requests and results", test_large})
