#include "queue/pickle.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "record/json_write.h"

enum {
	NODES_MAX = 1 << 20, /* values of one pickle */
	DEPTH_MAX = 32	     /* of values within values */
};

/* Opcodes: the names and codes of Lib/pickle.py. */
enum {
	MARK = '(',
	STOP = '.',
	POP = '0',
	POP_MARK = '1',
	DUP = '2',
	BINFLOAT = 'G',
	BININT = 'J',
	BININT1 = 'K',
	BININT2 = 'M',
	NONE = 'N',
	BINUNICODE = 'X',
	BINBYTES = 'B',
	SHORT_BINBYTES = 'C',
	EMPTY_LIST = ']',
	APPEND = 'a',
	APPENDS = 'e',
	EMPTY_DICT = '}',
	SETITEM = 's',
	SETITEMS = 'u',
	EMPTY_TUPLE = ')',
	TUPLE = 't',
	BUILD = 'b',
	GLOBAL = 'c',
	BINPUT = 'q',
	LONG_BINPUT = 'r',
	BINGET = 'h',
	LONG_BINGET = 'j',
	PROTO = 0x80,
	NEWOBJ = 0x81,
	TUPLE1 = 0x85,
	TUPLE2 = 0x86,
	TUPLE3 = 0x87,
	NEWTRUE = 0x88,
	NEWFALSE = 0x89,
	LONG1 = 0x8a,
	SHORT_BINUNICODE = 0x8c,
	BINUNICODE8 = 0x8d,
	BINBYTES8 = 0x8e,
	STACK_GLOBAL = 0x93,
	MEMOIZE = 0x94,
	FRAME = 0x95
};

enum kind {
	NOTHING,
	TRUTH,
	NUMBER,
	LONG_NUMBER, /* bytes of an integer, little-endian, two's complement */
	REAL,
	TEXT,
	LIST,
	MAP,
	UUID_CLASS, /* the global uuid.UUID */
	UUID_EMPTY, /* an object of it that has no state yet */
	UUID
};

