/* rooms: workers lang policy sandbox task proto value base */
/*
 * The built-in capabilities of the core image, called directly, in a temporary
 * folder.  http.* and functions have tests of their own.
 */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "task/builtin.h"
#include "tests/unit/builtin_call.h"
#include "value/type.h"

static char *top; /* temporary folder, resolved */
static char *in;  /* granted folder in it */

static int
open_count(void)
{
	int i, n = 0;

	for (i = 0; i < 64; i++) {
		if (fcntl(i, F_GETFD) != -1)
			n++;
	}
	return n;
}

static const char *
call(const char *id, const char *args)
{
	builtin_fn run = builtin_find(id);
	int before = open_count();
	const char *got;

	CU_ASSERT_PTR_NOT_NULL_FATAL(run);
	got = call_code(run, id, args);
	CU_ASSERT_EQUAL(open_count(), before);
	return got;
}

struct row {
	const char *id;
	const char *args;
	const char *want;
};

static void
check_rows(const struct row *r, size_t n)
{
	for (; n > 0; n--, r++)
		expect(call(r->id, r->args), r->want);
}

/* ---- the table ---- */

static void
test_table(void)
{
	struct heap *h = heap_new(0);
	const struct builtin *b;
	struct type *t;
	struct error e;
	size_t n, i;
	val form;

	b = builtin_table(&n);
	CU_ASSERT(n > 40);
	for (i = 0; i < n; i++) {
		CU_ASSERT(i == 0 || strcmp(b[i - 1].id, b[i].id) < 0);
		CU_ASSERT(b[i].doc != NULL && b[i].doc[0] != '\0');
		if (b[i].kind == CAP_BUILTIN && b[i].image == IMAGE_CORE)
			CU_ASSERT_PTR_NOT_NULL(builtin_find(b[i].id));
		if (b[i].params == NULL)
			continue;
		CU_ASSERT_EQUAL_FATAL(read_one(h, b[i].params,
		                          strlen(b[i].params), NULL, &form, &e),
		    0);
		if (type_new(form, &t, &e) == -1) {
			fprintf(stderr, "%s: %s\n", b[i].id, e.msg);
			CU_FAIL("params of a built-in");
		} else {
			type_free(t);
		}
		val_release(h, form);
	}
	CU_ASSERT_PTR_NULL(builtin_find("fs.rea"));
	CU_ASSERT_PTR_NULL(builtin_find("http.get"));
	CU_ASSERT_PTR_NULL(builtin_find(""));
	heap_free(h);
}

/* ---- fs.* ---- */

