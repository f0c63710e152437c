/*
 * A text is cut into words (letters, digits and marks, case folded, accents
 * kept). Its features are
 *
 *   - every word; function words of a few European languages count little;
 *   - every pair of words that follow each other, function words left out;
 *   - for every different word, its runs of 3, 4 and 5 characters, the ends
 *     of the word counted as characters, so that forms of a word are near;
 *   - where words are not spaced, runs of 1 to 3 characters (Han, kana,
 *     Hangul) or of 3 to 5 (Thai, Lao, Khmer, Burmese) instead.
 *
 * A feature's hash chooses one component and a sign (Weinberger et al., 2009);
 * it adds its kind's weight times 1 + ln(occurrences). All sums are of
 * integers, so neither order nor compiler can change a bit.
 */
#include "embed/provider_hash.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "base/utf8.h"
#include "embed/vector.h"

enum {
	WORD_MAX = 64,	 /* characters; the rest of a longer word is dropped */
	COUNT_MAX = 255, /* occurrences; more are counted as 255 */
	SLOTS_MIN = 1 << 12,
	SLOTS_MAX = 1 << 18, /* 2 MiB; further features bypass the table */
	EDGE = 1	     /* before and behind each word */
};

/* Kinds of features and their weights. */
enum kind { WORD, FUNCTION, PAIR, PART, HAN1, HAN2, HAN3, THAI, KINDS };

static const uint8_t weights[KINDS] = {
    [WORD] = 64,
    [FUNCTION] = 8,
    [PAIR] = 22,
    [PART] = 22,
    [HAN1] = 20,
    [HAN2] = 64,
    [HAN3] = 32,
    [THAI] = 24,
};

struct slot {
	uint32_t key; /* 0: free */
	uint8_t count, kind;
};

struct provider_hash {
	size_t dimensions;
	int64_t *sums;
	struct slot *slots;
	size_t slot_count; /* a power of two */
	size_t used;
	uint32_t *order;		   /* the slots in use, oldest first */
	uint16_t logarithm[COUNT_MAX + 1]; /* 256 (1 + ln n) */
	uint32_t function_words[256];	   /* hash set of keys */
	uint64_t previous;		   /* hash of the word before, or 0 */
	uint32_t word[WORD_MAX + 2];	   /* between two edges */
	size_t length;			   /* of the word */
	uint64_t hash;			   /* of the word so far */
	int digits_only;
};

/* Hashing: one multiplication for each character, a mixing step at the end. */

static uint64_t
step(uint64_t h, uint32_t c)
{
	return (h ^ c) * 0x9E3779B97F4A7C15u;
}

static uint64_t
seed(enum kind kind)
{
	return (uint64_t)(kind + 1) * 0xD1B54A32D192ED03u;
}

static uint32_t
finish(uint64_t h)
{
	uint32_t key;

	h = (h ^ h >> 32) * 0xD6E8FEB86659FD93u;
	key = (uint32_t)(h >> 32);
	return key != 0 ? key : 1;
}

/* Counting. */

static void
add_to_sum(struct provider_hash *h, uint32_t key, int64_t weight)
{
	size_t at = (size_t)((uint64_t)key * h->dimensions >> 32);

	h->sums[at] += key & 1 ? weight : -weight;
}

static struct slot *
find_slot(struct provider_hash *h, uint32_t key)
{
	size_t mask = h->slot_count - 1, i = key >> 1 & mask;

	while (h->slots[i].key != 0 && h->slots[i].key != key)
		i = (i + 1) & mask;
	return &h->slots[i];
}

static void
use_slot(struct provider_hash *h, struct slot *slot)
{
	h->order[h->used++] = (uint32_t)(slot - h->slots);
}

static void
allocate(struct provider_hash *h, size_t slot_count)
{
	h->slots = x_calloc(slot_count, sizeof(*h->slots));
	h->order = x_calloc(slot_count / 2, sizeof(*h->order));
	h->slot_count = slot_count;
	h->used = 0;
}

static void
grow(struct provider_hash *h)
{
	struct slot *old = h->slots;
	uint32_t *order = h->order;
	size_t used = h->used;

	allocate(h, h->slot_count * 2);
	for (size_t i = 0; i < used; i++) {
		struct slot *from = &old[order[i]];
		struct slot *to = find_slot(h, from->key);

		*to = *from;
		use_slot(h, to);
	}
	free(old);
	free(order);
}

