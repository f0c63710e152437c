load helpers
load cases

# document TEXT [--arg KEY VALUE]...: a document record
document() {
	local text=$1
	shift
	jq -cn --arg content "$text" "$@" \
		'{type: "document", url: "u"} + $ARGS.named'
}

# Whether every chunk of $1 (records) has the place in the text $2 that it
# names.
check_offsets() {
	printf '%s' "$1" | jq -es --arg content "$2" '
		map(select(.type == "chunk")) |
		(length > 0) and all(.[];
			.text == $content[.char_start:.char_end])' >/dev/null
}

@test "an unknown option is refused with a hint" {
	unknown_option pl-chunk
}

@test "an operand is refused, and the message says what to do" {
	run -2 pl-chunk file.md
	[[ $output == *"pl-ingest FILE | pl-chunk"* ]]
}

@test "sizes are checked" {
	for size in 3c x 0 -1 12x 10tt; do
		run -2 pl-chunk --max "$size"
		[[ $output == *"--max '$size'"* ]]
	done
	run -2 pl-chunk --max 100c --target 101c
	[[ $output == *"more than"* ]]
	run -2 pl-chunk --max 100c --target 50b
	[[ $output == *"different units"* ]]
}

@test "help and version go to standard output" {
	help_and_version pl-chunk
}

@test "empty input gives nothing" {
	run -0 pl-chunk </dev/null
	[ -z "$output" ]
}

@test "a bad line in the middle costs itself only" {
	run -3 --separate-stderr pl-chunk < <(
		document one; echo '{bad'; document two)
	[ "$(jq -r .type <<<"$output" | tr '\n' ' ')" = \
		"chunk end error chunk end " ]
	jq -es '.[2] | .stage == "chunk" and .class == "input" and
		.code == "bad_json" and .line == 2' <<<"$output"
	[[ $stderr == "pl-chunk: line 2: "* ]]
}

@test "the last line needs no newline" {
	run -0 pl-chunk < <(document one | tr -d '\n')
	[ "$(jq -r .type <<<"$output" | tail -n 1)" = end ]
}

@test "a full disk is a failure" {
	full_disk pl-chunk < <(document one)
}

@test "a reader that closes early causes no error message" {
	closed_pipe pl-chunk < <(yes "$(document "$(seq 40)")" | head -n 20000)
}

@test "records of other types pass unchanged and in order" {
	job='{"type":"job","id":"x",  "n":1.50}'
	run -0 pl-chunk < <(document one; echo "$job"; document two)
	[ "$(sed -n 3p <<<"$output")" = "$job" ]
	[ "$(wc -l <<<"$output")" -eq 5 ]
}

@test "a chunk has the keys of pl-record(5)" {
	run -0 pl-chunk < <(document $'# A\n\nb' --arg title T --arg lease L)
	jq -es '.[0] | .type == "chunk" and .index == 0 and
		.text == "# A\n\nb" and .start == 0 and .end == 6 and
		.char_start == 0 and .char_end == 6 and .tokens > 0 and
		.headings == ["A"] and .context == "T" and .url == "u" and
		.title == "T" and .lease == "L" and (.id | length) == 36 and
		(.document_id | length) == 36' <<<"$output"
	jq -es '.[1] | .type == "end" and .chunks == 1 and .url == "u" and
		.title == "T" and .lease == "L" and
		(.content_hash | length) == 64' <<<"$output"
	jq -es '.[0].document_id == .[1].document_id' <<<"$output"
}

@test "hash is the SHA-256 of what is embedded" {
	run -0 pl-chunk < <(document $'# A\n\nb' --arg title T)
	want=$(printf 'T\n# A\n\nb' | sha256sum | cut -d' ' -f1)
	[ "$(jq -r 'select(.type == "chunk").hash' <<<"$output")" = "$want" ]
	run -0 pl-chunk < <(document 'b')
	want=$(printf b | sha256sum | cut -d' ' -f1)
	[ "$(jq -r 'select(.type == "chunk").hash' <<<"$output")" = "$want" ]
}

