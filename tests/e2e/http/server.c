/*
 * The loopback server of tests/unit/http_server.h as a program: writes its
 * port on standard output, serves until its standard input ends.
 */
#include "../../unit/http_server.h"

int
main(void)
{
	struct server s;
	char c;

	if (!server_start(&s))
		return 1;
	printf("%u\n", s.port);
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	server_stop(&s);
	return 0;
}
