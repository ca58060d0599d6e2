/*
 * Amounts as people write them in policies, options and task options.
 * Text is checked before any library sees it: libbsd's expand_number takes
 * "-1" for UINT64_MAX, which is RLIM_INFINITY.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdint.h>

#include "base/error.h"

/* "64K" "16M" "1G" "2T" (powers of 1024; KiB MiB GiB TiB and KB MB GB TB read
 * the same), or digits alone.  EK_ARGUMENT: sign, blank, fraction, hex,
 * exponent, unknown unit, over 2^63-1; the message shows the text and says
 * what is accepted. */
int units_bytes(const char *text, uint64_t *bytes, struct error *) ATTR_CHECK;
/* "250ms" "2s" "1.5s" "5m" "1h" to nanoseconds.  A bare number is refused
 * ("say \"60s\""). */
int units_duration(const char *text, int64_t *ns, struct error *) ATTR_CHECK;
/* Shortest text that reads back: "64M", "1500", "250ms", "2s", "1h". */
void units_format_bytes(uint64_t bytes, char out[32]);
void units_format_duration(int64_t ns, char out[32]);

#endif
