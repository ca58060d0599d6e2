/* A process lowering its own limits; prlimit64 on pid 0, which a filter can
 * let pass, since raising is refused by the kernel and by us. */

#include <sys/resource.h>

#include <assert.h>
#include <errno.h>

#include "sandbox/enter.h"

#ifdef WITH_SANITIZERS
/* AddressSanitizer maps terabytes before main. */
#define LEFT_ALONE(r) ((r) == RLIMIT_AS || (r) == RLIMIT_DATA)
#else
#define LEFT_ALONE(r) 0
#endif

static_assert(RLIM_INFINITY == UINT64_MAX, "unlimited is all ones");

int
sandbox_lower_limit(
    int resource, const struct rlimit *now, uint64_t soft, uint64_t hard)
{
	struct rlimit next;
	struct rlimit was;

	/* Root could raise it: more than inherited never happens. */
	next.rlim_max = hard < now->rlim_max ? hard : now->rlim_max;
	next.rlim_cur = soft < next.rlim_max ? soft : next.rlim_max;
	if (LEFT_ALONE(resource) ||
	    (next.rlim_cur == now->rlim_cur && next.rlim_max == now->rlim_max))
		return 0;
	if (prlimit(0, resource, &next, &was) == -1 &&
	    (errno != EPERM || prlimit(0, resource, NULL, &was) == -1 ||
	        was.rlim_max >= next.rlim_max))
		return -1;
	if (was.rlim_max >= next.rlim_max)
		return 0;
	/* somebody else has lowered it since */
	return sandbox_lower_limit(resource, &was, soft, hard);
}
