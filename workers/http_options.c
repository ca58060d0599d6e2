/* Arguments of http.*: URL, body and options to a struct http_request.
 * Nothing of them reaches the wire unchecked: a line break in a header would
 * be a second header. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/units.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "workers/http_options.h"

static int
bad(struct work *w, const char *what)
{
	return work_error(w, ERRKEY_INVALID_ARGUMENTS, "%s", what);
}

void
http_request_init(struct http_request *q, uint64_t max_bytes, long hops)
{
	memset(q, 0, sizeof(*q));
	q->query = VAL_UNBOUND;
	q->timeout = INT64_MAX;
	q->max_bytes = max_bytes;
	q->redirects = hops;
}

void
http_request_free(struct http_request *q)
{
	curl_slist_free_all(q->headers);
}

static bool
is_token(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) &&
		    strchr("!#$%&'*+-.^_`|~", *s) == NULL)
			return false;
	}
	return true;
}

static int
set_method(struct work *w, struct http_request *q, const char *name)
{
	size_t i;

	if (!is_token(name) || strlen(name) >= sizeof(q->method))
		return bad(w, ":method: expected the name of a method");
	for (i = 0; name[i] != '\0'; i++)
		q->method[i] = (char)toupper((unsigned char)name[i]);
	q->method[i] = '\0';
	if (strcmp(q->method, "CONNECT") == 0)
		return bad(w, ":method: CONNECT is not for here");
	return 0;
}

/* Text of a string, keyword or number, without U+0000; false: it is none. */
static bool
as_text(val v, struct buf *b)
{
	size_t n;
	const char *s;

	buf_clear(b);
	if (val_is_string(v)) {
		s = str_bytes(v, &n);
		buf_add(b, s, n);
	} else if (val_is_keyword(v)) {
		s = val_name_text(v, &n);
		buf_add(b, s, n);
	} else if (num_is(v) || v == VAL_TRUE || v == VAL_FALSE) {
		print_plain(b, v);
	} else {
		return false;
	}
	return b->len == 0 || memchr(b->data, '\0', b->len) == NULL;
}

static void
append_header(struct http_request *q, const char *line)
{
	struct curl_slist *l = curl_slist_append(q->headers, line);

	if (l != NULL)
		q->headers = l;
}

static bool
has_header(const struct http_request *q, const char *name)
{
	const struct curl_slist *l;
	size_t n = strlen(name);

	for (l = q->headers; l != NULL; l = l->next) {
		if (strncasecmp(l->data, name, n) == 0 &&
		    (l->data[n] == ':' || l->data[n] == ';'))
			return true;
	}
	return false;
}

static int
read_headers(struct work *w, struct http_request *q, val m)
{
	struct buf name = BUF_INIT, value = BUF_INIT, line = BUF_INIT;
	struct map_iter it;
	val k, v;
	int rc = 0;

	if (!val_is_map(m))
		return bad(w, ":headers: expected a map of names to texts");
	it = map_iter(m);
	while (rc == 0 && map_next(&it, &k, &v)) {
		if (!as_text(k, &name) || !is_token(buf_str(&name)) ||
		    !as_text(v, &value) ||
		    strpbrk(buf_str(&value), "\r\n") != NULL) {
			rc = bad(w,
			    ":headers: expected a map of names to texts of "
			    "one line");
			continue;
		}
		buf_clear(&line);
		/* "name;" is libcurl's way to send an empty value */
		buf_addf(&line, value.len == 0 ? "%s;%s" : "%s: %s",
		    buf_str(&name), buf_str(&value));
		append_header(q, buf_str(&line));
	}
	buf_free(&name);
	buf_free(&value);
	buf_free(&line);
	return rc;
}

static int
read_timeout(struct work *w, struct http_request *q, val v)
{
	struct error e;
	int64_t ms;

	if (val_is_string(v)) {
		if (units_duration(str_bytes(v, NULL), &q->timeout, &e) == -1) {
			return work_error(
			    w, ERRKEY_INVALID_ARGUMENTS, ":timeout: %s", e.msg);
		}
	} else if (val_is_int(v) && int_to_i64(v, &ms) && ms > 0 &&
	    ms < INT64_MAX / 1000000) {
		q->timeout = ms * 1000000;
	} else {
		return bad(
		    w, ":timeout: expected \"2s\" or milliseconds above 0");
	}
	return 0;
}

