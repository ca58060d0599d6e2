/* rooms: policy task value base */
#include <string.h>

#include "base/clock.h"
#include "policy/policy.h"
#include "tests/unit/unit.h"
#include "value/reader.h"

static struct capability fs_read = {.id = (char[]){"fs.read"}};
static struct capability user_cap = {
    .id = (char[]){"api.get-user"}, .kind = CAP_EXEC, .layer = LAYER_COMMAND};

static struct policy *
with(const char *text, enum layer layer)
{
	struct policy *p = policy_new();
	struct diags ds = {NULL, 0, 0};

	CU_ASSERT_EQUAL(
	    policy_add(p, layer, "a.rtfs", "/srv", text, strlen(text), &ds), 0);
	if (ds.n > 0) {
		printf("unexpected: %s\n", ds.item[0].message);
	}
	diags_free(&ds);
	return p;
}

static const struct effective *
resolve(struct policy *p, const struct capability *c)
{
	const struct effective *eff = NULL;
	struct error e;

	if (policy_resolve(p, c, VAL_NIL, &eff, &e) == -1) {
		printf("resolve: %s\n", e.msg);
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(eff);
	return eff;
}

static void
test_builtin(void)
{
	struct policy *p = policy_new();
	const struct effective *eff = resolve(p, &user_cap);

	CU_ASSERT_EQUAL(eff->timeout, 30 * NS_PER_SEC);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_CPU].soft, 30);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_CPU].hard, 31);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_DATA].soft, 512U << 20);
	CU_ASSERT_FALSE(eff->limit[LIMIT_AS].set);
	CU_ASSERT_EQUAL(eff->network, NETWORK_NONE);
	CU_ASSERT_PTR_NULL(eff->read);
	CU_ASSERT_STRING_EQUAL(eff->limit[LIMIT_CPU].origin.file, "built in");
	CU_ASSERT_PTR_EQUAL(resolve(p, &user_cap), eff);
	policy_free(p);
}

static void
test_rules(void)
{
	struct policy *p = with("{:rules [{:match \"api.*\" :timeout 250\n"
	                        "  :limits {:data \"1G\" :nofile [10 20]}}\n"
	                        " {:match [\"x\" \"*user\"] :timeout \"2s\"\n"
	                        "  :read [\"data\" \"/etc/\"]\n"
	                        "  :env [\"HOME\" \"A=b=c\"]}]}",
	    LAYER_COMMAND);
	const struct effective *eff = resolve(p, &user_cap);

	CU_ASSERT_EQUAL(eff->timeout, 2 * NS_PER_SEC);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_DATA].soft, 1U << 30);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_NOFILE].soft, 10);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_NOFILE].hard, 20);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_DATA].origin.line, 2);
	CU_ASSERT_EQUAL(eff->nenv, 2);
	CU_ASSERT_STRING_EQUAL(eff->env[1].name, "A");
	CU_ASSERT_STRING_EQUAL(eff->env[1].value, "b=c");
	CU_ASSERT_TRUE(effective_may_read(eff, "/srv/data/x"));
	CU_ASSERT_TRUE(effective_may_read(eff, "/etc/passwd"));
	CU_ASSERT_FALSE(effective_may_read(eff, "/srv/database"));
	CU_ASSERT_FALSE(effective_may_write(eff, "/srv/data/x"));
	CU_ASSERT_EQUAL(resolve(p, &fs_read)->timeout, 30 * NS_PER_SEC);
	policy_free(p);
}

