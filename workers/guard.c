/* The guard of a slot: pid 1 of the slot's namespace, or a child subreaper
 * where there is none.  Forks one task process a run, kills on request and
 * everything that a run leaves behind, and reports how it ended.  Keeps no
 * data of a task. */

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <alloca.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "sandbox/enter.h"
#include "sandbox/plan.h"
#include "workers/grants.h"
#include "workers/inbox.h"
#include "workers/process.h"
#include "workers/serve.h"
#include "workers/taskexec.h"

static_assert((int)SLOT_PIDNS == SANDBOX_PIDNS &&
        (int)SLOT_IPCNS == SANDBOX_IPCNS &&
        (int)SLOT_NO_NEW_PRIVS == SANDBOX_NO_NEW_PRIVS &&
        (int)SLOT_USERNS == SANDBOX_USERNS,
    "the bits of the protocol are those of the plan");

/* What the guard keeps open, so that descriptors that it receives lie above
 * those that a task process gives to its channels. */
enum {
	GUARD_CHILDREN_FD = CONTROL_FD + 1,
	GUARD_SCRATCH_FD,
	GUARD_LAST_FD = PAGE_FD,
	GUARD_OOM_FD,    /* our /proc/self/oom_score_adj */
	GUARD_CHILD_FD,  /* readable when a child has ended */
	GUARD_REPORT_FD, /* until it is ready */
};

static_assert((int)GUARD_SCRATCH_FD == GUARD_LAST_FD, "none is free");

/* What is for one task and ends sooner is told of once, not twice: its start
 * and its end in one message.  Unless RUN says how long that is. */
#define TELL_AFTER NS_PER_MS

/* Most messages are shorter, and are received on the stack. */
#define NEAR 512

/* Why something went wrong, which nobody is told.  Not on the stack: of that
 * one page is in use between two runs (guard_main). */
static struct error unsaid;

/* The message of a run that was sent ahead: it begins when the one that is
 * alive has ended. */
struct later {
	uint64_t run;
	struct buf message; /* empty: none */
	struct inbox in;
};

struct guard {
	struct sandbox_entry *entry;
	struct tree tree;
	pid_t self;
	char oom_self[16]; /* our score; empty: unknown */
	bool alive;        /* a run is */
	uint64_t run;
	struct exec_request exec; /* a run of a program that is to come */
	bool wanted;              /* it is */
	bool secret;              /* what came with it may hold some */
	struct later later;
	/* Of the run's start, which is still to be told: */
	bool untold;
	int64_t tell_after; /* ns */
	sigset_t child;     /* SIGCHLD */
	int64_t started;
	pid_t pid; /* in the namespace of /proc */
	struct exec_failure failure;
	struct buf near; /* a short message */
	struct buf in;   /* any other */
	struct buf out;
};

/* Everything is killed with the guard or by it; nothing is reported. */
static void ATTR_NORETURN
guard_end(struct guard *g, int status)
{
	if (!g->tree.namespaced)
		tree_clear(&g->tree);
	_exit(status);
}

static void
send_or_end(struct guard *g)
{
	if (frame_send(CONTROL_FD, &g->out, NULL, 0, &unsaid) == -1)
		guard_end(g, 1);
	buf_clear(&g->out);
}

/* The only child's id in the namespace of /proc, which is the supervisor's;
 * fork() told the one in ours.  0: unknown. */
