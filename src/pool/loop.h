/*
 * The event loop of the supervisor: epoll, one timer heap, signals as events.
 * Single-threaded; callbacks never block.  A callback may remove its own or
 * any other source, which then is not called again, also not in this round.
 */
#ifndef POOL_LOOP_H
#define POOL_LOOP_H

#include <signal.h>
#include <stdint.h>

#include "base/error.h"

struct loop;
struct loop_io;    /* one descriptor */
struct loop_timer; /* one deadline */

typedef void (*loop_io_cb)(int fd, uint32_t events, void *arg);
typedef void (*loop_timer_cb)(void *arg);
typedef void (*loop_signal_cb)(int signo, void *arg);

int loop_new(struct loop **, struct error *) ATTR_CHECK;
void loop_free(struct loop *);
/* events: EPOLLIN and so on.  The descriptor stays the caller's: remove
 * before close (a forked child may still hold it). */
struct loop_io *loop_io_add(struct loop *, int fd, uint32_t events, loop_io_cb,
    void *arg, struct error *);
int loop_io_change(
    struct loop_io *, uint32_t events, struct error *) ATTR_CHECK;
void loop_io_remove(struct loop_io *); /* NULL is fine */
/* at: clock_mono() time; one-shot. */
struct loop_timer *loop_timer_add(
    struct loop *, int64_t at, loop_timer_cb, void *arg);
void loop_timer_remove(struct loop_timer *); /* not after it has fired */
/* All deadlines are so much later. */
void loop_shift(struct loop *, int64_t ns);
/* Block the signal and get it as an event. */
int loop_signal_add(struct loop *, int signo, loop_signal_cb, void *arg,
    struct error *) ATTR_CHECK;
/* No more calls for it; it stays blocked. */
void loop_signal_remove(struct loop *, int signo);
/* Look for events for so long (ns) before going to sleep, as long as they have
 * come that soon: a wake-up costs more than an answer that comes at once. */
void loop_spin(struct loop *, int64_t ns);
/* Wait until something happens or until (clock_mono(); INT64_MAX: forever),
 * and call what is due.  EK_SYSTEM only when epoll itself fails. */
int loop_once(struct loop *, int64_t until, struct error *) ATTR_CHECK;

#endif
