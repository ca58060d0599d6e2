/*
 * A pool for tests: submits tasks of capabilities made on the spot, keeps what
 * came back.  Include once; everything is static.
 */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "pool/pool.h"
#include "tests/unit/super.h"
#include "tests/unit/unit.h"
#include "value/string.h"
#include "value/vector.h"

#define RIG_TASKS 2048

struct rig_task {
	struct task task;
	bool done;
	unsigned int times; /* given back */
	bool ok;
	enum errkey kind;
	char *message;
	char *limit;
	uint64_t used;
	val value;
	int32_t pid;
	int32_t exit;
	int32_t signal;
	char *stray;
	struct buf out[2]; /* what a command wrote to 1 and 2 */
	uint64_t stray_total;
	struct usage usage;
	int64_t at;      /* when it was given back */
	int32_t run_pid; /* as the start callback said */
	int64_t run_at;
};

struct rig {
	struct loop *loop;
	struct pool *pool;
	struct heap *heap;
	struct rig_task *t;
	size_t n;
	size_t done;
	unsigned int busy; /* started, not done */
	unsigned int busiest;
	void (*on_done)(struct rig *, struct rig_task *);
	void (*on_start)(struct rig *, struct rig_task *);
};

static uint64_t rig_build; /* of the worker */
static const char *rig_worker;

static void
rig_start(struct task *t, int32_t pid, void *arg)
{
	struct rig_task *rt = t->owner;
	struct rig *r = arg;

	rt->run_pid = pid;
	rt->run_at = clock_mono();
	r->busy++;
	if (r->busy > r->busiest)
		r->busiest = r->busy;
	if (r->on_start != NULL)
		r->on_start(r, rt);
}

static void
rig_done(struct task *t, struct outcome *o, void *arg)
{
	struct rig_task *rt = t->owner;
	struct rig *r = arg;

	rt->times++;
	rt->done = true;
	rt->ok = o->ok;
	rt->kind = o->kind;
	rt->message = o->message;
	o->message = NULL;
	if (rt->message == NULL && val_is_error(o->error)) {
		size_t len;
		const char *m = str_bytes(val_errval(o->error)->message, &len);

		rt->message = xstrndup(m, len);
	}
	if (o->limit != NULL)
		rt->limit = xstrdup(o->limit);
	rt->used = o->used;
	rt->value = o->value;
	o->value = VAL_UNBOUND;
	rt->pid = o->pid;
	rt->exit = o->exit;
	rt->signal = o->signal;
	rt->stray = buf_take(&o->stray, NULL);
	rt->stray_total = o->stray_total;
	rt->usage = o->usage;
	rt->at = clock_mono();
	r->done++;
	if (rt->run_at != 0)
		r->busy--;
	if (r->on_done != NULL)
		r->on_done(r, rt);
}

static void
rig_stream(
    struct task *t, int fd, const char *bytes, size_t n, void *arg ATTR_UNUSED)
{
	struct rig_task *rt = t->owner;

	CU_ASSERT(!rt->done);
	buf_add(&rt->out[fd - 1], bytes, n);
}

static inline void
rig_open(struct rig *r, unsigned int workers)
{
	struct pool_config c = {.workers = workers,
	    .grace = 100 * NS_PER_MS,
	    .build_id = rig_build,
	    .stream = rig_stream,
	    .start = rig_start,
	    .done = rig_done,
	    .arg = r};
	struct error e;

	if (getenv("RIG_DEBUG") != NULL)
		log_set_level(LOG_DEBUG);
	memset(r, 0, sizeof(*r));
	c.worker_path[IMAGE_CORE] = rig_worker;
	r->heap = heap_new(0);
	heap_lends(r->heap);
	r->t = xcalloc(RIG_TASKS, sizeof(*r->t));
	CU_ASSERT_EQUAL_FATAL(loop_new(&r->loop, &e), 0);
	CU_ASSERT_EQUAL_FATAL(pool_new(r->loop, &c, &r->pool, &e), 0);
}

static inline void
rig_close(struct rig *r)
{
	size_t i;

	pool_free(r->pool);
	loop_free(r->loop);
	for (i = 0; i < r->n; i++) {
		CU_ASSERT(r->t[i].times <= 1);
		free(r->t[i].message);
		free(r->t[i].limit);
		free(r->t[i].stray);
		buf_free(&r->t[i].out[0]);
		buf_free(&r->t[i].out[1]);
	}
	free(r->t);
	heap_free(r->heap);
}

