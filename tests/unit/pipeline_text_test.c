/* pipeline_text: secrets, pl-store and its collection, as people write them */
#include <stdlib.h>
#include <string.h>

#include "store/pipeline_text.h"
#include "tap.h"

/* The kind of secret, or NULL. */
static const struct {
	const char *text, *what;
} secrets[] = {
    {"pl-chunk | pl-embed | pl-store", NULL},
    {"", NULL},
    {"pl-embed --key sk-abcdefgh12", "a key"},
    {"pl-embed 'sk-proj-abcdefgh12'", "a key"},
    {"sh -c 'x=AKIAABCDEFGH12345678 pl-embed'", "a key"},
    {"pl-task-abcdefgh12 | pl-store", NULL},
    {"grep sk- | pl-store", NULL},
    {"curl -H 'Authorization: Bearer abc'", "a key behind 'Bearer'"},
    {"curl -H \"Authorization: bearer  abc\"", "a key behind 'Bearer'"},
    {"curl -H \"Authorization: Bearer $KEY\"", NULL},
    {"curl -H 'Authorization: Bearer '\"$KEY\"", NULL},
    {"curl -H \"Authorization: Bearer `cat key`\"", NULL},
    {"echo forbearer abc", NULL},
    {"embed --api-key abc", "an option with a secret"},
    {"embed --API_KEY=abc", "an option with a secret"},
    {"embed --password 'abc'", "an option with a secret"},
    {"embed --api-key \"$KEY\"", NULL},
    {"embed --api-key=$KEY", NULL},
    {"embed --api-key", NULL},
    {"embed --token-limit 5 --tokenizer x", NULL},
    {"OPENAI_API_KEY=abc pl-embed", "a variable with a secret"},
    {"MYKEY='abc' pl-embed", "a variable with a secret"},
    {"export GITHUB_TOKEN=\"abc\"; pl-embed", "a variable with a secret"},
    {"sh -c 'DB_PASSWORD=abc pl-embed'", "a variable with a secret"},
    {"my_secret=abc pl-embed", "a variable with a secret"},
    {"OPENAI_API_KEY=\"$OPENAI_API_KEY\" pl-embed", NULL},
    {"OPENAI_API_KEY=$(cat key) pl-embed", NULL},
    {"OPENAI_API_KEY= pl-embed", NULL},
    {"OPENAI_API_KEY='' pl-embed", NULL},
    {"SECRET_FILE=/etc/key pl-embed", NULL},
    {"monkey=banana pl-embed", NULL},
    {"jq '.key=5' | pl-store", NULL},
    {"[ $KEY=abc ]", NULL},
    {"psql postgres://me:abc@host/db", "a password in a URL"},
    {"redis-cli -u 'redis://:abc@host'", "a password in a URL"},
    {"psql \"postgres://me:$PASSWORD@host/db\"", NULL},
    {"psql postgres://me@host:5432/db", NULL},
    {"curl http://host:80/a@b", NULL},
};

static const struct {
	const char *text;
	int stores;
	const char *collection;
} stores[] = {
    {"pl-chunk | pl-embed | pl-store", 1, NULL},
    {"pl-chunk | pl-embed", 0, NULL},
    {"pl-chunk | my-pl-store", 0, NULL},
    {"pl-chunk | pl-stores", 0, NULL},
    {"PATH=pl-store/bin pl-chunk", 0, NULL},
    {"/usr/bin/pl-store", 1, NULL},
    {"sh -c 'pl-chunk | pl-store'", 1, NULL},
    {"pl-store --collection a", 1, "a"},
    {"pl-store --collection=a_1|cat", 1, "a_1"},
    {"pl-store --distance l2 --coll 'a'", 1, "a"},
    {"pl-store --co=\"a\"", 1, "a"},
    {"sh -c 'pl-store --collection a'", 1, "a"},
    {"pl-store --collection \"$C\"", 1, "$C"},
    {"pl-store | x --collection a", 1, NULL},
    {"x --collection a | pl-store", 1, NULL},
    {"pl-store --collections a", 1, NULL},
    {"pl-store --collection", 1, NULL},
    {"pl-store --x-collection a", 1, NULL},
    {"PL_COLLECTION=a pl-store", 1, "a"},
    {"PL_COLLECTION=a pl-store --collection b", 1, "b"},
    {"XPL_COLLECTION=a pl-store", 1, NULL},
    {"PL_COLLECTION=$C pl-store", 1, "$C"},
};

static int
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		tap(is_same(
			pipeline_text_secret(secrets[i].text), secrets[i].what),
		    "%s: %s", secrets[i].text,
		    secrets[i].what ? secrets[i].what : "no secret");
	for (size_t i = 0; i < sizeof(stores) / sizeof(*stores); i++) {
		const char *text = stores[i].text;
		char *name = pipeline_text_collection(text);

		tap(pipeline_text_stores(text) == stores[i].stores, "%s: %s",
		    text, stores[i].stores ? "stores" : "stores not");
		tap(is_same(name, stores[i].collection), "%s: collection %s",
		    text,
		    stores[i].collection ? stores[i].collection : "not named");
		free(name);
	}
	return tap_done();
}
