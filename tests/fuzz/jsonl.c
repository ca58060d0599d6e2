/*
 * Lines of --jsonl: each is a job, or one that cannot run and says why; a line
 * that is wrong costs no other, and nothing of it stays on the heap.  The same
 * lines as columns of a command.
 */
#include <sys/mman.h>

#include <unistd.h>

#include "batch/batch.h"
#include "tests/fuzz/fuzz.h"
#include "value/map.h"
#include "value/vector.h"

static struct registry *registry;

int
LLVMFuzzerInitialize(int *argc ATTR_UNUSED, char ***argv ATTR_UNUSED)
{
	hash_set_seed(1, 2);
	registry = registry_new();
	return 0;
}

static void
check_job(struct job *j)
{
	FUZZ_REQUIRE(j->id != NULL && j->id[0] != '\0');
	FUZZ_REQUIRE(j->line > 0);
	if (j->refused != NULL) {
		FUZZ_REQUIRE(strstr(j->refused, "line ") != NULL ||
		    strstr(j->refused, "word ") != NULL);
		return;
	}
	if (j->kind == JOB_COMMAND) {
		FUZZ_REQUIRE(j->argv != NULL && j->argv[0] != NULL);
		FUZZ_REQUIRE(job_text(j)[0] != '\0');
	} else if (j->kind == JOB_TASK) {
		FUZZ_REQUIRE(j->capability != NULL && val_is_vector(j->args));
		FUZZ_REQUIRE(job_text(j)[0] == '(');
	}
	FUZZ_REQUIRE(j->options == VAL_NIL || val_is_map(j->options));
}

static void
pull_all(const struct batch *b, bool lines)
{
	struct job_source *source;
	struct error e;
	struct job *j;
	enum job_pull pull;
	uint64_t seq = 0;

	if (job_source_new(b, &source, &e) == -1)
		FUZZ_FAIL(e.msg);
	while ((pull = job_source_next(source, &j, &e)) == PULL_JOB) {
		FUZZ_REQUIRE(j->seq == (j->kind == JOB_CANCEL ? 0 : ++seq));
		if (lines)
			check_job(j);
		job_free(j);
	}
	if (pull == PULL_ERROR)
		fuzz_error(&e, false);
	FUZZ_REQUIRE(pull == PULL_ERROR || pull == PULL_END);
	job_source_free(source);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *words[] = {(char[]){"echo"}, (char[]){"{a}/{b.}"}, NULL};
	struct batch_options o;
	struct batch b = {.options = &o, .registry = registry};
	uint32_t names = name_count();
	int fd = memfd_create("lines", MFD_CLOEXEC);
	char path[64];

	FUZZ_REQUIRE(fd != -1);
	FUZZ_REQUIRE(write(fd, data, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	b.heap = heap_new(FUZZ_MEMORY);
	b.policy = policy_new();
	b.work = VAL_NIL;
	batch_options_init(&o);
	o.jsonl = path;
	pull_all(&b, true);
	o.command.item = words;
	o.command.n = 2;
	batch_add_input(&o, INPUT_JSONL)->file = path;
	pull_all(&b, false);
	batch_options_free(&o);
	policy_free(b.policy);
	FUZZ_REQUIRE(fuzz_all_given_back(b.heap, names));
	heap_free(b.heap);
	close(fd);
	return 0;
}
