/*
 * Runs every file given through a harness, without libFuzzer: what was once
 * found stays found.  Ends at the first file that fails, naming it.
 */
#include "tests/fuzz/fuzz.h"

static void
replay(const char *path)
{
	struct buf b = BUF_INIT;
	FILE *f = fopen(path, "re");
	uint8_t *exact;
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(99);
	}
	do {
		n = fread(buf_reserve(&b, 65536), 1, 65536, f);
		b.len += n;
	} while (n > 0);
	fclose(f);
	/* A block of just that size: a byte too far is seen. */
	exact = xmalloc(b.len);
	if (b.len > 0)
		memcpy(exact, b.data, b.len);
	LLVMFuzzerTestOneInput(exact, b.len);
	free(exact);
	buf_free(&b);
}

int
main(int argc, char **argv)
{
	int i;

	LLVMFuzzerInitialize(&argc, &argv);
	for (i = 1; i < argc; i++) {
		fprintf(stderr, "%s\n", argv[i]);
		replay(argv[i]);
	}
	printf("%d inputs\n", argc - 1);
	return argc > 1 ? 0 : 1;
}
