#include "chunk/ending.h"

const char *
ending_words(enum chunk_cut cut)
{
	static const char *const words[CHUNK_CUTS] = {
	    [CHUNK_TEXT_END] = "the end of the text",
	    [CHUNK_SECTION] = "a section, as it or the one above stands alone",
	    [CHUNK_ANCHOR] = "a block that parts a long section",
	    [CHUNK_HEADING] = "the next heading",
	    [CHUNK_BEHIND_CODE] = "the next block, behind code",
	    [CHUNK_BLOCK] = "the next block",
	    [CHUNK_ITEM] = "the next list item",
	    [CHUNK_IN_ITEM] = "the next part of a list item or quote",
	    [CHUNK_TOLD] = "what the block before it tells of",
	    [CHUNK_BLANK_LINE] = "a blank line in a block over the limit",
	    [CHUNK_ROW] = "the next row of a table over the limit",
	    [CHUNK_OUTER_LINE] = "an outer line of a block over the limit",
	    [CHUNK_SENTENCE] = "the next sentence of a block over the limit",
	    [CHUNK_LINE] = "the next line of a block over the limit",
	    [CHUNK_CLAUSE] = "the next clause of a sentence over the limit",
	    [CHUNK_CELL] = "the next cell of a row over the limit",
	    [CHUNK_WORD] = "the next word of a clause over the limit",
	    [CHUNK_INSIDE] =
		"the next word of a link or code span over the limit",
	    [CHUNK_CLUSTER] = "the next character of a word over the limit",
	    [CHUNK_CODE] = "the next code point of a character over the limit",
	    [CHUNK_GLUED] = "what does not fit below its heading",
	};

	return words[cut];
}
