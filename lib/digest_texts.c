#include <string.h>

#include "digest.h"
#include "sha.h"

enum {
	PARTS = 4,
	WIDE_LEAST = 10 /* lanes; for fewer two at a time are faster */
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
	char *hex;
};

/* Lanes [0, n) are at work; behind them are those that found no more text. */
struct crew {
	const struct digest_text *texts;
	size_t texts_left;
	char (*hex)[DIGEST_HEX];
	struct sha256_lanes lanes;
	struct work *works[SHA_LANES];
	uint32_t blocks[SHA_LANES]; /* left of the last part */
	size_t n;
};

static struct part
part_of(const uint8_t *p, size_t n)
{
	return (struct part){p, (uint32_t)(n / SHA_BLOCK)};
}

static void
start_text(struct work *w, const struct digest_text *text, char *hex)
{
	const uint8_t *head = text->head, *body = text->body;
	size_t joint = text->head_n % SHA_BLOCK, fill, rest;
	uint8_t *tail = w->edges;

	fill = (SHA_BLOCK - joint) % SHA_BLOCK;
	if (fill > text->body_n)
		fill = text->body_n;
	rest = (text->body_n - fill) % SHA_BLOCK;
	if (joint > 0)
		memcpy(tail, head + text->head_n - joint, joint);
	if (fill > 0)
		memcpy(tail + joint, body, fill);
	joint += fill;
	if (joint == SHA_BLOCK)
		tail += SHA_BLOCK;
	w->parts[0] = part_of(head, text->head_n);
	w->parts[1] = part_of(w->edges, joint);
	w->parts[2] = part_of(body + fill, text->body_n - fill);

	/* What a short body did not fill is in the tail already. */
	joint %= SHA_BLOCK;
	if (rest > 0)
		memcpy(tail + joint, body + text->body_n - rest, rest);
	joint += rest;
	joint += sha_pad(
	    tail + joint, (uint64_t)text->head_n + text->body_n);
	w->parts[3] = part_of(tail, joint);
	w->part = 0;
	w->hex = hex;
}

/* Write the hash that a lane has come to. */
static void
finish_text(const struct crew *c, size_t lane)
{
	uint8_t hash[DIGEST_SHA256];

	for (size_t i = 0; i < 8; i++)
		sha_put_word(hash + 4 * i, c->lanes.state[i][lane]);
	digest_hex(hash, sizeof(hash), c->works[lane]->hex);
}

/* Whether a lane found blocks to go on with, of its text or of the next. */
static int
find_blocks(struct crew *c, size_t lane)
{
	struct work *w = c->works[lane];

	while (c->blocks[lane] == 0) {
		if (w->part < PARTS) {
			c->lanes.p[lane] = w->parts[w->part].p;
			c->blocks[lane] = w->parts[w->part++].blocks;
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
	size_t last = --c->n;

	if (lane == last)
		return;
	c->works[lane] = c->works[last];
	c->blocks[lane] = c->blocks[last];
	c->lanes.p[lane] = c->lanes.p[last];
	for (int i = 0; i < 8; i++)
		c->lanes.state[i][lane] = c->lanes.state[i][last];
}

/* Go on by as many blocks as all lanes have that can go on together. */
static void
step(struct crew *c)
{
	size_t n = c->n >= WIDE_LEAST ? c->n : c->n >= 2 ? 2 : 1;
	uint32_t blocks = c->blocks[0];

	for (size_t i = 1; i < n; i++)
		blocks = c->blocks[i] < blocks ? c->blocks[i] : blocks;
	if (n == 1)
		sha256_blocks(&c->lanes, 0, blocks);
	else if (n == 2)
		sha256_blocks_of_two(&c->lanes, 0, 1, blocks);
	else
		sha256_blocks_of_all(&c->lanes, n, blocks);
	for (size_t i = n; i-- > 0;) {
		c->blocks[i] -= blocks;
		if (c->blocks[i] == 0 && !find_blocks(c, i))
			leave(c, i);
	}
}

static void
hash_all(const struct digest_text *texts, size_t n, char (*hex)[DIGEST_HEX])
{
	struct crew c = {.texts = texts, .texts_left = n, .hex = hex};
	struct work works[SHA_LANES];
	size_t lanes = sha_wide_available() ? SHA_LANES : 2;

	for (; c.n < lanes; c.n++) {
		works[c.n].part = PARTS;
		works[c.n].hex = NULL;
		c.works[c.n] = &works[c.n];
		if (!find_blocks(&c, c.n))
			break;
	}
	while (c.n > 0)
		step(&c);
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
