#include "doc.h"

#include <string.h>
#include <yyjson.h>

#include "rec.h"

static const char *const own_keys[] = {"type", "id", "source", "url", "title",
    "content", "content_type", "content_hash", "metadata", "lease", NULL};

/* Where text stands in records that are not ours, best first. */
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

/* Keys that become fields in a record that is not ours. */
static const char *const taken_keys[] = {"page_content", "pageContent",
    "markdown", "text", "text_resource", "mimetype", "id_", "embedding",
    "extra_info", NULL};

struct doc_text
doc_text(const char *s)
{
	return (struct doc_text){s, s ? strlen(s) : 0};
}

static struct doc_text
text_of(yyjson_val *v)
{
	return (struct doc_text){yyjson_get_str(v), yyjson_get_len(v)};
}

/*
 * A member by name. Of repeated keys the last one counts, as in most parsers
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
static struct doc_text
member_text(yyjson_val *object, const char *key)
{
	yyjson_val *v = member(object, key);

	if (yyjson_is_arr(v))
		v = yyjson_arr_get_first(v);
	return yyjson_get_len(v) > 0 ? text_of(v) : (struct doc_text){0};
}

static struct doc_text
first_of(struct doc_text a, struct doc_text b)
{
	return a.s != NULL ? a : b;
}

int
doc_is_url(struct doc_text t)
{
	size_t i = 0;

	while (i < t.n && ((t.s[i] | 0x20) >= 'a' && (t.s[i] | 0x20) <= 'z'))
		i++;
	return i > 1 && t.n - i > 3 && memcmp(t.s + i, "://", 3) == 0;
}

static struct doc_text
url_only(struct doc_text t)
{
	return doc_is_url(t) ? t : (struct doc_text){0};
}

/* Our own record: every key has one place and one type. */
static int
read_own(struct doc *d, yyjson_val *object, const char **why)
{
	static const struct {
		const char *key;
		size_t offset;
		const char *complaint;
	} fields[] = {
	    {"source", offsetof(struct doc, source), "source is not a string"},
	    {"url", offsetof(struct doc, url), "url is not a string"},
	    {"title", offsetof(struct doc, title), "title is not a string"},
	    {"content", offsetof(struct doc, content),
		"content is not a string"},
	    {"content_type", offsetof(struct doc, content_type),
		"content_type is not a string"},
	    {"lease", offsetof(struct doc, lease), "lease is not a string"},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		yyjson_val *v = member(object, fields[i].key);

		if (v == NULL || yyjson_is_null(v))
			continue;
		if (!yyjson_is_str(v)) {
			*why = fields[i].complaint;
			return -1;
		}
		*(struct doc_text *)(void *)((char *)d + fields[i].offset) =
		    text_of(v);
	}
	d->metadata = member(object, "metadata");
	if (d->metadata != NULL && !yyjson_is_obj(d->metadata)) {
		if (!yyjson_is_null(d->metadata)) {
			*why = "metadata is not an object";
			return -1;
		}
		d->metadata = NULL;
	}
	return 0;
}

/* The text of a foreign record, and the content type its key implies. */
static int
find_text(struct doc *d, yyjson_val *object, const char *content_key,
    const char **why)
{
	yyjson_val *v;
	int wrong_type = 0;

	if (content_key != NULL) {
		v = member(object, content_key);
		if (yyjson_is_str(v)) {
			d->content = text_of(v);
			d->content_type = doc_text("text/plain");
			return 0;
		}
		*why = v == NULL ? "the record lacks the key of --content-key"
				 : "the value of --content-key is not a string";
		return -1;
	}
	for (const struct text_key *k = text_keys; k->key != NULL; k++) {
		v = member(object, k->key);
		if (yyjson_is_str(v)) {
			d->content = text_of(v);
			d->content_type = doc_text(k->content_type);
			return 0;
		}
		wrong_type |= v != NULL && !yyjson_is_null(v);
	}
	/* LlamaIndex keeps a newer Document's text one level down. */
	v = member(member(object, "text_resource"), "text");
	if (yyjson_is_str(v)) {
		d->content = text_of(v);
		d->content_type = doc_text("text/plain");
		return 0;
	}
	*why = wrong_type ? "the text is not a string"
			  : "no text under content, markdown, text or another "
			    "known key";
	return -1;
}

