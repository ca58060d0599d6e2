/* Preferences of a user.  Reads [id, mood] as JSON on standard input; the
 * mood says how to misbehave, so that a newcomer can see what becomes of it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
eat(void)
{
	size_t eaten = 0;
	char *p;

	while ((p = malloc(1 << 20)) != NULL) {
		memset(p, 1, 1 << 20);
		eaten++;
	}
	fprintf(stderr, "no more memory after %zu MiB\n", eaten);
	exit(1);
}

int
main(void)
{
	char mood[16] = "ok";
	long id = 0;

	if (scanf(" [%ld , \"%15[a-z]\"", &id, mood) < 1) {
		fputs("expected [id, mood]\n", stderr);
		return 2;
	}
	if (strcmp(mood, "fail") == 0) {
		fprintf(stderr, "no preferences for user %ld\n", id);
		return 3;
	}
	if (strcmp(mood, "hang") == 0)
		pause();
	if (strcmp(mood, "crash") == 0)
		raise(SIGSEGV);
	if (strcmp(mood, "eat") == 0)
		eat();
	if (strcmp(mood, "garbage") == 0) {
		puts("{\"theme\": oops");
		return 0;
	}
	puts("{\"theme\": \"dark\"}");
	return 0;
}
