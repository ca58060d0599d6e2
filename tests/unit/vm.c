/* rooms: lang value base
 * The machine from outside: values, yields, throws, budgets, traces. */
#include <string.h>

#include "lang/vm.h"
#include "tests/unit/unit.h"
#include "value/errval.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"
#include "value/work.h"

static struct buf printed;

static void
print(void *arg, const char *text, size_t len)
{
	(void)arg;
	buf_add(&printed, text, len);
}

static struct vm *
vm_with(const struct vm_config *config, const char *text)
{
	struct error e;
	struct vm *vm;

	if (vm_new(config, &vm, &e) == -1)
		return NULL;
	if (vm_load(vm, "t", text, strlen(text), &e) == -1) {
		vm_free(vm);
		return NULL;
	}
	return vm;
}

static const struct vm_config plain = {
    .max_memory = (size_t)256 << 20, .may_call = true, .print = print};

/* The value as text, or "CLASS", or "stop CLASS"; calls are answered with 7. */
static const char *
eval_with(const struct vm_config *config, const char *text)
{
	static char out[512];
	struct buf b = BUF_INIT;
	struct error e;
	struct vm *vm;
	enum vm_state s;

	if (vm_new(config, &vm, &e) == -1)
		return "no machine";
	if (vm_load(vm, "t", text, strlen(text), &e) == -1) {
		snprintf(out, sizeof(out), "%s",
		    e.kind == EK_SYNTAX ? "ParseError" : e.msg);
		vm_free(vm);
		return out;
	}
	for (s = vm_run(vm); s == VM_CALL;)
		s = vm_resume(vm, val_fix(7));
	if (s == VM_DONE)
		print_readable(&b, vm_value(vm));
	else if (s == VM_STOPPED)
		buf_addf(&b, "stop %s", vm_stop_class(vm));
	else if (val_is_error(vm_value(vm)))
		buf_adds(&b, errval_class(vm_value(vm)));
	else
		buf_adds(&b, "thrown");
	snprintf(out, sizeof(out), "%s", buf_str(&b));
	buf_free(&b);
	vm_free(vm);
	return out;
}

