/* rooms: policy task value base
 * What is said about policies: warnings, and what a change means. */
#include <string.h>

#include "policy/policy.h"
#include "tests/unit/unit.h"

static size_t
add(struct policy *p, enum layer layer, const char *file, const char *text,
    struct diags *ds)
{
	return policy_add(p, layer, file, "/srv", text, strlen(text), ds);
}

/* says NULL: nothing to warn of. */
static const struct {
	const char *text;
	unsigned int line;
	const char *says;
} lint_cases[] = {
    {"{:default {:timeout \"5s\"}}",                                              0, NULL                           },
    {"{:rules [{:match \"api.*\" :limits {:nproc 8}}]}",                          0, NULL                           },
    {"{:rules [{:match \"api.*\" :limits {:nproc 7}}]}",                          1, ":nproc 7 is few"              },
    {"{:default {:limits {:nproc 1}}}",                                           1, ":nproc 1 is few"              },
    {"{:rules [{:match \"fs.*\" :limits {:nproc 1}}]}",                           0, NULL                           },
    {"{:rules [{:match [\"fs.*\" \"f*\"] :limits {:nproc 1}}]}",                  1, "few"                          },
    {"{:rules [{:match \"process.*\" :limits {:nproc 1}}]}",                      1, "few"                          },
    {"{:rules [{:match \"*\"\n :limits {:as \"1G\"}}]}",                          2, ":as bounds"                   },
    {"{:rules [{:match \"*\" :limits {:as \"1G\" :memory \"1G\"}}]}",             0, NULL                           },
    {"{:default {:limits {:memory \"1G\"}}\n"
     " :rules [{:match \"x\" :limits {:as \"1G\"}}]}",                       0, NULL                           },
    {"{:default {:limits {:as :unlimited}}}",                                     0, NULL                           },
    {"{:default {:write [\"/usr/local/bin\"]}}",                                  1, "programs in /usr"             },
    {"{:default {:write [\"/\"]}}",                                               1, "programs in /usr"             },
    {"{:default {:write [\"/srv/data\"]}}",                                       0, NULL                           },
    {"{:default {:write [\"/usrlocal\"]}}",                                       0, NULL                           },
    {"{:default {:execute [\"tools/bin\"] :write [\"tools\"]}}",                  1,
     ":execute /srv/tools/bin"                                                                                      },
    {"{:default {:execute [\"/x\"]}\n"
     " :rules [{:match \"y\" :write [\"/x/y\"]}]}",                          2, ":execute /x"                  },
    {"{:default {:network :host}}",                                               1, "without :allow"               },
    {"{:default {:network :host :allow [\"a:1\"]}}",                              1, "binds http.* only"            },
    {"{:default {:network :host}\n"
     " :rules [{:match \"http.*\" :allow [\"a:1\"]}]}",                      1, "without :allow"               },
    {"{:rules [{:match \"http.*\" :network :host :allow [\"a\"]}]}",              0, NULL                           },
    {"{:rules [{:match \"http.*\" :allow [\"a\"]}\n"
     " {:match [\"http.*\" \"x\"] :network :host}]}",                        2, "without :allow"               },
    {"{:rules [{:match \"x\" :network :host :allow [\"a:1\"]}]}",                 1,
     "binds http.* only"                                                                                            },
    {"{:rules [{:match \"x\" :network :host}]}",                                  1, ":network :host: every"        },
    {"{:rules [{:match \"http.*\"\n:allow [\"a\"]}]}",                            2, "allows nothing"               },
    {"{:rules [{:match \"http.*\" :network :loopback :allow [\"a\"]}]}",          1,
     "allows nothing"                                                                                               },
    {"{:default {:limits {:pids 0}}}",                                            1, ":pids 0"                      },
    {"{:rules [{:match \"x\" :limits {:pids 1}}]}",                               0, NULL                           },
    {"{:total\n{:pids 1}}",                                                       2, ":pids 1"                      },
    {"{:total {:pids 3}}",                                                        0, NULL                           },
    {"{:default {:network :loopback}}",                                           0, NULL                           },
    {"{:default {:timeout \"2m\"}\n :max {:timeout \"1m\"}}",                     1,
     "above the ceiling of 1m at a.rtfs:2; it is lowered"                                                           },
    {"{:default {:timeout :unlimited} :max {:timeout \"1m\"}}",                   1,
     ":timeout :unlimited"                                                                                          },
    {"{:max {:limits {:data \"1M\"}}\n"
     " :rules [{:match \"x\" :limits {:data \"2M\"}}]}",                     2, ":data 2M is above"            },
    {"{:max {:limits {:data \"1M\"}}\n"
     " :rules [{:match \"x\" :limits {:data [\"1M\" \"3M\"]}}]}",            2, ":data 3M is above"            },
    {"{:max {:limits {:data \"2M\"}}\n"
     " :rules [{:match \"x\" :limits {:data \"2M\"}}]}",                     0, NULL                           },
    {"{:deny [\"process.exce\"]}",                                                1, "did you mean \"process.exec\""},
    {"{:deny [\"process.exec\" \"fs.wirte\" \"fs.*\" \"*\"]}",                    1,
     "\"fs.write\""                                                                                                 },
    {"{:deny [\"*\"]\n :allow [\"tex.*\" \"text.*\" \"text.uper\"]}",             2,
     "\"text.upper\""                                                                                               },
    {"{:rules [{:match \"http.gte\" :timeout \"1s\"}]}",                          1, "\"http.get\""                 },
    {"{:rules [{:match \"fs.zzzzzzz*\" :timeout \"1s\"}]}",                       1, "no built-in"                  },
    {"{:rules [{:match [\"api.*\" \"f*.x\" \"process\"] :timeout \"1s\"}]}",      0,
     NULL                                                                                                           },
    {"{:default {:write [\"/etc\"]}}",                                            1, ":write /etc: who may"         },
    {"{:default {:write [\"/sys/fs/cgroup\"]}}",                                  1, "write in /sys"                },
    {"{:default {:write [\"/run\"]}}",                                            1, "write in /run"                },
    {"{:default {:write [\"/run/user/7\" \"/dev/shm\" \"/etcetera\"]}}",          0,
     NULL                                                                                                           },
    {"{:default {:read [\"/etc/shadow\"]}}",                                      1, "passwords"                    },
    {"{:default {:read [\"/etc\"]}}",                                             1, "passwords"                    },
    {"{:default {:read [\"/etc/ssl\"]}}",                                         0, NULL                           },
    {"{:default {:env [\"LD_PRELOAD\" \"LDFLAGS\"]}}",                            1,
     "LD_PRELOAD as the caller"                                                                                     },
    {"{:default {:env {\"LD_LIBRARY_PATH\" \"/opt/l\"}}}",                        0, NULL                           },
    {"{:default {:degrade [:files :network :others :tree]}}",                     1,
     "every promise"                                                                                                },
    {"{:default {:degrade [:files :network :tree :cgroup]}}",                     0, NULL                           },
    {"{:rules [{:match \"x\" :degrade [:files :network :others :tree]}]}",        0,
     NULL                                                                                                           },
    {"{:default {:program [\"*\"]}}",                                             1, "every program"                },
    {"{:rules [{:match \"x\" :timeout \"1s\" :limits {:nofile 9}}\n"
     " {:match \"x\" :timeout \"2s\" :limits {:nofile 8} :umask \"077\"}]}", 1, "the one of line 2"            },
    {"{:rules [{:match \"x\" :limits {:nofile 9 :data \"1M\"}}\n"
     " {:match \"x\" :limits {:nofile 8}}]}",                                0, NULL                           },
    {"{:rules [{:match \"x\" :umask \"077\"}\n"
     " {:match \"x\" :timeout \"5m\"}]}",                                    0, NULL                           },
    {"{:rules [{:match \"x\" :timeout \"1s\"}\n"
     " {:match \"x\" :timeout \"5m\"}]}",                                    0, NULL                           },
    {"{:rules [{:match \"x\" :timeout \"1s\"}\n"
     " {:match [\"x\" \"y\"] :timeout \"2s\"}]}",                            0, NULL                           },
    {"{:allow [\"api.*\"]}",                                                      1, ":allow without :deny"         },
    {"{:allow [\"api.*\"] :deny [\"*\"]}",                                        0, NULL                           },
};

