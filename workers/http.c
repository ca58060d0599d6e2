/*
 * http.*: one request by libcurl, redirects followed here, hop by hop, since
 * each new host must be allowed before it is asked.  The address is checked
 * when the socket is opened, and again before a request goes out on a
 * connection that was kept.
 *
 * One handle a process keeps connections, resolved names and the parsed
 * certificates from task to task; it holds no cookies and no credentials.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/units.h"
#include "base/utf8.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/string.h"
#include "workers/builtin.h"
#include "workers/http_options.h"
#include "workers/net.h"

#define CONNECT_MS   10000
#define MAX_HEADERS  (256U * 1024) /* bytes of all header lines */
#define DEFAULT_HOPS 10

static CURL *handle;

/* One hop and what comes back. */
struct exchange {
	struct work *w;
	struct http_request *req;
	int64_t deadline; /* of the whole, clock_mono() */
	char *host;       /* of this hop, as policy sees it */
	unsigned int port;
	bool too_long;
	bool refused; /* the address */
	char address[INET6_ADDRSTRLEN];
	size_t header_bytes;
	val headers;
	struct buf body;
};

/* ---- what libcurl calls ---- */

static bool
address_ok(struct exchange *x, const struct sockaddr *sa)
{
	const void *ip = sa->sa_family == AF_INET6 ?
	    (const void *)&((const struct sockaddr_in6 *)(const void *)sa)
	        ->sin6_addr :
	    (const void *)&((const struct sockaddr_in *)(const void *)sa)
	        ->sin_addr;

	if (net_address_allowed(&x->w->grants->rights, x->host, x->port, sa))
		return true;
	x->refused = true;
	if (inet_ntop(sa->sa_family, ip, x->address, sizeof(x->address)) ==
	    NULL)
		x->address[0] = '\0';
	return false;
}

static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct exchange *x = arg;

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    (a->family != AF_INET && a->family != AF_INET6) ||
	    !address_ok(x, &a->addr))
		return CURL_SOCKET_BAD;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* A kept connection was opened for another task, maybe under other rules. */
