/*
 * Attacks on what runs a program, by topic: each file has a table of them.
 * Nothing here hurts the machine: what could is asked for with signal 0, with
 * the value that is there already, or within bounds.
 */
#ifndef HOSTILE_ATTACK_H
#define HOSTILE_ATTACK_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

#define MIB (1024UL * 1024)

struct attack {
	const char *name;
	/* Did it do harm?  errno says why not; 0: it did not want to. */
	bool (*run)(const char *arg);
};

/* Each ends with a name of NULL. */
extern const struct attack ends_attacks[];
extern const struct attack files_attacks[];
extern const struct attack ipc_attacks[];
extern const struct attack memory_attacks[];
extern const struct attack network_attacks[];
extern const struct attack processes_attacks[];
extern const struct attack rights_attacks[];
extern const struct attack syscalls_attacks[];

pid_t attack_number(const char *arg); /* NULL: 0; "parent": who that is */
void attack_wait(void) ATTR_NORETURN;
bool attack_fill(int fd, size_t mib);
/* Outside, where nobody sweeps: what was made goes when it has been seen. */
bool attack_tidies(void);

#endif
