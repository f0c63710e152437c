/*
 * unstructured - Unstructured's elements
 *
 * Each is {"type","element_id","text","metadata"}, in reading order. All
 * elements of one file become one Markdown document, given when the file ends.
 */
#ifndef UNSTRUCTURED_H
#define UNSTRUCTURED_H

struct source;
struct yyjson_val;

int unstructured_is_element(struct yyjson_val *v);
void unstructured_read_element(struct source *s, struct yyjson_val *v);
/* End the open file, if there is one: give its document. */
void unstructured_close(struct source *s);
void unstructured_free(struct source *s);

#endif
