/* Amounts as policies write them: durations, bytes, counts, and the limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "policy/rules.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/vector.h"

/* A duration: "250ms" text, or whole milliseconds where bare is true. */
bool
parse_duration(struct parse *p, struct spot at, const char *key, val v,
    bool bare, int64_t *ns)
{
	struct error e;
	int64_t ms;
	const char *text = plain_text(v);
	struct buf b = BUF_INIT;

	if (text != NULL) {
		if (units_duration(text, ns, &e) == -1) {
			WRONG(p, at, "%s: %s", key, e.msg);
			return false;
		}
		return true;
	}
	if (val_is_int(v) && !bare) {
		print_short(&b, v, 40);
		WRONG(p, at, "%s: a number without a unit; say \"%ss\"", key,
		    buf_str(&b));
		buf_free(&b);
		return false;
	}
	if (!int_to_i64(v, &ms) || ms < 0 || ms > INT64_MAX / NS_PER_MS) {
		wrong_value(p, at, key,
		    "a duration such as \"250ms\", \"2s\", \"5m\"", v);
		return false;
	}
	*ns = ms * NS_PER_MS;
	return true;
}

bool
is_unlimited(val v)
{
	return val_is_key(v, "unlimited");
}

static bool
parse_time(struct parse *p, struct spot at, const char *key,
    enum limit_unit unit, val v, uint64_t *amount)
{
	int64_t ns;

	if (!parse_duration(p, at, key, v, false, &ns))
		return false;
	*amount = unit == UNIT_SECONDS ?
	    (uint64_t)((ns + NS_PER_SEC - 1) / NS_PER_SEC) :
	    (uint64_t)((ns + 999) / 1000);
	return true;
}

/* A quota is a part of a tenth of a second, of a thousandth at least. */
bool
cpus_from(double cpus, uint64_t *thousandths)
{
	if (!(cpus >= 0.01 && cpus <= 1e6))
		return false;
	*thousandths = (uint64_t)(cpus * CPU_THOUSANDTHS + 0.5);
	return true;
}

bool
cpus_from_text(const char *text, uint64_t *thousandths)
{
	size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole;

	if (whole == 0 || whole > 7 || (*rest == '.' && rest[1] == '\0') ||
	    (*rest != '\0' && *rest != '.') ||
	    (*rest == '.' && rest[1 + strspn(rest + 1, "0123456789")] != '\0'))
		return false;
	return cpus_from(strtod(text, NULL), thousandths);
}

static bool
parse_cpus(
    struct parse *p, struct spot at, const char *key, val v, uint64_t *amount)
{
	int64_t n;

	if (val_is_float(v) ? cpus_from(float_get(v), amount) :
	                      int_to_i64(v, &n) && cpus_from((double)n, amount))
		return true;
	wrong_value(
	    p, at, key, "processors such as 2 or 0.5, 0.01 at least", v);
	return false;
}

/* One amount in its unit; name is the key's, without colon. */
bool
parse_amount(struct parse *p, struct spot at, const char *name,
    enum limit_unit unit, val v, uint64_t *amount)
{
	const char *text = plain_text(v);
	char key[40];
	struct error e;
	int64_t n;

	snprintf(key, sizeof(key), ":%s", name);
	if (is_unlimited(v)) {
		*amount = LIMIT_UNLIMITED;
		return true;
	}
	if (val_is_int(v) && int_is_negative(v)) {
		WRONG(p, at,
		    "%s: a limit is never negative; "
		    ":unlimited is the only spelling of no limit",
		    key);
		return false;
	}
	if (unit == UNIT_SECONDS || unit == UNIT_MICROSECONDS)
		return parse_time(p, at, key, unit, v, amount);
	if (unit == UNIT_CPUS)
		return parse_cpus(p, at, key, v, amount);
	if (text != NULL && unit == UNIT_BYTES) {
		if (units_bytes(text, amount, &e) == 0)
			return true;
		WRONG(p, at, "%s: %s", key, e.msg);
		return false;
	}
	if (int_to_i64(v, &n)) {
		*amount = (uint64_t)n;
		return true;
	}
	wrong_value(p, at, key,
	    unit == UNIT_BYTES ? "bytes such as \"64M\"" : "a whole number", v);
	return false;
}

/* What a value that is given alone means for the hard limit. */
static uint64_t
hard_of(enum limit_id id, uint64_t soft)
{
	if (id == LIMIT_OUTPUT)
		return LIMIT_UNLIMITED;
	return id == LIMIT_CPU && soft != LIMIT_UNLIMITED ? soft + 1 : soft;
}

