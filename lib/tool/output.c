#include "tool/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/record_out.h"
#include "tool/cli.h"

void
output_check(int status)
{
	if (status != -1)
		return;
	if (errno == EPIPE)
		exit(CLI_FAILED);
	cli_die_output();
}

void
output_close(struct record_out *out)
{
	if (out != NULL)
		output_check(record_out_close(out));
	output_check(fclose(stdout) == EOF ? -1 : 0);
}
