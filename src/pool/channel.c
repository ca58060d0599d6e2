/*
 * The channels of a task process: requests go out by a socket whose reading
 * side is shut, results and stray output come in by pipes, and a process that
 * serves many tasks shares a page.  A process that is made with its task has
 * the two pipes alone.  The worker's ends are passed on and closed here, so
 * end of file means what it says.
 */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/units.h"
#include "pool/internal.h"

/* Fewer wake-ups for large results; the kernel may refuse. */
#define PIPE_SIZE (1024 * 1024)
/* Bytes of one channel taken in one round, so that a flood starves nobody. */
#define ROUND_BYTES (4U * 1024 * 1024)
#define LONG_TRUST  64U
/* Of a command's stderr for the message about its end. */
#define LAST_WORDS 1024U

static void worker_readable(int, uint32_t, void *);
static void worker_stray(int, uint32_t, void *);
static void worker_writable(int, uint32_t, void *);

/* ours, theirs */
static int
make_pipe(int *ours, int *theirs)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return -1;
	*ours = fd[0];
	*theirs = fd[1];
	return fcntl(fd[0], F_SETFL, O_NONBLOCK);
}

static int
make_socket(bool stays, int *ours, int *theirs)
{
	const struct timeval rest = {.tv_usec = WORKER_REST_US};
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		return -1;
	*ours = fd[0];
	*theirs = fd[1];
	if (fcntl(fd[0], F_SETFL, O_NONBLOCK) == -1)
		return -1;
	/* Its filter may not let it do so. */
	if (stays)
		(void)setsockopt(
		    fd[1], SOL_SOCKET, SO_RCVTIMEO, &rest, sizeof(rest));
	return shutdown(fd[0], SHUT_RD); /* it can send nothing here */
}

