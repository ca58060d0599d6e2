/*
 * Where control groups are mounted, and which one the caller is in: from two
 * texts of /proc, apart from any effect, so that every kind of machine can
 * stand in a table of tests.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/macros.h"
#include "sandbox/cgroup.h"

static const struct {
	uint32_t bit;
	const char *name;
} controllers[] = {
    {CGROUP_MEMORY, "memory"},
    {CGROUP_PIDS,   "pids"  },
    {CGROUP_CPU,    "cpu"   },
};

const char *
cgroup_controller_name(uint32_t bit)
{
	size_t i;

	for (i = 0; i < NITEMS(controllers); i++) {
		if (controllers[i].bit == bit)
			return controllers[i].name;
	}
	return "?";
}

/* The bits of those in a list such as "rw,cpu,cpuacct". */
static uint32_t
controllers_in(const char *list)
{
	uint32_t bits = 0;
	size_t i, n;

	for (;; list += n + 1) {
		n = strcspn(list, ", \n");
		for (i = 0; i < NITEMS(controllers); i++) {
			if (strlen(controllers[i].name) == n &&
			    memcmp(controllers[i].name, list, n) == 0)
				bits |= controllers[i].bit;
		}
		if (list[n] == '\0')
			return bits;
	}
}

/* mountinfo writes blanks and such as \040. */
static void
unescape(char *s)
{
	char *out = s;

	for (; *s != '\0'; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' &&
		    s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
			    (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

/* The path of the caller's group in the hierarchy with these controllers. */
static char *
own_path(const char *cgroups, bool v2, uint32_t bits)
{
	const char *line, *names, *path;
	char *list;
	uint32_t has;

	for (line = cgroups; *line != '\0';) {
		names = strchr(line, ':');
		path = names == NULL ? NULL : strchr(names + 1, ':');
		if (path == NULL)
			return NULL;
		list = xstrndup(names + 1, (size_t)(path - names - 1));
		has = controllers_in(list);
		if (v2 ? list[0] == '\0' : (has & bits) == bits) {
			free(list);
			return xstrndup(path + 1, strcspn(path + 1, "\n"));
		}
		free(list);
		line = path + strcspn(path, "\n");
		line += *line == '\n';
	}
	return NULL;
}

/* Where that path is seen below a mount of root; NULL: it is not. */
static char *
folder_of(const char *top, const char *root, const char *path)
{
	size_t n = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (path == NULL || strncmp(path, root, n) != 0 ||
	    (path[n] != '/' && path[n] != '\0') || strncmp(path, "/..", 3) == 0)
		return NULL;
	path += n;
	return xasprintf("%s%s", top, strcmp(path, "/") == 0 ? "" : path);
}

/* "31 23 0:28 ROOT TOP rw shared:1 - TYPE SOURCE OPTIONS": the words that
 * matter, each to be freed. */
static bool
take_line(const char *line, size_t len, char *word[4])
{
	static const int wanted[] = {3, 4};
	char *copy = xstrndup(line, len), *rest = copy, *w;
	int n = 0, i, after = -1;
	bool complete = false;

	memset(word, 0, 4 * sizeof(*word));
	while ((w = strsep(&rest, " ")) != NULL) {
		for (i = 0; i < 2; i++) {
			if (n == wanted[i])
				word[i] = xstrdup(w);
		}
		if (after == -1 && n > 4 && strcmp(w, "-") == 0)
			after = n;
		else if (after != -1 && n == after + 1)
			word[2] = xstrdup(w);
		else if (after != -1 && n == after + 3) {
			word[3] = xstrdup(w);
			complete = true;
		}
		n++;
	}
	free(copy);
	return complete;
}

static bool
take_mount(char *const word[4], const char *cgroups, struct cgroup_place *p)
{
	char *path;

	memset(p, 0, sizeof(*p));
	p->v2 = strcmp(word[2], "cgroup2") == 0;
	if (!p->v2 && strcmp(word[2], "cgroup") != 0)
		return false;
	p->controllers = p->v2 ? 0 : controllers_in(word[3]);
	if (!p->v2 && p->controllers == 0)
		return false;
	unescape(word[0]);
	unescape(word[1]);
	p->top = xstrdup(word[1]);
	path = own_path(cgroups, p->v2, p->controllers);
	p->own = folder_of(p->top, word[0], path);
	free(path);
	return true;
}

size_t
cgroup_find(const char *mountinfo, const char *cgroups,
    struct cgroup_place out[CGROUP_PLACES])
{
	size_t n = 0, len, i;
	char *word[4];

	while (*mountinfo != '\0' && n < CGROUP_PLACES) {
		len = strcspn(mountinfo, "\n");
		if (take_line(mountinfo, len, word) &&
		    take_mount(word, cgroups, &out[n]))
			n++;
		for (i = 0; i < NITEMS(word); i++)
			free(word[i]);
		mountinfo += len + (mountinfo[len] == '\n');
	}
	return n;
}

void
cgroup_places_clear(struct cgroup_place *p, size_t n)
{
	for (; n > 0; n--, p++) {
		free(p->top);
		free(p->own);
	}
}
