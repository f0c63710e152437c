#include "record/json_split.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

enum { DEPTH_MAX = 1024, KEEP = 4 << 20 };

struct json_split {
	size_t max, whole;
	struct buf data;
	size_t start; /* of the text or page being scanned */
	size_t at;    /* the next byte to look at */
	uint64_t line, start_line;
	int finished; /* no more bytes will come */
	int lost;     /* after a fault: find a line that starts a text */
	int in_array; /* within an outermost array */
	int inside;   /* within a text */
	int in_string;
	int too_long; /* the text is longer than max; its bytes are dropped */
	int depth;
	uint64_t is_object[DEPTH_MAX / 64]; /* of each open bracket */

	size_t key, key_end; /* the last string at depth 1 */
	int is_data;	     /* the member at depth 1 is "data" */
	int is_crawl;	     /* 1: has a crawl's members, -1: others */
	size_t pages;	     /* place behind the bracket of "data"; 0: none */
	uint64_t pages_line;
	int paging;	     /* 1: pages are given, 2: all are given */
	struct buf envelope; /* the object's text before the pages */
};

struct json_split *
json_split_new(size_t max, size_t whole)
{
	struct json_split *t = x_calloc(1, sizeof(*t));

	t->max = max;
	t->whole = whole < max ? whole : max;
	t->line = 1;
	return t;
}

void
json_split_free(struct json_split *t)
{
	if (t == NULL)
		return;
	buf_free(&t->data);
	buf_free(&t->envelope);
	free(t);
}

static size_t
behind(size_t offset, size_t start)
{
	return offset > start ? offset - start : 0;
}

void
json_split_feed(struct json_split *t, const void *p, size_t n)
{
	if (t->start > 0) {
		buf_drop(&t->data, t->start);
		t->at -= t->start;
		t->key = behind(t->key, t->start);
		t->key_end = behind(t->key_end, t->start);
		/* After its bytes are dropped, pages is only a flag. */
		if (t->pages > 0)
			t->pages =
			    t->pages > t->start ? t->pages - t->start : 1;
		t->start = 0;
	}
	if (t->data.len == 0)
		buf_reset(&t->data, KEEP);
	buf_add(&t->data, p, n);
}

void
json_split_finish(struct json_split *t)
{
	t->finished = 1;
}

/* Leave the text: the next bytes are outside of any text. */
static void
leave(struct json_split *t)
{
	t->inside = t->in_string = t->too_long = t->depth = 0;
	t->is_data = t->is_crawl = t->paging = 0;
	t->pages = 0;
	t->start = t->at;
}

static enum json_split_kind
broken(struct json_split *t, struct json_split_item *item, const char *why)
{
	item->code =
	    t->finished && t->at == t->data.len ? "cut_short" : "bad_json";
	item->why = why;
	item->line = t->line;
	leave(t);
	t->in_array = 0;
	t->lost = 1;
	return JSON_SPLIT_BAD;
}

/*
 * A text or page is complete. The offsets stay as they are until the next
 * call, because the item borrows.
 */
static enum json_split_kind
complete(struct json_split *t, struct json_split_item *item,
    enum json_split_kind kind)
{
	item->text = t->data.data + t->start;
	item->n = t->at - t->start;
	item->line = t->start_line;
	if (kind == JSON_SPLIT_ENVELOPE && !t->too_long) {
		buf_add(&t->envelope, item->text, item->n);
		item->text = t->envelope.data;
		item->n = t->envelope.len;
	}
	if (t->too_long || item->n > t->max) {
		item->code = "too_long";
		item->why = kind == JSON_SPLIT_PAGE
				? "the page is longer than --max-record"
				: "the JSON text is longer than --max-record";
		kind = JSON_SPLIT_BAD;
	}
	if (kind == JSON_SPLIT_PAGE || (t->paging && t->depth > 0)) {
		t->start = t->at;
		t->too_long = 0;
	} else {
		leave(t);
	}
	return kind;
}

/* Go back to the first page and give them one by one from now on. */
static void
start_paging(struct json_split *t)
{
	buf_reset(&t->envelope, KEEP);
	buf_add(&t->envelope, t->data.data + t->start, t->pages - t->start);
	t->start = t->at = t->pages;
	t->line = t->start_line = t->pages_line;
	t->depth = 2;
	t->in_string = 0;
	t->paging = 1;
}

static int
can_page(const struct json_split *t)
{
	return !t->paging && t->pages > 0 && t->is_crawl == 1 && !t->too_long;
}

static int
top_is_object(const struct json_split *t)
{
	int i = t->depth - 1;

	return (int)(t->is_object[i / 64] >> (i % 64) & 1);
}

