/* rooms: sandbox policy task value base
 * What each level asks for, which facilities keep which promise, and what is
 * said when none does: tables, no kernel. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/plan.h"
#include "tests/unit/unit.h"

#define INHERIT   ISOLATION_INHERIT
#define ISOLATED  ISOLATION_ISOLATED
#define SANDBOXED ISOLATION_SANDBOXED

static char id_exec[] = "t.x", id_fs[] = "fs.read", id_fn[] = "rtfs.fn",
            id_http[] = "http.get";
static const struct capability program = {.id = id_exec, .kind = CAP_EXEC};
static const struct capability files = {
    .id = id_fs, .kind = CAP_BUILTIN, .trusted = true};
static const struct capability function = {
    .id = id_fn, .kind = CAP_CLOSURE, .trusted = true};
static const struct capability http = {
    .id = id_http, .kind = CAP_BUILTIN, .image = IMAGE_HTTP, .trusted = true};

static struct facts
facts_of(bool root)
{
	struct facts f = {.uid = root ? 0 : 1000, .gid = root ? 0 : 1000};
	int i;

	f.sys_admin = f.own_uids = root;
	f.nproc_by_userns = true;
	for (i = 0; i < SANDBOX_NLIMITS; i++)
		f.hard[i] = UINT64_MAX;
	return f;
}

/* What the whole filter keeps. */
#define SURFACE (PROMISE_SURFACE | PROMISE_USERNS)

static void
plan(const struct capability *c, enum isolation level, enum network net,
    bool root, struct sandbox_plan *p)
{
	struct facts f = facts_of(root);
	struct effective eff = {.isolation = level, .network = net};
	struct error e;

	CU_ASSERT_EQUAL_FATAL(sandbox_plan(c, &eff, &f, p, &e), 0);
}

/* Slots share an empty network where none of them can make a socket. */
static void
test_network(void)
{
	static const struct {
		enum isolation level;
		enum network net;
		uint32_t want;
	} cases[] = {
	    {ISOLATION_SANDBOXED, NETWORK_NONE,     SANDBOX_NET_NONE    },
	    {ISOLATION_ISOLATED,  NETWORK_NONE,     SANDBOX_NET_OWN     },
	    {ISOLATION_ISOLATED,  NETWORK_LOOPBACK, SANDBOX_NET_LOOPBACK},
	    {ISOLATION_SANDBOXED, NETWORK_HOST,     SANDBOX_NET_HOST    },
	};
	struct sandbox_plan p;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		plan(&program, cases[i].level, cases[i].net, true, &p);
		CU_ASSERT_EQUAL(p.profile.network, cases[i].want);
		sandbox_plan_clear(&p);
	}
}

