/* notify - notifications: the end of a job is told to others */
#ifndef JOBCTL_NOTIFY_H
#define JOBCTL_NOTIFY_H

struct db_result;
struct jobctl;
struct outbox_choice;

/* Print the chosen notifications. The result, or NULL with db_error. */
struct db_result *notify_print(
    struct jobctl *c, const struct outbox_choice *choice);

#endif
