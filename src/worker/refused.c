#include "refused.h"

#include <string.h>

#include "tool/cli.h"
#include "worker.h"

enum { LEFT_ALONE = 600 }; /* seconds */

static size_t
find(const struct worker *w, const uint8_t *id)
{
	size_t i = 0;

	while (i < w->refused.n &&
	       memcmp(w->refused.ids + i * DIGEST_UUID, id, DIGEST_UUID) != 0)
		i++;
	return i;
}

static void
drop(struct worker_refused *r, size_t i)
{
	r->n--;
	memmove(r->ids + i * DIGEST_UUID, r->ids + (i + 1) * DIGEST_UUID,
	    (r->n - i) * DIGEST_UUID);
	memmove(r->until + i, r->until + i + 1, (r->n - i) * sizeof(*r->until));
}

void
worker_refused_add(struct worker *w, const uint8_t *id, const char *why)
{
	char text[DIGEST_UUID_TEXT];
	size_t i = find(w, id);

	if (i == w->refused.n) {
		digest_uuid_text(id, text);
		cli_warn("task %s: the database refuses it: %s: it is left "
			 "alone for %d minutes; 'pl-jobctl verify' and 'sync' "
			 "say more",
		    text, why, LEFT_ALONE / 60);
		if (w->refused.n == WORKER_REFUSED_MAX)
			drop(&w->refused, 0);
		i = w->refused.n++;
	}
	memcpy(w->refused.ids + i * DIGEST_UUID, id, DIGEST_UUID);
	w->refused.until[i] = w->now + LEFT_ALONE;
}

int
worker_refused_has(const struct worker *w, const uint8_t *id)
{
	return find(w, id) < w->refused.n;
}

void
worker_refused_expire(struct worker *w)
{
	for (size_t i = w->refused.n; i > 0; i--)
		if (w->refused.until[i - 1] < w->now)
			drop(&w->refused, i - 1);
}
