/* The network of a slot: an empty namespace that all slots share where we may
 * make one and join it, one of the slot's own else.  A new one for each slot
 * costs more than everything else together. */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/enter.h"

static int empty = -1; /* lo is down in it and stays so */
static int refusal;

void
sandbox_net_prepare(void)
{
	int old;

	if (empty != -1 || refusal != 0)
		return;
	old = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (old == -1 || unshare(CLONE_NEWNET) == -1) {
		refusal = errno;
	} else {
		empty = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (empty == -1)
			refusal = errno;
		/* Nothing here uses the network, should this fail. */
		(void)setns(old, CLONE_NEWNET);
	}
	if (old != -1)
		close(old);
}

int
sandbox_net_join_empty(void)
{
	if (empty == -1) {
		errno = refusal != 0 ? refusal : ENOSYS;
		return -1;
	}
	return setns(empty, CLONE_NEWNET);
}

int
sandbox_net_loopback(void)
{
	struct ifreq r;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;
	int saved;

	if (fd == -1)
		return -1;
	memset(&r, 0, sizeof(r));
	memcpy(r.ifr_name, "lo", 3);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	rc = ioctl(fd, SIOCSIFFLAGS, &r);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}
