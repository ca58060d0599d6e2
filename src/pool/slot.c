/*
 * A slot: the supervisor's side of one guard.  The guard is our child, so its
 * pidfd tells of its death and kills it without a race; its control socket
 * carries RUN and KILL there, STARTED and ENDED back.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "pool/internal.h"
#include "sandbox/plan.h"
#include "sandbox/uids.h"

static void slot_lost(struct slot *, const char *why);
static void slot_forget(struct slot *);

static struct pool *
slot_pool(const struct slot *s)
{
	return s->profile->server->pool;
}

static void
slot_timer(struct slot *s, int64_t wait, loop_timer_cb call)
{
	loop_timer_remove(s->timer);
	s->timer = NULL;
	if (call != NULL) {
		s->timer = loop_timer_add(
		    slot_pool(s)->loop, clock_mono() + wait, call, s);
	}
}

static int
take_started(
    struct slot *s, struct worker *w, struct unpack *u, struct error *e)
{
	uint64_t run, os_errno, stage = 0, us = 0;
	struct started x;
	int64_t pid;

	if (unpack_fields(u, 3, e) == -1 || unpack_uint(u, &run, e) == -1 ||
	    unpack_int(u, &pid, e) == -1 ||
	    unpack_uint(u, &os_errno, e) == -1 ||
	    (u->at < u->end && unpack_uint(u, &stage, e) == -1) ||
	    (u->at < u->end && unpack_uint(u, &us, e) == -1)) {
		return -1;
	}
	if (run != w->run)
		return error_set(e, EK_PROTO, "run %" PRIu64 " is not on", run);
	if (pid < 0 || pid > INT32_MAX || os_errno > 4095 ||
	    stage >= STAGE_COUNT ||
	    (w == s->ahead &&
	        (os_errno != ECANCELED || stage != 0 || !worker_given_up(w))))
		return error_set(e, EK_PROTO, "STARTED makes no sense");
	x.pid = (int32_t)pid;
	x.failure.os_errno = (uint32_t)os_errno;
	x.failure.stage = (uint32_t)stage;
	x.ago = us > (uint64_t)INT64_MAX / 1000 ? 0 : (int64_t)us * 1000;
	worker_started(w, &x);
	return 0;
}

static int
take_ended(struct slot *s, struct unpack *u, struct error *e)
{
	struct ended x;
	uint64_t run, spent = 0;
	int64_t code, status;

	x.cpu_ticks_us = 0;
	x.swept = 0;
	if (unpack_fields(u, 8, e) == -1 || unpack_uint(u, &run, e) == -1 ||
	    unpack_int(u, &code, e) == -1 || unpack_int(u, &status, e) == -1 ||
	    unpack_int(u, &x.user_us, e) == -1 ||
	    unpack_int(u, &x.system_us, e) == -1 ||
	    unpack_uint(u, &x.max_rss_kb, e) == -1 ||
	    unpack_int(u, &x.tree_user_us, e) == -1 ||
	    unpack_int(u, &x.tree_system_us, e) == -1) {
		return -1;
	}
	if (u->at < u->end &&
	    (unpack_uint(u, &x.swept, e) == -1 ||
	        (u->at < u->end && unpack_int(u, &x.cpu_ticks_us, e) == -1) ||
	        (u->at < u->end && unpack_uint(u, &spent, e) == -1))) {
		return -1;
	}
	if (run != s->worker->run)
		return error_set(e, EK_PROTO, "run %" PRIu64 " is not on", run);
	if ((code != CLD_EXITED && code != CLD_KILLED && code != CLD_DUMPED) ||
	    status < 0 || status > 255 || x.user_us < 0 || x.system_us < 0 ||
	    x.tree_user_us < 0 || x.tree_system_us < 0 || x.cpu_ticks_us < 0) {
		return error_set(e, EK_PROTO, "ENDED makes no sense");
	}
	x.code = (int)code;
	x.status = (int)status;
	s->spent = spent != 0;
	if (s->spent)
		s->worker->lane->killed = slot_pool(s)->now;
	worker_ended(s->worker, &x);
	return 0;
}

/* Whom a frame is about. */
static struct worker *
slot_worker(const struct slot *s, const struct frame *f)
{
	struct unpack u;
	struct error e ATTR_SCRATCH;
	uint64_t run;

	if (s->ahead == NULL || f->msg != MSG_STARTED)
		return s->worker;
	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 3, &e) == 0 && unpack_uint(&u, &run, &e) == 0 &&
	    run == s->ahead->run)
		return s->ahead;
	return s->worker;
}

