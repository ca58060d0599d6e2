/* rooms: sandbox policy task value base
 * Plans on tables, and the effects in children of this program. */

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/enter.h"
#include "sandbox/plan.h"
#include "sandbox/probe.h"
#include "sandbox/program.h"
#include "sandbox/uids.h"
#include "sandbox/user.h"
#include "tests/unit/unit.h"

#define INF UINT64_MAX

static const struct capability program = {.kind = CAP_EXEC};

static struct facts
user_facts(void)
{
	struct facts f = {.uid = 1000, .gid = 1000, .nproc_by_userns = true};
	int i;

	for (i = 0; i < SANDBOX_NLIMITS; i++)
		f.hard[i] = INF;
	f.hard[RLIMIT_NOFILE] = 4096;
	f.hard[RLIMIT_CORE] = 0;
	return f;
}

static struct facts
root_facts(void)
{
	struct facts f = user_facts();

	f.uid = 0;
	f.gid = 0;
	f.sys_admin = true;
	return f;
}

static void
set(struct effective *eff, enum limit_id id, uint64_t soft, uint64_t hard)
{
	eff->limit[id].set = true;
	eff->limit[id].soft = soft;
	eff->limit[id].hard = hard;
	eff->limit[id].origin.file = "p.rtfs";
	eff->limit[id].origin.line = 7;
}

static const struct sandbox_limit *
find(const struct sandbox_plan *p, int resource)
{
	size_t i;

	for (i = 0; i < p->nlimits; i++) {
		if (p->limit[i].resource == resource)
			return &p->limit[i];
	}
	return NULL;
}

static void
test_clamping(void)
{
	static const struct {
		enum limit_id id;
		uint64_t soft, hard;
		int resource;
		uint64_t want_soft, want_hard;
		const char *clamped;
	} cases[] = {
	    {LIMIT_NOFILE, 256,  256,  RLIMIT_NOFILE, 256,  256,  NULL    },
	    {LIMIT_NOFILE, 256,  4096, RLIMIT_NOFILE, 256,  4096, NULL    },
	    {LIMIT_NOFILE, 256,  4097, RLIMIT_NOFILE, 256,  4096, "nofile"},
	    {LIMIT_NOFILE, 8192, 8192, RLIMIT_NOFILE, 4096, 4096, "nofile"},
	    {LIMIT_NOFILE, INF,  INF,  RLIMIT_NOFILE, 4096, 4096, "nofile"},
	    {LIMIT_CORE,   0,    0,    RLIMIT_CORE,   0,    0,    NULL    },
	    {LIMIT_CORE,   1,    1,    RLIMIT_CORE,   0,    0,    "core"  },
	    {LIMIT_CPU,    30,   31,   RLIMIT_CPU,    30,   31,   NULL    },
	    {LIMIT_DATA,   INF,  INF,  RLIMIT_DATA,   INF,  INF,  NULL    },
	    {LIMIT_STACK,  9,    8,    RLIMIT_STACK,  8,    8,    "stack" },
	};
	struct facts f = user_facts();
	const struct sandbox_limit *l;
	struct effective eff;
	struct sandbox_plan p;
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		memset(&eff, 0, sizeof(eff));
		set(&eff, cases[i].id, cases[i].soft, cases[i].hard);
		CU_ASSERT_EQUAL_FATAL(
		    sandbox_plan(&program, &eff, &f, &p, &e), 0);
		CU_ASSERT_EQUAL(p.nlimits, 1);
		l = find(&p, cases[i].resource);
		CU_ASSERT_PTR_NOT_NULL_FATAL(l);
		CU_ASSERT_EQUAL(l->soft, cases[i].want_soft);
		CU_ASSERT_EQUAL(l->hard, cases[i].want_hard);
		CU_ASSERT_EQUAL(l->needs, 0);
		if (cases[i].clamped == NULL) {
			CU_ASSERT_PTR_NULL(p.clamped);
		} else {
			CU_ASSERT_PTR_NOT_NULL_FATAL(p.clamped);
			CU_ASSERT_STRING_EQUAL(p.clamped, cases[i].clamped);
		}
		sandbox_plan_clear(&p);
	}
}

static void
test_two_clamped(void)
{
	struct facts f = user_facts();
	struct effective eff;
	struct sandbox_plan p;
	struct error e;

	memset(&eff, 0, sizeof(eff));
	set(&eff, LIMIT_NOFILE, 9999, 9999);
	set(&eff, LIMIT_CORE, 9999, 9999);
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&program, &eff, &f, &p, &e), 0);
	CU_ASSERT_STRING_EQUAL(p.clamped, "core nofile");
	sandbox_plan_clear(&p);
}

