/*
 * stopwatch RUNS COMMAND... -- COMMAND... [-- COMMAND...]
 *
 * Runs the commands in turn, RUNS times each, start to exit, standard output
 * to /dev/null, and prints the median and fastest wall time of each in
 * milliseconds with the ratio of its median to the last command's: machines
 * are noisy, so only ratios of one interleaved run mean anything.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 8
#define MAX_RUNS     1000

extern char **environ;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double
run(char **argv)
{
	posix_spawn_file_actions_t fa;
	double start = now();
	int status, rc;
	pid_t pid;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (rc != 0) {
		fprintf(stderr, "%s: %s\n", argv[0], strerror(rc));
		exit(1);
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "%s: failed, status %x\n", argv[0], status);
		exit(1);
	}
	return now() - start;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static double times[MAX_COMMANDS][MAX_RUNS];
	char **command[MAX_COMMANDS];
	int runs = argc > 1 ? atoi(argv[1]) : 0, n = 1, i, r;
	double last;

	if (argc < 3 || runs < 1 || runs > MAX_RUNS) {
		fputs("usage: stopwatch RUNS COMMAND... [-- COMMAND...]\n",
		    stderr);
		return 2;
	}
	command[0] = argv + 2;
	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0 && n < MAX_COMMANDS) {
			argv[i] = NULL;
			command[n++] = argv + i + 1;
		}
	}
	for (r = 0; r < runs; r++) {
		for (i = 0; i < n; i++)
			times[i][r] = run(command[i]);
	}
	for (i = 0; i < n; i++)
		qsort(times[i], (size_t)runs, sizeof(double), by_size);
	last = times[n - 1][runs / 2];
	for (i = 0; i < n; i++) {
		printf("%8.2f ms median %8.2f ms best  %6.2fx  %s\n",
		    times[i][runs / 2], times[i][0], times[i][runs / 2] / last,
		    command[i][0]);
	}
	return 0;
}
