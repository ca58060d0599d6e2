#include <string.h>
#include <time.h>

#include "base/clock.h"

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

int64_t
clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

void
clock_format(int64_t wall_ns, char out[32])
{
	/* Many records begin in the same second. */
	static time_t last = -1;
	static char text[24];
	static size_t n;
	time_t sec = (time_t)(wall_ns / NS_PER_SEC);
	int ms = (int)(wall_ns % NS_PER_SEC / NS_PER_MS);
	struct tm tm;

	if (sec != last) {
		gmtime_r(&sec, &tm);
		n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.", &tm);
		last = sec;
	}
	memcpy(out, text, n);
	out[n] = (char)('0' + ms / 100);
	out[n + 1] = (char)('0' + ms / 10 % 10);
	out[n + 2] = (char)('0' + ms % 10);
	out[n + 3] = 'Z';
	out[n + 4] = '\0';
}
