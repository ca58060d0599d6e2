/*
 * The supervisor of one program: registry, policy and pool behind the one
 * question that a stopped machine asks.  The event loop and the pool are made
 * at the first call that needs a worker; a program that only computes costs
 * neither.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "host/output.h"
#include "host/registry.h"
#include "host/report.h"
#include "host/watch.h"
#include "lang/vm.h"
#include "policy/policy.h"

enum stray_mode {
	STRAY_KEEP, /* stderr of tasks is kept for their error only */
	STRAY_LIVE, /* and shown as it comes, each line after its task */
	STRAY_DIR,  /* and written to one file a task */
};

/* Everything is borrowed and outlives the host. */
struct host_config {
	unsigned int workers; /* 0: CPUs allowed by affinity and quota */
	int64_t spin;         /* as in pool.h */
	const char *worker_path[IMAGE_COUNT]; /* NULL: not there */
	struct registry *registry;
	struct policy *policy;
	char *const *secret_dirs; /* folders; NULL at the end */
	struct output *output;
	struct report *report; /* NULL: none */
	struct watch *watch;   /* NULL: nobody watches */
	enum stray_mode stray;
	const char *stray_dir; /* its name */
	int stray_folder;      /* of STRAY_DIR, opened */
};

struct host;
struct host *host_new(const struct host_config *);
void host_free(struct host *); /* ends and reaps every worker */

enum host_answer {
	HOST_RESUME, /* *out is the value of the call */
	HOST_RAISE,  /* *out is to be thrown */
	HOST_END,    /* interrupt_signal is set: the program is over */
};
/* Answer the call that vm stands at.  *out is owned, on the heap of vm. */
enum host_answer host_answer_call(struct host *, struct vm *, val *out);

/* CPUs that this process may use: affinity mask, cut by the cgroup quota. */
unsigned int host_cpus(void);

#endif
