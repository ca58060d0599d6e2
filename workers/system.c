/* system.*: facts about this machine, as this process sees them. */
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/string.h"
#include "workers/builtin.h"

static val
put(struct work *w, val m, const char *key, val v)
{
	return map_assoc(w->heap, m, keyword_from(key), v);
}

int
builtin_system_platform(struct work *w)
{
	struct utsname u;
	val m = map_empty(w->heap);

	if (uname(&u) == -1)
		return work_fail(w, errno, "uname: %s", strerror(errno));
	m = put(w, m, "system", str_from(w->heap, u.sysname));
	m = put(w, m, "release", str_from(w->heap, u.release));
	m = put(w, m, "machine", str_from(w->heap, u.machine));
	return work_done(w, m);
}

int
builtin_system_cpu_count(struct work *w)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return work_done(w, val_fix(CPU_COUNT(&set)));
	/* more than 1024 processors: the set is too small for them */
	return work_done(w, val_fix(get_nprocs()));
}

int
builtin_system_memory(struct work *w)
{
	struct sysinfo si;
	uint64_t total, available;
	static const char key[] = "MemAvailable:"; /* in KiB */
	char line[128];
	FILE *f;
	val m = map_empty(w->heap);

	if (sysinfo(&si) == -1)
		return work_fail(w, errno, "sysinfo: %s", strerror(errno));
	total = (uint64_t)si.totalram * si.mem_unit;
	available = (uint64_t)si.freeram * si.mem_unit;
	f = fopen("/proc/meminfo", "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, key, strlen(key)) == 0)
			available =
			    strtoull(line + strlen(key), NULL, 10) * 1024;
	}
	if (f != NULL)
		fclose(f);
	m = put(w, m, "total", int_from_u64(w->heap, total));
	m = put(w, m, "available", int_from_u64(w->heap, available));
	return work_done(w, m);
}
