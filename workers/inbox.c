/* See inbox.h. */
#include <sys/mman.h>

#include <unistd.h>

#include "base/limits.h"
#include "proto/codec.h"
#include "proto/proto.h"
#include "workers/inbox.h"

int
inbox_take(struct inbox *in)
{
	return in->taken < in->n ? in->fd[in->taken++] : -1;
}

size_t
inbox_close(struct inbox *in)
{
	size_t left = in->n - in->taken;

	while (in->taken < in->n)
		close(in->fd[in->taken++]);
	return left;
}

/* Sealed: nobody can change or cut them while we read. */
static int
open_large(const struct frame *f, struct inbox *in, inbox_frame_fn fn,
    void *arg, struct error *e)
{
	const char *next = in->next;
	const char *end = in->end;
	const char *bytes;
	struct unpack u;
	uint64_t len;
	int fd;
	int rc;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 1, e) == -1 || unpack_uint(&u, &len, e) == -1)
		return -1;
	fd = inbox_take(in);
	if (fd == -1)
		return error_set(e, EK_PROTO, "LARGE without descriptor");
	rc = frame_memfd_map(fd, (size_t)len, &bytes, e);
	close(fd);
	if (rc == -1)
		return -1;
	in->next = bytes;
	in->end = bytes + len;
	in->inner = true;
	rc = inbox_rest(in, fn, arg, e);
	in->next = next;
	in->end = end;
	in->inner = false;
	munmap((void *)(uintptr_t)bytes, (size_t)len);
	return rc;
}

int
inbox_rest(struct inbox *in, inbox_frame_fn fn, void *arg, struct error *e)
{
	struct frame f;
	size_t used;
	size_t need;
	int rc;

	while (in->next < in->end) {
		switch (frame_next(in->next, (size_t)(in->end - in->next),
		    in->inner ? MAX_FRAME : FRAME_MAX_MESSAGE, &f, &used, &need,
		    e)) {
		case FRAME_OK:
			break;
		case FRAME_SHORT:
			return error_set(e, EK_PROTO, "a frame is cut short");
		case FRAME_BAD:
			return -1;
		}
		in->next += used;
		rc = f.msg == MSG_LARGE && !in->inner ?
		    open_large(&f, in, fn, arg, e) :
		    fn(&f, in, arg, e);
		if (rc == -1)
			return -1;
	}
	return 0;
}

void
inbox_drop_rest(struct inbox *in)
{
	in->next = in->end;
	(void)inbox_close(in);
}

int
inbox_frames(const struct buf *message, struct inbox *in, inbox_frame_fn fn,
    void *arg, struct error *e)
{
	in->next = message->data;
	in->end = message->data + message->len;
	in->inner = false;
	return inbox_rest(in, fn, arg, e);
}
