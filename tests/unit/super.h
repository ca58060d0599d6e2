/*
 * A small supervisor for tests: starts the real rtfs-worker, makes slots and
 * runs in them, and waits with a bound for what they say.  The binary is
 * RTFS_WORKER, or rtfs-worker in the build's top folder; without one the
 * program is skipped (77).
 */
#ifndef TESTS_UNIT_SUPER_H
#define TESTS_UNIT_SUPER_H

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "tests/unit/unit.h"

#define WAIT_MS 5000 /* nothing here takes longer, on a busy machine too */

static const char *worker_path;
static uint64_t worker_build; /* as it said itself */

struct server {
	pid_t pid;
	int control;
};

struct slot {
	int control;
	pid_t pid;
	uint32_t kept;
	struct buf in; /* a message of its guard, from at on not looked at */
	size_t at;
	uint64_t quiet_us; /* what RUN says; 0: nothing */
};

struct run {
	uint64_t id;
	int request; /* of one that serves; else -1 */
	int result;
	int stray;
	struct proto_page *page; /* of one that serves */
	pid_t pid;
	struct exec_failure failure;
};

struct ended {
	int64_t run, code, status, user, sys, rss, tree_user, tree_sys, swept;
};

/* Wait until fd is readable or closed; false after WAIT_MS. */
static inline bool
readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, WAIT_MS) > 0;
}

/* The frame of in from *at on, if it has that number. */
static inline bool
frame_is(const struct buf *in, size_t *at, unsigned int msg, struct unpack *u)
{
	struct frame f;
	struct error e;
	size_t used;
	size_t need;

	if (frame_next(in->data + *at, in->len - *at, MAX_INLINE, &f, &used,
	        &need, &e) != FRAME_OK ||
	    f.msg != msg)
		return false;
	*at += used;
	unpack_init(u, f.payload, f.len);
	return unpack_fields(u, 1, &e) == 0;
}

static inline bool
message(int fd, struct buf *in)
{
	struct error e;
	size_t nfds = 0;
	int none;

	return readable(fd) && frame_recv(fd, in, &none, &nfds, &e) == 1;
}

/* One message with one frame of that number; false for anything else. */
static inline bool
expect(int fd, unsigned int msg, struct buf *in, struct unpack *u)
{
	size_t at = 0;

	return message(fd, in) && frame_is(in, &at, msg, u);
}

/* The next frame of a guard, which may say more than one thing at a time. */
static inline bool
slot_expect(struct slot *slot, unsigned int msg, struct unpack *u)
{
	if (slot->at == slot->in.len) {
		slot->at = 0;
		buf_clear(&slot->in);
		if (!message(slot->control, &slot->in))
			return false;
	}
	return frame_is(&slot->in, &slot->at, msg, u);
}

static inline int64_t
next_int(struct unpack *u)
{
	struct error e;
	int64_t v = INT64_MIN;

	return unpack_int(u, &v, &e) == 0 ? v : INT64_MIN;
}

static inline bool
server_start(struct server *s)
{
	char room[97];
	char name[] = "rtfs-worker";
	char *argv[] = {name, room, NULL};
	char *envp[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;
	size_t mark;
	int sv[2];
	int rc;

	memset(room, ' ', 96);
	room[96] = '\0';
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, sv[1], CONTROL_FD);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
	rc = posix_spawn(&s->pid, worker_path, &actions, &attr, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	close(sv[1]);
	s->control = sv[0];
	if (rc != 0 || !expect(s->control, MSG_HELLO, &b, &u) ||
	    next_int(&u) != PROTO_VERSION ||
	    unpack_uint(&u, &worker_build, &e) == -1)
		return false;
	buf_clear(&b);
	mark = frame_begin(&b, MSG_HELLO);
	pack_array(&b, 4);
	pack_uint(&b, PROTO_VERSION);
	pack_uint(&b, worker_build);
	pack_strz(&b, "supervisor");
	pack_int(&b, getpid());
	frame_end(&b, mark);
	rc = frame_send(s->control, &b, NULL, 0, &e);
	buf_free(&b);
	return rc == 0;
}

/* Wait for the end of a child of ours; INT_MIN: it did not end in time. */
static inline int
wait_for(pid_t pid)
{
	int64_t until = clock_mono() + WAIT_MS * NS_PER_MS;
	int status;

	while (clock_mono() < until) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		poll(NULL, 0, 1);
	}
	return INT32_MIN;
}

