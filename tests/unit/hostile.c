/* rooms: pool proto sandbox policy task value base
 * The pool against tests/hostile/worker: whatever a fork server, a guard or a
 * task process says, one task pays, by name, and the pool goes on. */
#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>

#include "tests/unit/rig.h"

static char hostile_path[4400];
static struct effective policy = {.timeout = 300 * NS_PER_MS};

static void
capability(struct capability *c, char *id, const char *how)
{
	snprintf(id, 64, "hostile.%s", how);
	memset(c, 0, sizeof(*c));
	c->id = id;
	c->kind = CAP_BUILTIN;
	c->trusted = true;
	c->idempotent = true;
}

/* Failures of capabilities that should have none. */
static void
rig_show(const struct rig *r, const char *how)
{
	const struct rig_task *t;
	size_t i;

	for (i = 0; i < r->n; i++) {
		t = &r->t[i];
		if (!t->ok &&
		    strstr(plan_capability(t->task.plan)->id, how) != NULL) {
			printf("\n  task %zu of %zu, %s: %s\n", i, r->n,
			    plan_capability(t->task.plan)->id,
			    t->message == NULL ? "" : t->message);
		}
	}
}

static const struct {
	const char *how;
	enum errkey kind;
	const char *text;
} tasks[] = {
    {"garbage",      ERRKEY_PROTOCOL,       "protocol"                 },
    {"length",       ERRKEY_PROTOCOL,       "4294967295"               },
    {"long",         ERRKEY_RESULT_LIMIT,   "64K"                      },
    {"reserved",     ERRKEY_PROTOCOL,       "protocol"                 },
    {"unknown",      ERRKEY_PROTOCOL,       "999"                      },
    {"direction",    ERRKEY_PROTOCOL,       "protocol"                 },
    {"closes",       ERRKEY_PROTOCOL,       "closed its result channel"},
    {"exits",        ERRKEY_INVALID_RESULT, "without a result"         },
    {"status",       ERRKEY_EXIT,           "status 9"                 },
    {"crashes",      ERRKEY_SIGNAL,         "SIGSEGV"                  },
    {"drips",        ERRKEY_TIMEOUT,        "300ms"                    },
    {"trickles",     ERRKEY_TIMEOUT,        "300ms"                    },
    {"hangs",        ERRKEY_TIMEOUT,        "300ms"                    },
    {"page",         ERRKEY_TIMEOUT,        "300ms"                    },
    {"forged",       ERRKEY_PROTOCOL,       "answer to task"           },
    {"deep",         ERRKEY_PROTOCOL,       "1000"                     },
    {"billion",      ERRKEY_PROTOCOL,       "protocol"                 },
    {"function",     ERRKEY_PROTOCOL,       "protocol"                 },
    {"task",         ERRKEY_PROTOCOL,       "protocol"                 },
    {"text",         ERRKEY_PROTOCOL,       "protocol"                 },
    {"short",        ERRKEY_PROTOCOL,       "protocol"                 },
    {"noise",        ERRKEY_OUTPUT_LIMIT,   "1M"                       },
    {"rows-none",    ERRKEY_PROTOCOL,       "ends early"               },
    {"rows-forged",  ERRKEY_PROTOCOL,       "answer to task"           },
    {"rows-fields",  ERRKEY_PROTOCOL,       "RESULTS with 2 fields"    },
    {"rows-cut",     ERRKEY_PROTOCOL,       "ends early"               },
    {"rows-text",    ERRKEY_PROTOCOL,       "UTF-8"                    },
    {"rows-billion", ERRKEY_PROTOCOL,       "protocol"                 },
    {"rows-wall",    ERRKEY_PROTOCOL,       "expected"                 },
};

static void
limits(struct effective *f)
{
	f->limit[LIMIT_RESULT].set = true;
	f->limit[LIMIT_RESULT].soft = f->limit[LIMIT_RESULT].hard = 65536;
	f->limit[LIMIT_OUTPUT].set = true;
	f->limit[LIMIT_OUTPUT].soft = 1024;
	f->limit[LIMIT_OUTPUT].hard = 1024 * 1024;
}

