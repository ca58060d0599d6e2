/*
 * The tables of worker_states.h as arrays, and names for messages to people.
 */
#include <assert.h>

#include "base/macros.h"
#include "pool/worker_states.h"

#define MESSAGES 32 /* above the highest number; unknown ones are refused */

#define MSG(sym, num, dir, payload)                                            \
	static_assert((num) < MESSAGES, "widen the tables");
#include "proto/msg.def"
#undef MSG

#define CELL(state, msg, act) [state][msg] = (act),
static const unsigned char server_table[SERVER_NSTATES][MESSAGES] = {
    SERVER_TABLE(CELL)};
static const unsigned char guard_table[WORKER_NSTATES][MESSAGES] = {
    GUARD_TABLE(CELL)};
static const unsigned char task_table[WORKER_NSTATES][MESSAGES] = {
    TASK_TABLE(CELL)};
#undef CELL

static const char *const server_names[] = {
    [SERVER_DOWN] = "down",
    [SERVER_STARTING] = "starting",
    [SERVER_UP] = "up",
    [SERVER_DYING] = "dying",
};
static_assert(NITEMS(server_names) == SERVER_NSTATES, "name every state");

static const char *const worker_names[] = {
    [WORKER_AHEAD] = "ahead",
    [WORKER_STARTING] = "starting",
    [WORKER_DOOMED] = "doomed",
    [WORKER_READY] = "ready",
    [WORKER_BUSY] = "busy",
    [WORKER_ENDING] = "ending",
    [WORKER_GONE] = "gone",
};
static_assert(NITEMS(worker_names) == WORKER_NSTATES, "name every state");

enum action
server_action(enum server_state s, unsigned int msg)
{
	return msg < MESSAGES ? server_table[s][msg] : ACT_LOST;
}

enum action
guard_action(enum worker_state s, unsigned int msg)
{
	return msg < MESSAGES ? guard_table[s][msg] : ACT_LOST;
}

enum action
task_action(enum worker_state s, unsigned int msg)
{
	return msg < MESSAGES ? task_table[s][msg] : ACT_LOST;
}

const char *
server_state_name(enum server_state s)
{
	return server_names[s];
}

const char *
worker_state_name(enum worker_state s)
{
	return worker_names[s];
}
