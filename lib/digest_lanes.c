#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "digest.h"
#include "sha.h"
#include "xalloc.h"

enum {
	PARTS = 4,
	WIDE_LEAST = 10,    /* lanes; for fewer two at a time are faster */
	KEEP_MOST = 1 << 14 /* bytes of memory, for each lane without a text */
};

/* Whole blocks. */
struct part {
	const uint8_t *p;
	uint32_t blocks;
};

/*
 * A text in work: blocks of the head as it stands; one of its last bytes and
 * the first of the body; of the body as it stands; and of its last bytes and
 * the padding.
 */
struct work {
	struct part parts[PARTS];
	unsigned part; /* the next */
	uint8_t edges[SHA_BLOCK + SHA_BLOCK + SHA_PADDING];
	struct buf kept; /* what is left of a text that may go away */
	int is_kept;
	size_t tag;
};

/* Lanes [0, n) are at work, lane i at *works[i]. */
struct digest_lanes {
	struct sha256_lanes lanes;
	uint32_t blocks[SHA_LANES]; /* left of the last part */
	struct work *works[SHA_LANES];
	size_t n, most;
	struct work memory[SHA_LANES];
	struct digest *digest; /* instead of lanes, if they are not there */
	digest_done *done;
	void *argument;
};

struct digest_lanes *
digest_lanes_new(digest_done *done, void *argument)
{
	struct digest_lanes *d = x_calloc(1, sizeof(*d));

	d->done = done;
	d->argument = argument;
	d->most = sha_wide_available() ? SHA_LANES : 2;
	for (size_t i = 0; i < SHA_LANES; i++)
		d->works[i] = &d->memory[i];
	if (!sha_available())
		d->digest = digest_new();
	return d;
}

void
digest_lanes_free(struct digest_lanes *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < SHA_LANES; i++)
		buf_free(&d->memory[i].kept);
	digest_free(d->digest);
	free(d);
}

static struct part
part_of(const uint8_t *p, size_t n)
{
	return (struct part){p, (uint32_t)(n / SHA_BLOCK)};
}

static void
start_text(struct work *w, const struct digest_text *text, size_t tag)
{
	const uint8_t *head = text->head, *body = text->body;
	size_t joint = text->head_n % SHA_BLOCK, left = text->body_n, fill;
	uint8_t *tail = w->edges;

	fill = (SHA_BLOCK - joint) % SHA_BLOCK;
	if (fill > left)
		fill = left;
	if (joint > 0)
		memcpy(tail, head + text->head_n - joint, joint);
	if (fill > 0) {
		memcpy(tail + joint, body, fill);
		body += fill;
		left -= fill;
	}
	joint += fill;
	if (joint == SHA_BLOCK)
		tail += SHA_BLOCK;
	w->parts[0] = part_of(head, text->head_n);
	w->parts[1] = part_of(w->edges, joint);
	w->parts[2] = part_of(body, left);

	/* What a short body did not fill is in the tail already. */
	joint %= SHA_BLOCK;
	if (left % SHA_BLOCK > 0)
		memcpy(tail + joint, body + left - left % SHA_BLOCK,
		    left % SHA_BLOCK);
	joint += left % SHA_BLOCK;
	joint += sha_pad(tail + joint, (uint64_t)text->head_n + text->body_n);
	w->parts[3] = part_of(tail, joint);
	w->part = 0;
	w->is_kept = 0;
	w->tag = tag;
}

/* Whether the text of a lane has blocks to go on with. */
static int
find_blocks(struct digest_lanes *d, size_t lane)
{
	struct work *w = d->works[lane];

	while (d->blocks[lane] == 0) {
		if (w->part == PARTS)
			return 0;
		d->lanes.p[lane] = w->parts[w->part].p;
		d->blocks[lane] = w->parts[w->part++].blocks;
	}
	return 1;
}

/* Tell the hash that a lane came to; the last lane takes its place. */
static void
finish_lane(struct digest_lanes *d, size_t lane)
{
	struct work *w = d->works[lane];
	size_t last = --d->n;
	uint8_t hash[DIGEST_SHA256];
	char hex[DIGEST_HEX];

	for (size_t i = 0; i < 8; i++) {
		sha_put_word(hash + 4 * i, d->lanes.state[i][lane]);
		d->lanes.state[i][lane] = d->lanes.state[i][last];
	}
	d->lanes.p[lane] = d->lanes.p[last];
	d->blocks[lane] = d->blocks[last];
	d->works[lane] = d->works[last];
	d->works[last] = w;
	if (w->is_kept)
		buf_reset(&w->kept, KEEP_MOST);
	digest_hex(hash, sizeof(hash), hex);
	d->done(d->argument, w->tag, hex);
}

/* Go on by as many blocks as all lanes have that can go on together. */
static void
step(struct digest_lanes *d)
{
	size_t n = d->n >= WIDE_LEAST ? d->n : d->n >= 2 ? 2 : 1;
	uint32_t blocks = d->blocks[0];

	for (size_t i = 1; i < n; i++)
		blocks = d->blocks[i] < blocks ? d->blocks[i] : blocks;
	if (n == 1)
		sha256_blocks(&d->lanes, 0, blocks);
	else if (n == 2)
		sha256_blocks_of_two(&d->lanes, 0, 1, blocks);
	else
		sha256_blocks_of_all(&d->lanes, n, blocks);
	for (size_t i = n; i-- > 0;) {
		d->blocks[i] -= blocks;
		if (d->blocks[i] == 0 && !find_blocks(d, i))
			finish_lane(d, i);
	}
}

void
digest_lanes_add(
    struct digest_lanes *d, const struct digest_text *text, size_t tag)
{
	char hex[DIGEST_HEX];

	if (d->digest != NULL) {
		digest_start(d->digest);
		digest_add(d->digest, text->head, text->head_n);
		digest_add(d->digest, text->body, text->body_n);
		digest_finish(d->digest, hex);
		d->done(d->argument, tag, hex);
		return;
	}
	while (d->n == d->most)
		step(d);
	start_text(d->works[d->n], text, tag);
	sha256_start(&d->lanes, d->n);
	d->blocks[d->n] = 0;
	find_blocks(d, d->n++); /* there is the padding at least */
}

/* Copy what is left of the text of a lane. */
static void
keep_text(struct digest_lanes *d, size_t lane)
{
	struct work *w = d->works[lane];

	buf_reset(&w->kept, KEEP_MOST);
	buf_add(
	    &w->kept, d->lanes.p[lane], (size_t)d->blocks[lane] * SHA_BLOCK);
	for (; w->part < PARTS; w->part++)
		buf_add(&w->kept, w->parts[w->part].p,
		    (size_t)w->parts[w->part].blocks * SHA_BLOCK);
	d->lanes.p[lane] = (const uint8_t *)w->kept.data;
	d->blocks[lane] = (uint32_t)(w->kept.len / SHA_BLOCK);
	w->is_kept = 1;
}

void
digest_lanes_keep(struct digest_lanes *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->works[i]->is_kept)
			keep_text(d, i);
}

void
digest_lanes_finish(struct digest_lanes *d)
{
	while (d->n > 0)
		step(d);
}

static void
take_hex(void *argument, size_t tag, const char hex[static DIGEST_HEX])
{
	(void)tag;
	memcpy(argument, hex, DIGEST_HEX);
}

void
digest_text(const struct digest_text *text, char hex[static DIGEST_HEX])
{
	struct digest_lanes *d = digest_lanes_new(take_hex, hex);

	digest_lanes_add(d, text, 0);
	digest_lanes_finish(d);
	digest_lanes_free(d);
}
