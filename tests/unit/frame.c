/* rooms: proto base */
/* Frames: cutting a stream, messages with descriptors, sealed memory. */
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "tests/unit/unit.h"

static void
test_cut(void)
{
	struct buf b = BUF_INIT;
	struct frame f;
	struct error e;
	size_t mark, used, need, n;

	mark = frame_begin(&b, MSG_TASK);
	buf_adds(&b, "payload");
	frame_end(&b, mark);
	mark = frame_begin(&b, MSG_RESULT);
	frame_end(&b, mark);
	CU_ASSERT_EQUAL(b.len, 8 + 7 + 8);
	for (n = 0; n < 15; n++) {
		need = 0;
		CU_ASSERT_EQUAL(
		    frame_next(b.data, n, 100, &f, &used, &need, &e),
		    FRAME_SHORT);
		CU_ASSERT_EQUAL(need, n < 8 ? 8 : 15);
	}
	CU_ASSERT_EQUAL(
	    frame_next(b.data, b.len, 7, &f, &used, &need, &e), FRAME_OK);
	CU_ASSERT_EQUAL(used, 15);
	CU_ASSERT_EQUAL(f.msg, MSG_TASK);
	CU_ASSERT_EQUAL(f.len, 7);
	CU_ASSERT_NSTRING_EQUAL(f.payload, "payload", 7);
	CU_ASSERT_EQUAL(
	    frame_next(b.data + used, b.len - used, 7, &f, &used, &need, &e),
	    FRAME_OK);
	CU_ASSERT_EQUAL(f.msg, MSG_RESULT);
	CU_ASSERT_EQUAL(f.len, 0);
	CU_ASSERT_EQUAL(
	    frame_next(b.data, b.len, 6, &f, &used, &need, &e), FRAME_BAD);
	CU_ASSERT_EQUAL(e.kind, EK_PROTO);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "7 bytes announced"));
	buf_free(&b);
}

enum {
#define MSG(sym, num, dir, payload) ROW_##sym,
#include "proto/msg.def"
#undef MSG
	MSG_COUNT
};

static void
test_bad_headers(void)
{
	static const struct {
		const char *bytes;
		const char *says;
	} cases[] = {
	    {"\x00\x00\x00\x00\x0a\x00\x01\x00", "reserved bytes"            },
	    {"\x00\x00\x00\x00\x0a\x00\x00\x80", "reserved bytes"            },
	    {"\x00\x00\x00\x00\xff\x00\x00\x00", "no message has number 255" },
	    {"\x00\x00\x00\x00\xfe\x00\x00\x00", "no message has number 254" },
	    {"\xff\xff\xff\xff\x0a\x00\x00\x00", "4294967295 bytes announced"},
	    {"\x01\x00\x00\x40\x0a\x00\x00\x00", "1073741825 bytes announced"},
	};
	char first_unused[8] = {0};
	struct frame f;
	struct error e;
	size_t i, used, need;

	for (i = 0; i < NITEMS(cases); i++) {
		CU_ASSERT_EQUAL(frame_next(cases[i].bytes, 8, SIZE_MAX, &f,
		                    &used, &need, &e),
		    FRAME_BAD);
		CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, cases[i].says));
	}
	first_unused[4] = MSG_COUNT;
	CU_ASSERT_EQUAL(
	    frame_next(first_unused, 8, SIZE_MAX, &f, &used, &need, &e),
	    FRAME_BAD);
}

static void
test_names(void)
{
	CU_ASSERT_STRING_EQUAL(proto_msg_name(MSG_HELLO), "HELLO");
	CU_ASSERT_STRING_EQUAL(proto_msg_name(14), "FAILED");
	CU_ASSERT_PTR_NULL(proto_msg_name(MSG_COUNT));
	CU_ASSERT_EQUAL(proto_msg_dir(MSG_KILL), DIR_TO_GUARD);
	CU_ASSERT_EQUAL(proto_msg_dir(MSG_RESULT), DIR_RESULT);
	CU_ASSERT_EQUAL(proto_msg_dir(1000), -1);
}

