/*
 * Attacks on what runs a program, one a word: attack NAME [ARG].  It says
 * "harm" when it got what it wanted, "refused: WHY" when the kernel would not,
 * or comes to an end that is its own tale.  The numbers are those of the table
 * in hostile.sh, which first runs each of them outside, to see that it can.
 *
 * Nothing here hurts the machine: what could is asked for with signal 0, with
 * the value that is there already, or within bounds.
 */
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"

#define MIB (1024UL * 1024)

/* An attack returns whether it did harm; errno says why not. */
typedef bool (*attack_fn)(const char *arg);

static pid_t
number(const char *arg)
{
	return arg == NULL ? 0 : (pid_t)strtol(arg, NULL, 10);
}

static void ATTR_NORETURN
wait_forever(void)
{
	for (;;)
		pause();
}

static const char victim_text[] = "to be read by others";

/* ---- processes ---- */

/* Outside, where nobody sweeps, a child goes with its parent. */
static void
tidy_child(pid_t attacker)
{
	if (getenv("ATTACK_TIDY") == NULL)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != attacker)
		_exit(0);
}

static bool
forks(const char *arg ATTR_UNUSED)
{
	pid_t attacker = getpid();
	int i;
	pid_t pid;

	for (i = 0; i < 200; i++) {
		pid = fork();
		if (pid == 0) {
			tidy_child(attacker);
			wait_forever();
		}
		if (pid == -1)
			return false;
	}
	return true;
}

static void *
idle(void *arg ATTR_UNUSED)
{
	wait_forever();
}

static bool
threads(const char *arg ATTR_UNUSED)
{
	pthread_attr_t small;
	pthread_t t;
	int i;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (i = 0; i < 200; i++) {
		errno = pthread_create(&t, &small, idle, NULL);
		if (errno != 0)
			return false;
	}
	return true;
}

/* Each waits for a child that never executes anything. */
static bool
vforks(const char *arg ATTR_UNUSED)
{
	volatile int deep;

	for (deep = 0; deep < 30; deep++) {
		if (vfork() != 0)
			return false;
	}
	wait_forever();
}

static void *
speak_late(void *arg ATTR_UNUSED)
{
	usleep(300000);
	puts("late");
	fflush(stdout);
	_exit(0);
}

/* The process is a zombie by its looks while another thread works on. */
static bool
main_exits(const char *arg ATTR_UNUSED)
{
	pthread_t t;

	errno = pthread_create(&t, NULL, speak_late, NULL);
	if (errno != 0)
		return false;
	syscall(SYS_exit, 0);
	return false;
}

static bool
zombies(const char *arg ATTR_UNUSED)
{
	int i;
	pid_t pid;

	for (i = 0; i < 200; i++) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid == -1)
			return false;
	}
	return true;
}

static bool
parent(const char *arg ATTR_UNUSED)
{
	return syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) != -1;
}

static bool
user_namespace(const char *arg ATTR_UNUSED)
{
	return unshare(CLONE_NEWUSER) == 0;
}

/* A daemon that makes the file after the task has ended. */
static bool
daemonize(const char *arg)
{
	pid_t pid = fork();
	int fd;

	if (pid == -1)
		return false;
	if (pid > 0)
		return true;
	(void)setsid();
	if (fork() > 0)
		_exit(0);
	usleep(700000);
	fd = open(arg, O_WRONLY | O_CREAT, 0600);
	_exit(fd == -1);
}

static bool
kill_all(const char *arg ATTR_UNUSED)
{
	return kill(-1, 0) == 0;
}

static bool
kill_one(const char *arg)
{
	return kill(number(arg), 0) == 0;
}

static bool
stop(const char *arg ATTR_UNUSED)
{
	raise(SIGSTOP);
	return true;
}

static bool
deaf(const char *arg ATTR_UNUSED)
{
	sigset_t all;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	wait_forever();
}

static bool
spin(const char *arg ATTR_UNUSED)
{
	volatile unsigned long n = 0;

	signal(SIGXCPU, SIG_IGN);
	while (n < UINT64_MAX)
		n++;
	return true;
}

static bool
trace(const char *arg)
{
	pid_t pid = number(arg);

	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == -1)
		return false;
	waitpid(pid, NULL, 0);
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return true;
}

static bool
read_memory(const char *arg)
{
	char byte;
	struct iovec here = {&byte, 1};
	struct iovec there = {(void *)(uintptr_t)&victim_text, 1};
	ssize_t n;

	/* the victim runs this very program, not moved */
	n = process_vm_readv(number(arg), &here, 1, &there, 1, 0);
	return n == 1;
}

