/* One table of states for both: where a record ends, and what is in it. */
#include <string.h>

#include "base/utf8.h"
#include "batch/csv.h"

enum state {
	AT_FIELD, /* at the beginning of one */
	PLAIN,
	QUOTED,
	AFTER_QUOTE /* that may have closed the field, or be a doubled one */
};

static enum state
next_state(enum state s, char c, char separator)
{
	if (s == QUOTED)
		return c == '"' ? AFTER_QUOTE : QUOTED;
	if (c == '"' && s != PLAIN)
		return QUOTED;
	return c == separator ? AT_FIELD : PLAIN;
}

size_t
csv_end(struct csv_scan *scan, const char *data, size_t len, char separator)
{
	for (; scan->at < len; scan->at++) {
		if (data[scan->at] == '\n' && scan->state != QUOTED)
			return scan->at + 1;
		scan->state = (int)next_state(
		    (enum state)scan->state, data[scan->at], separator);
	}
	return 0;
}

/* A problem at byte i. */
static int
wrong(const char *text, size_t i, const char *what, struct error *e)
{
	unsigned int line = 1;
	size_t k, from = 0;

	for (k = 0; k < i; k++) {
		if (text[k] == '\n') {
			line++;
			from = k + 1;
		}
	}
	k = utf8_invalid_at(text + from, i - from) == UTF8_VALID ?
	    utf8_count(text + from, i - from) :
	    i - from;
	return error_at(e, line, (unsigned int)k + 1, "%s", what);
}

int
csv_fields(const char *text, size_t len, char separator, struct words *w,
    struct error *e)
{
	struct buf field = BUF_INIT;
	enum state s = AT_FIELD, next;
	size_t i, opened = 0;
	int rc = -1;

	if (len > 0 && text[len - 1] == '\r')
		len--;
	for (i = 0; i < len; i++, s = next) {
		next = next_state(s, text[i], separator);
		if (text[i] == '\0') {
			wrong(text, i, "a NUL byte", e);
			goto done;
		}
		if (s == AFTER_QUOTE && next == PLAIN) {
			wrong(text, i, "text behind a closing quote", e);
			goto done;
		}
		if (s == PLAIN && text[i] == '"') {
			wrong(text, i,
			    "a quote within a field that does not begin with "
			    "one",
			    e);
			goto done;
		}
		if (s == AT_FIELD && next == QUOTED) {
			opened = i;
		} else if (next == AT_FIELD) {
			words_add_copy(w, buf_str(&field), field.len);
			buf_clear(&field);
		} else if (next != AFTER_QUOTE) {
			buf_addc(&field, text[i]);
		}
	}
	if (s == QUOTED) {
		wrong(text, opened, "a quote that is not closed", e);
		goto done;
	}
	words_add_copy(w, buf_str(&field), field.len);
	rc = 0;
done:
	buf_free(&field);
	return rc;
}

void
csv_write(struct buf *b, const char *text, size_t len, char separator)
{
	const char *end = text + len, *p;

	for (p = text; p < end; p++) {
		if (*p == separator || *p == '"' || *p == '\n' || *p == '\r')
			break;
	}
	if (p == end) {
		buf_add(b, text, len);
		return;
	}
	buf_addc(b, '"');
	for (p = text; p < end; p++) {
		if (*p == '"')
			buf_addc(b, '"');
		buf_addc(b, *p);
	}
	buf_addc(b, '"');
}
