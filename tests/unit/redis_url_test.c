/* redis_url: the forms people write */
#include "net/redis_url.h"

#include <string.h>

#include "tap.h"

static const struct {
	const char *url, *user, *password, *host, *path;
	int port, db;
} good[] = {
    {"redis://", NULL, NULL, "localhost", NULL, 6379, 0},
    {"redis://h", NULL, NULL, "h", NULL, 6379, 0},
    {"redis://h:1/2", NULL, NULL, "h", NULL, 1, 2},
    {"redis://h/?db=3&x=y", NULL, NULL, "h", NULL, 6379, 3},
    {"redis://h?db=3", NULL, NULL, "h", NULL, 6379, 3},
    {"redis://:p%40ss%2F@h/0", NULL, "p@ss/", "h", NULL, 6379, 0},
    {"redis://u:p:q@h", "u", "p:q", "h", NULL, 6379, 0},
    {"redis://u:p@q@h", "u", "p@q", "h", NULL, 6379, 0},
    {"redis://u@h", "u", NULL, "h", NULL, 6379, 0},
    {"redis://[::1]:7/1", NULL, NULL, "::1", NULL, 7, 1},
    {"redis://[::1]", NULL, NULL, "::1", NULL, 6379, 0},
    {"unix:///run/r.sock", NULL, NULL, NULL, "/run/r.sock", 0, 0},
    {"unix:///a%20b?x=1&db=9", NULL, NULL, NULL, "/a b", 0, 9},
    {"redis+unix:///r", NULL, NULL, NULL, "/r", 0, 0},
    {"unix://u:p@/r", "u", "p", NULL, "/r", 0, 0},
    {"rediss://h", NULL, NULL, "h", NULL, 6379, 0},
};

static const struct {
	const char *url, *authorities, *certificate, *key;
	int unchecked, any_host, db;
} secure[] = {
    {"rediss://h", NULL, NULL, NULL, 0, 0, 0},
    {"rediss://h/2?ssl_ca_certs=/a%20b.pem", "/a b.pem", NULL, NULL, 0, 0, 2},
    {"rediss://h?cacert=a&cert=b&key=c&db=1", "a", "b", "c", 0, 0, 1},
    {"rediss://h?ssl_certfile=b&ssl_keyfile=c", NULL, "b", "c", 0, 0, 0},
    {"rediss://h?ssl_cert_reqs=none", NULL, NULL, NULL, 1, 0, 0},
    {"rediss://h?ssl_cert_reqs=None", NULL, NULL, NULL, 0, 0, 0},
    {"rediss://h?ssl_cert_reqs=required", NULL, NULL, NULL, 0, 0, 0},
    {"rediss://h?ssl_check_hostname=false", NULL, NULL, NULL, 0, 1, 0},
    {"rediss://h?ssl_check_hostname=true", NULL, NULL, NULL, 0, 0, 0},
    {"rediss://h?ssl_check_hostname", NULL, NULL, NULL, 0, 0, 0},
    {"redis://h?cacert=a&ssl_cert_reqs=none", NULL, NULL, NULL, 0, 0, 0},
};

static const char *const bad[] = {"", "h:6379", "http://h", "redis:/h",
    "redis://h:0", "redis://h:65536", "redis://h:x", "redis://h/x",
    "redis://h/-1", "redis://[::1", "redis://[::1]x", "redis://:%zz@h",
    "redis://:%4@h", "redis://:%00@h", "redis://h%", "unix://r", "unix://",
    "unix:///r?db=x", "redis://h?db=-1",
    "rediss://h?cacert=", "rediss://h?cacert=%zz"};

static int
equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int
main(void)
{
	struct redis_url u;
	const char *why;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int status = redis_url_parse(good[i].url, &u, &why);

		tap(status == 0 && equal(u.user, good[i].user) &&
			equal(u.password, good[i].password) &&
			equal(u.host, good[i].host) &&
			equal(u.path, good[i].path) && u.port == good[i].port &&
			u.db == good[i].db &&
			u.tls == (strncmp(good[i].url, "rediss", 6) == 0),
		    "%s", good[i].url);
		redis_url_free(&u);
	}
	for (size_t i = 0; i < sizeof(secure) / sizeof(*secure); i++) {
		int status = redis_url_parse(secure[i].url, &u, &why);

		tap(status == 0 &&
			equal(u.authorities, secure[i].authorities) &&
			equal(u.certificate, secure[i].certificate) &&
			equal(u.key, secure[i].key) &&
			u.unchecked == secure[i].unchecked &&
			u.any_host == secure[i].any_host &&
			u.db == secure[i].db,
		    "%s", secure[i].url);
		redis_url_free(&u);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		why = NULL;
		tap(redis_url_parse(bad[i], &u, &why) == -1 && why != NULL,
		    "'%s' is refused: %s", bad[i], why ? why : "");
	}
	return tap_done();
}
