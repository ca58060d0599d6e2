/* PLAN messages: what a task may, and its limits as a serving process sets
 * them.  There the limits are soft ones, since the next task may have others;
 * a process that executes a program sets both (taskexec.c). */

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "proto/codec.h"
#include "sandbox/enter.h"
#include "sandbox/probe.h"
#include "workers/grants.h"
#include "workers/process.h"

#define MAX_PLANS 65536U
#define NO_PLAN   UINT64_MAX

#define FIRST_PLANS 8

static PER_PROCESS struct task_plan **plans; /* by number */
static PER_PROCESS size_t nplans;
static PER_PROCESS struct task_plan *first; /* room for it */

static void
grow_plans(size_t n)
{
	plans = xreallocarray(plans, n, sizeof(struct plan *));
	while (nplans < n)
		plans[nplans++] = NULL;
}

static void
strings_free(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

static void
task_plan_free(struct task_plan *p)
{
	size_t i;

	if (p == NULL)
		return;
	strings_free(p->grants.rights.read);
	strings_free(p->grants.rights.write);
	strings_free(p->grants.rights.allow);
	strings_free(p->grants.rights.program);
	for (i = 0; i < p->grants.rights.nenv; i++) {
		free(p->grants.rights.env[i].name);
		free(p->grants.rights.env[i].value);
	}
	free(p->grants.rights.env);
	strings_free(p->grants.environment);
	free(p->grants.directory);
	free(p->grants.place);
	free(p->grants.plugin);
	free(p->limit);
	free(p);
}

static int
read_string(struct unpack *u, char **out, struct error *e)
{
	const char *text;
	size_t len;

	if (unpack_str(u, &text, &len, e) == -1)
		return -1;
	*out = text == NULL ? NULL : xstrndup(text, len);
	return 0;
}

static int
read_strings(struct unpack *u, char ***out, struct error *e)
{
	char **list;
	size_t n;
	size_t i;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	list = xcalloc(n + 1, sizeof(*list));
	for (i = 0; i < n; i++) {
		if (read_string(u, &list[i], e) == -1 || list[i] == NULL) {
			strings_free(list);
			return -1;
		}
	}
	strings_free(*out);
	*out = list;
	return 0;
}

static int
read_env(struct unpack *u, struct effective *rights, struct error *e)
{
	struct env_entry *entry;
	size_t n;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	rights->env = xcalloc(n, sizeof(*rights->env));
	while (rights->nenv < n) {
		entry = &rights->env[rights->nenv];
		if (unpack_fields(u, 2, e) == -1 ||
		    read_string(u, &entry->name, e) == -1 ||
		    read_string(u, &entry->value, e) == -1)
			return -1;
		rights->nenv++;
	}
	return 0;
}

static int
read_id(struct unpack *u, uint32_t *id, struct error *e)
{
	uint64_t n;

	if (unpack_uint(u, &n, e) == -1)
		return -1;
	if (n >= UINT32_MAX)
		return error_set(e, EK_PROTO, "no such id");
	*id = (uint32_t)n;
	return 0;
}

static int
read_user(struct unpack *u, struct task_plan *p, struct error *e)
{
	struct user *user = &p->user;
	size_t n;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	if (n < 2 || n - 2 > USER_GROUPS)
		return error_set(e, EK_PROTO, "user: %zu ids", n);
	if (read_id(u, &user->uid, e) == -1 || read_id(u, &user->gid, e) == -1)
		return -1;
	for (n -= 2; n > 0; n--) {
		if (read_id(u, &user->group[user->ngroups++], e) == -1)
			return -1;
	}
	p->as_user = true;
	return 0;
}

static int
read_niceness(struct unpack *u, struct task_plan *p, struct error *e)
{
	int64_t n;

	if (unpack_int(u, &n, e) == -1)
		return -1;
	if (n < -40 || n > 40)
		return error_set(e, EK_PROTO, "no such niceness");
	p->niceness = (int)n;
	return 0;
}

#define IS(text) (len == sizeof(text) - 1 && memcmp(key, text, len) == 0)

static int
read_number(struct unpack *u, struct task_plan *p, const char *key, size_t len,
    struct error *e)
{
	struct grants *g = &p->grants;
	uint64_t number = 0;

	if (!IS("timeout") && !IS("result") && !IS("output") && !IS("umask") &&
	    !IS("network") && !IS("memory") && !IS("depth") && !IS("steps"))
		return unpack_skip(u, e); /* of a later version, or not ours */
	if (unpack_uint(u, &number, e) == -1)
		return -1;
	if (IS("timeout"))
		g->timeout = (int64_t)number;
	else if (IS("result"))
		g->result = number;
	else if (IS("output"))
		g->output = number;
	else if (IS("umask"))
		p->umask = (unsigned int)number & 0777;
	else if (IS("network"))
		g->rights.network = (enum network)number;
	else if (IS("memory"))
		g->memory = number;
	else if (IS("depth"))
		g->depth = number;
	else
		g->steps = number;
	return 0;
}

static int
read_setting(struct unpack *u, struct task_plan *p, const char *key, size_t len,
    struct error *e)
{
	struct grants *g = &p->grants;

	if (IS("read"))
		return read_strings(u, &g->rights.read, e);
	if (IS("write"))
		return read_strings(u, &g->rights.write, e);
	if (IS("allow"))
		return read_strings(u, &g->rights.allow, e);
	if (IS("program"))
		return read_strings(u, &g->rights.program, e);
	if (IS("environment"))
		return read_strings(u, &g->environment, e);
	if (IS("env"))
		return read_env(u, &g->rights, e);
	if (IS("user"))
		return read_user(u, p, e);
	if (IS("niceness"))
		return read_niceness(u, p, e);
	if (IS("directory"))
		return read_string(u, &g->directory, e);
	if (IS("place"))
		return read_string(u, &g->place, e);
	if (IS("plugin"))
		return read_string(u, &g->plugin, e);
	return read_number(u, p, key, len, e);
}
#undef IS

static int
read_limits(struct unpack *u, struct task_plan *p, struct error *e)
{
	struct task_limit *l;
	uint64_t resource;
	size_t n;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	p->limit = xcalloc(n, sizeof(*p->limit));
	for (; p->nlimits < n; p->nlimits++) {
		l = &p->limit[p->nlimits];
		if (unpack_fields(u, 3, e) == -1 ||
		    unpack_uint(u, &resource, e) == -1 ||
		    unpack_uint(u, &l->soft, e) == -1 ||
		    unpack_uint(u, &l->hard, e) == -1)
			return -1;
		if (resource >= SANDBOX_NLIMITS)
			return error_set(e, EK_PROTO, "no such limit");
		l->resource = (int)resource;
	}
	return 0;
}

static int
task_plan_read(struct unpack *u, struct task_plan *p, struct error *e)
{
	const char *key;
	size_t len;
	size_t n;

	p->umask = 077;
	p->grants.result = MAX_FRAME;
	p->grants.output = MAX_FRAME;
	if (read_limits(u, p, e) == -1 || unpack_map(u, &n, e) == -1)
		return -1;
	while (n-- > 0) {
		if (unpack_str(u, &key, &len, e) == -1 || key == NULL ||
		    read_setting(u, p, key, len, e) == -1)
			return -1;
	}
	return 0;
}

static PER_PROCESS uint64_t applied =
    NO_PLAN; /* the plan whose limits are in force */

int
task_plan_add(const struct frame *f, struct error *e)
{
	struct task_plan *p;
	struct unpack u;
	uint64_t id;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 3, e) == -1 || unpack_uint(&u, &id, e) == -1)
		return -1;
	if (id >= MAX_PLANS)
		return error_set(e, EK_PROTO, "plan %llu: at most %u",
		    (unsigned long long)id, MAX_PLANS);
	p = first != NULL ? first : xcalloc(1, sizeof(*p));
	first = NULL;
	p->grants.id = id;
	if (task_plan_read(&u, p, e) == -1) {
		task_plan_free(p);
		return -1;
	}
	if (id >= nplans)
		grow_plans(id + 1);
	task_plan_free(plans[id]);
	plans[id] = p;
	if (applied == id)
		applied = NO_PLAN;
	return 0;
}

