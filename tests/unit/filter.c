/* rooms: sandbox policy task value base
 * The filter of system calls, run here as the kernel runs it: by a table of
 * calls and answers for each architecture, also for one that is not ours. */

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "sandbox/filter.h"
#include "tests/unit/unit.h"

#define ALLOW   SECCOMP_RET_ALLOW
#define KILL    SECCOMP_RET_KILL_PROCESS
#define ASK     SECCOMP_RET_USER_NOTIF
#define FAIL(e) (SECCOMP_RET_ERRNO | (e))
#define ALL     (FILTER_COMPUTE | FILTER_FILES | FILTER_NETWORK | FILTER_EXEC)
#define PROGRAM (FILTER_COMPUTE | FILTER_FILES | FILTER_EXEC)
/* O_TMPFILE without O_DIRECTORY, a bit that differs between architectures. */
#define TMPFILE 020000000

/* Classic BPF, as far as filters use it; UINT32_MAX: something else. */
static uint32_t
bpf_run(const struct buf *program, const struct seccomp_data *d)
{
	const struct sock_filter *code =
	    (const struct sock_filter *)(const void *)program->data;
	size_t n = program->len / sizeof(*code), at = 0;
	uint32_t a = 0;
	bool jump;

	for (; at < n; at++) {
		const struct sock_filter *i = &code[at];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)d + i->k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_JMP | BPF_JA:
			at += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jump = a == i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			jump = a > i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jump = a >= i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			jump = (a & i->k) != 0;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			return UINT32_MAX;
		}
		at += jump ? i->jt : i->jf;
	}
	return UINT32_MAX;
}

struct call {
	uint32_t sets;
	int x86; /* numbers; -1: not there */
	int arm;
	uint64_t arg[4];
	uint32_t answer;
};

