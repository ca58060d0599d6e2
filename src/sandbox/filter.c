/*
 * Names to rules to a program.  The sets are ours; what each call is for
 * stands in rtfs-security(7).  Rules with arguments compare their low 32 bits,
 * as the kernel does: the high ones are whatever the caller likes.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/policy.h"
#include "sandbox/filter.h"
#include "sandbox/trace.h"

static const char compute_calls[] =
    "brk mmap munmap mremap mprotect madvise msync mincore membarrier "
    "pkey_alloc pkey_free pkey_mprotect read write readv writev pread64 "
    "pwrite64 preadv pwritev preadv2 pwritev2 lseek _llseek close "
    "close_range dup dup2 dup3 pipe pipe2 poll ppoll select pselect6 "
    "epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
    "epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime "
    "timerfd_gettime signalfd signalfd4 fsync fdatasync ftruncate fallocate "
    "fadvise64 sendfile copy_file_range splice tee fstat futex futex_waitv "
    "set_tid_address set_robust_list get_robust_list rseq arch_prctl exit "
    "exit_group getpid getppid gettid getpgrp getpgid getsid getuid geteuid "
    "getgid getegid getresuid getresgid getgroups sched_yield "
    "sched_getaffinity sched_getparam sched_getscheduler "
    "sched_get_priority_max sched_get_priority_min sched_rr_get_interval "
    "getcpu getrusage times sysinfo uname getrlimit getpriority "
    "restart_syscall capget rt_sigaction rt_sigprocmask rt_sigreturn "
    "rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack pause alarm "
    "getitimer setitimer timer_create timer_settime timer_gettime "
    "timer_getoverrun timer_delete kill tkill tgkill wait4 waitid "
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time "
    "getrandom recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg shutdown "
    "getsockopt getsockname getpeername setsid setpgid umask fchdir";

static const char files_calls[] =
    "open openat creat stat lstat newfstatat statx access faccessat "
    "faccessat2 readlink readlinkat getdents getdents64 getcwd chdir "
    "mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 truncate "
    "chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat "
    "statfs fstatfs link linkat symlink symlinkat getxattr lgetxattr "
    "fgetxattr listxattr llistxattr flistxattr inotify_init inotify_init1 "
    "inotify_add_watch inotify_rm_watch sync_file_range readahead";

static const char network_calls[] =
    "connect bind listen accept accept4 setsockopt";

static const char exec_calls[] = "execve execveat vfork fork";

/* Not for a contained program, but asked for by honest ones, which go on. */
static const char refused_calls[] =
    "setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid "
    "setfsgid capset unshare mknod mknodat chown fchown lchown fchownat "
    "sched_setscheduler sched_setparam sched_setattr ioprio_set "
    "personality clock_settime clock_adjtime adjtimex settimeofday "
    "sethostname setdomainname mlock munlock mlock2 mlockall munlockall "
    "seccomp socket connect bind listen accept accept4 setsockopt "
    "rt_sigqueueinfo rt_tgsigqueueinfo syslog quotactl acct setrlimit "
    "flock";

/* Asked for by an attack, or by a program that needs another policy. */
static const char forbidden_calls[] =
    "ptrace process_vm_readv process_vm_writev bpf kexec_load "
    "kexec_file_load init_module finit_module delete_module reboot swapon "
    "swapoff iopl ioperm open_by_handle_at pidfd_getfd kcmp move_pages "
    "migrate_pages modify_ldt uselib vhangup mount umount2 umount pivot_root "
    "chroot setns";

/*
 * Calls that give a file its mode: no set-user-id or set-group-id bit, since
 * what is made in a granted folder is run by others outside, as its owner.
 * openat2 has its mode in memory, out of sight, so it is on no list.
 */
struct mode_call {
	const char *name;
	unsigned int mode; /* the argument */
	int flags;         /* that says whether a file is made; -1: always */
};
static const struct mode_call mode_calls[] = {
    {"chmod",     1, -1},
    {"fchmod",    1, -1},
    {"fchmodat",  2, -1},
    {"fchmodat2", 2, -1},
    {"creat",     1, -1},
    {"mkdir",     1, -1},
    {"mkdirat",   2, -1},
    {"mknod",     1, -1},
    {"mknodat",   2, -1},
    {"open",      2, 1 },
    {"openat",    3, 2 },
};
static const uint32_t set_id_bits[] = {S_ISUID, S_ISGID};
/* O_TMPFILE less the O_DIRECTORY that it holds. */
static const uint32_t making_flags[] = {O_CREAT, O_TMPFILE & ~O_DIRECTORY};