static const struct {
	const char *text;
	unsigned int line;
	const char *says;
} wrong[] = {
    {"{:defualt {}}",                                     1, "did you mean :default"        },
    {"{:default {:limits\n{:data -1}}}",                  2, ":unlimited"                   },
    {"{:default {:limits {:cpu 60}}}",                    1, "say \"60s\""                  },
    {"{:default {:limits {:cpu \"60\"}}}",                1, "60s"                          },
    {"{:default {:limits {:dota 1}}}",                    1, "did you mean :data"           },
    {"{:default {:umask 77}}",                            1, "0o077"                        },
    {"{:default {:umask \"088\"}}",                       1, "octal"                        },
    {"{:default {:umask \"1000\"}}",                      1, "at most"                      },
    {"{:default {:slot :twice}}",                         1, ":once"                        },
    {"{:default {:degrade [:kernel-surface]}}",           1, "nothing replaces"             },
    {"{:default {:degrade [:all]}}",                      1, ":tree"                        },
    {"{:default {:require [\"landlock\"]}}",              1, ":landlock"                    },
    {"{:default {:require [:proc\n:landlok]}}",           2, "did you mean :landlock"       },
    {"{:default {:syscalls [:file]}}",                    1, ":files"                       },
    {"{:default {:syscalls [\"no such\"]}}",              1, ":syscalls"                    },
    {"{:default {:syscalls [\"openat2\"]}}",              1, "set-user-id"                  },
    {"{:default {:syscalls [\"io_uring_enter\"]}}",       1, "a ring makes"                 },
    {"{:default {:limits {:cpus 0}}}",                    1, "0.01 at least"                },
    {"{:default {:limits {:cpus -1.5}}}",                 1, "2 or 0.5"                     },
    {"{:total {:cpus \"1\"}}",                            1, "2 or 0.5"                     },
    {"{:default {:niceness 20}}",                         1, "-20 to 19"                    },
    {"{:default {:concurrency 0}}",                       1, ":concurrency"                 },
    {"{:total {:concurrency 0}}",                         1, "above 0"                      },
    {"{:default {:timeout 0}}",                           1, ":unlimited"                   },
    {"{:max {:timeout \"0s\"}}",                          1, ":unlimited"                   },
    {"{:default {:weight 1001}}",                         1, "1 to 1000"                    },
    {"{:default {:user \"a b\"}}",                        1, ":user"                        },
    {"{:default {:user \"a:\"}}",                         1, "NAME:GROUP"                   },
    {"{:default {:dir 5}}",                               1, ":dir"                         },
    {"{:default {:secrets {\"A-B\" \"x\"}}}",             1, "variable"                     },
    {"{:default {:secrets {\"A\" \"../x\"}}}",            1, "secret"                       },
    {"{:default {:secrets [\"A\"]}}",                     1, "stripe-key"                   },
    {"{:default {:from :any}}",                           1, "unknown key :from"            },
    {"{:max {:read [\"/\"]}}",                            1, "unknown key :read"            },
    {"{:rules [{:match \"*\" :from :all}]}",              1, ":any"                         },
    {"{:total {:task 5}}",                                1, "did you mean :tasks"          },
    {"{:total {:cpu 5}}",                                 1, "say \"5s\""                   },
    {"{:total 5}",                                        1, "a map"                        },
    {"{:rules [{:timeout 1}]}",                           1, ":match"                       },
    {"{:rules [{:match \"*\" :timeout \"5 s\"}]}",        1, "5 s"                          },
    {"{:rules [{:match \"*\" :limits {:nofile [2 1]}}]}", 1,
     "soft limit is above"                                                                  },
    {"{:rules [{:match 5}]}",                             1, ":match"                       },
    {"{:max {:isolation :inherit}}",                      1, ":isolation"                   },
    {"{:default {:isolation :none}}",                     1, ":sandboxed"                   },
    {"{:default {:timeout \"1s\"}",                       1, ""                             },
    {"[1]",                                               1, "one map"                      },
    {"{:deny [\"fs.*\"\n\":process.*\"]}",                2, "without its colon"            },
    {"{:deny\n\":process.*\"}",                           2, "without its colon"            },
    {"{:deny\n\"\"}",                                     2, "not empty"                    },
    {"{:allow [\"a b\"]}",                                1, ":allow: \"a b\" matches no id"},
    {"{:rules [{:match \"[ab].c\"}]}",                    1, "only * is special"            },
    {"{:rules [{:match [\"*\" \"a:\"]}]}",                1, "matches no id"                },
    {"{:default {:allow [\"a\"\n\"127*\"]}}",             2, "first names"                  },
    {"{:default {:allow [\"a.*.b:1\"]}}",                 1, "first names"                  },
    {"{:default {:allow [\"*.\"]}}",                      1, "first names"                  },
    {"{:default {:allow [\"a:*\"]}}",                     1, "first names"                  },
    {"{:default {:env [\"A\"\n\"B C\"]}}",                2, ":env"                         },
    {"{:default {:env {\"a-b\" \"x\"}}}",                 1, ":env"                         },
    {"{:default {:env [\"1A=x\"]}}",                      1, ":env"                         },
    {"{:default {:limits {:mem \"5M\"}}}",                1, "did you mean :memory"         },
    {"{:default {:limits {:MemoryMax \"5M\"}}}",          1, "did you mean :memory"         },
    {"{:default {:limits {:LimitNOFILE 5}}}",             1, "did you mean :nofile"         },
    {"{:default {:limits {:maxlogins 5}}}",               1, "unknown key :maxlogins"       },
    {"; nothing",                                         0, "0 forms"                      },
    {"{} {}",                                             0, "2 forms"                      },
};

