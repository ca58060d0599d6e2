/*
 * What the files of built-in capabilities share.  Each takes its arguments
 * from a struct work and leaves a result or an error there; none keeps
 * anything between tasks that a later task could see.
 */
#ifndef WORKERS_BUILTIN_H
#define WORKERS_BUILTIN_H

#include "workers/work.h"

struct builtin_code {
	const char *id;
	builtin_fn run;
};
/* The table of this image, sorted by id: builtin_core.c or builtin_http.c,
 * whichever is linked. */
extern const struct builtin_code builtin_code[];
extern const size_t builtin_code_count;

#define BUILTIN(id, sym, trusted, idempotent, params, doc)                     \
	int builtin_##sym(struct work *);
#define BUILTIN_HTTP BUILTIN
#include "task/builtin.def"

/* Leave a result (consumed); returns 0. */
int work_done(struct work *, val);
/* As work_error(), with :data (consumed). */
int work_error_data(struct work *, enum errkey, val data, const char *, ...)
    ATTR_PRINTF(4, 5);
/* :denied, with the path and what would allow it: flag "read" makes
 * "--allow-read PATH" and the rule :read ["PATH"]. */
int work_denied(struct work *, const char *flag, const char *what);
/* :result-limit: more bytes than the limit allows (0: unknown how many). */
int work_too_long(struct work *, uint64_t used, const char *what);
/* A string of bytes that came from outside; -1 after :invalid-result naming
 * what and the offset when they are not UTF-8. */
int work_string(
    struct work *, const char *bytes, size_t len, const char *what, val *out);
size_t work_argc(const struct work *);
/* Argument i as an integer; -1 after work_error(). */
int work_int(struct work *, size_t i, int64_t *);
/* An option of a map with keyword keys; VAL_UNBOUND: not there.  opts may be
 * VAL_UNBOUND. */
val work_option(val opts, const char *name);
/* Refuse options that are not in the list (NULL at its end), or opts that is
 * no map; VAL_UNBOUND is fine. */
int work_check_options(struct work *, val opts, const char *const *names);

/* ---- paths of fs.* (path.c) ---- */

enum path_use {
	PATH_READ,
	PATH_WRITE
};

/*
 * A path with its symbolic links resolved, by descriptors: what was checked
 * is what is used, whatever is renamed meanwhile.
 */
struct path {
	int fd;     /* O_PATH of the thing itself; -1: it does not exist */
	int parent; /* O_PATH of the folder it is in; -1: for "/" */
	char *name; /* in parent */
	char *real; /* absolute; of a thing that does not exist, where it
		     * would be */
};
enum {
	PATH_NOFOLLOW = 1, /* a symbolic link at the end is the thing */
	PATH_MISSING = 2,  /* it need not exist: fd is -1 then */
};
/* Argument 0, relative to the caller's folder; -1 after :denied or
 * :capability.  On success the caller calls path_close(). */
int path_open(struct work *, enum path_use, int flags, struct path *);
void path_close(struct path *);
/* May the path (absolute, resolved) be used so?  -1 after :denied. */
int path_check(struct work *, enum path_use, const char *real);
/* The path as asked, absolute, cannot be opened (code says why): -1, with
 * :denied unless what is there of the way to it may be used so. */
int path_missing(struct work *, enum path_use, const char *asked, int code);
char *path_join(const char *dir, const char *name); /* malloc'ed */
/* Where a descriptor points, malloc'ed; NULL with errno. */
char *path_of_fd(int fd);
/* Open the thing that fd is a descriptor of, for use; -1 with errno. */
int path_reopen(int fd, int flags);
/* The path of argument 0 made absolute as text, malloc'ed; NULL after
 * work_error(). */
char *path_absolute(struct work *);

#endif
