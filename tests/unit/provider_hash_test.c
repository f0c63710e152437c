/* provider_hash: known vectors, invariances, ranking, odd and huge texts */
#include "embed/provider_hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "embed/vector.h"
#include "tap.h"

enum { D = PROVIDER_HASH_DIMENSIONS };

static struct provider_hash *hash;

static float
similarity(const char *a, const char *b)
{
	float va[D], vb[D];

	provider_hash_text(hash, a, strlen(a), va);
	provider_hash_text(hash, b, strlen(b), vb);
	return vector_dot(va, vb, D);
}

static void
test_folding(void)
{
	static const struct {
		const char *a, *b;
	} same[] = {{"Hello, World", "hello world"}, {"ÀÉÎÕÜ", "àéîõü"},
	    {"ŠŽĆ Łódź Ÿ", "šžć łódź ÿ"}, {"ΑΘΉΝΑ", "αθήνα"}, {"ΌΣΟΣ", "όσος"},
	    {"МОСКВА ЁЖ Ѝ", "москва ёж ѝ"}, {"ԵՐԵՎԱՆ", "երեվան"},
	    {"ＡＢＣ１２", "abc12"}, {"soft\xC2\xADhyphen", "softhyphen"},
	    {"STRAẞE", "straße"}, {"Ấ Ǆ ǅ", "ấ Ǆ ǅ"},
	    {"  spaced\n\tout ", "spaced out"}, {"İstanbul", "istanbul"}};
	static const struct {
		const char *a, *b;
	} differ[] = {{"résumé", "resume"}, {"ñ", "n"}, {"a b", "ab"},
	    {"1", "2"}, {"東京", "京東"}, {"+", "-"}, {"😀", "😁"}};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		tap(similarity(same[i].a, same[i].b) > 0.9999f, "'%s' is '%s'",
		    same[i].a, same[i].b);
	for (size_t i = 0; i < sizeof(differ) / sizeof(*differ); i++)
		tap(similarity(differ[i].a, differ[i].b) < 0.9f,
		    "'%s' is not '%s': %.2f", differ[i].a, differ[i].b,
		    (double)similarity(differ[i].a, differ[i].b));
}

/* A small library; every query must rank its own text first. */
static const char *const library[] = {
    "To install the program, download the archive, unpack it and run the "
    "setup script. Administrator rights are needed once, for the service.",
    "Backups are written every night at two o'clock. A backup can be restored "
    "to another machine with the restore command; the database is stopped "
    "while it runs.",
    "The invoice is sent by mail on the first day of the month. Payments by "
    "credit card are charged at once; a bank transfer takes three days.",
    "If the connection is refused, check that the server is running and that "
    "the firewall lets port 5432 through. The log shows every attempt.",
    "Users and groups are managed in the settings. A user who forgot the "
    "password can ask for a link to choose another one.",
    "The export writes all tables as CSV files in UTF-8, one file per table, "
    "with a header line. Large exports are compressed.",
    "Die Sicherung läuft jede Nacht um zwei Uhr. Zum Wiederherstellen wird "
    "die Datenbank angehalten und das Archiv eingespielt.",
    "La facture est envoyée par courriel le premier jour du mois. Le paiement "
    "par carte est immédiat.",
    "バックアップは毎晩二時に書き込まれます。復元コマンドで別の機械に戻す"
    "ことができます。",
    "发票在每月第一天通过电子邮件发送。信用卡付款会立即扣款。",
    "ใบแจ้งหนี้จะส่งทางอีเมลในวันแรกของเดือน",
    "Резервная копия создаётся каждую ночь. Её можно восстановить на другой "
    "машине.",
    "백업은 매일 밤 두 시에 기록됩니다. 복원 명령으로 다른 컴퓨터에 되돌릴 수 "
    "있습니다."};
enum { LIBRARY = sizeof(library) / sizeof(*library) };

static void
test_ranking(void)
{
	static const struct {
		const char *query;
		size_t first;
	} cases[] = {{"how do I install it", 0},
	    {"installation of the program", 0}, {"restore a backup", 1},
	    {"when are the backups made", 1},
	    {"how can I pay by credit card", 2}, {"invoices and payment", 2},
	    {"connection refused", 3}, {"what port does the firewall need", 3},
	    {"I have forgotten my password", 4}, {"user management", 4},
	    {"export tables to csv", 5}, {"Datenbank wiederherstellen", 6},
	    {"Sicherungen in der Nacht", 6}, {"payer la facture par carte", 7},
	    {"バックアップの復元", 8}, {"信用卡付款", 9}, {"ใบแจ้งหนี้", 10},
	    {"восстановление резервной копии", 11}, {"백업 복원", 12}};
	static float vectors[LIBRARY][D];

	for (size_t i = 0; i < LIBRARY; i++)
		provider_hash_text(
		    hash, library[i], strlen(library[i]), vectors[i]);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		float query[D], best = -2, second = -2;
		size_t first = 0;

		provider_hash_text(
		    hash, cases[i].query, strlen(cases[i].query), query);
		for (size_t k = 0; k < LIBRARY; k++) {
			float score = vector_dot(query, vectors[k], D);

			if (score > best) {
				second = best;
				best = score;
				first = k;
			} else if (score > second) {
				second = score;
			}
		}
		tap(first == cases[i].first, "'%s' finds %zu: %.3f before %.3f",
		    cases[i].query, first, (double)best, (double)second);
	}
}

