/*
 * state - the state of a source while it reads; for files of this folder
 *
 * The members of crawls and of elements belong to crawl and to unstructured.
 */
#ifndef STATE_H
#define STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/id_set.h"
#include "source/page_type.h"

struct crawl;
struct unstructured;
struct yyjson_val;

struct source {
	struct source_options options;
	struct id_set seen; /* ids of documents and of their texts */
	struct buf origin, position, message;
	struct buf url, asked, other; /* urls that are not parts of the input */
	uint64_t number;	      /* of the record in this input */
	int64_t paged;	/* pages so far of a crawl result in items */
	int depth;	/* of arrays and maps in source_read */
	int is_partial; /* as source_is_partial returns */
	struct crawl *crawls;
	size_t crawl_count;
	struct unstructured *elements; /* NULL before the first */
	/*
	 * Reads a value of any format, for formats that contain other formats.
	 */
	void (*read)(struct source *s, struct yyjson_val *value);
};

#endif
