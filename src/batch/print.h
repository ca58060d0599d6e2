/*
 * Standard output and error of a batch.  Whoever reads them may be slow: then
 * the loop goes round while we wait, so that deadlines and signals are minded,
 * and what ends meanwhile waits for its turn.  So nothing is printed from a
 * callback of the loop, but for single lines about a job.
 */
#ifndef BATCH_PRINT_H
#define BATCH_PRINT_H

#include <stdbool.h>

#include "base/buf.h"
#include "batch/nowait.h"

struct runner;

struct print {
	int failed; /* errno of standard output; 0: it takes what we print */
	struct buf pending;
	struct nowait to[2]; /* standard output, standard error */
};

void print_init(struct runner *);
/* fd is 1, which is buffered, or 2, which comes after what was printed. */
void print_text(struct runner *, int fd, const char *, size_t);
void print_flush(struct runner *);
/* What is printed goes nowhere any more. */
bool print_given_up(const struct runner *);
void print_free(struct runner *);

#endif
