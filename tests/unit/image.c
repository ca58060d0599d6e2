/* rooms: lang value base
 * Closure images: what crosses works there, what is damaged is refused. */
#include <string.h>

#include "lang/image.h"
#include "tests/unit/unit.h"
#include "value/errval.h"
#include "value/printer.h"
#include "value/vector.h"

static const struct vm_config config = {
    .max_memory = (size_t)256 << 20, .may_call = true};
static const struct vm_config worker = {.max_memory = (size_t)64 << 20};

static struct vm *
program(const char *text)
{
	struct error e;
	struct vm *vm;

	CU_ASSERT_EQUAL_FATAL(vm_new(&config, &vm, &e), 0);
	CU_ASSERT_EQUAL_FATAL(vm_load(vm, "t", text, strlen(text), &e), 0);
	CU_ASSERT_EQUAL_FATAL(vm_run(vm), VM_DONE);
	return vm;
}

static const struct {
	const char *text; /* its value is a function of one argument, 5 */
	const char *want;
} rows[] = {
    {"(fn [x] (* x 2))",                                                     "10"           },
    {"(let [k 3 s \"s\"] (fn [x] (str (+ x k) s)))",                         "\"8s\""       },
    {"(def big (pow 10 30)) (def v [1.5 'a :b \"c\" {:d '(1)} nil true]) (fn "
     "[x] [big v x])",                                                  "[1000000000000000000000000000000 [1.5 a :b \"c\" {:d "
        "(1)} nil true] 5]"                                      },
    {"(defn fact [n] (if (= n 0) 1 (* n (fact (- n 1))))) fact",             "120"          },
    {"(let [ev (fn [n] (if (= n 0) true (od (- n 1)))) od (fn [n] (if (= n 0) "
     "false (ev (- n 1))))] ev)",                                       "false"        },
    {"(let [f (fn [n] (if (= n 0) [] (conj (f (- n 1)) n)))] f)",
     "[1 2 3 4 5]"                                                                          },
    {"inc",                                                                  "6"            },
    {"(let [f (comp inc (partial * 3))] (fn [x] (f x)))",                    "16"           },
    {"(fn [x] (reduce + (map (fn [y] (* x y)) (range 4))))",                 "30"           },
    {"(fn [x] (try (/ x 0) (catch DivisionByZero e (:kind e))))",
     ":division-by-zero"                                                                    },
    {"(fn [x] (match x (:int n) [:int n] _ :no))",                           "[:int 5]"     },
    {"(defn f [x :int] :int (+ x 1)) (def m {:f f}) (fn [x] ((:f m) x))",    "6"            },
    {"(defn f [x] (g x)) (fn [x] (try (f x) (catch UndefinedSymbol e :u)))",
     ":u"                                                                                   },
    {"(def t (task :a.b 1)) (fn [x] t)",                                     "(task :a.b 1)"},
    {"(fn [x] (try (call :a) (catch :denied e :denied)))",                   ":denied"      },
    {"(defmacro twice [x] `(+ ~x ~x)) (fn [x] (twice x))",                   "10"           },
};

static void
test_cases(void)
{
	struct buf image = BUF_INIT, b = BUF_INIT;
	struct vm *vm, *w;
	struct error e;
	val f, args;
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		vm = program(rows[i].text);
		buf_clear(&image);
		CU_ASSERT_EQUAL(image_write(vm, vm_value(vm), &image, &e), 0);
		vm_free(vm);
		CU_ASSERT_EQUAL_FATAL(vm_new(&worker, &w, &e), 0);
		CU_ASSERT_EQUAL(
		    image_read(w, image.data, image.len, &f, &e), 0);
		args = vec_push(vm_heap(w), vec_empty(vm_heap(w)), val_fix(5));
		CU_ASSERT_EQUAL(vm_apply(w, f, args, &e), 0);
		CU_ASSERT_EQUAL(vm_run(w), VM_DONE);
		buf_clear(&b);
		print_readable(&b, vm_value(w));
		CU_ASSERT_STRING_EQUAL(buf_str(&b), rows[i].want);
		vm_free(w);
	}
	buf_free(&image);
	buf_free(&b);
}

static void
test_refused(void)
{
	struct vm *vm = program("(def deep (reduce (fn [v x] [v]) [] (range "
	                        "2000))) (fn [x] deep)");
	struct buf image = BUF_INIT;
	struct error e;

	CU_ASSERT_EQUAL(image_write(vm, vm_value(vm), &image, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "captured name deep"));
	buf_free(&image);
	vm_free(vm);
}

/* Every prefix, and another build. */
static void
test_damaged(void)
{
	struct vm *vm = program("(def k \"text\") (let [v [1 2 {:a 1.5}]] (fn "
	                        "[x] [k v (map inc v) x]))");
	struct buf image = BUF_INIT;
	struct error e;
	struct vm *w;
	size_t n;
	val f;

	CU_ASSERT_EQUAL(image_write(vm, vm_value(vm), &image, &e), 0);
	for (n = 0; n < image.len; n++) {
		CU_ASSERT_EQUAL_FATAL(vm_new(&worker, &w, &e), 0);
		CU_ASSERT_EQUAL(image_read(w, image.data, n, &f, &e), -1);
		CU_ASSERT_EQUAL(e.kind, EK_PROTO);
		vm_free(w);
	}
	image.data[5] = (char)(image.data[5] + 1);
	CU_ASSERT_EQUAL_FATAL(vm_new(&worker, &w, &e), 0);
	CU_ASSERT_EQUAL(image_read(w, image.data, image.len, &f, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "another build"));
	vm_free(w);
	buf_free(&image);
	vm_free(vm);
}

UNIT_MAIN("image", {"cases", test_cases}, {"refused", test_refused},
    {"damaged", test_damaged})
