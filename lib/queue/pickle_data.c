#include "queue/pickle_data.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "record/json_write.h"

enum { DEPTH_MAX = 32 }; /* of values within values */

struct writer {
	const struct pickle_data *data;
	size_t most; /* bytes that the output may have */
	const char *why;
};

void
pickle_data_free(struct pickle_data *d)
{
	free(d->node);
	free(d->cell);
}

uint32_t
pickle_data_add(struct pickle_data *d, struct pickle_node node)
{
	if (d->nodes == PICKLE_NODES_MAX)
		return 0;
	d->nodes++;
	d->node = x_grow(d->node, d->nodes, &d->node_cap, sizeof(*d->node));
	d->node[d->nodes] = node;
	return (uint32_t)d->nodes;
}

int
pickle_data_append(struct pickle_data *d, uint32_t to, uint32_t node)
{
	struct pickle_node *list = &d->node[to];

	if (d->cells == PICKLE_NODES_MAX)
		return -1;
	d->cells++;
	d->cell = x_grow(d->cell, d->cells, &d->cell_cap, sizeof(*d->cell));
	d->cell[d->cells] = (struct pickle_cell){node, 0};
	if (list->items.last != 0)
		d->cell[list->items.last].next = (uint32_t)d->cells;
	else
		list->items.first = (uint32_t)d->cells;
	list->items.last = (uint32_t)d->cells;
	return 0;
}

int
pickle_data_is(const struct pickle_node *node, const char *s)
{
	return node->kind == PICKLE_TEXT && node->text.n == strlen(s) &&
	       memcmp(node->text.s, s, node->text.n) == 0;
}

/* Set a UUID to the integer of its 128 bits. */
static int
set_bits(uint8_t uuid[static DIGEST_UUID], const struct pickle_node *bits)
{
	memset(uuid, 0, DIGEST_UUID);
	if (bits->kind == PICKLE_NUMBER && bits->number >= 0) {
		for (int i = 0; i < 8; i++)
			uuid[DIGEST_UUID - 1 - i] =
			    (uint8_t)(bits->number >> 8 * i);
		return 0;
	}
	if (bits->kind != PICKLE_LONG_NUMBER)
		return -1;
	for (size_t i = 0; i < bits->text.n; i++) {
		uint8_t byte = (uint8_t)bits->text.s[i];

		/* One byte more keeps the number from being negative. */
		if (i == DIGEST_UUID && byte == 0 && i + 1 == bits->text.n)
			break;
		if (i >= DIGEST_UUID || (i + 1 == bits->text.n && byte >= 0x80))
			return -1;
		uuid[DIGEST_UUID - 1 - i] = byte;
	}
	return 0;
}

int
pickle_data_uuid(const struct pickle_data *d, uint32_t state,
    uint8_t uuid[static DIGEST_UUID])
{
	int has_bits = 0;

	for (uint32_t c = d->node[state].items.first; c != 0;
	     c = d->cell[d->cell[c].next].next) {
		const struct pickle_node *key = &d->node[d->cell[c].node];
		const struct pickle_node *value =
		    &d->node[d->cell[d->cell[c].next].node];

		if (pickle_data_is(key, "int") && !has_bits) {
			if (set_bits(uuid, value) == -1)
				return -1;
			has_bits = 1;
		} else if (!pickle_data_is(key, "is_safe") ||
			   value->kind != PICKLE_NUMBER) {
			return -1;
		}
	}
	return has_bits ? 0 : -1;
}

/* Writing. */

static int
refuse(struct writer *w, const char *why)
{
	w->why = why;
	return -1;
}

/* Write an integer if it fits 64 bits. */
static int
write_long(struct writer *w, const struct pickle_node *node, struct buf *out)
{
	size_t n = node->text.n;
	uint64_t v = 0;

	if (n > 8)
		return refuse(w, "the pickle has a number beyond 64 bits");
	if (n > 0 && (node->text.s[n - 1] & 0x80))
		v = UINT64_MAX;
	for (size_t i = n; i > 0; i--)
		v = v << 8 | (unsigned char)node->text.s[i - 1];
	buf_printf(out, "%" PRId64, (int64_t)v);
	return 0;
}

static int write_node(struct writer *w, const struct pickle_node *node,
    int depth, struct buf *out);

static int
write_items(struct writer *w, const struct pickle_node *node, int depth,
    struct buf *out)
{
	int is_map = node->kind == PICKLE_MAP, is_key = is_map;

	buf_putc(out, is_map ? '{' : '[');
	for (uint32_t c = node->items.first; c != 0;
	     c = w->data->cell[c].next) {
		const struct pickle_node *item =
		    &w->data->node[w->data->cell[c].node];

		if (c != node->items.first)
			buf_putc(out, is_map && !is_key ? ':' : ',');
		if (is_key && item->kind != PICKLE_TEXT)
			return refuse(w, "the pickle has a dict with a key "
					 "that is no string");
		if (write_node(w, item, depth + 1, out) == -1)
			return -1;
		is_key = is_map && !is_key;
	}
	buf_putc(out, is_map ? '}' : ']');
	return 0;
}

static int
write_scalar(struct writer *w, const struct pickle_node *node, struct buf *out)
{
	char text[DIGEST_UUID_TEXT];

	switch (node->kind) {
	case PICKLE_NULL:
		buf_puts(out, "null");
		return 0;
	case PICKLE_BOOL:
		buf_puts(out, node->number ? "true" : "false");
		return 0;
	case PICKLE_NUMBER:
		buf_printf(out, "%" PRId64, node->number);
		return 0;
	case PICKLE_LONG_NUMBER:
		return write_long(w, node, out);
	case PICKLE_REAL:
		if (!isfinite(node->real))
			return refuse(w, "the pickle has a number that is "
					 "none");
		buf_printf(out, "%.17g", node->real);
		return 0;
	case PICKLE_TEXT:
		json_string(out, node->text.s, node->text.n);
		return 0;
	case PICKLE_UUID:
		digest_uuid_text(node->uuid, text);
		buf_printf(out, "\"%s\"", text);
		return 0;
	default:
		return refuse(w, "the pickle holds an object: only plain data "
				 "and uuid.UUID are read");
	}
}

static int
write_node(struct writer *w, const struct pickle_node *node, int depth,
    struct buf *out)
{
	/* A list may hold itself, and shared values may multiply. */
	if (depth > DEPTH_MAX)
		return refuse(w, "the pickle is nested too deeply");
	if (out->len > w->most)
		return refuse(w, "the pickle is too large");
	if (node->kind == PICKLE_LIST || node->kind == PICKLE_MAP)
		return write_items(w, node, depth, out);
	return write_scalar(w, node, out);
}

int
pickle_data_to_json(const struct pickle_data *d, uint32_t node, size_t max,
    struct buf *out, const char **why)
{
	struct writer w = {.data = d, .most = out->len + max};
	size_t before = out->len;

	if (write_node(&w, &d->node[node], 0, out) == 0)
		return 0;
	out->len = before;
	*why = w.why;
	return -1;
}
