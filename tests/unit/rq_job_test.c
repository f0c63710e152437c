/*
 * rq_job: data of real RQ is read, and is the same after writing and reading
 */
#include "queue/rq_job.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/encode.h"
#include "rq_job_read.h"
#include "tap.h"

#define JOB "0f8fad5b-d9cb-469f-a165-70867728950e"
#define DOC "7c9e6679-7425-40de-944b-e07fc1f90ae7"

static struct rq_job *job;

static int
same(const struct buf *b, const char *s, size_t n)
{
	return b->len == n && memcmp(b->data ? b->data : "", s, n) == 0;
}

/* Recorded data of real RQ. */

struct counts {
	int zlib, base64, texts, times, members, ids, bad;
};

static void
unhex(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		char pair[3] = {s[i], s[i + 1], 0};

		buf_putc(out, (char)strtol(pair, NULL, 16));
	}
}

/* {"_hex" or "_raw": as stored, "_..._decoded": what it means} */
static void
check_encoded(yyjson_val *v, struct counts *c)
{
	yyjson_val *hex = yyjson_obj_get(v, "_hex");
	yyjson_val *raw = yyjson_obj_get(v, "_raw");
	yyjson_val *zlib = yyjson_obj_get(v, "_zlib_decoded");
	yyjson_val *b64 = yyjson_obj_get(v, "_b64_decoded");
	yyjson_val *text = yyjson_obj_get(v, "_b64_zlib_decoded");
	const char *s = yyjson_get_str(raw), *why = "";
	size_t n = yyjson_get_len(raw);
	struct buf in = {0}, out = {0}, again = {0};
	int ok = 1;

	if (hex != NULL && zlib != NULL) {
		unhex(&in, yyjson_get_str(hex), yyjson_get_len(hex));
		ok = rq_job_inflate(
			 job, &out, in.data, in.len, 1 << 20, &why) == 0 &&
		     same(&out, yyjson_get_str(zlib), yyjson_get_len(zlib));
		buf_reset(&in, 0);
		rq_job_deflate(job, &in, out.data, out.len);
		ok = ok &&
		     rq_job_inflate(
			 job, &again, in.data, in.len, 1 << 20, &why) == 0 &&
		     same(&again, out.data, out.len);
		c->zlib++;
	} else if (b64 != NULL) {
		ok = encode_base64_read(s, n, buf_reserve(&out, n)) == 0;
		out.len = encode_base64_size(s, n);
		ok = ok && same(&out, yyjson_get_str(b64), yyjson_get_len(b64));
		encode_base64(&again, out.data, out.len);
		ok = ok && same(&again, s, n);
		c->base64++;
	} else if (text != NULL) {
		ok = read_text(job, &out, s, n, &why) == 0 &&
		     same(&out, yyjson_get_str(text), yyjson_get_len(text));
		rq_job_text(job, &in, out.data, out.len);
		ok = ok && read_text(job, &again, in.data, in.len, &why) == 0 &&
		     same(&again, out.data, out.len);
		c->texts++;
	}
	if (!ok)
		c->bad++;
	buf_free(&in);
	buf_free(&out);
	buf_free(&again);
}

static void
check_string(const char *s, size_t n, struct counts *c)
{
	int64_t micros;
	char text[TIME_TEXT];
	const char *execution;

	if (n == TIME_TEXT - 1 && s[n - 1] == 'Z') {
		c->times++;
		if (rq_job_parse_time(s, n, &micros) != 0) {
			c->bad++;
			return;
		}
		write_time(micros, text);
		if (strcmp(text, s) != 0)
			c->bad++;
	} else if (n > 33 && rq_job_member(s, n, &execution) == n - 33) {
		c->members++;
		if (!rq_job_id_ok(s, n - 33) || !rq_job_id_ok(execution, 32))
			c->bad++;
	}
}

static void
check_key(const char *s, struct counts *c)
{
	if (strncmp(s, "rq:job:", 7) != 0 || strchr(s + 7, ':') != NULL)
		return;
	c->ids++;
	if (!rq_job_id_ok(s + 7, strlen(s + 7)))
		c->bad++;
}

static void
walk(yyjson_val *v, struct counts *c)
{
	size_t i, max;
	yyjson_val *key, *item;

	if (yyjson_is_str(v))
		check_string(yyjson_get_str(v), yyjson_get_len(v), c);
	if (yyjson_is_obj(v))
		check_encoded(v, c);
	yyjson_obj_foreach(v, i, max, key, item)
	{
		check_key(yyjson_get_str(key), c);
		walk(item, c);
	}
	yyjson_arr_foreach(v, i, max, item) walk(item, c);
}

