/*
 * verdict - what becomes of a document that failed, by class and code
 *
 * This is the only table; docs/verdicts.md shows it to people.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stddef.h>

#include "record/error_record.h"

enum verdict {
	VERDICT_FAIL, /* the document fails */
	VERDICT_WAIT, /* the document is tried again later */
	VERDICT_PARK, /* its service cannot be used: the queue waits */
	VERDICT_END   /* the pipeline fails for any document: the worker ends */
};

struct verdict_rule {
	const char *code; /* NULL: any other */
	enum error_class class;
	enum verdict verdict;
	int counts; /* VERDICT_WAIT: it counts as an attempt */
	/* A document that is stored shows that the service can be used. */
	int doubtful;
};

/* The rule for an error; code may be NULL. */
const struct verdict_rule *verdict_of(enum error_class class, const char *code);
/* How many rules there are. */
size_t verdict_rules(void);

#endif
