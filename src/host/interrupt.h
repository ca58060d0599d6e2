/*
 * SIGINT and SIGTERM in both places where a program can be.  While it
 * computes, a handler sets a flag that the machine looks at; while it waits
 * for tasks, the signals are blocked and the event loop reads them.
 * A standard output that takes no more text asks for the same end.  SIGUSR1
 * goes the same two ways and asks what is going on.
 */
#ifndef HOST_INTERRUPT_H
#define HOST_INTERRUPT_H

#include <signal.h>

/* 0, or the signal that asked for the end: SIGINT, SIGTERM, or SIGPIPE for
 * standard output. */
extern volatile sig_atomic_t interrupt_signal;

void interrupt_init(void);       /* handlers on, SIGPIPE ignored */
void interrupt_raise(int signo); /* the first one counts */
/* Around the event loop: hold blocks the three signals, release lets them go
 * to the handlers again. */
void interrupt_hold(void);
void interrupt_release(void);

#endif
