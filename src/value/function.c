/* Function values. */
#include "value/function.h"

struct function *
function_new(struct heap *h, const struct code_head *code, uint32_t ncaptured)
{
	struct function *f;

	f = heap_alloc(h, sizeof(*f) + ncaptured * sizeof(val), O_FUNCTION);
	f->code = code;
	f->ncaptured = ncaptured;
	f->spare = 0;
	return f;
}
