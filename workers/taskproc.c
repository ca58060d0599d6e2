/* A task process: born of a guard, parked until its first message comes, then
 * either a server of many tasks or one program. */

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "proto/codec.h"
#include "workers/grants.h"
#include "workers/process.h"
#include "workers/serve.h"

#define STACK_TOUCH 16384

static enum run_mode mode;

/* Descriptors of one message, handed out in order. */
struct inbox {
	int fd[FRAME_MAX_FDS];
	size_t n;
	size_t taken;
};

/* The supervisor broke the protocol: a bug, ours or its. */
static void ATTR_NORETURN
die(const struct error *e)
{
	struct buf line = BUF_INIT;

	if (mode == RUN_EXEC)
		task_exec_failed(STAGE_REQUEST, EPROTO);
	buf_addf(&line, "rtfs: task process: %s\n", e->msg);
	_exit(write(STRAY_FD, line.data, line.len) == -1 ? 126 : 125);
}

/* An array of NUL-free strings, NULL at the end; never freed: execve or exit
 * is next. */
static int
read_words(struct unpack *u, char ***out, struct error *e)
{
	const char *text;
	size_t len;
	size_t n;
	size_t i;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	*out = xcalloc(n + 1, sizeof(**out));
	for (i = 0; i < n; i++) {
		if (unpack_str(u, &text, &len, e) == -1)
			return -1;
		if (text == NULL || memchr(text, '\0', len) != NULL)
			return error_set(e, EK_PROTO, "word %zu", i);
		(*out)[i] = xstrndup(text, len);
	}
	return 0;
}

static int
handle_exec(const struct frame *f, struct inbox *in, struct error *e)
{
	struct exec_request r;
	struct unpack u;
	const char *text;
	uint64_t task;
	uint64_t plan;
	uint64_t channel = STDOUT_FILENO;
	size_t len;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 6, e) == -1 || unpack_uint(&u, &task, e) == -1 ||
	    unpack_uint(&u, &plan, e) == -1 ||
	    unpack_str(&u, &text, &len, e) == -1)
		return -1;
	r.plan = task_plan_find(plan);
	if (text == NULL || r.plan == NULL || in->taken == in->n)
		return error_set(e, EK_PROTO, "program, plan or input");
	r.program = xstrndup(text, len);
	if (read_words(&u, &r.argv, e) == -1 ||
	    read_words(&u, &r.env, e) == -1 ||
	    unpack_str(&u, &text, &len, e) == -1 ||
	    (u.at < u.end && unpack_uint(&u, &channel, e) == -1))
		return -1;
	r.directory = text == NULL ? NULL : xstrndup(text, len);
	r.channel = channel == FRAMED_FD ? FRAMED_FD : STDOUT_FILENO;
	r.input = in->fd[in->taken++];
	task_exec(&r);
}

static int handle(const char *bytes, size_t len, size_t max, bool inner,
    struct inbox *in, struct error *e);

/* Frames in a sealed memfd: nobody can change or cut them while we read. */
static int
handle_large(const struct frame *f, struct inbox *in, struct error *e)
{
	const int seals =
	    F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
	struct unpack u;
	struct stat st;
	uint64_t len;
	void *map;
	int fd;
	int rc;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 1, e) == -1 || unpack_uint(&u, &len, e) == -1)
		return -1;
	if (in->taken == in->n)
		return error_set(e, EK_PROTO, "LARGE without descriptor");
	fd = in->fd[in->taken++];
	if (fstat(fd, &st) == -1 || len == 0 || (uint64_t)st.st_size < len ||
	    (fcntl(fd, F_GET_SEALS) & seals) != seals) {
		close(fd);
		return error_set(e, EK_PROTO, "LARGE: not %llu sealed bytes",
		    (unsigned long long)len);
	}
	map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return error_sys(e, "LARGE");
	rc = handle(map, len, MAX_FRAME, true, in, e);
	munmap(map, len);
	return rc;
}

static int
handle_frame(
    const struct frame *f, bool inner, struct inbox *in, struct error *e)
{
	if (f->msg == MSG_PLAN)
		return task_plan_add(f, e);
	if (f->msg == MSG_LARGE && !inner)
		return handle_large(f, in, e);
	if (mode == RUN_EXEC && f->msg == MSG_EXEC)
		return handle_exec(f, in, e);
	if (mode == RUN_SERVE && f->msg == MSG_TASK)
		return serve_task(f, e);
	if (mode == RUN_SERVE && f->msg == MSG_CLOSURE)
		return serve_closure(f, e);
	return error_set(
	    e, EK_PROTO, "%s does not belong here", proto_msg_name(f->msg));
}