@test "equal texts in a document have different ids, the same in every run" {
	text=$'same words here\n\nsame words here\n\nsame words here'
	one=$(document "$text" | pl-chunk --max 16c | jq -r .id | head -n 3)
	[ "$(sort -u <<<"$one" | wc -l)" -eq 3 ]
	two=$(document "first"$'\n\n'"$text" | pl-chunk --max 16c |
		jq -r 'select(.text | strings | test("same")).id')
	[ "$one" = "$two" ]
}

@test "a document of white space has an end and no chunks" {
	run -0 pl-chunk < <(document $' \n\t\n')
	[ "$(jq -c '[.type, .chunks]' <<<"$output")" = '["end",0]' ]
}

@test "a document without content is refused by name" {
	id=00000000-0000-4000-8000-000000000000
	run -3 --separate-stderr pl-chunk <<<"{\"type\":\"document\",\"id\":\"$id\",\"lease\":\"L\"}"
	jq -e --arg id $id '.type == "error" and .code == "no_content" and
		.document_id == $id and .lease == "L"' <<<"$output"
	[[ $stderr == *"no content"* ]]
}

@test "documents of other programs are read" {
	run -0 pl-chunk <<<'{"page_content":"hello","metadata":{"source":"http://x/y"}}'
	[ "$(jq -r 'select(.type == "chunk") | .text + .url' <<<"$output")" = \
		"hellohttp://x/y" ]
}

@test "headings, lists, code and tables are kept together" {
	text=$'# A\n\nintro\n\n## B\n\n- one\n- two\n\n```sh\n# no heading\nmake\n```\n\n| x | y |\n|---|---|\n| 1 | 2 |\n'
	for max in 40 60 100; do
		run -0 pl-chunk --max ${max}c < <(document "$text")
		check_offsets "$output" "$text"
		jq -es 'map(select(.type == "chunk").text) |
			any(test("```sh\n# no heading\nmake\n```")) and
			any(test("\\| x \\| y \\|\n.*\n\\| 1 \\| 2 \\|")) and
			all(test("^#+ [^\n]*$|\n#+ [AB]$") | not)' <<<"$output"
	done
}

@test "the limit holds in bytes and in code points, context included" {
	text="Größe, 大きさ。サイズ、ขนาด и размер! $(seq -s ' ' 40)"
	text=$(printf "## Überschrift %d\n\n$text\n\n" {1..30})
	for max in 50c 200c 1600c; do
		document "$text" --arg title Handbuch | pl-chunk --max $max |
			jq -es --argjson max "${max%c}" 'all(.[];
			([.context, .text | values] | join("\n") |
				length) <= $max) and length > 3'
	done
	for max in 50b 200b 1600b; do
		document "$text" --arg title Handbuch | pl-chunk --max $max |
			jq -es --argjson max "${max%b}" 'all(.[];
			([.context, .text | values] | join("\n") |
				utf8bytelength) <= $max) and length > 3'
	done
}

@test "a heading in an item or a quote does not end a chunk" {
	long='Some words of a paragraph that leaves room, but not enough to cut.'
	below='The paragraph below it, which is longer, of about eighty characters, whole.'
	for text in "- $long"$'\n\n  ## Heading\n\n  '"$below" \
	    "> $long"$'\n>\n> ## Heading\n>\n> '"$below"; do
		run -0 pl-chunk --max 100c < <(document "$text")
		jq -es 'map(.text | values) | length == 2 and
			(.[0] | test("cut\\.[\n>]*$")) and
			(.[1] | contains("## Heading") and endswith("whole."))' \
			<<<"$output"
	done
}

