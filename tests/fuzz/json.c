/* JSON in, out, in again: equal; the same in its pretty form; and what the
 * reader takes as one text is nothing that the writer refuses. */
#include "value/json.h"
#include "tests/fuzz/fuzz.h"
#include "value/type.h"

FUZZ_START

static void
again(struct heap *h, val v, int indent)
{
	struct buf text = BUF_INIT;
	struct error e;
	val w;

	if (json_write(&text, v, indent, &e) == -1) {
		fprintf(stderr, "%s\n", e.msg);
		FUZZ_FAIL("what was read can be written");
	}
	if (json_read(h, text.data, text.len, &w, &e) == -1) {
		fprintf(stderr, "%s\n%s\n", e.msg, buf_str(&text));
		FUZZ_REQUIRE(e.kind == EK_LIMIT);
	} else {
		FUZZ_REQUIRE(val_equal(v, w));
		val_release(h, w);
	}
	buf_free(&text);
}

static void
bounded(val v, size_t max)
{
	struct buf text = BUF_INIT;
	struct error e;

	if (json_write_max(&text, v, 0, max, &e) == 0)
		FUZZ_REQUIRE(text.len <= max);
	else
		FUZZ_REQUIRE(e.kind == EK_LIMIT);
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct heap *h = heap_new(FUZZ_MEMORY);
	uint32_t names = name_count();
	struct error e;
	val v, k;

	if (json_read(h, (const char *)data, len, &v, &e) == 0) {
		again(h, v, 0);
		again(h, v, 2);
		bounded(v, 16);
		val_retain(v);
		k = keys_to_keywords(h, v);
		val_release(h, k);
		val_release(h, v);
	} else {
		fuzz_error(&e, false);
	}
	FUZZ_REQUIRE(fuzz_all_given_back(h, names));
	heap_free(h);
	return 0;
}
