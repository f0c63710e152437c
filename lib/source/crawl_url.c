#include "source/crawl_url.h"

#include <string.h>

#include "base/buf.h"

static int
starts_with(struct document_text t, const char *s)
{
	return t.n >= strlen(s) && memcmp(t.s, s, strlen(s)) == 0;
}

/* The URL's scheme and host, up to the path, in lower case. */
static size_t
add_host(struct buf *out, struct document_text url, int https)
{
	size_t scheme = https ? 8 : 7, end = scheme, host = scheme;
	size_t port;

	while (end < url.n && strchr("/?#", url.s[end]) == NULL)
		end++;
	for (size_t i = scheme; i < end; i++)
		if (url.s[i] == '@')
			host = i + 1;
	port = end;
	if (https && end - host > 4 && memcmp(url.s + end - 4, ":443", 4) == 0)
		port = end - 4;
	if (!https && end - host > 3 && memcmp(url.s + end - 3, ":80", 3) == 0)
		port = end - 3;
	buf_puts(out, https ? "https://" : "http://");
	buf_add(out, url.s + scheme, host - scheme);
	for (size_t i = host; i < port; i++)
		buf_putc(out,
		    (char)(url.s[i] >= 'A' && url.s[i] <= 'Z' ? url.s[i] | 0x20
							      : url.s[i]));
	return end;
}

static int
has_scheme(struct document_text url, const char *scheme)
{
	size_t n = strlen(scheme);

	if (url.n <= n)
		return 0;
	for (size_t i = 0; i < n; i++)
		if ((url.s[i] | 0x20) != (scheme[i] | 0x20))
			return 0;
	return 1;
}

struct document_text
crawl_url(struct buf *out, struct document_text url)
{
	int https = has_scheme(url, "https://");
	struct document_text fragment = {0};
	size_t end;
	const char *hash;

	if (!https && !has_scheme(url, "http://"))
		return url;
	buf_reset(out, 4096);
	end = add_host(out, url, https);
	if (end == url.n || url.s[end] != '/')
		buf_putc(out, '/');
	hash = memchr(url.s + end, '#', url.n - end);
	if (hash != NULL)
		fragment = (struct document_text){
		    hash, url.n - (size_t)(hash - url.s)};
	buf_add(out, url.s + end, url.n - end - fragment.n);
	if (starts_with(fragment, "#/") || starts_with(fragment, "#!"))
		buf_add(out, fragment.s, fragment.n);
	if (out->len == url.n && memcmp(out->data, url.s, url.n) == 0)
		return url;
	return (struct document_text){out->data, out->len};
}