@test "a quoted table that fits is whole, after any text" {
	table=$'> | a | b |\n> |---|---|\n> | 0 | row |\n> | 1 | row |'
	max=${#table}
	for words in 1 2 3 4 5 6; do
		text="> $(printf 'w%.0s' $(seq $((max - words))))"
		document "$text"$'\n>\n'"$table" | pl-chunk --max "${max}c" |
			jq -es --arg table "$table" 'any(.[]; .text == $table)'
	done
}

@test "bad text is replaced, or the record rejected" {
	run -0 --separate-stderr pl-chunk <<<'{"content":"a\u0000b\ud800"}'
	[ "$(jq -r 'select(.type == "chunk").text' <<<"$output")" = $'a\uFFFDb\uFFFD' ]
	[[ $stderr == *"2 bad characters"* ]]
	run -3 --separate-stderr pl-chunk --invalid reject <<<'{"content":"a\u0000b"}'
	[ "$(jq -r .code <<<"$output")" = invalid_text ]
}

@test "plain text has no headings" {
	run -0 pl-chunk < <(document $'# a\n\nb' --arg content_type text/plain)
	[ "$(jq -c 'select(.type == "chunk").headings' <<<"$output")" = '[]' ]
	run -0 pl-chunk --text < <(document $'# a\n\nb')
	[ "$(jq -c 'select(.type == "chunk").headings' <<<"$output")" = '[]' ]
}

@test "tokens need a vocabulary or an estimate, and the message says so" {
	run -2 pl-chunk --max 400t
	[[ $output == *--tokenizer*--estimate*400b* ]]
	run -2 pl-chunk --tokenizer x --estimate
	[[ $output == *"exclude each other"* ]]
	run -0 pl-chunk --max 20t --estimate < <(document "$(seq 200)")
	jq -es 'map(select(.type == "chunk").tokens) | length > 1 and
		all(. <= 20)' <<<"$output"
}

@test "a file that is not a vocabulary is refused by name" {
	echo "not a vocabulary" >"$BATS_TEST_TMPDIR/v"
	run -1 pl-chunk --max 400t --tokenizer "$BATS_TEST_TMPDIR/v"
	[[ $output == *"$BATS_TEST_TMPDIR/v"*".tiktoken"* ]]
	run -1 pl-chunk --max 400t --tokenizer /nowhere
	[[ $output == *"/nowhere: No such file"* ]]
}

@test "--count writes how large each document is" {
	run -0 pl-chunk --count < <(document 'größer')
	jq -e '.type == "count" and .bytes == 8 and .chars == 6 and
		.tokens_estimated > 0 and .url == "u"' <<<"$output"
}

@test "the output is the same with any number of threads" {
	jq -nc 'range(1; 301) | {type: "document", url: "u\(.)", content:
		"# \(.)\n\n\([range(.) + 1 | tostring] | join("\n"))"}' |
		sed '0~100a {bad' >"$BATS_TEST_TMPDIR/some"
	for _ in $(seq 6); do
		cat "$BATS_TEST_TMPDIR/some"
	done >"$BATS_TEST_TMPDIR/in"
	run -3 --separate-stderr pl-chunk <"$BATS_TEST_TMPDIR/in"
	one=$output
	for j in 2 5; do
		run -3 --separate-stderr pl-chunk -j $j <"$BATS_TEST_TMPDIR/in"
		[ "$output" = "$one" ]
	done
}

# documents COUNT: every third document is long, so that some batches take far
# longer.
documents() {
	awk -v count="$1" 'BEGIN {
		for (i = 1; i <= count; i++) {
			printf "{\"type\":\"document\",\"url\":\"u%d\"," \
			    "\"content\":\"", i
			last = i % 3 ? i * 50 : 25000
			for (k = 1; k <= last; k++)
				printf "%d\\n", k
			print "\"}"
		}
	}'
}

@test "threads that finish early wait for their turn, and none is left behind" {
	documents 90 >"$BATS_TEST_TMPDIR/in"
	pl-chunk <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/one"
	for _ in $(seq 4); do
		for j in 2 3 8; do
			pl-chunk -j $j <"$BATS_TEST_TMPDIR/in" |
				cmp - "$BATS_TEST_TMPDIR/one"
		done
		# Nearly one after the other, in any order.
		taskset -c 0 pl-chunk -j 64 <"$BATS_TEST_TMPDIR/in" |
			cmp - "$BATS_TEST_TMPDIR/one"
	done
}

