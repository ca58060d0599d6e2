/* Any bytes as a program's text, with and without positions: an error has a
 * place, its picture can be drawn, and nothing is left on the heap. */
#include "value/reader.h"
#include "tests/fuzz/fuzz.h"
#include "value/vector.h"

FUZZ_START

static void
picture(const char *text, size_t len, const struct error *e)
{
	struct buf b = BUF_INIT;

	text_excerpt(text, len, e->line, e->column, &b);
	FUZZ_REQUIRE(b.len < 1024);
	buf_free(&b);
}

static void
positions(const struct srcmap *map, val forms, size_t len)
{
	size_t i, at;

	for (i = 0; i < vec_count(forms); i++) {
		at = srcmap_find(map, val_obj(forms), (uint32_t)i);
		FUZZ_REQUIRE(at == SRCMAP_NONE || at < len);
	}
}

static void
read_text(const char *text, size_t len, bool code)
{
	struct reader_options o = {.map = code ? srcmap_new() : NULL};
	uint32_t names = name_count();
	struct heap *h = heap_new(FUZZ_MEMORY);
	struct error e;
	val v;

	if (read_all(h, text, len, &o, &v, &e) == 0) {
		if (code)
			positions(o.map, v, len);
		val_release(h, v);
	} else {
		fuzz_error(&e, true);
		picture(text, len, &e);
	}
	FUZZ_REQUIRE(fuzz_all_given_back(h, names));
	srcmap_free(o.map);
	heap_free(h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct heap *h = heap_new(FUZZ_MEMORY);
	struct error e;
	val v;

	read_text(text, len, true);
	read_text(text, len, false);
	if (read_one(h, text, len, NULL, &v, &e) == -1)
		fuzz_error(&e, true);
	heap_free(h);
	(void)text_unfinished(text, len);
	(void)text_is_symbol(text, len);
	(void)text_is_keyword(text, len);
	(void)text_is_timestamp(text, len);
	(void)text_is_uuid(text, len);
	return 0;
}
