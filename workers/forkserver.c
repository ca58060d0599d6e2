/* The fork server: makes the guards of slots, children of the supervisor, on
 * request.  Runs no task code, holds nothing of any task, and stays small,
 * because its pages are what every fork copies. */

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/keyctl.h>

#include "base/limits.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "sandbox/enter.h"
#include "workers/process.h"

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
make_guard(
    uint64_t slot, int control, uint32_t wishes, struct guard_report *report)
{
	uint32_t kept = wishes;
	int pipefd[2];
	pid_t pid;
	int saved;

	if (pipe2(pipefd, O_CLOEXEC) == -1)
		return -1;
	pid = sandbox_clone(&kept);
	if (pid == 0) /* closes the rest of what it inherits */
		guard_main(slot, control, pipefd[1], wishes, kept);
	saved = errno;
	close(pipefd[1]);
	if (pid > 0 && !read_report(pipefd[0], report)) {
		report->kept = 0;
		report->os_errno = ECHILD;
	}
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

static int
slot_make(uint64_t slot, uint32_t wishes, int control, struct buf *out,
    struct error *e)
{
	struct guard_report report = {0, 0};
	size_t mark;
	pid_t pid;

	pid = make_guard(slot, control, wishes, &report);
	if (pid > 0 && report.os_errno != 0 && !may_pass(report.os_errno)) {
		/* That guard has ended; its supervisor reaps it. */
		sandbox_clone_without_userns();
		report.os_errno = 0;
		pid = make_guard(slot, control, wishes, &report);
	}
	if (pid == -1)
		report.os_errno = (uint32_t)errno;
	close(control);
	buf_clear(out);
	if (report.os_errno != 0) {
		mark = frame_begin(out, MSG_SLOT_FAILED);
		pack_array(out, 3);
		pack_uint(out, slot);
		pack_uint(out, pid == -1 ? 0 : 1);
		pack_uint(out, report.os_errno);
	} else {
		mark = frame_begin(out, MSG_SLOT_MADE);
		pack_array(out, 3);
		pack_uint(out, slot);
		pack_int(out, pid);
		pack_uint(out, report.kept);
	}
	frame_end(out, mark);
	return frame_send(CONTROL_FD, out, NULL, 0, e);
}

struct message {
	struct buf bytes;
	int fd[FRAME_MAX_FDS];
	size_t nfds;
	size_t taken;
};

/* -1: the supervisor is gone or talks nonsense. */
static int
handle(const struct frame *f, struct message *m, bool *greeted, struct buf *out,
    struct error *e)
{
	struct unpack u;
	uint64_t slot;
	uint64_t wishes;

	if (f->msg == MSG_HELLO && !*greeted) {
		*greeted = true;
		return hello_fits(f, e) ? 0 : -1;
	}
	if (f->msg != MSG_SLOT_MAKE || !*greeted || m->taken >= m->nfds)
		return -1;
	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 2, e) == -1 || unpack_uint(&u, &slot, e) == -1 ||
	    unpack_uint(&u, &wishes, e) == -1)
		return -1;
	return slot_make(slot, (uint32_t)wishes, m->fd[m->taken++], out, e);
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
	struct message m = {.bytes = BUF_INIT};
	struct buf out = BUF_INIT;
	struct error e;
	bool greeted = false;
	int rc = -1;

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
	buf_free(&m.bytes);
	buf_free(&out);
	return rc == 0 ? 0 : 1;
}