@test "threads keep few lines that are not due, also if a line fails" {
	yes 1 | head -n 200000 >"$BATS_TEST_TMPDIR/bad"
	cc -O2 -o "$BATS_TEST_TMPDIR/rss" "$PL_TEST_ROOT/tests/bench/chunk/rss.c"
	run -3 "$BATS_TEST_TMPDIR/rss" -a sh -c 'pl-chunk -j 4 2>/dev/null >/dev/null' \
		<"$BATS_TEST_TMPDIR/bad"
	read -r _ kib _ <<<"${lines[-1]}"
	echo "$kib KiB"
	is_sanitised || [ "$kib" -le 16384 ]
}

@test "with threads, too, no record waits for the next one" {
	fed pl-chunk -j 3
	ended() {
		[ "$(jq -r 'select(.type == "end").url' \
			"$BATS_TEST_TMPDIR/out" | tail -n 1)" = "$1" ]
	}
	for i in 1 2 3; do
		document "text $i" --arg url "u$i" >&9
		wait_until 10 ended "u$i"
	done
	# Nor does the last record of a batch wait behind a longer batch.
	documents 3 >&9
	document "text 4" --arg url u4 >&9
	wait_until 20 ended u4
	exec 9>&-
	wait $!
}

@test "--overlap repeats whole sentences, within the limit" {
	text="One is here. Two is here now. Three is here too. Four is last. \
Five more words. Six is it."
	run -0 pl-chunk --max 60c --target 36 --overlap 20 < <(document "$text")
	check_offsets "$output" "$text"
	jq -es 'map(select(.type == "chunk")) | .[1].overlap == 19 and
		(.[1].text | startswith("Three is here too. Four")) and
		all(.[]; .text | length <= 60)' <<<"$output"
	run -2 pl-chunk --max 60c --overlap 31
	[[ $output == *"half of --max"* ]]
}

@test "--overlap begins in no table, code or word" {
	words() {
		for _ in $(seq "$2"); do
			printf '%s words are in this sentence here. ' "$1"
		done
	}
	table=$'| a | b |\n|---|---|\n| 1. Yes. | 2 |'
	code=$'- item\n\n  ~~~\n  x y z\n  - q\n  ~~~'
	for block in "$table" "$code" $'<div>\nOne. Two.\n</div>'; do
		run -0 pl-chunk --max 800c --overlap 400c < <(document \
			"$(words Some 21)"$'\n\nSee.\n\n'"$block"$'\n\n'"$(words New 21)")
		jq -es --arg block "$block" 'all(.[] | select(.overlap);
			(.text | startswith("New")) or (.text | startswith("Some")) or
			(.text | startswith("See")) or
			(.text | startswith($block | split("\n")[0])))' <<<"$output"
	done
	run -0 pl-chunk --max 200c --overlap 60 < <(document \
		"$(printf 'abcdefghij%.0s' $(seq 100))")
	[[ $output != *'"overlap"'* ]]
}

@test "ids are those of the formula in pl-record(5)" {
	# The Python of the page, for every chunk.
	{
		echo 'import hashlib, json, sys'
		echo 'seen = {}'
		echo 'for line in sys.stdin:'
		echo '    c = json.loads(line)'
		echo '    if c["type"] != "chunk":'
		echo '        continue'
		echo '    document_id = c["document_id"]'
		echo '    whole = (c["context"] + "\n" if c.get("context") else "") + c["text"]'
		echo '    n = seen[whole] = seen.get(whole, -1) + 1'
		echo '    hash = hashlib.sha256(whole.encode()).hexdigest()'
		mandoc -Tutf8 -Owidth=120 "$PL_TEST_ROOT/man/pl-record.5" |
			sed 's/.\x08//g' | grep -A 2 'import hashlib' |
			sed 's/^ */    /'
		echo '    assert c["id"] == str(id), (c, id)'
		echo 'print(len(seen), max(seen.values()))'
	} >"$BATS_TEST_TMPDIR/ids.py"
	document "$(for n in $(seq 1 60); do
		printf '# Same\n\nText "\\%s", ü and 漢字.\n\n' $((n % 7))
	done)" | pl-chunk --max 60c --target 60c >"$BATS_TEST_TMPDIR/chunks"
	run -0 /usr/bin/python3 "$BATS_TEST_TMPDIR/ids.py" \
		<"$BATS_TEST_TMPDIR/chunks"
	echo "$output"
	[ "${output% *}" -ge 7 ]
	[ "${output#* }" -ge 4 ]
}

