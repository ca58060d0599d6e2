/* What every verb that loads programs needs first: the policy of all layers
 * and the capabilities of all manifests, or all that is wrong with them. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli/options.h"

struct setup {
	struct policy *policy;
	struct registry *registry;
	struct text_list policy_files; /* as read, absolute; owned texts */
	char *secret_dir[3];           /* system's, user's, NULL; owned texts */
	char *worker[IMAGE_COUNT];
	char *program_dir; /* absolute; NULL: the program is no file */
};

/* program: the file whose folder's capabilities.rtfs counts, or NULL.  0, or
 * the exit status 3 when policy or manifests are wrong (everything was said),
 * 2 when an option's value is. */
int setup_open(struct setup *, const struct verb *, const struct options *,
    const char *program);
void setup_close(struct setup *);

#endif
