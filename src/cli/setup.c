/*
 * Layers, weakest first: built in, the system's folder, the user's, then
 * --policy and --capabilities and the program's folder (manifest only, never
 * policy), then the options of the command line.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/paths.h"
#include "cli/setup.h"
#include "cli/text.h"
#include "host/manifest.h"

struct loading {
	struct setup *s;
	struct diags ds;
	struct text_list manifests; /* read already, absolute; owned texts */
};

enum kind {
	POLICY,
	MANIFEST
};

/* A file of an option or a folder that cannot be read. */
static void
unreadable(struct loading *l, const char *path, const char *why)
{
	diags_add(&l->ds, DIAG_ERROR, path, 0, 0, "FileError", "%s", why);
}

static void
refuse(struct loading *l, const char *path, const char *why)
{
	diags_add(&l->ds, DIAG_ERROR, path, 0, 0, "PolicyError", "%s", why);
}

/* Whose file may say what capabilities and policy are. */
static bool
may_trust(struct loading *l, const char *path, enum layer layer)
{
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return true; /* reading it says what is wrong */
	if (layer == LAYER_SYSTEM && st.st_uid != 0) {
		refuse(l, path, "a file of the system layer belongs to root");
		return false;
	}
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		refuse(
		    l, path, "its group or others may write it (chmod go-w)");
		return false;
	}
	return true;
}

static bool
listed(const struct text_list *list, const char *path)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (strcmp(list->item[i], path) == 0)
			return true;
	}
	return false;
}

/* required: that it is missing is an error, too. */
static void
load(struct loading *l, enum kind kind, enum layer layer, const char *path,
    bool required)
{
	struct buf text = BUF_INIT;
	struct text_list *seen;
	char *real, *dir;
	struct error e;
	struct stat st;

	if (strcmp(path, "-") == 0 || (real = realpath(path, NULL)) == NULL) {
		if (strcmp(path, "-") == 0)
			unreadable(l, path, "a file is wanted here");
		else if (stat(path, &st) == 0) /* a pipe of /dev/fd */
			unreadable(l, path, "not a regular file");
		else if (required || errno != ENOENT)
			unreadable(l, path, strerror(errno));
		return;
	}
	seen = kind == POLICY ? &l->s->policy_files : &l->manifests;
	if (listed(seen, real)) {
		free(real);
		return;
	}
	text_list_add(seen, real);
	if (!may_trust(l, real, layer))
		return;
	if (text_read_file(real, &text, &e) == -1) {
		unreadable(l, real, text_why(&e));
	} else if (kind == POLICY) {
		dir = path_folder(real);
		policy_add(l->s->policy, layer, real, dir != NULL ? dir : "/",
		    buf_str(&text), text.len, &l->ds);
		free(dir);
	} else {
		manifest_add(l->s->registry, layer, real, buf_str(&text),
		    text.len, &l->ds);
	}
	buf_free(&text);
}

static void
load_in(struct loading *l, enum kind kind, enum layer layer, const char *dir,
    const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	load(l, kind, layer, path, false);
	free(path);
}

static int
is_policy_name(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 &&
	    strcmp(d->d_name + n - 5, ".rtfs") == 0;
}

static int
in_c_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
load_system(struct loading *l)
{
	const char *dir = path_system_config();
	struct dirent **d = NULL;
	char *sub;
	int i, n;

	if (access(dir, F_OK) == -1)
		return;
	load_in(l, POLICY, LAYER_SYSTEM, dir, "policy.rtfs");
	sub = xasprintf("%s/policy.d", dir);
	n = scandir(sub, &d, is_policy_name, in_c_order);
	for (i = 0; i < n; i++) {
		load_in(l, POLICY, LAYER_SYSTEM, sub, d[i]->d_name);
		free(d[i]);
	}
	free(d);
	free(sub);
	load_in(l, MANIFEST, LAYER_SYSTEM, dir, "capabilities.rtfs");
}

static void
load_user(struct loading *l)
{
	char *dir = path_user_config();

	if (dir == NULL)
		return;
	load_in(l, POLICY, LAYER_USER, dir, "policy.rtfs");
	load_in(l, MANIFEST, LAYER_USER, dir, "capabilities.rtfs");
	free(dir);
}

static void
load_command(struct loading *l, const struct options *o)
{
	struct stat st;
	char *path;
	size_t i;

	for (i = 0; i < o->policies.n; i++)
		load(l, POLICY, LAYER_COMMAND, o->policies.item[i], true);
	for (i = 0; i < o->manifests.n; i++) {
		path = o->manifests.item[i];
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			path = xasprintf("%s/capabilities.rtfs", path);
			load(l, MANIFEST, LAYER_COMMAND, path, true);
			free(path);
		} else {
			load(l, MANIFEST, LAYER_COMMAND, path, true);
		}
	}
	if (l->s->program_dir != NULL) {
		load_in(l, MANIFEST, LAYER_COMMAND, l->s->program_dir,
		    "capabilities.rtfs");
	}
}

static void
grant_default_read(struct setup *s)
{
	char *cwd = realpath(".", NULL);

	if (cwd != NULL)
		policy_default_read(s->policy, cwd);
	if (s->program_dir != NULL &&
	    (cwd == NULL || strcmp(cwd, s->program_dir) != 0))
		policy_default_read(s->policy, s->program_dir);
	free(cwd);
}

int
setup_open(struct setup *s, const struct verb *v, const struct options *o,
    const char *program)
{
	struct loading l;
	struct error e;
	char *cwd;
	size_t i;
	int rc = 0;

	memset(s, 0, sizeof(*s));
	memset(&l, 0, sizeof(l));
	l.s = s;
	s->policy = policy_new();
	s->registry = registry_new();
	if ((cwd = realpath(".", NULL)) != NULL)
		policy_folder(s->policy, cwd);
	free(cwd);
	if (program != NULL)
		s->program_dir = path_folder(program);
	for (i = 0; i < IMAGE_COUNT; i++)
		s->worker[i] = path_worker((enum cap_image)i);
	path_secrets(s->secret_dir);
	load_system(&l);
	load_user(&l);
	load_command(&l, o);
	for (i = 0; i < o->npolicy && rc == 0; i++) {
		if (policy_option(s->policy, o->policy[i].key,
		        o->policy[i].text, &e) == -1)
			rc = options_misuse(
			    v, "--%s: %s", o->policy[i].option, e.msg);
	}
	grant_default_read(s);
	text_show(&l.ds);
	if (rc == 0 && diags_errors(&l.ds) > 0)
		rc = 3;
	diags_free(&l.ds);
	for (i = 0; i < l.manifests.n; i++)
		free(l.manifests.item[i]);
	free(l.manifests.item);
	return rc;
}

void
setup_close(struct setup *s)
{
	size_t i;

	registry_free(s->registry);
	policy_free(s->policy);
	for (i = 0; i < s->policy_files.n; i++)
		free(s->policy_files.item[i]);
	free(s->policy_files.item);
	for (i = 0; i < IMAGE_COUNT; i++)
		free(s->worker[i]);
	for (i = 0; i < NITEMS(s->secret_dir); i++)
		free(s->secret_dir[i]);
	free(s->program_dir);
}
