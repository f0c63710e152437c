#include "store/recipe_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_recipe_words.h"

static char *
copy(const struct db_result *r, int column)
{
	return db_is_null(r, 0, column) ? NULL
					: x_strdup(db_text(r, 0, column));
}

int
recipe_words_get(struct db *db, const char *collection, struct recipe_words *w)
{
	struct db_args a = {0};
	struct db_result *r;
	int found;

	*w = (struct recipe_words){0};
	db_arg_text(&a, collection);
	r = db_run(db, sql_get, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	found = db_rows(r) == 1;
	if (found)
		*w = (struct recipe_words){.chunk = copy(r, 0),
		    .embed = copy(r, 1),
		    .model = copy(r, 2)};
	db_result_free(r);
	return found;
}

void
recipe_words_free(struct recipe_words *w)
{
	free(w->chunk);
	free(w->embed);
	free(w->model);
	*w = (struct recipe_words){0};
}

/* The value of a word "key=value", or NULL. */
static const char *
value_of(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1
							    : NULL;
}

/* Whether a target is pl-chunk's own for this limit: 5/8 of it. */
static int
is_usual_target(const char *target, const char *max)
{
	char *target_unit, *max_unit;
	unsigned long t = strtoul(target, &target_unit, 10);
	unsigned long m = strtoul(max, &max_unit, 10);

	return strcmp(target_unit, max_unit) == 0 && t == m - m * 3 / 8;
}

/* Whether a word says what is so unless an option says otherwise. */
static int
is_usual(const char *word, const char *max)
{
	static const char *const usual[] = {
	    "overlap=0", "context=on", "role=document"};
	const char *target = value_of(word, "target");

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (strcmp(word, usual[i]) == 0)
			return 1;
	return target != NULL && is_usual_target(target, max);
}

static void
put(struct buf *b, const char *word)
{
	buf_puts(b, b->len > 0 ? " " : "");
	buf_puts(b, word);
}

/* A prefix has blanks, and is the last word of its part. */
static void
put_part(struct buf *b, const char *part)
{
	char *text = x_strdup(part), *next;
	const char *max = "", *value;

	for (char *word = text; *word != '\0'; word = next) {
		next = word + strcspn(word, " ");
		if (*next != '\0')
			*next++ = '\0';
		value = value_of(word, "max");
		if (value_of(word, "prefix") != NULL) {
			put(b, "prefix=...");
			break;
		}
		if (value != NULL)
			max = value;
		value = value_of(word, "model");
		if (!is_usual(word, max))
			put(b, value != NULL ? value : word);
	}
	free(text);
}

/* Cut behind a word, or else at the beginning of a character. */
static void
shorten(struct buf *b, size_t most)
{
	size_t word = 0;

	if (b->len <= most || most < 3)
		return;
	b->len = most - 3;
	for (size_t i = 0; i <= b->len; i++)
		if (b->data[i] == ' ')
			word = i;
	while (b->len > 0 && (b->data[b->len] & 0xc0) == 0x80)
		b->len--;
	b->len = word > 0 ? word : b->len;
	buf_puts(b, "...");
}

void
recipe_words_brief(const struct recipe_words *w, size_t most, struct buf *b)
{
	struct buf chunk = {0}, embed = {0};

	if (w->chunk != NULL)
		put_part(&chunk, w->chunk);
	if (w->embed != NULL)
		put_part(&embed, w->embed);
	else if (w->model != NULL)
		buf_puts(&embed, w->model);
	shorten(
	    &chunk, most - (embed.len < most / 2 ? embed.len : most / 2) - 2);
	shorten(&embed, most - chunk.len - 2);
	buf_add(b, chunk.data, chunk.len);
	buf_puts(b, chunk.len > 0 && embed.len > 0 ? ", " : "");
	buf_add(b, embed.data, embed.len);
	buf_free(&chunk);
	buf_free(&embed);
}
