/*
 * The client of a fork server: starts it on first use, makes it say HELLO,
 * asks it for slots, starts it again when it dies.  Its death costs nothing:
 * guards are children of the supervisor and live on.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "pool/internal.h"

/* Room for the title of the process, which overwrites its arguments. */
#define TITLE_ROOM 120

static const char *const image_names[] = {
    [IMAGE_CORE] = "core",
    [IMAGE_HTTP] = "http",
    [IMAGE_PLUGIN] = "plugin",
};

static void server_lost(struct server *, const char *why);

static int
spawn_process(const char *path, int fd, pid_t *pid)
{
	char room[TITLE_ROOM + 1], name[] = "rtfs-worker";
	char search[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *argv[] = {name, room, NULL}, *envp[] = {search, NULL};
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t all, none;
	int rc;

	memset(room, ' ', TITLE_ROOM);
	room[TITLE_ROOM] = '\0';
	sigfillset(&all);
	sigemptyset(&none);
	if ((rc = posix_spawn_file_actions_init(&fa)) != 0)
		return rc;
	if ((rc = posix_spawnattr_init(&at)) != 0) {
		posix_spawn_file_actions_destroy(&fa);
		return rc;
	}
	if ((rc = posix_spawn_file_actions_addopen(
	         &fa, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
	    (rc = posix_spawn_file_actions_addopen(
	         &fa, 1, "/dev/null", O_WRONLY, 0)) == 0 &&
	    (rc = posix_spawn_file_actions_adddup2(&fa, fd, CONTROL_FD)) == 0 &&
	    (rc = posix_spawn_file_actions_addclosefrom_np(
	         &fa, CONTROL_FD + 1)) == 0 &&
	    (rc = posix_spawnattr_setflags(&at,
	         POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
	             POSIX_SPAWN_SETSIGMASK)) == 0 &&
	    (rc = posix_spawnattr_setsigdefault(&at, &all)) == 0 &&
	    (rc = posix_spawnattr_setsigmask(&at, &none)) == 0) {
		rc = posix_spawn(pid, path, &fa, &at, argv, envp);
	}
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	return rc;
}

static int
hello_check(struct server *sv, const struct frame *f, struct error *e)
{
	struct unpack u;
	uint64_t version, build;
	const char *image;
	size_t len;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 4, e) == -1 ||
	    unpack_uint(&u, &version, e) == -1 ||
	    unpack_uint(&u, &build, e) == -1 ||
	    unpack_str(&u, &image, &len, e) == -1) {
		return -1;
	}
	/* an image that runs no bytecode has no build to compare */
	if (version != PROTO_VERSION ||
	    (build != 0 && build != sv->pool->config.build_id)) {
		sv->refused = true;
		return error_set(e, EK_UNAVAILABLE,
		    "%s is of another build than this rtfs (protocol %" PRIu64
		    " and %d, build %016" PRIx64 " and %016" PRIx64 ")",
		    sv->pool->config.worker_path[sv->image], version,
		    PROTO_VERSION, build, sv->pool->config.build_id);
	}
	if (len != strlen(image_names[sv->image]) ||
	    memcmp(image, image_names[sv->image], len) != 0) {
		sv->refused = true;
		return error_set(e, EK_UNAVAILABLE, "%s is not the image %s",
		    sv->pool->config.worker_path[sv->image],
		    image_names[sv->image]);
	}
	return 0;
}

static struct slot *
server_slot(struct server *sv, uint64_t id)
{
	struct profile *p;
	struct slot *s;

	TAILQ_FOREACH(p, &sv->pool->profiles, entry) {
		if (p->server != sv)
			continue;
		TAILQ_FOREACH(s, &p->slots, entry) {
			if (s->id == id && s->state == SLOT_MAKING)
				return s;
		}
	}
	return NULL;
}

/* An array of [bit, errno]. */
static int
take_refused(struct unpack *u, uint16_t refused[SANDBOX_NBITS], struct error *e)
{
	uint64_t bit, os_errno;
	size_t n;

	memset(refused, 0, SANDBOX_NBITS * sizeof(refused[0]));
	if (u->at == u->end)
		return 0;
	if (unpack_array(u, &n, e) == -1)
		return -1;
	while (n-- > 0) {
		if (unpack_fields(u, 2, e) == -1 ||
		    unpack_uint(u, &bit, e) == -1 ||
		    unpack_uint(u, &os_errno, e) == -1)
			return -1;
		if (bit == 0 || bit >= UINT64_C(1) << SANDBOX_NBITS ||
		    os_errno > 4095)
			return error_set(e, EK_PROTO, "no such facility");
		refused[__builtin_ctzll(bit)] = (uint16_t)os_errno;
	}
	return 0;
}

static int
take_made(struct server *sv, const struct frame *f, struct error *e)
{
	uint16_t refused[SANDBOX_NBITS];
	struct unpack u;
	uint64_t id, pid, kept;
	struct slot *s;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 3, e) == -1 || unpack_uint(&u, &id, e) == -1 ||
	    unpack_uint(&u, &pid, e) == -1 || unpack_uint(&u, &kept, e) == -1 ||
	    take_refused(&u, refused, e) == -1)
		return -1;
	s = server_slot(sv, id);
	if (s == NULL)
		return error_set(
		    e, EK_PROTO, "slot %" PRIu64 " was not asked for", id);
	if (pid == 0 || pid > INT32_MAX)
		return error_set(e, EK_PROTO, "no process id: %" PRIu64, pid);
	slot_made(s, (int)pid, (uint32_t)kept, refused);
	return 0;
}

