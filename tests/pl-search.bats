# pl-search: find stored chunks.
load helpers
load api
load cases
load records

teardown() {
	stop_api
}

setup_file() {
	start_postgres
	pl-jobctl init >/dev/null
	handbook | pl-embed | pl-store
	{
		chunks 8 3 letters
		end 8 3
	} | pl-store --collection three
}

# page N URL TITLE HEADING TEXT
page() {
	jq -nc --arg id "$(doc_id "$1")" --arg url "$2" --arg title "$3" \
	    --arg heading "$4" --arg text "$5" '
	{type: "chunk", document_id: $id, index: 0, text: $text, start: 0,
	    end: ($text | utf8bytelength), tokens: 1,
	    headings: [$title, $heading], context: "\($title) > \($heading)"},
	{type: "end", document_id: $id, source: "book", url: $url,
	    title: $title, content_hash: $text, chunks: 1}'
}

handbook() {
	page 1 https://b.example/password Accounts 'Reset a password' \
		"To reset your password, open Settings and choose Reset. A
message with a link is sent to your address. The link works for one hour."
	page 2 https://b.example/billing Billing 'Pay an invoice' \
		"Invoices are sent on the first day of a month and can be paid by
bank transfer or by card."
	page 3 https://b.example/evil Evil "Es$(printf '\033')[31mcape" \
		"$(printf 'Terminal \033]0;owned\007 sequences \302\233 are \
evil \342\200\256 indeed; backups run at night.')"
	page 4 https://b.example/ja 日本語 バックアップ \
		"$(printf '毎晩、バックアップが作成されます。%.0s' {1..20})"
}

# on_terminal COLUMNS COMMAND: run it on a terminal; its output without \r
on_terminal() {
	COLUMNS=$1 TERM=xterm script -qec "$2" /dev/null </dev/null |
		tr -d '\r'
}

# The cases of every tool.

@test "a wrong option, no words and empty words are usage errors" {
	unknown_option pl-search
	run -2 pl-search
	run -2 pl-search '  '
	run -2 pl-search -k 0 x
	run -2 pl-search --min-score high x
	run -2 pl-search --collection 'a b' x
	run -2 pl-search - </dev/null
}

@test "help fits the terminal and goes to standard output" {
	help_and_version pl-search
}

@test "a full disk on standard output is a failure" {
	full_disk pl-search password
	full_disk pl-search --help
}

@test "a reader that goes away ends it without a message" {
	no_reader pl-search -k 4 password
}

@test "without a server it exits 75, without the schema 1" {
	PL_DATABASE_URL='postgresql:///pl?host=/nonexistent' run -75 \
		pl-search x
	[[ $output == *PL_DATABASE_URL* ]]
	PL_DATABASE_URL=${PL_DATABASE_URL/\/pl\?/\/postgres?} run -1 pl-search x
	[[ $output == *"pl-jobctl init"* ]]
}

# Finding.

@test "in a pipe, hits are records with everything that was stored" {
	run -0 pl-search -k 1 reset my password
	[ "$(jq -r '[.type, .rank, .collection, .source, .url, .title, .index,
	    .start, (.headings | join("/"))] | join(" ")' <<<"$output")" = \
	    "hit 1 default book https://b.example/password Accounts 0 0 \
Accounts/Reset a password" ]
	[ "$(jq -r '.document_id' <<<"$output")" = "$(doc_id 1)" ]
	jq -e '.score > 0.3 and .score <= 1 and .end > 100 and
	    (.text | startswith("To reset")) and (.id | length == 36) and
	    .context == "Accounts > Reset a password"' <<<"$output"
}

@test "the words of each page find that page first" {
	for pair in 'pay invoice card:billing' 'バックアップ:ja' \
		'terminal sequences:evil' 'RESET PASSWORD:password'; do
		run -0 pl-search -k 1 "${pair%:*}"
		[ "$(jq -r .url <<<"$output")" = \
			"https://b.example/${pair##*:}" ]
	done
}

@test "hits come best first, at most k of them" {
	run -0 pl-search -k 3 backups of invoices
	[ "${#lines[@]}" -eq 3 ]
	printf '%s\n' "${lines[@]}" | jq -se 'map(.score) as $s |
	    ($s | sort | reverse) == $s and map(.rank) == [1, 2, 3]'
	run -0 pl-search -k 100 backups of invoices
	[ "${#lines[@]}" -eq 4 ]
}

