/*
 * Loading a plug-in and running one function of it.  Everything from dlopen()
 * on is foreign code, constructors first.
 */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "proto/proto.h"
#include "workers/plugin.h"
#include "workers/rtfs_capability.h"

/* What a program of the same policy would find. */
static int
arrange_process(struct work *w)
{
	static char *none[] = {NULL};
	const struct grants *g = w->grants;

	environ = g->environment != NULL ? g->environment : none;
	if (dup2(STRAY_FD, STDOUT_FILENO) == -1)
		return work_fail(w, errno, "descriptors: %s", strerror(errno));
	if (g->directory != NULL && chdir(g->directory) == -1)
		return work_error(w, ERRKEY_UNAVAILABLE,
		    "cannot enter its directory %s: %s", g->directory,
		    strerror(errno));
	return 0;
}

static const struct rtfs_plugin *
load(struct work *w)
{
	const char *path = w->grants->plugin;
	const struct rtfs_plugin *p;
	void *object;

	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (object == NULL) { /* the text names the file */
		work_error(w, ERRKEY_UNAVAILABLE, "%s", dlerror());
		return NULL;
	}
	p = dlsym(object, "rtfs_plugin");
	if (p == NULL) {
		work_error(w, ERRKEY_UNAVAILABLE,
		    "%s: no plug-in: it exports no rtfs_plugin (see "
		    "RTFS_PLUGIN in rtfs_capability.h)",
		    path);
	} else if (p->abi != RTFS_ABI) {
		work_error(w, ERRKEY_UNAVAILABLE,
		    "%s: made for version %u of rtfs_capability.h, this is %d",
		    path, p->abi, RTFS_ABI);
		p = NULL;
	}
	return p;
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
	const struct rtfs_plugin *p;
	rtfs_function f;

	if (w->grants->plugin == NULL)
		return work_error(
		    w, ERRKEY_PROTOCOL, "its plan names no plug-in");
	if (arrange_process(w) == -1 || (p = load(w)) == NULL ||
	    (f = find(w, p)) == NULL)
		return -1;
	return outcome(w, f((struct rtfs_call *)w));
}
