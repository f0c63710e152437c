#include <string.h>

#include "base/buf.h"
#include "net/db_url.h"
#include "tap.h"

static const struct {
	const char *url;
	int status;
} urls[] = {
    {"postgresql://u:p@h/d", 0},
    {"postgres://h", 0},
    {"postgresql:///d?host=/run", 0},
    {"postgresql://u:p%40x@h/d?password=a@b", 0},
    {"postgresql://u@h:5432/d", 0},
    {"d", 0},
    {"", 0},
    {"host=h password='a@b'", 0},
    {"host=h password=a://b", 0},
    {"mysql://u:p@h/d", -1},
    {"Postgresql://u:p@h/d", -1},
    {"postgresql:u:p@h/d", -1},
    {"u:p@h", -1},
    {"h/d", -1},
    {"postgresql://u:p@x@h/d", -1},
    {"postgresql://u:p/x@h/d", -1},
    {"postgresql://u:p/x@h", -1},
};

static const char *const complaints[] = {
    "invalid percent-encoded token: \"s3cret%zz\"",
    "forbidden value %00 in percent-encoded value: \"s3cret%00\"",
    "missing \"=\" after \"s3cret\" in connection info string",
    "unterminated quoted string in connection info string",
    "invalid connection option \"s3cret\"",
    "invalid URI query parameter: \"s3cret\"",
    "extra key/value separator \"=\" in URI query parameter: \"s3cret\"",
    "unexpected character \"s\" in position 3 in URI (expected \":\" or "
    "\"/\"): \"s3cret\"",
    "end of string reached when looking for matching \"]\" in IPv6 host "
    "address in URI: \"s3cret\"",
    "anything else: s3cret",
};

static const struct {
	const char *message, *password, *expected;
} messages[] = {
    {"no answer", NULL, "no answer"},
    {"", "x", ""},
    {"host \"long-s3cret\"", "long-s3cret", "host \"***\""},
    {"no sslmode \"a,password=b c\"\nnext", NULL,
	"no sslmode \"a,password=***\nnext"},
};

int
main(void)
{
	const char *why;

	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		tap(db_url_check(urls[i].url, &why) == urls[i].status, "%s",
		    urls[i].url);
	for (size_t i = 0; i < sizeof(complaints) / sizeof(*complaints); i++)
		tap(strstr(db_url_complaint(complaints[i]), "s3cret") == NULL,
		    "%s", complaints[i]);
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct buf b = {0};

		db_url_add_message(
		    &b, messages[i].message, messages[i].password);
		tap(strcmp(b.data, messages[i].expected) == 0, "message %zu",
		    i);
		buf_free(&b);
	}
	return tap_done();
}
