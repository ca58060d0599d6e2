/* A task process that serves: born of a guard, parked until its first message
 * comes, then one task after the other. */

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/patience.h"
#include "proto/codec.h"
#include "workers/grants.h"
#include "workers/inbox.h"
#include "workers/process.h"
#include "workers/serve.h"
#include "workers/texts.h"

#define STACK_TOUCH 16384

/* The supervisor broke the protocol: a bug, ours or its. */
static void ATTR_NORETURN
die(const struct error *e)
{
	struct buf line = BUF_INIT;

	buf_addf(&line, "rtfs: task process: %s\n", e->msg);
	_exit(write(STRAY_FD, line.data, line.len) == -1 ? 126 : 125);
}

static int
handle(const struct frame *f, struct inbox *in, void *arg, struct error *e)
{
	bool *had_task = arg;

	if (f->msg == MSG_PLAN)
		return task_plan_add(f, e);
	*had_task |= f->msg == MSG_TASK || f->msg == MSG_TASKS;
	if (f->msg == MSG_TASK)
		return serve_task(f, e);
	if (f->msg == MSG_TASKS)
		return serve_tasks(f, e);
	if (f->msg == MSG_LOAD)
		return serve_load(f, e);
	if (f->msg == MSG_CLOSURE)
		return serve_closure(f, e);
	if (f->msg == MSG_TEXTS)
		return texts_open(f, in, e);
	return error_set(
	    e, EK_PROTO, "%s does not belong here", proto_msg_name(f->msg));
}

/* A descriptor that belongs to what is in hand has the place of the request
 * socket. */
static void
keep_fd(struct inbox *in)
{
	int fd = inbox_take(in);

	if (fd == -1)
		close(REQUEST_FD);
	else if (in->taken < in->n || dup3(fd, REQUEST_FD, O_CLOEXEC) == -1)
		_exit(126);
	else
		in->fd[--in->taken] = REQUEST_FD;
}

/* Channels to their places, everything else closed.  Their numbers lie above
 * those places (guard.c keeps those in use). */
static void
arrange_fds(const struct task_start *start)
{
	static const int place[TASK_NFDS] = {
	    REQUEST_FD, RESULT_FD, STRAY_FD, PAGE_FD};
	int fd[TASK_NFDS];
	size_t i;

	for (i = 0; i < TASK_NFDS; i++) {
		fd[i] = start->fd[i];
		if (fd[i] != -1 && fd[i] <= PAGE_FD) {
			fd[i] = fcntl(fd[i], F_DUPFD, PAGE_FD + 1);
			if (fd[i] == -1)
				_exit(126);
		}
	}
	for (i = 0; i < TASK_NFDS; i++) {
		if (fd[i] != -1 && dup2(fd[i], place[i]) == -1)
			_exit(126);
	}
	if (start->rest != NULL)
		keep_fd(start->rest);
	closefrom((int)(start->once ? PAGE_FD : PAGE_FD + 1));
}

static void
arrange_signals(const struct task_start *start)
{
	static const sigset_t none;

	pthread_sigmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* the guard is not, for tasks */
	if (start->bound)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != start->guard) /* it has died before that */
		_exit(126);
}

static struct proto_page *
map_page(void)
{
	struct proto_page *page;

	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    PAGE_FD, 0);
	close(PAGE_FD);
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

/* Look for a message without sleeping; -1 with EAGAIN: none has come. */
static int
receive_awake(
    struct buf *message, struct inbox *in, struct patience *p, struct error *e)
{
	int64_t start = clock_mono(), took = 0;
	int rc = -1;

	while (took < p->most) {
		in->n = NITEMS(in->fd);
		rc = frame_recv_now(REQUEST_FD, message, in->fd, &in->n, e);
		if (rc != -1 || e->os_errno != EAGAIN)
			break;
		sched_yield();
		took = clock_mono() - start;
	}
	patience_was(p, took);
	return rc;
}

/* Wait for a message; whoever stays rests when none comes for a while. */
static int
receive(struct buf *message, struct inbox *in, bool stays, struct error *e)
{
	struct pollfd next = {.fd = REQUEST_FD, .events = POLLIN};
	int rc;

	for (;;) {
		in->n = NITEMS(in->fd);
		rc = frame_recv(REQUEST_FD, message, in->fd, &in->n, e);
		if (rc != -1 || e->os_errno != EAGAIN)
			return rc;
		if (stays)
			serve_rest();
		(void)poll(&next, 1, -1);
	}
}

/* The same, awake at first where that has been of use. */
static int
receive_soon(struct buf *message, struct inbox *in, struct patience *p,
    bool stays, struct error *e)
{
	int rc;

	if (patience_pays(p)) {
		rc = receive_awake(message, in, p, e);
		if (rc != -1 || e->os_errno != EAGAIN)
			return rc;
	}
	return receive(message, in, stays, e);
}

/* What came with the process is all that it gets. */
static void ATTR_NORETURN
serve_in_hand(struct inbox *in)
{
	struct error e;
	bool had_task = false;

	if (inbox_rest(in, handle, &had_task, &e) == -1)
		die(&e);
	if (!had_task) {
		error_set(&e, EK_PROTO, "a process without a task");
		die(&e);
	}
	serve_message_done();
	_exit(0);
}

void
task_main(const struct task_start *start)
{
	struct buf *message = start->in;
	struct proto_page *page;
	struct inbox in;
	struct error e;
	bool had_task = false;
	struct patience patience = {0};
	int rc;

	arrange_signals(start);
	(void)setpgid(0, 0);
	arrange_fds(start);
	if (start->lock != NULL)
		sandbox_lock(start->lock);
	page = start->once ? NULL : map_page();
	if (page != NULL)
		patience.most = (int64_t)page->spin;
	serve_init(page);
	if (start->rest != NULL)
		serve_in_hand(start->rest);
	/* What is for one task only waits for it under its slot's title. */
	if (!start->once) {
		setproctitle("-rtfs: task %.*s", (int)start->title_len,
		    start->title_len > 0 ? start->title : "");
		touch_stack();
	}
	for (;;) {
		in.taken = 0;
		rc = receive_soon(message, &in, &patience, !start->once, &e);
		if (rc == 0)
			_exit(0);
		if (rc == -1 ||
		    inbox_frames(message, &in, handle, &had_task, &e) == -1)
			die(&e);
		(void)inbox_close(&in);
		serve_message_done();
		if (start->once ? had_task : serve_worn())
			_exit(0);
		if (!start->once)
			task_plan_relax();
	}
}
