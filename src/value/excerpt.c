/*
 * Places in a text for people: line, column, and the picture with the caret.
 * The text may be anything, bad UTF-8 and terminal escapes included; what is
 * shown of it never is.
 */
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "value/reader.h"

#define SHOWN_BEFORE 50  /* characters of a long line left of the caret */
#define SHOWN_WIDTH  100 /* characters of a line in all */

void
text_place(const char *text, size_t len, size_t offset, unsigned int *line,
    unsigned int *column)
{
	const char *p = text, *nl;
	const char *at = text + (offset < len ? offset : len);

	*line = 1;
	while ((nl = memchr(p, '\n', (size_t)(at - p))) != NULL) {
		p = nl + 1;
		++*line;
	}
	*column = 1;
	for (; p < at; p++) {
		if (((unsigned char)*p & 0xc0) != 0x80)
			++*column;
	}
}

/* One character of any bytes: its size, or 1 with *cp U+FFFD. */
static size_t
next_character(const char *p, const char *end, uint32_t *cp)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	n = utf8proc_iterate((const utf8proc_uint8_t *)p, end - p, &c);
	if (n <= 0) {
		*cp = 0xfffd;
		return 1;
	}
	*cp = (uint32_t)c;
	return (size_t)n;
}

static void
add_shown(struct buf *out, const char *p, size_t n, uint32_t cp)
{
	if (cp < 0x20)
		buf_addc(out, ' ');
	else if (cp == 0xfffd || (cp >= 0x7f && cp < 0xa0) ||
	    utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_CF)
		buf_adds(out, "\xef\xbf\xbd");
	else
		buf_add(out, p, n);
}

static unsigned int
width_of(uint32_t cp)
{
	int w = 1;

	if (cp >= 0xa0 &&
	    utf8proc_category((utf8proc_int32_t)cp) != UTF8PROC_CATEGORY_CF)
		w = utf8proc_charwidth((utf8proc_int32_t)cp);
	return w < 0 ? 0 : (unsigned int)w;
}

/* From where the cursor stands, or the beginning, to the line's character
 * number `column'; NULL: there is no such line. */
static const char *
go_to(const char *text, const char *end, unsigned int line, unsigned int column,
    struct text_cursor *c)
{
	const char *p, *nl;
	uint32_t cp;

	if (c->line == 0 || c->line > line ||
	    (c->line == line && c->column > column))
		*c = (struct text_cursor){0, 1, 1};
	p = text + c->offset;
	for (; c->line < line; c->line++) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL) {
			*c = (struct text_cursor){0, 0, 0};
			return NULL;
		}
		p = nl + 1;
		c->column = 1;
	}
	for (; c->column < column && p < end && *p != '\n'; c->column++)
		p += next_character(p, end, &cp);
	c->offset = (size_t)(p - text);
	return p;
}

static bool
line_ends(const char *p, const char *end)
{
	return p == end || *p == '\n' ||
	    (*p == '\r' && (p + 1 == end || p[1] == '\n'));
}

void
text_excerpt_on(const char *text, size_t len, unsigned int line,
    unsigned int column, struct text_cursor *cursor, struct buf *out)
{
	const char *p, *end = text + len;
	unsigned int at, caret = 0;
	unsigned int first = column > SHOWN_BEFORE ? column - SHOWN_BEFORE : 1;
	uint32_t cp;
	size_t size;

	if ((p = go_to(text, end, line, first, cursor)) == NULL)
		return;
	buf_addf(out, "%5u | ", line);
	if (first > 1) {
		buf_adds(out, "...");
		caret = 3;
	}
	for (at = first; !line_ends(p, end); p += size, at++) {
		if (at >= first + SHOWN_WIDTH) {
			buf_adds(out, "...");
			break;
		}
		size = next_character(p, end, &cp);
		add_shown(out, p, size, cp);
		if (at < column)
			caret += width_of(cp);
	}
	buf_adds(out, "\n      | ");
	while (caret-- > 0)
		buf_addc(out, ' ');
	buf_adds(out, "^\n");
}

void
text_excerpt(const char *text, size_t len, unsigned int line,
    unsigned int column, struct buf *out)
{
	struct text_cursor cursor = {0, 0, 0};

	text_excerpt_on(text, len, line, column, &cursor, out);
}