static int
slot_take(struct slot *s, const struct frame *f, struct error *e)
{
	struct worker *w = slot_worker(s, f);
	enum action act = ACT_LOST;
	struct unpack u;

	if (f->msg == MSG_LISTENER && !s->heard &&
	    (s->kept & SANDBOX_LISTENER) != 0)
		return 0; /* its descriptor was taken */
	s->heard = true;
	if (w != NULL)
		act = guard_action(w->state, f->msg);
	unpack_init(&u, f->payload, f->len);
	switch (act) {
	case ACT_STARTED:
	case ACT_RECALLED:
		return take_started(s, w, &u, e);
	case ACT_ENDED:
		return take_ended(s, &u, e);
	default:
		return error_set(e, EK_PROTO, "%s is not legal while %s",
		    proto_msg_name(f->msg),
		    w == NULL ? "idle" : worker_state_name(w->state));
	}
}

static void
slot_hard_kill(void *arg)
{
	struct slot *s = arg;

	s->timer = NULL;
	if (s->pidfd != -1) {
		s->killed = true;
		syscall(SYS_pidfd_send_signal, s->pidfd, SIGKILL, NULL, 0);
	}
}

/* Has it still not gone, though its socket is closed?  Whoever is dying by
 * another hand than ours dies by that one. */
static void
slot_closed_long(void *arg)
{
	struct slot *s = arg;

	s->timer = NULL;
	if (s->pid > 0 && process_exiting(s->pid) &&
	    s->closed + START_WAIT > clock_mono()) {
		slot_timer(s, CLOSE_LAST, slot_closed_long);
	} else {
		slot_hard_kill(s);
	}
}

/* End of file can come before the death that caused it; how it died is worth
 * a short wait. */
static void
slot_closed(struct slot *s)
{
	loop_io_remove(s->io);
	s->io = NULL;
	if (s->why[0] == '\0')
		snprintf(s->why, sizeof(s->why), "closed its socket");
	s->state = SLOT_DYING;
	s->closed = clock_mono();
	slot_timer(s, CLOSE_LAST, slot_closed_long);
}

static void
slot_receive(struct slot *s, bool all)
{
	struct pool *p = slot_pool(s);
	struct buf in = BUF_INIT;
	struct frame f;
	struct error e;
	size_t at, used, need, nfds;
	int rc, fd;

	in = p->scratch;
	p->scratch = (struct buf)BUF_INIT;
	do {
		nfds = 1;
		listener_unreserve(s);
		rc = frame_recv(s->fd, &in, &fd, &nfds, &e);
		if (rc == -1 && e.os_errno == ECONNRESET) {
			nfds = 1;
			rc = frame_recv(s->fd, &in, &fd, &nfds, &e);
		}
		if (rc == -1 && e.os_errno == EAGAIN) {
			if (!s->heard) /* its number is free again */
				(void)!listener_reserve(s, &e);
			break;
		}
		if (rc == 0 || (rc == -1 && e.os_errno == ECONNRESET)) {
			slot_closed(s);
			break;
		}
		if (rc == -1) {
			slot_lost(s, e.msg);
			break;
		}
		if (nfds == 1 && s->listener == -1)
			listener_add(s, fd); /* of its first message */
		else if (nfds == 1)
			close(fd);
		for (at = 0; at < in.len && s->io != NULL; at += used) {
			if (frame_next(in.data + at, in.len - at, MAX_INLINE,
			        &f, &used, &need, &e) != FRAME_OK ||
			    slot_take(s, &f, &e) == -1) {
				slot_lost(s, e.msg);
				break;
			}
		}
	} while (all && s->io != NULL);
	/* what is told of while it runs is not as short as was thought */
	if (s->ahead != NULL && s->worker->state != WORKER_STARTING)
		worker_recall(s->ahead);
	if (p->scratch.data != NULL)
		buf_free(&in);
	else
		p->scratch = in;
}

void
slot_drain(struct slot *s)
{
	if (s->io != NULL)
		slot_receive(s, true);
}

static void
slot_readable(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg)
{
	struct slot *s = arg;
	struct pool *p = slot_pool(s);

	pool_enter(p);
	slot_receive(s, false);
	pool_leave(p);
}

static void
slot_exited(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg)
{
	struct slot *s = arg;
	struct pool *p = slot_pool(s);
	siginfo_t si;

	pool_enter(p);
	si.si_pid = 0;
	if (waitid(P_PIDFD, (id_t)s->pidfd, &si, WEXITED | WNOHANG) == 0 &&
	    si.si_pid != 0) {
		slot_reaped(s, si.si_code, si.si_status);
	}
	pool_leave(p);
}

