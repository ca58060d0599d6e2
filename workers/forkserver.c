/* The fork server: makes the guards of slots, children of the supervisor, on
 * request.  Runs no task code, holds nothing of any task, and stays small,
 * because its pages are what every fork copies. */

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/keyctl.h>

#include "base/limits.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "sandbox/enter.h"
#include "workers/groups.h"
#include "workers/process.h"
#include "workers/profile.h"

char process_room[FRAME_MAX_MESSAGE];

/* A heap that grows after a fork is two mappings, which each fork of that
 * guard copies: it grows here, in parts for which malloc() makes no mapping of
 * its own.  What stays lies above them, or free() would give them back. */
static void
grow_heap(struct buf *stays)
{
	volatile char *part[2];
	size_t i;

	for (i = 0; i < NITEMS(part); i++) {
		part[i] = xmalloc((size_t)100 * 1024);
		*part[i] = 0;
	}
	buf_reserve(stays, 4096);
	for (i = 0; i < NITEMS(part); i++)
		free((void *)(uintptr_t)part[i]);
}

static int
send_hello(struct buf *out, struct error *e)
{
	size_t mark;

	buf_clear(out);
	mark = frame_begin(out, MSG_HELLO);
	pack_array(out, 4);
	pack_uint(out, PROTO_VERSION);
	pack_uint(out, image.build_id());
	pack_strz(out, image.name);
	pack_int(out, getpid());
	frame_end(out, mark);
	return frame_send(CONTROL_FD, out, NULL, 0, e);
}

/* Is the supervisor of our build?  It has been told who we are and says so
 * to people; we only must not go on. */
static bool
hello_fits(const struct frame *f, struct error *e)
{
	struct unpack u;
	uint64_t version;
	uint64_t build;

	unpack_init(&u, f->payload, f->len);
	return unpack_fields(&u, 2, e) == 0 &&
	    unpack_uint(&u, &version, e) == 0 &&
	    unpack_uint(&u, &build, e) == 0 && version == PROTO_VERSION &&
	    (image.closure_run == NULL || build == image.build_id());
}

/* The guard's word on what it could keep; false: it died without one. */
static bool
read_report(int fd, struct guard_report *report)
{
	ssize_t n;

	do {
		n = read(fd, report, sizeof(*report));
	} while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(*report);
}

/* One try: the guard's process id, and *report; -1 with errno. */
static pid_t
make_guard(uint64_t slot, int control, struct sandbox_entry *x,
    struct guard_report *report)
{
	int pipefd[2];
	pid_t pid;
	int saved;

	if (pipe2(pipefd, O_CLOEXEC) == -1)
		return -1;
	pid = sandbox_clone(x);
	if (pid == 0) /* closes the rest of what it inherits */
		guard_main(slot, control, pipefd[1], x);
	saved = errno;
	close(pipefd[1]);
	memset(report, 0, sizeof(*report));
	if (pid > 0 && !read_report(pipefd[0], report))
		report->os_errno = ECHILD;
	close(pipefd[0]);
	errno = saved;
	return pid;
}

/* A want of the moment says nothing about what the kernel permits. */
static bool
may_pass(uint32_t os_errno)
{
	return os_errno == EAGAIN || os_errno == ENOMEM || os_errno == EMFILE ||
	    os_errno == ENFILE || os_errno == ECHILD;
}

static size_t
pack_made(struct buf *out, uint64_t slot, pid_t pid,
    const struct guard_report *report)
{
	size_t mark = frame_begin(out, MSG_SLOT_MADE);
	size_t n = 0;
	unsigned int i;

	pack_array(out, 4);
	pack_uint(out, slot);
	pack_int(out, pid);
	pack_uint(out, report->kept);
	for (i = 0; i < SANDBOX_NBITS; i++)
		n += report->refused[i] != 0;
	pack_array(out, n);
	for (i = 0; i < SANDBOX_NBITS; i++) {
		if (report->refused[i] == 0)
			continue;
		pack_array(out, 2);
		pack_uint(out, UINT64_C(1) << i);
		pack_uint(out, report->refused[i]);
	}
	return mark;
}

static size_t
pack_failed(struct buf *out, uint64_t slot, pid_t pid,
    const struct guard_report *report)
{
	size_t mark = frame_begin(out, MSG_SLOT_FAILED);

	pack_array(out, 4);
	pack_uint(out, slot);
	pack_uint(out, pid == -1 ? 0 : 1);
	pack_uint(out, report->os_errno);
	pack_strz(out, report->why);
	return mark;
}

