/*
 * collect - collect records to documents, and chunks to rows for COPY
 *
 * At its end record a document goes into the batch; it is refused unless each
 * of its chunks came exactly once.
 */
#ifndef STORE_COLLECT_H
#define STORE_COLLECT_H

struct record;
struct store;

/* Take a chunk record. */
void store_collect_chunk(struct store *s, const struct record *r);
/* Take an end record. */
void store_collect_end(struct store *s, const struct record *r);
/* Take an error record of an earlier stage, and pass it on. */
void store_collect_error(struct store *s, const struct record *r);
/* At the end of the input, refuse documents without an end record. */
void store_collect_finish(struct store *s);
/* Free its memory. */
void store_collect_free(struct store *s);

#endif
