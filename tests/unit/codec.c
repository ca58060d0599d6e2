/* rooms: proto value base */
/*
 * The codec against the golden vectors of proto/vectors, in both directions,
 * and against bytes that a hostile worker would send.  The folder is found
 * from $srcdir (as make check sets it) or the current folder.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "tests/unit/unit.h"
#include "value/equal.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

static struct heap *heap;

static int
nibble(int c)
{
	const char *digits = "0123456789abcdef", *p = strchr(digits, c);

	return p == NULL || c == '\0' ? -1 : (int)(p - digits);
}

/* Hex to bytes; stops at the first other character. */
static const char *
from_hex(const char *s, struct buf *out)
{
	buf_clear(out);
	for (; nibble(s[0]) != -1 && nibble(s[1]) != -1; s += 2)
		buf_addc(out, (char)(nibble(s[0]) << 4 | nibble(s[1])));
	return s;
}

static FILE *
open_vectors(const char *name)
{
	const char *dir = getenv("srcdir");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proto/vectors/%s",
	    dir == NULL ? "." : dir, name);
	f = fopen(path, "re");
	if (f == NULL)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return f;
}

/* What names that are new since then cost the heap: they never go. */
static size_t
names_cost(uint32_t since)
{
	size_t n, sum = 0;

	for (; since < name_count(); since++) {
		name_text(since, &n);
		sum += n + 64;
	}
	return sum;
}

/* Call check(bytes, text) for every line of a file of vectors. */
static void
each_vector(const char *name, void (*check)(const struct buf *, const char *))
{
	struct buf bytes = BUF_INIT;
	FILE *f = open_vectors(name);
	char *line = NULL;
	const char *tab;
	size_t cap = 0, n = 0;
	uint32_t names = name_count();

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	heap = heap_new(0);
	while (getline(&line, &cap, f) != -1) {
		if (line[0] == '#')
			continue;
		line[strcspn(line, "\n")] = '\0';
		tab = from_hex(line, &bytes);
		CU_ASSERT_EQUAL_FATAL(*tab, '\t');
		check(&bytes, tab + 1);
		n++;
	}
	CU_ASSERT(n > 10);
	CU_ASSERT_EQUAL(heap_used(heap), names_cost(names));
	heap_free(heap);
	free(line);
	fclose(f);
	buf_free(&bytes);
}

static void
expect_text(const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fprintf(stderr, "got  %s\nwant %s\n", got, want);
	CU_ASSERT_STRING_EQUAL(got, want);
}

static void
check_read(const struct buf *bytes, const char *text, val *out)
{
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;

	*out = VAL_NIL;
	unpack_init(&u, bytes->data, bytes->len);
	if (unpack_val(heap, &u, NULL, out, &e) == -1) {
		fprintf(stderr, "%s: %s\n", text, e.msg);
		CU_FAIL("a vector does not decode");
		return;
	}
	CU_ASSERT_PTR_EQUAL(u.at, u.end);
	print_readable(&b, *out);
	expect_text(buf_str(&b), text);
	buf_free(&b);
}

static void
check_value(const struct buf *bytes, const char *text)
{
	struct buf again = BUF_INIT;
	struct error e;
	val v;

	check_read(bytes, text, &v);
	buf_adds(&again, "before");
	CU_ASSERT_EQUAL(pack_val(&again, v, NULL, bytes->len, &e), 0);
	if (again.len - 6 != bytes->len ||
	    memcmp(again.data + 6, bytes->data, bytes->len) != 0) {
		fprintf(stderr, "%s: encodes differently\n", text);
		CU_FAIL("encoding");
	}
	again.len = 6;
	if (bytes->len > 0) {
		CU_ASSERT_EQUAL(
		    pack_val(&again, v, NULL, bytes->len - 1, &e), -1);
		CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
		CU_ASSERT_EQUAL(again.len, 6);
	}
	val_release(heap, v);
	buf_free(&again);
}

static void
check_accepted(const struct buf *bytes, const char *text)
{
	val v;

	check_read(bytes, text, &v);
	val_release(heap, v);
}

