/* The calls that run many tasks at once. */
#ifndef HOST_PARALLEL_H
#define HOST_PARALLEL_H

#include "host/host_impl.h"

/* (call :parallel WORK OPTS?) */
enum host_answer parallel_call(
    struct host *, struct vm *, const struct host_call *, val *out);
/* (call :parallel.map f coll OPTS?) */
enum host_answer parallel_map_call(
    struct host *, struct vm *, const struct host_call *, val *out);
/* (call :ccos.concurrent/parallel [x...] OPTS?): tasks and functions of no
 * parameters. */
enum host_answer parallel_mixed_call(
    struct host *, struct vm *, const struct host_call *, val *out);

#endif