/* A bad task between good ones, which are all answered. */
static void
test_tasks(void)
{
	struct capability good, bad[NITEMS(tasks)];
	char good_id[64], id[NITEMS(tasks)][64];
	struct rig_task *t[NITEMS(tasks)];
	struct rig r;
	size_t i, j;

	limits(&policy);
	capability(&good, good_id, "good");
	rig_worker = hostile_path;
	rig_build = 42;
	rig_open(&r, 2);
	for (i = 0; i < NITEMS(tasks); i++) {
		capability(&bad[i], id[i], tasks[i].how);
		for (j = 0; j < 5; j++) {
			rig_add(&r, &good, &policy, vec_empty(r.heap));
		}
		t[i] = rig_add(&r, &bad[i], &policy, vec_empty(r.heap));
	}
	CU_ASSERT(rig_run(&r, 20000));
	for (i = 0; i < NITEMS(tasks); i++) {
		if (!rig_failed(t[i], tasks[i].kind, tasks[i].text)) {
			printf("  hostile.%s\n", tasks[i].how);
			CU_FAIL("another failure than expected");
		}
		if (t[i]->at - t[i]->run_at > unit_soon(NS_PER_SEC)) {
			printf("  hostile.%s took too long\n", tasks[i].how);
			CU_FAIL("too long");
		}
	}
	rig_show(&r, "good");
	CU_ASSERT_EQUAL(rig_ok(&r), 5 * NITEMS(tasks));
	rig_close(&r);
}

/* Kilobytes of address space that this process ever had (VmPeak), or has of
 * memory that is nobody else's (RssAnon). */
static long
kilobytes(const char *name)
{
	char line[128];
	long n = -1;
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && n == -1 && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0)
			n = strtol(line + strlen(name) + 1, NULL, 10);
	}
	if (f != NULL)
		fclose(f);
	return n;
}

/* A few bytes that claim to be the beginning of 1,000,000,000 elements, or of
 * as long a text: no memory is had for them, nor address space. */
static void
test_billions(void)
{
	static const char *const how[] = {"billion", "billion-pairs",
	    "billion-text", "billion-list", "billion-ext", "billion-deep",
	    "rows-billion"};
	struct capability bad[NITEMS(how)], good;
	char id[NITEMS(how)][64], good_id[64];
	long space, memory;
	struct rig_task *t;
	int64_t start;
	struct rig r;
	size_t i, heap;

	capability(&good, good_id, "good");
	rig_worker = hostile_path;
	rig_open(&r, 1);
	rig_add(&r, &good, &policy, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	for (i = 0; i < NITEMS(how); i++) {
		capability(&bad[i], id[i], how[i]);
		heap = heap_used(r.heap);
		space = kilobytes("VmPeak");
		memory = kilobytes("RssAnon");
		CU_ASSERT_FATAL(space > 0 && memory > 0);
		start = clock_mono();
		t = rig_add(&r, &bad[i], &policy, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 5000));
		CU_ASSERT(clock_mono() - start < unit_soon(NS_PER_SEC));
		if (!rig_failed(t, ERRKEY_PROTOCOL, "")) {
			printf("  hostile.%s\n", how[i]);
			CU_FAIL("another failure than expected");
		}
		CU_ASSERT(heap_used(r.heap) <= heap + 1024);
		if (!unit_instrumented()) {
			CU_ASSERT(kilobytes("VmPeak") <= space + 1024);
			CU_ASSERT(kilobytes("RssAnon") <= memory + 256);
		}
	}
	rig_close(&r);
}

/* The same with each of them in the middle of a batch. */
static void
test_batches(void)
{
	struct capability good, bad;
	char good_id[64], id[64];
	struct rig_task *t;
	struct rig r;
	size_t i, j;

	capability(&good, good_id, "good");
	rig_worker = hostile_path;
	for (i = 0; i < NITEMS(tasks); i++) {
		rig_open(&r, 1);
		capability(&bad, id, tasks[i].how);
		/* so that it is thought to be short: a good one by name */
		for (j = 0; j < 50; j++)
			rig_add(&r, &good, &policy, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 5000));
		for (j = 0; j < 20; j++)
			rig_add(&r, &good, &policy, vec_empty(r.heap));
		t = rig_add(&r, &bad, &policy, vec_empty(r.heap));
		for (j = 0; j < 20; j++)
			rig_add(&r, &good, &policy, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 5000));
		CU_ASSERT(t->done && !t->ok);
		rig_show(&r, "good");
		CU_ASSERT_EQUAL(rig_ok(&r), 90);
		rig_close(&r);
	}
}

