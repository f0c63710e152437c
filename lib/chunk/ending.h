/*
 * ending - the kinds of places where a chunk may end
 *
 * Below piece, which finds the places, and chunk, which chooses among them.
 */
#ifndef ENDING_H
#define ENDING_H

/* What stands at the place where a chunk ends, best first. */
enum chunk_cut {
	CHUNK_TEXT_END,
	CHUNK_SECTION, /* a heading where a section of its own starts or ends */
	CHUNK_ANCHOR,  /* a block where a long section is always parted */
	CHUNK_HEADING,
	CHUNK_BEHIND_CODE, /* as code is often the end of a thought */
	CHUNK_BLOCK,
	CHUNK_ITEM,
	CHUNK_IN_ITEM,
	CHUNK_TOLD,	  /* behind a colon: what the block before tells of */
	CHUNK_BLANK_LINE, /* in code or HTML larger than the limit */
	CHUNK_ROW,	  /* of a table larger than the limit */
	CHUNK_OUTER_LINE, /* of code: indented least */
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
