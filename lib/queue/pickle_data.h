/*
 * pickle_data - the values of a pickle, and their JSON
 *
 * A node is a value. A list or a map has a chain of cells, which name the nodes
 * in it: so values may be shared, and a list may hold itself.
 */
#ifndef PICKLE_DATA_H
#define PICKLE_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;

enum { PICKLE_NODES_MAX = 1 << 20 }; /* values of one pickle */

enum pickle_kind {
	PICKLE_NULL,
	PICKLE_BOOL,
	PICKLE_NUMBER,
	PICKLE_LONG_NUMBER, /* bytes: little-endian, two's complement */
	PICKLE_REAL,
	PICKLE_TEXT,
	PICKLE_LIST,
	PICKLE_MAP,
	PICKLE_UUID_CLASS, /* the global uuid.UUID */
	PICKLE_UUID_EMPTY, /* a UUID object without a state */
	PICKLE_UUID
};

struct pickle_node {
	enum pickle_kind kind;
	union {
		int64_t number;
		double real;
		struct {
			const char *s;
			size_t n;
		} text;
		struct {
			uint32_t first, last; /* cells; 0: none */
		} items;		      /* a map's: key, value, key ... */
		uint8_t uuid[DIGEST_UUID];
	};
};

struct pickle_cell {
	uint32_t node, next;
};

struct pickle_data {
	struct pickle_node *node; /* from 1 */
	struct pickle_cell *cell; /* from 1 */
	size_t nodes, cells, node_cap, cell_cap;
};

void pickle_data_free(struct pickle_data *d);
/* Add a node. Its number, or 0: there are too many. */
uint32_t pickle_data_add(struct pickle_data *d, struct pickle_node node);
/* Append to a list or map. 0, or -1: there are too many. */
int pickle_data_append(struct pickle_data *d, uint32_t to, uint32_t node);
/*
 * Append node as JSON of at most max bytes. 0, or -1 with *why (static), and
 * nothing appended.
 */
int pickle_data_to_json(const struct pickle_data *d, uint32_t node, size_t max,
    struct buf *out, const char **why);

/* Whether the node is the text s. */
int pickle_data_is(const struct pickle_node *node, const char *s);
/*
 * Read the state of a UUID as Python writes it, {"int": bits} and perhaps
 * "is_safe". 0, or -1: the state is something else.
 */
int pickle_data_uuid(const struct pickle_data *d, uint32_t state,
    uint8_t uuid[static DIGEST_UUID]);

#endif
