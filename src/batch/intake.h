/*
 * Bytes of a file, pipe or terminal, never waited for: what is there is read,
 * and no further than it is asked for.
 */
#ifndef BATCH_INTAKE_H
#define BATCH_INTAKE_H

#include "base/buf.h"
#include "batch/job.h"
#include "batch/nowait.h"

struct intake {
	struct nowait from; /* fd: its own but for standard input; -1: none */
	char *name;         /* for errors */
	bool ended;
	bool drained; /* the last read took all there was */
	struct buf bytes;
	size_t start; /* those before are used up */
};

/* "-" is standard input.  EK_SYSTEM. */
int intake_open(struct intake *, const char *path, struct error *) ATTR_CHECK;
void intake_close(struct intake *); /* zero-initialised is fine */
static inline const char *
intake_bytes(const struct intake *f)
{
	return f->bytes.data == NULL ? "" : f->bytes.data + f->start;
}
static inline size_t
intake_count(const struct intake *f)
{
	return f->bytes.len - f->start;
}
void intake_use(struct intake *, size_t n); /* n <= intake_count() */
/* Read some more behind what is there.  PULL_JOB: there is more; PULL_WAIT,
 * PULL_END and PULL_ERROR as job_source_next() says it. */
enum job_pull intake_more(struct intake *, struct error *) ATTR_CHECK;

#endif
