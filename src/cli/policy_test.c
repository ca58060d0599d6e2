/*
 * rtfs policy test CAPABILITY [-- COMMAND [ARG...]]: the command in the place
 * of what the capability runs, or that itself without arguments, under exactly
 * its policy.  Its streams are ours; then, on stderr, how it ended and what it
 * used.  Exit status as env(1) and timeout(1) have it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "cli/policy_trace.h"
#include "cli/policy_verbs.h"
#include "lang/vm.h"
#include "pool/loop.h"
#include "pool/pool.h"
#include "sandbox/program.h"
#include "task/command.h"
#include "value/name.h"
#include "value/vector.h"

#define GRACE (500 * NS_PER_MS)

enum {
	EXIT_TIMEOUT = 124,
	EXIT_OURS = 125,
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
	EXIT_SIGNAL = 128, /* and its number */
};

struct trial {
	struct loop *loop;
	struct pool *pool;
	struct capability cap; /* the one asked about, running a command */
	const struct effective *effective;
	struct command command;
	struct task task;
	struct policy_trace trace;
	bool done;
	int status;
};

static void
write_all(int fd, const char *bytes, size_t n)
{
	ssize_t did;

	while (n > 0) {
		did = write(fd, bytes, n);
		if (did == -1 && errno != EINTR)
			return; /* nobody wants it */
		if (did > 0) {
			bytes += did;
			n -= (size_t)did;
		}
	}
}

static void
trial_stream(struct task *t ATTR_UNUSED, int fd, const char *bytes, size_t n,
    void *arg ATTR_UNUSED)
{
	write_all(fd, bytes, n);
}

static void
trial_refused(const char *call, int os_errno, void *arg)
{
	struct trial *t = arg;

	policy_trace_call(&t->trace, call, os_errno);
}

static void
trial_path_refused(const char *path, uint32_t access, void *arg)
{
	struct trial *t = arg;

	policy_trace_path(&t->trace, path, access);
}

static int
exit_status(const struct outcome *o)
{
	if (o->ok)
		return 0;
	if (o->kind == ERRKEY_TIMEOUT)
		return EXIT_TIMEOUT;
	if (o->kind == ERRKEY_EXIT && o->exit >= 0)
		return o->exit;
	if (o->kind == ERRKEY_UNAVAILABLE)
		return o->started_wall != 0 ? EXIT_CANNOT_RUN : EXIT_OURS;
	if (o->signal != 0)
		return EXIT_SIGNAL + o->signal;
	return o->pid != 0 ? EXIT_SIGNAL + SIGKILL : EXIT_OURS;
}

static void
add_time(struct buf *b, const char *what, int64_t ns)
{
	char text[32];

	units_format_duration(ns / NS_PER_MS * NS_PER_MS, text);
	buf_addf(b, ", %s %s", what, text);
}

static void
trial_verdict(const struct trial *t, const struct outcome *o)
{
	struct buf b = BUF_INIT;
	char text[32];

	buf_addf(&b, "rtfs: %s: ", t->cap.id);
	if (o->ok)
		buf_adds(&b, "ok");
	else
		buf_addf(&b, "%s: %s",
		    val_name_text(errkey_keyword(o->kind), NULL),
		    o->message != NULL ? o->message : "");
	if (o->started_wall != 0)
		add_time(&b, "wall", o->usage.wall_ns);
	if (o->usage.known) {
		add_time(&b, "user", o->usage.user_ns);
		add_time(&b, "system", o->usage.system_ns);
		units_format_bytes(o->usage.max_rss, text);
		buf_addf(&b, ", peak %s", text);
	}
	buf_addf(
	    &b, "; isolation :%s", isolation_name(t->effective->isolation));
	if (o->not_applied != NULL)
		buf_addf(&b, "; not applied: %s", o->not_applied);
	buf_addc(&b, '\n');
	write_all(STDERR_FILENO, b.data, b.len);
	buf_free(&b);
}

static void
trial_done(struct task *task ATTR_UNUSED, struct outcome *o, void *arg)
{
	struct trial *t = arg;

	t->done = true;
	t->status = exit_status(o);
	trial_verdict(t, o);
}

static void
trial_signal(int signo ATTR_UNUSED, void *arg)
{
	struct trial *t = arg;

	pool_cancel_all(t->pool, ERRKEY_CANCELLED, "interrupted");
}

static int
trial_open(struct trial *t, const struct setup *s, struct error *e)
{
	struct pool_config c;
	size_t i;

	memset(&c, 0, sizeof(c));
	c.workers = 1;
	for (i = 0; i < IMAGE_COUNT; i++)
		c.worker_path[i] = s->worker[i];
	for (i = 0; i < TOTAL_COUNT; i++)
		c.total[i] = policy_total(s->policy, (enum total_id)i);
	c.grace = GRACE;
	c.build_id = lang_build_id();
	c.secret_dirs = s->secret_dir;
	c.stream = trial_stream;
	c.denied = trial_refused;
	c.path_denied = trial_path_refused;
	c.done = trial_done;
	c.arg = t;
	if (loop_new(&t->loop, e) == -1 ||
	    loop_signal_add(t->loop, SIGINT, trial_signal, t, e) == -1 ||
	    loop_signal_add(t->loop, SIGTERM, trial_signal, t, e) == -1)
		return -1;
	return pool_new(t->loop, &c, &t->pool, e);
}