static void
test_wrong(void)
{
	size_t i;

	for (i = 0; i < NITEMS(wrong); i++) {
		struct policy *p = policy_new();
		struct diags ds = {NULL, 0, 0};
		size_t n = policy_add(p, LAYER_COMMAND, "a.rtfs", "/",
		    wrong[i].text, strlen(wrong[i].text), &ds);

		CU_ASSERT_EQUAL(n, 1);
		CU_ASSERT_EQUAL_FATAL(ds.n, 1);
		if (ds.item[0].line != wrong[i].line ||
		    strstr(ds.item[0].message, wrong[i].says) == NULL) {
			printf("%s: line %u: %s\n", wrong[i].text,
			    ds.item[0].line, ds.item[0].message);
			CU_FAIL("wrong place or text");
		}
		diags_free(&ds);
		policy_free(p);
	}
}

static void
test_keys(void)
{
	static const char text[] =
	    "{:default {:execute [\"bin\"] :rootfs \"tree\" :dir "
	    "\"/var/x/../y\"\n"
	    " :degrade [:tree :cgroup] :require [:landlock] :slot :once\n"
	    " :syscalls [:files \"openat\"] :program [\"cat\" \"./tool\" "
	    "\"/opt/*\"]\n"
	    " :secrets {\"KEY\" \"stripe-key\"} :user \"nobody:nogroup\"\n"
	    " :umask 0o027 :niceness 5 :concurrency 4 :weight 10}}";
	struct policy *p = with(text, LAYER_COMMAND);
	const struct effective *eff = resolve(p, &user_cap);

	CU_ASSERT_STRING_EQUAL(eff->execute[0], "/srv/bin");
	CU_ASSERT_STRING_EQUAL(eff->rootfs, "/srv/tree");
	CU_ASSERT_STRING_EQUAL(eff->dir, "/var/y");
	CU_ASSERT_EQUAL(eff->degrade, DEGRADE_TREE | DEGRADE_CGROUP);
	CU_ASSERT_STRING_EQUAL(eff->require[0], "landlock");
	CU_ASSERT_EQUAL(eff->slot, SLOT_ONCE);
	CU_ASSERT_STRING_EQUAL(eff->syscalls[0], ":files");
	CU_ASSERT_STRING_EQUAL(eff->syscalls[1], "openat");
	CU_ASSERT_STRING_EQUAL(eff->program[0], "cat");
	CU_ASSERT_STRING_EQUAL(eff->program[1], "/srv/tool");
	CU_ASSERT_STRING_EQUAL(eff->program[2], "/opt/*");
	CU_ASSERT_EQUAL(eff->nsecrets, 1);
	CU_ASSERT_STRING_EQUAL(eff->secrets[0].name, "KEY");
	CU_ASSERT_STRING_EQUAL(eff->secrets[0].value, "stripe-key");
	CU_ASSERT_STRING_EQUAL(eff->user, "nobody:nogroup");
	CU_ASSERT_EQUAL(eff->umask, 027);
	CU_ASSERT_EQUAL(eff->niceness, 5);
	CU_ASSERT_EQUAL(eff->concurrency, 4);
	CU_ASSERT_EQUAL(eff->weight, 10);
	CU_ASSERT_EQUAL(eff->origin[SETTING_UMASK].line, 5);
	CU_ASSERT_PTR_NULL(eff->origin[SETTING_NETWORK].file);
	policy_free(p);
}

