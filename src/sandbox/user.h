/* Users and groups by name or number, from /etc/passwd and /etc/group: the
 * supervisor is a static program and loads no name service. */
#ifndef SANDBOX_USER_H
#define SANDBOX_USER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define USER_GROUPS 32U

struct user {
	uint32_t uid;
	uint32_t gid;
	uint32_t group[USER_GROUPS]; /* supplementary */
	size_t ngroups;
};

/* "NAME", "UID", either with ":GROUP".  A number needs no entry; its group is
 * then the same number.  With :GROUP there are no supplementary groups.
 * EK_UNAVAILABLE: no such user or group, or more groups than fit. */
int user_find(const char *text, struct user *, struct error *) ATTR_CHECK;
/* Become it, for good: groups, group, user.  -1 with errno. */
int user_become(const struct user *) ATTR_CHECK;

#endif
