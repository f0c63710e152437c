/*
 * output - stored and error records, and messages on standard error
 *
 * Every document that is not stored has an error record; then the exit status
 * is CLI_PARTIAL.
 */
#ifndef STORE_OUTPUT_H
#define STORE_OUTPUT_H

struct error_record;
struct store;
struct store_document;

/* Write the stored or the error record of a document. */
void store_output_document(struct store *s, const struct store_document *doc);
/* Write an error record, of this stage unless it names one, and its message. */
void store_output_error(struct store *s, const struct error_record *e);
/* Note that a stage before refused something, for the exit status. */
void store_output_note_partial(struct store *s);
/*
 * Report how many documents were not written because of a lost lease, once a
 * task.
 */
void store_output_tell_stale(struct store *s);

#endif
