/* A process lowering its own limits; prlimit64 on pid 0, which a filter can
 * let pass, since raising is refused by the kernel and by us. */

#include <sys/resource.h>

#include <assert.h>

#include "sandbox/enter.h"

#ifdef WITH_SANITIZERS
/* AddressSanitizer maps terabytes before main. */
#define LEFT_ALONE(r) ((r) == RLIMIT_AS || (r) == RLIMIT_DATA)
#else
#define LEFT_ALONE(r) 0
#endif

static_assert(RLIM_INFINITY == UINT64_MAX, "unlimited is all ones");

int
sandbox_lower_limit(int resource, uint64_t soft, uint64_t hard)
{
	struct rlimit now;
	struct rlimit next;

	if (LEFT_ALONE(resource))
		return 0;
	if (prlimit(0, resource, NULL, &now) == -1)
		return -1;
	/* Root could raise it: more than inherited never happens. */
	next.rlim_max = hard < now.rlim_max ? hard : now.rlim_max;
	next.rlim_cur = soft < next.rlim_max ? soft : next.rlim_max;
	if (next.rlim_cur == now.rlim_cur && next.rlim_max == now.rlim_max)
		return 0;
	return prlimit(0, resource, &next, NULL);
}

int
sandbox_soft_limit(int resource, uint64_t soft)
{
	struct rlimit l;

	if (LEFT_ALONE(resource))
		return 0;
	if (prlimit(0, resource, NULL, &l) == -1)
		return -1;
	l.rlim_cur = soft < l.rlim_max ? soft : l.rlim_max;
	return prlimit(0, resource, &l, NULL);
}
