/* Compiler attributes and the two macros that every room uses. */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_CHECK             __attribute__((warn_unused_result))
#define ATTR_UNUSED            __attribute__((unused))
#define ATTR_NOINLINE          __attribute__((noinline))
#define ATTR_NORETURN          __attribute__((noreturn))
/* A large local that need not be zeroed as all others are: what is read of it
 * has been written. */
#define ATTR_SCRATCH __attribute__((uninitialized))
#define LIKELY(x)    __builtin_expect(!!(x), 1)
#define UNLIKELY(x)  __builtin_expect(!!(x), 0)

#define NITEMS(a) (sizeof(a) / sizeof((a)[0]))

#endif
