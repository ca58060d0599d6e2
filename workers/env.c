/* env.get: the variables that policy's :env grants, and no others. */
#include <string.h>

#include "value/string.h"
#include "workers/builtin.h"

int
builtin_env_get(struct work *w)
{
	const struct effective *rights = &w->grants->rights;
	const char *name = work_text(w, 0, NULL);
	val other = work_arg(w, 1);
	size_t i;

	if (name == NULL)
		return -1;
	for (i = 0; i < rights->nenv; i++) {
		if (strcmp(rights->env[i].name, name) != 0 ||
		    rights->env[i].value == NULL)
			continue;
		return work_string(w, rights->env[i].value,
		    strlen(rights->env[i].value), name, &w->result);
	}
	return work_done(w, other == VAL_UNBOUND ? VAL_NIL : val_retain(other));
}