static const struct {
	const char *text;
	const char *want;
} rows[] = {
    {"",                                                                  "nil"                },
    {"(def x 1) (+ x 2)",                                                 "3"                  },
    {"(defn f [] (g)) (defn g [] 5) (f)",                                 "5"                  },
    {"(def old inc) (defn inc [x] (old (old x))) (inc 1)",                "3"                  },
    {"(do (defmacro m [x] `(+ ~x 1)) (m 2))",                             "3"                  },
    {"(defn h [x] (list 'inc x)) (defmacro m [x] (h x)) (m 4)",           "5"                  },
    {"(let [f (fn [n] (if (= n 0) :a (g (- n 1)))) "
     "g (fn [n] (if (= n 0) :b (f (- n 1))))] (f 100001))",          ":b"                 },
    {"(loop [i 0 a 1 b 2] (if (< i 3) (recur (inc i) b a) [a b]))",       "[2 1]"              },
    {"(let [x 1 f (fn [] x)] (let [x 2] [x (f)]))",                       "[2 1]"              },
    {"(let [[a & b :as c] [1 2 3] {:keys [d] :or {d 9}} {}] [a b c d])",
     "[1 (2 3) [1 2 3] 9]"                                                                     },
    {"(match [1 {:t :c :r 2}] [a {:t :c :r r}] (+ a r) _ 0)",             "3"                  },
    {"(match 5 x when (> x 9) :big x when (> x 3) :mid _ :small)",        ":mid"               },
    {"(match 1 2 3)",                                                     "MatchError"         },
    {"(try (throw 5) (catch TypeError e 1) (catch e [e]))",               "[5]"                },
    {"(try (throw 5) (catch TypeError e 1))",                             "thrown"             },
    {"(try (/ 1 0) (catch :division-by-zero 1))",                         "1"                  },
    {"(try (try (/ 1 0) (finally (throw (error :x \"y\")))) "
     "(catch :x e (:message e)))",                                   "\"y\""              },
    {"(defn f [x] (try (if x (throw 1) 2) (catch e [:c e]))) [(f true) (f "
     "false)]",                                                      "[[:c 1] 2]"         },
    {"(apply call :x [1 2])",                                             "7"                  },
    {"(map (fn [x] (call :x x)) [1 2])",                                  "[7 7]"              },
    {"(sort-by (fn [x] (+ x (call :x))) [2 1])",                          "[1 2]"              },
    {"(try (call :x) (finally (call :y)))",                               "7"                  },
    {"((fn [a & r] [a r]) 1 2 3)",                                        "[1 (2 3)]"          },
    {"((fn [a] a))",                                                      "ArityMismatch"      },
    {"((fn [] 1) 2)",                                                     "ArityMismatch"      },
    {"(5 6)",                                                             "TypeError"          },
    {"nowhere",                                                           "UndefinedSymbol"    },
    {"(try nowhere (catch UndefinedSymbol e :u))",                        ":u"                 },
    {"(let [f (fn [x] (if x (def q 1)) q)] [(f 1) (try (f nil) (catch e "
     ":u))])",                                                       "[1 :u]"             },
    {"(defn f [x :int] :string x) (f 1)",                                 "TypeValidationError"},
    {"(defn f [n :int acc :int] :int (if (= n 0) acc (f (- n 1) (+ acc 1)))) "
     "(f 100000 0)",                                                 "100000"             },
    {"(for [x [1 2 3] :let [y (* x x)] :when (odd? y) z [0 1]] (+ y z))",
     "[1 2 9 10]"                                                                              },
    {"(let [v [1 2]] [(conj v 3) v])",                                    "[[1 2 3] [1 2]]"    },
    {"(let [m {:a {:b 1}} n (update-in m [:a :b] inc)] [m n])",
     "[{:a {:b 1}} {:a {:b 2}}]"                                                               },
    {"(macroexpand-1 '(foo 1))",                                          "(foo 1)"            },
    {"(if 1)",                                                            "ParseError"         },
    {"(recur 1)",                                                         "ParseError"         },
    {"(loop [i 0] (+ 1 (recur 2)))",                                      "ParseError"         },
    {"(loop [i 0] (try (recur 2) (catch e 1)))",                          "ParseError"         },
    {"(catch 1)",                                                         "UndefinedSymbol"    },
    {"(try 1 (catch MemoryLimit e 2))",                                   "ParseError"         },
    {"(def if 3)",                                                        "ParseError"         },
    {"(let [x 1 y] x)",                                                   "ParseError"         },
    {"(let [x :itn 5] x)",                                                "ParseError"         },
    {"(map + 1 2 3)",                                                     "ArityMismatch"      },
    {"(let [f (fn [:a x] x)] f)",                                         "ParseError"         },
    {"(loop [a 1 [b c] [(+ a 1) 3] d (+ b c)] (if (< a 3) (recur (+ a 1) [c "
     "b] (+ d a)) [a b c d]))",                                      "[3 2 3 8]"          },
    {"(list let)",                                                        "ParseError"         },
};

static void
test_cases(void)
{
	const char *got;
	size_t i;
	int mode;

	for (mode = 0; mode < 2; mode++) {
		heap_never_in_place = mode == 1;
		for (i = 0; i < NITEMS(rows); i++) {
			got = eval_with(&plain, rows[i].text);
			if (strcmp(got, rows[i].want) != 0) {
				printf("%s -> %s, want %s\n", rows[i].text, got,
				    rows[i].want);
			}
			CU_ASSERT_STRING_EQUAL(got, rows[i].want);
		}
	}
	heap_never_in_place = false;
}