static int
on_request(void *arg, char *ip, char *local_ip ATTR_UNUSED,
    int port ATTR_UNUSED, int local_port ATTR_UNUSED)
{
	struct sockaddr_in in4 = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	bool ok = false;

	if (inet_pton(AF_INET, ip, &in4.sin_addr) == 1)
		ok = address_ok(arg, (const struct sockaddr *)&in4);
	else if (inet_pton(AF_INET6, ip, &in6.sin6_addr) == 1)
		ok = address_ok(arg, (const struct sockaddr *)&in6);
	return ok ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t
on_body(char *bytes, size_t size ATTR_UNUSED, size_t n, void *arg)
{
	struct exchange *x = arg;

	if (n > x->req->max_bytes - x->body.len) {
		x->too_long = true;
		return 0;
	}
	buf_add(&x->body, bytes, n);
	return n;
}

/* Field values are ISO-8859-1 when they are not UTF-8 (RFC 9110, 5.5). */
static val
header_text(struct heap *h, const char *s, size_t n)
{
	struct buf b = BUF_INIT;
	char utf8[4];
	size_t i;
	val v;

	if (utf8_invalid_at(s, n) == UTF8_VALID)
		return str_new(h, s, n);
	for (i = 0; i < n; i++) {
		buf_add(&b, utf8, utf8_encode((unsigned char)s[i], utf8));
	}
	v = str_new(h, b.data, b.len);
	buf_free(&b);
	return v;
}

static void
add_header(struct exchange *x, const char *name, size_t nname,
    const char *value, size_t nvalue)
{
	struct heap *h = x->w->heap;
	struct buf b = BUF_INIT;
	const char *text;
	size_t i, n;
	val key, old, v = header_text(h, value, nvalue);

	for (i = 0; i < nname; i++)
		buf_addc(&b, (char)tolower((unsigned char)name[i]));
	key = header_text(h, b.data, b.len);
	old = map_get(x->headers, key);
	if (old != VAL_UNBOUND) { /* a list in parts */
		buf_clear(&b);
		text = str_bytes(old, &n);
		buf_add(&b, text, n);
		buf_adds(&b, ", ");
		text = str_bytes(v, &n);
		buf_add(&b, text, n);
		val_release(h, v);
		v = str_new(h, b.data, b.len);
	}
	x->headers = map_assoc(h, x->headers, key, v);
	buf_free(&b);
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
on_header(char *line, size_t size ATTR_UNUSED, size_t n, void *arg)
{
	struct exchange *x = arg;
	const char *colon = memchr(line, ':', n), *value, *end = line + n;

	x->header_bytes += n;
	if (x->header_bytes > MAX_HEADERS) {
		x->too_long = true;
		return 0;
	}
	if (n > 5 && memcmp(line, "HTTP/", 5) == 0) {
		/* the answer after a "100 Continue" */
		val_release(x->w->heap, x->headers);
		x->headers = map_empty(x->w->heap);
		return n;
	}
	if (colon == NULL || colon == line)
		return n;
	value = colon + 1;
	while (value < end && blank(*value))
		value++;
	while (end > value && blank(end[-1]))
		end--;
	add_header(
	    x, line, (size_t)(colon - line), value, (size_t)(end - value));
	return n;
}

/* ---- one hop ---- */

/* Where the URL leads, for policy; -1 after an error. */
static int
hop_target(struct exchange *x, CURLU *url)
{
	struct work *w = x->w;
	char *host = NULL, *port = NULL, *p, where[300];
	size_t n;
	int rc = -1;

	free(x->host);
	x->host = NULL;
	if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) !=
	        CURLUE_OK) {
		work_error(
		    w, ERRKEY_INVALID_ARGUMENTS, "the URL names no host");
		goto done;
	}
	for (p = host; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80) {
			work_error(w, ERRKEY_INVALID_ARGUMENTS,
			    "%s: write the host in its xn-- form", host);
			goto done;
		}
		*p = (char)tolower((unsigned char)*p);
	}
	n = strlen(host);
	if (n > 1 && host[n - 1] == '.')
		host[n - 1] = '\0';
	if (host[0] == '[') { /* IPv6 */
		x->host = xstrndup(host + 1, n - 2);
		x->host[strcspn(x->host, "]%")] = '\0';
	} else {
		x->host = xstrdup(host);
	}
	x->port = (unsigned int)strtoul(port, NULL, 10);
	if (net_host_allowed(&w->grants->rights, x->host, x->port)) {
		rc = 0;
	} else {
		snprintf(where, sizeof(where), "%s:%s", host, port);
		work_denied(w, "net", where);
	}
done:
	curl_free(host);
	curl_free(port);
	return rc;
}

static void
hop_setup(struct exchange *x, CURLU *url, long ms)
{
	const struct http_request *q = x->req;
	CURL *c = handle;

	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_CURLU, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
	    ms < CONNECT_MS ? ms : (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "rtfs");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, q->headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, x);
	curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(c, CURLOPT_PREREQDATA, x);
	if (q->body != NULL) {
		curl_easy_setopt(
		    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->nbody);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body);
	}
	if (strcmp(q->method, "HEAD") == 0)
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else if (q->body != NULL || strcmp(q->method, "GET") != 0)
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
}

static int
timed_out(struct exchange *x)
{
	char limit[32];
	curl_off_t ready = 0;

	curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &ready);
	if (ready == 0 && clock_mono() < x->deadline) {
		return work_error(x->w, ERRKEY_TIMEOUT,
		    "%s: no connection within %d seconds", x->req->url,
		    CONNECT_MS / 1000);
	}
	if (x->req->timeout == INT64_MAX) {
		return work_error(x->w, ERRKEY_TIMEOUT,
		    "%s: no complete answer before the task's deadline",
		    x->req->url);
	}
	units_format_duration(x->req->timeout, limit);
	return work_error(x->w, ERRKEY_TIMEOUT,
	    "%s: no complete answer within %s", x->req->url, limit);
}

