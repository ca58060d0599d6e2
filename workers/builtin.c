/* Finding the code of a built-in capability in the table of this image. */
#include <string.h>

#include "workers/builtin.h"

builtin_fn
builtin_find(const char *id)
{
	size_t from = 0, to = builtin_code_count, middle;
	int order;

	while (from < to) {
		middle = (from + to) / 2;
		order = strcmp(id, builtin_code[middle].id);
		if (order == 0)
			return builtin_code[middle].run;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}