static void
slot_start_timeout(void *arg)
{
	struct slot *s = arg;
	struct pool *p = slot_pool(s);

	pool_enter(p);
	s->timer = NULL;
	slot_failed(s, "the fork server did not answer");
	pool_leave(p);
}

/* Without one the guard says so, and the promises decide. */
static uint32_t
slot_uid(void)
{
	struct error e;
	uint32_t uid = uid_take(&e);

	if (uid == 0)
		log_debug("no uid for a slot: %s", e.msg);
	return uid;
}

struct slot *
slot_new(struct profile *p, struct error *e)
{
	struct server *sv = p->server;
	struct slot *s;
	int sp[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	        0, sp) == -1) {
		error_sys(e, "socketpair");
		return NULL;
	}
	fcntl(sp[1], F_SETFL, 0);
	s = xcalloc(1, sizeof(*s));
	s->profile = p;
	s->state = SLOT_MAKING;
	s->id = ++sv->pool->next_slot;
	s->pidfd = s->listener = s->reserve = -1;
	s->fd = sp[0];
	if ((p->sandbox->profile.wishes & SANDBOX_OWN_UID) != 0)
		s->uid = slot_uid();
	if (listener_reserve(s, e) == -1 ||
	    server_make_slot(sv, s, sp[1], e) == -1) {
		listener_unreserve(s);
		close(sp[0]);
		close(sp[1]);
		uid_return(s->uid);
		free(s);
		return NULL;
	}
	close(sp[1]);
	TAILQ_INSERT_TAIL(&p->slots, s, entry);
	p->nslots++;
	p->nmaking++;
	sv->slots++;
	slot_timer(s, START_WAIT, slot_start_timeout);
	return s;
}

void
slot_made(struct slot *s, int pid, uint32_t kept,
    const uint16_t refused[SANDBOX_NBITS])
{
	struct pool *p = slot_pool(s);
	struct error e;
	siginfo_t si;

	s->profile->nmaking--;
	slot_timer(s, 0, NULL);
	s->pid = pid;
	s->kept = kept;
	s->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	si.si_pid = 0;
	if (s->pidfd != -1 &&
	    waitid(P_PIDFD, (id_t)s->pidfd, &si, WEXITED | WNOHANG | WNOWAIT) ==
	        -1) {
		close(s->pidfd); /* no child of ours: dead, or a lie */
		s->pidfd = -1;
	}
	if (s->pidfd != -1) {
		s->pid_io =
		    loop_io_add(p->loop, s->pidfd, EPOLLIN, slot_exited, s, &e);
	}
	s->io = loop_io_add(p->loop, s->fd, EPOLLIN, slot_readable, s, &e);
	log_debug("slot %u: guard %d, kept %#x", s->id, pid, kept);
	tell_slot(s, false);
	if ((kept & SANDBOX_PIDNS) == 0 &&
	    (s->profile->sandbox->profile.wishes & SANDBOX_LEAVE) == 0)
		adopted_begin(p);
	if (p->adopted)
		adopted_kill(p);
	if (s->pidfd == -1 || s->pid_io == NULL || s->io == NULL) {
		pool_cramped(p, s->profile, &s->profile->retry,
		    "the guard cannot be watched");
		slot_lost(s, "cannot watch it");
		if (s->pid_io == NULL) /* SIGCHLD reaps it */
			slot_forget(s);
		return;
	}
	if (s->profile->grouped && slot_group_enter(s, &e) == -1) {
		retry_failed(p, &s->profile->retry, e.msg);
		slot_close(s);
		return;
	}
	s->state = SLOT_IDLE;
	s->idle = p->now;
	if (sandbox_judge(s->profile->sandbox, kept, refused, &e) == -1) {
		retry_failed(p, &s->profile->retry, e.msg);
		s->profile->retry.final = true;
		slot_close(s);
		return;
	}
	if (p->cramped > p->now && s->profile->nslots > 1)
		slot_close(s); /* its descriptors are needed more */
	pool_kick(p, 0);
}

void
slot_failed(struct slot *s, const char *why)
{
	struct pool *p = slot_pool(s);

	s->profile->nmaking--;
	retry_failed(p, &s->profile->retry, why);
	s->state = SLOT_DYING;
	slot_forget(s);
	if (p->adopted)
		adopted_kill(p);
}

