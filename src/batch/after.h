/*
 * Who waits for whom: ids of jobs, those that are under way and how those
 * that are over ended.  Of the latter the last half million at least are
 * remembered, so that input without end takes constant memory.
 */
#ifndef BATCH_AFTER_H
#define BATCH_AFTER_H

#include "batch/runner.h"

/* A job without an id of its own has none here: nobody can wait for it. */
struct after; /* NULL: jobs of this batch have no ids of their own */

struct after *after_new(struct runner *);
void after_free(struct after *);
/* A job has come.  true: it waits for others (or is refused, which
 * after_flush() does then). */
bool after_blocks(struct after *, struct entry *);
/* It came and an earlier run had done it. */
void after_recorded(struct after *, const struct entry *);
void after_ended(struct after *, struct entry *);
/* {"cancel":ID} */
void after_cancel(struct after *, const struct job *);
/* End what cannot run any more, start what can; not from a callback. */
void after_flush(struct after *);
/* The input has ended and nothing runs: who still waits waits for nobody.
 * false: there is none. */
bool after_give_up(struct after *);

#endif
