/* --load, --memfree: nothing starts while the machine is under pressure. */
#ifndef BATCH_PRESSURE_H
#define BATCH_PRESSURE_H

#include <stddef.h>
#include <stdint.h>

struct pressure;

/* NULL: neither was asked for. */
struct pressure *pressure_new(double load, uint64_t memfree);
void pressure_free(struct pressure *);
/* 0: something may start; else when to ask again (clock_mono()).  running: ours
 * that the figures may not show yet. */
int64_t pressure_wait(struct pressure *, size_t running);
/* What is waited for ("load 5.20 is not below 2"), when that is to be told:
 * not more often than once in ten seconds; else NULL. */
const char *pressure_news(struct pressure *);

#endif
