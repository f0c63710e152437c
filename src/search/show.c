/* Show hits on a terminal. Stored text must not control the terminal. */
#include "search.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "net/db.h"
#include "net/db_result.h"
#include "store/collection.h"
#include "store/collection_search.h"
#include "text/harmless.h"

enum { INDENT = 4, LINE_ENDS_MAX = 4, WORD_MIN = 3 };

struct style {
	const char *strong, *quiet, *plain;
};

/* Columns of a code point: 2 for East Asian wide ones, 0 for marks. */
static int
columns_of(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		int columns;
	} ranges[] = {{0x0300, 0x036F, 0}, {0x0483, 0x0489, 0},
	    {0x0591, 0x05BD, 0}, {0x064B, 0x065F, 0}, {0x1100, 0x115F, 2},
	    {0x1AB0, 0x1AFF, 0}, {0x20D0, 0x20FF, 0}, {0x2E80, 0x303E, 2},
	    {0x3041, 0x33FF, 2}, {0x3400, 0x4DBF, 2}, {0x4E00, 0x9FFF, 2},
	    {0xA000, 0xA4CF, 2}, {0xAC00, 0xD7A3, 2}, {0xF900, 0xFAFF, 2},
	    {0xFE00, 0xFE0F, 0}, {0xFE30, 0xFE6F, 2}, {0xFF00, 0xFF60, 2},
	    {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1F64F, 2}, {0x1F900, 0x1F9FF, 2},
	    {0x20000, 0x3FFFD, 2}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].columns;
	return 1;
}

/* Characters that take no column and show nothing; they are left out. */
static int
is_invisible(uint32_t c)
{
	return harmless_is_control(c) || (c >= 0x200B && c <= 0x200D);
}

/* Append text without controls, with each run of white space as one blank. */
static void
add_clean(struct buf *b, const char *s, size_t n)
{
	uint32_t c;

	for (size_t step; n > 0; s += step, n -= step) {
		step = utf8_step(s, n, &c);
		if (c == ' ' || c == '\n' || c == '\t' || c == '\r' ||
		    c == 0xA0) {
			if (b->len > 0 && b->data[b->len - 1] != ' ')
				buf_putc(b, ' ');
		} else if (!is_invisible(c)) {
			utf8_put(b, c);
		}
	}
}

/*
 * How many bytes of s fit into width columns, if possible up to a word's end.
 */
static size_t
fit(const char *s, size_t n, int width)
{
	size_t at = 0, blank = 0;
	int used = 0;
	uint32_t c;

	while (at < n) {
		size_t step = utf8_step(s + at, n - at, &c);

		used += columns_of(c);
		if (used > width)
			return blank > 0 ? blank : at > 0 ? at : step;
		if (c == ' ')
			blank = at;
		at += step;
	}
	return n;
}

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : (unsigned char)c;
}

static int
starts_with(const char *s, size_t n, const char *word, size_t len)
{
	if (len > n)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (lower(s[i]) != lower(word[i]))
			return 0;
	return 1;
}

/* The first place in s of a word of the query, or 0. */
static size_t
find_query(const char *s, size_t n, const char *query)
{
	size_t best = n;

	for (const char *w = query; *w != '\0';) {
		size_t len = strcspn(w, " \t\n.,;:?!\"'()");

		for (size_t i = 0; len >= WORD_MIN && i < best; i++)
			if ((i == 0 || s[i - 1] == ' ') &&
			    starts_with(s + i, n - i, w, len))
				best = i;
		w += len;
		w += *w != '\0';
	}
	return best == n ? 0 : best;
}

/* Show a few lines of the text, from one line before a word of the query. */
static void
show_text(const char *text, size_t len, const char *query, int width)
{
	struct buf clean = {0};
	size_t at = 0, line = 0, found;

	add_clean(&clean, text, len);
	width -= INDENT;
	found = find_query(clean.data ? clean.data : "", clean.len, query);
	for (size_t n; clean.len > 0; at += n) {
		n = fit(clean.data + at, clean.len - at, width);
		if (at + 2 * n > found)
			break;
	}
	while (at < clean.len && clean.data[at] == ' ')
		at++;
	while (at < clean.len && line++ < LINE_ENDS_MAX) {
		int last = line == LINE_ENDS_MAX;
		size_t n = fit(
		    clean.data + at, clean.len - at, last ? width - 4 : width);

		printf("%*s%.*s", INDENT, "", (int)n, clean.data + at);
		at += n;
		while (at < clean.len && clean.data[at] == ' ')
			at++;
		puts(last && at < clean.len ? " ..." : "");
	}
	buf_free(&clean);
}

/* Append "Title > heading > heading". */
static void
add_path(struct buf *b, const struct db_result *r, int row)
{
	const char *title = db_text(r, row, COLLECTION_TITLE);
	const char *json = db_text(r, row, COLLECTION_HEADINGS);
	yyjson_doc *doc = yyjson_read(json, strlen(json), 0);
	yyjson_val *headings = yyjson_doc_get_root(doc), *item;
	size_t i, max;

	if (!yyjson_equals_str(yyjson_arr_get_first(headings), title))
		add_clean(b, title, strlen(title));
	yyjson_arr_foreach(headings, i, max, item)
	{
		if (b->len > 0)
			buf_puts(b, " > ");
		add_clean(b, yyjson_get_str(item), yyjson_get_len(item));
	}
	yyjson_doc_free(doc);
}

static void
show_hit(const struct db_result *r, int row, double score, const char *query,
    int width, const struct style *style)
{
	struct buf path = {0}, url = {0};
	const char *address = db_text(r, row, COLLECTION_URL);

	add_path(&path, r, row);
	add_clean(&url, address, strlen(address));
	if (path.len == 0)
		buf_puts(&path, "(no title)");
	printf("%2d  %s%.*s%s\n", row + 1, style->strong,
	    (int)fit(path.data, path.len, width - INDENT), path.data,
	    style->plain);
	/* The address is not cut: only a whole one is useful. */
	printf("%*s%s%.3f  %s%s\n", INDENT, "", style->quiet, score,
	    url.len > 0 ? url.data : "", style->plain);
	show_text(db_text(r, row, COLLECTION_TEXT),
	    db_length(r, row, COLLECTION_TEXT), query, width);
	buf_free(&path);
	buf_free(&url);
}

void
search_show(const struct db_result *r, const double *scores, const char *query,
    int width, int colour)
{
	const struct style plain = {"", "", ""};
	const struct style coloured = {"\033[1m", "\033[36m", "\033[0m"};

	for (int i = 0; i < db_rows(r); i++) {
		if (i > 0)
			putchar('\n');
		show_hit(
		    r, i, scores[i], query, width, colour ? &coloured : &plain);
	}
}