/* Count a feature; returns whether it is a new one. */
static int
count(struct provider_hash *h, uint32_t key, enum kind kind)
{
	struct slot *slot = find_slot(h, key);

	if (slot->key != 0) {
		slot->count += slot->count < COUNT_MAX;
		return 0;
	}
	if (h->used == h->slot_count / 2) {
		if (h->slot_count == SLOTS_MAX) {
			add_to_sum(
			    h, key, (int64_t)weights[kind] * h->logarithm[1]);
			return 1;
		}
		grow(h);
		slot = find_slot(h, key);
	}
	*slot = (struct slot){key, 1, (uint8_t)kind};
	use_slot(h, slot);
	return 1;
}

/* Words. */

static const char *const function_words[] = {
    /* English */
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at",
    "be", "been", "but", "by", "can", "could", "did", "do", "does", "for",
    "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in",
    "into", "is", "it", "its", "may", "me", "my", "no", "not", "of", "on",
    "one", "or", "our", "s", "she", "should", "so", "such", "t", "than", "that",
    "the", "their", "them", "then", "there", "these", "they", "this", "those",
    "to", "was", "we", "were", "what", "when", "where", "which", "who", "why",
    "will", "with", "would", "you", "your",
    /* German */
    "auf", "aus", "bei", "das", "dem", "den", "der", "des", "die", "ein",
    "eine", "einen", "einer", "es", "für", "ich", "im", "ist", "mit", "nicht",
    "oder", "sich", "sie", "sind", "und", "von", "werden", "wie", "wird", "zu",
    "zum", "zur",
    /* French */
    "au", "aux", "ce", "ces", "dans", "de", "du", "elle", "en", "est", "et",
    "il", "la", "le", "les", "ou", "par", "pas", "pour", "que", "qui", "sont",
    "sur", "un", "une",
    /* Spanish, Portuguese, Italian */
    "al", "che", "com", "con", "da", "del", "della", "di", "el", "las", "los",
    "não", "o", "os", "para", "per", "por", "se", "su", "um", "uma", "y"};

static int
is_function_word(const struct provider_hash *h, uint32_t key)
{
	size_t i = key & 255;

	for (; h->function_words[i] != 0; i = (i + 1) & 255)
		if (h->function_words[i] == key)
			return 1;
	return 0;
}

/* Count the runs of 3 to 5 of the m characters at w, not the whole word. */
static void
count_parts(struct provider_hash *h, const uint32_t *w, size_t m)
{
	for (size_t i = 0; i + 3 <= m; i++) {
		uint64_t x = seed(PART);

		x = step(step(step(x, w[i]), w[i + 1]), w[i + 2]);
		if (m > 3)
			count(h, finish(x), PART);
		if (i + 4 > m)
			break;
		x = step(x, w[i + 3]);
		if (m > 4)
			count(h, finish(x), PART);
		if (i + 5 > m)
			continue;
		x = step(x, w[i + 4]);
		if (m > 5)
			count(h, finish(x), PART);
	}
}

/* The word is complete: count it, its pair and its parts. */
static void
end_word(struct provider_hash *h)
{
	uint32_t key;

	if (h->length == 0)
		return;
	key = finish(h->hash);
	if (is_function_word(h, key)) {
		count(h, key, FUNCTION);
	} else {
		int fresh = count(h, key, WORD);

		if (h->previous != 0)
			count(h, finish(seed(PAIR) ^ h->previous * 3 ^ h->hash),
			    PAIR);
		h->previous = h->hash;
		if (fresh && !h->digits_only && h->length > 1) {
			h->word[h->length + 1] = EDGE;
			count_parts(h, h->word, h->length + 2);
		}
	}
	h->length = 0;
}

static void
add_letter(struct provider_hash *h, uint32_t c)
{
	if (h->length == WORD_MAX)
		end_word(h);
	if (h->length == 0) {
		h->hash = seed(WORD);
		h->digits_only = 1;
	}
	h->hash = step(h->hash, c);
	h->word[++h->length] = c;
	h->digits_only &= c >= '0' && c <= '9';
}

/* Characters. */

enum treatment { BREAK, LETTER, IGNORED, SYMBOL, DENSE, THAI_LIKE };

struct range {
	uint32_t first, last;
	enum treatment treatment;
};

