/*
 * The end of a pool: no process of it is left.  Guards that keep a pid
 * namespace are killed, and their trees with them; others are asked, by
 * closing their socket, to sweep first.  Works without the loop.
 */
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "pool/internal.h"
#include "sandbox/plan.h"
#include "sandbox/uids.h"

#define SWEEP_WAIT  (200 * NS_PER_MS)
#define SERVER_WAIT (500 * NS_PER_MS)

/* Reap by pidfd; true when it is no more. */
static bool
reap_until(int pidfd, int64_t until)
{
	struct pollfd pfd = {.fd = pidfd, .events = POLLIN};
	siginfo_t si;
	int64_t left;

	for (;;) {
		si.si_pid = 0;
		if (waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED | WNOHANG) ==
		    -1) {
			return errno != EINTR;
		}
		if (si.si_pid != 0)
			return true;
		left = until == INT64_MAX ? NS_PER_SEC : until - clock_mono();
		if (left <= 0)
			return false;
		poll(&pfd, 1, (int)((left + NS_PER_MS - 1) / NS_PER_MS));
	}
}

static void
reap_surely(int pidfd, int64_t until)
{
	if (pidfd == -1)
		return;
	if (!reap_until(pidfd, until)) {
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		reap_until(pidfd, INT64_MAX);
	}
}

static void
hang_up_slots(struct profile *f, bool *making)
{
	struct slot *s;

	TAILQ_FOREACH(s, &f->slots, entry) {
		if (s->state == SLOT_MAKING)
			*making = true;
		loop_timer_remove(s->timer);
		loop_io_remove(s->io);
		loop_io_remove(s->pid_io);
		listener_remove(s);
		listener_unreserve(s);
		s->timer = NULL;
		s->io = s->pid_io = NULL;
		if (s->fd != -1)
			close(s->fd);
		s->fd = -1;
		if (s->pidfd != -1 && (s->kept & SANDBOX_PIDNS) != 0) {
			syscall(
			    SYS_pidfd_send_signal, s->pidfd, SIGKILL, NULL, 0);
		}
	}
}

static void
free_lanes(struct pool *p)
{
	struct worker *w;
	struct lane *l;

	while ((l = TAILQ_FIRST(&p->lanes)) != NULL) {
		TAILQ_REMOVE(&p->lanes, l, entry);
		while ((w = TAILQ_FIRST(&l->workers)) != NULL) {
			TAILQ_REMOVE(&l->workers, w, entry);
			loop_timer_remove(w->timer);
			worker_close(w);
			landing_end(w);
			worker_drop_held(w);
			worker_free(w);
		}
		lines_free(l);
		free(l);
	}
	while ((w = TAILQ_FIRST(&p->gone)) != NULL) {
		TAILQ_REMOVE(&p->gone, w, entry);
		worker_free(w);
	}
}

static void
free_profiles(struct pool *p, int64_t until)
{
	struct profile *f;
	struct slot *s;

	while ((f = TAILQ_FIRST(&p->profiles)) != NULL) {
		TAILQ_REMOVE(&p->profiles, f, entry);
		while ((s = TAILQ_FIRST(&f->slots)) != NULL) {
			TAILQ_REMOVE(&f->slots, s, entry);
			reap_surely(s->pidfd, until);
			if (s->pidfd != -1)
				close(s->pidfd);
			slot_group_leave(s);
			if (s->state != SLOT_MAKING) /* who may live yet */
				uid_return(s->uid);
			free(s);
		}
		profile_free(f);
	}
}

static void
free_server(struct server *sv, int64_t until)
{
	loop_timer_remove(sv->timer);
	loop_io_remove(sv->io);
	loop_io_remove(sv->pid_io);
	reap_surely(sv->pidfd, until);
	if (sv->pidfd != -1)
		close(sv->pidfd);
	buf_free(&sv->in);
}

/* Guards that were being made: nobody told us their ids, but they are our
 * children and have seen the end of their socket. */
static void
reap_unknown(int64_t until)
{
	siginfo_t si;

	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG) == -1)
			return;
		if (si.si_pid == 0) {
			if (clock_mono() >= until)
				return;
			poll(NULL, 0, 1);
		}
	}
}

void
pool_free(struct pool *p)
{
	struct profile *f;
	struct plan *plan;
	bool making = false;
	int64_t now = clock_mono();
	size_t i;

	if (p == NULL)
		return;
	p->closing = true;
	TAILQ_FOREACH(f, &p->profiles, entry)
		hang_up_slots(f, &making);
	for (i = 0; i < IMAGE_COUNT; i++)
		server_close(&p->server[i]);
	free_lanes(p);
	shares_free(p);
	free_profiles(p, now + SWEEP_WAIT);
	for (i = 0; i < IMAGE_COUNT; i++)
		free_server(&p->server[i], now + SERVER_WAIT);
	if (making)
		reap_unknown(now + SWEEP_WAIT);
	adopted_end(p, clock_mono() + SWEEP_WAIT);
	cgroup_close(p->cgroup);
	for (i = 0; i < NITEMS(p->plan); i++) {
		while ((plan = p->plan[i]) != NULL) {
			p->plan[i] = plan->next;
			plan_free(plan);
		}
	}
	spending_close(p);
	secrets_free(&p->secrets);
	buf_free(&p->hidden);
	loop_timer_remove(p->kick);
	loop_timer_remove(p->idle_timer);
	loop_signal_remove(p->loop, SIGCHLD);
	if (p->null_fd != -1)
		close(p->null_fd);
	buf_free(&p->scratch);
	buf_free(&p->out);
	free(p->directory);
	free(p->chunk);
	free(p);
}