/* What nobody says is what the design says, and stands in the digest. */
static void
test_unsaid(void)
{
	struct policy *p = policy_new();
	const struct effective *eff = resolve(p, &user_cap);
	uint64_t digest = eff->digest;

	CU_ASSERT_EQUAL(eff->umask, UMASK_DEFAULT);
	CU_ASSERT_EQUAL(eff->weight, 1);
	CU_ASSERT_EQUAL(eff->concurrency, 0);
	CU_ASSERT_EQUAL(eff->slot, SLOT_REUSED);
	CU_ASSERT_PTR_NULL(eff->program);
	policy_free(p);
	p = with("{:default {:secrets {\"K\" \"a\"}}}", LAYER_COMMAND);
	CU_ASSERT_NOT_EQUAL(resolve(p, &user_cap)->digest, digest);
	policy_free(p);
}

/* Totals of every layer hold together. */
static void
test_totals(void)
{
	struct policy *p = with(
	    "{:total {:tasks 100 :memory \"2G\" :wall \"2h\"}}", LAYER_SYSTEM);
	static const char more[] = "{:total {:tasks 200 :memory \"1G\"\n"
	                           "  :concurrency 8}}";
	struct diags ds = {NULL, 0, 0};

	CU_ASSERT_EQUAL(
	    policy_add(p, LAYER_COMMAND, "b", "/", more, strlen(more), &ds), 0);
	CU_ASSERT_EQUAL(policy_total(p, TOTAL_TASKS).amount, 100);
	CU_ASSERT_EQUAL(policy_total(p, TOTAL_MEMORY).amount, 1U << 30);
	CU_ASSERT_EQUAL(policy_total(p, TOTAL_WALL).amount, 7200);
	CU_ASSERT_EQUAL(policy_total(p, TOTAL_CONCURRENCY).origin.line, 2);
	CU_ASSERT_FALSE(policy_total(p, TOTAL_PIDS).set);
	policy_free(p);
}

static void
test_all_problems_at_once(void)
{
	static const char text[] = "{:default {:limits {:data -1\n"
	                           "  :cpu 3} :timeout \"x\"}\n :foo 1}";
	struct policy *p = policy_new();
	struct diags ds = {NULL, 0, 0};

	CU_ASSERT_EQUAL(
	    policy_add(p, LAYER_COMMAND, "a", "/", text, strlen(text), &ds), 4);
	CU_ASSERT_EQUAL(resolve(p, &user_cap)->limit[LIMIT_CPU].soft, 30);
	diags_free(&ds);
	policy_free(p);
}

/* A ceiling lowers what stands at its own layer or below, denies what a
 * higher layer asks above it. */
static void
test_ceilings(void)
{
	struct policy *p = with("{:max {:timeout \"10s\"\n"
	                        " :limits {:data \"64M\" :as \"1G\"}}}",
	    LAYER_SYSTEM);
	const struct effective *eff = resolve(p, &user_cap);
	struct error e;

	CU_ASSERT_EQUAL(eff->timeout, 10 * NS_PER_SEC);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_DATA].soft, 64U << 20);
	CU_ASSERT_EQUAL(eff->limit[LIMIT_AS].hard, 1U << 30);
	CU_ASSERT_EQUAL(policy_option(p, "limits.data", "1G", &e), 0);
	CU_ASSERT_EQUAL(policy_resolve(p, &user_cap, VAL_NIL, &eff, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_POLICY);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "a.rtfs:2"));
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "the command line"));
	policy_free(p);
}