static int
read_foreign(struct doc *d, yyjson_val *object, const char *content_key,
    const char **why)
{
	yyjson_val *lc = member(object, "kwargs");
	yyjson_val *meta;
	struct doc_text type;

	/* LangChain's dumps(): the document stands in kwargs. */
	if (member(object, "lc") != NULL && yyjson_is_obj(lc))
		d->object = object = lc;
	if (find_text(d, object, content_key, why) == -1)
		return -1;
	meta = member(object, "metadata");
	if (!yyjson_is_obj(meta))
		meta = member(object, "extra_info");
	d->metadata = yyjson_is_obj(meta) ? meta : NULL;
	type = first_of(member_text(object, "content_type"),
	    member_text(object, "mimetype"));
	d->content_type = first_of(type, d->content_type);
	d->source = member_text(object, "source");
	d->lease = member_text(object, "lease");
	d->title = first_of(member_text(object, "title"),
	    first_of(member_text(d->metadata, "title"),
		member_text(d->metadata, "file_name")));
	d->url = first_of(member_text(object, "url"),
	    first_of(member_text(d->metadata, "url"),
		first_of(member_text(d->metadata, "sourceURL"),
		    first_of(url_only(member_text(d->metadata, "source")),
			member_text(member(object, "meta"), "url")))));
	/* A LangChain "source" at the top is a path or URL, not a name. */
	if (d->url.s == NULL && doc_is_url(d->source)) {
		d->url = d->source;
		d->source = (struct doc_text){0};
	}
	d->url = first_of(d->url,
	    first_of(member_text(object, "id"), member_text(object, "id_")));
	return 0;
}

void
doc_identify(struct doc *d)
{
	struct digest *digest = digest_new();

	digest_uuid5(digest_namespace, d->source.s, d->source.n, d->source_id);
	digest_uuid5(d->source_id, d->url.s, d->url.n, d->uuid);
	digest_uuid_text(d->uuid, d->id);
	/* None of the three holds a NUL, so it keeps them apart. */
	digest_start(digest);
	digest_add(digest, d->title.s, d->title.n);
	digest_add(digest, "", 1);
	digest_add(digest, d->content_type.s, d->content_type.n);
	digest_add(digest, "", 1);
	digest_add(digest, d->content.s, d->content.n);
	digest_finish(digest, d->content_hash);
	digest_free(digest);
}

int
doc_read(struct doc *d, yyjson_val *object, const struct doc_defaults *defaults,
    const char **why)
{
	struct doc_text id = {0};
	int own = rec_type_of(object) == REC_DOCUMENT;

	*d = (struct doc){.object = object};
	if ((own ? read_own(d, object, why)
		 : read_foreign(d, object, defaults->content_key, why)) == -1)
		return -1;
	/* LangChain calls its documents "Document", ours have no such key. */
	if (defaults->override_source || d->source.n == 0)
		d->source = doc_text(defaults->source);
	if (own)
		id = member_text(object, "id");
	if (d->url.n == 0 && own && id.s != NULL) {
		/* Only an id: a document that is already saved. */
		if (digest_uuid_parse(id.s, id.n, d->uuid) == -1) {
			*why = "id is not a UUID, and there is no url";
			return -1;
		}
		if (d->content.s != NULL) {
			doc_identify(d);
			digest_uuid_parse(id.s, id.n, d->uuid);
		}
		digest_uuid_text(d->uuid, d->id);
		return 0;
	}
	if (d->url.n == 0)
		d->url = doc_text(defaults->position);
	if (d->content_type.n == 0)
		d->content_type = doc_text("text/markdown");
	doc_identify(d);
	return 0;
}

static int
is_listed(const char *const *keys, yyjson_val *key)
{
	for (; *keys != NULL; keys++)
		if (yyjson_equals_str(key, *keys))
			return 1;
	return 0;
}

static void
copy_members(yyjson_mut_doc *out, yyjson_mut_val *to, yyjson_val *from,
    const char *const *except, const char *const *except_too)
{
	yyjson_obj_iter iter;
	yyjson_val *k;

	if (!yyjson_is_obj(from))
		return;
	yyjson_obj_iter_init(from, &iter);
	while ((k = yyjson_obj_iter_next(&iter)) != NULL) {
		yyjson_val *v = yyjson_obj_iter_get_val(k);

		if (is_listed(except, k) || is_listed(except_too, k))
			continue;
		yyjson_mut_obj_put(to, yyjson_val_mut_copy(out, k),
		    yyjson_val_mut_copy(out, v));
	}
}

yyjson_mut_val *
doc_metadata(const struct doc *d, yyjson_mut_doc *out)
{
	static const char *const none[] = {NULL};
	yyjson_mut_val *metadata = yyjson_mut_obj(out);
	int own = rec_type_of(d->object) == REC_DOCUMENT;

	copy_members(out, metadata, d->metadata, none, none);
	copy_members(
	    out, metadata, d->object, own_keys, own ? none : taken_keys);
	return metadata;
}

static void
put_text(yyjson_mut_doc *doc, const char *key, struct doc_text t)
{
	if (t.s != NULL)
		yyjson_mut_obj_add_strn(
		    doc, yyjson_mut_doc_get_root(doc), key, t.s, t.n);
}

int
doc_put(struct rec_out *out, const struct doc *d)
{
	yyjson_mut_doc *doc = rec_new(out, "document");
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
	yyjson_mut_obj_add_val(doc, root, "metadata", doc_metadata(d, doc));
	put_text(doc, "lease", d->lease);
	return rec_put(out, doc);
}