static int
read_max_bytes(struct work *w, struct http_request *q, val v)
{
	struct error e;
	uint64_t n;
	int64_t i;

	if (val_is_string(v)) {
		if (units_bytes(str_bytes(v, NULL), &n, &e) == -1) {
			return work_error(w, ERRKEY_INVALID_ARGUMENTS,
			    ":max-bytes: %s", e.msg);
		}
	} else if (val_is_int(v) && int_to_i64(v, &i) && i >= 0) {
		n = (uint64_t)i;
	} else {
		return bad(w, ":max-bytes: expected \"1M\" or a number");
	}
	if (n < q->max_bytes)
		q->max_bytes = n;
	return 0;
}

static int
read_options(struct work *w, struct http_request *q, val opts)
{
	int64_t n;
	val v;

	v = work_option(opts, "headers");
	if (v != VAL_UNBOUND && v != VAL_NIL && read_headers(w, q, v) == -1)
		return -1;
	v = work_option(opts, "query");
	if (v != VAL_UNBOUND && v != VAL_NIL) {
		if (!val_is_map(v))
			return bad(w, ":query: expected a map");
		q->query = v;
	}
	v = work_option(opts, "timeout");
	if (v != VAL_UNBOUND && v != VAL_NIL && read_timeout(w, q, v) == -1)
		return -1;
	v = work_option(opts, "max-bytes");
	if (v != VAL_UNBOUND && v != VAL_NIL && read_max_bytes(w, q, v) == -1)
		return -1;
	v = work_option(opts, "redirects");
	if (v != VAL_UNBOUND && v != VAL_NIL) {
		if (!val_is_int(v) || !int_to_i64(v, &n) || n < 0 || n > 100)
			return bad(w, ":redirects: expected 0 to 100");
		q->redirects = (long)n;
	}
	v = work_option(opts, "base64");
	q->base64 = v != VAL_UNBOUND && val_truthy(v);
	return 0;
}

static int
set_body(struct work *w, struct http_request *q, val v)
{
	if (v == VAL_UNBOUND || !val_is_string(v))
		return bad(w, "the body: expected a string");
	q->body = str_bytes(v, &q->nbody);
	return 0;
}

/* :method :url :body of http.request. */
static int
read_request(struct work *w, struct http_request *q, val opts)
{
	struct buf b = BUF_INIT;
	size_t n;
	val v;
	int rc;

	if (opts == VAL_UNBOUND || !val_is_map(opts))
		return bad(w, "argument 1: expected a map with :url");
	v = work_option(opts, "method");
	if (v == VAL_UNBOUND || v == VAL_NIL) {
		rc = set_method(w, q, "GET");
	} else if (as_text(v, &b)) {
		rc = set_method(w, q, buf_str(&b));
	} else {
		rc = bad(w, ":method: expected the name of a method");
	}
	buf_free(&b);
	if (rc == -1)
		return -1;
	v = work_option(opts, "url");
	if (v == VAL_UNBOUND || !val_is_string(v))
		return bad(w, ":url: expected a string");
	q->url = str_bytes(v, &n);
	if (strlen(q->url) != n)
		return bad(w, ":url: expected a string without U+0000");
	v = work_option(opts, "body");
	if (v != VAL_UNBOUND && v != VAL_NIL)
		return set_body(w, q, v);
	return 0;
}

int
http_request_read(
    struct work *w, const char *method, bool body, struct http_request *q)
{
	static const char *const all[] = {"headers", "query", "timeout",
	    "max-bytes", "redirects", "base64", "method", "url", "body", NULL};
	static const char *const most[] = {"headers", "query", "timeout",
	    "max-bytes", "redirects", "base64", NULL};
	val opts;