struct node {
	enum kind kind;
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

/* An item of a list or map. */
struct cell {
	uint32_t node, next;
};

struct reader {
	const char *p, *end;
	const char *why;
	size_t most;	   /* bytes of the output's end */
	struct node *node; /* from 1 */
	struct cell *cell; /* from 1 */
	uint32_t *stack, *memo, *mark;
	size_t nodes, cells, depth, memos, marks;
	size_t node_cap, cell_cap, stack_cap, memo_cap, mark_cap;
};

static int
refuse(struct reader *r, const char *why)
{
	if (r->why == NULL)
		r->why = why;
	return -1;
}

/* Room for one more of size bytes each; p or where it is now. */
static void *
room(void *p, size_t used, size_t *cap, size_t size)
{
	if (used < *cap)
		return p;
	*cap = *cap ? 2 * *cap : 64;
	return x_realloc(p, *cap, size);
}

/* The stack. */

static int
push(struct reader *r, uint32_t node)
{
	r->stack = room(r->stack, r->depth, &r->stack_cap, sizeof(*r->stack));
	r->stack[r->depth++] = node;
	return r->depth <= NODES_MAX ? 0 : refuse(r, "the pickle is too large");
}

static int
push_new(struct reader *r, struct node node)
{
	if (r->nodes == NODES_MAX)
		return refuse(r, "the pickle is too large");
	r->nodes++;
	r->node = room(r->node, r->nodes, &r->node_cap, sizeof(*r->node));
	r->node[r->nodes] = node;
	return push(r, (uint32_t)r->nodes);
}

/* Where the stack begins, above the latest mark. */
static size_t
floor_of(const struct reader *r)
{
	return r->marks > 0 ? r->mark[r->marks - 1] : 0;
}

/* The node on top, taken off; 0 when there is none above the mark. */
static uint32_t
pop(struct reader *r)
{
	if (r->stack == NULL || r->depth == floor_of(r)) {
		refuse(r, "the pickle is damaged");
		return 0;
	}
	return r->stack[--r->depth];
}

static struct node *
top(struct reader *r)
{
	if (r->depth == floor_of(r)) {
		refuse(r, "the pickle is damaged");
		return NULL;
	}
	return &r->node[r->stack[r->depth - 1]];
}

/* Reading bytes. */

/* The next n bytes, or NULL. */
static const char *
take(struct reader *r, size_t n)
{
	const char *s = r->p;

	if ((size_t)(r->end - s) < n) {
		refuse(r, "the pickle is cut short");
		return NULL;
	}
	r->p += n;
	return s;
}

/* An unsigned number of n bytes, little-endian. */
static int
take_number(struct reader *r, size_t n, uint64_t *v)
{
	const char *s = take(r, n);

	*v = 0;
	if (s == NULL)
		return -1;
	for (size_t i = n; i > 0; i--)
		*v = *v << 8 | (unsigned char)s[i - 1];
	return 0;
}

/* A text behind its length of so many bytes. */
static int
push_text(struct reader *r, size_t length_bytes, enum kind kind)
{
	struct node node = {.kind = kind};
	uint64_t n;

	if (take_number(r, length_bytes, &n) == -1)
		return -1;
	if (n > (uint64_t)(r->end - r->p))
		return refuse(r, "the pickle is cut short");
	node.text.n = (size_t)n;
	node.text.s = take(r, node.text.n);
	if (node.text.s == NULL)
		return -1;
	if (kind == TEXT && utf8_valid(node.text.s, node.text.n) < node.text.n)
		return refuse(r, "the pickle has a string that is no text");
	return push_new(r, node);
}

static int
push_integer(struct reader *r, size_t n, int is_signed)
{
	uint64_t v;

	if (take_number(r, n, &v) == -1)
		return -1;
	return push_new(
	    r, (struct node){.kind = NUMBER,
		   .number = is_signed ? (int32_t)(uint32_t)v : (int64_t)v});
}

static int
push_real(struct reader *r)
{
	struct node node = {.kind = REAL};
	const char *s = take(r, 8);
	uint64_t bits = 0;

	if (s == NULL)
		return -1;
	for (int i = 0; i < 8; i++)
		bits = bits << 8 | (unsigned char)s[i];
	memcpy(&node.real, &bits, sizeof(bits));
	return push_new(r, node);
}

/* Containers. */

/* Append the nodes of the stack from the place at on, and take them off. */
static int
append(struct reader *r, uint32_t to, size_t at)
{
	for (size_t i = at; i < r->depth; i++) {
		struct node *list = &r->node[to];

		r->cells++;
		r->cell =
		    room(r->cell, r->cells, &r->cell_cap, sizeof(*r->cell));
		r->cell[r->cells] = (struct cell){r->stack[i], 0};
		if (list->items.last != 0)
			r->cell[list->items.last].next = (uint32_t)r->cells;
		else
			list->items.first = (uint32_t)r->cells;
		list->items.last = (uint32_t)r->cells;
	}
	r->depth = at;
	return r->cells <= NODES_MAX ? 0 : refuse(r, "the pickle is too large");
}

/* What lies on the mark, or the n topmost, goes into the kind below it. */
static int
add_to_container(struct reader *r, enum kind kind, size_t n)
{
	size_t at;

	if (n == 0 && r->marks == 0)
		return refuse(r, "the pickle is damaged");
	at = n == 0 ? r->mark[--r->marks] : r->depth - n;
	if (r->depth < n || at < floor_of(r) + 1 ||
	    r->node[r->stack[at - 1]].kind != kind ||
	    (kind == MAP && (r->depth - at) % 2 != 0))
		return refuse(r, "the pickle is damaged");
	return append(r, r->stack[at - 1], at);
}

/* What lies on the mark, or the n topmost, becomes a tuple. */
static int
push_tuple(struct reader *r, int marked, size_t n)
{
	size_t at;
	uint32_t tuple;

	if (marked && r->marks == 0)
		return refuse(r, "the pickle is damaged");
	if (!marked && r->depth < floor_of(r) + n)
		return refuse(r, "the pickle is damaged");
	at = marked ? r->mark[--r->marks] : r->depth - n;
	if (push_new(r, (struct node){.kind = LIST}) == -1)
		return -1;
	tuple = r->stack[--r->depth];
	return append(r, tuple, at) == -1 ? -1 : push(r, tuple);
}

static int
set_mark(struct reader *r)
{
	r->mark = room(r->mark, r->marks, &r->mark_cap, sizeof(*r->mark));
	r->mark[r->marks++] = (uint32_t)r->depth;
	return r->marks <= NODES_MAX ? 0 : refuse(r, "the pickle is too large");
}

static int
pop_mark(struct reader *r)
{
	if (r->marks == 0)
		return refuse(r, "the pickle is damaged");
	r->depth = r->mark[--r->marks];
	return 0;
}

/* The memo. */

static int
put(struct reader *r, uint64_t place)
{
	if (top(r) == NULL)
		return -1;
	if (place > NODES_MAX)
		return refuse(r, "the pickle is too large");
	while (r->memos <= place) {
		r->memo =
		    room(r->memo, r->memos, &r->memo_cap, sizeof(*r->memo));
		r->memo[r->memos++] = 0;
	}
	r->memo[place] = r->stack[r->depth - 1];
	return 0;
}

static int
get(struct reader *r, uint64_t place)
{
	if (place >= r->memos || r->memo[place] == 0)
		return refuse(r, "the pickle is damaged");
	return push(r, r->memo[place]);
}

static int
use_memo(struct reader *r, size_t n, int (*use)(struct reader *, uint64_t))
{
	uint64_t place;

	return take_number(r, n, &place) == -1 ? -1 : use(r, place);
}

/* The only class that is known. */

static int
is_text(const struct node *node, const char *s)
{
	return node->kind == TEXT && node->text.n == strlen(s) &&
	       memcmp(node->text.s, s, node->text.n) == 0;
}

static int
push_class(struct reader *r)
{
	static const char uuid[] = "uuid\nUUID\n";
	const char *s = take(r, strlen(uuid));

	if (s == NULL || memcmp(s, uuid, strlen(uuid)) != 0) {
		r->why = "the pickle holds an object: only plain data and "
			 "uuid.UUID are read";
		return -1;
	}
	return push_new(r, (struct node){.kind = UUID_CLASS});
}

static int
push_stack_class(struct reader *r)
{
	uint32_t name = pop(r), from = name ? pop(r) : 0;

	if (from == 0)
		return -1;
	if (!is_text(&r->node[from], "uuid") ||
	    !is_text(&r->node[name], "UUID"))
		return refuse(r, "the pickle holds an object: only plain data "
				 "and uuid.UUID are read");
	return push_new(r, (struct node){.kind = UUID_CLASS});
}

/* uuid.UUID.__new__ with no arguments. */
static int
push_object(struct reader *r)
{
	uint32_t arguments = pop(r), class = arguments ? pop(r) : 0;

	if (class == 0)
		return -1;
	if (r->node[class].kind != UUID_CLASS ||
	    r->node[arguments].kind != LIST ||
	    r->node[arguments].items.first != 0)
		return refuse(r, "the pickle makes an object: it is refused");
	return push_new(r, (struct node){.kind = UUID_EMPTY});
}

/* A UUID's state: the integer of its 128 bits. */
static int
set_bits(
    struct reader *r, uint8_t uuid[static DIGEST_UUID], const struct node *bits)
{
	memset(uuid, 0, DIGEST_UUID);
	if (bits->kind == NUMBER && bits->number >= 0) {
		for (int i = 0; i < 8; i++)
			uuid[DIGEST_UUID - 1 - i] =
			    (uint8_t)(bits->number >> 8 * i);
		return 0;
	}
	if (bits->kind != LONG_NUMBER)
		return refuse(r, "the pickle has a UUID that is none");
	for (size_t i = 0; i < bits->text.n; i++) {
		uint8_t byte = (uint8_t)bits->text.s[i];

		/* One byte more keeps the number from being negative. */
		if (i == DIGEST_UUID && byte == 0 && i + 1 == bits->text.n)
			break;
		if (i >= DIGEST_UUID || (i + 1 == bits->text.n && byte >= 0x80))
			return refuse(r, "the pickle has a UUID that is none");
		uuid[DIGEST_UUID - 1 - i] = byte;
	}
	return 0;
}

/* {"int": bits}, and perhaps "is_safe", which is nothing to us. */
static int
build(struct reader *r)
{
	uint32_t state = pop(r);
	struct node *object = state ? top(r) : NULL;
	uint8_t uuid[DIGEST_UUID];
	int has_bits = 0;

	if (object == NULL)
		return -1;
	if (object->kind != UUID_EMPTY || r->node[state].kind != MAP)
		return refuse(r, "the pickle sets the state of an object: it "
				 "is refused");
	for (uint32_t c = r->node[state].items.first; c != 0;
	     c = r->cell[r->cell[c].next].next) {
		const struct node *key = &r->node[r->cell[c].node];
		const struct node *value =
		    &r->node[r->cell[r->cell[c].next].node];

		if (is_text(key, "int") && !has_bits) {
			if (set_bits(r, uuid, value) == -1)
				return -1;
			has_bits = 1;
		} else if (!is_text(key, "is_safe") || value->kind != NUMBER) {
			return refuse(r, "the pickle has a UUID that is none");
		}
	}
	if (!has_bits)
		return refuse(r, "the pickle has a UUID that is none");
	object->kind = UUID;
	memcpy(object->uuid, uuid, sizeof(uuid));
	return 0;
}

/* One opcode each: 0 done, -1 refused, 1 not one of these. */

static int
read_value(struct reader *r, unsigned char code)
{
	switch (code) {
	case NONE:
		return push_new(r, (struct node){.kind = NOTHING});
	case NEWTRUE:
	case NEWFALSE:
		return push_new(
		    r, (struct node){.kind = TRUTH, .number = code == NEWTRUE});
	case BININT:
		return push_integer(r, 4, 1);
	case BININT1:
		return push_integer(r, 1, 0);
	case BININT2:
		return push_integer(r, 2, 0);
	case LONG1:
		return push_text(r, 1, LONG_NUMBER);
	case BINFLOAT:
		return push_real(r);
	case SHORT_BINUNICODE:
	case SHORT_BINBYTES:
		return push_text(r, 1, TEXT);
	case BINUNICODE:
	case BINBYTES:
		return push_text(r, 4, TEXT);
	case BINUNICODE8:
	case BINBYTES8:
		return push_text(r, 8, TEXT);
	default:
		return 1;
	}
}

static int
read_container(struct reader *r, unsigned char code)
{
	switch (code) {
	case EMPTY_LIST:
	case EMPTY_TUPLE:
		return push_new(r, (struct node){.kind = LIST});
	case EMPTY_DICT:
		return push_new(r, (struct node){.kind = MAP});
	case APPEND:
		return add_to_container(r, LIST, 1);
	case APPENDS:
		return add_to_container(r, LIST, 0);
	case SETITEM:
		return add_to_container(r, MAP, 2);
	case SETITEMS:
		return add_to_container(r, MAP, 0);
	case TUPLE1:
	case TUPLE2:
	case TUPLE3:
		return push_tuple(r, 0, (size_t)(code - TUPLE1 + 1));
	case TUPLE:
		return push_tuple(r, 1, 0);
	case GLOBAL:
		return push_class(r);
	case STACK_GLOBAL:
		return push_stack_class(r);
	case NEWOBJ:
		return push_object(r);
	case BUILD:
		return build(r);
	default:
		return 1;
	}
}

static int
read_machine(struct reader *r, unsigned char code)
{
	uint64_t n;

	switch (code) {
	case PROTO:
		if (take_number(r, 1, &n) == -1)
			return -1;
		return n >= 2 && n <= 5
			   ? 0
			   : refuse(r, "the pickle is of an unknown protocol");
	case FRAME:
		return take_number(r, 8, &n);
	case MARK:
		return set_mark(r);
	case POP:
		return pop(r) == 0 ? -1 : 0;
	case POP_MARK:
		return pop_mark(r);
	case DUP:
		return top(r) == NULL ? -1 : push(r, r->stack[r->depth - 1]);
	case MEMOIZE:
		return put(r, r->memos);
	case BINPUT:
		return use_memo(r, 1, put);
	case LONG_BINPUT:
		return use_memo(r, 4, put);
	case BINGET:
		return use_memo(r, 1, get);
	case LONG_BINGET:
		return use_memo(r, 4, get);
	default:
		return refuse(r, "the pickle does what plain data does not "
				 "need: it is refused");
	}
}

static int
read_all(struct reader *r)
{
	for (;;) {
		const char *code = take(r, 1);
		int done;

		if (code == NULL)
			return -1;
		if (*code == STOP)
			return r->depth == 1 && r->marks == 0
				   ? 0
				   : refuse(r, "the pickle is damaged");
		done = read_value(r, (unsigned char)*code);
		if (done == 1)
			done = read_container(r, (unsigned char)*code);
		if (done == 1)
			done = read_machine(r, (unsigned char)*code);
		if (done == -1)
			return -1;
	}
}

/* Writing. */

/* An integer that fits 64 bits. */
static int
write_long(struct reader *r, const struct node *node, struct buf *out)
{
	size_t n = node->text.n;
	uint64_t v = 0;

	if (n > 8)
		return refuse(r, "the pickle has a number beyond 64 bits");
	if (n > 0 && (node->text.s[n - 1] & 0x80))
		v = UINT64_MAX;
	for (size_t i = n; i > 0; i--)
		v = v << 8 | (unsigned char)node->text.s[i - 1];
	buf_printf(out, "%" PRId64, (int64_t)v);
	return 0;
}

static int write_node(
    struct reader *r, const struct node *node, int depth, struct buf *out);

static int
write_items(
    struct reader *r, const struct node *node, int depth, struct buf *out)
{
	int is_map = node->kind == MAP, is_key = is_map;

