/*
 * cut_level - the kinds of places where running text may be cut
 */
#ifndef CUT_LEVEL_H
#define CUT_LEVEL_H

/* Kinds of cuts, best first. Each includes those before it. */
enum cut_level {
	CUT_SENTENCE, /* or an item of a list */
	CUT_STOP,     /* what may be a sentence, or in the middle of one */
	CUT_CLAUSE,
	CUT_WORD,    /* where a line may break */
	CUT_INSIDE,  /* the same, inside links, code spans and so on too */
	CUT_CLUSTER, /* between two characters as people see them */
	CUT_CODE,    /* between two code points */
	CUT_LEVELS
};

#endif
