/*
 * listen - where pl-webhook listens, and what it tells systemd
 *
 * sd_listen_fds(3) and sd_notify(3), of which only a few lines are needed.
 */
#ifndef WEBHOOK_LISTEN_H
#define WEBHOOK_LISTEN_H

/*
 * The first socket that systemd passes (LISTEN_FDS, LISTEN_PID), else a new one
 * at address (ADDR:PORT), whose port is then printed to standard error. Ends
 * the process if it cannot listen.
 */
int webhook_listen(const char *address);
/* Send the state, such as "READY=1", if NOTIFY_SOCKET is set. */
void webhook_notify(const char *state);

#endif
