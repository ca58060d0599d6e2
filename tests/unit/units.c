/* rooms: base */
#include <stdint.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	int rc;
	uint64_t bytes;
	const char *back; /* NULL: as text */
} sizes[] = {
    {"0",                    0,  0,                       NULL },
    {"1500",                 0,  1500,                    NULL },
    {"64K",                  0,  65536,                   NULL },
    {"64KiB",                0,  65536,                   "64K"},
    {"64KB",                 0,  65536,                   "64K"},
    {"1024",                 0,  1024,                    "1K" },
    {"16M",                  0,  16U << 20,               NULL },
    {"1G",                   0,  1U << 30,                NULL },
    {"2T",                   0,  UINT64_C(2) << 40,       NULL },
    {"8388607T",             0,  UINT64_C(8388607) << 40, NULL },
    {"9223372036854775807",  0,  INT64_MAX,               NULL },
    {"9223372036854775808",  -1, 0,                       NULL },
    {"8388608T",             -1, 0,                       NULL },
    {"99999999999999999999", -1, 0,                       NULL },
    {"-1",                   -1, 0,                       NULL },
    {"+3",                   -1, 0,                       NULL },
    {" 5",                   -1, 0,                       NULL },
    {"5 ",                   -1, 0,                       NULL },
    {"5 K",                  -1, 0,                       NULL },
    {"0x10",                 -1, 0,                       NULL },
    {"1e",                   -1, 0,                       NULL },
    {"1e3",                  -1, 0,                       NULL },
    {"1.5M",                 -1, 0,                       NULL },
    {"10kb",                 -1, 0,                       NULL },
    {"10KiX",                -1, 0,                       NULL },
    {"1P",                   -1, 0,                       NULL },
    {"K",                    -1, 0,                       NULL },
    {"",                     -1, 0,                       NULL },
    {"unlimited",            -1, 0,                       NULL },
};

static const struct {
	const char *text;
	int rc;
	int64_t ns;
	const char *back;
} durations[] = {
    {"250ms",                  0,  250000000,           NULL    },
    {"2s",                     0,  2000000000,          NULL    },
    {"1.5s",                   0,  1500000000,          "1500ms"},
    {"0.25s",                  0,  250000000,           "250ms" },
    {"1.25h",                  0,  4500000000000,       "75m"   },
    {"90s",                    0,  90000000000,         NULL    },
    {"60s",                    0,  60000000000,         "1m"    },
    {"5m",                     0,  300000000000,        NULL    },
    {"1h",                     0,  3600000000000,       NULL    },
    {"0s",                     0,  0,                   NULL    },
    {"0.0005ms",               0,  500,                 NULL    },
    {"1.0000000000000000009s", 0,  1000000000,          "1s"    },
    {"2562047h",               0,  9223369200000000000, NULL    },
    {"2562048h",               -1, 0,                   NULL    },
    {"9223372036854775807s",   -1, 0,                   NULL    },
    {"60",                     -1, 0,                   NULL    },
    {"-1s",                    -1, 0,                   NULL    },
    {" 1s",                    -1, 0,                   NULL    },
    {"1.s",                    -1, 0,                   NULL    },
    {".5s",                    -1, 0,                   NULL    },
    {"1.5",                    -1, 0,                   NULL    },
    {"1sec",                   -1, 0,                   NULL    },
    {"1S",                     -1, 0,                   NULL    },
    {"1e3s",                   -1, 0,                   NULL    },
    {"s",                      -1, 0,                   NULL    },
    {"",                       -1, 0,                   NULL    },
    {"1us",                    -1, 0,                   NULL    },
};

static void
test_bytes(void)
{
	struct error e;
	uint64_t n;
	char out[32];
	size_t i;

	for (i = 0; i < NITEMS(sizes); i++) {
		n = 77;
		CU_ASSERT_EQUAL(
		    units_bytes(sizes[i].text, &n, &e), sizes[i].rc);
		if (sizes[i].rc == -1) {
			CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
			CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, sizes[i].text));
			continue;
		}
		CU_ASSERT_EQUAL(n, sizes[i].bytes);
		units_format_bytes(n, out);
		CU_ASSERT_STRING_EQUAL(
		    out, sizes[i].back != NULL ? sizes[i].back : sizes[i].text);
	}
}

static void
test_duration(void)
{
	struct error e;
	int64_t n;
	char out[32];
	size_t i;

	for (i = 0; i < NITEMS(durations); i++) {
		n = 77;
		CU_ASSERT_EQUAL(
		    units_duration(durations[i].text, &n, &e), durations[i].rc);
		if (durations[i].rc == -1) {
			CU_ASSERT_EQUAL(e.kind, EK_ARGUMENT);
			CU_ASSERT_PTR_NOT_NULL(
			    strstr(e.msg, durations[i].text));
			continue;
		}
		CU_ASSERT_EQUAL(n, durations[i].ns);
		units_format_duration(n, out);
		CU_ASSERT_STRING_EQUAL(out,
		    durations[i].back != NULL ? durations[i].back :
		                                durations[i].text);
	}
	CU_ASSERT_EQUAL(units_duration("60", &n, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "say \"60s\""));
}

/* What a message shows of a text ends between code points. */
static void
test_long(void)
{
	char text[201];
	struct error e;
	uint64_t n;
	size_t i;

	for (i = 0; i < 3; i++) {
		memset(text, '1', i);
		memset(text + i, '\0', sizeof(text) - i);
		while (strlen(text) + 3 < sizeof(text))
			memcpy(text + strlen(text), "\xe2\x82\xac", 3);
		CU_ASSERT_EQUAL(units_bytes(text, &n, &e), -1);
		CU_ASSERT_EQUAL(
		    utf8_invalid_at(e.msg, strlen(e.msg)), UTF8_VALID);
	}
}

UNIT_MAIN("units", {"bytes", test_bytes}, {"durations", test_duration},
    {"long texts", test_long})
