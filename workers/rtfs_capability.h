/*
 * How a C capability looks: a shared object that a manifest names,
 *
 *	(capability :img.thumb :plugin "./libthumb.so")
 *
 * and that exports one table, made by RTFS_PLUGIN below.  A complete one:
 *
 *	#include <rtfs_capability.h>
 *
 *	static int
 *	twice(struct rtfs_call *c)
 *	{
 *		int64_t n;
 *
 *		if (rtfs_arg_int(c, 0, &n) == -1)
 *			return -1;
 *		return rtfs_return(c, rtfs_int(c, 2 * n));
 *	}
 *	RTFS_PLUGIN({"math.twice", twice})
 *
 *	cc -shared -fPIC -o libmath.so math.c
 *
 * The functions declared here are in the process that loads it: link against
 * nothing.  Each task gets a process of its own, which loads the object after
 * all limits and the isolation of the task hold, runs one function and ends.
 * So nothing is kept from task to task, constructors are limited like the
 * rest, and a crash costs that task alone.  Where tasks wait for their turn,
 * some are loaded for meanwhile; the time limit counts from the turn.  Standard output and error are
 * kept and shown with the task's error; descriptor 0 is empty.
 *
 * Values belong to the call: never freed, not valid after it.  Every function
 * takes NULL for a value and gives NULL, 0 or RTFS_NONE then, so a chain needs
 * one check at its end.  A value for which the limits on memory leave no room
 * ends the process, and so the task.  One thread at a time.
 */
#ifndef RTFS_CAPABILITY_H
#define RTFS_CAPABILITY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when something here changes its meaning; additions do not. */
#define RTFS_ABI 1

struct rtfs_call;  /* one task */
struct rtfs_value; /* anything in it; immutable */

/* 0 after rtfs_return(), -1 after one of rtfs_fail() and its like. */
typedef int (*rtfs_function)(struct rtfs_call *);

struct rtfs_entry {
	const char *id; /* as in the manifest, without the colon */
	rtfs_function function;
};
struct rtfs_plugin {
	uint32_t abi; /* RTFS_ABI */
	uint32_t count;
	const struct rtfs_entry *entry;
};
/* RTFS_PLUGIN({"a.b", f}, {"a.c", g}) at file scope, once. */
#define RTFS_PLUGIN(...)                                                       \
	static const struct rtfs_entry rtfs_entries[] = {__VA_ARGS__};         \
	extern const struct rtfs_plugin rtfs_plugin;                           \
	__attribute__((visibility("default")))                                 \
	const struct rtfs_plugin rtfs_plugin = {RTFS_ABI,                      \
	    sizeof(rtfs_entries) / sizeof(rtfs_entries[0]), rtfs_entries};

enum rtfs_type {
	RTFS_NONE, /* of NULL */
	RTFS_NIL,
	RTFS_BOOL,
	RTFS_INT, /* of any size */
	RTFS_FLOAT,
	RTFS_STRING,
	RTFS_KEYWORD,
	RTFS_SYMBOL,
	RTFS_VECTOR,
	RTFS_LIST,
	RTFS_MAP,
	RTFS_ERROR,
};

/* ---- the task ---- */

const char *rtfs_id(const struct rtfs_call *); /* "img.thumb" */
size_t rtfs_argc(const struct rtfs_call *);
/* NULL: there are not so many. */
const struct rtfs_value *rtfs_arg(const struct rtfs_call *, size_t i);
/* Milliseconds until the task is killed; INT64_MAX: it has no deadline. */
int64_t rtfs_time_left(const struct rtfs_call *);

/* Argument i as such; -1 (NULL) after failing the call as :invalid-arguments
 * with its number, what was expected and what is there.  The text ends with
 * NUL, holds none, and is UTF-8; len may be NULL. */
int rtfs_arg_int(struct rtfs_call *, size_t i, int64_t *);
int rtfs_arg_float(struct rtfs_call *, size_t i, double *); /* or an integer */
const char *rtfs_arg_text(struct rtfs_call *, size_t i, size_t *len);

/* ---- looking at values ---- */

enum rtfs_type rtfs_type(const struct rtfs_value *);
/* 0, or -1 when it is none, or an integer of more than 64 bits. */
int rtfs_get_bool(const struct rtfs_value *, int *);
int rtfs_get_int(const struct rtfs_value *, int64_t *);
int rtfs_get_float(const struct rtfs_value *, double *); /* or an integer */
/* Of a string, keyword (without colon) or symbol: UTF-8, NUL-terminated, may
 * hold NUL; len may be NULL.  NULL: it is none. */
const char *rtfs_get_text(const struct rtfs_value *, size_t *len);
/* Any value as RTFS text, "{:a [1 2]}"; NULL only for NULL. */
const char *rtfs_print(
    struct rtfs_call *, const struct rtfs_value *, size_t *len);

/* Members of a vector or list, entries of a map; else 0. */
size_t rtfs_count(const struct rtfs_value *);
/* Member i of a vector or list; NULL: not there. */
const struct rtfs_value *rtfs_at(const struct rtfs_value *, size_t i);
/* In a map, under the keyword of that name, else under that string. */
const struct rtfs_value *rtfs_get(const struct rtfs_value *, const char *name);
/* Call for each member (key is NULL) or entry, in order, until a call does not
 * return 0; returns what the last one did. */
int rtfs_each(const struct rtfs_value *,
    int (*)(const struct rtfs_value *key, const struct rtfs_value *, void *arg),
    void *arg);

/* ---- making values ---- */

const struct rtfs_value *rtfs_nil(struct rtfs_call *);
const struct rtfs_value *rtfs_bool(struct rtfs_call *, int);
const struct rtfs_value *rtfs_int(struct rtfs_call *, int64_t);
const struct rtfs_value *rtfs_float(struct rtfs_call *, double);
/* NULL: not UTF-8.  The bytes are copied. */
const struct rtfs_value *rtfs_string(
    struct rtfs_call *, const char *, size_t len);
const struct rtfs_value *rtfs_text(struct rtfs_call *, const char *);
/* NULL: no name ("a b", "", "1"). */
const struct rtfs_value *rtfs_keyword(struct rtfs_call *, const char *);
/* NULL: one of the n is NULL. */
const struct rtfs_value *rtfs_vector(
    struct rtfs_call *, const struct rtfs_value *const *items, size_t n);
/* Of n pairs: key, value, key, value ...  An equal key keeps its first place
 * and takes the later value. */
const struct rtfs_value *rtfs_map(
    struct rtfs_call *, const struct rtfs_value *const *pairs, size_t n);

/* ---- the end of a call ---- */

/* The result; NULL is :invalid-result.  Returns 0; the last call counts. */
int rtfs_return(struct rtfs_call *, const struct rtfs_value *);
/* An error of kind :capability; its data is a map or NULL.  Returns -1. */
int rtfs_fail(struct rtfs_call *, const struct rtfs_value *data, const char *,
    ...) __attribute__((format(printf, 3, 4)));
/* An error of kind :invalid-arguments.  Returns -1. */
int rtfs_refuse(struct rtfs_call *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
