/* What is built in, as data: builtin.def for the registry and for people. */
#ifndef TASK_BUILTIN_H
#define TASK_BUILTIN_H

#include "task/capability.h"

struct builtin {
	const char *id;
	enum cap_kind kind;
	enum cap_image image;
	bool trusted;
	bool idempotent;
	const char *params; /* a type as RTFS text; NULL: any */
	const char *doc;
};

/* All rows, sorted by id; static. */
const struct builtin *builtin_table(size_t *n);

#endif
