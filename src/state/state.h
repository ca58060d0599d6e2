/*
 * How a batch and rtfs-state speak.  The state is kept by a process of its
 * own: rtfs need not carry SQLite, nobody waits for a disk, and what was told
 * before the runner died is still written.
 *
 *	rtfs-state record FILE	descriptor 0 is a stream socket.  First it
 *				sends every row as a struct state_row, then one
 *				with ok STATE_END; then it takes messages until
 *				end of file, and answers with one byte:
 *				STATE_DONE when all of them are on disk, else
 *				STATE_LOST, having said why on standard error.
 *	rtfs-state failed FILE	a job line (as --jsonl takes them) for every
 *				row that is not ok, to standard output; those
 *				that cannot be one are counted on standard
 *				error.
 *
 * Both sides are of one build, on one machine: structs travel as they are.
 */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include <stdint.h>

#define STATE_FAILED 0
#define STATE_OK     1
#define STATE_END    2

#define STATE_LOST 0
#define STATE_DONE 1

struct state_row {
	unsigned char key[32]; /* content key */
	uint8_t ok;
};

/* One end of a job; then its two texts. */
struct state_message {
	struct state_row row;
	uint8_t again;   /* a failed row of that key is replaced */
	uint32_t job;    /* bytes of the job line; 0: it cannot be one */
	uint32_t record; /* bytes of the record, a JSON object */
};

#endif
