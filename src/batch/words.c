/* Argument lists in the making. */
#include <stdlib.h>

#include "base/buf.h"
#include "batch/words.h"

void
words_add(struct words *w, char *owned)
{
	if (w->n + 2 > w->cap) {
		w->cap = w->cap * 2 + 8;
		w->item = xreallocarray(w->item, w->cap, sizeof(char *));
	}
	w->item[w->n++] = owned;
	w->item[w->n] = NULL;
}

void
words_add_copy(struct words *w, const char *text, size_t len)
{
	words_add(w, xstrndup(text, len));
}

char **
words_take(struct words *w)
{
	char **list = w->item;

	if (list == NULL)
		list = xcalloc(1, sizeof(char *));
	*w = (struct words){NULL, 0, 0};
	return list;
}

void
words_free(struct words *w)
{
	word_list_free(w->item);
	*w = (struct words){NULL, 0, 0};
}

void
word_list_free(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}
