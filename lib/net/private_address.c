#include "net/private_address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

struct network {
	uint8_t bytes[16];
	int bits;
};

static const struct network networks4[] = {
    {{0}, 8}, {{10}, 8}, {{100, 64}, 10}, {{127}, 8}, {{169, 254}, 16},
    {{172, 16}, 12}, {{192, 0, 0}, 24}, {{192, 168}, 16}, {{198, 18}, 15},
    {{224}, 3}, /* multicast and reserved: 224.0.0.0 to 255.255.255.255 */
};

static const struct network networks6[] = {
    {{0}, 127}, /* :: and ::1 */
    {{0xfc}, 7},
    {{0xfe, 0x80}, 10},
    {{0xfe, 0xc0}, 10},
    {{0xff}, 8},
};

/* Addresses of IPv6 with one of IPv4 behind these bits. */
static const struct network inner[] = {
    {{0}, 96}, {{[10] = 0xff, [11] = 0xff}, 96},
    {{0, 0x64, 0xff, 0x9b}, 96}, /* NAT64 */
    {{0x20, 0x02}, 16},		 /* 6to4 */
};

static int
is_in(const uint8_t *address, const struct network *net)
{
	int whole = net->bits / 8, rest = net->bits % 8;

	return memcmp(address, net->bytes, (size_t)whole) == 0 &&
	       (rest == 0 ||
		   (address[whole] ^ net->bytes[whole]) >> (8 - rest) == 0);
}

static int
is_private4(const uint8_t *address)
{
	for (size_t i = 0; i < sizeof(networks4) / sizeof(*networks4); i++)
		if (is_in(address, networks4 + i))
			return 1;
	return 0;
}

static int
is_private6(const uint8_t *address)
{
	for (size_t i = 0; i < sizeof(networks6) / sizeof(*networks6); i++)
		if (is_in(address, networks6 + i))
			return 1;
	for (size_t i = 0; i < sizeof(inner) / sizeof(*inner); i++)
		if (is_in(address, inner + i))
			return is_private4(address + inner[i].bits / 8);
	return 0;
}

int
private_address_is(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return is_private4((const uint8_t *)&(
		    (const struct sockaddr_in *)(const void *)address)
				       ->sin_addr);
	if (address->sa_family == AF_INET6)
		return is_private6(
		    ((const struct sockaddr_in6 *)(const void *)address)
			->sin6_addr.s6_addr);
	return 1;
}
