/*
 * verdict - what becomes of a document that failed, by class and code
 *
 * The one table; docs/verdicts.md is the same for people.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stddef.h>

#include "record/error_record.h"

enum verdict {
	VERDICT_FAIL, /* the document fails */
	VERDICT_WAIT, /* it is tried again later */
	VERDICT_PARK, /* its place cannot be used: the queue waits, it too */
	VERDICT_END /* this pipeline cannot do any document: the worker ends */
};

struct verdict_rule {
	const char *code; /* NULL: any other */
	enum error_class class;
	enum verdict verdict;
	int counts; /* VERDICT_WAIT: as one of the document's attempts */
	/* Any document that is stored shows that the place can be used. */
	int doubtful;
};

/* The rule for an error; code may be NULL. */
const struct verdict_rule *verdict_of(enum error_class class, const char *code);
/* How many rules there are. */
size_t verdict_rules(void);

#endif
