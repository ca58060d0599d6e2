/* See user.h. */
#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sandbox/user.h"

#define ID_LAST 0xfffffffeU /* the next one means "leave it" */

static bool
number_of(const char *text, uint32_t *id)
{
	unsigned long long n;

	if (*text == '\0' || strlen(text) > 10 ||
	    strspn(text, "0123456789") != strlen(text))
		return false;
	n = strtoull(text, NULL, 10);
	*id = (uint32_t)n;
	return n <= ID_LAST;
}

/* Its entry, by name, else by number; *name is its name there. */
static bool
find_passwd(const char *text, struct user *u, char **name)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw = NULL;
	bool numeric = number_of(text, &u->uid);

	while (f != NULL && (pw = fgetpwent(f)) != NULL) {
		if (strcmp(pw->pw_name, text) == 0 ||
		    (numeric && pw->pw_uid == u->uid))
			break;
	}
	if (pw != NULL) {
		u->uid = pw->pw_uid;
		u->gid = pw->pw_gid;
		*name = xstrdup(pw->pw_name);
	} else if (numeric) {
		u->gid = u->uid;
	}
	if (f != NULL)
		fclose(f);
	return pw != NULL || numeric;
}

static bool
find_group(const char *text, uint32_t *gid)
{
	FILE *f = fopen("/etc/group", "re");
	struct group *gr = NULL;
	bool numeric = number_of(text, gid);

	while (!numeric && f != NULL && (gr = fgetgrent(f)) != NULL) {
		if (strcmp(gr->gr_name, text) == 0)
			break;
	}
	if (gr != NULL)
		*gid = gr->gr_gid;
	if (f != NULL)
		fclose(f);
	return gr != NULL || numeric;
}

static bool
has_member(const struct group *gr, const char *name)
{
	char **m;

	for (m = gr->gr_mem; *m != NULL; m++) {
		if (strcmp(*m, name) == 0)
			return true;
	}
	return false;
}

/* false: there are too many. */
static bool
find_groups(const char *name, struct user *u)
{
	FILE *f = fopen("/etc/group", "re");
	struct group *gr;
	bool fits = true;

	while (f != NULL && fits && (gr = fgetgrent(f)) != NULL) {
		if (gr->gr_gid == u->gid || !has_member(gr, name))
			continue;
		fits = u->ngroups < USER_GROUPS;
		if (fits)
			u->group[u->ngroups++] = gr->gr_gid;
	}
	if (f != NULL)
		fclose(f);
	return fits;
}

int
user_find(const char *text, struct user *u, struct error *e)
{
	const char *colon = strchr(text, ':');
	char *user = colon == NULL ? xstrdup(text) :
	                             xstrndup(text, (size_t)(colon - text));
	char *name = NULL;
	int rc = 0;

	memset(u, 0, sizeof(*u));
	if (!find_passwd(user, u, &name))
		rc = error_set(e, EK_UNAVAILABLE,
		    "there is no user \"%s\" in /etc/passwd", user);
	else if (colon != NULL && !find_group(colon + 1, &u->gid))
		rc = error_set(e, EK_UNAVAILABLE,
		    "there is no group \"%s\" in /etc/group", colon + 1);
	else if (colon == NULL && name != NULL && !find_groups(name, u))
		rc = error_set(e, EK_UNAVAILABLE,
		    "\"%s\" is in more than %u groups; name one by USER:GROUP",
		    user, USER_GROUPS);
	free(name);
	free(user);
	return rc;
}

int
user_become(const struct user *u)
{
	gid_t groups[USER_GROUPS];
	size_t i;

	for (i = 0; i < u->ngroups && i < USER_GROUPS; i++)
		groups[i] = u->group[i];
	if (setgroups(i, groups) == -1 ||
	    setresgid(u->gid, u->gid, u->gid) == -1)
		return -1;
	return setresuid(u->uid, u->uid, u->uid);
}
