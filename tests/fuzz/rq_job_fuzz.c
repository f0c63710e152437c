/* rq_job: a job's fields as a hostile producer may write them */
#include "queue/rq_job.h"

#include <stdlib.h>
#include <string.h>

#include "../unit/rq_job_read.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A value that was read must be the same after writing and reading again. */
static void
check_call(struct rq_job *r, const char *s, size_t n)
{
	struct rq_job_call call, again;
	struct buf out = {0};
	const char *why = NULL;

	if (rq_job_decode(r, s, n, "f", &call, &why) != 0) {
		if (why == NULL)
			abort();
		return;
	}
	rq_job_encode(r, &out, "f", call.job_id,
	    (const uint8_t(*)[16])call.document_ids, call.count);
	if (rq_job_decode(r, out.data, out.len, "f", &again, &why) != 0 ||
	    again.count != call.count ||
	    memcmp(again.job_id, call.job_id, sizeof(call.job_id)) != 0 ||
	    memcmp(again.document_ids, call.document_ids, call.count * 16) != 0)
		abort();
	rq_job_call_free(&call);
	rq_job_call_free(&again);
	buf_free(&out);
}

static void
check_encodings(struct rq_job *r, const char *s, size_t n)
{
	struct buf out = {0}, back = {0};
	const char *why, *execution;
	char text[TIME_TEXT];
	int64_t micros, again;

	read_text(r, &out, s, n, &why);
	buf_reset(&out, 1 << 20);
	rq_job_text(r, &out, s, n);
	if (read_text(r, &back, out.data, out.len, &why) != 0 ||
	    back.len != n || (n > 0 && memcmp(back.data, s, n) != 0))
		abort();
	if (rq_job_parse_time(s, n, &micros) == 0) {
		write_time(micros, text);
		if (rq_job_parse_time(text, strlen(text), &again) != 0 ||
		    again != micros)
			abort();
	}
	if (rq_job_member(s, n, &execution) > n)
		abort();
	rq_job_id_ok(s, n);
	buf_free(&out);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rq_job *r;
	struct buf zlib = {0};

	if (r == NULL)
		r = rq_job_new();
	check_call(r, (const char *)data, size);
	rq_job_deflate(r, &zlib, (const char *)data, size);
	check_call(r, zlib.data, zlib.len);
	check_encodings(r, (const char *)data, size);
	buf_free(&zlib);
	return 0;
}