static pid_t
outer_pid(void)
{
	char text[64];
	ssize_t n = pread(GUARD_CHILDREN_FD, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return (pid_t)strtol(text, NULL, 10);
}

static void
add_started(struct guard *g)
{
	size_t mark = frame_begin(&g->out, MSG_STARTED);

	pack_array(&g->out, 5);
	pack_uint(&g->out, g->run);
	pack_int(&g->out, g->pid);
	pack_uint(&g->out, g->failure.os_errno);
	pack_uint(&g->out, g->failure.stage);
	pack_int(&g->out, (clock_mono() - g->started) / 1000);
	frame_end(&g->out, mark);
	g->untold = false;
}

static void
tell_started(struct guard *g)
{
	add_started(g);
	send_or_end(g);
}

static void
later_clear(struct guard *g)
{
	struct buf *message = &g->later.message;

	if (message->len > 0)
		explicit_bzero(message->data, message->len);
	buf_clear(message);
}

/* It will not begin. */
static void
later_drop(struct guard *g)
{
	size_t mark = frame_begin(&g->out, MSG_STARTED);

	pack_array(&g->out, 3);
	pack_uint(&g->out, g->later.run);
	pack_int(&g->out, 0);
	pack_uint(&g->out, ECANCELED);
	frame_end(&g->out, mark);
	g->later.in.taken = 0;
	(void)inbox_close(&g->later.in);
	later_clear(g);
	send_or_end(g);
}

static uint64_t
usec(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

/* The main process has ended: clear up, then say how it was. */
static void
finish_run(struct guard *g)
{
	struct tree *t = &g->tree;
	bool spent;
	size_t mark;

	tree_clear(t);
	spent = g->entry->profile->once || !sandbox_scratch_clean(g->entry);
	g->alive = false;
	if (g->untold)
		add_started(g);
	mark = frame_begin(&g->out, MSG_ENDED);
	pack_array(&g->out, 11);
	pack_uint(&g->out, g->run);
	if (WIFEXITED(t->status)) {
		pack_int(&g->out, CLD_EXITED);
		pack_int(&g->out, WEXITSTATUS(t->status));
	} else {
		pack_int(
		    &g->out, WCOREDUMP(t->status) ? CLD_DUMPED : CLD_KILLED);
		pack_int(&g->out, WTERMSIG(t->status));
	}
	pack_uint(&g->out, usec(&t->usage.ru_utime));
	pack_uint(&g->out, usec(&t->usage.ru_stime));
	pack_uint(&g->out, (uint64_t)t->usage.ru_maxrss);
	pack_uint(&g->out, t->user_us);
	pack_uint(&g->out, t->system_us);
	pack_uint(&g->out, t->swept);
	pack_uint(&g->out, t->cpu_ticks);
	pack_uint(&g->out, spent);
	frame_end(&g->out, mark);
	send_or_end(g);
	if (spent)
		guard_end(g, 0);
}

/* When memory runs out a task is to go and not its guard, who tells of it. */
static void
oom_init(struct guard *g)
{
	ssize_t n = read(GUARD_OOM_FD, g->oom_self, sizeof(g->oom_self) - 1);

	g->oom_self[n > 0 ? n : 0] = '\0';
}

/* false: then guard and task are as likely to go. */
static bool
oom_say(const char *score)
{
	return pwrite(GUARD_OOM_FD, score, strlen(score), 0) != -1;
}

/* A guard has one thread, so nothing of the C library need be put right in the
 * child; fork() does, and writes to pages that nobody else does. */
static pid_t
make_copy(void)
{
#ifdef HAVE__FORK
	if (!image.atfork)
		return _Fork();
#endif
	return fork();
}

static pid_t
make_process(struct guard *g, const struct task_start *serving)
{
	bool said = g->oom_self[0] != '\0' && oom_say("1000");
	pid_t pid;
	int saved;

	g->started = clock_mono();
	pid = serving != NULL ? make_copy() : exec_request_start(&g->exec);
	if (pid == 0)
		task_main(serving);
	saved = errno;
	if (said)
		(void)oom_say(g->oom_self);
	errno = saved;
	return pid;
}

/* The run's process is there; or it is not, and there is no run. */
static void
begin_run(struct guard *g, pid_t pid)
{
	memset(&g->failure, 0, sizeof(g->failure));
	g->pid = 0;
	g->untold = true;
	if (pid == -1) {
		g->failure.os_errno = (uint32_t)errno;
		tell_started(g);
		return;
	}
	g->alive = true;
	tree_begin(&g->tree, pid);
	g->pid = g->tree.namespaced ? outer_pid() : pid;
}

/* A program comes with EXEC, in the same message. */
static int
expect_program(struct guard *g, struct inbox *in, struct error *e)
{
	g->exec.result = inbox_take(in);
	g->exec.stray = inbox_take(in);
	g->wanted = true;
	return g->exec.stray != -1 ? 0 : error_set(e, EK_PROTO, "no channels");
}

static int
handle_run(
    struct guard *g, const struct frame *f, struct inbox *in, struct error *e)
{
	struct task_start start = {
	    .fd = {-1, -1, -1, -1}
        };
	struct unpack u;
	uint64_t mode;
	uint64_t quiet = TELL_AFTER / 1000;
	int first;
	int last;
	int i;

	unpack_init(&u, f->payload, f->len);
	if (g->alive || g->wanted || unpack_fields(&u, 3, e) == -1 ||
	    unpack_uint(&u, &g->run, e) == -1 ||
	    unpack_uint(&u, &mode, e) == -1 || mode > RUN_TASK ||
	    unpack_str(&u, &start.title, &start.title_len, e) == -1 ||
	    (u.at < u.end && unpack_uint(&u, &quiet, e) == -1))
		return -1;
	g->tell_after = quiet < 1000000 ? (int64_t)quiet * 1000 : NS_PER_SEC;
	if (mode == RUN_EXEC)
		return expect_program(g, in, e);
	start.once = mode != RUN_SERVE;
	start.rest = mode == RUN_TASK ? in : NULL;
	start.guard = g->self;
	start.bound = (g->entry->kept & SANDBOX_PIDNS) != 0;
	start.in = &g->in;
	start.lock = start.bound ? NULL : g->entry;
	first = mode == RUN_TASK ? 1 : 0;
	last = mode == RUN_SERVE ? TASK_NFDS - 1 : TASK_NFDS - 2;
	for (i = first; i <= last; i++)
		start.fd[i] = inbox_take(in);
	if (start.fd[last] == -1)
		return error_set(e, EK_PROTO, "no channels");
	begin_run(g, make_process(g, &start));
	if (g->alive && mode == RUN_SERVE)
		tell_started(g);
	closefrom(GUARD_REPORT_FD); /* what came with it */
	if (mode == RUN_TASK) {
		g->secret = true;
		in->taken = in->n;
		inbox_drop_rest(in);
	}
	return 0;
}

/*
 * Until it executes its program the child keeps us waiting, which may take
 * long where files are slow.  Nobody would sweep then when the supervisor
 * dies; but there is nothing yet besides us and that child, which goes with
 * us.
 */
static int
handle_exec(
    struct guard *g, const struct frame *f, struct inbox *in, struct error *e)
{
	bool swept = (g->entry->kept & SANDBOX_PIDNS) == 0;
	int rc;

	g->exec.input = inbox_take(in);
	if (!g->wanted || g->exec.input == -1)
		return -1;
	rc = f->msg == MSG_AGAIN ? exec_request_again(&g->exec, f, e) :
	                           exec_request_read(&g->exec, f, e);
	if (rc == -1)
		return -1;
	g->wanted = false;
	g->exec.lock = swept ? g->entry : NULL;
	if (swept)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	begin_run(g, make_process(g, NULL));
	if (g->alive)
		g->failure = g->exec.failure;
	if (swept)
		prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	close(g->exec.input);
	close(g->exec.result);
	close(g->exec.stray);
	exec_request_done(&g->exec);
	return 0;
}

static int
handle_kill(struct guard *g, const struct frame *f, struct error *e)
{
	struct unpack u;
	uint64_t run;
	uint64_t signo;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 2, e) == -1 || unpack_uint(&u, &run, e) == -1 ||
	    unpack_uint(&u, &signo, e) == -1 || signo > (uint64_t)SIGRTMAX)
		return -1;
	if (g->later.message.len > 0 && run == g->later.run)
		later_drop(g);
	if (!g->alive || run != g->run || signo == 0)
		return 0;
	if (signo == SIGKILL)
		tree_kill(&g->tree);
	else if (signo == SIGSTOP || signo == SIGCONT)
		tree_signal(&g->tree, (int)signo);
	else if (g->tree.main > 0 &&
	    (g->tree.namespaced || kill(-g->tree.main, (int)signo) == -1))
		kill(g->tree.main, (int)signo);
	return 0;
}

