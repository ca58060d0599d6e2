/* Finding the code of a built-in capability in the table of this image. */
#include <string.h>

#include "workers/builtin.h"

builtin_fn
builtin_find(const char *id)
{
	const struct builtin_code *c;
	int order;

	for (c = builtin_code; c->id != NULL; c++) {
		order = strcmp(id, c->id);
		if (order == 0)
			return c->run;
		if (order < 0)
			break;
	}
	return NULL;
}
