#include "net/redis_url.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A decoded copy of n bytes; NULL when a % is not followed by two digits or
   stands for NUL. */
static char *
decode(const char *s, size_t n)
{
	char *out = x_calloc(n + 1, 1), *to = out;

	for (size_t i = 0; i < n; i++) {
		int high, low;

		if (s[i] != '%') {
			*to++ = s[i];
			continue;
		}
		high = n - i > 2 ? hex(s[i + 1]) : -1;
		low = high >= 0 ? hex(s[i + 2]) : -1;
		if (low < 0 || high + low == 0) {
			free(out);
			return NULL;
		}
		*to++ = (char)(high << 4 | low);
		i += 2;
	}
	return out;
}

static int
bounded_int(const char *s, size_t n, int lo, int hi, int *out)
{
	char *copy = x_memdup(s, n);
	int64_t v;
	int status = num_int(copy, lo, hi, &v);

	if (status == 0)
		*out = (int)v;
	free(copy);
	return status;
}

/* Parse user:password@ before the first slash. Returns the rest. */
static const char *
parse_user(const char *s, struct redis_url *out, const char **why)
{
	const char *slash = s + strcspn(s, "/?"), *at = NULL, *colon;

	for (const char *p = s; p < slash; p++)
		if (*p == '@')
			at = p;
	if (at == NULL)
		return s;
	colon = memchr(s, ':', (size_t)(at - s));
	if (colon != NULL)
		out->password = decode(colon + 1, (size_t)(at - colon - 1));
	else
		colon = at;
	if (colon > s)
		out->user = decode(s, (size_t)(colon - s));
	if ((colon < at && out->password == NULL) ||
	    (colon > s && out->user == NULL)) {
		*why = "a bad % in the user or password";
		return NULL;
	}
	return at + 1;
}

/* Parse host[:port]. Returns the rest. */
static const char *
parse_host(const char *s, struct redis_url *out, const char **why)
{
	const char *end = s + strcspn(s, "/?"), *colon, *host = s, *stop;

	if (*s == '[') {
		host = s + 1;
		stop = memchr(host, ']', (size_t)(end - host));
		if (stop == NULL) {
			*why = "a [ without its ]";
			return NULL;
		}
		colon = stop + 1;
	} else {
		colon = memchr(s, ':', (size_t)(end - s));
		stop = colon = colon ? colon : end;
	}
	out->host = stop > host ? decode(host, (size_t)(stop - host))
				: x_strdup("localhost");
	out->port = 6379;
	if (out->host == NULL || (colon < end && *colon != ':') ||
	    (colon + 1 < end &&
		bounded_int(colon + 1, (size_t)(end - colon - 1), 1, 65535,
		    &out->port) != 0)) {
		*why = "a bad host or port";
		return NULL;
	}
	return end;
}

/* Whether s, of n bytes, is key=value; sets the value if so. */
static int
is_key(
    const char *s, size_t n, const char *key, const char **value, size_t *len)
{
	size_t k = strlen(key);

	if (n <= k || memcmp(s, key, k) != 0 || s[k] != '=')
		return 0;
	*value = s + k + 1;
	*len = n - k - 1;
	return 1;
}

static int
is_word(const char *s, size_t n, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == n && memcmp(s, *words, n) == 0)
			return 1;
	return 0;
}

/* Parse a key of rediss://. 0, or -1 with *why. */
static int
parse_tls(const char *s, size_t n, struct redis_url *out, const char **why)
{
	static const char *const none[] = {"none", "CERT_NONE", "0", NULL};
	static const char *const no[] = {"false", "False", "0", "no", NULL};
	const struct {
		const char *key, *alias;
		char **file;
	} files[] = {{"ssl_ca_certs", "cacert", &out->authorities},
	    {"ssl_certfile", "cert", &out->certificate},
	    {"ssl_keyfile", "key", &out->key}};
	const char *v;
	size_t len;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!is_key(s, n, files[i].key, &v, &len) &&
		    !is_key(s, n, files[i].alias, &v, &len))
			continue;
		free(*files[i].file);
		*files[i].file = decode(v, len);
		if (*files[i].file == NULL || len == 0) {
			*why = "a bad name of a file behind the ?";
			return -1;
		}
	}
	if (is_key(s, n, "ssl_cert_reqs", &v, &len))
		out->unchecked = is_word(v, len, none);
	if (is_key(s, n, "ssl_check_hostname", &v, &len))
		out->any_host = is_word(v, len, no);
	return 0;
}

/* Parse ?db=n. Other keys are for other clients, and are ignored. */
static int
parse_query(const char *s, struct redis_url *out, const char **why)
{
	while (*s != '\0') {
		size_t n = strcspn(s, "&");

		if (n > 3 && memcmp(s, "db=", 3) == 0 &&
		    bounded_int(s + 3, n - 3, 0, 1 << 20, &out->db) != 0) {
			*why = "a bad database number";
			return -1;
		}
		if (out->tls && parse_tls(s, n, out, why) == -1)
			return -1;
		s += n + (s[n] == '&');
	}
	return 0;
}

static int
parse_socket(const char *s, struct redis_url *out, const char **why)
{
	size_t n;

	s = parse_user(s, out, why);
	if (s == NULL)
		return -1;
	n = strcspn(s, "?");
	out->path = n > 0 && *s == '/' ? decode(s, n) : NULL;
	if (out->path == NULL) {
		*why = "unix:// wants an absolute path: unix:///run/redis.sock";
		return -1;
	}
	return parse_query(s + n + (s[n] == '?'), out, why);
}

static int
parse_network(const char *s, struct redis_url *out, const char **why)
{
	size_t n;

	s = parse_user(s, out, why);
	if (s != NULL)
		s = parse_host(s, out, why);
	if (s == NULL)
		return -1;
	if (*s == '/') {
		n = strcspn(++s, "?");
		if (n > 0 && bounded_int(s, n, 0, 1 << 20, &out->db) != 0) {
			*why = "a bad database number";
			return -1;
		}
		s += n;
	}
	return parse_query(s + (*s == '?'), out, why);
}

int
redis_url_parse(const char *url, struct redis_url *out, const char **why)
{
	static const struct {
		const char *scheme;
		int (*parse)(const char *, struct redis_url *, const char **);
		int tls;
	} schemes[] = {{"redis://", parse_network, 0},
	    {"rediss://", parse_network, 1}, {"unix://", parse_socket, 0},
	    {"redis+unix://", parse_socket, 0}};

	*out = (struct redis_url){.none = strcmp(url, "none") == 0};
	if (out->none)
		return 0;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t n = strlen(schemes[i].scheme);

		if (strncmp(url, schemes[i].scheme, n) != 0)
			continue;
		out->tls = schemes[i].tls;
		if (schemes[i].parse(url + n, out, why) == 0)
			return 0;
		redis_url_free(out);
		return -1;
	}
	*why = "not a Redis URL: redis://host:6379/0, rediss://host "
	       "(TLS) or unix:///path?db=0";
	return -1;
}

void
redis_url_free(struct redis_url *u)
{
	free(u->user);
	free(u->password);
	free(u->host);
	free(u->path);
	free(u->authorities);
	free(u->certificate);
	free(u->key);
	*u = (struct redis_url){0};
}