/* What the kernel has no resource for is the pool's. */
static void
test_not_kernel(void)
{
	struct facts f = user_facts();
	struct effective eff;
	struct sandbox_plan p;
	struct buf missing = BUF_INIT;
	struct error e;

	memset(&eff, 0, sizeof(eff));
	set(&eff, LIMIT_REQUEST, 1, 1);
	set(&eff, LIMIT_OUTPUT, 1, 1);
	set(&eff, LIMIT_RESULT, 1, 1);
	set(&eff, LIMIT_TMP, 1, 1);
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&program, &eff, &f, &p, &e), 0);
	CU_ASSERT_EQUAL(p.nlimits, 0);
	sandbox_plan_missing(&p, 7, &missing);
	CU_ASSERT_STRING_EQUAL(buf_str(&missing), "tmp");
	buf_clear(&missing);
	sandbox_plan_missing(&p, 7 | SANDBOX_VIEW, &missing);
	CU_ASSERT_STRING_EQUAL(buf_str(&missing), "");
	buf_free(&missing);
	sandbox_plan_clear(&p);
}

/* :nproc only where it counts nothing but the slot. */
static void
test_nproc(void)
{
	static const struct {
		bool root;
		bool by_userns;
		uint32_t kept;
		bool planned;
		const char *missing;
	} cases[] = {
	    {true,  true,  7,  false, "nproc"                            },
	    {false, false, 15, false, "nproc"                            },
	    {false, true,  15, true,  ""                                 },
	    {false, true,  4,  true,  "nproc,pid namespace,ipc namespace"},
	    {false, true,  0,  true,
             "nproc,pid namespace,ipc namespace,no_new_privs"            },
	};
	struct facts f;
	struct effective eff;
	struct sandbox_plan p;
	struct buf b = BUF_INIT;
	struct error e;
	size_t i;

	memset(&eff, 0, sizeof(eff));
	set(&eff, LIMIT_NPROC, 64, 64);
	for (i = 0; i < NITEMS(cases); i++) {
		f = cases[i].root ? root_facts() : user_facts();
		f.nproc_by_userns = cases[i].by_userns;
		CU_ASSERT_EQUAL_FATAL(
		    sandbox_plan(&program, &eff, &f, &p, &e), 0);
		CU_ASSERT_EQUAL(p.nlimits == 1, cases[i].planned);
		if (cases[i].planned) {
			CU_ASSERT_EQUAL(p.limit[0].needs, SANDBOX_USERNS);
		}
		CU_ASSERT_EQUAL(p.profile.wishes & SANDBOX_USERNS,
		    cases[i].root ? 0 : SANDBOX_USERNS);
		CU_ASSERT_EQUAL(p.required, 0);
		buf_clear(&b);
		sandbox_plan_missing(&p, cases[i].kept, &b);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), cases[i].missing);
		sandbox_plan_clear(&p);
	}
	buf_free(&b);
}

static void
test_refused(void)
{
	static const struct {
		enum isolation isolation;
		enum limit_id limit; /* LIMIT_COUNT: none */
		const char *says[3];
	} cases[] = {
	    {ISOLATION_INHERIT, LIMIT_MEMORY, {":memory", "p.rtfs:7", ":data"}},
	    {ISOLATION_INHERIT, LIMIT_PIDS,   {":pids", "p.rtfs:7", ":nproc"} },
	    {ISOLATION_INHERIT, LIMIT_CPUS,   {":cpus", "p.rtfs:7", "-j"}     },
	};
	struct facts f = root_facts();
	struct effective eff;
	struct sandbox_plan p;
	struct error e;
	size_t i;
	size_t k;

	for (i = 0; i < NITEMS(cases); i++) {
		memset(&eff, 0, sizeof(eff));
		eff.isolation = cases[i].isolation;
		eff.origin[SETTING_ISOLATION].file = "p.rtfs";
		eff.origin[SETTING_ISOLATION].line = 3;
		if (cases[i].limit != LIMIT_COUNT)
			set(&eff, cases[i].limit, 1, 1);
		CU_ASSERT_EQUAL(sandbox_plan(&program, &eff, &f, &p, &e), -1);
		CU_ASSERT_EQUAL(e.kind, EK_UNAVAILABLE);
		for (k = 0; k < 3; k++) {
			CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, cases[i].says[k]));
		}
	}
}

