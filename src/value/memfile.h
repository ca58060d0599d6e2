/*
 * Memory that another process can map instead of being sent a copy: a memory
 * file of nothing but those bytes.  They begin at a page; on the page before
 * is room for what belongs to them and is nobody else's business.
 *
 * In huge pages, by MADV_COLLAPSE: a file in small ones costs more to fill than
 * a copy, so where the kernel cannot do that there are no such files.
 */
#ifndef VALUE_MEMFILE_H
#define VALUE_MEMFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

/* Less is copied as soon. */
#define MEMFILE_MIN ((size_t)2 << 20)

/* Room for that many bytes, MEMFILE_MIN at least, and their file; NULL: not to
 * be had.  *never: nor will it be later. */
char *memfile_new(size_t, int *fd, bool *never);
/* The bytes up to there are about to be written; *ready (0 at first) says up
 * to where they were already, of so many in all. */
void memfile_ready(char *bytes, size_t *ready, size_t upto, size_t all);
/* Nobody can change these bytes through the file any more, nor its length,
 * which becomes size: no more than what there was room for.  -1: it cannot be
 * sealed. */
int memfile_seal(int fd, char *bytes, size_t) ATTR_CHECK;

/* The other end: so many bytes of a file that was sealed so.  What is written
 * to them stays here.  The descriptor can be closed.  NULL: errno is ENOMEM, or
 * EINVAL for a file that is not sealed or shorter. */
char *memfile_map(int fd, size_t);

/* What memfile_new() or memfile_map() of that many gave. */
void memfile_unmap(char *bytes, size_t);

#endif
