/* rooms: host pool sandbox proto policy task lang value base */
/* The table of capabilities and the manifests that fill it. */
#include <stdlib.h>
#include <string.h>

#include "host/manifest.h"
#include "host/registry.h"
#include "task/builtin.h"
#include "tests/unit/unit.h"

static void
test_builtin(void)
{
	struct registry *r = registry_new();
	const struct builtin *b;
	const struct capability *c;
	size_t i, n;

	b = builtin_table(&n);
	for (i = 0; i < n; i++) {
		c = registry_find(r, b[i].id);
		CU_ASSERT_PTR_NOT_NULL_FATAL(c);
		CU_ASSERT_STRING_EQUAL(c->id, b[i].id);
		CU_ASSERT_EQUAL(c->kind, b[i].kind);
		if (b[i].params != NULL && c->params == NULL) {
			CU_FAIL("a :params type that does not read");
			fprintf(stderr, "%s: %s\n", b[i].id, b[i].params);
		}
	}
	CU_ASSERT_PTR_NULL(registry_find(r, "no.such"));
	CU_ASSERT_PTR_NULL(registry_find(r, ""));
	registry_free(r);
}

static void
test_suggest(void)
{
	static const struct {
		const char *id;
		const char *want;
	} cases[] = {
	    {"fs.raed",                "; did you mean :fs.read?"   },
	    {"text.uppr",              "; did you mean :text.upper?"},
	    {"nothing-like-it-at-all", ""                           },
	};
	struct registry *r = registry_new();
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct buf b = BUF_INIT;

		registry_suggest(r, cases[i].id, &b);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), cases[i].want);
		buf_free(&b);
	}
	registry_free(r);
}

static void
test_add(void)
{
	static const char *const refused[] = {
	    "fs.mine", "io.x", "rtfs.x", "ccos.x", "parallel", "parallel.x"};
	struct registry *r = registry_new();
	struct capability c;
	struct error e;
	char id[32];
	size_t i, n;

	for (i = 0; i < NITEMS(refused); i++) {
		memset(&c, 0, sizeof(c));
		c.id = xstrdup(refused[i]);
		CU_ASSERT_EQUAL(registry_add(r, &c, &e), -1);
		CU_ASSERT_EQUAL(e.kind, EK_POLICY);
		capability_clear(&c);
	}
	for (i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "my.cap-%zu", i);
		memset(&c, 0, sizeof(c));
		c.id = xstrdup(id);
		c.file = xstrdup("/etc/rtfs/capabilities.rtfs");
		c.line = (unsigned int)i;
		CU_ASSERT_EQUAL(registry_add(r, &c, &e), 0);
	}
	CU_ASSERT_EQUAL(registry_find(r, "my.cap-777")->line, 777);
	memset(&c, 0, sizeof(c));
	c.id = xstrdup("my.cap-5");
	CU_ASSERT_EQUAL(registry_add(r, &c, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "/etc/rtfs/capabilities.rtfs:5"));
	capability_clear(&c);
	free((void *)(uintptr_t)registry_list(r, &n));
	CU_ASSERT(n > 1000);
	registry_free(r);
}

