/*
 * A plug-in that does what none should, one function a misdeed.  Built several
 * times by plugin.sh: CTOR_CRASH, CTOR_HANG, CTOR_EXIT misbehave when loaded,
 * WRONG_ABI and NO_TABLE are no plug-ins for this version.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef WRONG_ABI
#include "rtfs_capability.h"
#undef RTFS_ABI
#define RTFS_ABI 99
#else
#include "rtfs_capability.h"
#endif

#define RESULT_FD 4

static struct rlimit at_load;

__attribute__((constructor)) static void
loaded(void)
{
	getrlimit(RLIMIT_NOFILE, &at_load);
#ifdef CTOR_CRASH
	abort();
#endif
#ifdef CTOR_EXIT
	_exit(0);
#endif
#ifdef CTOR_HANG
	for (;;)
		pause();
#endif
}

#ifndef NO_TABLE
static int
ours(struct rtfs_call *c, int answer)
{
	return rtfs_return(c, rtfs_int(c, answer));
}

/* The limits that held while the object was being loaded. */
static int
limits(struct rtfs_call *c)
{
	struct rlimit more = {at_load.rlim_max + 1, at_load.rlim_max + 1};

	if (at_load.rlim_max != at_load.rlim_cur)
		return ours(c, -1);
	if (setrlimit(RLIMIT_NOFILE, &more) == 0 && getuid() != 0)
		return ours(c, -2);
	return ours(c, (int)at_load.rlim_max);
}

static int
state(struct rtfs_call *c)
{
	static int calls;

	return ours(c, ++calls);
}

/* Mappings that are shared with others. */
static int
shared(struct rtfs_call *c)
{
	char line[1024];
	FILE *f = fopen("/proc/self/maps", "r");
	int n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, "rw-s") != NULL;
	if (f == NULL)
		return rtfs_fail(c, NULL, "maps: %s", strerror(errno));
	return ours(c, n);
}

static int
loud(struct rtfs_call *c)
{
	printf("to standard output\n");
	fflush(stdout);
	fprintf(stderr, "to standard error\n");
	return rtfs_fail(c, NULL, "loud");
}

static int
crash(struct rtfs_call *c)
{
	raise(SIGSEGV);
	return ours(c, 1);
}

static int
hang(struct rtfs_call *c)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;)
		pause();
	return ours(c, 1);
}

static int
spin(struct rtfs_call *c)
{
	volatile unsigned long n = 0;

	for (;;)
		n++;
	return ours(c, 1);
}

static int
leave(struct rtfs_call *c)
{
	(void)c;
	exit(0);
}

static int
leave7(struct rtfs_call *c)
{
	(void)c;
	_exit(7);
}

static int
nothing(struct rtfs_call *c)
{
	(void)c;
	return 0;
}

static int
minus(struct rtfs_call *c)
{
	(void)c;
	return -5;
}

/* A result, and yet it says that it failed. */
static int
torn(struct rtfs_call *c)
{
	ours(c, 1);
	return -1;
}

static int
mind(struct rtfs_call *c)
{
	rtfs_fail(c, NULL, "not this");
	return ours(c, 1);
}

static int
null(struct rtfs_call *c)
{
	return rtfs_return(c, rtfs_string(c, "\xff", 1));
}

static int
deep(struct rtfs_call *c)
{
	const struct rtfs_value *v = rtfs_nil(c);
	int i;

	for (i = 0; i < 100000; i++)
		v = rtfs_vector(c, &v, 1);
	return rtfs_return(c, v);
}

static int
garbage(struct rtfs_call *c)
{
	static const char bytes[] = "this is no frame and never was";

	if (write(RESULT_FD, bytes, sizeof(bytes)) == -1)
		return -1;
	return ours(c, 1);
}

/* RESULT [1, 666, "", 0] of its own, then ours as well. */
static int
forge(struct rtfs_call *c)
{
	static const char frame[] = "\x07\x00\x00\x00\x0d\x00\x00\x00"
	                            "\x94\x01\xcd\x02\x9a\xa0\x00";

	if (write(RESULT_FD, frame, sizeof(frame) - 1) == -1)
		return -1;
	return ours(c, 1);
}

static int
hush(struct rtfs_call *c)
{
	close(RESULT_FD);
	return ours(c, 1);
}

static int
flood(struct rtfs_call *c)
{
	static char noise[65536];

	(void)c;
	memset(noise, 'n', sizeof(noise));
	for (;;) {
		if (write(1, noise, sizeof(noise)) == -1)
			return -1;
	}
}

static int
big(struct rtfs_call *c)
{
	static char text[2 * 1024 * 1024];

	memset(text, 'x', sizeof(text));
	return rtfs_return(c, rtfs_string(c, text, sizeof(text)));
}

static int
orphan(struct rtfs_call *c)
{
	const char *mark = rtfs_arg_text(c, 0, NULL);

	if (fork() == 0) {
		setsid();
		execl("/bin/sh", "sh", "-c", "sleep 30; :", mark, NULL);
		_exit(1);
	}
	return ours(c, 1);
}

RTFS_PLUGIN({"p.limits", limits}, {"p.state", state}, {"p.shared", shared},
    {"p.loud", loud}, {"p.crash", crash}, {"p.hang", hang}, {"p.spin", spin},
    {"p.leave", leave}, {"p.leave7", leave7}, {"p.nothing", nothing},
    {"p.minus", minus}, {"p.torn", torn}, {"p.mind", mind}, {"p.null", null},
    {"p.deep", deep}, {"p.garbage", garbage}, {"p.forge", forge},
    {"p.hush", hush}, {"p.flood", flood}, {"p.big", big}, {"p.orphan", orphan})
#endif