static void
check_refused(const struct buf *bytes, const char *text)
{
	struct unpack u;
	struct error e;
	val v = VAL_NIL;

	unpack_init(&u, bytes->data, bytes->len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &v, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_PROTO);
	expect_text(e.msg, text);
}

static void
test_values(void)
{
	each_vector("values", check_value);
}

static void
test_accepted(void)
{
	each_vector("accepted", check_accepted);
}

static void
test_refused(void)
{
	each_vector("refused", check_refused);
}

/* ---- one frame of every message ---- */

static unsigned int frames_seen;

/* Text of a payload, and its bytes written again from what was read. */
static void
copy_member(struct unpack *u, struct buf *text, struct buf *again)
{
	struct error e;
	const void *p;
	size_t n, i;
	val v;

	if (*u->at == 0xc4) {
		CU_ASSERT_EQUAL(unpack_bin(u, &p, &n, &e), 0);
		buf_adds(text, "#bin ");
		for (i = 0; i < n; i++)
			buf_addf(text, "%02x", ((const unsigned char *)p)[i]);
		pack_bin(again, p, n);
		return;
	}
	CU_ASSERT_EQUAL_FATAL(unpack_val(heap, u, NULL, &v, &e), 0);
	print_readable(text, v);
	CU_ASSERT_EQUAL(pack_val(again, v, NULL, SIZE_MAX, &e), 0);
	val_release(heap, v);
}

static void
check_frame(const struct buf *bytes, const char *text)
{
	struct buf got = BUF_INIT, again = BUF_INIT;
	struct frame f;
	struct unpack u;
	struct error e;
	size_t used, need, n, i, mark;

	CU_ASSERT_EQUAL_FATAL(frame_next(bytes->data, bytes->len, MAX_FRAME, &f,
	                          &used, &need, &e),
	    FRAME_OK);
	CU_ASSERT_EQUAL(used, bytes->len);
	if (f.msg + 1 != frames_seen) { /* else another one of it */
		CU_ASSERT_EQUAL(f.msg, frames_seen);
		frames_seen++;
	}
	unpack_init(&u, f.payload, f.len);
	mark = frame_begin(&again, f.msg);
	CU_ASSERT_EQUAL(unpack_array(&u, &n, &e), 0);
	pack_array(&again, n);
	buf_addf(&got, "%s\t[", proto_msg_name(f.msg));
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&got, ' ');
		copy_member(&u, &got, &again);
	}
	buf_addc(&got, ']');
	while (u.at < u.end && (f.msg == MSG_TASKS || f.msg == MSG_RESULTS)) {
		buf_addc(&got, ' ');
		copy_member(&u, &got, &again);
	}
	CU_ASSERT_PTR_EQUAL(u.at, u.end);
	frame_end(&again, mark);
	expect_text(buf_str(&got), text);
	CU_ASSERT_EQUAL(again.len, bytes->len);
	CU_ASSERT_EQUAL(memcmp(again.data, bytes->data, again.len), 0);
	buf_free(&got);
	buf_free(&again);
}

static void
test_frames(void)
{
	frames_seen = 0;
	each_vector("frames", check_frame);
	CU_ASSERT_PTR_NULL(proto_msg_name(frames_seen));
}

/* ---- depth ---- */

static void
test_depth(void)
{
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;
	val v;
	size_t i;

	heap = heap_new(0);
	v = VAL_NIL;
	for (i = 0; i < MAX_DEPTH + 1; i++)
		v = vec_new(heap, &v, 1);
	CU_ASSERT_EQUAL(pack_val(&b, v, NULL, SIZE_MAX, &e), 0);
	CU_ASSERT_EQUAL(b.len, MAX_DEPTH + 2);
	v = vec_new(heap, &v, 1);
	CU_ASSERT_EQUAL(pack_val(&b, v, NULL, SIZE_MAX, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "deeper than 1000"));
	CU_ASSERT_EQUAL(b.len, MAX_DEPTH + 2);
	val_release(heap, v);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &v, &e), 0);
	val_release(heap, v);
	buf_clear(&b);
	for (i = 0; i < 1000000; i++)
		buf_addc(&b, '\x91');
	buf_addc(&b, '\xc0');
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &v, &e), -1);
	expect_text(e.msg, "at byte 1001: nested deeper than 1000 levels");
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_skip(&u, &e), 0);
	CU_ASSERT_PTR_EQUAL(u.at, u.end);
	CU_ASSERT_EQUAL(heap_used(heap), 0);
	heap_free(heap);
	buf_free(&b);
}