struct call_set {
	const char *name;
	uint32_t bit;
	const char *calls;
};
static const struct call_set sets[] = {
    {"compute", FILTER_COMPUTE, compute_calls},
    {"files",   FILTER_FILES,   files_calls  },
    {"network", FILTER_NETWORK, network_calls},
    {"exec",    FILTER_EXEC,    exec_calls   },
};

/* Of arguments: allowed values, in their low 32 bits. */
struct values {
	uint32_t set; /* with this one; 0: always */
	const char *call;
	unsigned int arg;
	uint32_t value[24];
	size_t n;
};
#define ARG(set, call, arg, ...)                                               \
	{                                                                      \
		set, call, arg, {__VA_ARGS__},                                 \
		    sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)       \
	}
static const struct values values[] = {
    ARG(0, "fcntl", 1, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL,
        F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_GETPIPE_SZ, F_GET_SEALS,
        F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW),
    ARG(0, "ioctl", 1, TCGETS, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO,
        FIOCLEX, FIONCLEX),
    ARG(0, "prctl", 0, PR_SET_NAME, PR_GET_NAME, PR_SET_DUMPABLE,
        PR_GET_DUMPABLE, PR_CAPBSET_READ, PR_SET_VMA, PR_GET_NO_NEW_PRIVS,
        PR_SET_NO_NEW_PRIVS, PR_GET_SECCOMP, PR_SET_TIMERSLACK),
    ARG(FILTER_NETWORK, "socket", 0, AF_INET, AF_INET6),
};

/* The bits of a type that are no flags. */
#define SOCK_TYPES 0xf

/* Namespaces, and children that are somebody else's. */
static const uint32_t clone_refused[] = {CLONE_NEWUSER, CLONE_NEWPID,
    CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP,
    CLONE_PARENT, CLONE_PTRACE};

uint32_t
filter_set(const char *name)
{
	size_t i;

	for (i = 0; i < NITEMS(sets); i++) {
		if (strcmp(sets[i].name, name) == 0)
			return sets[i].bit;
	}
	return 0;
}

/* The next word of a list: its length, and *at on it; 0: none. */
static size_t
word(const char **at)
{
	*at += strspn(*at, " ");
	return strcspn(*at, " ");
}

static bool
listed(const char *list, const char *name)
{
	size_t n;

	for (; (n = word(&list)) > 0; list += n) {
		if (strlen(name) == n && memcmp(list, name, n) == 0)
			return true;
	}
	return false;
}

bool
filter_knows(const char *name)
{
	return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR &&
	    !listed(forbidden_calls, name);
}

bool
filter_allows(const struct filter *f, const char *name)
{
	char *const *at;
	size_t i;

	for (at = f->names; at != NULL && *at != NULL; at++) {
		if (strcmp(*at, name) == 0)
			return true;
	}
	for (i = 0; i < NITEMS(sets); i++) {
		if ((f->sets & sets[i].bit) != 0 && listed(sets[i].calls, name))
			return true;
	}
	return false;
}

int
filter_errno(uint32_t arch, int nr)
{
	char *name = filter_call_name(arch, nr);
	int os_errno = ENOSYS;

	if (name != NULL && listed(forbidden_calls, name))
		os_errno = 0;
	else if (name != NULL && listed(refused_calls, name))
		os_errno = EPERM;
	free(name);
	return os_errno;
}

char *
filter_call_name(uint32_t arch, int nr)
{
	return seccomp_syscall_resolve_num_arch(arch, nr);
}

static uint32_t
arch_token(enum filter_arch arch)
{
	if (arch == FILTER_X86_64)
		return SCMP_ARCH_X86_64;
	if (arch == FILTER_ARM64)
		return SCMP_ARCH_AARCH64;
	return seccomp_arch_native();
}

/* What is being built: the calls that have an answer already keep it. */
struct build {
	scmp_filter_ctx ctx;
	uint32_t arch;
	bool trace;
	bool answered[1024]; /* by number */
	int rc;              /* the first failure, negative */
};

