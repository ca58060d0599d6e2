/* Keys of a policy that can be written and that nothing here keeps yet: a task
 * that has one is refused, so that no policy promises what does not happen.  A
 * row goes when its key is kept. */
#include <errno.h>

#include "sandbox/plan.h"

static const struct {
	enum setting id;
	const char *remedy;
} unkept[] = {
    {SETTING_SECRETS, "use :env"},
};

int
sandbox_check_kept(const struct effective *eff, struct error *e)
{
	const struct origin *o;
	size_t i;

	for (i = 0; i < NITEMS(unkept); i++) {
		o = &eff->origin[unkept[i].id];
		if (o->file == NULL)
			continue;
		error_set(e, EK_UNAVAILABLE,
		    "this version does not keep :%s (%s:%u): %s",
		    setting_name(unkept[i].id), o->file, o->line,
		    unkept[i].remedy);
		e->os_errno = ENOSYS;
		return -1;
	}
	return 0;
}
