/* rooms: lang value base
 * Modules with files from a table: what is loaded when, what is kept after a
 * failure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lang/check.h"
#include "lang/image.h"
#include "lang/vm.h"
#include "tests/unit/unit.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/vector.h"

static struct {
	const char *path;
	const char *text;
	unsigned int reads;
} files[] = {
    {"a.rtfs",      "(import b) (def x (b/f 1)) (defmacro m [e] `(inc ~e))",     0},
    {"b.rtfs",      "(module b (:exports [f])) (def k 10) (defn f [n] (+ n k))", 0},
    {"cycle.rtfs",  "(import cycle2)",                                           0},
    {"cycle2.rtfs", "(import cycle)",                                            0},
    {"syntax.rtfs", "(import b)\n(let [x] x)",                                   0},
    {"throws.rtfs", "(def before 1) (throw :no) (def after 2)",                  0},
    {"d/e.rtfs",    "(def y 7)",                                                 0},
};

static int
read_module(void *arg ATTR_UNUSED, const char *path, struct buf *text,
    char **found, struct error *e)
{
	size_t i;

	for (i = 0; i < NITEMS(files); i++) {
		if (strcmp(files[i].path, path) == 0) {
			files[i].reads++;
			buf_adds(text, files[i].text);
			*found = xstrdup(path);
			return 0;
		}
	}
	error_set(e, EK_SYSTEM, "no module in %s", path);
	e->os_errno = ENOENT;
	return -1;
}

static const struct vm_config config = {.max_memory = (size_t)64 << 20,
    .may_call = true,
    .read_module = read_module};

static const struct {
	const char *text;
	const char *want; /* the value, or class, place and start of the text */
} rows[] = {
    {"(import b) (b/f 2)",                               "12"                                              },
    {"(import a) [a/x (a/m 4)]",                         "[11 5]"                                          },
    {"(import a :as q :only [x m]) [x q/x (m x)]",       "[11 11 12]"                                      },
    {"(import d.e) (import d/e) [d.e/y e/y]",            "[7 7]"                                           },
    {"(import b) (try b/k (catch UndefinedSymbol e 0))", "0"                                               },
    {"(def r 1)\n(import nope)",                         "ModuleNotFound t:2:1 no module in nope.rtfs"     },
    {"(import cycle)",
     "ModuleError cycle2.rtfs:1:1 modules import one another: cycle -> "
        "cycle2 "
        "-> cycle; imported at cycle.rtfs:1; imported at t:1"                                              },
    {"(import syntax)",                                  "ParseError syntax.rtfs:2:1 bind"                 },
    {"(import a..b)",                                    "ParseError t:1:1 import: a..b is no"             },
    {"(import b :only [k])",                             "ParseError t:1:1 import: k is not exp"           },
    {"(import b :only [f]) (def f 1)",                   "ParseError t:1:22 f is imported"                 },
    {"(def f 1) (import b :only [f])",
     "ParseError t:1:11 import: f is defined"                                                              },
    {"(fn [] (import b))",                               "ParseError t:1:8 import stands only at top level"},
};

static void
show(struct vm *vm, const char *text, struct buf *b)
{
	struct vm_place p;
	struct error e;

	buf_clear(b);
	if (vm_load(vm, "t", text, strlen(text), &e) == -1) {
		p = vm_error_place(vm);
		buf_addf(b, "%s %s:%u:%u %s", vm_load_class(vm), p.file, p.line,
		    p.column, e.msg);
		return;
	}
	if (vm_run(vm) == VM_DONE)
		print_readable(b, vm_value(vm));
	else
		buf_adds(b, "thrown");
	vm_reset(vm);
}

static void
test_cases(void)
{
	struct buf b = BUF_INIT;
	struct error e;
	struct vm *vm;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		CU_ASSERT_EQUAL_FATAL(vm_new(&config, &vm, &e), 0);
		show(vm, rows[i].text, &b);
		if (strncmp(buf_str(&b), rows[i].want, strlen(rows[i].want)))
			printf("%s -> %s\n", rows[i].text, buf_str(&b));
		CU_ASSERT_EQUAL(
		    strncmp(buf_str(&b), rows[i].want, strlen(rows[i].want)),
		    0);
		vm_free(vm);
	}
	buf_free(&b);
}

