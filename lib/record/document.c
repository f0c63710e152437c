#include "record/document.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "record/json_members.h"
#include "record/record.h"
#include "record/record_out.h"
#include "record/userinfo.h"

static const char *const own_keys[] = {"type", "id", "source", "url", "title",
    "content", "content_type", "content_hash", "metadata", "lease", NULL};

/* The keys of the text in foreign records, best first. */
static const struct text_key {
	const char *key;
	const char *content_type;
} text_keys[] = {
    {"content", "text/markdown"},
    {"markdown", "text/markdown"},
    {"page_content", "text/plain"}, /* LangChain, Python */
    {"pageContent", "text/plain"},  /* LangChain, JavaScript */
    {"text", "text/plain"},	    /* Hugging Face, LlamaIndex */
    {"body", "text/plain"},
    {"raw_content", "text/plain"},
    {"document", "text/plain"},
    {"html", "text/html"},
    {"rawHtml", "text/html"},
    {NULL, NULL},
};

/*
 * Members of a foreign record that say nothing about the document: other forms
 * of its text, its old hash and vector, and internal data of LlamaIndex.
 */
static const char *const dropped_keys[] = {"content_hash", "markdown", "html",
    "rawHtml", "text_resource", "embedding", "class_name",
    "excluded_embed_metadata_keys", "excluded_llm_metadata_keys",
    "metadata_template", "metadata_separator", "metadata_seperator",
    "text_template", NULL};

struct document_text
document_text(const char *s)
{
	return (struct document_text){s, s ? strlen(s) : 0};
}

static struct document_text
text_of(yyjson_val *v)
{
	return (struct document_text){yyjson_get_str(v), yyjson_get_len(v)};
}

/*
 * A member by name. Of equal keys the last one counts, as in most parsers
 * (yyjson_obj_get gives the first).
 */
static yyjson_val *
member(yyjson_val *object, const char *key)
{
	yyjson_obj_iter iter;
	yyjson_val *k, *found = NULL;

	if (!yyjson_is_obj(object))
		return NULL;
	yyjson_obj_iter_init(object, &iter);
	while ((k = yyjson_obj_iter_next(&iter)) != NULL)
		if (yyjson_equals_str(k, key))
			found = yyjson_obj_iter_get_val(k);
	return found;
}

/* A non-empty string member; an array gives its first element. */
static struct document_text
member_text(yyjson_val *object, const char *key)
{
	yyjson_val *v = member(object, key);

	if (yyjson_is_arr(v))
		v = yyjson_arr_get_first(v);
	return yyjson_is_str(v) && yyjson_get_len(v) > 0
		   ? text_of(v)
		   : (struct document_text){0};
}

static struct document_text
first_of(struct document_text a, struct document_text b)
{
	return a.s != NULL ? a : b;
}

int
document_is_url(struct document_text t)
{
	size_t i = 0;

	while (i < t.n && ((t.s[i] | 0x20) >= 'a' && (t.s[i] | 0x20) <= 'z'))
		i++;
	return i > 1 && t.n - i > 3 && memcmp(t.s + i, "://", 3) == 0;
}