/* The call's number here; -1: this architecture or library has none. */
static int
number(const struct build *b, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(b->arch, name);

	return nr >= 0 && (size_t)nr < NITEMS(b->answered) ? nr : -1;
}

/* By our number of a call, whatever it is there. */
static void
add_own(struct build *b, uint32_t action, int nr, unsigned int n,
    const struct scmp_arg_cmp *cmp)
{
	int rc = seccomp_rule_add_array(b->ctx, action, nr, n, cmp);

	if (rc != 0 && b->rc == 0)
		b->rc = rc;
}

static void
add(struct build *b, uint32_t action, int nr, unsigned int n,
    const struct scmp_arg_cmp *cmp)
{
	char *name = seccomp_syscall_resolve_num_arch(b->arch, nr);

	if (name != NULL)
		add_own(b, action, seccomp_syscall_resolve_name(name), n, cmp);
	else if (b->rc == 0)
		b->rc = -EINVAL;
	free(name);
}

static const struct mode_call *
find_mode_call(const char *name)
{
	size_t i;

	for (i = 0; i < NITEMS(mode_calls); i++) {
		if (strcmp(mode_calls[i].name, name) == 0)
			return &mode_calls[i];
	}
	return NULL;
}

static void
refuse_set_id(struct build *b, const struct mode_call *m)
{
	int nr = seccomp_syscall_resolve_name(m->name);
	struct scmp_arg_cmp cmp[2];
	size_t i;
	size_t j;

	for (i = 0; i < NITEMS(set_id_bits); i++) {
		cmp[0] = SCMP_CMP(m->mode, SCMP_CMP_MASKED_EQ, set_id_bits[i],
		    set_id_bits[i]);
		if (m->flags == -1)
			add_own(b, SCMP_ACT_ERRNO(EPERM), nr, 1, cmp);
		for (j = 0; m->flags != -1 && j < NITEMS(making_flags); j++) {
			cmp[1] =
			    SCMP_CMP((unsigned int)m->flags, SCMP_CMP_MASKED_EQ,
			        making_flags[j], making_flags[j]);
			add_own(b, SCMP_ACT_ERRNO(EPERM), nr, 2, cmp);
		}
	}
}

static void
allow_mode(struct build *b, int nr, const struct mode_call *m)
{
	const uint32_t bits = set_id_bits[0] | set_id_bits[1];
	const uint32_t making = making_flags[0] | making_flags[1];

	add(b, SCMP_ACT_ALLOW, nr, 1,
	    &SCMP_CMP(m->mode, SCMP_CMP_MASKED_EQ, bits, 0));
	if (m->flags != -1)
		add(b, SCMP_ACT_ALLOW, nr, 1,
		    &SCMP_CMP(
		        (unsigned int)m->flags, SCMP_CMP_MASKED_EQ, making, 0));
}

static void
answer(struct build *b, uint32_t action, const char *name)
{
	const struct mode_call *m =
	    action == SCMP_ACT_ALLOW ? find_mode_call(name) : NULL;
	int nr = number(b, name);

	if (nr < 0 || b->answered[nr])
		return;
	b->answered[nr] = true;
	if (m != NULL)
		refuse_set_id(b, m);
	if (action == SCMP_ACT_ALLOW && b->trace && trace_names_path(name))
		return; /* as all that has no rule: who listens decides */
	if (m != NULL)
		allow_mode(b, nr, m);
	else
		add(b, action, nr, 0, NULL);
}

static void
answer_all(struct build *b, uint32_t action, const char *list)
{
	char name[64];
	size_t n;

	for (; (n = word(&list)) > 0; list += n) {
		memcpy(name, list, n);
		name[n] = '\0';
		answer(b, action, name);
	}
}

static void
allow_values(struct build *b, const struct values *v)
{
	int nr = number(b, v->call);
	size_t i;

	if (nr < 0 || b->answered[nr])
		return;
	b->answered[nr] = true;
	for (i = 0; i < v->n; i++) {
		add(b, SCMP_ACT_ALLOW, nr, 1,
		    &SCMP_CMP(
		        v->arg, SCMP_CMP_MASKED_EQ, 0xffffffff, v->value[i]));
	}
}

