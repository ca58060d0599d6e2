/*
 * relay: how fast a batch could answer at best: a line of standard input goes
 * to another process and comes back on standard output, by the same kinds of
 * channels and as many wake-ups; nothing is read in it, checked or recorded.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char line[65536];

static int
pass(int from, int to)
{
	ssize_t n = read(from, line, sizeof(line));

	return n > 0 && write(to, line, (size_t)n) == n ? 0 : -1;
}

static void
watch(int loop, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &ev) == -1)
		exit(1);
}

int
main(void)
{
	struct epoll_event ev;
	int request[2], result[2], loop = epoll_create1(0);

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, request) == -1 ||
	    pipe(result) == -1) {
		perror("relay");
		return 1;
	}
	if (fork() == 0) {
		close(request[0]);
		while (pass(request[1], result[1]) == 0)
			continue;
		return 0;
	}
	watch(loop, STDIN_FILENO);
	watch(loop, result[0]);
	while (epoll_wait(loop, &ev, 1, -1) == 1) {
		if (ev.data.fd == STDIN_FILENO ?
		        pass(STDIN_FILENO, request[0]) == -1 :
		        pass(result[0], STDOUT_FILENO) == -1)
			break;
	}
	return 0;
}
