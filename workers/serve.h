/* The serving half of a task process: tasks in, results out. */
#ifndef WORKERS_SERVE_H
#define WORKERS_SERVE_H

#include <stdbool.h>

#include "proto/frame.h"
#include "proto/proto.h"

/* In the guard, once: what its processes need is there before they are. */
void serve_prepare(void);
/* page: NULL when there is none. */
void serve_init(struct proto_page *page);
/* Run one task, or drop it when it was taken back.  EK_PROTO: the supervisor
 * talks nonsense. */
int serve_task(const struct frame *, struct error *) ATTR_CHECK;
/* The same for many that are alike. */
int serve_tasks(const struct frame *, struct error *) ATTR_CHECK;
/* What can be done before the task of a plan comes: a process for one task. */
int serve_load(const struct frame *, struct error *) ATTR_CHECK;
int serve_closure(const struct frame *, struct error *) ATTR_CHECK;
/* Nothing has come for a while: give back what can be had again. */
void serve_rest(void);
/* After the last frame of a message: send what is there. */
void serve_message_done(void);
/* Has it grown too old to be good?  (Not asked where there is no page.) */
bool serve_worn(void);

#endif