static bool
read_environment(const char *arg)
{
	char path[64], text[16];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)number(arg));
	fd = open(path, O_RDONLY);
	return fd != -1 && read(fd, text, sizeof(text)) > 0;
}

/* ---- memory and files ---- */

static bool
eat(const char *arg ATTR_UNUSED)
{
	size_t i;
	char *p;

	for (i = 0; i < 200; i++) {
		p = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return false;
		memset(p, 1, MIB);
	}
	return true;
}

static bool
fill(int fd, size_t mib)
{
	static char block[65536];
	size_t i;

	for (i = 0; i < mib * 16; i++) {
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			return false;
	}
	return true;
}

static bool
eat_memfd(const char *arg ATTR_UNUSED)
{
	int fd = memfd_create("x", 0);

	return fd != -1 && fill(fd, 100);
}

/* A table of pages for each page read: memory that is none of the process's. */
static bool
page_tables(const char *arg ATTR_UNUSED)
{
	const size_t step = 2 * MIB, len = 16384 * step; /* 64 MiB of tables */
	volatile char *p = mmap(NULL, len, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t at;

	if (p == MAP_FAILED)
		return false;
	for (at = 0; at < len; at += step)
		(void)p[at];
	return true;
}

/* ARG "high": the same command, with a bit that the kernel does not look at. */
static bool
big_pipe(const char *arg)
{
	unsigned long command = F_SETPIPE_SZ;
	int fd[2];

	if (arg != NULL)
		command |= 1UL << 32;
	return pipe(fd) == 0 && syscall(SYS_fcntl, fd[0], command, MIB) > 0;
}

static bool
lease(const char *arg)
{
	int fd = open(arg, O_RDONLY | O_CREAT, 0600);
	bool taken = fd != -1 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0;

	if (getenv("ATTACK_TIDY") != NULL)
		unlink(arg);
	return taken;
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
	if (getenv("ATTACK_TIDY") != NULL)
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
		done = fill(fd, 1);
		close(fd);
		if (getenv("ATTACK_TIDY") != NULL)
			unlink(path);
	}
	return done;
}

static bool
fill_inodes(const char *arg)
{
	char path[256];
	int fd, i, n = getenv("ATTACK_TIDY") != NULL ? 2000 : 70000;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s-i-%d", arg, i);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd == -1)
			return false;
		close(fd);
		if (getenv("ATTACK_TIDY") != NULL)
			unlink(path);
	}
	return true;
}

static bool
big_file(const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	return fd != -1 && fill(fd, 20);
}

static bool
sparse(const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	signal(SIGXFSZ, SIG_IGN);
	return fd != -1 && ftruncate(fd, 1L << 32) == 0;
}

static bool
lock_memory(const char *arg ATTR_UNUSED)
{
	static char block[4 * 1024 * 1024];

	return mlock(block, sizeof(block)) == 0;
}

static bool
recurse(const char *arg)
{
	volatile char room[65536];

	room[0] = 1;
	return room[0] == 1 && (arg != NULL || recurse(NULL)) && room[0] == 1;
}

static bool
dump_core(const char *arg ATTR_UNUSED)
{
	struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY};

	if (setrlimit(RLIMIT_CORE, &l) == 0)
		return true;
	return false;
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

/* ---- output and ends ---- */

static bool
flood(const char *arg)
{
	(void)fill(number(arg), 1000);
	return true;
}

static bool
leave(const char *arg)
{
	_exit((int)number(arg));
}

static bool
by_signal(const char *arg)
{
	raise((int)number(arg));
	return true;
}

static bool
descriptors(const char *arg ATTR_UNUSED)
{
	int fd;

	for (fd = 3; fd < 4096; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			return true;
	}
	return false;
}

static bool
environment(const char *arg)
{
	errno = ENOENT;
	return getenv(arg) != NULL;
}

/* ---- rights ---- */

static bool
raise_limit(const char *arg ATTR_UNUSED)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_FSIZE, &l) == -1)
		return false;
	if (l.rlim_max == RLIM_INFINITY)
		return true; /* nothing to raise */
	l.rlim_max = l.rlim_cur = RLIM_INFINITY;
	return setrlimit(RLIMIT_FSIZE, &l) == 0;
}

static bool
limit_other(const char *arg)
{
	struct rlimit l;

	return prlimit(number(arg), RLIMIT_NOFILE, NULL, &l) == 0 &&
	    prlimit(number(arg), RLIMIT_NOFILE, &l, NULL) == 0;
}

static bool
has_capabilities(const char *arg ATTR_UNUSED)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");
	bool any = false;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		any |= strncmp(line, "CapEff:", 7) == 0 &&
		    strspn(line + 7, "\t 0\n") != strlen(line + 7);
	errno = EPERM;
	return any;
}

