/* rooms: pool proto sandbox policy task value base
 * Long texts on their way to real workers: in files, by a pipe, and both; and
 * what a worker makes of files that are not as they should be. */
#include <sys/mman.h>

#include <fcntl.h>
#include <stdio.h>

#include "tests/unit/rig.h"
#include "value/memfile.h"
#include "value/vector.h"

#define LONG (MEMFILE_MIN + 12345)
#define ANY  1000U

static struct capability write_json = {
    .id = (char[]){"json.stringify"}, .kind = CAP_BUILTIN};

static val
letters(struct heap *h, size_t len, char c)
{
	char *bytes;
	val v = str_blank(h, len, &bytes);

	memset(bytes, c, len);
	str_seal(v);
	return v;
}

/* Are there such files? */
static bool
have_files(void)
{
	struct heap *h = heap_new(0);
	val v;
	bool yes;

	heap_lends(h);
	v = letters(h, LONG, 'a');
	yes = str_lend(h, v) != -1;
	val_release(h, v);
	heap_free(h);
	if (!yes)
		printf("skipped: no memory files in huge pages\n");
	return yes;
}

/* ["aaa...","bbb...",...] of these lengths. */
static bool
is_json(val v, const size_t *len, size_t n)
{
	const char *s;
	size_t all, at = 0, i, k;

	if (!val_is_string(v))
		return false;
	s = str_bytes(v, &all);
	for (i = 0; i < n; i++) {
		if (at + len[i] + 4 > all || s[at] != (i == 0 ? '[' : ',') ||
		    s[at + 1] != '"')
			return false;
		at += 2;
		for (k = 0; k < len[i]; k++) {
			if (s[at++] != (char)('a' + i))
				return false;
		}
		if (s[at++] != '"')
			return false;
	}
	return at + 1 == all && s[at] == ']';
}

/* Arguments: a vector of the n texts. */
static val
argument(struct heap *h, const size_t *len, size_t n)
{
	val v[PACK_REFS + 1], whole;
	size_t i;

	for (i = 0; i < n; i++)
		v[i] = letters(h, len[i], (char)('a' + i));
	whole = vec_new(h, v, n);
	return vec_new(h, &whole, 1);
}

/* How many files of ours has somebody been shown? */
static unsigned int
files_shown(void)
{
	char path[64], name[64];
	unsigned int n = 0;
	int fd, seals;
	ssize_t len;

	for (fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, name, sizeof(name) - 1);
		if (len <= 0)
			continue;
		name[len] = '\0';
		seals = fcntl(fd, F_GET_SEALS);
		n += strncmp(name, "/memfd:text ", 12) == 0 && seals != -1 &&
		    (seals & F_SEAL_FUTURE_WRITE) != 0;
	}
	return n;
}

static void
texts_reach(const size_t *len, size_t n, bool once, unsigned int files)
{
	struct capability c = write_json;
	struct effective f = {.timeout = 10 * NS_PER_SEC};
	struct rig_task *t[3];
	struct rig r;
	size_t i;

	c.trusted = !once;
	rig_open(&r, 2);
	for (i = 0; i < NITEMS(t); i++)
		t[i] = rig_add(&r, &c, &f, argument(r.heap, len, n));
	CU_ASSERT(rig_run(&r, 20000));
	for (i = 0; i < NITEMS(t); i++) {
		CU_ASSERT_FATAL(t[i]->ok);
		CU_ASSERT(is_json(t[i]->value, len, n));
	}
	if (files != ANY)
		CU_ASSERT_EQUAL(files_shown(), NITEMS(t) * files);
	rig_close(&r);
}

static void
test_reach(void)
{
	static const size_t one[] = {LONG};
	static const size_t mixed[] = {LONG, 100000, 2 * LONG, 10, 70000};
	static const size_t many[] = {
	    LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG};
	unsigned int one_file = have_files() ? 1 : 0;

	texts_reach(one, 1, false, one_file);
	texts_reach(mixed, NITEMS(mixed), false, 2 * one_file);
	/* Nine: the last is copied to the message, which is large, then. */
	texts_reach(many, NITEMS(many), false, 0);
	texts_reach(one, 1, true, one_file);
	/* Only one descriptor goes with a process that is made with its task. */
	texts_reach(mixed, NITEMS(mixed), true, ANY);
}

/* The same text many times: what one worker writes to its own is nobody
 * else's, and its memory limit counts it. */
static void
test_shared(void)
{
	struct capability upper = {
	    .id = (char[]){"text.upper"}, .kind = CAP_BUILTIN, .trusted = true};
	struct effective f = {.timeout = 10 * NS_PER_SEC}, small = f;
#ifdef WITH_SANITIZERS
	const bool tight = false; /* a group holds a sanitizer's memory, too */
#else
	const bool tight = true;
#endif
	struct rig_task *t[8];
	struct rig r;
	size_t i, len;
	val v;

	small.limit[LIMIT_MEMORY] = (struct limit_value){
	    .soft = LONG / 2, .hard = LONG / 2, .set = true};
	small.degrade = DEGRADE_CGROUP; /* it holds for the value, too */
	rig_open(&r, 2);
	v = letters(r.heap, LONG, 'q');
	for (i = 0; i < NITEMS(t); i++) {
		val_retain(v);
		t[i] = rig_add(&r, &upper, tight && i % 4 == 3 ? &small : &f,
		    vec_new(r.heap, &v, 1));
	}
	CU_ASSERT(rig_run(&r, 20000));
	for (i = 0; i < NITEMS(t); i++) {
		if (tight && i % 4 == 3) {
			CU_ASSERT(rig_failed(t[i], ERRKEY_MEMORY_LIMIT, ""));
			continue;
		}
		CU_ASSERT_FATAL(t[i]->ok);
		CU_ASSERT(str_bytes(t[i]->value, &len)[LONG - 1] == 'Q');
		CU_ASSERT_EQUAL(len, LONG);
	}
	CU_ASSERT(str_bytes(v, &len)[0] == 'q');
	rig_close(&r);
}

