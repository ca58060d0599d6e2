/*
 * The pool by itself: N tasks of one capability, all submitted at once, and
 * how long until the last is given back.
 *
 *	pool_bench WORKER WORKERS N TIMEOUT CAP [ARG...]
 *	pool_bench WORKER WORKERS N TIMEOUT ! PROGRAM [ARG...]
 *
 * CAP is a built-in; ARG that are digits are integers.  With `!' every task
 * executes the program.  TIMEOUT is as in a policy, or - for none.
 */
#include <sys/resource.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "pool/pool.h"
#include "value/string.h"
#include "value/vector.h"

struct bench {
	size_t ok;
	size_t failed;
	char first[256]; /* the first failure */
	int64_t wall;    /* sum of what the attempts took */
	int64_t over;    /* the longest overshoot of a deadline */
	int64_t timeout;
};

static void
bench_done(struct task *t ATTR_UNUSED, struct outcome *o, void *arg)
{
	struct bench *b = arg;

	b->wall += o->usage.wall_ns;
	if (o->ok) {
		b->ok++;
		return;
	}
	if (b->failed++ == 0) {
		snprintf(b->first, sizeof(b->first), "%s: %s",
		    o->kind == ERRKEY_COUNT ? "?" : errkey_class(o->kind),
		    o->message == NULL ? "(an error value)" : o->message);
	}
	if (o->kind == ERRKEY_TIMEOUT &&
	    o->usage.wall_ns - b->timeout > b->over)
		b->over = o->usage.wall_ns - b->timeout;
}

static void
die(const struct error *e)
{
	fprintf(stderr, "pool_bench: %s\n", e->msg);
	exit(1);
}

static val
bench_args(struct heap *h, int argc, char **argv)
{
	val v = vec_empty(h);
	int i;

	for (i = 0; i < argc; i++) {
		v = vec_push(h, v,
		    isdigit((unsigned char)argv[i][0]) ?
		        val_fix(strtoll(argv[i], NULL, 10)) :
		        str_new(h, argv[i], strlen(argv[i])));
	}
	return v;
}

int
main(int argc, char **argv)
{
	struct capability cap = {.image = IMAGE_CORE};
	struct pool_config config = {.grace = 0, .build_id = 42};
	struct effective eff;
	const struct plan *plan;
	struct bench b = {.ok = 0};
	struct loop *loop;
	struct pool *pool;
	struct heap *heap = heap_new(0);
	struct task *tasks;
	struct error e;
	struct rusage ru;
	int64_t start, end;
	size_t n, i;
	val args;

	if (argc < 6) {
		fprintf(stderr,
		    "usage: pool_bench WORKER WORKERS N TIMEOUT "
		    "CAP|! [ARG...]\n");
		return 2;
	}
	if (getenv("POOL_BENCH_DEBUG") != NULL)
		log_set_level(LOG_DEBUG);
	n = strtoul(argv[3], NULL, 10);
	memset(&eff, 0, sizeof(eff));
	eff.timeout = INT64_MAX;
	if (strcmp(argv[4], "-") != 0 &&
	    units_duration(argv[4], &eff.timeout, &e) == -1) {
		die(&e);
	}
	b.timeout = eff.timeout;
	cap.id = argv[5];
	args = bench_args(heap, argc - 6, argv + 6);
	if (strcmp(cap.id, "!") == 0 && argc > 6) {
		cap.kind = CAP_EXEC;
		cap.codec = CODEC_ARGV;
		cap.program = argv[6];
		cap.argv = argv + 6;
		args = vec_empty(heap);
	} else {
		cap.kind = CAP_BUILTIN;
		cap.trusted = strcmp(cap.id, "process.exec") != 0;
		cap.idempotent = true;
	}
	config.workers = (unsigned int)strtoul(argv[2], NULL, 10);
	config.worker_path[IMAGE_CORE] = argv[1];
	config.done = bench_done;
	config.arg = &b;
	if (loop_new(&loop, &e) == -1 ||
	    pool_new(loop, &config, &pool, &e) == -1 ||
	    pool_plan(pool, &cap, &eff, &plan, &e) == -1) {
		die(&e);
	}
	tasks = calloc(n, sizeof(*tasks));
	start = clock_mono();
	for (i = 0; i < n; i++) {
		tasks[i].plan = plan;
		tasks[i].heap = heap;
		tasks[i].args = args;
		tasks[i].seq = i;
		pool_submit(pool, &tasks[i]);
	}
	while (pool_count(pool) > 0) {
		if (loop_once(loop, INT64_MAX, &e) == -1)
			die(&e);
	}
	end = clock_mono();
	getrusage(RUSAGE_SELF, &ru);
	printf("%zu ok, %zu failed, %.3f s, %.0f tasks/s, longest overshoot "
	       "%.2f ms, peak %ld KiB\n",
	    b.ok, b.failed, (double)(end - start) / 1e9,
	    (double)n * 1e9 / (double)(end - start), (double)b.over / 1e6,
	    ru.ru_maxrss);
	if (b.failed > 0)
		printf("first failure: %s\n", b.first);
	end = clock_mono();
	pool_free(pool);
	printf("freed in %.2f ms\n", (double)(clock_mono() - end) / 1e6);
	loop_free(loop);
	return 0;
}
