load helpers

# The quality of pl-chunk's chunks, on a bounded corpus and with libcmark-gfm as
# the oracle; tests/bench/chunk measures it on a large corpus.

setup_file() {
	bench=$PL_TEST_ROOT/tests/bench/chunk
	cd "$BATS_FILE_TMPDIR"
	cc -O2 -o defects "$bench/defects.c" -lyyjson -lcmark-gfm \
		-lcmark-gfm-extensions
	cc -O2 -I"$PL_TEST_ROOT/lib" -o spec "$bench/spec.c" \
		"$PL_TEST_ROOT"/lib/text/{markdown*,line_ends}.c \
		"$PL_TEST_ROOT"/lib/base/{buf,alloc}.c -lcmark-gfm \
		-lcmark-gfm-extensions
	cc -O2 -o rss "$bench/rss.c"
	# Only files of the source: the same on every machine.
	/usr/bin/python3 "$bench/corpus.py" --nested 200 --headed 200 >generated
	/usr/bin/python3 "$bench/corpus.py" --nested 200 \
		"$PL_TEST_ROOT/examples" "$PL_TEST_ROOT/tests" \
		"$PL_TEST_ROOT"/*.md >corpus
	export bench
}

setup() {
	cd "$BATS_FILE_TMPDIR"
}

# figure NAME: the number of that name that defects printed in output.
figure() {
	sed -n "s/^ *$1  *\([0-9.]*\).*/\1/p" <<<"$output"
}

# defects MAX OPTION...: run the oracle on the corpus, or on $documents.
defects() {
	local from=${documents:-corpus}
	pl-chunk --max "$@" <"$from" >chunks 2>/dev/null
	run ./defects "$from" chunks "${1%?}" "${1: -1}"
	[[ $output == "documents "* ]] || return
	echo "$output"
	for what in "over the limit" "wrong offsets, bytes or code points" \
		"non-space bytes lost" "empty, or out of order"; do
		[ "$(figure "$what")" -eq 0 ] || return
	done
}

nothing_is_parted() {
	for what in "cuts in a fence that fits" "cuts in a table that fits" \
		"cuts in an HTML block that fits" \
		"table goes on without its header" "heading at a chunk's end" \
		"cuts in a word"; do
		[ "$(figure "$what")" -eq 0 ] || return
	done
}

# At most $3 permille of the $2 are $1.
at_most() {
	local whole
	whole=$(sed -n "s/.*$2 \([0-9]*\).*/\1/p" <<<"$output")
	[ $((1000 * $(figure "$1"))) -le $(($3 * whole)) ]
}

@test "what fits is never cut, nothing is lost or over the limit" {
	defects 1600c
	nothing_is_parted
	[ "$(sed -n 's/^documents \([0-9]*\).*/\1/p' <<<"$output")" -ge 600 ]
	at_most 'tiny (< 10 %), of long documents' chunks 10
	at_most 'cuts in a sentence' 'interior cuts' 1
	at_most '  in a line that fits' 'interior cuts' 1
}

@test "small chunks with a limit in bytes: nothing is lost or over the limit" {
	defects 500b
	nothing_is_parted
	at_most 'tiny (< 10 %), of long documents' chunks 10
}

@test "small chunks of nested blocks: nothing is lost or over the limit" {
	documents=generated defects 200c
	nothing_is_parted
}

@test "chunks that aim at the limit are almost three quarters full" {
	defects 1600c --target 1600c
	nothing_is_parted
	at_most 'tiny (< 10 %), of long documents' chunks 10
	[ "$(figure 'mean fill' | tr -d .)" -ge 730 ]
}

@test "at any limit nothing is lost, over it or empty" {
	defects 200b
	head -n 15 corpus >few
	documents=few
	for max in 4b 7c 64c 100c; do
		defects $max
	done
	defects 100t --estimate
}

