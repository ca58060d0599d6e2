/* Limits and totals by name: kernel resource, unit, text. */
#include <sys/resource.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "policy/rules.h"

static const struct {
	const char *name;
	int resource;
	enum limit_unit unit;
} limits[] = {
#define LIMIT(name, sym, res, unit) [LIMIT_##sym] = {name, res, unit},
#include "policy/limit.def"
#undef LIMIT
};
static_assert(NITEMS(limits) == LIMIT_COUNT, "describe every limit");

const char *
limit_name(enum limit_id id)
{
	return limits[id].name;
}

int
limit_rlimit(enum limit_id id)
{
	return limits[id].resource;
}

enum limit_unit
limit_unit(enum limit_id id)
{
	return limits[id].unit;
}

enum limit_id
limit_from(const char *name)
{
	size_t i;

	for (i = 0; i < NITEMS(limits); i++) {
		if (strcmp(limits[i].name, name) == 0)
			return (enum limit_id)i;
	}
	return LIMIT_COUNT;
}

void
limit_format(enum limit_id id, uint64_t amount, char out[32])
{
	amount_format(limits[id].unit, amount, out);
}

/* "2", "0.5", "0.125". */
static void
format_cpus(uint64_t amount, char out[32])
{
	size_t n = (size_t)snprintf(out, 32, "%" PRIu64 ".%03u",
	    amount / CPU_THOUSANDTHS, (unsigned int)(amount % CPU_THOUSANDTHS));

	while (out[n - 1] == '0')
		n--;
	out[n - (out[n - 1] == '.')] = '\0';
}

void
amount_format(enum limit_unit unit, uint64_t amount, char out[32])
{
	if (amount == LIMIT_UNLIMITED) {
		snprintf(out, 32, "unlimited");
		return;
	}
	switch (unit) {
	case UNIT_BYTES:
		units_format_bytes(amount, out);
		break;
	case UNIT_SECONDS:
		units_format_duration((int64_t)amount * NS_PER_SEC, out);
		break;
	case UNIT_MICROSECONDS:
		units_format_duration((int64_t)amount * 1000, out);
		break;
	case UNIT_COUNT:
		snprintf(out, 32, "%" PRIu64, amount);
		break;
	case UNIT_CPUS:
		format_cpus(amount, out);
		break;
	}
}

const char *
isolation_name(enum isolation level)
{
	static const char *const names[] = {"inherit", "isolated", "sandboxed"};

	return names[level];
}

const char *const degrade_names[DEGRADE_NAMES] = {
    "files", "network", "others", "tree", "cgroup"};

const char *
network_name(enum network network)
{
	static const char *const names[] = {"none", "loopback", "host"};

	return names[network];
}

static const struct {
	const char *name;
	enum limit_unit unit;
} totals[] = {
#define TOTAL(name, sym, unit) [TOTAL_##sym] = {name, unit},
#include "policy/total.def"
#undef TOTAL
};
static_assert(NITEMS(totals) == TOTAL_COUNT, "describe every total");

const char *
total_name(enum total_id id)
{
	return totals[id].name;
}

enum limit_unit
total_unit(enum total_id id)
{
	return totals[id].unit;
}
