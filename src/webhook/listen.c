/* SOCK_CLOEXEC and SOCK_NONBLOCK */
#define _GNU_SOURCE

#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/num.h"
#include "tool/cli.h"

/*
 * Waiting connections. Too short a queue makes a burst of connections slow: the
 * kernel drops what does not fit, and the client tries again after a second.
 */
enum { BACKLOG = 1024, FIRST_FD = 3 };

/* The socket of systemd, or -1: none was passed to this process. */
static int
passed_socket(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int64_t n;

	if (pid == NULL || fds == NULL ||
	    num_int(pid, 1, INT32_MAX, &n) == -1 || n != getpid())
		return -1;
	if (num_int(fds, 1, 1, &n) == -1)
		cli_die(CLI_FAILED, "LISTEN_FDS: one socket is expected");
	if (fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(FIRST_FD, F_SETFL, O_NONBLOCK) == -1)
		cli_die(CLI_FAILED, "LISTEN_FDS: %s", strerror(errno));
	return FIRST_FD;
}

/* Split ADDR:PORT or [ADDR]:PORT; the caller frees the host. */
static char *
split(const char *address, const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t n = colon ? (size_t)(colon - address) : 0;
	int64_t number;

	if (n == 0 || num_int(colon + 1, 0, 65535, &number) == -1)
		cli_usage("--listen '%s': expected ADDR:PORT such as "
			  "127.0.0.1:8785 or [::1]:8785",
		    address);
	*port = colon + 1;
	if (address[0] == '[' && address[n - 1] == ']')
		return x_memdup(address + 1, n - 2);
	return x_memdup(address, n);
}

static int
open_socket(const struct addrinfo *a)
{
	int fd, on = 1, saved;

	fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    a->ai_protocol);
	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static void
print_address(int fd)
{
	struct sockaddr_storage at = {0};
	socklen_t n = sizeof(at);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&at, &n) == 0 &&
	    getnameinfo((struct sockaddr *)&at, n, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		cli_warn(at.ss_family == AF_INET6 ? "listening on [%s]:%s"
						  : "listening on %s:%s",
		    host, port);
}

int
webhook_listen(const char *address)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	const char *port;
	char *host;
	int fd = passed_socket(), code;

	if (fd != -1)
		return fd;
	host = split(address, &port);
	code = getaddrinfo(host, port, &hints, &found);
	if (code != 0)
		cli_die(
		    CLI_FAILED, "--listen %s: %s", address, gai_strerror(code));
	for (const struct addrinfo *a = found; a != NULL && fd == -1;
	     a = a->ai_next)
		fd = open_socket(a);
	if (fd == -1)
		cli_die(errno == EADDRINUSE ? CLI_UNAVAILABLE : CLI_FAILED,
		    "--listen %s: %s", address, strerror(errno));
	freeaddrinfo(found);
	free(host);
	print_address(fd);
	return fd;
}

void
webhook_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t n = path ? strlen(path) : 0;
	int fd;

	if (n == 0 || n >= sizeof(to.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* an abstract name */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}
