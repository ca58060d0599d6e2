#include <stdlib.h>

#include "base/buf.h"
#include "base/diag.h"

void
diags_add(struct diags *ds, enum diag_level level, const char *file,
    unsigned int line, unsigned int column, const char *class, const char *fmt,
    ...)
{
	struct buf b = BUF_INIT;
	struct diag *d;
	va_list ap;

	if (ds->n == ds->cap) {
		ds->cap = ds->cap == 0 ? 8 : ds->cap * 2;
		ds->item = xreallocarray(ds->item, ds->cap, sizeof(*ds->item));
	}
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	d = &ds->item[ds->n++];
	d->level = level;
	d->file = file == NULL ? NULL : xstrdup(file);
	d->line = line;
	d->column = column;
	d->class = class;
	d->message = buf_take(&b, NULL);
}

size_t
diags_errors(const struct diags *ds)
{
	size_t i, n = 0;

	for (i = 0; i < ds->n; i++)
		n += ds->item[i].level == DIAG_ERROR;
	return n;
}

void
diags_free(struct diags *ds)
{
	size_t i;

	for (i = 0; i < ds->n; i++) {
		free(ds->item[i].file);
		free(ds->item[i].message);
	}
	free(ds->item);
	*ds = (struct diags){NULL, 0, 0};
}
