/*
 * redis_url - where a Redis is, read from a URL
 *
 * redis://[user][:password]@host[:port][/db][?db=n], the host may be [IPv6];
 * unix://[user:password@]/path[?db=n], also as redis+unix://. Percent-encoded
 * bytes are decoded. Pure.
 */
#ifndef REDIS_URL_H
#define REDIS_URL_H

struct redis_url {
	char *user, *password; /* NULL when not given */
	char *host;	       /* NULL for a socket */
	int port;
	char *path; /* NULL for a host */
	int db;
	int tls; /* rediss:// */
};

/* 0, or -1 with *why (static text). Strings are freed by redis_url_free. */
int redis_url_parse(const char *url, struct redis_url *out, const char **why);
void redis_url_free(struct redis_url *u);

#endif