struct limit_value
limit_alone(enum limit_id id, uint64_t amount, struct origin origin)
{
	return (struct limit_value){
	    true, amount, hard_of(id, amount), origin, false};
}

const uint64_t *
limit_above(enum limit_id id, const struct limit_value *l,
    const struct limit_value *ceiling)
{
	if (l->soft > ceiling->soft)
		return &l->soft;
	return l->hard > ceiling->hard && l->hard != hard_of(id, l->soft) ?
	    &l->hard :
	    NULL;
}

static void
parse_limit(struct parse *p, struct spot at, enum limit_id id, val v,
    struct limit_value *out)
{
	const char *name = limit_name(id);
	enum limit_unit unit = limit_unit(id);
	uint64_t soft = 0, hard = 0;

	if (!val_is_vector(v)) {
		if (parse_amount(p, at, name, unit, v, &soft))
			*out = limit_alone(id, soft, origin_at(p, at));
		return;
	}
	if (vec_count(v) != 2) {
		wrong_value(p, at, name, "[SOFT HARD]", v);
		return;
	}
	if (!parse_amount(
	        p, (struct spot){v, 0}, name, unit, vec_get(v, 0), &soft) ||
	    !parse_amount(
	        p, (struct spot){v, 1}, name, unit, vec_get(v, 1), &hard))
		return;
	if (soft > hard)
		WRONG(p, at, ":%s: the soft limit is above the hard one", name);
	else
		*out = (struct limit_value){
		    true, soft, hard, origin_at(p, at), false};
}

/* What others call our limits, besides systemd's LimitNAME. */
static const char *const foreign[][2] = {
    {"mem",        "memory"    },
    {"MemoryMax",  "memory"    },
    {"MemoryHigh", "memory"    },
    {"TasksMax",   "pids"      },
    {"CPUQuota",   "cpus"      },
    {"v",          "as"        },
    {"c",          "core"      },
    {"t",          "cpu"       },
    {"d",          "data"      },
    {"f",          "fsize"     },
    {"x",          "locks"     },
    {"l",          "memlock"   },
    {"q",          "msgqueue"  },
    {"e",          "nice"      },
    {"n",          "nofile"    },
    {"u",          "nproc"     },
    {"m",          "rss"       },
    {"r",          "rtprio"    },
    {"R",          "rttime"    },
    {"i",          "sigpending"},
    {"s",          "stack"     }
};

/* NULL: nobody's that we know. */
static const char *
ours_of(const char *name)
{
	enum limit_id id;
	size_t i;

	for (i = 0; i < NITEMS(foreign); i++) {
		if (strcmp(foreign[i][0], name) == 0)
			return foreign[i][1];
	}
	for (id = 0; strncmp(name, "Limit", 5) == 0 && id < LIMIT_COUNT; id++) {
		if (limit_rlimit(id) != -1 &&
		    strcasecmp(limit_name(id), name + 5) == 0)
			return limit_name(id);
	}
	return NULL;
}

static void
unknown_limit(
    struct parse *p, struct spot at, val key, const char *const *names)
{
	const char *name = val_is_keyword(key) ? val_name_text(key, NULL) : "";
	const char *ours = ours_of(name);

	if (ours != NULL)
		WRONG(p, at, "unknown key :%s; did you mean :%s?", name, ours);
	else
		unknown_key(p, at, key, names);
}

void
parse_limits(struct parse *p, struct spot at, val v, struct effective *s)
{
	const char *names[LIMIT_COUNT + 1];
	enum limit_id id;
	struct map_iter it;
	uint32_t i = 0;
	val key, value;

	if (!val_is_map(v)) {
		wrong_value(p, at, ":limits", "a map", v);
		return;
	}
	for (id = 0; id < LIMIT_COUNT; id++)
		names[id] = limit_name(id);
	names[LIMIT_COUNT] = NULL;
	it = map_iter(v);
	for (; map_next(&it, &key, &value); i++) {
		id = val_is_keyword(key) ?
		    limit_from(val_name_text(key, NULL)) :
		    LIMIT_COUNT;
		if (id == LIMIT_COUNT)
			unknown_limit(p, (struct spot){v, 2 * i}, key, names);
		else
			parse_limit(p, (struct spot){v, 2 * i + 1}, id, value,
			    &s->limit[id]);
	}
}
