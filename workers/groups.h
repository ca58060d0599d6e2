/* The control groups of a fork server's supervisor, from GROUPS messages. */
#ifndef WORKERS_GROUPS_H
#define WORKERS_GROUPS_H

#include "proto/frame.h"

/* In place of those that were said before.  EK_PROTO. */
int groups_keep(const struct frame *, struct error *) ATTR_CHECK;
/* The socket has ended: if there are any the supervisor was killed; removes
 * what it made. */
void groups_remove_dead(void);

#endif