static int
trial_run(struct trial *t, const struct setup *s, struct error *e)
{
	struct heap *h = heap_new(0);
	int rc = -1;

	if (trial_open(t, s, e) == -1 ||
	    pool_plan(t->pool, &t->cap, t->effective, &t->task.plan, e) == -1)
		goto done;
	t->task.heap = h;
	t->task.args = vec_empty(h);
	t->task.command = &t->command;
	t->task.attempt = 1;
	pool_submit(t->pool, &t->task);
	do {
		rc = loop_once(t->loop, INT64_MAX, e);
	} while (rc == 0 && !t->done);
done:
	pool_free(t->pool);
	loop_free(t->loop);
	heap_free(h);
	return rc;
}

/* Its own code is no command's place. */
static bool
runs_programs(const struct capability *c)
{
	return !c->trusted && c->kind != CAP_HOST;
}

/* The file that a word of ours means, absolute; NULL after the message. */
static char *
command_file(const char *word)
{
	char *program = program_find(word), *here, *whole;

	if (program == NULL) {
		log_error("%s: not found in %s", word, PROGRAM_PATH);
		return NULL;
	}
	here = program[0] == '/' ? NULL : getcwd(NULL, 0);
	if (here == NULL)
		return program;
	whole = xasprintf("%s/%s", here, program);
	free(here);
	free(program);
	return whole;
}

/* What the capability runs itself when it is called without arguments; -1
 * after the message: only a command can be tried. */
static int
own_command(const struct capability *c, struct command *command)
{
	if (c->kind != CAP_EXEC || c->codec == CODEC_MSGPACK) {
		log_error(":%s: name a command to try: %s", c->id,
		    c->kind == CAP_EXEC ? "its own reads and writes frames" :
		                          "it has no program of its own");
		return -1;
	}
	if (c->broken != NULL) {
		log_error(":%s: %s", c->id, c->broken);
		return -1;
	}
	command->argv = c->argv;
	command->input = c->codec == CODEC_JSON ? "[]" : NULL;
	command->ninput = command->input == NULL ? 0 : strlen(command->input);
	return 0;
}

static void
try_program(struct trial *t, const struct setup *s, char *program)
{
	struct error e;

	t->cap.kind = CAP_COMMAND;
	t->cap.image = IMAGE_CORE;
	t->cap.as_capability = true;
	t->cap.program = program;
	t->command.program = program;
	t->status = EXIT_OURS;
	if (trial_run(t, s, &e) == -1)
		log_error("%s", e.msg);
	policy_trace_show(&t->trace, t->cap.id, t->effective);
	policy_trace_clear(&t->trace);
}

/* argv: NULL, the capability's own. */
static int
try_command(struct setup *s, const char *id, char **argv, bool trace)
{
	const struct capability *c = registry_find(s->registry, id);
	struct trial t = {.done = false};
	struct buf near = BUF_INIT;
	struct error e;
	char *program;

	if (c == NULL) {
		registry_suggest(s->registry, id, &near);
		log_error("unknown capability :%s%s", id, buf_str(&near));
		buf_free(&near);
		return EXIT_OURS;
	}
	if (!runs_programs(c)) {
		log_error(":%s is code of rtfs itself; a command can be tried "
		          "in the place of programs: :exec, process.exec",
		    id);
		return EXIT_OURS;
	}
	if (policy_resolve(s->policy, c, VAL_NIL, &t.effective, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_OURS;
	}
	t.command.argv = argv;
	if (argv == NULL && own_command(c, &t.command) == -1)
		return EXIT_OURS;
	program = argv == NULL ? xstrdup(c->program) : command_file(argv[0]);
	if (program == NULL)
		return EXIT_NOT_FOUND;
	t.cap = *c;
	t.cap.trace_denied = trace;
	try_program(&t, s, program);
	free(program);
	return t.status;
}

int
policy_test(const struct verb *v, const struct options *o,
    const struct policy_words *words)
{
	struct setup s;
	const char *id;
	int status;

	if (words->n < 1)
		return options_misuse(
		    v, "test CAPABILITY [-- COMMAND [ARG...]]");
	id = words->item[0] + (words->item[0][0] == ':');
	status = setup_open(&s, v, o, NULL);
	if (status == 0)
		status = try_command(&s, id,
		    words->n > 1 ? words->item + 1 : NULL, o->trace_denied);
	setup_close(&s);
	return status;
}
