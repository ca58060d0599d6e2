/*
 * stopwatch [-t] RUNS COMMAND... -- COMMAND... [-- COMMAND...]
 *
 * Runs the commands in turn, RUNS times each, start to exit, standard output
 * to /dev/null, and prints the median and fastest wall time of each in
 * milliseconds, the median CPU time (user and system), the peak of resident
 * memory, and the ratio of its median to the last command's: machines are
 * noisy, so only ratios of one interleaved run mean anything.
 * With -t a row a command for other programs: wall ms, CPU ms, peak KiB.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 12
#define MAX_RUNS     1000

extern char **environ;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

struct run {
	double wall; /* ms */
	double cpu;  /* ms */
	double peak; /* KiB */
};

static double
milliseconds(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static struct run
run(char **argv)
{
	posix_spawn_file_actions_t fa;
	double start = now();
	struct rusage ru;
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
	while (wait4(pid, &status, 0, &ru) == -1 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "%s: failed, status %x\n", argv[0], status);
		exit(1);
	}
	return (struct run){now() - start,
	    milliseconds(ru.ru_utime) + milliseconds(ru.ru_stime),
	    (double)ru.ru_maxrss};
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(double), by_size);
	return values[n / 2];
}

/* Medians; *best is the fastest wall time. */
static struct run
sum_up(const struct run *r, int n, double *best)
{
	static double wall[MAX_RUNS], cpu[MAX_RUNS], peak[MAX_RUNS];
	struct run m;
	int i;

	for (i = 0; i < n; i++) {
		wall[i] = r[i].wall;
		cpu[i] = r[i].cpu;
		peak[i] = r[i].peak;
	}
	m = (struct run){median(wall, n), median(cpu, n), median(peak, n)};
	*best = wall[0];
	return m;
}

static void
report(bool table, struct run *sum, const double *best, char ***command, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (table) {
			printf("%.2f\t%.2f\t%.0f\n", sum[i].wall, sum[i].cpu,
			    sum[i].peak);
			continue;
		}
		printf("%8.2f ms median %8.2f ms best %8.2f ms cpu %6.1f MB "
		       "%6.2fx  %s\n",
		    sum[i].wall, best[i], sum[i].cpu, sum[i].peak / 1024,
		    sum[i].wall / sum[n - 1].wall, command[i][0]);
	}
}

int
main(int argc, char **argv)
{
	static struct run times[MAX_COMMANDS][MAX_RUNS], sum[MAX_COMMANDS];
	bool table = argc > 1 && strcmp(argv[1], "-t") == 0;
	double best[MAX_COMMANDS];
	char **command[MAX_COMMANDS];
	int runs, n = 1, i, r;

	if (table) {
		argc--;
		argv++;
	}
	runs = argc > 1 ? atoi(argv[1]) : 0;
	if (argc < 3 || runs < 1 || runs > MAX_RUNS) {
		fputs("usage: stopwatch [-t] RUNS COMMAND... [-- COMMAND...]\n",
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
		sum[i] = sum_up(times[i], runs, &best[i]);
	report(table, sum, best, command, n);
	return 0;
}