static bool
new_privileges(const char *arg ATTR_UNUSED)
{
	errno = EPERM;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
}

static bool
priority(const char *arg ATTR_UNUSED)
{
	struct sched_param p = {.sched_priority = 1};

	return sched_setscheduler(0, SCHED_FIFO, &p) == 0;
}

static bool
affinity(const char *arg ATTR_UNUSED)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 &&
	    sched_setaffinity(0, sizeof(set), &set) == 0;
}

static bool
death_signal(const char *arg ATTR_UNUSED)
{
	return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0;
}

/* The kernel shall choose another victim when memory runs out. */
static bool
oom_score(const char *arg ATTR_UNUSED)
{
	static const char path[] = "/proc/self/oom_score_adj";
	char text[32] = "";
	int fd = open(path, O_RDWR), n;

	if (fd == -1 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	n = snprintf(text, sizeof(text), "%ld", strtol(text, NULL, 10) - 1);
	return pwrite(fd, text, (size_t)n, 0) == n;
}

static bool
host_name(const char *arg ATTR_UNUSED)
{
	char name[256];

	return gethostname(name, sizeof(name)) == 0 &&
	    sethostname(name, strlen(name)) == 0;
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

static bool
change_root(const char *arg)
{
	return chroot(arg) == 0;
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

/* ---- the kernel's surface ---- */

static bool
io_uring(const char *arg ATTR_UNUSED)
{
	char params[120] = {0};

	return syscall(SYS_io_uring_setup, 1, params) != -1;
}

static bool
fault_fd(const char *arg ATTR_UNUSED)
{
	return syscall(SYS_userfaultfd, 1) != -1;
}

static bool
add_key(const char *arg ATTR_UNUSED)
{
	return syscall(SYS_add_key, "user", "rtfs-test", "x", 1, -2) != -1;
}

static bool
bpf(const char *arg ATTR_UNUSED)
{
	char attr[128] = {0};
	uint32_t type = 1 /* hash */, key = 4, value = 4, n = 1;

	memcpy(attr, &type, 4);
	memcpy(attr + 4, &key, 4);
	memcpy(attr + 8, &value, 4);
	memcpy(attr + 12, &n, 4);
	return syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, attr, 72) != -1;
}

static bool
perf(const char *arg ATTR_UNUSED)
{
	char attr[128] = {0};
	uint32_t type = 1 /* software */, size = 112;

	memcpy(attr, &type, 4);
	memcpy(attr + 4, &size, 4);
	return syscall(SYS_perf_event_open, attr, 0, -1, -1, 0) != -1;
}

static bool
person(const char *arg ATTR_UNUSED)
{
	return personality(ADDR_NO_RANDOMIZE) != -1;
}

static bool
x32(const char *arg ATTR_UNUSED)
{
#ifdef __x86_64__
	return syscall(0x40000000 | SYS_getpid) > 0;
#else
	errno = ENOSYS;
	return false;
#endif
}

static bool
watches(const char *arg ATTR_UNUSED)
{
	int i;

	for (i = 0; i < 60; i++) {
		if (inotify_init1(0) == -1)
			return false;
	}
	return true;
}

/* What is left in the namespace of the caller; ATTACK_TIDY: no longer. */
static bool
shared_memory_left(const char *arg)
{
	int id = shmget((key_t)number(arg), 0, 0);

	if (id != -1 && getenv("ATTACK_TIDY") != NULL)
		(void)shmctl(id, IPC_RMID, NULL);
	return id != -1;
}

static bool
shared_memory(const char *arg)
{
	bool made = shmget((key_t)number(arg), 4096, IPC_CREAT | 0600) != -1;

	return made &&
	    (getenv("ATTACK_TIDY") == NULL || shared_memory_left(arg));
}

static bool
message_queue_left(const char *arg)
{
	char name[64];
	mqd_t q;

	snprintf(name, sizeof(name), "/%s", arg);
	q = mq_open(name, O_RDWR);
	if (q != -1 && getenv("ATTACK_TIDY") != NULL)
		mq_unlink(name);
	return q != -1;
}

static bool
message_queue(const char *arg)
{
	char name[64];

	snprintf(name, sizeof(name), "/%s", arg);
	return mq_open(name, O_RDWR | O_CREAT, 0600, NULL) != -1 &&
	    (getenv("ATTACK_TIDY") == NULL || message_queue_left(arg));
}

static bool
timers(const char *arg ATTR_UNUSED)
{
	struct sigevent e = {
	    .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	timer_t t;
	int i;

	for (i = 0; i < 1000; i++) {
		if (timer_create(CLOCK_MONOTONIC, &e, &t) == -1)
			return false;
	}
	return true;
}

static bool
hoard(const char *arg ATTR_UNUSED)
{
	int i;

	for (i = 0; i < 1000; i++) {
		if (eventfd(0, 0) == -1)
			return false;
	}
	return true;
}

/* ---- network ---- */

static bool
inet(const char *arg)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_port = htons((uint16_t)number(arg));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd != -1 &&
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0;
}

static bool
abstract(const char *arg)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t n = strlen(arg);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sun.sun_path + 1, arg, n);
	return fd != -1 &&
	    connect(fd, (struct sockaddr *)&sun,
	        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) ==
	    0;
}

