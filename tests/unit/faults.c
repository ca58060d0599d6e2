/* rooms: pool proto sandbox policy task value base
 * The Nth call of every system call that the pool and its workers use fails,
 * for one N after the other.  Whatever becomes of it: each task ends once,
 * with its right result or with an error that says what was missing; the pool
 * goes on; nothing is left behind.  Once more at :sandboxed, where no task may
 * run with less around it than without the fault.
 *
 * FAULTS_ALL=1 in the environment tries every N, else each is twice the one
 * before; FAULTS_ONLY=CALL tries that call. */
#include <errno.h>
#include <fcntl.h>

#include "sandbox/uids.h"
#include "tests/faults/fault.h"
#include "tests/unit/rig.h"
#include "value/memfile.h"

#define TEXT_LEN 200000U
#define LONG_LEN (MEMFILE_MIN + 300000U) /* in a file */

static struct effective free_policy = {.timeout = INT64_MAX};
static struct effective quick = {.timeout = 20 * NS_PER_MS};
static struct effective sandboxed = {
    .timeout = INT64_MAX, .isolation = ISOLATION_SANDBOXED};

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
static char *look_argv[] = {(char[]){"sh"}, (char[]){"-c"},
    (char[]){"while read -r k v; do case $k in NoNewPrivs:|Seccomp:) "
             "printf '%s ' \"$v\" ;; esac; done </proc/self/status; "
             "{ read -r x <\"$1\"; } 2>/dev/null && printf 'seen ' || "
             "printf 'unseen '; "
             "kill -0 \"$2\" 2>/dev/null && echo reached || echo alone"},
    (char[]){"sh"}, NULL, NULL, NULL};
