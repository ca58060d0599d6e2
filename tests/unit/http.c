/* rooms: workers policy sandbox task proto value base */
/* http.* against a server on loopback, and the rules about addresses. */
#include <netinet/in.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <spawn.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "tests/unit/builtin_call.h"
#include "tests/unit/http_server.h"
#include "workers/net.h"

extern char **environ;

static struct server server;
static char *allow_list[4];

static void
allow(enum network network, const char *pattern)
{
	free(allow_list[0]);
	allow_list[0] = pattern == NULL ? NULL : xstrdup(pattern);
	call_grants.rights.network = network;
	call_grants.rights.allow = allow_list;
}

/* "%u" in text is the port of the server. */
static char *
with_port(const char *text)
{
	struct buf b = BUF_INIT;
	const char *at;

	while ((at = strstr(text, "%u")) != NULL) {
		buf_add(&b, text, (size_t)(at - text));
		buf_addf(&b, "%u", server.port);
		text = at + 2;
	}
	buf_adds(&b, text);
	return buf_take(&b, NULL);
}

static const char *
http(const char *id, const char *args)
{
	static const struct {
		const char *id;
		builtin_fn run;
	} codes[] = {
	    {"http.get",     builtin_http_get    },
	    {"http.post",    builtin_http_post   },
	    {"http.put",     builtin_http_put    },
	    {"http.delete",  builtin_http_delete },
	    {"http.request", builtin_http_request},
	};
	char *text = with_port(args);
	const char *got = NULL;
	size_t i;

	for (i = 0; i < NITEMS(codes); i++) {
		if (strcmp(codes[i].id, id) == 0)
			got = call_code(codes[i].run, id, text);
	}
	free(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
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
	char *want;

	for (; n > 0; n--, r++) {
		want = with_port(r->want);
		expect(http(r->id, r->args), want);
		free(want);
	}
}

static void
start(void)
{
	CU_ASSERT_FATAL(server_start(&server));
	allow(NETWORK_HOST, "127.0.0.1");
}

static void
stop(void)
{
	server_stop(&server);
	allow(NETWORK_NONE, NULL);
	call_grants.result = 1 << 20;
}

#define URL "\"http://127.0.0.1:%u"

static void
test_answers(void)
{
	static const struct row rows[] = {
	    {"http.get", "[" URL "/hello\"]",
             "{:status 200 :headers {\"content-length\" \"6\" \"x-test\" "
	        "\"a, b\" \"x-latin\" \"caf\303\251\"} :body \"hello\\n\" "
	        ":url " URL "/hello\"}"	                                    },
	    {"http.get", "[" URL "/status/404\"]",         "~{:status 404 "        },
	    {"http.get", "[" URL "/status/500\" {}]",      "~{:status 500 "        },
	    {"http.get", "[" URL "/status/204\" nil]",     "~{:status 204 "        },
	    {"http.get", "[" URL "/bin\"]",
             "~!invalid-result: body of http://127.0.0.1:%u/bin"                   },
	    {"http.get", "[" URL "/bin\"]",                "~at byte 1 {:offset 1}"},
	    {"http.get", "[" URL "/bin\" {:base64 true}]",
             "~:body \"Yf8AYg==\""	                                         },
	    {"http.get", "[" URL "/big/500000\"]",         "~xxx\" :url"           },
	    {"http.get", "[" URL "/liar\"]",               "~{:code \"IO\"}"       },
	    {"http.get", "[" URL "/headers\"]",            "~!result-limit: "      },
	};

	start();
	check_rows(rows, NITEMS(rows));
	stop();
}

static void
test_requests(void)
{
	static const struct row rows[] = {
	    {"http.get",     "[" URL "/echo\"]",
             "~:body \"GET /echo HTTP/1.1\\r\\nHost: 127.0.0.1:%u\\r\\n"
	        "User-Agent: rtfs\\r\\nAccept: */*\\r\\n\\r\\n\""	                                                                   },
	    {"http.get",
             "[" URL "/echo?x=0\" {:query {:a 1 \"b c\" \"d&e=\303\251\" "
	        ":n nil :t true}}]",	                                        "~GET /echo?x=0&a=1&b%20c=d%26e%3d%c3%a9&t=true HTTP"   },
	    {"http.get",
             "[" URL "/echo\" {:headers {\"X-A\" \"1\" :x-b 2 \"X-C\" "
	        "\"\"}}]",	                                                  "~X-A: 1\\r\\nx-b: 2\\r\\nX-C:\\r\\n"                   },
	    {"http.get",     "[" URL "/echo\" {:headers {\"A\" \"1\\r\\nB: 2\"}}]",
             "~!invalid-arguments: :headers: "	                                                                                      },
	    {"http.get",     "[" URL "/echo\" {:headers {\"A B\" \"1\"}}]",
             "~!invalid-arguments: :headers: "	                                                                                      },
	    {"http.post",    "[" URL "/echo\" \"h\303\251\"]",
             "~Content-Type: text/plain; charset=utf-8\\r\\nContent-Length: "
	        "3\\r\\n\\r\\nh\303\251\""	                                                                                          },
	    {"http.post",
             "[" URL "/echo\" \"{}\" {:headers {\"content-type\" "
	        "\"application/json\"}}]",	                                  "~content-type: application/json\\r\\nContent-Length: 2"},
	    {"http.post",    "[" URL "/echo\" \"\"]",                               "~\"POST /echo HTTP"                                    },
	    {"http.post",    "[" URL "/echo\"]",                                    "~the body: expected a string"                          },
	    {"http.put",     "[" URL "/echo\" \"x\"]",                              "~\"PUT /echo HTTP"                                     },
	    {"http.delete",  "[" URL "/echo\"]",                                    "~\"DELETE /echo HTTP"                                  },
	    {"http.request",
             "[{:url " URL "/echo\" :method :patch :body \"b\"}]",
             "~\"PATCH /echo HTTP"	                                                                                                  },
	    {"http.request", "[{:url " URL "/hello\" :method \"HEAD\"}]",
             "~:body \"\""	                                                                                                          },
	    {"http.request", "[{:url " URL "/echo\"}]",                             "~\"GET /echo HTTP"                                     },
	    {"http.request", "[{:method \"GET\"}]",                                 "~:url: expected"                                       },
	    {"http.request", "[{:url " URL "\" :method \"A B\"}]",
             "~:method: "	                                                                                                           },
	    {"http.get",     "[" URL "/echo\" {:header {}}]",
             "~!invalid-arguments: :header is no option; there are "
	        ":headers"	                                                                                                          },
	    {"http.get",     "[\"ftp://127.0.0.1/\"]",                              "~only http and https"                                  },
	    {"http.get",     "[\"file:///etc/passwd\"]",                            "~only http and https"                                  },
	    {"http.get",     "[\"http://\"]",                                       "~not a URL"                                            },
	    {"http.get",     "[\"\"]",	                                      "~!invalid-arguments: "                                 },
	    {"http.get",     "[\"http://loc\303\240lhost/\"]",                      "~xn-- form"                                            },
	};

	start();
	check_rows(rows, NITEMS(rows));
	stop();
}

static void
test_redirects(void)
{
	static const struct row rows[] = {
	    {"http.get",  "[" URL "/redirect/3\"]",
             "~:body \"end\" :url " URL "/redirect/0\""                                       },
	    {"http.get",  "[" URL "/redirect/10\"]",                          "~:body \"end\""},
	    {"http.get",  "[" URL "/redirect/11\"]",
             "~more than 10 redirects {:code \"REDIRECTS\"}"                                  },
	    {"http.get",  "[" URL "/redirect/2\" {:redirects 1}]",
             "~more than 1 redirects"	                                                 },
	    {"http.get",  "[" URL "/redirect/2\" {:redirects 0}]",
             "~{:status 302 "	                                                         },
	    {"http.post", "[" URL "/go/303//echo\" \"b\"]",
             "~\"GET /echo HTTP/1.1\\r\\nHost: "
	        "127.0.0.1:%u\\r\\nUser-Agent: "
	        "rtfs\\r\\nAccept: */*\\r\\n\\r\\n\""                                         },
	    {"http.post", "[" URL "/go/302//echo\" \"b\"]",                   "~\"GET /echo"  },
	    {"http.post", "[" URL "/go/307//echo\" \"b\"]",                   "~\"POST /echo" },
	    {"http.post", "[" URL "/go/308//echo\" \"b\"]",
             "~Content-Length: 1\\r\\n\\r\\nb\""                                              },
	    {"http.put",  "[" URL "/go/301//echo\" \"b\"]",                   "~\"PUT /echo"  },
	    {"http.get",  "[" URL "/go/302/file:///etc/passwd\"]",            "~!"            },
	    {"http.get",  "[" URL "/go/302/http://127.0.0.2:%u/echo\"]",
             "~!denied: 127.0.0.2:%u: no rule allows it"                                      },
	    {"http.get",  "[" URL "/go/302/http://169.254.169.254/\"]",
             "~!denied: 169.254.169.254:80: "	                                         },
	    {"http.get",
             "[" URL "/go/302//echo\" {:headers {\"Authorization\" \"s\"}}]",
             "~Authorization: s"	                                                      },
	};
	const char *got;

	start();
	check_rows(rows, NITEMS(rows));
	/* to another origin: what is secret stays, the rest goes along */
	allow_list[1] = xstrdup("localhost");
	got = http("http.get",
	    "[" URL "/go/302/http://localhost:%u/echo\" {:headers "
	    "{\"Authorization\" \"s\" \"Cookie\" \"c\" \"X-K\" \"k\"}}]");
	expect(got, "~Host: localhost:");
	expect(got, "~X-K: k");
	CU_ASSERT_PTR_NULL(strstr(got, "Authorization"));
	CU_ASSERT_PTR_NULL(strstr(got, "Cookie"));
	free(allow_list[1]);
	allow_list[1] = NULL;
	stop();
}

static void
test_rules(void)
{
	static const struct {
		enum network network;
		const char *allow;
		const char *url;
		const char *want;
	} cases[] = {
	    {NETWORK_HOST,     "127.0.0.1:%u", URL "/hello\"",                           "~:status 200"},
	    {NETWORK_HOST,     "127.*:%u",     URL "/hello\"",                           "~:status 200"},
	    {NETWORK_HOST,     "localhost:%u", "\"http://localhost:%u/hello\"",
             "~:status 200"	                                                                    },
	    {NETWORK_HOST,     "localhost:%u", "\"http://LOCALHOST:%u/hello\"",
             "~:status 200"	                                                                    },
	    {NETWORK_LOOPBACK, "*",            URL "/hello\"",                           "~:status 200"},
	    {NETWORK_NONE,     "127.0.0.1:%u", URL "/hello\"",
             "!denied: 127.0.0.1:%u: no rule allows it; allow it with "
	        "--allow-net 127.0.0.1:%u or the rule {:match \"http.get\" "
	        ":network :host :allow [\"127.0.0.1:%u\"]} {:host "
	        "\"127.0.0.1:%u\"}"	                                                            },
	    {NETWORK_HOST,     NULL,           URL "/hello\"",
             "~!denied: 127.0.0.1:%u: no rule"	                                                 },
	    {NETWORK_HOST,     "127.0.0.1:1",  URL "/hello\"",
             "~!denied: 127.0.0.1:%u: no rule"	                                                 },
	    {NETWORK_HOST,     "example.com",  URL "/hello\"",
             "~!denied: 127.0.0.1:%u: no rule"	                                                 },
	    {NETWORK_HOST,     "*",            URL "/hello\"",
             "~!denied: 127.0.0.1:%u: its address 127.0.0.1 is not of the "
	        "public network"	                                                               },
	    {NETWORK_HOST,     "*:%u",         "\"http://localhost:%u/hello\"",
             "~is not of the public network"	                                                   },
	    {NETWORK_HOST,     "local*:%u",    "\"http://localhost:%u/hello\"",
             "~is not of the public network"	                                                   },
	    {NETWORK_HOST,     "10.*",         URL "/hello\"",                           "~!denied: "  },
	    {NETWORK_HOST,     "*",            "\"http://2130706433:%u/hello\"",         "~!denied: "  },
	    {NETWORK_HOST,     "*",            "\"http://[::ffff:127.0.0.1]:%u/hello\"",
             "~!denied: "	                                                                      },
	};
	char *args, *want, *pattern;
	size_t i;

	start();
	for (i = 0; i < NITEMS(cases); i++) {
		pattern =
		    cases[i].allow == NULL ? NULL : with_port(cases[i].allow);
		allow(cases[i].network, pattern);
		args = xasprintf("[%s]", cases[i].url);
		want = with_port(cases[i].want);
		expect(http("http.get", args), want);
		free(pattern);
		free(args);
		free(want);
	}
	/* the connection that an earlier task opened is no way around */
	allow(NETWORK_HOST, "localhost");
	expect(http("http.get", "[\"http://localhost:%u/hello\"]"),
	    "~:status 200");
	allow(NETWORK_HOST, "*");
	expect(http("http.get", "[\"http://localhost:%u/hello\"]"),
	    "~is not of the public network");
	stop();
}

static void
test_limits(void)
{
	static const struct row rows[] = {
	    {"http.get", "[" URL "/big/5000\" {:max-bytes 5000}]",
             "~:status 200"	                                        },
	    {"http.get", "[" URL "/big/5000\" {:max-bytes 4999}]",
             "~!result-limit: http://127.0.0.1:%u/big/5000: longer than "
	        ":max-bytes, 4999"	                                 },
	    {"http.get", "[" URL "/big/5000\" {:max-bytes \"4K\"}]",
             "~!result-limit: "	                                    },
	    {"http.get", "[" URL "/big/2000000\" {:max-bytes \"1G\"}]",
             "~longer than the result limit of 1M"                         },
	    {"http.get", "[" URL "/hang\" {:timeout 100}]",
             "!timeout: http://127.0.0.1:%u/hang: no complete answer within "
	        "100ms"	                                            },
	    {"http.get", "[" URL "/slow\" {:timeout \"100ms\"}]",
             "~!timeout: "	                                         },
	    {"http.get", "[" URL "/hello\" {:timeout 5}]",              "~"},
	    {"http.get", "[" URL "/hello\" {:timeout \"5\"}]",
             "~!invalid-arguments: :timeout: "                             },
	    {"http.get", "[" URL "/hello\" {:timeout 0}]",
             "~!invalid-arguments: :timeout: "                             },
	    {"http.get", "[" URL "/hello\" {:max-bytes -1}]",
             "~!invalid-arguments: :max-bytes: "                           },
	    {"http.get", "[" URL "/hello\" {:redirects 1.5}]",
             "~!invalid-arguments: :redirects: "                           },
	};
	int64_t before;

	start();
	before = clock_mono();
	check_rows(rows, NITEMS(rows));
	CU_ASSERT(clock_mono() - before < unit_soon(3 * NS_PER_SEC));
	stop();
}

static void
test_failures(void)
{
	unsigned int port;

	start();
	port = server.port;
	expect(http("http.get", "[\"https://127.0.0.1:%u/\"]"),
	    "~{:code \"TLS\"}");
	server_stop(&server);
	server.port = port;
	expect(
	    http("http.get", "[" URL "/hello\"]"), "~{:code \"ECONNREFUSED\"}");
	allow(NETWORK_HOST, "*");
	/* a label too long for DNS: no server has to be asked */
	expect(
	    http("http.get",
	        "[\"http://aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
	        "ffffffffffgggggggggg.invalid/\"]"),
	    "~{:code \"RESOLVE\"}");
	server.pid = 0;
	stop();
}

/* What the environment says about proxies is not asked. */
static void
test_proxy(void)
{
	start();
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	expect(http("http.get", "[" URL "/hello\"]"), "~:status 200");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	stop();
}

/* ---- a server whose certificate nobody vouches for ---- */

static pid_t
spawn_openssl(const char *const *argv)
{
	posix_spawn_file_actions_t a;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_addopen(&a, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&a, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&a, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &a, NULL,
	        (char *const *)(uintptr_t)argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&a);
	return pid;
}

static size_t
ignore_body(char *p ATTR_UNUSED, size_t size, size_t n, void *arg ATTR_UNUSED)
{
	return size * n;
}

/* The control: the server is there and answers one who does not verify. */
static bool
answers_unverified(const char *url)
{
	CURL *c = curl_easy_init();
	CURLcode rc;
	int i;

	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, ignore_body);
	for (i = 0; i < 100; i++) {
		rc = curl_easy_perform(c);
		if (rc != CURLE_COULDNT_CONNECT)
			break;
		usleep(20000);
	}
	curl_easy_cleanup(c);
	return rc == CURLE_OK;
}

