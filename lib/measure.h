/*
 * measure - positions in a text, in the unit that limits chunks
 *
 * A measure walks forward through a text. At a place it knows how many code
 * points came before, and two numbers of the unit: from, for a piece that
 * starts there, and to, for a piece that ends there. A piece's size is the to
 * of its end minus the from of its start, exactly.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stddef.h>
#include <stdint.h>

enum measure_unit { MEASURE_BYTES, MEASURE_CHARS, MEASURE_TOKENS };

struct measure {
	enum measure_unit unit;
	const char *text;
	uint32_t at;	/* byte offset */
	uint32_t chars; /* code points before at */
	uint32_t from;
	uint32_t to;
};

void measure_start(struct measure *m, enum measure_unit unit, const char *text);
/* Go on to byte offset at, which does not lie behind a place gone to. */
void measure_go(struct measure *m, uint32_t at);
/* The size of a text of its own. */
uint32_t measure_text(const struct measure *m, const char *text, size_t n);

#endif