static struct capability looking = {.id = (char[]){"test.look"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = look_argv,
    .program = (char[]){"/bin/sh"}};
static char *mount_argv[] = {(char[]){"mount"}, (char[]){"-t"},
    (char[]){"tmpfs"}, (char[]){"none"}, (char[]){"/tmp"}, NULL};
static struct capability mounting = {.id = (char[]){"test.mount"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = mount_argv,
    .program = (char[]){"/bin/mount"}};
static struct capability failing = {.id = (char[]){"test.exit"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = exit_argv,
    .program = (char[]){"/bin/sh"}};

/* What fails, where, and how. */
struct fault {
	enum fault_side side;
	const char *call;
	int os_errno;
};

static const struct fault sweep[] = {
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
    {FAULT_WORKER,     "pread",         EINTR       },
    {FAULT_WORKER,     "dup2",          EBUSY       },
    {FAULT_WORKER,     "dup2",          EINTR       },
    {FAULT_WORKER,     "prctl",         EPERM       },
    {FAULT_WORKER,     "signalfd",      EMFILE      },
    {FAULT_WORKER,     "keyctl",        EDQUOT      },
};

/* The same with a text that is long enough to be lent. */
static const struct fault lending[] = {
    {FAULT_SUPERVISOR, "memfd_create", EMFILE},
    {FAULT_SUPERVISOR, "ftruncate",    ENOSPC},
    {FAULT_SUPERVISOR, "mmap",         ENOMEM},
    {FAULT_SUPERVISOR, "madvise",      ENOMEM},
    {FAULT_SUPERVISOR, "madvise",      EINVAL},
    {FAULT_SUPERVISOR, "fcntl",        EPERM },
    {FAULT_SUPERVISOR, "sendmsg",      EAGAIN},
    {FAULT_WORKER,     "mmap",         ENOMEM},
    {FAULT_WORKER,     "fcntl",        EINVAL},
};

/* The same at :sandboxed: what builds the sandbox. */
static const struct fault walls[] = {
    {FAULT_SUPERVISOR, "eventfd",                 EMFILE     },
    {FAULT_SUPERVISOR, "open",                    EACCES     },
    {FAULT_SUPERVISOR, "memfd_create",            ENOMEM     },
    {FAULT_SUPERVISOR, "sendmsg",                 ENOBUFS    },
    {FAULT_SUPERVISOR, "recvmsg",                 EINTR      },
    {FAULT_WORKER,     "clone3",                  ENOSYS     },
    {FAULT_WORKER,     "clone3",                  EPERM      },
    {FAULT_WORKER,     "clone3",                  ENOSPC     },
    {FAULT_WORKER,     "unshare",                 EPERM      },
    {FAULT_WORKER,     "setns",                   EPERM      },
    {FAULT_WORKER,     "mount",                   EPERM      },
    {FAULT_WORKER,     "umount2",                 EBUSY      },
    {FAULT_WORKER,     "open_tree",               ENOSYS     },
    {FAULT_WORKER,     "open_tree",               EMFILE     },
    {FAULT_WORKER,     "move_mount",              EACCES     },
    {FAULT_WORKER,     "mount_setattr",           ENOSYS     },
    {FAULT_WORKER,     "openat2",                 ENOSYS     },
    {FAULT_WORKER,     "pivot_root",              EINVAL     },
    {FAULT_WORKER,     "openat",                  EMFILE     },
    {FAULT_WORKER,     "open",                    ENOENT     },
    {FAULT_WORKER,     "mkdirat",                 ENOSPC     },
    {FAULT_WORKER,     "mknodat",                 EPERM      },
    {FAULT_WORKER,     "symlinkat",               ENOSPC     },
    {FAULT_WORKER,     "fchmodat",                EPERM      },
    {FAULT_WORKER,     "chdir",                   EACCES     },
    {FAULT_WORKER,     "fchdir",                  EACCES     },
    {FAULT_WORKER,     "sethostname",             EPERM      },
    {FAULT_WORKER,     "setgroups",               EPERM      },
    {FAULT_WORKER,     "setresgid",               EPERM      },
    {FAULT_WORKER,     "setresuid",               EAGAIN     },
    {FAULT_WORKER,     "capset",                  EPERM      },
    {FAULT_WORKER,     "prctl",                   EINVAL     },
    {FAULT_WORKER,     "landlock_create_ruleset", EOPNOTSUPP },
    {FAULT_WORKER,     "landlock_create_ruleset", EMFILE     },
    {FAULT_WORKER,     "landlock_add_rule",       EBADFD     },
    {FAULT_WORKER,     "landlock_restrict_self",  E2BIG      },
    {FAULT_WORKER,     "seccomp",                 EINVAL     },
    {FAULT_WORKER,     "seccomp",                 ENOMEM     },
    {FAULT_WORKER,     "dup3",                    EMFILE     },
    {FAULT_WORKER,     "fcntl",                   EMFILE     },
    {FAULT_WORKER,     "read",                    EINTR      },
    {FAULT_WORKER,     "read",                    FAULT_SHORT},
    {FAULT_WORKER,     "sendmsg",                 ENOBUFS    },
};

/* The same, and it is never to be had. */
static const struct fault missing[] = {
    {FAULT_WORKER, "clone3",                  ENOSYS    },
    {FAULT_WORKER, "clone3",                  EPERM     },
    {FAULT_WORKER, "unshare",                 EPERM     },
    {FAULT_WORKER, "setns",                   EPERM     },
    {FAULT_WORKER, "mount",                   EPERM     },
    {FAULT_WORKER, "open_tree",               ENOSYS    },
    {FAULT_WORKER, "move_mount",              EPERM     },
    {FAULT_WORKER, "mount_setattr",           ENOSYS    },
    {FAULT_WORKER, "openat2",                 ENOSYS    },
    {FAULT_WORKER, "pivot_root",              EPERM     },
    {FAULT_WORKER, "setresuid",               EPERM     },
    {FAULT_WORKER, "setgroups",               EPERM     },
    {FAULT_WORKER, "capset",                  EPERM     },
    {FAULT_WORKER, "landlock_create_ruleset", EOPNOTSUPP},
    {FAULT_WORKER, "landlock_restrict_self",  EPERM     },
    {FAULT_WORKER, "seccomp",                 EINVAL    },
    {FAULT_WORKER, "prctl",                   EINVAL    },
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
	ECHOES, /* of which each ends before its channels are watched */
	AFTER = ECHOES + 6,
};

enum {
	LONG,
	LONG_AFTER,
};

/* At :sandboxed. */
enum {
	WALLS,
	FILTER,
	UPPER_IN,
	WALLS_AFTER,
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

