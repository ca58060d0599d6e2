/* Time: nanoseconds of CLOCK_MONOTONIC for deadlines, wall clock for records. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_SEC INT64_C(1000000000)

int64_t clock_mono(void); /* ns since some fixed point, never goes back */
int64_t clock_wall(void); /* ns since 1970, UTC; may step */
/* RFC 3339 in UTC with milliseconds, "2026-01-31T12:00:00.123Z". */
void clock_format(int64_t wall_ns, char out[32]);

#endif
