/* rooms: sandbox base
 * Where control groups are, on texts of every kind of machine; and the life of
 * a group, where this one lets us make any. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/cgroup_impl.h"
#include "tests/unit/unit.h"

#define V2    UINT32_C(1) << 31
#define NO_V2 UINT32_C(0)

static const struct {
	const char *name;
	const char *mounts;
	const char *groups;
	size_t n;
	struct {
		uint32_t what; /* controllers, or V2 */
		const char *top;
		const char *own;
	} want[4];
} machines[] = {
    {"version 2 in a session",
     "24 1 0:22 / / rw - ext4 /dev/sda1 rw\n"
        "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 "
        "rw,nsdelegate\n",                                                               "0::/user.slice/user-1000.slice/session-2.scope\n",       1,
     {{V2, "/sys/fs/cgroup",
            "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope"}}                                                                                                           },
    {"hybrid",
     "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup "
        "rw,cpu,cpuacct\n"
        "33 31 0:30 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
        "34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "35 31 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",                 "12:memory:/a/b\n5:cpu,cpuacct:/\n3:freezer:/x\n0::/c\n", 3,
     {{CGROUP_CPU, "/sys/fs/cgroup/cpu,cpuacct",
             "/sys/fs/cgroup/cpu,cpuacct"},
            {CGROUP_MEMORY, "/sys/fs/cgroup/memory",
                "/sys/fs/cgroup/memory/a/b"},
            {V2, "/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified/c"}}                                                                                                             },
    {"a container that sees its part",
     "41 40 0:26 /docker/77 /sys/fs/cgroup/pids ro - cgroup cgroup "
        "rw,pids\n",                                                                     "7:pids:/docker/77/job\n",                                1,
     {{CGROUP_PIDS, "/sys/fs/cgroup/pids", "/sys/fs/cgroup/pids/job"}}                                                                                                              },
    {"a container that sees another part",
     "41 40 0:26 /docker/77 /sys/fs/cgroup/pids ro - cgroup cgroup "
        "rw,pids\n",                                                                     "7:pids:/docker/770\n",                                   1,
     {{CGROUP_PIDS, "/sys/fs/cgroup/pids", NULL}}                                                                                                                                   },
    {"outside of the namespace",
     "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",                            "0::/../x\n",
     1,                                                                                                                                               {{V2, "/sys/fs/cgroup", NULL}}},
    {"blanks in the name",
     "30 24 0:26 / /mnt/my\\040groups rw - cgroup2 none rw\n",                           "0::/\n",                                                 1,
     {{V2, "/mnt/my groups", "/mnt/my groups"}}                                                                                                                                     },
    {"not mounted",                        "24 1 0:22 / / rw - ext4 /dev/sda1 rw\n",     "0::/\n",                                                 0,
     {{0, NULL, NULL}}                                                                                                                                                              },
    {"no text",                            "",                                           "",                                                       0, {{0, NULL, NULL}}             },
    {"cut short",                          "30 24 0:26 / /sys/fs/cgroup rw - cgroup2\n", "0:",                                                     0,
     {{0, NULL, NULL}}                                                                                                                                                              },
    {"a group that is not told",
     "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 none rw\n",                               "4:memory:/\n",                                           1,
     {{V2, "/sys/fs/cgroup", NULL}}                                                                                                                                                 },
};

static void
test_find(void)
{
	struct cgroup_place p[CGROUP_PLACES];
	size_t i, j, n;

	for (i = 0; i < NITEMS(machines); i++) {
		n = cgroup_find(machines[i].mounts, machines[i].groups, p);
		if (n != machines[i].n)
			printf("# %s: %zu\n", machines[i].name, n);
		CU_ASSERT_EQUAL(n, machines[i].n);
		for (j = 0; j < n && j < machines[i].n; j++) {
			CU_ASSERT_EQUAL(
			    p[j].v2, machines[i].want[j].what == (V2));
			CU_ASSERT_EQUAL(p[j].controllers,
			    p[j].v2 ? NO_V2 : machines[i].want[j].what);
			CU_ASSERT_STRING_EQUAL(
			    p[j].top, machines[i].want[j].top);
			if (machines[i].want[j].own == NULL) {
				CU_ASSERT_PTR_NULL(p[j].own);
			} else {
				CU_ASSERT_PTR_NOT_NULL_FATAL(p[j].own);
				CU_ASSERT_STRING_EQUAL(
				    p[j].own, machines[i].want[j].own);
			}
		}
		cgroup_places_clear(p, n);
	}
}