@test "the score is the cosine" {
	query=$(jq -nc '{type: "chunk", document_id: "x", index: 0,
	    text: "reset password"}' | pl-embed | jq -c .embedding)
	want=$(db "select sum(a * b) / sqrt(sum(a * a) * sum(b * b))
	    from unnest((select embedding from pl.chunks_default
	    where document_id = '$(doc_id 1)'),
	    array(select jsonb_array_elements('$query')::float8)) as v(a, b)")
	run -0 pl-search -k 1 reset password
	jq -e --argjson want "$want" '(.score - $want) | fabs < 0.00001' \
		<<<"$output"
}

@test "a query is read from standard input" {
	run -0 pl-search -k 1 - < <(printf 'pay the\ninvoice\n')
	[ "$(jq -r .title <<<"$output")" = Billing ]
	run -0 pl-search -k 1 - < <(printf 'pay the\ninvoice')
	[ "$(jq -r .title <<<"$output")" = Billing ]
}

@test "a query of invalid bytes works" {
	run -0 pl-search -k 1 $'pass\xffword reset' 
	[ "${#lines[@]}" -eq 1 ]
}

@test "no hits are no failure, but give a message on standard error" {
	run -0 --separate-stderr pl-search --min-score 0.99 password
	[ -z "$output" ]
	[[ $stderr == *"no hits in collection default"* ]]
}

@test "an unknown collection fails, and the message names the collections" {
	run -1 pl-search --collection nothing x
	[[ $output == *"default (hash-512"*"512 dimensions)"*"three (test-3"* ]]
}

@test "for a model that no provider knows the message says what is missing" {
	run -1 pl-search --collection three x
	[[ $output == *"test-3"*"OPENAI_API_KEY"* ]]
}

@test "a query is embedded as the collection says" {
	start_api
	{
		chunks 9 1 | jq -c '.text = "query: tea" |
			del(.start, .end)'
		end 9 1
	} | pl-embed --model m --dimensions 12 --query-prefix 'query: ' |
		pl-store --collection prefixed
	db "update pl.collections set query = '{\"provider\": \"openai\",
	    \"model\": \"m\", \"dimensions\": 12, \"role\": \"query\",
	    \"prefix\": \"query: \"}' where name = 'prefixed'"
	: >"$api/log"
	run -0 pl-search --collection prefixed tea
	# One request: the width is known. The same text has the same vector.
	[ "$(jq -c '.body | [.model, .dimensions, .input]' "$api/log")" = \
		'["m",12,["query: tea"]]' ]
	jq -e '.score - 1 | fabs < 0.00001' <<<"$output"
	# What is not written down is found as before.
	db "update pl.collections set query = '{\"model\": 7,
	    \"dimensions\": \"x\"}' where name = 'prefixed'"
	: >"$api/log"
	run -0 pl-search --collection prefixed query: tea
	[ "$(jq -c '.body | [.model, .dimensions]' "$api/log" | xargs)" = \
		'[m,null] [m,12]' ]
	jq -e '.score - 1 | fabs < 0.00001' <<<"$output"
	db "update pl.collections set query = '{\"provider\": \"none\"}'
	    where name = 'prefixed'"
	run -1 pl-search --collection prefixed tea
	[[ $output == *"no such provider"* ]]
}

@test "two runs give the same bytes" {
	pl-search -k 4 backups >"$BATS_TEST_TMPDIR/one"
	pl-search -k 4 backups | diff "$BATS_TEST_TMPDIR/one" -
}

# On a terminal.

@test "on a terminal, hits are text with path, score and address" {
	run -0 on_terminal 80 'NO_COLOR=1 pl-search -k 1 reset password'
	[ "${lines[0]}" = " 1  Accounts > Reset a password" ]
	[[ ${lines[1]} =~ ^\ {4}0\.[0-9]{3}\ \ https://b.example/password$ ]]
	[[ ${lines[2]} == "    To reset your password, open Settings"* ]]
}

@test "--json gives records on a terminal too" {
	run -0 on_terminal 80 'pl-search --json -k 1 password'
	[ "$(jq -r .type <<<"$output")" = hit ]
}

@test "lines stay within the terminal, wide characters counted twice" {
	for columns in 40 60 80; do
		run -0 on_terminal $columns 'NO_COLOR=1 pl-search -k 9 backups バックアップ'
		[ "$(printf '%s\n' "${lines[@]}" | grep -v 'https://' |
			wc -L)" -le $columns ]
	done
}

@test "colour is for terminals that want it" {
	on_terminal 80 'pl-search -k 1 password' | grep -q $'\033\\[1m'
	run -0 on_terminal 80 'NO_COLOR=1 pl-search -k 1 password'
	[[ $output != *$'\033'* ]]
	run -0 on_terminal 80 'TERM=dumb pl-search -k 1 password'
	[[ $output != *$'\033'* ]]
}

@test "stored text cannot control the terminal" {
	run -0 on_terminal 80 'NO_COLOR=1 pl-search -k 1 terminal sequences'
	[[ $output == *"[31mcape"*"]0;owned sequences"* ]]
	run ! env LC_ALL=C grep $'[\001-\011\013-\037\177]' <<<"$output"
	! grep -q $'\u009b\|\u202e' <<<"$output"
}
