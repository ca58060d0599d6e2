/* See memfile.h. */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "value/memfile.h"

#ifndef MADV_COLLAPSE /* Linux 6.1 */
#define MADV_COLLAPSE 25
#endif
#ifndef MFD_NOEXEC_SEAL /* Linux 6.3 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define HUGE_PAGE MEMFILE_MIN
/* The mapping that is there already may be written to. */
#define SEALS (F_SEAL_FUTURE_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

static size_t
page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t
whole_pages(size_t n)
{
	size_t page = page_size();

	return (n + page - 1) & ~(page - 1);
}

/* A page, and behind it the file, which begins where a huge page can. */
static char *
map_behind_page(int fd, size_t n, int flags)
{
	size_t page = page_size(), len = whole_pages(n);
	size_t room = len + 2 * HUGE_PAGE;
	char *p, *bytes, *end;

	p = mmap(NULL, room, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	bytes = p + page + (-(uintptr_t)(p + page) & (HUGE_PAGE - 1));
	end = bytes + len;
	if (mmap(bytes, len, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd,
	        0) == MAP_FAILED) {
		munmap(p, room);
		return NULL;
	}
	if (bytes - page > p)
		munmap(p, (size_t)(bytes - page - p));
	munmap(end, (size_t)(p + room - end));
	return bytes;
}

void
memfile_unmap(char *bytes, size_t n)
{
	size_t page = page_size();

	munmap(bytes - page, page + whole_pages(n));
}

/* A page that is there in each of them makes them worth collapsing. */
static int
collapse(char *bytes, size_t n)
{
	size_t at;

	for (at = 0; at < n; at += HUGE_PAGE)
		bytes[at] = 0;
	return madvise(bytes, n, MADV_COLLAPSE);
}

char *
memfile_new(size_t n, int *fd, bool *never)
{
	char *bytes = NULL;
	int error;

	*fd = memfd_create(
	    "text", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (*fd == -1 && errno == EINVAL)
		*fd = memfd_create("text", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd == -1)
		return NULL;
	if (ftruncate(*fd, (off_t)whole_pages(n)) == 0)
		bytes = map_behind_page(*fd, n, MAP_SHARED);
	if (bytes != NULL && collapse(bytes, HUGE_PAGE) == 0)
		return bytes;
	error = errno;
	if (bytes != NULL) {
		*never = error == EINVAL || error == EPERM || error == ENOSYS;
		memfile_unmap(bytes, n);
	}
	close(*fd);
	*fd = -1;
	return NULL;
}

void
memfile_ready(char *bytes, size_t *ready, size_t upto, size_t all)
{
	size_t from = *ready < HUGE_PAGE ? HUGE_PAGE : *ready; /* memfile_new */
	size_t to = (upto + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);

	if (to > (all & ~(HUGE_PAGE - 1)))
		to = all & ~(HUGE_PAGE - 1); /* the rest is in small pages */
	if (to <= from)
		return;
	(void)collapse(bytes + from, to - from); /* small pages will do */
	*ready = to;
}

int
memfile_seal(int fd, char *bytes, size_t n)
{
	size_t len = whole_pages(n);

	memset(bytes + n, 0, len - n);
	if (ftruncate(fd, (off_t)len) == -1)
		return -1;
	return fcntl(fd, F_ADD_SEALS, SEALS);
}

char *
memfile_map(int fd, size_t n)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (seals == -1 || (seals & SEALS) != SEALS || fstat(fd, &st) == -1 ||
	    st.st_size < 0 || (uintmax_t)st.st_size < n) {
		errno = EINVAL;
		return NULL;
	}
	return map_behind_page(fd, n, MAP_PRIVATE | MAP_NORESERVE);
}