static void
golden(const char *version, int zlib, int results)
{
	char path[64];
	struct counts c = {0};
	yyjson_doc *doc;

	snprintf(
	    path, sizeof(path), "tests/data/rq-golden/rq-%s.json", version);
	doc = yyjson_read_file(path, YYJSON_READ_ALLOW_INF_AND_NAN, NULL, NULL);
	walk(yyjson_doc_get_root(doc), &c);
	tap(doc != NULL && c.bad == 0, "RQ %s: everything there and back",
	    version);
	tap(c.zlib == zlib && c.base64 + c.texts == results && c.times > 20 &&
		c.ids > 4,
	    "RQ %s: %d zlib, %d base64, %d texts, %d times, %d members, %d ids",
	    version, c.zlib, c.base64, c.texts, c.times, c.members, c.ids);
	yyjson_doc_free(doc);
}

/* The call. */

static const struct {
	const char *name, *json, *why; /* why: NULL when it is taken */
	size_t count;
} calls[] = {
    {"ours", "[\"process_documents\", null, [\"" JOB "\", [\"" DOC "\"]], {}]",
	NULL, 1},
    {"dotted, compact, upper case",
	"[\"app.tasks.process_documents\",null,"
	"[\"0F8FAD5B-D9CB-469F-A165-70867728950E\",[]],{}]",
	NULL, 0},
    {"by keyword",
	"[\"process_documents\", null, [], {\"document_ids\": [\"" DOC
	"\", \"" DOC "\"], \"job_id\": \"" JOB "\"}]",
	NULL, 2},
    {"half by keyword",
	"[\"process_documents\", null, [\"" JOB "\"], {\"document_ids\": []}]",
	NULL, 0},
    {"another function", "[\"os.system\", null, [\"ls\"], {}]",
	"the payload calls another function than ours", 0},
    {"a name that only ends alike",
	"[\"xprocess_documents\", null, [\"" JOB "\", []], {}]",
	"the payload calls another function than ours", 0},
    {"a method", "[\"process_documents\", {}, [\"" JOB "\", []], {}]",
	"the payload calls a method of an object", 0},
    {"three elements", "[\"process_documents\", null, []]",
	"the payload is not [function, null, args, kwargs]", 0},
    {"not an array", "{\"a\": 1}",
	"the payload is not [function, null, args, kwargs]", 0},
    {"not JSON", "process_documents", "the payload is not JSON", 0},
    {"empty", "", "the payload is not JSON", 0},
    {"pickle of nothing", "\x80\x04N.",
	"the payload is not [function, null, args, kwargs]", 0},
    {"pickle of a call",
	"\x80\x02"
	"cos\nsystem\n)R.",
	"the pickle holds an object: only plain data and uuid.UUID are read",
	0},
    {"one argument", "[\"process_documents\", null, [\"" JOB "\"], {}]",
	"the arguments are not (job_id, document_ids)", 0},
    {"three arguments",
	"[\"process_documents\", null, [\"" JOB "\", [], NaN], {}]",
	"the arguments are not (job_id, document_ids)", 0},
    {"job id no UUID", "[\"process_documents\", null, [\"7\", []], {}]",
	"the job id is not a UUID", 0},
    {"document ids no list",
	"[\"process_documents\", null, [\"" JOB "\", \"" DOC "\"], {}]",
	"the document ids are not a list", 0},
    {"a document id no UUID",
	"[\"process_documents\", null, [\"" JOB "\", [\"" DOC "\", 7]], {}]",
	"a document id is not a UUID", 0},
};

static void
check_call(size_t i, int compress)
{
	const char *why = NULL, *s = calls[i].json;
	struct rq_job_call call;
	struct buf data = {0};
	int status;

	if (compress)
		rq_job_deflate(job, &data, s, strlen(s));
	else
		buf_puts(&data, s);
	status = rq_job_decode(
	    job, data.data, data.len, "process_documents", &call, &why);
	if (calls[i].why == NULL)
		tap(status == 0 && strcmp(call.job_id, JOB) == 0 &&
			call.count == calls[i].count,
		    "call: %s%s", calls[i].name, compress ? "" : ", raw");
	else
		tap(status == -1 && strcmp(why, calls[i].why) == 0,
		    "call refused: %s%s: %s", calls[i].name,
		    compress ? "" : ", raw", why);
	if (status == 0)
		rq_job_call_free(&call);
	buf_free(&data);
}

static void
encode(void)
{
	static const uint8_t ids[2][16] = {
	    {0x7c, 0x9e, 0x66, 0x79, 0x74, 0x25, 0x40, 0xde, 0x94, 0x4b, 0xe0,
		0x7f, 0xc1, 0xf9, 0x0a, 0xe7},
	    {1}};
	struct buf data = {0}, json = {0};
	struct rq_job_call call = {0};
	const char *why = NULL;

	rq_job_encode(job, &data, "process_documents", JOB, ids, 2);
	rq_job_inflate(job, &json, data.data, data.len, 1 << 20, &why);
	tap(json.data != NULL &&
		strcmp(json.data,
		    "[\"process_documents\", null, [\"" JOB "\", [\"" DOC
		    "\", \"01000000-0000-0000-0000-000000000000\"]], {}]") == 0,
	    "our call is spelled as Python spells it");
	tap(rq_job_decode(job, data.data, data.len, "process_documents", &call,
		&why) == 0 &&
		call.count == 2 && memcmp(call.document_ids, ids, 32) == 0,
	    "our call is read back");
	rq_job_call_free(&call);
	buf_free(&data);
	buf_free(&json);
}

