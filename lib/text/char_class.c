#include "text/char_class.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct range {
	uint32_t first, last;
	enum char_class class;
} ranges[] = {
#include "text/char_class_ranges.h"
};

/* The first byte of a code point in UTF-8. */
static unsigned
lead_byte(uint32_t code)
{
	return code < 0x80	? code
	       : code < 0x800	? 0xC0 | code >> 6
	       : code < 0x10000 ? 0xE0 | code >> 12
				: 0xF0 | code >> 18;
}

/* Fill a page that begins at first with the classes from range r on. */
static void
fill_page(uint8_t page[static CHAR_CLASS_PAGE], uint32_t first,
    const struct range *r, const struct range *end)
{
	memset(page, CHAR_CLASS_OTHER, CHAR_CLASS_PAGE);
	for (; r < end && r->first < first + CHAR_CLASS_PAGE; r++) {
		uint32_t from = r->first > first ? r->first - first : 0;
		uint32_t to = r->last - first;

		if (to >= CHAR_CLASS_PAGE)
			to = CHAR_CLASS_PAGE - 1;
		memset(page + from, r->class, to - from + 1);
	}
}

/* The class of the whole page that begins at first, or -1 if it has several. */
static int
page_class(uint32_t first, const struct range *r, const struct range *end)
{
	uint32_t last = first + CHAR_CLASS_PAGE - 1;

	if (r == end || r->first > last)
		return CHAR_CLASS_OTHER;
	return r->first <= first && r->last >= last ? (int)r->class : -1;
}

void
char_class_fill(struct char_class_table *t)
{
	const struct range *r = ranges;
	const struct range *end = ranges + sizeof(ranges) / sizeof(*ranges);
	size_t count = 0;
	int before = -1;

	for (uint32_t i = 0; i < CHAR_CLASS_PAGES; i++) {
		uint32_t first = i * CHAR_CLASS_PAGE;
		int class;

		while (r < end && r->last < first)
			r++;
		class = page_class(first, r, end);
		if (count == CHAR_CLASS_PAGES_KEPT)
			abort(); /* raise it: the ranges have changed */
		if (class == -1 || class != before)
			fill_page(t->classes[count++], first, r, end);
		t->pages[i] = (uint8_t)(count - 1);
		before = class;
	}
	memset(t->leads, 0, sizeof(t->leads));
	for (r = ranges; r < end; r++)
		for (unsigned lead = lead_byte(r->first);
		     lead <= lead_byte(r->last); lead++)
			t->leads[lead] |= 1u << r->class;
}
