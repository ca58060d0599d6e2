/* Three forms: a type, a value that is checked against it, and one that is
 * decoded by it.  What was guided into a type fits the type. */
#include "value/type.h"
#include "tests/fuzz/fuzz.h"
#include "value/reader.h"
#include "value/vector.h"

FUZZ_START

static void
guide(struct heap *h, const struct type *t, val v)
{
	struct error e;
	val out;

	if (type_guide(h, t, val_retain(v), &out, &e) == -1) {
		fuzz_error(&e, false);
		return;
	}
	FUZZ_REQUIRE(type_check(t, out, &e) == 0);
	val_release(h, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct heap *h = heap_new(FUZZ_MEMORY);
	uint32_t names = name_count();
	struct buf b = BUF_INIT;
	struct type *t;
	struct error e;
	size_t i;
	val v;

	if (read_all(h, (const char *)data, len, NULL, &v, &e) == -1)
		goto done;
	if (vec_count(v) > 0 && type_new(vec_get(v, 0), &t, &e) == 0) {
		type_format(t, &b);
		(void)type_tuple_count(t);
		for (i = 1; i < vec_count(v); i++) {
			if (type_check(t, vec_get(v, i), &e) == -1)
				fuzz_error(&e, false);
			guide(h, t, vec_get(v, i));
		}
		type_free(t);
	} else if (vec_count(v) > 0) {
		fuzz_error(&e, false);
	}
	val_release(h, v);
	if (heap_used(h) < FUZZ_MEMORY)
		FUZZ_REQUIRE(fuzz_all_given_back(h, names));
done:
	buf_free(&b);
	heap_free(h);
	return 0;
}