static struct rig_task *
rig_submit(struct rig *r, const struct capability *c, const struct effective *f,
    val args, const struct command *command)
{
	struct rig_task *rt = &r->t[r->n];
	const struct plan *plan;
	struct error e;
	int rc;

	rc = pool_plan(r->pool, c, f, &plan, &e);
	if (rc == -1)
		printf("plan: %s\n", e.msg);
	CU_ASSERT_EQUAL_FATAL(rc, 0);
	CU_ASSERT_FATAL(r->n < RIG_TASKS);
	rt->task.plan = plan;
	rt->task.heap = r->heap;
	rt->task.args = args;
	rt->task.command = command;
	rt->task.owner = rt;
	rt->task.seq = r->n++;
	rt->value = VAL_UNBOUND;
	pool_submit(r->pool, &rt->task);
	return rt;
}

/* One more task; args are taken. */
static inline struct rig_task *
rig_add(struct rig *r, const struct capability *c, const struct effective *f,
    val args)
{
	return rig_submit(r, c, f, args, NULL);
}

/* Run until all are back, or for so many ms; true: all are back. */
static inline bool
rig_run(struct rig *r, int64_t ms)
{
	int64_t until = clock_mono() + unit_soon(ms * NS_PER_MS);
	struct error e;

	while (pool_count(r->pool) > 0 && clock_mono() < until) {
		if (loop_once(r->loop, until, &e) == -1)
			return false;
	}
	return pool_count(r->pool) == 0;
}

/* Let things happen for so many ms. */
static inline void
rig_wait(struct rig *r, int64_t ms)
{
	int64_t until = clock_mono() + ms * NS_PER_MS;
	struct error e;

	while (clock_mono() < until && loop_once(r->loop, until, &e) == 0)
		continue;
}

static inline size_t
rig_ok(const struct rig *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		n += r->t[i].ok && r->t[i].times == 1;
	return n;
}

static inline size_t
rig_kind(const struct rig *r, enum errkey kind)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		n += r->t[i].done && !r->t[i].ok && r->t[i].kind == kind;
	return n;
}

/* What is expected of a failure; prints what it was instead. */
static inline bool
rig_failed(const struct rig_task *t, enum errkey kind, const char *part)
{
	bool good = t->done && !t->ok && t->kind == kind &&
	    t->message != NULL && strstr(t->message, part) != NULL;

	if (!good) {
		printf("\n  got %s %s, kind %d, exit %d, signal %d, "
		       "cpu %lld us: %s\n",
		    t->done ? "back" : "nothing", t->ok ? "ok" : "failed",
		    t->kind, t->exit, t->signal,
		    (long long)(t->usage.user_ns + t->usage.system_ns) / 1000,
		    t->message == NULL ? "" : t->message);
	}
	return good;
}

/* Processes that are children of pid. */
static inline size_t
rig_children(pid_t pid, pid_t *out, size_t max)
{
	char path[300], line[512];
	struct dirent *d;
	size_t n = 0;
	int ppid;
	FILE *f;
	DIR *dir = opendir("/proc");

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		if (atoi(d->d_name) == 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", d->d_name);
		if ((f = fopen(path, "re")) == NULL)
			continue;
		if (fgets(line, sizeof(line), f) != NULL &&
		    strrchr(line, ')') != NULL &&
		    sscanf(strrchr(line, ')') + 1, " %*c %d", &ppid) == 1 &&
		    ppid == pid && n < max) {
			out[n++] = atoi(d->d_name);
		}
		fclose(f);
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}

static inline pid_t
rig_parent(pid_t pid)
{
	char path[64], line[512];
	int ppid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if ((f = fopen(path, "re")) != NULL) {
		if (fgets(line, sizeof(line), f) == NULL ||
		    sscanf(strrchr(line, ')') + 1, " %*c %d", &ppid) != 1) {
			ppid = 0;
		}
		fclose(f);
	}
	return ppid;
}

/* Child of ours whose title begins so; 0: none. */
static inline pid_t
rig_titled(const char *title)
{
	pid_t child[64];
	char path[64], line[128];
	size_t n = rig_children(getpid(), child, 64), i;
	FILE *f;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/cmdline", child[i]);
		if ((f = fopen(path, "re")) == NULL)
			continue;
		line[0] = '\0';
		if (fgets(line, sizeof(line), f) == NULL)
			line[0] = '\0';
		fclose(f);
		if (strncmp(line, title, strlen(title)) == 0)
			return child[i];
	}
	return 0;
}

/* The first case of a program: which worker, and its build. */
static ATTR_UNUSED void
learn_build(void)
{
	struct server s;

	rig_worker = worker_path;
	CU_ASSERT_FATAL(server_start(&s));
	rig_build = worker_build;
	server_stop(&s);
}

#endif
