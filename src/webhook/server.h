/*
 * server - pl-webhook as a server, on libmicrohttpd
 *
 * One thread: what all connections have sent is read, then all complete events
 * are committed together, then all are answered.
 */
#ifndef WEBHOOK_SERVER_H
#define WEBHOOK_SERVER_H

struct receiver;

/*
 * Serve connections of the listening socket fd, which it closes, until the
 * process is asked to stop; then finish what was received.
 */
void webhook_serve(struct receiver *r, int fd);

#endif
