/* rooms: workers lang policy sandbox task proto value base */
/*
 * Functions in a worker: made by one machine as a supervisor makes them, sent
 * as bytes, run by workers/closure.c as its serving loop does.
 */
#include "base/clock.h"
#include "lang/image.h"
#include "lang/vm.h"
#include "proto/codec.h"
#include "tests/unit/unit.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"
#include "workers/work.h"

static uint64_t last_id;
static struct grants grants = {.result = 1 << 20, .output = 20};
static struct buf text; /* what the last task left */
static const char *limit;

static int
write_image(void *vm, val function, struct buf *out, struct error *e)
{
	return image_write(vm, function, out, e);
}

/* The program's value is [function arguments]: send the function under a new
 * id, and give the packed arguments. */
static void
supervise(const char *program, struct buf *args)
{
	struct vm_config config = {.may_call = true};
	struct pack_options options = {.function = write_image, .tasks = true};
	struct buf image = BUF_INIT;
	struct error e;
	struct vm *vm;

	CU_ASSERT_EQUAL_FATAL(vm_new(&config, &vm, &e), 0);
	if (vm_load(vm, "test", program, strlen(program), &e) == -1) {
		fprintf(stderr, "%s: %s\n", program, e.msg);
		CU_FAIL_FATAL("program of a test");
	}
	CU_ASSERT_EQUAL_FATAL(vm_run(vm), VM_DONE);
	if (image_write(vm, vec_get(vm_value(vm), 0), &image, &e) == -1) {
		fprintf(stderr, "%s: %s\n", program, e.msg);
		CU_FAIL_FATAL("image");
	}
	options.arg = vm;
	buf_clear(args);
	CU_ASSERT_EQUAL_FATAL(
	    pack_val(args, vec_get(vm_value(vm), 1), &options, SIZE_MAX, &e),
	    0);
	closure_add(++last_id, image.data, image.len);
	buf_free(&image);
	vm_free(vm);
}

static void
leave_error(const struct work *w)
{
	const struct errval *v = val_errval(w->error);

	buf_addf(&text, "!%s: %s", val_name_text(v->kind, NULL),
	    str_bytes(v->message, NULL));
	if (map_count(v->data) > 0) {
		buf_addc(&text, ' ');
		print_readable(&text, v->data);
	}
}

/* Run function id on packed arguments, as a serving process does. */
static const char *
serve(uint64_t id, const struct buf *args)
{
	struct unpack_options options = {
	    .function = closure_unpack, .tasks = true};
	struct work w = {.grants = &grants,
	    .capability = "rtfs.fn",
	    .closure = id,
	    .deadline = INT64_MAX,
	    .result = VAL_UNBOUND,
	    .error = VAL_UNBOUND};
	struct heap *own = NULL;
	struct unpack u;
	struct error e;
	int rc;

	buf_clear(&text);
	w.heap = closure_heap(&grants);
	if (w.heap == NULL)
		w.heap = own = heap_new(0);
	unpack_init(&u, args->data, args->len);
	CU_ASSERT_EQUAL_FATAL(unpack_val(w.heap, &u, &options, &w.args, &e), 0);
	rc = closure_run(&w);
	limit = w.limit;
	CU_ASSERT_EQUAL(w.result == VAL_UNBOUND, rc == -1);
	CU_ASSERT_EQUAL(w.error == VAL_UNBOUND, rc == 0);
	if (rc == 0)
		print_readable(&text, w.result);
	else
		leave_error(&w);
	if (w.printed.len > 0)
		buf_addf(&text, " printed %s", buf_str(&w.printed));
	if (rc == 0)
		val_release(w.heap, w.result);
	else
		val_release(w.heap, w.error);
	if (w.args != VAL_UNBOUND)
		val_release(w.heap, w.args);
	buf_free(&w.printed);
	heap_free(own);
	return buf_str(&text);
}

static const char *
run(const char *program)
{
	struct buf args = BUF_INIT;
	const char *got;

	supervise(program, &args);
	got = serve(last_id, &args);
	buf_free(&args);
	return got;
}

/* want: the whole text, or with a leading "~" a part of it. */
static void
expect(const char *got, const char *want)
{
	bool ok = want[0] == '~' ? strstr(got, want + 1) != NULL :
	                           strcmp(got, want) == 0;

	if (!ok)
		fprintf(stderr, "  got  %s\n  want %s\n", got, want);
	CU_ASSERT(ok);
}

