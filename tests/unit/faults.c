/* rooms: pool proto sandbox policy task value base
 * The Nth call of every system call that the pool and its workers use fails,
 * for one N after the other.  Whatever becomes of it: each task ends once,
 * with its right result or with an error that says what was missing; the pool
 * goes on; nothing is left behind.
 *
 * FAULTS_ALL=1 in the environment tries every N, else each is twice the one
 * before; FAULTS_ONLY=CALL tries that call. */
#include <errno.h>
#include <fcntl.h>

#include "tests/faults/fault.h"
#include "tests/unit/rig.h"

#define TEXT_LEN 200000U

static struct effective free_policy = {.timeout = INT64_MAX};
static struct effective quick = {.timeout = 20 * NS_PER_MS};

static struct capability napping = {.id = (char[]){"time.sleep"},
    .kind = CAP_BUILTIN,
    .trusted = true,
    .idempotent = true};
static struct capability upper = {.id = (char[]){"text.upper"},
    .kind = CAP_BUILTIN,
    .trusted = true,
    .idempotent = true};

static char *echo_argv[] = {
    (char[]){"sh"}, (char[]){"-c"}, (char[]){"echo hello"}, NULL};
static char *cat_argv[] = {(char[]){"cat"}, NULL};
static char *exit_argv[] = {
    (char[]){"sh"}, (char[]){"-c"}, (char[]){"exit 3"}, NULL};
