/* "did you mean": the nearest of a set of words. */
#ifndef VALUE_NEAREST_H
#define VALUE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word; /* what was written */
	const char *best; /* borrowed; NULL: nothing near enough yet */
	size_t distance;
};
void nearest_init(struct nearest *, const char *word);
void nearest_offer(struct nearest *, const char *candidate);

#endif
