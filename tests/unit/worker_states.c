/* rooms: pool proto value base
 * Every state against every message: what is not listed here is refused. */
#include "pool/worker_states.h"
#include "tests/unit/unit.h"

#define MESSAGES 32 /* above every number there is */

static const struct {
	enum server_state state;
	unsigned int msg;
	enum action act;
} server_cases[] = {
    {SERVER_STARTING, MSG_HELLO,       ACT_HELLO      },
    {SERVER_UP,       MSG_SLOT_MADE,   ACT_MADE       },
    {SERVER_UP,       MSG_SLOT_FAILED, ACT_FAILED_MAKE},
};

struct worker_case {
	enum worker_state state;
	unsigned int msg;
	enum action act;
};

static const struct worker_case guard_cases[] = {
    {WORKER_AHEAD,    MSG_STARTED, ACT_RECALLED},
    {WORKER_STARTING, MSG_STARTED, ACT_STARTED },
    {WORKER_DOOMED,   MSG_STARTED, ACT_STARTED },
    {WORKER_READY,    MSG_ENDED,   ACT_ENDED   },
    {WORKER_BUSY,     MSG_ENDED,   ACT_ENDED   },
    {WORKER_ENDING,   MSG_ENDED,   ACT_ENDED   },
};

static const struct worker_case task_cases[] = {
    {WORKER_STARTING, MSG_RESULT,  ACT_ANSWER     },
    {WORKER_STARTING, MSG_FAILED,  ACT_ANSWER     },
    {WORKER_STARTING, MSG_RESULTS, ACT_ANSWER     },
    {WORKER_BUSY,     MSG_RESULTS, ACT_ANSWER     },
    {WORKER_DOOMED,   MSG_RESULTS, ACT_LATE_ANSWER},
    {WORKER_ENDING,   MSG_RESULTS, ACT_LATE_ANSWER},
    {WORKER_BUSY,     MSG_RESULT,  ACT_ANSWER     },
    {WORKER_BUSY,     MSG_FAILED,  ACT_ANSWER     },
    {WORKER_DOOMED,   MSG_RESULT,  ACT_LATE_ANSWER},
    {WORKER_DOOMED,   MSG_FAILED,  ACT_LATE_ANSWER},
    {WORKER_ENDING,   MSG_RESULT,  ACT_LATE_ANSWER},
    {WORKER_ENDING,   MSG_FAILED,  ACT_LATE_ANSWER},
};

static enum action
wanted(const struct worker_case *c, size_t n, enum worker_state s,
    unsigned int msg)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (c[i].state == s && c[i].msg == msg)
			return c[i].act;
	}
	return ACT_LOST;
}

static void
test_server(void)
{
	unsigned int s, msg;
	enum action want;
	size_t i;

	for (s = 0; s < SERVER_NSTATES; s++) {
		CU_ASSERT_PTR_NOT_NULL(server_state_name(s));
		for (msg = 0; msg < MESSAGES; msg++) {
			want = ACT_LOST;
			for (i = 0; i < NITEMS(server_cases); i++) {
				if (server_cases[i].state == s &&
				    server_cases[i].msg == msg) {
					want = server_cases[i].act;
				}
			}
			CU_ASSERT_EQUAL(server_action(s, msg), want);
		}
	}
}

static void
test_worker(void)
{
	unsigned int s, msg;

	for (s = 0; s < WORKER_NSTATES; s++) {
		CU_ASSERT_PTR_NOT_NULL(worker_state_name(s));
		for (msg = 0; msg < MESSAGES; msg++) {
			CU_ASSERT_EQUAL(guard_action(s, msg),
			    wanted(guard_cases, NITEMS(guard_cases), s, msg));
			CU_ASSERT_EQUAL(task_action(s, msg),
			    wanted(task_cases, NITEMS(task_cases), s, msg));
		}
	}
}

UNIT_MAIN("worker_states", {"fork server", test_server},
    {"guard and task process", test_worker})
