/* The running median of how long jobs took: --timeout N%, --eta. */
#ifndef BATCH_MEDIAN_H
#define BATCH_MEDIAN_H

#include <stdint.h>

struct median;

struct median *median_new(void);
void median_free(struct median *);
void median_add(struct median *, int64_t ns);
int64_t median_now(const struct median *); /* 0: not known yet */
/* So many percent of it; 0: not known yet (fewer than three jobs). */
int64_t median_percent(const struct median *, double percent);

#endif
