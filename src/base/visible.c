#include <string.h>

#include "base/utf8.h"
#include "base/visible.h"

static bool
is_hidden(uint32_t cp)
{
	return (cp < 0x20 && cp != '\t') || (cp >= 0x7f && cp < 0xa0) ||
	    cp == 0x61c || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

/* Where the first hidden character of valid text is; NULL: there is none. */
static const char *
find_hidden(const char *p, const char *end, uint32_t *cp, size_t *size)
{
	for (; p < end; p += *size) {
		*cp = utf8_decode(p, end, size);
		if (is_hidden(*cp))
			return p;
	}
	return NULL;
}

static void
add_valid(struct buf *b, const char *p, size_t len)
{
	const char *end = p + len, *at;
	uint32_t cp;
	size_t size;

	while ((at = find_hidden(p, end, &cp, &size)) != NULL) {
		buf_add(b, p, (size_t)(at - p));
		if (cp == '\n' || cp == '\r')
			buf_adds(b, cp == '\n' ? "\\n" : "\\r");
		else
			buf_addf(b, "\\u%04X", (unsigned int)cp);
		p = at + size;
	}
	buf_add(b, p, (size_t)(end - p));
}

void
visible_add(struct buf *b, const char *p, size_t len)
{
	size_t good;

	while ((good = utf8_invalid_at(p, len)) != UTF8_VALID) {
		add_valid(b, p, good);
		buf_addf(b, "\\x%02X", (unsigned char)p[good]);
		p += good + 1;
		len -= good + 1;
	}
	add_valid(b, p, len);
}

void
visible_adds(struct buf *b, const char *text)
{
	visible_add(b, text, strlen(text));
}

bool
visible_text(const char *p, size_t len)
{
	uint32_t cp;
	size_t size;

	return utf8_invalid_at(p, len) == UTF8_VALID &&
	    find_hidden(p, p + len, &cp, &size) == NULL;
}
