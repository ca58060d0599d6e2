/*
 * Frames: header and payload in a buffer, a stream cut into frames, messages
 * of a SEQPACKET socket with descriptors, and sealed memory files for what is
 * too large for one.  Headers come from hostile peers: nothing is allocated
 * on their word.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "proto/frame.h"
#include "proto/proto.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define ALL_SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

static void
put_u16(char *p, unsigned int v)
{
	p[0] = (char)(v & 0xff);
	p[1] = (char)(v >> 8 & 0xff);
}

static void
put_u32(char *p, uint32_t v)
{
	put_u16(p, v & 0xffff);
	put_u16(p + 2, v >> 16);
}

static uint32_t
get_u16(const char *p)
{
	return (uint32_t)(unsigned char)p[0] |
	    (uint32_t)(unsigned char)p[1] << 8;
}

static uint32_t
get_u32(const char *p)
{
	return get_u16(p) | get_u16(p + 2) << 16;
}

size_t
frame_begin(struct buf *out, unsigned int msg)
{
	char *p = buf_reserve(out, FRAME_HEADER);
	size_t mark = out->len;

	put_u32(p, 0);
	put_u16(p + 4, msg);
	put_u16(p + 6, 0);
	out->len += FRAME_HEADER;
	return mark;
}

void
frame_end(struct buf *out, size_t mark)
{
	frame_end_more(out, mark, 0);
}

void
frame_end_more(struct buf *out, size_t mark, size_t more)
{
	put_u32(out->data + mark,
	    (uint32_t)(out->len - mark - FRAME_HEADER + more));
}

enum frame_status
frame_next(const char *bytes, size_t len, size_t max, struct frame *f,
    size_t *used, size_t *need, struct error *e)
{
	size_t n;

	if (max > MAX_FRAME)
		max = MAX_FRAME;
	if (len < FRAME_HEADER) {
		*need = FRAME_HEADER;
		return FRAME_SHORT;
	}
	n = get_u32(bytes);
	f->msg = get_u16(bytes + 4);
	if (get_u16(bytes + 6) != 0) {
		error_set(e, EK_PROTO, "frame header: reserved bytes are 0x%x",
		    get_u16(bytes + 6));
		return FRAME_BAD;
	}
	if (proto_msg_name(f->msg) == NULL) {
		error_set(e, EK_PROTO, "frame header: no message has number %u",
		    f->msg);
		return FRAME_BAD;
	}
	if (n > max) {
		error_set(e, EK_PROTO,
		    "frame header: %zu bytes announced, at most %zu allowed", n,
		    max);
		return FRAME_BAD;
	}
	if (len - FRAME_HEADER < n) {
		*need = FRAME_HEADER + n;
		return FRAME_SHORT;
	}
	f->payload = bytes + FRAME_HEADER;
	f->len = n;
	*used = FRAME_HEADER + n;
	return FRAME_OK;
}

int
frame_send(
    int fd, const struct buf *b, const int *fds, size_t nfds, struct error *e)
{
	union {
		char space[CMSG_SPACE(sizeof(int) * FRAME_MAX_FDS)];
		struct cmsghdr align;
	} control;
	struct iovec iov = {.iov_base = b->data, .iov_len = b->len};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;
	ssize_t n;

	if (b->len == 0 || b->len > FRAME_MAX_MESSAGE || nfds > FRAME_MAX_FDS) {
		return error_set(e, EK_LIMIT,
		    "message of %zu bytes with %zu descriptors: at most %u "
		    "and %d",
		    b->len, nfds, FRAME_MAX_MESSAGE, FRAME_MAX_FDS);
	}
	if (nfds > 0) {
		memset(&control, 0, sizeof(control));
		m.msg_control = control.space;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	do {
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return error_sys(e, "send");
	if ((size_t)n != b->len)
		return error_set(e, EK_PROTO, "a message was cut short");
	return 0;
}

/* Collect the descriptors of a received message; their number. */
static size_t
take_fds(struct msghdr *m, int out[FRAME_MAX_FDS])
{
	struct cmsghdr *c;
	size_t n = 0, k;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		k = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (k > FRAME_MAX_FDS - n)
			k = FRAME_MAX_FDS - n; /* control space is no larger */
		memcpy(out + n, CMSG_DATA(c), k * sizeof(int));
		n += k;
	}
	return n;
}

