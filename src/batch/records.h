/* Records of an intake: lines, texts that end with another byte, or CSV. */
#ifndef BATCH_RECORDS_H
#define BATCH_RECORDS_H

#include "batch/csv.h"
#include "batch/intake.h"

struct records {
	struct intake intake;
	int delimiter;  /* byte */
	bool csv;       /* the delimiter is the newline outside quotes */
	char separator; /* of csv */
	struct csv_scan scan;
	bool marked; /* a byte order mark may be the next, and is no text */
	size_t seen; /* no delimiter in so many bytes of the intake */
	uint64_t line;
	size_t longest; /* bytes of a record; records_open(): MAX_SOURCE */
	bool lenient;   /* a longer one is passed over, not an error */
	uint64_t passed;
};

struct input_record {
	const char *text; /* not NUL-terminated; until the next call */
	size_t len;       /* without the delimiter */
	uint64_t line;    /* where it began, from 1; others than lines and CSV:
			   * its number */
	uint64_t over;    /* bytes of one that was passed over, which has no
			    * text; 0: it was not */
};

int records_open(struct records *, const char *path, int delimiter,
    struct error *) ATTR_CHECK;
void records_close(struct records *); /* zero-initialised is fine */
/* PULL_JOB: *out is filled.  A last record without delimiter counts when it
 * is not empty.  EK_LIMIT: one that is too long, unless they are passed over.
 */
enum job_pull records_next(
    struct records *, struct input_record *out, struct error *) ATTR_CHECK;

#endif