	buf_putc(out, is_map ? '{' : '[');
	for (uint32_t c = node->items.first; c != 0; c = r->cell[c].next) {
		const struct node *item = &r->node[r->cell[c].node];

		if (c != node->items.first)
			buf_putc(out, is_map && !is_key ? ':' : ',');
		if (is_key && item->kind != TEXT)
			return refuse(r, "the pickle has a dict with a key "
					 "that is no string");
		if (write_node(r, item, depth + 1, out) == -1)
			return -1;
		is_key = is_map && !is_key;
	}
	buf_putc(out, is_map ? '}' : ']');
	return 0;
}

static int
write_scalar(struct reader *r, const struct node *node, struct buf *out)
{
	char text[DIGEST_UUID_TEXT];

	switch (node->kind) {
	case NOTHING:
		buf_puts(out, "null");
		return 0;
	case TRUTH:
		buf_puts(out, node->number ? "true" : "false");
		return 0;
	case NUMBER:
		buf_printf(out, "%" PRId64, node->number);
		return 0;
	case LONG_NUMBER:
		return write_long(r, node, out);
	case REAL:
		if (!isfinite(node->real))
			return refuse(r, "the pickle has a number that is "
					 "none");
		buf_printf(out, "%.17g", node->real);
		return 0;
	case TEXT:
		json_string(out, node->text.s, node->text.n);
		return 0;
	case UUID:
		digest_uuid_text(node->uuid, text);
		buf_printf(out, "\"%s\"", text);
		return 0;
	default:
		return refuse(r, "the pickle holds an object: only plain data "
				 "and uuid.UUID are read");
	}
}

static int
write_node(
    struct reader *r, const struct node *node, int depth, struct buf *out)
{
	/* A list may hold itself, and what is shared may grow without end. */
	if (depth > DEPTH_MAX)
		return refuse(r, "the pickle is nested too deeply");
	if (out->len > r->most)
		return refuse(r, "the pickle is too large");
	if (node->kind == LIST || node->kind == MAP)
		return write_items(r, node, depth, out);
	return write_scalar(r, node, out);
}

int
pickle_to_json(
    const char *p, size_t n, size_t max, struct buf *out, const char **why)
{
	struct reader r = {.p = p, .end = p + n, .most = out->len + max};
	size_t before = out->len;
	int status = read_all(&r);

	if (status == 0)
		status = write_node(&r, &r.node[r.stack[0]], 0, out);
	if (status == -1) {
		out->len = before;
		*why = r.why;
	}
	free(r.node);
	free(r.cell);
	free(r.stack);
	free(r.memo);
	free(r.mark);
	return status;
}