static int
take_failed(struct server *sv, const struct frame *f, struct error *e)
{
	const char *why = NULL;
	struct unpack u;
	uint64_t id, stage, os_errno;
	size_t len = 0;
	struct slot *s;
	char text[320];

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 3, e) == -1 || unpack_uint(&u, &id, e) == -1 ||
	    unpack_uint(&u, &stage, e) == -1 ||
	    unpack_uint(&u, &os_errno, e) == -1 ||
	    (u.at < u.end && unpack_str(&u, &why, &len, e) == -1))
		return -1;
	s = server_slot(sv, id);
	if (s == NULL)
		return error_set(
		    e, EK_PROTO, "slot %" PRIu64 " was not asked for", id);
	/* What has a reason of its own does not go away by itself. */
	s->profile->retry.final = len > 0;
	if (len > 0)
		snprintf(text, sizeof(text), "%.*s", len < 300 ? (int)len : 300,
		    why);
	else
		snprintf(text, sizeof(text), "cannot make a guard: %s",
		    error_errno((int)os_errno));
	slot_failed(s, text);
	return 0;
}

static int
server_take(struct server *sv, const struct frame *f, struct error *e)
{
	switch (server_action(sv->state, f->msg)) {
	case ACT_HELLO:
		if (hello_check(sv, f, e) == -1)
			return -1;
		sv->state = SERVER_UP;
		loop_timer_remove(sv->timer);
		sv->timer = NULL;
		sv->retry.failures = 0;
		return 0;
	case ACT_MADE:
		return take_made(sv, f, e);
	case ACT_FAILED_MAKE:
		return take_failed(sv, f, e);
	default:
		return error_set(e, EK_PROTO, "%s is not legal while %s",
		    proto_msg_name(f->msg), server_state_name(sv->state));
	}
}