/* What a group keeps is no rlimit; without one :degrade has it stood in for. */
static void
test_group(void)
{
	struct facts f = root_facts();
	struct effective eff;
	struct sandbox_plan p;
	struct error e;

	memset(&eff, 0, sizeof(eff));
	set(&eff, LIMIT_DATA, 1000, 1000);
	set(&eff, LIMIT_NPROC, 64, 64);
	eff.limit[LIMIT_NPROC].origin.layer = LAYER_BUILTIN;
	f.cgroup = CGROUP_MEMORY | CGROUP_PIDS | CGROUP_CPU;
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&program, &eff, &f, &p, &e), 0);
	CU_ASSERT(!p.grouped);
	sandbox_plan_clear(&p);

	set(&eff, LIMIT_MEMORY, 500, 500);
	set(&eff, LIMIT_CPUS, 2, 2);
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&program, &eff, &f, &p, &e), 0);
	CU_ASSERT(p.grouped);
	CU_ASSERT_EQUAL(p.group.memory, 500);
	CU_ASSERT_EQUAL(p.group.cpus, 2);
	CU_ASSERT_EQUAL(p.group.pids, 64); /* :nproc, as there is one */
	CU_ASSERT_EQUAL(p.nlimits, 1);
	CU_ASSERT_EQUAL(p.limit[0].resource, RLIMIT_DATA);
	CU_ASSERT_EQUAL(p.limit[0].hard, 1000);
	CU_ASSERT_PTR_NULL(p.not_applied);
	sandbox_plan_clear(&p);

	set(&eff, LIMIT_NPROC, 0, 0);
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&program, &eff, &f, &p, &e), 0);
	CU_ASSERT_EQUAL(p.group.pids, 1); /* no more than the first */
	sandbox_plan_clear(&p);
	set(&eff, LIMIT_NPROC, 64, 64);
	set(&eff, LIMIT_PIDS, 0, 0);
	CU_ASSERT_EQUAL(sandbox_plan(&program, &eff, &f, &p, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_UNAVAILABLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, ":pids 0 (p.rtfs:7) lets no"));

	set(&eff, LIMIT_PIDS, 10, 10);
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&program, &eff, &f, &p, &e), 0);
	CU_ASSERT_EQUAL(p.group.pids, 10); /* the lesser of the two */
	sandbox_plan_clear(&p);

	f.cgroup = CGROUP_CPU;
	f.cgroup_why = "nothing of the kind";
	CU_ASSERT_EQUAL(sandbox_plan(&program, &eff, &f, &p, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "nothing of the kind"));
	eff.degrade = DEGRADE_CGROUP;
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&program, &eff, &f, &p, &e), 0);
	CU_ASSERT_EQUAL(p.group.memory, CGROUP_UNLIMITED);
	CU_ASSERT_EQUAL(p.group.cpus, 2);
	CU_ASSERT_EQUAL(p.limit[0].hard, 500); /* :data, lowered */
	CU_ASSERT_STRING_EQUAL(p.not_applied, "memory,pids,nproc");
	sandbox_plan_clear(&p);
}

static void
test_user_find(void)
{
	static const struct {
		const char *text;
		int rc;
		uint32_t uid;
		uint32_t gid;
	} cases[] = {
	    {"root",             0,  0,    0   },
	    {"0",                0,  0,    0   },
	    {"root:4243",        0,  0,    4243},
	    {"4242",             0,  4242, 4242},
	    {"4242:root",        0,  4242, 0   },
	    {"no such user",     -1, 0,    0   },
	    {"root:nosuchgroup", -1, 0,    0   },
	    {"4294967295",       -1, 0,    0   }, /* means "leave it" */
	    {"99999999999",      -1, 0,    0   },
	};
	struct user u;
	struct error e;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		CU_ASSERT_EQUAL(user_find(cases[i].text, &u, &e), cases[i].rc);
		if (cases[i].rc == 0) {
			CU_ASSERT_EQUAL(u.uid, cases[i].uid);
			CU_ASSERT_EQUAL(u.gid, cases[i].gid);
		} else {
			CU_ASSERT_EQUAL(e.kind, EK_UNAVAILABLE);
		}
	}
}

static void
test_program_allowed(void)
{
	char *some[] = {
	    (char[]){"sh"}, (char[]){"/usr/lib/*"}, (char[]){"/no/such"}, NULL};
	char *none[] = {NULL};

	CU_ASSERT_TRUE(program_allowed(NULL, "/any/thing"));
	CU_ASSERT_FALSE(program_allowed(none, "/bin/sh"));
	CU_ASSERT_TRUE(program_allowed(some, "/bin/sh"));
	CU_ASSERT_TRUE(program_allowed(some, "/bin/../bin/sh"));
	CU_ASSERT_TRUE(program_allowed(some, "/usr/lib/a/b"));
	CU_ASSERT_FALSE(program_allowed(some, "/usr/lib/../bin/cat"));
	CU_ASSERT_FALSE(program_allowed(some, "/tmp/sh"));
	CU_ASSERT_FALSE(program_allowed(some, "sh"));
}

