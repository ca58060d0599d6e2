/*
 * A host: made cheap, given its event loop and pool at the first call that
 * needs a worker, and asked to stop by signals while it waits.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "host/host_impl.h"
#include "host/interrupt.h"
#include "lang/image.h"

/* Between TERM and KILL of what still runs when the user interrupts. */
#define GRACE (500 * NS_PER_MS)

static int
pack_function(void *arg, val function, struct buf *out, struct error *e)
{
	struct host *host = arg;

	return image_write(host->vm, function, out, e);
}

struct host *
host_new(const struct host_config *config)
{
	struct host *host = xcalloc(1, sizeof(*host));

	host->config = *config;
	host->images = images_new();
	host->pack.function = pack_function;
	host->pack.arg = host;
	host->pack.tasks = true;
	host->pack.arguments = true;
	return host;
}

void
host_free(struct host *host)
{
	if (host == NULL)
		return;
	watch_detach(host->config.watch);
	if (host->pool != NULL)
		pool_free(host->pool);
	if (host->loop != NULL)
		loop_free(host->loop);
	images_free(host->images);
	free(host->no_pool);
	free(host);
}

/* Once: running tasks get TERM, then KILL after the grace.  Twice: KILL. */
static void
host_signal(int signo, void *arg)
{
	struct host *host = arg;

	if (interrupt_signal != 0) {
		pool_kill_all(host->pool);
		return;
	}
	interrupt_raise(signo);
	if (host->active != NULL)
		set_stop(host->active);
	pool_cancel_all(host->pool, ERRKEY_CANCELLED,
	    signo == SIGINT ? "interrupted" : "terminated");
}

static int
host_start(struct host *host, struct error *e)
{
	struct pool_config pc;
	size_t i;

	if (host->config.worker_path[IMAGE_CORE] == NULL) {
		return error_set(e, EK_UNAVAILABLE,
		    "rtfs-worker is not installed: not beside rtfs and not "
		    "in its libexec folder (rtfs version -v)");
	}
	if (loop_new(&host->loop, e) == -1)
		return -1;
	if (loop_signal_add(host->loop, SIGINT, host_signal, host, e) == -1 ||
	    loop_signal_add(host->loop, SIGTERM, host_signal, host, e) == -1)
		return -1;
	memset(&pc, 0, sizeof(pc));
	pc.workers = host->workers;
	pc.spin = host->config.spin;
	for (i = 0; i < IMAGE_COUNT; i++)
		pc.worker_path[i] = host->config.worker_path[i];
	pc.secret_dirs = host->config.secret_dirs;
	for (i = 0; i < TOTAL_COUNT; i++)
		pc.total[i] =
		    policy_total(host->config.policy, (enum total_id)i);
	pc.grace = GRACE;
	pc.build_id = lang_build_id();
	pc.live_stray = pc.prompt = host->config.stray != STRAY_KEEP;
	pc.stray = set_task_stray;
	if (log_level() >= LOG_TASKS)
		pc.start = set_task_started;
	pc.done = set_task_done;
	pc.arg = host;
	pc.pack_function = host->pack.function;
	pc.pack_arg = host->pack.arg;
	if (pool_new(host->loop, &pc, &host->pool, e) == -1)
		return -1;
	return host->config.watch == NULL ?
	    0 :
	    watch_attach(host->config.watch, host->loop, host->pool,
	        set_task_label, host, e);
}

struct pool *
host_pool(struct host *host)
{
	struct error e ATTR_SCRATCH;

	if (host->pool != NULL || host->no_pool != NULL)
		return host->pool;
	host->workers = host->config.workers;
	if (host->workers == 0)
		host->workers = host_cpus();
	if (host->workers > MAX_WORKERS)
		host->workers = MAX_WORKERS;
	if (host_start(host, &e) == -1) {
		host->pool = NULL;
		host->no_pool = xstrdup(e.msg);
	}
	return host->pool;
}

/* "max 100000" or "150000 100000" of cgroup version 2, rounded up; 0: no
 * quota. */
static unsigned int
cgroup_quota(void)
{
	char line[512], path[600];
	unsigned long quota, period;
	char *end;
	unsigned int cpus = 0;
	FILE *f;

	if ((f = fopen("/proc/self/cgroup", "re")) == NULL)
		return 0;
	path[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3) == 0) {
			snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max",
			    line + 3);
		}
	}
	fclose(f);
	if (path[0] == '\0' || (f = fopen(path, "re")) == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL &&
	    isdigit((unsigned char)line[0])) {
		quota = strtoul(line, &end, 10);
		period = strtoul(end, NULL, 10);
		if (period > 0 && quota <= ULONG_MAX - period)
			cpus = (unsigned int)((quota + period - 1) / period);
	}
	fclose(f);
	return cpus;
}

unsigned int
host_cpus(void)
{
	cpu_set_t set;
	unsigned int n = 1, quota;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = (unsigned int)CPU_COUNT(&set);
	quota = cgroup_quota();
	if (quota > 0 && quota < n)
		n = quota;
	return n > 0 ? n : 1;
}
