/*
 * With pgvector the server finds the nearest chunks. Without it, all vectors
 * are streamed in binary form and the best k are kept; then the texts of these
 * k chunks are fetched.
 */
#include "store/collection_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_collection_search.h"
#include "store/collection.h"

struct hit {
	double score;
	uint8_t document_id[16];
	int32_t index;
};

struct best {
	struct hit *hits; /* a heap; the worst hit is first */
	int k, n;
	double min_score;
	const struct collection *v;
	const float *query;
	double query_norm;
	float *vector;
};

/*
 * Whether a ranks behind b. Equal scores have a fixed order, so that the same
 * data gives the same result.
 */
static int
is_worse(const struct hit *a, const struct hit *b)
{
	int c;

	if (a->score < b->score || a->score > b->score)
		return a->score < b->score;
	c = memcmp(a->document_id, b->document_id, 16);
	return c != 0 ? c > 0 : a->index > b->index;
}

static void
swap(struct hit *a, struct hit *b)
{
	struct hit t = *a;

	*a = *b;
	*b = t;
}

static void
sift_down(struct hit *hits, int n)
{
	for (int i = 0, child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && is_worse(&hits[child + 1], &hits[child]))
			child++;
		if (!is_worse(&hits[child], &hits[i]))
			return;
		swap(&hits[i], &hits[child]);
	}
}

static void
keep_if_best(struct best *b, const struct hit *hit)
{
	if (!(hit->score >= b->min_score))
		return;
	if (b->n == b->k) {
		if (is_worse(hit, &b->hits[0]))
			return;
		b->hits[0] = *hit;
		sift_down(b->hits, b->n);
		return;
	}
	b->hits[b->n] = *hit;
	for (int i = b->n++, up; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!is_worse(&b->hits[i], &b->hits[up]))
			return;
		swap(&b->hits[i], &b->hits[up]);
	}
}

static double
score_of(const struct best *b, const float *vector, size_t n)
{
	double sum = 0;

	if (b->v->distance == COLLECTION_L2) {
		for (size_t i = 0; i < n; i++) {
			double x = (double)vector[i] - (double)b->query[i];

			sum += x * x;
		}
		return -sqrt(sum);
	}
	sum = (double)vector_dot(vector, b->query, n);
	if (b->v->distance == COLLECTION_INNER)
		return sum;
	return sum / (vector_norm(vector, n) * b->query_norm);
}