static char *
path_in(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void
put_file(const char *dir, const char *name, const char *text, size_t len)
{
	char *p = path_in(dir, name);
	int fd = open(p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CU_ASSERT_NOT_EQUAL_FATAL(fd, -1);
	CU_ASSERT_EQUAL(write(fd, text, len), (ssize_t)len);
	close(fd);
	free(p);
}

/* A folder with grants for "in" only, a file outside, and links to both. */
static void
make_tree(void)
{
	static char *read_list[2], *write_list[2];
	const char *tmp = getenv("TMPDIR");
	char *made = xasprintf("%s/rtfs-XXXXXX", tmp == NULL ? "/tmp" : tmp);
	char *p;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(made));
	top = realpath(made, NULL);
	free(made);
	in = path_in(top, "in");
	CU_ASSERT_EQUAL(mkdir(in, 0755), 0);
	put_file(top, "secret", "secret", 6);
	put_file(in, "a.txt", "h\303\251llo\n", 7);
	put_file(in, "bad", "ab\377c", 4);
	put_file(in, "empty", "", 0);
	p = path_in(in, "out");
	CU_ASSERT_EQUAL(symlink("../secret", p), 0);
	free(p);
	p = path_in(in, "up");
	CU_ASSERT_EQUAL(symlink("..", p), 0);
	free(p);
	p = path_in(in, "dangling");
	CU_ASSERT_EQUAL(symlink("../nothing", p), 0);
	free(p);
	p = path_in(in, "here");
	CU_ASSERT_EQUAL(symlink("a.txt", p), 0);
	free(p);
	p = path_in(top, "way-in");
	CU_ASSERT_EQUAL(symlink("in", p), 0);
	free(p);
	p = path_in(in, "pipe");
	CU_ASSERT_EQUAL(mkfifo(p, 0600), 0);
	free(p);
	read_list[0] = in;
	write_list[0] = in;
	call_grants.rights.read = read_list;
	call_grants.rights.write = write_list;
	call_grants.directory = in;
}

static void
remove_tree(void)
{
	char *cmd = xasprintf("rm -rf '%s'", top);

	CU_ASSERT_EQUAL(system(cmd), 0);
	free(cmd);
	free(top);
	free(in);
	memset(&call_grants.rights, 0, sizeof(call_grants.rights));
	call_grants.directory = NULL;
}

static void
test_fs_read(void)
{
	static const struct row rows[] = {
	    {"fs.read",        "[\"a.txt\"]",           "\"h\303\251llo\\n\""                      },
	    {"fs.read-text",   "[\"./a.txt\"]",         "\"h\303\251llo\\n\""                      },
	    {"fs.read",        "[\"here\"]",            "\"h\303\251llo\\n\""                      },
	    {"fs.read",        "[\"../in/a.txt\"]",     "\"h\303\251llo\\n\""                      },
	    {"fs.read",        "[\"../way-in/a.txt\"]", "\"h\303\251llo\\n\""                      },
	    {"fs.read",        "[\"up/in/empty\"]",     "\"\""                                     },
	    {"fs.read",        "[\"bad\"]",             "~bad: not UTF-8 at byte 2 {:offset 2}"    },
	    {"fs.read-base64", "[\"bad\"]",             "\"YWL/Yw==\""                             },
	    {"fs.read-base64", "[\"empty\"]",           "\"\""                                     },
	    {"fs.read",        "[\"missing\"]",
             "~/in/missing: No such file or directory {:code \"ENOENT\"}"                          },
	    {"fs.read",        "[\"no/such/file\"]",
             "~/in/no/such/file: No such file or directory"                                        },
	    {"fs.read",        "[\"a.txt/x\"]",         "~{:code \"ENOTDIR\"}"                     },
	    {"fs.read",        "[\".\"]",               "~Is a directory {:code \"EISDIR\"}"       },
	    {"fs.read",        "[\"pipe\"]",            "~not a regular file"                      },
	    {"fs.read",        "[\"\"]",                "~!invalid-arguments: argument 1: the path"},
	    {"fs.read",        "[7]",
             "!invalid-arguments: argument 1: expected a string, got 7"                            },
	    {"fs.read",        "[]",
             "!invalid-arguments: argument 1: expected a string, got none"                         },
	    {"fs.read",        "[\"a\\0b\"]",           "~without U+0000"                          },
 /* outside, in every way */
	    {"fs.read",        "[\"../secret\"]",       "~!denied: "                               },
	    {"fs.read",        "[\"out\"]",             "~/secret: no rule allows to read it"      },
	    {"fs.read",        "[\"up/secret\"]",       "~!denied: "                               },
	    {"fs.read",        "[\"dangling\"]",        "~No such file"                            },
	    {"fs.read",        "[\"/etc/passwd\"]",
             "!denied: /etc/passwd: no rule allows to read it; allow it "
	        "with "
	        "--allow-read /etc/passwd or the rule {:match \"fs.read\" "
	        ":read [\"/etc/passwd\"]} {:path \"/etc/passwd\"}"                                 },
	    {"fs.read",        "[\"/\"]",               "~!denied: /: no rule"                     },
	    {"fs.read",        "[\"/proc/self/fd/0\"]", "~!denied: "                               },
	    {"fs.read",        "[\"/no/such/place\"]",
             "~!denied: /no/such/place: no rule"	                                           },
	    {"fs.read",        "[\"../missing\"]",      "~!denied: "                               },
	    {"fs.read",        "[\"up/missing/more\"]", "~!denied: "                               },
	};

	make_tree();
	check_rows(rows, NITEMS(rows));
	call_grants.result = 6;
	expect(call("fs.read", "[\"a.txt\"]"), "~!result-limit: ");
	CU_ASSERT_STRING_EQUAL(call_limit, "result");
	expect(call("fs.read-base64", "[\"bad\"]"), "~!result-limit: ");
	call_grants.result = 8;
	expect(call("fs.read-base64", "[\"bad\"]"), "\"YWL/Yw==\"");
	call_grants.result = 7;
	expect(call("fs.read", "[\"a.txt\"]"), "\"h\303\251llo\\n\"");
	call_grants.result = 1 << 20;
	remove_tree();
}

static void
test_fs_look(void)
{
	static const struct row rows[] = {
	    {"fs.exists?", "[\"a.txt\"]",       "true"                },
	    {"fs.exists?", "[\"missing\"]",     "false"               },
	    {"fs.exists?", "[\"missing/x\"]",   "false"               },
	    {"fs.exists?", "[\"a.txt/x\"]",     "false"               },
	    {"fs.exists?", "[\"dangling\"]",    "false"               },
	    {"fs.exists?", "[\"out\"]",         "~!denied: "          },
	    {"fs.exists?", "[\"../nothing\"]",  "~!denied: "          },
	    {"fs.exists?", "[\"..\"]",          "~!denied: "          },
	    {"fs.list",    "[\".\"]",
             "[\"a.txt\" \"bad\" \"dangling\" \"empty\" \"here\" \"out\" "
	        "\"pipe\" \"up\"]"	                            },
	    {"fs.list",    "[\"a.txt\"]",       "~{:code \"ENOTDIR\"}"},
	    {"fs.list",    "[\"..\"]",          "~!denied: "          },
	    {"fs.list",    "[\"up\"]",          "~!denied: "          },
	    {"fs.stat",    "[\"a.txt\"]",
             "~{:type :file :size 7 :mode \"0644\" :modified "        },
	    {"fs.stat",    "[\"here\"]",        "~:type :file"        },
	    {"fs.stat",    "[\"/tmp/../../\"]", "~!denied: /: "       },
	    {"fs.stat",    "[\".\"]",           "~:type :directory"   },
	    {"fs.stat",    "[\"pipe\"]",        "~:type :pipe"        },
	};

	make_tree();
	check_rows(rows, NITEMS(rows));
	remove_tree();
}

static void
test_fs_write(void)
{
	static const struct row rows[] = {
	    {"fs.write",   "[\"new\" \"one\"]",      "nil"                           },
	    {"fs.read",    "[\"new\"]",              "\"one\""                       },
	    {"fs.write",   "[\"new\" \"2\"]",        "nil"                           },
	    {"fs.append",  "[\"new\" \"3\\n\"]",     "nil"                           },
	    {"fs.read",    "[\"new\"]",              "\"23\\n\""                     },
	    {"fs.append",  "[\"other\" \"x\"]",      "nil"                           },
	    {"fs.read",    "[\"other\"]",            "\"x\""                         },
	    {"fs.write",   "[\"here\" \"by link\"]", "nil"                           },
	    {"fs.read",    "[\"a.txt\"]",            "\"by link\""                   },
	    {"fs.write",   "[\"out\" \"x\"]",        "~!denied: "                    },
	    {"fs.write",   "[\"dangling\" \"x\"]",   "~{:code \"EEXIST\"}"           },
	    {"fs.write",   "[\"../new\" \"x\"]",
             "~no rule allows to write it; allow it with --allow-write "             },
	    {"fs.write",   "[\"up/new\" \"x\"]",     "~!denied: "                    },
	    {"fs.write",   "[\"no/such\" \"x\"]",    "~{:code \"ENOENT\"}"           },
	    {"fs.write",   "[\".\" \"x\"]",          "~EISDIR"                       },
	    {"fs.write",   "[\"pipe\" \"x\"]",       "~not a regular file"           },
	    {"fs.write",   "[\"x\" 5]",              "~argument 2: expected a string"},
	    {"fs.mkdir",   "[\"d/e/f\"]",            "nil"                           },
	    {"fs.mkdir",   "[\"d/e/f\"]",            "nil"                           },
	    {"fs.mkdir",   "[\"d//g/\"]",            "nil"                           },
	    {"fs.list",    "[\"d\"]",                "[\"e\" \"g\"]"                 },
	    {"fs.mkdir",   "[\"new\"]",              "~{:code \"EEXIST\"}"           },
	    {"fs.mkdir",   "[\"new/x\"]",            "~ENOTDIR"                      },
	    {"fs.mkdir",   "[\"q/../../x\"]",        "~ENOENT"                       },
	    {"fs.mkdir",   "[\"dangling/x\"]",       "~EEXIST"                       },
	    {"fs.mkdir",   "[\"../x\"]",             "~!denied: "                    },
	    {"fs.mkdir",   "[\"up/x/y\"]",           "~!denied: "                    },
	    {"fs.mkdir",   "[\"/x/y\"]",             "~!denied: /x/y"                },
	    {"fs.mkdir",   "[\"/\"]",                "~!denied: /: "                 },
	    {"fs.delete",  "[\"d\"]",                "~ENOTEMPTY"                    },
	    {"fs.delete",  "[\"d/e/f\"]",            "nil"                           },
	    {"fs.delete",  "[\"d/e/f\"]",            "~ENOENT"                       },
	    {"fs.delete",  "[\"out\"]",              "nil"                           }, /* the link, not its target */
	    {"fs.delete",  "[\"up\"]",               "nil"                           },
	    {"fs.delete",  "[\"../secret\"]",        "~!denied: "                    },
	    {"fs.delete",  "[\".\"]",                "~EINVAL"                       },
	    {"fs.delete",  "[\"pipe\"]",             "nil"                           },
	    {"fs.exists?", "[\"pipe\"]",             "false"                         },
	};
	char *p;

	make_tree();
	check_rows(rows, NITEMS(rows));
	p = path_in(top, "secret");
	CU_ASSERT_EQUAL(access(p, F_OK), 0);
	free(p);
	p = path_in(top, "new");
	CU_ASSERT_EQUAL(access(p, F_OK), -1);
	free(p);
	call_grants.rights.write = NULL;
	expect(call("fs.write", "[\"new\" \"x\"]"), "~!denied: ");
	expect(call("fs.append", "[\"new\" \"x\"]"), "~!denied: ");
	expect(call("fs.delete", "[\"new\"]"), "~!denied: ");
	expect(call("fs.mkdir", "[\"d\"]"), "~!denied: ");
	expect(call("fs.read", "[\"new\"]"), "\"23\\n\"");
	call_grants.rights.read = NULL;
	expect(call("fs.read", "[\"new\"]"), "~!denied: ");
	remove_tree();
}

/* Exchange two names until killed. */
static void
swap_for_ever(const char *a, const char *b)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

/*
 * While a name is now a file in the granted folder, now a link to one outside:
 * reading gives the one or is refused, and writing never reaches the other.
 */
static void
test_fs_race(void)
{
	char *a, *b, *secret;
	const char *got;
	int64_t until;
	size_t ok = 0, denied = 0;
	struct stat st;
	pid_t pid;

	make_tree();
	put_file(in, "x", "inside", 6);
	a = path_in(in, "x");
	b = path_in(in, "out"); /* a link to ../secret */
	secret = path_in(top, "secret");
	pid = fork();
	if (pid == 0)
		swap_for_ever(a, b);
	until = clock_mono() + NS_PER_SEC / 4;
	while (clock_mono() < until) {
		got = call("fs.read", "[\"x\"]");
		CU_ASSERT_STRING_NOT_EQUAL(got, "\"secret\"");
		if (strcmp(got, "\"inside\"") == 0)
			ok++;
		else if (strncmp(got, "!denied: ", 9) == 0)
			denied++;
		call("fs.write", "[\"x\" \"inside\"]");
		CU_ASSERT_EQUAL(stat(secret, &st), 0);
		CU_ASSERT_EQUAL_FATAL(st.st_size, 6);
		call("fs.append", "[\"x\" \"\"]");
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CU_ASSERT(ok > 0);
	CU_ASSERT(denied > 0);
	free(a);
	free(b);
	b = xasprintf("grep -q '^secret$' '%s'", secret);
	CU_ASSERT_EQUAL(system(b), 0);
	free(b);
	free(secret);
	remove_tree();
}

/* ---- the small families ---- */

static void
test_crypto(void)
{
	static const struct row rows[] = {
	    {"crypto.hash", "[\"sha256\" \"abc\"]",
             "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
	        "15ad\""	                                                                                     },
	    {"crypto.hash", "[:sha1 \"abc\"]",
             "\"a9993e364706816aba3e25717850c26c9cd0d89d\""                                                          },
	    {"crypto.hash", "[:md5 \"\"]",
             "\"d41d8cd98f00b204e9800998ecf8427e\""	                                                          },
	    {"crypto.hash", "[\"SHA-512\" \"abc\"]",
             "\"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55"
	        "d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa5"
	        "4ca49f\""	                                                                                   },
	    {"crypto.hash", "[\"sha384\" \"abc\"]",
             "\"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff"
	        "5bed8086072ba1e7cc2358baeca134c825a7\""	                                                     },
	    {"crypto.hash", "[\"sha3\" \"abc\"]",
             "~!invalid-arguments: argument 1: unknown algorithm sha3"                                               },
	    {"crypto.hash", "[:md5]",                                  "~argument 2: expected a string"              },
 /* RFC 4231, cases 2 and 6; RFC 2202, md5 and sha1 case 2 */
	    {"crypto.hmac",
             "[\"sha256\" \"Jefe\" \"what do ya want for nothing?\"]", "\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec"
	        "3843\""                       },
	    {"crypto.hmac",
             "[:sha512 \"Jefe\" \"what do ya want for nothing?\"]",    "\"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea25"
	        "05549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38"
	        "bce737\""                        },
	    {"crypto.hmac",
             "[\"md5\" \"Jefe\" \"what do ya want for nothing?\"]",    "\"750c783e6ab0b503eaa86e310a5db738\""        },
	    {"crypto.hmac",
             "[\"sha1\" \"Jefe\" \"what do ya want for nothing?\"]",   "\"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79\""},
	};
	struct buf b = BUF_INIT;
	size_t i;

	check_rows(rows, NITEMS(rows));
	/* a key above the block: "k" 200 times */
	buf_adds(&b, "[:sha256 \"");
	for (i = 0; i < 200; i++)
		buf_addc(&b, 'k');
	buf_adds(&b, "\" \"m\"]");
	expect(call("crypto.hmac", buf_str(&b)),
	    "\"386081d3a1ad30125daa8d66db6df4ea73d39212c64794e2d02abe994806"
	    "017c\"");
	buf_free(&b);
}

static int64_t
number_of(const char *text)
{
	return strtoll(text, NULL, 10);
}

static void
test_random(void)
{
	static const struct row rows[] = {
	    {"random.int",   "[7 7]",                    "7"                               },
	    {"random.int",   "[-3 -3]",                  "-3"                              },
	    {"random.int",   "[2 1]",                    "~!invalid-arguments: "           },
	    {"random.int",   "[1 1.5]",                  "~argument 2: expected an integer"},
	    {"random.int",   "[1 99999999999999999999]", "~argument 2: "                   },
	    {"random.bytes", "[0]",                      "\"\""                            },
	    {"random.bytes", "[-1]",                     "~!invalid-arguments: "           },
	    {"random.bytes", "[1000000]",                "~!result-limit: "                },
	};
	bool seen[6] = {false};
	char *first;
	int64_t n;
	double f;
	int i;

	check_rows(rows, NITEMS(rows));
	for (i = 0; i < 1000; i++) {
		n = number_of(call("random.int", "[1 6]"));
		CU_ASSERT_FATAL(n >= 1 && n <= 6);
		seen[n - 1] = true;
		f = strtod(call("random.float", "[]"), NULL);
		CU_ASSERT(f >= 0 && f < 1);
	}
	for (i = 0; i < 6; i++)
		CU_ASSERT(seen[i]);
	for (i = 0; i < 20; i++) {
		call("random.integer",
		    "[-9223372036854775808 9223372036854775807]");
		CU_ASSERT(call_text.data[0] != '!');
	}
	first = xstrdup(call("random.uuid", "[]"));
	CU_ASSERT_EQUAL(strlen(first), 38);
	CU_ASSERT_EQUAL(first[15], '4');
	CU_ASSERT_PTR_NOT_NULL(strchr("89ab", first[20]));
	CU_ASSERT_STRING_NOT_EQUAL(call("random.uuid", "[]"), first);
	free(first);
	CU_ASSERT_EQUAL(strlen(call("random.bytes", "[32]")), 46);
}

static void
test_time(void)
{
	static const struct row rows[] = {
	    {"time.sleep", "[0]",     "nil"                  },
	    {"time.sleep", "[-1]",    "~!invalid-arguments: "},
	    {"time.sleep", "[\"1\"]", "~!invalid-arguments: "},
	    {"time.sleep", "[##NaN]", "~!invalid-arguments: "},
	};
	int64_t before, took;
	double a, b;

	check_rows(rows, NITEMS(rows));
	before = clock_mono();
	expect(call("time.sleep", "[20.5]"), "nil");
	took = clock_mono() - before;
	CU_ASSERT(took >= 20500000);
	CU_ASSERT(took < unit_soon(2 * NS_PER_SEC));
	CU_ASSERT(llabs(number_of(call("time.now", "[]")) -
	              clock_wall() / NS_PER_MS) < 5000);
	CU_ASSERT(llabs(number_of(call("time.unix-timestamp", "[]")) -
	              clock_wall() / NS_PER_SEC) < 5);
	call("time.now-iso", "[]");
	CU_ASSERT_EQUAL(call_text.len, 26);
	CU_ASSERT_EQUAL(call_text.data[24], 'Z');
	a = strtod(call("time.monotonic", "[]"), NULL);
	b = strtod(call("time.monotonic", "[]"), NULL);
	CU_ASSERT(b >= a);
}

static void
test_data(void)
{
	static const struct row rows[] = {
	    {"json.parse",      "[\"{\\\"a\\\": [1, 2.5, null]}\"]",
             "{\"a\" [1 2.5 nil]}"	                                                            },
	    {"json.parse",      "[\"{\"]",                           "~!json-error: "                 },
	    {"json.parse",      "[7]",                               "~!invalid-arguments: "          },
	    {"json.stringify",  "[{:a [1 nil true]}]",
             "\"{\\\"a\\\":[1,null,true]}\""	                                                  },
	    {"json.stringify",  "[[1] {:pretty true}]",              "\"[\\n  1\\n]\""                },
	    {"json.stringify",  "[[1] {:prety true}]",
             "!invalid-arguments: :prety is no option; there are :pretty"                             },
	    {"json.stringify",  "[{:a ##NaN}]",                      "~!invalid-argument: "           },
	    {"env.get",         "[\"HOME\"]",                        "nil"                            },
	    {"env.get",         "[\"HOME\" \"none\"]",               "\"none\""                       },
	    {"env.get",         "[\"GIVEN\"]",                       "\"yes\""                        },
	    {"env.get",         "[\"GIVEN\" 1]",                     "\"yes\""                        },
	    {"env.get",         "[\"UNSET\" 1]",                     "1"                              },
	    {"env.get",         "[:HOME]",                           "~!invalid-arguments: "          },
	    {"system.platform", "[]",                                "~{:system \"Linux\" :release \""},
	    {"system.memory",   "[]",                                "~{:total "                      },
	};
	static char given[] = "GIVEN", yes[] = "yes", unset[] = "UNSET";
	struct env_entry env[] = {
	    {given, yes },
            {unset, NULL}
        };

	call_grants.rights.env = env;
	call_grants.rights.nenv = 2;
	check_rows(rows, NITEMS(rows));
	call_grants.rights.env = NULL;
	call_grants.rights.nenv = 0;
	CU_ASSERT(number_of(call("system.cpu-count", "[]")) >= 1);
}

static void
test_text(void)
{
	static const struct row rows[] = {
	    {"text.upper",     "[\"stra\303\237e x\"]", "\"STRA\341\272\236E X\""},
	    {"text.length",    "[\"h\303\251\"]",       "2"                      },
	    {"text.split",     "[\"a,b\" \",\"]",       "[\"a\" \"b\"]"          },
	    {"text.join",      "[\", \" [1 2]]",        "\"1, 2\""               },
	    {"text.contains?", "[\"abc\" \"b\"]",       "true"                   },
	    {"text.re-seq",    "[\"[0-9]+\" \"1 22\"]", "[\"1\" \"22\"]"         },
	    {"text.upper",     "[7]",                   "~!type-error: "         },
	    {"text.upper",     "[]",                    "~!arity-mismatch: "     },
	};

	check_rows(rows, NITEMS(rows));
}

/* ---- process.exec ---- */

/* valgrind makes a fork of a vfork, so a failed start looks like exit 127. */
static void
test_exec(void)
{
	static const struct row rows[] = {
	    {"process.exec", "[[\"echo\" \"a b\" \"$HOME\"]]",
             "{:exit 0 :signal nil :stdout \"a b $HOME\\n\" :stderr \"\"}"                                        },
	    {"process.exec", "[[\"/bin/cat\"] {:stdin \"h\303\251\"}]",
             "{:exit 0 :signal nil :stdout \"h\303\251\" :stderr \"\"}"                                           },
	    {"process.exec", "[[\"cat\"]]",
             "{:exit 0 :signal nil :stdout \"\" :stderr \"\"}"                                                    },
	    {"process.exec", "[[\"sh\" \"-c\" \"echo e >&2; exit 3\"]]",
             "{:exit 3 :signal nil :stdout \"\" :stderr \"e\\n\"}"                                                },
	    {"process.exec", "[[\"sh\" \"-c\" \"kill -9 $$\"]]",
             "{:exit nil :signal 9 :stdout \"\" :stderr \"\"}"                                                    },
 /* never reads what it is fed, closes its streams, ends later */
	    {"process.exec",
             "[[\"sh\" \"-c\" \"exec >&- 2>&- <&-; sleep 0.05\"] "
	        "{:stdin \"x\"}]",	                               "~{:exit 0 "	                     },
 /* leaves something behind that holds its streams */
	    {"process.exec", "[[\"sh\" \"-c\" \"sleep 3 & echo on\"]]",
             "{:exit 0 :signal nil :stdout \"on\\n\" :stderr \"\"}"                                               },
	    {"process.exec",
             "[[\"sh\" \"-c\" \"env | sort\"] {:env {:B \"2\" "
	        "\"LANG\" \"C\"}}]",	                             "{:exit 0 :signal nil :stdout \"B=2\\nGIVEN=yes\\nLANG=C\\n"
	        "PATH=/usr/local/bin:/usr/bin:/bin\\nPWD=/\\n\" :stderr \"\"}"},
	    {"process.exec", "[[\"pwd\"] {:cwd \"/usr\"}]",              "~\"/usr\\n\""                           },
	    {"process.exec", "[[\"pwd\"] {:cwd \"usr\"}]",               "~\"/usr\\n\""                           },
	    {"process.exec", "[[\"pwd\"] {:cwd \"/no/such\"}]",
             "~:cwd /no/such: No such file or directory {:code \"ENOENT\"}"                                       },
	    {"process.exec", "[[\"no-such-program\"]]",
             "~no-such-program: not found in /usr/local/bin"                                                      },
	    {"process.exec", "[[\"/etc/passwd\"]]",
             "~/etc/passwd: cannot execute: Permission denied {:code "
	        "\"EACCES\"}"	                                                                             },
	    {"process.exec", "[[\"printf\" \"a\\\\377\"]]",
             "~!invalid-result: stdout of /usr/bin/printf: not UTF-8 at "
	        "byte 1"	                                                                                  },
	    {"process.exec", "[\"ls\"]",                                 "~!invalid-arguments: "                  },
	    {"process.exec", "[[]]",	                             "~!invalid-arguments: "                  },
	    {"process.exec", "[[\"ls\" 1]]",                             "~argument 1, [1]: "                     },
	    {"process.exec", "[[\"ls\"] {:shell true}]",
             "~:shell is no option"	                                                                       },
	    {"process.exec", "[[\"ls\"] {:env {\"A=B\" \"\"}}]",         "~:env: "                                },
	};
	static char given[] = "GIVEN", yes[] = "yes", root[] = "/";
	struct env_entry env[] = {
	    {given, yes}
        };
	int64_t before = clock_mono();

	if (unit_valgrind()) {
		CU_PASS("not under valgrind");
		return;
	}
	call_grants.directory = root;
	call_grants.rights.env = env;
	call_grants.rights.nenv = 1;
	check_rows(rows, NITEMS(rows));
	CU_ASSERT(clock_mono() - before < unit_soon(2 * NS_PER_SEC));
	call_grants.rights.env = NULL;
	call_grants.rights.nenv = 0;
	call_grants.directory = NULL;
}

/* More than a pipe holds, both ways at once; and more than is allowed. */
static void
test_exec_much(void)
{
	struct buf b = BUF_INIT;
	size_t i;

	buf_adds(&b, "[[\"tee\" \"/dev/stderr\"] {:stdin \"");
	for (i = 0; i < 300000; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\"}]");
	call("process.exec", buf_str(&b));
	CU_ASSERT(call_text.len > 600000);
	expect(buf_str(&call_text), "~{:exit 0 :signal nil :stdout \"xxx");
	buf_free(&b);
	expect(call("process.exec", "[[\"yes\"]]"),
	    "~!result-limit: /usr/bin/yes: longer than the result limit of 1M");
	CU_ASSERT_STRING_EQUAL(call_limit, "result");
}

UNIT_MAIN("builtin", {"table", test_table}, {"fs: reading", test_fs_read},
    {"fs: looking", test_fs_look}, {"fs: writing", test_fs_write},
    {"fs: names that change", test_fs_race}, {"crypto", test_crypto},
    {"random", test_random}, {"time", test_time},
    {"json, env, system", test_data}, {"text", test_text},
    {"process.exec", test_exec}, {"process.exec, much", test_exec_much})
