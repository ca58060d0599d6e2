/* Memory that other processes are shown: what they can and cannot do to it. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "tests/unit/value_unit.h"
#include "value/memfile.h"
#include "value/string.h"

#define MIN MEMFILE_MIN

/* NULL where the kernel has no such files. */
static char *
make(size_t n, int *fd)
{
	bool never = false;
	char *bytes = memfile_new(n, fd, &never);

	if (bytes == NULL)
		printf("skipped: no memory files in huge pages (%s)\n",
		    strerror(errno));
	return bytes;
}

/* Bits of what somebody with the descriptor could do to the file. */
static unsigned int
attack(int fd)
{
	unsigned int done = 0;
	char *p;

	done |= pwrite(fd, "x", 1, 5) == 1 ? 1 : 0;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED) {
		p[7] = 'x';
		munmap(p, 4096);
		done |= 2;
	}
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED) {
		if (mprotect(p, 4096, PROT_READ | PROT_WRITE) == 0)
			done |= 4;
		if (madvise(p, 4096, MADV_REMOVE) == 0)
			done |= 8;
		munmap(p, 4096);
	}
	if (fallocate(
	        fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == 0)
		done |= 16;
	done |= ftruncate(fd, 9 * MIN) == 0 ? 32 : 0;
	done |= ftruncate(fd, 4096) == 0 ? 64 : 0;
	return done;
}

/* The same in another process, which opens it again for itself. */
static int
attack_elsewhere(int fd)
{
	char path[64];
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)fchmod(fd, 0777);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		fd = open(path, O_RDWR);
		_exit(fd == -1 ? 255 : (int)attack(fd));
	}
	CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_sealed(void)
{
	char *bytes, *open_bytes;
	int fd, unsealed;

	open_bytes = make(MIN + 100, &unsealed);
	if (open_bytes == NULL)
		return;
	/* 8: a mapping of that kind may not be advised so in any case */
	CU_ASSERT_EQUAL(attack(unsealed) | 8, 127);
	memfile_unmap(open_bytes, MIN + 100);
	close(unsealed);
	open_bytes = make(MIN + 100, &unsealed);
	CU_ASSERT_PTR_NOT_NULL_FATAL(open_bytes);
	CU_ASSERT_EQUAL(attack_elsewhere(unsealed) | 8, 127);
	memfile_unmap(open_bytes, MIN + 100);
	close(unsealed);

	bytes = make(MIN + 100, &fd);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	memset(bytes, 'a', MIN + 100);
	CU_ASSERT_EQUAL(memfile_seal(fd, bytes, MIN + 100), 0);
	CU_ASSERT_EQUAL(attack(fd), 0);
	CU_ASSERT_EQUAL(attack_elsewhere(fd), 0);
	CU_ASSERT_EQUAL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CU_ASSERT(bytes[0] == 'a' && memcmp(bytes, bytes + 1, MIN + 99) == 0);
	memfile_unmap(bytes, MIN + 100);
	close(fd);
}

