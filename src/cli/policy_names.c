/*
 * What a policy names and this machine has not: paths, folders, programs,
 * users, secrets.  No mistake, since they may come later and tasks then go
 * without or are :unavailable; but often a slip of the pen.
 */
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/paths.h"
#include "cli/policy_verbs.h"
#include "pool/secret.h"
#include "sandbox/filter.h"
#include "sandbox/profile.h"
#include "sandbox/program.h"
#include "sandbox/user.h"

struct names {
	struct diags *ds;
	struct secrets secrets;
	bool trees; /* there is a :rootfs */
};

static bool
may_be_run(const struct stat *st)
{
	return S_ISREG(st->st_mode) &&
	    (st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

static void
check_grants(struct names *n, const struct effective *said, enum setting id,
    char *const *path)
{
	const struct origin *at = &said->origin[id];
	struct stat st;

	for (; path != NULL && *path != NULL; path++) {
		if (stat(*path, &st) == -1)
			policy_warn(n->ds, at,
			    ":%s %s: %s; tasks go without it", setting_name(id),
			    *path, strerror(errno));
		else if (id == SETTING_EXECUTE && !S_ISDIR(st.st_mode) &&
		    !may_be_run(&st))
			policy_warn(n->ds, at,
			    ":execute %s: no program (mode %04o)", *path,
			    st.st_mode & 07777U);
	}
}

static void
check_folder(struct names *n, const struct effective *said, enum setting id,
    const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		policy_warn(n->ds, &said->origin[id],
		    ":%s %s: %s; tasks are :unavailable", setting_name(id),
		    path, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		policy_warn(n->ds, &said->origin[id],
		    ":%s %s is no folder; tasks are :unavailable",
		    setting_name(id), path);
}

static void
check_tree(struct names *n, const struct effective *said)
{
	static const char *const needed[] = {
	    "dev", "proc", "run", "tmp", "var/tmp", "work"};
	struct buf missing = BUF_INIT;
	struct stat st;
	char *path;
	size_t i;

	if (said->rootfs == NULL)
		return;
	check_folder(n, said, SETTING_ROOTFS, said->rootfs);
	for (i = 0; stat(said->rootfs, &st) == 0 && i < NITEMS(needed); i++) {
		path = xasprintf("%s/%s", said->rootfs, needed[i]);
		if (stat(path, &st) == -1)
			buf_addf(&missing, " %s", needed[i]);
		free(path);
	}
	if (missing.len > 0)
		policy_warn(n->ds, &said->origin[SETTING_ROOTFS],
		    ":rootfs %s lacks folders for what is mounted there:%s",
		    said->rootfs, buf_str(&missing));
	buf_free(&missing);
}

/* Not the private one, which no machine has, nor where there are prepared
 * trees: it may lie in one. */
static void
check_start(struct names *n, const struct effective *said)
{
	if (said->dir != NULL && !n->trees &&
	    strcmp(said->dir, SANDBOX_HOME) != 0)
		check_folder(n, said, SETTING_DIR, said->dir);
}

static void
check_programs(struct names *n, const struct effective *said)
{
	const struct origin *at = &said->origin[SETTING_PROGRAM];
	char *const *p;
	struct stat st;
	char *found;

	for (p = said->program; p != NULL && *p != NULL; p++) {
		if (strpbrk(*p, "*?[") != NULL)
			continue;
		found = program_find(*p);
		if (found == NULL)
			policy_warn(n->ds, at, ":program %s: not found in %s",
			    *p, PROGRAM_PATH);
		else if (stat(found, &st) == -1)
			policy_warn(
			    n->ds, at, ":program %s: %s", *p, strerror(errno));
		else if (!may_be_run(&st))
			policy_warn(n->ds, at,
			    ":program %s: no program (mode %04o)", *p,
			    st.st_mode & 07777U);
		free(found);
	}
}

static void
check_user(struct names *n, const struct effective *said)
{
	struct error e;
	struct user user;

	if (said->user != NULL && user_find(said->user, &user, &e) == -1)
		policy_warn(n->ds, &said->origin[SETTING_USER],
		    ":user: %s; tasks are :unavailable", e.msg);
}

static void
check_secrets(struct names *n, const struct effective *said)
{
	const struct secret *secret;
	struct error e;
	size_t i;

	for (i = 0; i < said->nsecrets; i++) {
		if (secret_get(
		        &n->secrets, said->secrets[i].value, &secret, &e) == -1)
			policy_warn(n->ds, &said->origin[SETTING_SECRETS],
			    "%s; tasks are :unavailable", e.msg);
	}
}

static void
check_calls(struct names *n, const struct effective *said)
{
	char *const *at = said->syscalls;

	for (; at != NULL && *at != NULL; at++) {
		if (**at != ':' && !filter_knows(*at))
			policy_warn(n->ds, &said->origin[SETTING_SYSCALLS],
			    ":syscalls: %s is no system call that a policy may "
			    "allow; tasks are :unavailable",
			    *at);
	}
}

static void
check_said(const struct effective *said, void *arg)
{
	struct names *n = arg;

	check_grants(n, said, SETTING_READ, said->read);
	check_grants(n, said, SETTING_WRITE, said->write);
	check_grants(n, said, SETTING_EXECUTE, said->execute);
	check_tree(n, said);
	check_start(n, said);
	check_programs(n, said);
	check_calls(n, said);
	check_user(n, said);
	check_secrets(n, said);
}

static void
find_trees(const struct effective *said, void *arg)
{
	struct names *n = arg;

	n->trees = n->trees || said->rootfs != NULL;
}

void
policy_check_names(const struct policy *p, struct diags *ds)
{
	char *dir[3] = {NULL, NULL, NULL};
	struct names n = {.ds = ds, .secrets = {.dir = dir}};
	size_t i;

	path_secrets(dir);
	policy_each_said(p, find_trees, &n);
	policy_each_said(p, check_said, &n);
	secrets_free(&n.secrets);
	for (i = 0; i < NITEMS(dir); i++)
		free(dir[i]);
}
