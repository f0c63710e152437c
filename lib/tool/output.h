/*
 * output - standard output, which must take everything
 *
 * A full disk is a failure, also when only the close tells of it.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

struct record_out;

/*
 * End the process with CLI_FAILED if status is -1: a record could not be
 * written, errno says why. Without a word if nobody reads any more.
 */
void output_check(int status);
/*
 * Flush and free out (or NULL), then close standard output; end the process as
 * above unless all of it arrived.
 */
void output_close(struct record_out *out);

#endif