static struct capability echoing = {.id = (char[]){"test.echo"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = echo_argv,
    .program = (char[]){"/bin/sh"}};
static struct capability copying = {.id = (char[]){"test.cat"},
    .kind = CAP_EXEC,
    .codec = CODEC_RAW,
    .argv = cat_argv,
    .program = (char[]){"/bin/cat"}};
static struct capability failing = {.id = (char[]){"test.exit"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = exit_argv,
    .program = (char[]){"/bin/sh"}};

/* What fails, where, and how. */
static const struct {
	enum fault_side side;
	const char *call;
	int os_errno;
} sweep[] = {
    {FAULT_SUPERVISOR, "socketpair",    EMFILE      },
    {FAULT_SUPERVISOR, "pipe2",         EMFILE      },
    {FAULT_SUPERVISOR, "fcntl",         EMFILE      },
    {FAULT_SUPERVISOR, "memfd_create",  EMFILE      },
    {FAULT_SUPERVISOR, "memfd_create",  ENOMEM      },
    {FAULT_SUPERVISOR, "ftruncate",     ENOSPC      },
    {FAULT_SUPERVISOR, "mmap",          ENOMEM      },
    {FAULT_SUPERVISOR, "epoll_create1", EMFILE      },
    {FAULT_SUPERVISOR, "epoll_ctl",     ENOSPC      },
    {FAULT_SUPERVISOR, "epoll_ctl",     ENOMEM      },
    {FAULT_SUPERVISOR, "signalfd",      EMFILE      },
    {FAULT_SUPERVISOR, "posix_spawn",   EAGAIN      },
    {FAULT_SUPERVISOR, "posix_spawn",   ENOMEM      },
    {FAULT_SUPERVISOR, "sendmsg",       EAGAIN      },
    {FAULT_SUPERVISOR, "sendmsg",       EINTR       },
    {FAULT_SUPERVISOR, "sendmsg",       ENOBUFS     },
    {FAULT_SUPERVISOR, "sendmsg",       ETOOMANYREFS},
    {FAULT_SUPERVISOR, "recvmsg",       EINTR       },
    {FAULT_SUPERVISOR, "read",          EINTR       },
    {FAULT_SUPERVISOR, "read",          FAULT_SHORT },
    {FAULT_SUPERVISOR, "pwrite",        EINTR       },
    {FAULT_SUPERVISOR, "pwrite",        FAULT_SHORT },
    {FAULT_SUPERVISOR, "pwrite",        ENOSPC      },
    {FAULT_SUPERVISOR, "writev",        EINTR       },
    {FAULT_SUPERVISOR, "writev",        FAULT_SHORT },
    {FAULT_SUPERVISOR, "waitid",        EINTR       },
    {FAULT_SUPERVISOR, "open",          EMFILE      },
    {FAULT_SUPERVISOR, "pidfd_open",    EMFILE      },
    {FAULT_SUPERVISOR, "epoll_pwait2",  EINTR       },
    {FAULT_SUPERVISOR, "epoll_pwait2",  ENOSYS      },
    {FAULT_WORKER,     "fork",          EAGAIN      },
    {FAULT_WORKER,     "fork",          ENOMEM      },
    {FAULT_WORKER,     "clone3",        EAGAIN      },
    {FAULT_WORKER,     "clone3",        ENOMEM      },
    {FAULT_WORKER,     "clone3",        ENOSYS      },
    {FAULT_WORKER,     "pipe2",         EMFILE      },
    {FAULT_WORKER,     "mmap",          ENOMEM      },
    {FAULT_WORKER,     "open",          EMFILE      },
    {FAULT_WORKER,     "fcntl",         EMFILE      },
    {FAULT_WORKER,     "recvmsg",       EINTR       },
    {FAULT_WORKER,     "sendmsg",       EINTR       },
    {FAULT_WORKER,     "sendmsg",       ENOBUFS     },
    {FAULT_WORKER,     "read",          EINTR       },
    {FAULT_WORKER,     "read",          FAULT_SHORT },
    {FAULT_WORKER,     "write",         EINTR       },
    {FAULT_WORKER,     "write",         FAULT_SHORT },
    {FAULT_WORKER,     "writev",        EINTR       },
    {FAULT_WORKER,     "writev",        FAULT_SHORT },
    {FAULT_WORKER,     "ppoll",         EINTR       },
    {FAULT_WORKER,     "waitid",        EINTR       },
    {FAULT_WORKER,     "wait4",         EINTR       },
    {FAULT_WORKER,     "execve",        ENOMEM      },
    {FAULT_WORKER,     "prlimit",       EPERM       },
};

static char folder[] = "/tmp/rtfs-faultXXXXXX";
static char faulty[64];
static char *text; /* TEXT_LEN of 'x' */

static unsigned int
descriptors(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

enum {
	NAP,
	NAP_2,
	ECHO,
	COPY,
	UPPER,
	LATE,
	EXIT,
	AFTER,
	TASKS
};

static struct rig_task *
add(struct rig *r, struct capability *c, const struct effective *f, int64_t n)
{
	val v = n >= 0 ? val_fix(n) : str_new(r->heap, text, TEXT_LEN);

	return rig_add(r, c, f,
	    n == INT64_MAX ? vec_empty(r->heap) : vec_new(r->heap, &v, 1));
}

/* The result that it would have without the fault. */
static bool
is_right(const struct rig_task *t, size_t i)
{
	const char *s;
	size_t len;

	switch (i) {
	case ECHO:
		return t->ok && str_equal_text(t->value, "hello");
	case COPY:
	case UPPER:
		if (!t->ok || !val_is_string(t->value))
			return false;
		s = str_bytes(t->value, &len);
		return len == TEXT_LEN && s[0] == (i == COPY ? 'x' : 'X') &&
		    memcmp(s, s + 1, len - 1) == 0;
	case LATE:
		return !t->ok && t->kind == ERRKEY_TIMEOUT;
	case EXIT:
		return !t->ok && t->kind == ERRKEY_EXIT && t->exit == 3;
	default:
		return t->ok && t->value == VAL_NIL;
	}
}

/* A failed task process is the fault of a machine that lacks something, and
 * the one kind that says that is :unavailable; but a process of ours that
 * cannot go on ends, which is a :signal or an :exit of the task it had. */
static bool
is_clean(const struct rig_task *t, enum fault_side side)
{
	if (t->ok || t->message == NULL || t->message[0] == '\0')
		return false;
	if (t->kind == ERRKEY_UNAVAILABLE)
		return true;
	return side == FAULT_WORKER &&
	    (t->kind == ERRKEY_SIGNAL || t->kind == ERRKEY_EXIT ||
	        t->kind == ERRKEY_PROTOCOL);
}

static unsigned int wrong;  /* outcomes */
static unsigned int failed; /* clean errors */

static void
judge(const struct rig *r, enum fault_side side, const char *what)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->t[i].times == 1 &&
		    (is_right(&r->t[i], i) ||
		        (i != AFTER && is_clean(&r->t[i], side)))) {
			failed += i != LATE && i != EXIT && !r->t[i].ok;
			continue;
		}
		wrong++;
		printf("\n  %s: task %zu came back %u times, %s %d: %s", what,
		    i, r->t[i].times, r->t[i].ok ? "ok" : "failed",
		    r->t[i].kind,
		    r->t[i].message == NULL ? "" : r->t[i].message);
	}
}

