/* Signatures of outgoing webhooks. */
#include "net/webhook_sign.h"

#include <string.h>

#include "base/buf.h"
#include "tap.h"

/* The example of Standard Webhooks' own libraries, and one computed by Python.
 */
static const struct {
	const char *secret, *id, *body;
	int64_t timestamp;
	const char *signature;
} examples[] = {
    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
	"{\"test\": 2432232314}", 1614265330,
	"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    {"raw secret", "a", "", 0,
	"v1,XYDAwkoeIk+3O2tRVJ6QlpuSXC6Q0zq8Or5WJuMzTYY="},
};

static const char *const bad[] = {
    "", "whsec_", "whsec_*", "whsec_abc", "whsec_MfKQ=9r8"};

int
main(void)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		struct buf key = {0}, out = {0};

		tap(webhook_sign_key(examples[i].secret, &key) == 0, "key %zu",
		    i);
		webhook_sign(&out, &key, examples[i].id, examples[i].timestamp,
		    examples[i].body, strlen(examples[i].body));
		tap(strcmp(out.data, examples[i].signature) == 0,
		    "signature %zu", i);
		buf_free(&key);
		buf_free(&out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct buf key = {0};

		tap(webhook_sign_key(bad[i], &key) == -1, "'%s' is no secret",
		    bad[i]);
		buf_free(&key);
	}
	return tap_done();
}
