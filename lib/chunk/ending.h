/*
 * ending - the kinds of places where a chunk may end
 *
 * piece finds such places, and chunk chooses among them.
 */
#ifndef ENDING_H
#define ENDING_H

/* The text at which a chunk ends, best first. */
enum chunk_cut {
	CHUNK_TEXT_END,
	CHUNK_SECTION, /* a heading where a section of its own starts or ends */
	CHUNK_ANCHOR,  /* a place where a long section is always cut */
	CHUNK_HEADING,
	CHUNK_BEHIND_CODE, /* a block behind code, which often ends a topic */
	CHUNK_BLOCK,
	CHUNK_ITEM,
	CHUNK_IN_ITEM,
	CHUNK_TOLD,	  /* a block behind a paragraph with a colon */
	CHUNK_BLANK_LINE, /* in code or HTML larger than the limit */
	CHUNK_ROW,	  /* of a table larger than the limit */
	CHUNK_OUTER_LINE, /* a line of code that is indented least */
	CHUNK_SENTENCE,
	CHUNK_LINE,
	CHUNK_CLAUSE,
	CHUNK_CELL,
	CHUNK_WORD,
	CHUNK_INSIDE,  /* in a link, code span, tag or formula */
	CHUNK_CLUSTER, /* in a word */
	CHUNK_CODE,    /* in a character of several code points */
	CHUNK_GLUED,   /* behind a heading: the two do not fit together */
	CHUNK_CUTS
};

/* A few words for a kind of cut, as in "ends before the next table row". */
const char *ending_words(enum chunk_cut cut);

#endif