/* Everything that the pool does, once.  True: the fault came to pass. */
static bool
run_once(enum fault_side side, const char *call, int os_errno, unsigned int n)
{
	struct pool_config c = {.workers = 2,
	    .grace = 20 * NS_PER_MS,
	    .build_id = rig_build,
	    .start = rig_start,
	    .done = rig_done};
	unsigned int before = descriptors();
	struct error e;
	struct rig r;
	pid_t child[8];
	char what[96];
	bool came;

	snprintf(what, sizeof(what), "%s %s, %s %u",
	    side == FAULT_WORKER ? "worker" : "supervisor", call,
	    os_errno == FAULT_SHORT ? "short" : strerrorname_np(os_errno), n);
	memset(&r, 0, sizeof(r));
	r.heap = heap_new(0);
	r.t = xcalloc(RIG_TASKS, sizeof(*r.t));
	c.arg = &r;
	c.worker_path[IMAGE_CORE] = faulty;
	fault_arm(side, call, os_errno, n);
	if (loop_new(&r.loop, &e) == -1 ||
	    pool_new(r.loop, &c, &r.pool, &e) == -1) {
		came = fault_disarm();
		wrong += e.msg[0] == '\0' || !came;
		goto done;
	}
	add(&r, &napping, &free_policy, 0);
	add(&r, &napping, &free_policy, 1);
	add(&r, &echoing, &free_policy, INT64_MAX);
	add(&r, &copying, &free_policy, -1);
	add(&r, &upper, &free_policy, -1);
	add(&r, &napping, &quick, 30000);
	add(&r, &failing, &free_policy, INT64_MAX);
	if (!rig_run(&r, 25000)) {
		wrong++;
		printf("\n  %s: not all came back", what);
	}
	came = fault_disarm();
	add(&r, &napping, &free_policy, 0);
	(void)rig_run(&r, 25000);
	judge(&r, side, what);
done:
	rig_close(&r);
	if (rig_children(getpid(), child, 8) != 0 || descriptors() != before) {
		wrong++;
		printf("\n  %s: %zu processes, %u descriptors instead of %u",
		    what, rig_children(getpid(), child, 8), descriptors(),
		    before);
	}
	return came;
}

static void
test_sweep(void)
{
	bool all = getenv("FAULTS_ALL") != NULL;
	const char *only = getenv("FAULTS_ONLY");
	unsigned int n, runs = 0, unreached = 0;
	size_t i;

	CU_ASSERT_EQUAL_FATAL(access(faulty, X_OK), 0);
	free_policy.limit[LIMIT_NOFILE].set = true;
	free_policy.limit[LIMIT_NOFILE].soft = 200;
	free_policy.limit[LIMIT_NOFILE].hard = 200;
	text = xmalloc(TEXT_LEN);
	memset(text, 'x', TEXT_LEN);
	for (i = 0; i < NITEMS(sweep); i++) {
		if (only != NULL && strcmp(only, sweep[i].call) != 0)
			continue;
		for (n = 1; run_once(
		         sweep[i].side, sweep[i].call, sweep[i].os_errno, n);
		     n += all || n < 3 ? 1 : n) {
			runs++;
		}
		unreached += n == 1;
		if (all || n == 1) {
			printf("  %s %s %d: %u\n",
			    sweep[i].side == FAULT_WORKER ? "worker" :
			                                    "supervisor",
			    sweep[i].call, sweep[i].os_errno, n - 1);
		}
	}
	free(text);
	printf("\n  %u faults, %u tasks with a clean error, %u wrong\n", runs,
	    failed, wrong);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(unreached < NITEMS(sweep) / 5);
}

static void
make_faulty(void)
{
	char command[256];

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(faulty, sizeof(faulty), "%s/rtfs-worker", folder);
	CU_ASSERT_PTR_NOT_NULL_FATAL(getenv("FAULTY_WORKER"));
	worker_path = faulty;
	snprintf(command, sizeof(command), "cp '%s' %s",
	    getenv("FAULTY_WORKER"), faulty);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	CU_ASSERT_FATAL(fault_open(folder, FAULT_SUPERVISOR));
	learn_build();
}

static void
clean_up(void)
{
	char path[80];

	unlink(faulty);
	snprintf(path, sizeof(path), "%s/fault", folder);
	unlink(path);
	CU_ASSERT_EQUAL(rmdir(folder), 0);
}

SUPER_MAIN("faults", {"the worker's build", make_faulty},
    {"every call fails once", test_sweep}, {"tidying up", clean_up})