static void
test_yield(void)
{
	struct vm *vm = vm_with(&plain,
	    "(def r (+ 1\n  ^{:timeout \"2s\"} (call :a.b 1 [2])))\n"
	    "(try (call :c) (catch :capability e [r (:message e)]))");
	const struct host_call *c;
	struct buf b = BUF_INIT;

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	CU_ASSERT_EQUAL(vm_run(vm), VM_CALL);
	c = vm_call(vm);
	print_readable(&b, c->capability);
	print_readable(&b, c->args);
	print_readable(&b, c->options);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), ":a.b[1 [2]]{:timeout \"2s\"}");
	CU_ASSERT_STRING_EQUAL(c->file, "t");
	CU_ASSERT_EQUAL(c->line, 2);
	CU_ASSERT_EQUAL(vm_resume(vm, val_fix(41)), VM_CALL);
	CU_ASSERT_EQUAL(vm_call(vm)->options, VAL_NIL);
	CU_ASSERT_EQUAL(
	    vm_raise(vm, errval_make(vm_heap(vm), ERRKEY_CAPABILITY, "no")),
	    VM_DONE);
	buf_clear(&b);
	print_readable(&b, vm_value(vm));
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "[42 \"no\"]");
	CU_ASSERT_EQUAL(vm_yields(vm), 2);
	buf_free(&b);
	vm_free(vm);
}

static void
test_no_call(void)
{
	struct vm_config c = plain;

	c.may_call = false;
	CU_ASSERT_STRING_EQUAL(
	    eval_with(&c, "(try (call :x) (catch HostError e (:kind e)))"),
	    ":denied");
	CU_ASSERT_STRING_EQUAL(eval_with(&c, "(map call [:x])"), "HostError");
}

static void
test_budgets(void)
{
	static const char forever[] =
	    "(try (loop [i 0] (recur (+ i 1))) "
	    "(catch e 1) (finally (println \"never\")))";
	static const char depth[] = "(defn f [n] (+ 1 (f n))) (f 1)";
	struct vm_config c = plain;
	volatile sig_atomic_t now = 1;
	uint64_t steps;
	struct vm *vm;

	buf_clear(&printed);
	c.max_steps = 100000;
	CU_ASSERT_STRING_EQUAL(eval_with(&c, forever), "stop StepLimit");
	CU_ASSERT_EQUAL(printed.len, 0);
	c.max_steps = 0;
	c.max_depth = 1000;
	CU_ASSERT_STRING_EQUAL(eval_with(&c, depth), "stop StackOverflow");
	c.max_depth = 0;
	c.max_memory = (size_t)8 << 20;
	CU_ASSERT_STRING_EQUAL(eval_with(&c, depth), "stop MemoryLimit");
	CU_ASSERT_STRING_EQUAL(eval_with(&c,
	                           "(loop [v [1]] (recur (conj v "
	                           "v)))"),
	    "stop MemoryLimit");
	CU_ASSERT_STRING_EQUAL(
	    eval_with(&c, "(repeat 100000000 1)"), "stop MemoryLimit");
	CU_ASSERT_STRING_EQUAL(
	    eval_with(&c,
	        "(defmacro m [] (m2)) (defn m2 "
	        "[] (m2)) (loop [x 1] (recur (conj [x] x)))"),
	    "stop MemoryLimit");
	/* In the middle of an iteration. */
	CU_ASSERT_STRING_EQUAL(
	    eval_with(&c, "(map (fn [x] (repeat 100000 x)) (range 1000))"),
	    "stop MemoryLimit");
	CU_ASSERT_STRING_EQUAL(
	    eval_with(&c, "(reduce (fn [v x] (into v v)) [1] (range 64))"),
	    "stop MemoryLimit");
	c.max_steps = 100000;
	CU_ASSERT_STRING_EQUAL(
	    eval_with(&c,
	        "(try (map (fn [x] (loop [] (recur))) [1 2]) "
	        "(catch e 1))"),
	    "stop StepLimit");
	CU_ASSERT_STRING_EQUAL(
	    eval_with(&c, "(count (for [x (range 400) y (range 400)] y))"),
	    "stop StepLimit");
	c.max_steps = 0;
	c.max_memory = 100;
	CU_ASSERT_STRING_EQUAL(eval_with(&c, "1"), "no machine");
	c = plain;
	c.interrupt = &now;
	CU_ASSERT_STRING_EQUAL(eval_with(&c, forever), "stop Interrupted");
	/* Charges are the same every time. */
	vm = vm_with(&plain, "(reduce + (map inc (range 1000)))");
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	vm_run(vm);
	steps = vm_steps(vm);
	vm_free(vm);
	vm = vm_with(&plain, "(reduce + (map inc (range 1000)))");
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	vm_run(vm);
	CU_ASSERT_EQUAL(vm_steps(vm), steps);
	vm_free(vm);
	CU_ASSERT_STRING_EQUAL(
	    eval_with(&plain,
	        "(defn f [n] (if (= n 0) 0 (+ 1 (f (- n 1))))) (f 1000000)"),
	    "1000000");
}

