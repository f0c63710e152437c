/*
 * server - Postgres, which may be away for a while
 *
 * A transaction that failed is tried again while that can help, for at most
 * --retry-for from when the server was lost.
 */
#ifndef STORE_SERVER_H
#define STORE_SERVER_H

struct store;
struct store_document;

/*
 * A transaction with this document failed: whether it should be tried again,
 * after a pause. A lock that others hold may be let go, too.
 */
int store_server_try_again(struct store *s, const struct store_document *doc);
/* It answered. */
void store_server_answered(struct store *s);
/* Refuse a document for what the database said. */
void store_server_refuse(struct store *s, struct store_document *doc);

#endif
