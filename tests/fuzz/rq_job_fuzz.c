/* rqjob: a job's fields as a hostile producer may write them */
#include "queue/rq_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the reader takes must come back the same after writing it. */
static void
check_call(struct rqjob *r, const char *s, size_t n)
{
	struct rqjob_call call, again;
	struct buf out = {0};
	const char *why = NULL;

	if (rqjob_decode(r, s, n, "f", &call, &why) != 0) {
		if (why == NULL)
			abort();
		return;
	}
	rqjob_encode(r, &out, "f", call.job_id,
	    (const uint8_t(*)[16])call.document_ids, call.count);
	if (rqjob_decode(r, out.data, out.len, "f", &again, &why) != 0 ||
	    again.count != call.count ||
	    memcmp(again.job_id, call.job_id, sizeof(call.job_id)) != 0 ||
	    memcmp(again.document_ids, call.document_ids, call.count * 16) != 0)
		abort();
	rqjob_call_free(&call);
	rqjob_call_free(&again);
	buf_free(&out);
}

static void
check_encodings(struct rqjob *r, const char *s, size_t n)
{
	struct buf out = {0}, back = {0};
	const char *why, *execution;
	char text[RQJOB_TIME];
	int64_t micros, again;

	rqjob_untext(r, &out, s, n, &why);
	buf_reset(&out, 1 << 20);
	rqjob_text(r, &out, s, n);
	if (rqjob_untext(r, &back, out.data, out.len, &why) != 0 ||
	    back.len != n || (n > 0 && memcmp(back.data, s, n) != 0))
		abort();
	if (rqjob_untime(s, n, &micros) == 0) {
		rqjob_time(micros, text);
		if (rqjob_untime(text, strlen(text), &again) != 0 ||
		    again != micros)
			abort();
	}
	if (rqjob_member(s, n, &execution) > n)
		abort();
	rqjob_id_ok(s, n);
	buf_free(&out);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rqjob *r;
	struct buf zlib = {0};

	if (r == NULL)
		r = rqjob_new();
	check_call(r, (const char *)data, size);
	rqjob_deflate(r, &zlib, (const char *)data, size);
	check_call(r, zlib.data, zlib.len);
	check_encodings(r, (const char *)data, size);
	buf_free(&zlib);
	return 0;
}
