/* rooms: batch */
#include <string.h>

#include "batch/quote.h"
#include "batch/template.h"
#include "tests/unit/unit.h"

/* The values of the cases, up to four; those with '=' have a name. */
struct values {
	struct job_value value[4];
	char *text[4];
	size_t n;
};

static struct fill
fill_of(struct values *v, const char *const *texts, unsigned int slot)
{
	const char *eq;
	size_t i;

	for (i = 0; i < 4 && texts[i] != NULL; i++) {
		eq = strchr(texts[i], '=');
		v->text[i] = xstrdup(texts[i]);
		v->value[i].name = NULL;
		v->value[i].text = v->text[i];
		if (eq != NULL) {
			v->text[i][eq - texts[i]] = '\0';
			v->value[i].name = v->text[i];
			v->value[i].text = v->text[i] + (eq - texts[i]) + 1;
		}
	}
	v->n = i;
	return (struct fill){v->value, v->n, 7, slot};
}

static void
values_free(struct values *v)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		free(v->text[i]);
}

static const struct {
	const char *template;
	const char *values[5];
	const char *text;
	const char *words; /* one by one, '|' between them */
	const char *repeated;
} places[] = {
    {"{}",              {"a b"},             "'a b'",           "a b",             "a b"        },
    {"{}",              {"a", "b"},          "a b",             "a|b",             "a|b"        },
    {"p-{}.x",          {"a", "b"},          "p-a b.x",         "p-a|b.x",         "p-a.x|p-b.x"},
    {"{.}x{}",          {"a.b", "c.d"},      "a cxa.b c.d",     "a|cxa.b|c.d",     "axa.b|cxc.d"},
    {"{}",              {NULL},              "",                "",                ""           },
    {"x{}",             {NULL},              "x",               "x",               "x"          },
    {"{}",              {""},                "''",              "<>",              "<>"         },
    {"{#}:{%}",         {"a"},               "7:{%}",           "7:{%}",           "7:{%}"      },
    {"{1}-{2}-{3}",     {"a", "b"},          "a-b-",            "a-b-",            "a-b-"       },
    {"{-1}{-2}{-3}",    {"a", "b"},          "ba",              "ba",              "ba"         },
    {"{0}",             {"a"},               "{0}",             "{0}",             "{0}"        },
    {"{1.} {2/} {2//}", {"a.b/c.d", "/x/y"}, "a.b/c y /x",      "a.b/c y /x",
     "a.b/c y /x"                                                                               },
    {"{2/.}",           {"a", "x/y.tar.gz"}, "y.tar",           "y.tar",           "y.tar"      },
    {"{id} {print $1}", {"a"},               "{id} {print $1}", "{id} {print $1}",
     "{id} {print $1}"                                                                          },
    {"{x}+{y.}+{z}",    {"x=1", "y=a.b"},    "1+a+{z}",         "1+a+{z}",         "1+a+{z}"    },
    {"{a/b}",           {"a/b=1"},           "1",               "1",               "1"          },
    {"{",               {"a"},               "{",               "{",               "{"          },
    {"{{}}",            {"a"},               "{a}",             "{a}",             "{a}"        },
    {"}{",              {"a"},               "}{",              "}{",              "}{"         },
    {"{}}{",            {"a"},               "a}{",             "a}{",             "a}{"        },
    {"",                {"a"},               "",                "<>",              "<>"         },
};

static void
expect_words(const char *expected, struct words *w)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (i > 0)
			buf_addc(&b, '|');
		buf_adds(&b, w->item[i][0] == '\0' ? "<>" : w->item[i]);
	}
	CU_ASSERT_STRING_EQUAL(buf_str(&b), expected);
	buf_free(&b);
	words_free(w);
}

static void
test_places(void)
{
	struct values v;
	struct fill f;
	struct template *t;
	struct buf b = BUF_INIT;
	struct words w = {NULL, 0, 0};
	size_t i;

	for (i = 0; i < NITEMS(places); i++) {
		f = fill_of(&v, places[i].values, 0);
		t = template_new(places[i].template, NULL);
		buf_clear(&b);
		template_text(t, &f, QUOTE_VALUES, &b);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), places[i].text);
		template_words(t, &f, &w);
		expect_words(places[i].words, &w);
		template_repeat(t, &f, &w);
		expect_words(places[i].repeated, &w);
		template_free(t);
		values_free(&v);
	}
	buf_free(&b);
}

