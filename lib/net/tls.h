/*
 * tls - TLS over a connected socket
 *
 * The only user of libssl. The server's certificate is checked against the
 * system's authorities (or those of OpenSSL's variables SSL_CERT_FILE and
 * SSL_CERT_DIR) and against the host's name.
 */
#ifndef TLS_H
#define TLS_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct tls;

struct tls_options {
	const char *host;	 /* name or address of the server */
	const char *authorities; /* PEM file, not the system's; or NULL */
	const char *certificate; /* the client's, a PEM file, or NULL */
	const char *key; /* key of certificate; NULL: in the same file */
	int unchecked;	 /* take any certificate */
	int any_host;	 /* take a certificate of another host */
};

/*
 * Do the handshake on fd, a blocking socket that the caller owns and that must
 * outlive the result. The socket's own time-outs (SO_RCVTIMEO, SO_SNDTIMEO)
 * apply. NULL with why, and *again set if trying later may help.
 */
struct tls *tls_open(
    int fd, const struct tls_options *options, struct buf *why, int *again);
void tls_close(struct tls *t);
/* Write all n bytes. 0, or -1 with errno. Raises no SIGPIPE. */
int tls_write(struct tls *t, const void *p, size_t n);
/*
 * Read at most n bytes, without waiting. Returns the number; 0 at the end; -1
 * with errno: EAGAIN if nothing is there, EPROTO with tls_error.
 */
ssize_t tls_read(struct tls *t, void *p, size_t n);
/*
 * Whether decrypted bytes are buffered, which poll(2) does not see; t may be
 * NULL.
 */
int tls_pending(const struct tls *t);
/* Why the last call failed with EPROTO; static text. */
const char *tls_error(const struct tls *t);

#endif
