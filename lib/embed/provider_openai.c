#include "embed/provider_openai.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "embed/provider.h"
#include "embed/retry_after.h"
#include "embed/vector.h"
#include "record/error_record.h"
#include "record/json_depth.h"
#include "text/mask.h"

/* The request. */

void
provider_openai_request(struct buf *body, const struct embed_settings *settings,
    const struct embed_text *texts, size_t n)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_val *input = yyjson_mut_arr(doc);
	yyjson_val *key;
	yyjson_obj_iter iter;
	char *text;
	size_t len;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "model", settings->model);
	for (size_t i = 0; i < n; i++)
		yyjson_mut_arr_add_strn(doc, input, texts[i].s, texts[i].n);
	yyjson_mut_obj_add_val(doc, root, "input", input);
	if (settings->encoding_format != NULL)
		yyjson_mut_obj_add_str(
		    doc, root, "encoding_format", settings->encoding_format);
	if (settings->dimensions > 0)
		yyjson_mut_obj_add_uint(
		    doc, root, "dimensions", settings->dimensions);
	yyjson_obj_iter_init(settings->body, &iter);
	while ((key = yyjson_obj_iter_next(&iter)) != NULL)
		yyjson_mut_obj_put(root, yyjson_val_mut_copy(doc, key),
		    yyjson_val_mut_copy(doc, yyjson_obj_iter_get_val(key)));
	text = yyjson_mut_write(doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, &len);
	if (text == NULL)
		abort();
	buf_add(body, text, len);
	free(text);
	yyjson_mut_doc_free(doc);
}

/* Verdicts. */

__attribute__((format(printf, 4, 5))) static void
judge(struct embed_verdict *why, enum error_class class, const char *code,
    const char *fmt, ...)
{
	va_list args;

	*why = (struct embed_verdict){.class = class};
	snprintf(why->code, sizeof(why->code), "%s", code);
	va_start(args, fmt);
	vsnprintf(why->message, sizeof(why->message), fmt, args);
	va_end(args);
}

/* A server's message about a failure, read from any of the known forms. */
struct complaint {
	const char *const *secrets;
	char code[64]; /* code or type, when it is a word */
	char param[32];
	char text[300]; /* one line, valid UTF-8 */
	int64_t number; /* code, when it is a number, or 0 */
};

/*
 * Copy foreign text as one line of valid UTF-8, without secrets, and then cut
 * to fit.
 */
static void
copy_text(
    const struct complaint *c, char *out, size_t size, const char *s, size_t n)
{
	enum { MUCH = 8192 /* bytes; more would be cut in any case */ };
	struct buf masked = {0}, b = {0};
	size_t first, len;

	mask_add(&masked, s, n < MUCH ? n : MUCH, c->secrets);
	if (masked.len > size * 2)
		masked.len = size * 2;
	utf8_repair(&b, masked.data ? masked.data : "", masked.len, &first);
	len = utf8_floor(b.data ? b.data : "", b.len, size - 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)b.data[i];

		out[i] = byte < ' ' || byte == 127 ? ' ' : (char)byte;
	}
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
	buf_free(&masked);
	buf_free(&b);
}

/* Remove the full stop of a text, as advice may follow. */
static void
drop_stop(char *text)
{
	size_t n = strlen(text);

	if (n > 0 && text[n - 1] == '.')
		text[n - 1] = '\0';
}

/* Copy a string value; for another value out does not change. */
static void
copy_string(const struct complaint *c, char *out, size_t size, yyjson_val *v)
{
	if (yyjson_is_str(v))
		copy_text(c, out, size, yyjson_get_str(v), yyjson_get_len(v));
}

/* Keep a code only if it is a word, not too long, and holds no secret. */
static void
copy_code(struct complaint *c, yyjson_val *v)
{
	const char *s = yyjson_get_str(v);

	if (yyjson_is_int(v))
		c->number = yyjson_get_sint(v);
	if (s == NULL || c->code[0] != '\0')
		return;
	if (*s >= '0' && *s <= '9')
		c->number = strtol(s, NULL, 10);
	else if (yyjson_get_len(v) < sizeof(c->code))
		copy_text(c, c->code, sizeof(c->code), s, yyjson_get_len(v));
	if (strstr(c->code, "***") != NULL)
		c->code[0] = '\0';
}

