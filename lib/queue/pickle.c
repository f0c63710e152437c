#include "queue/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "queue/pickle_data.h"
#include "queue/pickle_opcodes.h"

struct reader {
	const char *p, *end;
	const char *why;
	struct pickle_data data;
	uint32_t *stack, *memo, *mark;
	size_t depth, memos, marks;
	size_t stack_cap, memo_cap, mark_cap;
};

static int
refuse(struct reader *r, const char *why)
{
	if (r->why == NULL)
		r->why = why;
	return -1;
}

/* The stack. */

static int
push(struct reader *r, uint32_t node)
{
	r->stack = x_grow(r->stack, r->depth, &r->stack_cap, sizeof(*r->stack));
	r->stack[r->depth++] = node;
	return r->depth <= PICKLE_NODES_MAX
		   ? 0
		   : refuse(r, "the pickle is too large");
}

static int
push_new(struct reader *r, struct pickle_node node)
{
	uint32_t added = pickle_data_add(&r->data, node);

	return added != 0 ? push(r, added)
			  : refuse(r, "the pickle is too large");
}

/* The index at which the stack begins, above the latest mark. */
static size_t
floor_of(const struct reader *r)
{
	return r->marks > 0 ? r->mark[r->marks - 1] : 0;
}

/* Take off the top node; 0 if there is none above the mark. */
static uint32_t
pop(struct reader *r)
{
	if (r->stack == NULL || r->depth == floor_of(r)) {
		refuse(r, "the pickle is damaged");
		return 0;
	}
	return r->stack[--r->depth];
}