/* Off all lists; the memory goes at once, nothing points here any more. */
static void
slot_forget(struct slot *s)
{
	struct pool *p = slot_pool(s);

	if (s->pid != 0)
		tell_slot(s, true);
	slot_timer(s, 0, NULL);
	loop_io_remove(s->io);
	loop_io_remove(s->pid_io);
	listener_remove(s);
	listener_unreserve(s);
	uid_return(s->uid);
	if (s->fd != -1)
		close(s->fd);
	if (s->pidfd != -1)
		close(s->pidfd);
	slot_group_leave(s);
	TAILQ_REMOVE(&s->profile->slots, s, entry);
	s->profile->nslots--;
	s->profile->server->slots--;
	s->profile->server->used = p->now;
	free(s);
	pool_kick(p, 0);
}

static int
slot_send(struct slot *s, const struct buf *b, const int *fds, size_t nfds,
    struct error *e)
{
	int rc = frame_send(s->fd, b, fds, nfds, e);

	if (rc == -1 && (e->os_errno == EPIPE || e->os_errno == ECONNRESET)) {
		if (s->io != NULL)
			slot_closed(s);
	} else if (rc == -1 && !send_may_come_back(e->os_errno)) {
		slot_kill(s, e->msg);
	}
	return rc;
}

static enum run_mode
run_mode(const struct worker *w)
{
	return w->unmade && w->lane->mode == RUN_ONCE ? RUN_TASK :
	                                                w->lane->mode;
}

int
slot_send_run(struct worker *w, int64_t quiet, const struct buf *more,
    const int *fds, size_t nfds, struct error *e)
{
	struct buf b = BUF_INIT;
	size_t mark;
	int rc;

	mark = frame_begin(&b, MSG_RUN);
	pack_array(&b, 4);
	pack_uint(&b, w->run);
	pack_uint(&b, run_mode(w));
	pack_strz(&b, "serving");
	pack_int(&b, quiet / 1000);
	frame_end(&b, mark);
	if (more != NULL)
		buf_add(&b, more->data, more->len);
	rc = slot_send(w->slot, &b, fds, nfds, e);
	buf_free(&b);
	return rc;
}

void
slot_send_kill(struct slot *s, uint64_t run, int signo)
{
	struct buf b = BUF_INIT;
	struct error e;
	size_t mark;

	if (s->io == NULL)
		return; /* it is on its way out already */
	mark = frame_begin(&b, MSG_KILL);
	pack_array(&b, 2);
	pack_uint(&b, run);
	pack_int(&b, signo);
	frame_end(&b, mark);
	if (slot_send(s, &b, NULL, 0, &e) == -1 && s->io != NULL)
		slot_kill(s, e.msg); /* what must end does */
	buf_free(&b);
}

/* The guard is not to be trusted or reached any more. */
void
slot_kill(struct slot *s, const char *why)
{
	if (s->why[0] == '\0')
		snprintf(s->why, sizeof(s->why), "%s", why);
	slot_timer(s, 0, NULL);
	loop_io_remove(s->io);
	s->io = NULL;
	s->state = SLOT_DYING;
	slot_hard_kill(s);
}

static void
slot_lost(struct slot *s, const char *why)
{
	log_debug("slot %u: guard %d is lost: %s", s->id, s->pid, why);
	slot_kill(s, why);
}

void
slot_close(struct slot *s)
{
	loop_io_remove(s->io);
	s->io = NULL;
	close(s->fd);
	s->fd = -1;
	s->state = SLOT_DYING;
	slot_timer(s, NS_PER_SEC, slot_hard_kill);
}

void
slot_reaped(struct slot *s, int code, int status)
{
	struct pool *p = slot_pool(s);
	bool left = (s->kept & SANDBOX_PIDNS) == 0 && code != CLD_EXITED;

	if (s->reaped)
		return;
	s->reaped = true;
	s->code = code;
	s->status = status;
	/* what it said before it died counts */
	if (s->io != NULL)
		slot_drain(s);
	s->state = SLOT_DYING;
	if (s->ahead != NULL)
		worker_recalled(s->ahead);
	if (s->worker != NULL)
		worker_ended(s->worker, NULL);
	slot_forget(s);
	if (left) /* it could not sweep */
		adopted_kill(p);
}

void
slot_left(struct slot *s, const struct worker *w)
{
	struct worker *next = w == s->ahead ? NULL : s->ahead;

	if (s->ahead != NULL)
		slot_pool(s)->nahead--;
	s->ahead = NULL;
	if (w != s->worker)
		return;
	s->worker = next;
	if (next != NULL) {
		worker_its_turn(next);
		return;
	}
	if (s->state == SLOT_DYING)
		return;
	if (s->spent) {
		slot_close(s);
		return;
	}
	s->state = SLOT_IDLE;
	s->idle = slot_pool(s)->now;
	pool_kick(slot_pool(s), 0);
}