static inline void
server_stop(struct server *s)
{
	int status;

	close(s->control);
	status = wait_for(s->pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static inline bool
slot_start(struct server *s, uint32_t wishes, struct slot *slot)
{
	static uint64_t last;
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;
	size_t mark;
	int sv[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		return false;
	mark = frame_begin(&b, MSG_SLOT_MAKE);
	pack_array(&b, 2);
	pack_uint(&b, ++last);
	pack_uint(&b, wishes);
	frame_end(&b, mark);
	ok = frame_send(s->control, &b, &sv[1], 1, &e) == 0;
	close(sv[1]);
	memset(slot, 0, sizeof(*slot));
	slot->control = sv[0];
	ok = ok && expect(s->control, MSG_SLOT_MADE, &b, &u) &&
	    next_int(&u) == (int64_t)last;
	slot->pid = ok ? (pid_t)next_int(&u) : 0;
	slot->kept = ok ? (uint32_t)next_int(&u) : 0;
	buf_free(&b);
	return ok;
}

static inline void
slot_stop(struct slot *slot)
{
	close(slot->control);
	buf_free(&slot->in);
	CU_ASSERT(wait_for(slot->pid) != INT32_MIN);
}

static uint64_t last_run = 100;

/* RUN and what follows it in the same message. */
static inline bool
run_send(struct slot *slot, struct run *r, enum run_mode mode,
    const struct buf *more, const int *fds, size_t nfds)
{
	struct buf b = BUF_INIT;
	struct error e;
	size_t mark = frame_begin(&b, MSG_RUN);
	bool ok;

	pack_array(&b, slot->quiet_us == 0 ? 3 : 4);
	pack_uint(&b, r->id);
	pack_uint(&b, mode);
	pack_strz(&b, "test.task");
	if (slot->quiet_us != 0)
		pack_uint(&b, slot->quiet_us);
	frame_end(&b, mark);
	if (more != NULL)
		buf_add(&b, more->data, more->len);
	ok = frame_send(slot->control, &b, fds, nfds, &e) == 0;
	buf_free(&b);
	while (nfds > 0)
		close(fds[--nfds]);
	return ok;
}

static inline bool
run_started(struct slot *slot, struct run *r)
{
	struct unpack u;

	if (!slot_expect(slot, MSG_STARTED, &u) ||
	    next_int(&u) != (int64_t)r->id)
		return false;
	r->pid = (pid_t)next_int(&u);
	r->failure.os_errno = (uint32_t)next_int(&u);
	r->failure.stage =
	    r->failure.os_errno == ECANCELED ? 0 : (uint32_t)next_int(&u);
	return r->failure.os_errno == 0 || r->failure.stage != 0;
}

/* The same; then STARTED. */
static inline bool
run_begin(struct slot *slot, struct run *r, enum run_mode mode,
    const struct buf *more, const int *fds, size_t nfds)
{
	return run_send(slot, r, mode, more, fds, nfds) && run_started(slot, r);
}

/* A process that serves. */
static inline bool
run_start(struct slot *slot, struct run *r)
{
	int sv[2], result[2], stray[2], fds[4];

	memset(r, 0, sizeof(*r));
	r->id = ++last_run;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1 ||
	    pipe2(result, O_CLOEXEC) == -1 || pipe2(stray, O_CLOEXEC) == -1)
		return false;
	fds[0] = sv[1];
	fds[1] = result[1];
	fds[2] = stray[1];
	fds[3] = memfd_create("page", MFD_CLOEXEC);
	if (ftruncate(fds[3], 4096) == -1)
		return false;
	r->page =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fds[3], 0);
	r->request = sv[0];
	r->result = result[0];
	r->stray = stray[0];
	return run_begin(slot, r, RUN_SERVE, NULL, fds, 4);
}

static inline void
run_close(struct run *r)
{
	if (r->request != -1)
		close(r->request);
	close(r->result);
	close(r->stray);
	if (r->page != NULL)
		munmap(r->page, 4096);
}

static inline bool
run_ended(struct slot *slot, struct run *r, struct ended *end)
{
	struct unpack u;
	bool ok = slot_expect(slot, MSG_ENDED, &u);

	memset(end, 0, sizeof(*end));
	if (ok) {
		end->run = next_int(&u);
		end->code = next_int(&u);
		end->status = next_int(&u);
		end->user = next_int(&u);
		end->sys = next_int(&u);
		end->rss = next_int(&u);
		end->tree_user = next_int(&u);
		end->tree_sys = next_int(&u);
		end->swept = next_int(&u);
	}
	return ok && end->run == (int64_t)r->id;
}

static inline void
run_kill(struct slot *slot, uint64_t run, int signo)
{
	struct buf b = BUF_INIT;
	struct error e;
	size_t mark = frame_begin(&b, MSG_KILL);

	pack_array(&b, 2);
	pack_uint(&b, run);
	pack_int(&b, signo);
	frame_end(&b, mark);
	CU_ASSERT_EQUAL(frame_send(slot->control, &b, NULL, 0, &e), 0);
	buf_free(&b);
}

struct limit {
	int resource;
	uint64_t soft;
	uint64_t hard;
};

static inline void
pack_limits(struct buf *b, const struct limit *l, size_t n)
{
	size_t i;

	pack_array(b, n);
	for (i = 0; i < n; i++) {
		pack_array(b, 3);
		pack_int(b, l[i].resource);
		pack_uint(b, l[i].soft);
		pack_uint(b, l[i].hard);
	}
}

static inline void
add_plan(struct buf *b, uint64_t id, const struct limit *l, size_t n)
{
	size_t mark = frame_begin(b, MSG_PLAN);

	pack_array(b, 3);
	pack_uint(b, id);
	pack_limits(b, l, n);
	pack_map(b, 1);
	pack_strz(b, "umask");
	pack_uint(b, 027);
	frame_end(b, mark);
}

static inline void
add_words(struct buf *b, const char *const *words)
{
	size_t n = 0;
	size_t i;

	while (words[n] != NULL)
		n++;
	pack_array(b, n);
	for (i = 0; i < n; i++)
		pack_strz(b, words[i]);
}

static inline void
add_exec(struct buf *b, const char *program, const char *const *argv,
    const char *directory, bool keep)
{
	const char *const env[] = {"PATH=/usr/bin:/bin", "MARK=yes", NULL};
	size_t mark = frame_begin(b, MSG_EXEC);

	pack_array(b, keep ? 9 : 6);
	pack_uint(b, 1);
	pack_uint(b, 1);
	pack_strz(b, program);
	add_words(b, argv);
	add_words(b, env);
	pack_strz(b, directory);
	if (keep) {
		pack_uint(b, STDOUT_FILENO);
		pack_nil(b);
		pack_uint(b, 1);
	}
	frame_end(b, mark);
}

static inline void
add_again(struct buf *b, const char *program, const char *const *argv)
{
	size_t mark = frame_begin(b, MSG_AGAIN);

	pack_array(b, 3);
	pack_uint(b, 2);
	pack_strz(b, program);
	add_words(b, argv);
	frame_end(b, mark);
}

/* A program, which frames say. */
static inline bool
run_frames_sent(struct slot *slot, struct run *r, const struct buf *frames)
{
	int result[2], stray[2], fds[3];

	memset(r, 0, sizeof(*r));
	r->id = ++last_run;
	r->request = -1;
	if (pipe2(result, O_CLOEXEC) == -1 || pipe2(stray, O_CLOEXEC) == -1)
		return false;
	r->result = result[0];
	r->stray = stray[0];
	fds[0] = result[1];
	fds[1] = stray[1];
	fds[2] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return run_send(slot, r, RUN_EXEC, frames, fds, 3);
}

/* false: not even a process that fails to execute it. */
static inline bool
run_frames(struct slot *slot, struct run *r, const struct buf *frames)
{
	return run_frames_sent(slot, r, frames) && run_started(slot, r);
}

static inline bool
run_program(struct slot *slot, struct run *r, const char *program,
    const char *const *argv, const char *directory, const struct limit *l,
    size_t n)
{
	struct buf b = BUF_INIT;
	bool ok;

	add_plan(&b, 1, l, n);
	add_exec(&b, program, argv, directory, false);
	ok = run_frames(slot, r, &b);
	buf_free(&b);
	return ok;
}

static inline bool
run_shell(struct slot *slot, struct run *r, const char *script,
    const struct limit *l, size_t n)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	return run_program(slot, r, "/bin/sh", argv, "/", l, n);
}

