#include "text/harmless.h"

#include "base/buf.h"
#include "base/utf8.h"

int
harmless_is_control(uint32_t c)
{
	if (c < 0xA0)
		return c < ' ' || c >= 0x7F;
	return c == 0x061C || c == 0x200E || c == 0x200F ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0xFEFF;
}

void
harmless_put(struct buf *b, const char *s, size_t n)
{
	uint32_t c;

	for (size_t step; n > 0; s += step, n -= step) {
		step = utf8_step(s, n, &c);
		utf8_put(b, harmless_is_control(c) ? ' ' : c);
	}
}
