/* What was read as data prints as text that reads back equal, and prints the
 * same again; copies are equal, too, and hash alike. */
#include "tests/fuzz/fuzz.h"
#include "value/reader.h"

FUZZ_START

static void
again(struct heap *h, val v)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct error e;
	val w;

	print_readable(&first, v);
	if (read_one(h, first.data, first.len, NULL, &w, &e) == -1) {
		fprintf(stderr, "%u:%u: %s\n%s\n", e.line, e.column, e.msg,
		    buf_str(&first));
		if (e.kind != EK_LIMIT)
			FUZZ_FAIL("reads back");
		buf_free(&first);
		return;
	}
	FUZZ_REQUIRE(val_equal(v, w));
	FUZZ_REQUIRE(val_hash(v) == val_hash(w));
	print_readable(&second, w);
	FUZZ_REQUIRE(first.len == second.len);
	FUZZ_REQUIRE(memcmp(first.data, second.data, first.len) == 0);
	val_release(h, w);
	buf_clear(&second);
	print_short(&second, v, 40);
	FUZZ_REQUIRE(second.len < 200);
	buf_clear(&second);
	print_plain(&second, v);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* One level less than the reader allows: again() reads a vector of
	 * what is read here. */
	struct reader_options o = {0};
	uint32_t names = name_count();
	struct heap *h = heap_new(FUZZ_MEMORY), *other = heap_new(0);
	struct error e;
	int order, back;
	val v, copy, culprit;

	o.max_depth = 900;
	if (read_all(h, (const char *)data, len, &o, &v, &e) == 0) {
		again(h, v);
		copy = val_copy(other, v);
		FUZZ_REQUIRE(val_equal(copy, v));
		FUZZ_REQUIRE(val_hash(copy) == val_hash(v));
		if (val_compare(copy, v, &order, &culprit) == 0) {
			FUZZ_REQUIRE(order == 0);
			FUZZ_REQUIRE(
			    val_compare(v, copy, &back, &culprit) == 0);
			FUZZ_REQUIRE(back == 0);
		}
		val_release(other, copy);
		val_release(h, v);
		FUZZ_REQUIRE(fuzz_all_given_back(h, names));
		FUZZ_REQUIRE(heap_used(other) == 0);
	}
	heap_free(h);
	heap_free(other);
	return 0;
}
