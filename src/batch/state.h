/*
 * --state FILE: which jobs have ended and how, by content key, so that a
 * later run knows what is left to do (--resume, --resume-failed,
 * --retry-failed), whatever became of this one.
 */
#ifndef BATCH_STATE_H
#define BATCH_STATE_H

#include "batch/runner.h"

struct state;

/* NULL in *out: the options ask for none.  An error without text: rtfs-state
 * has said why itself. */
int state_open(struct runner *, struct state **out, struct error *) ATTR_CHECK;
/* Has an earlier run done it, so that this one need not?  NULL: no. */
bool state_has(struct state *, struct entry *);
/* It has ended and what it gave was printed, or will be before the next
 * state_flush().  NULL is fine. */
void state_ended(struct state *, struct entry *);
/* What was told so far is kept, unless the printing of it has failed. */
void state_flush(struct state *);
int state_close(struct state *, struct error *); /* as state_open() */

#endif
