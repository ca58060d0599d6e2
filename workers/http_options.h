/* What a task asks of http.*: its arguments, read and checked. */
#ifndef WORKERS_HTTP_OPTIONS_H
#define WORKERS_HTTP_OPTIONS_H

#include "workers/builtin.h"

struct curl_slist;
struct Curl_URL; /* CURLU */

struct http_request {
	char method[24];
	const char *url;  /* borrowed, like body */
	const char *body; /* NULL: none */
	size_t nbody;
	struct curl_slist *headers;
	val query;       /* map, or VAL_UNBOUND; borrowed */
	int64_t timeout; /* ns; INT64_MAX: the task's */
	uint64_t max_bytes;
	long redirects;
	bool base64;
};

void http_request_init(struct http_request *, uint64_t max_bytes, long hops);
/* method NULL: argument 0 is a map with :method :url :body; else argument 0 is
 * the URL, and argument 1 a body if there is one.  -1 after work_error(). */
int http_request_read(
    struct work *, const char *method, bool body, struct http_request *);
void http_request_free(struct http_request *);
/* The URL with its query, checked to be http or https; NULL after
 * work_error(). */
struct Curl_URL *http_url(struct work *, const struct http_request *);
/* For a hop to another origin: no credentials. */
void http_drop_secrets(struct http_request *);
/* For a hop that becomes a GET. */
void http_drop_body(struct http_request *);

#endif