static void
test_lint(void)
{
	size_t i;

	for (i = 0; i < NITEMS(lint_cases); i++) {
		struct policy *p = policy_new();
		struct diags ds = {NULL, 0, 0};
		bool right;

		CU_ASSERT_EQUAL(
		    add(p, LAYER_COMMAND, "a.rtfs", lint_cases[i].text, &ds),
		    0);
		policy_lint(p, &ds);
		CU_ASSERT_EQUAL(diags_errors(&ds), 0);
		right = lint_cases[i].says == NULL ?
		    ds.n == 0 :
		    ds.n == 1 && ds.item[0].line == lint_cases[i].line &&
		        ds.item[0].column > 0 &&
		        strstr(ds.item[0].message, lint_cases[i].says) != NULL;
		if (!right) {
			printf("%s: %zu: %u: %s\n", lint_cases[i].text, ds.n,
			    ds.n > 0 ? ds.item[0].line : 0,
			    ds.n > 0 ? ds.item[0].message : "");
			CU_FAIL("lint");
		}
		diags_free(&ds);
		policy_free(p);
	}
}

/* A rule of a higher layer above a ceiling is not lowered but denied. */
static void
test_lint_layers(void)
{
	struct policy *p = policy_new();
	struct diags ds = {NULL, 0, 0};

	add(p, LAYER_SYSTEM, "sys.rtfs", "{:max {:limits {:data \"1M\"}}}",
	    &ds);
	add(p, LAYER_COMMAND, "my.rtfs",
	    "{:rules [{:match \"x\" :limits {:data \"2M\"}}]}", &ds);
	policy_lint(p, &ds);
	CU_ASSERT_EQUAL_FATAL(ds.n, 1);
	CU_ASSERT_STRING_EQUAL(ds.item[0].file, "my.rtfs");
	CU_ASSERT_PTR_NOT_NULL(strstr(ds.item[0].message, "sys.rtfs:1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ds.item[0].message, "are denied"));
	diags_free(&ds);
	policy_free(p);
}

static const struct {
	const char *from;
	const char *to;
	enum setting id;
	enum change change;
} change_cases[] = {
    {":timeout 1",                        ":timeout 1",                        SETTING_TIMEOUT,     CHANGE_NONE   },
    {":timeout 1",                        ":timeout 2",                        SETTING_TIMEOUT,     CHANGE_LOOSER },
    {":timeout 1",                        ":timeout :unlimited",               SETTING_TIMEOUT,     CHANGE_LOOSER },
    {":timeout \"1m\"",                   "",                                  SETTING_TIMEOUT,     CHANGE_TIGHTER},
    {":isolation :sandboxed",             ":isolation :isolated",              SETTING_ISOLATION,
     CHANGE_LOOSER                                                                                                },
    {":isolation :inherit",               ":isolation :isolated",              SETTING_ISOLATION,
     CHANGE_TIGHTER                                                                                               },
    {"",                                  ":degrade [:tree]",                  SETTING_DEGRADE,     CHANGE_LOOSER },
    {":degrade [:tree]",                  ":degrade [:files]",                 SETTING_DEGRADE,     CHANGE_LOOSER },
    {":degrade [:tree :files]",           ":degrade [:files]",                 SETTING_DEGRADE,
     CHANGE_TIGHTER                                                                                               },
    {"",                                  ":require [:landlock]",              SETTING_REQUIRE,     CHANGE_TIGHTER},
    {":require [:landlock]",              ":require [:seccomp]",               SETTING_REQUIRE,
     CHANGE_LOOSER                                                                                                },
    {"",                                  ":read [\"a\"]",                     SETTING_READ,        CHANGE_LOOSER },
    {":read [\"a\" \"b\"]",               ":read [\"b\" \"a\"]",               SETTING_READ,        CHANGE_NONE   },
    {":read [\"a\"]",                     ":read [\"a/b\" \"a/c\"]",           SETTING_READ,        CHANGE_TIGHTER},
    {":read [\"a\"]",                     ":read [\"/srv\"]",                  SETTING_READ,        CHANGE_LOOSER },
    {":read [\"a\" \"b\"]",               ":read [\"c\"]",                     SETTING_READ,        CHANGE_LOOSER },
    {":write [\"a\"]",                    ":write []",                         SETTING_WRITE,       CHANGE_TIGHTER},
    {":execute []",                       ":execute [\"/x\"]",                 SETTING_EXECUTE,     CHANGE_LOOSER },
    {"",                                  ":network :loopback",                SETTING_NETWORK,     CHANGE_LOOSER },
    {":network :host",                    ":network :none",                    SETTING_NETWORK,     CHANGE_TIGHTER},
    {":network :host",                    ":network :host :allow [\"a\"]",     SETTING_ALLOW,
     CHANGE_TIGHTER                                                                                               },
    {":network :host :allow [\"a\"]",     ":network :host",                    SETTING_ALLOW,
     CHANGE_LOOSER                                                                                                },
    {":network :host :allow [\"*.b:1\"]", ":network :host :allow [\"a.b:1\"]",
     SETTING_ALLOW,                                                                                 CHANGE_TIGHTER},
    {"",                                  ":program [\"cat\"]",                SETTING_PROGRAM,     CHANGE_TIGHTER},
    {":program [\"cat\"]",                ":program [\"cat\" \"id\"]",         SETTING_PROGRAM,
     CHANGE_LOOSER                                                                                                },
    {":env [\"A\"]",                      ":env [\"A\" \"B\"]",                SETTING_ENV,         CHANGE_LOOSER },
    {":env [\"A\"]",                      ":env [\"A=1\"]",                    SETTING_ENV,         CHANGE_OTHER  },
    {":secrets {\"A\" \"a\"}",            "",                                  SETTING_SECRETS,     CHANGE_TIGHTER},
    {":secrets {\"A\" \"a\"}",            ":secrets {\"A\" \"b\"}",            SETTING_SECRETS,
     CHANGE_OTHER                                                                                                 },
    {"",                                  ":syscalls [:files]",                SETTING_SYSCALLS,    CHANGE_OTHER  },
    {":syscalls [:files]",                ":syscalls [:files :exec]",          SETTING_SYSCALLS,
     CHANGE_LOOSER                                                                                                },
    {":syscalls [\"flock\"]",             ":syscalls [:exec \"flock\"]",       SETTING_SYSCALLS,
     CHANGE_OTHER                                                                                                 },
    {"",                                  ":umask \"022\"",                    SETTING_UMASK,       CHANGE_LOOSER },
    {":umask \"022\"",                    ":umask \"027\"",                    SETTING_UMASK,       CHANGE_TIGHTER},
    {"",                                  ":niceness -5",                      SETTING_NICENESS,    CHANGE_LOOSER },
    {"",                                  ":niceness 5",                       SETTING_NICENESS,    CHANGE_TIGHTER},
    {"",                                  ":slot :once",                       SETTING_SLOT,        CHANGE_TIGHTER},
    {"",                                  ":concurrency 3",                    SETTING_CONCURRENCY, CHANGE_TIGHTER},
    {":concurrency 3",                    ":concurrency 4",                    SETTING_CONCURRENCY, CHANGE_LOOSER },
    {"",                                  ":weight 3",                         SETTING_WEIGHT,      CHANGE_LOOSER },
    {"",                                  ":dir \"/x\"",                       SETTING_DIR,         CHANGE_OTHER  },
    {":user \"a\"",                       ":user \"b\"",                       SETTING_USER,        CHANGE_OTHER  },
    {":rootfs \"a\"",                     ":rootfs \"a\"",                     SETTING_ROOTFS,      CHANGE_NONE   },
};

static const struct effective *
resolve(struct policy *p, const struct capability *c, const char *says)
{
	const struct effective *eff = NULL;
	struct diags ds = {NULL, 0, 0};
	struct error e;
	char text[1024];

	snprintf(text, sizeof(text), "{:default {%s}}", says);
	CU_ASSERT_EQUAL(add(p, LAYER_COMMAND, "a", text, &ds), 0);
	CU_ASSERT_EQUAL(policy_resolve(p, c, VAL_NIL, &eff, &e), 0);
	diags_free(&ds);
	CU_ASSERT_PTR_NOT_NULL_FATAL(eff);
	return eff;
}

static void
test_compare(void)
{
	struct capability c = {.id = (char[]){"x.y"}, .kind = CAP_EXEC};
	size_t i, k;

	for (i = 0; i < NITEMS(change_cases); i++) {
		struct policy *from = policy_new(), *to = policy_new();
		const struct effective *a, *b;
		enum change change;

		a = resolve(from, &c, change_cases[i].from);
		b = resolve(to, &c, change_cases[i].to);
		change = setting_compare(a, b, change_cases[i].id);
		if (change != change_cases[i].change) {
			printf("\"%s\" to \"%s\": %d\n", change_cases[i].from,
			    change_cases[i].to, (int)change);
			CU_FAIL("change");
		}
		for (k = 0; k < SETTING_COUNT; k++) {
			CU_ASSERT_EQUAL(setting_compare(a, a, (enum setting)k),
			    CHANGE_NONE);
		}
		policy_free(from);
		policy_free(to);
	}
}

static void
test_compare_limits(void)
{
	static const struct limit_value none = {.set = false},
	                                small = {.set = true,
	                                    .soft = 1,
	                                    .hard = 2},
	                                large = {
	                                    .set = true, .soft = 1, .hard = 3};

	CU_ASSERT_EQUAL(limit_compare(&none, &none), CHANGE_NONE);
	CU_ASSERT_EQUAL(limit_compare(&none, &small), CHANGE_TIGHTER);
	CU_ASSERT_EQUAL(limit_compare(&small, &none), CHANGE_LOOSER);
	CU_ASSERT_EQUAL(limit_compare(&small, &large), CHANGE_LOOSER);
	CU_ASSERT_EQUAL(limit_compare(&large, &small), CHANGE_TIGHTER);
}

/* What is shown reads back as the same. */
static void
test_format(void)
{
	static const char says[] =
	    ":timeout \"2m\" :isolation :isolated :degrade [:tree :cgroup] "
	    ":require [:landlock] :read [\"/a\" \"/b\"] :write [\"/c\"] "
	    ":execute [\"/d\"] :network :host :allow [\"h:1\"] "
	    ":syscalls [:files \"openat\"] :program [\"cat\"] "
	    ":env {\"A\" \"1\" \"B\" true} :secrets {\"K\" \"k\"} :dir \"/e\" "
	    ":user \"u\" :umask \"027\" :niceness 3 :slot :once "
	    ":concurrency 2 :weight 4 :rootfs \"/r\"";
	struct capability c = {.id = (char[]){"x.y"}, .kind = CAP_EXEC};
	struct policy *p = policy_new(), *q = policy_new();
	const struct effective *a = resolve(p, &c, says), *b;
	struct buf text = BUF_INIT;
	size_t i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (i == SETTING_LIMITS)
			continue;
		buf_addf(&text, ":%s ", setting_name((enum setting)i));
		if (i == SETTING_TIMEOUT || i == SETTING_UMASK)
			buf_addc(&text, '"');
		setting_format(a, (enum setting)i, &text);
		if (i == SETTING_TIMEOUT || i == SETTING_UMASK)
			buf_addc(&text, '"');
		buf_addc(&text, ' ');
	}
	b = resolve(q, &c, buf_str(&text));
	CU_ASSERT_EQUAL(a->digest, b->digest);
	buf_free(&text);
	policy_free(p);
	policy_free(q);
}

static void
passed(const struct origin *o, void *arg)
{
	unsigned int *lines = arg;

	*lines = *lines * 10 + o->line;
}

static void
test_explain(void)
{
	struct capability c = {
	    .id = (char[]){"x.y"}, .kind = CAP_EXEC, .layer = LAYER_COMMAND};
	struct policy *p = policy_new();
	struct diags ds = {NULL, 0, 0};
	struct limit_value max;
	struct origin at;
	unsigned int lines = 0;
	int64_t ns;

	add(p, LAYER_SYSTEM, "sys.rtfs",
	    "{:rules [{:match \"x.*\" :write [\"/x\"]}\n"
	    " {:match \"z.*\" :write [\"/x\"]}\n"
	    " {:match \"x.*\" :network :host}\n {:match \"*\" :timeout 1}]\n"
	    " :max {:timeout 50 :limits {:data \"2M\"}}}",
	    &ds);
	add(p, LAYER_USER, "my.rtfs",
	    "{:max {:timeout 60 :limits {:data \"1M\"}}}", &ds);
	policy_passed_over(p, &c, passed, &lines);
	CU_ASSERT_EQUAL(lines, 13);
	CU_ASSERT_TRUE(policy_ceiling(p, LIMIT_DATA, &max));
	CU_ASSERT_EQUAL(max.soft, 1U << 20);
	CU_ASSERT_STRING_EQUAL(max.origin.file, "my.rtfs");
	CU_ASSERT_FALSE(policy_ceiling(p, LIMIT_CPU, &max));
	CU_ASSERT_TRUE(policy_timeout_ceiling(p, &ns, &at));
	CU_ASSERT_STRING_EQUAL(at.file, "sys.rtfs");
	diags_free(&ds);
	policy_free(p);
}

UNIT_MAIN("policy_review", {"warnings", test_lint},
    {"warnings across layers", test_lint_layers},
    {"what a change means", test_compare},
    {"what a change of a limit means", test_compare_limits},
    {"what is shown reads back", test_format},
    {"ceilings and rules passed over", test_explain})