static int
handle(const char *bytes, size_t len, size_t max, bool inner, struct inbox *in,
    struct error *e)
{
	struct frame f;
	size_t used;
	size_t need;
	size_t at;

	for (at = 0; at < len; at += used) {
		switch (frame_next(
		    bytes + at, len - at, max, &f, &used, &need, e)) {
		case FRAME_OK:
			break;
		case FRAME_SHORT:
			return error_set(e, EK_PROTO, "a frame is cut short");
		case FRAME_BAD:
			return -1;
		}
		if (handle_frame(&f, inner, in, e) == -1)
			return -1;
	}
	return 0;
}

/* Channels to their places, everything else closed.  Their numbers lie above
 * those places (guard.c keeps those in use). */
static void
arrange_fds(const struct task_start *start)
{
	static const int place[TASK_NFDS] = {
	    REQUEST_FD, RESULT_FD, STRAY_FD, STATUS_FD};
	int fd[TASK_NFDS];
	size_t i;

	for (i = 0; i < TASK_NFDS; i++) {
		fd[i] = start->fd[i];
		if (fd[i] <= STATUS_FD)
			fd[i] = fcntl(fd[i], F_DUPFD, STATUS_FD + 1);
	}
	for (i = 0; i < TASK_NFDS; i++) {
		if (fd[i] == -1 || dup2(fd[i], place[i]) == -1)
			_exit(126);
	}
	closefrom(STATUS_FD + 1);
	fcntl(STATUS_FD, F_SETFD, FD_CLOEXEC);
}

static void
arrange_signals(pid_t guard)
{
	struct sigaction act = {.sa_handler = SIG_DFL};
	sigset_t none;

	sigaction(SIGCHLD, &act, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* the guard is not, for tasks */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != guard) /* it has died before that */
		_exit(126);
}

static struct proto_page *
map_page(void)
{
	struct proto_page *page;

	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    STATUS_FD, 0);
	close(STATUS_FD);
	return page == MAP_FAILED ? NULL : page;
}

/* Take the faults of a first touch while nobody waits. */
static void __attribute__((noinline)) touch_stack(void)
{
	volatile char room[STACK_TOUCH];
	size_t i;

	for (i = 0; i < sizeof(room); i += 4096)
		room[i] = 0;
}

/* Wait for a message, awake for so long at first. */
static int
receive(struct buf *message, struct inbox *in, int64_t spin, struct error *e)
{
	int64_t end = spin == 0 ? 0 : clock_mono() + spin;
	int rc;

	while (spin > 0 && clock_mono() < end) {
		in->n = NITEMS(in->fd);
		rc = frame_recv_now(REQUEST_FD, message, in->fd, &in->n, e);
		if (rc != -1 || e->os_errno != EAGAIN)
			return rc;
	}
	in->n = NITEMS(in->fd);
	return frame_recv(REQUEST_FD, message, in->fd, &in->n, e);
}

void
task_main(const struct task_start *start)
{
	struct buf *message = start->in;
	struct proto_page *page;
	struct inbox in;
	struct error e;
	int64_t spin = 0;
	bool once = false;
	int rc;

	mode = start->mode;
	arrange_signals(start->guard);
	(void)setsid();
	arrange_fds(start);
	if (start->lock != NULL)
		sandbox_lock(start->lock);
	/* What is for one task only waits for it under its slot's title. */
	if (mode == RUN_SERVE) {
		page = map_page();
		once = page == NULL;
		spin = once ? 0 : (int64_t)page->spin;
		serve_init(page);
	}
	if (mode == RUN_SERVE && !once) {
		setproctitle("-rtfs: task %.*s", (int)start->title_len,
		    start->title_len > 0 ? start->title : "");
		touch_stack();
	}
	for (;;) {
		in.taken = 0;
		rc = receive(message, &in, spin, &e);
		if (rc == 0)
			_exit(0);
		if (rc == -1 ||
		    handle(message->data, message->len, FRAME_MAX_MESSAGE,
		        false, &in, &e) == -1)
			die(&e);
		while (in.taken < in.n)
			close(in.fd[in.taken++]);
		if (mode == RUN_SERVE)
			serve_message_done();
		if (once)
			_exit(0);
		task_plan_relax();
	}
}