static void
test_map(void)
{
	const size_t n = 2 * MIN + 4096;
	char *bytes, *seen;
	struct stat st;
	int fd;

	bytes = make(n, &fd);
	if (bytes == NULL)
		return;
	memset(bytes, 'a', n - 4096 + 1); /* less than there is room for */
	bytes[n - 4096 + 1] = 'z';
	CU_ASSERT_PTR_NULL(memfile_map(fd, 10)); /* not sealed */
	CU_ASSERT_EQUAL(errno, EINVAL);
	CU_ASSERT_EQUAL(memfile_seal(fd, bytes, n - 4096 + 1), 0);
	CU_ASSERT(fstat(fd, &st) == 0 && st.st_size == (off_t)n);
	CU_ASSERT_EQUAL(bytes[n - 4096 + 1], 0);
	CU_ASSERT_PTR_NULL(memfile_map(fd, n + 1));
	CU_ASSERT_EQUAL(errno, EINVAL);
	seen = memfile_map(fd, n - 4096 + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
	CU_ASSERT_EQUAL(memcmp(seen, bytes, n), 0);
	seen[-1] = 'x'; /* the page before */
	memset(seen, 'b', n);
	CU_ASSERT(bytes[0] == 'a' && bytes[n - 4096] == 'a');
	CU_ASSERT_EQUAL(bytes[-1], 0);
	memfile_unmap(seen, n - 4096 + 1);
	memfile_unmap(bytes, n);
	close(fd);
}

/* What is no such file. */
static void
test_refused(void)
{
	char name[] = "/tmp/rtfs-memfile-XXXXXX";
	int fd[2], half, k;

	CU_ASSERT_EQUAL_FATAL(pipe2(fd, O_CLOEXEC), 0);
	half = memfd_create("half", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CU_ASSERT_FATAL(half != -1 && ftruncate(half, 8192) == 0);
	CU_ASSERT_EQUAL(fcntl(half, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK),
	    0); /* and could be written to */
	for (k = 0; k < 4; k++) {
		static const char *const kind[] = {
		    "pipe", "folder", "file", "half sealed"};
		int it = k == 0 ? fd[0] :
		    k == 1      ? open("/", O_RDONLY | O_CLOEXEC) :
		    k == 2      ? mkstemp(name) :
		                  half;

		CU_ASSERT_NOT_EQUAL_FATAL(it, -1);
		errno = 0;
		if (memfile_map(it, 4096) != NULL || errno != EINVAL) {
			CU_FAIL("mapped or another errno");
			printf("%s: errno %d\n", kind[k], errno);
		}
		close(it);
	}
	close(fd[1]);
	unlink(name);
}

static val
text_of(struct heap *h, size_t len, char c)
{
	char *bytes;
	val v = str_blank(h, len, &bytes);

	memset(bytes, c, len);
	str_seal(v);
	return v;
}

/* Is it all of that letter, behind it zeroes, and is it a string there? */
static bool
shows(int fd, size_t len, char c)
{
	struct heap *h = heap_new(0);
	struct stat st;
	const char *bytes;
	size_t n, i;
	bool good;
	val v = str_borrow(h, fd, len);

	if (v == VAL_UNBOUND || fstat(fd, &st) == -1)
		return false;
	bytes = str_bytes(v, &n);
	good = n == len && str_check(v) == UTF8_VALID && bytes[0] == c &&
	    memcmp(bytes, bytes + 1, len - 1) == 0 && heap_used(h) > len;
	for (i = len; i < (size_t)st.st_size; i++)
		good &= bytes[i] == '\0';
	val_release(h, v);
	good &= heap_spare(h) == 0; /* the memory is not ours to keep */
	heap_done(h);
	return good;
}

static void
test_strings(void)
{
	static const size_t size[] = {
	    MIN, MIN + 1, 2 * MIN - 1, 2 * MIN, 3 * MIN + 5000};
	struct heap *h = heap_new(0);
	size_t i;
	int fd;
	val v;

	v = text_of(h, MIN, 'n');
	CU_ASSERT_EQUAL(str_lend(h, v), -1); /* this heap lends nothing */
	val_release(h, v);
	heap_lends(h);
	v = text_of(h, MIN - 1, 'n');
	CU_ASSERT_EQUAL(str_lend(h, v), -1);
	val_release(h, v);
	for (i = 0; i < NITEMS(size); i++) {
		v = text_of(h, size[i], (char)('a' + i));
		fd = str_lend(h, v);
		if (fd == -1) {
			printf("skipped: no memory files in huge pages\n");
			val_release(h, v);
			break;
		}
		CU_ASSERT_EQUAL(str_lend(h, v), fd);
		CU_ASSERT(shows(fd, size[i], (char)('a' + i)));
		CU_ASSERT_EQUAL(attack_elsewhere(fd), 0);
		val_release(h, v);
		CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1); /* closed */
		CU_ASSERT_EQUAL(heap_spare(h), 0);
	}
	heap_done(h);
}

/* A block that nobody was shown is used again; nothing of what was there
 * before is seen.  One that was shown is not. */
static void
test_again(void)
{
	const size_t big = 4 * MIN + 5, small = 3 * MIN + 4097;
	struct heap *h = heap_new(0);
	int fd, kept;
	val v;

	heap_lends(h);
	v = text_of(h, big, 's');
	val_release(h, v);
	CU_ASSERT(heap_spare(h) > big);
	v = text_of(h, small, 't');
	CU_ASSERT_EQUAL(heap_spare(h), 0);
	fd = str_lend(h, v);
	if (fd == -1) {
		printf("skipped: no memory files in huge pages\n");
		val_release(h, v);
		heap_done(h);
		return;
	}
	CU_ASSERT(shows(fd, small, 't'));
	kept = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* as whoever was sent it may */
	val_release(h, v);
	CU_ASSERT_EQUAL(heap_spare(h), 0);
	v = text_of(h, small, 'u');
	CU_ASSERT(shows(kept, small, 't'));
	val_release(h, v);
	close(kept);
	heap_done(h);
}

/* A text that grows bit by bit moves between two blocks. */
static void
test_growing(void)
{
	struct heap *h = heap_new(0);
	const char *at[10];
	val v, next;
	size_t i;

	heap_lends(h);
	v = text_of(h, MIN, 'g');
	for (i = 0; i < NITEMS(at); i++) {
		next = text_of(h, MIN + 1 + i, 'g');
		val_release(h, v);
		v = next;
		at[i] = str_bytes(v, NULL);
		CU_ASSERT(i < 2 || at[i] == at[i - 2]);
	}
	val_release(h, v);
	heap_done(h);
}

/* No more of them than there may be, and nothing for those that grow. */
static void
test_few(void)
{
	struct heap *h = heap_new(0);
	val v[40];
	size_t i, files = 0;
	struct obj *o;

	heap_lends(h);
	for (i = 0; i < NITEMS(v); i++) {
		v[i] = text_of(h, MIN, 'a');
		files += str_lend(h, v[i]) != -1;
	}
	CU_ASSERT(files == 0 || files == 32);
	for (i = 0; i < NITEMS(v); i++)
		val_release(h, v[i]);
	o = heap_alloc_file(h, sizeof(*o), MIN, O_BIGINT);
	if (o != NULL) {
		memset(o + 1, 'r', MIN);
		o = heap_resize(h, o, sizeof(*o) + MIN, sizeof(*o) + 3 * MIN);
		CU_ASSERT_EQUAL(heap_lend(h, o, 3 * MIN), -1);
		CU_ASSERT_EQUAL(((char *)(o + 1))[MIN - 1], 'r');
		heap_drop_block(h, o, 3 * MIN);
	}
	heap_done(h);
}

VALUE_MAIN("memfile", {"sealed", test_sealed}, {"mapped", test_map},
    {"no such file", test_refused}, {"strings", test_strings},
    {"blocks that are used again", test_again}, {"growing", test_growing},
    {"only some", test_few})
