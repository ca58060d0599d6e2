/* Long texts of the task that comes next, each in a file or in a pipe that the
 * supervisor writes to while we read (TEXTS of proto/PROTOCOL.md). */
#ifndef WORKERS_TEXTS_H
#define WORKERS_TEXTS_H

#include "proto/codec.h"
#include "workers/inbox.h"

/* Takes their descriptors; those of a task before are closed. */
int texts_open(const struct frame *, struct inbox *, struct error *) ATTR_CHECK;
/* For whoever unpacks the task; NULL: there are none. */
struct unpack_texts *texts_waiting(void);
void texts_close(void);

#endif
