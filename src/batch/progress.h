/* --bar, --eta, --progress: one line on a terminal's stderr, renewed a few
 * times a second; nothing anywhere else. */
#ifndef BATCH_PROGRESS_H
#define BATCH_PROGRESS_H

#include "batch/runner.h"

struct progress;

/* NULL: not asked for.  It is renewed by the loop of
 * the runner, which goes after it. */
struct progress *progress_new(struct runner *);
/* Before other text goes to the terminal. */
void progress_hide(struct progress *);
void progress_free(struct progress *); /* NULL is fine */

#endif
