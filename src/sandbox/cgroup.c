/*
 * Our sub-tree of control groups: where it can be made, making it, and taking
 * it away, also that of a supervisor that was killed.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/macros.h"
#include "sandbox/cgroup_impl.h"

#define PREFIX "rtfs-"
#define LEAF   ".self"
/* A group is busy for some milliseconds after its last process has died. */
#define REMOVE_WAIT (2 * NS_PER_SEC)

static const uint32_t all_bits[] = {CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU};
#define ALL (CGROUP_MEMORY | CGROUP_PIDS | CGROUP_CPU)

static char *
read_whole(const char *path)
{
	struct buf b = BUF_INIT;
	FILE *f = fopen(path, "re");
	size_t n;

	while (f != NULL && (n = fread(buf_reserve(&b, 4096), 1, 4096, f)) > 0)
		b.len += n;
	if (f != NULL)
		fclose(f);
	buf_addc(&b, '\0');
	return buf_take(&b, NULL);
}

/* ---- what was left by supervisors that were killed ---- */

/* "rtfs-PID-TIME", perhaps with an end. */
static bool
is_name_of_ours(const char *name)
{
	const char *p = name + sizeof(PREFIX) - 1;
	size_t digits;
	int part;

	if (strncmp(name, PREFIX, sizeof(PREFIX) - 1) != 0)
		return false;
	for (part = 0; part < 2; part++) {
		digits = strspn(p, "0123456789");
		if (digits == 0)
			return false;
		p += digits;
		if (part == 0 && *p++ != '-')
			return false;
	}
	return *p == '\0' || strcmp(p, LEAF) == 0;
}

static bool
is_leaf(const char *path)
{
	size_t n = strlen(path);

	return n > sizeof(LEAF) - 1 &&
	    strcmp(path + n - (sizeof(LEAF) - 1), LEAF) == 0;
}

/* As alive as the folder that it stands beside. */
static int
remove_dead_leaf(const char *path)
{
	char *beside = xstrndup(path, strlen(path) - (sizeof(LEAF) - 1));
	bool dead = access(beside, F_OK) == -1 && errno == ENOENT;

	free(beside);
	return dead ? group_remove(path) : 0;
}

/* Who lives holds the lock of its folder, and who is about to waits for ours.
 * -1: it is dead and could not be removed yet. */