static void
test_tls(void)
{
	char dir[] = "/tmp/rtfs-tls-XXXXXX", key[64], cert[64], accept_at[32];
	char url[64], *args;
	const char *make[] = {"openssl", "req", "-x509", "-newkey", "ec",
	    "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
	    "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", cert, NULL};
	const char *serve[] = {"openssl", "s_server", "-www", "-accept",
	    accept_at, "-key", key, "-cert", cert, NULL};
	pid_t pid;
	int status = -1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(key, sizeof(key), "%s/key", dir);
	snprintf(cert, sizeof(cert), "%s/cert", dir);
	pid = spawn_openssl(make);
	if (pid == -1 || waitpid(pid, &status, 0) != pid || status != 0) {
		rmdir(dir);
		printf(" (no openssl command: certificates not tried) ");
		return;
	}
	start(); /* for a port that is free a moment later */
	server_stop(&server);
	snprintf(accept_at, sizeof(accept_at), "127.0.0.1:%u", server.port);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", server.port);
	pid = spawn_openssl(serve);
	CU_ASSERT_NOT_EQUAL(pid, -1);
	CU_ASSERT(answers_unverified(url));
	args = xasprintf("[\"%s\"]", url);
	expect(http("http.get", args), "~{:code \"TLS\"}");
	free(args);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(key);
	unlink(cert);
	rmdir(dir);
	server.pid = 0;
	stop();
}

