/* Attacks on files and by files: what fills, hides, stays, or is executed. */
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static bool
lease(const char *arg)
{
	int fd = open(arg, O_RDONLY | O_CREAT, 0600);
	bool taken = fd != -1 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0;

	if (attack_tidies())
		unlink(arg);
	return taken;
}

static bool
fill_folder(const char *arg)
{
	char path[256];
	int fd, i;
	bool done = true;

	for (i = 0; i < 20 && done; i++) { /* each below :fsize */
		snprintf(path, sizeof(path), "%s-fill-%d", arg, i);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd == -1)
			return false;
		done = attack_fill(fd, 1);
		close(fd);
		if (attack_tidies())
			unlink(path);
	}
	return done;
}

static bool
fill_inodes(const char *arg)
{
	char path[256];
	int fd, i, n = attack_tidies() ? 2000 : 70000;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s-i-%d", arg, i);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd == -1)
			return false;
		close(fd);
		if (attack_tidies())
			unlink(path);
	}
	return true;
}

static bool
big_file(const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	return fd != -1 && attack_fill(fd, 20);
}

static bool
sparse(const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	signal(SIGXFSZ, SIG_IGN);
	return fd != -1 && ftruncate(fd, 1L << 32) == 0;
}

static bool
read_file(const char *arg)
{
	char byte;
	int fd = open(arg, O_RDONLY);

	return fd != -1 && read(fd, &byte, 1) == 1;
}

static bool
write_file(const char *arg)
{
	return open(arg, O_WRONLY | O_CREAT, 0600) != -1;
}

static bool
plant(const char *arg)
{
	int fd;

	if (access(arg, F_OK) == 0)
		return true; /* another task's is still there */
	fd = open(arg, O_WRONLY | O_CREAT, 0600);
	errno = fd == -1 ? errno : 0;
	return false;
}

/* A folder that nobody may enter, with something in it. */
static bool
shut(const char *arg)
{
	struct stat st;
	char path[256];

	if (lstat(arg, &st) == 0)
		return true;
	snprintf(path, sizeof(path), "%s/in", arg);
	if (mkdir(arg, 0700) == -1 || mkdir(path, 0700) == -1 ||
	    chmod(path, 0) == -1 || chmod(arg, 0) == -1)
		return false;
	errno = 0;
	return false;
}

/* Folders in folders, longer than any path may be. */
static bool
deep(const char *arg)
{
	static const char name[] = "this-is-a-folder-in-a-folder";
	struct stat st;
	int i;

	if (lstat(arg, &st) == 0)
		return true;
	if (mkdir(arg, 0700) == -1 || chdir(arg) == -1)
		return false;
	for (i = 0; i < 200; i++) {
		if (mkdir(name, 0700) == -1 || chdir(name) == -1)
			return false;
	}
	errno = 0;
	return false;
}

static bool
by_handle(const char *arg)
{
	struct {
		struct file_handle h;
		char bytes[128];
	} x;
	int id, dir;

	memset(&x, 0, sizeof(x));
	x.h.handle_bytes = sizeof(x.bytes);
	dir = open(arg, O_RDONLY | O_DIRECTORY);
	if (name_to_handle_at(AT_FDCWD, arg, &x.h, &id, 0) == -1)
		x.h.handle_bytes = 8;
	return open_by_handle_at(dir, &x.h, O_RDONLY) != -1;
}

static bool
change_root(const char *arg)
{
	return chroot(arg) == 0;
}

static bool
mount_it(const char *arg)
{
	/* Outside, in a namespace of its own: it must hide nobody's folder. */
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return false;
	if (mount("none", arg, "tmpfs", 0, "size=4096") == -1)
		return false;
	(void)umount(arg);
	return true;
}

/* What dlopen(3) does with a plug-in that the program has written itself. */
static bool
map_executable(const char *arg)
{
	int fd = open(arg, O_RDWR | O_CREAT, 0700);
	void *p;

	if (fd == -1 || write(fd, "\xc3", 1) != 1)
		return false;
	p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (attack_tidies())
		unlink(arg);
	return p != MAP_FAILED;
}

static bool
run_written(const char *arg)
{
	static char script[] = "#!/bin/sh\necho harm\n";
	char *argv[] = {(char *)(uintptr_t)arg, NULL};
	int fd = open(arg, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	bool done = fd != -1 &&
	    write(fd, script, sizeof(script) - 1) == sizeof(script) - 1;

	close(fd);
	if (done)
		execve(arg, argv, environ);
	return false;
}

/* A program that never was a file. */
static bool
run_memfd(const char *arg ATTR_UNUSED)
{
	char *argv[] = {(char *)(uintptr_t) "attack",
	    (char *)(uintptr_t) "environment", (char *)(uintptr_t) "ATTACK_RAN",
	    NULL};
	char *envp[] = {(char *)(uintptr_t) "ATTACK_RAN=yes", NULL};
	int fd = memfd_create("x", 0);
	int self = open("/proc/self/exe", O_RDONLY);
	struct stat st;

	if (fd == -1 || self == -1 || fstat(self, &st) == -1 ||
	    sendfile(fd, self, NULL, (size_t)st.st_size) != st.st_size)
		return false;
	fexecve(fd, argv, envp);
	return false;
}

/* A lock on a file that others only read. */
static bool
lock_file(const char *arg)
{
	int fd = open(arg, O_RDONLY);

	return fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

const struct attack files_attacks[] = {
    {"lease",          lease         },
    {"map-executable", map_executable},
    {"run-written",    run_written   },
    {"shut",           shut          },
    {"deep",           deep          },
    {"fill",           fill_folder   },
    {"inodes",         fill_inodes   },
    {"big-file",       big_file      },
    {"sparse",         sparse        },
    {"read",           read_file     },
    {"write",          write_file    },
    {"plant",          plant         },
    {"mount",          mount_it      },
    {"chroot",         change_root   },
    {"by-handle",      by_handle     },
    {"run-memfd",      run_memfd     },
    {"lock-file",      lock_file     },
    {NULL,             NULL          },
};
