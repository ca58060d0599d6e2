/* Tasks that never end, or end as nobody expects. */
#include <sys/resource.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

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
	attack_wait();
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
flood(const char *arg)
{
	(void)attack_fill(attack_number(arg), 1000);
	return true;
}

static bool
leave(const char *arg)
{
	_exit((int)attack_number(arg));
}

static bool
by_signal(const char *arg)
{
	raise((int)attack_number(arg));
	return true;
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
queue_signals(const char *arg ATTR_UNUSED)
{
	sigset_t s;
	int i;

	sigemptyset(&s);
	sigaddset(&s, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &s, NULL);
	for (i = 0; i < 1000; i++) {
		if (sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == -1)
			return false;
	}
	return true;
}

const struct attack ends_attacks[] = {
    {"stop",          stop         },
    {"deaf",          deaf         },
    {"spin",          spin         },
    {"recurse",       recurse      },
    {"core",          dump_core    },
    {"flood",         flood        },
    {"exit",          leave        },
    {"signal",        by_signal    },
    {"timers",        timers       },
    {"queue-signals", queue_signals},
    {NULL,            NULL         },
};