/* ---- addresses ---- */

static void
test_addresses(void)
{
	static const struct {
		const char *text;
		bool is_public;
		bool is_loopback;
	} cases[] = {
	    {"93.184.216.34",                      true,  false},
	    {"8.8.8.8",	                    true,  false},
	    {"127.0.0.1",	                  false, true },
	    {"127.255.255.254",                    false, true },
	    {"0.0.0.0",	                    false, false},
	    {"10.1.2.3",	                   false, false},
	    {"100.64.0.1",                         false, false},
	    {"100.128.0.1",                        true,  false},
	    {"169.254.169.254",                    false, false},
	    {"172.15.255.255",                     true,  false},
	    {"172.16.0.1",                         false, false},
	    {"172.31.255.255",                     false, false},
	    {"172.32.0.0",                         true,  false},
	    {"192.168.1.1",                        false, false},
	    {"198.18.0.1",                         false, false},
	    {"224.0.0.1",	                  false, false},
	    {"255.255.255.255",                    false, false},
	    {"2606:2800:220:1:248:1893:25c8:1946", true,  false},
	    {"::1",	                        false, true },
	    {"::",	                         false, false},
	    {"fe80::1",	                    false, false},
	    {"fc00::1",	                    false, false},
	    {"fd12:3456::1",                       false, false},
	    {"ff02::1",	                    false, false},
	    {"2001:db8::1",                        false, false},
	    {"2001::1",	                    false, false},
	    {"::ffff:127.0.0.1",                   false, true },
	    {"::ffff:10.0.0.1",                    false, false},
	    {"::ffff:8.8.8.8",                     true,  false},
	    {"64:ff9b::7f00:1",                    false, true },
	    {"64:ff9b::808:808",                   true,  false},
	    {"2002:7f00:1::1",                     false, true },
	    {"2002:808:808::1",                    true,  false},
	};
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
	struct sockaddr other = {.sa_family = AF_UNIX};
	const struct sockaddr *sa;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		if (inet_pton(AF_INET, cases[i].text, &a4.sin_addr) == 1) {
			sa = (const struct sockaddr *)&a4;
		} else {
			CU_ASSERT_EQUAL_FATAL(
			    inet_pton(AF_INET6, cases[i].text, &a6.sin6_addr),
			    1);
			sa = (const struct sockaddr *)&a6;
		}
		if (net_address_public(sa) != cases[i].is_public)
			fprintf(stderr, "%s: public?\n", cases[i].text);
		CU_ASSERT_EQUAL(net_address_public(sa), cases[i].is_public);
		CU_ASSERT_EQUAL(net_address_loopback(sa), cases[i].is_loopback);
	}
	CU_ASSERT_FALSE(net_address_public(&other));
	CU_ASSERT_FALSE(net_address_loopback(&other));
}

UNIT_MAIN("http", {"addresses", test_addresses}, {"answers", test_answers},
    {"requests", test_requests}, {"redirects", test_redirects},
    {"rules", test_rules}, {"limits", test_limits}, {"failures", test_failures},
    {"proxies", test_proxy}, {"certificates", test_tls})
