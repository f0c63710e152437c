#include "refused.h"

#include <string.h>

#include "tool/cli.h"
#include "worker.h"

enum { LEFT_ALONE = 600 }; /* seconds */

static size_t
find(const struct worker_refused *r, const uint8_t *id)
{
	size_t i = 0;

	while (
	    i < r->n && memcmp(r->ids + i * DIGEST_UUID, id, DIGEST_UUID) != 0)
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

int
worker_refused_note(struct worker_refused *r, double now, const uint8_t *id)
{
	size_t i = find(r, id);
	int is_new = i == r->n;

	if (is_new && r->n == WORKER_REFUSED_MAX)
		drop(r, 0);
	if (is_new)
		i = r->n++;
	memcpy(r->ids + i * DIGEST_UUID, id, DIGEST_UUID);
	r->until[i] = now + LEFT_ALONE;
	return is_new;
}

void
worker_refused_add(struct worker *w, const uint8_t *id, const char *why)
{
	char text[DIGEST_UUID_TEXT];

	if (!worker_refused_note(&w->refused, w->now, id))
		return;
	digest_uuid_text(id, text);
	cli_warn("task %s: the database refuses it: %s: it is left alone for "
		 "%d minutes",
	    text, why, LEFT_ALONE / 60);
}

int
worker_refused_has(const struct worker *w, const uint8_t *id)
{
	return find(&w->refused, id) < w->refused.n;
}

void
worker_refused_expire(struct worker_refused *r, double now)
{
	for (size_t i = r->n; i > 0; i--)
		if (r->until[i - 1] < now)
			drop(r, i - 1);
}
