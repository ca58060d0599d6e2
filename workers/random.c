/*
 * random.*: getrandom(2) in this very process, every time.  Nothing is kept
 * in user space: processes forked from one another would share it.
 */
#include <sys/random.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "value/number.h"
#include "value/string.h"
#include "workers/builtin.h"

static int
fill(struct work *w, void *bytes, size_t len)
{
	char *p = bytes;
	ssize_t n;

	while (len > 0) {
		n = getrandom(p, len, 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			return work_fail(
			    w, errno, "getrandom: %s", strerror(errno));
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Every number of the range is equally likely: what lies above the largest
 * multiple of its size is drawn again. */
int
builtin_random_int(struct work *w)
{
	int64_t lo, hi;
	uint64_t size, n, reject;

	if (work_int(w, 0, &lo) == -1 || work_int(w, 1, &hi) == -1)
		return -1;
	if (lo > hi) {
		return work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "the first number, %jd, is above the second, %jd",
		    (intmax_t)lo, (intmax_t)hi);
	}
	size = (uint64_t)hi - (uint64_t)lo + 1; /* 0: all of 2^64 */
	reject = size == 0 ? 0 : -size % size;
	do {
		if (fill(w, &n, sizeof(n)) == -1)
			return -1;
	} while (n < reject);
	if (size != 0)
		n %= size;
	return work_done(w, int_from(w->heap, (int64_t)((uint64_t)lo + n)));
}

int
builtin_random_float(struct work *w)
{
	uint64_t n;

	if (fill(w, &n, sizeof(n)) == -1)
		return -1;
	return work_done(w, float_from(w->heap, (double)(n >> 11) * 0x1.0p-53));
}

int
builtin_random_bytes(struct work *w)
{
	struct buf raw = BUF_INIT, text = BUF_INIT;
	int64_t n;

	if (work_int(w, 0, &n) == -1)
		return -1;
	if (n < 0) {
		return work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "argument 1: expected 0 or more, got %jd", (intmax_t)n);
	}
	if ((uint64_t)n > w->grants->result / 4 * 3)
		return work_too_long(w, (uint64_t)n, "random bytes");
	if (fill(w, buf_reserve(&raw, (size_t)n), (size_t)n) == -1) {
		buf_free(&raw);
		return -1;
	}
	base64_encode(&text, raw.data, (size_t)n);
	w->result = str_new(w->heap, text.data, text.len);
	buf_free(&raw);
	buf_free(&text);
	return 0;
}

int
builtin_random_uuid(struct work *w)
{
	unsigned char b[16];
	char text[40];
	size_t i, n = 0;

	if (fill(w, b, sizeof(b)) == -1)
		return -1;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (i = 0; i < sizeof(b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[n++] = '-';
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%02x", b[i]);
	}
	return work_done(w, str_new(w->heap, text, n));
}