static const char *
failure_code(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "RESOLVE";
	case CURLE_COULDNT_CONNECT:
		return "CONNECT";
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return "TLS";
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return "IO";
	default:
		return "HTTP";
	}
}

/* Why a transfer did not end well. */
static int
hop_failed(struct exchange *x, CURLcode rc, const char *detail)
{
	struct work *w = x->w;
	long code = 0;
	char where[300];
	const char *text = *detail != '\0' ? detail : curl_easy_strerror(rc);
	const char *name = failure_code(rc);

	if (x->too_long) {
		if (x->req->max_bytes == w->grants->result)
			return work_too_long(w, x->req->max_bytes, x->req->url);
		return work_error(w, ERRKEY_RESULT_LIMIT,
		    "%s: longer than :max-bytes, %ju", x->req->url,
		    (uintmax_t)x->req->max_bytes);
	}
	if (x->refused &&
	    (rc == CURLE_COULDNT_CONNECT || rc == CURLE_ABORTED_BY_CALLBACK)) {
		snprintf(where, sizeof(where), "%s:%u", x->host, x->port);
		return work_error_data(w, ERRKEY_DENIED,
		    map_assoc(w->heap, map_empty(w->heap), keyword_from("host"),
		        str_from(w->heap, where)),
		    "%s: its address %s is not of the public network; a rule "
		    "or --allow-net must name the host or the address itself",
		    where, x->address);
	}
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return timed_out(x);
	curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &code);
	if (rc == CURLE_COULDNT_CONNECT && code > 0 &&
	    strerrorname_np((int)code) != NULL)
		name = strerrorname_np((int)code);
	return work_error_data(w, ERRKEY_CAPABILITY,
	    map_assoc(w->heap, map_empty(w->heap), keyword_from("code"),
	        str_from(w->heap, name)),
	    "%s: %s", x->req->url, text);
}

static int
hop_run(struct exchange *x, CURLU *url)
{
	char detail[CURL_ERROR_SIZE] = "";
	int64_t left = x->deadline - clock_mono();
	CURLcode rc;

	if (left <= 0)
		return timed_out(x);
	buf_clear(&x->body);
	val_release(x->w->heap, x->headers);
	x->headers = map_empty(x->w->heap);
	x->header_bytes = 0;
	x->refused = false;
	left = (left + NS_PER_MS - 1) / NS_PER_MS;
	hop_setup(x, url, left > INT32_MAX ? INT32_MAX : (long)left);
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
	rc = curl_easy_perform(handle);
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, NULL);
	return rc == CURLE_OK ? 0 : hop_failed(x, rc, detail);
}

/* ---- the whole ---- */

static bool
same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	char *x = NULL, *y = NULL;
	bool same;

	same = curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    strcasecmp(x, y) == 0;
	curl_free(x);
	curl_free(y);
	return same;
}

/* Turn to the next hop: its URL, and what may be said to it. */
static int
redirect(struct exchange *x, CURLU **url, const char *to, long status)
{
	struct http_request *q = x->req;
	CURLU *next = curl_url();

	if (next == NULL ||
	    curl_url_set(next, CURLUPART_URL, to, 0) != CURLUE_OK) {
		curl_url_cleanup(next);
		return work_fail(
		    x->w, 0, "%s: redirect to a bad URL, %.200s", q->url, to);
	}
	if (!same_part(*url, next, CURLUPART_SCHEME) ||
	    !same_part(*url, next, CURLUPART_HOST) ||
	    !same_part(*url, next, CURLUPART_PORT))
		http_drop_secrets(q);
	if ((status == 303 && strcmp(q->method, "HEAD") != 0) ||
	    ((status == 301 || status == 302) &&
	        strcmp(q->method, "POST") == 0)) {
		snprintf(q->method, sizeof(q->method), "GET");
		http_drop_body(q);
	}
	curl_url_cleanup(*url);
	*url = next;
	return 0;
}

