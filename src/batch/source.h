/* How sources of jobs are made: each kind gives these, source.c the rest. */
#ifndef BATCH_SOURCE_H
#define BATCH_SOURCE_H

#include "batch/batch.h"
#include "batch/form.h"

struct source_kind {
	/* As job_source_next() says; not called again after PULL_END and
	 * PULL_ERROR.  The job has its seq. */
	enum job_pull (*next)(void *, struct job **, struct error *);
	int (*fd)(const void *);
	int64_t (*total)(const void *); /* NULL: known at the end only */
	void (*free)(void *);
};
/* Takes the state. */
struct job_source *source_new(const struct source_kind *, void *state);

/* The kinds; each to be called with a batch whose options ask for it. */
int source_values_new(
    const struct batch *, struct job_source **, struct error *) ATTR_CHECK;
int source_blocks_new(
    const struct batch *, struct job_source **, struct error *) ATTR_CHECK;
int source_jsonl_new(
    const struct batch *, struct job_source **, struct error *) ATTR_CHECK;
int source_tasks_new(
    const struct batch *, struct job_source **, struct error *) ATTR_CHECK;

#endif
