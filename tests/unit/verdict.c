/* rooms: pool proto value base
 * How an attempt ended: precedence, and limits that a task only imitates. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "pool/verdict.h"
#include "proto/proto.h"
#include "tests/unit/unit.h"

#define NONE UINT64_MAX
#define SEC  NS_PER_SEC

#define EXITED(n) .ended = true, .code = CLD_EXITED, .status = (n)
#define KILLED(n) .ended = true, .code = CLD_KILLED, .status = (n)
#define CPU(s, h) .cpu_soft = (s), .cpu_hard = (h)
#define FREE      .cpu_soft = NONE, .cpu_hard = NONE, .fsize = NONE

#define ALL_PROCESSES                                                          \
	"exited with status 2, and at its end there were 8 processes, its "    \
	"guard counted; :nproc allows 8"

static const struct {
	const char *name;
	struct attempt a;
	bool ok;
	enum errkey kind;
	int32_t exit;
	int32_t signal;
	const char *limit;
	const char *text;
} table[] = {
    {"a result",                           {EXITED(0), FREE, .answer = ANSWER_OK},                         true,  0,                      0,   0,       NULL,
     ""                                                                                                                                                                                          },
    {"no result",                          {EXITED(0), FREE},                                              false, ERRKEY_INVALID_RESULT,  0,   0,       NULL,
     "ended without a result"                                                                                                                                                                    },
    {"exit 3 with a result",               {EXITED(3), FREE, .answer = ANSWER_OK},                         false,
     ERRKEY_EXIT,                                                                                                                         3,   0,       NULL,     "exited with status 3"         },
    {"exit 137 is no kill",                {EXITED(137), FREE},                                            false, ERRKEY_EXIT,            137, 0,
     NULL,                                                                                                                                                        "exited with status 137"       },
    {"signal with a result",               {KILLED(SIGSEGV), FREE, .answer = ANSWER_OK},
     false,                                                                                                       ERRKEY_SIGNAL,          -1,  SIGSEGV, NULL,
     "killed by signal 11 (SIGSEGV)"                                                                                                                                                             },
    {"core dumped",
     {.ended = true, .code = CLD_DUMPED, .status = SIGABRT, FREE},                                         false,
     ERRKEY_SIGNAL,                                                                                                                       -1,  SIGABRT, NULL,     "killed by signal 6 (SIGABRT)" },
    {"SIGXFSZ",                            {KILLED(SIGXFSZ), CPU(NONE, NONE), .fsize = 65536},             false,
     ERRKEY_FILE_SIZE_LIMIT,                                                                                                              -1,  SIGXFSZ, "fsize",
     "wrote a file larger than its limit of 64K"                                                                                                                                                 },
    {"out of its memory",
     {KILLED(SIGKILL), FREE, .oom = true, .memory = 65536,
            .memory_used = 65536},
     false,                                                                                                       ERRKEY_MEMORY_LIMIT,    -1,  SIGKILL, "memory",
     "used 64K of memory, its limit is 64K"                                                                                                                                                      },
    {"out of memory, a child of it",
     {EXITED(0), FREE, .oom = true, .memory = 65536, .answer = ANSWER_OK},
     false,                                                                                                       ERRKEY_MEMORY_LIMIT,    0,   0,       "memory",
     "used 64K of memory, its limit is 64K"                                                                                                                                                      },
    {"out of the memory of all",
     {KILLED(SIGKILL), FREE, .oom = true, .oom_total = true,
            .memory = 65536},
     false,                                                                                                       ERRKEY_MEMORY_LIMIT,    -1,  SIGKILL, "total",
     "used 64K of memory, of all tasks together the limit is 64K"                                                                                                                                },
    {"out of memory, the guard went",
     {.guard_lost = true,
            .guard_signal = SIGKILL,
            FREE,
            .oom = true,
            .memory = 65536},
     false,                                                                                                       ERRKEY_MEMORY_LIMIT,    -1,  0,       "memory",
     "used 64K of memory, its limit is 64K"                                                                                                                                                      },
    {"out of memory at the deadline",
     {KILLED(SIGKILL), FREE, .oom = true, .decided = true,
            .decided_kind = ERRKEY_TIMEOUT},
     false,                                                                                                       ERRKEY_TIMEOUT,         -1,  SIGKILL, NULL,     ""                             },
    {"out of processes",                   {EXITED(2), FREE, .refused = 3, .pids = 5},                     false,
     ERRKEY_EXIT,                                                                                                                         2,   0,       "pids",
     "exited with status 2, and 3 forks were refused at its limit of 5 "
        "processes"                                                                                                                                                                              },
    {"as many processes as :nproc allows",
     {EXITED(2), FREE, .nproc = 8, .processes = 8},                                                        false, ERRKEY_EXIT,            2,   0,
     "nproc",                                                                                                                                                     ALL_PROCESSES                  },
    {"not so many",                        {EXITED(2), FREE, .nproc = 8, .processes = 7},                  false,
     ERRKEY_EXIT,                                                                                                                         2,   0,       NULL,     "exited with status 2"         },
    {"as many, and all is well",
     {EXITED(0), FREE, .nproc = 8, .processes = 8, .answer = ANSWER_OK},
     true,                                                                                                        ERRKEY_COUNT,           0,   0,       NULL,     ""                             },
    {"as many, and something else",
     {KILLED(SIGXFSZ), CPU(NONE, NONE), .fsize = 65536, .nproc = 8,
            .processes = 9},
     false,                                                                                                       ERRKEY_FILE_SIZE_LIMIT, -1,  SIGXFSZ, "fsize",
     "wrote a file larger than its limit of 64K"                                                                                                                                                 },
    {"SIGXFSZ of a shell's child",
     {EXITED(153), CPU(NONE, NONE), .fsize = 65536},                                                       false, ERRKEY_EXIT,            153,
     0,                                                                                                                                                 NULL,
     "exited with status 153 (128 + SIGXFSZ; its limit of a file's size is "
        "64K)"                                                                                                                                                                                   },
    {"153 without a limit",                {EXITED(153), FREE},                                            false, ERRKEY_EXIT,            153, 0,
     NULL,                                                                                                                                                        "exited with status 153"       },
    {"SIGXFSZ without a limit",            {KILLED(SIGXFSZ), FREE},                                        false, ERRKEY_SIGNAL,
     -1,                                                                                                                                       SIGXFSZ, NULL,     "killed by signal 25 (SIGXFSZ)"},
    {"SIGXCPU",                            {KILLED(SIGXCPU), CPU(2, 3), .fsize = NONE, .cpu_ns = 2 * SEC},
     false,                                                                                                       ERRKEY_CPU_LIMIT,       -1,  SIGXCPU, "cpu",
     "used 2s of CPU time, its limit is 2s"                                                                                                                                                      },
    {"SIGXCPU raised",
     {KILLED(SIGXCPU), CPU(2, 3), .fsize = NONE, .cpu_ns = SEC - 1},                                       false,
     ERRKEY_SIGNAL,                                                                                                                       -1,  SIGXCPU, NULL,     "killed by signal 24 (SIGXCPU)"},
    {"SIGKILL at the hard limit",
     {KILLED(SIGKILL), CPU(2, 3), .fsize = NONE, .cpu_ns = 3 * SEC},                                       false,
     ERRKEY_CPU_LIMIT,                                                                                                                    -1,  SIGKILL, "cpu",
     "used 3s of CPU time, its limit is 2s"                                                                                                                                                      },
    {"SIGXCPU by ticks, usage is behind",
     {KILLED(SIGXCPU), CPU(2, 3), .fsize = NONE, .cpu_ns = SEC / 2,
            .cpu_ticks_ns = 2 * SEC},
     false,                                                                                                       ERRKEY_CPU_LIMIT,       -1,  SIGXCPU, "cpu",
     "used 2s of CPU time, its limit is 2s"                                                                                                                                                      },
    {"SIGXCPU raised, ticks say so",
     {KILLED(SIGXCPU), CPU(2, 3), .fsize = NONE, .cpu_ns = 2 * SEC,
            .cpu_ticks_ns = 2 * SEC - 1},
     false,                                                                                                       ERRKEY_SIGNAL,          -1,  SIGXCPU, NULL,
     "killed by signal 24 (SIGXCPU)"                                                                                                                                                             },
    {"SIGKILL before it",
     {KILLED(SIGKILL), CPU(2, 3), .fsize = NONE, .cpu_ns = SEC},                                           false,
     ERRKEY_SIGNAL,                                                                                                                       -1,  SIGKILL, NULL,     "killed by signal 9 (SIGKILL)" },
    {"sh whose child had SIGXCPU",
     {EXITED(152), CPU(2, 3), .fsize = NONE, .tree_cpu_ns = 2 * SEC},                                      false,
     ERRKEY_CPU_LIMIT,                                                                                                                    152, 0,       "cpu",
     "used 2s of CPU time, its limit is 2s"                                                                                                                                                      },
    {"exit 152 imitated",
     {EXITED(152), CPU(2, 3), .fsize = NONE, .tree_cpu_ns = SEC - 1},                                      false,
     ERRKEY_EXIT,                                                                                                                         152, 0,       NULL,     "exited with status 152"       },
    {"SIGXCPU without a limit",            {KILLED(SIGXCPU), FREE, .cpu_ns = 99 * SEC},
     false,                                                                                                       ERRKEY_SIGNAL,          -1,  SIGXCPU, NULL,
     "killed by signal 24 (SIGXCPU)"                                                                                                                                                             },
    {"we timed it out",
     {KILLED(SIGKILL), CPU(2, 3), .fsize = NONE, .cpu_ns = 3 * SEC,
            .decided = true, .decided_kind = ERRKEY_TIMEOUT},
     false,                                                                                                       ERRKEY_TIMEOUT,         -1,  SIGKILL, NULL,     ""                             },
    {"cancelled, and exits well",
     {EXITED(0), FREE, .decided = true, .decided_kind = ERRKEY_CANCELLED,
            .answer = ANSWER_OK},
     false,                                                                                                       ERRKEY_CANCELLED,       0,   0,       NULL,     ""                             },
    {"decided, guard gone",
     {FREE, .guard_lost = true, .guard_signal = SIGKILL, .decided = true,
            .decided_kind = ERRKEY_OUTPUT_LIMIT},
     false,                                                                                                       ERRKEY_OUTPUT_LIMIT,    -1,  0,       NULL,     ""                             },
    {"not started",
     {EXITED(125), FREE, .not_started = true, .stage = STAGE_EXECUTE,
            .os_errno = ENOENT},
     false,                                                                                                       ERRKEY_UNAVAILABLE,     -1,  0,       NULL,
     "cannot execute: No such file or directory"                                                                                                                                                 },
    {"not started beats a decision",
     {EXITED(125), FREE, .not_started = true, .stage = STAGE_DIRECTORY,
            .os_errno = EACCES, .directory = "/root", .decided = true,
            .decided_kind = ERRKEY_TIMEOUT},
     false,                                                                                                       ERRKEY_UNAVAILABLE,     -1,  0,       NULL,
     "cannot enter its directory /root: Permission denied"                                                                                                                                       },
    {"guard killed",                       {FREE, .guard_lost = true, .guard_signal = SIGKILL},            false,
     ERRKEY_SIGNAL,                                                                                                                       -1,  SIGKILL, NULL,
     "its guard was killed by signal 9 (SIGKILL)"                                                                                                                                                },
    {"guard gone",                         {FREE, .guard_lost = true},                                     false, ERRKEY_PROTOCOL,        -1,  0,
     NULL,                                                                                                                                                        "its guard is gone"            },
};

static void
test_cases(void)
{
	struct verdict v;
	struct buf text = BUF_INIT;
	size_t i;

	for (i = 0; i < NITEMS(table); i++) {
		verdict_reach(&table[i].a, &v);
		buf_clear(&text);
		verdict_text(&table[i].a, &v, &text);
		if (v.ok != table[i].ok || (!v.ok && v.kind != table[i].kind) ||
		    v.exit != table[i].exit || v.signal != table[i].signal ||
		    strcmp(buf_str(&text), table[i].text) != 0) {
			printf("case \"%s\": exit %d signal %d \"%s\"\n",
			    table[i].name, v.exit, v.signal, buf_str(&text));
		}
		CU_ASSERT_EQUAL(v.ok, table[i].ok);
		if (!v.ok) {
			CU_ASSERT_EQUAL(v.kind, table[i].kind);
		}
		CU_ASSERT_EQUAL(v.exit, table[i].exit);
		CU_ASSERT_EQUAL(v.signal, table[i].signal);
		CU_ASSERT_STRING_EQUAL(buf_str(&text), table[i].text);
		if (table[i].limit == NULL) {
			CU_ASSERT_PTR_NULL(v.limit);
		} else {
			CU_ASSERT_PTR_NOT_NULL_FATAL(v.limit);
			CU_ASSERT_STRING_EQUAL(v.limit, table[i].limit);
		}
	}
	buf_free(&text);
}

UNIT_MAIN("verdict", {"cases", test_cases})
