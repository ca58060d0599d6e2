/* rtfs-worker-plugin: shared objects with the C interface of
 * rtfs_capability.h; dynamic, since a static program cannot load any. */

#include "workers/builtin.h"
#include "workers/plugin.h"
#include "workers/process.h"

static uint64_t
no_build_id(void)
{
	return 0; /* no bytecode comes here: any build will do */
}

const struct image image = {
    .name = "plugin",
    .build_id = no_build_id,
    .plugin_run = plugin_run,
    .plugin_load = plugin_load,
};

const struct builtin_code builtin_code[] = {
    {"", NULL}
};
const size_t builtin_code_count = 0;
