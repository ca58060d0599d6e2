/*
 * Places in a text for people: line, column, and the picture with the caret.
 * The text may be anything, bad UTF-8 and terminal escapes included; what is
 * shown of it never is.
 */
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "value/reader.h"

#define SHOWN_BEFORE 50 /* characters of a long line left of the caret */
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

void
text_excerpt(const char *text, size_t len, unsigned int line,
    unsigned int column, struct buf *out)
{
	const char *p = text, *end = text + len, *nl;
	unsigned int n, at = 1, caret = 0;
	unsigned int first = column > SHOWN_BEFORE ? column - SHOWN_BEFORE : 1;
	uint32_t cp;
	size_t size;

	for (n = 1; n < line; n++) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			return;
		p = nl + 1;
	}
	if ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL)
		end = nl;
	if (end > p && end[-1] == '\r')
		end--;
	buf_addf(out, "%5u | ", line);
	if (first > 1) {
		buf_adds(out, "...");
		caret = 3;
	}
	for (; p < end; p += size, at++) {
		size = next_character(p, end, &cp);
		if (at < first)
			continue;
		if (at >= first + SHOWN_WIDTH) {
			buf_adds(out, "...");
			break;
		}
		add_shown(out, p, size, cp);
		if (at < column)
			caret += width_of(cp);
	}
	buf_adds(out, "\n      | ");
	while (caret-- > 0)
		buf_addc(out, ' ');
	buf_adds(out, "^\n");
}
