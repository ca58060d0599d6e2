/*
 * A task that is a program: a guard makes its process with the program in it
 * at once.  Between the two the child borrows its guard's memory (as vfork()
 * has it, on a stack of its own) instead of getting a copy: half of what a
 * process costs is saved, and the guard knows how it went.  It makes system
 * calls there and nothing else.
 */
#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef WITH_SANITIZERS
#include <sanitizer/asan_interface.h>
#endif

#include "proto/codec.h"
#include "sandbox/resolve.h"
#include "workers/grants.h"
#include "workers/process.h"
#include "workers/taskexec.h"

/* Only one child at a time is on it; its pages are touched once. */
#define STACK ((size_t)64 * 1024)

/* Room for texts, each with its end. */
struct texts {
	char *at;
	char *end;
};

/* A text takes a byte of its own in the frame, at least. */
static struct texts
room_for(struct exec_text *text, size_t frame)
{
	text->size = frame + 1;
	text->bytes = xmalloc(text->size);
	return (struct texts){text->bytes, text->bytes + text->size};
}

static void
text_clear(struct exec_text *text)
{
	if (text->bytes != NULL)
		explicit_bzero(text->bytes, text->size);
	free(text->bytes);
	text->bytes = NULL;
}

static int
read_text(struct unpack *u, struct texts *t, char **out, struct error *e)
{
	const char *text;
	size_t len;

	if (unpack_str(u, &text, &len, e) == -1)
		return -1;
	if (text == NULL) {
		*out = NULL;
		return 0;
	}
	if (memchr(text, '\0', len) != NULL || len >= (size_t)(t->end - t->at))
		return error_set(e, EK_PROTO, "a text holds U+0000");
	*out = t->at;
	memcpy(t->at, text, len);
	t->at[len] = '\0';
	t->at += len + 1;
	return 0;
}

/* An array of texts; NULL at the end of *out, which is the caller's. */
static int
read_words(struct unpack *u, struct texts *t, char ***out, struct error *e)
{
	size_t n;
	size_t i;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	*out = xcalloc(n + 1, sizeof(**out));
	for (i = 0; i < n; i++) {
		if (read_text(u, t, &(*out)[i], e) == -1)
			return -1;
		if ((*out)[i] == NULL)
			return error_set(e, EK_PROTO, "word %zu", i);
	}
	return 0;
}

static int
read_program(
    struct exec_request *r, struct unpack *u, size_t frame, struct error *e)
{
	struct texts t = room_for(&r->own, frame);

	if (read_text(u, &t, &r->program, e) == -1 ||
	    read_words(u, &t, &r->argv, e) == -1)
		return -1;
	return r->program != NULL ? 0 : error_set(e, EK_PROTO, "no program");
}

static int
read_surroundings(struct exec_request *r, struct unpack *u, struct error *e)
{
	struct texts t = room_for(&r->around, (size_t)(u->end - u->at));
	uint64_t channel = STDOUT_FILENO;
	uint64_t keep = 0;

	r->place = NULL;
	if (read_words(u, &t, &r->env, e) == -1 ||
	    read_text(u, &t, &r->directory, e) == -1 ||
	    (u->at < u->end && unpack_uint(u, &channel, e) == -1) ||
	    (u->at < u->end && read_text(u, &t, &r->place, e) == -1) ||
	    (u->at < u->end && unpack_uint(u, &keep, e) == -1))
		return -1;
	r->framed = channel == FRAMED_FD;
	r->kept = keep != 0;
	return 0;
}

int
exec_request_read(
    struct exec_request *r, const struct frame *f, struct error *e)
{
	struct unpack u;
	uint64_t task;
	uint64_t plan;

	exec_request_forget(r);
	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 6, e) == -1 || unpack_uint(&u, &task, e) == -1 ||
	    unpack_uint(&u, &plan, e) == -1 ||
	    read_program(r, &u, f->len, e) == -1 ||
	    read_surroundings(r, &u, e) == -1)
		return -1;
	r->plan = task_plan_find(plan);
	return r->plan != NULL ? 0 : error_set(e, EK_PROTO, "no such plan");
}

int
exec_request_again(
    struct exec_request *r, const struct frame *f, struct error *e)
{
	struct unpack u;
	uint64_t task;

	unpack_init(&u, f->payload, f->len);
	if (!r->kept)
		return error_set(e, EK_PROTO, "AGAIN after nothing");
	if (unpack_fields(&u, 3, e) == -1 || unpack_uint(&u, &task, e) == -1)
		return -1;
	return read_program(r, &u, f->len, e);
}

void
exec_request_done(struct exec_request *r)
{
	text_clear(&r->own);
	free(r->argv);
	r->argv = NULL;
	if (!r->kept)
		exec_request_forget(r);
}

void
exec_request_forget(struct exec_request *r)
{
	text_clear(&r->around);
	free(r->env);
	r->env = NULL;
	task_plan_drop(r->plan);
	r->plan = NULL;
	r->kept = false;
}

static void ATTR_NORETURN
failed(struct exec_request *r, enum exec_stage stage)
{
	r->failure.os_errno = (uint32_t)errno;
	r->failure.stage = (uint32_t)stage;
	_exit(125);
}

static void
arrange_death(pid_t guard)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != guard) /* it has died before that */
		_exit(126);
}

/* Channels to their places; the guard keeps those numbers in use, so what it
 * has received lies above them. */
static int
arrange_fds(const struct exec_request *r)
{
	if (dup2(r->input, STDIN_FILENO) == -1 ||
	    dup2(r->framed ? r->stray : r->result, STDOUT_FILENO) == -1 ||
	    dup2(r->stray, STDERR_FILENO) == -1 ||
	    (r->framed && dup2(r->result, FRAMED_FD) == -1))
		return -1;
	closefrom(r->framed ? FRAMED_FD + 1 : STDERR_FILENO + 1);
	return 0;
}

/* In the guard's memory. */
static int
become_program(void *arg)
{
	struct exec_request *r = arg;
	sigset_t none;

	arrange_death(r->guard);
	(void)setpgid(0, 0);
	if (arrange_fds(r) == -1)
		failed(r, STAGE_FILES);
	if (r->lock != NULL) {
		struct sandbox_entry own = *r->lock;

		sandbox_lock(&own);
	}
	if (task_plan_become(r->plan) == -1)
		failed(r, STAGE_IDENTITY);
	if (r->directory != NULL &&
	    sandbox_enter_start(r->directory, r->place) == -1)
		failed(r, STAGE_DIRECTORY);
	umask(r->plan->umask);
	if (task_plan_bind(r->plan) == -1)
		failed(r, STAGE_LIMITS);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(r->program, r->argv, r->env);
	failed(r, STAGE_EXECUTE);
}

pid_t
exec_request_start(struct exec_request *r)
{
	static char stack[STACK] __attribute__((aligned(64)));

	r->guard = getpid();
	r->failure.os_errno = 0;
#ifdef WITH_SANITIZERS
	/* Who executes a program never returns from what is on it. */
	ASAN_UNPOISON_MEMORY_REGION(stack, sizeof(stack));
#endif
	return clone(become_program, stack + sizeof(stack),
	    CLONE_VM | CLONE_VFORK | SIGCHLD, r);
}