static void
test_wishes(void)
{
	enum {
		BASE = SANDBOX_PIDNS | SANDBOX_IPCNS | SANDBOX_NO_NEW_PRIVS,
		CLOSED = BASE | SANDBOX_UTSNS | SANDBOX_NO_CAPS |
		    SANDBOX_LANDLOCK | SANDBOX_SCOPE,
		OTHERS =
		    CLOSED | SANDBOX_VIEW | SANDBOX_PROC | SANDBOX_CGROUPNS,
		LOCKED = SANDBOX_SECCOMP,
		OWN = SANDBOX_OWN_UID,
		NET = SANDBOX_NETNS,
		SMALL = SANDBOX_NO_USERNS,
		USER = SANDBOX_USERNS,
	};
	static const struct {
		const struct capability *cap;
		enum isolation level;
		enum network net;
		bool root;
		uint32_t wishes;
		uint32_t promises;
		uint32_t sets;
	} cases[] = {
	    {&program,  INHERIT,   NETWORK_NONE,     true,  BASE,                       0,   0 },
	    {&program,  INHERIT,   NETWORK_NONE,     false, BASE | USER,                0,   0 },
	    {&program,  ISOLATED,  NETWORK_NONE,     true,  OTHERS | NET | OWN | SMALL,
             527,	                                                                    0 },
	    {&program,  ISOLATED,  NETWORK_HOST,     true,  OTHERS | OWN | SMALL,       525,
             0	                                                                         },
	    {&program,  ISOLATED,  NETWORK_NONE,     false,
             OTHERS | NET | USER | SMALL,	                                       527, 0 },
	    {&program,  SANDBOXED, NETWORK_NONE,     true,
             OTHERS | NET | OWN | LOCKED | SANDBOX_LISTENER,                            783, 11},
	    {&program,  SANDBOXED, NETWORK_LOOPBACK, false,
             OTHERS | NET | USER | LOCKED | SANDBOX_LISTENER,                           783, 15},
	    {&program,  SANDBOXED, NETWORK_HOST,     false,
             OTHERS | USER | LOCKED | SANDBOX_LISTENER,                                 781, 15},
 /* Our own code keeps to its grants by itself. */
	    {&function, SANDBOXED, NETWORK_NONE,     true,
             CLOSED | NET | OWN | LOCKED,	                                       768, 3 },
	    {&http,     SANDBOXED, NETWORK_HOST,     true,  CLOSED | OWN | LOCKED,      768,
             7	                                                                         },
 /* It works on the caller's files, as the caller. */
	    {&files,    SANDBOXED, NETWORK_NONE,     true,  CLOSED | NET | LOCKED,      768,
             3	                                                                         },
	};
	struct sandbox_plan p;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		plan(cases[i].cap, cases[i].level, cases[i].net, cases[i].root,
		    &p);
		CU_ASSERT_EQUAL(p.profile.wishes, cases[i].wishes);
		CU_ASSERT_EQUAL(p.promises, cases[i].promises);
		CU_ASSERT_EQUAL(p.filter.sets, cases[i].sets);
		if (p.profile.wishes != cases[i].wishes)
			printf("\n  case %zu: %#x, not %#x\n", i,
			    p.profile.wishes, cases[i].wishes);
		CU_ASSERT_EQUAL(p.profile.caps != 0,
		    cases[i].cap == &files && cases[i].level != INHERIT);
		sandbox_plan_clear(&p);
	}
}

/* Alone or together, and what does not do. */
static void
test_promises(void)
{
	static const struct {
		uint32_t kept;
		bool network; /* the filter lets sockets be made */
		uint32_t promises;
	} cases[] = {
	    {0,	                         false, 0	                    },
	    {SANDBOX_VIEW,                      false, PROMISE_FILES                },
	    {SANDBOX_LANDLOCK,                  false, PROMISE_FILES                },
	    {SANDBOX_NETNS,                     true,  PROMISE_NETWORK              },
	    {SANDBOX_SECCOMP,                   true,  SURFACE                      },
	    {SANDBOX_SECCOMP,                   false, SURFACE | PROMISE_NETWORK    },
	    {SANDBOX_PIDNS,                     false, PROMISE_TREE                 },
	    {SANDBOX_PIDNS | SANDBOX_IPCNS,     false,
             PROMISE_TREE | PROMISE_OTHERS                                          },
	    {SANDBOX_PIDNS | SANDBOX_SECCOMP,   true,
             PROMISE_TREE | PROMISE_OTHERS | SURFACE                                },
	    {SANDBOX_SCOPE,                     false, 0                            },
	    {SANDBOX_SCOPE | SANDBOX_SECCOMP,   true,  PROMISE_OTHERS | SURFACE     },
	    {SANDBOX_NO_USERNS,                 false, PROMISE_USERNS               },
	    {SANDBOX_OWN_UID,                   false, PROMISE_OTHERS | PROMISE_TREE},
	    {SANDBOX_USERNS | SANDBOX_NO_NEW_PRIVS | SANDBOX_NO_CAPS |
	            SANDBOX_UTSNS, false, 0	                    },
	};
	struct sandbox_plan p = {.promises = 0};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		p.filter_network = cases[i].network;
		CU_ASSERT_EQUAL(
		    sandbox_promises(&p, cases[i].kept), cases[i].promises);
	}
}

