/* Edit distance, with neighbouring letters swapped counting as one. */
#include <string.h>

#include "value/nearest.h"

#define MAX_WORD 64

void
nearest_init(struct nearest *n, const char *word)
{
	n->word = word;
	n->best = NULL;
	/* One slip in three letters, up to three. */
	n->distance = strlen(word) / 3;
	if (n->distance > 3)
		n->distance = 3;
	n->distance++; /* only what is nearer than this is taken */
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
distance(const char *a, size_t an, const char *b, size_t bn)
{
	size_t rows[3][MAX_WORD + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2], *free_row;
	size_t i, j;

	for (j = 0; j <= bn; j++)
		last[j] = j;
	for (i = 1; i <= an; i++) {
		now[0] = i;
		for (j = 1; j <= bn; j++) {
			now[j] = least(last[j], now[j - 1]) + 1;
			now[j] =
			    least(now[j], last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1]) {
				now[j] = least(now[j], before[j - 2] + 1);
			}
		}
		free_row = before;
		before = last;
		last = now;
		now = free_row;
	}
	return last[bn];
}

void
nearest_offer(struct nearest *n, const char *candidate)
{
	size_t an = strlen(n->word), bn = strlen(candidate);
	size_t d;

	if (an > MAX_WORD || bn > MAX_WORD)
		return;
	if ((an > bn ? an - bn : bn - an) >= n->distance)
		return;
	d = distance(n->word, an, candidate, bn);
	if (d >= n->distance || d >= an) /* nothing in common is not near */
		return;
	n->distance = d;
	n->best = candidate;
}
