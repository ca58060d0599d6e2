/*
 * A small HTTP/1.1 server on loopback for the tests of http.*, in a process of
 * its own, one child a connection.  What it answers is decided by the path:
 *
 *	/hello		200, two X-Test fields, a Latin-1 field, "hello\n"
 *	/echo		the request as it came: line, fields, body
 *	/status/N	that status, empty body
 *	/redirect/N	302 to /redirect/N-1; /redirect/0 is "end"
 *	/go/CODE/URL	redirect with that code to URL
 *	/big/N		N bytes in chunks, length not announced
 *	/liar		announces 100 bytes, sends 5
 *	/bin		bytes that are not UTF-8
 *	/slow		header, one byte, then nothing
 *	/hang		nothing at all
 *	/headers	fields without end
 */
#ifndef TESTS_UNIT_HTTP_SERVER_H
#define TESTS_UNIT_HTTP_SERVER_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static inline void
server_send(int fd, const char *s, size_t n)
{
	ssize_t k;

	while (n > 0 && (k = send(fd, s, n, MSG_NOSIGNAL)) > 0) {
		s += k;
		n -= (size_t)k;
	}
	if (n > 0)
		_exit(0);
}

static inline void
server_say(int fd, const char *s)
{
	server_send(fd, s, strlen(s));
}

static bool server_head_only; /* the request is HEAD */

static inline void
server_body(int fd, const char *status, const char *fields, const char *body,
    size_t len)
{
	char head[8192];

	snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status, len,
	    fields);
	server_say(fd, head);
	if (!server_head_only)
		server_send(fd, body, len);
}

static inline void
server_big(int fd, long n)
{
	static char block[50000];
	char size[32];
	long k;

	memset(block, 'x', sizeof(block));
	server_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (; n > 0; n -= k) {
		k = n < 50000 ? n : 50000;
		snprintf(size, sizeof(size), "%lx\r\n", k);
		server_say(fd, size);
		server_send(fd, block, (size_t)k);
		server_say(fd, "\r\n");
	}
	server_say(fd, "0\r\n\r\n");
}

/* request is the whole of it, NUL-terminated at len. */
static inline void
server_answer(int fd, char *request, size_t len)
{
	char path[2048] = "", fields[2200];
	int n;

	server_head_only = strncmp(request, "HEAD ", 5) == 0;
	sscanf(request, "%*s %2047s", path);
	if (strcmp(path, "/hello") == 0) {
		server_body(fd, "200 OK",
		    "X-Test: a\r\nx-test:  b \r\nX-Latin: caf\351\r\n",
		    "hello\n", 6);
	} else if (strncmp(path, "/echo", 5) == 0) {
		server_body(fd, "200 OK", "", request, len);
	} else if (strncmp(path, "/status/", 8) == 0) {
		server_body(fd, path + 8, "", "", 0);
	} else if (strcmp(path, "/redirect/0") == 0) {
		server_body(fd, "200 OK", "", "end", 3);
	} else if (strncmp(path, "/redirect/", 10) == 0) {
		snprintf(fields, sizeof(fields), "Location: /redirect/%d\r\n",
		    atoi(path + 10) - 1);
		server_body(fd, "302 Found", fields, "gone", 4);
	} else if (sscanf(path, "/go/%d/%n", &n, &n) == 1) {
		path[7] = '\0';
		snprintf(fields, sizeof(fields), "Location: %s\r\n", path + 8);
		server_body(fd, path + 4, fields, "", 0);
	} else if (strncmp(path, "/big/", 5) == 0) {
		server_big(fd, atol(path + 5));
	} else if (strcmp(path, "/liar") == 0) {
		server_say(
		    fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
		_exit(0);
	} else if (strcmp(path, "/bin") == 0) {
		server_body(fd, "200 OK", "", "a\377\0b", 4);
	} else if (strcmp(path, "/slow") == 0) {
		server_say(
		    fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
		sleep(10);
	} else if (strcmp(path, "/hang") == 0) {
		sleep(10);
	} else if (strcmp(path, "/headers") == 0) {
		server_say(fd, "HTTP/1.1 200 OK\r\n");
		memset(fields, 'x', sizeof(fields));
		fields[6] = ':';
		memcpy(fields + sizeof(fields) - 3, "\r\n", 3);
		for (n = 0; n < 1000; n++)
			server_say(fd, fields);
	} else {
		server_body(fd, "404 Not Found", "", "no such path\n", 13);
	}
}

/* One connection: request after request until it closes. */
static inline void
server_connection(int fd)
{
	static char in[1 << 16];
	size_t have = 0, need;
	char *end, *field;
	ssize_t k;

	for (;;) {
		in[have] = '\0';
		end = strstr(in, "\r\n\r\n");
		need = 0;
		if (end != NULL) {
			need = (size_t)(end + 4 - in);
			field = strcasestr(in, "\r\ncontent-length:");
			if (field != NULL && field < end)
				need += strtoul(field + 17, NULL, 10);
		}
		if (end == NULL || have < need) {
			k = read(fd, in + have, sizeof(in) - 1 - have);
			if (k <= 0)
				_exit(0);
			have += (size_t)k;
			if (in[0] == 0x16) { /* TLS: it has none */
				server_body(fd, "400 Bad Request", "", "", 0);
				_exit(0);
			}
			continue;
		}
		server_answer(fd, in, need);
		memmove(in, in + need, have - need);
		have -= need;
	}
}

struct server {
	pid_t pid;
	unsigned int port;
};

static inline bool
server_start(struct server *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), c;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		return false;
	s->port = ntohs(a.sin_port);
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		signal(SIGCHLD, SIG_IGN);
		while ((c = accept(fd, NULL, NULL)) != -1) {
			if (fork() == 0) {
				close(fd);
				setsockopt(c, IPPROTO_TCP, TCP_NODELAY,
				    &(int){1}, sizeof(int));
				server_connection(c);
			}
			close(c);
		}
		_exit(1);
	}
	setpgid(s->pid, s->pid);
	close(fd);
	return s->pid != -1;
}

static inline void
server_stop(struct server *s)
{
	if (s->pid > 1) {
		kill(-s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
}

#endif
