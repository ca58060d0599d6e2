/* Where things are: the worker images beside the binary or in the libexec
 * folder, never by PATH; configuration folders. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include "task/capability.h"

/* Absolute, to be freed; NULL: not there.  Where none may be executed, the
 * first that may not: who starts it hears why. */
char *path_worker(enum cap_image);
char *path_recorder(void); /* rtfs-state, which keeps --state */
/* NULL: it may be executed; else why not, in a few words. */
const char *path_why_not(const char *path);
const char *path_worker_name(enum cap_image); /* "rtfs-worker" */
char *path_self(void);                        /* NULL: unknown */
const char *path_libexec(void);
const char *path_system_config(void); /* "/etc/rtfs" */
/* $XDG_CONFIG_HOME/rtfs or $HOME/.config/rtfs, to be freed; NULL: neither is
 * set to an absolute path. */
char *path_user_config(void);
/* Where secrets are looked for: the system's folder, the user's, NULL; to be
 * freed. */
void path_secrets(char *dir[3]);
/* The folder of a file, absolute and resolved, to be freed; NULL: errno. */
char *path_folder(const char *file);

#endif