static const struct call calls[] = {
  /* read, write, mmap, exit_group, kill: always */
    {FILTER_COMPUTE, 0,   63,  {0, 0, 0},                                 ALLOW       },
    {FILTER_COMPUTE, 1,   64,  {0, 0, 0},                                 ALLOW       },
    {FILTER_COMPUTE, 9,   222, {0, 0, 0},                                 ALLOW       },
    {FILTER_COMPUTE, 231, 94,  {0, 0, 0},                                 ALLOW       },
    {FILTER_COMPUTE, 62,  129, {1, 9, 0},                                 ALLOW       },
 /* openat: with :files; execve: with :exec */
    {FILTER_COMPUTE, 257, 56,  {0, 0, 0},                                 FAIL(ENOSYS)},
 /* but where a task starts is found */
    {FILTER_COMPUTE, 257, 56,  {0, 0, O_PATH | O_DIRECTORY},              ALLOW       },
    {FILTER_COMPUTE, 257, 56,  {0, 0, O_WRONLY | O_CREAT, 0600},          FAIL(ENOSYS)},
    {FILTER_COMPUTE, 81,  50,  {0, 0, 0},                                 ALLOW       },
    {FILTER_COMPUTE, 80,  49,  {0, 0, 0},                                 FAIL(ENOSYS)},
    {PROGRAM,        257, 56,  {0, 0, 0},                                 ALLOW       },
    {FILTER_COMPUTE, 59,  221, {0, 0, 0},                                 FAIL(ENOSYS)},
    {PROGRAM,        59,  221, {0, 0, 0},                                 ALLOW       },
 /* open, fork: x86-64 has them, arm64 not */
    {PROGRAM,        2,   -1,  {0, 0, 0},                                 ALLOW       },
    {PROGRAM,        57,  -1,  {0, 0, 0},                                 ALLOW       },
 /* modes: chmod, fchmod, fchmodat, fchmodat2, mkdir, creat */
    {PROGRAM,        90,  -1,  {0, 01755, 0},                             ALLOW       },
    {PROGRAM,        90,  -1,  {0, 04755, 0},                             FAIL(EPERM) },
    {PROGRAM,        90,  -1,  {0, 02755, 0},                             FAIL(EPERM) },
    {PROGRAM,        90,  -1,  {0, 06755 | UINT64_C(1) << 32, 0},         FAIL(EPERM) },
    {PROGRAM,        91,  52,  {0, 0644, 0},                              ALLOW       },
    {PROGRAM,        91,  52,  {0, 04755, 0},                             FAIL(EPERM) },
    {PROGRAM,        91,  52,  {0, 0100755, 0},                           ALLOW       },
    {PROGRAM,        268, 53,  {0, 0, 0644},                              ALLOW       },
    {PROGRAM,        268, 53,  {0, 04755, 0644},                          ALLOW       },
    {PROGRAM,        268, 53,  {0, 0, 02644},                             FAIL(EPERM) },
    {PROGRAM,        452, 452, {0, 0, 0644},                              ALLOW       },
    {PROGRAM,        452, 452, {0, 0, 04755},                             FAIL(EPERM) },
    {PROGRAM,        83,  -1,  {0, 0777, 0},                              ALLOW       },
    {PROGRAM,        83,  -1,  {0, 07777, 0},                             FAIL(EPERM) },
    {PROGRAM,        258, 34,  {0, 0, 07777},                             FAIL(EPERM) },
    {PROGRAM,        85,  -1,  {0, 0666, 0},                              ALLOW       },
    {PROGRAM,        85,  -1,  {0, 04755, 0},                             FAIL(EPERM) },
 /* open, openat: only with O_CREAT or O_TMPFILE is there a mode; openat2 */
    {PROGRAM,        2,   -1,  {0, O_RDONLY, 06755},                      ALLOW       },
    {PROGRAM,        2,   -1,  {0, O_CREAT, 0666},                        ALLOW       },
    {PROGRAM,        2,   -1,  {0, O_WRONLY | O_CREAT, 04755},            FAIL(EPERM) },
    {PROGRAM,        2,   -1,  {0, O_WRONLY | O_CREAT, 02755},            FAIL(EPERM) },
    {PROGRAM,        257, 56,  {0, 0, O_RDONLY | O_DIRECTORY, 06755},     ALLOW       },
    {PROGRAM,        257, 56,  {0, 0, O_RDWR | O_CREAT | O_EXCL, 0600},   ALLOW       },
    {PROGRAM,        257, 56,  {0, 0, O_RDWR | O_CREAT, 04755},           FAIL(EPERM) },
    {PROGRAM,        257, 56,  {0, 0, O_RDWR | O_CREAT, 02755},           FAIL(EPERM) },
    {PROGRAM,        257, 56,  {0, 0, O_RDWR | TMPFILE, 04755},           FAIL(EPERM) },
    {PROGRAM,        257, 56,  {0, 0, O_RDWR | TMPFILE, 02755},           FAIL(EPERM) },
    {PROGRAM,        257, 56,  {0, 0, O_RDWR | TMPFILE | O_CREAT, 06755}, FAIL(EPERM) },
    {PROGRAM,        257, 56,  {0, 0, O_RDWR | TMPFILE, 0600},            ALLOW       },
    {PROGRAM,        437, 437, {0, 0, 0},                                 FAIL(ENOSYS)},
 /* clone: threads and children, no namespaces, nobody else's child */
    {PROGRAM,        56,  220, {SIGCHLD, 0, 0},                           ALLOW       },
    {PROGRAM,        56,  220, {CLONE_VM | CLONE_THREAD, 0, 0},           ALLOW       },
    {PROGRAM,        56,  220, {SIGCHLD | CLONE_NEWUSER, 0, 0},           FAIL(EPERM) },
    {PROGRAM,        56,  220, {SIGCHLD | CLONE_NEWNS, 0, 0},             FAIL(EPERM) },
    {PROGRAM,        56,  220, {SIGCHLD | CLONE_PARENT, 0, 0},            FAIL(EPERM) },
    {PROGRAM,        56,  220, {CLONE_NEWNET | CLONE_NEWUSER, 0, 0},      FAIL(EPERM) },
    {PROGRAM,        435, 435, {0, 0, 0},                                 FAIL(ENOSYS)},
 /* sockets: none, or the internet's */
    {PROGRAM,        41,  198, {AF_INET, 0, 0},                           FAIL(EPERM) },
    {ALL,            41,  198, {AF_INET, 0, 0},                           ALLOW       },
    {ALL,            41,  198, {AF_INET6, 0, 0},                          ALLOW       },
    {ALL,            41,  198, {AF_NETLINK, 3, 0},                        ALLOW       },
    {ALL,            41,  198, {AF_NETLINK, 3, 9},                        FAIL(ENOSYS)},
    {ALL,            41,  198, {AF_PACKET, 0, 0},                         FAIL(ENOSYS)},
    {ALL,            41,  198, {AF_VSOCK, 0, 0},                          FAIL(ENOSYS)},
    {ALL,            41,  198, {AF_ALG, 0, 0},                            FAIL(ENOSYS)},
    {PROGRAM,        42,  203, {0, 0, 0},                                 FAIL(EPERM) },
    {PROGRAM,        53,  199, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0},  ALLOW       },
    {PROGRAM,        53,  199, {AF_UNIX, SOCK_SEQPACKET, 0},              ALLOW       },
    {PROGRAM,        53,  199, {AF_UNIX, SOCK_DGRAM, 0},                  FAIL(ENOSYS)},
    {PROGRAM,        53,  199, {AF_UNIX, SOCK_RAW | SOCK_NONBLOCK, 0},    FAIL(ENOSYS)},
    {PROGRAM,        53,  199, {AF_INET, SOCK_STREAM, 0},                 FAIL(ENOSYS)},
 /* ioctl: the high half of an int is nobody's business */
    {PROGRAM,        16,  29,  {0, TCGETS, 0},                            ALLOW       },
    {PROGRAM,        16,  29,  {0, TIOCSTI, 0},                           FAIL(ENOSYS)},
    {PROGRAM,        16,  29,  {0, TIOCSTI | UINT64_C(1) << 32, 0},       FAIL(ENOSYS)},
    {PROGRAM,        16,  29,  {0, TCGETS | UINT64_C(1) << 32, 0},        ALLOW       },
    {PROGRAM,        72,  25,  {0, F_DUPFD, 0},                           ALLOW       },
    {PROGRAM,        72,  25,  {0, F_SETPIPE_SZ, 0},                      FAIL(ENOSYS)},
 /* own limits, nobody else's */
    {PROGRAM,        302, 261, {0, 7, 0},                                 ALLOW       },
    {PROGRAM,        302, 261, {1, 7, 0},                                 FAIL(ENOSYS)},
    {PROGRAM,        160, 164, {7, 0, 0},                                 FAIL(EPERM) },
    {PROGRAM,        157, 167, {PR_SET_PDEATHSIG, 9, 0},                  ALLOW       },
    {PROGRAM,        157, 167, {PR_SET_PDEATHSIG, 0, 0},                  FAIL(ENOSYS)},
    {PROGRAM,        157, 167, {PR_SET_SECCOMP, 2, 0},                    FAIL(ENOSYS)},
 /* setpriority: one's own; flock; fsetxattr: as where there is none */
    {PROGRAM,        141, 140, {0, 0, 5},                                 ALLOW       },
    {PROGRAM,        141, 140, {0, 1, 13},                                FAIL(ENOSYS)},
    {PROGRAM,        141, 140, {1, 0, 13},                                FAIL(ENOSYS)},
    {PROGRAM,        73,  32,  {3, 2, 0},                                 FAIL(EPERM) },
    {PROGRAM,        190, 7,   {3, 0, 0},                                 FAIL(ENOSYS)},
    {ALL,            41,  198, {AF_UNIX, 1, 0},                           FAIL(ENOSYS)},
 /* io_uring_setup, userfaultfd, keyctl, add_key, perf_event_open */
    {ALL,            425, 425, {0, 0, 0},                                 FAIL(ENOSYS)},
    {ALL,            323, 282, {0, 0, 0},                                 FAIL(ENOSYS)},
    {ALL,            250, 219, {0, 0, 0},                                 FAIL(ENOSYS)},
    {ALL,            248, 217, {0, 0, 0},                                 FAIL(ENOSYS)},
    {ALL,            298, 241, {0, 0, 0},                                 FAIL(ENOSYS)},
 /* setuid, unshare, personality, setns of another kind */
    {ALL,            105, 146, {0, 0, 0},                                 FAIL(EPERM) },
    {ALL,            272, 97,  {CLONE_NEWUSER, 0, 0},                     FAIL(EPERM) },
    {ALL,            135, 92,  {0, 0, 0},                                 FAIL(EPERM) },
 /* never: ptrace, mount, pivot_root, setns, bpf, reboot, open_by_handle_at,
       process_vm_readv */
    {ALL,            101, 117, {0, 0, 0},                                 ASK         },
    {ALL,            165, 40,  {0, 0, 0},                                 ASK         },
    {ALL,            155, 41,  {0, 0, 0},                                 ASK         },
    {ALL,            308, 268, {0, 0, 0},                                 ASK         },
    {ALL,            321, 280, {0, 0, 0},                                 ASK         },
    {ALL,            169, 142, {0, 0, 0},                                 ASK         },
    {ALL,            304, 265, {0, 0, 0},                                 ASK         },
    {ALL,            310, 270, {0, 0, 0},                                 ASK         },
 /* of a kernel to come */
    {ALL,            900, 900, {0, 0, 0},                                 FAIL(ENOSYS)},
};