static int32_t
get_int4(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (int32_t)((uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
			 (uint32_t)u[2] << 8 | u[3]);
}

/* One streamed row: document_id, index, embedding. */
static int
take_vector(void *argument, const struct db_result *r)
{
	struct best *b = argument;
	size_t n = (size_t)b->v->dimensions;
	struct hit hit;

	if (db_length(r, 0, 0) != 16 || db_length(r, 0, 1) != 4 ||
	    vector_binary_width(
		b->v->type, db_text(r, 0, 2), db_length(r, 0, 2)) != n)
		return 0;
	memcpy(hit.document_id, db_text(r, 0, 0), 16);
	hit.index = get_int4(db_text(r, 0, 1));
	vector_binary_get(b->v->type, db_text(r, 0, 2), b->vector, n);
	hit.score = score_of(b, b->vector, n);
	keep_if_best(b, &hit);
	return 0;
}

static int
scan(struct db *d, struct best *b)
{
	struct buf sql = {0};
	int status;

	buf_printf(&sql, sql_all_vectors, b->v->table);
	b->query_norm = vector_norm(b->query, (size_t)b->v->dimensions);
	b->vector = x_calloc((size_t)b->v->dimensions, sizeof(*b->vector));
	status = db_stream(d, sql.data, NULL, take_vector, b);
	buf_free(&sql);
	free(b->vector);
	return status;
}

/* One row that the server found: document_id, index, score as float8. */
static int
take_found(void *argument, const struct db_result *r)
{
	struct best *b = argument;
	struct hit hit;
	uint64_t bits;

	if (db_length(r, 0, 2) != 8)
		return 0;
	memcpy(hit.document_id, db_text(r, 0, 0), 16);
	hit.index = get_int4(db_text(r, 0, 1));
	bits = (uint64_t)(uint32_t)get_int4(db_text(r, 0, 2)) << 32 |
	       (uint32_t)get_int4(db_text(r, 0, 2) + 4);
	memcpy(&hit.score, &bits, sizeof(bits));
	keep_if_best(b, &hit);
	return 0;
}

static int
widen_scan(struct db *d, int k)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_int(&a, k < 40 ? 40 : k > 1000 ? 1000 : k);
	n = db_do(d, sql_widen_scan, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
ask(struct db *d, struct best *b)
{
	static const char *const operators[] = {[COLLECTION_COSINE] = "<=>",
	    [COLLECTION_L2] = "<->",
	    [COLLECTION_INNER] = "<#>"};
	const struct collection *v = b->v;
	const char *type = v->type == VECTOR_HALFVEC ? "halfvec" : "vector";
	/* All three are distances; <#> is the negated inner product. */
	const char *score =
	    v->distance == COLLECTION_COSINE ? "1 - distance" : "-distance";
	struct buf sql = {0}, query = {0};
	struct db_args a = {0};
	int status = -1;

	if (vector_binary_put(
		&query, v->type, b->query, (size_t)v->dimensions) == -1)
		goto out;
	db_arg_binary(&a, 0, query.data, query.len);
	db_arg_int(&a, b->k);
	buf_printf(&sql, sql_nearest, score, v->extension,
	    operators[v->distance], v->extension, type, v->table, v->extension,
	    operators[v->distance], v->extension, type);
	if (widen_scan(d, b->k) == 0)
		status = db_stream(d, sql.data, &a, take_found, b);
out:
	buf_free(&sql);
	buf_free(&query);
	db_args_free(&a);
	return status;
}

/* Fetch the chunks of the hits, in the order of the hits. */
static struct db_result *
fetch(struct db *d, const struct best *b, double *scores)
{
	uint8_t *ids = x_calloc((size_t)b->n + 1, 16);
	int32_t *indexes = x_calloc((size_t)b->n + 1, sizeof(*indexes));
	struct db_args a = {0};
	struct db_result *r;
	struct buf sql = {0};

	for (int i = 0; i < b->n; i++) {
		memcpy(ids + 16 * i, b->hits[i].document_id, 16);
		indexes[i] = b->hits[i].index;
		scores[i] = b->hits[i].score;
	}
	db_arg_uuids(&a, ids, (size_t)b->n);
	db_arg_ints(&a, indexes, (size_t)b->n);
	buf_printf(&sql, sql_fetch_chunks, b->v->table);
	r = db_run(d, sql.data, &a);
	buf_free(&sql);
	db_args_free(&a);
	free(ids);
	free(indexes);
	return r;
}

static int
best_first(const void *a, const void *b)
{
	return is_worse(a, b) ? 1 : -1;
}

struct searching {
	struct best best;
	double *scores;
	struct db_result *found;
};

static int
search(struct db *d, void *argument)
{
	struct searching *s = argument;
	struct best *b = &s->best;

	b->n = 0;
	if ((b->v->type == VECTOR_REAL ? scan(d, b) : ask(d, b)) == -1)
		return -1;
	qsort(b->hits, (size_t)b->n, sizeof(*b->hits), best_first);
	s->found = fetch(d, b, s->scores);
	return s->found == NULL ? -1 : 0;
}

struct db_result *
collection_search(struct db *d, const struct collection *v, const float *query,
    int k, double min_score, double *scores)
{
	struct searching s = {
	    .best = {.k = k,
		.min_score = min_score,
		.v = v,
		.query = query,
		.hits = x_calloc((size_t)k, sizeof(struct hit))},
	    .scores = scores};

	if (db_transact(d, DB_SNAPSHOT | DB_UNDO, search, &s) == -1) {
		db_result_free(s.found);
		s.found = NULL;
	}
	free(s.best.hits);
	return s.found;
}
