/*
 * text_record - records that have their text under a key
 *
 * They are pl's own, LangChain's documents and LlamaIndex's nodes, which are
 * pieces of documents and may share a url, and any other object.
 */
#ifndef TEXT_RECORD_H
#define TEXT_RECORD_H

struct source;
struct yyjson_val;

int text_record_is_document(struct yyjson_val *v);
int text_record_is_langchain_dumps(struct yyjson_val *v);
int text_record_is_langchain(struct yyjson_val *v);
int text_record_is_llamaindex(struct yyjson_val *v);
int text_record_is_object(struct yyjson_val *v);
/* Read a record that is a document, or a piece of one. */
void text_record_read(struct source *s, struct yyjson_val *v);
void text_record_read_piece(struct source *s, struct yyjson_val *v);

#endif