static int
remove_if_dead(const char *path)
{
	struct stat st;
	int fd, rc = 0;

	if (lstat(path, &st) == -1 || st.st_uid != geteuid())
		return 0;
	if (is_leaf(path))
		return remove_dead_leaf(path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return 0;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		rc = group_remove(path);
	close(fd);
	return rc;
}

/* Returns how many could not be removed yet. */
static unsigned int
remove_dead(const char *own)
{
	DIR *d = opendir(own);
	struct dirent *de;
	unsigned int left = 0;
	char *path;

	while (d != NULL && (de = readdir(d)) != NULL) {
		if (!is_name_of_ours(de->d_name))
			continue;
		path = xasprintf("%s/%s", own, de->d_name);
		if (remove_if_dead(path) == -1)
			left++;
		free(path);
	}
	if (d != NULL)
		closedir(d);
	return left;
}

/* ---- making it ---- */

/* The first obstacle is the one that is told. */
static void
because(struct cgroup *c, const char *path, int os_errno)
{
	const char *remedy = "";

	if (c->why[0] != '\0')
		return;
	if (os_errno == EACCES || os_errno == EPERM)
		remedy = " (run it as a service with Delegate=yes, by "
		         "systemd-run --user --scope -p Delegate=yes, or as "
		         "root)";
	else if (os_errno == EROFS)
		remedy = " (this container has them read-only)";
	else if (os_errno == EBUSY)
		remedy = " (other processes are in that group: give rtfs one "
		         "of its own, systemd-run --scope -p Delegate=yes)";
	snprintf(c->why, sizeof(c->why), "%s: %s%s", path, strerror(os_errno),
	    remedy);
}

static bool
lock_folder(struct cgroup_tree *t)
{
	struct stat made, now;

	t->lock =
	    open(t->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (t->lock != -1 && flock(t->lock, LOCK_EX | LOCK_NB) == 0 &&
	    fstat(t->lock, &made) == 0 && stat(t->path, &now) == 0 &&
	    made.st_ino == now.st_ino)
		return true;
	if (t->lock != -1)
		close(t->lock);
	t->lock = -1;
	return false;
}

/* The folder, locked.  Another supervisor may take it for a dead one's between
 * the two steps, and removes it then.  Nobody else can hold its lock. */
static int
make_folder(struct cgroup_tree *t)
{
	int64_t until = clock_mono() + REMOVE_WAIT;

	do {
		if (mkdir(t->path, 0700) == -1 && errno != EEXIST)
			return -1;
		if (lock_folder(t))
			return 0;
		poll(NULL, 0, 1);
	} while (clock_mono() < until);
	errno = EBUSY;
	return -1;
}

static void
tree_clear(struct cgroup_tree *t)
{
	if (t->lock != -1)
		close(t->lock);
	free(t->own);
	free(t->path);
	free(t->leaf);
}

static void
switch_controllers(const char *folder, uint32_t bits, char sign, uint32_t *done)
{
	size_t i;

	for (i = 0; i < NITEMS(all_bits); i++) {
		if ((bits & all_bits[i]) != 0 &&
		    group_write(folder, "cgroup.subtree_control", "%c%s", sign,
		        cgroup_controller_name(all_bits[i])) == 0)
			*done |= all_bits[i];
	}
}

static uint32_t
bits_in(const char *folder, const char *file)
{
	char text[256];
	uint32_t bits = 0;
	char *word, *rest = text;
	size_t i;

	if (group_read(folder, file, text, sizeof(text)) == -1)
		return 0;
	while ((word = strsep(&rest, " \n")) != NULL) {
		for (i = 0; i < NITEMS(all_bits); i++) {
			if (strcmp(word, cgroup_controller_name(all_bits[i])) ==
			    0)
				bits |= all_bits[i];
		}
	}
	return bits;
}

static pid_t
parent_of(pid_t pid)
{
	char folder[32], text[512];
	const char *p;

	snprintf(folder, sizeof(folder), "/proc/%d", (int)pid);
	if (group_read(folder, "stat", text, sizeof(text)) == -1 ||
	    (p = strrchr(text, ')')) == NULL || strlen(p) < 5)
		return 0;
	return (pid_t)strtol(p + 4, NULL, 10);
}

static bool
is_of_ours(pid_t pid)
{
	while (pid > 1 && pid != getpid())
		pid = parent_of(pid);
	return pid == getpid();
}

/* The processes in one group that descend from us go to another; returns how
 * many went. */
static int
move_ours(const char *from, const char *to)
{
	char *path = xasprintf("%s/cgroup.procs", from);
	char *list = read_whole(path), *rest = list, *word;
	pid_t pid;
	int n = 0;

	while ((word = strsep(&rest, "\n")) != NULL) {
		pid = (pid_t)strtol(word, NULL, 10);
		if (is_of_ours(pid) &&
		    group_write(to, "cgroup.procs", "%d", (int)pid) == 0)
			n++;
	}
	free(list);
	free(path);
	return n;
}

/* Out of the way: a group with controllers for those below holds no process,
 * unless it is the root. */
static void
step_aside(struct cgroup_tree *t)
{
	char *leaf;

	if (!group_has_file(t->own, "cgroup.type"))
		return;
	leaf = xasprintf("%s" LEAF, t->path);
	if ((mkdir(leaf, 0755) == 0 || errno == EEXIST) &&
	    group_write(leaf, "cgroup.procs", "0") == 0) {
		while (move_ours(t->own, leaf) > 0) /* also the newly born */
			continue;
		t->leaf = leaf;
		return;
	}
	(void)rmdir(leaf);
	free(leaf);
}

static void
step_back(struct cgroup_tree *t)
{
	uint32_t done = 0;

	switch_controllers(t->own, t->enabled, '-', &done);
	if (t->leaf == NULL || group_write(t->own, "cgroup.procs", "0") == -1)
		return;
	(void)move_ours(t->leaf, t->own);
	(void)rmdir(t->leaf);
}

/* Turn on, in the group that we are in, what the sub-tree needs. */
static void
enable_own(struct cgroup *c, struct cgroup_tree *t, uint32_t wanted)
{
	uint32_t missing = wanted & ~bits_in(t->own, "cgroup.subtree_control");

	if (missing == 0)
		return;
	step_aside(t);
	errno = 0;
	switch_controllers(t->own, missing, '+', &t->enabled);
	if (t->enabled == missing)
		return;
	because(c, t->own, errno != 0 ? errno : EPERM);
	if (t->enabled == 0) {
		step_back(t);
		free(t->leaf);
		t->leaf = NULL;
	}
}

static void
tree_remove(struct cgroup_tree *t)
{
	(void)group_remove(t->path);
	step_back(t);
	tree_clear(t);
}

static int
make_v2(struct cgroup *c, struct cgroup_tree *t)
{
	uint32_t wanted = bits_in(t->own, "cgroup.controllers");

	if (make_folder(t) == -1)
		return -1;
	enable_own(c, t, wanted);
	switch_controllers(t->path,
	    wanted & bits_in(t->own, "cgroup.subtree_control"), '+', &t->has);
	if (group_has_file(t->path, "cgroup.kill"))
		t->has |= CGROUP_KILL;
	return 0;
}

static int
make_v1(struct cgroup_tree *t, uint32_t wanted)
{
	static const struct {
		uint32_t bit;
		const char *file;
	} files[] = {
	    {CGROUP_MEMORY, "memory.limit_in_bytes"},
	    {CGROUP_PIDS,   "pids.max"             },
	    {CGROUP_CPU,    "cpu.cfs_quota_us"     },
	};
	size_t i;

	if (make_folder(t) == -1)
		return -1;
	for (i = 0; i < NITEMS(files); i++) {
		if ((wanted & files[i].bit) != 0 &&
		    group_has_file(t->path, files[i].file))
			t->has |= files[i].bit;
	}
	return 0;
}

/* Make the sub-tree below that group; what is gained is added to c->has. */
static void
try_place(struct cgroup *c, const struct cgroup_place *p, const char *own)
{
	struct cgroup_tree t = {.v2 = p->v2, .lock = -1};
	int rc;

	t.own = xstrdup(own);
	t.path = xasprintf("%s/" PREFIX "%d-%lld", own, (int)getpid(),
	    (long long)(clock_mono() / NS_PER_MS));
	(void)remove_dead(own);
	rc = p->v2 ? make_v2(c, &t) : make_v1(&t, p->controllers & ~c->has);
	if (rc == -1)
		because(c, own, errno);
	t.has &= ~c->has;
	if (t.has == 0) {
		if (rc == 0)
			(void)rmdir(t.path);
		tree_clear(&t);
		return;
	}
	c->has |= t.has;
	c->tree[c->ntrees++] = t;
}

/* Root may manage the whole hierarchy, where the group that it happens to be
 * in, say a session's, will not do. */
static void
try_top(struct cgroup *c, const struct cgroup_place *p)
{
	if ((c->has & ALL) != 0 || bits_in(p->top, "cgroup.controllers") == 0)
		return;
	if (p->own != NULL && strcmp(p->own, p->top) == 0)
		return;
	while (c->ntrees > 0)
		tree_remove(&c->tree[--c->ntrees]);
	c->has = 0;
	try_place(c, p, p->top);
}

static void
describe(struct cgroup *c)
{
	struct buf b = BUF_INIT;
	size_t i, j;

	for (i = 0; i < c->ntrees; i++) {
		buf_addf(&b, "%sversion %d (", i > 0 ? ", " : "",
		    c->tree[i].v2 ? 2 : 1);
		for (j = 0; j < NITEMS(all_bits); j++) {
			if ((c->tree[i].has & all_bits[j]) != 0)
				buf_addf(&b, "%s ",
				    cgroup_controller_name(all_bits[j]));
		}
		if ((c->tree[i].has & CGROUP_KILL) != 0)
			buf_adds(&b, "kill ");
		if (b.len > 0 && b.data[b.len - 1] == ' ')
			b.len--;
		buf_addc(&b, ')');
	}
	snprintf(c->kind, sizeof(c->kind), "%s",
	    c->ntrees > 0 ? buf_str(&b) : "none");
	buf_free(&b);
}

static void
explain(struct cgroup *c, size_t nplaces)
{
	uint32_t missing = ALL & ~c->has;
	char names[32] = "";
	size_t i, n;

	if (missing == 0) {
		c->why[0] = '\0';
		return;
	}
	if (c->why[0] != '\0')
		return;
	for (i = 0; i < NITEMS(all_bits); i++) {
		n = strlen(names);
		if ((missing & all_bits[i]) != 0)
			snprintf(names + n, sizeof(names) - n, " %s",
			    cgroup_controller_name(all_bits[i]));
	}
	if (nplaces == 0)
		snprintf(c->why, sizeof(c->why),
		    "no control groups are mounted here");
	else
		snprintf(c->why, sizeof(c->why),
		    "the group that rtfs is in has no controller%s", names);
}

struct cgroup *
cgroup_open(void)
{
	struct cgroup *c = xcalloc(1, sizeof(*c));
	struct cgroup_place place[CGROUP_PLACES];
	char *mounts = read_whole("/proc/self/mountinfo");
	char *groups = read_whole("/proc/self/cgroup");
	size_t n = cgroup_find(mounts, groups, place), i;
	int v2;

	c->total = (struct cgroup_limits)CGROUP_LIMITS_NONE;
	for (v2 = 1; v2 >= 0; v2--) {
		for (i = 0; i < n; i++) {
			if (place[i].v2 != v2 ||
			    (!v2 && (place[i].controllers & ~c->has) == 0) ||
			    (v2 && c->ntrees > 0))
				continue;
			if (place[i].own != NULL)
				try_place(c, &place[i], place[i].own);
			if (v2 && geteuid() == 0)
				try_top(c, &place[i]);
		}
	}
	explain(c, n);
	describe(c);
	cgroup_places_clear(place, n);
	free(mounts);
	free(groups);
	return c;
}

uint32_t
cgroup_has(const struct cgroup *c)
{
	return c->has;
}

const char *
cgroup_why(const struct cgroup *c)
{
	return c->why;
}

const char *
cgroup_kind(const struct cgroup *c)
{
	return c->kind;
}

int
cgroup_total(struct cgroup *c, const struct cgroup_limits *l, struct error *e)
{
	uint32_t needs = 0;
	size_t i;

	needs |= l->memory != CGROUP_UNLIMITED ? CGROUP_MEMORY : 0;
	needs |= l->pids != CGROUP_UNLIMITED ? CGROUP_PIDS : 0;
	needs |= l->cpus != CGROUP_UNLIMITED ? CGROUP_CPU : 0;
	for (i = 0; i < NITEMS(all_bits); i++) {
		if ((needs & ~c->has & all_bits[i]) != 0) {
			return error_set(e, EK_UNAVAILABLE,
			    ":total needs the %s controller of a cgroup: %s",
			    cgroup_controller_name(all_bits[i]), c->why);
		}
	}
	for (i = 0; i < c->ntrees; i++) {
		if (group_limit(&c->tree[i], c->tree[i].path, l, e) == -1) {
			e->kind = EK_UNAVAILABLE;
			return error_context(e, ":total");
		}
	}
	c->total = *l;
	return 0;
}

size_t
cgroup_made(const struct cgroup *c, struct cgroup_made out[CGROUP_PLACES])
{
	size_t i;

	for (i = 0; i < c->ntrees; i++) {
		out[i].own = c->tree[i].own;
		out[i].enabled = c->tree[i].enabled;
	}
	return i;
}

/* A leaf beside the sub-tree, where the dead one stood, holds us, too. */
static void
leave_leaf(const struct cgroup_made *made)
{
	uint32_t done = 0;

	switch_controllers(made->own, made->enabled, '-', &done);
	if (made->enabled != 0)
		(void)group_write(made->own, "cgroup.procs", "0");
}

void
cgroup_remove_dead(const struct cgroup_made *made, size_t n)
{
	int64_t until = clock_mono() + REMOVE_WAIT;
	size_t i;

	for (i = 0; i < n; i++) {
		while (remove_dead(made[i].own) > 0 && clock_mono() < until) {
			leave_leaf(&made[i]);
			poll(NULL, 0, 1);
		}
		leave_leaf(&made[i]);
		(void)remove_dead(made[i].own);
	}
}

bool
cgroup_tidy(struct cgroup *c)
{
	size_t i, left = 0;

	for (i = 0; i < c->nbusy; i++) {
		if (group_remove(c->busy[i]) == 0)
			free(c->busy[i]);
		else
			c->busy[left++] = c->busy[i];
	}
	c->nbusy = left;
	return left == 0;
}

void
cgroup_close(struct cgroup *c)
{
	int64_t until = clock_mono() + REMOVE_WAIT;
	size_t i;

	if (c == NULL)
		return;
	while (!cgroup_tidy(c) && clock_mono() < until)
		poll(NULL, 0, 1);
	for (i = 0; i < c->nbusy; i++)
		free(c->busy[i]);
	free(c->busy);
	for (i = 0; i < c->ntrees; i++) {
		while (
		    group_remove(c->tree[i].path) == -1 && clock_mono() < until)
			poll(NULL, 0, 1);
		step_back(&c->tree[i]);
		tree_clear(&c->tree[i]);
	}
	free(c);
}
