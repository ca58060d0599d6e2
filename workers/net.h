/* Which hosts and addresses http.* may talk to.  Knows policy and addresses,
 * nothing of HTTP. */
#ifndef WORKERS_NET_H
#define WORKERS_NET_H

#include <sys/socket.h>

#include "policy/policy.h"

/* May the host, as the URL names it (lower case, without brackets), be asked
 * for at all? */
bool net_host_allowed(
    const struct effective *, const char *host, unsigned int port);
/*
 * May this address be connected to on behalf of that host?  Loopback, private,
 * link-local and other addresses that are not of the public network only if a
 * pattern names the host without a star, or names the address ("10.*").  Asked
 * when a socket is opened, after names have been resolved.
 */
bool net_address_allowed(const struct effective *, const char *host,
    unsigned int port, const struct sockaddr *);
bool net_address_public(const struct sockaddr *);
bool net_address_loopback(const struct sockaddr *);

#endif