void
task_plan_drop(const struct task_plan *p)
{
	if (p == NULL)
		return;
	plans[p->grants.id] = NULL;
	task_plan_free((struct task_plan *)(uintptr_t)p);
}

const struct task_plan *
task_plan_find(uint64_t id)
{
	return id < nplans ? plans[id] : NULL;
}

/* What the process had when it began, and has now. */
static struct rlimit at_first[SANDBOX_NLIMITS];
static PER_PROCESS uint64_t soft_now[SANDBOX_NLIMITS];
static bool limits_known;
static PER_PROCESS int64_t cpu_set; /* when RLIMIT_CPU was last looked at */
static PER_PROCESS unsigned int umask_now;

void
task_plan_prepare(void)
{
	int i;

	for (i = 0; i < SANDBOX_NLIMITS; i++) {
		if (getrlimit((__rlimit_resource_t)i, &at_first[i]) == -1)
			at_first[i].rlim_cur = at_first[i].rlim_max =
			    RLIM_INFINITY;
		soft_now[i] = at_first[i].rlim_cur;
	}
	first = xcalloc(1, sizeof(*first));
	grow_plans(FIRST_PLANS);
	umask_now = umask(077);
	(void)umask(umask_now);
	limits_known = true;
}

void
task_plan_umask(const struct task_plan *p)
{
	if (p->umask != umask_now)
		(void)umask(p->umask);
	umask_now = p->umask;
}

