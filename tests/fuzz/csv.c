/* Records of comma-separated values: where they end does not depend on how
 * the bytes come, and fields that are written are read again.  The first byte
 * chooses the separator. */
#include "batch/csv.h"
#include "tests/fuzz/fuzz.h"

FUZZ_START

/* Bytes come by so many at a time. */
static size_t
end_by(const char *data, size_t len, size_t step, char separator)
{
	struct csv_scan scan = {0, 0};
	size_t have, n;

	for (have = 0; have < len;) {
		have = len - have < step ? len : have + step;
		if ((n = csv_end(&scan, data, have, separator)) != 0)
			return n;
	}
	return 0;
}

static void
written_again(const struct words *w, char separator)
{
	struct words back = {NULL, 0, 0};
	struct csv_scan scan = {0, 0};
	struct buf b = BUF_INIT;
	struct error e;
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (i > 0)
			buf_addc(&b, separator);
		csv_write(&b, w->item[i], strlen(w->item[i]), separator);
	}
	buf_addc(&b, '\n');
	FUZZ_REQUIRE(csv_end(&scan, b.data, b.len, separator) == b.len);
	FUZZ_REQUIRE(csv_fields(b.data, b.len - 1, separator, &back, &e) == 0);
	FUZZ_REQUIRE(back.n == w->n);
	for (i = 0; i < w->n; i++)
		FUZZ_REQUIRE(strcmp(back.item[i], w->item[i]) == 0);
	words_free(&back);
	buf_free(&b);
}

static void
record(const char *text, size_t len, char separator)
{
	struct words w = {NULL, 0, 0};
	struct error e;

	if (csv_fields(text, len, separator, &w, &e) == 0) {
		FUZZ_REQUIRE(w.n > 0);
		written_again(&w, separator);
	} else {
		fuzz_error(&e, true);
	}
	words_free(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char separators[] = ",;\t|";
	const char *text = (const char *)data + 1;
	struct csv_scan scan;
	char separator;
	size_t n;

	if (len == 0)
		return 0;
	separator = separators[data[0] % 4];
	for (len--; len > 0; text += n, len -= n) {
		scan = (struct csv_scan){0, 0};
		n = csv_end(&scan, text, len, separator);
		FUZZ_REQUIRE(n <= len);
		FUZZ_REQUIRE(n == end_by(text, len, 1, separator));
		FUZZ_REQUIRE(n == end_by(text, len, 3, separator));
		if (n == 0)
			n = len;
		record(text, text[n - 1] == '\n' ? n - 1 : n, separator);
	}
	return 0;
}
