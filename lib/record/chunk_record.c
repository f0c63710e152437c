#include "record/chunk_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "record/json_write.h"
#include "record/record_in.h"
#include "record/record_out.h"

/* Reading. */

enum member {
	DOCUMENT_ID,
	INDEX,
	TEXT,
	ID,
	CONTEXT,
	HASH,
	MODEL,
	START,
	END,
	TOKENS,
	METADATA,
	HEADINGS,
	EMBEDDING,
	LEASE,
	MEMBERS
};

static const char *const names[MEMBERS] = {[DOCUMENT_ID] = "document_id",
    [INDEX] = "index",
    [TEXT] = "text",
    [ID] = "id",
    [CONTEXT] = "context",
    [HASH] = "hash",
    [MODEL] = "model",
    [START] = "start",
    [END] = "end",
    [TOKENS] = "tokens",
    [METADATA] = "metadata",
    [HEADINGS] = "headings",
    [EMBEDDING] = "embedding",
    [LEASE] = "lease"};

/*
 * Find all members in one pass; of equal keys the first counts, as in yyjson.
 */
static void
find_members(yyjson_val *root, yyjson_val *members[static MEMBERS])
{
	size_t i, n;
	yyjson_val *key, *value;

	memset(members, 0, MEMBERS * sizeof(*members));
	yyjson_obj_foreach(root, i, n, key, value)
	{
		for (int m = 0; m < MEMBERS; m++)
			if (members[m] == NULL &&
			    yyjson_equals_str(key, names[m])) {
				members[m] = value;
				break;
			}
	}
}

static struct document_text
text_of(yyjson_val *v)
{
	return (struct document_text){yyjson_get_str(v), yyjson_get_len(v)};
}

static int64_t
int_of(yyjson_val *v)
{
	return yyjson_is_int(v) ? yyjson_get_sint(v) : -1;
}

static int
refuse(struct chunk_record *c, const char *code, const char *why)
{
	c->code = code;
	snprintf(c->why, sizeof(c->why), "%s", why);
	return -1;
}

/* Refuse a record in which a key has the wrong type. */
static int
refuse_key(struct chunk_record *c, enum member m, const char *what)
{
	c->code = "bad_record";
	snprintf(c->why, sizeof(c->why), "%s is not %s", names[m], what);
	return -1;
}

static int
is_absent(const yyjson_val *v)
{
	return v == NULL || yyjson_is_null((yyjson_val *)(uintptr_t)v);
}

/* Optional keys of a chunk must have the right type, if they are present. */
static int
check_keys(struct chunk_record *c, yyjson_val *const members[static MEMBERS])
{
	for (enum member m = ID; m <= MODEL; m++)
		if (!is_absent(members[m]) && !yyjson_is_str(members[m]))
			return refuse_key(c, m, "a string");
	for (enum member m = START; m <= TOKENS; m++)
		if (!is_absent(members[m]) &&
		    !(yyjson_is_uint(members[m]) &&
			yyjson_get_uint(members[m]) <= INT32_MAX))
			return refuse_key(c, m, "a whole number from 0");
	if (!is_absent(members[METADATA]) && !yyjson_is_obj(members[METADATA]))
		return refuse_key(c, METADATA, "an object");
	return 0;
}

static int
check_headings(struct chunk_record *c, yyjson_val *v)
{
	int good = is_absent(v) || yyjson_is_arr(v);
	size_t i, n;
	yyjson_val *item;

	yyjson_arr_foreach(v, i, n, item)
	{
		good &= yyjson_is_str(item);
	}
	return good ? 0 : refuse_key(c, HEADINGS, "an array of strings");
}

/*
 * start and end are the range of the text in the document's content. Their
 * distance must be the length of the text, unless its bytes were repaired.
 */
static int
check_place(struct chunk_record *c, int is_repaired)
{
	if (c->start == -1 || c->end == -1)
		return 0;
	if (c->end < c->start)
		return refuse(c, "bad_record", "end is before start");
	if (is_repaired || (size_t)(c->end - c->start) == c->text.n)
		return 0;
	c->code = "bad_record";
	snprintf(c->why, sizeof(c->why),
	    "start and end are %" PRId64 " bytes apart, its text has %zu: a "
	    "stage that changes the text must drop them",
	    c->end - c->start, c->text.n);
	return -1;
}

