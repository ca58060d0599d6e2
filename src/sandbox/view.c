/*
 * The root of a slot: a tmpfs that holds the paths of its profile as bind
 * mounts, a few devices, a /proc of its own processes, and one private tmpfs
 * behind /tmp, /work, /var/tmp and /dev/shm.  Sources are opened before
 * anything is mounted, and mounted by descriptor: nothing is looked up twice.
 */
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "sandbox/enter.h"
#include "sandbox/resolve.h"

/* Where the new root is put together: any folder that is always there and is
 * no longer needed by then. */
#define PLACE "/usr"
/* Files and folders of a private tmpfs: what one task may make. */
#define MAX_FILES     65536
#define READ_ONLY     (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define SCRATCH_FLAGS (MS_NOSUID | MS_NODEV)

static const char *const scratch_names[] = {"tmp", "work", "var", "shm"};

struct view {
	struct sandbox_entry *entry;
	int root; /* the new one */
	int source[SANDBOX_MAX_PATHS];
	bool folder[SANDBOX_MAX_PATHS];
	bool run_scratch; /* something in /tmp or /work may be executed */
};

static int
failed(struct view *v, const char *what, const char *path)
{
	int saved = errno;

	if (v->entry->why[0] == '\0') {
		snprintf(v->entry->why, sizeof(v->entry->why), "%s %s: %s",
		    what, path, error_errno(saved));
	}
	errno = saved;
	return -1;
}

