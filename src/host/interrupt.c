/* The one piece of process-wide state of this room: a signal has no owner. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"
#include "host/interrupt.h"

volatile sig_atomic_t interrupt_signal;

void
interrupt_raise(int signo)
{
	if (interrupt_signal == 0)
		interrupt_signal = signo;
}

/* While the program computes there is no table to show: no task is queued or
 * runs. */
static void
interrupt_show(int signo ATTR_UNUSED)
{
	static const char text[] =
	    "rtfs: the program computes; no task is queued or runs\n";
	int saved = errno;

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	errno = saved;
}

static void
interrupt_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGUSR1);
}

void
interrupt_init(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = interrupt_raise;
	interrupt_set(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = interrupt_show;
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	sa.sa_flags = 0;
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sa.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &sa, NULL);
	interrupt_release();
}

void
interrupt_hold(void)
{
	sigset_t set;

	interrupt_set(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void
interrupt_release(void)
{
	sigset_t set;

	interrupt_set(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
