#include "store/collection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "net/db.h"

/* Any number, as long as every pl takes the same. */
#define LOCK_COLLECTIONS "select pg_advisory_xact_lock(7092026002)"

static const char *const type_names[] = {[VECTOR_REAL] = "real[]",
    [VECTOR_PGVECTOR] = "vector",
    [VECTOR_HALFVEC] = "halfvec"};

static const char *const distance_names[] = {[COLLECTION_COSINE] = "cosine",
    [COLLECTION_L2] = "l2",
    [COLLECTION_INNER] = "ip"};

int
collection_name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= COLLECTION_NAME_MAX && name[n] == '\0';
}

const char *
collection_distance_name(enum collection_distance distance)
{
	return distance_names[distance];
}

int
collection_distance_parse(const char *name)
{
	for (int i = COLLECTION_COSINE; i <= COLLECTION_INNER; i++)
		if (strcmp(name, distance_names[i]) == 0)
			return i;
	return -1;
}

void
collection_forget(struct collection *v)
{
	free(v->model);
	free(v->extension);
	v->model = v->extension = NULL;
	v->dimensions = 0;
	*v->table = '\0';
}

/* Collections. */

static enum vector_type
type_of(const char *name)
{
	for (int i = VECTOR_REAL; i <= VECTOR_HALFVEC; i++)
		if (strcmp(name, type_names[i]) == 0)
			return (enum vector_type)i;
	return VECTOR_REAL;
}

int
collection_find(struct db *d, struct collection *v, int *found)
{
	/* The table name is only ever of [a-z0-9_], quoted all the same. */
	static const char sql[] =
	    "select format('pl.%I', c.table_name), c.model, c.dimensions,"
	    " c.vector_type, c.distance, (select quote_ident(n.nspname)"
	    "  from pg_extension e join pg_namespace n on n.oid = "
	    "e.extnamespace"
	    "  where e.extname = 'vector')"
	    " from pl.collections c where c.name = $1";
	struct db_args a = {0};
	struct db_result *r;
	int distance;

	collection_forget(v);
	db_arg_text(&a, v->name);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	*found = db_rows(r) > 0;
	if (*found) {
		snprintf(v->table, sizeof(v->table), "%s", db_text(r, 0, 0));
		v->model = x_strdup(db_text(r, 0, 1));
		v->dimensions = (int)db_int(r, 0, 2);
		v->type = type_of(db_text(r, 0, 3));
		distance = collection_distance_parse(db_text(r, 0, 4));
		v->distance = distance == -1
				  ? COLLECTION_COSINE
				  : (enum collection_distance)distance;
		if (!db_is_null(r, 0, 5))
			v->extension = x_strdup(db_text(r, 0, 5));
	}
	db_result_free(r);
	return 0;
}

int
collection_list(struct db *d, struct buf *b)
{
	struct db_result *r;

	r = db_run(d,
	    "select string_agg(format('%s (%s, %s dimensions)', name, model,"
	    " dimensions), ', ' order by name) from pl.collections",
	    NULL);
	if (r == NULL)
		return -1;
	buf_puts(b, db_text(r, 0, 0));
	db_result_free(r);
	return 0;
}

/*
 * Install pgvector if the server has it and it is not yet there. To be refused
 * is no failure: then vectors are stored as real[].
 */
static int
try_extension(struct db *d)
{
	/* On Supabase, extensions live in a schema of their own. */
	static const char sql[] =
	    "select 'create extension if not exists vector' ||"
	    " coalesce(' with schema ' || (select quote_ident(nspname)"
	    "  from pg_namespace where nspname = 'extensions'), '')"
	    " from pg_available_extensions"
	    " where name = 'vector' and installed_version is null";
	struct db_result *r = db_run(d, sql, NULL);
	int status = 0;

	if (r == NULL)
		return -1;
	if (db_rows(r) > 0) {
		if (db_do(d, "savepoint extension", NULL) == -1)
			status = -1;
		else if (db_do(d, db_text(r, 0, 0), NULL) == -1)
			status = db_fault(d) == DB_CONFLICT ||
					 db_do(d, "rollback to extension",
					     NULL) == -1
				     ? -1
				     : 0;
	}
	db_result_free(r);
	return status;
}

