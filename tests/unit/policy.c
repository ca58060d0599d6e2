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
    {"{:defualt {}}",                                     1, "did you mean :default"},
    {"{:default {:limits\n{:data -1}}}",                  2, ":unlimited"           },
    {"{:default {:limits {:cpu 60}}}",                    1, "say \"60s\""          },
    {"{:default {:limits {:cpu \"60\"}}}",                1, "60s"                  },
    {"{:default {:limits {:dota 1}}}",                    1, "did you mean :data"   },
    {"{:default {:umask \"077\"}}",                       1, "not supported yet"    },
    {"{:rules [{:timeout 1}]}",                           1, ":match"               },
    {"{:rules [{:match \"*\" :timeout \"5 s\"}]}",        1, "5 s"                  },
    {"{:rules [{:match \"*\" :limits {:nofile [2 1]}}]}", 1,
     "soft limit is above"                                                          },
    {"{:rules [{:match 5}]}",                             1, ":match"               },
    {"{:max {:isolation :inherit}}",                      1, ":isolation"           },
    {"{:default {:isolation :none}}",                     1, ":sandboxed"           },
    {"{:default {:timeout \"1s\"}",                       1, ""                     },
    {"[1]",                                               1, "one map"              },
    {"{} {}",                                             0, "2 forms"              },
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
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "options"));
	policy_free(p);
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

/* A manifest in the user's folder cannot name itself into a grant that the
 * system layer made; a limit is no grant. */
static void
test_trust(void)
{
	struct policy *p =
	    with("{:rules [{:match \"*\" :write [\"/x\"] :timeout 7}\n"
	         " {:match \"*\" :timeout 9}]}",
	        LAYER_SYSTEM);
	const struct effective *eff = resolve(p, &user_cap);

	CU_ASSERT_PTR_NULL(eff->write);
	CU_ASSERT_EQUAL(eff->timeout, 9 * NS_PER_MS);
	CU_ASSERT_TRUE(effective_may_write(resolve(p, &fs_read), "/x/y"));
	policy_free(p);
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
    {"all problems at once", test_all_problems_at_once},
    {"ceilings lower or deny", test_ceilings}, {"deny all but", test_deny},
    {"task options", test_task_options},
    {"options of the command line win", test_options_win},
    {"grants stay within trust", test_trust}, {"globs", test_globs})
