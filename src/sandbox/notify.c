/* The caller of a forbidden call stands still until it is killed; others are
 * refused, or let through where the filter would have: what their arguments
 * point to decides nothing. */
#include <sys/ioctl.h>

#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sandbox/filter.h"
#include "sandbox/notify.h"

int
sandbox_notified(int fd, struct sandbox_call *c)
{
	struct seccomp_notif n;

	memset(&n, 0, sizeof(n)); /* the kernel wants it so */
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n) == -1)
		return errno == ENOENT || errno == EINTR || errno == EAGAIN ?
		    0 :
		    -1;
	c->id = n.id;
	c->pid = n.pid;
	c->arch = n.data.arch;
	c->nr = n.data.nr;
	memcpy(c->arg, n.data.args, sizeof(c->arg));
	return 1;
}

int
sandbox_call_refuse(int fd, const struct sandbox_call *c, int os_errno)
{
	struct seccomp_notif_resp r;

	memset(&r, 0, sizeof(r));
	r.id = c->id;
	r.error = -os_errno;
	return ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

int
sandbox_call_continue(int fd, const struct sandbox_call *c)
{
	struct seccomp_notif_resp r;

	memset(&r, 0, sizeof(r));
	r.id = c->id;
	r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	return ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

char *
sandbox_call_text(const struct sandbox_call *c)
{
	char *name = filter_call_name(c->arch, c->nr);
	struct buf b = BUF_INIT;
	size_t i;

	if (name != NULL)
		buf_addf(&b, "%s(2)", name);
	else
		buf_addf(&b, "system call %d", c->nr);
	buf_adds(&b, " with arguments");
	for (i = 0; i < NITEMS(c->arg); i++)
		buf_addf(&b, "%s %#" PRIx64, i > 0 ? "," : "", c->arg[i]);
	free(name);
	return buf_take(&b, NULL);
}