/* A soft or a hard one, if it was said; one second more for :cpu was not. */
static const struct {
	const char *max, *rule; /* :limits */
	bool lowered;           /* where they stand in one file; else denied */
} above_cases[] = {
    {":nofile 40",           ":nofile 99",      true },
    {":nofile 40",           ":nofile [10 99]", true },
    {":nofile 40",           ":nofile [10 40]", false},
    {":nofile [30 40]",      ":nofile [31 40]", true },
    {":nofile [30 40]",      ":nofile 30",      false},
    {":cpu [\"9s\" \"9s\"]", ":cpu \"9s\"",     false},
    {":output [10 20]",      ":output 10",      false},
    {":output [10 20]",      ":output [10 30]", true },
};

static void
test_above(void)
{
	const struct effective *eff;
	struct diags ds = {NULL, 0, 0};
	struct policy *p;
	struct error e;
	char text[256];
	size_t i, n = 0;

	for (i = 0; i < NITEMS(above_cases); i++) {
		snprintf(text, sizeof(text),
		    "{:max {:limits {%s}} :rules [{:match \"*\" :limits "
		    "{%s}}]}",
		    above_cases[i].max, above_cases[i].rule);
		p = with(text, LAYER_SYSTEM);
		eff = resolve(p, &fs_read);
		for (n = 0; n < LIMIT_COUNT && !eff->limit[n].lowered; n++)
			;
		CU_ASSERT_EQUAL(n < LIMIT_COUNT, above_cases[i].lowered);
		policy_free(p);
		snprintf(text, sizeof(text), "{:max {:limits {%s}}}",
		    above_cases[i].max);
		p = with(text, LAYER_SYSTEM);
		snprintf(text, sizeof(text),
		    "{:rules [{:match \"*\" :limits {%s}}]}",
		    above_cases[i].rule);
		CU_ASSERT_EQUAL(policy_add(p, LAYER_COMMAND, "b.rtfs", "/",
		                    text, strlen(text), &ds),
		    0);
		CU_ASSERT_EQUAL(policy_resolve(p, &fs_read, VAL_NIL, &eff, &e),
		    above_cases[i].lowered ? -1 : 0);
		policy_free(p);
	}
	diags_free(&ds);
}

static void
test_deny(void)
{
	struct policy *p =
	    with("{:deny [\"*\"] :allow [\"api.*\"]}", LAYER_COMMAND);
	const struct effective *eff;
	struct error e;

	CU_ASSERT_EQUAL(policy_resolve(p, &user_cap, VAL_NIL, &eff, &e), 0);
	CU_ASSERT_EQUAL(policy_resolve(p, &fs_read, VAL_NIL, &eff, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_POLICY);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "a.rtfs:1"));
	policy_free(p);
}

static val
read_form(struct heap *h, const char *text)
{
	struct error e;
	val v = VAL_NIL;

	CU_ASSERT_EQUAL(read_one(h, text, strlen(text), NULL, &v, &e), 0);
	return v;
}

static const struct {
	const char *options;
	int rc;
	enum errkind kind;
	const char *says;
} task_cases[] = {
    {"{:timeout \"1s\" :retries 2 :limits {:data \"1G\"}}", 0,  EK_NONE,     ""                     },
    {"{:timeout \"1 s\"}",                                  -1, EK_ARGUMENT, "1 s"                  },
    {"{:tiemout \"1s\"}",                                   -1, EK_ARGUMENT, "did you mean :timeout"},
    {"{:retries -1}",                                       -1, EK_ARGUMENT, ":retries"             },
    {"{:network :host}",                                    -1, EK_POLICY,   "--allow-net"          },
    {"{:write [\"/srv\"]}",                                 -1, EK_POLICY,   "--allow-write /srv"   },
    {"{:read [\"/srv/in/deep\"]}",                          0,  EK_NONE,     ""                     },
    {"{:read [\"/srv/in\" \"/etc\"]}",                      -1, EK_POLICY,   "/etc"                 },
    {"{:env [\"HOME\"]}",                                   -1, EK_POLICY,   "HOME"                 },
    {"{:isolation :sandboxed}",                             0,  EK_NONE,     ""                     },
};

