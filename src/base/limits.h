/* Every fixed bound of the project, with unit and reason.  What a policy can
 * set is not here. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Nesting levels of text, JSON, frames in both directions, closure images:
 * one number, so that what one of them lets in the others can carry. */
#define MAX_DEPTH 1000

/* Bytes of one frame: above every useful :result or :request, below what a
 * 32-bit length could make us reserve. */
#define MAX_FRAME (1024U * 1024 * 1024)

/* Bytes of a request that travels in the socket itself; more goes into a
 * sealed memfd.  A SEQPACKET message must fit the default send buffer. */
#define MAX_INLINE (64U * 1024)

/* Worker processes, -j: one epoll set and one table hold them all. */
#define MAX_WORKERS 1024

/* Bytes of one string on a command line: MAX_ARG_STRLEN of the kernel. */
#define MAX_ARG_BYTES (128U * 1024)

/* Bytes of one program, policy or manifest file: read whole into memory. */
#define MAX_SOURCE (256U * 1024 * 1024)

/* Bytes of a name (keyword, symbol). */
#define MAX_NAME (64U * 1024)

/* Bits of an integer (10 million digits): operations on it cannot be
 * interrupted and the slowest, its text, must end within a few seconds. */
#define MAX_INT_BITS (UINT32_C(1) << 25)

/* Frames of a stack trace that an error keeps. */
#define MAX_TRACE 64

#endif
