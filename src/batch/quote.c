/* Quoting as GNU parallel prints it, so that joblogs can be compared. */
#include <string.h>

#include "batch/quote.h"

#define PLAIN                                                                  \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+/"

void
quote_word(struct buf *b, const char *word)
{
	if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0') {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			buf_adds(b, "'\"'\"'");
		else
			buf_addc(b, *word);
	}
	buf_addc(b, '\'');
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
