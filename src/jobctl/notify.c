/* Send what the outbox has: a signed POST for the end of each job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "commands.h"
#include "embed/retry_after.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/http.h"
#include "net/webhook_sign.h"
#include "notify.h"
#include "record/error_record.h"
#include "show.h"
#include "store/outbox.h"
#include "tool/cli.h"
#include "tool/secret.h"
#include "tool/table.h"

enum {
	TIMEOUT = 10000, /* ms */
	ANSWER_MAX = 1 << 20,
	GONE = 410
};

/* Seconds to wait after each try that failed; the last one again and again. */
static const int waits[] = {5, 30, 120, 600, 3600, 6 * 3600};

struct sending {
	struct jobctl *c;
	struct http *http;
	struct buf key; /* empty: unsigned */
	struct buf ids; /* of what was sent or tried, 16 bytes each */
	int failed;
};

struct db_result *
notify_print(struct jobctl *c, const struct outbox_choice *choice)
{
	static const struct jobctl_column columns[] = {
	    {"id", NULL, JOBCTL_TEXT, 0}, {"job_id", NULL, JOBCTL_TEXT, 0},
	    {"source", "SOURCE", JOBCTL_TEXT, TABLE_FLEX},
	    {"url", "URL", JOBCTL_TEXT, TABLE_FLEX},
	    {"status", "STATUS", JOBCTL_TEXT, 0},
	    {"tries", "TRIES", JOBCTL_INT, TABLE_RIGHT},
	    {"body", NULL, JOBCTL_JSON, 0},
	    {"message", "ERROR", JOBCTL_TEXT, TABLE_FLEX},
	    {"created_at", NULL, JOBCTL_TEXT, 0},
	    {"next_at", NULL, JOBCTL_TEXT, 0},
	    {"sent_at", NULL, JOBCTL_TEXT, 0}, {NULL, "MADE", JOBCTL_AGO, 0}};
	struct db_result *r = outbox_list(c->db, choice);

	if (r != NULL)
		jobctl_print_rows(c, r, "notification", columns,
		    sizeof(columns) / sizeof(*columns));
	return r;
}

/* The secret. */

static void
take_secret(struct buf *key, int is_unsigned)
{
	const char *variable = cli_env("PL_NOTIFY_SECRET", NULL)
				   ? "PL_NOTIFY_SECRET"
				   : "PL_NOTIFY_SECRET_FILE";
	const char *secret;

	if (is_unsigned)
		return;
	secret = secret_env("PL_NOTIFY_SECRET");
	if (secret == NULL)
		cli_die(CLI_FAILED,
		    "there is no secret to sign with: set PL_NOTIFY_SECRET or "
		    "PL_NOTIFY_SECRET_FILE, or say --unsigned");
	if (webhook_sign_key(secret, key) == -1)
		cli_die(CLI_FAILED,
		    "the secret of %s is empty, or no base64 follows 'whsec_'",
		    variable);
}

/* Sending. */

/* POST the body. As http_run. */
static enum http_status
post(struct sending *s, const struct db_result *r, struct http_answer *answer)
{
	int64_t now = time_unix();
	char message[DIGEST_UUID_TEXT + 4], id[80], timestamp[64];
	struct buf signature = {0};
	const char *headers[] = {
	    "content-type: application/json", id, timestamp, NULL};
	struct http_request request = {.url = db_text(r, 0, 1),
	    .headers = headers,
	    .header_count = 3,
	    .body = db_text(r, 0, 2),
	    .len = db_length(r, 0, 2),
	    .timeout = TIMEOUT,
	    .max_answer = ANSWER_MAX};
	enum http_status status;

	/* The id is the same in all tries, so that a repeat can be dropped. */
	snprintf(message, sizeof(message), "msg_%s", db_text(r, 0, 0));
	snprintf(id, sizeof(id), "webhook-id: %s", message);
	snprintf(timestamp, sizeof(timestamp), "webhook-timestamp: %lld",
	    (long long)now);
	if (s->key.len > 0) {
		buf_puts(&signature, "webhook-signature: ");
		webhook_sign(&signature, &s->key, message, now, request.body,
		    request.len);
		headers[request.header_count++] = signature.data;
	}
	status = http_run(s->http, &request, answer);
	buf_free(&signature);
	return status;
}

