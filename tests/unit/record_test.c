/*
 * record: lines to records, repairs, limits, errors, writing
 */
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "tap.h"

/*
 * The result of each line of input as one word: the record's "a" or ".",
 * "!code" of a refusal, with "~" and a count in front if it was repaired.
 */
static const struct {
	const char *name, *in;
	size_t n; /* 0: strlen */
	int reject;
	const char *out;
} cases[] = {
    {"nothing", "", 0, 0, ""},
    {"two records", "{\"a\":\"1\"}\n{\"a\":\"2\"}\n", 0, 0, "1 2 "},
    {"no line end at the end", "{\"a\":\"1\"}\n{\"a\":\"2\"}", 0, 0, "1 2 "},
    {"CR LF and blank lines", "{\"a\":\"1\"}\r\n\r\n \t\n{\"a\":\"2\"}\r\n", 0,
	0, "1 2 "},
    {"a byte order mark", "\xEF\xBB\xBF{\"a\":\"1\"}\n", 0, 0, "1 "},
    {"a bad line costs itself", "{\"a\":\"1\"}\n{\"a\":\n{\"a\":\"2\"}\n", 0, 0,
	"1 !bad_json 2 "},
    {"an array is no record", "[{\"a\":\"1\"}]\n", 0, 0, "!not_an_object "},
    {"nor is a scalar", "7\n\"x\"\nnull\n", 0, 0,
	"!not_an_object !not_an_object !not_an_object "},
    {"two on a line are none", "{\"a\":\"1\"}{\"a\":\"2\"}\n", 0, 0,
	"!bad_json "},
    {"an escaped NUL", "{\"a\":\"x\\u0000y\"}\n", 0, 0, "~1:x\xEF\xBF\xBDy "},
    {"a NUL byte", "{\"a\":\"x\0y\"}\n", 12, 0, "~1:x\xEF\xBF\xBDy "},
    {"a NUL in a key", "{\"\\u0000\":1,\"a\":\"x\"}\n", 0, 0, "~1:x "},
    {"a lone high surrogate", "{\"a\":\"\\ud83d!\"}\n", 0, 0,
	"~1:\xEF\xBF\xBD! "},
    {"a lone low surrogate", "{\"a\":\"\\ude00\"}\n", 0, 0, "~1:\xEF\xBF\xBD "},
    {"two high ones", "{\"a\":\"\\ud83d\\ud83d\"}\n", 0, 0,
	"~2:\xEF\xBF\xBD\xEF\xBF\xBD "},
    {"a pair", "{\"a\":\"\\ud83d\\ude00\"}\n", 0, 0, "\xF0\x9F\x98\x80 "},
    {"an escaped backslash before u0000", "{\"a\":\"\\\\u0000\"}\n", 0, 0,
	"\\u0000 "},
    {"invalid UTF-8", "{\"a\":\"\xFF\xC3\xA9\"}\n", 0, 0,
	"~1:\xEF\xBF\xBD\xC3\xA9 "},
    {"rejected on demand", "{\"a\":\"\xFF\"}\n{\"a\":\"1\"}\n", 0, 1,
	"!invalid_text 1 "},
    {"a number beyond double", "{\"a\":\"1\",\"b\":1e400}\n", 0, 0, "1 "},
};

/* A descriptor to read n bytes from. */
static int
file_of(const char *text, size_t n)
{
	char name[] = "/tmp/rec_test.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	if (fd == -1 || write(fd, text, n) != (ssize_t)n ||
	    lseek(fd, 0, SEEK_SET) == -1)
		abort();
	return fd;
}

static void
describe(struct buf *out, enum record_status status, const struct record *r)
{
	const char *a;

	if (status == RECORD_REFUSED) {
		buf_printf(out, "!%s ", r->error.code);
		return;
	}
	a = record_str(r->root, "a", NULL);
	if (r->repaired > 0)
		buf_printf(out, "~%d:", (int)r->repaired);
	buf_printf(out, "%s ", a ? a : ".");
}

static void
test_lines(struct buf *out)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = cases[i].n ? cases[i].n : strlen(cases[i].in);
		struct record_in_options options = {
		    .reject_invalid = cases[i].reject};
		int fd = file_of(cases[i].in, n);
		struct record_in *in = record_in_open(fd, &options);
		struct record r;
		enum record_status status;

		buf_reset(out, 4096);
		while ((status = record_in_read(in, &r)) != RECORD_EOF)
			describe(out, status, &r);
		if (!tap(strcmp(out->data ? out->data : "", cases[i].out) == 0,
			"%s", cases[i].name))
			printf("# got %s\n", out->data);
		record_in_close(in);
		close(fd);
	}
}