static void
test_numbers(void)
{
	static const char events[] =
	    "low 0\noom 3\noom_kill 5\noom_kill_disable 9\n";

	CU_ASSERT_EQUAL(group_number(events, "oom"), 3);
	CU_ASSERT_EQUAL(group_number(events, "oom_kill"), 5);
	CU_ASSERT_EQUAL(group_number(events, "max"), 0);
	CU_ASSERT_EQUAL(group_number("", "oom"), 0);
}

/* Can a group be made here, whatever our own code says?  Only version 1 is
 * asked; tests/vm knows what its version 2 has. */
static bool
kernel_groups(const char *controller)
{
	char line[512], name[64], path[1024];
	FILE *f = fopen("/proc/self/cgroup", "re");
	bool made = false;
	char *own;

	snprintf(name, sizeof(name), ":%s:", controller);
	while (f != NULL && !made && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if ((own = strstr(line, name)) == NULL)
			continue;
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s%s/test-%d",
		    controller, own + strlen(name), (int)getpid());
		made = mkdir(path, 0755) == 0;
		if (made) {
			CU_ASSERT_EQUAL(rmdir(path), 0);
		}
	}
	if (f != NULL)
		fclose(f);
	return made;
}

/* A process that waits to be killed, or forks and tells how often it could. */
static pid_t
child(int forks, int *answer)
{
	int fd[2], go[2], n = 0;
	char c;
	pid_t pid;

	if (pipe(fd) == -1 || pipe(go) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (read(go[0], &c, 1) != 1)
			_exit(1);
		while (n < forks && (pid = fork()) != -1) {
			if (pid == 0)
				for (;;)
					pause();
			n++;
		}
		if (write(fd[1], &n, sizeof(n)) != (ssize_t)sizeof(n))
			_exit(1);
		for (;;)
			pause();
	}
	close(fd[1]);
	close(go[0]);
	answer[0] = fd[0];
	answer[1] = go[1];
	return pid;
}

static void
end_child(struct cgroup_slot *s, pid_t pid, int answer[2])
{
	char text[4096];
	const char *p;

	if (!cgroup_slot_kill(s)) { /* version 1 alone: one by one */
		snprintf(
		    text, sizeof(text), "/proc/%d/task/%d", (int)pid, (int)pid);
		if (group_read(text, "children", text, sizeof(text)) == 0) {
			for (p = text; *p != '\0'; p += strcspn(p, " ") + 1)
				kill((pid_t)strtol(p, NULL, 10), SIGKILL);
		}
		kill(pid, SIGKILL);
	}
	waitpid(pid, NULL, 0);
	close(answer[0]);
	close(answer[1]);
}

static void
test_slot(void)
{
	struct cgroup_limits l = CGROUP_LIMITS_NONE;
	struct cgroup *c = cgroup_open();
	struct cgroup_slot *s;
	struct cgroup_use use;
	struct stat st;
	struct error e;
	char path[512];
	int answer[2], n = 0;
	pid_t pid;

	if ((cgroup_has(c) & CGROUP_PIDS) == 0) {
		printf("# skipped: no group can be made: %s\n", cgroup_why(c));
		CU_ASSERT_NOT_EQUAL(cgroup_why(c)[0], '\0');
		CU_ASSERT(!kernel_groups("pids"));
		cgroup_close(c);
		return;
	}
	snprintf(path, sizeof(path), "%s/7", c->tree[0].path);
	pid = child(20, answer);
	CU_ASSERT_FATAL(pid > 0);
	CU_ASSERT_EQUAL_FATAL(cgroup_slot_new(c, 7, pid, &s, &e), 0);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	l.pids = 5;
	CU_ASSERT_EQUAL(cgroup_slot_limit(s, &l, &e), 0);
	CU_ASSERT_EQUAL(write(answer[1], "g", 1), 1);
	CU_ASSERT_EQUAL(read(answer[0], &n, sizeof(n)), sizeof(n));
	CU_ASSERT_EQUAL(n, 5);
	cgroup_slot_use(s, &use);
	CU_ASSERT_EQUAL(use.refused, 1);
	CU_ASSERT(!use.oom);
	cgroup_slot_use(s, &use);
	CU_ASSERT_EQUAL(use.refused, 0); /* since the last call */
	end_child(s, pid, answer);
	cgroup_slot_free(s);
	snprintf(path, sizeof(path), "%s", c->tree[0].path);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	cgroup_close(c);
	CU_ASSERT_EQUAL(stat(path, &st), -1);
}

