/*
 * process.exec: run a program and wait for it, both streams captured, standard
 * input fed meanwhile.  Never a shell.  The limits of the task are this
 * process's own, so the program inherits them; whatever it leaves behind the
 * guard kills.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/program.h"
#include "sandbox/resolve.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/string.h"
#include "value/vector.h"
#include "workers/builtin.h"

#define PIPE_ROOM 65536 /* of a pipe that nobody has changed */

struct words { /* NULL at its end; the words are owned */
	char **word;
	size_t n;
};

struct run {
	struct work *w;
	struct words argv;
	struct words env;
	char *program;
	char *cwd;  /* NULL: as it is */
	int folder; /* that, opened; -1: as it is */
	const char *input;
	size_t ninput;
	int in; /* our ends; -1: closed */
	int out[2];
	struct buf text[2]; /* stdout, stderr */
	pid_t pid;          /* 0: not started or reaped */
	int status;         /* of the reaped one, as waitpid() gives it */
};

/* The signals of this process as they were. */
struct signals {
	struct sigaction pipe;
	struct sigaction child;
	sigset_t mask;
};

static void
words_add(struct words *l, char *word)
{
	l->word = xreallocarray(l->word, l->n + 2, sizeof(char *));
	l->word[l->n++] = word;
	l->word[l->n] = NULL;
}

static void
words_free(struct words *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->word[i]);
	free(l->word);
}

static int
bad(struct work *w, const char *what)
{
	work_error(w, ERRKEY_INVALID_ARGUMENTS, "%s", what);
	return -1;
}

/* A string without U+0000; NULL: it is none. */
static const char *
plain(val v)
{
	const char *s;
	size_t n;

	if (v == VAL_UNBOUND || !val_is_string(v))
		return NULL;
	s = str_bytes(v, &n);
	return memchr(s, '\0', n) == NULL ? s : NULL;
}

static int
read_argv(struct run *r)
{
	val v = work_arg(r->w, 0);
	const char *s;
	size_t i;

	if (v == VAL_UNBOUND || !val_is_vector(v) || vec_count(v) == 0) {
		return bad(r->w,
		    "argument 1: expected a vector of the program and its "
		    "arguments");
	}
	for (i = 0; i < vec_count(v); i++) {
		s = plain(vec_get(v, i));
		if (s == NULL) {
			work_error(r->w, ERRKEY_INVALID_ARGUMENTS,
			    "argument 1, [%zu]: expected a string without "
			    "U+0000",
			    i);
			return -1;
		}
		words_add(&r->argv, xstrdup(s));
	}
	if (r->argv.word == NULL || r->argv.word[0][0] == '\0')
		return bad(r->w, "argument 1: the program has no name");
	return 0;
}

/* Set NAME=VALUE; a later one replaces an earlier one. */
static void
env_set(struct words *env, const char *name, const char *value)
{
	size_t i, n = strlen(name);
	char *word = xasprintf("%s=%s", name, value);

	for (i = 0; i < env->n; i++) {
		if (strncmp(env->word[i], word, n + 1) == 0) {
			free(env->word[i]);
			env->word[i] = word;
			return;
		}
	}
	words_add(env, word);
}

static int
read_env(struct run *r, val opts)
{
	const struct effective *rights = &r->w->grants->rights;
	val m = work_option(opts, "env"), k, v;
	const char *name, *value;
	struct map_iter it;
	size_t i;

	env_set(&r->env, "PATH", PROGRAM_PATH);
	env_set(&r->env, "LANG", "C.UTF-8");
	for (i = 0; i < rights->nenv; i++) {
		if (rights->env[i].value != NULL) {
			env_set(
			    &r->env, rights->env[i].name, rights->env[i].value);
		}
	}
	if (m == VAL_UNBOUND || m == VAL_NIL)
		return 0;
	if (!val_is_map(m))
		return bad(r->w, ":env: expected a map of names to texts");
	it = map_iter(m);
	while (map_next(&it, &k, &v)) {
		name = val_is_keyword(k) ? val_name_text(k, NULL) : plain(k);
		value = plain(v);
		if (name == NULL || value == NULL || *name == '\0' ||
		    strchr(name, '=') != NULL)
			return bad(
			    r->w, ":env: expected a map of names to texts");
		env_set(&r->env, name, value);
	}
	return 0;
}

/* Its own :cwd is a path like any other that it names; where the policy has it
 * start no task may put a link. */
