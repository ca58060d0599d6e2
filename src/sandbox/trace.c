/* See trace.h.  The caller stands still, so its memory and its links in /proc
 * say what it means; another of its threads can change them, and then the
 * list is wrong, which is all that can go wrong here. */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/policy.h"
#include "sandbox/filter.h"
#include "sandbox/resolve.h"
#include "sandbox/trace.h"

#define NONE (-1)

enum how {
	OPENS,
	LOOKS,   /* nothing is opened: stat(2) and others */
	ARRANGES /* the folder is changed, not what is in it */
};

/* Arguments by their place. */
static const struct path_call {
	const char *name;
	int folder; /* a descriptor; NONE: the working directory */
	int path;
	int flags; /* of open; NONE: access says it */
	uint32_t access;
	enum how how;
} calls[] = {
    {"open",              NONE, 0, 1,    SANDBOX_READ,    OPENS   },
    {"openat",            0,    1, 2,    SANDBOX_READ,    OPENS   },
    {"creat",             NONE, 0, NONE, SANDBOX_WRITE,   OPENS   },
    {"execve",            NONE, 0, NONE, SANDBOX_EXECUTE, OPENS   },
    {"execveat",          0,    1, NONE, SANDBOX_EXECUTE, OPENS   },
    {"stat",              NONE, 0, NONE, SANDBOX_READ,    LOOKS   },
    {"lstat",             NONE, 0, NONE, SANDBOX_READ,    LOOKS   },
    {"newfstatat",        0,    1, NONE, SANDBOX_READ,    LOOKS   },
    {"statx",             0,    1, NONE, SANDBOX_READ,    LOOKS   },
    {"access",            NONE, 0, NONE, SANDBOX_READ,    LOOKS   },
    {"faccessat",         0,    1, NONE, SANDBOX_READ,    LOOKS   },
    {"faccessat2",        0,    1, NONE, SANDBOX_READ,    LOOKS   },
    {"readlink",          NONE, 0, NONE, SANDBOX_READ,    LOOKS   },
    {"readlinkat",        0,    1, NONE, SANDBOX_READ,    LOOKS   },
    {"chdir",             NONE, 0, NONE, SANDBOX_READ,    LOOKS   },
    {"statfs",            NONE, 0, NONE, SANDBOX_READ,    LOOKS   },
    {"inotify_add_watch", NONE, 1, NONE, SANDBOX_READ,    OPENS   },
    {"truncate",          NONE, 0, NONE, SANDBOX_WRITE,   OPENS   },
    {"mkdir",             NONE, 0, NONE, SANDBOX_WRITE,   ARRANGES},
    {"mkdirat",           0,    1, NONE, SANDBOX_WRITE,   ARRANGES},
    {"rmdir",             NONE, 0, NONE, SANDBOX_WRITE,   ARRANGES},
    {"unlink",            NONE, 0, NONE, SANDBOX_WRITE,   ARRANGES},
    {"unlinkat",          0,    1, NONE, SANDBOX_WRITE,   ARRANGES},
    {"rename",            NONE, 0, NONE, SANDBOX_WRITE,   ARRANGES},
    {"rename",            NONE, 1, NONE, SANDBOX_WRITE,   ARRANGES},
    {"renameat",          0,    1, NONE, SANDBOX_WRITE,   ARRANGES},
    {"renameat",          2,    3, NONE, SANDBOX_WRITE,   ARRANGES},
    {"renameat2",         0,    1, NONE, SANDBOX_WRITE,   ARRANGES},
    {"renameat2",         2,    3, NONE, SANDBOX_WRITE,   ARRANGES},
    {"link",              NONE, 0, NONE, SANDBOX_READ,    OPENS   },
    {"link",              NONE, 1, NONE, SANDBOX_WRITE,   ARRANGES},
    {"linkat",            0,    1, NONE, SANDBOX_READ,    OPENS   },
    {"linkat",            2,    3, NONE, SANDBOX_WRITE,   ARRANGES},
    {"symlink",           NONE, 1, NONE, SANDBOX_WRITE,   ARRANGES},
    {"symlinkat",         1,    2, NONE, SANDBOX_WRITE,   ARRANGES},
    {"chmod",             NONE, 0, NONE, SANDBOX_WRITE,   OPENS   },
    {"fchmodat",          0,    1, NONE, SANDBOX_WRITE,   OPENS   },
    {"fchmodat2",         0,    1, NONE, SANDBOX_WRITE,   OPENS   },
    {"utimensat",         0,    1, NONE, SANDBOX_WRITE,   OPENS   },
    {"utimes",            NONE, 0, NONE, SANDBOX_WRITE,   OPENS   },
    {"utime",             NONE, 0, NONE, SANDBOX_WRITE,   OPENS   },
};