static void
one_frame(struct buf *b, size_t len)
{
	size_t mark;

	buf_clear(b);
	mark = frame_begin(b, MSG_HELLO);
	memset(buf_reserve(b, len), 'x', len);
	b->len += len;
	frame_end(b, mark);
}

static void
test_message(void)
{
	struct buf out = BUF_INIT, in = BUF_INIT;
	struct error e;
	int sv[2], pipes[2], fds[FRAME_MAX_FDS];
	size_t nfds, sent;
	char c = 0;

	CU_ASSERT_EQUAL_FATAL(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, sv), 0);
	CU_ASSERT_EQUAL_FATAL(pipe(pipes), 0);
	nfds = FRAME_MAX_FDS;
	CU_ASSERT_EQUAL(frame_recv(sv[1], &in, fds, &nfds, &e), -1);
	CU_ASSERT_EQUAL(e.os_errno, EAGAIN);

	one_frame(&out, 100);
	CU_ASSERT_EQUAL(frame_send(sv[0], &out, &pipes[1], 1, &e), 0);
	nfds = FRAME_MAX_FDS;
	CU_ASSERT_EQUAL(frame_recv(sv[1], &in, fds, &nfds, &e), 1);
	CU_ASSERT_EQUAL(in.len, out.len);
	CU_ASSERT_EQUAL(memcmp(in.data, out.data, out.len), 0);
	CU_ASSERT_EQUAL_FATAL(nfds, 1);
	CU_ASSERT_EQUAL(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	CU_ASSERT_EQUAL(write(fds[0], "!", 1), 1);
	CU_ASSERT_EQUAL(read(pipes[0], &c, 1), 1);
	CU_ASSERT_EQUAL(c, '!');
	close(fds[0]);

	one_frame(&out, FRAME_MAX_MESSAGE - FRAME_HEADER);
	for (sent = 0; frame_send(sv[0], &out, NULL, 0, &e) == 0; sent++)
		CU_ASSERT_FATAL(sent < 100);
	CU_ASSERT(sent > 0);
	CU_ASSERT_EQUAL(e.os_errno, EAGAIN);
	for (; sent > 0; sent--) {
		nfds = FRAME_MAX_FDS;
		CU_ASSERT_EQUAL(frame_recv(sv[1], &in, fds, &nfds, &e), 1);
		CU_ASSERT_EQUAL(in.len, FRAME_MAX_MESSAGE);
		CU_ASSERT_EQUAL(nfds, 0);
	}
	one_frame(&out, FRAME_MAX_MESSAGE);
	CU_ASSERT_EQUAL(frame_send(sv[0], &out, NULL, 0, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);

	close(sv[0]);
	nfds = FRAME_MAX_FDS;
	CU_ASSERT_EQUAL(frame_recv(sv[1], &in, fds, &nfds, &e), 0);
	CU_ASSERT_EQUAL(frame_send(sv[1], &in, NULL, 0, &e), -1);
	one_frame(&out, 1);
	CU_ASSERT_EQUAL(frame_send(sv[1], &out, NULL, 0, &e), -1);
	CU_ASSERT_EQUAL(e.os_errno, EPIPE);
	close(sv[1]);
	close(pipes[0]);
	close(pipes[1]);
	buf_free(&out);
	buf_free(&in);
}

/* Descriptors open in this process. */
static int
open_count(void)
{
	int i, n = 0;

	for (i = 0; i < 200; i++) {
		if (fcntl(i, F_GETFD) != -1)
			n++;
	}
	return n;
}

static void
test_too_much(void)
{
	static char big[FRAME_MAX_MESSAGE + 1];
	struct buf out = BUF_INIT, in = BUF_INIT;
	struct error e;
	int sv[2], many[FRAME_MAX_FDS] = {0}, fds[FRAME_MAX_FDS], before;
	size_t nfds;

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv), 0);
	before = open_count();
	one_frame(&out, 1);
	CU_ASSERT_EQUAL(frame_send(sv[0], &out, many, FRAME_MAX_FDS, &e), 0);
	nfds = 2;
	CU_ASSERT_EQUAL(frame_recv(sv[1], &in, fds, &nfds, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_PROTO);
	CU_ASSERT_EQUAL(nfds, 0);
	CU_ASSERT_EQUAL(open_count(), before);
	CU_ASSERT_EQUAL(send(sv[0], big, sizeof(big), 0), (ssize_t)sizeof(big));
	nfds = 2;
	CU_ASSERT_EQUAL(frame_recv(sv[1], &in, fds, &nfds, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_PROTO);
	close(sv[0]);
	close(sv[1]);
	buf_free(&out);
	buf_free(&in);
}

/* On either side of what fits near. */
static void
test_near(void)
{
	static const size_t sizes[] = {0, 100, 500 - FRAME_HEADER,
	    501 - FRAME_HEADER, 5000, FRAME_MAX_MESSAGE - FRAME_HEADER};
	char room[500];
	struct buf near = {.data = room, .cap = sizeof(room)}, in = BUF_INIT;
	struct buf out = BUF_INIT, *got;
	int sv[2], fds[FRAME_MAX_FDS];
	struct error e;
	size_t i, nfds;

	CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == 0);
	for (i = 0; i < NITEMS(sizes); i++) {
		one_frame(&out, sizes[i]);
		CU_ASSERT_EQUAL(frame_send(sv[0], &out, sv, 1, &e), 0);
		nfds = FRAME_MAX_FDS;
		CU_ASSERT_EQUAL_FATAL(
		    frame_recv_near(sv[1], &near, &in, fds, &nfds, &e), 1);
		got = out.len <= sizeof(room) ? &near : &in;
		CU_ASSERT_EQUAL(near.len + in.len, out.len);
		CU_ASSERT_EQUAL(got->len, out.len);
		CU_ASSERT_EQUAL(memcmp(got->data, out.data, out.len), 0);
		CU_ASSERT_PTR_EQUAL(near.data, room);
		CU_ASSERT_EQUAL_FATAL(nfds, 1);
		close(fds[0]);
	}
	close(sv[0]);
	nfds = 0;
	CU_ASSERT_EQUAL(frame_recv_near(sv[1], &near, &in, fds, &nfds, &e), 0);
	close(sv[1]);
	buf_free(&in);
	buf_free(&out);
}