static void
sizes(void)
{
	struct buf big = {0}, data = {0}, out = {0};
	struct rq_job_call call;
	const char *why = "";

	memset(
	    buf_reserve(&big, RQ_JOB_JSON_MAX + 2), ' ', RQ_JOB_JSON_MAX + 1);
	big.len = RQ_JOB_JSON_MAX + 1;
	rq_job_deflate(job, &data, big.data, big.len);
	tap(data.len < RQ_JOB_DATA_MAX &&
		rq_job_decode(job, data.data, data.len, "f", &call, &why) ==
		    -1 &&
		strcmp(why, "the payload is too large when inflated") == 0,
	    "a zlib bomb of %zu bytes is refused", data.len);
	tap(rq_job_decode(
		job, big.data, RQ_JOB_DATA_MAX + 1, "f", &call, &why) == -1 &&
		strcmp(why, "the payload is too large") == 0,
	    "a payload beyond the cap is refused unread");
	tap(rq_job_inflate(job, &out, data.data, data.len, RQ_JOB_JSON_MAX + 1,
		&why) == 0 &&
		out.len == RQ_JOB_JSON_MAX + 1,
	    "inflated to exactly the cap");
	buf_reset(&out, 0);
	tap(rq_job_inflate(job, &out, data.data, data.len / 2, 1 << 25, &why) ==
		    0 &&
		same(&out, data.data, data.len / 2),
	    "a cut stream is taken as it is");
	buf_free(&big);
	buf_free(&data);
	buf_free(&out);
}

/* Small encodings. */

static const struct {
	const char *text, *again; /* again: NULL when refused */
} times[] = {
    {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"},
    {"2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500000Z"},
    {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
    {"0001-01-01T00:00:00.000001Z", "0001-01-01T00:00:00.000001Z"},
    {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
    {"2000-03-01T00:00:00.000000Z", "2000-03-01T00:00:00.000000Z"},
    {"2023-02-29T00:00:00Z", NULL},
    {"1900-02-29T00:00:00Z", NULL},
    {"2023-13-01T00:00:00Z", NULL},
    {"2023-01-01T24:00:00Z", NULL},
    {"2023-01-01T00:00:00.1234567Z", NULL},
    {"2023-01-01T00:00:00.Z", NULL},
    {"2023-01-01T00:00:00+00:00", NULL},
    {"2023-01-01 00:00:00Z", NULL},
    {"2023-01-01T00:00:00", NULL},
    {"0000-01-01T00:00:00Z", NULL},
    {"", NULL},
};

static const struct {
	const char *id;
	int ok;
} ids[] = {{"a", 1}, {JOB, 1}, {"A_z-9", 1}, {"", 0}, {"a:b", 0}, {"a.b", 0},
    {"a b", 0}, {"a\n", 0}, {"\xC3\xA9", 0}};

static const struct {
	const char *member;
	size_t id;
	int execution;
} members[] = {{"job", 3, 0}, {"job:71f67ec3281b475b86a027245f70d841", 3, 1},
    {"a:b:71f67ec3281b475b86a027245f70d841", 3, 1}, {"a:b", 3, 0},
    {"job:71f67ec3281b475b86a027245f70d84", 35, 0},
    {"job:71f67ec3281b475b86a027245f70d84Z", 36, 0},
    {":71f67ec3281b475b86a027245f70d841", 0, 1}, {"", 0, 0}};

static void
small(void)
{
	struct buf b = {0};
	char text[TIME_TEXT], id[257];
	int64_t micros;

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		int status = rq_job_parse_time(
		    times[i].text, strlen(times[i].text), &micros);

		if (status == 0)
			write_time(micros, text);
		tap(times[i].again
			? status == 0 && strcmp(text, times[i].again) == 0
			: status == -1,
		    "time '%s' %s", times[i].text,
		    times[i].again ? "there and back" : "refused");
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		tap(rq_job_id_ok(ids[i].id, strlen(ids[i].id)) == ids[i].ok,
		    "id %zu %s", i, ids[i].ok ? "taken" : "refused");
	memset(id, 'a', sizeof(id));
	tap(rq_job_id_ok(id, 255) && !rq_job_id_ok(id, 256), "id of 255 bytes");
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		const char *execution;
		size_t n = strlen(members[i].member);

		tap(rq_job_member(members[i].member, n, &execution) ==
			    members[i].id &&
			(execution != NULL) == members[i].execution,
		    "wip member '%s'", members[i].member);
	}
	buf_free(&b);
}

int
main(void)
{
	job = rq_job_new();
	golden("1.13.0", 31, 13);
	golden("2.3.3", 6, 2);
	golden("2.10.0", 30, 14);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		check_call(i, 1);
		check_call(i, 0);
	}
	encode();
	sizes();
	small();
	rq_job_free(job);
	return tap_done();
}
