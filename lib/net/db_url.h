/*
 * db_url - judge an address of Postgres without showing its password
 *
 * libpq's messages about an address that it cannot read quote parts of it, and
 * the part may be the password. Pure; nothing here returns a part of the
 * address.
 */
#ifndef DB_URL_H
#define DB_URL_H

struct buf;

/*
 * 0 if libpq will read the parts of the address as they were meant. -1 with
 * *why (static): another scheme, or a user or password that holds characters
 * which a URL has encoded.
 */
int db_url_check(const char *url, const char **why);
/* What libpq's message about an address says, in fixed words. */
const char *db_url_complaint(const char *message);
/*
 * Append a message of a connection without pieces of the password, which may be
 * NULL, and without what follows password=.
 */
void db_url_add_message(
    struct buf *out, const char *message, const char *password);

#endif
