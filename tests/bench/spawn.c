/*
 * spawn N PROGRAM [ARG]: how fast a batch could be at best: posix_spawn, two at
 * a time, and wait; nothing is captured, timed or recorded.
 */
#include <sys/wait.h>

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

int
main(int argc, char **argv)
{
	long n = argc > 2 ? atol(argv[1]) : 0, started = 0, done = 0;
	pid_t pid;

	while (done < n) {
		while (started < n && started - done < 2) {
			if (posix_spawn(&pid, argv[2], NULL, NULL, argv + 2,
			        environ) != 0) {
				perror(argv[2]);
				return 1;
			}
			started++;
		}
		if (wait(NULL) == -1)
			return 1;
		done++;
	}
	return 0;
}
