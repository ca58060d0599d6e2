/* What tasks write to stderr, beyond what their errors keep: --stderr. */
#ifndef HOST_STRAY_H
#define HOST_STRAY_H

#include "host/set_impl.h"

/* Bytes as they come.  Live: whole lines, each after its task's label.
 * Folder: appended to the file of the task. */
void stray_add(struct set *, size_t task, const char *, size_t);
/* The task has ended: a last line without its end is shown, too. */
void stray_end(struct set *, size_t task);

#endif
