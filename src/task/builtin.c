/* The table of built-in capabilities, without their code. */
#include "task/builtin.h"
#include "base/macros.h"

static const struct builtin table[] = {
#define BUILTIN(id, sym, trusted, idempotent, params, doc)                     \
	{id, CAP_BUILTIN, IMAGE_CORE, trusted, idempotent, params, doc},
#define BUILTIN_HTTP(id, sym, trusted, idempotent, params, doc)                \
	{id, CAP_BUILTIN, IMAGE_HTTP, trusted, idempotent, params, doc},
#define BUILTIN_OTHER(id, kind, trusted, idempotent, params, doc)              \
	{id, kind, IMAGE_CORE, trusted, idempotent, params, doc},
#include "task/builtin.def"
};

const struct builtin *
builtin_table(size_t *n)
{
	*n = NITEMS(table);
	return table;
}
