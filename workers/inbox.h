/* One message of the supervisor: its frames, also those in a sealed memfd, and
 * the descriptors that came along, in order. */
#ifndef WORKERS_INBOX_H
#define WORKERS_INBOX_H

#include <stdbool.h>

#include "proto/frame.h"

struct inbox {
	int fd[FRAME_MAX_FDS];
	size_t n;
	size_t taken;
	/* inbox_frames() has handed on what is before: */
	const char *next;
	const char *end;
	bool inner; /* of a memfd */
};

/* The next descriptor, the caller's from here on; -1: there is none. */
int inbox_take(struct inbox *);
/* Close what nobody took; how many those were. */
size_t inbox_close(struct inbox *);

typedef int (*inbox_frame_fn)(
    const struct frame *, struct inbox *, void *arg, struct error *);
/* Hand on each frame of the message but LARGE, whose own it opens.  -1 as the
 * first one that says so, and for what is no frame. */
int inbox_frames(const struct buf *message, struct inbox *, inbox_frame_fn,
    void *arg, struct error *) ATTR_CHECK;
/* For whoever has been handed a frame: hand on those behind it, or none. */
int inbox_rest(
    struct inbox *, inbox_frame_fn, void *arg, struct error *) ATTR_CHECK;
void inbox_drop_rest(struct inbox *); /* with the descriptors */

#endif
