/* Not built yet: what asks for it is refused. */
#include "batch/state.h"

int
state_open(struct runner *r, struct state **out, struct error *e)
{
	*out = NULL;
	if (r->options->state == NULL && r->options->resume == RESUME_NO)
		return 0;
	return error_set(e, EK_UNAVAILABLE,
	    "this version keeps no state: --state and --resume are not "
	    "built yet");
}

bool
state_has(struct state *s ATTR_UNUSED, struct entry *e ATTR_UNUSED)
{
	return false;
}

void
state_ended(struct state *s ATTR_UNUSED, struct entry *e ATTR_UNUSED)
{
}

void
state_flush(struct state *s ATTR_UNUSED)
{
}

int
state_close(struct state *s ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	return 0;
}