static int
make_page(struct proto_page **page, int *theirs)
{
	void *p;

	*theirs = memfd_create("page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*theirs == -1 || ftruncate(*theirs, sizeof(**page)) == -1)
		return -1;
	/* a shorter file would be SIGBUS here */
	if (fcntl(*theirs, F_ADD_SEALS,
	        F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == -1) {
		return -1;
	}
	p = mmap(NULL, sizeof(**page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    *theirs, 0);
	if (p == MAP_FAILED)
		return -1;
	*page = p;
	return 0;
}

static int
make_channels(struct worker *w, int theirs[4], size_t *n)
{
	if (make_socket(!w->lane->once, &w->request_fd, &theirs[0]) == -1 ||
	    make_pipe(&w->result_fd, &theirs[1]) == -1 ||
	    make_pipe(&w->stray_fd, &theirs[2]) == -1) {
		return -1;
	}
	*n = 3;
	if (w->lane->once) /* it tells nobody what it is at */
		return 0;
	if (make_page(&w->page, &theirs[3]) == -1)
		return -1;
	*n = 4;
	w->page->spin = (uint64_t)w->pool->config.spin;
	return 0;
}

static int
start_serving(struct worker *w, struct error *e)
{
	int theirs[4] = {-1, -1, -1, -1}, rc;
	size_t n = 0, i;

	rc = make_channels(w, theirs, &n) == -1 ?
	    error_sys(e, "channels of a task process") :
	    slot_send_run(w, lane_quiet(w->lane), NULL, theirs, n, e);
	for (i = 0; i < NITEMS(theirs); i++) {
		if (theirs[i] != -1)
			close(theirs[i]);
	}
	return rc;
}

struct worker *
worker_new(struct lane *l, struct slot *s, bool unmade, struct error *e)
{
	struct pool *p = l->profile->server->pool;
	struct worker *w = xcalloc(1, sizeof(*w));

	w->pool = p;
	w->lane = l;
	w->slot = s;
	w->unmade = unmade;
	w->state = unmade ? WORKER_READY : WORKER_STARTING;
	w->request_fd = w->result_fd = w->stray_fd = -1;
	TAILQ_INIT(&w->sent);
	w->run = ++p->next_run;
	if (!unmade && start_serving(w, e) == -1) {
		worker_close(w);
		worker_free(w);
		return NULL;
	}
	return w;
}

/* Not before STARTED: who it is comes before what it says. */
int
worker_watch(struct worker *w, struct error *e)
{
	struct loop *l = w->pool->loop;

	if (w->result_io == NULL && !w->result_ended) {
		w->result_io = loop_io_add(
		    l, w->result_fd, EPOLLIN, worker_readable, w, e);
		if (w->result_io == NULL)
			return -1;
	}
	if (w->stray_io == NULL && !w->stray_ended) {
		w->stray_io =
		    loop_io_add(l, w->stray_fd, EPOLLIN, worker_stray, w, e);
		if (w->stray_io == NULL)
			return -1;
	}
	return 0;
}

/* A command's standard output is its submitter's.  What is over the limit on
 * it is not passed on. */
static void
command_output(struct worker *w, struct task *t, const char *bytes, size_t n)
{
	uint64_t limit = t->plan->result;
	uint64_t room = limit > w->streamed ? limit - w->streamed : 0;
	char amount[32];

	w->streamed += n;
	w->pool->config.stream(t, STDOUT_FILENO, bytes,
	    n < room ? n : (size_t)room, w->pool->config.arg);
	if (n <= room || w->broken_stream)
		return;
	units_format_bytes(limit, amount);
	worker_condemn(w, t, ERRKEY_RESULT_LIMIT,
	    xasprintf("standard output is over its limit of %s", amount),
	    "result", limit, w->streamed);
	w->broken_stream = true;
}

/* A program's standard output is its result. */
static void
program_output(struct worker *w, const char *bytes, size_t n)
{
	struct task *t = TAILQ_FIRST(&w->sent);
	char amount[32];

	if (t == NULL || w->broken_stream)
		return;
	if (t->plan->command) {
		command_output(w, t, bytes, n);
		return;
	}
	if (w->in.len + n > t->plan->result) {
		units_format_bytes(t->plan->result, amount);
		worker_condemn(w, t, ERRKEY_RESULT_LIMIT,
		    xasprintf("%s is over its limit of %s",
		        t->plan->capability->codec == CODEC_MSGPACK ?
		            "the result on descriptor 3" :
		            "standard output",
		        amount),
		    "result", t->plan->result, w->in.len + n);
		w->broken_stream = true;
		buf_free(&w->in);
		return;
	}
	buf_add(&w->in, bytes, n);
}

/* A pipe that was full once will be so again; and the next task of its kind is
 * not to wait for us. */
static void
widen(struct worker *w)
{
	struct task *t = TAILQ_FIRST(&w->sent);

	if (!w->wide)
		(void)fcntl(w->result_fd, F_SETPIPE_SZ, PIPE_SIZE);
	w->wide = true;
	if (t != NULL)
		t->plan->line->share->floods = true;
}

/* Room for more of a long frame: a buffer that grows step by step is copied
 * several times.  A worker's word for its length is good for LONG_TRUST times
 * what has come; what is not filled is never touched. */
static char *
long_room(const struct worker *w, struct buf *in)
{
	size_t need;

	if (in->cap - in->len >= PIPE_SIZE)
		return in->data + in->len;
	need = answer_need(w, in->data, in->len);
	if (need > in->len * LONG_TRUST)
		need = in->len * LONG_TRUST;
	need = need > in->len ? need - in->len : 0;
	return buf_reserve(in, need + PIPE_SIZE);
}

/* n bytes more of what is in w->in have come. */
static void
take_more(struct worker *w, size_t n)
{
	struct buf *in = &w->in;
	size_t used, need;

	in->len += n;
	used = answer_take(w, in->data, in->len);
	if (w->broken_stream || used == in->len) {
		buf_free(in);
		return;
	}
	buf_drop(in, used);
	need = answer_need(w, in->data, in->len);
	if (need <= in->len * LONG_TRUST)
		landing_begin(w, need);
}

ssize_t
pipe_read(int fd, void *to, size_t n)
{
	ssize_t got;

	do {
		got = read(fd, to, n);
	} while (got == -1 && errno == EINTR);
	return got;
}

/* Returns bytes read, 0 at end of file or when there is nothing. */
static size_t
take_result(struct worker *w, bool *more)
{
	struct buf *in = &w->in;
	size_t used;
	ssize_t n;
	bool whole;

	*more = false;
	if (w->lane->mode == RUN_EXEC || in->len == 0 || w->broken_stream) {
		n = pipe_read(w->result_fd, w->pool->chunk, CHUNK);
		if (n <= 0)
			goto none;
		if (w->lane->mode == RUN_EXEC) {
			program_output(w, w->pool->chunk, (size_t)n);
		} else if (!w->broken_stream) {
			used = answer_take(w, w->pool->chunk, (size_t)n);
			if (!w->broken_stream && used < (size_t)n) {
				buf_add(in, w->pool->chunk + used,
				    (size_t)n - used);
			}
		}
		*more = (size_t)n == CHUNK;
		if (*more)
			widen(w);
		return (size_t)n;
	}
	widen(w); /* the rest of a long one */
	whole = !landing_open(w);
	n = whole ? pipe_read(w->result_fd, long_room(w, in), PIPE_SIZE) :
	            landing_read(w);
	if (n <= 0)
		goto none;
	if (!landing_open(w))
		take_more(w, whole ? (size_t)n : 0);
	*more = true;
	return (size_t)n;
none:
	if (n == 0) { /* nobody can write any more */
		loop_io_remove(w->result_io);
		w->result_io = NULL;
		w->result_ended = true;
		if (w->lane->mode != RUN_EXEC)
			worker_closed(w);
	}
	return 0;
}

/* To whoever wants it; *t is NULL afterwards when a callback may have ended
 * it. */
static void
stray_add(struct worker *w, const struct plan *plan, struct task **t,
    const char *bytes, size_t n)
{
	struct pool *p = w->pool;

	if (n == 0)
		return;
	if (w->stray.total == 0) {
		capture_reset(
		    &w->stray, plan->command ? LAST_WORDS : plan->output_keep);
	}
	capture_add(&w->stray, bytes, n);
	if (plan->command)
		p->config.stream(*t, STDERR_FILENO, bytes, n, p->config.arg);
	if (p->config.live_stray && p->config.stray != NULL) {
		p->config.stray(*t, bytes, n, p->config.arg);
		*t = NULL;
	}
}

void
worker_stray_end(struct worker *w, struct task *t)
{
	struct pool *p = w->pool;

	if (w->stray_held.len == 0)
		return;
	buf_clear(&p->hidden);
	redact_end(&p->secrets.redactor, &w->stray_held, &p->hidden);
	stray_add(w, t->plan, &t, p->hidden.data, p->hidden.len);
}

/* The bytes of the chunk, without secrets where there are any. */
static const char *
without_secrets(struct worker *w, size_t *n)
{
	struct pool *p = w->pool;

	if (p->secrets.redactor.n == 0)
		return p->chunk;
	buf_clear(&p->hidden);
	redact_more(
	    &p->secrets.redactor, &w->stray_held, p->chunk, *n, &p->hidden);
	*n = p->hidden.len;
	return p->hidden.data;
}

static void
take_stray(struct worker *w)
{
	struct task *t = worker_current(w);
	const struct plan *plan;
	size_t total = 0, len;
	const char *bytes;
	char amount[32];
	ssize_t n;

	if (t == NULL)
		t = TAILQ_FIRST(&w->sent);
	plan = t == NULL ? NULL : t->plan;
	while (total < ROUND_BYTES) {
		n = pipe_read(w->stray_fd, w->pool->chunk, CHUNK);
		if (n <= 0)
			break;
		total += (size_t)n;
		if (plan == NULL)
			continue; /* nobody's */
		if ((size_t)n == CHUNK)
			plan->line->share->floods = true;
		len = (size_t)n;
		bytes = without_secrets(w, &len);
		stray_add(w, plan, &t, bytes, len);
		t = worker_current(w);
		if (t == NULL)
			t = TAILQ_FIRST(&w->sent);
		if (t != NULL && w->stray.total > plan->output_kill) {
			units_format_bytes(plan->output_kill, amount);
			worker_condemn(w, t, ERRKEY_OUTPUT_LIMIT,
			    xasprintf("wrote more than %s of output", amount),
			    "output", plan->output_kill, w->stray.total);
		}
		plan = t == NULL ? NULL : t->plan;
	}
	if (n == 0) {
		loop_io_remove(w->stray_io);
		w->stray_io = NULL;
		w->stray_ended = true;
	}
}

void
worker_drain(struct worker *w)
{
	size_t total = 0, n = 1;
	bool more;

	while (n > 0 && total < ROUND_BYTES && !w->result_ended &&
	    w->state != WORKER_GONE) {
		n = take_result(w, &more);
		total += n;
	}
	if (!w->stray_ended && w->state != WORKER_GONE)
		take_stray(w);
}

static void
worker_readable(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg)
{
	struct worker *w = arg;
	size_t total = 0;
	bool more = true;

	pool_enter(w->pool);
	while (more && total < ROUND_BYTES && !w->result_ended &&
	    w->state != WORKER_GONE) {
		total += take_result(w, &more);
	}
	pool_leave(w->pool);
}

static void
worker_stray(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg)
{
	struct worker *w = arg;

	pool_enter(w->pool);
	take_stray(w);
	pool_leave(w->pool);
}

static void
forget_out(struct worker *w)
{
	size_t i;

	for (i = 0; i < w->out_nfds; i++)
		close(w->out_fd[i]);
	w->out_nfds = 0;
	buf_free(&w->out);
	loop_io_remove(w->request_io);
	w->request_io = NULL;
}

static void
worker_writable(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg)
{
	struct worker *w = arg;
	struct error e;

	pool_enter(w->pool);
	if (frame_send(w->request_fd, &w->out, w->out_fd, w->out_nfds, &e) ==
	        0 ||
	    e.os_errno != EAGAIN) {
		forget_out(w); /* any other error: its end will be reported */
	}
	pool_leave(w->pool);
}

bool
send_may_come_back(int os_errno)
{
	return os_errno == EMFILE || os_errno == ENFILE || os_errno == ENOMEM ||
	    os_errno == ENOBUFS || os_errno == ETOOMANYREFS;
}

int
worker_write(struct worker *w, const struct buf *b, const int *fds, size_t nfds,
    struct error *e)
{
	size_t i;

	if (frame_send(w->request_fd, b, fds, nfds, e) == 0)
		return 0;
	if (send_may_come_back(e->os_errno))
		return -1;
	if (e->os_errno != EAGAIN) { /* it has ended; ENDED is on its way */
		w->undelivered = true;
		return 0;
	}
	for (i = 0; i < nfds; i++) {
		w->out_fd[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
		if (w->out_fd[i] == -1) {
			error_sys(e, "dup");
			forget_out(w);
			return -1;
		}
		w->out_nfds++;
	}
	buf_add(&w->out, b->data, b->len);
	w->request_io = loop_io_add(
	    w->pool->loop, w->request_fd, EPOLLOUT, worker_writable, w, e);
	if (w->request_io == NULL) {
		forget_out(w);
		return -1;
	}
	return 0;
}

static void
close_pipes(struct worker *w)
{
	if (w->result_fd != -1)
		close(w->result_fd);
	if (w->stray_fd != -1)
		close(w->stray_fd);
	w->result_fd = w->stray_fd = -1;
}

int
worker_launch(struct worker *w, const struct buf *b, const int *fds,
    size_t nfds, struct error *e)
{
	int theirs[FRAME_MAX_FDS] = {-1, -1}, rc;

	if (make_pipe(&w->result_fd, &theirs[0]) == -1 ||
	    make_pipe(&w->stray_fd, &theirs[1]) == -1) {
		rc = error_sys(e, "pipes of a task process");
	} else {
		memcpy(&theirs[2], fds, nfds * sizeof(*fds));
		rc =
		    slot_send_run(w, line_quiet(w->pool, TAILQ_FIRST(&w->sent)),
		        b, theirs, nfds + 2, e);
	}
	if (theirs[0] != -1)
		close(theirs[0]);
	if (theirs[1] != -1)
		close(theirs[1]);
	if (rc == 0) {
		w->unmade = false;
		if (w->state != WORKER_AHEAD)
			w->state = WORKER_STARTING;
		return 0;
	}
	close_pipes(w);
	w->unmade = send_may_come_back(e->os_errno);
	if (w->unmade)
		return -1;
	w->undelivered = true; /* the guard has ended: that is to be seen */
	return 0;
}

void
worker_hang_up(struct worker *w)
{
	forget_out(w);
	texts_end(w);
	if (w->request_fd != -1)
		close(w->request_fd);
	w->request_fd = -1;
}

void
worker_close(struct worker *w)
{
	worker_hang_up(w);
	loop_io_remove(w->result_io);
	loop_io_remove(w->stray_io);
	w->result_io = w->stray_io = NULL;
	w->result_ended = w->stray_ended = true;
	w->watch_at = 0;
	close_pipes(w);
	if (w->page != NULL)
		munmap(w->page, sizeof(*w->page));
	w->page = NULL;
}

void
worker_free(struct worker *w)
{
	capture_free(&w->stray);
	buf_free(&w->in);
	buf_free(&w->stray_held);
	buf_free(&w->out);
	free(w->end_text);
	free(w->plans);
	free(w);
}
