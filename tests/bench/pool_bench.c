/*
 * The pool by itself, without a program: one measure a run, one line out.
 *
 *	pool_bench MEASURE WORKER [NAME=NUMBER...]
 *
 * Measures: run (tasks/s, all submitted at once), trip (one task at a time),
 * queue (memory of tasks that wait), idle (memory of workers that wait).
 * Numbers: n tasks, w workers, batch and depth as in pool.h, spin in us,
 * fresh=1 one process a task, sandboxed=1 at that level, timeout in ms with tasks
 * that sleep, ballast in MB that this process holds, times it is done.  Tasks are (text.upper "abc"), and
 * (time.monotonic) where each has a process, which is what is measured then.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "lang/image.h"
#include "pool/pool.h"
#include "value/string.h"
#include "value/vector.h"

static struct numbers {
	long n;
	long w;
	long batch;
	long depth;
	long spin;
	long fresh;
	long sandboxed;
	long timeout;
	long ballast;
	long times;
} num = {.n = 1000, .w = 2, .times = 1};

static const struct {
	const char *name;
	long *value;
} number_table[] = {
    {"n",         &num.n        },
    {"w",         &num.w        },
    {"batch",     &num.batch    },
    {"depth",     &num.depth    },
    {"spin",      &num.spin     },
    {"fresh",     &num.fresh    },
    {"sandboxed", &num.sandboxed},
    {"timeout",   &num.timeout  },
    {"ballast",   &num.ballast  },
    {"times",     &num.times    },
};

static char sleeping[] = "time.sleep";
static char upper[] = "text.upper";
static char now[] = "time.monotonic";
static struct capability cap = {.image = IMAGE_CORE,
    .kind = CAP_BUILTIN,
    .idempotent = true,
    .trusted = true};
static struct effective eff = {.timeout = INT64_MAX};

/* Those that guard_loop.c has. */
static void
set_limits(void)
{
	static const struct {
		enum limit_id id;
		uint64_t value;
	} some[] = {
	    {LIMIT_CPU,    30       },
	    {LIMIT_DATA,   512 << 20},
	    {LIMIT_FSIZE,  64 << 20 },
	    {LIMIT_NOFILE, 256      },
	    {LIMIT_CORE,   0        },
	};
	struct limit_value *v;
	size_t i;

	for (i = 0; i < NITEMS(some); i++) {
		v = &eff.limit[some[i].id];
		v->set = true;
		v->soft = v->hard = some[i].value;
	}
}

static struct bench {
	struct loop *loop;
	struct pool *pool;
	struct heap *heap;
	const struct plan *plan;
	struct task *task;
	val args;
	size_t ok;
	size_t failed;
	double *over; /* ms over the deadline until given back, or of a trip */
	int32_t *pid; /* that tasks ran in */
} b;

static void
die(const struct error *e)
{
	fprintf(stderr, "pool_bench: %s\n", e->msg);
	exit(1);
}

/* A deadline counts from the start of the task. */
static void
bench_done(struct task *t, struct outcome *o, void *arg ATTR_UNUSED)
{
	b.pid[t->seq] = o->pid;
	if (num.timeout > 0 && o->kind == ERRKEY_TIMEOUT) {
		b.over[t->seq] =
		    (double)(clock_mono() - t->started - eff.timeout) / 1e6;
		b.ok++;
	} else if (o->ok) {
		b.ok++;
	} else if (b.failed++ == 0) {
		fprintf(stderr, "pool_bench: a task failed: %s\n",
		    o->message == NULL ? "an error value" : o->message);
	}
}

static void
bench_submit(size_t i)
{
	struct task *t = &b.task[i];

	t->plan = b.plan;
	t->heap = b.heap;
	t->args = b.args;
	t->seq = i;
	pool_submit(b.pool, t);
}

static void
bench_wait(void)
{
	struct error e;

	while (pool_count(b.pool) > 0) {
		if (loop_once(b.loop, INT64_MAX, &e) == -1)
			die(&e);
	}
}