/* Seconds until the next try; -1: there is none. */
static int64_t
next_wait(struct sending *s, int64_t try, long status)
{
	char asked[64];
	int64_t last = sizeof(waits) / sizeof(*waits) - 1, wait;
	double after;

	if (try >= OUTBOX_TRIES || status == GONE)
		return -1;
	wait = waits[try - 1 < last ? try - 1 : last];
	if (status == 0)
		return wait;
	after = retry_after(NULL,
	    http_header(s->http, "Retry-After", asked, sizeof(asked)),
	    time_unix());
	return after > (double)wait ? (int64_t)after + 1 : wait;
}

/* Note why a try failed. status is that of the answer, 0 without one. */
static int
note_failure(struct sending *s, const uint8_t *id, int64_t try, long status)
{
	struct error_record e = ERROR_RECORD_INIT;
	int64_t wait = next_wait(s, try, status);
	struct buf message = {0};
	char *json, code[16];
	int noted;

	s->failed = 1;
	snprintf(code, sizeof(code), "http_%ld", status);
	if (status == 0)
		buf_puts(&message, http_error(s->http));
	else
		buf_printf(&message, "HTTP %ld", status);
	if (wait < 0)
		buf_puts(&message, status == GONE
				       ? ": the receiver is gone: given up"
				       : ": given up after the last try");
	e.stage = "notify";
	e.class = wait < 0 ? ERROR_CONFIG : ERROR_TRANSIENT;
	e.code = status == 0 ? "no_answer" : code;
	e.message = message.data;
	json = error_record_json(&e, NULL);
	noted = outbox_failed(s->c->db, id, try, json, wait);
	free(json);
	buf_free(&message);
	return noted;
}

/* Send what was claimed, and note the outcome. */
static void
send_one(struct sending *s, const struct db_result *r)
{
	struct http_answer answer = {0};
	enum http_status status = post(s, r, &answer);
	int64_t try = db_int(r, 0, 3);
	uint8_t id[DIGEST_UUID];
	int noted;

	digest_uuid_parse(db_text(r, 0, 0), db_length(r, 0, 0), id);
	buf_add(&s->ids, id, sizeof(id));
	if (status == HTTP_ANSWERED && answer.status / 100 == 2)
		noted = outbox_sent(s->c->db, id, try);
	else
		noted = note_failure(
		    s, id, try, status == HTTP_ANSWERED ? answer.status : 0);
	if (noted == -1)
		jobctl_die(s->c);
}

static void
print_outcomes(struct sending *s)
{
	struct outbox_choice choice = {
	    .ids = (const uint8_t *)s->ids.data, .n = s->ids.len / DIGEST_UUID};
	struct db_result *r;

	if (choice.n == 0)
		return;
	r = notify_print(s->c, &choice);
	if (r == NULL)
		jobctl_die(s->c);
	db_result_free(r);
}

struct notify_options {
	int is_unsigned;
};

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_FLAG, .name = "unsigned",
	OPTION_TO(struct notify_options, is_unsigned),
	.help = "send without a signature"},
    JOBCTL_ROWS};
/* clang-format on */

static int
notify(struct jobctl *c)
{
	struct notify_options o = {0};
	struct sending s = {.c = c};
	struct db_result *r;

	jobctl_parse(c, &o);
	take_secret(&s.key, o.is_unsigned);
	jobctl_open(c);
	s.http = http_new();
	if (s.http == NULL)
		cli_die(CLI_FAILED, "libcurl does not start");
	while ((r = outbox_claim(c->db)) != NULL && db_rows(r) > 0) {
		send_one(&s, r);
		db_result_free(r);
	}
	if (r == NULL)
		jobctl_die(c);
	db_result_free(r);
	print_outcomes(&s);
	http_free(s.http);
	buf_free(&s.key);
	buf_free(&s.ids);
	return s.failed ? CLI_PARTIAL : CLI_DONE;
}

const struct jobctl_command jobctl_notify = {
    .options = {.name = "notify",
	.usage = "[OPTION]...",
	.summary = "send the notifications that are due",
	.about = "A notification tells a URL that a job has ended "
		 "('pl-enqueue --notify',\n"
		 "'source set --notify'). Workers run this command when one is "
		 "due. The\n"
		 "secret of the signature (Standard Webhooks) is in "
		 "PL_NOTIFY_SECRET, or in\n"
		 "the file PL_NOTIFY_SECRET_FILE.\n",
	.more = "Exit status: 0 all was sent, 3 something failed and is tried "
		"again.\n",
	.rows = rows},
    .run = notify};