/* The column's type; *sql as a column is declared, the caller frees it. */
static int
choose_type(struct db *d, int dimensions, enum vector_type *type, char **sql)
{
	/* halfvec came with pgvector 0.7. */
	static const char query[] =
	    "select quote_ident(n.nspname),"
	    " to_regtype(quote_ident(n.nspname) || '.halfvec') is not null"
	    " from pg_extension e join pg_namespace n on n.oid = e.extnamespace"
	    " where e.extname = 'vector'";
	struct db_result *r = db_run(d, query, NULL);
	struct buf text = {0};

	if (r == NULL)
		return -1;
	if (db_rows(r) == 0)
		*type = VECTOR_REAL;
	else if (dimensions > 2000 && dimensions <= 4000 && db_bool(r, 0, 1))
		/* The widest vector that an index takes has 2000. */
		*type = VECTOR_HALFVEC;
	else
		*type = VECTOR_PGVECTOR;
	if (*type == VECTOR_REAL)
		buf_puts(&text, type_names[VECTOR_REAL]);
	else
		buf_printf(&text, "%s.%s(%d)", db_text(r, 0, 0),
		    type_names[*type], dimensions);
	*sql = text.data;
	db_result_free(r);
	return 0;
}

static int
create_table(struct db *d, const char *name, const char *column)
{
	/*
	 * A row of text and vector stays in its page where it fits (target
	 * 8160): a quarter less time to store, three times faster to scan than
	 * vectors in the TOAST table. Vectors do not compress (external).
	 */
	static const char sql[] =
	    "create table pl.chunks_%s (id uuid primary key,"
	    " document_id uuid not null references pl.documents"
	    "  on delete cascade,"
	    " index integer not null, text text not null, context text,"
	    " start integer, \"end\" integer, tokens integer,"
	    " headings text[], hash text,"
	    " metadata jsonb not null default '{}',"
	    " embedding %s not null, unique (document_id, index))"
	    " with (toast_tuple_target = 8160);"
	    "alter table pl.chunks_%s alter column embedding"
	    " set storage external;"
	    "alter table pl.chunks_%s enable row level security";
	struct buf text = {0};
	int64_t n;

	buf_printf(&text, sql, name, column, name, name);
	n = db_do(d, text.data, NULL);
	buf_free(&text);
	return n == -1 ? -1 : 0;
}