/* Lists are extensions in extensions: their depth must be bounded, too, and
 * the size of what is written must not explode. */
static void
test_deep_lists(void)
{
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;
	val v = VAL_NO_ITEMS, w;
	size_t i;

	heap = heap_new(0);
	for (i = 0; i < MAX_DEPTH; i++)
		v = list_new(heap, &v, 1);
	CU_ASSERT_EQUAL(pack_val(&b, v, NULL, SIZE_MAX, &e), 0);
	CU_ASSERT(b.len < 8 * MAX_DEPTH);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &w, &e), 0);
	CU_ASSERT(val_equal(v, w));
	val_release(heap, w);
	v = list_new(heap, &v, 1);
	v = list_new(heap, &v, 1);
	CU_ASSERT_EQUAL(pack_val(&b, v, NULL, SIZE_MAX, &e), -1);
	val_release(heap, v);
	heap_free(heap);
	buf_free(&b);
}

/* ---- what may not travel ---- */

static int
as_image(void *arg, val f, struct buf *out, struct error *e)
{
	if (arg != NULL)
		return error_set(e, EK_ARGUMENT, "captured name db: no");
	CU_ASSERT(val_is_kind(f, O_FUNCTION));
	buf_adds(out, "IMAGE");
	return 0;
}

static int
from_image(void *arg, const void *bytes, size_t len, val *out,
    struct error *e ATTR_UNUSED)
{
	*out = str_new(arg, bytes, len);
	return 0;
}

static void
expect_refusal(val v, const struct pack_options *o, const char *says)
{
	struct buf b = BUF_INIT;
	struct error e;

	CU_ASSERT_EQUAL(pack_val(&b, v, o, SIZE_MAX, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
	expect_text(e.msg, says);
	CU_ASSERT_EQUAL(b.len, 0);
	buf_free(&b);
}

static void
test_refusals(void)
{
	static const struct code_head code = {1, NAME_NONE, false};
	struct pack_options o = {.arguments = true},
	                    fn = {.function = as_image};
	struct unpack_options uo = {.function = from_image};
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;
	val f, m, t, items[4], out;

	heap = heap_new(0);
	f = val_from_obj(function_new(heap, &code, 0));
	items[0] = keyword_from("x");
	items[1] = val_retain(f);
	m = map_new(heap, items, 1);
	items[0] = val_fix(1);
	items[1] = val_retain(m);
	items[2] = val_retain(f);
	t = vec_new(heap, items, 3);
	expect_refusal(f, NULL, "a function cannot travel to a worker");
	expect_refusal(m, NULL, "[:x]: a function cannot travel to a worker");
	expect_refusal(t, NULL, "[1 :x]: a function cannot travel to a worker");
	expect_refusal(
	    t, &o, "argument 2, [:x]: a function cannot travel to a worker");
	fn.arg = heap;
	fn.arguments = true;
	expect_refusal(t, &fn, "argument 2, [:x], captured name db: no");
	items[0] = val_retain(f);
	items[1] = VAL_NIL;
	out = map_new(heap, items, 1);
	fn.arg = NULL;
	expect_refusal(out, NULL,
	    "[key #<function>]: a function cannot travel to a worker");
	val_release(heap, out);

	CU_ASSERT_EQUAL(pack_val(&b, t, &fn, SIZE_MAX, &e), 0);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &out, &e), -1);
	unpack_init(&u, b.data, b.len);
	uo.arg = heap;
	CU_ASSERT_EQUAL_FATAL(unpack_val(heap, &u, &uo, &out, &e), 0);
	CU_ASSERT(str_equal_text(vec_get(out, 2), "IMAGE"));
	val_release(heap, out);
	val_release(heap, t);
	val_release(heap, m);
	val_release(heap, f);
	CU_ASSERT_EQUAL(heap_used(heap), 0);
	heap_free(heap);
	buf_free(&b);
}

