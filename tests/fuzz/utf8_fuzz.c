/* Repaired text is valid, and valid text is left as it is. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
insist(int cond)
{
	if (!cond)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char *s = (const char *)p;
	struct buf b = {0};
	size_t first = n, steps = 0, count = utf8_repair(&b, s, n, &first);
	uint32_t code;

	insist(utf8_valid(b.data, b.len) == b.len);
	while (steps < n) {
		size_t k = utf8_step(s + steps, n - steps, &code);

		if (k == 1 && code == UTF8_REPLACEMENT)
			break;
		steps += k;
	}
	insist(utf8_valid(s, n) == steps);
	steps = 0;
	insist(count > 0 || b.len == n);
	insist(count == 0 || first < n);
	for (size_t i = 0; i < b.len;
	     i += utf8_step(b.data + i, b.len - i, &code))
		steps++;
	insist(steps == utf8_count(b.data, b.len));
	insist(utf8_floor(s, n, n) <= n);
	buf_free(&b);
	return 0;
}