/* The characters from U+0080 on that are not LETTER, in order. */
static const struct range ranges[] = {
    {0x80, 0xA9, BREAK},
    {0xAB, 0xAC, BREAK},
    {0xAD, 0xAD, IGNORED}, /* soft hyphen */
    {0xAE, 0xB1, BREAK},
    {0xB4, 0xB4, BREAK},
    {0xB6, 0xB8, BREAK},
    {0xBB, 0xBF, BREAK},
    {0xD7, 0xD7, BREAK},
    {0xF7, 0xF7, BREAK},
    {0x2C2, 0x2DF, BREAK},
    {0x37E, 0x37E, BREAK},
    {0x387, 0x387, BREAK},
    {0x55A, 0x55F, BREAK}, /* Armenian */
    {0x589, 0x58F, BREAK},
    {0x5BE, 0x5BE, BREAK}, /* Hebrew */
    {0x5C0, 0x5C0, BREAK},
    {0x5C3, 0x5C3, BREAK},
    {0x5C6, 0x5C6, BREAK},
    {0x5F3, 0x5F4, BREAK},
    {0x600, 0x60F, BREAK}, /* Arabic */
    {0x61B, 0x61F, BREAK},
    {0x640, 0x640, IGNORED}, /* tatweel only stretches a word */
    {0x66A, 0x66D, BREAK},
    {0x6D4, 0x6D4, BREAK},
    {0x700, 0x70F, BREAK},
    {0x964, 0x965, BREAK}, /* danda */
    {0xE01, 0xE3A, THAI_LIKE},
    {0xE3F, 0xE3F, BREAK},
    {0xE40, 0xE4E, THAI_LIKE},
    {0xE4F, 0xE4F, BREAK},
    {0xE50, 0xE59, LETTER}, /* Thai digits */
    {0xE5A, 0xE5B, BREAK},
    {0xE80, 0xEFF, THAI_LIKE},	 /* Lao */
    {0xF01, 0xF1F, BREAK},	 /* Tibetan; the tsheg separates syllables */
    {0x1000, 0x1049, THAI_LIKE}, /* Burmese */
    {0x104A, 0x104F, BREAK},
    {0x1050, 0x109F, THAI_LIKE},
    {0x1100, 0x11FF, DENSE},	 /* Hangul letters */
    {0x1360, 0x1368, BREAK},	 /* Ethiopic */
    {0x1780, 0x17D3, THAI_LIKE}, /* Khmer */
    {0x17D4, 0x17DB, BREAK},
    {0x1800, 0x180A, BREAK}, /* Mongolian */
    {0x2000, 0x200A, BREAK},
    {0x200B, 0x200F, IGNORED}, /* zero width */
    {0x2010, 0x205F, BREAK},
    {0x2060, 0x206F, IGNORED},
    {0x2070, 0x20CF, BREAK},
    {0x2100, 0x218F, BREAK},
    {0x2190, 0x25FF, SYMBOL},
    {0x2600, 0x27BF, SYMBOL},
    {0x27C0, 0x2BFF, SYMBOL},
    {0x2E00, 0x2E7F, BREAK},
    {0x2E80, 0x2FDF, DENSE},
    {0x2FE0, 0x3004, BREAK},
    {0x3005, 0x3007, DENSE},
    {0x3008, 0x3020, BREAK},
    {0x3021, 0x3029, DENSE},
    {0x302A, 0x3040, BREAK},
    {0x3041, 0x309F, DENSE}, /* hiragana */
    {0x30A0, 0x30A0, BREAK},
    {0x30A1, 0x30FA, DENSE}, /* katakana */
    {0x30FB, 0x30FB, BREAK},
    {0x30FC, 0x318F, DENSE},
    {0x3190, 0x319F, BREAK},
    {0x31A0, 0x31FF, DENSE},
    {0x3200, 0x33FF, SYMBOL},
    {0x3400, 0x9FFF, DENSE}, /* Han */
    {0xA000, 0xA48F, DENSE}, /* Yi */
    {0xAC00, 0xD7FF, DENSE}, /* Hangul */
    {0xD800, 0xF8FF, BREAK}, /* surrogates, private use */
    {0xF900, 0xFAFF, DENSE},
    {0xFE00, 0xFE0F, IGNORED}, /* variation selectors */
    {0xFE10, 0xFE6F, BREAK},
    {0xFEFF, 0xFEFF, IGNORED},
    {0xFF00, 0xFF0F, BREAK}, /* full width punctuation */
    {0xFF1A, 0xFF20, BREAK},
    {0xFF3B, 0xFF40, BREAK},
    {0xFF5B, 0xFF65, BREAK},
    {0xFF66, 0xFFDC, DENSE}, /* half width kana, Hangul */
    {0xFFE0, 0xFFFF, BREAK},
    {0x1F000, 0x1F3FA, SYMBOL},
    {0x1F3FB, 0x1F3FF, IGNORED}, /* skin tones */
    {0x1F400, 0x1FAFF, SYMBOL},
    {0x20000, 0x3FFFF, DENSE},
    {0xE0000, 0x10FFFF, IGNORED},
};

