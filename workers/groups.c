/* See groups.h. */
#include <sys/types.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "proto/codec.h"
#include "sandbox/cgroup.h"
#include "workers/groups.h"

static struct cgroup_made made[CGROUP_PLACES];
static size_t nmade;
static pid_t maker;

static void
forget(void)
{
	while (nmade > 0)
		free(made[--nmade].own);
}

int
groups_keep(const struct frame *f, struct error *e)
{
	struct unpack u;
	const char *own;
	uint64_t enabled;
	size_t len;
	size_t n;

	forget();
	maker = getppid();
	unpack_init(&u, f->payload, f->len);
	if (unpack_array(&u, &n, e) == -1)
		return -1;
	if (n % 2 != 0 || n / 2 > CGROUP_PLACES)
		return error_set(e, EK_PROTO, "GROUPS of %zu", n);
	for (; n > 0; n -= 2) {
		if (unpack_str(&u, &own, &len, e) == -1 ||
		    unpack_uint(&u, &enabled, e) == -1)
			return -1;
		if (own == NULL || memchr(own, '\0', len) != NULL)
			return error_set(e, EK_PROTO, "GROUPS: no folder");
		made[nmade].enabled = (uint32_t)enabled;
		made[nmade++].own = xstrndup(own, len);
	}
	return 0;
}

/* Whoever dies closes its sockets first and lets go of its locks then. */
static void
wait_for_death(void)
{
	int ms;

	for (ms = 0; getppid() == maker && ms < 1000; ms++)
		poll(NULL, 0, 1);
}

void
groups_remove_dead(void)
{
	if (nmade == 0)
		return;
	wait_for_death();
	cgroup_remove_dead(made, nmade);
	forget();
}