static void
allow_clone(struct build *b)
{
	int nr = number(b, "clone");
	uint32_t all = 0;
	size_t i;

	for (i = 0; i < NITEMS(clone_refused); i++) {
		add(b, SCMP_ACT_ERRNO(EPERM), nr, 1,
		    &SCMP_A0(SCMP_CMP_MASKED_EQ, clone_refused[i],
		        clone_refused[i]));
		all |= clone_refused[i];
	}
	add(b, SCMP_ACT_ALLOW, nr, 1, &SCMP_A0(SCMP_CMP_MASKED_EQ, all, 0));
	b->answered[nr] = true;
}

/* The guard's would be that of the slot's later tasks. */
static void
refuse_priority_of_others(struct build *b)
{
	int nr = number(b, "setpriority");

	add(b, SCMP_ACT_ALLOW, nr, 2,
	    (const struct scmp_arg_cmp[]){
	        SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, PRIO_PROCESS),
	        SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, 0)});
	b->answered[nr] = true;
}

/* Not of datagrams: such a socket sends to any name, connected or not. */
static void
allow_pairs(struct build *b)
{
	static const uint32_t types[] = {SOCK_STREAM, SOCK_SEQPACKET};
	int nr = number(b, "socketpair");
	size_t i;

	if (b->answered[nr])
		return;
	for (i = 0; i < NITEMS(types); i++) {
		add(b, SCMP_ACT_ALLOW, nr, 2,
		    (const struct scmp_arg_cmp[]){
		        SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, AF_UNIX),
		        SCMP_A1(SCMP_CMP_MASKED_EQ, SOCK_TYPES, types[i])});
	}
	b->answered[nr] = true;
}

/* Own limits only fall; those of another process of one's uid, the guard
 * first of all, are not for a task.  A guard's children die with it. */
static void
allow_special(struct build *b, uint32_t which)
{
	add(b, SCMP_ACT_ALLOW, number(b, "prlimit64"), 1,
	    &SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, 0));
	b->answered[number(b, "prlimit64")] = true;
	add(b, SCMP_ACT_ALLOW, number(b, "prctl"), 2,
	    (const struct scmp_arg_cmp[]){
	        SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, PR_SET_PDEATHSIG),
	        SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, 9)});
	refuse_priority_of_others(b);
	allow_pairs(b);
	if ((which & FILTER_NETWORK) != 0) {
		/* getaddrinfo(3) asks for the own addresses. */
		add(b, SCMP_ACT_ALLOW, number(b, "socket"), 2,
		    (const struct scmp_arg_cmp[]){
		        SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, AF_NETLINK),
		        SCMP_A2(SCMP_CMP_MASKED_EQ, 0xffffffff, 0)});
	}
}

/* Whatever the sets: a task finds the folder that it starts in.  Such
 * descriptors neither read nor write. */
static void
allow_start(struct build *b)
{
	int nr = number(b, "openat");

	if (!b->answered[nr])
		add(b, SCMP_ACT_ALLOW, nr, 1,
		    &SCMP_A2(SCMP_CMP_MASKED_EQ, O_PATH, O_PATH));
}

static int
add_names(struct build *b, char *const *name, struct error *e)
{
	for (; name != NULL && *name != NULL; name++) {
		if (**name == ':')
			continue; /* it is among the sets */
		if (!filter_knows(*name) || syscall_objection(*name) != NULL) {
			return error_set(e, EK_ARGUMENT,
			    "%s is no system call that a policy may allow",
			    *name);
		}
		answer(b, SCMP_ACT_ALLOW, *name);
	}
	return 0;
}

static int
add_rules(struct build *b, const struct filter *f, struct error *e)
{
	size_t i;

	if (add_names(b, f->names, e) == -1)
		return -1;
	if (!f->trace)
		answer_all(b,
		    f->notify ? SCMP_ACT_NOTIFY : SCMP_ACT_KILL_PROCESS,
		    forbidden_calls);
	allow_clone(b);
	for (i = 0; i < NITEMS(values); i++) {
		if (values[i].set == 0 || (f->sets & values[i].set) != 0)
			allow_values(b, &values[i]);
	}
	allow_special(b, f->sets);
	for (i = 0; i < NITEMS(sets); i++) {
		if ((f->sets & sets[i].bit) != 0) {
			answer_all(b, SCMP_ACT_ALLOW, sets[i].calls);
		}
	}
	allow_start(b);
	if (!f->trace)
		answer_all(b, SCMP_ACT_ERRNO(EPERM), refused_calls);
	return 0;
}