static void
server_readable(int fd, uint32_t events ATTR_UNUSED, void *arg)
{
	struct server *sv = arg;
	struct frame f;
	struct error e;
	size_t at, used, need, nfds;
	int rc, none[1];

	pool_enter(sv->pool);
	while (sv->fd == fd &&
	    (sv->state == SERVER_STARTING || sv->state == SERVER_UP)) {
		nfds = 0;
		rc = frame_recv(fd, &sv->in, none, &nfds, &e);
		if (rc == -1 && e.os_errno == ECONNRESET)
			rc = frame_recv(fd, &sv->in, none, &nfds, &e);
		if (rc == -1 && e.os_errno == EAGAIN)
			break;
		if (rc <= 0) {
			server_lost(sv,
			    rc == 0 || e.os_errno == ECONNRESET ?
			        "closed its socket" :
			        e.msg);
			break;
		}
		for (at = 0; at < sv->in.len && sv->fd == fd; at += used) {
			if (frame_next(sv->in.data + at, sv->in.len - at,
			        MAX_INLINE, &f, &used, &need, &e) != FRAME_OK ||
			    server_take(sv, &f, &e) == -1) {
				server_lost(sv, e.msg);
				break;
			}
		}
	}
	pool_leave(sv->pool);
}

static void
server_exited(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg)
{
	struct server *sv = arg;
	siginfo_t si;

	pool_enter(sv->pool);
	si.si_pid = 0;
	if (waitid(P_PIDFD, (id_t)sv->pidfd, &si, WEXITED | WNOHANG) == 0 &&
	    si.si_pid != 0) {
		server_reaped(sv);
	}
	pool_leave(sv->pool);
}

static void
server_timeout(void *arg)
{
	struct server *sv = arg;

	pool_enter(sv->pool);
	sv->timer = NULL;
	if (sv->state == SERVER_DYING) {
		syscall(SYS_pidfd_send_signal, sv->pidfd, SIGKILL, NULL, 0);
	} else {
		server_lost(sv, "did not answer");
		syscall(SYS_pidfd_send_signal, sv->pidfd, SIGKILL, NULL, 0);
	}
	pool_leave(sv->pool);
}

static int
server_hello(struct server *sv, struct error *e)
{
	struct buf b = BUF_INIT;
	size_t mark;
	int rc;

	mark = frame_begin(&b, MSG_HELLO);
	pack_array(&b, 4);
	pack_uint(&b, PROTO_VERSION);
	pack_uint(&b, sv->pool->config.build_id);
	pack_strz(&b, image_names[sv->image]);
	pack_int(&b, getpid());
	frame_end(&b, mark);
	rc = frame_send(sv->fd, &b, NULL, 0, e);
	buf_free(&b);
	return rc;
}

int
server_start(struct server *sv, struct error *e)
{
	const char *path = sv->pool->config.worker_path[sv->image];
	int sp[2], rc;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	        0, sp) == -1) {
		return error_sys(e, "socketpair");
	}
	fcntl(sp[1], F_SETFL, 0); /* its end blocks */
	rc = spawn_process(path, sp[1], &pid);
	close(sp[1]);
	if (rc != 0) {
		close(sp[0]);
		errno = rc;
		return error_sys(e, "%s", path);
	}
	/* before it makes any process: they all have it from there */
	if (sv->pool->config.niceness != 0)
		(void)setpriority(
		    PRIO_PROCESS, (id_t)pid, sv->pool->config.niceness);
	sv->pid = pid;
	sv->fd = sp[0];
	sv->state = SERVER_STARTING;
	memset(sv->profile, 0, sizeof(sv->profile));
	sv->knows_groups = false;
	sv->used = clock_mono();
	sv->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (sv->pidfd == -1) {
		error_sys(e, "pidfd_open");
		kill(pid, SIGKILL); /* not reaped yet: it is ours */
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			continue;
		close(sv->fd);
		sv->fd = -1;
		sv->state = SERVER_DOWN;
		return -1;
	}
	log_debug("fork server %s: process %d", path, pid);
	tell_server(sv, false);
	sv->io = loop_io_add(
	    sv->pool->loop, sv->fd, EPOLLIN, server_readable, sv, e);
	sv->pid_io = loop_io_add(
	    sv->pool->loop, sv->pidfd, EPOLLIN, server_exited, sv, e);
	sv->timer = loop_timer_add(
	    sv->pool->loop, clock_mono() + START_WAIT, server_timeout, sv);
	/* one that is gone already will be seen so, with a reason */
	if (sv->io == NULL || sv->pid_io == NULL ||
	    (server_hello(sv, e) == -1 && e->os_errno != EPIPE)) {
		server_stop(sv);
		return -1;
	}
	return 0;
}

