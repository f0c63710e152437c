/* collection_refresh - the commands for recipes and what they made stale */
#ifndef JOBCTL_COLLECTION_REFRESH_H
#define JOBCTL_COLLECTION_REFRESH_H

#include "jobctl.h"

extern const struct jobctl_command collection_recipe_command,
    collection_refresh_command, collection_stale_command;

#endif
