/*
 * A plug-in that tells when it is loaded: it adds a line to the file $BIRTHS
 * and says so on standard output.
 *
 * early.births N MS: how many lines there are, when there are N, or after MS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rtfs_capability.h"

__attribute__((constructor)) static void
loaded(void)
{
	const char *path = getenv("BIRTHS");
	FILE *f = path == NULL ? NULL : fopen(path, "a");

	if (f != NULL) {
		fputs("born\n", f);
		fclose(f);
	}
	puts("born");
	fflush(stdout);
}

static int64_t
lines(void)
{
	FILE *f = fopen(getenv("BIRTHS"), "r");
	int64_t n = 0;
	int c;

	while (f != NULL && (c = getc(f)) != EOF)
		n += c == '\n';
	if (f != NULL)
		fclose(f);
	return n;
}

static int
births(struct rtfs_call *c)
{
	const struct timespec moment = {0, 1000000};
	int64_t n, ms;

	if (rtfs_arg_int(c, 0, &n) == -1 || rtfs_arg_int(c, 1, &ms) == -1)
		return -1;
	for (; lines() < n && ms > 0; ms--)
		nanosleep(&moment, NULL);
	return rtfs_return(c, rtfs_int(c, lines()));
}

static int
cry(struct rtfs_call *c)
{
	return rtfs_fail(c, NULL, "cried");
}

RTFS_PLUGIN({"early.births", births}, {"early.cry", cry})