/* {"error":{...}} and similar forms: a string, an array, "detail". */
static void
read_error(struct complaint *c, yyjson_val *v, int depth)
{
	static const char *const inner[] = {"error", "detail", NULL};
	static const char *const texts[] = {"message", "msg", NULL};
	static const char *const codes[] = {
	    "code", "type", "error_type", "status", NULL};

	if (yyjson_is_arr(v))
		v = yyjson_arr_get_first(v);
	if (c->text[0] == '\0' && depth > 0)
		copy_string(c, c->text, sizeof(c->text), v);
	if (!yyjson_is_obj(v) || depth > 3)
		return;
	for (size_t i = 0; inner[i] != NULL; i++)
		read_error(c, yyjson_obj_get(v, inner[i]), depth + 1);
	for (size_t i = 0; texts[i] != NULL; i++)
		if (c->text[0] == '\0')
			copy_string(c, c->text, sizeof(c->text),
			    yyjson_obj_get(v, texts[i]));
	for (size_t i = 0; codes[i] != NULL; i++)
		copy_code(c, yyjson_obj_get(v, codes[i]));
	copy_string(c, c->param, sizeof(c->param), yyjson_obj_get(v, "param"));
}

/* A body that is not JSON: its title if it is a page, else its beginning. */
static void
read_plain(struct complaint *c, const char *body, size_t len)
{
	char start[1024];
	const char *title, *end;

	copy_text(c, start, sizeof(start), body, len);
	title = strstr(start, "<title>");
	end = title != NULL ? strstr(title, "</title>") : NULL;
	if (end != NULL)
		copy_text(c, c->text, sizeof(c->text), title + 7,
		    (size_t)(end - title) - 7);
	else
		copy_text(c, c->text, sizeof(c->text), start, strlen(start));
}

static yyjson_doc *
parse(const char *body, size_t len)
{
	if (json_depth_is_over(body, len))
		return NULL;
	/* Only numbers are used, so bad text elsewhere does no harm. */
	return yyjson_read(body, len, YYJSON_READ_ALLOW_INVALID_UNICODE);
}

static void
read_complaint(struct complaint *c, const struct embed_answer *answer)
{
	yyjson_doc *doc = parse(answer->body, answer->len);

	*c = (struct complaint){.secrets = answer->secrets};
	if (doc != NULL)
		read_error(c, yyjson_doc_get_root(doc), 0);
	else
		read_plain(c, answer->body, answer->len);
	drop_stop(c->text);
	yyjson_doc_free(doc);
}

/* The meaning of statuses; the last row is for all others. */
static const struct meaning {
	long first, last;
	enum error_class class;
	int retry, split;
	const char *advice;
} meanings[] = {
    {300, 399, ERROR_CONFIG, 0, 0,
	": the server moved: set OPENAI_BASE_URL to its new place"},
    {400, 400, ERROR_INPUT, 0, 1, ""},
    {401, 401, ERROR_CONFIG, 0, 0, ": check OPENAI_API_KEY"},
    {402, 402, ERROR_QUOTA, 0, 0, ": top up the account"},
    {403, 403, ERROR_CONFIG, 0, 0,
	": the key may not use this model, project or region"},
    {404, 405, ERROR_CONFIG, 0, 0, ": check --model and OPENAI_BASE_URL"},
    {408, 409, ERROR_TRANSIENT, 1, 0, ""},
    {413, 413, ERROR_INPUT, 0, 1, ""},
    {422, 422, ERROR_INPUT, 0, 1, ""},
    {424, 425, ERROR_TRANSIENT, 1, 0, ""}, /* TEI: backend failed */
    {429, 429, ERROR_THROTTLED, 1, 0, ""},
    {501, 501, ERROR_CONFIG, 0, 0, ": check OPENAI_BASE_URL"},
    {500, 599, ERROR_TRANSIENT, 1, 0, ""},
    {0, 999, ERROR_CONFIG, 0, 0, ": check OPENAI_BASE_URL"},
};