static int
set_soft(int resource, uint64_t soft)
{
	struct rlimit now;

	if (soft == soft_now[resource])
		return 0;
	now.rlim_cur = soft_now[resource];
	now.rlim_max = at_first[resource].rlim_max;
	if (sandbox_lower_limit(resource, &now, soft, now.rlim_max) == -1)
		return -1;
	soft_now[resource] = soft;
	return 0;
}

/*
 * CPU time adds up over the life of a process, so a limit is what was used so
 * far and then some.  It is renewed when it is CPU_RENEW old (wall-clock time,
 * which CPU time of one thread cannot pass).  The kernel counts whole seconds:
 * rounded up, but for the 50 ms that a fresh process may have used, so that a
 * limit of one second is not always two.
 */
#define CPU_RENEW (10 * NS_PER_MS)

static int
set_cpu(uint64_t seconds)
{
	const int64_t second = 1000000; /* us */
	const int64_t forgiven = 50000;
	struct rusage used;
	int64_t us;

	if (seconds == UINT64_MAX)
		return set_soft(RLIMIT_CPU, UINT64_MAX);
	if (getrusage(RUSAGE_SELF, &used) == -1)
		return -1;
	us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * second +
	    used.ru_utime.tv_usec + used.ru_stime.tv_usec;
	us += CPU_RENEW / 1000 + second - 1 - forgiven;
	return set_soft(RLIMIT_CPU, (uint64_t)(us / second) + seconds);
}

static const struct task_limit *
limit_of(const struct task_plan *p, int resource)
{
	size_t i;

	for (i = 0; i < p->nlimits; i++) {
		if (p->limit[i].resource == resource)
			return &p->limit[i];
	}
	return NULL;
}

int
task_plan_apply(const struct task_plan *p, int64_t now)
{
	const struct task_limit *l;
	bool fresh = applied != p->grants.id;
	int r;

	if (!fresh && now - cpu_set < CPU_RENEW)
		return 0;
	if (!limits_known)
		task_plan_prepare();
	for (r = 0; fresh && r < SANDBOX_NLIMITS; r++) {
		if (r == RLIMIT_CPU)
			continue;
		l = limit_of(p, r);
		if (set_soft(r, l != NULL ? l->soft : at_first[r].rlim_cur) ==
		    -1)
			return -1;
	}
	l = limit_of(p, RLIMIT_CPU);
	if (set_cpu(l != NULL ? l->soft : at_first[RLIMIT_CPU].rlim_cur) == -1)
		return -1;
	cpu_set = now;
	task_plan_umask(p);
	applied = p->grants.id;
	return 0;
}

int
task_plan_bind(const struct task_plan *p)
{
	const struct task_limit *l;
	size_t i;

	for (i = 0; i < p->nlimits; i++) {
		l = &p->limit[i];
		if (sandbox_lower_limit(l->resource, &at_first[l->resource],
		        l->soft, l->hard) == -1)
			return -1;
	}
	return 0;
}

int
task_plan_become(const struct task_plan *p)
{
	pid_t parent;

	errno = 0;
	if (p->niceness != 0 && nice(p->niceness) == -1 && errno != 0)
		return -1;
	if (!p->as_user)
		return 0;
	parent = getppid();
	if (user_become(&p->user) == -1)
		return -1;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* lost with the ids */
	if (getppid() != parent)
		_exit(126);
	return 0;
}

void
task_plan_relax(void)
{
	const uint64_t room = 64;

	if (!limits_known || soft_now[RLIMIT_NOFILE] >= room)
		return;
	if (set_soft(RLIMIT_NOFILE, at_first[RLIMIT_NOFILE].rlim_cur) == 0)
		applied = NO_PLAN;
}
