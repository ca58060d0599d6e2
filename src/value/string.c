/* Strings: bytes behind a header that remembers length, hash and how many
 * bytes are not the first of their code point (none: ASCII). */
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "value/memfile.h"
#include "value/stringrep.h"

val
str_blank_unready(struct heap *h, size_t len, char **bytes)
{
	struct string *s = NULL;

	if (UNLIKELY(len >= MEMFILE_MIN))
		s = heap_alloc_file(h, sizeof(*s), len + 1, O_STRING);
	if (s == NULL)
		s = heap_alloc(h, sizeof(*s) + len + 1, O_STRING);
	s->len = len;
	s->hash = 0;
	s->tails = 0;
	s->text[len] = '\0';
	*bytes = s->text;
	return val_from_obj(s);
}

val
str_blank(struct heap *h, size_t len, char **bytes)
{
	val v = str_blank_unready(h, len, bytes);

	str_ready(v, len);
	return v;
}

void
str_ready(val v, size_t upto)
{
	struct string *s = val_string(v);

	if (UNLIKELY(s->len >= MEMFILE_MIN))
		heap_ready(s, upto);
}

int
str_lend(struct heap *h, val v)
{
	struct string *s = val_string(v);

	return s->len < MEMFILE_MIN ? -1 : heap_lend(h, s, s->len + 1);
}

val
str_borrow(struct heap *h, int fd, size_t len)
{
	struct string *s = heap_borrow(h, fd, sizeof(*s), len + 1, O_STRING);

	if (s == NULL)
		return VAL_UNBOUND;
	s->len = len;
	s->hash = 0;
	s->tails = 0;
	return val_from_obj(s);
}

static void
set_count(struct string *s, size_t count)
{
	size_t tails = s->len - count;

	s->tails = tails < STRING_MANY ? (uint32_t)tails : STRING_MANY;
}

void
str_seal(val v)
{
	struct string *s = val_string(v);

	set_count(s, utf8_count(s->text, s->len));
}

size_t
str_check(val v)
{
	struct string *s = val_string(v);
	size_t count, bad = utf8_check(s->text, s->len, &count);

	if (LIKELY(bad == UTF8_VALID))
		set_count(s, count);
	return bad;
}

/* Bytes of it without a last code point that may be cut. */
static size_t
whole(const char *text, size_t len)
{
	size_t i;

	for (i = 1; i < 4 && i <= len; i++) {
		if (((unsigned char)text[len - i] & 0xc0) == 0xc0)
			return len - i;
		if ((unsigned char)text[len - i] < 0x80)
			break;
	}
	return len;
}

size_t
str_check_more(val v, struct str_progress *p, size_t have)
{
	struct string *s = val_string(v);
	const char *from = s->text + p->at;
	size_t n = have - p->at, count, bad;

	if (p->wrong)
		return p->at;
	if (have < s->len)
		n = whole(from, n);
	bad = utf8_check(from, n, &count);
	if (UNLIKELY(bad != UTF8_VALID)) {
		p->wrong = true;
		p->at += bad;
		return p->at;
	}
	p->at += n;
	p->count += count;
	if (have == s->len)
		set_count(s, p->count);
	return UTF8_VALID;
}

val
str_new(struct heap *h, const char *text, size_t len)
{
	char *bytes;
	val v = str_blank(h, len, &bytes);

	if (len > 0)
		memcpy(bytes, text, len);
	str_seal(v);
	return v;
}

val
str_from(struct heap *h, const char *text)
{
	return str_new(h, text, strlen(text));
}

val
str_repaired(struct heap *h, const char *bytes, size_t len)
{
	struct buf b = BUF_INIT;
	size_t bad;
	val v;

	while ((bad = utf8_invalid_at(bytes, len)) != UTF8_VALID) {
		buf_add(&b, bytes, bad);
		buf_adds(&b, "\xef\xbf\xbd");
		bytes += bad + 1;
		len -= bad + 1;
	}
	buf_add(&b, bytes, len);
	v = str_new(h, buf_str(&b), b.len);
	buf_free(&b);
	return v;
}

const char *
str_bytes(val v, size_t *len)
{
	const struct string *s = val_string(v);

	if (len != NULL)
		*len = s->len;
	return s->text;
}

size_t
str_count(val v)
{
	const struct string *s = val_string(v);

	if (UNLIKELY(s->tails == STRING_MANY))
		return utf8_count(s->text, s->len);
	return s->len - s->tails;
}

bool
str_is_ascii(val v)
{
	return val_string(v)->tails == 0;
}

size_t
str_offset(val v, size_t n)
{
	const struct string *s = val_string(v);

	if (s->tails == 0)
		return n;
	return utf8_offset(s->text, s->len, n);
}

val
str_slice(struct heap *h, val v, size_t from, size_t to)
{
	const struct string *s = val_string(v);
	size_t begin, end;
	val out;

	begin = str_offset(v, from);
	end = s->tails == 0 ?
	    to :
	    begin + utf8_offset(s->text + begin, s->len - begin, to - from);
	if (begin == 0 && end == s->len)
		return v;
	out = str_new(h, s->text + begin, end - begin);
	val_release(h, v);
	return out;
}

bool
str_equal_text(val v, const char *text)
{
	const struct string *s = val_string(v);
	size_t len = strlen(text);

	return s->len == len && memcmp(s->text, text, len) == 0;
}
