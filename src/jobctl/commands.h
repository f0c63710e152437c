/*
 * commands - the commands of pl-jobctl, each with its help and options
 */
#ifndef JOBCTL_COMMANDS_H
#define JOBCTL_COMMANDS_H

#include "jobctl.h"

extern const struct jobctl_command jobctl_init, jobctl_create, jobctl_start,
    jobctl_progress, jobctl_complete, jobctl_fail, jobctl_cancel, jobctl_retry,
    jobctl_status, jobctl_list, jobctl_documents, jobctl_wait, jobctl_verify,
    jobctl_sync, jobctl_metrics, jobctl_health, jobctl_sources, jobctl_workers,
    jobctl_queues, jobctl_pause, jobctl_resume, jobctl_source, jobctl_events,
    jobctl_prune, jobctl_notify, jobctl_collection, jobctl_grant, jobctl_revoke,
    jobctl_version, jobctl_doctor;

#endif
