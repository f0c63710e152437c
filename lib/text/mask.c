#include "text/mask.h"

#include <string.h>

#include "base/buf.h"

/* The bytes at s that a piece of the secret has, too. */
static size_t
common(const char *s, size_t n, const char *piece)
{
	size_t k = 0;

	while (k < n && piece[k] != '\0' && s[k] == piece[k])
		k++;
	return k;
}

/* The longest piece of a secret at s; 0 if none is long enough. */
static size_t
piece_at(const char *s, size_t n, const char *const *secrets)
{
	size_t longest = 0, k;

	for (; n >= MASK_PIECE && *secrets != NULL; secrets++)
		for (const char *p = *secrets; *p != '\0'; p++) {
			k = *p == *s ? common(s, n, p) : 0;
			if (k > longest)
				longest = k;
		}
	return longest >= MASK_PIECE ? longest : 0;
}

void
mask_add(struct buf *out, const char *s, size_t n, const char *const *secrets)
{
	int is_masked = 0;

	for (size_t i = 0, k; i < n; i += k) {
		k = secrets ? piece_at(s + i, n - i, secrets) : 0;
		if (k > 0 && !is_masked)
			buf_puts(out, "***");
		is_masked = k > 0;
		if (k == 0)
			buf_add(out, s + i, k = 1);
	}
}

void
mask_text(char *text, size_t size, const char *const *secrets)
{
	struct buf out = {0};

	mask_add(&out, text, strlen(text), secrets);
	/* What is masked is shorter. */
	if (out.len > 0 && out.len < size)
		memcpy(text, out.data, out.len + 1);
	buf_free(&out);
}