static int
register_collection(struct db *d, const struct collection *v, const char *model,
    int dimensions, enum vector_type type, enum collection_distance distance)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, v->name);
	db_arg_text(&a, model);
	db_arg_int(&a, dimensions);
	db_arg_text(&a, type_names[type]);
	db_arg_text(&a, collection_distance_name(distance));
	n = db_do(d,
	    "insert into pl.collections"
	    " (name, table_name, model, dimensions, vector_type, distance)"
	    " values ($1, 'chunks_' || $1, $2, $3, $4, $5)",
	    &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

struct creation {
	struct collection *v;
	const char *model;
	int dimensions;
	enum collection_distance distance;
};

static int
create(struct db *d, void *argument)
{
	const struct creation *c = argument;
	enum vector_type type;
	char *column = NULL;
	int found, status = -1;

	if (db_do(d, LOCK_COLLECTIONS, NULL) == -1 ||
	    collection_find(d, c->v, &found) == -1)
		return -1;
	if (found)
		return 0;
	if (try_extension(d) == 0 &&
	    choose_type(d, c->dimensions, &type, &column) == 0 &&
	    create_table(d, c->v->name, column) == 0 &&
	    register_collection(
		d, c->v, c->model, c->dimensions, type, c->distance) == 0)
		status = collection_find(d, c->v, &found);
	free(column);
	return status;
}

int
collection_create(struct db *d, struct collection *v, const char *model,
    int dimensions, enum collection_distance distance)
{
	struct creation c = {v, model, dimensions, distance};
	int status = db_transact(d, DB_PLAIN, create, &c);

	if (status == -1)
		collection_forget(v);
	return status;
}

/* Rows. */

static void
put_int4_or_null(struct buf *rows, int64_t n)
{
	if (n < 0 || n > INT32_MAX)
		db_row_null(rows);
	else
		db_row_int4(rows, (int32_t)n);
}

int
collection_row(struct buf *rows, const struct collection *v,
    const struct collection_chunk *c)
{
	size_t before = rows->len, n = (size_t)v->dimensions;

	/* In the order of the COPY in copy_rows. */
	db_row(rows, 12);
	db_row_uuid(rows, c->id);
	db_row_uuid(rows, c->document_id);
	db_row_int4(rows, c->index);
	db_row_text(rows, c->text, c->text_len);
	db_row_text(rows, c->context, c->context_len);
	put_int4_or_null(rows, c->start);
	put_int4_or_null(rows, c->end);
	put_int4_or_null(rows, c->tokens);
	if (c->headings == NULL)
		db_row_null(rows);
	else
		db_row_texts(rows, c->headings, c->heading_lens, c->n_headings);
	db_row_text(rows, c->hash, c->hash_len);
	if (c->metadata == NULL)
		db_row_jsonb(rows, "{}", 2);
	else
		db_row_jsonb(rows, c->metadata, c->metadata_len);
	buf_be32(rows, (uint32_t)vector_binary_size(v->type, n));
	if (vector_binary_put(rows, v->type, c->embedding, n) == 0)
		return 0;
	rows->len = before;
	return -1;
}

/* Replacing. */

static void
arg_ids(struct db_args *a, const struct collection_document *docs, size_t n)
{
	uint8_t *ids = x_calloc(n, 16);

	for (size_t i = 0; i < n; i++)
		memcpy(ids + 16 * i, docs[i].id, 16);
	db_arg_uuids(a, ids, n);
	free(ids);
}

static void
arg_tasks(struct db_args *a, const struct collection_document *docs, size_t n)
{
	uint8_t *ids = x_calloc(n, 16);
	size_t tasks = 0;

	for (size_t i = 0; i < n; i++)
		if (docs[i].has_lease)
			memcpy(ids + 16 * tasks++, docs[i].task, 16);
	db_arg_uuids(a, ids, tasks);
	free(ids);
}

/* An array of one string of each document, by the member's offset. */
static void
arg_strings(struct db_args *a, const struct collection_document *docs, size_t n,
    size_t offset)
{
	const char **s = x_calloc(n, sizeof(*s));

	for (size_t i = 0; i < n; i++)
		s[i] = *(
		    const char *const *)(const void *)((const char *)&docs[i] +
						       offset);
	db_arg_texts(a, s, n);
	free(s);
}

/*
 * Whether a worker's document was saved again, with other content, since the
 * worker loaded it. That content has a task of its own, which may even have
 * been done already.
 */
static int
is_newer(
    const struct db_result *r, int row, const struct collection_document *doc)
{
	return doc->has_lease && doc->content_hash != NULL &&
	       !db_is_null(r, row, 2) &&
	       strcmp(db_text(r, row, 2), doc->content_hash) != 0;
}

/* A row of lock_all: a document that is there, or a task in progress. */
static void
take_lock_row(const struct db_result *r, int row,
    struct collection_document *docs, size_t n)
{
	int is_task = !db_is_null(r, row, 1);
	uint8_t id[16];

	if (digest_uuid_parse(db_text(r, row, 0), db_length(r, row, 0), id) ==
	    -1)
		return;
	for (size_t i = 0; i < n; i++) {
		struct collection_document *doc = &docs[i];

		if (!is_task && memcmp(doc->id, id, 16) == 0 &&
		    doc->verdict == COLLECTION_UNKNOWN)
			doc->verdict = is_newer(r, row, doc)
					   ? COLLECTION_SUPERSEDED
					   : COLLECTION_STORED;
		else if (is_task && doc->has_lease &&
			 memcmp(doc->task, id, 16) == 0 &&
			 db_int(r, row, 1) == doc->attempt &&
			 doc->verdict == COLLECTION_STALE)
			doc->verdict = COLLECTION_UNKNOWN;
	}
}

/*
 * Lock the documents and judge the leases, until the end of the transaction:
 * a task cannot be taken over between the judgement and the commit. Tasks come
 * first in the answer, so that a stale document is not mistaken for a good one.
 */
static int
lock_all(struct db *d, struct collection_document *docs, size_t n)
{
	/* "no key": the ledger may go on referring to the documents. */
	static const char sql[] =
	    "with d as materialized (select id, case when content is not null"
	    "   then content_hash end as hash from pl.documents"
	    "  where id = any($1) order by id for no key update),"
	    " t as materialized (select id, attempt, status from pl.tasks"
	    "  where id = any($2) order by id for share)"
	    " select id, null::integer as attempt, hash from d union all"
	    " select id, attempt, null from t where status = 'in_progress'"
	    " order by attempt nulls last";
	struct db_args a = {0};
	struct db_result *r;

	for (size_t i = 0; i < n; i++)
		docs[i].verdict =
		    docs[i].has_lease ? COLLECTION_STALE : COLLECTION_UNKNOWN;
	arg_ids(&a, docs, n);
	arg_tasks(&a, docs, n);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		take_lock_row(r, i, docs, n);
	db_result_free(r);
	return 0;
}

static int
add_sources(struct db *d, const struct collection_document *docs, size_t n)
{
	uint8_t *ids = x_calloc(n, 16);
	struct db_args a = {0};
	int64_t done;

	for (size_t i = 0; i < n; i++)
		if (docs[i].source != NULL)
			digest_uuid5(digest_namespace, docs[i].source,
			    strlen(docs[i].source), ids + 16 * i);
	db_arg_uuids(&a, ids, n);
	arg_strings(&a, docs, n, offsetof(struct collection_document, source));
	done = db_do(d,
	    "insert into pl.sources (id, name, status)"
	    " select distinct on (name) id, name, 'ready'"
	    " from unnest($1::uuid[], $2::text[]) as v(id, name)"
	    " where name is not null order by name on conflict do nothing",
	    &a);
	db_args_free(&a);
	free(ids);
	return done == -1 ? -1 : 0;
}

static int
add_documents(struct db *d, const struct collection_document *docs, size_t n)
{
	struct db_args a = {0};
	int64_t done;

	arg_ids(&a, docs, n);
	arg_strings(&a, docs, n, offsetof(struct collection_document, source));
	arg_strings(&a, docs, n, offsetof(struct collection_document, url));
	arg_strings(&a, docs, n, offsetof(struct collection_document, title));
	done = db_do(d,
	    "insert into pl.documents (id, source_id, url, title)"
	    " select v.id, s.id, v.url, v.title"
	    " from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])"
	    "  as v(id, source, url, title) join pl.sources s"
	    "  on s.name = v.source"
	    " where v.url is not null order by v.id on conflict do nothing",
	    &a);
	db_args_free(&a);
	return done == -1 ? -1 : 0;
}

/* Documents that nobody enqueued: stage by stage, without a job. */
static int
add_missing(struct db *d, struct collection_document *docs, size_t n)
{
	struct collection_document *missing = x_calloc(n, sizeof(*missing));
	size_t count = 0;
	int status = 0;

	for (size_t i = 0; i < n; i++)
		if (docs[i].verdict == COLLECTION_UNKNOWN &&
		    docs[i].source != NULL && docs[i].url != NULL)
			missing[count++] = docs[i];
	if (count > 0 && (add_sources(d, missing, count) == -1 ||
			     add_documents(d, missing, count) == -1 ||
			     lock_all(d, docs, n) == -1))
		status = -1;
	free(missing);
	return status;
}

/*
 * Drop the old chunks and bring the documents' rows up to date. Where other
 * content waits to be processed (another content_hash) the status stays as it
 * is. Else a row without content, or with content that is not what is stored
 * now by hand, is ours: it takes the new hash, and forgets the old content.
 */
static int
update_documents(struct db *d, const struct collection *v,
    const struct collection_document *docs, size_t n)
{
	static const char update[] =
	    "update pl.documents d set chunk_count = v.chunks,"
	    " processed_at = now(), error = null,"
	    " status = case when same or ours then 'stored'"
	    "  else d.status end,"
	    " title = case when ours then coalesce(v.title, d.title)"
	    "  else d.title end,"
	    " changed_at = case when ours and not same then now()"
	    "  else d.changed_at end,"
	    " content_hash = case when ours"
	    "  then coalesce(v.hash, d.content_hash) else d.content_hash end,"
	    " content = case when ours and not same then null"
	    "  else d.content end"
	    " from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[])"
	    "  as v(id, chunks, hash, title)"
	    " join pl.documents o on o.id = v.id"
	    " cross join lateral (select coalesce(v.hash, o.content_hash)"
	    "  is not distinct from o.content_hash as same) as s"
	    " cross join lateral (select o.content is null"
	    "  or o.content_hash is null"
	    "  or not same and o.status = 'stored' as ours) as t"
	    " where d.id = v.id";
	int32_t *counts = x_calloc(n, sizeof(*counts));
	struct db_args a = {0};
	struct buf sql = {0};
	int64_t done;

	for (size_t i = 0; i < n; i++)
		counts[i] = docs[i].chunks;
	arg_ids(&a, docs, n);
	db_arg_ints(&a, counts, n);
	arg_strings(
	    &a, docs, n, offsetof(struct collection_document, content_hash));
	arg_strings(&a, docs, n, offsetof(struct collection_document, title));
	if (*v->table != '\0')
		buf_printf(&sql,
		    "with gone as (delete from %s where document_id = "
		    "any($1)) ",
		    v->table);
	buf_puts(&sql, update);
	done = db_do(d, sql.data, &a);
	buf_free(&sql);
	db_args_free(&a);
	free(counts);
	return done == -1 ? -1 : 0;
}

static int
copy_rows(struct db *d, const struct collection *v,
    const struct collection_document *docs, size_t n)
{
	char sql[COLLECTION_TABLE_MAX + 192];
	size_t i = 0;

	while (i < n && docs[i].chunks == 0)
		i++;
	if (i == n)
		return 0;
	snprintf(sql, sizeof(sql),
	    "copy %s (id, document_id, index, text, context, start, \"end\","
	    " tokens, headings, hash, metadata, embedding)"
	    " from stdin (format binary)",
	    v->table);
	if (db_copy_begin(d, sql) == -1)
		return -1;
	for (; i < n; i++)
		if (docs[i].chunks > 0 && db_copy_write(d, docs[i].rows) == -1)
			return -1;
	return db_copy_end(d);
}

/* Those that may be stored, in a new array. */
static size_t
sound(const struct collection_document *docs, size_t n,
    struct collection_document *out)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (docs[i].verdict == COLLECTION_STORED)
			out[count++] = docs[i];
	return count;
}

struct replacement {
	const struct collection *v;
	struct collection_document *docs;
	size_t n;
};

static int
replace(struct db *d, void *argument)
{
	const struct replacement *r = argument;
	struct collection_document *good = x_calloc(r->n, sizeof(*good));
	int status = -1;
	size_t count;

	if (lock_all(d, r->docs, r->n) == 0 &&
	    add_missing(d, r->docs, r->n) == 0) {
		count = sound(r->docs, r->n, good);
		status = count == 0 ||
				 (update_documents(d, r->v, good, count) == 0 &&
				     copy_rows(d, r->v, good, count) == 0)
			     ? 0
			     : -1;
	}
	free(good);
	return status;
}

int
collection_replace(struct db *d, const struct collection *v,
    struct collection_document *docs, size_t n)
{
	struct replacement r = {v, docs, n};

	return db_transact(d, DB_KEYED, replace, &r);
}
