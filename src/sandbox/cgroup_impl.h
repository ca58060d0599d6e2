/* Inside of the control groups: what cgroup.c, cgroup_slot.c and
 * cgroup_file.c share. */
#ifndef SANDBOX_CGROUP_IMPL_H
#define SANDBOX_CGROUP_IMPL_H

#include "sandbox/cgroup.h"

/* Our sub-tree in one hierarchy. */
struct cgroup_tree {
	bool v2;
	uint32_t has;     /* controllers that we use of it */
	char *own;        /* the group that it was made in */
	char *path;       /* its own folder */
	int lock;         /* of that folder: its maker lives */
	char *leaf;       /* where we are meanwhile; NULL: where we were */
	uint32_t enabled; /* controllers of own that we turned on */
};

struct cgroup {
	struct cgroup_tree tree[CGROUP_PLACES];
	size_t ntrees;
	uint32_t has;
	char why[400];
	char kind[80];
	struct cgroup_limits total;
	uint64_t total_ooms; /* as last seen */
	char **busy;         /* folders that could not be removed yet */
	size_t nbusy;
};

/* ---- cgroup_file.c ---- */

/* Write text into a file of a group; -1 with errno. */
int group_write(const char *folder, const char *file, const char *, ...)
    ATTR_PRINTF(3, 4);
/* The whole of a small file, NUL-terminated; -1 with errno. */
int group_read(const char *folder, const char *file, char *out, size_t room);
bool group_has_file(const char *folder, const char *file);
/* The number after that word at the beginning of a line; 0: no such line. */
uint64_t group_number(const char *text, const char *word);
/* "max", -1 and such are CGROUP_UNLIMITED. */
int group_read_number(const char *folder, const char *file, uint64_t *);
/* Remove a group and those in it; -1 with errno: EBUSY. */
int group_remove(const char *folder);
/* Make these limits hold for a group of the tree, and see that they do. */
int group_limit(const struct cgroup_tree *, const char *folder,
    const struct cgroup_limits *, struct error *) ATTR_CHECK;

#endif
