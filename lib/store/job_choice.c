#include "store/job_choice.h"

#include "net/db_values.h"

void
job_choice_args(struct db_args *a, const struct job_choice *c)
{
	db_arg_texts(a, c->statuses, c->n);
	db_arg_uuid(a, c->document);
	db_arg_text(a, c->url);
	db_arg_text(a, c->class);
	db_arg_int(a, c->limit > 0 ? c->limit : INT64_MAX);
}