@test "an edit keeps the chunks of other sections, with id and hash" {
	sections() {
		for i in 1 2 3 4; do
			printf '## Part %d\n\n%s\n\n' "$i" "$1"
			for k in $(seq 60); do
				printf 'Sentence %d of %d is here.\n' "$k" "$i"
			done
			printf '\n'
		done
	}
	before=$(document "# T

$(sections '')" | pl-chunk | jq -c '[.id, .hash]')
	after=$(document "# T

New words.

$(sections '')" | pl-chunk | jq -c '[.id, .hash]')
	same=$(comm -12 <(sort <<<"$before") <(sort <<<"$after") | wc -l)
	[ "$same" -ge $(($(wc -l <<<"$before") - 2)) ]
}

@test "edits in a long text without headings change one chunk each, as a rule" {
	rows() {
		printf '| n | what |\n|---|---|\n'
		awk 'BEGIN {
			for (k = 1; k <= 400; k++)
				printf "| %d | row %d of the table |\n",
				    k * 7919 % 1000, k
		}'
	}
	paragraphs() {
		awk 'BEGIN {
			for (k = 1; k <= 200; k++) {
				printf "In %d, row %d of the text",
				    k * 7919 % 1000, k
				for (i = 1; i <= k % 13 + 1; i++)
					printf " and %d", i
				printf ".\n\n"
			}
		}'
	}
	for text in rows paragraphs; do
		all=$($text)
		before=$(document "$all" | pl-chunk | jq -c '.hash // empty')
		[ "$(wc -l <<<"$before")" -ge 8 ]
		changed=0
		for k in $(seq 8 20 168); do
			after=$(document "${all/row $k of/row $k, edited, of}" |
				pl-chunk | jq -c '.hash // empty')
			now=$(comm -23 <(sort <<<"$before") <(sort <<<"$after") |
				wc -l)
			[ "$now" -ge 1 ]
			changed=$((changed + now))
		done
		# Nine edits; sometimes a neighbour changes with a chunk.
		[ "$changed" -le 14 ]
	done
}

@test "a byte order mark in front of the text hides no heading" {
	text=$'\uFEFF# A\n\nb'
	run -0 pl-chunk < <(document "$text")
	check_offsets "$output" "$text"
	[ "$(jq -c 'select(.type == "chunk") | [.start, .headings]' <<<"$output")" = \
		'[3,["A"]]' ]
}

@test "the picture in the page is the output for its document" {
	sed -n '/^# Handbook /,/^|Dan/p' "$PL_TEST_ROOT/man/pl-chunk.1" |
		cut -c 1-25 | sed 's/ *$//' >"$BATS_TEST_TMPDIR/text"
	run -0 pl-chunk --max 100c < <(jq -Rsc '{content: .}' \
		"$BATS_TEST_TMPDIR/text")
	jq -es 'map(select(.type == "chunk")) | length == 5 and
		(map(.text | split("\n")[0]) == ["# Handbook", "## Tools",
			"```sh", "|who|room|", "|Cleo|103, by the door|"]) and
		.[2].context == "Handbook > Tools" and
		.[4].context == "|who|room|\n|---|----|"' <<<"$output"
}

@test "--metadata gives chunks the document's metadata unchanged" {
	run -0 pl-chunk --metadata < <(
		document a | sed 's/}$/,"metadata":{"n":1.50,"m":[]}}/'
		document b --arg other x | jq -c '.metadata = {k: 1}'
		document c)
	[[ ${lines[0]} == *'"metadata":{"n":1.50,"m":[]}}' ]]
	jq -e '.metadata == {k: 1, other: "x"}' <<<"${lines[2]}"
	jq -e 'has("metadata") | not' <<<"${lines[4]}"
	run -0 pl-chunk --metadata < <(document a | sed 's/}$/,"metadata":{}}/')
	[[ $output != *metadata* ]]
	run -0 pl-chunk < <(document a | jq -c '.metadata = {k: 1}')
	[[ $output != *metadata* ]]
}

