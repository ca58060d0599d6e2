/*
 * Diagnostics for people, on stderr, each one line beginning "rtfs: ", in
 * which control characters are escaped (base/visible.h).
 * Library code logs facts; only src/cli decides the level.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/macros.h"

enum log_level {
	LOG_QUIET = 0, /* -q: errors only */
	LOG_NOTICE,    /* default: errors and warnings */
	LOG_TASKS,     /* -v: a line per task start and end */
	LOG_DEBUG,     /* -vv: policy decisions and worker life */
};

void log_set_level(enum log_level);
enum log_level log_level(void);
/* Called before each line, NULL: nothing; for who has drawn something there. */
void log_set_before(void (*)(void *arg), void *arg);
void log_error(const char *, ...) ATTR_PRINTF(1, 2);  /* always */
void log_notice(const char *, ...) ATTR_PRINTF(1, 2); /* LOG_NOTICE and up */
void log_tasks(const char *, ...) ATTR_PRINTF(1, 2);
void log_debug(const char *, ...) ATTR_PRINTF(1, 2);

#endif
