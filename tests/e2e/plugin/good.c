/* Every function of rtfs_capability.h, used as it is meant. */
#include <stdlib.h>
#include <string.h>

#include "rtfs_capability.h"

static int
copy_member(const struct rtfs_value *key, const struct rtfs_value *v, void *arg)
{
	const struct rtfs_value ***at = arg;

	if (key != NULL)
		*(*at)++ = key;
	*(*at)++ = v;
	return 0;
}

/* A value taken apart and made again. */
static const struct rtfs_value *
again(struct rtfs_call *c, const struct rtfs_value *v)
{
	const struct rtfs_value **parts, **at;
	const char *text;
	size_t n, len;
	int64_t i;
	double d;
	int b;

	switch (rtfs_type(v)) {
	case RTFS_NIL:
		return rtfs_nil(c);
	case RTFS_BOOL:
		return rtfs_get_bool(v, &b) == 0 ? rtfs_bool(c, b) : NULL;
	case RTFS_INT:
		return rtfs_get_int(v, &i) == 0 ? rtfs_int(c, i) : v;
	case RTFS_FLOAT:
		return rtfs_get_float(v, &d) == 0 ? rtfs_float(c, d) : NULL;
	case RTFS_STRING:
		text = rtfs_get_text(v, &len);
		return rtfs_string(c, text, len);
	case RTFS_KEYWORD:
		return rtfs_keyword(c, rtfs_get_text(v, NULL));
	case RTFS_VECTOR:
	case RTFS_LIST:
	case RTFS_MAP:
		n = rtfs_count(v);
		at = parts = calloc(2 * n + 1, sizeof(*parts));
		rtfs_each(v, copy_member, &at);
		return rtfs_type(v) == RTFS_MAP ? rtfs_map(c, parts, n) :
		                                  rtfs_vector(c, parts, n);
	default:
		return v;
	}
}

static int
echo(struct rtfs_call *c)
{
	const struct rtfs_value *parts[16];
	size_t i;

	for (i = 0; i < rtfs_argc(c) && i < 16; i++)
		parts[i] = again(c, rtfs_arg(c, i));
	return rtfs_return(c, rtfs_vector(c, parts, i));
}

static int
about(struct rtfs_call *c)
{
	const struct rtfs_value *m = rtfs_arg(c, 0);
	const struct rtfs_value *parts[] = {
	    rtfs_text(c, rtfs_id(c)),
	    rtfs_text(c, rtfs_print(c, m, NULL)),
	    rtfs_get(m, "kw"),
	    rtfs_get(m, "text"),
	    rtfs_at(rtfs_get(m, "list"), 1),
	    rtfs_bool(c, rtfs_get(rtfs_get(m, "no"), "no") == NULL),
	    rtfs_bool(c, rtfs_time_left(c) > 1000),
	    rtfs_bool(c, rtfs_time_left(c) <= 30000),
	    rtfs_bool(c, rtfs_keyword(c, "a b") == NULL),
	};

	return rtfs_return(c, rtfs_vector(c, parts, 9));
}

static int
sum(struct rtfs_call *c)
{
	double d;
	int64_t i;

	if (rtfs_arg_int(c, 0, &i) == -1 || rtfs_arg_float(c, 1, &d) == -1)
		return -1;
	if (d < 0)
		return rtfs_refuse(c, "argument 2: %g is negative", d);
	return rtfs_return(c, rtfs_float(c, (double)i + d));
}

static int
fail(struct rtfs_call *c)
{
	const struct rtfs_value *pair[] = {
	    rtfs_keyword(c, "code"), rtfs_int(c, 7)};

	return rtfs_fail(c, rtfs_map(c, pair, 1), "failed with %d", 7);
}

static int
env(struct rtfs_call *c)
{
	const char *v = getenv(rtfs_arg_text(c, 0, NULL));

	return rtfs_return(c, v == NULL ? rtfs_nil(c) : rtfs_text(c, v));
}

static int
typed(struct rtfs_call *c)
{
	return rtfs_return(c, rtfs_int(c, 7));
}

RTFS_PLUGIN({"g.typed", typed}, {"g.echo", echo}, {"g.about", about},
    {"g.sum", sum}, {"g.fail", fail}, {"g.env", env})
