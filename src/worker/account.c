#include "account.h"

#include "worker.h"

void
worker_account_begin(struct worker *w)
{
	if (w->account.busy_since == 0)
		w->account.busy_since = w->now;
}

void
worker_account_update(struct worker *w)
{
	if (w->account.busy_since == 0)
		return;
	w->account.busy_ms +=
	    (int64_t)((w->now - w->account.busy_since) * 1000);
	w->account.busy_since = w->now;
}

void
worker_account_end(struct worker *w)
{
	worker_account_update(w);
	w->account.busy_since = 0;
}

void
worker_account_add(struct worker *w, size_t tasks, size_t documents)
{
	w->account.tasks += (int64_t)tasks;
	w->account.documents += (int64_t)documents;
}

void
worker_account_clear(struct worker *w)
{
	w->account.tasks = w->account.documents = w->account.busy_ms = 0;
}