/* A reset gives back steps and the stack of a deep recursion. */
static void
test_reset_budget(void)
{
	static const char deep[] = "(defn f [n] (+ 1 (f n))) (f 0)";
	static const char wide[] = "(count (range 1000000))";
	static const char spin[] = "(loop [] (recur))";
	struct vm_config c = plain;
	struct error e;
	struct vm *vm;
	int i;

	c.max_memory = 100 << 20;
	c.max_steps = 50000000;
	CU_ASSERT_EQUAL_FATAL(vm_new(&c, &vm, &e), 0);
	for (i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(vm_load(vm, "t", deep, strlen(deep), &e), 0);
		CU_ASSERT_EQUAL(vm_run(vm), VM_STOPPED);
		CU_ASSERT_EQUAL(vm_stop(vm), STOP_MEMORY);
		vm_reset(vm);
		CU_ASSERT_EQUAL(vm_steps(vm), 0);
		CU_ASSERT(heap_used(vm_heap(vm)) < 2 << 20);
		CU_ASSERT_EQUAL(vm_load(vm, "t", wide, strlen(wide), &e), 0);
		CU_ASSERT_EQUAL(vm_run(vm), VM_DONE);
		CU_ASSERT_EQUAL(vm_value(vm), val_fix(1000000));
		vm_reset(vm);
		CU_ASSERT_EQUAL(vm_load(vm, "t", spin, strlen(spin), &e), 0);
		CU_ASSERT_EQUAL(vm_run(vm), VM_STOPPED);
		CU_ASSERT_EQUAL(vm_stop(vm), STOP_STEPS);
		vm_reset(vm);
	}
	vm_free(vm);
}

/* A budget that is used up while macros expand fails the load. */
static void
test_macro_budget(void)
{
	struct vm_config c = plain;
	struct error e;
	struct vm *vm;
	static const char *const texts[] = {
	    "(defmacro m [] (loop [i 0] (recur (+ i 1)))) (m)",
	    "(defmacro m [x] `(m (+ ~x 1))) (m 1)",
	    "(defmacro m [] (nope)) (m)",
	    "(defmacro m [] (println 1)) (m)",
	};
	size_t i;

	c.max_steps = 1000000;
	for (i = 0; i < NITEMS(texts); i++) {
		CU_ASSERT_EQUAL_FATAL(vm_new(&c, &vm, &e), 0);
		CU_ASSERT_EQUAL(
		    vm_load(vm, "t", texts[i], strlen(texts[i]), &e), -1);
		CU_ASSERT_EQUAL(e.kind, i == 0 ? EK_LIMIT : EK_SYNTAX);
		vm_free(vm);
	}
}

static void
test_trace(void)
{
	struct vm *vm = vm_with(&plain,
	    "(defn g [x]\n  (+ 1 (/ x 0)))\n"
	    "(defn f [x]\n  (inc (g x)))\n(f 3)");
	struct vm_place p;
	struct buf b = BUF_INIT;

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	CU_ASSERT_EQUAL(vm_run(vm), VM_THROWN);
	p = vm_error_place(vm);
	CU_ASSERT_EQUAL(p.line, 2);
	CU_ASSERT_EQUAL(p.column, 8);
	vm_error_trace(vm, &b);
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "in g (t:2:8)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(buf_str(&b), "in f (t:4:8)"));
	CU_ASSERT_STRING_EQUAL(eval_with(&plain,
	                           "(defn f [] (nth [] 1))\n(try "
	                           "(f) (catch e (:stack e)))"),
	    "[[\"f\" \"t\" 1] [nil \"t\" 2]]");
	buf_free(&b);
	vm_free(vm);
}