static void
test_memfd(void)
{
	struct error e;
	const char *p;
	char c;
	int fd, plain;

	fd = frame_memfd("test", "hello", 5, &e);
	CU_ASSERT_NOT_EQUAL_FATAL(fd, -1);
	CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CU_ASSERT_EQUAL(read(fd, &c, 1), 1);
	CU_ASSERT_EQUAL(c, 'h');
	CU_ASSERT_EQUAL(pwrite(fd, "j", 1, 0), -1);
	CU_ASSERT_EQUAL(errno, EPERM);
	CU_ASSERT_EQUAL(ftruncate(fd, 0), -1);
	CU_ASSERT_EQUAL(frame_memfd_map(fd, 5, &p, &e), 0);
	CU_ASSERT_NSTRING_EQUAL(p, "hello", 5);
	munmap((void *)(uintptr_t)p, 5);
	CU_ASSERT_EQUAL(frame_memfd_map(fd, 6, &p, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_PROTO);
	CU_ASSERT_EQUAL(frame_memfd_map(fd, 0, &p, &e), -1);
	close(fd);
	plain = memfd_create("plain", MFD_CLOEXEC);
	CU_ASSERT_EQUAL(pwrite(plain, "hello", 5, 0), 5);
	CU_ASSERT_EQUAL(frame_memfd_map(plain, 5, &p, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "not sealed"));
	close(plain);
}

UNIT_MAIN("frame", {"cutting a stream", test_cut},
    {"bad headers", test_bad_headers}, {"message names", test_names},
    {"messages with descriptors", test_message},
    {"too much in a message", test_too_much},
    {"short messages near", test_near}, {"sealed memory", test_memfd})