/* One manifest, the number of its errors, and a piece of the first one. */
static const struct {
	const char *text;
	size_t errors;
	const char *why;
	unsigned int line;
	unsigned int column;
} manifests[] = {
    {"",                                                                   0, NULL,                                      0, 0 },
    {"(capability :a.b :exec [\"sh\"])",                                   0, NULL,                                      0, 0 },
    {"(capability :a.b :doc \"x\" :exec [\"./sh\" \"-c\"] :codec :argv\n"
     " :params [:tuple :int] :result :string)",                       0, NULL,                                      0, 0 },
    {"(capability)",                                                       1, "begins with its id",                      1, 1 },
    {"(capability :a.b)",                                                  1, "exactly one of :exec, :plugin and :rtfs", 1, 1 },
    {"\n  (capability :a.b :exec [])",                                     1, "one or more strings",                     2, 26},
    {"(capability :a.b :exec [\"sh\" 1])",                                 1, "word 2",                                  1, 24},
    {"(capability :a.b :exce [\"sh\"])",                                   1, "did you mean :exec?",                     1, 18},
    {"(capability :a.b :exec [\"sh\"] :codec)",                            1, "value is missing",                        1, 31},
    {"(capability :a.b :exec [\"sh\"] :codec :xml)",                       1, ":codec is",                               1, 38},
    {"(capability :a.b :exec [\"sh\"] :codec :msgpack :keys :keyword)",    1,
     "msgpack carries keywords",                                                                                         1, 1 },
    {"(capability :a.b :plugin \"x.so\")",                                 0, NULL,                                      0, 0 },
    {"(capability :a.b :plugin [\"x.so\"])",                               1, "one shared object",                       1, 26},
    {"(capability :a.b :plugin \"x.so\" :exec [\"sh\"])",                  1, "exactly one of",
     1,                                                                                                                     1 },
    {"(capability :a.b :plugin \"x.so\" :codec :json)",                    1, "belong to :exec",                         1,
     1                                                                                                                        },
    {"(capability :a.b :exec [\"sh\"] :params [:tuple :itn])",             1, ":itn",                                    1,
     39                                                                                                                       },
    {"(capability :fs.x :exec [\"sh\"])",                                  1, "built-in",                                1, 1 },
    {"(capability :a.b :exec [\"sh\"])\n(capability :a.b :exec [\"sh\"])", 1,
     "defined already, at /m/capabilities.rtfs:1",                                                                       2, 1 },
    {"(capability :a.b :exec [\"sh\"] :encoding :base64)",                 1, ":codec :raw",                             1,
     1                                                                                                                        },
    {"(println 1)",                                                        1, "expected (capability ...)",               1, 1 },
    {"(capability :a.b :x 1 :y 2)\n(capability :c.d :z 3)",                3, "unknown key",                             1,
     18                                                                                                                       },
    {"(capability :a.b",                                                   1, "",                                        1, 1 },
    {"(capability :a.b :rtfs 5)",                                          1, "no function",                             0, 0 },
    {"(capability :a.b :rtfs (fn [x] x) :codec :json)",                    1, "belong to :exec",                         1,
     1                                                                                                                        },
    {"(def n 0)\n(def m (/ 1 n))\n(capability :a.b :rtfs (fn [x] m))",     1,
     "DivisionByZero",                                                                                                   2, 8 },
};

static void
test_manifests(void)
{
	struct registry *r;
	struct diags ds;
	size_t i, errors;

	for (i = 0; i < NITEMS(manifests); i++) {
		r = registry_new();
		memset(&ds, 0, sizeof(ds));
		errors = manifest_add(r, LAYER_COMMAND, "/m/capabilities.rtfs",
		    manifests[i].text, strlen(manifests[i].text), &ds);
		CU_ASSERT_EQUAL(errors, manifests[i].errors);
		if (errors > 0 && manifests[i].why != NULL) {
			CU_ASSERT_PTR_NOT_NULL(
			    strstr(ds.item[0].message, manifests[i].why));
			CU_ASSERT_EQUAL(ds.item[0].line, manifests[i].line);
			CU_ASSERT_EQUAL(ds.item[0].column, manifests[i].column);
			if (ds.item[0].line != manifests[i].line ||
			    ds.item[0].column != manifests[i].column ||
			    strstr(ds.item[0].message, manifests[i].why) ==
			        NULL) {
				fprintf(stderr, "%s: %u:%u: %s\n",
				    manifests[i].text, ds.item[0].line,
				    ds.item[0].column, ds.item[0].message);
			}
		}
		diags_free(&ds);
		registry_free(r);
	}
}

