/* rooms: pool base
 * The event loop: descriptors, timers, signals, and removal in mid-round. */
#include <sys/epoll.h>

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/patience.h"
#include "pool/loop.h"
#include "tests/unit/unit.h"

static struct loop *loop;
static struct loop_io *io[2];
static int calls, signals;

static void
remove_both(int fd, uint32_t events, void *arg)
{
	(void)fd;
	(void)arg;
	CU_ASSERT((events & EPOLLIN) != 0);
	calls++;
	loop_io_remove(io[0]);
	loop_io_remove(io[1]);
}

/* Both are readable; whichever is served first removes the other. */
static void
test_remove(void)
{
	struct error e;
	int a[2], b[2];

	CU_ASSERT_EQUAL_FATAL(loop_new(&loop, &e), 0);
	CU_ASSERT_EQUAL_FATAL(pipe(a), 0);
	CU_ASSERT_EQUAL_FATAL(pipe(b), 0);
	CU_ASSERT_EQUAL(write(a[1], "x", 1), 1);
	CU_ASSERT_EQUAL(write(b[1], "x", 1), 1);
	calls = 0;
	io[0] = loop_io_add(loop, a[0], EPOLLIN, remove_both, NULL, &e);
	io[1] = loop_io_add(loop, b[0], EPOLLIN, remove_both, NULL, &e);
	CU_ASSERT_PTR_NOT_NULL_FATAL(io[0]);
	CU_ASSERT_PTR_NOT_NULL_FATAL(io[1]);
	CU_ASSERT_EQUAL(loop_once(loop, 0, &e), 0);
	CU_ASSERT_EQUAL(calls, 1);
	CU_ASSERT_EQUAL(loop_once(loop, 0, &e), 0);
	CU_ASSERT_EQUAL(calls, 1);
	loop_io_remove(NULL);
	CU_ASSERT_PTR_NULL(
	    loop_io_add(loop, 9999, EPOLLIN, remove_both, NULL, &e));
	CU_ASSERT_EQUAL(e.kind, EK_SYSTEM);
	close(a[0]);
	close(a[1]);
	close(b[0]);
	close(b[1]);
	loop_free(loop);
}

static void
tick(void *arg)
{
	*(int64_t *)arg = clock_mono();
}

/* A deadline is kept to the millisecond, in the median of several. */
static void
test_precision(void)
{
	struct error e;
	int64_t at, seen, over[21], x;
	size_t i, j;

	CU_ASSERT_EQUAL_FATAL(loop_new(&loop, &e), 0);
	for (i = 0; i < NITEMS(over); i++) {
		seen = 0;
		at = clock_mono() + 3 * NS_PER_MS / 2;
		loop_timer_add(loop, at, tick, &seen);
		while (seen == 0)
			CU_ASSERT_EQUAL_FATAL(
			    loop_once(loop, INT64_MAX, &e), 0);
		CU_ASSERT(seen >= at);
		x = seen - at;
		for (j = i; j > 0 && over[j - 1] > x; j--)
			over[j] = over[j - 1];
		over[j] = x;
	}
	CU_ASSERT(over[NITEMS(over) / 2] < unit_soon(2 * NS_PER_MS));
	loop_free(loop);
}

static void
test_until(void)
{
	struct error e;
	int64_t start = clock_mono(), seen = 0;

	CU_ASSERT_EQUAL_FATAL(loop_new(&loop, &e), 0);
	loop_timer_remove(loop_timer_add(loop, start, tick, &seen));
	CU_ASSERT_EQUAL(loop_once(loop, start + 2 * NS_PER_MS, &e), 0);
	CU_ASSERT(clock_mono() >= start + 2 * NS_PER_MS);
	CU_ASSERT_EQUAL(seen, 0);
	loop_free(loop);
}

static void
got_signal(int signo, void *arg)
{
	(void)arg;
	CU_ASSERT_EQUAL(signo, SIGUSR2);
	signals++;
}

static void
test_signal(void)
{
	struct error e;

	signals = 0;
	CU_ASSERT_EQUAL_FATAL(loop_new(&loop, &e), 0);
	CU_ASSERT_EQUAL(
	    loop_signal_add(loop, SIGUSR2, got_signal, NULL, &e), 0);
	CU_ASSERT_EQUAL(
	    loop_signal_add(loop, SIGUSR1, got_signal, NULL, &e), 0);
	CU_ASSERT_EQUAL(loop_signal_add(loop, 0, got_signal, NULL, &e), -1);
	raise(SIGUSR2);
	CU_ASSERT_EQUAL(loop_once(loop, 0, &e), 0);
	CU_ASSERT_EQUAL(signals, 1);
	loop_signal_remove(loop, SIGUSR2);
	raise(SIGUSR2);
	CU_ASSERT_EQUAL(loop_once(loop, 0, &e), 0);
	CU_ASSERT_EQUAL(signals, 1);
	loop_free(loop);
}

/* Staying awake is given up after waits in vain, for longer each time, and
 * trusted again after some that were not. */
static void
test_patience(void)
{
	struct patience p = {0};
	unsigned int i, n;

	CU_ASSERT_FALSE(patience_pays(&p)); /* 0: never */
	p.most = 100;
	for (i = 0; i < PATIENCE_STRIKES; i++) {
		CU_ASSERT(patience_pays(&p));
		patience_was(&p, 100);
	}
	for (n = 0; n < 9999 && !patience_pays(&p); n++)
		continue;
	CU_ASSERT_EQUAL(n, PATIENCE_REST);
	patience_was(&p, 99);
	patience_was(&p, 100); /* one in vain is enough now */
	for (n = 0; n < 9999 && !patience_pays(&p); n++)
		continue;
	CU_ASSERT_EQUAL(n, 2 * PATIENCE_REST);
	for (i = 0; i < PATIENCE_GOOD; i++)
		patience_was(&p, 99);
	patience_was(&p, 400);
	CU_ASSERT(patience_pays(&p));
	patience_was(&p, 401); /* others had the processor */
	for (n = 0; n < 9999 && !patience_pays(&p); n++)
		continue;
	CU_ASSERT_EQUAL(n, PATIENCE_REST);
	for (i = 0; i < 20; i++) {
		patience_was(&p, 401);
		for (n = 0; n < 99999 && !patience_pays(&p); n++)
			continue;
	}
	CU_ASSERT_EQUAL(n, PATIENCE_LONGEST);
}

static int64_t
cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* CPU time of a wait of 50 ms. */
static int64_t
wait_costs(int64_t spin)
{
	struct error e;
	int64_t before;

	CU_ASSERT_EQUAL_FATAL(loop_new(&loop, &e), 0);
	loop_spin(loop, spin);
	before = cpu_time();
	CU_ASSERT_EQUAL(loop_once(loop, clock_mono() + 50000000, &e), 0);
	before = cpu_time() - before;
	loop_free(loop);
	return before;
}

static void
test_awake(void)
{
	CU_ASSERT(wait_costs(0) < 1000000);
	CU_ASSERT(wait_costs(INT64_C(10000000000)) > 2000000);
}

UNIT_MAIN("loop", {"removal in mid-round", test_remove},
    {"precision of timers", test_precision}, {"waits until", test_until},
    {"signals", test_signal}, {"patience", test_patience},
    {"stays awake", test_awake})