static int
handle(const struct frame *f, struct inbox *in, void *arg, struct error *e)
{
	struct guard *g = arg;

	switch (f->msg) {
	case MSG_RUN:
		return handle_run(g, f, in, e);
	case MSG_PLAN:
		g->secret = true;
		exec_request_forget(&g->exec);
		return task_plan_add(f, e);
	case MSG_EXEC:
	case MSG_AGAIN:
		g->secret = true;
		return handle_exec(g, f, in, e);
	case MSG_KILL:
		return handle_kill(g, f, e);
	default:
		return -1;
	}
}

static int
take_message(struct guard *g, const struct buf *message, struct inbox *in)
{
	if (inbox_frames(message, in, handle, g, &unsaid) == -1 ||
	    inbox_close(in) != 0 || g->wanted)
		return -1;
	return 0;
}

/* Is it a run, which is not to begin yet? */
static bool
is_early(const struct guard *g, const struct buf *message, uint64_t *run)
{
	struct frame f;
	struct unpack u;
	size_t used;
	size_t need;

	if (!g->alive ||
	    frame_next(message->data, message->len, FRAME_MAX_MESSAGE, &f,
	        &used, &need, &unsaid) != FRAME_OK ||
	    f.msg != MSG_RUN)
		return false;
	unpack_init(&u, f.payload, f.len);
	return unpack_fields(&u, 3, &unsaid) == 0 &&
	    unpack_uint(&u, run, &unsaid) == 0;
}

