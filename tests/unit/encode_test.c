/*
 * encode: base64 in both directions, and invalid base64
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/encode.h"
#include "tap.h"

/* RFC 4648, section 10, and bytes beyond ASCII. */
static const struct {
	const char *text, *base64;
} pairs[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
    {"\xFF\xFE\xFD", "//79"}, {"\xFB\xEF\xBE", "++++"}};

static const char *const bad[] = {"Z", "Zg",
    "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Zm9*", "Zm9\x80",
    "=Zg=", "Zm9v\n", "Zh==", "Zm9=", "Zm-_"};

static int
read_back(const char *s, struct buf *out)
{
	size_t n = strlen(s), size = encode_base64_size(s, n);

	buf_reset(out, 1024);
	if (size == SIZE_MAX)
		return -1;
	buf_reserve(out, size);
	out->len = size;
	return encode_base64_read(s, n, out->data);
}

int
main(void)
{
	struct buf b = {0}, back = {0};
	unsigned char all[256];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		size_t n = strlen(pairs[i].text);

		buf_reset(&b, 1024);
		encode_base64(&b, pairs[i].text, n);
		tap(strcmp(b.data, pairs[i].base64) == 0,
		    "base64 of %zu bytes is '%s'", n, pairs[i].base64);
		buf_reset(&back, 0);
		tap(read_back(pairs[i].base64, &back) == 0 && back.len == n &&
			memcmp(back.data, pairs[i].text, n) == 0,
		    "and back");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		buf_free(&back);
		tap(read_back(bad[i], &back) == -1, "'%s' is refused", bad[i]);
	}
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	buf_reset(&b, 1024);
	encode_base64(&b, all, sizeof(all));
	buf_free(&back);
	tap(read_back(b.data, &back) == 0 && back.len == sizeof(all) &&
		memcmp(back.data, all, sizeof(all)) == 0,
	    "every byte there and back");
	buf_free(&b);
	buf_free(&back);
	return tap_done();
}