static const struct meaning *
meaning_of(long status, const struct complaint *c)
{
	static const struct meaning quota = {
	    0, 0, ERROR_QUOTA, 0, 0, ": top up the account"};
	static const struct meaning setting = {0, 0, ERROR_CONFIG, 0, 0,
	    ": check --model, --dimensions, --encoding-format and --body"};
	static const struct meaning too_long = {0, 0, ERROR_INPUT, 0, 1, ""};
	static const char *const settings[] = {
	    "model", "dimensions", "encoding_format", "user", NULL};
	const struct meaning *m = meanings;

	if (strcmp(c->code, "insufficient_quota") == 0 ||
	    strncmp(c->code, "billing_", 8) == 0)
		return &quota;
	/* llama.cpp's 500; only its text distinguishes it from others. */
	if (status == 500 && strstr(c->text, "too large to process") != NULL)
		return &too_long;
	while (status < m->first || status > m->last)
		m++;
	if (m->class == ERROR_INPUT) {
		for (size_t i = 0; settings[i] != NULL; i++)
			if (strcmp(c->param, settings[i]) == 0)
				return &setting;
		if (strcmp(c->code, "model_not_found") == 0)
			return &setting;
	}
	return m;
}

static void
judge_status(struct embed_verdict *why, long status, const struct complaint *c)
{
	const struct meaning *m = meaning_of(status, c);
	char number[32];

	snprintf(number, sizeof(number), "http_%ld", status);
	judge(why, m->class, c->code[0] ? c->code : number,
	    "HTTP %ld%s%s%s%s%s", status, c->code[0] ? " " : "", c->code,
	    c->text[0] ? ": " : "", c->text, m->advice);
	why->retry = m->retry;
	why->split = m->split;
	why->lasting = m->class == ERROR_CONFIG || m->class == ERROR_QUOTA;
}

void
provider_openai_refusal(
    const struct embed_answer *answer, struct embed_verdict *why)
{
	struct complaint c;

	read_complaint(&c, answer);
	judge_status(why,
	    answer->status >= 0 && answer->status <= 999 ? answer->status : 0,
	    &c);
	why->retry_after = retry_after(
	    answer->retry_after_ms, answer->retry_after, answer->now);
	if (answer->should_retry != NULL) {
		if (strcasecmp(answer->should_retry, "true") == 0)
			why->retry = 1;
		else if (strcasecmp(answer->should_retry, "false") == 0)
			why->retry = 0;
	}
}

/* The answer. */

/*
 * The array that holds the vectors: "data" of OpenAI, "embeddings" of Ollama,
 * "embeddings.float" of Cohere, or the whole answer of TEI's own /embed.
 */
static yyjson_val *
find_items(yyjson_val *root)
{
	yyjson_val *v;

	if (yyjson_is_arr(root)) {
		/* Gemini writes its errors into an array. */
		v = yyjson_arr_get_first(root);
		return yyjson_obj_get(v, "error") == NULL ? root : NULL;
	}
	v = yyjson_obj_get(root, "data");
	if (yyjson_is_arr(v))
		return v;
	v = yyjson_obj_get(root, "embeddings");
	if (yyjson_is_obj(v))
		v = yyjson_obj_get(v, "float");
	return yyjson_is_arr(v) ? v : NULL;
}

static int
refuse_shape(
    struct embed_verdict *why, yyjson_val *root, const char *const *secrets)
{
	struct complaint c = {.secrets = secrets};

