/* See texts.h. */
#include <errno.h>
#include <unistd.h>

#include "base/utf8.h"
#include "value/string.h"
#include "workers/texts.h"

/* They are checked while more is written: in parts that are still near the
 * processor then. */
#define TEXTS_READ ((size_t)256 * 1024)

static int texts_take(void *, struct heap *, size_t len, val *, struct error *);
static struct unpack_texts texts = {.take = texts_take};
static int texts_pipe = -1;
static int texts_file[PACK_REFS]; /* -1: in the pipe */

void
texts_close(void)
{
	size_t i;

	if (texts.n == 0 && texts_pipe == -1) /* no page of ours is written */
		return;
	for (i = 0; i < texts.n; i++) {
		if (texts_file[i] != -1)
			close(texts_file[i]);
	}
	if (texts_pipe != -1)
		close(texts_pipe);
	texts_pipe = -1;
	texts.n = texts.next = 0;
}

static int
texts_unfit(size_t len, struct error *e)
{
	return error_set(e, EK_LIMIT,
	    "a text of %zu bytes does not fit the memory allowed", len);
}

/* Where it lies: it may be changed here, but is not copied before. */
static int
texts_map(struct heap *h, int fd, size_t len, val *out, struct error *e)
{
	val v = str_borrow(h, fd, len);

	if (v == VAL_UNBOUND && errno != EINVAL)
		return texts_unfit(len, e);
	if (v == VAL_UNBOUND)
		return error_set(
		    e, EK_PROTO, "a text is in no sealed file of its length");
	if (str_check(v) != UTF8_VALID) {
		val_release(h, v);
		return error_set(e, EK_PROTO, "a text is not UTF-8");
	}
	*out = v;
	return 0;
}

static int
texts_read(struct heap *h, size_t len, val *out, struct error *e)
{
	struct str_progress checked = {0};
	char *bytes;
	size_t have = 0, bad = UTF8_VALID;
	ssize_t n;
	val v = str_blank(h, len, &bytes);

	while (have < len && bad == UTF8_VALID) {
		n = read(texts_pipe, bytes + have,
		    len - have < TEXTS_READ ? len - have : TEXTS_READ);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
		bad = str_check_more(v, &checked, have);
	}
	if (have == len && bad == UTF8_VALID) {
		*out = v;
		return 0;
	}
	val_release(h, v);
	return error_set(e, EK_PROTO,
	    bad == UTF8_VALID ? "a text was cut short" : "a text is not UTF-8");
}

static int
texts_take(void *arg ATTR_UNUSED, struct heap *h, size_t len, val *out,
    struct error *e)
{
	int fd = texts_file[texts.next - 1];

	if (!heap_room(h, len + 64))
		return texts_unfit(len, e);
	return fd != -1 ? texts_map(h, fd, len, out, e) :
	                  texts_read(h, len, out, e);
}

/* One more, of those that are in a file or of the others. */
static int
texts_add(struct unpack *u, bool file, struct inbox *in, struct error *e)
{
	uint64_t at, len;
	int fd = file ? inbox_take(in) : -1;

	texts_file[texts.n] = fd;
	texts.n++;
	if (file && fd == -1)
		return error_set(e, EK_PROTO, "TEXTS without descriptor");
	if (unpack_uint(u, &at, e) == -1 || unpack_uint(u, &len, e) == -1)
		return -1;
	texts.text[texts.n - 1].at = (size_t)at;
	texts.text[texts.n - 1].len = (size_t)len;
	return 0;
}

int
texts_open(const struct frame *f, struct inbox *in, struct error *e)
{
	struct unpack u;
	uint64_t files, all;
	size_t n, i;

	texts_close();
	unpack_init(&u, f->payload, f->len);
	if (unpack_array(&u, &n, e) == -1)
		return -1;
	if (n % 2 != 1 || n / 2 > NITEMS(texts.text))
		return error_set(e, EK_PROTO, "TEXTS of %zu numbers", n);
	if (unpack_uint(&u, &files, e) == -1)
		return -1;
	all = (UINT64_C(1) << n / 2) - 1;
	if ((files & all) != all) {
		texts_pipe = inbox_take(in);
		if (texts_pipe == -1)
			return error_set(
			    e, EK_PROTO, "TEXTS without descriptor");
	}
	for (i = 0; i < n / 2; i++) {
		if (texts_add(&u, (files >> i & 1) != 0, in, e) == -1)
			return -1;
	}
	return 0;
}

struct unpack_texts *
texts_waiting(void)
{
	return texts.n > 0 ? &texts : NULL;
}
