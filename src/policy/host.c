/* Hosts and ports, as :allow and --allow-net have them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "policy/rules.h"

/* A star stands for every host, or for the first names of one: "127*" would be
 * 127.example.com, too. */
static bool
star_is_whole(const char *text)
{
	const char *star = strchr(text, '*');

	if (star == NULL)
		return true;
	return star == text && strchr(star + 1, '*') == NULL &&
	    (text[1] == '\0' || text[1] == ':' ||
	        (text[1] == '.' && text[2] != '\0' && text[2] != ':'));
}

/* "host", "*.host", "*", "[address]", each with ":port" or without; says what
 * is wrong. */
bool
parse_host(struct parse *p, struct spot at, const char *text)
{
	const char *port = strrchr(text, ':'), *bracket = strchr(text, ']');
	unsigned long n;
	char *end;

	if (text[strcspn(text, "/ \t\n@")] != '\0' || *text == '\0' ||
	    (text[0] == ':' && text[1] != ':')) {
		WRONG(p, at, "\"%s\" is no HOST or HOST:PORT", text);
		return false;
	}
	if (!star_is_whole(text)) {
		WRONG(p, at,
		    "\"%s\": a * is a whole host (\"*:443\") or its first "
		    "names (\"*.example.com\")",
		    text);
		return false;
	}
	if (bracket == NULL && strchr(text, ':') != port) {
		if (inet_pton(AF_INET6, text, &(struct in6_addr){0}) == 1)
			return true;
		WRONG(p, at,
		    "\"%s\" is no IPv6 address; with a port it is "
		    "[ADDRESS]:PORT",
		    text);
		return false;
	}
	if (port == NULL || (bracket != NULL && port < bracket))
		return true;
	n = strtoul(port + 1, &end, 10);
	if (port[1] < '0' || port[1] > '9' || *end != '\0' || n == 0 ||
	    n > 65535) {
		WRONG(
		    p, at, "\"%s\": a port is a number from 1 to 65535", text);
		return false;
	}
	return true;
}

bool
parse_allow(struct parse *p, struct spot at, val v, struct effective *s)
{
	size_t i;

	if (!parse_texts(p, at, ":allow", v, false, &s->allow))
		return false;
	for (i = 0; s->allow[i] != NULL; i++)
		parse_host(p, item_spot(at, v, i), s->allow[i]);
	return true;
}