/* Bytes of the white space at s, 0 if there is none. */
static size_t
space_length(const char *s, size_t n)
{
	if (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		return 1;
	if (n >= 2 && memcmp(s, "\xC2\xA0", 2) == 0)
		return 2;
	return n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

int
document_is_blank(struct document_text t)
{
	size_t i = 0, k;

	while (i < t.n && (k = space_length(t.s + i, t.n - i)) > 0)
		i += k;
	return i == t.n;
}

static struct document_text
url_only(struct document_text t)
{
	return document_is_url(t) ? t : (struct document_text){0};
}

static int
refuse(struct document *d, const char *code, const char **why, const char *text)
{
	d->code = code;
	*why = text;
	return -1;
}

/* The strings of pl's own record: every key has one place. */
static const struct own_field {
	const char *key;
	size_t offset;
	const char *complaint;
} own_fields[] = {
    {"source", offsetof(struct document, source), "source is not a string"},
    {"url", offsetof(struct document, url), "url is not a string"},
    {"title", offsetof(struct document, title), "title is not a string"},
    {"content", offsetof(struct document, content), "content is not a string"},
    {"content_type", offsetof(struct document, content_type),
	"content_type is not a string"},
    {"lease", offsetof(struct document, lease), "lease is not a string"},
};

enum { OWN_FIELDS = sizeof(own_fields) / sizeof(*own_fields) };

static struct document_text *
field_of(struct document *d, const struct own_field *f)
{
	return (struct document_text *)(void *)((char *)d + f->offset);
}

/*
 * Read pl's own record. All keys are read even if one is wrong, so that the
 * refusal can name the document.
 */
static int
read_own(struct document *d, yyjson_val *object, const char **why)
{
	int status = 0;

	for (size_t i = 0; i < OWN_FIELDS; i++) {
		yyjson_val *v = member(object, own_fields[i].key);

		if (v == NULL || yyjson_is_null(v))
			continue;
		if (yyjson_is_str(v))
			*field_of(d, &own_fields[i]) = text_of(v);
		else
			status = refuse(
			    d, "wrong_type", why, own_fields[i].complaint);
	}
	d->metadata = member(object, "metadata");
	if (d->metadata != NULL && !yyjson_is_obj(d->metadata)) {
		if (!yyjson_is_null(d->metadata))
			status = refuse(
			    d, "wrong_type", why, "metadata is not an object");
		d->metadata = NULL;
	}
	return status;
}

static int
take_text(struct document *d, yyjson_val *v, const char *content_type)
{
	if (!yyjson_is_str(v))
		return 0;
	d->content = text_of(v);
	d->content_type = document_text(content_type);
	return 1;
}

/* The text of a foreign record, and the content type its key implies. */
static int
find_text(struct document *d, yyjson_val *object, const char *content_key,
    const char **why)
{
	yyjson_val *v;
	int wrong_type = 0;

	if (content_key != NULL) {
		v = member(object, content_key);
		if (take_text(d, v, "text/plain"))
			return 0;
		if (v == NULL)
			return refuse(d, "no_text", why,
			    "the record lacks the key of --content-key");
		return refuse(d, "wrong_type", why,
		    "the value of --content-key is not a string");
	}
	for (const struct text_key *k = text_keys; k->key != NULL; k++) {
		v = member(object, k->key);
		if (take_text(d, v, k->content_type))
			return 0;
		wrong_type |= v != NULL && !yyjson_is_null(v);
	}
	/* LlamaIndex keeps a newer Document's text one level down. */
	v = member(object, "text_resource");
	if (take_text(d, member(v, "text"), "text/plain")) {
		d->content_type =
		    first_of(member_text(v, "mimetype"), d->content_type);
		return 0;
	}
	if (wrong_type)
		return refuse(d, "wrong_type", why, "the text is not a string");
	return refuse(d, "no_text", why,
	    "no text under content, markdown, text or another known key");
}

/*
 * The url of a foreign record: a URL if one of the known places has one, else
 * the record's own id, else the file that it came from.
 */
static struct document_text
find_url(const struct document *d, yyjson_val *object)
{
	struct document_text places[] = {
	    member_text(object, "url"),
	    member_text(d->metadata, "url"),
	    member_text(d->metadata, "sourceURL"),
	    url_only(member_text(d->metadata, "source")),
	    member_text(member(object, "meta"), "url"),
	    url_only(member_text(object, "source")),
	    member_text(object, "id"),
	    member_text(object, "id_"),
	    member_text(d->metadata, "source"),
	    member_text(d->metadata, "file_path"),
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (places[i].s != NULL)
			return places[i];
	return (struct document_text){0};
}

static int
read_foreign(struct document *d, yyjson_val *object, const char *content_key,
    const char **why)
{
	yyjson_val *lc = member(object, "kwargs");
	yyjson_val *meta;
	struct document_text type;
	int status;

	/* LangChain's dumps() has the document in kwargs. */
	if (member(object, "lc") != NULL && yyjson_is_obj(lc))
		d->object = object = lc;
	meta = member(object, "metadata");
	if (!yyjson_is_obj(meta))
		meta = member(object, "extra_info");
	d->metadata = yyjson_is_obj(meta) ? meta : NULL;
	d->title = first_of(member_text(object, "title"),
	    first_of(member_text(d->metadata, "title"),
		member_text(d->metadata, "file_name")));
	d->url = find_url(d, object);
	d->lease = member_text(object, "lease");
	status = find_text(d, object, content_key, why);
	type = first_of(member_text(object, "content_type"),
	    member_text(object, "mimetype"));
	d->content_type = first_of(type, d->content_type);
	/*
	 * Only in a record that looks like pl's the key "source" names the
	 * source; elsewhere it means a corpus, a path or anything else.
	 */
	if (d->content.s != NULL &&
	    text_of(member(object, "content")).s == d->content.s &&
	    !document_is_url(member_text(object, "source")))
		d->source = member_text(object, "source");
	return status;
}

static void
hash_content(struct document *d)
{
	struct digest *hash = digest_new();

	/* None of the three texts holds a NUL, so a NUL separates them. */
	digest_add(hash, d->title.s, d->title.n);
	digest_add(hash, "", 1);
	digest_add(hash, d->content_type.s, d->content_type.n);
	digest_add(hash, "", 1);
	digest_add(hash, d->content.s, d->content.n);
	digest_end_hex(hash, d->content_hash);
	digest_free(hash);
}

static void
identify(struct document *d)
{
	struct document_text source =
	    d->source.n > 0 ? d->source : document_text(DOCUMENT_SOURCE);

	digest_uuid5(digest_namespace, source.s, source.n, d->source_id);
	digest_uuid5(d->source_id, d->url.s, d->url.n, d->uuid);
	digest_uuid_text(d->uuid, d->id);
}

void
document_identify(struct document *d)
{
	identify(d);
	d->content_hash[0] = '\0';
	if (d->content.s != NULL)
		hash_content(d);
}

/*
 * As document_identify, but keep hash, the record's content_hash, if it is
 * valid.
 */
static void
identify_trusting(struct document *d, struct document_text hash)
{
	if (hash.n != DIGEST_HEX - 1 || d->content.s == NULL ||
	    strspn(hash.s, "0123456789abcdef") != hash.n) {
		document_identify(d);
		return;
	}
	identify(d);
	memcpy(d->content_hash, hash.s, DIGEST_HEX);
}

/* A document that is already saved, named by its id alone. */
static int
read_saved(struct document *d, struct document_text id, const char **why)
{
	uint8_t uuid[DIGEST_UUID];

	if (digest_uuid_parse(id.s, id.n, uuid) == -1)
		return refuse(d, "wrong_type", why,
		    "id is not a UUID, and there is no url");
	document_identify(d);
	memcpy(d->uuid, uuid, sizeof(uuid));
	digest_uuid_text(d->uuid, d->id);
	return 0;
}

static void
default_source(struct document *d, const struct document_defaults *defaults)
{
	if (defaults->override_source || d->source.n == 0)
		d->source = document_text(
		    defaults->source ? defaults->source : DOCUMENT_SOURCE);
}

static void
default_type(struct document *d)
{
	if (d->content_type.n == 0)
		d->content_type = document_text("text/markdown");
}

int
document_read(struct document *d, yyjson_val *object,
    const struct document_defaults *defaults, const char **why)
{
	struct document_text id = {0};
	int own = record_type_of(object) == RECORD_DOCUMENT, status;

	*d = (struct document){.object = object};
	if (own)
		status = read_own(d, object, why);
	else
		status = read_foreign(d, object, defaults->content_key, why);
	if (own)
		id = member_text(object, "id");
	default_source(d, defaults);
	if (status == 0 && d->url.n == 0 && id.s != NULL)
		return read_saved(d, id, why);
	if (d->url.n == 0)
		d->url = document_text(defaults->position);
	default_type(d);
	if (status == 0 || d->url.n > 0) {
		if (own && defaults->trust_hash)
			identify_trusting(
			    d, member_text(object, "content_hash"));
		else
			document_identify(d);
	}
	return status;
}

/* Reading without a tree. */

struct quick {
	struct document *d;
	const struct document_defaults *defaults;
	struct document_text id, hash;
	unsigned seen; /* bit i: own_keys[i] */
	int is_document;
	int has_foreign; /* one of foreign_keys */
};

/* Keys that read_foreign reads, but finish_foreign does not. */
static const char *const foreign_keys[] = {
    "lc", "metadata", "extra_info", "meta", "mimetype", "id_", NULL};

static int
key_is(const struct json_members_member *m, const char *key)
{
	return strlen(key) == m->key_n && memcmp(key, m->key, m->key_n) == 0;
}

/* Note a key of pl's record; -1 if it occurred before. */
static int
note_key(struct quick *q, const struct json_members_member *m)
{
	for (unsigned i = 0; own_keys[i] != NULL; i++)
		if (key_is(m, own_keys[i])) {
			unsigned before = q->seen;

			q->seen |= 1u << i;
			return q->seen == before ? -1 : 0;
		}
	return 0;
}

/* Take one member. 0, or -1 if the line must be parsed. */
static int
take_member(struct quick *q, const struct json_members_member *m)
{
	struct document_text text = {m->s, m->n};
	int is_null = m->s == NULL && *m->raw == 'n';
	size_t at;

	if (note_key(q, m) == -1)
		return -1;
	if (!key_is(m, "content") && text.s != NULL &&
	    userinfo_find(text.s, text.n, &at) > 0)
		return -1;
	for (size_t i = 0; i < OWN_FIELDS; i++)
		if (key_is(m, own_fields[i].key)) {
			*field_of(q->d, &own_fields[i]) = text;
			if (m->same && key_is(m, "content"))
				q->d->raw_content =
				    (struct document_text){m->raw, m->raw_n};
			return text.s != NULL || is_null ? 0 : -1;
		}
	for (size_t i = 0; !q->is_document && foreign_keys[i] != NULL; i++)
		q->has_foreign |= key_is(m, foreign_keys[i]);
	if (key_is(m, "type")) {
		q->is_document =
		    text.n == 8 && memcmp(text.s, "document", 8) == 0;
		return q->is_document ? 0 : -1;
	}
	if (key_is(m, "metadata")) {
		/* It may hold a URL with a password. */
		if (memchr(m->raw, '@', m->raw_n) != NULL)
			return -1;
		if (*m->raw == '{')
			q->d->raw_metadata =
			    (struct document_text){m->raw, m->raw_n};
		return *m->raw == '{' || is_null ? 0 : -1;
	}
	if (key_is(m, "content_hash")) {
		q->hash = text;
		return text.s != NULL ? 0 : -1;
	}
	if (key_is(m, "id")) {
		q->id = text;
		return 0;
	}
	/* Other members belong to the metadata. */
	return q->defaults->metadata ? -1 : 0;
}

/*
 * Do what document_read does after read_own: 1. Or 0: the line must be parsed.
 */
static int
finish_own(struct quick *q)
{
	struct document *d = q->d;

	if (d->url.n == 0)
		return 0;
	default_source(d, q->defaults);
	default_type(d);
	if (q->defaults->trust_hash)
		identify_trusting(d, q->hash);
	else
		document_identify(d);
	return 1;
}

/* Do what read_foreign does, for a record without a type: 1; or 0, as above. */
static int
finish_foreign(struct quick *q)
{
	struct document *d = q->d;

	if (q->has_foreign || q->defaults->metadata ||
	    q->defaults->content_key != NULL)
		return 0;
	for (size_t i = 0; i < OWN_FIELDS; i++) {
		struct document_text *t = field_of(d, &own_fields[i]);

		if (t->n == 0 && t != &d->content)
			*t = (struct document_text){0};
	}
	d->url = first_of(d->url, url_only(d->source));
	if (d->url.s == NULL && q->id.n > 0)
		d->url = q->id;
	d->url = first_of(d->url, document_text(q->defaults->position));
	if (d->url.s == NULL)
		return 0;
	if (document_is_url(d->source))
		d->source = (struct document_text){0};
	default_source(d, q->defaults);
	default_type(d);
	document_identify(d);
	return 1;
}

int
document_read_line(struct document *d, const char *line, size_t n,
    const struct document_defaults *defaults, struct buf *unpacked)
{
	struct quick q = {.d = d, .defaults = defaults};
	struct json_members_member m;
	struct json_members s;
	int status;

	*d = (struct document){0};
	json_members_start(&s, line, n, unpacked);
	while ((status = json_members_next(&s, &m)) == 1)
		if (take_member(&q, &m) == -1)
			return 0;
	if (status == -1 || d->content.s == NULL)
		return 0;
	return q.is_document ? finish_own(&q) : finish_foreign(&q);
}

static int
is_listed(const char *const *keys, yyjson_val *key)
{
	for (; *keys != NULL; keys++)
		if (yyjson_equals_str(key, *keys))
			return 1;
	return 0;
}

/* Whether a field of d is this string v, and not only an equal one. */
static int
is_field(const struct document *d, yyjson_val *v)
{
	const char *s = yyjson_get_str(v);

	return s != NULL && (s == d->source.s || s == d->url.s ||
				s == d->title.s || s == d->content.s ||
				s == d->content_type.s || s == d->lease.s);
}

/* Whether a member of the record belongs into the metadata. */
static int
is_extra(const struct document *d, int own, yyjson_val *key, yyjson_val *v)
{
	if (own)
		return !is_listed(own_keys, key);
	if (v == d->metadata || is_field(d, v) || is_listed(dropped_keys, key))
		return 0;
	/* Each document of LangChain has the type "Document". */
	return !(
	    yyjson_equals_str(key, "type") && yyjson_equals_str(v, "Document"));
}

struct entry {
	yyjson_val *key, *value;
	size_t order;
};

/* Sort equal keys together, the last one first. */
static int
compare_keys(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	size_t n = yyjson_get_len(x->key), m = yyjson_get_len(y->key);
	int order;

	if (n != m)
		return n < m ? -1 : 1;
	order = memcmp(yyjson_get_str(x->key), yyjson_get_str(y->key), n);
	if (order != 0)
		return order;
	return x->order > y->order ? -1 : 1;
}

static int
compare_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

/*
 * Drop all but the last of equal keys. It sorts, as a key may be repeated
 * often.
 */
static size_t
drop_repeats(struct entry *entries, size_t n)
{
	size_t kept = 0;

	if (n < 2)
		return n;
	qsort(entries, n, sizeof(*entries), compare_keys);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 ||
		    !yyjson_equals(entries[i].key, entries[kept - 1].key))
			entries[kept++] = entries[i];
	qsort(entries, kept, sizeof(*entries), compare_order);
	return kept;
}

/* List the members of object in their order, the last one of equal keys. */
static size_t
list_members(yyjson_val *object, struct entry *entries)
{
	size_t n = 0;
	yyjson_obj_iter iter;
	yyjson_val *k;

	yyjson_obj_iter_init(object, &iter);
	for (; (k = yyjson_obj_iter_next(&iter)) != NULL; n++)
		entries[n] = (struct entry){k, yyjson_obj_iter_get_val(k), n};
	return drop_repeats(entries, n);
}

yyjson_mut_val *
document_metadata(const struct document *d, yyjson_mut_doc *out)
{
	yyjson_mut_val *metadata = yyjson_mut_obj(out);
	int own = record_type_of(d->object) == RECORD_DOCUMENT;
	size_t all = yyjson_obj_size(d->metadata) + yyjson_obj_size(d->object);
	struct entry *entries = x_calloc(all + 1, sizeof(*entries));
	size_t n = list_members(d->metadata, entries);
	size_t more = list_members(d->object, entries + n), kept = n;

	for (size_t i = n; i < n + more; i++)
		if (is_extra(d, own, entries[i].key, entries[i].value)) {
			entries[kept] = entries[i];
			entries[kept].order = kept + all;
			kept++;
		}
	n = kept > n ? drop_repeats(entries, kept) : n;
	for (size_t i = 0; i < n; i++)
		yyjson_mut_obj_add(metadata,
		    yyjson_val_mut_copy(out, entries[i].key),
		    yyjson_val_mut_copy(out, entries[i].value));
	free(entries);
	return metadata;
}

static void
put_text(yyjson_mut_doc *doc, const char *key, struct document_text t)
{
	if (t.s != NULL)
		yyjson_mut_obj_add_strn(
		    doc, yyjson_mut_doc_get_root(doc), key, t.s, t.n);
}

int
document_put(struct record_out *out, const struct document *d)
{
	yyjson_mut_doc *doc = record_out_new(out, "document");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_str(doc, root, "id", d->id);
	put_text(doc, "source", d->source);
	put_text(doc, "url", d->url);
	put_text(doc, "title", d->title);
	put_text(doc, "content", d->content);
	put_text(doc, "content_type", d->content_type);
	if (*d->content_hash != '\0')
		yyjson_mut_obj_add_str(
		    doc, root, "content_hash", d->content_hash);
	yyjson_mut_obj_add_val(
	    doc, root, "metadata", document_metadata(d, doc));
	put_text(doc, "lease", d->lease);
	return record_out_put(out, doc);
}
