/* One source of values: the words behind a :::, or a file of records. */
#ifndef BATCH_INPUT_H
#define BATCH_INPUT_H

#include "batch/job.h"
#include "batch/options.h"

/* The columns of one record; owned by whoever has the row. */
struct row {
	struct job_value *value;
	size_t n;
	uint64_t line; /* 0: of words */
	char *bad;     /* why no job can be made of it; NULL: one can */
};
void row_clear(struct row *);
/* Takes the other's values behind its own. */
void row_append(struct row *, struct row *taken);
void row_copy(struct row *, const struct row *from);

struct input;

/* heap: where JSON is read.  EK_SYSTEM: no such file; EK_ARGUMENT: --colsep. */
int input_new(const struct batch_options *, const struct batch_input *,
    struct heap *, struct input **, struct error *) ATTR_CHECK;
void input_free(struct input *); /* NULL is fine */
enum job_pull input_next(
    struct input *, struct row *, struct error *) ATTR_CHECK;
int input_fd(const struct input *);
/* Rows in all, or -1: not known. */
int64_t input_total(const struct input *);

#endif
