/*
 * Stray output of a task, bounded: the first and the last half of what may be
 * kept, the rest counted and dropped.
 */
#ifndef POOL_CAPTURE_H
#define POOL_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Zero-initialised is empty and keeps nothing. */
struct capture {
	struct buf head;
	char *tail; /* ring of tail_cap bytes; NULL until it is needed */
	size_t tail_cap;
	size_t tail_at; /* where the next byte goes */
	uint64_t tail_total;
	size_t keep;
	uint64_t total;
};

/* Begin anew, keeping at most that many bytes (UINT64_MAX: a fixed, large
 * amount). */
void capture_reset(struct capture *, uint64_t keep);
void capture_add(struct capture *, const char *, size_t);
/* Move what was kept to the end of out; where something was dropped stands a
 * line that says how much.  The capture is empty afterwards. */
void capture_take(struct capture *, struct buf *out);
void capture_free(struct capture *);

#endif
