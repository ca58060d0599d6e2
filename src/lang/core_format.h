/* (format text args...): directives by hand, never the C library's. */
#ifndef LANG_CORE_FORMAT_H
#define LANG_CORE_FORMAT_H

#include "base/buf.h"
#include "lang/core.h"

/* argv[0] is the format, a string.  false after core_fail() or when the
 * budget does not allow the text. */
bool format_text(
    struct core_call *, struct buf *out, const val *argv, unsigned int argc);

#endif
