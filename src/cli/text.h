/* Files as texts, and findings about them as people see them. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/error.h"

/* The whole file, or standard input for "-".  EK_SYSTEM, EK_LIMIT over
 * MAX_SOURCE. */
int text_read(const char *path, struct buf *, struct error *) ATTR_CHECK;
/* A regular file and nothing else, so that nobody waits for a FIFO.
 * EK_ARGUMENT: it is none. */
int text_read_file(const char *path, struct buf *, struct error *) ATTR_CHECK;
/* Why one of both failed, without the name of the file. */
const char *text_why(const struct error *);
/* Each finding on stderr: place, class, message, excerpt with a caret. */
void text_show(const struct diags *);
/* The same as JSON, one object a line, on stdout. */
void text_show_json(const struct diags *);

#endif
