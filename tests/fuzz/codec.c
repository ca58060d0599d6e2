/*
 * Bytes of a hostile worker.  The first byte says how they are looked at: as
 * a stream of frames, or as values one after the other.  A value that was
 * decoded encodes, and decodes again to an equal one.
 */
#include "proto/codec.h"
#include "proto/frame.h"
#include "tests/fuzz/fuzz.h"
#include "value/string.h"

FUZZ_START

enum {
	MODE_FRAMES = 1,
	MODE_TASKS = 2,
	MODE_FUNCTIONS = 4,
	MODE_FEW_NAMES = 8,
};

/* Stands for a function: its image as a string. */
static int
image_text(void *arg, const void *bytes, size_t len, val *out,
    struct error *e ATTR_UNUSED)
{
	*out = str_new(arg, "image", len < 5 ? len : 5);
	(void)bytes;
	return 0;
}

static void
again(struct heap *h, val v)
{
	struct pack_options po = {.tasks = true};
	struct unpack_options uo = {.tasks = true};
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct unpack u;
	struct error e;
	val w;

	if (pack_val(&b, v, &po, FUZZ_MEMORY, &e) == -1) {
		fprintf(stderr, "%s\n", e.msg);
		if (e.kind != EK_LIMIT)
			FUZZ_FAIL("what was decoded encodes");
		goto done;
	}
	unpack_init(&u, b.data, b.len);
	if (unpack_val(h, &u, &uo, &w, &e) == -1) {
		fprintf(stderr, "%s\n", e.msg);
		if (e.kind != EK_LIMIT)
			FUZZ_FAIL("and decodes again");
		goto done;
	}
	FUZZ_REQUIRE(u.at == u.end);
	FUZZ_REQUIRE(val_same_key(v, w));
	val_release(h, w);
	print_readable(&text, v);
done:
	buf_free(&b);
	buf_free(&text);
}

static void
values(const void *bytes, size_t len, unsigned int mode)
{
	uint32_t names = name_count();
	struct heap *h = heap_new(FUZZ_MEMORY);
	struct unpack_options o = {.tasks = mode & MODE_TASKS};
	struct unpack u, skip;
	struct error e, es;
	int rc;
	val v;

	if (mode & MODE_FUNCTIONS) {
		o.function = image_text;
		o.arg = h;
	}
	o.max_names = mode & MODE_FEW_NAMES ? 2 : 0;
	unpack_init(&u, bytes, len);
	while (u.at < u.end) {
		skip = u;
		rc = unpack_val(h, &u, &o, &v, &e);
		if (rc == -1) {
			fuzz_error(&e, false);
			break;
		}
		FUZZ_REQUIRE(unpack_skip(&skip, &es) == 0);
		FUZZ_REQUIRE(skip.at == u.at);
		again(h, v);
		val_release(h, v);
	}
	FUZZ_REQUIRE(fuzz_all_given_back(h, names));
	heap_free(h);
}

/* The plain fields of a message, whatever they turn out to be. */
static void
fields(const struct frame *f)
{
	struct unpack u, one;
	struct error e;
	const char *text;
	const void *bin;
	uint64_t n64;
	int64_t i64;
	size_t n, i, len;
	bool b;

	unpack_init(&u, f->payload, f->len);
	if (unpack_array(&u, &n, &e) == -1)
		return;
	FUZZ_REQUIRE(n <= f->len);
	for (i = 0; i < n; i++) {
		one = u;
		(void)!unpack_map(&one, &len, &e);
		one = u;
		(void)!unpack_int(&one, &i64, &e);
		one = u;
		(void)!unpack_uint(&one, &n64, &e);
		one = u;
		(void)!unpack_bool(&one, &b, &e);
		one = u;
		if (unpack_str(&one, &text, &len, &e) == 0)
			FUZZ_REQUIRE(len <= f->len);
		one = u;
		if (unpack_bin(&one, &bin, &len, &e) == 0)
			FUZZ_REQUIRE(len <= f->len);
		if (unpack_skip(&u, &e) == -1)
			break;
		FUZZ_REQUIRE(u.at > one.start && u.at <= u.end);
	}
	unpack_init(&u, f->payload, f->len);
	(void)!unpack_fields(&u, 3, &e);
}

static void
frames(const char *bytes, size_t len, unsigned int mode)
{
	struct frame f;
	struct error e;
	size_t used, need;

	for (; len > 0; bytes += used, len -= used) {
		switch (frame_next(bytes, len, 65536, &f, &used, &need, &e)) {
		case FRAME_SHORT:
			FUZZ_REQUIRE(need > len);
			FUZZ_REQUIRE(need <= 65536 + FRAME_HEADER);
			return;
		case FRAME_BAD:
			fuzz_error(&e, false);
			return;
		case FRAME_OK:
			FUZZ_REQUIRE(used >= FRAME_HEADER && used <= len);
			FUZZ_REQUIRE(f.len == used - FRAME_HEADER);
			fields(&f);
			values(f.payload, f.len, mode);
			break;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	if (data[0] & MODE_FRAMES)
		frames((const char *)data + 1, len - 1, data[0]);
	else
		values(data + 1, len - 1, data[0]);
	return 0;
}