static void
compile(struct buf *b, enum filter_arch arch, uint32_t sets, bool notify)
{
	struct filter f = {.sets = sets, .arch = arch, .notify = notify};
	struct error e;

	buf_clear(b);
	CU_ASSERT_EQUAL_FATAL(filter_export(&f, b, &e), 0);
	CU_ASSERT(b->len > 0 && b->len % sizeof(struct sock_filter) == 0);
}

static void
run_table(enum filter_arch arch, uint32_t token)
{
	struct buf b = BUF_INIT;
	struct seccomp_data d;
	uint32_t got;
	size_t i;

	for (i = 0; i < NITEMS(calls); i++) {
		memset(&d, 0, sizeof(d));
		d.nr = arch == FILTER_ARM64 ? calls[i].arm : calls[i].x86;
		d.arch = token;
		memcpy(d.args, calls[i].arg, sizeof(calls[i].arg));
		if (d.nr == -1)
			continue;
		compile(&b, arch, calls[i].sets, true);
		got = bpf_run(&b, &d);
		CU_ASSERT_EQUAL(got, calls[i].answer);
		if (got != calls[i].answer)
			printf("\n  call %zu, number %d: %#x, not %#x\n", i,
			    d.nr, got, calls[i].answer);
	}
	buf_free(&b);
}

