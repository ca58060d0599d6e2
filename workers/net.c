/*
 * Hosts and addresses.  The name is checked before it is resolved, the address
 * after, so a name under someone else's control cannot lead into the networks
 * that only this machine can reach.
 */
#include <netinet/in.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "workers/net.h"

/* IANA special-purpose blocks that are not the public network. */
static const struct {
	uint32_t net;
	unsigned int bits;
} special4[] = {
    {0x00000000, 8 }, /* this host */
    {0x0a000000, 8 }, /* private */
    {0x64400000, 10}, /* carrier-grade NAT */
    {0x7f000000, 8 }, /* loopback */
    {0xa9fe0000, 16}, /* link-local, cloud metadata */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* protocol assignments */
    {0xc0000200, 24}, /* documentation */
    {0xc0586300, 24}, /* 6to4 relays */
    {0xc0a80000, 16}, /* private */
    {0xc6120000, 15}, /* benchmarks */
    {0xc6336400, 24}, /* documentation */
    {0xcb007100, 24}, /* documentation */
    {0xe0000000, 3 }, /* multicast, reserved, broadcast */
};

static bool
public4(uint32_t a)
{
	size_t i;

	for (i = 0; i < NITEMS(special4); i++) {
		if ((a ^ special4[i].net) >> (32 - special4[i].bits) == 0)
			return false;
	}
	return true;
}

static uint32_t
word(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* The IPv4 address inside an IPv6 one that stands for it. */
static bool
inner4(const uint8_t *a, uint32_t *v4)
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};

	if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0) {
		*v4 = word(a + 12);
		return true;
	}
	if (a[0] == 0x20 && a[1] == 0x02) { /* 6to4 */
		*v4 = word(a + 2);
		return true;
	}
	return false;
}

/* Only global unicast, 2000::/3, without its special blocks. */
static bool
public6(const uint8_t *a)
{
	uint32_t v4;

	if (inner4(a, &v4))
		return public4(v4);
	if ((a[0] & 0xe0) != 0x20)
		return false;
	if (a[0] == 0x20 && a[1] == 0x01 && (a[2] & 0xfe) == 0)
		return false; /* 2001::/23, Teredo among them */
	if (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8)
		return false; /* documentation */
	return !(a[0] == 0x3f && a[1] == 0xff && (a[2] & 0xf0) == 0);
}

/* Copied out: the callers' pointers need not be aligned for their family. */
static bool
get4(const struct sockaddr *sa, uint32_t *v4)
{
	struct sockaddr_in in;

	if (sa->sa_family != AF_INET)
		return false;
	memcpy(&in, sa, sizeof(in));
	*v4 = ntohl(in.sin_addr.s_addr);
	return true;
}

static bool
get6(const struct sockaddr *sa, uint8_t a[16])
{
	struct sockaddr_in6 in;

	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(&in, sa, sizeof(in));
	memcpy(a, &in.sin6_addr, 16);
	return true;
}

bool
net_address_public(const struct sockaddr *sa)
{
	uint32_t v4;
	uint8_t v6[16];

	return get4(sa, &v4) ? public4(v4) : get6(sa, v6) && public6(v6);
}

bool
net_address_loopback(const struct sockaddr *sa)
{
	static const uint8_t one[16] = {[15] = 1};
	uint32_t v4;
	uint8_t v6[16];

	if (get4(sa, &v4))
		return v4 >> 24 == 127;
	if (!get6(sa, v6))
		return false;
	return memcmp(v6, one, 16) == 0 || (inner4(v6, &v4) && v4 >> 24 == 127);
}

bool
net_host_allowed(
    const struct effective *rights, const char *host, unsigned int port)
{
	return rights->network != NETWORK_NONE &&
	    policy_host_allowed(rights->allow, host, port);
}

/* The host part of a pattern: "[::1]:80", "::1", "*.example:80", "a.example". */
static size_t
host_part(const char *pattern)
{
	const char *end, *colon;

	if (pattern[0] == '[' && (end = strchr(pattern, ']')) != NULL)
		return (size_t)(end + 1 - pattern);
	colon = strchr(pattern, ':');
	if (colon == NULL || strchr(colon + 1, ':') != NULL)
		return strlen(pattern); /* no port, or a bare IPv6 address */
	return (size_t)(colon - pattern);
}

bool
net_address_allowed(const struct effective *rights, const char *host,
    unsigned int port, const struct sockaddr *sa)
{
	char text[INET6_ADDRSTRLEN] = "";
	char *one[2] = {NULL, NULL};
	uint32_t v4;
	uint8_t v6[16];
	size_t i, n;

	if (rights->network == NETWORK_LOOPBACK)
		return net_address_loopback(sa);
	if (net_address_public(sa))
		return true;
	if (get4(sa, &v4)) {
		v4 = htonl(v4);
		inet_ntop(AF_INET, &v4, text, sizeof(text));
	} else if (get6(sa, v6)) {
		inet_ntop(AF_INET6, v6, text, sizeof(text));
	} else {
		return false;
	}
	for (i = 0; rights->allow != NULL && rights->allow[i] != NULL; i++) {
		one[0] = rights->allow[i];
		n = host_part(one[0]);
		if (memchr(one[0], '*', n) == NULL &&
		    policy_host_allowed(one, host, port))
			return true; /* names this host */
		if (strcspn(one[0], "0123456789abcdefABCDEF") < n &&
		    policy_host_allowed(one, text, port))
			return true; /* names this address or its network */
	}
	return false;
}