static const struct {
	const char *value;
	const char *cut[4]; /* {.} {/} {//} {/.} */
} cuts[] = {
    {"a",          {"a", "a", ".", "a"}                 },
    {"a.b",        {"a", "a.b", ".", "a"}               },
    {".bashrc",    {"", ".bashrc", ".", ""}             },
    {"a.b/c",      {"a.b/c", "c", "a.b", "c"}           },
    {"/x/",        {"/x/", "", "/", ""}                 },
    {"x/",         {"x/", "", ".", ""}                  },
    {"/",          {"/", "", "/", ""}                   },
    {"//",         {"//", "", "/", ""}                  },
    {"a//b",       {"a//b", "b", "a", "b"}              },
    {"a//b//c",    {"a//b//c", "c", "a//b", "c"}        },
    {"a/b.tar.gz", {"a/b.tar", "b.tar.gz", "a", "b.tar"}},
    {"a.",         {"a.", "a.", ".", "a."}              },
    {"",           {"", "", ".", ""}                    },
};

/* As GNU parallel has it; tests/e2e/batch-parallel.sh compares. */
static void
test_cuts(void)
{
	static const char *const templates[] = {"{.}", "{/}", "{//}", "{/.}"};
	const char *one[5] = {NULL};
	struct values v;
	struct fill f;
	struct template *t;
	struct buf b = BUF_INIT;
	size_t i, k;

	for (i = 0; i < NITEMS(cuts); i++) {
		one[0] = cuts[i].value;
		f = fill_of(&v, one, 1);
		for (k = 0; k < NITEMS(templates); k++) {
			t = template_new(templates[k], NULL);
			buf_clear(&b);
			template_text(t, &f, QUOTE_NOTHING, &b);
			CU_ASSERT_STRING_EQUAL(buf_str(&b), cuts[i].cut[k]);
			template_free(t);
		}
		values_free(&v);
	}
	buf_free(&b);
}

static void
test_words_quoted(void)
{
	static const struct {
		const char *template;
		const char *value;
		const char *text;
	} texts[] = {
	    {"x{}y",     "a b", "x'a b'y" },
	    {"a=b:{id}", "x",   "a=b:{id}"},
	    {"{a,b}",    "x",   "'{a,b}'" },
	    {"{1..3}",   "x",   "'{1..3}'"},
	    {"$x{}",     "y",   "'$x'y"   },
	    {"a b",      "x",   "'a b'"   },
	    {"",         "x",   "''"      },
	    {"{}",       "",    "''"      },
	};
	const char *one[5] = {NULL};
	struct values v;
	struct fill f;
	struct template *t;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < NITEMS(texts); i++) {
		one[0] = texts[i].value;
		f = fill_of(&v, one, 1);
		t = template_new(texts[i].template, NULL);
		buf_clear(&b);
		template_text(t, &f, QUOTE_WORD, &b);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), texts[i].text);
		template_free(t);
		values_free(&v);
	}
	buf_free(&b);
}

static void
test_replace(void)
{
	static const char *const one[5] = {"a.b"};
	struct values v;
	struct fill f = fill_of(&v, one, 3);
	struct template *t = template_new("<,,> {} {.} {%} ,,.", ",,");
	struct buf b = BUF_INIT;

	template_text(t, &f, QUOTE_NOTHING, &b);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "<a.b> {} a 3 a.b.");
	CU_ASSERT(template_wants_slot(t));
	CU_ASSERT(template_wants_all(t));
	CU_ASSERT(!template_is_place(t, &f));
	template_free(t);
	t = template_new("{print $1} {x}", NULL);
	CU_ASSERT(!template_fills(t, &f));
	CU_ASSERT(!template_wants_slot(t));
	template_free(t);
	t = template_new("{1}", NULL);
	CU_ASSERT(template_fills(t, &f));
	CU_ASSERT(template_is_place(t, &f));
	CU_ASSERT(!template_wants_all(t));
	template_free(t);
	values_free(&v);
	buf_free(&b);
}

static void
test_quote(void)
{
	static const struct {
		const char *word;
		const char *quoted;
	} words[] = {
	    {"a",        "a"           },
	    {"a-B_0./+", "a-B_0./+"    },
	    {"",         "''"          },
	    {"a b",      "'a b'"       },
	    {"$x",       "'$x'"        },
	    {"it's",     "'it'\"'\"'s'"},
	    {"a\nb",     "'a\nb'"      },
	    {"x:y",      "'x:y'"       },
	    {"~",        "'~'"         },
	    {"\xc3\xa9", "'\xc3\xa9'"  },
	};
	char a[] = "echo", two[] = "a b";
	char *const list[] = {a, two, NULL};
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < NITEMS(words); i++) {
		buf_clear(&b);
		quote_word(&b, words[i].word);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), words[i].quoted);
	}
	buf_clear(&b);
	quote_words(&b, list);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "echo 'a b'");
	buf_free(&b);
}

UNIT_MAIN("batch_template", {"places", test_places}, {"cuts", test_cuts},
    {"words", test_words_quoted}, {"-I", test_replace}, {"quotes", test_quote})
