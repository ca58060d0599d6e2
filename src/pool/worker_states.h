/*
 * What a fork server, a guard and a task process may say in which state.
 * These tables come first, the code follows them; a message without a row
 * costs the peer its life and nothing else.
 */
#ifndef POOL_WORKER_STATES_H
#define POOL_WORKER_STATES_H

#include "proto/proto.h"

enum server_state {
	SERVER_DOWN,     /* no process */
	SERVER_STARTING, /* spawned, has not said HELLO */
	SERVER_UP,
	SERVER_DYING, /* killed or closed, not yet reaped */
	SERVER_NSTATES
};

enum worker_state {
	WORKER_AHEAD,    /* RUN is sent, behind that of another worker */
	WORKER_STARTING, /* RUN is sent; tasks may already wait for it */
	WORKER_DOOMED,   /* the same, and KILL is sent, too */
	WORKER_READY,    /* alive, nothing to do */
	WORKER_BUSY,     /* has tasks */
	WORKER_ENDING,   /* told to end */
	WORKER_GONE,     /* ended; only its memory is left */
	WORKER_NSTATES
};

enum action {
	ACT_LOST, /* not legal here: the peer is lost */
	ACT_HELLO,
	ACT_MADE,
	ACT_FAILED_MAKE,
	ACT_STARTED,
	ACT_ENDED,
	ACT_RECALLED, /* it has not begun and will not */
	ACT_ANSWER,
	ACT_LATE_ANSWER, /* after the end of a task was decided */
	ACT_COUNT
};

/* state, message, action */
#define SERVER_TABLE(X)                                                        \
	X(SERVER_STARTING, MSG_HELLO, ACT_HELLO)                               \
	X(SERVER_UP, MSG_SLOT_MADE, ACT_MADE)                                  \
	X(SERVER_UP, MSG_SLOT_FAILED, ACT_FAILED_MAKE)

/* from the guard */
#define GUARD_TABLE(X)                                                         \
	X(WORKER_AHEAD, MSG_STARTED, ACT_RECALLED)                             \
	X(WORKER_STARTING, MSG_STARTED, ACT_STARTED)                           \
	X(WORKER_DOOMED, MSG_STARTED, ACT_STARTED)                             \
	X(WORKER_READY, MSG_ENDED, ACT_ENDED)                                  \
	X(WORKER_BUSY, MSG_ENDED, ACT_ENDED)                                   \
	X(WORKER_ENDING, MSG_ENDED, ACT_ENDED)

/* from a serving task process, by its result pipe, which can be ahead of its
 * guard's STARTED */
#define TASK_TABLE(X)                                                          \
	X(WORKER_STARTING, MSG_RESULT, ACT_ANSWER)                             \
	X(WORKER_STARTING, MSG_RESULTS, ACT_ANSWER)                            \
	X(WORKER_STARTING, MSG_FAILED, ACT_ANSWER)                             \
	X(WORKER_DOOMED, MSG_RESULT, ACT_LATE_ANSWER)                          \
	X(WORKER_DOOMED, MSG_RESULTS, ACT_LATE_ANSWER)                         \
	X(WORKER_DOOMED, MSG_FAILED, ACT_LATE_ANSWER)                          \
	X(WORKER_BUSY, MSG_RESULT, ACT_ANSWER)                                 \
	X(WORKER_BUSY, MSG_RESULTS, ACT_ANSWER)                                \
	X(WORKER_BUSY, MSG_FAILED, ACT_ANSWER)                                 \
	X(WORKER_ENDING, MSG_RESULT, ACT_LATE_ANSWER)                          \
	X(WORKER_ENDING, MSG_RESULTS, ACT_LATE_ANSWER)                         \
	X(WORKER_ENDING, MSG_FAILED, ACT_LATE_ANSWER)

enum action server_action(enum server_state, unsigned int msg);
enum action guard_action(enum worker_state, unsigned int msg);
enum action task_action(enum worker_state, unsigned int msg);
const char *server_state_name(enum server_state);
const char *worker_state_name(enum worker_state);

#endif