int
chunk_record_read(struct chunk_record *c, const struct record *r)
{
	yyjson_val *members[MEMBERS];
	struct document_text id;

	find_members(r->root, members);
	*c = (struct chunk_record){
	    .index = -1, .lease = yyjson_get_str(members[LEASE])};
	id = text_of(members[DOCUMENT_ID]);
	if (id.s == NULL || digest_uuid_parse(id.s, id.n, c->document_id) == -1)
		return refuse(
		    c, "bad_record", "chunk: document_id is not a UUID");
	c->has_document = 1;
	c->index = int_of(members[INDEX]);
	if (c->index < 0 || c->index > CHUNK_RECORD_INDEX_MAX) {
		c->index = -1;
		return refuse(c, "bad_record",
		    "chunk: index is not a whole number from 0");
	}
	c->text = text_of(members[TEXT]);
	if (c->text.s == NULL)
		return refuse_key(c, TEXT, "a string");
	if (check_keys(c, members) == -1 ||
	    check_headings(c, members[HEADINGS]) == -1)
		return -1;
	c->id = text_of(members[ID]);
	c->context = text_of(members[CONTEXT]);
	c->hash = text_of(members[HASH]);
	c->model = yyjson_get_str(members[MODEL]);
	c->start = int_of(members[START]);
	c->end = int_of(members[END]);
	c->tokens = int_of(members[TOKENS]);
	if (yyjson_is_arr(members[HEADINGS]))
		c->headings = members[HEADINGS];
	if (yyjson_is_obj(members[METADATA]))
		c->metadata = members[METADATA];
	if (!is_absent(members[EMBEDDING]))
		c->embedding = members[EMBEDDING];
	return check_place(c, r->repaired > 0);
}

int
chunk_record_read_text(struct chunk_record *c, const struct record *r)
{
	yyjson_val *text = yyjson_obj_get(r->root, names[TEXT]);
	yyjson_val *context = yyjson_obj_get(r->root, names[CONTEXT]);

	*c = (struct chunk_record){
	    .index = -1, .text = text_of(text), .context = text_of(context)};
	if (text != NULL && !yyjson_is_str(text))
		return refuse(
		    c, "wrong_type", "the chunk's text is not a string");
	if (!is_absent(context) && !yyjson_is_str(context))
		return refuse(
		    c, "wrong_type", "the chunk's context is not a string");
	if (c->text.n == 0)
		return refuse(c, "no_text", "the chunk has no text");
	return 0;
}

void
chunk_record_put_text(const struct chunk_record *c, struct buf *b)
{
	if (c->context.n > 0) {
		buf_add(b, c->context.s, c->context.n);
		buf_putc(b, '\n');
	}
	buf_add(b, c->text.s, c->text.n);
}

void
chunk_record_hash(const struct chunk_record *c, char hex[static DIGEST_HEX])
{
	struct digest *d = digest_new();

	if (c->context.n > 0) {
		digest_add(d, c->context.s, c->context.n);
		digest_add(d, "\n", 1);
	}
	digest_add(d, c->text.s, c->text.n);
	digest_end_hex(d, hex);
	digest_free(d);
}

/* Adding a vector. */

/* Write the record again, without model and embedding, and append it. */
static void
rewrite(struct buf *b, yyjson_val *root)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *copy = yyjson_val_mut_copy(doc, root);
	size_t n;
	int valid;
	char *text;

	yyjson_mut_doc_set_root(doc, copy);
	yyjson_mut_obj_remove_key(copy, names[MODEL]);
	yyjson_mut_obj_remove_key(copy, names[EMBEDDING]);
	text = record_out_json(doc, NULL, &n, &valid);
	buf_add(b, text, n);
	free(text);
	yyjson_mut_doc_free(doc);
}

void
chunk_record_open(struct buf *b, const struct record *r)
{
	if (r->repaired > 0 || yyjson_obj_get(r->root, names[MODEL]) != NULL ||
	    yyjson_obj_get(r->root, names[EMBEDDING]) != NULL)
		rewrite(b, r->root);
	else
		buf_add(b, r->line, r->len);
	/* White space may stand behind the brace. */
	while (b->data[b->len - 1] != '}')
		b->len--;
	b->len--;
}

void
chunk_record_put_model(struct buf *b, const char *model)
{
	json_member(b, names[MODEL], model, strlen(model));
	json_key(b, names[EMBEDDING]);
}

/* Writing. */

static void
put_uuid(struct buf *out, enum member m, const char *uuid)
{
	json_member_raw(out, names[m], uuid, DIGEST_UUID_TEXT - 1);
}

void
chunk_record_write(struct buf *out, const struct chunk_record_parts *p)
{
	put_uuid(out, ID, p->id);
	put_uuid(out, DOCUMENT_ID, p->document_id);
	json_member_uint(out, "index", p->index);
	if (p->text_is_escaped)
		json_member_raw(out, "text", p->text.s, p->text.n);
	else
		json_member(out, "text", p->text.s, p->text.n);
	json_member_uint(out, "start", p->start);
	json_member_uint(out, "end", p->end);
	json_member_uint(out, "char_start", p->char_start);
	json_member_uint(out, "char_end", p->char_end);
	if (p->overlap > 0)
		json_member_uint(out, "overlap", p->overlap);
	json_member_uint(out, "tokens", p->tokens);
	json_key(out, "headings");
	buf_add(out, p->headings.s, p->headings.n);
	if (p->context.n > 0)
		json_member(out, "context", p->context.s, p->context.n);
	json_member_raw(out, "hash", p->hash, DIGEST_HEX - 1);
	buf_add(out, p->more.s, p->more.n);
}
