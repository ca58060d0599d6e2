/*
 * Running a program to its end: the machine, the answers to its calls, and
 * the report of what it did not catch.  The only caller of vm_resume.
 */
#ifndef HOST_EVALUATE_H
#define HOST_EVALUATE_H

#include "host/host.h"

struct program {
	const char *name; /* as the user named it, "<stdin>", "<eval>" */
	const char *text;
	size_t len;
};

enum evaluation {
	EVAL_DONE,        /* vm_value() is the program's value */
	EVAL_FAILED,      /* said on stderr: uncaught, over a budget, syntax */
	EVAL_INTERRUPTED, /* interrupt_signal says by what */
};

/* Load and run; everything that went wrong is said on err_out, as lines for
 * stderr. */
enum evaluation evaluate(
    struct host *, struct vm *, const struct program *, struct buf *err_out);

#endif