	if (i >= ECHOES && i < AFTER)
		i = ECHO;
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

static bool
is_right_long(const struct rig_task *t, size_t i)
{
	const char *s;
	size_t len;

	if (!t->ok || i > LONG_AFTER || !val_is_string(t->value))
		return false;
	s = str_bytes(t->value, &len);
	return len == LONG_LEN && s[0] == 'X' && memcmp(s, s + 1, len - 1) == 0;
}

/* Without its sandbox it could have signalled us, and read the switch; /proc
 * need not be there to say the rest. */
static bool
is_right_inside(const struct rig_task *t, size_t i)
{
	switch (i) {
	case FILTER:
		return !t->ok && t->kind == ERRKEY_SYSCALL_DENIED;
	case UPPER_IN:
		return is_right(t, UPPER);
	default:
		return t->ok &&
		    (str_equal_text(t->value, "1 2 unseen alone") ||
		        str_equal_text(t->value, "unseen alone"));
	}
}

static void
submit(struct rig *r)
{
	int i;

	add(r, &napping, &free_policy, 0);
	add(r, &napping, &free_policy, 1);
	add(r, &echoing, &free_policy, INT64_MAX);
	add(r, &copying, &free_policy, -1);
	add(r, &upper, &free_policy, -1);
	add(r, &napping, &quick, 30000);
	add(r, &failing, &free_policy, INT64_MAX);
	for (i = ECHOES; i < AFTER; i++)
		add(r, &echoing, &free_policy, INT64_MAX);
}

static void
submit_after(struct rig *r)
{
	add(r, &napping, &free_policy, 0);
}

static void
submit_long(struct rig *r)
{
	char *bytes;
	val v = str_blank(r->heap, LONG_LEN, &bytes);

	memset(bytes, 'x', LONG_LEN);
	str_seal(v);
	rig_add(r, &upper, &free_policy, vec_new(r->heap, &v, 1));
}

static void
submit_inside(struct rig *r)
{
	add(r, &looking, &sandboxed, INT64_MAX);
	add(r, &mounting, &sandboxed, INT64_MAX);
	add(r, &upper, &sandboxed, -1);
}

static void
submit_inside_after(struct rig *r)
{
	add(r, &looking, &sandboxed, INT64_MAX);
}

static const struct scenario {
	const char *name;
	const struct fault *fault;
	size_t nfaults;
	void (*submit)(struct rig *);
	void (*submit_after)(struct rig *); /* when nothing fails any more */
	bool (*is_right)(const struct rig_task *, size_t);
	size_t after; /* from this on */
	bool lasting; /* not the Nth alone, but all of them */
} scenarios[] = {
    {"inherit",   sweep,   NITEMS(sweep),   submit,        submit_after,        is_right,      AFTER,
     false                                                                                                       },
    {"long",      lending, NITEMS(lending), submit_long,   submit_long,         is_right_long,
     LONG_AFTER,                                                                                            false},
    {"sandboxed", walls,   NITEMS(walls),   submit_inside, submit_inside_after,
     is_right_inside,                                                                          WALLS_AFTER, false},
    {"without",   missing, NITEMS(missing), submit_inside, submit_inside_after,
     is_right_inside,                                                                          WALLS_AFTER, true },
};

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
	if (plan_capability(t->task.plan) == &mounting &&
	    t->kind == ERRKEY_EXIT && t->exit < 100)
		return false; /* its own: nothing has kept it from trying */
	return side == FAULT_WORKER &&
	    (t->kind == ERRKEY_SIGNAL || t->kind == ERRKEY_EXIT ||
	        t->kind == ERRKEY_PROTOCOL || t->kind == ERRKEY_MEMORY_LIMIT);
}

static unsigned int wrong;  /* outcomes */
static unsigned int failed; /* clean errors */

static void
judge(const struct rig *r, const struct scenario *s, enum fault_side side,
    const char *what)
{
	const struct rig_task *t;
	size_t i;

	for (i = 0; i < r->n; i++) {
		t = &r->t[i];
		if (t->times == 1 && s->is_right(t, i))
			continue;
		if (t->times == 1 && i < s->after && is_clean(t, side)) {
			failed++;
			continue;
		}
		wrong++;
		printf("\n  %s: task %zu came back %u times, %s %d: %s", what,
		    i, t->times, t->ok ? "ok" : "failed", t->kind,
		    t->message == NULL ? "" : t->message);
		if (t->ok && val_is_string(t->value) &&
		    str_count(t->value) < 100) {
			size_t len;

			printf("%s", str_bytes(t->value, &len));
		}
	}
}

/* A guard that was being made ends by itself, soon after its pool. */
static bool
none_left(void)
{
	int64_t until = clock_mono() + unit_soon(2 * NS_PER_SEC);
	pid_t child[8];

	while (rig_children(getpid(), child, 8) != 0) {
		(void)waitpid(-1, NULL, WNOHANG);
		if (clock_mono() > until)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/* Everything that the pool does, once.  True: the fault came to pass. */
static bool
run_once(const struct scenario *s, const struct fault *f, unsigned int n)
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

	snprintf(what, sizeof(what), "%s: %s %s, %s %u", s->name,
	    f->side == FAULT_WORKER ? "worker" : "supervisor", f->call,
	    f->os_errno == FAULT_SHORT ? "short" : strerrorname_np(f->os_errno),
	    n);
	memset(&r, 0, sizeof(r));
	r.heap = heap_new(0);
	heap_lends(r.heap);
	r.t = xcalloc(RIG_TASKS, sizeof(*r.t));
	c.arg = &r;
	c.worker_path[IMAGE_CORE] = faulty;
	fault_arm(f->side, f->call, f->os_errno, n, s->lasting);
	if (loop_new(&r.loop, &e) == -1 ||
	    pool_new(r.loop, &c, &r.pool, &e) == -1) {
		came = fault_disarm();
		wrong += e.msg[0] == '\0' || !came;
		goto done;
	}
	s->submit(&r);
	if (!rig_run(&r, 25000)) {
		wrong++;
		printf("\n  %s: not all came back", what);
	}
	came = fault_disarm();
	s->submit_after(&r);
	(void)rig_run(&r, 25000);
	judge(&r, s, f->side, what);
done:
	rig_close(&r);
	if (!none_left() || descriptors() != before) {
		wrong++;
		printf("\n  %s: %zu processes, %u descriptors instead of %u",
		    what, rig_children(getpid(), child, 8), descriptors(),
		    before);
	}
	return came;
}

static void
sweep_one(const struct scenario *s)
{
	bool all = getenv("FAULTS_ALL") != NULL;
	const char *only = getenv("FAULTS_ONLY");
	unsigned int n, runs = 0, before, unreached = 0;
	const struct fault *f;
	bool reached, each;

	wrong = failed = 0;
	for (f = s->fault; f < s->fault + s->nfaults; f++) {
		if (only != NULL && strcmp(only, f->call) != 0)
			continue;
		before = runs;
		/* results come by read: none of it is left out; few are long */
		each =
		    all || strcmp(f->call, "read") == 0 || s->fault == lending;
		for (n = 1; run_once(s, f, n); n += each || n < 3 ? 1 : n) {
			runs++;
			if (s->lasting)
				break;
		}
		reached = n > 1 || (s->lasting && runs > before);
		unreached += !reached;
		if (all || !reached) {
			printf("\n  %s: %s %s %s: %u", s->name,
			    f->side == FAULT_WORKER ? "worker" : "supervisor",
			    f->call,
			    f->os_errno == FAULT_SHORT ?
			        "short" :
			        strerrorname_np(f->os_errno),
			    n - 1);
		}
	}
	printf("\n  %s: %u faults, %u tasks with a clean error, %u wrong\n",
	    s->name, runs, failed, wrong);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(unreached, 0);
}

static void
test_sweep(void)
{
	CU_ASSERT_EQUAL_FATAL(access(faulty, X_OK), 0);
	free_policy.limit[LIMIT_NOFILE].set = true;
	free_policy.limit[LIMIT_NOFILE].soft = 200;
	free_policy.limit[LIMIT_NOFILE].hard = 200;
	text = xmalloc(TEXT_LEN);
	memset(text, 'x', TEXT_LEN);
	sweep_one(&scenarios[0]);
	sweep_one(&scenarios[1]);
}

/* Where there is such a level at all. */
static void
test_walls(void)
{
	static const struct fault none = {FAULT_NOWHERE, "", 0};
	static char path[80], pid[16];
	struct error e;

	snprintf(path, sizeof(path), "%s/fault", folder);
	snprintf(pid, sizeof(pid), "%d", getpid());
	look_argv[4] = path;
	look_argv[5] = pid;
	uid_return(uid_take(&e)); /* keeps a descriptor from now on */
	wrong = failed = 0;
	(void)run_once(&scenarios[2], &none, 1);
	CU_ASSERT_EQUAL(wrong, 0);
	if (failed == 0) {
		sweep_one(&scenarios[2]);
		sweep_one(&scenarios[3]);
	} else {
		puts("  skipped: this machine has no :sandboxed");
	}
	free(text);
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
    {"every call fails once", test_sweep},
    {"in the making of a sandbox, too", test_walls}, {"tidying up", clean_up})
