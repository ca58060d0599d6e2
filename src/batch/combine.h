/*
 * Several inputs to one stream of rows: every combination, the last input
 * fastest; or side by side where they are linked.  Only the first input (and
 * what is linked to it) may be without end: the others are held in memory.
 */
#ifndef BATCH_COMBINE_H
#define BATCH_COMBINE_H

#include "batch/input.h"

struct combine;

/* The options' inputs; with none, standard input. */
int combine_new(const struct batch_options *, struct heap *, struct combine **,
    struct error *) ATTR_CHECK;
void combine_free(struct combine *); /* NULL is fine */
enum job_pull combine_next(
    struct combine *, struct row *out, struct error *) ATTR_CHECK;
int combine_fd(const struct combine *); /* of the input that has nothing */
int64_t combine_total(const struct combine *); /* rows, or -1 */

#endif