static bool
netlink(const char *arg ATTR_UNUSED)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) != -1;
}

/* ---- the other side, started by the test: no attack ---- */

/* Waits to be attacked: an open port, an abstract name, memory. */
static bool
victim(const char *arg)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(sin);
	size_t n = strlen(arg);
	int fd = socket(AF_INET, SOCK_STREAM, 0), un;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 8) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		return false;
	un = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(sun.sun_path + 1, arg, n);
	if (bind(un, (struct sockaddr *)&sun,
	        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) ==
	        -1 ||
	    listen(un, 8) == -1)
		return false;
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	printf("%d %d\n", (int)getpid(), ntohs(sin.sin_port));
	fflush(stdout);
	wait_forever();
}

static const struct {
	const char *name;
	attack_fn run;
} attacks[] = {
    {"forks",            forks             },
    {"threads",          threads           },
    {"vforks",           vforks            },
    {"main-exits",       main_exits        },
    {"zombies",          zombies           },
    {"parent",           parent            },
    {"user-namespace",   user_namespace    },
    {"daemon",           daemonize         },
    {"kill-all",         kill_all          },
    {"kill",             kill_one          },
    {"stop",             stop              },
    {"deaf",             deaf              },
    {"spin",             spin              },
    {"trace",            trace             },
    {"read-memory",      read_memory       },
    {"read-environment", read_environment  },
    {"eat",              eat               },
    {"eat-memfd",        eat_memfd         },
    {"page-tables",      page_tables       },
    {"big-pipe",         big_pipe          },
    {"lease",            lease             },
    {"map-executable",   map_executable    },
    {"run-written",      run_written       },
    {"shut",             shut              },
    {"deep",             deep              },
    {"fill",             fill_folder       },
    {"inodes",           fill_inodes       },
    {"big-file",         big_file          },
    {"sparse",           sparse            },
    {"mlock",            lock_memory       },
    {"recurse",          recurse           },
    {"core",             dump_core         },
    {"read",             read_file         },
    {"write",            write_file        },
    {"plant",            plant             },
    {"flood",            flood             },
    {"exit",             leave             },
    {"signal",           by_signal         },
    {"descriptors",      descriptors       },
    {"environment",      environment       },
    {"raise-limit",      raise_limit       },
    {"limit-other",      limit_other       },
    {"capabilities",     has_capabilities  },
    {"new-privileges",   new_privileges    },
    {"priority",         priority          },
    {"affinity",         affinity          },
    {"death-signal",     death_signal      },
    {"oom-score",        oom_score         },
    {"queue",            message_queue     },
    {"queue-left",       message_queue_left},
    {"shm-left",         shared_memory_left},
    {"host-name",        host_name         },
    {"mount",            mount_it          },
    {"chroot",           change_root       },
    {"by-handle",        by_handle         },
    {"io-uring",         io_uring          },
    {"userfaultfd",      fault_fd          },
    {"add-key",          add_key           },
    {"bpf",              bpf               },
    {"perf",             perf              },
    {"personality",      person            },
    {"x32",              x32               },
    {"inotify",          watches           },
    {"shm",              shared_memory     },
    {"timers",           timers            },
    {"hoard",            hoard             },
    {"inet",             inet              },
    {"abstract",         abstract          },
    {"netlink",          netlink           },
    {"victim",           victim            },
};

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const char *why;
	size_t i;

	for (i = 0; i < NITEMS(attacks); i++) {
		if (strcmp(attacks[i].name, name) != 0)
			continue;
		errno = 0;
		if (attacks[i].run(argc > 2 ? argv[2] : NULL)) {
			puts("harm");
			return 0;
		}
		why = errno == 0 ? NULL : strerrorname_np(errno);
		printf("refused: %s\n", why != NULL ? why : "by itself");
		return 0;
	}
	fprintf(stderr, "no such attack: %s\n", name);
	return 2;
}