static void
test_tasks(void)
{
	struct pack_options po = {.tasks = true};
	struct unpack_options uo = {.tasks = true};
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;
	val arg = val_fix(7), t, out;

	heap = heap_new(0);
	t = taskval_new(
	    heap, keyword_from("api.f"), vec_new(heap, &arg, 1), VAL_NIL);
	expect_refusal(t, NULL, "a task cannot travel to a worker");
	CU_ASSERT_EQUAL(pack_val(&b, t, &po, SIZE_MAX, &e), 0);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &out, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_PROTO);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL_FATAL(unpack_val(heap, &u, &uo, &out, &e), 0);
	CU_ASSERT(val_equal(t, out));
	val_release(heap, t);
	val_release(heap, out);
	CU_ASSERT_EQUAL(heap_used(heap), 0);
	heap_free(heap);
	buf_free(&b);
}

static void
test_bounds(void)
{
	static char big[70000];
	uint32_t names = name_count();
	struct unpack_options uo = {.max_names = 2};
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;
	val v;
	size_t i;

	heap = heap_new(64 * 1024);
	pack_array(&b, 3);
	pack_ext(&b, EXT_KEYWORD, "never-seen-1", 12);
	pack_ext(&b, EXT_KEYWORD, "never-seen-1", 12);
	pack_ext(&b, EXT_SYMBOL, "never-seen-2", 12);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, &uo, &v, &e), 0);
	val_release(heap, v);
	b.data[b.len - 1] = '3';
	b.data[4] = 'N'; /* two new ones again, and the other old one */
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, &uo, &v, &e), 0);
	val_release(heap, v);
	uo.max_names = 1;
	b.data[4] = 'M';
	b.data[b.len - 1] = '4';
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, &uo, &v, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "more than 1 names"));

	buf_clear(&b);
	pack_array(&b, 100000);
	for (i = 0; i < 100000; i++)
		pack_nil(&b);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &v, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	buf_clear(&b);
	pack_str(&b, memset(big, 'x', sizeof(big)), sizeof(big));
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &v, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	CU_ASSERT_EQUAL(heap_used(heap), names_cost(names));
	heap_free(heap);
	buf_free(&b);
}

static void
test_fields(void)
{
	struct buf b = BUF_INIT;
	struct unpack u;
	struct error e;
	const char *s;
	const void *bin;
	uint64_t n;
	int64_t i;
	size_t len;
	bool t;

	pack_array(&b, 8);
	pack_uint(&b, UINT64_MAX);
	pack_int(&b, INT64_MIN);
	pack_bool(&b, true);
	pack_strz(&b, "text");
	pack_strz(&b, NULL);
	pack_bin(&b, "\0\1", 2);
	pack_int(&b, -1);
	pack_map(&b, 1);
	pack_str(&b, "k", 1);
	pack_float(&b, 1.5);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_fields(&u, 7, &e), 0);
	CU_ASSERT_EQUAL(unpack_uint(&u, &n, &e), 0);
	CU_ASSERT(n == UINT64_MAX);
	CU_ASSERT_EQUAL(unpack_int(&u, &i, &e), 0);
	CU_ASSERT(i == INT64_MIN);
	CU_ASSERT_EQUAL(unpack_bool(&u, &t, &e), 0);
	CU_ASSERT(t);
	CU_ASSERT_EQUAL(unpack_str(&u, &s, &len, &e), 0);
	CU_ASSERT_EQUAL(len, 4);
	CU_ASSERT_NSTRING_EQUAL(s, "text", 4);
	CU_ASSERT_EQUAL(unpack_str(&u, &s, &len, &e), 0);
	CU_ASSERT_PTR_NULL(s);
	CU_ASSERT_EQUAL(unpack_bin(&u, &bin, &len, &e), 0);
	CU_ASSERT_EQUAL(len, 2);
	CU_ASSERT_EQUAL(unpack_uint(&u, &n, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_PROTO);
	CU_ASSERT_EQUAL(unpack_skip(&u, &e), 0);
	CU_ASSERT_PTR_EQUAL(u.at, u.end);
	CU_ASSERT_EQUAL(unpack_skip(&u, &e), -1);
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_fields(&u, 9, &e), -1);
	expect_text(e.msg, "at byte 0: expected 9 fields, found 8");
	unpack_init(&u, b.data, b.len);
	CU_ASSERT_EQUAL(unpack_str(&u, &s, &len, &e), -1);
	expect_text(e.msg, "at byte 0: expected a string, found an array");
	buf_free(&b);
}