/* Limits of one task are not those of the next. */
static void
test_reset(void)
{
	static const uint64_t series[] = {64 << 20, 128 << 20, 32 << 20,
	    CGROUP_UNLIMITED, 16 << 20, CGROUP_UNLIMITED};
	struct cgroup_limits l = CGROUP_LIMITS_NONE;
	struct cgroup *c = cgroup_open();
	struct cgroup_slot *s = NULL;
	const struct cgroup_tree *t;
	struct error e;
	char folder[512];
	const char *file;
	uint64_t got;
	int answer[2];
	size_t i;
	pid_t pid;

	for (i = 0; i < c->ntrees; i++) {
		t = &c->tree[i];
		if ((t->has & CGROUP_MEMORY) != 0)
			break;
	}
	if (i == c->ntrees) {
		printf("# skipped: no memory group: %s\n", cgroup_why(c));
		CU_ASSERT_EQUAL(cgroup_has(c) & CGROUP_MEMORY, 0);
		CU_ASSERT(!kernel_groups("memory"));
		cgroup_close(c);
		return;
	}
	file = t->v2 ? "memory.max" : "memory.limit_in_bytes";
	pid = child(0, answer);
	CU_ASSERT_EQUAL_FATAL(cgroup_slot_new(c, 1, pid, &s, &e), 0);
	snprintf(folder, sizeof(folder), "%s/1", t->path);
	for (i = 0; i < NITEMS(series); i++) {
		l.memory = series[i];
		CU_ASSERT_EQUAL(cgroup_slot_limit(s, &l, &e), 0);
		CU_ASSERT_EQUAL(group_read_number(folder, file, &got), 0);
		CU_ASSERT_EQUAL(got, series[i]);
	}
	end_child(s, pid, answer);
	cgroup_slot_free(s);
	cgroup_close(c);
}

/* What a supervisor leaves that is killed goes at the next start; what lives
 * stays. */
static void
test_leftovers(void)
{
	struct cgroup *c = cgroup_open(), *other;
	struct stat st;
	char dead[512], foreign[512], alive[512];

	if (c->ntrees == 0) {
		printf("# skipped: no group can be made: %s\n", cgroup_why(c));
		CU_ASSERT_NOT_EQUAL(cgroup_why(c)[0], '\0');
		CU_ASSERT(!kernel_groups("pids"));
		cgroup_close(c);
		return;
	}
	snprintf(alive, sizeof(alive), "%s", c->tree[0].path);
	snprintf(
	    dead, sizeof(dead), "%s/rtfs-1-%d", c->tree[0].own, (int)getpid());
	snprintf(foreign, sizeof(foreign), "%s/rtfs-x%d", c->tree[0].own,
	    (int)getpid());
	CU_ASSERT_EQUAL(mkdir(dead, 0755), 0);
	CU_ASSERT_EQUAL(mkdir(foreign, 0755), 0);
	other = cgroup_open();
	CU_ASSERT_EQUAL(stat(dead, &st), -1);
	CU_ASSERT_EQUAL(stat(foreign, &st), 0);
	CU_ASSERT_EQUAL(stat(alive, &st), 0);
	cgroup_close(other);
	CU_ASSERT_EQUAL(stat(alive, &st), 0);
	CU_ASSERT_EQUAL(rmdir(foreign), 0);
	cgroup_close(c);
}

/* Whose folder is gone while it lives, how often. */
static int
open_often(int times)
{
	struct cgroup *c;
	struct stat st;
	size_t i;
	int gone = 0;

	while (times-- > 0) {
		c = cgroup_open();
		poll(NULL, 0, 1);
		for (i = 0; i < c->ntrees; i++)
			gone += stat(c->tree[i].path, &st) == -1;
		gone += c->ntrees == 0;
		cgroup_close(c);
	}
	return gone;
}

/* Each start looks for what the dead have left while others are at theirs. */
static void
test_crowd(void)
{
	struct cgroup *c = cgroup_open();
	pid_t pid[4];
	int status;
	size_t i;

	if (c->ntrees == 0) {
		printf("# skipped: no group can be made: %s\n", cgroup_why(c));
		CU_ASSERT(!kernel_groups("pids"));
		cgroup_close(c);
		return;
	}
	for (i = 0; i < NITEMS(pid); i++) {
		pid[i] = fork();
		CU_ASSERT_NOT_EQUAL_FATAL(pid[i], -1);
		if (pid[i] == 0)
			_exit(open_often(50));
	}
	for (i = 0; i < NITEMS(pid); i++) {
		CU_ASSERT_EQUAL(waitpid(pid[i], &status, 0), pid[i]);
		CU_ASSERT_EQUAL(status, 0);
	}
	cgroup_close(c);
}

UNIT_MAIN("cgroup", {"where they are", test_find},
    {"files of events", test_numbers}, {"the group of a slot", test_slot},
    {"limits are reset", test_reset}, {"leftovers", test_leftovers},
    {"many starts at a time", test_crowd})