static int
later_keep(struct guard *g, const struct buf *message, const struct inbox *in,
    uint64_t run)
{
	if (g->later.message.len > 0)
		return -1;
	g->later.run = run;
	buf_add(&g->later.message, message->data, message->len);
	g->later.in = *in;
	g->secret = true;
	return 0;
}

static int
later_begin(struct guard *g)
{
	int rc = take_message(g, &g->later.message, &g->later.in);

	later_clear(g);
	return rc;
}

/* -1: the supervisor is gone, or it talks nonsense: the same to us. */
static int
control_readable(struct guard *g)
{
	struct inbox in = {.n = FRAME_MAX_FDS};
	struct buf *near = &g->near;
	const struct buf *message;
	uint64_t run;
	int rc;

	if (frame_recv_near(CONTROL_FD, near, &g->in, in.fd, &in.n, &unsaid) <=
	    0)
		return -1;
	message = near->len > 0 ? near : &g->in;
	rc = is_early(g, message, &run) ? later_keep(g, message, &in, run) :
	                                  take_message(g, message, &in);
	if (rc == -1)
		return -1;
	if (g->secret) {
		explicit_bzero(near->data, near->cap);
		explicit_bzero(g->in.data, g->in.len);
	}
	g->secret = false;
	return 0;
}

/* How long until the start of a run is told at the latest; NULL: it is. */
static const struct timespec *
untold_for(const struct guard *g, struct timespec *room)
{
	int64_t left;

	if (!g->untold)
		return NULL;
	left = g->started + g->tell_after - clock_mono();
	room->tv_sec = 0;
	room->tv_nsec = left < 0 ? 0 : left;
	return room;
}

static void
child_ended(struct guard *g, pid_t pid, int code)
{
	if (pid == g->tree.main && code == CLD_EXITED)
		g->tree.main_exited = true;
	tree_reap(&g->tree);
	if (g->alive && g->tree.main_ended)
		finish_run(g);
}

static void
child_readable(struct guard *g)
{
	struct signalfd_siginfo si ATTR_SCRATCH;

	if (read(GUARD_CHILD_FD, &si, sizeof(si)) == (ssize_t)sizeof(si))
		child_ended(g, (pid_t)si.ssi_pid, si.ssi_code);
	else
		child_ended(g, 0, 0);
}

/* Most have ended a moment after their start, in which nobody else is listened
 * to: that costs one call, not two.  false: the moment is over. */
