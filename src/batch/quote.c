/* Quoting as GNU parallel prints it, so that joblogs can be compared. */
#include <stdlib.h>
#include <string.h>

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
