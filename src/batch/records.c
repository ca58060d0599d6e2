/* Where records end. */
#include <string.h>

#include "base/limits.h"
#include "batch/records.h"

int
records_open(
    struct records *r, const char *path, int delimiter, struct error *e)
{
	memset(r, 0, sizeof(*r));
	r->delimiter = delimiter;
	r->line = 1;
	r->longest = MAX_SOURCE;
	return intake_open(&r->intake, path, e);
}

void
records_close(struct records *r)
{
	if (r->line != 0)
		intake_close(&r->intake);
}

/* Spreadsheets and editors put one before text.  Is more needed to know? */
static bool
skip_mark(struct records *r)
{
	static const char mark[] = {'\xef', '\xbb', '\xbf'};
	size_t n = intake_count(&r->intake);
	bool begins = r->marked &&
	    memcmp(intake_bytes(&r->intake), mark,
	        n < sizeof(mark) ? n : sizeof(mark)) == 0;

	if (begins && n < sizeof(mark))
		return true;
	if (begins)
		intake_use(&r->intake, sizeof(mark));
	r->marked = false;
	return false;
}

/* Bytes of the record at the start, delimiter included; 0: it has no end. */
static size_t
record_end(struct records *r)
{
	const char *bytes = intake_bytes(&r->intake), *end;
	size_t n = intake_count(&r->intake);

	if (r->csv)
		return csv_end(&r->scan, bytes, n, r->separator);
	end = n > r->seen ? memchr(bytes + r->seen, r->delimiter, n - r->seen) :
	                    NULL;
	r->seen = n;
	return end != NULL ? (size_t)(end - bytes) + 1 : 0;
}

static void
give(struct records *r, struct input_record *out, size_t len, size_t used)
{
	const char *p, *end;

	out->text = intake_bytes(&r->intake);
	out->len = r->passed > 0 ? 0 : len;
	out->line = r->line++;
	out->over = r->passed > 0 ? r->passed + len : 0;
	r->passed = 0;
	for (p = out->text, end = p + len; r->csv && p < end; p++)
		r->line += *p == '\n';
	intake_use(&r->intake, used); /* the bytes stay until more are read */
	r->seen = 0;
	r->scan = (struct csv_scan){0, 0};
}

/* The record that has no end yet is too long already, or is passed over. */
static int
too_long(struct records *r, struct error *e)
{
	size_t n = intake_count(&r->intake);

	if (!r->lenient)
		return error_set(e, EK_LIMIT,
		    "%s: the record of line %llu is longer than %zu bytes",
		    r->intake.name, (unsigned long long)r->line, r->longest);
	r->passed += n;
	intake_use(&r->intake, n);
	r->seen = 0;
	if (n > r->longest) /* all of it need not be kept for the others */
		buf_free(&r->intake.bytes);
	return 0;
}

enum job_pull
records_next(struct records *r, struct input_record *out, struct error *e)
{
	enum job_pull pull;
	size_t n, longest;

	while (skip_mark(r) || (n = record_end(r)) == 0) {
		n = intake_count(&r->intake);
		longest = r->passed > 0 ? 0 : r->longest;
		if (n > longest && too_long(r, e) == -1)
			return PULL_ERROR;
		pull = intake_more(&r->intake, e);
		n = intake_count(&r->intake);
		if (pull == PULL_END && n + r->passed > 0) {
			give(r, out, n, n);
			return PULL_JOB;
		}
		if (pull != PULL_JOB)
			return pull;
	}
	give(r, out, n - 1, n);
	return PULL_JOB;
}