/* All of a pipe until its end; NULL after WAIT_MS. */
static inline char *
drain(int fd)
{
	struct buf b = BUF_INIT;
	char part[4096];
	ssize_t n;

	for (;;) {
		if (!readable(fd)) {
			buf_free(&b);
			return NULL;
		}
		n = read(fd, part, sizeof(part));
		if (n <= 0)
			return buf_take(&b, NULL);
		buf_add(&b, part, (size_t)n);
	}
}

/* One line, from a program that goes on. */
static inline int
read_number(int fd)
{
	char text[32];
	size_t n = 0;

	while (n < sizeof(text) - 1 && readable(fd) &&
	    read(fd, text + n, 1) == 1 && text[n] != '\n')
		n++;
	text[n] = '\0';
	return atoi(text);
}

static inline bool
is_gone(pid_t pid)
{
	int64_t until = clock_mono() + WAIT_MS * NS_PER_MS;

	while (kill(pid, 0) == 0) {
		if (clock_mono() > until)
			return false;
		poll(NULL, 0, 1);
	}
	return errno == ESRCH;
}

#define MAX_KINDS 3
static const uint32_t slot_kinds[MAX_KINDS] = {
    SLOT_NO_NEW_PRIVS,
    SLOT_NO_NEW_PRIVS | SLOT_PIDNS | SLOT_IPCNS,
    SLOT_NO_NEW_PRIVS | SLOT_PIDNS | SLOT_IPCNS | SLOT_USERNS,
};

