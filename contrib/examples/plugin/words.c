/*
 * A plug-in with two capabilities:
 *
 *	(call :words.count "to be or not to be")	{"to" 2 "be" 2 "or" 1 "not" 1}
 *	(call :words.distance "kitten" "sitting")	3
 *
 * cc -O2 -shared -fPIC -o libwords.so words.c
 */
#include <stdlib.h>
#include <string.h>

#include "rtfs_capability.h"

#define BLANKS " \t\r\n"

/* Words are few enough to be looked for one by one. */
struct word {
	const char *text;
	size_t len;
	int64_t count;
};

static size_t
split(const char *text, struct word *words)
{
	size_t n = 0, i, len;

	for (;;) {
		text += strspn(text, BLANKS);
		len = strcspn(text, BLANKS);
		if (len == 0)
			return n;
		for (i = 0; i < n; i++) {
			if (words[i].len == len &&
			    memcmp(words[i].text, text, len) == 0) {
				break;
			}
		}
		if (i == n)
			words[n++] = (struct word){text, len, 0};
		words[i].count++;
		text += len;
	}
}

static int
count(struct rtfs_call *c)
{
	const struct rtfs_value **pairs;
	const char *text;
	struct word *words;
	size_t i, n, len;

	text = rtfs_arg_text(c, 0, &len);
	if (text == NULL)
		return -1;
	words = calloc(len / 2 + 1, sizeof(*words));
	pairs = calloc(len + 2, sizeof(*pairs));
	if (words == NULL || pairs == NULL)
		return rtfs_fail(c, NULL, "no memory for %zu bytes", len);
	n = split(text, words);
	for (i = 0; i < n; i++) {
		pairs[2 * i] = rtfs_string(c, words[i].text, words[i].len);
		pairs[2 * i + 1] = rtfs_int(c, words[i].count);
	}
	return rtfs_return(c, rtfs_map(c, pairs, n));
}

static size_t
min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's, in bytes. */
static int
distance(struct rtfs_call *c)
{
	const char *a, *b;
	size_t *row, na, nb, i, j, above, left;

	a = rtfs_arg_text(c, 0, &na);
	b = rtfs_arg_text(c, 1, &nb);
	if (a == NULL || b == NULL)
		return -1;
	row = calloc(nb + 1, sizeof(*row));
	if (row == NULL)
		return rtfs_fail(c, NULL, "no memory for %zu bytes", nb);
	for (j = 0; j <= nb; j++)
		row[j] = j;
	for (i = 1; i <= na; i++) {
		left = row[0];
		row[0] = i;
		for (j = 1; j <= nb; j++) {
			above = row[j];
			row[j] = min(min(above, row[j - 1]) + 1,
			    left + (a[i - 1] != b[j - 1]));
			left = above;
		}
	}
	return rtfs_return(c, rtfs_int(c, (int64_t)row[nb]));
}

RTFS_PLUGIN({"words.count", count}, {"words.distance", distance})
