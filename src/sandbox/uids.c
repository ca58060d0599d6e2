/* A block is the one whose lock file we hold: RUNDIR/uids/N.  The kernel drops
 * the lock with the process. */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sandbox/uids.h"

#ifndef UID_BASE
#define UID_BASE 2000000000U
#endif
#define RUNDIR      "/run/rtfs"
#define MAX_CLAIMED 16U /* blocks of one process */

static struct block {
	uint32_t first;
	uint64_t taken; /* bits */
} blocks[MAX_CLAIMED];
static unsigned int nblocks;

/* Only root's own folder will do: elsewhere somebody could hold, or lift, all
 * of the locks. */
static int
open_folder(struct error *e)
{
	struct stat st;
	int fd;

	if (mkdir(RUNDIR, 0755) == -1 && errno != EEXIST)
		return error_sys(e, "%s", RUNDIR);
	if (mkdir(RUNDIR "/uids", 0700) == -1 && errno != EEXIST)
		return error_sys(e, "%s/uids", RUNDIR);
	fd = open(
	    RUNDIR "/uids", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return error_sys(e, "%s/uids", RUNDIR);
	if (fstat(fd, &st) == -1 || st.st_uid != geteuid() ||
	    (st.st_mode & 022) != 0) {
		close(fd);
		return error_set(e, EK_UNAVAILABLE,
		    "%s/uids belongs to somebody else", RUNDIR);
	}
	return fd;
}

/* Returns 1 when block n is ours now; its lock is never closed. */
static int
claim_one(int folder, unsigned int n, struct error *e)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%u", n);
	fd = openat(
	    folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return error_sys(e, "%s/uids/%s", RUNDIR, name);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	close(fd);
	return 0;
}

static struct block *
claim(struct error *e)
{
	unsigned int n;
	int folder;
	int rc = 0;

	if (nblocks == MAX_CLAIMED) {
		error_set(e, EK_LIMIT, "%u uids are in use",
		    MAX_CLAIMED * UIDS_BLOCK);
		return NULL;
	}
	folder = open_folder(e);
	if (folder == -1)
		return NULL;
	for (n = 0; rc == 0 && n < UIDS_BLOCKS; n++)
		rc = claim_one(folder, n, e);
	close(folder);
	if (rc == 0)
		error_set(e, EK_UNAVAILABLE, "every block of uids is taken");
	if (rc != 1)
		return NULL;
	blocks[nblocks].first = UID_BASE + (n - 1) * UIDS_BLOCK;
	blocks[nblocks].taken = 0;
	return &blocks[nblocks++];
}

uint32_t
uid_take(struct error *e)
{
	struct block *b = NULL;
	unsigned int i;

	for (i = 0; i < nblocks && b == NULL; i++) {
		if (blocks[i].taken != UINT64_MAX)
			b = &blocks[i];
	}
	if (b == NULL)
		b = claim(e);
	if (b == NULL)
		return 0;
	i = (unsigned int)__builtin_ctzll(~b->taken);
	b->taken |= UINT64_C(1) << i;
	return b->first + i;
}

void
uid_return(uint32_t uid)
{
	unsigned int i;

	for (i = 0; i < nblocks; i++) {
		if (uid >= blocks[i].first &&
		    uid < blocks[i].first + UIDS_BLOCK)
			blocks[i].taken &=
			    ~(UINT64_C(1) << (uid - blocks[i].first));
	}
}

const char *
uid_range(void)
{
	static char text[32];

	snprintf(text, sizeof(text), "%u-%u", UID_BASE,
	    UID_BASE + UIDS_BLOCK * UIDS_BLOCKS - 1);
	return text;
}
