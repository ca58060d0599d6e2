/* Of the last jobs, sorted as they come: exact where it matters, bounded
 * where the input has no end. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "batch/median.h"

#define KEPT  1024U
#define LEAST 3U

struct median {
	int64_t sorted[KEPT];
	int64_t ring[KEPT]; /* the same, in order of arrival */
	unsigned int n;
	unsigned int at;
};

struct median *
median_new(void)
{
	return xcalloc(1, sizeof(struct median));
}

void
median_free(struct median *m)
{
	free(m);
}

/* Where ns is or belongs. */
static unsigned int
place(const struct median *m, int64_t ns)
{
	unsigned int lo = 0, hi = m->n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (m->sorted[mid] < ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
median_add(struct median *m, int64_t ns)
{
	unsigned int i;

	if (m->n == KEPT) {
		i = place(m, m->ring[m->at]);
		m->n--;
		memmove(
		    m->sorted + i, m->sorted + i + 1, (m->n - i) * sizeof(ns));
	}
	i = place(m, ns);
	memmove(m->sorted + i + 1, m->sorted + i, (m->n - i) * sizeof(ns));
	m->sorted[i] = ns;
	m->n++;
	m->ring[m->at] = ns;
	m->at = (m->at + 1) % KEPT;
}

int64_t
median_now(const struct median *m)
{
	return m->n == 0 ? 0 : m->sorted[m->n / 2];
}

int64_t
median_percent(const struct median *m, double percent)
{
	return m->n < LEAST ? 0 :
	                      (int64_t)((double)median_now(m) * percent / 100);
}
