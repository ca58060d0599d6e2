/* The built-in capabilities of the core image. */
#include "workers/builtin.h"

const struct builtin_code builtin_code[] = {
#define BUILTIN(id, sym, trusted, idempotent, params, doc) {id, builtin_##sym},
#include "task/builtin.def"
};
const size_t builtin_code_count = NITEMS(builtin_code);
