/* --bar, --eta, --progress: one line on a terminal's stderr, renewed a few
 * times a second; nothing anywhere else. */
#ifndef BATCH_PROGRESS_H
#define BATCH_PROGRESS_H

#include "batch/runner.h"

struct progress;

/* NULL: not asked for, or stderr is no terminal. */
struct progress *progress_new(struct runner *);
void progress_show(struct progress *, bool now);
/* Before other text goes to the terminal. */
void progress_hide(struct progress *);
void progress_free(struct progress *);

#endif
