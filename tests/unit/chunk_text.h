/* chunk_text - texts that are hard to split, and what counts as white space */
#ifndef CHUNK_TEXT_H
#define CHUNK_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/utf8.h"

static int
check_white(const char *s, size_t n)
{
	size_t space;

	for (; n > 0; n -= space) {
		space = utf8_space_before(s, n);
		if (s[n - 1] == ' ' || (s[n - 1] >= '\t' && s[n - 1] <= '\r'))
			space = 1;
		if (space == 0)
			return 0;
	}
	return 1;
}

/*
 * Append a text made of n bytes: each stands for a piece of Markdown, of some
 * script, or of what is hard to split.
 */
static void
chunk_text_of(struct buf *out, const uint8_t *bytes, size_t n)
{
	static const char *const pieces[] = {"\n", "\n\n", "\n", "\r\n", " ",
	    "    ", "\t", "# ", "## ", "\n---\n", "===\n", "- ", "1. ", "10) ",
	    "> ", "> > ", "```\n", "````sh\n", "~~~\n", "| a | b |\n",
	    "|---|--:|\n", "| 1 | \\| 2 |\n", "|", "\n\n# Part\n\n",
	    "[^1]: ", "::: note\n", ":::\n", "<div>\n", "</div>\n", "<!-- ",
	    "-->\n", "<a href=\"", "\">", "{/* x */}\n", "import x from 'y'\n",
	    "[a](http://b.c/", ")", "`x`", "``", "$x$", "**", "\\", "word ",
	    "Two words. ", "A sentence is here, and a clause! ", "e.g. ",
	    "v1.2.3", "supercalifragilistic",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "---\n", "title: x\n",
	    "\xEF\xBB\xBF", "\xC3\xA4", "\xE4\xB8\xAD\xE6\x96\x87\xE3\x80\x82",
	    "\xE0\xB8\x81\xE0\xB8\xB3", "\xE0\xA4\x95\xE0\xA5\x8D",
	    "\xED\x95\x9C\xEA\xB5\xAD", "\xD8\xB9\xD8\x8C ",
	    "\xF0\x9F\x91\xA9\xE2\x80\x8D", "\xF0\x9F\x87\xA9", "e\xCC\x81",
	    "\xC2\xA0", "\xE2\x80\xA8", "/"};

	for (size_t i = 0; i < n; i++)
		buf_puts(
		    out, pieces[bytes[i] % (sizeof(pieces) / sizeof(*pieces))]);
}

#endif
