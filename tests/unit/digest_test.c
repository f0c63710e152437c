/* digest: known answers of FIPS 180-4, RFC 4231 and RFC 9562 */
#include "base/digest.h"

#include <string.h>

#include "tap.h"

static const struct {
	const char *in, *hex;
} hashes[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

/* RFC 4231, test cases 1 to 3 and 6. */
static const struct {
	uint8_t key_byte;
	const char *key;
	size_t key_len;
	uint8_t byte;
	const char *in;
	size_t n;
	const char *hex;
} macs[] = {
    {0x0b, NULL, 20, 0, "Hi There", 8,
	"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {0, "Jefe", 4, 0, "what do ya want for nothing?", 28,
	"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {0xaa, NULL, 20, 0xdd, NULL, 50,
	"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {0xaa, NULL, 131, 0,
	"Test Using Larger Than Block-Size Key - Hash Key First", 54,
	"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};

/* Namespaces of RFC 9562, appendix A. */
static const uint8_t dns[DIGEST_UUID] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad,
    0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};

static const struct {
	const char *text;
	int status;
} uuids[] = {
    {"2ed6657d-e927-568b-95e1-2665a8aea6a2", 0},
    {"2ED6657D-E927-568B-95E1-2665A8AEA6A2", 0},
    {"2ed6657de927568b95e12665a8aea6a2", -1},
    {"{ed6657d-e927-568b-95e1-2665a8aea6a}", -1},
    {"2ed6657d-e927-568b-95e1-2665a8aea6a", -1},
    {"2ed6657d-e927-568b-95e1-2665a8aea6ag", -1},
    {"2ed6657d+e927-568b-95e1-2665a8aea6a2", -1},
    {"", -1},
};

static void
test_sha256(void)
{
	struct digest *d = digest_new();
	char hex[DIGEST_HEX];

	for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++) {
		const char *in = hashes[i].in;
		size_t n = strlen(in);

		digest_add(d, in, n / 3);
		digest_add(d, in + n / 3, n - n / 3);
		digest_end_hex(d, hex);
		tap(strcmp(hex, hashes[i].hex) == 0, "SHA-256 of '%s'", in);
	}
	digest_free(d);
	digest_free(NULL);
}

static void
test_hmac(void)
{
	for (size_t i = 0; i < sizeof(macs) / sizeof(*macs); i++) {
		char key[256], in[256], hex[DIGEST_HEX];
		uint8_t out[DIGEST_SHA256];

		memset(key, macs[i].key_byte, sizeof(key));
		memset(in, macs[i].byte, sizeof(in));
		digest_hmac(macs[i].key ? macs[i].key : key, macs[i].key_len,
		    macs[i].in ? macs[i].in : in, macs[i].n, out);
		digest_hex(out, sizeof(out), hex);
		tap(strcmp(hex, macs[i].hex) == 0, "HMAC-SHA-256, case %d",
		    (int)i + 1);
	}
}

static void
test_uuid(void)
{
	uint8_t id[DIGEST_UUID], again[DIGEST_UUID], hash[DIGEST_SHA256];
	char text[DIGEST_UUID_TEXT], text_of_a[600];
	struct digest *d = digest_new();

	/* RFC 9562, A.4. */
	digest_uuid5(dns, "www.example.com", 15, id);
	digest_uuid_text(id, text);
	tap(strcmp(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2") == 0,
	    "version 5: %s", text);
	for (size_t i = 0; i < sizeof(uuids) / sizeof(*uuids); i++) {
		const char *s = uuids[i].text;
		int status = digest_uuid_parse(s, strlen(s), again);

		tap(status == uuids[i].status &&
			(status || memcmp(id, again, sizeof(id)) == 0),
		    "'%s' is %s", s, status ? "refused" : "read");
	}
	digest_add(d, dns, sizeof(dns));
	digest_add(d, "www.example.com", 15);
	digest_end(d, hash);
	digest_uuid8(hash, id);
	digest_uuid_text(id, text);
	digest_free(d);
	/* RFC 9562, B.2. */
	tap(strcmp(text, "5c146b14-3c52-8afd-938a-375d0df1fbf6") == 0,
	    "version 8: %s", text);
	memset(again, 0, sizeof(again));
	memset(text_of_a, 'a', sizeof(text_of_a));
	for (size_t n = 0; n < sizeof(text_of_a); n++) {
		digest_uuid5(dns, text_of_a, n, id);
		for (size_t i = 0; i < sizeof(id); i++)
			again[i] ^= id[i];
	}
	digest_uuid_text(again, text);
	tap(strcmp(text, "4588ecb9-ad6c-00b9-1db7-ba9efafcc8c1") == 0,
	    "names of all lengths, as Python's uuid has them");
	digest_uuid7(id);
	digest_uuid7(again);
	tap((id[6] >> 4) == 7 && (id[8] >> 6) == 2, "version 7 says so");
	tap(memcmp(id, again, sizeof(id)) != 0, "and differs each time");
	tap(memcmp(id, again, 6) <= 0, "and is in the order of time");
}

int
main(void)
{
	test_sha256();
	test_hmac();
	test_uuid();
	return tap_done();
}
