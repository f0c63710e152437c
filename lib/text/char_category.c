#include "text/char_category.h"

#include <stddef.h>

/* A range ends where the next begins. 'T': upper and lower case by turns. */
static const struct range {
	uint32_t first;
	char class;
} ranges[] = {
#include "text/char_category_ranges.h"
};

static enum char_category
class_of(const struct range *r, uint32_t code)
{
	switch (r->class) {
	case 'S':
		return CHAR_CATEGORY_SPACE;
	case 'U':
		return CHAR_CATEGORY_UPPER;
	case 'L':
		return CHAR_CATEGORY_LOWER;
	case 'E':
		return CHAR_CATEGORY_EITHER;
	case 'M':
		return CHAR_CATEGORY_MARK;
	case 'N':
		return CHAR_CATEGORY_NUMBER;
	case 'T':
		return (code - r->first) % 2 == 0 ? CHAR_CATEGORY_UPPER
						  : CHAR_CATEGORY_LOWER;
	default:
		return CHAR_CATEGORY_NONE;
	}
}

void
char_category_fill(uint8_t table[static CHAR_CATEGORY_TABLE])
{
	const struct range *r = ranges;

	for (uint32_t code = 0; code < CHAR_CATEGORY_TABLE; code++) {
		if (code >= r[1].first)
			r++;
		table[code] = (uint8_t)class_of(r, code);
	}
}

enum char_category
char_category(uint32_t code)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(*ranges);

	/* The last range that begins at or before code. */
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (ranges[middle].first <= code)
			low = middle;
		else
			high = middle;
	}
	return class_of(&ranges[low], code);
}
