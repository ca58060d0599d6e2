/* Amounts as people write them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/macros.h"
#include "base/units.h"
#include "base/utf8.h"

static const struct {
	const char *letter;
	unsigned int shift;
} byte_units[] = {
    {"K", 10},
    {"M", 20},
    {"G", 30},
    {"T", 40},
};

static const struct {
	const char *name;
	int64_t ns;
} time_units[] = {
    {"h",  3600 * NS_PER_SEC},
    {"m",  60 * NS_PER_SEC  },
    {"s",  NS_PER_SEC       },
    {"ms", NS_PER_MS        },
};

/* Leading digits; *end is the first other byte.  -1: none, or over 2^63-1. */
static int
digits(const char *text, uint64_t *n, const char **end)
{
	const char *p;

	*n = 0;
	for (p = text; isdigit((unsigned char)*p); p++) {
		if (__builtin_mul_overflow(*n, 10U, n) ||
		    __builtin_add_overflow(*n, (uint64_t)(*p - '0'), n) ||
		    *n > INT64_MAX) {
			return -1;
		}
	}
	*end = p;
	return p == text ? -1 : 0;
}

/* The power of two of "", "K", "KB" or "KiB" and so on; -1: no unit. */
static int
byte_shift(const char *unit)
{
	size_t i;

	if (*unit == '\0')
		return 0;
	for (i = 0; i < NITEMS(byte_units); i++) {
		if (*unit != *byte_units[i].letter)
			continue;
		unit++;
		if (strcmp(unit, "") == 0 || strcmp(unit, "B") == 0 ||
		    strcmp(unit, "iB") == 0) {
			return (int)byte_units[i].shift;
		}
		return -1;
	}
	return -1;
}

/* As much of a text as a message shows. */
static int
shown(const char *text)
{
	return (int)utf8_cut(text, strlen(text), 64);
}

int
units_bytes(const char *text, uint64_t *bytes, struct error *e)
{
	const char *unit;
	uint64_t n;
	int shift;

	if (digits(text, &n, &unit) == -1 || (shift = byte_shift(unit)) == -1 ||
	    n > (uint64_t)INT64_MAX >> shift) {
		return error_set(e, EK_ARGUMENT,
		    "bad size \"%.*s\": say digits alone, or with K, M, G "
		    "or T, below 8388608T",
		    shown(text), text);
	}
	*bytes = n << shift;
	return 0;
}

static int64_t
time_unit(const char *unit)
{
	size_t i;

	for (i = 0; i < NITEMS(time_units); i++) {
		if (strcmp(unit, time_units[i].name) == 0)
			return time_units[i].ns;
	}
	return 0;
}

/* n units and the digits after a point, cut to whole nanoseconds.  -1: over
 * 2^63-1. */
static int
scale(uint64_t n, const char *fraction, size_t len, int64_t unit, int64_t *ns)
{
	int64_t part = unit;

	if (__builtin_mul_overflow((int64_t)n, unit, ns))
		return -1;
	for (; len > 0 && part > 0; len--, fraction++) {
		if (__builtin_add_overflow(*ns,
		        part / 10 * (*fraction - '0') +
		            part % 10 * (*fraction - '0') / 10,
		        ns)) {
			return -1;
		}
		part /= 10;
	}
	return 0;
}

int
units_duration(const char *text, int64_t *ns, struct error *e)
{
	const char *fraction = NULL, *p;
	size_t len = 0;
	uint64_t n;
	int64_t unit;

	if (digits(text, &n, &p) == -1)
		goto bad;
	if (*p == '\0') {
		return error_set(e, EK_ARGUMENT,
		    "\"%.*s\" has no unit: say \"%.*ss\"", shown(text), text,
		    shown(text), text);
	}
	if (*p == '.') {
		fraction = ++p;
		while (isdigit((unsigned char)*p))
			p++;
		if ((len = (size_t)(p - fraction)) == 0)
			goto bad;
	}
	if ((unit = time_unit(p)) == 0 ||
	    scale(n, fraction, len, unit, ns) == -1)
		goto bad;
	return 0;
bad:
	return error_set(e, EK_ARGUMENT,
	    "bad duration \"%.*s\": say a number and ms, s, m or h, as in "
	    "\"250ms\" or \"1.5s\"",
	    shown(text), text);
}

void
units_format_bytes(uint64_t bytes, char out[32])
{
	size_t i = NITEMS(byte_units);

	while (i-- > 0) {
		if (bytes != 0 &&
		    bytes % (UINT64_C(1) << byte_units[i].shift) == 0) {
			snprintf(out, 32, "%" PRIu64 "%s",
			    bytes >> byte_units[i].shift, byte_units[i].letter);
			return;
		}
	}
	snprintf(out, 32, "%" PRIu64, bytes);
}

void
units_format_duration(int64_t ns, char out[32])
{
	int64_t whole, rest;
	size_t i;
	int len;

	for (i = 0; i < NITEMS(time_units); i++) {
		if (ns != 0 && ns % time_units[i].ns == 0) {
			snprintf(out, 32, "%" PRId64 "%s",
			    ns / time_units[i].ns, time_units[i].name);
			return;
		}
	}
	if (ns == 0) {
		snprintf(out, 32, "0s");
		return;
	}
	whole = ns / NS_PER_MS;
	rest = ns % NS_PER_MS;
	len = snprintf(
	    out, 32, "%" PRId64 ".%06" PRId64, whole, rest < 0 ? -rest : rest);
	while (len > 0 && out[len - 1] == '0')
		len--;
	snprintf(out + len, 32 - (size_t)len, "ms");
}
