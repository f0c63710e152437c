/*
 * rq_job - an RQ job's fields and encodings
 *
 * Pure: bytes in, bytes out. It reads what RQ 1.13 to 2.10 write, and writes
 * what all of these read. Inflated sizes are limited. Of a pickle only plain
 * data is read (pickle.h).
 */
#ifndef RQ_JOB_H
#define RQ_JOB_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct rq_job;

enum {
	RQ_JOB_ID_MAX = 255,
	RQ_JOB_DATA_MAX = 4 << 20, /* bytes of data as stored */
	RQ_JOB_JSON_MAX = 32 << 20 /* bytes inflated */
};

/* Memory for compressing and inflating, used again for every job. */
struct rq_job *rq_job_new(void);
void rq_job_free(struct rq_job *r);

/* Whether RQ >= 2.8 takes the id: 1 to 255 of A-Z a-z 0-9 _ - */
int rq_job_id_ok(const char *s, size_t n);

/*
 * The "data" field: zlib of [function, null, [job_id, [document_id, ...]], {}].
 * Appended to out.
 */
void rq_job_encode(struct rq_job *r, struct buf *out, const char *function,
    const char *job_id, const uint8_t (*document_ids)[16], size_t count);

/* A call of our function. Zero before the first use. */
struct rq_job_call {
	char job_id[37];
	uint8_t (*document_ids)[16]; /* owned: rq_job_call_free */
	size_t count;
};

/*
 * Read a "data" field. function is the expected name, of which only the part
 * after the last dot counts. The two arguments may be keyword arguments. 0, or
 * -1 with *why (static text).
 */
int rq_job_decode(struct rq_job *r, const char *data, size_t n,
    const char *function, struct rq_job_call *out, const char **why);
void rq_job_call_free(struct rq_job_call *call);

/* zlib of n bytes, appended to out. */
void rq_job_deflate(struct rq_job *r, struct buf *out, const char *s, size_t n);
/*
 * Inflate n bytes and append the result, at most max bytes, to out. Bytes that
 * are not a zlib stream are appended as they are, as RQ does. 0, or -1 with
 * *why.
 */
int rq_job_inflate(struct rq_job *r, struct buf *out, const char *s, size_t n,
    size_t max, const char **why);

/* A result entry's exc_string: base64 of zlib of text, appended to out. */
void rq_job_text(struct rq_job *r, struct buf *out, const char *text, size_t n);

/*
 * Read YYYY-MM-DDTHH:MM:SS[.f]Z, with a fraction of 0 to 6 digits, in the years
 * 1 to 9999. *micros is the microseconds since 1970, UTC. 0 or -1.
 */
int rq_job_parse_time(const char *s, size_t n, int64_t *micros);

/*
 * Split a wip member: J:E (RQ 2) or J (RQ 1). Returns the length of J;
 * *execution points behind the colon, or is NULL.
 */
size_t rq_job_member(const char *s, size_t n, const char **execution);

#endif
