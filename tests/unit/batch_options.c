/* rooms: batch */
#include <string.h>

#include "batch/options.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	int rc;
	int kind;
	unsigned int n;
} jobs[] = {
    {"4",     0,  JOBS_COUNT,   4  },
    {"0",     0,  JOBS_COUNT,   0  },
    {"50%",   0,  JOBS_PERCENT, 50 },
    {"200%",  0,  JOBS_PERCENT, 200},
    {"+2",    0,  JOBS_MORE,    2  },
    {"-1",    0,  JOBS_LESS,    1  },
    {"+50%",  0,  JOBS_PERCENT, 150},
    {"-25%",  0,  JOBS_PERCENT, 75 },
    {"slots", 0,  JOBS_FILE,    0  },
    {"./4",   0,  JOBS_FILE,    0  },
    {"",      -1, 0,            0  },
    {"4x",    -1, 0,            0  },
    {"+",     -1, 0,            0  },
    {"0%",    -1, 0,            0  },
    {"5%%",   -1, 0,            0  },
    {"+x",    -1, 0,            0  },
};

static void
test_jobs(void)
{
	struct batch_jobs j;
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(jobs); i++) {
		CU_ASSERT_EQUAL(
		    batch_parse_jobs(jobs[i].text, &j, &e), jobs[i].rc);
		if (jobs[i].rc == 0) {
			CU_ASSERT_EQUAL(j.kind, jobs[i].kind);
			CU_ASSERT_EQUAL(j.n, jobs[i].n);
		} else {
			CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
		}
	}
}

static const struct {
	const char *text;
	int rc;
	int when, why;
	uint64_t count;
	double percent;
} halts[] = {
    {"never",             0,  HALT_NEVER, HALT_FAIL,    0, 0 },
    {"soon,fail=1",       0,  HALT_SOON,  HALT_FAIL,    1, 0 },
    {"now,success=3",     0,  HALT_NOW,   HALT_SUCCESS, 3, 0 },
    {"now,done=50%",      0,  HALT_NOW,   HALT_DONE,    0, 50},
    {"0",                 0,  HALT_NEVER, HALT_FAIL,    0, 0 },
    {"1",                 0,  HALT_SOON,  HALT_FAIL,    1, 0 },
    {"2",                 0,  HALT_NOW,   HALT_FAIL,    1, 0 },
    {"-1",                0,  HALT_SOON,  HALT_SUCCESS, 1, 0 },
    {"-2",                0,  HALT_NOW,   HALT_SUCCESS, 1, 0 },
    {"3",                 -1, 0,          0,            0, 0 },
    {"soon",              -1, 0,          0,            0, 0 },
    {"soon,fail=0",       -1, 0,          0,            0, 0 },
    {"soon,fail=101%",    -1, 0,          0,            0, 0 },
    {"later,fail=1",      -1, 0,          0,            0, 0 },
    {"now,fail=1,done=2", -1, 0,          0,            0, 0 },
};

static void
test_halt(void)
{
	struct batch_halt h;
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(halts); i++) {
		CU_ASSERT_EQUAL(
		    batch_parse_halt(halts[i].text, &h, &e), halts[i].rc);
		if (halts[i].rc == 0) {
			CU_ASSERT_EQUAL(h.when, halts[i].when);
			CU_ASSERT_EQUAL(h.why, halts[i].why);
			CU_ASSERT_EQUAL(h.count, halts[i].count);
			CU_ASSERT(h.percent == halts[i].percent);
		} else {
			CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
		}
	}
}

static void
test_retry_on(void)
{
	static const char *const bad[] = {"exit:x", "timeout:3", "exit:256",
	    "often", "timeout,,signal", "exit:5%", ":timeout"};
	struct batch_options o;
	struct error e;
	size_t i;

	batch_options_init(&o);
	CU_ASSERT_EQUAL(
	    batch_parse_retry_on("timeout,signal,exit:75,exit", &o, &e), 0);
	CU_ASSERT_EQUAL_FATAL(o.nretry_on, 4);
	CU_ASSERT_STRING_EQUAL(o.retry_on[0].kind, "timeout");
	CU_ASSERT_EQUAL(o.retry_on[0].exit, -1);
	CU_ASSERT_STRING_EQUAL(o.retry_on[2].kind, "exit");
	CU_ASSERT_EQUAL(o.retry_on[2].exit, 75);
	CU_ASSERT_EQUAL(o.retry_on[3].exit, -1);
	for (i = 0; i < NITEMS(bad); i++) {
		CU_ASSERT_EQUAL(batch_parse_retry_on(bad[i], &o, &e), -1);
		CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
	}
	batch_options_free(&o);
}

static void
test_duration(void)
{
	static const struct {
		const char *text;
		int rc;
		int64_t ns;
	} cases[] = {
	    {"2",     0,  2000000000  },
	    {"0.25",  0,  250000000   },
	    {".5",    0,  500000000   },
	    {"5m",    0,  300000000000},
	    {"250ms", 0,  250000000   },
	    {"1.2.3", -1, 0           },
	    {"-1",    -1, 0           },
	    {"",      -1, 0           },
	};
	struct error e;
	int64_t ns;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		CU_ASSERT_EQUAL(
		    batch_parse_duration(cases[i].text, &ns, &e), cases[i].rc);
		if (cases[i].rc == 0)
			CU_ASSERT_EQUAL(ns, cases[i].ns);
	}
}

UNIT_MAIN("batch_options", {"-j", test_jobs}, {"--halt", test_halt},
    {"--retry-on", test_retry_on}, {"durations", test_duration})
