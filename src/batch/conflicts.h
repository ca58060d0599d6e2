/* Options of a batch that need or exclude each other. */
#ifndef BATCH_CONFLICTS_H
#define BATCH_CONFLICTS_H

#include "batch/options.h"

/* What would otherwise be ignored in silence.  EK_ARGUMENT, naming both. */
int conflicts_check(const struct batch_options *, struct error *) ATTR_CHECK;

#endif