@test "--content-key names where other records have their text" {
	run -0 pl-chunk -k body < <(echo '{"text": "no", "body": "yes"}')
	jq -es '.[0].text == "yes"' <<<"$output"
	run -3 pl-chunk --content-key body < <(echo '{"text": "no"}')
	[[ $output == *"lacks the key of --content-key"* ]]
}

# recipe [OPTION...]: the part of pl-chunk in the recipe of an end record
recipe() {
	document one | pl-chunk "$@" | jq -r 'select(.type == "end").recipe.chunk'
}

@test "an end record has the recipe of its chunks" {
	run -0 pl-chunk < <(document one; document $' \n')
	jq -es 'map(select(.type == "end").recipe) == ([
		{chunk: "pl/1 max=1600c target=1000c overlap=0 context=on"}
		] | . + .)' <<<"$output"
	jq -es 'map(select(.type == "chunk" and has("recipe"))) == []' \
		<<<"$output"
	# A foreign recipe in a document says nothing about these chunks.
	run -0 pl-chunk --metadata < <(document one |
		jq -c '.recipe = {chunk: "x", embed: "y"} | .query = {}')
	jq -es '.[1] | .recipe == {chunk:
		"pl/1 max=1600c target=1000c overlap=0 context=on"} and
		(has("query") | not)' <<<"$output"
}

@test "equal settings give equal recipes, however they are spelt" {
	while IFS='|' read -r want one two; do
		# shellcheck disable=SC2086
		[ "$(recipe $one)" = "pl/1 $want" ]
		# shellcheck disable=SC2086
		[ "$(recipe $two)" = "pl/1 $want" ]
	done <<-'END'
	max=1600c target=1000c overlap=0 context=on||--max=1600 -t 1000c --overlap 0c
	max=1600c target=1000c overlap=0 context=on|--estimate|-j 2 --metadata -k body --invalid reject --max-record 1M
	max=800c target=500c overlap=0 context=on|-m 800|--max 800c --target 500
	max=800b target=600b overlap=90b context=on|-m 800b -t 600 --overlap 90|--overlap 90b --max 800b --target 600b
	max=90t target=57t overlap=0 context=on tokenizer=estimate|--max 90t --estimate|--estimate -t 57t -m 90t
	max=1600c target=1000c overlap=0 context=on text=plain|--text|--text --explain
	END
}

@test "a vocabulary stands in the recipe by its hash, if it decides texts" {
	cd "$BATS_TEST_TMPDIR"
	/usr/bin/python3 -c 'import base64
tokens = [bytes([i]) for i in range(256)]
tokens += [a + b for a in tokens for b in tokens]
for rank, token in enumerate(tokens):
	print(base64.b64encode(token).decode(), rank)' >one
	{ cat one; echo 'YWJj 65792'; } >two
	for v in one two; do
		[ "$(recipe --max 90t --tokenizer $v)" = "pl/1 max=90t \
target=57t overlap=0 context=on tokenizer=sha256:$(
			sha256sum $v | cut -d' ' -f1)" ]
	done
	cp one renamed
	[ "$(recipe --max 90t --tokenizer one)" = \
		"$(recipe --max 90t --tokenizer "$PWD/renamed")" ]
	# Otherwise tokens are only counted.
	[ "$(recipe --max 900b --tokenizer one)" = "$(recipe --max 900b)" ]
}

