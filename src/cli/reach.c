/* The trial of `rtfs doctor`: no reasoning from facilities to levels can know
 * what a container's filter or a security module will say to the whole. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/paths.h"
#include "cli/reach.h"
#include "host/evaluate.h"
#include "host/interrupt.h"
#include "value/string.h"

static const char trial[] =
    "(let [r (:t (call :parallel {:t (task :process.exec [\"true\"])}))]"
    " (if (error? r) (:message r) nil))";

struct trial {
	struct policy *policy;
	struct registry *registry;
	char *worker[IMAGE_COUNT];
	struct output out;
	struct vm *vm;
	struct host *host;
};

static int
trial_open(struct trial *t, enum isolation level, struct error *e)
{
	struct vm_config vm = {.may_call = true,
	    .max_memory = (size_t)16 << 20,
	    .interrupt = &interrupt_signal};
	struct host_config host = {.workers = 1};
	int i;

	memset(t, 0, sizeof(*t));
	output_init(&t->out, STDOUT_FILENO);
	t->policy = policy_new();
	t->registry = registry_new();
	for (i = 0; i < IMAGE_COUNT; i++)
		host.worker_path[i] = t->worker[i] =
		    path_worker((enum cap_image)i);
	host.registry = t->registry;
	host.policy = t->policy;
	host.output = &t->out;
	if (policy_option(t->policy, "isolation", isolation_name(level), e) ==
	        -1 ||
	    vm_new(&vm, &t->vm, e) == -1)
		return -1;
	t->host = host_new(&host);
	return 0;
}

static void
trial_close(struct trial *t)
{
	int i;

	if (t->host != NULL)
		host_free(t->host);
	vm_free(t->vm);
	output_free(&t->out);
	registry_free(t->registry);
	policy_free(t->policy);
	for (i = 0; i < IMAGE_COUNT; i++)
		free(t->worker[i]);
}

bool
level_reached(enum isolation level, struct buf *why)
{
	struct program p = {"<doctor>", trial, sizeof(trial) - 1};
	struct error e = {.msg = ""};
	struct trial t;
	bool reached = false;
	val v;

	if (trial_open(&t, level, &e) == -1) {
		buf_adds(why, e.msg);
	} else if (evaluate(t.host, t.vm, &p, why) == EVAL_DONE) {
		v = vm_value(t.vm);
		reached = v == VAL_NIL;
		if (val_is_string(v))
			buf_add(why, str_bytes(v, NULL),
			    strlen(str_bytes(v, NULL)));
	}
	trial_close(&t);
	return reached;
}
