/* The files of modules: in the program's folder, then in those of RTFS_PATH
 * (absolute or not, separated by colons; empty ones do not count). */
#ifndef CLI_MODULES_H
#define CLI_MODULES_H

#include "base/buf.h"
#include "base/error.h"
#include "cli/options.h"

struct modules {
	struct text_list folders; /* owned texts; "" is the current one */
};

/* program: the file, or NULL for one that is none: the current folder. */
void modules_open(struct modules *, const char *program);
void modules_close(struct modules *); /* zero-initialised is fine */
/* For vm_config.read_module; arg is the struct modules.  EK_SYSTEM with
 * ENOENT names the places, else the file is unreadable, no regular file or
 * too large. */
int modules_read(void *arg, const char *path, struct buf *text, char **found,
    struct error *) ATTR_CHECK;

#endif