/* Nothing that lies between a throw and its report moves the place. */
static void
test_place_of_rethrown(void)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *trace;
	} rethrown[] = {
	    {"(defn f [x]\n (/ x 0))\n(try (f 1) (catch :other e 1))",                      2,
             "  in f (t:2:2)\n  in top level (t:3:6)\n"	                                                                                           },
	    {"(defn f [x]\n (throw x))\n(try (f 1) (catch :other e 1))",                    2,
             "  in f (t:2:2)\n  in top level (t:3:6)\n"	                                                                                           },
	    {"(defn f [x]\n (/ x 0))\n"
	     "(try (f 1) (finally (try (throw 1) (catch e 2))))",              2, "  in f (t:2:2)\n  in top level (t:3:6)\n"                 },
	    {"(defn f [x]\n (/ x 0))\n"
	     "(try (f 1) (catch e (try (throw 1) (catch _ 2)) (throw e)))",    2, "  in f (t:2:2)\n  in top level (t:3:6)\n"                 },
 /* What is no error has no stack of its own: finally keeps it. */
	    {"(defn f [x]\n (throw x))\n(try (f 1)\n (finally 1))",                         2,
             "  in f (t:2:2)\n  in top level (t:3:6)\n"	                                                                                           },
	    {"(defn f [x]\n (throw x))\n(try (f 1)\n"
	     "(finally (try (throw 2) (catch e 3) (finally (f [])))))",        2, "  in f (t:2:2)\n  in top level (t:4:46)\n"                },
	    {"(defn f [x]\n (throw x))\n(defn g [] (try (f 1)\n"
	     "(finally (try (throw 2) (catch e 3) (finally nil)))))\n"
	     "(try (g) (catch :other e 1) (finally (try (f 5) (catch e 6))))", 2, "  in f (t:2:2)\n  in g (t:3:17)\n  in top level (t:5:6)\n"},
	    {"(defn f [n]\n (if (= n 0) (throw :deep) (+ 1 (f (- n 1)))))\n"
	     "(try (f 99) (finally (try (throw 1) (catch e 2))))",             2,
             "  in f (t:2:14)\n  in f (t:2:33), 63 times\n  ... 37 more\n"	                                                                        },
	    {"(defn f [x]\n (/ x 0))\n"
	     "(try (f 1)\n (catch e (throw (error :b \"b\"))))",               4, "  in top level (t:4:11)\n"                                },
	};
	struct buf b = BUF_INIT;
	struct vm *vm;
	size_t i;

	for (i = 0; i < NITEMS(rethrown); i++) {
		vm = vm_with(&plain, rethrown[i].text);
		CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
		CU_ASSERT_EQUAL(vm_run(vm), VM_THROWN);
		CU_ASSERT_EQUAL(vm_error_place(vm).line, rethrown[i].line);
		buf_clear(&b);
		vm_error_trace(vm, &b);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), rethrown[i].trace);
		vm_free(vm);
	}
	buf_free(&b);
}

/* Steps of a macro are its own: not what the host has walked through before,
 * and what is left of its budget is no limit for the host. */
static void
test_macro_steps(void)
{
	static const char text[] = "(defmacro m [] `(+ 1 ~(count (range 100))))"
	                           "(m)";
	struct vm_config c = {.max_memory = 1 << 24, .max_steps = 100000};
	uint64_t steps[2];
	struct vm *vm;
	int i;

	for (i = 0; i < 2; i++) {
		val_work.due = i == 0 ? 0 : 5000;
		vm = vm_with(&c, text);
		CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
		steps[i] = vm_steps(vm);
		CU_ASSERT_EQUAL(val_work.max, UINT64_MAX);
		CU_ASSERT_FALSE(val_work.over);
		CU_ASSERT_EQUAL(vm_run(vm), VM_DONE);
		CU_ASSERT_EQUAL(vm_value(vm), val_fix(101));
		vm_free(vm);
	}
	val_work.due = 0;
	CU_ASSERT(steps[0] > 0);
	CU_ASSERT_EQUAL(steps[0], steps[1]);
}