/* Every cut of a good frame is refused, and no changed byte does harm. */
static void
test_mangled(void)
{
	struct buf b = BUF_INIT, copy = BUF_INIT;
	struct unpack u;
	struct error e;
	FILE *f = open_vectors("values");
	char *line = NULL;
	size_t cap = 0, i, refused = 0;
	uint32_t names = name_count();
	unsigned int c;
	val v;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	heap = heap_new(1 << 20);
	while (getline(&line, &cap, f) != -1) {
		from_hex(line, &b);
		for (i = 0; i < b.len; i++) {
			char *exact = malloc(i + 1);

			memcpy(exact, b.data, i);
			unpack_init(&u, exact, i);
			CU_ASSERT_EQUAL(unpack_val(heap, &u, NULL, &v, &e), -1);
			free(exact);
		}
		for (i = 0; i < b.len && i < 40; i++) {
			for (c = 0; c < 256; c++) {
				buf_clear(&copy);
				buf_add(&copy, b.data, b.len);
				copy.data[i] = (char)c;
				unpack_init(&u, copy.data, copy.len);
				if (unpack_val(heap, &u, NULL, &v, &e) == 0)
					val_release(heap, v);
				else
					refused++;
			}
		}
	}
	CU_ASSERT(refused > 1000);
	CU_ASSERT_EQUAL(heap_used(heap), names_cost(names));
	heap_free(heap);
	free(line);
	fclose(f);
	buf_free(&b);
	buf_free(&copy);
}

struct elsewhere {
	const struct pack_refs *refs;
	size_t next;
};

static int
give_text(void *arg, struct heap *h, size_t len, val *out, struct error *e)
{
	struct elsewhere *x = arg;

	CU_ASSERT_FATAL(x->next < x->refs->n);
	CU_ASSERT_EQUAL(len, x->refs->ref[x->next].len);
	*out = str_new(h, x->refs->ref[x->next].bytes, len);
	if (++x->next < PACK_REFS)
		return 0;
	val_release(h, *out);
	return error_set(e, EK_PROTO, "that was the last straw");
}

/* A value whose long texts are not among its bytes: n of them are known. */
static int
unpack_rest(const struct buf *b, size_t skip, const struct pack_refs *refs,
    size_t n, val *out, struct error *e)
{
	struct elsewhere x = {refs, 0};
	struct unpack_texts texts = {.take = give_text, .arg = &x};
	struct unpack u;

	unpack_init(&u, b->data + skip, b->len - skip);
	u.texts = &texts;
	for (; texts.n < n; texts.n++) {
		texts.text[texts.n].at = refs->ref[texts.n].at - skip;
		texts.text[texts.n].len = refs->ref[texts.n].len;
	}
	return unpack_val(heap, &u, NULL, out, e);
}

