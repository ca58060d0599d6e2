/* Attacks over sockets, and the victim that waits for them. */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static bool
inet(const char *arg)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_port = htons((uint16_t)attack_number(arg));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd != -1 &&
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0;
}

static bool
abstract(const char *arg)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t n = strlen(arg);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sun.sun_path + 1, arg, n);
	return fd != -1 &&
	    connect(fd, (struct sockaddr *)&sun,
	        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) ==
	    0;
}

static bool
netlink(const char *arg ATTR_UNUSED)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) != -1;
}

/* A socket for datagrams, where $ATTACK_SOCKET says. */
static bool
listen_in_file(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const char *path = getenv("ATTACK_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (path == NULL)
		return true;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	return bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 &&
	    chmod(path, 0666) == 0;
}

/* Waits to be attacked: an open port, names of sockets, memory. */
static bool
victim(const char *arg)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(sin);
	size_t n = strlen(arg);
	int fd = socket(AF_INET, SOCK_STREAM, 0), un;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 8) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		return false;
	un = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(sun.sun_path + 1, arg, n);
	if (bind(un, (struct sockaddr *)&sun,
	        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) ==
	        -1 ||
	    listen(un, 8) == -1)
		return false;
	if (!listen_in_file())
		return false;
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	printf("%d %d\n", (int)getpid(), ntohs(sin.sin_port));
	fflush(stdout);
	attack_wait();
}

/* A pair is no way out, but each of its ends sends wherever it likes. */
static bool
datagram(const char *arg)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int pair[2];

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", arg);
	return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0 &&
	    sendto(pair[0], "x", 1, 0, (struct sockaddr *)&sun, sizeof(sun)) ==
	    1;
}

/* Of a family that no network namespace bounds, or that no program needs. */
static bool
family(const char *arg)
{
	int type = attack_number(arg) == AF_ALG ? SOCK_SEQPACKET : SOCK_STREAM;

	if (attack_number(arg) == AF_PACKET)
		type = SOCK_RAW;
	return socket((int)attack_number(arg), type, 0) != -1;
}

const struct attack network_attacks[] = {
    {"inet",     inet    },
    {"abstract", abstract},
    {"netlink",  netlink },
    {"victim",   victim  },
    {"datagram", datagram},
    {"family",   family  },
    {NULL,       NULL    },
};
