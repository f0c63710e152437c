#include "queue/rq_job.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/time.h"
#include "queue/pickle.h"
#include "record/json_depth.h"

enum { KEEP = 1 << 20, STEP = 1 << 16 };

struct rq_job {
	z_stream deflate, inflate;
	struct buf json;
	struct buf plain; /* a pickle's data, as JSON */
};

struct rq_job *
rq_job_new(void)
{
	struct rq_job *r = x_calloc(1, sizeof(*r));

	/* Level 1: a higher level makes a list of random ids no smaller. */
	if (deflateInit(&r->deflate, 1) != Z_OK ||
	    inflateInit(&r->inflate) != Z_OK)
		abort();
	return r;
}

void
rq_job_free(struct rq_job *r)
{
	if (r == NULL)
		return;
	deflateEnd(&r->deflate);
	inflateEnd(&r->inflate);
	buf_free(&r->json);
	buf_free(&r->plain);
	free(r);
}

int
rq_job_id_ok(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '_' && c != '-')
			return 0;
	}
	return n > 0 && n <= RQ_JOB_ID_MAX;
}

/* zlib. */

void
rq_job_deflate(struct rq_job *r, struct buf *out, const char *s, size_t n)
{
	z_stream *z = &r->deflate;
	size_t room = deflateBound(z, n);

	deflateReset(z);
	z->next_in = (unsigned char *)(uintptr_t)s;
	z->avail_in = (uInt)n;
	z->next_out = (unsigned char *)buf_reserve(out, room);
	z->avail_out = (uInt)room;
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		abort();
	out->len += room - z->avail_out;
	out->data[out->len] = '\0';
}

int
rq_job_inflate(struct rq_job *r, struct buf *out, const char *s, size_t n,
    size_t max, const char **why)
{
	z_stream *z = &r->inflate;
	size_t begin = out->len;
	int status = Z_OK;

	inflateReset(z);
	z->next_in = (unsigned char *)(uintptr_t)s;
	z->avail_in = (uInt)n;
	while (status == Z_OK && out->len - begin <= max) {
		z->next_out = (unsigned char *)buf_reserve(out, STEP);
		z->avail_out = STEP;
		status = inflate(z, Z_NO_FLUSH);
		out->len += STEP - z->avail_out;
	}
	if (status != Z_OK && status != Z_STREAM_END) {
		/*
		 * As RQ does: bytes that do not inflate are used as they are.
		 */
		out->len = begin;
		buf_add(out, s, n);
	}
	if (out->len - begin > max) {
		out->len = begin;
		*why = status == Z_OK || status == Z_STREAM_END
			   ? "the payload is too large when inflated"
			   : "the payload is too large";
		return -1;
	}
	out->data[out->len] = '\0';
	return 0;
}

/* The call. */

void
rq_job_encode(struct rq_job *r, struct buf *out, const char *function,
    const char *job_id, const uint8_t (*document_ids)[16], size_t count)
{
	struct buf *b = &r->json;
	char text[DIGEST_UUID_TEXT];

	buf_reset(b, KEEP);
	buf_printf(b, "[\"%s\", null, [\"%s\", [", function, job_id);
	for (size_t i = 0; i < count; i++) {
		digest_uuid_text(document_ids[i], text);
		buf_puts(b, i > 0 ? ", \"" : "\"");
		buf_add(b, text, DIGEST_UUID_TEXT - 1);
		buf_putc(b, '"');
	}
	buf_puts(b, "]], {}]");
	rq_job_deflate(r, out, b->data, b->len);
}

/* RQ names a function by a dotted path; its last part must be ours. */
static int
is_function(yyjson_val *v, const char *function)
{
	const char *s = yyjson_get_str(v), *dot = strrchr(function, '.');
	size_t n = yyjson_get_len(v), want;

	function = dot ? dot + 1 : function;
	want = strlen(function);
	return s != NULL && n >= want &&
	       memcmp(s + n - want, function, want) == 0 &&
	       (n == want || s[n - want - 1] == '.');
}

static int
read_uuid(yyjson_val *v, uint8_t out[static 16])
{
	return yyjson_is_str(v) ? digest_uuid_parse(
				      yyjson_get_str(v), yyjson_get_len(v), out)
				: -1;
}

static const char *
read_arguments(yyjson_val *args, yyjson_val *kwargs, struct rq_job_call *out)
{
	yyjson_val *job = yyjson_arr_get(args, 0);
	yyjson_val *ids = yyjson_arr_get(args, 1), *v;
	size_t i, max, expected = 2;
	uint8_t uuid[16];

	if (job == NULL)
		job = yyjson_obj_get(kwargs, "job_id");
	if (ids == NULL)
		ids = yyjson_obj_get(kwargs, "document_ids");
	if (job == NULL || ids == NULL ||
	    yyjson_arr_size(args) + yyjson_obj_size(kwargs) != expected)
		return "the arguments are not (job_id, document_ids)";
	if (read_uuid(job, uuid) != 0)
		return "the job id is not a UUID";
	if (!yyjson_is_arr(ids))
		return "the document ids are not a list";
	digest_uuid_text(uuid, out->job_id);
	out->document_ids = x_calloc(yyjson_arr_size(ids), 16);
	yyjson_arr_foreach(ids, i, max, v)
	{
		if (read_uuid(v, out->document_ids[i]) != 0)
			return "a document id is not a UUID";
		out->count++;
	}
	return NULL;
}