/* Who may make no user namespace is not given another kind, either.  The flags
 * of clone3 are in memory, out of sight; libraries fall back to clone. */
static int
add_lax_rules(struct build *b)
{
	static const char *const makers[] = {"clone", "unshare"};
	int rc = seccomp_rule_add(
	    b->ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	size_t i;

	if (rc == 0)
		rc = seccomp_rule_add(
		    b->ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
	for (i = 0; i < NITEMS(mode_calls) && rc == 0 && b->rc == 0; i++)
		refuse_set_id(b, &mode_calls[i]);
	/* No network namespace bounds vsock: it reaches the machine's own
	 * host.  By socketcall(2) of i386 no socket at all is made. */
	if (rc == 0)
		rc = seccomp_rule_add(b->ctx, SCMP_ACT_ERRNO(EPERM),
		    SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, AF_VSOCK));
	for (i = 0; i < NITEMS(makers) && rc == 0; i++)
		rc = seccomp_rule_add(b->ctx, SCMP_ACT_ERRNO(EPERM),
		    seccomp_syscall_resolve_name(makers[i]), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
	return rc;
}

/* Programs of the architecture's other ABIs run, too. */
static int
add_abis(struct build *b)
{
	static const struct {
		uint32_t of, abi;
	} also[] = {
	    {SCMP_ARCH_X86_64,  SCMP_ARCH_X86},
	    {SCMP_ARCH_X86_64,  SCMP_ARCH_X32},
	    {SCMP_ARCH_AARCH64, SCMP_ARCH_ARM},
	};
	int rc = 0;
	size_t i;

	for (i = 0; i < NITEMS(also) && rc == 0; i++) {
		if (also[i].of == b->arch)
			rc = seccomp_arch_add(b->ctx, also[i].abi);
	}
	return rc;
}

static uint32_t
otherwise(const struct filter *f)
{
	if (f->lax)
		return SCMP_ACT_ALLOW;
	return f->trace ? SCMP_ACT_NOTIFY : SCMP_ACT_ERRNO(ENOSYS);
}

/* The library writes programs to descriptors only. */
static int
read_program(scmp_filter_ctx ctx, struct buf *out, struct error *e)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	off_t len;
	int rc;

	if (fd == -1)
		return error_sys(e, "memfd_create");
	rc = seccomp_export_bpf(ctx, fd);
	len = lseek(fd, 0, SEEK_END);
	if (rc != 0 || len <= 0) {
		close(fd);
		return error_set(
		    e, EK_UNAVAILABLE, "libseccomp: %s", strerror(-rc));
	}
	rc = pread(fd, buf_reserve(out, (size_t)len), (size_t)len, 0) == len ?
	    0 :
	    error_sys(e, "reading the filter");
	if (rc == 0)
		out->len += (size_t)len;
	close(fd);
	return rc;
}

int
filter_export(const struct filter *f, struct buf *out, struct error *e)
{
	struct build b = {.arch = arch_token(f->arch), .trace = f->trace};
	int rc = -1;

	/* It asks the kernel what it may use; a program that is only looked
	 * at, or loaded elsewhere, does not depend on this one. */
	(void)seccomp_api_set(6);
	b.ctx = seccomp_init(otherwise(f));
	if (b.ctx == NULL)
		return error_set(e, EK_UNAVAILABLE, "libseccomp: no memory");
	if (b.arch != seccomp_arch_native() &&
	    (seccomp_arch_add(b.ctx, b.arch) != 0 ||
	        seccomp_arch_remove(b.ctx, seccomp_arch_native()) != 0)) {
		error_set(e, EK_UNAVAILABLE,
		    "libseccomp does not know that architecture");
		goto done;
	}
	(void)seccomp_attr_set(
	    b.ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	(void)seccomp_attr_set(b.ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (f->lax)
		(void)((b.rc = add_abis(&b)) == 0 &&
		    (b.rc = add_lax_rules(&b)) == 0);
	else if (add_rules(&b, f, e) == -1)
		goto done;
	if (b.rc != 0) {
		error_set(e, EK_UNAVAILABLE, "libseccomp: %s", strerror(-b.rc));
		goto done;
	}
	rc = read_program(b.ctx, out, e);
done:
	seccomp_release(b.ctx);
	return rc;
}
