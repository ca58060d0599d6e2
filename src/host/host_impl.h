/* What the files of this room share about a host. */
#ifndef HOST_HOST_IMPL_H
#define HOST_HOST_IMPL_H

#include "host/host.h"
#include "host/images.h"
#include "pool/loop.h"
#include "pool/pool.h"

struct set;

struct host {
	struct host_config config;
	struct loop *loop; /* NULL until the first call that needs it */
	struct pool *pool;
	char *no_pool; /* why there is none; every task says it */
	struct images *images;
	struct set *active; /* whose tasks the pool has */
	struct vm *vm;      /* whose call is being answered */
	unsigned int workers;
	/* functions and tasks inside the arguments of function tasks */
	struct pack_options pack;
};

/* The pool, made now if there is none; NULL: host->no_pool says why. */
struct pool *host_pool(struct host *);
/* Serve a CAP_HOST capability (io.*) here and now.  *out is owned: the
 * result (true) or an error value (false). */
bool host_serve(struct host *, const struct capability *, val args,
    struct heap *, val *out);

/* Callbacks of the pool (set.c). */
void set_task_started(struct task *, int32_t pid, void *arg);
void set_task_done(struct task *, struct outcome *, void *arg);
void set_task_stray(struct task *, const char *, size_t, void *arg);
void set_task_label(const struct task *, struct buf *, void *arg);
/* Ctrl-C: nothing starts or is retried any more. */
void set_stop(struct set *);

#endif
