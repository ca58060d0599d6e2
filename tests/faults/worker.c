/* In an rtfs-worker whose system calls fail when a test says so: the switch
 * lies beside the program. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/faults/fault.h"

static void open_switch(void) __attribute__((constructor));

static void
open_switch(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		_exit(98);
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	if (!fault_open(path, FAULT_WORKER))
		_exit(98);
}
