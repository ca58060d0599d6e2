/*
 * What jobs print, kept until it is their turn: in memory while it is little,
 * beyond that in one unlinked file, so that memory is bounded however much a
 * job prints.
 */
#ifndef BATCH_SPOOL_H
#define BATCH_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* The file, shared by all streams of a run; made when it is first needed. */
struct spill {
	int fd; /* -1: none yet */
	int64_t end;
	uint64_t live;   /* bytes in it that somebody still needs */
	uint64_t memory; /* bytes in the buffers of all streams */
	int os_errno;    /* the first failure; 0: none */
};

struct extent {
	int64_t at;
	uint64_t len;
};

/* One stream of one attempt.  Zero-initialised is empty. */
struct spool {
	struct buf tail; /* what came last */
	struct extent *extent;
	size_t nextents;
	uint64_t total;
	uint64_t dropped; /* could not be written; part of total */
};

void spill_init(struct spill *);
void spill_free(struct spill *);

/* Where the disk is full the bytes are dropped, counted, and spill->os_errno
 * says why. */
void spool_add(struct spill *, struct spool *, const char *, size_t);
/* Call for the bytes from the first to the last, in pieces of at most 64 KiB;
 * they stay.  A call that returns false ends it. */
void spool_each(struct spill *, const struct spool *,
    bool (*take)(void *arg, const char *, size_t), void *arg);
/* All of it at the end of *out; for what is known to be short. */
void spool_copy(struct spill *, const struct spool *, struct buf *out);
/* Empty it, and give its room back. */
void spool_free(struct spill *, struct spool *);

#endif