static struct pickle_node *
top(struct reader *r)
{
	if (r->depth == floor_of(r)) {
		refuse(r, "the pickle is damaged");
		return NULL;
	}
	return &r->data.node[r->stack[r->depth - 1]];
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

/* Push a text. Its length comes first, in length_bytes bytes. */
static int
push_text(struct reader *r, size_t length_bytes, enum pickle_kind kind)
{
	struct pickle_node node = {.kind = kind};
	uint64_t n;

	if (take_number(r, length_bytes, &n) == -1)
		return -1;
	if (n > (uint64_t)(r->end - r->p))
		return refuse(r, "the pickle is cut short");
	node.text.n = (size_t)n;
	node.text.s = take(r, node.text.n);
	if (node.text.s == NULL)
		return -1;
	if (kind == PICKLE_TEXT &&
	    utf8_valid(node.text.s, node.text.n) < node.text.n)
		return refuse(r, "the pickle has a string that is not UTF-8");
	return push_new(r, node);
}

static int
push_integer(struct reader *r, size_t n, int is_signed)
{
	uint64_t v;

	if (take_number(r, n, &v) == -1)
		return -1;
	return push_new(
	    r, (struct pickle_node){.kind = PICKLE_NUMBER,
		   .number = is_signed ? (int32_t)(uint32_t)v : (int64_t)v});
}

static int
push_real(struct reader *r)
{
	struct pickle_node node = {.kind = PICKLE_REAL};
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

/* Append the nodes of the stack from index at on, and take them off. */
static int
append(struct reader *r, uint32_t to, size_t at)
{
	for (size_t i = at; i < r->depth; i++)
		if (pickle_data_append(&r->data, to, r->stack[i]) == -1)
			return refuse(r, "the pickle is too large");
	r->depth = at;
	return 0;
}

/*
 * Move the nodes above the mark (n 0), or the n top nodes, into the container
 * below them.
 */
static int
add_to_container(struct reader *r, enum pickle_kind kind, size_t n)
{
	size_t at;

	if (n == 0 && r->marks == 0)
		return refuse(r, "the pickle is damaged");
	at = n == 0 ? r->mark[--r->marks] : r->depth - n;
	if (r->depth < n || at < floor_of(r) + 1 ||
	    r->data.node[r->stack[at - 1]].kind != kind ||
	    (kind == PICKLE_MAP && (r->depth - at) % 2 != 0))
		return refuse(r, "the pickle is damaged");
	return append(r, r->stack[at - 1], at);
}

/* Make a tuple of the nodes above the mark, or of the n top nodes. */
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
	if (push_new(r, (struct pickle_node){.kind = PICKLE_LIST}) == -1)
		return -1;
	tuple = r->stack[--r->depth];
	return append(r, tuple, at) == -1 ? -1 : push(r, tuple);
}

static int
set_mark(struct reader *r)
{
	r->mark = x_grow(r->mark, r->marks, &r->mark_cap, sizeof(*r->mark));
	r->mark[r->marks++] = (uint32_t)r->depth;
	return r->marks <= PICKLE_NODES_MAX
		   ? 0
		   : refuse(r, "the pickle is too large");
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
	if (place > PICKLE_NODES_MAX)
		return refuse(r, "the pickle is too large");
	while (r->memos <= place) {
		r->memo =
		    x_grow(r->memo, r->memos, &r->memo_cap, sizeof(*r->memo));
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
push_class(struct reader *r)
{
	static const char uuid[] = "uuid\nUUID\n";
	const char *s = take(r, strlen(uuid));

	if (s == NULL || memcmp(s, uuid, strlen(uuid)) != 0) {
		r->why = "the pickle holds an object: only plain data and "
			 "uuid.UUID are read";
		return -1;
	}
	return push_new(r, (struct pickle_node){.kind = PICKLE_UUID_CLASS});
}

static int
push_stack_class(struct reader *r)
{
	uint32_t name = pop(r), from = name ? pop(r) : 0;

	if (from == 0)
		return -1;
	if (!pickle_data_is(&r->data.node[from], "uuid") ||
	    !pickle_data_is(&r->data.node[name], "UUID"))
		return refuse(r, "the pickle holds an object: only plain data "
				 "and uuid.UUID are read");
	return push_new(r, (struct pickle_node){.kind = PICKLE_UUID_CLASS});
}

/* uuid.UUID.__new__ with no arguments. */
static int
push_object(struct reader *r)
{
	uint32_t arguments = pop(r), class = arguments ? pop(r) : 0;

	if (class == 0)
		return -1;
	if (r->data.node[class].kind != PICKLE_UUID_CLASS ||
	    r->data.node[arguments].kind != PICKLE_LIST ||
	    r->data.node[arguments].items.first != 0)
		return refuse(r, "the pickle makes an object: it is refused");
	return push_new(r, (struct pickle_node){.kind = PICKLE_UUID_EMPTY});
}

/* Set a UUID's state: its integer, and perhaps "is_safe", which is ignored. */
static int
build(struct reader *r)
{
	uint32_t state = pop(r);
	struct pickle_node *object = state ? top(r) : NULL;

	if (object == NULL)
		return -1;
	if (object->kind != PICKLE_UUID_EMPTY ||
	    r->data.node[state].kind != PICKLE_MAP)
		return refuse(r, "the pickle sets the state of an object: it "
				 "is refused");
	if (pickle_data_uuid(&r->data, state, object->uuid) == -1)
		return refuse(r, "the pickle has a UUID that is not valid");
	object->kind = PICKLE_UUID;
	return 0;
}

/* Each function reads one opcode: 0 done, -1 refused, 1 another's opcode. */

static int
read_value(struct reader *r, unsigned char code)
{
	switch (code) {
	case NONE:
		return push_new(r, (struct pickle_node){.kind = PICKLE_NULL});
	case NEWTRUE:
	case NEWFALSE:
		return push_new(r, (struct pickle_node){.kind = PICKLE_BOOL,
				       .number = code == NEWTRUE});
	case BININT:
		return push_integer(r, 4, 1);
	case BININT1:
		return push_integer(r, 1, 0);
	case BININT2:
		return push_integer(r, 2, 0);
	case LONG1:
		return push_text(r, 1, PICKLE_LONG_NUMBER);
	case BINFLOAT:
		return push_real(r);
	case SHORT_BINUNICODE:
	case SHORT_BINBYTES:
		return push_text(r, 1, PICKLE_TEXT);
	case BINUNICODE:
	case BINBYTES:
		return push_text(r, 4, PICKLE_TEXT);
	case BINUNICODE8:
	case BINBYTES8:
		return push_text(r, 8, PICKLE_TEXT);
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
		return push_new(r, (struct pickle_node){.kind = PICKLE_LIST});
	case EMPTY_DICT:
		return push_new(r, (struct pickle_node){.kind = PICKLE_MAP});
	case APPEND:
		return add_to_container(r, PICKLE_LIST, 1);
	case APPENDS:
		return add_to_container(r, PICKLE_LIST, 0);
	case SETITEM:
		return add_to_container(r, PICKLE_MAP, 2);
	case SETITEMS:
		return add_to_container(r, PICKLE_MAP, 0);
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

int
pickle_to_json(
    const char *p, size_t n, size_t max, struct buf *out, const char **why)
{
	struct reader r = {.p = p, .end = p + n};
	int status = read_all(&r);

	*why = r.why;
	if (status == 0)
		status =
		    pickle_data_to_json(&r.data, r.stack[0], max, out, why);
	pickle_data_free(&r.data);
	free(r.stack);
	free(r.memo);
	free(r.mark);
	return status;
}
