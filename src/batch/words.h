/* A list of texts that grows and owns them, as execve wants it. */
#ifndef BATCH_WORDS_H
#define BATCH_WORDS_H

#include <stddef.h>

/* Zero-initialised is empty and valid. */
struct words {
	char **item; /* NULL at the end; NULL: none yet */
	size_t n;
	size_t cap;
};

void words_add(struct words *, char *owned);
void words_add_copy(struct words *, const char *, size_t len);
/* The list, NULL at the end and never NULL; the words are then empty. */
char **words_take(struct words *);
void words_free(struct words *);
void word_list_free(char **); /* of words_take(); NULL is fine */

#endif
