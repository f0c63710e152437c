/*
 * output - check that standard output took all records
 *
 * A full disk is a failure, also if only the close reports it.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

struct record_out;

/*
 * End the process with CLI_FAILED if status is -1: a record could not be
 * written, errno says why. No message if the reader of a pipe has gone.
 */
void output_check(int status);
/*
 * Flush and free out, which may be NULL, then close standard output. Ends the
 * process as output_check does unless all output was written.
 */
void output_close(struct record_out *out);

#endif