static bool
child_at_once(struct guard *g)
{
	int64_t left = g->started + TELL_AFTER - clock_mono();
	struct timespec room = {.tv_nsec = left};
	siginfo_t si ATTR_SCRATCH;

	if (left <= 0 || left > TELL_AFTER ||
	    sigtimedwait(&g->child, &si, &room) == -1)
		return false;
	child_ended(g, si.si_pid, si.si_code);
	return true;
}

/* A run goes on: its processes' ends, and what the supervisor has to say. */
static void
watch_run(struct guard *g)
{
	struct pollfd p[] = {
	    {.fd = CONTROL_FD,     .events = POLLIN},
	    {.fd = GUARD_CHILD_FD, .events = POLLIN}
        };
	struct timespec room;
	int n = ppoll(p, NITEMS(p), untold_for(g, &room), NULL);

	if (n == -1 && errno != EINTR)
		guard_end(g, 1);
	if (n > 0 && p[1].revents != 0)
		child_readable(g);
	if (n == 0 && g->untold)
		tell_started(g);
	/* What was sent ahead comes before what was sent since. */
	if (n > 0 && p[0].revents != 0 && g->alive && control_readable(g) == -1)
		guard_end(g, 0);
}

static int
next_message(struct guard *g)
{
	return g->later.message.len > 0 ? later_begin(g) : control_readable(g);
}

/* Between two runs there is no process that could end. */
static void ATTR_NORETURN
guard_loop(struct guard *g)
{
	for (;;) {
		if (!g->alive && next_message(g) == -1)
			guard_end(g, 0);
		if (g->alive && !(g->untold && child_at_once(g)) && g->alive)
			watch_run(g);
	}
}

static void ATTR_NOINLINE
say(int report, const struct sandbox_entry *x, int os_errno)
{
	struct guard_report r;

	memset(&r, 0, sizeof(r));
	r.kept = os_errno == 0 ? x->kept : 0;
	r.os_errno = (uint32_t)os_errno;
	r.userns = (x->kept & SANDBOX_USERNS) != 0;
	memcpy(r.refused, x->refused, sizeof(r.refused));
	memcpy(r.why, x->why, sizeof(r.why));
	if (write(report, &r, sizeof(r)) != (ssize_t)sizeof(r))
		_exit(1);
}

/* Open files to their places, every number up to GUARD_LAST_FD in use, the
 * rest closed.  -1: there is nothing of the kind, an empty file instead. */