/* The member at depth 1 that the colon at t->at belongs to. */
static void
note_key(struct json_split *t)
{
	static const struct {
		const char *name;
		int is_crawl;
	} keys[] = {{"success", 1}, {"status", 1}, {"total", 1}, {"type", 1},
	    {"completed", 1}, {"creditsUsed", 1}, {"jobId", 1},
	    {"webhookId", 1}, {"content", -1}, {"text", -1}, {"markdown", -1},
	    {"page_content", -1}};
	const char *key = t->data.data + t->key;
	size_t n = t->key_end - t->key;

	t->is_data = n == 4 && memcmp(key, "data", 4) == 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (t->is_crawl != -1 && n == strlen(keys[i].name) &&
		    memcmp(key, keys[i].name, n) == 0)
			t->is_crawl = keys[i].is_crawl;
}

/* An opening bracket at t->at. 0, or -1 when it is too deep. */
static int
open_bracket(struct json_split *t)
{
	int object = t->data.data[t->at] == '{';
	uint64_t bit = (uint64_t)1 << (t->depth % 64);

	if (t->depth == DEPTH_MAX)
		return -1;
	if (t->depth == 2 && object && t->pages > 0) {
		if (can_page(t) && t->at - t->start > t->whole) {
			start_paging(t);
			return 0;
		}
		if (t->paging == 1) {
			t->start = t->at;
			t->start_line = t->line;
			t->too_long = 0;
		}
	}
	if (object)
		t->is_object[t->depth / 64] |= bit;
	else
		t->is_object[t->depth / 64] &= ~bit;
	t->depth++;
	t->at++;
	if (t->depth == 2 && !object && t->is_data && t->pages == 0) {
		t->pages = t->at;
		t->pages_line = t->line;
	}
	return 0;
}

/*
 * A closing bracket at t->at: -1 it does not match, 1 it ends a text, 2 it
 * ends a page, 0 it is an inner one.
 */
static int
close_bracket(struct json_split *t)
{
	if (t->depth == 0 || top_is_object(t) != (t->data.data[t->at] == '}'))
		return -1;
	t->depth--;
	if (t->depth == 1 && t->paging == 1) {
		/* "data" ends: only white space is left of it. */
		t->start = t->at;
		t->paging = 2;
	}
	t->at++;
	if (t->depth == 0)
		return 1;
	return t->depth == 2 && t->paging == 1 && t->data.data[t->at - 1] == '}'
		   ? 2
		   : 0;
}

/* The end of the plain bytes of a string at t->at. */
static size_t
plain_run(const struct json_split *t)
{
	const char *p = t->data.data + t->at, *end = t->data.data + t->data.len;

	while (p < end && *p != '"' && *p != '\\' && *p != '\n')
		p++;
	return (size_t)(p - t->data.data);
}

/*
 * Scan within a string. 1 go on, 0 out of bytes, -1 the string has a line end.
 */
static int
scan_string(struct json_split *t)
{
	t->at = plain_run(t);
	if (t->at == t->data.len)
		return 0;
	switch (t->data.data[t->at]) {
	case '\n':
		return -1;
	case '\\':
		if (t->data.len - t->at < 2)
			return 0;
		/* A line end is not skipped: the next call reports it. */
		t->at += t->data.data[t->at + 1] == '\n' ? 1 : 2;
		return 1;
	default:
		if (t->depth == 1)
			t->key_end = t->at;
		t->in_string = 0;
		t->at++;
		return 1;
	}
}

/* The bytes end within a text. */
static enum json_split_kind
wait_inside(struct json_split *t, struct json_split_item *item)
{
	if (t->finished) {
		enum json_split_kind kind = broken(t, item,
		    "the input ends in the middle of a JSON text; was it cut "
		    "short?");

		t->start = t->at = t->data.len;
		return kind;
	}
	if (t->paging == 1 && t->depth == 2) {
		t->start = t->at;
	} else if (t->at - t->start > t->max) {
		if (can_page(t)) {
			start_paging(t);
			return JSON_SPLIT_RECORD;
		}
		t->too_long = 1;
	}
	if (t->too_long)
		t->start = t->key = t->key_end = t->at;
	return JSON_SPLIT_MORE;
}

/* Take a byte that is neither a bracket nor in a string. */
static void
scan_other(struct json_split *t, char c)
{
	if (c == '"') {
		t->in_string = 1;
		if (t->depth == 1)
			t->key = t->at + 1;
	} else if (c == '\n') {
		t->line++;
	} else if (c == ':' && t->depth == 1) {
		note_key(t);
	} else if (c == ',' && t->depth == 1) {
		t->is_data = 0;
	}
	t->at++;
}

