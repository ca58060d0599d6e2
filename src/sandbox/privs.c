/* Giving privileges up for good.  capset(2) directly: the worker needs no
 * library for clearing three sets. */

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/enter.h"

int
sandbox_no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int
sandbox_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

	memset(none, 0, sizeof(none));
	/* Where there are no ambient capabilities there is nothing to clear. */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return (int)syscall(SYS_capset, &header, none);
}
