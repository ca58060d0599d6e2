/*
 * The group of one slot.  Its guard is in it before anything runs, so whatever
 * a task starts is, too.  Limits change from task to task: all of them are
 * written when one does.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sandbox/cgroup_impl.h"

struct cgroup_slot {
	struct cgroup *group;
	uint32_t id;
	bool limited; /* now is in force */
	struct cgroup_limits now;
	int memory_events; /* open files; -1 */
	int pids_events;
	uint64_t kills; /* as last seen */
	uint64_t ooms;
	uint64_t refused;
};

static char *
folder_of(const struct cgroup_slot *s, const struct cgroup_tree *t)
{
	return xasprintf("%s/%u", t->path, s->id);
}

static const struct cgroup_tree *
tree_with(const struct cgroup *c, uint32_t bit)
{
	size_t i;

	for (i = 0; i < c->ntrees; i++) {
		if ((c->tree[i].has & bit) != 0)
			return &c->tree[i];
	}
	return NULL;
}

static int
open_events(
    const struct cgroup_slot *s, uint32_t bit, const char *v2, const char *v1)
{
	const struct cgroup_tree *t = tree_with(s->group, bit);
	char *path;
	int fd;

	if (t == NULL)
		return -1;
	path = xasprintf("%s/%u/%s", t->path, s->id, t->v2 ? v2 : v1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	return fd;
}

int
cgroup_slot_new(struct cgroup *c, uint32_t id, pid_t pid,
    struct cgroup_slot **out, struct error *e)
{
	struct cgroup_slot *s = xcalloc(1, sizeof(*s));
	char *folder;
	int rc = 0;
	size_t i;

	s->group = c;
	s->id = id;
	s->memory_events = s->pids_events = -1;
	for (i = 0; i < c->ntrees && rc == 0; i++) {
		folder = folder_of(s, &c->tree[i]);
		if ((mkdir(folder, 0755) == -1 && errno != EEXIST) ||
		    group_write(folder, "cgroup.procs", "%d", pid) == -1)
			rc = error_sys(e, "%s", folder);
		free(folder);
	}
	if (rc == -1) {
		cgroup_slot_free(s);
		return -1;
	}
	s->memory_events = open_events(
	    s, CGROUP_MEMORY, "memory.events.local", "memory.oom_control");
	s->pids_events =
	    open_events(s, CGROUP_PIDS, "pids.events", "pids.events");
	*out = s;
	return 0;
}

int
cgroup_slot_limit(
    struct cgroup_slot *s, const struct cgroup_limits *l, struct error *e)
{
	const struct cgroup *c = s->group;
	struct cgroup_limits all = *l;
	char *folder;
	size_t i;
	int rc = 0;

	if (s->limited && memcmp(&s->now, l, sizeof(*l)) == 0)
		return 0;
	if (all.pids != CGROUP_UNLIMITED)
		all.pids++; /* the guard */
	if (all.cpus > c->total.cpus)
		all.cpus = c->total.cpus; /* version 1 refuses more */
	s->limited = false;
	for (i = 0; i < c->ntrees && rc == 0; i++) {
		folder = folder_of(s, &c->tree[i]);
		rc = group_limit(&c->tree[i], folder, &all, e);
		free(folder);
	}
	if (rc == 0) {
		s->limited = true;
		s->now = *l;
	}
	return rc;
}

static const char *
read_again(int fd, char out[512])
{
	ssize_t n = fd == -1 ? -1 : pread(fd, out, 511, 0);

	out[n > 0 ? n : 0] = '\0';
	return out;
}

static uint64_t
rise(uint64_t now, uint64_t *last)
{
	uint64_t n = now > *last ? now - *last : 0;

	*last = now;
	return n;
}

/* Was it the limit of this group that was reached?  Version 1 does not count
 * that where swap is limited, too: then the highest use tells, which the kernel
 * takes in steps. */
static bool
own_oom(struct cgroup_slot *s, const struct cgroup_tree *t, const char *folder,
    const char *events)
{
	const uint64_t step = 64 * 4096;
	uint64_t peak;

	if (t->v2)
		return rise(group_number(events, "oom"), &s->ooms) > 0;
	return s->now.memory != CGROUP_UNLIMITED &&
	    group_read_number(folder, "memory.max_usage_in_bytes", &peak) ==
	    0 &&
	    peak + step >= s->now.memory;
}

static bool
total_oom(struct cgroup *c, const struct cgroup_tree *t)
{
	char events[512];

	if (c->total.memory == CGROUP_UNLIMITED)
		return false;
	if (!t->v2) /* it has no such counter, and nobody else is above us */
		return true;
	if (group_read(
	        t->path, "memory.events.local", events, sizeof(events)) == -1)
		return true;
	return rise(group_number(events, "oom"), &c->total_ooms) > 0;
}

static void
use_memory(struct cgroup_slot *s, struct cgroup_use *u)
{
	const struct cgroup_tree *t = tree_with(s->group, CGROUP_MEMORY);
	const char *events;
	char text[512], *folder;

	events = read_again(s->memory_events, text);
	if (rise(group_number(events, "oom_kill"), &s->kills) == 0)
		return;
	folder = folder_of(s, t);
	u->oom = own_oom(s, t, folder, events);
	if (!u->oom)
		u->oom = u->oom_total = total_oom(s->group, t);
	if (group_read_number(u->oom_total ? t->path : folder,
	        t->v2 ? "memory.peak" : "memory.max_usage_in_bytes",
	        &u->memory) == -1)
		u->memory = 0;
	if (!t->v2) /* what comes next counts from here */
		(void)group_write(folder, "memory.max_usage_in_bytes", "0");
	free(folder);
}

void
cgroup_slot_use(struct cgroup_slot *s, struct cgroup_use *u)
{
	char text[512];

	memset(u, 0, sizeof(*u));
	if (s->memory_events != -1)
		use_memory(s, u);
	if (s->pids_events != -1)
		u->refused =
		    rise(group_number(read_again(s->pids_events, text), "max"),
		        &s->refused);
}

bool
cgroup_slot_kill(struct cgroup_slot *s)
{
	const struct cgroup_tree *t = tree_with(s->group, CGROUP_KILL);
	char *folder;
	bool done;

	if (t == NULL)
		return false;
	folder = folder_of(s, t);
	done = group_write(folder, "cgroup.kill", "1") == 0;
	free(folder);
	return done;
}

void
cgroup_slot_free(struct cgroup_slot *s)
{
	struct cgroup *c;
	char *folder;
	size_t i;

	if (s == NULL)
		return;
	c = s->group;
	if (s->memory_events != -1)
		close(s->memory_events);
	if (s->pids_events != -1)
		close(s->pids_events);
	for (i = 0; i < c->ntrees; i++) {
		folder = folder_of(s, &c->tree[i]);
		if (group_remove(folder) == 0) {
			free(folder);
			continue;
		}
		c->busy =
		    xreallocarray(c->busy, c->nbusy + 1, sizeof(*c->busy));
		c->busy[c->nbusy++] = folder;
	}
	free(s);
}
