/*
 * pty SCRIPT COMMAND [ARG...]: run a command on a pseudo-terminal of its own
 * and talk to it as a script says.  Exit 0: everything came as expected; else
 * the line that failed and what had come instead are on stderr.  Lines:
 *	send TEXT	type it; \r \n \t \e \\ \xHH are what they are in C
 *	expect TEXT	wait until it comes; what came before is forgotten
 *	absent TEXT	it is not in what has come since the last match
 *	sleep MS	let that time pass
 *	size ROWS COLS	change the terminal's size
 *	signal NUMBER	send the command a signal
 *	run TEXT	a command of the shell, which must succeed
 *	exit STATUS	wait for the end; 128+N after signal N
 */
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define SCREEN      (1 << 20)

static int master;
static pid_t child;
static char screen[SCREEN]; /* what has come since the last match */
static size_t shown;

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Decodes in place; returns the length. */
static size_t
unescape(char *s)
{
	char *in = s, *out = s;
	unsigned int byte;

	for (; *in != '\0'; in++) {
		if (*in != '\\') {
			*out++ = *in;
			continue;
		}
		switch (*++in) {
		case 'r':
			*out++ = '\r';
			break;
		case 'n':
			*out++ = '\n';
			break;
		case 't':
			*out++ = '\t';
			break;
		case 'e':
			*out++ = '\033';
			break;
		case 'x':
			if (sscanf(in + 1, "%2x", &byte) != 1)
				exit(2);
			*out++ = (char)byte;
			in += 2;
			break;
		default:
			*out++ = *in;
		}
	}
	*out = '\0';
	return (size_t)(out - s);
}

/* More of what the command says, for at most ms.  -1: it has ended. */
static int
listen_for(long ms)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, (int)ms) <= 0)
		return 0;
	if (shown == sizeof(screen)) { /* the older half is forgotten */
		shown /= 2;
		memmove(screen, screen + shown, shown);
	}
	n = read(master, screen + shown, sizeof(screen) - shown);
	if (n <= 0)
		return -1;
	shown += (size_t)n;
	return 0;
}

static int
expect(const char *text, size_t len)
{
	long end = now_ms() + PATIENCE_MS;
	char *at;
	int ended = 0;

	for (;;) {
		at = memmem(screen, shown, text, len);
		if (at != NULL) {
			shown -= (size_t)(at - screen) + len;
			memmove(screen, at + len, shown);
			return 0;
		}
		if (ended || now_ms() >= end)
			return -1;
		ended = listen_for(end - now_ms()) == -1;
	}
}

static int
send_text(const char *text, size_t len)
{
	ssize_t n;

	for (; len > 0; text += n, len -= (size_t)n) {
		if ((n = write(master, text, len)) <= 0)
			return -1;
	}
	return 0;
}

static int
pass(long ms)
{
	long end = now_ms() + ms;

	while (now_ms() < end) {
		if (listen_for(end - now_ms()) == -1)
			return 0;
	}
	return 0;
}

static int
resize(const char *text)
{
	struct winsize ws = {0};

	if (sscanf(text, "%hu %hu", &ws.ws_row, &ws.ws_col) != 2)
		return -1;
	return ioctl(master, TIOCSWINSZ, &ws);
}

static int
ended_with(int status)
{
	long end = now_ms() + PATIENCE_MS;
	int st;

	while (now_ms() < end && listen_for(end - now_ms()) == 0)
		;
	while (waitpid(child, &st, WNOHANG) == 0) {
		if (now_ms() >= end)
			return -1;
		usleep(10000);
	}
	child = 0;
	st = WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
	if (st != status)
		fprintf(stderr, "exit status %d\n", st);
	return st == status ? 0 : -1;
}

static int
obey(char *line)
{
	char *text = line + strcspn(line, " ");
	size_t len;

	if (*text != '\0')
		*text++ = '\0';
	if (strcmp(line, "exit") == 0)
		return ended_with(atoi(text));
	if (strcmp(line, "sleep") == 0)
		return pass(atol(text));
	if (strcmp(line, "size") == 0)
		return resize(text);
	if (strcmp(line, "signal") == 0)
		return kill(child, atoi(text));
	if (strcmp(line, "run") == 0)
		return system(text) == 0 ? 0 : -1;
	len = unescape(text);
	if (strcmp(line, "send") == 0)
		return send_text(text, len);
	if (strcmp(line, "expect") == 0)
		return expect(text, len);
	if (strcmp(line, "absent") == 0)
		return memmem(screen, shown, text, len) == NULL ? 0 : -1;
	return -1;
}

static void
start(char **argv)
{
	struct winsize ws = {.ws_row = 24, .ws_col = 80};
	int fd;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1) {
		perror("pty");
		exit(77);
	}
	ioctl(master, TIOCSWINSZ, &ws);
	if ((child = fork()) != 0)
		return;
	setsid();
	fd = open(ptsname(master), O_RDWR);
	if (fd == -1 || ioctl(fd, TIOCSCTTY, 0) == -1)
		_exit(127);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
	signal(SIGINT, SIG_DFL);
	execv(argv[0], argv);
	_exit(127);
}

static void
complain(int number, const char *line)
{
	size_t i;

	fprintf(stderr, "line %d: %s\nhad come: ", number, line);
	for (i = 0; i < shown; i++) {
		if ((unsigned char)screen[i] < 0x20)
			fprintf(stderr, "\\x%02x", screen[i]);
		else
			fputc(screen[i], stderr);
	}
	fputc('\n', stderr);
}

int
main(int argc, char **argv)
{
	static char line[65536], copy[65536];
	int number, status = 0;
	FILE *script;

	if (argc < 3 || (script = fopen(argv[1], "re")) == NULL) {
		fputs("usage: pty SCRIPT COMMAND [ARG...]\n", stderr);
		return 2;
	}
	start(argv + 2);
	for (number = 1; fgets(line, sizeof(line), script) != NULL; number++) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		strcpy(copy, line);
		if (obey(line) == -1) {
			complain(number, copy);
			status = 1;
			break;
		}
	}
	fclose(script);
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	return status;
}
