/*
 * A policy text, and behind a line of its own ("----") the options of a task
 * that is resolved with it.  Findings have a place; what was refused leaves
 * the policy as it was.
 */
#include "policy/policy.h"
#include "tests/fuzz/fuzz.h"
#include "value/reader.h"

FUZZ_START

#define MARK "\n----\n"

static const struct capability caps[] = {
    {.id = (char[]){"fs.read"},      .kind = CAP_BUILTIN, .trusted = true},
    {.id = (char[]){"process.exec"}, .kind = CAP_BUILTIN},
    {.id = (char[]){"api.get-user"},
     .kind = CAP_EXEC,
     .dir = (char[]){"/srv/api"}               },
};

static void
resolve(struct policy *p, val options)
{
	const struct effective *eff, *same;
	struct error e;
	char text[32];
	size_t i;
	int id;

	if (policy_check_options(options, &e) == -1)
		fuzz_error(&e, false);
	for (i = 0; i < NITEMS(caps); i++) {
		if (policy_resolve(p, &caps[i], options, &eff, &e) == -1) {
			fuzz_error(&e, false);
			continue;
		}
		FUZZ_REQUIRE(
		    policy_resolve(p, &caps[i], options, &same, &e) == 0);
		FUZZ_REQUIRE(same->digest == eff->digest);
		for (id = 0; id < LIMIT_COUNT; id++) {
			if (!eff->limit[id].set)
				continue;
			FUZZ_REQUIRE(
			    eff->limit[id].soft <= eff->limit[id].hard);
			limit_format(
			    (enum limit_id)id, eff->limit[id].soft, text);
		}
		(void)effective_may_read(eff, "/srv/api/x");
		(void)effective_may_write(eff, "/tmp/x");
		(void)policy_host_allowed(eff->allow, "example.com", 443);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *mark = memmem(data, len, MARK, strlen(MARK));
	size_t n = mark == NULL ? len : (size_t)(mark - data), errors, i;
	struct policy *p = policy_new();
	struct heap *h = heap_new(FUZZ_MEMORY);
	struct diags ds = {0};
	struct error e;
	val options = VAL_NIL;

	errors = policy_add(
	    p, LAYER_USER, "user.rtfs", "/home/me", (const char *)data, n, &ds);
	FUZZ_REQUIRE(errors == diags_errors(&ds));
	for (i = 0; i < ds.n; i++) {
		FUZZ_REQUIRE(ds.item[i].message[0] != '\0');
	}
	if (mark != NULL) {
		mark += strlen(MARK);
		if (read_one(h, (const char *)mark, len - (size_t)(mark - data),
		        NULL, &options, &e) == -1 ||
		    !val_is_map(options))
			options = VAL_NIL;
	}
	resolve(p, options);
	diags_free(&ds);
	policy_free(p);
	heap_free(h);
	return 0;
}