int
server_make_slot(
    struct server *sv, struct slot *s, int guard_fd, struct error *e)
{
	struct buf b = BUF_INIT;
	unsigned int profile = profile_pack(s->profile, &b);
	bool fresh = b.len > 0, told = sv->knows_groups;
	int fds[2] = {guard_fd, -1};
	size_t mark;
	int rc;

	if (s->profile->grouped && !told)
		pool_group_pack(sv->pool, &b);
	mark = frame_begin(&b, MSG_SLOT_MAKE);
	pack_array(&b, 4);
	pack_uint(&b, s->id);
	pack_uint(&b, s->profile->sandbox->profile.wishes);
	pack_uint(&b, profile);
	pack_uint(&b, s->uid);
	frame_end(&b, mark);
	rc = profile_secrets(s->profile, &fds[1], e);
	if (rc == 0)
		rc = frame_send(sv->fd, &b, fds, fds[1] == -1 ? 1 : 2, e);
	if (fds[1] != -1)
		close(fds[1]);
	if (rc == -1 && fresh)
		sv->profile[profile] = NULL;
	sv->knows_groups = told || (rc == 0 && s->profile->grouped);
	buf_free(&b);
	sv->used = sv->pool->now;
	return rc;
}

/* Slots that it had not finished are lost with it; nothing runs in them. */
static void
server_drop_making(struct server *sv, const char *why)
{
	struct profile *p;
	struct slot *s, *next;

	TAILQ_FOREACH(p, &sv->pool->profiles, entry) {
		if (p->server != sv)
			continue;
		TAILQ_FOREACH_SAFE(s, &p->slots, entry, next) {
			if (s->state == SLOT_MAKING)
				slot_failed(s, why);
		}
	}
}

void
server_close(struct server *sv)
{
	if (sv->fd == -1)
		return;
	if (sv->knows_groups)
		pool_group_forget(sv->fd);
	close(sv->fd);
	sv->fd = -1;
}

void
server_stop(struct server *sv)
{
	siginfo_t si;

	if (sv->fd == -1)
		return;
	loop_io_remove(sv->io);
	sv->io = NULL;
	server_close(sv);
	loop_timer_remove(sv->timer);
	sv->state = SERVER_DYING;
	sv->timer = loop_timer_add(
	    sv->pool->loop, clock_mono() + NS_PER_SEC, server_timeout, sv);
	if (sv->pid_io == NULL) { /* nobody would hear of its end */
		syscall(SYS_pidfd_send_signal, sv->pidfd, SIGKILL, NULL, 0);
		waitid(P_PIDFD, (id_t)sv->pidfd, &si, WEXITED);
		server_reaped(sv);
	}
}

static void
server_lost(struct server *sv, const char *why)
{
	bool never_up = sv->state == SERVER_STARTING;
	char text[sizeof(sv->retry.why)];

	if (sv->fd == -1)
		return;
	snprintf(text, sizeof(text), "%s%s%s",
	    sv->refused ? "" : sv->pool->config.worker_path[sv->image],
	    sv->refused ? "" : ": ", why);
	log_debug("fork server %d is lost: %s", sv->pid, text);
	server_stop(sv);
	if (never_up || sv->refused)
		retry_failed(sv->pool, &sv->retry, text);
	server_drop_making(sv, text);
}

void
server_reaped(struct server *sv)
{
	if (sv->pid == 0)
		return;
	if (sv->fd != -1)
		server_lost(sv, "ended");
	tell_server(sv, true);
	loop_timer_remove(sv->timer);
	sv->timer = NULL;
	loop_io_remove(sv->pid_io);
	sv->pid_io = NULL;
	close(sv->pidfd);
	sv->pidfd = -1;
	sv->pid = 0;
	sv->state = SERVER_DOWN;
	pool_kick(sv->pool, 0);
}