static void
test_weights(void)
{
	tap(similarity("install", "installation") > 0.15f,
	    "forms of a word are near: %.2f",
	    (double)similarity("install", "installation"));
	tap(similarity("install", "installed") <
		similarity("install", "install it"),
	    "a word itself is nearer than its forms");
	tap(similarity("install", "database") < 0.12f,
	    "other words are not: %.2f",
	    (double)similarity("install", "database"));
	tap(similarity("open source", "open source code") >
		similarity("open source", "source of open code"),
	    "the order of words counts");
	tap(similarity("the of and a", "the backup of the database") <
		similarity("database", "the backup of the database"),
	    "function words count little");
	tap(similarity("a b c", "a b c a b c a b c a b c") > 0.7f,
	    "repeating changes little: %.2f",
	    (double)similarity("a b c", "a b c a b c a b c a b c"));
}

static int
is_unit(const float *v, size_t n)
{
	return fabs(vector_norm(v, n) - 1) <
	       1e-4 * sqrt((double)n / 512) + 1e-4;
}

/* Any bytes give a unit vector of short decimals, the same each time. */
static void
test_anything(void)
{
	static const char *const odd[] = {"", " ", "\n", "!!!", "\xFF\xFE",
	    "a\xC3", "\xF0\x9F\x98\x80", "\xE2\x80\x8B", "0", "-",
	    "\xE0\xB8\x81"};
	static const size_t widths[] = {16, 17, 512, 1536, VECTOR_MAX};
	static float v[VECTOR_MAX], w[VECTOR_MAX];
	struct buf big = {0};
	uint64_t x = 1;

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		provider_hash_text(hash, odd[i], strlen(odd[i]), v);
		provider_hash_text(hash, odd[i], strlen(odd[i]), w);
		tap(is_unit(v, D) && memcmp(v, w, sizeof(*v) * D) == 0,
		    "odd text %zu has a vector", i);
	}
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		struct provider_hash *h = provider_hash_new(widths[i]);

		provider_hash_text(h, library[0], strlen(library[0]), v);
		tap(is_unit(v, widths[i]), "%zu dimensions: length %g",
		    widths[i], vector_norm(v, widths[i]));
		provider_hash_free(h);
	}
	/* More different features than the table may hold. */
	for (size_t i = 0; i < 4000000; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		buf_putc(
		    &big, x >> 60 == 0 ? ' ' : (char)('a' + (x >> 33) % 26));
	}
	provider_hash_text(hash, big.data, big.len, v);
	provider_hash_text(hash, big.data, big.len, w);
	tap(is_unit(v, D) && memcmp(v, w, sizeof(*v) * D) == 0,
	    "4 MB of different words");
	buf_reset(&big, SIZE_MAX);
	for (size_t i = 0; i < 1000000; i++)
		buf_puts(&big, "\xE6\x9D\xB1");
	provider_hash_text(hash, big.data, big.len, v);
	tap(is_unit(v, D), "a million Han characters without a space");
	buf_free(&big);
}

static void
test_names(void)
{
	static const struct {
		const char *name;
		size_t width;
	} cases[] = {{"hash-512-v1", 512}, {"hash-16-v1", 16},
	    {"hash-16000-v1", 16000}, {"hash-15-v1", 0}, {"hash-16001-v1", 0},
	    {"hash-0512-v1", 0}, {"hash-512-v2", 0}, {"hash-512-v1x", 0},
	    {"hash--v1", 0}, {"hash-99999999999-v1", 0}, {"", 0},
	    {"text-embedding-3-small", 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		tap(provider_hash_width(cases[i].name) == cases[i].width,
		    "'%s' has %zu dimensions", cases[i].name, cases[i].width);
}

/*
 * The numbers themselves: they are part of the name hash-N-v1, since vectors of
 * other numbers may be stored somewhere. If this fails, the code needs a new
 * version, not the test new numbers.
 */
static void
test_known(void)
{
	static const float expected[16] = {0, -0.14682f, -0.1615f, 0, -0.1615f,
	    0.48451f, -0.30832f, 0.1615f, 0, 0.46983f, 0.1615f, 0.1615f,
	    0.10277f, -0.1615f, 0.1615f, 0.48451f};
	static const char text[] = "Grüße, 東京! The end.";
	struct provider_hash *h = provider_hash_new(16);
	struct buf b = {0};
	float v[16];
	int same = 1;

	provider_hash_text(h, text, strlen(text), v);
	for (size_t i = 0; i < 16; i++)
		same &= !(v[i] < expected[i]) && !(v[i] > expected[i]);
	vector_put_json(&b, v, 16);
	tap(same, "the numbers of v1: %s", b.data);
	buf_free(&b);
	provider_hash_free(h);
}

int
main(void)
{
	hash = provider_hash_new(D);
	test_folding();
	test_ranking();
	test_weights();
	test_anything();
	test_names();
	test_known();
	provider_hash_free(hash);
	return tap_done();
}
