/* The figures are the kernel's, read at most every so often; how many
 * processes want a CPU just now tells more than an average of a minute. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "batch/pressure.h"

#define LOOK_EVERY (500 * NS_PER_MS)
#define TELL_EVERY (10 * NS_PER_SEC)

struct pressure {
	double load;
	uint64_t memfree;
	int64_t looked;
	bool high;
	char why[128];
	bool news;
	int64_t told; /* 0: never */
};

struct pressure *
pressure_new(double load, uint64_t memfree)
{
	struct pressure *p;

	if (load <= 0 && memfree == 0)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->load = load;
	p->memfree = memfree;
	return p;
}

void
pressure_free(struct pressure *p)
{
	free(p);
}

static bool
read_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, out, size - 1);

	if (fd != -1)
		close(fd);
	if (n <= 0)
		return false;
	out[n] = '\0';
	return true;
}

/* The average of the last minute, or how many others want a CPU now if that is
 * more; -1: unknown. */
static double
load_now(void)
{
	char text[256], *at = text;
	double average, wanting;

	if (!read_file("/proc/loadavg", text, sizeof(text)))
		return -1;
	average = strtod(at, &at);
	(void)strtod(at, &at);
	(void)strtod(at, &at);
	wanting = (double)strtoul(at, &at, 10) - 1; /* we are one of them */
	if (*at != '/')
		return -1;
	return wanting > average ? wanting : average;
}

static bool
load_high(struct pressure *p)
{
	double load = p->load > 0 ? load_now() : -1;

	snprintf(
	    p->why, sizeof(p->why), "load %.2f is not below %g", load, p->load);
	return p->load > 0 && load >= p->load;
}

static bool
memory_low(struct pressure *p)
{
	char text[4096], free_text[32], wanted[32];
	const char *at;
	uint64_t bytes;

	if (p->memfree == 0 ||
	    !read_file("/proc/meminfo", text, sizeof(text)) ||
	    (at = strstr(text, "MemAvailable:")) == NULL)
		return false;
	bytes = strtoull(at + strlen("MemAvailable:"), NULL, 10) * 1024;
	units_format_bytes(bytes, free_text);
	units_format_bytes(p->memfree, wanted);
	snprintf(p->why, sizeof(p->why), "%s of memory are free, under %s",
	    free_text, wanted);
	return bytes < p->memfree;
}

int64_t
pressure_wait(struct pressure *p, size_t running)
{
	int64_t now;

	if (p == NULL)
		return 0;
	now = clock_mono();
	if (p->looked == 0 || p->high || now - p->looked >= LOOK_EVERY ||
	    running == 0) {
		p->looked = now;
		p->high = load_high(p) || memory_low(p);
		p->news = p->high;
	}
	return p->high ? now + LOOK_EVERY : 0;
}

const char *
pressure_news(struct pressure *p)
{
	if (p == NULL || !p->news ||
	    (p->told != 0 && p->looked - p->told < TELL_EVERY))
		return NULL;
	p->news = false;
	p->told = p->looked;
	return p->why;
}