static int
open_tree_fd(int at, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, at, path,
	    flags | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static int
set_attributes(int fd, uint64_t set, int userns, bool recursive)
{
	struct mount_attr a;

	memset(&a, 0, sizeof(a));
	a.attr_set = set;
	if (userns != -1) {
		a.attr_set |= MOUNT_ATTR_IDMAP;
		a.userns_fd = (uint64_t)userns;
	}
	return (int)syscall(SYS_mount_setattr, fd, "",
	    AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &a, sizeof(a));
}

/* A path in the new root: its links lead nowhere else, whoever made them. */
static int
open_in(int root, const char *path)
{
	struct open_how how = {
	    .flags = O_PATH | O_CLOEXEC,
	    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* Mount fd there; path without its first slash. */
static int
attach(int fd, int root, const char *path)
{
	int at = open_in(root, path);
	int saved;
	int rc;

	if (at == -1)
		return -1;
	rc = (int)syscall(SYS_move_mount, fd, "", at, "",
	    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	saved = errno;
	close(at);
	errno = saved;
	return rc;
}

/* The owner's files are the slot's own on a granted mount.  Where the kernel
 * or the file system refuses, what all may read can be read all the same. */
static int
give_to_slot(
    struct view *v, const struct sandbox_path *p, int fd, const struct stat *st)
{
	uint32_t uid = v->entry->uid;
	mode_t need = (p->access & SANDBOX_WRITE) != 0 ? 07 : 04;
	int userns;

	if (uid == 0 || (p->access & SANDBOX_SYSTEM) != 0)
		return 0;
	userns = sandbox_idmap_find(st->st_uid, st->st_gid, uid);
	if (userns != -1 && set_attributes(fd, 0, userns, false) == 0)
		return 0;
	if (S_ISDIR(st->st_mode))
		need |= 01;
	if ((st->st_mode & need) == need)
		return 0;
	snprintf(v->entry->why, sizeof(v->entry->why),
	    "%s (owner %u, mode %04o) cannot be given to uid %u: %s", p->path,
	    st->st_uid, st->st_mode & 07777U, uid, strerror(errno));
	return -1;
}

/* What is known by its real name: a link in it was put there since, by somebody
 * who wants us to mount something else. */
static int
open_real(const char *path)
{
	int at = sandbox_open_place(path);
	int fd;
	int saved;

	if (at == -1)
		return -1;
	fd = open_tree_fd(at, "", AT_EMPTY_PATH | AT_RECURSIVE);
	saved = errno;
	close(at);
	errno = saved;
	return fd;
}

/* source[i] stays -1 when there is nothing of that name. */
static int
open_source(struct view *v, const struct sandbox_path *p, size_t i)
{
	uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	struct stat st;
	int fd;

	if (strrchr(p->path, '/') == p->path && lstat(p->path, &st) == 0 &&
	    S_ISLNK(st.st_mode))
		return 0; /* add_links() */
	fd = p->source != NULL ? open_real(p->source) :
	                         open_tree_fd(AT_FDCWD, p->path, AT_RECURSIVE);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1)
		return failed(v, "cannot mount", p->path);
	v->source[i] = fd;
	if (fstat(fd, &st) == -1)
		return failed(v, "cannot mount", p->path);
	v->folder[i] = S_ISDIR(st.st_mode);
	if ((p->access & SANDBOX_WRITE) == 0)
		attributes |= MOUNT_ATTR_RDONLY;
	if (give_to_slot(v, p, fd, &st) == -1)
		return -1;
	if (set_attributes(fd, attributes, -1, true) == -1)
		return failed(v, "cannot restrict the mount of", p->path);
	return 0;
}

/* One folder, or empty file, whose parent is there; 0 when something is. */
static int
make_one(int root, char *path, bool folder)
{
	char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	int parent;
	int fd;
	int rc;

	if (slash != NULL)
		*slash = '\0';
	parent = open_in(root, slash == NULL ? "." : path);
	if (slash != NULL)
		*slash = '/';
	if (parent == -1)
		return -1;
	if (folder) {
		rc = mkdirat(parent, name, 0755);
	} else {
		fd = openat(parent, name,
		    O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
		rc = fd == -1 ? -1 : close(fd);
	}
	if (rc == -1 && errno == EEXIST)
		rc = 0;
	fd = errno;
	close(parent);
	errno = fd;
	return rc;
}

/* Make what is missing of a path in the new root; the last part is a folder or
 * a file. */
static int
make_place(int root, const char *path, bool folder)
{
	char *copy = xstrdup(path + 1);
	char *at = copy;
	char *slash;
	int rc = 0;

	while (rc == 0 && (slash = strchr(at, '/')) != NULL) {
		*slash = '\0';
		rc = make_one(root, copy, true);
		*slash = '/';
		at = slash + 1;
	}
	if (rc == 0)
		rc = make_one(root, copy, folder);
	free(copy);
	return rc;
}

/* Is a path to be read there already, by a mount of what holds it, for all to
 * see? */
static bool
covered(int root, const struct sandbox_path *p, int source)
{
	int at =
	    (p->access & SANDBOX_WRITE) != 0 ? -1 : open_in(root, p->path + 1);
	struct stat a;
	struct stat b;
	bool same;

	if (at == -1)
		return false;
	same = fstat(at, &a) == 0 && fstat(source, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	close(at);
	return same && (a.st_mode & 04) != 0 &&
	    ((a.st_mode & 01) != 0 || (p->access & SANDBOX_EXECUTE) == 0);
}

static int
mount_at(struct view *v, size_t i, const char *path)
{
	if (make_place(v->root, path, v->folder[i]) == -1)
		return failed(v, "cannot make a place for", path);
	if (attach(v->source[i], v->root, path + 1) == -1)
		return failed(v, "cannot mount", path);
	return 0;
}

/* A link within another grant leads to where the thing really is. */
static int
mount_path(struct view *v, size_t i)
{
	const struct sandbox_path *p = &v->entry->profile->path[i];

	if (v->source[i] == -1 || covered(v->root, p, v->source[i]))
		return 0;
	if (mount_at(v, i, p->path) == 0)
		return 0;
	if (errno != ENOENT || p->source == NULL)
		return -1;
	v->entry->why[0] = '\0';
	return mount_at(v, i, p->source);
}

/* /bin and its like are links to /usr on merged systems, folders on others. */
static int
add_links(struct view *v)
{
	static const char *const names[] = {
	    "bin", "sbin", "lib", "lib32", "lib64", "libx32"};
	char from[16];
	char to[256];
	ssize_t n;
	size_t i;

	for (i = 0; i < NITEMS(names); i++) {
		snprintf(from, sizeof(from), "/%s", names[i]);
		n = readlink(from, to, sizeof(to) - 1);
		if (n <= 0)
			continue;
		to[n] = '\0';
		if (symlinkat(to, v->root, names[i]) == -1)
			return failed(v, "cannot make the link", from);
	}
	return 0;
}

static int
add_device(
    struct view *v, const char *name, unsigned int major, unsigned int minor)
{
	char path[32];
	char source[32];
	int fd;

	snprintf(path, sizeof(path), "dev/%s", name);
	snprintf(source, sizeof(source), "/dev/%s", name);
	if (mknodat(v->root, path, S_IFCHR | 0666, makedev(major, minor)) ==
	        0 &&
	    fchmodat(v->root, path, 0666, 0) == 0) {
		fd = openat(v->root, path, O_RDONLY | O_CLOEXEC);
		if (fd != -1) { /* else a mount of a user namespace: nodev */
			close(fd);
			return 0;
		}
		unlinkat(v->root, path, 0);
	}
	close(openat(v->root, path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	fd = open_tree_fd(AT_FDCWD, source, 0);
	if (fd == -1 || attach(fd, v->root, path) == -1)
		return failed(v, "cannot mount", source);
	close(fd);
	return 0;
}

static int
add_devices(struct view *v)
{
	static const char *const links[][2] = {
	    {"/proc/self/fd",   "dev/fd"    },
            {"/proc/self/fd/0", "dev/stdin" },
	    {"/proc/self/fd/1", "dev/stdout"},
	    {"/proc/self/fd/2", "dev/stderr"}
        };
	size_t i;

	if (mkdirat(v->root, "dev", 0755) == -1 && errno != EEXIST)
		return failed(v, "cannot make", "/dev");
	for (i = 0; i < NITEMS(links); i++) {
		if (symlinkat(links[i][0], v->root, links[i][1]) == -1)
			return failed(v, "cannot make", links[i][1]);
	}
	return add_device(v, "null", 1, 3) == -1 ||
	        add_device(v, "zero", 1, 5) == -1 ||
	        add_device(v, "full", 1, 7) == -1 ||
	        add_device(v, "random", 1, 8) == -1 ||
	        add_device(v, "urandom", 1, 9) == -1 ?
	    -1 :
	    0;
}

/* Without it programs run, but not all of them: it is no promise.  Read only:
 * nobody writes there but to be spared by the OOM killer. */
static void
add_proc(struct view *v)
{
	char path[64];

	snprintf(path, sizeof(path), PLACE "/proc");
	if (mkdirat(v->root, "proc", 0555) == -1 && errno != EEXIST) {
		sandbox_refused(v->entry, SANDBOX_PROC, errno);
		return;
	}
	if ((v->entry->kept & SANDBOX_PIDNS) == 0) {
		sandbox_refused(v->entry, SANDBOX_PROC, ENOSYS);
	} else if (mount("proc", path, "proc",
	               MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
	               "subset=pid") == -1) {
		sandbox_refused(v->entry, SANDBOX_PROC, errno);
	} else {
		v->entry->kept |= SANDBOX_PROC;
	}
}

/* A prepared tree is read only: it has them, or not. */
static int
need_folder(struct view *v, const char *path)
{
	if (make_place(v->root, path, true) == 0)
		return 0;
	return failed(v,
	    v->entry->profile->rootfs == NULL ? "cannot make" :
	                                        "the :rootfs has no folder",
	    path);
}

/* The mount behind the writable folders; a name each, since what one task
 * leaves is seen by one look at its counters. */
static int
add_scratch(struct view *v)
{
	uint64_t size = v->entry->profile->tmp;
	static const char *const places[] = {
	    "tmp", "work", "var/tmp", "dev/shm"};
	char options[96];
	size_t i;
	int fd;

	if (size == UINT64_MAX)
		size = 0; /* as the kernel has it */
	else if (size == 0)
		size = 1; /* which it rounds up to a page */
	snprintf(options, sizeof(options), "size=%llu,nr_inodes=%d,mode=0755",
	    (unsigned long long)size, MAX_FILES);
	if (need_folder(v, "/run") == -1)
		return -1;
	if (mount("scratch", PLACE "/run", "tmpfs",
	        SCRATCH_FLAGS | (v->run_scratch ? 0 : MS_NOEXEC),
	        options) == -1)
		return failed(v, "cannot mount", "a private /tmp");
	v->entry->scratch =
	    open(PLACE "/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->entry->scratch == -1)
		return failed(v, "cannot open", "a private /tmp");
	for (i = 0; i < NITEMS(places); i++) {
		if (mkdirat(v->entry->scratch, scratch_names[i], 0700) == -1 ||
		    fchmodat(v->entry->scratch, scratch_names[i], 01777, 0) ==
		        -1)
			return failed(v, "cannot make", scratch_names[i]);
	}
	for (i = 0; i < NITEMS(places); i++) {
		fd = open_tree_fd(v->entry->scratch, scratch_names[i], 0);
		snprintf(options, sizeof(options), "/%s", places[i]);
		if (need_folder(v, options) == -1)
			return -1;
		if (fd == -1 || attach(fd, v->root, places[i]) == -1)
			return failed(v, "cannot mount", options);
		close(fd);
	}
	return umount2(PLACE "/run", MNT_DETACH) == -1 ?
	    failed(v, "cannot unmount", "the private /tmp") :
	    0;
}

bool
sandbox_scratch_clean(const struct sandbox_entry *x)
{
	static const struct timespec times[2] = {
	    {0, 0},
            {0, 0}
        };
	bool owned = (x->kept & SANDBOX_OWN_UID) == 0;
	struct statfs fs;
	size_t i;

	if (x->scratch == -1)
		return true;
	if (fstatfs(x->scratch, &fs) == -1 ||
	    fs.f_files - fs.f_ffree != x->scratch_files ||
	    fs.f_blocks - fs.f_bfree != x->scratch_blocks)
		return false;
	/* In a user namespace the folders belong to the task. */
	for (i = 0; i < NITEMS(scratch_names); i++) {
		if (owned &&
		    (fchmodat(x->scratch, scratch_names[i], 01777, 0) == -1 ||
		        utimensat(x->scratch, scratch_names[i], times, 0) ==
		            -1))
			return false;
	}
	return true;
}

static int
write_secret(struct view *v, int folder, const char *name, off_t at, size_t len)
{
	int fd =
	    openat(folder, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0400);
	int rc = -1;

	if (fd == -1)
		return failed(v, "cannot make the secret", name);
	if (sendfile(fd, v->entry->secrets, &at, len) == (ssize_t)len &&
	    (v->entry->uid == 0 ||
	        fchown(fd, v->entry->uid, v->entry->uid) == 0))
		rc = 0;
	else
		failed(v, "cannot write the secret", name);
	close(fd);
	return rc;
}

/* /run/secrets: a small tmpfs, filled, then closed. */
static int
add_secrets(struct view *v)
{
	const struct sandbox_profile *p = v->entry->profile;
	off_t at = 0;
	size_t i;
	int fd;
	int rc = 0;

	if (p->nsecrets == 0)
		return 0;
	if (make_place(v->root, "/run/secrets", true) == -1 ||
	    mount("secrets", PLACE "/run/secrets", "tmpfs",
	        SCRATCH_FLAGS | MS_NOEXEC,
	        "size=8m,nr_inodes=256,mode=0755") == -1)
		return failed(v, "cannot mount", "/run/secrets");
	fd = open(PLACE "/run/secrets", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return failed(v, "cannot open", "/run/secrets");
	for (i = 0; rc == 0 && i < p->nsecrets; i++) {
		rc = write_secret(
		    v, fd, p->secret[i].name, at, p->secret[i].len);
		at += (off_t)p->secret[i].len;
	}
	if (rc == 0 && set_attributes(fd, READ_ONLY, -1, false) == -1)
		rc = failed(v, "cannot close", "/run/secrets");
	close(fd);
	return rc;
}

static int
new_root(struct view *v)
{
	const struct sandbox_profile *p = v->entry->profile;
	int fd;

	if (p->rootfs == NULL) {
		if (mount("root", PLACE, "tmpfs", MS_NOSUID,
		        "size=1m,nr_inodes=4096,mode=0755") == -1)
			return failed(v, "cannot mount", "a root");
	} else {
		fd = open_real(p->rootfs);
		if (fd == -1 || set_attributes(fd, READ_ONLY, -1, true) == -1 ||
		    syscall(SYS_move_mount, fd, "", AT_FDCWD, PLACE,
		        MOVE_MOUNT_F_EMPTY_PATH) == -1)
			return failed(v, "cannot mount", p->rootfs);
		close(fd);
	}
	v->root = open(PLACE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return v->root == -1 ? failed(v, "cannot open", "the root") : 0;
}

/* A prepared tree brings folders for the mounts, but no devices. */
static int
cover_devices(struct view *v)
{
	return mount("dev", PLACE "/dev", "tmpfs", MS_NOSUID,
	           "size=64k,nr_inodes=64,mode=0755") == -1 ?
	    failed(v, "cannot mount", "/dev of the rootfs") :
	    0;
}

static int
close_devices(struct view *v)
{
	int fd = openat(v->root, "dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int rc =
	    fd == -1 ? -1 : set_attributes(fd, MOUNT_ATTR_RDONLY, -1, false);

	if (fd != -1)
		close(fd);
	return rc == -1 ? failed(v, "cannot close", "/dev") : 0;
}

static int
move_in(struct view *v)
{
	if (v->entry->profile->rootfs != NULL && close_devices(v) == -1)
		return -1;
	if (set_attributes(v->root, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, -1,
	        false) == -1)
		return failed(v, "cannot close", "the root");
	if (fchdir(v->root) == -1 || syscall(SYS_pivot_root, ".", ".") == -1 ||
	    umount2(".", MNT_DETACH) == -1 || chdir("/") == -1)
		return failed(v, "cannot enter", "the root");
	return 0;
}

/* A grant of one of the private folders is about them, not the machine's; what
 * the machine has below them can be granted. */
static bool
is_scratch(const char *path)
{
	return strcmp(path, SANDBOX_HOME) == 0 || strcmp(path, "/tmp") == 0 ||
	    strcmp(path, "/var/tmp") == 0 || strcmp(path, "/dev/shm") == 0;
}

static int
fill(struct view *v)
{
	const struct sandbox_profile *p = v->entry->profile;
	struct statfs fs;
	size_t i;

	if (new_root(v) == -1)
		return -1;
	if (p->rootfs == NULL && add_links(v) == -1)
		return -1;
	if (p->rootfs != NULL && cover_devices(v) == -1)
		return -1;
	if (add_devices(v) == -1)
		return -1;
	add_proc(v);
	if (add_scratch(v) == -1)
		return -1;
	for (i = 0; i < p->npaths; i++) {
		if (mount_path(v, i) == -1)
			return -1;
	}
	/* places of mounts below /tmp are there from now on */
	if (fstatfs(v->entry->scratch, &fs) == -1)
		return failed(v, "cannot ask", "a private /tmp");
	v->entry->scratch_files = fs.f_files - fs.f_ffree;
	v->entry->scratch_blocks = fs.f_blocks - fs.f_bfree;
	if (add_secrets(v) == -1)
		return -1;
	return move_in(v);
}

int
sandbox_view(struct sandbox_entry *x)
{
	const struct sandbox_profile *p = x->profile;
	struct view v = {.entry = x, .root = -1};
	mode_t mask = umask(0);
	size_t i;
	int rc = 0;

	for (i = 0; i < p->npaths; i++)
		v.source[i] = -1;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		rc = failed(&v, "cannot make private",
		    errno == EINVAL ? "the mounts of a root that is no mount "
		                      "point (bind it to itself before "
		                      "chroot(2))" :
		                      "the mounts");
	for (i = 0; rc == 0 && i < p->npaths; i++) {
		if (!is_scratch(p->path[i].path))
			rc = open_source(&v, &p->path[i], i);
		else if ((p->path[i].access & SANDBOX_EXECUTE) != 0)
			v.run_scratch = true;
	}
	if (rc == 0)
		rc = fill(&v);
	for (i = 0; i < p->npaths; i++) {
		if (v.source[i] != -1)
			close(v.source[i]);
	}
	if (v.root != -1)
		close(v.root);
	umask(mask);
	return rc;
}
