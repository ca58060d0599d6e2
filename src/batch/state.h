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
void state_ended(struct state *, struct entry *); /* NULL is fine */
/* Whatever was told so far is kept. */
void state_flush(struct state *);
int state_close(struct state *, struct error *); /* as state_open() */

#endif
