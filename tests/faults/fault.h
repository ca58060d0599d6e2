/*
 * The Nth call of one system call fails: wrappers that the linker puts between
 * our objects and libc (--wrap), in test programs only.  The switch is a page
 * of a file, FOLDER/fault, that the test and a worker linked the same way
 * share, so calls are counted over all their processes.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdatomic.h>
#include <stdbool.h>

enum fault_side {
	FAULT_NOWHERE,
	FAULT_SUPERVISOR, /* the test program itself */
	FAULT_WORKER,     /* fork server, guards, task processes */
};

#define FAULT_SHORT 0 /* instead of an error: one byte is read or written */

struct fault_page {
	_Atomic int side;
	char call[32];
	int os_errno;
	unsigned int nth;           /* 1: the first */
	_Atomic bool lasting;       /* and all after it */
	_Atomic unsigned int count; /* calls so far */
};
extern struct fault_page *fault_page;

/* Map FOLDER/fault, made when missing; false: it cannot be. */
bool fault_open(const char *folder, enum fault_side);
void fault_arm(enum fault_side, const char *call, int os_errno,
    unsigned int nth, bool lasting);
/* False: there were fewer calls than nth. */
bool fault_disarm(void);

#endif