bool
trace_names_path(const char *name)
{
	size_t i;

	for (i = 0; i < NITEMS(calls); i++) {
		if (strcmp(calls[i].name, name) == 0)
			return true;
	}
	return false;
}

/* The text at an address of the process: read page by page, since the next one
 * may not be there. */
static bool
read_text(uint32_t pid, uint64_t at, char out[PATH_MAX])
{
	char file[32];
	size_t len = 0;
	size_t want;
	ssize_t n = 0;
	int fd;

	snprintf(file, sizeof(file), "/proc/%u/mem", pid);
	fd = at == 0 ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	while (len < PATH_MAX) {
		want = 4096 - (at + len) % 4096;
		if (want > PATH_MAX - len)
			want = PATH_MAX - len;
		n = pread(fd, out + len, want, (off_t)(at + len));
		if (n <= 0 || memchr(out + len, '\0', (size_t)n) != NULL)
			break;
		len += (size_t)n;
	}
	close(fd);
	return n > 0 && len < PATH_MAX && out[0] != '\0';
}

/* Put the folder before a path that does not start at the root. */
static bool
make_absolute(const struct sandbox_call *c, int folder, char path[PATH_MAX])
{
	char link[48];
	char base[PATH_MAX];
	char *whole;
	ssize_t n;
	int fd = folder == NONE ? AT_FDCWD : (int)c->arg[folder];
	bool fits;

	if (path[0] == '/')
		return true;
	if (fd == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%u/cwd", c->pid);
	else
		snprintf(link, sizeof(link), "/proc/%u/fd/%d", c->pid, fd);
	n = readlink(link, base, sizeof(base) - 1);
	if (n <= 0 || base[0] != '/')
		return false;
	base[n] = '\0';
	whole = xasprintf("%s/%s", base, path);
	fits = strlen(whole) < PATH_MAX;
	if (fits)
		memcpy(path, whole, strlen(whole) + 1);
	free(whole);
	return fits;
}

size_t
sandbox_asked(
    const struct sandbox_call *c, struct sandbox_ask out[SANDBOX_MAX_ASKS])
{
	char *name = filter_call_name(c->arch, c->nr);
	const struct path_call *p;
	struct sandbox_ask *a;
	size_t n = 0;
	size_t i;

	for (i = 0; name != NULL && i < NITEMS(calls); i++) {
		p = &calls[i];
		if (strcmp(p->name, name) != 0 || n == SANDBOX_MAX_ASKS)
			continue;
		a = &out[n];
		a->access = p->access;
		a->looks = p->how == LOOKS;
		a->arranges = p->how == ARRANGES;
		if (p->flags != NONE &&
		    ((int)c->arg[p->flags] & (O_ACCMODE | O_CREAT)) != O_RDONLY)
			a->access = SANDBOX_WRITE;
		if (p->flags != NONE && ((int)c->arg[p->flags] & O_PATH) != 0)
			a->looks = true;
		if (read_text(c->pid, c->arg[p->path], a->path) &&
		    make_absolute(c, p->folder, a->path))
			n++;
	}
	free(name);
	return n;
}

/* Is a path of the machine, which is known without links, in a grant? */
static bool
granted(const struct sandbox_profile *p, const char *path, uint32_t access)
{
	const struct sandbox_path *g;
	char *real;
	size_t there;
	struct error e;
	size_t i;
	bool in = false;

	for (i = 0; i < p->npaths && !in; i++) {
		g = &p->path[i];
		if ((g->access & access) == 0)
			continue;
		if (sandbox_resolve(g->source != NULL ? g->source : g->path,
		        NULL, &real, &there, &e) == -1)
			continue;
		in = path_within(path, real);
		free(real);
	}
	return in;
}

static void
to_folder(char *path)
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0';
}