static void
test_task_options(void)
{
	struct policy *p = with("{:default {:read [\"in\"]}}", LAYER_COMMAND);
	struct heap *h = heap_new(0);
	const struct effective *eff;
	struct error e;
	size_t i;
	int rc;

	for (i = 0; i < NITEMS(task_cases); i++) {
		rc = policy_resolve(p, &user_cap,
		    read_form(h, task_cases[i].options), &eff, &e);
		CU_ASSERT_EQUAL(rc, task_cases[i].rc);
		if (rc == -1) {
			CU_ASSERT_EQUAL(e.kind, task_cases[i].kind);
			if (strstr(e.msg, task_cases[i].says) == NULL) {
				printf(
				    "%s: %s\n", task_cases[i].options, e.msg);
				CU_FAIL("message");
			}
		}
	}
	CU_ASSERT_EQUAL(policy_resolve(p, &user_cap,
	                    read_form(h, "{:timeout 5}"), &eff, &e),
	    0);
	CU_ASSERT_EQUAL(eff->timeout, 5 * NS_PER_MS);
	heap_free(h);
	policy_free(p);
}

static void
test_options_win(void)
{
	struct policy *p =
	    with("{:rules [{:match \"*\" :timeout 1}]}", LAYER_COMMAND);
	const struct effective *eff;
	struct error e;

	CU_ASSERT_EQUAL(policy_option(p, "timeout", "3s", &e), 0);
	CU_ASSERT_EQUAL(policy_option(p, "allow-net", "a.example:443", &e), 0);
	CU_ASSERT_EQUAL(policy_option(p, "limits.cpus", "0.125", &e), 0);
	CU_ASSERT_EQUAL(policy_option(p, "limits.cpus", "1.", &e), -1);
	CU_ASSERT_EQUAL(policy_option(p, "limits.cpus", "1e3", &e), -1);
	CU_ASSERT_EQUAL(policy_option(p, "limits.cpus", "0.001", &e), -1);
	CU_ASSERT_EQUAL(policy_option(p, "limits.nofile", "12x", &e), -1);
	CU_ASSERT_EQUAL(policy_option(p, "limits.nosuch", "1", &e), -1);
	eff = resolve(p, &user_cap);
	CU_ASSERT_EQUAL(eff->timeout, 3 * NS_PER_SEC);
	CU_ASSERT_EQUAL(eff->network, NETWORK_HOST);
	CU_ASSERT_TRUE(policy_host_allowed(eff->allow, "a.example", 443));
	CU_ASSERT_FALSE(policy_host_allowed(eff->allow, "a.example", 80));
	CU_ASSERT_FALSE(policy_host_allowed(eff->allow, "b.a.example", 443));
	policy_free(p);
}

/* Who may be given what: a rule that gives more than the defaults reaches only
 * capabilities that are defined at least as high; others it passes over. */
static const struct {
	enum layer rule;
	const char *says;
	enum layer capability;
	bool applies;
} trust_cases[] = {
    {LAYER_SYSTEM,  ":write [\"/x\"]",              LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":write [\"/x\"]",              LAYER_USER,    false},
    {LAYER_SYSTEM,  ":write [\"/x\"]",              LAYER_SYSTEM,  true },
    {LAYER_SYSTEM,  ":write [\"/x\"]",              LAYER_BUILTIN, true },
    {LAYER_USER,    ":write [\"/x\"]",              LAYER_USER,    true },
    {LAYER_COMMAND, ":write [\"/x\"]",              LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":write [\"/x\"] :from :any",   LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":write []",                    LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":read [\"/x\"]",               LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":execute [\"/x\"]",            LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":network :host",               LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":network :loopback",           LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":network :none",               LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":env [\"A\"]",                 LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":env []",                      LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":secrets {\"A\" \"a\"}",       LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":syscalls [:exec]",            LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":syscalls [:files :exec]",     LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":syscalls [:exec :network]",   LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":syscalls [\"flock\"]",        LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":rootfs \"/t\"",               LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":user \"root\"",               LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":degrade [:tree]",             LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":niceness -1",                 LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":niceness 5",                  LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":limits {:data \"1G\"}",       LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":limits {:data \"512M\"}",     LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":limits {:data \"1M\"}",       LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":limits {:nofile [256 512]}",  LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":limits {:as \"1G\"}",         LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":timeout \"1m\"",              LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":timeout \"1s\"",              LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":isolation :inherit",          LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":isolation :sandboxed",        LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":program [\"cat\"]",           LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":slot :once :require [:proc]", LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":require [:seccomp :proc]",    LAYER_COMMAND, true },
    {LAYER_SYSTEM,  ":require [:seccomp]",          LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":require []",                  LAYER_COMMAND, false},
    {LAYER_SYSTEM,  ":concurrency 1 :weight 2",     LAYER_COMMAND, true },
};

