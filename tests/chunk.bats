load helpers

# document TEXT [--arg KEY VALUE]...: a document record
document() {
	local text=$1
	shift
	jq -cn --arg content "$text" "$@" \
		'{type: "document", url: "u"} + $ARGS.named'
}

# Whether every chunk of $1 (records) is where it says in the text $2.
check_offsets() {
	printf '%s' "$1" | jq -es --arg content "$2" '
		map(select(.type == "chunk")) |
		(length > 0) and all(.[];
			.text == $content[.char_start:.char_end])' >/dev/null
}

@test "an unknown option is refused with a hint" {
	run -2 pl-chunk --frobnicate
	[[ $output == *frobnicate*--help* ]]
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
	run -0 --separate-stderr pl-chunk --help
	[[ $output == Usage:* && -z $stderr ]]
	[ -z "$(printf '%s\n' "$output" | awk 'length > 80')" ]
	run -0 pl-chunk --version
	[[ $output == "pl-chunk (pl) "* ]]
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
	run -1 bash -c "$(declare -f document); document one |
		pl-chunk >/dev/full"
	[[ $output == *"standard output"* ]]
}

@test "a reader that closes early is no error message" {
	record=$(document "$(seq 40)")
	export record
	run bash -c 'yes "$record" | head -n 20000 | pl-chunk | head -n 1'
	[ "$(wc -l <<<"$output")" -eq 1 ]
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
	text=$(for i in $(seq 30); do printf '## Überschrift %d\n\n%s\n\n' "$i" \
		"Größe, 大きさ。サイズ、ขนาด и размер! $(seq -s ' ' 40)"; done)
	for max in 50c 200c 1600c; do
		document "$text" --arg title Handbuch | pl-chunk --max $max |
			jq -es --argjson max "${max%c}" 'all(.[];
			((.context // "") + "\n" + (.text // "") | length)
				<= $max + 1)'
	done
	for max in 50b 200b 1600b; do
		document "$text" --arg title Handbuch | pl-chunk --max $max |
			jq -es --argjson max "${max%b}" 'all(.[];
			((.context // "") + "\n" + (.text // "") | utf8bytelength)
				<= $max + 1)'
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

@test "a file that is no vocabulary is refused by name" {
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
	for i in $(seq 300); do
		document "# $i"$'\n\n'"$(seq "$i")" --arg url "u$i"
		[ $((i % 100)) -ne 0 ] || echo '{bad'
	done >"$BATS_TEST_TMPDIR/in"
	run -3 --separate-stderr pl-chunk <"$BATS_TEST_TMPDIR/in"
	one=$output
	for j in 2 5; do
		run -3 --separate-stderr pl-chunk -j $j <"$BATS_TEST_TMPDIR/in"
		[ "$output" = "$one" ]
	done
}

@test "threads that finish early wait for their turn, and none is left behind" {
	# Documents of 1 KB to 1 MB, so that some batches take far longer.
	for i in $(seq 60); do
		seq $((i % 20 ? i * 50 : 150000)) | jq -Rsc --arg url "u$i" \
			'{type: "document", url: $url, content: .}'
	done >"$BATS_TEST_TMPDIR/in"
	pl-chunk <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/one"
	for _ in $(seq 5); do
		for j in 2 3 8; do
			pl-chunk -j $j <"$BATS_TEST_TMPDIR/in" |
				cmp - "$BATS_TEST_TMPDIR/one"
		done
	done
}

@test "with threads, too, no record waits for the next one" {
	mkfifo "$BATS_TEST_TMPDIR/in"
	pl-chunk -j 3 <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" &
	exec 9>"$BATS_TEST_TMPDIR/in"
	ended() {
		[ "$(jq -r 'select(.type == "end").url' \
			"$BATS_TEST_TMPDIR/out" | tail -n 1)" = "$1" ]
	}
	for i in 1 2 3; do
		document "text $i" --arg url "u$i" >&9
		wait_until 10 ended "u$i"
	done
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
		for k in $(seq 400); do
			echo "| $((k * 7919 % 1000)) | row $k of the table |"
		done
	}
	paragraphs() {
		for k in $(seq 200); do
			printf 'In %d, row %d of the text%s.\n\n' \
				$((k * 7919 % 1000)) "$k" \
				"$(printf ' and %s' $(seq $((k % 13 + 1))))"
		done
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
		# Nine edits; now and then a neighbour changes with a chunk.
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

@test "--explain says why each chunk ends" {
	run -0 --separate-stderr pl-chunk --max 20c --target 20 --explain < <(
		document $'aaaaaaaaaaaaaa\n\nbbbbbbbbbbbbbb')
	[[ $stderr == *"chunk 0"*"the next block"*"chunk 1"*"end of the text"* ]]
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
	pl-ingest examples/handbook | pl-chunk | jq -r .text | grep -q .
	pl-ingest examples/handbook | pl-chunk --explain 2>&1 >/dev/null |
		grep -q 'ends before'
}
