# tables: what is made from the data of Unicode is what its generator makes
#
# The tables are of Unicode 17.0. On Debian 12 they are compared with Unicode
# 14.0, on Debian 13 with 15.1 (that of Python's unicodedata), in every character
# that these have; byte by byte where Python has 17.0 itself.

load helpers

setup() {
	cp "$PL_TEST_ROOT"/lib/text/char_* "$BATS_TEST_TMPDIR"
}

ranges() {
	/usr/bin/python3 "$BATS_TEST_TMPDIR/char_ranges.py" "$@"
}

@test "the tables are of Unicode 17.0, and as the data at hand has them" {
	for table in category class; do
		run -0 ranges --check $table
		echo "$output"
		[[ $output == "$table: Unicode 17.0"* ]]
	done
}

@test "a character of another class is found" {
	# Of LATIN SMALL LETTER SHARP S on, and a mark less.
	sed -i "s/{0xDF, 'L'}/{0xDF, 'U'}/" \
		"$BATS_TEST_TMPDIR/char_category_ranges.h"
	run -1 ranges --check category
	echo "$output"
	[[ $output == *": 00DF "* || $output == *"another table" ]]
	sed -i 's/{0x0300, 0x036F, /{0x0300, 0x036E, /' \
		"$BATS_TEST_TMPDIR/char_class_ranges.h"
	run -1 ranges --check class
	echo "$output"
	[[ $output == *": 036F" || $output == *"another table" ]]
}

@test "a table of the version at hand must be the same in every byte" {
	for table in category class; do
		ranges $table >"$BATS_TEST_TMPDIR/made"
		mv "$BATS_TEST_TMPDIR/made" \
			"$BATS_TEST_TMPDIR/char_${table}_ranges.h"
		run -0 ranges --check $table
		echo "$output"
		[[ $output == *": the same table" ]]
		echo >>"$BATS_TEST_TMPDIR/char_${table}_ranges.h"
		run -1 ranges --check $table
	done
}

@test "UnicodeData.txt gives the same as Python's own data" {
	/usr/bin/python3 -c '
import unicodedata
for c in range(0x110000):
    # As the file has them: large blocks by their first and last alone.
    if 0x3400 < c < 0x4DBF or 0xE000 < c < 0xF8FF:
        continue
    name = {0x3400: "<A, First>", 0x4DBF: "<A, Last>", 0xE000: "<B, First>",
            0xF8FF: "<B, Last>"}.get(c, "X")
    if unicodedata.category(chr(c)) != "Cn":
        print("%04X;%s;%s;0" % (c, name, unicodedata.category(chr(c))))
' >"$BATS_TEST_TMPDIR/data"
	for table in category class; do
		ranges $table | tail -n +2 >"$BATS_TEST_TMPDIR/own"
		ranges $table "1.0:$BATS_TEST_TMPDIR/data" | tail -n +2 |
			cmp "$BATS_TEST_TMPDIR/own" -
	done
}
