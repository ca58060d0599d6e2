/* rtfs-worker-http: the http.* family alone, since libcurl is dear to start
 * with. */

#include "workers/process.h"

static uint64_t
no_build_id(void)
{
	return 0; /* no bytecode comes here: any build will do */
}

const struct image image = {
    .name = "http",
    .atfork = true, /* for its random numbers */
    .build_id = no_build_id,
};
