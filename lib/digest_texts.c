#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "digest.h"
#include "sha.h"

enum { WIDE_LEAST = 10 /* lanes; for fewer two at a time are faster */ };

/*
 * A text in work: blocks of the head and the first bytes of the body, which
 * are put together, then of the body as it stands, then of its last bytes and
 * the padding.
 */
struct work {
	struct part {
		const uint8_t *p;
		size_t blocks;
	} parts[3];
	unsigned part; /* the next */
	size_t blocks; /* left of the last one */
	struct buf edges;
	char *hex;
};

/* Lanes [0, n) are at work; behind them are those that found no more text. */
struct crew {
	const struct digest_text *texts;
	size_t texts_left;
	char (*hex)[DIGEST_HEX];
	struct sha256_lanes lanes;
	struct work works[SHA_LANES];
	size_t n;
};

static void
start_text(struct work *w, const struct digest_text *text, char *hex)
{
	const uint8_t *body = text->body;
	size_t fill = (0 - text->head_n) % SHA_BLOCK, first, rest;
	uint8_t *edges;

	if (fill > text->body_n)
		fill = text->body_n;
	rest = (text->body_n - fill) % SHA_BLOCK;
	w->edges.len = 0;
	buf_reserve(&w->edges, text->head_n + 2 * SHA_BLOCK + SHA_PADDING);
	buf_add(&w->edges, text->head, text->head_n);
	buf_add(&w->edges, body, fill);
	first = w->edges.len / SHA_BLOCK;
	buf_add(&w->edges, body + text->body_n - rest, rest);
	edges = (uint8_t *)w->edges.data;
	w->edges.len += sha_pad(
	    edges + w->edges.len, (uint64_t)text->head_n + text->body_n);

	w->parts[0] = (struct part){edges, first};
	w->parts[1] =
	    (struct part){body + fill, (text->body_n - fill) / SHA_BLOCK};
	w->parts[2] = (struct part){
	    edges + first * SHA_BLOCK, w->edges.len / SHA_BLOCK - first};
	w->part = 0;
	w->hex = hex;
}

/* Write the hash that a lane has come to. */
static void
finish_text(const struct crew *c, size_t lane)
{
	uint8_t hash[DIGEST_SHA256];

	for (size_t i = 0; i < 8; i++)
		sha_put_words(hash + 4 * i, &c->lanes.state[i][lane], 1);
	digest_hex(hash, sizeof(hash), c->works[lane].hex);
}

/* Whether a lane found blocks to go on with, of its text or of the next. */
static int
find_blocks(struct crew *c, size_t lane)
{
	struct work *w = &c->works[lane];

	while (w->blocks == 0) {
		if (w->part < 3) {
			c->lanes.p[lane] = w->parts[w->part].p;
			w->blocks = w->parts[w->part++].blocks;
			continue;
		}
		if (w->hex != NULL)
			finish_text(c, lane);
		w->hex = NULL;
		if (c->texts_left == 0)
			return 0;
		start_text(w, c->texts++, *c->hex++);
		c->texts_left--;
		sha256_start(&c->lanes, lane);
	}
	return 1;
}

/* Let the last lane at work take the place of one that has no more text. */
static void
leave(struct crew *c, size_t lane)
{
	struct work w = c->works[lane];
	size_t last = --c->n;

	if (lane == last)
		return;
	c->works[lane] = c->works[last];
	c->works[last] = w;
	c->lanes.p[lane] = c->lanes.p[last];
	for (int i = 0; i < 8; i++)
		c->lanes.state[i][lane] = c->lanes.state[i][last];
}

/* Go on by as many blocks as all lanes have that can go on together. */
static void
step(struct crew *c)
{
	size_t n = c->n >= WIDE_LEAST ? c->n : c->n >= 2 ? 2 : 1;
	size_t blocks = c->works[0].blocks;

	for (size_t i = 1; i < n; i++)
		if (c->works[i].blocks < blocks)
			blocks = c->works[i].blocks;
	if (n == 1)
		sha256_blocks(&c->lanes, 0, blocks);
	else if (n == 2)
		sha256_blocks_of_two(&c->lanes, 0, 1, blocks);
	else
		sha256_blocks_of_all(&c->lanes, n, blocks);
	for (size_t i = n; i-- > 0;) {
		c->works[i].blocks -= blocks;
		if (c->works[i].blocks == 0 && !find_blocks(c, i))
			leave(c, i);
	}
}

static void
hash_all(const struct digest_text *texts, size_t n, char (*hex)[DIGEST_HEX])
{
	struct crew c = {.texts = texts, .texts_left = n, .hex = hex};
	size_t lanes = sha_wide_available() ? SHA_LANES : 2;

	for (size_t i = 0; i < lanes; i++)
		c.works[i].part = 3;
	while (c.n < lanes && find_blocks(&c, c.n))
		c.n++;
	while (c.n > 0)
		step(&c);
	for (size_t i = 0; i < lanes; i++)
		buf_free(&c.works[i].edges);
}

void
digest_texts(const struct digest_text *texts, size_t n, char (*hex)[DIGEST_HEX])
{
	struct digest *d;

	if (sha_available()) {
		hash_all(texts, n, hex);
		return;
	}
	d = digest_new();
	for (size_t i = 0; i < n; i++) {
		digest_start(d);
		digest_add(d, texts[i].head, texts[i].head_n);
		digest_add(d, texts[i].body, texts[i].body_n);
		digest_finish(d, hex[i]);
	}
	digest_free(d);
}