/* Every test of a run is done in each kind of slot that this machine has. */
static inline void
in_each_slot(void (*test)(struct slot *))
{
	struct server s;
	struct slot slot;
	size_t i;

	CU_ASSERT_FATAL(server_start(&s));
	for (i = 0; i < MAX_KINDS; i++) {
		CU_ASSERT_FATAL(slot_start(&s, slot_kinds[i], &slot));
		CU_ASSERT((slot.kept & SLOT_NO_NEW_PRIVS) != 0);
		test(&slot);
		slot_stop(&slot);
	}
	server_stop(&s);
}

static inline bool
find_worker(void)
{
	static char path[4200];
	char self[4096];
	ssize_t n;
	int up;

	worker_path = getenv("RTFS_WORKER");
	if (worker_path != NULL)
		return access(worker_path, X_OK) == 0;
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return false;
	self[n] = '\0';
	for (up = 0; up < 3; up++) {
		*strrchr(self, '/') = '\0';
		snprintf(path, sizeof(path), "%s/rtfs-worker", self);
		if (access(path, X_OK) == 0) {
			worker_path = path;
			return true;
		}
	}
	return false;
}

/* Is nobody left that could write there? */
static inline bool
at_eof(int fd)
{
	char c;

	return readable(fd) && read(fd, &c, 1) == 0;
}

#define SUPER_MAIN(suite, ...)                                                 \
	int main(void)                                                         \
	{                                                                      \
		static const struct unit_case cases[] = {__VA_ARGS__};         \
                                                                               \
		if (!find_worker())                                            \
			return unit_lacks("rtfs-worker");                      \
		signal(SIGPIPE, SIG_IGN);                                      \
		return unit_run(suite, cases, NITEMS(cases));                  \
	}

#endif
