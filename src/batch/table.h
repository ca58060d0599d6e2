/* -o csv, tsv: a row a job, the fields of the record as columns. */
#ifndef BATCH_TABLE_H
#define BATCH_TABLE_H

#include "batch/runner.h"

void table_head(struct runner *, struct buf *);
void table_row(struct runner *, struct entry *, struct buf *);

#endif
