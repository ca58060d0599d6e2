/* Columns by name, each with the text of its field. */
#include <stdio.h>
#include <string.h>

#include "batch/csv.h"
#include "batch/format.h"
#include "batch/table.h"
#include "host/fault.h"
#include "value/printer.h"

static void
column_seq(struct entry *e, struct buf *b)
{
	buf_addf(b, "%llu", (unsigned long long)e->job->seq);
}

static void
column_id(struct entry *e, struct buf *b)
{
	buf_adds(b, e->job->id);
}

static void
column_command(struct entry *e, struct buf *b)
{
	buf_adds(b, job_text(e->job));
}

static void
column_status(struct entry *e, struct buf *b)
{
	buf_adds(b, entry_status(e));
}

static void
column_fault(struct entry *e, struct buf *b)
{
	if (!e->outcome.ok)
		buf_adds(b, errkey_fault(fault_key(&e->outcome)));
}

static void
column_attempts(struct entry *e, struct buf *b)
{
	buf_addf(b, "%u", e->begun == 0 ? 0U : e->task.attempt);
}

static void
column_exit(struct entry *e, struct buf *b)
{
	if (e->outcome.exit >= 0)
		buf_addf(b, "%d", e->outcome.exit);
}

static void
column_signal(struct entry *e, struct buf *b)
{
	if (e->outcome.signal != 0)
		buf_addf(b, "%d", e->outcome.signal);
}

static void
column_limit(struct entry *e, struct buf *b)
{
	if (e->outcome.limit != NULL)
		buf_adds(b, e->outcome.limit);
}

static void
column_started(struct entry *e, struct buf *b)
{
	char when[32];

	if (e->begun == 0)
		return;
	clock_format(e->begun_wall, when);
	buf_adds(b, when);
}

static void
ms(struct buf *b, int64_t ns)
{
	buf_addf(b, "%.3f", (double)ns / 1e6);
}

static void
column_wall(struct entry *e, struct buf *b)
{
	ms(b, e->outcome.usage.wall_ns);
}

static void
column_user(struct entry *e, struct buf *b)
{
	if (e->outcome.usage.known)
		ms(b, e->outcome.usage.user_ns);
}

static void
column_system(struct entry *e, struct buf *b)
{
	if (e->outcome.usage.known)
		ms(b, e->outcome.usage.system_ns);
}

static void
column_rss(struct entry *e, struct buf *b)
{
	if (e->outcome.usage.known) {
		buf_addf(
		    b, "%llu", (unsigned long long)e->outcome.usage.max_rss);
	}
}

static void
column_message(struct entry *e, struct buf *b)
{
	if (!e->outcome.ok)
		buf_adds(b, fault_message(&e->outcome));
}

static void
column_value(struct entry *e, struct buf *b)
{
	if (e->outcome.ok && e->job->kind == JOB_TASK)
		print_plain(b, e->outcome.value);
}

static void
column_truncated(struct entry *e, struct buf *b)
{
	buf_adds(b, entry_truncated(e) ? "true" : "false");
}

static void
column_stdout(struct entry *e, struct buf *b)
{
	buf_add(b, e->outcome.output.data, e->outcome.output.len);
	spool_copy(&e->runner->spill, &e->out[0], b);
}

static void
column_stderr(struct entry *e, struct buf *b)
{
	buf_add(b, e->outcome.stray.data, e->outcome.stray.len);
	spool_copy(&e->runner->spill, &e->out[1], b);
}

static const struct {
	const char *name;
	void (*add)(struct entry *, struct buf *);
} columns[] = {
    {"seq",           column_seq      },
    {"id",            column_id       },
    {"command",       column_command  },
    {"status",        column_status   },
    {"fault",         column_fault    },
    {"attempts",      column_attempts },
    {"exit",          column_exit     },
    {"signal",        column_signal   },
    {"limit",         column_limit    },
    {"started",       column_started  },
    {"wall_ms",       column_wall     },
    {"user_ms",       column_user     },
    {"system_ms",     column_system   },
    {"max_rss_bytes", column_rss      },
    {"message",       column_message  },
    {"value",         column_value    },
    {"truncated",     column_truncated},
    {"stdout",        column_stdout   },
    {"stderr",        column_stderr   },
};

static char
delimiter(const struct runner *r)
{
	return r->options->format == BATCH_TSV ? '\t' : ',';
}

void
table_head(struct runner *r, struct buf *b)
{
	size_t i;

	for (i = 0; i < NITEMS(columns); i++) {
		if (i > 0)
			buf_addc(b, delimiter(r));
		buf_adds(b, columns[i].name);
	}
	buf_addc(b, '\n');
}

void
table_row(struct runner *r, struct entry *e, struct buf *b)
{
	struct buf field = BUF_INIT;
	size_t i;

	for (i = 0; i < NITEMS(columns); i++) {
		if (i > 0)
			buf_addc(b, delimiter(r));
		columns[i].add(e, &field);
		csv_write(b, buf_str(&field), field.len, delimiter(r));
		buf_clear(&field);
	}
	buf_addc(b, '\n');
	buf_free(&field);
}
