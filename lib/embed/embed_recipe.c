#include "embed/embed_recipe.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "record/json_write.h"
#include "record/recipe.h"

/* A body in one form: the keys of each object in the order of their bytes. */

static void put_sorted(struct buf *b, yyjson_val *v);

/* Of equal keys the first stays the first. */
static int
by_key(const void *x, const void *y)
{
	yyjson_val *const *a = x, *const *b = y;
	int order = strcmp(yyjson_get_str(*a), yyjson_get_str(*b));

	return order != 0 ? order : *a < *b ? -1 : 1;
}

static void
put_object(struct buf *b, yyjson_val *object)
{
	size_t n = yyjson_obj_size(object), i, max;
	yyjson_val **keys = x_calloc(n + 1, sizeof(*keys)), *key, *value;

	yyjson_obj_foreach(object, i, max, key, value)
	{
		keys[i] = key;
	}
	qsort(keys, n, sizeof(*keys), by_key);
	buf_putc(b, '{');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		json_string(
		    b, yyjson_get_str(keys[i]), yyjson_get_len(keys[i]));
		buf_putc(b, ':');
		put_sorted(b, yyjson_obj_iter_get_val(keys[i]));
	}
	buf_putc(b, '}');
	free(keys);
}

static void
put_array(struct buf *b, yyjson_val *array)
{
	size_t i, n;
	yyjson_val *v;

	buf_putc(b, '[');
	yyjson_arr_foreach(array, i, n, v)
	{
		if (i > 0)
			buf_putc(b, ',');
		put_sorted(b, v);
	}
	buf_putc(b, ']');
}

static void
put_sorted(struct buf *b, yyjson_val *v)
{
	char *text;
	size_t n;

	if (yyjson_is_obj(v)) {
		put_object(b, v);
	} else if (yyjson_is_arr(v)) {
		put_array(b, v);
	} else {
		text = yyjson_val_write(v, YYJSON_WRITE_ALLOW_INF_AND_NAN, &n);
		buf_add(b, text, n);
		free(text);
	}
}

/* The words. */

struct word {
	const char *name;
	struct buf value; /* as it stands in the line; empty: no word */
};

/* A name without blanks and quotes stands as it is, any other as JSON. */
static void
put_name(struct buf *b, const char *s)
{
	int is_plain = *s != '\0';

	for (const char *p = s; *p != '\0'; p++)
		is_plain &= (unsigned char)*p > ' ' && *p != '"' && *p != '\\';
	if (is_plain)
		buf_puts(b, s);
	else
		json_string(b, s, strlen(s));
}

/* The SHA-256 is of the value as it would stand in the line. */
static void
put_hash(struct buf *b, const struct buf *value)
{
	struct digest *d = digest_new();
	char hex[DIGEST_HEX];

	digest_add(d, value->data, value->len);
	digest_end_hex(d, hex);
	buf_printf(b, "sha256:%s", hex);
	digest_free(d);
}

static void
put_words(
    struct buf *b, const struct word *words, size_t n, size_t first_hashed)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].value.len == 0)
			continue;
		buf_printf(b, "%s%s=", i > 0 ? " " : "", words[i].name);
		if (i < first_hashed || words[i].value.len < DIGEST_HEX)
			buf_add(b, words[i].value.data, words[i].value.len);
		else
			put_hash(b, &words[i].value);
	}
}

void
embed_recipe_put(struct buf *b, const struct embed_recipe *r)
{
	enum { MODEL, ROLE, DIMENSIONS, PREFIX, BODY, WORDS };
	struct word words[WORDS] = {{.name = "model"}, {.name = "role"},
	    {.name = "dimensions"}, {.name = "prefix"}, {.name = "body"}};
	size_t start = b->len, first_hashed = WORDS;

	put_name(&words[MODEL].value, r->model);
	buf_puts(&words[ROLE].value, "document");
	if (r->dimensions > 0)
		buf_printf(&words[DIMENSIONS].value, "%zu", r->dimensions);
	if (r->prefix != NULL && *r->prefix != '\0')
		json_string(&words[PREFIX].value, r->prefix, strlen(r->prefix));
	if (yyjson_obj_size(r->body) > 0)
		put_sorted(&words[BODY].value, r->body);
	put_words(b, words, WORDS, first_hashed);
	/* From the last word on, until the line is short enough. */
	while (b->len - start > RECIPE_PART_MAX && first_hashed > 0) {
		b->len = start;
		put_words(b, words, WORDS, --first_hashed);
	}
	for (size_t i = 0; i < WORDS; i++)
		buf_free(&words[i].value);
}

void
embed_recipe_put_query(struct buf *b, const struct embed_recipe *r)
{
	buf_puts(b, "{\"provider\":");
	json_string(b, r->provider, strlen(r->provider));
	json_member(b, "model", r->model, strlen(r->model));
	if (r->dimensions > 0)
		json_member_uint(b, "dimensions", r->dimensions);
	json_member_plain(b, "role", "query");
	if (r->query_prefix != NULL && *r->query_prefix != '\0')
		json_member(
		    b, "prefix", r->query_prefix, strlen(r->query_prefix));
	buf_putc(b, '}');
}
