#include "record/verdict.h"

#include <string.h>

/* The first that fits counts. */
static const struct verdict_rule rules[] = {
    {ERROR_TRANSIENT, NULL, VERDICT_WAIT, 1, 0},
    {ERROR_THROTTLED, NULL, VERDICT_WAIT, 0, 0},
    {ERROR_QUOTA, NULL, VERDICT_PARK, 0, 0},
    /* Of the key, the model or the deployment, whatever a server calls it. */
    {ERROR_CONFIG, "http_401", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "http_403", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "http_404", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "invalid_api_key", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "invalid_request_error", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "model_not_found", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "DeploymentNotFound", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "permission_error", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "authentication_error", VERDICT_PARK, 0, 0},
    {ERROR_CONFIG, "not_found_error", VERDICT_PARK, 0, 0},
    /* Of pl-store: rights, a missing schema. */
    {ERROR_CONFIG, "database_config", VERDICT_PARK, 0, 0},
    /* Of pl-store: what the pipeline makes does not fit the collection. */
    {ERROR_CONFIG, "no_model", VERDICT_END, 0, 1},
    {ERROR_CONFIG, "wrong_model", VERDICT_END, 0, 1},
    {ERROR_CONFIG, "wrong_dimensions", VERDICT_END, 0, 1},
    {ERROR_CONFIG, "no_embedding", VERDICT_END, 0, 1},
    {ERROR_CONFIG, NULL, VERDICT_PARK, 0, 1},
    {ERROR_INPUT, NULL, VERDICT_FAIL, 0, 0},
    {ERROR_INTERNAL, NULL, VERDICT_FAIL, 0, 0},
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