/* An answer too many: the worker is replaced; who happens to be next may pay
 * for it. */
static void
twice(const char *how)
{
	struct capability twice, good;
	char id[64], good_id[64];
	struct rig r;
	size_t i;

	capability(&twice, id, how);
	capability(&good, good_id, "good");
	rig_worker = hostile_path;
	rig_open(&r, 1);
	for (i = 0; i < 5; i++) {
		rig_add(&r, &twice, &policy, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 5000));
	}
	CU_ASSERT_EQUAL(rig_ok(&r) + rig_kind(&r, ERRKEY_PROTOCOL), 5);
	CU_ASSERT(r.t[0].ok);
	rig_wait(&r, 100);
	rig_add(&r, &good, &policy, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	CU_ASSERT(r.t[5].ok);
	rig_close(&r);
}

static void
test_twice(void)
{
	twice("twice");
	twice("rows-twice");
}

static const struct {
	const char *how;
	enum errkey kind; /* ERRKEY_COUNT: a result */
	const char *text;
} texts[] = {
    {"text-good",   ERRKEY_COUNT,        ""        },
    {"text-bad",    ERRKEY_PROTOCOL,     "UTF-8"   },
    {"text-last",   ERRKEY_PROTOCOL,     "early"   },
    {"text-forged", ERRKEY_PROTOCOL,     "claims"  },
    {"text-over",   ERRKEY_RESULT_LIMIT, "8M"      },
    {"text-stalls", ERRKEY_TIMEOUT,      "500ms"   },
    {"text-killed", ERRKEY_SIGNAL,       "SIGKILL" },
    {"text-early",  ERRKEY_TIMEOUT,      "500ms"   },
    {"text-denies", ERRKEY_TIMEOUT,      "500ms"   },
    {"ignores",     ERRKEY_COUNT,        ""        },
    {"shuts",       ERRKEY_TIMEOUT,      "500ms"   },
    {"leaves",      ERRKEY_EXIT,         "status 9"},
    {"unclaimed",   ERRKEY_TIMEOUT,      "500ms"   },
};

static void
long_limits(struct effective *f)
{
	memset(f, 0, sizeof(*f));
	f->timeout = 500 * NS_PER_MS;
	f->limit[LIMIT_RESULT].set = true;
	f->limit[LIMIT_RESULT].soft = f->limit[LIMIT_RESULT].hard = 8 << 20;
}

/* A task of a long text, which its worker may not read to the end. */
static struct rig_task *
add_long(struct rig *r, struct capability *c, const struct effective *f)
{
	size_t len = (size_t)4 << 20;
	char *text;
	val v = str_blank(r->heap, len, &text);

	memset(text, 'a', len);
	str_seal(v);
	return rig_add(r, c, f, vec_new(r->heap, &v, 1));
}

/* Long texts, both ways: what is on its way is dropped with its task, and
 * neither it nor its memory reaches another. */
static void
test_texts(void)
{
	struct capability good, bad[NITEMS(texts)];
	char good_id[64], id[NITEMS(texts)][64];
	struct rig_task *t;
	struct effective f;
	size_t i, before;
	struct rig r;

	long_limits(&f);
	capability(&good, good_id, "text-good");
	rig_worker = hostile_path;
	rig_open(&r, 1);
	rig_add(&r, &good, &f, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	for (i = 0; i < NITEMS(texts); i++) {
		capability(&bad[i], id[i], texts[i].how);
		before = heap_used(r.heap);
		t = add_long(&r, &bad[i], &f);
		CU_ASSERT(rig_run(&r, 5000));
		if (texts[i].kind == ERRKEY_COUNT ?
		        !t->ok :
		        !rig_failed(t, texts[i].kind, texts[i].text)) {
			printf("  hostile.%s\n", texts[i].how);
			CU_FAIL("another end than expected");
		}
		/* its argument and, where it has one, its result */
		CU_ASSERT(heap_used(r.heap) - before <
		    (t->ok && i == 0 ? 9U << 20 : 5U << 20));
		t = rig_add(&r, &good, &f, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 5000));
		CU_ASSERT_FATAL(t->ok && val_is_string(t->value));
		CU_ASSERT_EQUAL(str_count(t->value), 4 << 20);
	}
	rig_close(&r);
}

