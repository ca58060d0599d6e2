/*
 * Loading a plug-in and running one function of it.  Everything from dlopen()
 * on is foreign code, constructors first.
 */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "proto/proto.h"
#include "sandbox/resolve.h"
#include "workers/plugin.h"
#include "workers/process.h"
#include "workers/rtfs_capability.h"

/* What came of loading it, which may be before there is a task. */
static PER_PROCESS struct {
	bool tried;
	const struct rtfs_plugin *plugin; /* NULL: because of */
	enum errkey kind;
	int os_errno; /* 0: none */
	char *why;
} loaded;

static void
fail(enum errkey kind, int os_errno, char *why)
{
	loaded.kind = kind;
	loaded.os_errno = os_errno;
	loaded.why = why;
}

/* What a program of the same policy would find. */
static bool
arrange_process(const struct grants *g)
{
	static char *none[] = {NULL};

	environ = g->environment != NULL ? g->environment : none;
	if (dup2(STRAY_FD, STDOUT_FILENO) == -1)
		fail(ERRKEY_CAPABILITY, errno,
		    xasprintf("descriptors: %s", strerror(errno)));
	else if (g->directory != NULL &&
	    sandbox_enter_start(g->directory, g->place) == -1)
		fail(ERRKEY_UNAVAILABLE, 0,
		    xasprintf("cannot enter its directory %s: %s", g->directory,
		        strerror(errno)));
	return loaded.why == NULL;
}

void
plugin_load(const struct grants *g)
{
	const struct rtfs_plugin *p;
	void *object;

	loaded.tried = true;
	if (g->plugin == NULL) {
		fail(ERRKEY_PROTOCOL, 0, xstrdup("its plan names no plug-in"));
		return;
	}
	if (!arrange_process(g))
		return;
	object = dlopen(g->plugin, RTLD_NOW | RTLD_LOCAL);
	if (object == NULL) { /* the text names the file */
		fail(ERRKEY_UNAVAILABLE, 0, xstrdup(dlerror()));
		return;
	}
	p = dlsym(object, "rtfs_plugin");
	if (p == NULL)
		fail(ERRKEY_UNAVAILABLE, 0,
		    xasprintf("%s: no plug-in: it exports no rtfs_plugin (see "
		              "RTFS_PLUGIN in rtfs_capability.h)",
		        g->plugin));
	else if (p->abi != RTFS_ABI)
		fail(ERRKEY_UNAVAILABLE, 0,
		    xasprintf("%s: made for version %u of rtfs_capability.h, "
		              "this is %d",
		        g->plugin, p->abi, RTFS_ABI));
	else
		loaded.plugin = p;
}

static rtfs_function
find(struct work *w, const struct rtfs_plugin *p)
{
	struct buf b = BUF_INIT;
	uint32_t i;

	for (i = 0; i < p->count; i++) {
		if (strcmp(p->entry[i].id, w->capability) == 0)
			return p->entry[i].function;
	}
	buf_addf(&b, "%s: no function for :%s; it has", w->grants->plugin,
	    w->capability);
	for (i = 0; i < p->count && i < 20; i++)
		buf_addf(&b, " :%s", p->entry[i].id);
	if (p->count == 0)
		buf_adds(&b, " none");
	work_error(w, ERRKEY_UNAVAILABLE, "%s", buf_str(&b));
	buf_free(&b);
	return NULL;
}

/* What it left and what it returned need not agree. */
static int
outcome(struct work *w, int rc)
{
	if (w->error != VAL_UNBOUND)
		return -1;
	if (rc != 0)
		return work_error(w, ERRKEY_CAPABILITY,
		    "it returned %d and gave no reason", rc);
	if (w->result == VAL_UNBOUND)
		return work_error(
		    w, ERRKEY_INVALID_RESULT, "it returned no value");
	return 0;
}

int
plugin_run(struct work *w)
{
	rtfs_function f;

	if (!loaded.tried)
		plugin_load(w->grants);
	if (loaded.plugin == NULL && loaded.os_errno != 0)
		return work_fail(w, loaded.os_errno, "%s", loaded.why);
	if (loaded.plugin == NULL)
		return work_error(w, loaded.kind, "%s", loaded.why);
	f = find(w, loaded.plugin);
	return f == NULL ? -1 : outcome(w, f((struct rtfs_call *)w));
}