static void
test_judge(void)
{
	static const struct {
		uint32_t kept;
		uint32_t degrade;
		uint32_t required;
		const char *says[3]; /* NULL: it will do */
	} cases[] = {
	    {SANDBOX_VIEW | SANDBOX_NETNS | SANDBOX_PIDNS | SANDBOX_SECCOMP, 0,
             0,	                                                            {NULL}	                                             },
	    {SANDBOX_VIEW | SANDBOX_NETNS | SANDBOX_SECCOMP | SANDBOX_SCOPE, 0,
             0,	                                                            {"\"tree\"", "pid namespace: No space", ":degrade [:tree]"}},
	    {SANDBOX_VIEW | SANDBOX_NETNS | SANDBOX_SECCOMP | SANDBOX_SCOPE,
             DEGRADE_TREE,	                                              0, {NULL}	                                             },
	    {SANDBOX_VIEW | SANDBOX_NETNS | SANDBOX_PIDNS | SANDBOX_IPCNS,
             DEGRADE_TREE | DEGRADE_FILES,                                      0,
             {"\"kernel-surface\"", "seccomp: Invalid", "container"}	                                                                  },
	    {SANDBOX_NETNS | SANDBOX_PIDNS | SANDBOX_SECCOMP,                0, 0,
             {"\"files\"", "Landlock", ":degrade [:files]"}	                                                                           },
	    {SANDBOX_VIEW | SANDBOX_NETNS | SANDBOX_PIDNS | SANDBOX_SECCOMP, 0,
             SANDBOX_LANDLOCK,	                                             {":require", "Landlock", "Function not implemented"}       },
	};
	uint16_t refused[SANDBOX_NBITS] = {0};
	struct sandbox_plan p;
	struct error e;
	size_t i;
	size_t k;

	refused[0] = ENOSPC;
	refused[10] = ENOSYS;
	refused[12] = EINVAL;
	for (i = 0; i < NITEMS(cases); i++) {
		plan(&program, SANDBOXED, NETWORK_NONE, true, &p);
		p.degrade = cases[i].degrade;
		p.required = cases[i].required;
		e.msg[0] = '\0';
		CU_ASSERT_EQUAL(sandbox_judge(&p, cases[i].kept, refused, &e),
		    cases[i].says[0] == NULL ? 0 : -1);
		for (k = 0; k < 3 && cases[i].says[k] != NULL; k++) {
			CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, cases[i].says[k]));
			if (strstr(e.msg, cases[i].says[k]) == NULL)
				printf("\n  %zu: %s\n", i, e.msg);
		}
		sandbox_plan_clear(&p);
	}
}

/* Without a view :isolated has its files by Landlock; its scope does not keep
 * others away, and is no remedy. */
static void
test_isolated(void)
{
	uint16_t refused[SANDBOX_NBITS] = {0};
	const uint32_t kept = SANDBOX_LANDLOCK | SANDBOX_SCOPE | SANDBOX_NETNS |
	    SANDBOX_NO_USERNS;
	struct sandbox_plan p;
	struct error e;

	plan(&program, ISOLATED, NETWORK_NONE, false, &p);
	CU_ASSERT_EQUAL(
	    sandbox_judge(&p, kept | SANDBOX_OWN_UID, refused, &e), 0);
	CU_ASSERT_EQUAL(sandbox_judge(&p, kept, refused, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "\"others\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "or use :sandboxed"));
	CU_ASSERT_EQUAL(
	    sandbox_judge(&p, kept & ~(uint32_t)SANDBOX_LANDLOCK, refused, &e),
	    -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "\"files\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "Landlock ABI 3"));
	sandbox_plan_clear(&p);
}

static uint32_t
access_of(const struct sandbox_plan *p, const char *path)
{
	size_t i;

	for (i = 0; i < p->profile.npaths; i++) {
		if (strcmp(p->profile.path[i].path, path) == 0)
			return p->profile.path[i].access;
	}
	return 0;
}

static void
test_paths(void)
{
	static char prog[] = "/home/u/p/get.sh", lib[] = "/home/u/p/lib",
	            data[] = "/srv/data", out[] = "/srv/out",
	            tool[] = "/opt/tool", home[] = "/home/u/p";
	char *words[] = {lib, NULL}, *rd[] = {data, home, NULL},
	     *wr[] = {out, NULL}, *ex[] = {tool, data, NULL};
	struct capability c = {
	    .id = id_exec, .kind = CAP_EXEC, .program = prog, .files = words};
	struct effective eff = {
	    .isolation = SANDBOXED, .read = rd, .write = wr, .execute = ex};
	struct facts f = facts_of(true);
	struct sandbox_plan p;
	struct error e;

	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&c, &eff, &f, &p, &e), 0);
	CU_ASSERT_EQUAL(access_of(&p, prog), SANDBOX_READ | SANDBOX_EXECUTE);
	CU_ASSERT_EQUAL(access_of(&p, lib), SANDBOX_READ);
	CU_ASSERT_EQUAL(access_of(&p, data), SANDBOX_READ | SANDBOX_EXECUTE);
	CU_ASSERT_EQUAL(access_of(&p, out), SANDBOX_READ | SANDBOX_WRITE);
	CU_ASSERT_EQUAL(access_of(&p, "/usr"),
	    SANDBOX_READ | SANDBOX_EXECUTE | SANDBOX_SYSTEM);
	CU_ASSERT_EQUAL(
	    access_of(&p, "/etc/passwd"), SANDBOX_READ | SANDBOX_SYSTEM);
	CU_ASSERT_EQUAL(access_of(&p, "/etc/resolv.conf"), 0);
	CU_ASSERT_EQUAL(access_of(&p, "/etc/shadow"), 0);
	sandbox_plan_clear(&p);
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&files, &eff, &f, &p, &e), 0);
	CU_ASSERT_EQUAL(access_of(&p, home), SANDBOX_READ);
	CU_ASSERT_EQUAL(access_of(&p, "/usr"), 0);
	sandbox_plan_clear(&p);
}