static void
bench_open(const char *worker)
{
	struct pool_config config = {.build_id = lang_build_id(),
	    .workers = (unsigned int)num.w,
	    .batch = (unsigned int)num.batch,
	    .depth = (unsigned int)num.depth,
	    .spin = num.spin * 1000,
	    .done = bench_done};
	struct error e;
	char *ballast;
	size_t i, len = (size_t)num.ballast << 20;
	val arg;

	if (getenv("POOL_BENCH_DEBUG") != NULL)
		log_set_level(LOG_DEBUG);
	if (len > 0) {
		ballast = mmap(NULL, len, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (ballast == MAP_FAILED)
			exit(1);
		memset(ballast, 1, len);
	}
	config.worker_path[IMAGE_CORE] = worker;
	cap.id = num.timeout > 0 ? sleeping : num.fresh != 0 ? now : upper;
	cap.trusted = num.fresh == 0;
	if (num.fresh != 0)
		set_limits();
	if (num.sandboxed != 0)
		eff.isolation = ISOLATION_SANDBOXED;
	if (num.timeout > 0)
		eff.timeout = num.timeout * NS_PER_MS;
	b.heap = heap_new(0);
	arg = num.timeout > 0 ? val_fix(10000) : str_from(b.heap, "abc");
	b.args = num.fresh != 0 ? vec_empty(b.heap) : vec_new(b.heap, &arg, 1);
	if (loop_new(&b.loop, &e) == -1 ||
	    pool_new(b.loop, &config, &b.pool, &e) == -1 ||
	    pool_plan(b.pool, &cap, &eff, &b.plan, &e) == -1) {
		die(&e);
	}
	i = (size_t)(num.n > num.w ? num.n : num.w);
	b.task = calloc(i, sizeof(*b.task));
	b.over = calloc(i, sizeof(*b.over));
	b.pid = calloc(i, sizeof(*b.pid));
	if (b.task == NULL || b.over == NULL || b.pid == NULL)
		exit(1);
}

static void
bench_close(void)
{
	pool_free(b.pool);
	loop_free(b.loop);
	heap_free(b.heap);
	free(b.task);
	free(b.over);
	free(b.pid);
}

/* Every worker is there and knows the plan. */
static void
bench_warm(void)
{
	long i, k;

	if (num.timeout > 0)
		return;
	for (k = 0; k < 3; k++) {
		for (i = 0; i < num.w; i++)
			bench_submit((size_t)i);
		bench_wait();
	}
	if (b.failed > 0)
		exit(1);
	b.ok = 0;
}

static int
compare(const void *x, const void *y)
{
	double a = *(const double *)x, c = *(const double *)y;

	return a < c ? -1 : a > c;
}

static double
cpu_seconds(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static void
measure_run(void)
{
	double cpu, seconds;
	struct rusage ru;
	int64_t start;
	long i, k, all = num.n * num.times;

	bench_warm();
	cpu = cpu_seconds();
	start = clock_mono();
	for (k = 0; k < num.times; k++) {
		for (i = 0; i < num.n; i++)
			bench_submit((size_t)i);
		bench_wait();
	}
	seconds = (double)(clock_mono() - start) / 1e9;
	getrusage(RUSAGE_SELF, &ru);
	printf("ok=%zu failed=%zu seconds=%.4f rate=%.0f cpu_us=%.3f "
	       "peak_kb=%ld",
	    b.ok, b.failed, seconds, (double)all / seconds,
	    (cpu_seconds() - cpu) * 1e6 / (double)all, ru.ru_maxrss);
	if (num.timeout > 0) {
		qsort(b.over, (size_t)num.n, sizeof(*b.over), compare);
		printf(" over_median=%.3f over_worst=%.3f", b.over[num.n / 2],
		    b.over[num.n - 1]);
	}
	putchar('\n');
}

static void
measure_trip(void)
{
	int64_t start;
	long i;

	bench_warm();
	for (i = 0; i < num.n; i++) {
		start = clock_mono();
		bench_submit((size_t)i);
		bench_wait();
		b.over[i] = (double)(clock_mono() - start) / 1e3;
	}
	qsort(b.over, (size_t)num.n, sizeof(*b.over), compare);
	printf("p50_us=%.2f p99_us=%.2f\n", b.over[num.n / 2],
	    b.over[num.n * 99 / 100]);
}

/* Of this process: its own tasks are not the pool's, so they are left out. */
static long
used_bytes(void)
{
	struct mallinfo2 m = mallinfo2();

	return (long)(m.uordblks + m.hblkhd);
}

static void
measure_queue(void)
{
	long before, i;

	bench_warm();
	before = used_bytes();
	for (i = 0; i < num.n; i++)
		bench_submit((size_t)i);
	printf("bytes_per_task=%.1f\n",
	    (double)(used_bytes() - before) / (double)num.n +
	        (double)sizeof(struct task));
	bench_wait();
}

/* Proportional share in KiB; 0: gone. */
static long
pss_of(int32_t pid)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "Pss: %ld", &kb) == 1)
			break;
	}
	if (f != NULL)
		fclose(f);
	return kb;
}

static void
measure_idle(void)
{
	long i, k, kb, sum = 0, n = 0;

	bench_warm();
	for (i = 0; i < num.w; i++)
		bench_submit((size_t)i);
	bench_wait();
	poll(NULL, 0, 1500); /* it rests after half a second */
	for (i = 0; i < num.w; i++) {
		for (k = 0; k < i && b.pid[k] != b.pid[i];)
			k++;
		kb = k < i ? 0 : pss_of(b.pid[i]);
		if (kb > 0) {
			sum += kb;
			n++;
		}
	}
	printf("workers=%ld pss_kb=%.0f\n", n,
	    n == 0 ? 0.0 : (double)sum / (double)n);
}

static const struct {
	const char *name;
	void (*run)(void);
} measure_table[] = {
    {"run",   measure_run  },
    {"trip",  measure_trip },
    {"queue", measure_queue},
    {"idle",  measure_idle },
};

static int
read_number(const char *word)
{
	size_t i, len;

	for (i = 0; i < NITEMS(number_table); i++) {
		len = strlen(number_table[i].name);
		if (strncmp(word, number_table[i].name, len) == 0 &&
		    word[len] == '=') {
			*number_table[i].value =
			    strtol(word + len + 1, NULL, 10);
			return 0;
		}
	}
	fprintf(stderr, "pool_bench: what is %s?\n", word);
	return -1;
}

int
main(int argc, char **argv)
{
	size_t i;
	int k;

	for (k = 3; k < argc; k++) {
		if (read_number(argv[k]) == -1)
			return 2;
	}
	for (i = 0; argc > 2 && i < NITEMS(measure_table); i++) {
		if (strcmp(argv[1], measure_table[i].name) == 0) {
			bench_open(argv[2]);
			measure_table[i].run();
			bench_close();
			return b.failed == 0 ? 0 : 1;
		}
	}
	fprintf(stderr,
	    "usage: pool_bench run|trip|queue|idle WORKER [NAME=NUMBER...]\n");
	return 2;
}