# If this test fails, the chunker has changed. If it was meant to, give the new
# one a new version (lib/chunk/chunk_recipe.h) and its hash here: a collection
# then knows which documents have chunks of the older version.
@test "the chunks of version pl/1 stay what they are" {
	cd "$BATS_TEST_TMPDIR"
	jq -nc 'def words: [range(40) | "word \(. * 7 % 13)"] | join(" ");
		{url: "u", title: "Title", content: ([range(4) |
		"# Part \(.)", words + ". " + words + "!",
		"## Table", "| a | b |", "|---|---|",
		(range(30) | "| \(.) | \(words[:. * 5]) |"), "",
		"## List", (range(20) | "- item \(.): \(words[:. * 9])"), "",
		"```c", (range(40) | "int x\(.); /* \(words[:.]) */"), "```",
		"毎晩、バックアップが作成されます。" * 30,
		"นี่คือข้อความ " * 30, "> " + words, "<p>" + words + "</p>"] |
		join("\n"))}' >in
	for o in '' '--max 300c' '--max 500b --overlap 90b' \
	    '--max 120t --estimate' '--text --max 400c'; do
		# shellcheck disable=SC2086
		pl-chunk $o <in | jq -c '[.text, .context, .chunks]'
	done >chunks
	[ "$(wc -l <chunks)" -gt 100 ]
	[ "$(recipe | cut -d' ' -f1) $(sha256sum <chunks)" = \
		"pl/1 80ffbd156cf037c1daef39f0503b10e8e29f28368a0856724d1cf70b03fd87d8  -" ]
}

@test "long headings are shortened in contexts and paths" {
	jq -nc '{title: "a\nb\t c ", content: ("# " + "word " * 5000 +
		"\n\nText is here." * 100)}' >"$BATS_TEST_TMPDIR/in"
	run -0 pl-chunk --max 200c <"$BATS_TEST_TMPDIR/in"
	[ "${#output}" -lt 200000 ]
	jq -es 'all(.[] | select(.headings); (.headings[0] | length) <= 500) and
		any(.[]; .context == "a b c")' <<<"$output"
}

@test "white space of Unicode begins and ends no chunk by itself" {
	text=$'これは文です。\u3000\u3000次の文です。\u00a0\n\n\u2003'
	run -0 pl-chunk --max 10c < <(document "$text")
	jq -es 'map(.text // empty) == ["これは文です。", "次の文です。"]' <<<"$output"
}

@test "--explain says why each chunk ends" {
	run -0 --separate-stderr pl-chunk --max 20c --target 20 --explain < <(
		document $'aaaaaaaaaaaaaa\n\nbbbbbbbbbbbbbb')
	[[ ${stderr_lines[0]} == *"u: chunk 0: bytes 0 to 14, 14c + 0c of context, \
limit 20c, target 20c: ends before the next block; with the next piece 30c" ]]
	[[ ${stderr_lines[1]} == *"chunk 1"*"ends at the end of the text" ]]
}

@test "--estimate estimates tokens with care for a limit in any unit" {
	text='{"a": [1, 2, 3], "b": {"c": null}, "d": "0123456789"}'
	careful=$(document "$text" | pl-chunk --estimate --count |
		jq .tokens_estimated)
	for max in 400t 400c 400b; do
		run -0 pl-chunk --estimate --max "$max" < <(document "$text")
		[ "$(jq 'select(.text).tokens' <<<"$output")" -eq "$careful" ]
	done
	run -0 pl-chunk < <(document "$text")
	[ "$(jq 'select(.text).tokens' <<<"$output")" -ne "$careful" ]
}

@test "a text file on standard input gives a hint, once" {
	run -3 --separate-stderr pl-chunk <<<$'# Title\n\ntext'
	[ "$(grep -c 'pl-ingest FILE | pl-chunk' <<<"$stderr")" -eq 1 ]
}

@test "a record is written before the next one arrives" {
	coproc tool { pl-chunk; }
	local pid=$tool_PID
	document one >&"${tool[1]}"
	read -r -t 10 line <&"${tool[0]}"
	[[ $line == *'"chunk"'* ]]
	read -r -t 10 line <&"${tool[0]}"
	[[ $line == *'"end"'* ]]
	exec {tool[1]}>&-
	wait "$pid"
}

@test "the examples of the manual page run" {
	printf '{"text":"One. Two. Three."}\n' | pl-chunk --max 10c | jq -e .type
	cd "$PL_TEST_ROOT"
	run -0 bash -c "pl-ingest examples/handbook | pl-chunk |
		jq -r '.text // empty'"
	[[ $output == *"All paths begin with"* ]]
	run ! grep -qx null <<<"$output"
	pl-ingest examples/handbook | pl-chunk --explain 2>&1 >/dev/null |
		grep -q 'ends before'
}
