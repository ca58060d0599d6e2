/* crypto.*: digests of libmd, and HMAC (RFC 2104) on top of them. */
#include <ctype.h>
#include <string.h>

#include <md5.h>
#include <sha1.h>
#include <sha2.h>

#include "value/name.h"
#include "value/string.h"
#include "workers/builtin.h"

#define MAX_BLOCK  128
#define MAX_DIGEST 64

union context {
	MD5_CTX md5;
	SHA1_CTX sha1;
	SHA2_CTX sha2;
};

struct algorithm {
	const char *name;
	size_t block;
	size_t digest;
	void (*init)(union context *);
	void (*update)(union context *, const uint8_t *, size_t);
	void (*final)(uint8_t *, union context *);
};

#define ALGORITHM(sym, member, Init, Update, Final)                            \
	static void sym##_init(union context *c)                               \
	{                                                                      \
		Init(&c->member);                                              \
	}                                                                      \
	static void sym##_update(union context *c, const uint8_t *p, size_t n) \
	{                                                                      \
		Update(&c->member, p, n);                                      \
	}                                                                      \
	static void sym##_final(uint8_t *out, union context *c)                \
	{                                                                      \
		Final(out, &c->member);                                        \
	}
ALGORITHM(md5, md5, MD5Init, MD5Update, MD5Final)
ALGORITHM(sha1, sha1, SHA1Init, SHA1Update, SHA1Final)
ALGORITHM(sha256, sha2, SHA256Init, SHA256Update, SHA256Final)
ALGORITHM(sha384, sha2, SHA384Init, SHA384Update, SHA384Final)
ALGORITHM(sha512, sha2, SHA512Init, SHA512Update, SHA512Final)

#define ROW(sym, block, digest)                                                \
	{                                                                      \
#sym, block, digest, sym##_init, sym##_update, sym##_final     \
	}
static const struct algorithm algorithms[] = {
    ROW(md5, 64, 16),
    ROW(sha1, 64, 20),
    ROW(sha256, 64, 32),
    ROW(sha384, 128, 48),
    ROW(sha512, 128, 64),
};

/* Argument 0: "sha256", "SHA-256", :sha256.  NULL after work_error(). */
static const struct algorithm *
find_algorithm(struct work *w)
{
	val v = work_arg(w, 0);
	char name[16];
	const char *s;
	size_t i, len, n = 0;

	if (v != VAL_UNBOUND && val_is_keyword(v)) {
		s = val_name_text(v, &len);
	} else {
		s = work_text(w, 0, &len);
		if (s == NULL)
			return NULL;
	}
	for (i = 0; i < len && n < sizeof(name) - 1; i++) {
		if (s[i] != '-')
			name[n++] = (char)tolower((unsigned char)s[i]);
	}
	name[n] = '\0';
	for (i = 0; i < NITEMS(algorithms); i++) {
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	}
	work_error(w, ERRKEY_INVALID_ARGUMENTS,
	    "argument 1: unknown algorithm %.40s; there are md5 sha1 sha256 "
	    "sha384 sha512",
	    s);
	return NULL;
}

/* Argument i as bytes, U+0000 included; NULL after work_error(). */
static const uint8_t *
bytes_arg(struct work *w, size_t i, size_t *n)
{
	val v = work_arg(w, i);

	if (v == VAL_UNBOUND || !val_is_string(v)) {
		work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "argument %zu: expected a string", i + 1);
		return NULL;
	}
	return (const uint8_t *)str_bytes(v, n);
}

static int
done_hex(struct work *w, const uint8_t *digest, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	char text[2 * MAX_DIGEST];
	size_t i;

	for (i = 0; i < n; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 15];
	}
	return work_done(w, str_new(w->heap, text, 2 * n));
}

int
builtin_crypto_hash(struct work *w)
{
	const struct algorithm *a = find_algorithm(w);
	uint8_t digest[MAX_DIGEST];
	union context c;
	const uint8_t *p;
	size_t n;

	if (a == NULL || (p = bytes_arg(w, 1, &n)) == NULL)
		return -1;
	a->init(&c);
	a->update(&c, p, n);
	a->final(digest, &c);
	return done_hex(w, digest, a->digest);
}

int
builtin_crypto_hmac(struct work *w)
{
	const struct algorithm *a = find_algorithm(w);
	uint8_t pad[MAX_BLOCK] = {0}, digest[MAX_DIGEST];
	union context c;
	const uint8_t *key, *p;
	size_t nkey, n, i;

	if (a == NULL || (key = bytes_arg(w, 1, &nkey)) == NULL ||
	    (p = bytes_arg(w, 2, &n)) == NULL)
		return -1;
	if (nkey > a->block) {
		a->init(&c);
		a->update(&c, key, nkey);
		a->final(pad, &c);
	} else {
		memcpy(pad, key, nkey);
	}
	for (i = 0; i < a->block; i++)
		pad[i] ^= 0x36;
	a->init(&c);
	a->update(&c, pad, a->block);
	a->update(&c, p, n);
	a->final(digest, &c);
	for (i = 0; i < a->block; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	a->init(&c);
	a->update(&c, pad, a->block);
	a->update(&c, digest, a->digest);
	a->final(digest, &c);
	explicit_bzero(pad, sizeof(pad));
	return done_hex(w, digest, a->digest);
}