static int
answer(struct exchange *x, long status)
{
	struct heap *h = x->w->heap;
	struct buf text = BUF_INIT;
	char *url = NULL, *what;
	val m, body = VAL_UNBOUND;
	int rc = 0;

	if (x->req->base64) {
		base64_encode(&text, x->body.data, x->body.len);
		body = str_new(h, text.data, text.len);
		buf_free(&text);
	} else {
		what = xasprintf(
		    "body of %s (:base64 true takes any bytes)", x->req->url);
		rc = work_string(x->w, x->body.len == 0 ? "" : x->body.data,
		    x->body.len, what, &body);
		free(what);
	}
	if (rc == -1)
		return -1;
	curl_easy_getinfo(handle, CURLINFO_EFFECTIVE_URL, &url);
	m = map_empty(h);
	m = map_assoc(h, m, keyword_from("status"), val_fix(status));
	m = map_assoc(h, m, keyword_from("headers"), val_retain(x->headers));
	m = map_assoc(h, m, keyword_from("body"), body);
	m = map_assoc(h, m, keyword_from("url"),
	    str_repaired(
	        h, url == NULL ? "" : url, url == NULL ? 0 : strlen(url)));
	return work_done(x->w, m);
}

static int
follow(struct exchange *x, CURLU **url)
{
	struct http_request *q = x->req;
	char *to;
	long status, hops = 0;

	for (;;) {
		if (hop_target(x, *url) == -1 || hop_run(x, *url) == -1)
			return -1;
		status = 0;
		to = NULL;
		curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &to);
		if (to == NULL || q->redirects == 0)
			return answer(x, status);
		if (hops++ == q->redirects) {
			return work_error_data(x->w, ERRKEY_CAPABILITY,
			    map_assoc(x->w->heap, map_empty(x->w->heap),
			        keyword_from("code"),
			        str_from(x->w->heap, "REDIRECTS")),
			    "%s: more than %ld redirects", q->url,
			    q->redirects);
		}
		if (redirect(x, url, to, status) == -1)
			return -1;
	}
}

static int
perform(struct work *w, struct http_request *q)
{
	struct exchange x = {.w = w, .req = q, .deadline = w->deadline};
	CURLU *url;
	int rc;

	if (handle == NULL &&
	    (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	        (handle = curl_easy_init()) == NULL))
		return work_fail(w, 0, "libcurl does not start");
	url = http_url(w, q);
	if (url == NULL)
		return -1;
	if (q->timeout != INT64_MAX && q->timeout < x.deadline - clock_mono())
		x.deadline = clock_mono() + q->timeout;
	else
		q->timeout = INT64_MAX; /* the task's own ends first */
	x.headers = map_empty(w->heap);
	rc = follow(&x, &url);
	curl_easy_reset(handle);
	curl_url_cleanup(url);
	val_release(w->heap, x.headers);
	buf_free(&x.body);
	free(x.host);
	return rc;
}

static int
run(struct work *w, const char *method, bool body)
{
	struct http_request q;
	int rc = -1;

	http_request_init(&q, w->grants->result, DEFAULT_HOPS);
	if (http_request_read(w, method, body, &q) == 0)
		rc = perform(w, &q);
	http_request_free(&q);
	return rc;
}

int
builtin_http_get(struct work *w)
{
	return run(w, "GET", false);
}

int
builtin_http_delete(struct work *w)
{
	return run(w, "DELETE", false);
}

int
builtin_http_post(struct work *w)
{
	return run(w, "POST", true);
}

int
builtin_http_put(struct work *w)
{
	return run(w, "PUT", true);
}

int
builtin_http_request(struct work *w)
{
	return run(w, NULL, false);
}