enum what {
	SEE_END,
	SEE_LINK,  /* not where it leads */
	SEE_FOLDER /* that holds it */
};

/* As the process sees it; -1: it does not. */
static int
open_seen(const struct sandbox_call *c, const char *path, enum what what)
{
	struct open_how how = {
	    .flags = O_PATH | O_CLOEXEC | (what == SEE_LINK ? O_NOFOLLOW : 0),
	    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	char link[32];
	char copy[PATH_MAX];
	int root;
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	if (what == SEE_FOLDER)
		to_folder(copy);
	snprintf(link, sizeof(link), "/proc/%u/root", c->pid);
	root = open(link, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root == -1)
		return -1;
	fd = (int)syscall(SYS_openat2, root, copy, &how, sizeof(how));
	close(root);
	return fd;
}

static bool
seen(const struct sandbox_call *c, const char *path)
{
	int fd = open_seen(c, path, SEE_END);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

/* May something be written there, for all that its mount says? */
static bool
seen_writable(const struct sandbox_call *c, const char *path)
{
	int fd = open_seen(c, path, SEE_END);
	struct statvfs fs;
	struct stat st;
	bool may;

	if (fd == -1)
		fd = open_seen(c, path, SEE_FOLDER);
	if (fd == -1)
		return false;
	may = fstatvfs(fd, &fs) == 0 &&
	    ((fs.f_flag & ST_RDONLY) == 0 ||
	        (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode)));
	close(fd);
	return may;
}

/* What a grant would have to name: the folder that is changed, or what a link
 * leads to that can itself be seen. */
static void
name_grant(const struct sandbox_call *c, struct sandbox_ask *a,
    const char *real, size_t there)
{
	int link = open_seen(c, a->path, SEE_LINK);

	if (link != -1) {
		close(link);
		snprintf(a->path, sizeof(a->path), "%s", real);
	}
	if (a->arranges || real[there] != '\0')
		to_folder(a->path);
}

/* Does the machine have it, or, for what is made, the folder? */
static bool
on_machine(const char *path, size_t there, bool make)
{
	const char *slash = strrchr(path, '/');

	return path[there] == '\0' ||
	    (make && slash != NULL && slash <= path + there);
}

bool
sandbox_ask_refused(const struct sandbox_profile *p, uint32_t kept,
    const struct sandbox_call *c, struct sandbox_ask *a)
{
	bool view = (kept & SANDBOX_VIEW) != 0;
	bool writes = a->access == SANDBOX_WRITE;
	struct error e;
	char *real;
	size_t there;
	bool refused;

	if (sandbox_resolve(a->path, NULL, &real, &there, &e) == -1)
		return false;
	if (!on_machine(real, there, writes))
		refused = false;
	else if (!view)
		refused = !a->looks && !granted(p, real, a->access);
	else if (writes)
		refused = !seen_writable(c, a->path);
	else
		refused = !seen(c, a->path) ||
		    (a->access == SANDBOX_EXECUTE &&
		        !granted(p, real, SANDBOX_EXECUTE));
	if (refused)
		name_grant(c, a, real, there);
	free(real);
	return refused;
}