static void
test_names(void)
{
	static char set[] = ":fields", facility[] = "landlok",
	            good[] = "landlock";
	char *sets[] = {set, NULL}, *facilities[] = {facility, NULL},
	     *right[] = {good, NULL};
	struct effective eff = {.isolation = SANDBOXED, .syscalls = sets};
	struct facts f = facts_of(true);
	struct sandbox_plan p;
	struct error e;

	CU_ASSERT_EQUAL(sandbox_plan(&program, &eff, &f, &p, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, ":fields"));
	eff.syscalls = NULL;
	eff.require = facilities;
	CU_ASSERT_EQUAL(sandbox_plan(&program, &eff, &f, &p, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "landlok"));
	eff.require = right;
	CU_ASSERT_EQUAL_FATAL(sandbox_plan(&program, &eff, &f, &p, &e), 0);
	CU_ASSERT_EQUAL(p.required, SANDBOX_LANDLOCK);
	sandbox_plan_clear(&p);
}

static void
test_sets(void)
{
	static const struct {
		const char *list[3];
		uint32_t sets; /* 0: no program can be started */
	} cases[] = {
	    {{NULL},                 FILTER_COMPUTE | FILTER_FILES | FILTER_EXEC},
	    {{"flock"},              FILTER_COMPUTE | FILTER_FILES | FILTER_EXEC},
	    {{":exec"},              FILTER_COMPUTE | FILTER_EXEC               },
	    {{":exec", "flock"},     FILTER_COMPUTE | FILTER_EXEC               },
	    {{":exec", ":network"},
             FILTER_COMPUTE | FILTER_EXEC | FILTER_NETWORK                      },
	    {{":compute", "execve"}, FILTER_COMPUTE                             },
	    {{":compute"},           0	                                  },
	    {{":files", ":network"}, 0	                                  },
	};
	struct effective eff = {.isolation = SANDBOXED};
	struct facts f = facts_of(true);
	struct sandbox_plan p;
	struct error e;
	size_t i;

	eff.origin[SETTING_SYSCALLS].file = "a.rtfs";
	eff.origin[SETTING_SYSCALLS].line = 7;
	for (i = 0; i < NITEMS(cases); i++) {
		eff.syscalls = (char **)(uintptr_t)cases[i].list;
		if (cases[i].sets == 0) {
			CU_ASSERT_EQUAL(
			    sandbox_plan(&program, &eff, &f, &p, &e), -1);
			CU_ASSERT_PTR_NOT_NULL(
			    strstr(e.msg, "of a.rtfs:7 are without :exec"));
			continue;
		}
		CU_ASSERT_EQUAL_FATAL(
		    sandbox_plan(&program, &eff, &f, &p, &e), 0);
		CU_ASSERT_EQUAL(p.filter.sets, cases[i].sets);
		sandbox_plan_clear(&p);
	}
}

UNIT_MAIN("level", {"wishes, promises, sets of calls", test_wishes},
    {"facilities that keep promises", test_promises},
    {"what will not do is named", test_judge},
    {"isolated by Landlock", test_isolated}, {"paths", test_paths},
    {"unknown names are refused", test_names},
    {"sets of system calls", test_sets}, {"networks", test_network})