/* One machine, entry after entry, as in the repl. */
static void
test_entries(void)
{
	static const struct {
		const char *text, *want;
		unsigned int reads; /* of b.rtfs so far */
	} entry[] = {
	    {"(import b) (",             "ParseError",                 0}, /* never compiled */
	    {"(import b) (let [x] x)",   "ParseError",                 1},
	    {"(import b) (b/f 1)",       "11",                         2},
	    {"(import b) (b/f 2)",       "12",                         2},
	    {"(import syntax)",          "ParseError syntax.rtfs:2:1", 2},
	    {"(import throws) 1",        "thrown",                     2},
	    {"(import throws) 1",        "thrown",                     2},
	    {"(import a) [a/x (b/f 3)]", "[11 13]",                    2},
	    {"a/x",	              "11",                         2},
	};
	struct buf b = BUF_INIT;
	struct error e;
	struct vm *vm;
	size_t i;

	files[1].reads = files[5].reads = 0;
	CU_ASSERT_EQUAL_FATAL(vm_new(&config, &vm, &e), 0);
	for (i = 0; i < NITEMS(entry); i++) {
		show(vm, entry[i].text, &b);
		if (strncmp(
		        buf_str(&b), entry[i].want, strlen(entry[i].want)) != 0)
			printf("%s -> %s\n", entry[i].text, buf_str(&b));
		CU_ASSERT_EQUAL(
		    strncmp(buf_str(&b), entry[i].want, strlen(entry[i].want)),
		    0);
		CU_ASSERT_EQUAL(files[1].reads, entry[i].reads);
	}
	CU_ASSERT_EQUAL(files[5].reads, 2); /* it failed: read again */
	vm_free(vm);
	buf_free(&b);
}

static void
test_image(void)
{
	static const struct vm_config worker = {.max_memory = 64 << 20};
	const char *text = "(import b) (import a) "
	                   "(fn [n] [(b/f n) a/x ((fn [y] (b/f y)) 0)])";
	struct buf image = BUF_INIT, b = BUF_INIT;
	struct vm *vm, *w;
	struct error e;
	val f;

	CU_ASSERT_EQUAL_FATAL(vm_new(&config, &vm, &e), 0);
	CU_ASSERT_EQUAL_FATAL(vm_new(&worker, &w, &e), 0);
	CU_ASSERT_EQUAL_FATAL(vm_load(vm, "t", text, strlen(text), &e), 0);
	CU_ASSERT_EQUAL_FATAL(vm_run(vm), VM_DONE);
	CU_ASSERT_EQUAL_FATAL(image_write(vm, vm_value(vm), &image, &e), 0);
	vm_free(vm);
	CU_ASSERT_EQUAL_FATAL(
	    image_read(w, buf_str(&image), image.len, &f, &e), 0);
	CU_ASSERT_EQUAL_FATAL(vm_apply(w, f,
	                          vec_push(vm_heap(w), vec_empty(vm_heap(w)),
	                              int_from(vm_heap(w), 5)),
	                          &e),
	    0);
	CU_ASSERT_EQUAL(vm_run(w), VM_DONE);
	print_readable(&b, vm_value(w));
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "[15 11 10]");
	vm_free(w);
	buf_free(&image);
	buf_free(&b);
}

static void
test_check(void)
{
	static const struct {
		const char *text, *want;
	} checks[] = {
	    {"(import b :as q) (q/f 1)", ""                            },
	    {"(import b) (b/f)",         "t:1:12 ArityMismatch "       },
	    {"(import b) b/k b/z",
             "t:1:12 UndefinedSymbol t:1:16 "
	        "UndefinedSymbol "	                             },
	    {"(import syntax) (z)",
             "syntax.rtfs:2:1 ParseError t:1:18 UndefinedSymbol "      },
	    {"(import nope) (nope/f)",
             "t:1:1 ModuleNotFound t:1:16 "
	        "UndefinedSymbol "	                             },
	    {"(import cycle)",           "cycle2.rtfs:1:1 ModuleError "},
	};
	struct buf b = BUF_INIT;
	struct diags d;
	size_t i, k;

	for (i = 0; i < NITEMS(checks); i++) {
		memset(&d, 0, sizeof(d));
		buf_clear(&b);
		lang_check(
		    "t", checks[i].text, strlen(checks[i].text), &config, &d);
		for (k = 0; k < d.n; k++) {
			buf_addf(&b, "%s:%u:%u %s ", d.item[k].file,
			    d.item[k].line, d.item[k].column, d.item[k].class);
		}
		CU_ASSERT_STRING_EQUAL(buf_str(&b), checks[i].want);
		if (strcmp(buf_str(&b), checks[i].want) != 0)
			printf("%s -> %s\n", checks[i].text, buf_str(&b));
		diags_free(&d);
	}
	buf_free(&b);
}

UNIT_MAIN("modules", {"cases", test_cases}, {"entries", test_entries},
    {"image", test_image}, {"check", test_check})
