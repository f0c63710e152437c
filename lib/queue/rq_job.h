/*
 * rqjob - an RQ job's fields and encodings
 *
 * Pure: bytes in, bytes out. What RQ 1.13 to 2.10 writes is read; what is
 * written, all of them read. Inflated sizes are capped, pickle is refused.
 */
#ifndef RQJOB_H
#define RQJOB_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct rqjob;

enum {
	RQJOB_ID_MAX = 255,
	RQJOB_DATA_MAX = 4 << 20, /* bytes of data as stored */
	RQJOB_JSON_MAX = 32 << 20 /* bytes inflated */
};

/* Memory for compressing and inflating, used again for every job. */
struct rqjob *rqjob_new(void);
void rqjob_free(struct rqjob *r);

/* Whether RQ >= 2.8 takes the id: 1 to 255 of A-Z a-z 0-9 _ - */
int rqjob_id_ok(const char *s, size_t n);

/*
 * The "data" field: zlib of [function, null, [job_id, [document_id, ...]], {}].
 * Appended to out.
 */
void rqjob_encode(struct rqjob *r, struct buf *out, const char *function,
    const char *job_id, const uint8_t (*document_ids)[16], size_t count);

/* A call of our function. Zero before the first use. */
struct rqjob_call {
	char job_id[37];
	uint8_t (*document_ids)[16]; /* owned: rqjob_call_free */
	size_t count;
};

/*
 * Read a "data" field. function is the name expected, of which the part after
 * the last dot counts; the two arguments may come by keyword. 0, or -1 with
 * *why (static text).
 */
int rqjob_decode(struct rqjob *r, const char *data, size_t n,
    const char *function, struct rqjob_call *out, const char **why);
void rqjob_call_free(struct rqjob_call *call);

/* zlib of n bytes, appended to out. */
void rqjob_deflate(struct rqjob *r, struct buf *out, const char *s, size_t n);
/*
 * What zlib made of it, appended to out; at most max bytes. Bytes that are no
 * zlib stream are taken as they are, as RQ does. 0, or -1 with *why.
 */
int rqjob_inflate(struct rqjob *r, struct buf *out, const char *s, size_t n,
    size_t max, const char **why);

/* A result entry's exc_string: base64 of zlib of text, appended to out. */
void rqjob_text(struct rqjob *r, struct buf *out, const char *text, size_t n);
int rqjob_untext(struct rqjob *r, struct buf *out, const char *s, size_t n,
    const char **why);

enum { RQJOB_TIME = 28 }; /* YYYY-MM-DDTHH:MM:SS.ffffffZ and the NUL */
/* Microseconds since 1970, UTC, of the years 1 to 9999. */
void rqjob_time(int64_t micros, char out[static RQJOB_TIME]);
/* Back, with 0 to 6 digits of a fraction. 0 or -1. */
int rqjob_untime(const char *s, size_t n, int64_t *micros);

/*
 * A wip member: J:E (RQ 2) or J (RQ 1). The length of J; *execution points
 * behind the colon, or is NULL.
 */
size_t rqjob_member(const char *s, size_t n, const char **execution);

#endif
