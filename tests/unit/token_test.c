/* token: how text is cut into words, and refused vocabularies */
#include "chunk/token.h"

#include <string.h>

#include "tap.h"
#include "token_vocabulary.h"

/* The words, "|" between them; o200k NULL: the same. */
static const struct {
	const char *text, *cl100k, *o200k;
} cases[] = {
    {"", "", NULL},
    {"Hello world", "Hello| world", NULL},
    {"  two  spaces", " | two| | spaces", NULL},
    {"end   ", "end|   ", NULL},
    {"a\n\n  b", "a|\n\n| | b", NULL},
    {"a \n \n b", "a| \n \n| b", NULL},
    {"don't DON'T we'LL", "don|'t| DON|'T| we|'LL", "don't| DON'T| we'LL"},
    {"x'sy", "x|'s|y", "x's|y"},
    {"1234567 8", "123|456|7| |8", NULL},
    {"(foo) ->bar.\n\nx", "(foo|)| ->|bar|.\n\n|x", NULL},
    {"a/b //c\n/d", "a|/b| //|c|\n|/d", NULL},
    {"...\n/x", "...\n|/x", "...\n/|x"},
    {"camelCase HTTPServer", "camelCase| HTTPServer", "camel|Case| HTTPServer"},
    {"<|endoftext|>", "<||endoftext||>", NULL},
    {"\xC3\xBC"
     "ber \xE6\xBC\xA2\xE5\xAD\x97",
	"\xC3\xBC"
	"ber| \xE6\xBC\xA2\xE5\xAD\x97",
	NULL},
    {"e\xCC\x81t", "e|\xCC\x81t", "e\xCC\x81t"},
    {"\tx", "\tx", NULL},
    {"\xC2\xA0x", "\xC2\xA0x", NULL},
};

static void
check_words(struct token_counter *c, const char *text, const char *want,
    const char *name)
{
	struct buf b = {0};
	size_t n = strlen(text), sum = 0;

	buf_puts(&b, "");
	for (size_t i = 0, end; i < n; i = end) {
		end = token_word(c, text, n, i);
		buf_puts(&b, i > 0 ? "|" : "");
		buf_add(&b, text + i, end - i);
		sum += token_count_word(c, text + i, end - i);
	}
	if (!tap(strcmp(b.data, want) == 0, "%s: words", name))
		printf("# got  %s\n# want %s\n", b.data, want);
	tap(sum == token_count(c, text, n), "%s: the sum of its words", name);
	buf_free(&b);
}

int
main(void)
{
	struct token_vocabulary *cl100k = make_vocabulary(1);
	struct token_vocabulary *o200k = make_vocabulary(44);
	struct token_counter *c = token_counter_new(cl100k);
	struct token_counter *o = token_counter_new(o200k);
	const char *why = NULL;
	char name[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(name, sizeof(name), "cl100k %zu", i);
		check_words(c, cases[i].text, cases[i].cl100k, name);
		snprintf(name, sizeof(name), "o200k %zu", i);
		check_words(o, cases[i].text,
		    cases[i].o200k ? cases[i].o200k : cases[i].cl100k, name);
	}
	/* All pairs and "aaa" are tokens, and pairs come first. */
	tap(token_count(c, "aaaaaaaaa", 9) == 4, "pairs before triples");
	tap(token_count(c, "aaa", 3) == 1, "a word that is a token is one");
	tap(token_read("", 0, &why) == NULL && why != NULL, "empty file");
	tap(token_read("YQ== 0\nYg== 2\n", 14, &why) == NULL,
	    "ranks must count up");
	tap(token_read("*** 0\n", 6, &why) == NULL, "not base64");
	tap(token_read("YQ== 0\n", 7, &why) == NULL &&
		strstr(why, "60000") != NULL,
	    "too few tokens");
	token_counter_free(c);
	token_counter_free(o);
	token_vocabulary_free(cl100k);
	token_vocabulary_free(o200k);
	return tap_done();
}
