/* Constants of the protocol; PROTOCOL.md is the definition. */
#ifndef PROTO_PROTO_H
#define PROTO_PROTO_H

#include <stdatomic.h>
#include <stdint.h>

#define PROTO_VERSION 6

enum proto_msg {
#define MSG(sym, num, dir, payload) MSG_##sym = num,
#include "proto/msg.def"
#undef MSG
};

enum proto_dir {
	DIR_SETUP,     /* both ways, supervisor and fork server */
	DIR_TO_SERVER, /* supervisor to fork server */
	DIR_TO_GUARD,
	DIR_TO_TASK,
	DIR_TO_SUPER, /* fork server or guard to supervisor */
	DIR_RESULT,   /* task process to supervisor, by pipe */
};

/* NULL: no such message. */
const char *proto_msg_name(unsigned int number);
/* -1: no such message. */
int proto_msg_dir(unsigned int number);

/* Extension types of values. */
enum {
	EXT_TIMESTAMP = -1,
	EXT_KEYWORD = 1,
	EXT_SYMBOL = 2,
	EXT_LIST = 3,
	EXT_ERROR = 4,
	EXT_BIGINT = 5,
	EXT_TASK = 6,
	EXT_FUNCTION = 7,
};

/* Bits of SLOT_MAKE's wishes and SLOT_MADE's kept; the others are those of
 * src/sandbox/profile.h. */
enum {
	SLOT_PIDNS = 1,
	SLOT_IPCNS = 2,
	SLOT_NO_NEW_PRIVS = 4,
	SLOT_USERNS = 8,
};

/* A task process that waits for a request is told after so long that there is
 * none (EAGAIN, once for each time that it waits). */
#define WORKER_REST_US 500000

/* A fork server keeps this many profiles, by number. */
#define MAX_PROFILES 64

enum run_mode {
	RUN_SERVE, /* many tasks */
	RUN_EXEC,  /* a program */
	RUN_ONCE,  /* one task, of ours or a plug-in's, still to come */
	RUN_TASK,  /* the same, which comes with RUN */
};

/* Where a process that could not execute its program failed: in STARTED. */
enum exec_stage {
	/* 0 is not used any more */
	STAGE_LIMITS = 1,
	STAGE_FILES,
	STAGE_DIRECTORY,
	STAGE_EXECUTE,
	STAGE_IDENTITY, /* user, niceness */
	STAGE_COUNT
};
struct exec_failure {
	uint32_t stage;
	uint32_t os_errno;
};

/*
 * The page that a serving worker shares with the supervisor.  The worker
 * claims a task by swapping running from what it saw to the task's id; the
 * supervisor takes back what was not claimed by setting revoked and then
 * PAGE_REVOKED in running: the swap fails, and the worker drops tasks up to
 * revoked without an answer.  PROTOCOL.md, "The page".
 */
#define PAGE_REVOKED (UINT64_C(1) << 63)
struct proto_page {
	_Atomic uint64_t running; /* last task claimed; 0: none yet */
	_Atomic uint64_t revoked; /* with PAGE_REVOKED: drop ids up to this */
	uint64_t spin; /* ns of looking for a message before going to sleep */
};

/* Descriptors at which fork server and guard find their control socket, and a
 * task process its channels. */
#define CONTROL_FD 3
#define REQUEST_FD 3
#define RESULT_FD  4
#define STRAY_FD   2
#define PAGE_FD    5
/* Where a program with the codec :msgpack writes its result. */
#define FRAMED_FD 3

#endif
