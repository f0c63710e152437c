#include "text/char_category.h"

#include <stddef.h>

/* From first to the next one's first; 'T' is upper and lower case in turn. */
static const struct range {
	uint32_t first;
	char class;
} ranges[] = {
#include "text/char_category_ranges.h"
};

static enum letter_class
class_of(const struct range *r, uint32_t code)
{
	switch (r->class) {
	case 'S':
		return LETTER_SPACE;
	case 'U':
		return LETTER_UPPER;
	case 'L':
		return LETTER_LOWER;
	case 'E':
		return LETTER_EITHER;
	case 'M':
		return LETTER_MARK;
	case 'N':
		return LETTER_NUMBER;
	case 'T':
		return (code - r->first) % 2 == 0 ? LETTER_UPPER : LETTER_LOWER;
	default:
		return LETTER_NONE;
	}
}

void
letter_fill(uint8_t table[static LETTER_TABLE])
{
	const struct range *r = ranges;

	for (uint32_t code = 0; code < LETTER_TABLE; code++) {
		if (code >= r[1].first)
			r++;
		table[code] = (uint8_t)class_of(r, code);
	}
}

enum letter_class
letter_class(uint32_t code)
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