/* Run in a child; its exit status. */
static int
in_child(int (*run)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(run());
	if (pid == -1 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int
limits_only_fall(void)
{
	struct rlimit old;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &old) == -1 ||
	    sandbox_lower_limit(RLIMIT_NOFILE, &old, 50, 60) == -1)
		return 1;
	/* Never up again, whoever we are and whatever we think it is. */
	if (sandbox_lower_limit(RLIMIT_NOFILE, &old, 1000, 1000) == -1)
		return 2;
	if (getrlimit(RLIMIT_NOFILE, &l) == -1 || l.rlim_cur != 60 ||
	    l.rlim_max != 60)
		return 3;
	if (sandbox_lower_limit(RLIMIT_NOFILE, &l, 20, l.rlim_max) == -1 ||
	    getrlimit(RLIMIT_NOFILE, &l) == -1 || l.rlim_cur != 20 ||
	    l.rlim_max != 60)
		return 4;
	if (sandbox_lower_limit(RLIMIT_NOFILE, &l, INF, INF) == -1 ||
	    getrlimit(RLIMIT_NOFILE, &l) == -1 || l.rlim_cur != 60)
		return 5;
	return 0;
}

static int
limits_only_fall_for_users(void)
{
	return geteuid() == 0 && setuid(65534) == -1 ? 6 : limits_only_fall();
}

static void
test_rlimits(void)
{
	CU_ASSERT_EQUAL(in_child(limits_only_fall), 0);
	CU_ASSERT_EQUAL(in_child(limits_only_fall_for_users), 0);
}

static int
privileges_go(void)
{
	if (sandbox_no_new_privs() == -1 ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 1;
	if (sandbox_drop_privileges(0) == -1)
		return 2;
	if (chroot("/") != -1)
		return 3;
	return 0;
}

static void
test_privs(void)
{
	CU_ASSERT_EQUAL(in_child(privileges_go), 0);
}

/* Two processes at once: as if they were two supervisors. */
static int
blocks_differ(void)
{
	int there[2], back[2];
	uint32_t mine, other = 0;
	struct error e;
	pid_t pid;

	if (geteuid() != 0)
		return 0;
	if (pipe(there) == -1 || pipe(back) == -1 || (pid = fork()) == -1)
		return 1;
	if (pid == 0) {
		mine = uid_take(&e);
		if (write(there[1], &mine, sizeof(mine)) != sizeof(mine) ||
		    read(back[0], &other, 1) != 1)
			_exit(1);
		_exit(0);
	}
	if (read(there[0], &other, sizeof(other)) != sizeof(other) ||
	    other == 0)
		return 2;
	mine = uid_take(&e);
	if (mine == 0 || mine / UIDS_BLOCK == other / UIDS_BLOCK)
		return 3;
	if (uid_take(&e) != mine + 1)
		return 4;
	uid_return(mine);
	if (uid_take(&e) != mine)
		return 5;
	return write(back[1], "x", 1) == 1 && waitpid(pid, NULL, 0) == pid ? 0 :
	                                                                     6;
}

static void
test_uids(void)
{
	CU_ASSERT_EQUAL(in_child(blocks_differ), 0);
}

static void
test_probe(void)
{
	struct probe p[FACILITY_COUNT];
	struct facts f;
	int i;

	facts_now(&f);
	CU_ASSERT_EQUAL(f.uid, geteuid());
	probe_all(p);
	for (i = 0; i < FACILITY_COUNT; i++) {
		CU_ASSERT(strlen(facility_name((enum facility)i)) > 0);
		CU_ASSERT(strlen(facility_purpose((enum facility)i)) > 0);
		CU_ASSERT(strlen(facility_remedy((enum facility)i)) > 0);
		CU_ASSERT(p[i].works ?
		        p[i].os_errno == 0 :
		        p[i].os_errno != 0 || p[i].detail[0] != '\0');
	}
	/* Every Linux that can build this has these three. */
	CU_ASSERT(p[FACILITY_NO_NEW_PRIVS].works);
	CU_ASSERT(p[FACILITY_SUBREAPER].works);
	CU_ASSERT(p[FACILITY_PIDFD].works);
	/* The trials left this process as it was. */
	CU_ASSERT_EQUAL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	CU_ASSERT_EQUAL(geteuid(), f.uid);
}

UNIT_MAIN("sandbox", {"limits above the inherited hard one", test_clamping},
    {"all that was clamped is named", test_two_clamped},
    {"limits of ours", test_not_kernel},
    {"nproc where it counts only the slot", test_nproc},
    {"what cannot be kept is refused", test_refused}, {"groups", test_group},
    {"users by name and number", test_user_find},
    {"programs by name, path, pattern", test_program_allowed},
    {"a limit never rises", test_rlimits}, {"privileges go", test_privs},
    {"uids are nobody else's", test_uids}, {"probing", test_probe})
