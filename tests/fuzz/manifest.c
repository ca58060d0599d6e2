/* A manifest's text into a fresh registry: every finding has a message, every
 * capability that is left a name and a kind. */
#include "host/manifest.h"
#include "tests/fuzz/fuzz.h"

FUZZ_START

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct registry *r = registry_new();
	struct diags ds = {0};
	const struct capability **list;
	const struct closure *c;
	struct error e;
	size_t errors, i, n;

	errors = manifest_add(r, LAYER_COMMAND, "/nowhere/capabilities.rtfs",
	    (const char *)data, len, &ds);
	FUZZ_REQUIRE(errors == diags_errors(&ds));
	for (i = 0; i < ds.n; i++)
		FUZZ_REQUIRE(ds.item[i].message[0] != '\0');
	list = registry_list(r, &n);
	for (i = 0; i < n; i++) {
		FUZZ_REQUIRE(list[i]->id[0] != '\0');
		FUZZ_REQUIRE(registry_find(r, list[i]->id) == list[i]);
		if (list[i]->kind == CAP_RTFS &&
		    manifest_closure(list[i], &c, &e) == -1)
			fuzz_error(&e, false);
	}
	free(list);
	diags_free(&ds);
	registry_free(r);
	return 0;
}