/* The same when the task is cancelled: it is given back at once, and its heap
 * may go. */
static void
test_texts_cancelled(void)
{
	static const char *const how[] = {
	    "text-early", "text-denies", "text-stalls", "unclaimed", "shuts"};
	struct capability bad, good;
	char id[64], good_id[64];
	struct rig_task *t;
	struct effective f, soon;
	struct rig r;
	size_t i;

	long_limits(&soon);
	long_limits(&f);
	f.timeout = 20 * NS_PER_SEC;
	capability(&good, good_id, "text-good");
	rig_worker = hostile_path;
	for (i = 0; i < NITEMS(how); i++) {
		capability(&bad, id, how[i]);
		rig_open(&r, 1);
		rig_add(&r, &good, &f, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 5000));
		t = add_long(&r, &bad, &f);
		rig_wait(&r, 50); /* so that some of it is on its way */
		pool_cancel(
		    r.pool, &t->task, ERRKEY_CANCELLED, "enough", NULL, 0);
		CU_ASSERT(rig_run(&r, 5000));
		CU_ASSERT(rig_failed(t, ERRKEY_CANCELLED, "enough"));
		/* one that has not begun and never reads again is found out
		 * by the next task */
		rig_add(&r, &good, &soon, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 5000));
		t = rig_add(&r, &good, &soon, vec_empty(r.heap));
		CU_ASSERT(rig_run(&r, 5000));
		CU_ASSERT(t->ok);
		rig_close(&r);
	}
}

static const struct {
	const char *mode;
	enum errkey kind;
	const char *text;
} processes[] = {
    {"exits",           ERRKEY_UNAVAILABLE, ""                                 },
    {"garbage",         ERRKEY_UNAVAILABLE, ""                                 },
 /* Its end or its closed socket, whichever is seen first. */
    {"closes",          ERRKEY_UNAVAILABLE, "/worker: "                        },
    {"version",         ERRKEY_UNAVAILABLE, "protocol 99"                      },
    {"image",           ERRKEY_UNAVAILABLE, "not the image core"               },
    {"twice",           ERRKEY_UNAVAILABLE, "HELLO is not legal while up"      },
    {"slot-fails",      ERRKEY_UNAVAILABLE, "Resource temporarily unavailable" },
    {"slot-forged",     ERRKEY_UNAVAILABLE, "was not asked for"                },
    {"slot-lies",       ERRKEY_UNAVAILABLE, ""                                 },
    {"no-processes",    ERRKEY_UNAVAILABLE, "Resource temporarily unavailable" },
    {"guard-returns",   ERRKEY_UNAVAILABLE, "Operation canceled"               },
    {"guard-garbage",   ERRKEY_COUNT,       ""                                 },
    {"guard-exits",     ERRKEY_COUNT,       ""                                 },
    {"guard-killed",    ERRKEY_COUNT,       ""                                 },
    {"guard-early",     ERRKEY_COUNT,       "ENDED is not legal while starting"},
    {"guard-forged",    ERRKEY_COUNT,       "is not on"                        },
    {"guard-nonsense",  ERRKEY_COUNT,       ""                                 },
    {"guard-direction", ERRKEY_COUNT,       "HELLO is not legal"               },
    {"stillborn",       ERRKEY_EXIT,        "status 7"                         },
    {"crash-born",      ERRKEY_SIGNAL,      "SIGTERM"                          },
    {"deaf",            ERRKEY_TIMEOUT,     ""                                 },
};

/* CPU time of this process and of those that it has reaped. */
static int64_t
cpu_time(void)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return (own.ru_utime.tv_sec + own.ru_stime.tv_sec +
	           children.ru_utime.tv_sec + children.ru_stime.tv_sec) *
	    NS_PER_SEC +
	    (own.ru_utime.tv_usec + own.ru_stime.tv_usec +
	        children.ru_utime.tv_usec + children.ru_stime.tv_usec) *
	    1000;
}

