#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/sha.h"

enum {
	PARTS = 4,
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
	struct work *works[SHA_LANES];
	size_t n, most;
	struct work memory[SHA_LANES];
	digest_done *done;
	void *argument;
};

struct digest_lanes *
digest_lanes_new(digest_done *done, void *argument)
{
	struct digest_lanes *d = x_calloc(1, sizeof(*d));

	d->done = done;
	d->argument = argument;
	d->most = sha256_most();
	for (size_t i = 0; i < SHA_LANES; i++)
		d->works[i] = &d->memory[i];
	return d;
}

void
digest_lanes_free(struct digest_lanes *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < SHA_LANES; i++)
		buf_free(&d->memory[i].kept);
	free(d);
}

static struct part
part_of(const uint8_t *p, size_t n)
{
	return (struct part){p, (uint32_t)(n / SHA_BLOCK)};
}

static void
start_text(struct work *w, const struct digest_text *text)
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
}

/* Give a lane the next blocks of its text; returns whether there are any. */
static int
find_blocks(struct sha256_lanes *l, size_t lane, struct work *w)
{
	while (w->part < PARTS) {
		l->p[lane] = w->parts[w->part].p;
		l->blocks[lane] = w->parts[w->part++].blocks;
		if (l->blocks[lane] > 0)
			return 1;
	}
	return 0;
}

/* Begin with a text; there is the padding at least. */
static void
start_lane(struct sha256_lanes *l, size_t lane, struct work *w)
{
	sha256_start(l, lane);
	find_blocks(l, lane, w);
}

static void
put_hash(const struct sha256_lanes *l, size_t lane, char hex[static DIGEST_HEX])
{
	uint8_t hash[DIGEST_SHA256];

	for (size_t i = 0; i < 8; i++)
		sha_put_word(hash + 4 * i, l->state[i][lane]);
	digest_hex(hash, sizeof(hash), hex);
}

/* Tell the hash that a lane came to; the last lane takes its place. */
static void
finish_lane(struct digest_lanes *d, size_t lane)
{
	struct sha256_lanes *l = &d->lanes;
	struct work *w = d->works[lane];
	size_t last = --d->n;
	char hex[DIGEST_HEX];

	put_hash(l, lane, hex);
	for (size_t i = 0; i < 8; i++)
		l->state[i][lane] = l->state[i][last];
	l->p[lane] = l->p[last];
	l->blocks[lane] = l->blocks[last];
	d->works[lane] = d->works[last];
	d->works[last] = w;
	if (w->is_kept)
		buf_reset(&w->kept, KEEP_MOST);
	d->done(d->argument, w->tag, hex);
}

/* Go on by as many blocks as all lanes have that can go on together. */
static void
step(struct digest_lanes *d)
{
	uint32_t ended = sha256_run(&d->lanes, d->n);

	/* From the last on, as the last takes the place of one that is done. */
	while (ended != 0) {
		unsigned lane = 31 - (unsigned)__builtin_clz(ended);

		ended &= ~((uint32_t)1 << lane);
		if (!find_blocks(&d->lanes, lane, d->works[lane]))
			finish_lane(d, lane);
	}
}

void
digest_lanes_add(
    struct digest_lanes *d, const struct digest_text *text, size_t tag)
{
	struct work *w;

	while (d->n == d->most)
		step(d);
	w = d->works[d->n];
	start_text(w, text);
	w->tag = tag;
	start_lane(&d->lanes, d->n++, w);
}

/* Copy what is left of the text of a lane. */
static void
keep_text(struct digest_lanes *d, size_t lane)
{
	struct work *w = d->works[lane];

	buf_reset(&w->kept, KEEP_MOST);
	buf_add(&w->kept, d->lanes.p[lane],
	    (size_t)d->lanes.blocks[lane] * SHA_BLOCK);
	for (; w->part < PARTS; w->part++)
		buf_add(&w->kept, w->parts[w->part].p,
		    (size_t)w->parts[w->part].blocks * SHA_BLOCK);
	d->lanes.p[lane] = (const uint8_t *)w->kept.data;
	d->lanes.blocks[lane] = (uint32_t)(w->kept.len / SHA_BLOCK);
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

void
digest_text(const struct digest_text *text, char hex[static DIGEST_HEX])
{
	struct sha256_lanes l = {0};
	struct work w = {0};

	start_text(&w, text);
	start_lane(&l, 0, &w);
	do
		sha256_run(&l, 1);
	while (find_blocks(&l, 0, &w));
	put_hash(&l, 0, hex);
}
