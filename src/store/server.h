/*
 * server - Postgres, which may be away for a while
 *
 * A transaction that failed is tried again while that can help, at most for
 * --retry-for since the server was lost.
 */
#ifndef STORE_SERVER_H
#define STORE_SERVER_H

struct store;
struct store_document;

/*
 * A transaction with this document failed. Returns whether to try it again,
 * after a pause. This also holds for a lock of another transaction.
 */
int store_server_try_again(struct store *s, const struct store_document *doc);
/* Note that the server has answered. */
void store_server_answered(struct store *s);
/* Refuse a document with the error of the database. */
void store_server_refuse(struct store *s, struct store_document *doc);

#endif