static void
test_texts(void)
{
	struct pack_refs refs = {.n = 0};
	const struct pack_options how = {.refs = &refs};
	struct buf out = BUF_INIT;
	size_t len = PACK_REF_MIN, i, used;
	char *text = xmalloc(len);
	val part[PACK_REFS], v, back;
	struct error e;

	heap = heap_new(0);
	memset(text, 'z', len);
	for (i = 0; i < PACK_REFS; i++)
		part[i] =
		    i % 2 == 0 ? str_new(heap, text, len) : val_fix((int64_t)i);
	v = vec_new(heap, part, PACK_REFS);
	buf_adds(&out, "before");
	CU_ASSERT_EQUAL(pack_val(&out, v, &how, SIZE_MAX, &e), 0);
	CU_ASSERT_EQUAL(refs.n, PACK_REFS / 2);
	CU_ASSERT_EQUAL_FATAL(
	    unpack_rest(&out, strlen("before"), &refs, refs.n, &back, &e), 0);
	CU_ASSERT(val_equal(v, back));
	val_release(heap, back);
	used = heap_used(heap);
	/* one that is not announced, or longer than that, is not there */
	CU_ASSERT_EQUAL(
	    unpack_rest(&out, strlen("before"), &refs, refs.n - 1, &back, &e),
	    -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "claims 65536 bytes"));
	refs.ref[1].len--;
	CU_ASSERT_EQUAL(
	    unpack_rest(&out, strlen("before"), &refs, refs.n, &back, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "claims 65536 bytes"));
	CU_ASSERT_EQUAL(heap_used(heap), used);
	/* nor is one that is refused */
	refs.n = refs.total = 0;
	buf_clear(&out);
	for (i = 0; i < PACK_REFS; i++)
		v = vec_push(heap, v, str_new(heap, text, len));
	CU_ASSERT_EQUAL(pack_val(&out, v, &how, SIZE_MAX, &e), 0);
	used = heap_used(heap);
	CU_ASSERT_EQUAL(unpack_rest(&out, 0, &refs, refs.n, &back, &e), -1);
	CU_ASSERT_STRING_EQUAL(e.msg, "that was the last straw");
	CU_ASSERT_EQUAL(heap_used(heap), used);
	val_release(heap, v);
	heap_free(heap);
	free(text);
	buf_free(&out);
}

/* Long text that is only referred to: the pieces are the bytes of a copy, and
 * a failure leaves no reference behind. */
static void
test_references(void)
{
	struct pack_refs refs = {.n = 0};
	const struct pack_options how = {.refs = &refs};
	struct buf copy = BUF_INIT, out = BUF_INIT, sum = BUF_INIT;
	struct iovec piece[PACK_PIECES];
	size_t long_len = PACK_REF_MIN + 20, i, n;
	char *text = xmalloc(long_len);
	val parts[14], v, list;
	struct error e;

	heap = heap_new(0);
	memset(text, 'z', long_len);
	for (i = 0; i < NITEMS(parts); i++) {
		parts[i] = i % 2 == 0 ? str_new(heap, text, long_len - i) :
		                        val_fix((int64_t)i);
	}
	parts[13] = str_new(heap, text, long_len);
	list = val_retain(parts[13]);
	v = vec_new(heap, parts, NITEMS(parts));
	v = vec_push(heap, v, list_new(heap, &list, 1)); /* copied */
	CU_ASSERT_EQUAL(pack_val(&copy, v, NULL, SIZE_MAX, &e), 0);
	buf_adds(&out, "before");
	CU_ASSERT_EQUAL(pack_val(&out, v, &how, SIZE_MAX, &e), 0);
	CU_ASSERT_EQUAL(refs.n, PACK_REFS);
	CU_ASSERT_EQUAL(out.len - strlen("before") + refs.total, copy.len);
	n = pack_pieces(&out, &refs, piece);
	for (i = 0; i < n; i++)
		buf_add(&sum, piece[i].iov_base, piece[i].iov_len);
	CU_ASSERT_EQUAL_FATAL(sum.len, copy.len + strlen("before"));
	CU_ASSERT_EQUAL(
	    memcmp(sum.data + strlen("before"), copy.data, copy.len), 0);
	refs.n = refs.total = 0;
	buf_clear(&out);
	CU_ASSERT_EQUAL(pack_val(&out, v, &how, copy.len - 1, &e), -1);
	CU_ASSERT_EQUAL(e.kind, EK_LIMIT);
	CU_ASSERT_EQUAL(out.len + refs.n + refs.total, 0);
	CU_ASSERT_EQUAL(pack_val(&out, v, &how, copy.len, &e), 0);
	val_release(heap, v);
	heap_free(heap);
	free(text);
	buf_free(&copy);
	buf_free(&out);
	buf_free(&sum);
}

UNIT_MAIN("codec", {"references", test_references},
    {"texts elsewhere", test_texts}, {"values, both ways", test_values},
    {"forms only read", test_accepted}, {"refused", test_refused},
    {"a frame of every message", test_frames}, {"depth", test_depth},
    {"depth of lists", test_deep_lists}, {"what may not travel", test_refusals},
    {"tasks", test_tasks}, {"bounds", test_bounds}, {"fields", test_fields},
    {"mangled bytes", test_mangled})
