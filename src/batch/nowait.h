/*
 * Reads and writes that never wait, on descriptors that others may share, so
 * that they cannot be made non-blocking.  Where the kernel takes a call that
 * says so (pipes and sockets, since Linux 6.4) it is one call, elsewhere the
 * descriptor is polled before it.  A file is always ready.
 */
#ifndef BATCH_NOWAIT_H
#define BATCH_NOWAIT_H

#include <sys/types.h>

#include <stdbool.h>

enum nowait_way {
	NOWAIT_UNKNOWN, /* not looked at yet: zero-initialised is fine */
	NOWAIT_CALL,
	NOWAIT_POLL,
	NOWAIT_FILE
};

struct nowait {
	int fd;
	enum nowait_way way;
};

/* As read(2) and write(2), of a part perhaps; -1 with EAGAIN: not now, poll
 * the descriptor.  May fail with EINTR. */
ssize_t nowait_read(struct nowait *, void *, size_t);
ssize_t nowait_write(struct nowait *, const void *, size_t);
/* A read of a pipe or socket gave all there was: more is worth no try before
 * somebody says that there is. */
bool nowait_watched(const struct nowait *);

#endif
