/* What rtfs check does with any text: every finding has a place within it. */
#include "lang/check.h"
#include "tests/fuzz/fuzz.h"

FUZZ_START

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct diags ds = {0};
	size_t errors, i, lines = 1;

	for (i = 0; i < len; i++)
		lines += data[i] == '\n';
	errors = lang_check("t.rtfs", (const char *)data, len, NULL, &ds);
	FUZZ_REQUIRE(errors == diags_errors(&ds));
	for (i = 0; i < ds.n; i++) {
		FUZZ_REQUIRE(ds.item[i].message[0] != '\0');
		FUZZ_REQUIRE(ds.item[i].line <= lines);
	}
	diags_free(&ds);
	return 0;
}
