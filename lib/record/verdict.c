#include "record/verdict.h"

#include <string.h>

/* The first rule that fits counts. */
static const struct verdict_rule rules[] = {
    /* Of pl-store: the server is away, which is no document's fault. */
    {"unavailable", ERROR_TRANSIENT, VERDICT_WAIT, 0, 0},
    /* Of pl-store: the next attempt reads the new content. */
    {"content_changed", ERROR_TRANSIENT, VERDICT_WAIT, 0, 0},
    {NULL, ERROR_TRANSIENT, VERDICT_WAIT, 1, 0},
    {NULL, ERROR_THROTTLED, VERDICT_WAIT, 0, 0},
    {NULL, ERROR_QUOTA, VERDICT_PARK, 0, 0},
    /* Of the key, the model or the deployment, whatever a server calls it. */
    {"http_401", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"http_403", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"http_404", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"invalid_api_key", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"invalid_request_error", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"model_not_found", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"DeploymentNotFound", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"permission_error", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"authentication_error", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    {"not_found_error", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    /* Of pl-store: rights, a missing schema. */
    {"database_config", ERROR_CONFIG, VERDICT_PARK, 0, 0},
    /* Of pl-store: one document alone took too long; a stall looks alike. */
    {"statement_timeout", ERROR_CONFIG, VERDICT_WAIT, 1, 0},
    /* Of pl-store: what the pipeline makes does not fit the collection. */
    {"no_model", ERROR_CONFIG, VERDICT_END, 0, 1},
    {"wrong_model", ERROR_CONFIG, VERDICT_END, 0, 1},
    {"wrong_dimensions", ERROR_CONFIG, VERDICT_END, 0, 1},
    {"no_embedding", ERROR_CONFIG, VERDICT_END, 0, 1},
    {"wrong_recipe", ERROR_CONFIG, VERDICT_END, 0, 0},
    {"wrong_collection", ERROR_CONFIG, VERDICT_END, 0, 0},
    {"bad_recipe", ERROR_CONFIG, VERDICT_END, 0, 0},
    {NULL, ERROR_CONFIG, VERDICT_PARK, 0, 1},
    {NULL, ERROR_INPUT, VERDICT_FAIL, 0, 0},
    {NULL, ERROR_INTERNAL, VERDICT_FAIL, 0, 0},
};

const struct verdict_rule *
verdict_of(enum error_class class, const char *code)
{
	const struct verdict_rule *rule = rules;

	while (rule->class != class ||
	       (rule->code != NULL &&
		   (code == NULL || strcmp(rule->code, code) != 0)))
		rule++;
	return rule;
}

size_t
verdict_rules(void)
{
	return sizeof(rules) / sizeof(*rules);
}
