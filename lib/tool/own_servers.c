#include "tool/own_servers.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "tool/cli.h"

/* Append the folder of the servers. 0, or -1 if nothing names it. */
static int
add_home(struct buf *out)
{
	const char *given = cli_env("PL_HOME", NULL);
	const char *data = cli_env("XDG_DATA_HOME", NULL);
	const char *home = cli_env("HOME", NULL);
	char folder[4096];

	if (given == NULL && data == NULL && geteuid() == 0)
		given = "/var/lib/pl";
	if (given == NULL && data == NULL && home == NULL)
		return -1;
	if ((given ? given : data ? data : home)[0] != '/') {
		if (getcwd(folder, sizeof(folder)) == NULL)
			return -1;
		buf_printf(out, "%s/", folder);
	}
	if (given != NULL)
		buf_puts(out, given);
	else if (data != NULL)
		buf_printf(out, "%s/pl", data);
	else
		buf_printf(out, "%s/.local/share/pl", home);
	return 0;
}

/* Append a path as part of a URL. */
static void
add_encoded(struct buf *out, const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789/._~-";

	for (; *path != '\0'; path++)
		if (strchr(plain, *path) != NULL)
			buf_putc(out, *path);
		else
			buf_printf(out, "%%%02x", (unsigned char)*path);
}

/* Whether a server listens on the socket of this path. */
static int
listens(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd, taken;

	if (strlen(path) >= sizeof(a.sun_path))
		return 0;
	memcpy(a.sun_path, path, strlen(path));
	/* A server whose queue is full would keep us waiting. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return 0;
	taken = connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	close(fd);
	return taken;
}

/*
 * start and path within the home make the URL, if the socket, which is named
 * from the home, too, is listened on.
 */
static char *
url_of(const char *start, const char *path, const char *socket_name)
{
	struct buf folder = {0}, name = {0}, url = {0};

	if (add_home(&folder) == 0) {
		buf_printf(&name, "%s/%s", folder.data, socket_name);
		if (listens(name.data)) {
			buf_puts(&url, start);
			add_encoded(&url, folder.data);
			buf_puts(&url, path);
		}
	}
	buf_free(&folder);
	buf_free(&name);
	return url.data;
}

char *
own_servers_database(void)
{
	const char *port = cli_env("PGPORT", NULL);
	struct buf name = {0};
	char *url;

	buf_printf(&name, "postgres/.s.PGSQL.%s", port ? port : "5432");
	url = url_of("postgresql://pl@/pl?host=", "/postgres", name.data);
	buf_free(&name);
	return url;
}

char *
own_servers_redis(void)
{
	return url_of("unix://", "/redis/redis.sock", "redis/redis.sock");
}
