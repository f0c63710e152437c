#include "tool/pause_notice.h"

#include "tool/cli.h"

void
pause_notice(const char *queue, const char *reason)
{
	cli_warn("queue %s is paused%s%s: 'pl-jobctl resume %s' goes on with "
		 "it",
	    queue, *reason ? ": " : "", reason, queue);
}