static void
worker_of_mode(const char *path, const char *mode)
{
	FILE *f;

	unlink(path);
	f = fopen(path, "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fprintf(f, "#!%s %s\n", hostile_path, mode);
	fclose(f);
	chmod(path, 0755);
	rig_worker = path;
}

/* A fork server or guard that is always bad: there is an answer within a
 * second (but for the one that says nothing and is waited for), and no busy
 * loop. */
static void
test_processes(void)
{
	struct capability good;
	char id[64], name[] = "/tmp/rtfs-hostileXXXXXX", path[128];
	struct rig r;
	int64_t start, cpu, soon;
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(name));
	snprintf(path, sizeof(path), "%s/worker", name);
	capability(&good, id, "good");
	for (i = 0; i < NITEMS(processes); i++) {
		worker_of_mode(path, processes[i].mode);
		rig_open(&r, 2);
		start = clock_mono();
		cpu = cpu_time();
		rig_add(&r, &good, &policy, vec_empty(r.heap));
		rig_add(&r, &good, &policy, vec_empty(r.heap));
		if (!rig_run(&r, 5000)) {
			printf("\n  %s: no end\n", processes[i].mode);
			CU_FAIL("no end");
		}
		soon = strcmp(processes[i].mode, "deaf") == 0 ? 2500 : 1000;
		start = clock_mono() - start;
		cpu = cpu_time() - cpu;
		if (start >= soon * NS_PER_MS || cpu >= 300 * NS_PER_MS) {
			printf("\n  %s: %lld ms, %lld ms of CPU",
			    processes[i].mode, (long long)(start / NS_PER_MS),
			    (long long)(cpu / NS_PER_MS));
		}
		CU_ASSERT(start < unit_soon(soon * NS_PER_MS));
		CU_ASSERT(cpu < unit_soon(300 * NS_PER_MS));
		CU_ASSERT(!r.t[0].ok && !r.t[1].ok);
		if ((processes[i].kind != ERRKEY_COUNT &&
		        r.t[0].kind != processes[i].kind) ||
		    r.t[0].message == NULL ||
		    strstr(r.t[0].message, processes[i].text) == NULL) {
			rig_failed(
			    &r.t[0], processes[i].kind, processes[i].text);
			printf("  %s\n", processes[i].mode);
			CU_FAIL("another failure than expected");
		}
		rig_close(&r);
	}
	unlink(path);
	rmdir(name);
}

/* No process can be made for one that would wait for its task, either. */
static void
test_spares(void)
{
	struct capability once;
	char id[64], name[] = "/tmp/rtfs-hostileXXXXXX", path[128];
	struct rig r;
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(name));
	snprintf(path, sizeof(path), "%s/worker", name);
	capability(&once, id, "good");
	once.trusted = false; /* a process a task */
	worker_of_mode(path, "no-processes");
	rig_open(&r, 2);
	for (i = 0; i < 3; i++) /* more than run, fewer than make it useless */
		rig_add(&r, &once, &policy, vec_empty(r.heap));
	CU_ASSERT(rig_run(&r, 5000));
	for (i = 0; i < 3; i++) {
		CU_ASSERT(rig_failed(&r.t[i], ERRKEY_UNAVAILABLE,
		    "Resource temporarily unavailable"));
	}
	rig_close(&r);
	unlink(path);
	rmdir(name);
}

static bool
find_hostile(void)
{
	const char *env = getenv("HOSTILE_WORKER");
	char self[4096];
	ssize_t n;

	if (env != NULL) {
		snprintf(hostile_path, sizeof(hostile_path), "%s", env);
		return access(env, X_OK) == 0;
	}
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return false;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(hostile_path, sizeof(hostile_path), "%s/hostile/worker", self);
	return access(hostile_path, X_OK) == 0;
}

int
main(void)
{
	static const struct unit_case list[] = {
	    {"task processes",          test_tasks          },
	    {"of a billion elements",   test_billions       },
	    {"in batches",              test_batches        },
	    {"an answer too many",      test_twice          },
	    {"long texts",              test_texts          },
	    {"long texts, cancelled",   test_texts_cancelled},
	    {"fork servers and guards", test_processes      },
	    {"spare processes",         test_spares         },
	};

	if (!find_hostile())
		return unit_lacks("hostile worker");
	return unit_run("hostile", list, NITEMS(list));
}