static int
arrange_fds(
    int control, int children, int scratch, int oom, int child, int report)
{
	static const int place[] = {CONTROL_FD, GUARD_CHILDREN_FD,
	    GUARD_SCRATCH_FD, GUARD_OOM_FD, GUARD_CHILD_FD, GUARD_REPORT_FD};
	int fd[] = {control, children, scratch, oom, child, report};
	size_t i;

	for (i = 0; i < NITEMS(fd); i++) {
		if (fd[i] == -1)
			fd[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		fd[i] = fcntl(fd[i], F_DUPFD_CLOEXEC, GUARD_REPORT_FD + 1);
		if (fd[i] == -1)
			return -1;
	}
	for (i = 0; i < NITEMS(fd); i++) {
		if (dup3(fd[i], place[i], O_CLOEXEC) == -1)
			return -1;
	}
	closefrom(GUARD_REPORT_FD + 1);
	return 0;
}

/* Without a pid namespace the guard itself stays as it is, so that it can
 * kill what a task leaves: a child of it finds out what its tasks enter. */
static void ATTR_NOINLINE
try_lock(struct sandbox_entry *x)
{
	struct sandbox_entry seen;
	int pipefd[2];
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC) == -1)
		return;
	pid = fork();
	if (pid == 0) {
		sandbox_lock(x);
		_exit(write(pipefd[1], x, sizeof(*x)) == (ssize_t)sizeof(*x) ?
		        0 :
		        1);
	}
	close(pipefd[1]);
	if (pid > 0 &&
	    read(pipefd[0], &seen, sizeof(seen)) == (ssize_t)sizeof(seen)) {
		x->kept = seen.kept & ~(uint32_t)SANDBOX_LISTENER;
		memcpy(x->refused, seen.refused, sizeof(x->refused));
	}
	close(pipefd[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

static void
send_listener(struct guard *g)
{
	size_t mark;

	if (g->entry->listener == -1)
		return;
	mark = frame_begin(&g->out, MSG_LISTENER);
	pack_array(&g->out, 0);
	frame_end(&g->out, mark);
	if (frame_send(CONTROL_FD, &g->out, &g->entry->listener, 1, &unsaid) ==
	    -1)
		_exit(1);
	buf_clear(&g->out);
	close(g->entry->listener);
	g->entry->listener = -1;
}

static void ATTR_NORETURN
give_up(int report, const struct sandbox_entry *x)
{
	/* as fcntl() and dup2() have it: the number is above the limit */
	bool above = errno == EINVAL || errno == EBADF;

	say(report, x, above && x->why[0] == '\0' ? EMFILE : errno);
	_exit(1);
}

/* A descriptor that tells of their ends; -1 with errno. */
static int
watch_children(sigset_t *child)
{
	sigemptyset(child);
	sigaddset(child, SIGCHLD);
	sigprocmask(SIG_SETMASK, child, NULL);
	return signalfd(-1, child, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void ATTR_NOINLINE ATTR_NORETURN
guard_begin(uint64_t slot, int control, int report, struct sandbox_entry *x)
{
	/* All that it ever says at once, where a page is its own after each
	 * fork in any case. */
	char room[256];
	char near[NEAR];
	struct guard g = {
	    .entry = x,
	    .out = {.data = room,         .cap = sizeof(room)        },
	    .near = {.data = near,         .cap = sizeof(near)        },
	    .in = {.data = process_room, .cap = sizeof(process_room)}
        };
	/* before its rights go, and its view of files */
	int children = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	int oom = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	int child = watch_children(&g.child);

	g.self = getpid();
	g.tree.children = GUARD_CHILDREN_FD;
	g.tree.namespaced = (x->kept & SANDBOX_PIDNS) != 0;
	if (child == -1 || sandbox_enter(x) == -1 ||
	    arrange_fds(control, children, x->scratch, oom, child, report) ==
	        -1)
		give_up(report, x);
	if (x->scratch != -1)
		x->scratch = GUARD_SCRATCH_FD;
	oom_init(&g);
	/* Who cannot see what a task leaves behind cannot kill it. */
	if (!g.tree.namespaced && access("/proc/self/stat", R_OK) == -1)
		give_up(GUARD_REPORT_FD, x);
	/* A uid of its own is a namespace of its own to kill(-1). */
	if (!g.tree.namespaced && (x->kept & SANDBOX_OWN_UID) != 0)
		g.tree.namespaced = true;
	/* Its tasks' session, too, where none of them is the leader, who could
	 * get a terminal by opening one; a session each would cost much. */
	(void)setsid();
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* After the last change of ids, which would clear it.  Without a
	 * namespace the guard must outlive its supervisor for the sweep that
	 * end of file on the control socket starts. */
	if ((x->kept & SANDBOX_PIDNS) != 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	else if ((x->profile->wishes & SANDBOX_LEAVE) == 0)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	setproctitle("-rtfs: slot %llu", (unsigned long long)slot);
	if ((x->kept & SANDBOX_PIDNS) != 0) {
		sandbox_lock(x);
		send_listener(&g);
	} else if (sandbox_locks(x)) {
		try_lock(x);
	}
	say(GUARD_REPORT_FD, x, 0);
	close(GUARD_REPORT_FD);
	serve_prepare();
	guard_loop(&g);
}

/* All that it changes of its stack for a run lies in one page: each such is
 * copied after each fork. */
void
guard_main(uint64_t slot, int control, int report, struct sandbox_entry *x)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	volatile char *above =
	    alloca((uintptr_t)__builtin_frame_address(0) % page + 1);

	*above = 0;
	guard_begin(slot, control, report, x);
}
