/*
 * llamaindex - LlamaIndex's docstore
 *
 * {"docstore/data":{ID:{"__data__":NODE,...},...},...} where NODE is an
 * object, in old files a string that holds its JSON.
 */
#ifndef LLAMAINDEX_H
#define LLAMAINDEX_H

struct source;
struct yyjson_val;

int llamaindex_is_docstore(struct yyjson_val *v);
void llamaindex_read_docstore(struct source *s, struct yyjson_val *v);

#endif
