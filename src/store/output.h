/*
 * output - records of what became of documents, and lines for people
 *
 * Every document that is not stored has an error record, and the run then ends
 * with CLI_PARTIAL.
 */
#ifndef STORE_OUTPUT_H
#define STORE_OUTPUT_H

struct error_record;
struct store;
struct store_document;

/* Write the stored or the error record of a document. */
void store_output_document(struct store *s, const struct store_document *doc);
/* Write an error record, as this stage's, and say it. */
void store_output_error(struct store *s, const struct error_record *e);
/* Something was refused, and its record passed on. */
void store_output_note_partial(struct store *s);
/* Say how many documents a lost lease has cost, once for a task. */
void store_output_tell_stale(struct store *s);

#endif
