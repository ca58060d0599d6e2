/* rooms: sandbox policy task value base
 * Which links a granted path may go through, on a small tree. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/resolve.h"
#include "tests/unit/unit.h"

static char top[64];

static const char *
in_tree(const char *path, char out[256])
{
	snprintf(out, 256, "%s%s", path[0] == '/' ? top : "", path);
	return out;
}

/* /w is what tasks write, by that name or as /way, a link to it. */
static void
make_tree(void)
{
	static const char *const folders[] = {
	    "/w", "/w/real", "/secret", "/secret/in", "/r"};
	static const struct {
		const char *target, *path;
	} links[] = {
	    {"/secret",    "/w/out"  },
	    {"real",       "/w/near" },
	    {"/w",         "/way"    },
	    {"../secret",  "/r/up"   },
	    {"/w/out",     "/r/twice"},
	    {"loop",       "/r/loop" },
	    {"/w/nothing", "/r/gone" },
	};
	char a[256], b[256];
	size_t i;

	strcpy(top, "/tmp/rtfs-resolve.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(top));
	for (i = 0; i < NITEMS(folders); i++)
		CU_ASSERT_EQUAL(mkdir(in_tree(folders[i], a), 0700), 0);
	for (i = 0; i < NITEMS(links); i++)
		CU_ASSERT_EQUAL(symlink(in_tree(links[i].target, a),
		                    in_tree(links[i].path, b)),
		    0);
}

static void
remove_tree(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", top);
	CU_ASSERT_EQUAL(system(command), 0);
}

static void
test_links(void)
{
	static const struct {
		const char *path;
		const char *free;  /* nothing is writable: place, '|' where it
		                    * ends */
		const char *bound; /* /w is; NULL: refused */
	} cases[] = {
	    {"/w",          "/w|",         "/w|"        },
	    {"/w/real",     "/w/real|",    "/w/real|"   },
	    {"/w/new/x",    "/w|/new/x",   "/w|/new/x"  },
	    {"/w/out",      "/secret|",    NULL         },
	    {"/w/out/in",   "/secret/in|", NULL         },
	    {"/w/out/x",    "/secret|/x",  NULL         },
	    {"/w/near",     "/w/real|",    NULL         },
	    {"/way",        "/w|",         "/w|"        },
	    {"/way/real",   "/w/real|",    "/w/real|"   },
	    {"/way/out/in", "/secret/in|", NULL         },
	    {"/r/up/in",    "/secret/in|", "/secret/in|"},
	    {"/r/up/../w",  "/w|",         "/w|"        },
	    {"/r/twice",    "/secret|",    NULL         },
	    {"/r/loop",     "/r|/loop",    "/r|/loop"   },
	    {"/r/gone",     "/r|/gone",    "/r|/gone"   },
	    {"/ww//./x",    "|/ww//./x",   "|/ww//./x"  },
	};
	char path[256], other[256], want[300], got[600];
	struct writable_path at = {
	    other, {.file = "p.rtfs", .line = 3}
        };
	struct writable w = {&at, 1};
	struct error e;
	char *place;
	size_t i, there;
	int pass;

	make_tree();
	for (i = 0; i < 3 * NITEMS(cases); i++) {
		const char *expected;

		pass = (int)(i % 3);
		expected = pass == 0 ? cases[i / 3].free : cases[i / 3].bound;
		in_tree(pass == 2 ? "/way" : "/w", other);
		in_tree(cases[i / 3].path, path);
		if (sandbox_resolve(path, pass == 0 ? NULL : &w, &place, &there,
		        &e) == -1) {
			CU_ASSERT_PTR_NULL(expected);
			CU_ASSERT_EQUAL(e.kind, EK_UNAVAILABLE);
			CU_ASSERT_PTR_NOT_NULL(strstr(e.msg, "(p.rtfs:3)"));
			CU_ASSERT_PTR_EQUAL(strstr(e.msg, path), e.msg);
			continue;
		}
		snprintf(got, sizeof(got), "%.*s|%s", (int)there, place,
		    place + there);
		free(place);
		snprintf(want, sizeof(want), "%s%s", top,
		    expected == NULL ? " refused" : expected);
		if (strcmp(got, want) != 0)
			printf("%s: %s, not %s\n", path, got, want);
		CU_ASSERT_STRING_EQUAL(got, want);
	}
	CU_ASSERT_EQUAL_FATAL(
	    sandbox_resolve("/no-such/x", NULL, &place, &there, &e), 0);
	CU_ASSERT_STRING_EQUAL(place, "/no-such/x");
	CU_ASSERT_EQUAL(there, 1);
	free(place);
	remove_tree();
}

static void
test_open(void)
{
	static const struct {
		const char *path, *other;
		int os_errno; /* 0: opened */
	} cases[] = {
	    {"/w/real",        NULL,      0      },
	    {"/w//./real/",    NULL,      0      },
	    {"/",              NULL,      0      },
	    {"/w/near",        NULL,      ELOOP  },
	    {"/way",           NULL,      ELOOP  },
	    {"/way/real",      NULL,      ELOOP  },
	    {"/w/../secret",   NULL,      ELOOP  },
	    {"/w/none",        NULL,      ENOENT },
	    {"/w/none/x",      NULL,      ENOENT },
	    {"/secret/file/",  NULL,      ENOTDIR},
	    {"/secret/file",   NULL,      0      },
	    {"/way/real",      "/w/real", 0      },
	    {"/w/none",        "/w/real", 0      },
	    {"/way/real",      "/w/near", ELOOP  },
	    {"/secret/file/x", "/w/real", ENOTDIR},
	};
	char first[256], second[256], got[PATH_MAX], proc[32];
	int fd, n;
	size_t i;

	make_tree();
	close(open(in_tree("/secret/file", first), O_CREAT | O_WRONLY, 0600));
	for (i = 0; i < NITEMS(cases); i++) {
		in_tree(cases[i].path, first);
		fd = sandbox_open_start(first,
		    cases[i].other == NULL ? NULL :
		                             in_tree(cases[i].other, second));
		CU_ASSERT_EQUAL(fd == -1 ? errno : 0, cases[i].os_errno);
		if (fd == -1)
			continue;
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
		n = (int)readlink(proc, got, sizeof(got) - 1);
		CU_ASSERT_EQUAL(strncmp(got, top, strlen(top)), 0);
		CU_ASSERT(n > 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
		close(fd);
	}
	remove_tree();
}

/* Two names change places, for ever. */
static atomic_bool swapping;

static void *
swap(void *arg ATTR_UNUSED)
{
	char a[256], b[256];

	in_tree("/w/real", a);
	in_tree("/w/out", b);
	while (atomic_load(&swapping))
		renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
	return NULL;
}

/* Is a folder that was found to be without links entered elsewhere? */
static bool
lured(int (*enter)(const char *place))
{
	struct writable_path w = {.path = top};
	struct writable writable = {.at = &w, .n = 1};
	struct error e;
	char *place;
	size_t there;
	char path[256];
	bool in = false;

	if (sandbox_resolve(
	        in_tree("/w/real", path), &writable, &place, &there, &e) == -1)
		return false; /* the link was seen */
	if (enter(place) == 0)
		in = access("in", F_OK) == 0; /* of /secret */
	free(place);
	return in;
}

static int
by_name(const char *place)
{
	return chdir(place);
}

static int
by_steps(const char *place)
{
	return sandbox_enter_start(place, NULL);
}

static void
test_swapped(void)
{
	int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	unsigned int tries, lures = 0;
	pthread_t other;

	make_tree();
	atomic_store(&swapping, true);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&other, NULL, swap, NULL), 0);
	for (tries = 0; lures == 0 && tries < 10000000; tries++)
		lures += lured(by_name);
	CU_ASSERT_EQUAL(lures, 1); /* so it can be done */
	for (tries = 0, lures = 0; tries < 20000; tries++)
		lures += lured(by_steps);
	CU_ASSERT_EQUAL(lures, 0);
	atomic_store(&swapping, false);
	pthread_join(other, NULL);
	CU_ASSERT_EQUAL(fchdir(home), 0);
	close(home);
	remove_tree();
}

UNIT_MAIN("resolve", {"links", test_links}, {"places", test_open},
    {"a folder that is swapped", test_swapped})
