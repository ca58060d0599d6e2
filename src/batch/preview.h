/* What a batch would do: --dry-run, and the line that -v begins with. */
#ifndef BATCH_PREVIEW_H
#define BATCH_PREVIEW_H

#include "batch/batch.h"

/* "commands: isolation inherit, no limits": what holds for jobs that say
 * nothing else. */
void batch_describe(const struct batch *, struct buf *);
/* Print every job of the source, one a line; what holds for it stands behind
 * a # where it is not what the first line says.  Returns the exit status. */
int batch_preview(const struct batch *, struct job_source *);

#endif
