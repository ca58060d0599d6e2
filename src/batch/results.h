/*
 * --results: GNU parallel's layouts.  A folder gets DIR/1/VALUE/2/VALUE/stdout
 * stderr seq for each job; a name that ends in .csv, .tsv or .json is a table
 * with a row a job, and then nothing is printed.
 */
#ifndef BATCH_RESULTS_H
#define BATCH_RESULTS_H

#include "batch/runner.h"

struct results;

/* EK_SYSTEM with the path. */
int results_open(const char *path, bool append, struct results **,
    struct error *) ATTR_CHECK;
void results_add(struct results *, struct entry *); /* NULL is fine */
bool results_is_table(const struct results *);      /* NULL: no */
/* EK_SYSTEM when not everything could be written. */
int results_close(struct results *, struct error *);

#endif
