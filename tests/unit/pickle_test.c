/*
 * pickle: pickles of Python, refused pickles, and pickles cut at every length
 */
#include "queue/pickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/buf.h"
#include "tap.h"

enum { MOST = 1 << 20 };

static void
unhex(struct buf *out, const char *s)
{
	buf_reset(out, MOST);
	for (; s[0] != '\0' && s[1] != '\0'; s += 2) {
		char pair[3] = {s[0], s[1], '\0'};

		buf_putc(out, (char)strtol(pair, NULL, 16));
	}
}

static int
same_json(const char *a, const char *b)
{
	yyjson_doc *x = yyjson_read(a, strlen(a), 0);
	yyjson_doc *y = yyjson_read(b, strlen(b), 0);
	int same =
	    x != NULL && y != NULL &&
	    yyjson_equals(yyjson_doc_get_root(x), yyjson_doc_get_root(y));

	yyjson_doc_free(x);
	yyjson_doc_free(y);
	return same;
}

/* A pickle cut short is refused at every length. */
static int
refuses_parts(const struct buf *pickle)
{
	struct buf out = {0};
	const char *why;
	int refused = 1;

	for (size_t n = 0; n < pickle->len; n += 1 + pickle->len / 512)
		refused &=
		    pickle_to_json(pickle->data, n, MOST, &out, &why) == -1 &&
		    out.len == 0;
	buf_free(&out);
	return refused;
}

static void
check_golden(const char *name, const char *hex, const char *json)
{
	struct buf pickle = {0}, out = {0};
	const char *why = "";
	int status;

	unhex(&pickle, hex);
	status = pickle_to_json(pickle.data, pickle.len, MOST, &out, &why);
	if (strcmp(json, "-") == 0) {
		tap(status == -1 && out.len == 0 && *why != '\0',
		    "%s is refused: %s", name, why);
	} else {
		tap(status == 0 && same_json(out.data, json), "%s %s", name,
		    why);
		tap(refuses_parts(&pickle), "and every part of it is refused");
	}
	buf_free(&pickle);
	buf_free(&out);
}

/* Pickles that Python does not write. */
static const struct {
	const char *name, *hex, *json;
} odd[] = {
    {"nothing", "", "-"},
    {"only the end",
	"8002"
	"2e",
	"-"},
    {"two values",
	"8002"
	"4b01"
	"4b02"
	"2e",
	"-"},
    {"a mark left over",
	"8002"
	"4b01"
	"28"
	"2e",
	"-"},
    {"a value popped off a mark",
	"8002"
	"4b01"
	"28"
	"30"
	"2e",
	"-"},
    {"an item for no list",
	"8002"
	"4b01"
	"4b02"
	"61"
	"2e",
	"-"},
    {"a key without a value",
	"8002"
	"7d"
	"28"
	"58"
	"01000000"
	"61"
	"75"
	"2e",
	"-"},
    {"an empty place of the memo",
	"8002"
	"6805"
	"2e",
	"-"},
    {"a far place of the memo",
	"8002"
	"4b01"
	"72"
	"ffffffff"
	"2e",
	"-"},
    {"protocol 6",
	"8006"
	"4b01"
	"2e",
	"-"},
    {"a call",
	"8002"
	"63"
	"757569640a"
	"555549440a"
	"29"
	"52"
	"2e",
	"-"},
    {"os.system",
	"8002"
	"63"
	"6f730a"
	"73797374656d0a"
	"29"
	"52"
	"2e",
	"-"},
    {"a UUID without its number",
	"8002"
	"63"
	"757569640a"
	"555549440a"
	"29"
	"81"
	"7d"
	"62"
	"2e",
	"-"},
    {"a UUID that was never built",
	"8002"
	"63"
	"757569640a"
	"555549440a"
	"29"
	"81"
	"2e",
	"-"},
    {"an extension",
	"8002"
	"8201"
	"2e",
	"-"},
    {"a persistent id",
	"8002"
	"4b01"
	"51"
	"2e",
	"-"},
    {"a tuple of more than there is",
	"8002"
	"4b01"
	"87"
	"2e",
	"-"},
    {"a value twice",
	"8002"
	"4b07"
	"32"
	"86"
	"2e",
	"[7,7]"},
    {"a value taken back",
	"8002"
	"4b07"
	"4b08"
	"30"
	"2e",
	"7"},
};

int
main(void)
{
	FILE *file = fopen("tests/data/pickle/goldens.tsv", "r");
	char *line = NULL;
	size_t cap = 0;
	int rows = 0;

	if (file == NULL)
		abort();
	while (getline(&line, &cap, file) > 0) {
		char *hex = strchr(line, '\t'), *json = strrchr(line, '\t');

		*hex++ = *json++ = '\0';
		json[strcspn(json, "\n")] = '\0';
		check_golden(line, hex, json);
		rows++;
	}
	free(line);
	fclose(file);
	tap(rows > 90, "%d goldens", rows);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		check_golden(odd[i].name, odd[i].hex, odd[i].json);
	tap(access("/tmp/pickle-was-run", F_OK) == -1, "nothing was run");
	return tap_done();
}
