/* Both ways, on a pipe and on a socket that nobody serves: no call waits. */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "batch/nowait.h"
#include "tests/unit/unit.h"

enum {
	READER,
	WRITER
};

/* Until nothing more goes in; what went in comes out. */
static void
fill_and_drain(const int fd[2], enum nowait_way way)
{
	struct nowait out = {fd[WRITER], way}, in = {fd[READER], way};
	static char bytes[65536];
	size_t written = 0, got = 0;
	ssize_t n;

	CU_ASSERT_EQUAL(nowait_read(&in, bytes, sizeof(bytes)), -1);
	CU_ASSERT_EQUAL(errno, EAGAIN);
	while ((n = nowait_write(&out, bytes, sizeof(bytes))) > 0)
		written += (size_t)n;
	CU_ASSERT_EQUAL(n, -1);
	CU_ASSERT_EQUAL(errno, EAGAIN);
	CU_ASSERT(written > 0);
	while ((n = nowait_read(&in, bytes, sizeof(bytes))) > 0)
		got += (size_t)n;
	CU_ASSERT_EQUAL(n, -1);
	CU_ASSERT_EQUAL(errno, EAGAIN);
	CU_ASSERT_EQUAL(got, written);
	close(fd[WRITER]);
	CU_ASSERT_EQUAL(nowait_read(&in, bytes, sizeof(bytes)), 0);
	close(fd[READER]);
}

static void
test_pipe(void)
{
	static const enum nowait_way ways[] = {NOWAIT_UNKNOWN, NOWAIT_POLL};
	size_t i;
	int fd[2];

	for (i = 0; i < NITEMS(ways); i++) {
		CU_ASSERT_EQUAL_FATAL(pipe(fd), 0);
		fill_and_drain(fd, ways[i]);
	}
}

static void
test_socket(void)
{
	int fd[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	fill_and_drain(fd, NOWAIT_UNKNOWN);
}

/* A file is ready at its end, too. */
static void
test_file(void)
{
	FILE *f = tmpfile();
	struct nowait file = {.way = NOWAIT_UNKNOWN};
	char text[8];

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	file.fd = fileno(f);
	CU_ASSERT_EQUAL(nowait_write(&file, "words", 5), 5);
	CU_ASSERT(!nowait_watched(&file));
	rewind(f);
	CU_ASSERT_EQUAL(nowait_read(&file, text, sizeof(text)), 5);
	CU_ASSERT_EQUAL(memcmp(text, "words", 5), 0);
	CU_ASSERT_EQUAL(nowait_read(&file, text, sizeof(text)), 0);
	fclose(f);
}

UNIT_MAIN("batch_nowait", {"a pipe", test_pipe}, {"a socket", test_socket},
    {"a file", test_file})
