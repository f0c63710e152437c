/*
 * redis_url - parse the URL of a Redis
 *
 * redis://[user][:password]@host[:port][/db][?db=n], the host may be [IPv6];
 * unix://[user:password@]/path[?db=n], also as redis+unix://; and rediss:// as
 * redis:// for TLS, with the keys that Python's client has for it:
 * ssl_ca_certs, ssl_certfile, ssl_keyfile, ssl_cert_reqs=none,
 * ssl_check_hostname=false; or redis-cli's cacert, cert, key. Percent-encoded
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
	int none;			       /* "none": there is no Redis */
	int tls;			       /* rediss:// */
	char *authorities, *certificate, *key; /* files, or NULL */
	int unchecked, any_host; /* checks of the certificate that are off */
};

/* 0, or -1 with *why (static text). Strings are freed by redis_url_free. */
int redis_url_parse(const char *url, struct redis_url *out, const char **why);
void redis_url_free(struct redis_url *u);

#endif
