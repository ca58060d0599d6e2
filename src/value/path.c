/* Paths into values, as text. */
#include "value/path.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/string.h"

#define SHOWN_KEY 40 /* bytes */

void
path_add_index(struct buf *out, size_t i)
{
	buf_addf(out, "[%zu]", i);
}

void
path_add_key(struct buf *out, val key)
{
	const char *text = NULL;
	size_t len = 0;

	if (val_is_keyword(key))
		text = val_name_text(key, &len);
	else if (val_is_string(key))
		text = str_bytes(key, &len);
	if (text != NULL && len <= SHOWN_KEY && text_is_keyword(text, len)) {
		if (out->len > 0)
			buf_addc(out, '.');
		buf_add(out, text, len);
		return;
	}
	buf_addc(out, '[');
	print_short(out, key, SHOWN_KEY);
	buf_addc(out, ']');
}
