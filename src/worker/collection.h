/* collection - the collection into which a pipeline stores */
#ifndef WORKER_COLLECTION_H
#define WORKER_COLLECTION_H

/*
 * What the text of a pipeline gives to the --collection of pl-store, without
 * quotes, or NULL if it names none. It may be no name, such as "$C". The caller
 * frees it.
 */
char *worker_collection_of(const char *pipeline);

#endif
