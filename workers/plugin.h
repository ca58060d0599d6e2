/* Plug-ins: shared objects with capabilities (rtfs_capability.h). */
#ifndef WORKERS_PLUGIN_H
#define WORKERS_PLUGIN_H

#include "workers/work.h"

/*
 * In a process that one task has for itself, with its limits in force: load the
 * object of the plan (grants->plugin).  What is wrong with it plugin_run() will
 * say.
 */
void plugin_load(const struct grants *);
/*
 * Run the function for the task, once; loads the object first if that has not
 * been done.  As a built-in: 0 with a result, -1 with an error; :unavailable
 * when the object or the function is not there.
 */
int plugin_run(struct work *);

#endif