static int
receive(int fd, struct buf *near, struct buf *in, int *fds, size_t *nfds,
    int flags, struct error *e)
{
	union {
		char space[CMSG_SPACE(sizeof(int) * FRAME_MAX_FDS)];
		struct cmsghdr align;
	} control;
	struct iovec iov[2];
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = 2};
	int got[FRAME_MAX_FDS];
	size_t room = *nfds, ngot, i;
	ssize_t n;

	buf_clear(near);
	buf_clear(in);
	*nfds = 0;
	iov[0].iov_base = near->data;
	iov[0].iov_len = near->cap;
	iov[1].iov_base = buf_reserve(in, FRAME_MAX_MESSAGE) + near->cap;
	iov[1].iov_len = FRAME_MAX_MESSAGE - near->cap;
	m.msg_control = control.space;
	m.msg_controllen = sizeof(control.space);
	do {
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | flags);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return error_sys(e, "receive");
	ngot = take_fds(&m, got);
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || ngot > room) {
		for (i = 0; i < ngot; i++)
			close(got[i]);
		return error_set(e, EK_PROTO,
		    (m.msg_flags & MSG_TRUNC) != 0 ?
		        "a message is longer than %u bytes" :
		        "a message carries too many descriptors",
		    FRAME_MAX_MESSAGE);
	}
	if (n == 0) {
		for (i = 0; i < ngot; i++)
			close(got[i]);
		return 0;
	}
	if (ngot > 0)
		memcpy(fds, got, ngot * sizeof(int));
	*nfds = ngot;
	if ((size_t)n <= near->cap) {
		near->len = (size_t)n;
		return 1;
	}
	if (near->cap > 0)
		memcpy(in->data, near->data, near->cap);
	in->len = (size_t)n;
	return 1;
}

int
frame_recv_near(int fd, struct buf *near, struct buf *in, int *fds,
    size_t *nfds, struct error *e)
{
	return receive(fd, near, in, fds, nfds, 0, e);
}

int
frame_recv(int fd, struct buf *in, int *fds, size_t *nfds, struct error *e)
{
	struct buf none = BUF_INIT;

	return receive(fd, &none, in, fds, nfds, 0, e);
}

int
frame_recv_now(int fd, struct buf *in, int *fds, size_t *nfds, struct error *e)
{
	struct buf none = BUF_INIT;

	return receive(fd, &none, in, fds, nfds, MSG_DONTWAIT, e);
}

int
frame_memfd(const char *name, const void *bytes, size_t len, struct error *e)
{
	struct iovec piece = {.iov_len = len};

	memcpy(&piece.iov_base, &bytes, sizeof(bytes));
	return frame_memfd_pieces(name, &piece, 1, e);
}

/* pwrite: the offset stays 0 for whoever reads it as standard input. */
static int
write_at(int fd, const struct iovec *piece, size_t at, struct error *e)
{
	const char *p = piece->iov_base;
	size_t done = 0, len = piece->iov_len;
	ssize_t n;

	while (done < len) {
		n = pwrite(fd, p + done, len - done, (off_t)(at + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_sys(e, "memfd of %zu bytes", at + len);
		done += (size_t)n;
	}
	return 0;
}

int
frame_memfd_pieces(
    const char *name, const struct iovec *piece, size_t n, struct error *e)
{
	size_t at = 0, i;
	int fd;

	fd = memfd_create(
	    name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd == -1 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return error_sys(e, "memfd_create");
	for (i = 0; i < n; at += piece[i++].iov_len) {
		if (write_at(fd, &piece[i], at, e) == -1)
			goto fail;
	}
	if (fcntl(fd, F_ADD_SEALS, ALL_SEALS) == -1) {
		error_sys(e, "sealing a memfd");
		goto fail;
	}
	return fd;
fail:
	close(fd);
	return -1;
}

int
frame_memfd_map(int fd, size_t len, const char **bytes, struct error *e)
{
	struct stat st;
	void *p;
	int seals;

	/* one long frame and the short ones that go before it */
	if (len == 0 || len > (size_t)MAX_FRAME + FRAME_MAX_MESSAGE)
		return error_set(
		    e, EK_PROTO, "sealed memory of %zu bytes", len);
	seals = fcntl(fd, F_GET_SEALS);
	if (seals == -1 || (seals & ALL_SEALS) != ALL_SEALS)
		return error_set(e, EK_PROTO, "memory is not sealed");
	if (fstat(fd, &st) == -1)
		return error_sys(e, "sealed memory");
	if (st.st_size < 0 || (uintmax_t)st.st_size != len)
		return error_set(e, EK_PROTO,
		    "sealed memory holds %jd bytes, %zu announced",
		    (intmax_t)st.st_size, len);
	p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return error_sys(e, "mapping sealed memory");
	*bytes = p;
	return 0;
}
