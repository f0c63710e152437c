/* private_address: which addresses are private */
#include "net/private_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tap.h"

static const char *const private_ones[] = {"0.0.0.0", "10.1.2.3", "100.64.0.1",
    "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.168.1.1", "198.18.0.1",
    "198.19.255.255", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", NULL};

static const char *const public_ones[] = {"1.1.1.1", "9.255.255.255",
    "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "169.253.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "192.167.0.1",
    "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111",
    "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::", NULL};

static int
is_private(const char *text)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return private_address_is((struct sockaddr *)&four);
	if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
		return private_address_is((struct sockaddr *)&six);
	return -1;
}

int
main(void)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};

	for (const char *const *p = private_ones; *p != NULL; p++)
		tap(is_private(*p) == 1, "%s is private", *p);
	for (const char *const *p = public_ones; *p != NULL; p++)
		tap(is_private(*p) == 0, "%s is public", *p);
	tap(private_address_is((struct sockaddr *)&local) == 1,
	    "any other family is private");
	return tap_done();
}