	read_error(&c, root, 0);
	drop_stop(c.text);
	/* Some proxies answer 200 and put the real status into the body. */
	if (c.number >= 400 && c.number <= 599)
		judge_status(why, (long)c.number, &c);
	else if (c.text[0] != '\0')
		judge(why, ERROR_CONFIG, c.code[0] ? c.code : "error_in_answer",
		    "HTTP 200 with an error: %s: check --model and the server",
		    c.text);
	else
		judge(why, ERROR_CONFIG, "bad_answer",
		    "the answer holds no embeddings: check OPENAI_BASE_URL");
	return -1;
}

struct reading {
	size_t n; /* texts */
	float *vectors;
	size_t width;
	unsigned char *seen; /* by index */
	struct embed_verdict *why;
};

/*
 * The index of the item at position; without an index, its position; n if
 * invalid.
 */
static size_t
place_of(const struct reading *r, yyjson_val *item, size_t position)
{
	yyjson_val *v = yyjson_obj_get(item, "index");

	if (v == NULL || yyjson_is_null(v))
		return position;
	return yyjson_is_uint(v) && yyjson_get_uint(v) < r->n
		   ? (size_t)yyjson_get_uint(v)
		   : r->n;
}

static int
read_item(struct reading *r, yyjson_val *item, size_t position)
{
	yyjson_val *v =
	    yyjson_is_obj(item) ? yyjson_obj_get(item, "embedding") : item;
	size_t at = place_of(r, item, position), width = vector_width(v);
	const char *why;

	if (at == r->n || r->seen[at]) {
		judge(r->why, ERROR_CONFIG, "bad_index",
		    "the answer has an index twice or out of range");
		return -1;
	}
	r->seen[at] = 1;
	if (width > 0 && r->width == 0) {
		r->width = width;
		r->vectors = x_calloc(r->n, width * sizeof(*r->vectors));
	} else if (width > 0 && width != r->width) {
		judge(r->why, ERROR_CONFIG, "mixed_dimensions",
		    "the answer mixes %zu and %zu dimensions", r->width, width);
		return -1;
	}
	if (width == 0)
		why = "not an array of numbers, nor base64 of float32";
	else if (vector_read(v, r->vectors + at * width, width, &why) == 0)
		return 0;
	judge(r->why, ERROR_INPUT, "bad_vector",
	    "the server's vector is unusable: %s", why);
	r->why->split = 1;
	return -1;
}

/*
 * A wrong count or index does not halve the batch: in a smaller batch the count
 * may fit by chance, and a text could get the vector of another text.
 */
static int
read_items(struct reading *r, yyjson_val *items)
{
	yyjson_val *item;
	yyjson_arr_iter iter;
	size_t i = 0;

	if (yyjson_arr_size(items) != r->n) {
		judge(r->why, ERROR_CONFIG, "wrong_count",
		    "the server answered %zu vectors for %zu texts",
		    yyjson_arr_size(items), r->n);
		return -1;
	}
	yyjson_arr_iter_init(items, &iter);
	while ((item = yyjson_arr_iter_next(&iter)) != NULL)
		if (read_item(r, item, i++) == -1)
			return -1;
	return 0;
}

int
provider_openai_response(const struct embed_answer *answer, size_t n,
    float **vectors, size_t *width, struct embed_verdict *why)
{
	yyjson_doc *doc = parse(answer->body, answer->len);
	yyjson_val *root = yyjson_doc_get_root(doc), *items;
	struct reading r = {.n = n, .why = why};
	int result = -1;

	if (doc == NULL) {
		/* A proxy may have cut it; a second try may succeed. */
		judge(why, ERROR_TRANSIENT, "bad_answer",
		    "the answer is not complete JSON");
		why->retry = 1;
		return -1;
	}
	items = find_items(root);
	if (items == NULL) {
		refuse_shape(why, root, answer->secrets);
	} else {
		r.seen = x_calloc(n, 1);
		result = read_items(&r, items);
	}
	free(r.seen);
	yyjson_doc_free(doc);
	if (result == -1) {
		free(r.vectors);
		return -1;
	}
	*vectors = r.vectors;
	*width = r.width;
	return 0;
}
