/*
 * What a program prints: buffered, in program order, written out when the
 * buffer is full, before the program waits for tasks, at the end, and after
 * every line when a person looks at it.
 */
#ifndef HOST_OUTPUT_H
#define HOST_OUTPUT_H

#include <stdbool.h>

#include "base/buf.h"

struct output {
	int fd;
	bool interactive; /* a terminal: flush after every line */
	bool mid_line;    /* what was written last does not end a line */
	int failed;       /* errno of the first failed write; 0: none */
	struct buf pending;
};

void output_init(struct output *, int fd);
/* After a failure text is dropped.  A reader that has gone (EPIPE), and every
 * other failure, asks the program to stop (host/interrupt.h). */
void output_write(struct output *, const char *, size_t);
void output_flush(struct output *);
void output_free(struct output *); /* flushes */

#endif