static const char *
read_call(yyjson_val *root, const char *function, struct rq_job_call *out)
{
	yyjson_val *args = yyjson_arr_get(root, 2);
	yyjson_val *kwargs = yyjson_arr_get(root, 3);

	if (yyjson_arr_size(root) != 4 ||
	    !yyjson_is_str(yyjson_arr_get(root, 0)) || !yyjson_is_arr(args) ||
	    !yyjson_is_obj(kwargs))
		return "the payload is not [function, null, args, kwargs]";
	if (!yyjson_is_null(yyjson_arr_get(root, 1)))
		return "the payload calls a method of an object";
	if (!is_function(yyjson_arr_get(root, 0), function) &&
	    !is_function(yyjson_arr_get(root, 0), "process_documents"))
		return "the payload calls another function than ours";
	return read_arguments(args, kwargs, out);
}

int
rq_job_decode(struct rq_job *r, const char *data, size_t n,
    const char *function, struct rq_job_call *out, const char **why)
{
	struct buf *b = &r->json;
	yyjson_doc *doc = NULL;

	*out = (struct rq_job_call){0};
	buf_reset(b, KEEP);
	if (n > RQ_JOB_DATA_MAX) {
		*why = "the payload is too large";
		return -1;
	}
	if (rq_job_inflate(r, b, data, n, RQ_JOB_JSON_MAX, why) != 0)
		return -1;
	if (b->len > 0 && (unsigned char)b->data[0] == PICKLE_FIRST) {
		buf_reset(&r->plain, KEEP);
		if (pickle_to_json(
			b->data, b->len, RQ_JOB_JSON_MAX, &r->plain, why) == -1)
			return -1;
		b = &r->plain;
	}
	if (!json_depth_is_over(b->data, b->len))
		doc =
		    yyjson_read(b->data, b->len, YYJSON_READ_ALLOW_INF_AND_NAN);
	*why = doc ? read_call(yyjson_doc_get_root(doc), function, out)
		   : "the payload is not JSON";
	yyjson_doc_free(doc);
	if (*why == NULL)
		return 0;
	rq_job_call_free(out);
	return -1;
}

void
rq_job_call_free(struct rq_job_call *call)
{
	free(call->document_ids);
	*call = (struct rq_job_call){0};
}

/* Texts. */

void
rq_job_text(struct rq_job *r, struct buf *out, const char *text, size_t n)
{
	buf_reset(&r->json, KEEP);
	rq_job_deflate(r, &r->json, text, n);
	encode_base64(out, r->json.data, r->json.len);
}

/* Times. */

/* The number of width digits at s, if it is within lo..hi; else -1. */
static int
number(const char *s, int width, int lo, int hi)
{
	int v = 0;

	for (int i = 0; i < width; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + s[i] - '0';
	}
	return v >= lo && v <= hi ? v : -1;
}

int
rq_job_parse_time(const char *s, size_t n, int64_t *micros)
{
	static const char form[] = "....-..-..T..:..:..";
	enum { PLAIN = sizeof(form) - 1 };
	int year, month, day, hour, minute, second, fraction = 0;

	if (n < PLAIN + 1 || s[n - 1] != 'Z')
		return -1;
	for (size_t i = 0; i < PLAIN; i++)
		if (form[i] != '.' && s[i] != form[i])
			return -1;
	year = number(s, 4, 1, 9999);
	month = number(s + 5, 2, 1, 12);
	day = number(s + 8, 2, 1, 31);
	hour = number(s + 11, 2, 0, 23);
	minute = number(s + 14, 2, 0, 59);
	second = number(s + 17, 2, 0, 59);
	if (n > PLAIN + 1) {
		int digits = (int)(n - PLAIN - 2);

		if (s[PLAIN] != '.' || n > PLAIN + 8 || digits < 1)
			return -1;
		fraction = number(s + PLAIN + 1, digits, 0, 999999);
		for (int i = digits; fraction > 0 && i < 6; i++)
			fraction *= 10;
	}
	if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 ||
	    second < 0 || fraction < 0)
		return -1;
	if (day > time_month_days(year, month))
		return -1;
	*micros = ((time_days(year, month, day) * 24 + hour) * 60 + minute) *
		      60 * 1000000 +
		  (int64_t)second * 1000000 + fraction;
	return 0;
}

size_t
rq_job_member(const char *s, size_t n, const char **execution)
{
	*execution = NULL;
	if (n < 33 || s[n - 33] != ':')
		return n;
	for (size_t i = n - 32; i < n; i++)
		if (!(s[i] >= '0' && s[i] <= '9') &&
		    !(s[i] >= 'a' && s[i] <= 'f'))
			return n;
	*execution = s + n - 32;
	return n - 33;
}
