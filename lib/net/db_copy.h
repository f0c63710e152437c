/*
 * db_copy - COPY ... FROM STDIN (FORMAT binary)
 *
 * Begin writes the signature; end writes the trailer and waits for the server's
 * answer. Rows are built with db_row of db_values.h. 0 or -1.
 */
#ifndef DB_COPY_H
#define DB_COPY_H

struct buf;
struct db;

int db_copy_begin(struct db *d, const char *sql);
int db_copy_write(struct db *d, const struct buf *rows);
int db_copy_end(struct db *d);

#endif