static void
test_trust(void)
{
	struct capability c = {.id = (char[]){"api.x"}, .kind = CAP_EXEC};
	struct policy *p;
	char text[256];
	size_t i;

	for (i = 0; i < NITEMS(trust_cases); i++) {
		snprintf(text, sizeof(text),
		    "{:default {:isolation :isolated :require [:proc]}\n"
		    " :rules [{:match \"*\" :umask \"000\" %s}]}",
		    trust_cases[i].says);
		p = with(text, trust_cases[i].rule);
		c.layer = trust_cases[i].capability;
		if ((resolve(p, &c)->umask == 0) != trust_cases[i].applies) {
			printf("%s for a capability of layer %s\n",
			    trust_cases[i].says, layer_name(c.layer));
			CU_FAIL("trust");
		}
		policy_free(p);
	}
}

static void
test_hosts(void)
{
	char *allow[] = {(char[]){"api.example.com:443"},
	    (char[]){"*.internal:80"}, (char[]){"[::1]:8080"},
	    (char[]){"any.example"}, NULL};
	static const struct {
		const char *host;
		unsigned int port;
		bool allowed;
	} hosts[] = {
	    {"api.example.com",     443,  true },
	    {"api.example.com",     80,   false},
	    {"www.api.example.com", 443,  false},
	    {"a.internal",          80,   true },
	    {"a.b.internal",        80,   true },
	    {"a.internal",          8080, false},
	    {"internal",            80,   false},
	    {"ainternal",           80,   false},
	    {"a.internal.evil",     80,   false},
	    {"::1",                 8080, true },
	    {"::1",                 80,   false},
	    {"any.example",         1,    true },
	};
	size_t i;

	for (i = 0; i < NITEMS(hosts); i++) {
		CU_ASSERT_EQUAL(
		    policy_host_allowed(allow, hosts[i].host, hosts[i].port),
		    hosts[i].allowed);
	}
	CU_ASSERT_FALSE(policy_host_allowed(NULL, "any.example", 1));
}

static void
test_globs(void)
{
	CU_ASSERT_TRUE(glob_match("fs.*", "fs.read"));
	CU_ASSERT_TRUE(glob_match("*", "a.b.c"));
	CU_ASSERT_TRUE(glob_match("a*c*e", "abcde"));
	CU_ASSERT_FALSE(glob_match("fs.*", "fsx"));
	CU_ASSERT_FALSE(glob_match("a*c", "abd"));
	CU_ASSERT_FALSE(glob_match("", "a"));
	CU_ASSERT_TRUE(glob_match("**", ""));
}

UNIT_MAIN("policy", {"built-in layer", test_builtin}, {"rules", test_rules},
    {"what is wrong is named with its place", test_wrong},
    {"every key reaches the effective policy", test_keys},
    {"what nobody says", test_unsaid}, {"totals hold together", test_totals},
    {"all problems at once", test_all_problems_at_once},
    {"ceilings lower or deny", test_ceilings}, {"soft and hard", test_above},
    {"deny all but", test_deny}, {"task options", test_task_options},
    {"options of the command line win", test_options_win},
    {"grants stay within trust", test_trust}, {"globs", test_globs},
    {"hosts and ports", test_hosts})