	if (method == NULL) {
		opts = work_arg(w, 0);
		if (read_request(w, q, opts) == -1 ||
		    work_check_options(w, opts, all) == -1)
			return -1;
	} else {
		q->url = work_text(w, 0, NULL);
		if (q->url == NULL || set_method(w, q, method) == -1)
			return -1;
		if (body && set_body(w, q, work_arg(w, 1)) == -1)
			return -1;
		opts = work_arg(w, body ? 2 : 1);
		if (opts == VAL_NIL)
			opts = VAL_UNBOUND;
		if (work_check_options(w, opts, most) == -1)
			return -1;
	}
	if (read_options(w, q, opts) == -1)
		return -1;
	append_header(q, "Expect:"); /* no wait for "100 Continue" */
	if (q->body != NULL && !has_header(q, "content-type"))
		append_header(q, "Content-Type: text/plain; charset=utf-8");
	return 0;
}

/* ?a=1&b=x%20y after what the URL has. */
static int
add_query(struct work *w, CURLU *url, val query)
{
	struct buf k = BUF_INIT, v = BUF_INIT, pair = BUF_INIT;
	struct map_iter it = map_iter(query);
	char *name, *value;
	val key, item;
	int rc = 0;

	while (rc == 0 && map_next(&it, &key, &item)) {
		if (item == VAL_NIL)
			continue;
		if (!as_text(key, &k) || !as_text(item, &v)) {
			rc = bad(w,
			    ":query: expected a map of names to texts and "
			    "numbers");
			continue;
		}
		name = curl_easy_escape(NULL, buf_str(&k), (int)k.len);
		value = curl_easy_escape(NULL, buf_str(&v), (int)v.len);
		buf_clear(&pair);
		buf_addf(&pair, "%s=%s", name == NULL ? "" : name,
		    value == NULL ? "" : value);
		if (curl_url_set(url, CURLUPART_QUERY, buf_str(&pair),
		        CURLU_APPENDQUERY) != CURLUE_OK)
			rc = bad(w, ":query: does not fit the URL");
		curl_free(name);
		curl_free(value);
	}
	buf_free(&k);
	buf_free(&v);
	buf_free(&pair);
	return rc;
}

CURLU *
http_url(struct work *w, const struct http_request *q)
{
	CURLU *url = curl_url();
	CURLUcode rc;
	char *scheme = NULL;
	bool ok = false;

	if (url == NULL) {
		work_fail(w, 0, "libcurl is out of memory");
		return NULL;
	}
	rc = curl_url_set(url, CURLUPART_URL, q->url, 0);
	if (rc != CURLUE_OK) {
		work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "%.200s: not a URL (%s)", q->url, curl_url_strerror(rc));
	} else if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) !=
	        CURLUE_OK ||
	    (strcasecmp(scheme, "http") != 0 &&
	        strcasecmp(scheme, "https") != 0)) {
		work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "%.200s: only http and https", q->url);
	} else {
		ok =
		    q->query == VAL_UNBOUND || add_query(w, url, q->query) == 0;
	}
	curl_free(scheme);
	if (ok)
		return url;
	curl_url_cleanup(url);
	return NULL;
}

void
http_drop_secrets(struct http_request *q)
{
	static const char *const secret[] = {
	    "authorization", "cookie", "proxy-authorization"};
	struct curl_slist *old = q->headers, *l;
	size_t i, n;

	q->headers = NULL;
	for (l = old; l != NULL; l = l->next) {
		for (i = 0; i < NITEMS(secret); i++) {
			n = strlen(secret[i]);
			if (strncasecmp(l->data, secret[i], n) == 0 &&
			    (l->data[n] == ':' || l->data[n] == ';'))
				break;
		}
		if (i == NITEMS(secret))
			append_header(q, l->data);
	}
	curl_slist_free_all(old);
}

void
http_drop_body(struct http_request *q)
{
	struct curl_slist *old = q->headers, *l;

	q->body = NULL;
	q->nbody = 0;
	q->headers = NULL;
	for (l = old; l != NULL; l = l->next) {
		if (strncasecmp(l->data, "content-", 8) != 0)
			append_header(q, l->data);
	}
	curl_slist_free_all(old);
}
