/* time.*: the clocks, and waiting. */
#include <errno.h>
#include <math.h>
#include <time.h>

#include "base/clock.h"
#include "value/number.h"
#include "value/string.h"
#include "workers/builtin.h"

int
builtin_time_now(struct work *w)
{
	return work_done(w, int_from(w->heap, clock_wall() / NS_PER_MS));
}

int
builtin_time_unix_timestamp(struct work *w)
{
	return work_done(w, int_from(w->heap, clock_wall() / NS_PER_SEC));
}

int
builtin_time_now_iso(struct work *w)
{
	char text[32];

	clock_format(clock_wall(), text);
	return work_done(w, str_from(w->heap, text));
}

int
builtin_time_monotonic(struct work *w)
{
	return work_done(
	    w, float_from(w->heap, (double)clock_mono() / (double)NS_PER_MS));
}

/* To a point in time, so that signals and stops do not lengthen it. */
int
builtin_time_sleep(struct work *w)
{
	val v = work_arg(w, 0);
	double ms;
	int64_t until;
	struct timespec ts;

	if (v == VAL_UNBOUND || !num_is(v) || !((ms = num_to_double(v)) >= 0)) {
		return work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "argument 1: expected milliseconds, 0 or more");
	}
	/* ten years: the deadline of the task comes long before */
	until = clock_mono() +
	    (int64_t)(fmin(ms, 315576000000.0) * (double)NS_PER_MS);
	ts.tv_sec = until / NS_PER_SEC;
	ts.tv_nsec = until % NS_PER_SEC;
	while (
	    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
	return work_done(w, VAL_NIL);
}
