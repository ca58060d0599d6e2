/* Rights that a task should not have, or not get back. */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

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
io_priority(const char *arg ATTR_UNUSED)
{
	return syscall(SYS_ioprio_set, 1, 0, 1 << 13 /* real time */) == 0;
}

static bool
set_clock(const char *arg ATTR_UNUSED)
{
	struct timex t = {.modes = ADJ_SETOFFSET}; /* by nothing */

	return adjtimex(&t) != -1;
}

/* A character that the shell would read after us. */
static bool
type_ahead(const char *arg ATTR_UNUSED)
{
	int ptm, pts;

	(void)setsid();
	ptm = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (ptm == -1 || grantpt(ptm) == -1 || unlockpt(ptm) == -1)
		return false;
	pts = ioctl(ptm, TIOCGPTPEER, O_RDWR);
	return pts != -1 && ioctl(pts, TIOCSTI, "x") == 0;
}

const struct attack rights_attacks[] = {
    {"descriptors",    descriptors     },
    {"environment",    environment     },
    {"raise-limit",    raise_limit     },
    {"capabilities",   has_capabilities},
    {"new-privileges", new_privileges  },
    {"priority",       priority        },
    {"affinity",       affinity        },
    {"death-signal",   death_signal    },
    {"oom-score",      oom_score       },
    {"host-name",      host_name       },
    {"io-priority",    io_priority     },
    {"set-clock",      set_clock       },
    {"type-ahead",     type_ahead      },
    {NULL,             NULL            },
};