static void
test_limits(struct buf *out)
{
	static const struct {
		size_t length;
		int ok;
	} lengths[] = {{99, 1}, {100, 1}, {101, 0}, {1 << 20, 0}};
	struct record_in_options options = {.max_record = 100};
	struct record r;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		size_t n = lengths[i].length;
		struct record_in *in;
		enum record_status first, second;
		int fd;

		buf_reset(out, 0);
		buf_puts(out, "{\"a\":\"");
		while (out->len < n - 2)
			buf_putc(out, 'x');
		buf_puts(out, "\"}\n{\"a\":\"next\"}\n");
		fd = file_of(out->data, out->len);
		in = record_in_open(fd, &options);
		first = record_in_read(in, &r);
		tap(first == (lengths[i].ok ? RECORD_OK : RECORD_REFUSED) &&
			(first == RECORD_OK ||
			    strcmp(r.error.code, "too_long") == 0),
		    "a line of %d bytes, of 100, is %s", (int)n,
		    lengths[i].ok ? "read" : "refused");
		second = record_in_read(in, &r);
		tap(second == RECORD_OK && r.number == 2 &&
			strcmp(record_str(r.root, "a", NULL), "next") == 0,
		    "the next one is read");
		record_in_close(in);
		close(fd);
	}
}

/* Arrays nested n deep, in objects if the letter says so. */
static int
parses_at_depth(size_t n, int objects)
{
	struct buf text = {0};
	size_t repaired, at;
	const char *why = NULL;
	yyjson_doc *doc;
	int ok;

	for (size_t i = 0; i < n; i++)
		buf_puts(&text, objects ? "{\"a\":" : "[");
	buf_puts(&text, objects ? "1" : "");
	for (size_t i = 0; i < n; i++)
		buf_putc(&text, objects ? '}' : ']');
	doc = record_parse(text.data, text.len, &repaired, &at, &why, &at);
	ok = doc != NULL;
	yyjson_doc_free(doc);
	buf_free(&text);
	return ok;
}

static void
test_depth(void)
{
	for (int objects = 0; objects < 2; objects++) {
		tap(parses_at_depth(512, objects), "512 levels are read");
		tap(!parses_at_depth(513, objects), "513 are refused");
		tap(!parses_at_depth(100000, objects),
		    "100000 do not end in the stack");
	}
}

static void
test_types(void)
{
	static const struct {
		const char *json;
		enum record_type type;
	} types[] = {{"{}", RECORD_UNTYPED}, {"{\"type\":7}", RECORD_UNTYPED},
	    {"{\"type\":\"document\"}", RECORD_DOCUMENT},
	    {"{\"type\":\"Document\"}", RECORD_FOREIGN},
	    {"{\"type\":\"chunk\"}", RECORD_CHUNK},
	    {"{\"type\":\"end\"}", RECORD_END},
	    {"{\"type\":\"stored\"}", RECORD_STORED},
	    {"{\"type\":\"error\"}", RECORD_ERROR},
	    {"{\"type\":\"job\"}", RECORD_JOB},
	    {"{\"type\":\"jobs\"}", RECORD_FOREIGN}};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		yyjson_doc *doc =
		    yyjson_read(types[i].json, strlen(types[i].json), 0);

		tap(record_type_of(yyjson_doc_get_root(doc)) == types[i].type,
		    "type of %s", types[i].json);
		yyjson_doc_free(doc);
	}
	for (int i = ERROR_TRANSIENT; i <= ERROR_INTERNAL; i++)
		tap(error_record_class_parse(
			error_record_class_name((enum error_class)i)) == i,
		    "class %s", error_record_class_name((enum error_class)i));
	tap(error_record_class_parse("odd") == -1 &&
		error_record_class_parse(NULL) == -1,
	    "an unknown class");
}

static void
count_idle(void *argument)
{
	++*(int *)argument;
}

/* With a line that never ends the wait ends after a read. */
static void
test_endless_line(void)
{
	struct record_in_options options = {.max_record = 1 << 20};
	int fd = open("/dev/zero", O_RDONLY), waits = 0;
	struct record_in *in = record_in_open(fd, &options);
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	while (waits < 400 && record_in_wait(in, 0) == 0)
		waits++;
	tap(waits == 400, "waiting for an endless line ends (%d)", waits);
	getrusage(RUSAGE_SELF, &after);
	tap(after.ru_maxrss - before.ru_maxrss < 16 << 10,
	    "100 MiB of it take %ld KiB", after.ru_maxrss - before.ru_maxrss);
	record_in_close(in);
	close(fd);
}

/* Records through a pipe, so that the reader has to wait. */
static void
test_waiting(void)
{
	int ends[2], idle = 0;
	struct record_in_options options = {
	    .idle = count_idle, .idle_argument = &idle};
	struct record_in *in;
	struct record r;

	if (pipe(ends) == -1 ||
	    write(ends[1], "{\"a\":\"1\"}\n{\"a\"", 14) != 14)
		abort();
	in = record_in_open(ends[0], &options);
	tap(record_in_wait(in, -1) == 1, "a whole line is there");
	tap(record_in_read(in, &r) == RECORD_OK && idle == 0,
	    "a record that is there does not make it idle");
	tap(record_in_wait(in, 0) == 0, "half a line is not there");
	if (write(ends[1], ":\"2\"}\n", 6) != 6)
		abort();
	tap(record_in_read(in, &r) == RECORD_OK, "the other half makes it one");
	close(ends[1]);
	tap(record_in_wait(in, -1) == 1 && record_in_read(in, &r) == RECORD_EOF,
	    "the end is no wait");
	record_in_close(in);
	close(ends[0]);

	if (pipe(ends) == -1)
		abort();
	in = record_in_open(ends[0], &options);
	record_in_unread(in, "{\"a\":\"1\"}\n", 10);
	tap(record_in_read(in, &r) == RECORD_OK && idle == 0,
	    "what was read before comes first");
	close(ends[1]);
	record_in_close(in);
	close(ends[0]);
}