static void
test_x86_64(void)
{
	run_table(FILTER_X86_64, AUDIT_ARCH_X86_64);
}

static void
test_arm64(void)
{
	run_table(FILTER_ARM64, AUDIT_ARCH_AARCH64);
}

static void
test_foreign(void)
{
	struct seccomp_data i386 = {.nr = 4, .arch = AUDIT_ARCH_I386};
	struct seccomp_data x32 = {
	    .nr = 0x40000000 | 1, .arch = AUDIT_ARCH_X86_64};
	struct seccomp_data arm = {.nr = 4, .arch = AUDIT_ARCH_ARM};
	struct buf b = BUF_INIT;

	compile(&b, FILTER_X86_64, ALL, true);
	CU_ASSERT_EQUAL(bpf_run(&b, &i386), KILL);
	CU_ASSERT_EQUAL(bpf_run(&b, &x32), KILL);
	compile(&b, FILTER_ARM64, ALL, true);
	CU_ASSERT_EQUAL(bpf_run(&b, &arm), KILL);
	CU_ASSERT_EQUAL(bpf_run(&b, &i386), KILL);
	buf_free(&b);
}

static void
test_without_listener(void)
{
	struct seccomp_data mount = {.nr = 165, .arch = AUDIT_ARCH_X86_64};
	struct buf b = BUF_INIT;

	compile(&b, FILTER_X86_64, ALL, false);
	CU_ASSERT_EQUAL(bpf_run(&b, &mount), KILL);
	buf_free(&b);
}

/* No user namespace, by any ABI's numbers; all the rest. */
static void
test_lax(void)
{
	static const struct {
		enum filter_arch arch;
		uint32_t token;
		int nr;
		uint64_t flags;
		uint32_t answer;
	} cases[] = {
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  56,               SIGCHLD,                     ALLOW       },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  56,               CLONE_NEWUSER,               FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  272,              CLONE_NEWNS,                 ALLOW       },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  272,              CLONE_NEWNS | CLONE_NEWUSER,
             FAIL(EPERM)	                                                                           },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  272,
             CLONE_NEWUSER | UINT64_C(1) << 32,                                                FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  435,              0,                           FAIL(ENOSYS)},
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  165,              0,                           ALLOW       },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  0x40000000 | 272, CLONE_NEWUSER,
             FAIL(EPERM)	                                                                           },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  0x40000000 | 1,   0,                           ALLOW       },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    120,              CLONE_NEWUSER,               FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    310,              CLONE_NEWUSER,               FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    435,              0,                           FAIL(ENOSYS)},
	    {FILTER_X86_64, AUDIT_ARCH_I386,    4,                0,                           ALLOW       },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  41,               AF_VSOCK,                    FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  41,               AF_UNIX,                     ALLOW       },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  0x40000000 | 41,  AF_VSOCK,
             FAIL(EPERM)	                                                                           },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    359,              AF_VSOCK,                    FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    102,              1,                           FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    102,              3,                           ALLOW       },
	    {FILTER_ARM64,  AUDIT_ARCH_AARCH64, 198,              AF_VSOCK,                    FAIL(EPERM) },
	    {FILTER_ARM64,  AUDIT_ARCH_AARCH64, 220,              CLONE_NEWUSER,               FAIL(EPERM) },
	    {FILTER_ARM64,  AUDIT_ARCH_AARCH64, 97,               CLONE_NEWUSER,               FAIL(EPERM) },
	    {FILTER_ARM64,  AUDIT_ARCH_AARCH64, 435,              0,                           FAIL(ENOSYS)},
	    {FILTER_ARM64,  AUDIT_ARCH_AARCH64, 64,               0,                           ALLOW       },
	    {FILTER_ARM64,  AUDIT_ARCH_ARM,     337,              CLONE_NEWUSER,               FAIL(EPERM) },
	    {FILTER_ARM64,  AUDIT_ARCH_I386,    4,                0,                           KILL        },
	};
	struct buf b = BUF_INIT;
	struct seccomp_data d;
	struct error e;
	uint32_t got;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct filter f = {.arch = cases[i].arch, .lax = true};

		buf_clear(&b);
		CU_ASSERT_EQUAL_FATAL(filter_export(&f, &b, &e), 0);
		memset(&d, 0, sizeof(d));
		d.nr = cases[i].nr;
		d.arch = cases[i].token;
		d.args[0] = cases[i].flags;
		got = bpf_run(&b, &d);
		CU_ASSERT_EQUAL(got, cases[i].answer);
		if (got != cases[i].answer)
			printf("\n  case %zu: %#x\n", i, got);
	}
	buf_free(&b);
}

