/*
 * listing - whether the input is all that a source has, and what is gone
 *
 * Only a listing that says that it is complete deletes what it lacks, and only
 * if every document that it counts came, and no error hides another one.
 */
#ifndef ENQUEUE_LISTING_H
#define ENQUEUE_LISTING_H

struct document;
struct enqueue;
struct error_record;
struct record;

/* Before the first document is saved: note the server's time. */
void enqueue_listing_begin(struct enqueue *e);
/* A record of a document came, also one that is refused. */
void enqueue_listing_count(struct enqueue *e, const struct document *doc);
/* An error came or arose. Without a url it may hide a document. */
void enqueue_listing_note_error(
    struct enqueue *e, const struct error_record *error);
/* Handle records of the types listing, deleted and crawl. */
void enqueue_listing_take(struct enqueue *e, const struct record *r);
/* After the last save: delete what complete listings lack. */
void enqueue_listing_end(struct enqueue *e);
void enqueue_listing_free(struct enqueue *e);

#endif
