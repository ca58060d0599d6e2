/*
 * Frames on the channels: building them, cutting a stream into them, and
 * sending them with descriptors.  Knows nothing of what the payload says.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include <sys/uio.h>

#include "base/buf.h"
#include "base/error.h"

#define FRAME_HEADER 8U

struct frame {
	unsigned int msg; /* enum proto_msg; a known one */
	const char *payload;
	size_t len;
};

/* Begin a frame at the end of out; returns a mark for frame_end, which fills
 * in the length.  Between the two the payload is appended (proto/codec.h). */
size_t frame_begin(struct buf *out, unsigned int msg);
void frame_end(struct buf *out, size_t mark);
/* The same, with so many bytes more that are not in the buffer. */
void frame_end_more(struct buf *out, size_t mark, size_t more);

enum frame_status {
	FRAME_OK,
	FRAME_SHORT, /* more bytes are needed; *need says how many in all */
	FRAME_BAD,   /* *e says why; the peer is lost */
};
/* The first frame of bytes[0..len).  max bounds the payload; a longer one is
 * FRAME_BAD before anything is allocated.  *used: bytes it took. */
enum frame_status frame_next(const char *bytes, size_t len, size_t max,
    struct frame *, size_t *used, size_t *need, struct error *);

#define FRAME_MAX_FDS 8
/* Bytes of one SEQPACKET message: several inline frames, below the default
 * send buffer of the kernel (208 KiB). */
#define FRAME_MAX_MESSAGE 196608U
/* One message of a SEQPACKET socket, with descriptors (borrowed).  -1 with
 * EAGAIN in e->os_errno when the socket is full (non-blocking); EK_LIMIT above
 * FRAME_MAX_MESSAGE or FRAME_MAX_FDS.  Never raises SIGPIPE. */
int frame_send(int fd, const struct buf *, const int *fds, size_t nfds,
    struct error *) ATTR_CHECK;
/* Receive one message into in (cleared first); descriptors are close-on-exec
 * and owned by the caller.  Returns 1, 0 at end of file, -1 with errno in
 * e->os_errno (EAGAIN: nothing there).  *nfds: in capacity, out number; more
 * descriptors than fit are closed and the message is EK_PROTO. */
int frame_recv(
    int fd, struct buf *in, int *fds, size_t *nfds, struct error *) ATTR_CHECK;
/* The same, never waiting: -1 with EAGAIN when nothing is there. */
int frame_recv_now(
    int fd, struct buf *in, int *fds, size_t *nfds, struct error *) ATTR_CHECK;
/* The same as frame_recv(), where most messages are short: one that fits near
 * is left there, whose memory does not move, and in is empty then. */
int frame_recv_near(int fd, struct buf *near, struct buf *in, int *fds,
    size_t *nfds, struct error *) ATTR_CHECK;
/* A sealed memfd holding these bytes (MFD_NOEXEC_SEAL where known), its offset
 * at 0; -1. */
int frame_memfd(
    const char *name, const void *bytes, size_t len, struct error *) ATTR_CHECK;
/* The same of several pieces. */
int frame_memfd_pieces(const char *name, const struct iovec *, size_t n,
    struct error *) ATTR_CHECK;
/* The other end: map len bytes (not 0) of such a descriptor, read only, after
 * checking seals and size.  The caller munmaps and closes. */
int frame_memfd_map(
    int fd, size_t len, const char **bytes, struct error *) ATTR_CHECK;

#endif
