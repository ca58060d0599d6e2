/* The profiles that a fork server keeps, from PROFILE messages. */
#ifndef WORKERS_PROFILE_H
#define WORKERS_PROFILE_H

#include "proto/frame.h"
#include "sandbox/profile.h"

/* Keep a profile; one of the same number goes.  EK_PROTO. */
int profile_keep(const struct frame *, struct error *) ATTR_CHECK;
/* NULL: never said. */
const struct sandbox_profile *profile_find(uint64_t number);

#endif