/* The repl's way: entries share definitions, an error ends none of them. */
static void
test_entries(void)
{
	static const char *const texts[] = {"(def a 1)", "(throw 1)",
	    "(defn f [] (+ a 1))", "(def a 5)", "(f)"};
	struct error e;
	struct vm *vm;
	size_t i;

	CU_ASSERT_EQUAL_FATAL(vm_new(&plain, &vm, &e), 0);
	for (i = 0; i < NITEMS(texts); i++) {
		CU_ASSERT_EQUAL(
		    vm_load(vm, "t", texts[i], strlen(texts[i]), &e), 0);
		CU_ASSERT_EQUAL(vm_run(vm), i == 1 ? VM_THROWN : VM_DONE);
		if (i == 1)
			vm_reset(vm);
	}
	CU_ASSERT_EQUAL(vm_value(vm), val_fix(6));
	CU_ASSERT_EQUAL(vm_lookup(vm, "a"), val_fix(5));
	vm_define(vm, "b", val_fix(8));
	CU_ASSERT_EQUAL(vm_apply(vm, val_retain(vm_lookup(vm, "f")),
	                    vec_empty(vm_heap(vm)), &e),
	    0);
	CU_ASSERT_EQUAL(vm_run(vm), VM_DONE);
	CU_ASSERT_EQUAL(vm_value(vm), val_fix(6));
	vm_free(vm);
}

/* In place: 200,000 additions cost about as many steps and little memory. */
static void
test_in_place(void)
{
	static const char *const texts[] = {
	    "(count (loop [i 0 m {}] (if (< i 200000) (recur (+ i 1) (assoc m "
	    "i i)) m)))",
	    "(count (reduce (fn [v x] (conj v x)) [] (range 200000)))",
	    "(count (reduce (fn [m x] (assoc m x x)) {} (range 200000)))",
	    "(count (loop [i 0 v []] (if (< i 200000) (recur (inc i) (if (odd? "
	    "i) (conj v i) (conj v (* i i)))) v)))",
	};
	struct vm *vm;
	size_t i;

	for (i = 0; i < NITEMS(texts); i++) {
		vm = vm_with(&plain, texts[i]);
		CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
		CU_ASSERT_EQUAL(vm_run(vm), VM_DONE);
		CU_ASSERT_EQUAL(vm_value(vm), val_fix(200000));
		CU_ASSERT(vm_steps(vm) < 2500000);
		CU_ASSERT(heap_peak(vm_heap(vm)) < (size_t)40 << 20);
		vm_free(vm);
	}
}

/* When everything is over nothing is left on the stack. */
static void
test_nothing_kept(void)
{
	static const char text[] =
	    "(defn f [n] (if (= n 0) (throw [n (str n)]) (let [x (str n) y "
	    "[x]] (conj (f (- n 1)) x y))))\n"
	    "(dotimes [i 100] (try (f 50) (catch e (count e))))"
	    "(dotimes [i 100] (for [x [\"a\"] y [\"b\"] :when (not= x y)] (str "
	    "x y)))"
	    "(dotimes [i 100] (match [\"a\" {:k [i]}] [x {:k [1 2]}] x [x {:k "
	    "[j]}] (str x j)))"
	    "(dotimes [i 100] (or (and (str i) nil) (let [a [i] b a] (if (= i "
	    "1) a nil))))";
	struct error e;
	struct vm *vm;
	size_t first, last;
	int i;

	CU_ASSERT_EQUAL_FATAL(vm_new(&plain, &vm, &e), 0);
	first = last = 0;
	for (i = 0; i < 6; i++) {
		CU_ASSERT_EQUAL(vm_load(vm, "t", text, strlen(text), &e), 0);
		CU_ASSERT_EQUAL(vm_run(vm), VM_DONE);
		vm_reset(vm);
		last = heap_used(vm_heap(vm));
		if (i == 2)
			first = last;
	}
	/* Each load leaves its code, nothing more. */
	CU_ASSERT(last - first < 3 * 20000);
	vm_free(vm);
}

UNIT_MAIN("vm", {"cases", test_cases}, {"yield", test_yield},
    {"no call", test_no_call}, {"budgets", test_budgets},
    {"reset", test_reset_budget}, {"macro budget", test_macro_budget},
    {"trace", test_trace}, {"macro_steps", test_macro_steps},
    {"place_of_rethrown", test_place_of_rethrown}, {"entries", test_entries},
    {"in place", test_in_place}, {"nothing kept", test_nothing_kept})
