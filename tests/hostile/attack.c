/*
 * Attacks on what runs a program, one a word: attack NAME [ARG].  It says
 * "harm" when it got what it wanted, "refused: WHY" when the kernel would not,
 * or comes to an end that is its own tale.  The numbers are those of the table
 * in hostile.sh, which first runs each of them outside, to see that it can.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static const struct attack *const topics[] = {
    ends_attacks,
    files_attacks,
    ipc_attacks,
    memory_attacks,
    network_attacks,
    processes_attacks,
    rights_attacks,
    syscalls_attacks,
};

pid_t
attack_number(const char *arg)
{
	if (arg == NULL)
		return 0;
	return strcmp(arg, "parent") == 0 ? getppid() :
	                                    (pid_t)strtol(arg, NULL, 10);
}

void
attack_wait(void)
{
	for (;;)
		pause();
}

bool
attack_fill(int fd, size_t mib)
{
	static char block[65536];
	size_t i;

	for (i = 0; i < mib * 16; i++) {
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			return false;
	}
	return true;
}

bool
attack_tidies(void)
{
	return getenv("ATTACK_TIDY") != NULL;
}

static const struct attack *
attack_named(const char *name)
{
	const struct attack *a;
	size_t i;

	for (i = 0; i < NITEMS(topics); i++) {
		for (a = topics[i]; a->name != NULL; a++) {
			if (strcmp(a->name, name) == 0)
				return a;
		}
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct attack *a = attack_named(name);
	const char *why;

	if (a == NULL) {
		fprintf(stderr, "no such attack: %s\n", name);
		return 2;
	}
	errno = 0;
	if (a->run(argc > 2 ? argv[2] : NULL)) {
		puts("harm");
		return 0;
	}
	why = errno == 0 ? NULL : strerrorname_np(errno);
	printf("refused: %s\n", why != NULL ? why : "by itself");
	return 0;
}