static enum json_split_kind
scan_text(struct json_split *t, struct json_split_item *item)
{
	for (;;) {
		int status;
		char c;

		if (t->at == t->data.len) {
			enum json_split_kind kind = wait_inside(t, item);

			if (kind != JSON_SPLIT_RECORD)
				return kind;
			continue;
		}
		if (t->in_string) {
			status = scan_string(t);
			if (status == -1)
				return broken(
				    t, item, "a line ends within a string");
			if (status == 0 && t->at < t->data.len) {
				/* The last byte so far is a backslash. */
				if (!t->finished)
					return JSON_SPLIT_MORE;
				t->at = t->data.len;
			}
			continue;
		}
		c = t->data.data[t->at];
		if (c == '{' || c == '[') {
			if (open_bracket(t) == -1)
				return broken(t, item,
				    "nested more than 1024 levels deep");
		} else if (c == '}' || c == ']') {
			status = close_bracket(t);
			if (status == -1)
				return broken(t, item,
				    "a closing bracket does not match");
			if (status == 1)
				return complete(t, item,
				    t->paging ? JSON_SPLIT_ENVELOPE
					      : JSON_SPLIT_RECORD);
			if (status == 2)
				return complete(t, item, JSON_SPLIT_PAGE);
		} else {
			scan_other(t, c);
		}
	}
}

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Whether c is one of the characters of set. */
static int
is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Read to its end an element of an outermost array that is not an object. */
static enum json_split_kind
scan_scalar(struct json_split *t, struct json_split_item *item)
{
	if (t->in_string || t->data.data[t->at] == '"') {
		if (!t->in_string) {
			t->in_string = 1;
			t->at++;
		}
		while (t->in_string) {
			int status = scan_string(t);

			if (status == -1)
				return broken(
				    t, item, "a line ends within a string");
			if (status == 0 && t->finished)
				t->at = t->data.len;
			if (status == 0)
				return wait_inside(t, item);
		}
		return complete(t, item, JSON_SPLIT_RECORD);
	}
	for (; t->at < t->data.len; t->at++)
		if (is_space(t->data.data[t->at]) ||
		    is_in(t->data.data[t->at], ",[]{}\""))
			return complete(t, item, JSON_SPLIT_RECORD);
	return t->finished ? complete(t, item, JSON_SPLIT_RECORD)
			   : wait_inside(t, item);
}

/* Skip to a line that starts with a bracket. 1 found, 0 out of bytes. */
static int
find_again(struct json_split *t)
{
	while (t->at < t->data.len) {
		char c = t->data.data[t->at];

		/* lost is 2 at the start of a line */
		if (t->lost == 2 && (c == '{' || c == '[')) {
			t->lost = 0;
			t->start = t->at;
			return 1;
		}
		t->lost = c == '\n' ? 2 : 1;
		t->line += c == '\n';
		t->at++;
	}
	t->start = t->at;
	return 0;
}

/* Bytes that may stand between texts: white space, RS, commas, a BOM. */
static int
skip_between(struct json_split *t)
{
	while (t->at < t->data.len) {
		const char *p = t->data.data + t->at;
		size_t n = t->data.len - t->at;

		if (memcmp(p, "\xEF\xBB\xBF", n < 3 ? n : 3) == 0) {
			if (n < 3)
				return 0;
			t->at += 3;
		} else if (is_space(*p) || *p == '\x1E' ||
			   (t->in_array && *p == ',')) {
			t->at++;
		} else {
			break;
		}
		t->line += *p == '\n';
	}
	t->start = t->at;
	return t->at < t->data.len;
}

static enum json_split_kind
scan_between(struct json_split *t, struct json_split_item *item)
{
	char c;

	for (;;) {
		if (t->lost && !find_again(t))
			break;
		if (!skip_between(t))
			break;
		c = t->data.data[t->at];
		if (c == '[' && !t->in_array) {
			t->in_array = 1;
			t->at++;
			continue;
		}
		if (c == ']' && t->in_array) {
			t->in_array = 0;
			t->at++;
			item->line = t->line;
			return JSON_SPLIT_ARRAY_END;
		}
		if ((c != '{' && !t->in_array) || c == '}')
			return broken(
			    t, item, "neither a JSON object nor an array");
		t->start = t->key = t->key_end = t->at;
		t->start_line = t->line;
		t->inside = c == '{' || c == '[' ? 1 : 2;
		return JSON_SPLIT_RECORD;
	}
	if (!t->finished)
		return JSON_SPLIT_MORE;
	if (t->in_array) {
		t->in_array = 0;
		return broken(t, item,
		    "the input ends before the array is closed; was it cut "
		    "short?");
	}
	return JSON_SPLIT_END;
}

enum json_split_kind
json_split_next(struct json_split *t, struct json_split_item *item)
{
	*item = (struct json_split_item){.line = t->line};
	if (!t->inside) {
		enum json_split_kind kind = scan_between(t, item);

		if (kind != JSON_SPLIT_RECORD)
			return kind;
	}
	return t->inside == 1 ? scan_text(t, item) : scan_scalar(t, item);
}
