/*
 * A heap of deadlines, by time and then by order of insertion.  Knows no
 * clock; the loop asks for the next one and takes what is due.
 */
#ifndef POOL_TIMER_H
#define POOL_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct timer_heap;
struct timer;

typedef void (*timer_cb)(void *arg);

struct timer_heap *timer_heap_new(void);
void timer_heap_free(struct timer_heap *); /* NULL is fine */
size_t timer_count(const struct timer_heap *);

/* Owned by the heap until it is removed or taken. */
struct timer *timer_add(struct timer_heap *, int64_t at, timer_cb, void *arg);
void timer_remove(struct timer *);                 /* NULL is fine */
void timer_shift(struct timer_heap *, int64_t ns); /* all of them */
int64_t timer_next(const struct timer_heap *);     /* INT64_MAX: none */
/* Remove the earliest when it is due at now, and say what to call.  Timers
 * added by that call have their turn in the next round: mark is what
 * timer_mark() said before the round. */
bool timer_take(
    struct timer_heap *, int64_t now, uint64_t mark, timer_cb *, void **arg);
uint64_t timer_mark(const struct timer_heap *);

#endif
