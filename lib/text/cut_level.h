/*
 * cut_level - the kinds of places where running text may be cut
 */
#ifndef CUT_LEVEL_H
#define CUT_LEVEL_H

/* Kinds of cuts, best first. Each level includes all levels before it. */
enum cut_level {
	CUT_SENTENCE, /* between sentences, or before a list item */
	CUT_STOP,     /* perhaps between sentences, perhaps inside one */
	CUT_CLAUSE,
	CUT_WORD,    /* where a line may break */
	CUT_INSIDE,  /* as CUT_WORD, also inside links, code spans and so on */
	CUT_CLUSTER, /* between two characters as people see them */
	CUT_CODE,    /* between two code points */
	CUT_LEVELS
};

#endif
