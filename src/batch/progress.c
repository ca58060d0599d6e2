/* The line is drawn over itself; other text first takes it away. */
#include <sys/ioctl.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/units.h"
#include "batch/progress.h"

#define EVERY (200 * NS_PER_MS)

struct progress {
	struct runner *runner;
	bool drawn;
	struct loop_timer *timer;
};

static unsigned int
terminal_width(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_col < 20)
		return 80;
	return w.ws_col;
}

/* What the rest will take, going by what the others took; -1: unknown. */
static int64_t
time_left(const struct runner *r, int64_t total)
{
	uint64_t done = r->done;

	if (total < 0 || done == 0)
		return -1;
	return (clock_mono() - r->begun) / (int64_t)done *
	    (total - (int64_t)done);
}

static void
draw(struct progress *p)
{
	struct runner *r = p->runner;
	const struct batch_options *o = r->options;
	int64_t total = job_source_total(r->source), left;
	uint64_t ended = r->done + r->resumed;
	unsigned int width = terminal_width(), i, full;
	struct buf b = BUF_INIT;
	char text[32];

	if (o->bar && total > 0) {
		full = (unsigned int)(20 * ended / (uint64_t)total);
		buf_addc(&b, '[');
		for (i = 0; i < 20; i++)
			buf_addc(&b, i < full ? '#' : '.');
		buf_addf(&b, "] %" PRIu64 "%% ", 100 * ended / (uint64_t)total);
	}
	if (total >= 0) {
		buf_addf(&b, "%" PRIu64 " of %" PRId64 " done", ended, total);
	} else {
		buf_addf(&b, "%" PRIu64 " done", ended);
	}
	if (r->failed > 0) {
		buf_addf(&b, ", %" PRIu64 " failed", r->failed);
	}
	buf_addf(&b, ", %zu running", r->nrunning);
	left = o->eta || o->bar ? time_left(r, total) : -1;
	if (left >= 0) {
		units_format_duration(left / NS_PER_SEC * NS_PER_SEC, text);
		buf_addf(&b, ", %s left", text);
	}
	if (b.len > width - 1)
		b.len = width - 1;
	fprintf(stderr, "\r%.*s\033[K", (int)b.len, b.data);
	fflush(stderr);
	buf_free(&b);
	p->drawn = true;
}

static void
renew(void *arg)
{
	struct progress *p = arg;

	p->timer =
	    loop_timer_add(p->runner->loop, clock_mono() + EVERY, renew, p);
	draw(p);
}

static void
hide(void *arg)
{
	progress_hide(arg);
}

struct progress *
progress_new(struct runner *r)
{
	const struct batch_options *o = r->options;
	struct progress *p;

	if (!o->bar && !o->eta && !o->progress)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->runner = r;
	log_set_before(hide, p);
	renew(p);
	return p;
}

void
progress_hide(struct progress *p)
{
	if (p == NULL || !p->drawn)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->drawn = false;
}

void
progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	draw(p);
	fputc('\n', stderr);
	log_set_before(NULL, NULL);
	loop_timer_remove(p->timer);
	free(p);
}