static int
open_folder(struct run *r, val cwd)
{
	const struct grants *g = r->w->grants;
	const char *s;

	if (cwd == VAL_UNBOUND || cwd == VAL_NIL) {
		if (g->directory == NULL)
			return 0;
		r->cwd = xstrdup(g->directory);
		r->folder = sandbox_open_start(g->directory, g->place);
	} else {
		s = plain(cwd);
		if (s == NULL || *s == '\0')
			return bad(r->w, ":cwd: expected a path");
		r->cwd = *s == '/' || g->directory == NULL ?
		    xstrdup(s) :
		    path_join(g->directory, s);
		r->folder = open(r->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	/* To have it open is no right to enter it. */
	if (r->folder != -1 && faccessat(r->folder, ".", F_OK, 0) == 0)
		return 0;
	return work_fail(r->w, errno, ":cwd %s: %s", r->cwd, strerror(errno));
}

static int
read_options(struct run *r)
{
	static const char *const names[] = {"stdin", "env", "cwd", NULL};
	val opts = work_arg(r->w, 1), v;

	if (work_check_options(r->w, opts, names) == -1 ||
	    read_env(r, opts) == -1)
		return -1;
	v = work_option(opts, "stdin");
	if (v != VAL_UNBOUND && v != VAL_NIL) {
		if (!val_is_string(v))
			return bad(r->w, ":stdin: expected a string");
		r->input = str_bytes(v, &r->ninput);
	}
	return open_folder(r, work_option(opts, "cwd"));
}

/* The file to execute: with a slash as it is, else by the search path.  A
 * relative one starts where the program will. */
static int
find_program(struct run *r)
{
	const char *name = r->argv.word[0];
	char *whole;
	bool allowed;

	r->program = program_find(name);
	if (r->program == NULL)
		return work_fail(
		    r->w, ENOENT, "%s: not found in %s", name, PROGRAM_PATH);
	whole = r->program[0] == '/' || r->cwd == NULL ?
	    xstrdup(r->program) :
	    path_join(r->cwd, r->program);
	allowed = program_allowed(r->w->grants->rights.program, whole);
	free(whole);
	if (!allowed)
		return work_error(r->w, ERRKEY_DENIED,
		    "%s: not among the programs of the policy's :program",
		    r->program);
	return 0;
}

/* The signals of a fresh process: none blocked, all with their defaults. */
static void
default_signals(posix_spawnattr_t *attr)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setflags(
	    attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int
spawn(struct run *r, const int child[3])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int i, rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	default_signals(&attr);
	for (i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&actions, child[i], i);
	if (r->folder != -1)
		posix_spawn_file_actions_addfchdir_np(&actions, r->folder);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	rc = posix_spawn(
	    &r->pid, r->program, &actions, &attr, r->argv.word, r->env.word);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	if (rc == 0)
		return 0;
	r->pid = 0;
	return work_fail(
	    r->w, rc, "%s: cannot execute: %s", r->program, strerror(rc));
}

/* Make the pipes and start the program; ours are non-blocking, and all above
 * the descriptors that the child will use. */
static int
start(struct run *r)
{
	int child[3] = {-1, -1, -1}, p[2], i, rc = -1;

	for (i = 0; i < 3; i++) {
		if (pipe2(p, O_CLOEXEC) == -1) {
			work_fail(r->w, errno, "pipe: %s", strerror(errno));
			goto done;
		}
		child[i] = i == 0 ? p[0] : p[1];
		fcntl(i == 0 ? p[1] : p[0], F_SETFL, O_NONBLOCK);
		if (i == 0)
			r->in = p[1];
		else
			r->out[i - 1] = p[0];
	}
	rc = spawn(r, child);
done:
	for (i = 0; i < 3; i++) {
		if (child[i] != -1)
			close(child[i]);
	}
	return rc;
}

static void
shut(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
feed(struct run *r)
{
	ssize_t n;

	while (r->ninput > 0) {
		n = write(r->in, r->input, r->ninput);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1)
			break; /* it wants no more */
		r->input += n;
		r->ninput -= (size_t)n;
	}
	shut(&r->in);
}

/* Take what is there, no more than the pipe holds: more is being written
 * meanwhile, by a command that may have ended since.  -1 after
 * work_too_long(). */
static int
drain(struct run *r, int i)
{
	const size_t step = PIPE_ROOM;
	int room = r->out[i] == -1 ? 0 : fcntl(r->out[i], F_GETPIPE_SZ);
	ssize_t left = room == -1 ? PIPE_ROOM : room;
	size_t total;
	ssize_t n;

	while (r->out[i] != -1 && left > 0) {
		n = read(r->out[i], buf_reserve(&r->text[i], step), step);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return 0;
		if (n <= 0) {
			shut(&r->out[i]);
			return 0;
		}
		left -= n;
		r->text[i].len += (size_t)n;
		total = r->text[0].len + r->text[1].len;
		if (total > r->w->grants->result)
			return work_too_long(r->w, total, r->program);
	}
	return 0;
}

/* Reap it; with WNOHANG only when it has ended.  -1: not reaped. */
static int
reap(struct run *r, int flags)
{
	pid_t got;

	do {
		got = waitpid(r->pid, &r->status, flags);
	} while (got == -1 && errno == EINTR);
	if (got != r->pid)
		return -1;
	r->pid = 0;
	return 0;
}

static void
wake(int signo ATTR_UNUSED)
{
}

/* A closed pipe is an error of write(), and the end of a child interrupts a
 * ppoll() with the mask of before, and nothing else: that works under every
 * filter, where a pidfd does not. */
static void
take_signals(struct signals *before)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction handle = {.sa_handler = wake};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before->mask);
	sigaction(SIGPIPE, &ignore, &before->pipe);
	sigaction(SIGCHLD, &handle, &before->child);
}