static void
test_exec(void)
{
	static const char text[] =
	    "(capability :x.here :exec [\"./run.py\" \"../data\" \"./a\" "
	    "\"b/c\"])\n"
	    "(capability :x.slash :exec [\"bin/run\"])\n"
	    "(capability :x.path :exec [\"sh\" \"-c\" \"true\"])\n"
	    "(capability :x.none :exec [\"no-such-command-here\"])\n"
	    "(capability :x.dir :exec [\"/\"])\n";
	struct registry *r = registry_new();
	const struct capability *c;
	struct diags ds;

	memset(&ds, 0, sizeof(ds));
	CU_ASSERT_EQUAL(manifest_add(r, LAYER_USER, "/m/n/capabilities.rtfs",
	                    text, strlen(text), &ds),
	    0);
	c = registry_find(r, "x.here");
	CU_ASSERT_STRING_EQUAL(c->program, "/m/n/run.py");
	CU_ASSERT_STRING_EQUAL(c->argv[1], "/m/n/../data");
	CU_ASSERT_STRING_EQUAL(c->argv[2], "/m/n/a");
	CU_ASSERT_STRING_EQUAL(c->argv[3], "b/c");
	CU_ASSERT_PTR_NULL(c->argv[4]);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c->broken);
	CU_ASSERT_STRING_EQUAL(c->broken,
	    "run.py: No such file or directory (/m/n/capabilities.rtfs:1)");
	CU_ASSERT_EQUAL(c->layer, LAYER_USER);
	CU_ASSERT_EQUAL(c->codec, CODEC_JSON);
	CU_ASSERT_FALSE(c->trusted);
	CU_ASSERT_STRING_EQUAL(
	    registry_find(r, "x.slash")->program, "/m/n/bin/run");
	c = registry_find(r, "x.path");
	CU_ASSERT_PTR_NULL(c->broken);
	CU_ASSERT_PTR_NOT_NULL(strstr(c->program, "/sh"));
	CU_ASSERT_PTR_NOT_NULL(registry_find(r, "x.none")->broken);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(registry_find(r, "x.dir")->broken, "not a file"));
	diags_free(&ds);
	registry_free(r);
}

static void
test_functions(void)
{
	static const char text[] =
	    "(defn square [x] (* x x)) ; used below )(\n"
	    "#| ( |#\n"
	    "(capability :m.norm :doc \"a ) \\\" (\" :rtfs\n"
	    "  (fn [x y] (sqrt (+ (square x) (square y)))) :params [:tuple "
	    ":int :int])\n"
	    "(capability :m.inc :rtfs #(+ % 1))\n"
	    "(capability :m.square :rtfs square)\n"
	    "(capability :m.other :exec [\"sh\"])\n";
	struct registry *r = registry_new();
	const struct closure *first, *again, *other;
	const struct capability *c;
	struct diags ds;
	struct error e;

	memset(&ds, 0, sizeof(ds));
	CU_ASSERT_EQUAL(manifest_add(r, LAYER_COMMAND, "/m/capabilities.rtfs",
	                    text, strlen(text), &ds),
	    0);
	if (ds.n > 0) {
		fprintf(
		    stderr, "%u: %s\n", ds.item[0].line, ds.item[0].message);
	}
	c = registry_find(r, "m.norm");
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_EQUAL(c->kind, CAP_RTFS);
	CU_ASSERT_TRUE(c->trusted);
	CU_ASSERT_PTR_NOT_NULL(c->params);
	CU_ASSERT_EQUAL_FATAL(manifest_closure(c, &first, &e), 0);
	CU_ASSERT_EQUAL(manifest_closure(c, &again, &e), 0);
	CU_ASSERT_PTR_EQUAL(first, again);
	CU_ASSERT(first->len > 0);
	CU_ASSERT_EQUAL(
	    manifest_closure(registry_find(r, "m.square"), &other, &e), 0);
	CU_ASSERT_NOT_EQUAL(first->id, other->id);
	CU_ASSERT_EQUAL(
	    manifest_closure(registry_find(r, "m.inc"), &other, &e), 0);
	diags_free(&ds);
	registry_free(r);
}

/* A file with an error elsewhere: its functions are never made. */
static void
test_functions_without(void)
{
	static const char text[] = "(capability :m.inc :rtfs (fn [x] x))\n"
	                           "(capability :m.bad :exec [])\n";
	struct registry *r = registry_new();
	const struct capability *c;
	const struct closure *closure;
	struct diags ds;
	struct error e;

	memset(&ds, 0, sizeof(ds));
	CU_ASSERT_EQUAL(manifest_add(r, LAYER_COMMAND, "/m/capabilities.rtfs",
	                    text, strlen(text), &ds),
	    1);
	c = registry_find(r, "m.inc");
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_EQUAL(manifest_closure(c, &closure, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_UNAVAILABLE);
	diags_free(&ds);
	registry_free(r);
}

UNIT_MAIN("registry", {"built-in rows", test_builtin},
    {"near names", test_suggest}, {"adding", test_add},
    {"manifests", test_manifests}, {":exec", test_exec},
    {":rtfs", test_functions}, {":rtfs of a bad file", test_functions_without})