static int
slot_make(uint64_t slot, const struct sandbox_profile *p, uint32_t uid,
    int control, int secrets, struct buf *out, struct error *e)
{
	struct guard_report report = {.os_errno = 0};
	struct sandbox_entry x;
	size_t mark;
	pid_t pid;

	sandbox_prepare(p, uid);
	sandbox_entry_init(&x, p, uid);
	x.secrets = secrets;
	pid = make_guard(slot, control, &x, &report);
	if (pid > 0 && report.os_errno != 0 && report.userns &&
	    !may_pass(report.os_errno)) {
		/* That guard has ended; its supervisor reaps it. */
		sandbox_clone_without_userns();
		sandbox_entry_init(&x, p, uid);
		x.secrets = secrets;
		pid = make_guard(slot, control, &x, &report);
	}
	if (pid == -1)
		report.os_errno = (uint32_t)errno;
	close(control);
	if (secrets != -1)
		close(secrets);
	buf_clear(out);
	mark = report.os_errno != 0 ? pack_failed(out, slot, pid, &report) :
	                              pack_made(out, slot, pid, &report);
	frame_end(out, mark);
	return frame_send(CONTROL_FD, out, NULL, 0, e);
}

struct message {
	struct buf bytes;
	int fd[FRAME_MAX_FDS];
	size_t nfds;
	size_t taken;
};

static int
handle_slot(
    const struct frame *f, struct message *m, struct buf *out, struct error *e)
{
	struct sandbox_profile plain = {.tmp = UINT64_MAX};
	const struct sandbox_profile *p = &plain;
	struct unpack u;
	uint64_t slot;
	uint64_t wishes;
	uint64_t number;
	uint64_t uid = 0;
	int control;
	int secrets = -1;

	unpack_init(&u, f->payload, f->len);
	if (m->taken >= m->nfds || unpack_fields(&u, 2, e) == -1 ||
	    unpack_uint(&u, &slot, e) == -1 ||
	    unpack_uint(&u, &wishes, e) == -1)
		return -1;
	plain.wishes = (uint32_t)wishes;
	if (u.at < u.end) {
		if (unpack_uint(&u, &number, e) == -1 ||
		    unpack_uint(&u, &uid, e) == -1)
			return -1;
		p = profile_find(number);
		if (p == NULL)
			return error_set(e, EK_PROTO, "no such profile");
	}
	control = m->fd[m->taken++];
	if (p->nsecrets > 0) {
		if (m->taken >= m->nfds)
			return error_set(e, EK_PROTO, "no secrets");
		secrets = m->fd[m->taken++];
	}
	return slot_make(slot, p, (uint32_t)uid, control, secrets, out, e);
}

/* -1: the supervisor is gone or talks nonsense. */
static int
handle(const struct frame *f, struct message *m, bool *greeted, struct buf *out,
    struct error *e)
{
	if (f->msg == MSG_HELLO && !*greeted) {
		*greeted = true;
		return hello_fits(f, e) ? 0 : -1;
	}
	if (!*greeted)
		return -1;
	if (f->msg == MSG_PROFILE)
		return profile_keep(f, e);
	if (f->msg == MSG_GROUPS)
		return groups_keep(f, e);
	return f->msg == MSG_SLOT_MAKE ? handle_slot(f, m, out, e) : -1;
}

/* All frames of one message; -1 as handle(). */
static int
handle_message(
    struct message *m, bool *greeted, struct buf *out, struct error *e)
{
	const struct buf *in = &m->bytes;
	struct frame f;
	size_t used;
	size_t need;
	size_t at;

	m->taken = 0;
	for (at = 0; at < in->len; at += used) {
		if (frame_next(in->data + at, in->len - at, MAX_INLINE, &f,
		        &used, &need, e) != FRAME_OK ||
		    handle(&f, m, greeted, out, e) == -1)
			return -1;
	}
	return m->taken == m->nfds ? 0 : -1; /* nobody took the others */
}

int
forkserver_run(void)
{
	struct message m = {
	    .bytes = {.data = process_room, .cap = sizeof(process_room)}
        };
	struct buf out = BUF_INIT;
	struct error e;
	bool greeted = false;
	int rc = -1;

	grow_heap(&out);
	/* Keys that a task adds must not reach the caller's session. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (send_hello(&out, &e) == 0) {
		do {
			m.nfds = NITEMS(m.fd);
			rc =
			    frame_recv(CONTROL_FD, &m.bytes, m.fd, &m.nfds, &e);
			if (rc == 1 &&
			    handle_message(&m, &greeted, &out, &e) == -1)
				rc = -1;
		} while (rc == 1);
	}
	buf_free(&out);
	groups_remove_dead();
	return rc == 0 ? 0 : 1;
}
