/* See backoff.h. */
#include "batch/backoff.h"

int64_t
backoff(int64_t delay, unsigned int attempt, uint32_t chance)
{
	int64_t ns = delay;
	unsigned int i;

	for (i = 1; i < attempt && ns < BACKOFF_LONGEST; i++)
		ns *= 2;
	if (ns > BACKOFF_LONGEST)
		ns = BACKOFF_LONGEST;
	return (
	    int64_t)((double)ns * (0.75 + 0.5 * (double)chance / UINT32_MAX));
}
