/* rtfs-worker: built-ins but http.*, functions, programs. */

#include "workers/process.h"
#include "workers/work.h"

const struct image image = {
    .name = "core",
    .build_id = closure_build_id,
    .closure_add = closure_add,
    .closure_run = closure_run,
    .closure_heap = closure_heap,
    .closure_unpack = closure_unpack,
};
