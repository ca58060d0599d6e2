/* What a guard does to itself once, before its first task. */

#include "sandbox/enter.h"
#include "sandbox/plan.h"

int
sandbox_enter_guard(uint32_t wishes, uint32_t *kept)
{
	if ((*kept & SANDBOX_USERNS) != 0) {
		/* Inside it the guard would have every capability. */
		if (sandbox_map_self() == -1 ||
		    sandbox_drop_capabilities() == -1)
			return -1;
	}
	*kept &= ~(uint32_t)SANDBOX_NO_NEW_PRIVS;
	if ((wishes & SANDBOX_NO_NEW_PRIVS) != 0 && sandbox_no_new_privs() == 0)
		*kept |= SANDBOX_NO_NEW_PRIVS;
	return 0;
}
