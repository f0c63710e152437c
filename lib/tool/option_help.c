#include "tool/option_help.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tool/cli.h"

enum {
	COLUMN = 28, /* column where the help of an option begins */
	WIDTH = 79
};

const struct option_row option_help_common[OPTION_HELP_COMMON] = {
    {OPTION_FLAG, .letter = 'v', .name = "verbose", .help = "say more"},
    {OPTION_FLAG, .name = "help", .help = "print this text"},
    {OPTION_FLAG, .name = "version", .help = "print the version"},
    {OPTION_FLAG, .name = "list-options", .help = "print them for a shell"},
};

/* Write words, wrapped, from COLUMN on. */
static void
write_words(struct buf *b, const char *text)
{
	size_t column = COLUMN;

	for (;;) {
		size_t n = strcspn(text, " ");

		buf_add(b, text, n);
		column += n;
		text += n;
		if (*text == '\0')
			break;
		text++;
		if (column + 1 + strcspn(text, " ") > WIDTH) {
			buf_printf(b, "\n%*s", COLUMN, "");
			column = COLUMN;
		} else {
			buf_putc(b, ' ');
			column++;
		}
	}
	buf_putc(b, '\n');
}

/* Append the default: a variable, a value, or both. */
static void
put_default(struct buf *text, const struct option_row *row)
{
	if (row->environment != NULL && row->standard != NULL)
		buf_printf(text, " (default: $%s, else %s)", row->environment,
		    row->standard);
	else if (row->environment != NULL)
		buf_printf(text, " (default: $%s)", row->environment);
	else if (row->standard != NULL)
		buf_printf(text, " (default: %s)", row->standard);
}

static void
write_row(struct buf *b, const struct option_row *row)
{
	struct buf text = {0};
	size_t start = b->len, used;

	if (row->letter != 0)
		buf_printf(b, "  -%c, ", row->letter);
	else
		buf_puts(b, "      ");
	buf_printf(b, "--%s", row->name);
	if (row->argument != NULL)
		buf_printf(b, " %s", row->argument);
	used = b->len - start;
	if (used + 2 > COLUMN)
		buf_printf(b, "\n%*s", COLUMN, "");
	else
		buf_printf(b, "%*s", (int)(COLUMN - used), "");
	buf_puts(&text, row->help);
	put_default(&text, row);
	write_words(b, text.data);
	buf_free(&text);
}

static void
write_commands(struct buf *b, const struct option_set *const *commands)
{
	for (; commands != NULL && *commands != NULL; commands++)
		buf_printf(
		    b, "  %-11s%s\n", (*commands)->name, (*commands)->summary);
}

/* Write all rows; the common ones come before the first title. */
static void
write_rows(struct buf *b, const struct option_row *rows)
{
	for (; rows->help != NULL && rows->type != OPTION_TITLE; rows++)
		write_row(b, rows);
	write_row(b, &option_help_common[OPTION_HELP_VERBOSE]);
	buf_puts(b, "      --help, --version\n");
	for (; rows->help != NULL; rows++)
		if (rows->type == OPTION_TITLE)
			buf_printf(b, "\n%s\n", rows->help);
		else
			write_row(b, rows);
}

void
option_help_write(const struct option_set *set, struct buf *b)
{
	buf_printf(b, "usage: %s %s\n\n", cli_name(), set->usage);
	if (set->summary != NULL)
		buf_printf(b, "%s: %s\n%s", set->name, set->summary,
		    set->about ? "\n" : "");
	if (set->about != NULL)
		buf_puts(b, set->about);
	write_commands(b, set->commands);
	buf_putc(b, '\n');
	write_rows(b, set->rows);
	if (set->more != NULL)
		buf_printf(b, "\n%s", set->more);
}

static void
list_row(struct buf *b, const struct option_row *row)
{
	const char *argument = row->argument ? row->argument : "";

	if (row->letter != 0)
		buf_printf(
		    b, "-%c\t%s\t%s\n", row->letter, argument, row->help);
	buf_printf(b, "--%s\t%s\t%s\n", row->name, argument, row->help);
}

void
option_help_list(const struct option_set *set, struct buf *b)
{
	for (size_t i = 0; set->commands && set->commands[i]; i++)
		buf_printf(b, "%s\t\t%s\n", set->commands[i]->name,
		    set->commands[i]->summary);
	for (const struct option_row *row = set->rows; row->help; row++)
		if (row->type != OPTION_TITLE)
			list_row(b, row);
	for (size_t i = 0; i < OPTION_HELP_LIST; i++)
		list_row(b, &option_help_common[i]);
}