/* n times a character of size bytes, cut to at most max bytes. */
static void
test_bound(const char *letter, size_t n, size_t max, const char *name)
{
	static const char ellipsis[] = "\xE2\x80\xA6";
	size_t size = strlen(letter), kept = n;
	struct error_record e = ERROR_RECORD_INIT;
	struct error_words words;
	struct buf text = {0};
	const char *got;

	for (size_t i = 0; i < n; i++)
		buf_puts(&text, letter);
	e.message = max == ERROR_MESSAGE_MAX ? text.data : NULL;
	e.stage = e.code = max == ERROR_WORD_MAX ? text.data : NULL;
	error_record_bound(&e, &words);
	got = e.message ? e.message : e.code;
	if (n * size > max)
		kept = (max - strlen(ellipsis)) / size;
	tap(memcmp(got, text.data, kept * size) == 0 &&
		strcmp(got + kept * size, n * size > max ? ellipsis : "") == 0,
	    "%s: %zu characters of %zu", name, kept, n);
	tap(n * size > max || got == text.data, "what fits is not copied");
	tap(e.stage == NULL || strcmp(e.stage, e.code) == 0,
	    "the stage is bounded as the code is");
	buf_free(&text);
}

static void
test_bounds(void)
{
	struct error_record e = ERROR_RECORD_INIT;
	struct error_words words;
	struct buf text = {0};
	char *json;
	size_t n;

	test_bound("x", ERROR_MESSAGE_MAX, ERROR_MESSAGE_MAX, "message");
	test_bound("x", ERROR_MESSAGE_MAX + 1, ERROR_MESSAGE_MAX, "message");
	test_bound("\xE2\x82\xAC", 2000, ERROR_MESSAGE_MAX, "message");
	test_bound("\xF0\x9F\x98\x80", 1 << 20, ERROR_MESSAGE_MAX, "message");
	test_bound("x", ERROR_WORD_MAX, ERROR_WORD_MAX, "word");
	test_bound("x", ERROR_WORD_MAX + 1, ERROR_WORD_MAX, "word");
	test_bound("\xC3\xA9", 1000, ERROR_WORD_MAX, "word");
	error_record_bound(&e, &words);
	tap(e.message == NULL && e.stage == NULL && e.code == NULL,
	    "what is not there stays so");
	for (int i = 0; i < 5000; i++)
		buf_putc(&text, 'x');
	e.message = text.data;
	json = error_record_json(&e, &n);
	tap(n < ERROR_MESSAGE_MAX + 100, "the database gets no more");
	free(json);
	buf_free(&text);
}

static void
test_writing(void)
{
	int fd = file_of("", 0), full = open("/dev/full", O_WRONLY);
	struct record_out *out = record_out_open(fd);
	struct error_record e = ERROR_RECORD_INIT;
	yyjson_mut_doc *doc = record_out_new(out, "document");
	char bytes[512] = "";

	yyjson_mut_obj_add_str(
	    doc, yyjson_mut_doc_get_root(doc), "x", "bad \xFF byte");
	tap(record_out_put(out, doc) == 0 &&
		record_out_pass(out, "{ }", 3) == 0,
	    "records are taken");
	e.stage = "chunk";
	e.class = ERROR_THROTTLED;
	e.code = "c";
	e.message = "m";
	e.chunk = 0;
	e.retry_after = 1.5;
	error_record_put(out, &e);
	tap(record_out_pending(out) > 0 && lseek(fd, 0, SEEK_CUR) == 0,
	    "and kept until a flush");
	tap(record_out_close(out) == 0, "closing flushes");
	if (pread(fd, bytes, sizeof(bytes) - 1, 0) <= 0)
		abort();
	tap(strcmp(bytes,
		"{\"type\":\"document\",\"x\":\"bad \xEF\xBF\xBD byte\"}\n"
		"{ }\n"
		"{\"type\":\"error\",\"stage\":\"chunk\",\"class\":"
		"\"throttled\",\"code\":\"c\",\"message\":\"m\",\"chunk\":0,"
		"\"retry_after\":1.5}\n") == 0,
	    "what is written is UTF-8, one record a line");
	close(fd);
	if (full == -1)
		return;
	out = record_out_open(full);
	record_out_pass(out, "x", 1);
	tap(record_out_flush(out) == -1 && errno == ENOSPC,
	    "a full disk fails");
	tap(record_out_close(out) == -1 && errno == ENOSPC, "ever after");
	close(full);
}

int
main(void)
{
	struct buf out = {0};

	test_lines(&out);
	test_limits(&out);
	test_depth();
	test_types();
	test_endless_line();
	test_waiting();
	test_bounds();
	test_writing();
	buf_free(&out);
	return tap_done();
}
