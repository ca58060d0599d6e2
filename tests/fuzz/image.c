/*
 * Closure images with edits.  Images are of one build, so inputs hold none:
 * the first byte chooses a program whose function is written, then every
 * four bytes are one edit: what, where (two bytes), with which byte.  Without
 * an edit the function that was read is applied to 5.
 */
#include "lang/image.h"
#include "tests/fuzz/fuzz.h"
#include "value/vector.h"

#define HEAD 12 /* bytes of magic and build id; edits come behind */

static const char *const programs[] = {
    "(fn [x] (* x 2))",
    "(let [k 3 s \"s\"] (fn [x] (str (+ x k) s)))",
    "(def big (pow 10 30)) (def v [1.5 'a :b \"c\" {:d '(1)} nil true]) "
    "(fn [x] [big v x])",
    "(defn fact [n] (if (= n 0) 1 (* n (fact (- n 1))))) fact",
    "(let [ev (fn [n] (if (= n 0) true (od (- n 1)))) "
    "od (fn [n] (if (= n 0) false (ev (- n 1))))] ev)",
    "inc",
    "(let [f (comp inc (partial * 3))] (fn [x] (f x)))",
    "(fn [x] (try (/ x 0) (catch DivisionByZero e (:kind e)) "
    "(finally (count [x]))))",
    "(fn [x] (match x (:int n) [:int n] [a & b] b {:k v} v _ :no))",
    "(defn f [x :int] :int (+ x 1)) (def m {:f f}) (fn [x] ((:f m) x))",
    "(def t (task :a.b 1)) (def e (error :k \"m\" {:a 1})) (fn [x] [t e])",
    "(fn [x] (loop [i 0 acc []] (if (< i x) (recur (inc i) (conj acc i)) "
    "acc)))",
    "(fn [x] (case x 1 :one 5 :five \"s\" :string :else))",
    "(fn [x & more] (let [{:keys [a b]} {:a x :b more} [c] [x]] [a b c]))",
};
static struct buf images[NITEMS(programs)];

int
LLVMFuzzerInitialize(int *argc ATTR_UNUSED, char ***argv ATTR_UNUSED)
{
	struct vm_config config = {.max_memory = FUZZ_MEMORY, .may_call = true};
	struct vm *vm;
	struct error e;
	size_t i;

	hash_set_seed(1, 2);
	for (i = 0; i < NITEMS(programs); i++) {
		FUZZ_REQUIRE(vm_new(&config, &vm, &e) == 0);
		FUZZ_REQUIRE(vm_load(vm, "t", programs[i], strlen(programs[i]),
		                 &e) == 0);
		FUZZ_REQUIRE(vm_run(vm) == VM_DONE);
		FUZZ_REQUIRE(
		    image_write(vm, vm_value(vm), &images[i], &e) == 0);
		FUZZ_REQUIRE(images[i].len > HEAD);
		vm_free(vm);
	}
	return 0;
}

static void
edit(struct buf *b, const uint8_t op[4])
{
	size_t n = b->len - HEAD, at = HEAD;

	if (n == 0)
		return;
	at += (size_t)(op[1] | op[2] << 8) % n;
	switch (op[0] % 6) {
	case 0:
		b->data[at] = (char)op[3];
		break;
	case 1:
		b->data[at] = (char)(b->data[at] ^ 1 << (op[3] & 7));
		break;
	case 2: /* one more */
		buf_addc(b, 0);
		memmove(b->data + at + 1, b->data + at, b->len - at - 1);
		b->data[at] = (char)op[3];
		break;
	case 3: /* one less */
		memmove(b->data + at, b->data + at + 1, b->len - at - 1);
		b->len--;
		break;
	case 4: /* a stretch from elsewhere */
		n = b->len - at < 1U + op[3] % 32 ? b->len - at :
		                                    1U + op[3] % 32;
		memmove(b->data + HEAD, b->data + at, n);
		break;
	case 5:
		b->len = at;
		break;
	}
}

static void
apply(struct vm *vm, val f)
{
	struct heap *h = vm_heap(vm);
	enum vm_state state;
	struct error e;

	if (vm_apply(vm, f, vec_push(h, vec_empty(h), val_fix(5)), &e) == -1) {
		FUZZ_REQUIRE(e.kind == EK_LIMIT);
		return;
	}
	state = vm_run(vm);
	FUZZ_REQUIRE(state == VM_DONE || state == VM_THROWN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct vm_config config = {
	    .max_memory = FUZZ_MEMORY, .max_steps = 100000, .max_depth = 1000};
	struct buf b = BUF_INIT;
	const struct buf *image;
	struct vm *vm;
	struct error e;
	size_t i;
	val f;

	if (len == 0)
		return 0;
	image = &images[data[0] % NITEMS(images)];
	buf_add(&b, image->data, image->len);
	for (i = 1; i + 4 <= len && i < 256; i += 4)
		edit(&b, data + i);
	FUZZ_REQUIRE(vm_new(&config, &vm, &e) == 0);
	if (image_read(vm, b.data, b.len, &f, &e) == -1) {
		fuzz_error(&e, false);
		FUZZ_REQUIRE(e.kind == EK_PROTO || e.kind == EK_LIMIT);
	} else if (len < 5) {
		apply(vm, f);
	} else {
		val_release(vm_heap(vm), f);
	}
	vm_free(vm);
	buf_free(&b);
	return 0;
}