static void
test_results(void)
{
	static const struct {
		const char *program;
		const char *want;
	} cases[] = {
	    {"[(fn [x] (* x x)) [7]]",	                                  "49"                            },
	    {"[(fn [] nil) []]",	                                        "nil"                           },
	    {"[(fn [& xs] (vec xs)) [1 :a \"b\"]]",                             "[1 :a \"b\"]"                  },
	    {"(def k 10) (defn f [x] (+ x k)) [(fn [x] (f (f x))) [1]]",        "21"                            },
	    {"(let [a {:b [1 2]}] [(fn [i] (get (:b a) i)) [1]])",              "2"                             },
	    {"(defn fact [n] (if (< n 2) 1 (* n (fact (dec n))))) [fact [25]]",
             "15511210043330985984000000"	                                                               },
	    {"[(fn [f x] (f x)) [(fn [y] (str y y)) \"ab\"]]",                  "\"abab\""                      },
	    {"[(fn [f] (f 41)) [inc]]",	                                 "42"                            },
	    {"[(fn [v] (conj v 1)) [[0]]]",                                     "[0 1]"                         },
	    {"[(fn [t] (:capability t)) [(task :a.b 1)]]",                      ":a.b"                          },
	    {"[+ [1 2 3]]",	                                             "6"                             },
 /* failures */
	    {"[(fn [] (/ 1 0)) []]",	                                    "~!division-by-zero: "          },
	    {"[(fn [x] x) []]",	                                         "~!arity-mismatch: "            },
	    {"[(fn [] (throw (error :mine \"m\" {:k 1}))) []]",
             "!mine: m {:k 1 :at \"test:1:9\"}"	                                                         },
	    {"[(fn [] (throw [1 2])) []]",
             "!thrown: the function threw [1 2] {:value [1 2]}"                                                 },
	    {"[(fn [] inc) []]",
             "~!invalid-result: the function returned a "
	        "function"	                                                                              },
	    {"[(fn [] (task :a.b)) []]",
             "~!invalid-result: the function returned a task"                                                   },
	    {"[(fn [] (call :time.now)) []]",                                   "~!denied: a function task"     },
	    {"[(fn [] (try (call :time.now) (catch :denied e :caught))) []]",
             ":caught"	                                                                                  },
	    {"[(fn [] not-defined-anywhere) []]",                               "~!undefined-symbol: "          },
 /* output, 20 bytes of it */
	    {"[(fn [] (println \"a\" 1) (print \"b\") 5) []]",
             "5 printed a 1\nb"	                                                                         },
	    {"[(fn [] (println \"0123456789\") (println \"01234567\303\251\") "
	     "1) []]",	                                     "1 printed 0123456789\n01234567"},
	    {"[(fn [] (print \"x\") (throw (error :e \"m\"))) []]",
             "!e: m {:at \"test:1:21\"} printed x"	                                                      },
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++)
		expect(run(cases[i].program), cases[i].want);
}

/* One function, many tasks; an error leaves nothing behind. */
static void
test_again(void)
{
	struct buf args = BUF_INIT, bad = BUF_INIT;
	uint64_t id;
	size_t used, i;
	int64_t before;

	supervise("[(fn [x] (inc (:n x))) [{:n 1}]]", &bad);
	supervise("[(fn [x] (update x :n inc)) [{:n 1}]]", &args);
	id = last_id;
	expect(serve(id, &args), "{:n 2}");
	expect(serve(id - 1, &args), "2");
	used = heap_used(closure_heap(&grants));
	before = clock_mono();
	for (i = 0; i < 20000; i++)
		serve(id, &args);
	printf(
	    " (%lld ns a task) ", (long long)((clock_mono() - before) / 20000));
	expect(serve(id, &args), "{:n 2}");
	buf_clear(&bad);
	pack_array(&bad, 1);
	pack_strz(&bad, "no map");
	for (i = 0; i < 100; i++)
		expect(serve(id, &bad), "~!type-error: ");
	CU_ASSERT_EQUAL(heap_used(closure_heap(&grants)), used);
	expect(serve(id, &args), "{:n 2}");
	expect(serve(999999, &args), "~!protocol: function 999999");
	closure_add(++last_id, "garbage", 7);
	expect(serve(last_id, &args), "~!protocol: ");
	expect(serve(id, &args), "{:n 2}");
	buf_free(&args);
	buf_free(&bad);
}

static void
test_budgets(void)
{
	struct buf args = BUF_INIT;
	uint64_t first;
	int i;

	supervise("[(fn [] :fine) []]", &args);
	first = last_id;
	expect(serve(first, &args), ":fine");
	grants.memory = 4 << 20;
	grants.depth = 1000;
	expect(run("(defn f [n] (if (= n 0) 0 (inc (f (dec n))))) [f [900]]"),
	    "900");
	expect(run("(defn f [n] (if (= n 0) 0 (inc (f (dec n))))) [f [1100]]"),
	    "~!stack-overflow: ");
	CU_ASSERT_STRING_EQUAL(limit, "depth");
	expect(run("[(fn [] (loop [v []] (recur (conj v 1)))) []]"),
	    "~!memory-limit: ");
	CU_ASSERT_STRING_EQUAL(limit, "memory");
	expect(run("[(fn [] (try (loop [v []] (recur (conj v 1))) (catch e e "
	           "1))) []]"),
	    "~!memory-limit: ");
	expect(serve(first, &args), ":fine");
	grants.steps = 100000;
	for (i = 0; i < 3; i++) {
		expect(run("[(fn [] (loop [i 0] (recur (inc i)))) []]"),
		    "~!step-limit: ");
		CU_ASSERT_STRING_EQUAL(limit, "steps");
		/* a whole budget each time */
		expect(run("[(fn [] (loop [i 0] (if (< i 10000) (recur (inc "
		           "i)) i))) []]"),
		    "10000");
	}
	grants.steps = 0;
	grants.memory = 0;
	grants.depth = 0;
	expect(serve(first, &args), ":fine");
	buf_free(&args);
}

UNIT_MAIN("closure", {"results", test_results}, {"again", test_again},
    {"budgets", test_budgets})