@test "fences and tables are cut little more often than necessary" {
	defects 1600c
	for what in fence table; do
		cuts=$(figure "cuts in any $what")
		least=$(awk -v what="cuts in any $what" '
			found { print $(NF - 2); exit }
			index($0, what) { found = 1 }' <<<"$output")
		[ "$least" -gt 100 ]
		[ "$cuts" -ge "$least" ]
		[ $((10 * cuts)) -le $((12 * least)) ]
	done
}

@test "paragraphs over the limit are cut between sentences, in each language" {
	run -0 /usr/bin/python3 "$bench/sentences.py" --most 1 \
		"$PL_TEST_DATA/sentences" pl-chunk
	echo "$output"
	[ "${#lines[@]}" -eq 12 ]
	# There must be something to cut.
	for language in "${lines[@]:1}"; do
		read -r _ sentences cuts _ <<<"$language"
		[ "$sentences" -ge 120 ]
		[ "$cuts" -ge 1500 ]
	done
}

@test "an edit changes little but the chunk it is in" {
	# The figure holds for generated text, so it is the same on every
	# machine. The documents are short: the edited chunk itself is 4.8 % of
	# one.
	run -0 /usr/bin/python3 "$bench/locality.py" --least 94.5 generated pl-chunk
	echo "$output"
	besides=$(awk '/^32000/ { print $NF }' <<<"$output")
	[ "${besides/./}" -le 40 ]
}

@test "text that splits badly is split in linear time" {
	if is_sanitised; then
		/usr/bin/python3 "$bench/patho.py" --size 40000 --text-only pl-chunk
	else
		# Seconds are only checked on a quiet machine.
		/usr/bin/python3 "$bench/patho.py" --instructions pl-chunk
	fi
}

@test "memory does not grow with the input, and little with a document" {
	# Documents of up to 1 MB.
	/usr/bin/python3 - generated >large <<-'END'
		import json, sys
		text = "".join(json.loads(line)["content"] for line in
		               open(sys.argv[1], encoding="utf8"))
		text = text.encode()[:950000].decode("utf8", "ignore")
		print(json.dumps({"content": text}, ensure_ascii=False))
	END
	for i in 1 2 3 4; do
		cat large
	done >four
	read -r _ one _ < <(./rss pl-chunk <large 2>&1 >/dev/null | tail -n 1)
	read -r _ four _ < <(./rss pl-chunk <four 2>&1 >/dev/null | tail -n 1)
	echo "one: $one; four: $four"
	# 8 MiB, of which pages of libcrypto are 2.5, and what differs between runs.
	is_sanitised || [ "$one" -le 9216 ]
	is_sanitised || [ "$four" -le $((one + 600)) ]
}

@test "blocks are those of libcmark-gfm, within other blocks too" {
	/usr/bin/python3 - generated <<-'END'
		import json, re, sys
		n = 0
		for line in open(sys.argv[1], encoding="utf8"):
		    text = json.loads(line)["content"]
		    # Footnotes, containers and front matter are not CommonMark.
		    if not re.search(r"\[\^|:::|^---", text):
		        n += 1
		        open("%d.md" % n, "w", newline="").write(text)
	END
	run -0 ./spec ./*.md "$PL_TEST_DATA"/markdown/*.md
	echo "$output"
	[[ ${lines[-1]} =~ ^([0-9]+)\ of\ ([0-9]+)\ agree$ ]]
	[ "${BASH_REMATCH[1]}" -ge 450 ]
	[ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[2]}" ]
}

# vocabulary NAME: write NAME.tiktoken with the tokens of tests/data/tokens/.
# All others are replaced by tokens that occur in no text, as
# tests/bench/chunk/goldens says.
vocabulary() {
	[ ! -e "$1.tiktoken" ] || return 0
	/usr/bin/python3 - "$PL_TEST_DATA/tokens/$1.part" >"$1.tiktoken" <<-'END'
		import base64, sys
		rank = 0
		for line in open(sys.argv[1]):
		    token, at = line.split()
		    for i in range(rank, int(at)):
		        other = b"\xff\xfe" + i.to_bytes(3, "big")
		        print(base64.b64encode(other).decode(), i)
		    if token != "=":
		        print(token, at)
		    rank = int(at) + 1
	END
}

@test "token counts equal those of tiktoken" {
	for name in cl100k_base o200k_base; do
		vocabulary $name
		pl-chunk --count --tokenizer $name.tiktoken \
			<"$PL_TEST_DATA/tokens/texts.ndjson" |
			jq .tokens >own
		diff "$PL_TEST_DATA/tokens/$name.counts" own
		[ "$(wc -l <own)" -ge 250 ]
	done
}

@test "no chunk has more tokens than the limit" {
	vocabulary cl100k_base
	for max in 8 30 100; do
		pl-chunk --max ${max}t --tokenizer cl100k_base.tiktoken \
			<"$PL_TEST_DATA/tokens/texts.ndjson" |
			jq -c 'select(.type == "chunk") | {tokens,
				content: ((.context // "") +
				(if .context then "\n" else "" end) + .text)}' >chunks
		[ "$(wc -l <chunks)" -ge 274 ]
		jq -s --argjson max $max -e 'all(.[]; .tokens <= $max)' chunks
		pl-chunk --count --tokenizer cl100k_base.tiktoken <chunks |
			jq .tokens | diff - <(jq .tokens chunks)
	done
}
