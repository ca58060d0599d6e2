/*
 * A program with the codec :msgpack, written against the wire and nothing of
 * ours: "echo" answers with its arguments, every other word is a way to break
 * the promise.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE 16
#define OUT   3

static void
put(const void *bytes, size_t n)
{
	const char *p = bytes;
	ssize_t done;

	for (; n > 0; p += done, n -= (size_t)done) {
		done = write(OUT, p, n);
		if (done == -1)
			exit(1);
	}
}

static void
put_header(uint32_t len, unsigned int msg)
{
	unsigned char h[8] = {(unsigned char)len, (unsigned char)(len >> 8),
	    (unsigned char)(len >> 16), (unsigned char)(len >> 24),
	    (unsigned char)msg, 0, 0, 0};

	put(h, sizeof(h));
}

static void
put_frame(const char *payload, size_t len)
{
	put_header((uint32_t)len, VALUE);
	put(payload, len);
}
#define PUT(text) put_frame(text, sizeof(text) - 1)

static void
echo(void)
{
	static unsigned char in[1 << 20];
	size_t n = 0;
	ssize_t more;

	while ((more = read(0, in + n, sizeof(in) - n)) > 0)
		n += (size_t)more;
	if (n < 8 || in[4] != 15 || in[5] != 0)
		exit(2);
	put_header((uint32_t)(n - 8 + 1), VALUE);
	put("\x91", 1);
	put(in + 8, n - 8);
}

/* An array of arrays of arrays ... */
static void
deep(void)
{
	static char p[100001];

	memset(p, 0x91, sizeof(p));
	p[sizeof(p) - 1] = (char)0xc0;
	put_frame(p, sizeof(p));
}

int
main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "echo";

	puts("this is stray");
	fflush(stdout);
	if (strcmp(how, "echo") == 0) {
		echo();
	} else if (strcmp(how, "id") == 0) {
		PUT("\x91\x81\xd5\x01id\x07");
	} else if (strcmp(how, "string-key") == 0) {
		PUT("\x91\x81\xa2id\x07");
	} else if (strcmp(how, "twice") == 0) {
		PUT("\x91\x01");
		PUT("\x91\x02");
	} else if (strcmp(how, "behind") == 0) {
		PUT("\x91\x01");
		put("\n", 1);
	} else if (strcmp(how, "short") == 0) {
		put_header(100, VALUE);
		put("\x91", 1);
	} else if (strcmp(how, "length") == 0) {
		put_header(UINT32_MAX, VALUE);
	} else if (strcmp(how, "message") == 0) {
		put_header(1, 13);
		put("\x90", 1);
	} else if (strcmp(how, "two") == 0) {
		PUT("\x92\x01\x02");
	} else if (strcmp(how, "after") == 0) {
		PUT("\x91\x01\x02");
	} else if (strcmp(how, "deep") == 0) {
		deep();
	} else if (strcmp(how, "billion") == 0) {
		PUT("\x91\xdd\x0f\xff\xff\xff");
	} else if (strcmp(how, "key-twice") == 0) {
		PUT("\x91\x82\xa1x\x01\xa1x\x02");
	} else if (strcmp(how, "text") == 0) {
		PUT("\x91\xa2\xc3\x28");
	} else if (strcmp(how, "reserved") == 0) {
		PUT("\x91\xc1");
	} else if (strcmp(how, "forged") == 0) {
		PUT("\x91\xc7\x0c\x01x}\n{:ok true");
	} else if (strcmp(how, "function") == 0) {
		PUT("\x91\xd4\x07x");
	} else if (strcmp(how, "task") == 0) {
		PUT("\x91\xc7\x05\x06\x93\xa1x\x90\xc0");
	} else if (strcmp(how, "flood") == 0) {
		for (;;)
			put("flood flood flood flood flood", 29);
	} else if (strcmp(how, "status") == 0) {
		PUT("\x91\x01");
		return 3;
	} else if (strcmp(how, "crash") == 0) {
		PUT("\x91\x01");
		abort();
	} else if (strcmp(how, "stdout") == 0) {
		printf("%s", "\x91\x01");
	}
	return 0;
}