static enum treatment
treatment_of(uint32_t c)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(*ranges);

	/* The letters of most European languages need no search. */
	if ((c >= 0xC0 && c <= 0x2C1 && c != 0xD7 && c != 0xF7) ||
	    (c >= 0x388 && c <= 0x559))
		return LETTER;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > ranges[middle].last)
			low = middle + 1;
		else if (c < ranges[middle].first)
			high = middle;
		else
			return ranges[middle].treatment;
	}
	return LETTER;
}

/* Upper-case letters that alternate with lower case: even ones, or odd ones. */
static int
is_even_pair(uint32_t c)
{
	return (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
	       (c >= 0x1DE && c <= 0x1EF) || (c >= 0x1F8 && c <= 0x21F) ||
	       (c >= 0x222 && c <= 0x233) || (c >= 0x3D8 && c <= 0x3EF) ||
	       (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) ||
	       (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1E95) ||
	       (c >= 0x1EA0 && c <= 0x1EFF);
}

static int
is_odd_pair(uint32_t c)
{
	return (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) ||
	       (c >= 0x1CD && c <= 0x1DC) || (c >= 0x4C1 && c <= 0x4CE);
}

/* Simple lower case (Unicode's CaseFolding, the regular parts), c >= 0x80. */
static uint32_t
fold(uint32_t c)
{
	if (c < 0x100)
		return c == 0xB5 ? 0x3BC : c >= 0xC0 && c <= 0xDE ? c + 32 : c;
	if (c == 0x130)
		return 'i';
	if (c == 0x178)
		return 0xFF;
	if (c == 0x17F)
		return 's';
	if (is_even_pair(c))
		return c | 1;
	if (is_odd_pair(c))
		return c + (c & 1);
	if (c < 0x386)
		return c;
	if (c < 0x400) {
		if (c >= 0x391 && c <= 0x3AB)
			return c + 32;
		if (c >= 0x388 && c <= 0x38A)
			return c + 37;
		switch (c) {
		case 0x386:
			return 0x3AC;
		case 0x38C:
			return 0x3CC;
		case 0x38E:
		case 0x38F:
			return c + 63;
		case 0x3C2:
			return 0x3C3; /* final sigma */
		default:
			return c;
		}
	}
	if (c < 0x430)
		return c < 0x410 ? c + 80 : c + 32;
	if (c == 0x4C0)
		return 0x4CF;
	if (c >= 0x531 && c <= 0x556)
		return c + 48;
	if (c == 0x1E9E)
		return 0xDF;
	/* Full width letters and digits count as narrow ones. */
	if (c >= 0xFF10 && c <= 0xFF5A)
		c -= 0xFEE0;
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

/* A run of unspaced characters is complete: count its n-grams. */
static void
count_run(struct provider_hash *h, const uint32_t *w, size_t n,
    enum treatment treatment)
{
	size_t longest = treatment == DENSE ? 3 : 5;

	for (size_t i = 0; i < n; i++) {
		uint64_t x = seed(treatment == DENSE ? HAN1 : THAI);

		for (size_t k = 0; k < longest && i + k < n; k++) {
			x = step(x, w[i + k]);
			if (treatment == DENSE)
				count(h, finish(x), (enum kind)(HAN1 + k));
			else if (k >= 2 || n < 3)
				count(h, finish(x), THAI);
		}
	}
}

/*
 * Read the unspaced run that starts at text; returns its bytes. Runs longer
 * than the buffer overlap by what the longest n-gram needs.
 */
static size_t
read_run(struct provider_hash *h, const char *text, size_t n,
    enum treatment treatment)
{
	uint32_t run[WORD_MAX];
	size_t at = 0, length = 0;

	while (at < n && length < WORD_MAX) {
		uint32_t c;
		size_t bytes = utf8_step(text + at, n - at, &c);
		enum treatment s = c < 0x80 ? BREAK : treatment_of(c);

		if (s != treatment && s != IGNORED)
			break;
		if (s == treatment)
			run[length++] = c;
		at += bytes;
	}
	count_run(h, run, length, treatment);
	return at;
}

static void
count_symbol(struct provider_hash *h, uint32_t c)
{
	end_word(h);
	add_letter(h, c);
	end_word(h);
}

/*
 * Read one character beyond ASCII, or an unspaced run from it on; returns its
 * bytes.
 */
static size_t
read_wide(struct provider_hash *h, const char *text, size_t n)
{
	uint32_t c;
	size_t bytes = utf8_step(text, n, &c);
	enum treatment treatment = treatment_of(c);

	switch (treatment) {
	case LETTER:
		add_letter(h, fold(c));
		break;
	case BREAK:
		end_word(h);
		break;
	case SYMBOL:
		count_symbol(h, c);
		break;
	case DENSE:
	case THAI_LIKE:
		end_word(h);
		h->previous = 0;
		return read_run(h, text, n, treatment);
	case IGNORED:
		break;
	}
	return bytes;
}

static int
is_ascii_letter(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static void
read_words(struct provider_hash *h, const char *text, size_t n)
{
	size_t i = 0;

	h->previous = 0;
	h->length = 0;
	while (i < n) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80) {
			i += read_wide(h, text + i, n - i);
			continue;
		}
		if (is_ascii_letter(c))
			add_letter(h, c >= 'A' && c <= 'Z' ? c | 32 : c);
		else
			end_word(h);
		i++;
	}
	end_word(h);
}

/*
 * A text of only punctuation counts as one word, so that it has a vector, too.
 */
static void
read_anything(struct provider_hash *h, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_letter(h, (unsigned char)text[i]);
	end_word(h);
}

/* Add the counts to the sums and empty the table. */
static void
collect(struct provider_hash *h)
{
	for (size_t i = 0; i < h->used; i++) {
		struct slot *slot = &h->slots[h->order[i]];

		add_to_sum(h, slot->key,
		    (int64_t)weights[slot->kind] * h->logarithm[slot->count]);
		slot->key = 0;
	}
	h->used = 0;
}

void
provider_hash_text(
    struct provider_hash *h, const char *text, size_t n, float *out)
{
	double square = 0, scale;

	memset(h->sums, 0, h->dimensions * sizeof(*h->sums));
	read_words(h, text, n);
	if (h->used == 0)
		read_anything(h, text, n);
	collect(h);
	for (size_t i = 0; i < h->dimensions; i++)
		square += (double)h->sums[i] * (double)h->sums[i];
	if (square == 0) {
		/* An empty text, or features that cancel each other. */
		memset(out, 0, h->dimensions * sizeof(*out));
		out[0] = 1;
		return;
	}
	scale = 1e5 / sqrt(square);
	for (size_t i = 0; i < h->dimensions; i++)
		out[i] = (float)(nearbyint((double)h->sums[i] * scale) / 1e5);
}

struct provider_hash *
provider_hash_new(size_t dimensions)
{
	struct provider_hash *h = x_calloc(1, sizeof(*h));

	h->dimensions = dimensions;
	h->sums = x_calloc(dimensions, sizeof(*h->sums));
	allocate(h, SLOTS_MIN);
	for (int n = 1; n <= COUNT_MAX; n++)
		h->logarithm[n] = (uint16_t)lround(256 * (1 + log(n)));
	h->word[0] = EDGE;
	for (size_t i = 0; i < sizeof(function_words) / sizeof(*function_words);
	     i++) {
		const char *s = function_words[i];
		size_t left = strlen(s), k;
		uint64_t x = seed(WORD);
		uint32_t c;

		for (; left > 0; s += k, left -= k) {
			k = utf8_step(s, left, &c);
			x = step(x, c);
		}
		for (k = finish(x) & 255; h->function_words[k] != 0;)
			k = (k + 1) & 255;
		h->function_words[k] = finish(x);
	}
	return h;
}

void
provider_hash_free(struct provider_hash *h)
{
	if (h == NULL)
		return;
	free(h->sums);
	free(h->slots);
	free(h->order);
	free(h);
}

void
provider_hash_name(size_t dimensions, char name[static PROVIDER_HASH_NAME])
{
	snprintf(name, PROVIDER_HASH_NAME, "hash-%zu-v1", dimensions);
}

size_t
provider_hash_width(const char *name)
{
	char digits[8] = "", again[PROVIDER_HASH_NAME];
	int64_t n;

	if (sscanf(name, "hash-%7[0-9]", digits) != 1 ||
	    num_int(digits, PROVIDER_HASH_MIN, VECTOR_MAX, &n) == -1)
		return 0;
	provider_hash_name((size_t)n, again);
	return strcmp(again, name) == 0 ? (size_t)n : 0;
}
