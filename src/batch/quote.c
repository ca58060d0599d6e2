/* Quoting as GNU parallel prints it, so that joblogs can be compared. */
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "batch/quote.h"

#define PLAIN                                                                  \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+/"

static void
quote(struct buf *b, const char *text, size_t len)
{
	size_t i;

	buf_addc(b, '\'');
	for (i = 0; i < len; i++) {
		if (text[i] == '\'')
			buf_adds(b, "'\"'\"'");
		else
			buf_addc(b, text[i]);
	}
	buf_addc(b, '\'');
}

void
quote_word(struct buf *b, const char *word)
{
	if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0')
		buf_adds(b, word);
	else
		quote(b, word, strlen(word));
}

void
quote_visible(struct buf *b, const char *word)
{
	static const char names[] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
	const unsigned char *p = (const unsigned char *)word;

	if (visible_text(word, strlen(word))) {
		quote_word(b, word);
		return;
	}
	buf_adds(b, "$'");
	for (; *p != '\0'; p++) {
		if (*p == '\'' || *p == '\\')
			buf_addf(b, "\\%c", *p);
		else if (*p < sizeof(names) && names[*p] != 0)
			buf_addf(b, "\\%c", names[*p]);
		else if (*p < 0x20 || *p >= 0x7f)
			buf_addf(b, "\\%03o", *p);
		else
			buf_addc(b, (char)*p);
	}
	buf_addc(b, '\'');
}

void
quote_literal(struct buf *b, const char *text, size_t len)
{
	char *word = xstrndup(text, len);

	/* braces, or commas and dots: together they are alternatives */
	if (word[strspn(word, PLAIN "=:@%,")] == '\0' ||
	    (word[strspn(word, PLAIN "=:@%{}")] == '\0' &&
	        strstr(word, "..") == NULL))
		buf_adds(b, word);
	else
		quote(b, word, len);
	free(word);
}

void
quote_words(struct buf *b, char *const *words)
{
	size_t i;

	for (i = 0; words[i] != NULL; i++) {
		if (i > 0)
			buf_addc(b, ' ');
		quote_word(b, words[i]);
	}
}