/* A file of that kind with n bytes of that letter, sealed where it can be. */
static int
make_file(const char *kind, size_t n)
{
	char name[] = "/tmp/rtfs-texts-XXXXXX";
	int fd[2];

	if (strcmp(kind, "folder") == 0)
		return open("/", O_RDONLY | O_CLOEXEC);
	if (strcmp(kind, "pipe") == 0) {
		if (pipe2(fd, O_CLOEXEC) == -1)
			return -1;
		close(fd[1]);
		return fd[0];
	}
	if (strcmp(kind, "file") == 0) {
		fd[0] = mkstemp(name);
		unlink(name);
	} else {
		fd[0] = memfd_create("text", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	}
	if (fd[0] == -1 || ftruncate(fd[0], (off_t)n) == -1)
		return -1;
	if (strcmp(kind, "sealed") == 0 &&
	    fcntl(fd[0], F_ADD_SEALS,
	        F_SEAL_FUTURE_WRITE | F_SEAL_GROW | F_SEAL_SHRINK |
	            F_SEAL_SEAL) == -1)
		return -1;
	return fd[0];
}

/* One task whose text is said to be in fd (-1: none is sent); what the process
 * says of that, owned; its status is *status. */
static char *
send_text(struct slot *slot, int fd, size_t len, int *status)
{
	struct buf b = BUF_INIT, head = BUF_INIT;
	struct ended end = {.status = -1};
	struct error e;
	struct run r;
	size_t mark;
	char *said;

	*status = -1;
	if (!run_start(slot, &r))
		return NULL;
	mark = frame_begin(&b, MSG_PLAN);
	pack_array(&b, 3);
	pack_uint(&b, 1);
	pack_array(&b, 0);
	pack_map(&b, 0);
	frame_end(&b, mark);
	pack_array(&head, 5);
	pack_uint(&head, 7);
	pack_uint(&head, 1);
	pack_strz(&head, "crypto.hash");
	pack_uint(&head, 0);
	pack_array(&head, 2);
	pack_strz(&head, "sha256");
	buf_addc(&head, '\xdb'); /* str 32 */
	buf_addc(&head, (char)(len >> 24));
	buf_addc(&head, (char)(len >> 16 & 0xff));
	buf_addc(&head, (char)(len >> 8 & 0xff));
	buf_addc(&head, (char)(len & 0xff));
	mark = frame_begin(&b, MSG_TEXTS);
	pack_array(&b, 3);
	pack_uint(&b, 1);
	pack_uint(&b, head.len);
	pack_uint(&b, len);
	frame_end(&b, mark);
	mark = frame_begin(&b, MSG_TASK);
	buf_add(&b, head.data, head.len);
	frame_end(&b, mark);
	CU_ASSERT_EQUAL(
	    frame_send(r.request, &b, &fd, fd == -1 ? 0 : 1, &e), 0);
	close(r.request);
	r.request = dup(r.result);
	said = drain(r.stray);
	CU_ASSERT(run_ended(slot, &r, &end));
	*status = (int)end.status;
	run_close(&r);
	buf_free(&b);
	buf_free(&head);
	return said;
}

static void
bad_files(struct slot *slot)
{
	static const struct {
		const char *kind;
		size_t n;
		const char *says; /* NULL: it is taken */
	} row[] = {
	    {"sealed",   200001, NULL                },
	    {"sealed",   200000, "no sealed file"    },
	    {"sealed",   0,      "no sealed file"    },
	    {"unsealed", 200001, "no sealed file"    },
	    {"file",     200001, "no sealed file"    },
	    {"pipe",     0,      "no sealed file"    },
	    {"folder",   0,      "no sealed file"    },
	    {"none",     0,      "without descriptor"},
	};
	int fd, status;
	char *said;
	size_t i;

	for (i = 0; i < NITEMS(row); i++) {
		fd = -1;
		if (strcmp(row[i].kind, "none") != 0) {
			fd = make_file(row[i].kind, row[i].n);
			CU_ASSERT_NOT_EQUAL_FATAL(fd, -1);
		}
		said = send_text(slot, fd, 200000, &status);
		if (row[i].says == NULL) {
			CU_ASSERT_EQUAL(status, 0);
			CU_ASSERT(said == NULL || said[0] == '\0');
		} else {
			CU_ASSERT_EQUAL(status, 125);
			if (said == NULL || strstr(said, row[i].says) == NULL) {
				CU_FAIL("another message");
				printf("%s: %s\n", row[i].kind, said);
			}
		}
		free(said);
		if (fd != -1)
			close(fd);
	}
}

static void
test_bad_files(void)
{
	in_each_slot(bad_files);
}

SUPER_MAIN("pool_texts", {"the worker's build", learn_build},
    {"long texts reach workers", test_reach},
    {"one text for many", test_shared},
    {"files that will not do", test_bad_files})