/* No set-user-id bit, either. */
static void
test_lax_modes(void)
{
	static const struct {
		enum filter_arch arch;
		uint32_t token;
		int nr;
		uint64_t arg[4];
		uint32_t answer;
	} cases[] = {
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  91,              {0, 0755},            ALLOW       },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  91,              {0, 04755},           FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  2,               {0, O_CREAT, 02755},
             FAIL(EPERM)	                                                                   },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  2,               {0, O_RDONLY, 02755}, ALLOW       },
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  437,             {0},                  FAIL(ENOSYS)},
	    {FILTER_X86_64, AUDIT_ARCH_X86_64,  0x40000000 | 91, {0, 04755},
             FAIL(EPERM)	                                                                   },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    15,              {0, 04755},           FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    94,              {0, 04755},           FAIL(EPERM) },
	    {FILTER_X86_64, AUDIT_ARCH_I386,    14,              {0, 0104755},         FAIL(EPERM) },
	    {FILTER_ARM64,  AUDIT_ARCH_AARCH64, 52,              {0, 0755},            ALLOW       },
	    {FILTER_ARM64,  AUDIT_ARCH_AARCH64, 52,              {0, 04755},           FAIL(EPERM) },
	    {FILTER_ARM64,  AUDIT_ARCH_ARM,     94,              {0, 04755},           FAIL(EPERM) },
	};
	struct buf b = BUF_INIT;
	struct seccomp_data d;
	struct error e;
	uint32_t got;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		struct filter f = {.arch = cases[i].arch, .lax = true};

		buf_clear(&b);
		CU_ASSERT_EQUAL_FATAL(filter_export(&f, &b, &e), 0);
		memset(&d, 0, sizeof(d));
		d.nr = cases[i].nr;
		d.arch = cases[i].token;
		memcpy(d.args, cases[i].arg, sizeof(cases[i].arg));
		got = bpf_run(&b, &d);
		CU_ASSERT_EQUAL(got, cases[i].answer);
		if (got != cases[i].answer)
			printf("\n  case %zu: %#x\n", i, got);
	}
	buf_free(&b);
}

static void
test_names(void)
{
	static char keyctl[] = "keyctl", mount[] = "mount", none[] = "opne";
	char *add[] = {keyctl, NULL}, *never[] = {mount, NULL},
	     *wrong[] = {none, NULL};
	struct filter f = {.sets = PROGRAM, .arch = FILTER_X86_64};
	struct seccomp_data d = {.nr = 250, .arch = AUDIT_ARCH_X86_64};
	struct buf b = BUF_INIT;
	struct error e;

	f.names = add;
	CU_ASSERT_EQUAL_FATAL(filter_export(&f, &b, &e), 0);
	CU_ASSERT_EQUAL(bpf_run(&b, &d), ALLOW);
	f.names = never; /* no policy can */
	CU_ASSERT_EQUAL(filter_export(&f, &b, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "mount"));
	f.names = wrong;
	CU_ASSERT_EQUAL(filter_export(&f, &b, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "opne"));
	CU_ASSERT_EQUAL(filter_set("files"), FILTER_FILES);
	CU_ASSERT_EQUAL(filter_set("fields"), 0);
	buf_free(&b);
}

UNIT_MAIN("filter", {"calls and answers, x86-64", test_x86_64},
    {"calls and answers, arm64", test_arm64}, {"foreign ABIs", test_foreign},
    {"nobody listens", test_without_listener},
    {"no user namespaces, all else", test_lax},
    {"no set-user-id bits there", test_lax_modes},
    {"further names", test_names})