static void
restore_signals(const struct signals *before)
{
	sigaction(SIGPIPE, &before->pipe, NULL);
	sigaction(SIGCHLD, &before->child, NULL);
	sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/*
 * Until both streams have ended, or the program has: processes it left in the
 * background may hold its streams for ever.
 */
static int
serve(struct run *r, const struct signals *before)
{
	struct pollfd p[3];
	bool ended;
	int i;

	for (;;) {
		/* Asked first: all it wrote itself is in the pipes then. */
		ended = reap(r, WNOHANG) == 0;
		if (r->in != -1)
			feed(r);
		for (i = 0; i < 2; i++) {
			if (drain(r, i) == -1)
				return -1;
			p[i].fd = r->out[i];
			p[i].events = POLLIN;
		}
		p[2].fd = r->in;
		p[2].events = POLLOUT;
		if (ended ||
		    (r->out[0] == -1 && r->out[1] == -1 && r->in == -1))
			return 0;
		if (ppoll(p, 3, NULL, &before->mask) == -1 && errno != EINTR) {
			return work_fail(
			    r->w, errno, "ppoll: %s", strerror(errno));
		}
	}
}

static int
result(struct run *r)
{
	static const char *const keys[] = {"stdout", "stderr"};
	struct heap *h = r->w->heap;
	char *what;
	val m = map_empty(h), s;
	int i, rc;

	m = map_assoc(h, m, keyword_from("exit"),
	    WIFEXITED(r->status) ? val_fix(WEXITSTATUS(r->status)) : VAL_NIL);
	m = map_assoc(h, m, keyword_from("signal"),
	    WIFSIGNALED(r->status) ? val_fix(WTERMSIG(r->status)) : VAL_NIL);
	for (i = 0; i < 2; i++) {
		what = xasprintf("%s of %s", keys[i], r->program);
		rc = work_string(r->w,
		    r->text[i].len == 0 ? "" : r->text[i].data, r->text[i].len,
		    what, &s);
		free(what);
		if (rc == -1) {
			val_release(h, m);
			return -1;
		}
		m = map_assoc(h, m, keyword_from(keys[i]), s);
	}
	return work_done(r->w, m);
}

int
builtin_process_exec(struct work *w)
{
	struct run r = {
	    .w = w, .folder = -1, .in = -1, .out = {-1, -1}
        };
	struct signals before;
	int rc = -1;

	take_signals(&before);
	if (read_argv(&r) == 0 && read_options(&r) == 0 &&
	    find_program(&r) == 0 && start(&r) == 0)
		rc = serve(&r, &before);
	if (rc == -1 && r.pid != 0)
		kill(r.pid, SIGKILL);
	shut(&r.folder);
	shut(&r.in);
	shut(&r.out[0]);
	shut(&r.out[1]);
	if (r.pid != 0 && reap(&r, 0) == -1 && rc == 0)
		rc = work_fail(w, errno, "waitpid: %s", strerror(errno));
	if (rc == 0)
		rc = result(&r);
	restore_signals(&before);
	words_free(&r.argv);
	words_free(&r.env);
	free(r.program);
	free(r.cwd);
	buf_free(&r.text[0]);
	buf_free(&r.text[1]);
	return rc;
}
