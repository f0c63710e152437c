/*
 * own_servers - the private servers of 'pl up', if they run
 *
 * They live in PL_HOME; src/pl.sh starts them there, and names them by the same
 * URLs.
 */
#ifndef OWN_SERVERS_H
#define OWN_SERVERS_H

/* The URL, which the caller frees; NULL if the server takes no connection. */
char *own_servers_database(void);
char *own_servers_redis(void);

#endif
