/*
 * private_address - addresses that no server on the Internet has
 *
 * By RFC 6890: this host, private networks, link-local (also the metadata
 * services of clouds), carrier NAT, multicast and reserved ones, and all of
 * these inside of an address of IPv6.
 */
#ifndef PRIVATE_ADDRESS_H
#define PRIVATE_ADDRESS_H

struct sockaddr;

/* Whether an address is private; other families than IPv4 and IPv6 are. */
int private_address_is(const struct sockaddr *address);

#endif
