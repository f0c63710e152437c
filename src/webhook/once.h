/* once - pl-webhook --stdin: one request from standard input, or of CGI */
#ifndef WEBHOOK_ONCE_H
#define WEBHOOK_ONCE_H

struct receiver;

/*
 * Read the request, handle it, write the answer to standard output. In CGI
 * (RFC 3875), which GATEWAY_INTERFACE tells, the head of the request is in the
 * environment. The status of the answer.
 */
int webhook_once(struct receiver *r);

#endif
