# No tool shows a secret: not the password of a server, however its address is
# written, not the key of an API that repeats it, not a password in the URL of a
# document. And each secret may be in a file.

load helpers
load api

setup_file() {
	start_postgres
	start_redis
	pl-jobctl init >/dev/null
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	stop_api
	[ -z "${crawl_pid:-}" ] || kill "$crawl_pid" 2>/dev/null || true
}

# Every tool that opens a server: each gets a line of words.
database_tools='pl-enqueue
pl-store
pl-worker --burst -- cat
pl-search words
pl-webhook --stdin s
pl-jobctl list
pl-jobctl health
pl-jobctl init
pl status'
redis_tools='pl-enqueue
pl-worker --burst -- cat
pl-jobctl queues
pl-jobctl sync
pl-jobctl health
pl status'

# Addresses with the password hush..zzip, each wrong in another way.
databases='postgresql://u:hush-zzip@127.0.0.1:1/d
postgresql://u:hush@zzip@127.0.0.1:1/d
postgresql://u:hush/zzip@127.0.0.1:1/d
postgresql://u:hush?zzip@127.0.0.1:1/d
postgresql://u:hush#zzip@127.0.0.1:1/d
postgresql://u:hush%zzip@127.0.0.1:1/d
postgresql://u:hush%00zzip@127.0.0.1:1/d
postgresql://u:hush-zzip
postgresql://u:hush-zzip@[::1/d
postgresql://u:hush-zzip@127.0.0.1:port/d
postgresql://u:hush-zzip@127.0.0.1:1/d?colour=blue
postgresql://127.0.0.1:1/d?password=hush-zzip
postgresql://127.0.0.1:1/d?user=u&password=hush=zzip
postgresql://127.0.0.1:1/d?pasword=hush-zzip
postgresql://127.0.0.1:1/d?hush-zzip
postgresql:u:hush-zzip@127.0.0.1/d
mysql://u:hush-zzip@127.0.0.1/d
u:hush-zzip@127.0.0.1/d
host=127.0.0.1 port=1 password=hush-zzip
host=127.0.0.1 port=1 password=hush zzip
host=127.0.0.1 port=1 password='"'hush zzip"'
host=127.0.0.1 port=1 password='"'hush zzip' hush=zzip"'
host=127.0.0.1 port=1 sslmode=require,password=hush-zzip'
redises='redis://:hush-zzip@127.0.0.1:1/0
redis://hush-zzip@127.0.0.1:1/0
redis://u:hush@zzip@127.0.0.1:1/0
redis://u:hush/zzip@127.0.0.1:1/0
redis://u:hush?zzip@127.0.0.1:1/0
redis://u:hush%zzip@127.0.0.1:1/0
redis://127.0.0.1:1/0?password=hush-zzip
rediss://:hush-zzip@127.0.0.1:1/0
unix://:hush-zzip@/nowhere/redis.sock
http://:hush-zzip@127.0.0.1/'

# shows_nothing VARIABLE ADDRESS TOOLS: nothing of the password is in what a tool
# says.
shows_nothing() {
	local words
	while read -r words; do
		# shellcheck disable=SC2086
		run env "$1=$2" PGCONNECT_TIMEOUT=2 timeout 30 $words </dev/null
		if [ -z "$output" ] ||
		    [[ $output == *hush* || $output == *zzip* ]]; then
			echo "$words, $2: $status: $output"
			return 1
		fi
	done <<<"$3"
}

@test "no tool shows the password of Postgres, however its address is written" {
	local url
	while read -r url; do
		shows_nothing PL_DATABASE_URL "$url" "$database_tools"
	done <<<"$databases"
}

@test "no tool shows the password of Redis, however its address is written" {
	local url
	while read -r url; do
		shows_nothing PL_REDIS_URL "$url" "$redis_tools"
	done <<<"$redises"
}

@test "what is wrong with an address is said in words of our own" {
	local url words
	while IFS='|' read -r url words; do
		PL_DATABASE_URL=$url run -1 pl-jobctl list
		echo "$url: $output"
		[[ $output == "pl-jobctl: Postgres: "*"$words"*"is PL_DATABASE_URL right"* ]]
	done <<-'END'
		postgresql://u:p@x@h/d|write @ as %40, / as %2F
		postgresql://u:p/x@h/d|write @ as %40, / as %2F
		postgresql://u:p%zz@h/d|write % as %25
		postgresql://h/d?colour=blue|a key that libpq does not know
		host=h password=a b|values with spaces have quotes
		host=h password='a|a quote in it is not closed
		u:p@h/d|does not begin with postgresql://
	END
}

key=sk-0123456789abcdefghij

# Answers that repeat the key, as a whole and in pieces, at the edge of where
# texts are cut, and in every member.
echoes() {
	jq -nc --arg k $key '
	def pad($n): "x" * $n;
	{error: {message: "wrong key \($k)"}},
	{error: {message: "wrong key \($k[:9])...\($k[-8:])"}},
	(range(270; 300) | {error: {message: (pad(.) + $k)}}),
	{error: {message: "no", code: $k, type: $k, param: $k}},
	{error: {message: "no", code: "bad_\($k)"}},
	{error: $k}, {detail: [{msg: $k, type: $k}]}, {error: [{error: $k}]},
	{code: "401", message: $k}'
	printf '%s\n' "<html><title>$key</title></html>" "plain $key" \
		"{\"error\":{\"message\":\"\\u0073k-0123456789abcdefghij\"}}"
}

# has_key TEXT: whether eight characters of the key in a row are in it.
has_key() {
	local i
	for ((i = 0; i + 8 <= ${#key}; i++)); do
		[[ $1 != *"${key:i:8}"* ]] || return 0
	done
	return 1
}

@test "no answer of an embedding server brings the key into a text" {
	start_api
	export OPENAI_API_KEY=$key
	chunk_of >in
	echoes >answers
	[ "$(wc -l <answers)" -gt 35 ]
	while read -r answer; do
		printf %s "$answer" >answer
		for status in 200 400 401 500; do
			echo "always status=$status body=$PWD/answer X-Request-Id=$key" \
				>"$api/script"
			run --separate-stderr pl-embed -v --retries 0 <in
			if has_key "$output$stderr" || [ -z "$stderr" ]; then
				echo "$status $answer: $output$stderr"
				return 1
			fi
		done
	done < <(awk 'NR < 3 || NR > 32 || NR % 4 == 0' answers)
}

# A chunk record that pl-embed takes.
chunk_of() {
	echo '{"content":"text","url":"u"}' | pl-chunk | head -n 1
}

@test "no answer of Firecrawl brings the key into a text" {
	mkdir crawl
	/usr/bin/python3 "$PL_TEST_ROOT/tests/fake_firecrawl.py" crawl \
		>log 2>&1 3>&- 4>&- </dev/null &
	crawl_pid=$!
	wait_until 20 test -s crawl/port
	export FIRECRAWL_API_URL=http://127.0.0.1:$(<crawl/port) PL_ALLOW_PRIVATE=1
	export FIRECRAWL_API_KEY=$key
	for pad in 0 280 285 290 295 299; do
		jq -nc --arg k $key --argjson pad $pad '("x" * $pad + $k) as $k |
		    {fail: [{skip: "poll", times: 9, status: 400,
			body: {error: $k}}]}' >crawl/c.json
		run --separate-stderr pl-ingest -v --firecrawl c
		[[ $stderr == *"HTTP 400"* ]]
		! has_key "$output$stderr"
	done
	# Pages that failed, and a warning.
	jq -nc --arg k $key '{pages: [{metadata: {sourceURL: "https://h/a",
	    statusCode: 404, error: $k}}, {markdown: "", metadata:
	    {sourceURL: "https://h/b", error: $k}}], errors: {errors: [{id: "1",
	    url: "https://h/c", error: $k}], robotsBlocked: []}}' >crawl/c.json
	run --separate-stderr pl-ingest -v --firecrawl c
	[[ $output == *https://h/a* && $output == *https://h/c* ]]
	! has_key "$output$stderr"
}

@test "a user and a password in the url of a document are neither stored nor printed" {
	fresh_servers
	cat >in <<-'END'
		{"url":"https://u:hush@h.example/a","content":"text a"}
		{"url":"https://hush@h.example/b","content":"text b"}
		{"type":"document","source":"s","url":"https://u:hush@h.example/c","content":"text c","metadata":{"next":"https://u:hush@h.example/d"}}
		{"markdown":"text e","metadata":{"url":"https://u:hush@h.example/e","sourceURL":"https://u:hush@h.example/e"}}
		{"type":"document","source":"s","url":"https://u:hush@h.example/f","content":" "}
		{"url":"https://u:hush@h.example/g","content":7}
		{"type":"error","stage":"x","class":"input","code":"x","message":"x","url":"https://u:hush@h.example/h"}
	END
	run -3 --separate-stderr pl-ingest -v in
	[[ $output$stderr != *hush* ]]
	[ "$(grep -c 'https://h.example/[a-h]' <<<"$output")" -ge 6 ]
	run -3 --separate-stderr pl-enqueue -v <in
	[[ $output$stderr != *hush* ]]
	run --separate-stderr pl-chunk -v < <(head -n 6 in)
	[[ $output$stderr != *hush* ]]
	run pl-worker -v --burst -- 'pl-chunk | pl-embed | pl-store'
	[[ $output != *hush* ]]
	db_is 4 "select count(*) from pl.documents where url like 'https://h.%'
		and content <> ''"
	pg_dump --schema pl "$PL_DATABASE_URL" >dump
	grep -q h.example/c dump
	run -1 grep -n hush dump
	[ "$(redis --scan | grep -c hush)" = 0 ]
	run -2 pl-ingest --base-url https://u:hush@h.example/ in
	[[ $output == *"--base-url: a user or a password"* && $output != *hush* ]]
}

@test "a document has the same id with and without a password in its url" {
	for tool in pl-ingest pl-chunk; do
		echo '{"url":"https://u:p@h.example/a","content":"x"}' |
			$tool | jq -r '.id // .document_id' | head -n 1 >with
		echo '{"url":"https://h.example/a","content":"x"}' |
			$tool | jq -r '.id // .document_id' | head -n 1 >without
		cmp with without
	done
}

# by_file NAME VALUE COMMAND...: it works when only NAME_FILE is set.
by_file() {
	printf '%s\n' "$2" >"file-$1"
	run -0 env -u "$1" "$1_FILE=$PWD/file-$1" "${@:3}"
	# A file that is missing is named; the variable itself is stronger.
	run -1 env -u "$1" "$1_FILE=/nowhere/x" "${@:3}"
	[[ $output == *"$1_FILE /nowhere/x: "* ]]
	run -0 env "$1=$2" "$1_FILE=/nowhere/x" "${@:3}"
}

@test "each secret may be in a file that NAME_FILE names" {
	local database=$PL_DATABASE_URL redis=$PL_REDIS_URL
	for name in PL_DATABASE_URL DATABASE_URL; do
		PL_DATABASE_URL='' by_file $name "$database" pl-jobctl list
		PL_DATABASE_URL='' by_file $name "$database" pl status
	done
	for name in PL_REDIS_URL REDIS_URL; do
		PL_REDIS_URL='' by_file $name "$redis" pl-jobctl sync
	done
	# pl env does not bring it into the environment.
	PL_DATABASE_URL='' run -0 env PL_DATABASE_URL_FILE="$PWD/file-PL_DATABASE_URL" \
		pl env
	[ "${lines[0]}" = "export PL_DATABASE_URL_FILE='$PWD/file-PL_DATABASE_URL'" ]
	[[ $output != *"$database"* ]]
	start_api --key $key
	chunk_of >in
	by_file OPENAI_API_KEY $key sh -c 'pl-embed <in'
	# Offline no key is needed, and none is missed.
	run -0 env OPENAI_API_KEY_FILE=/nowhere/x PL_EMBED_PROVIDER=hash \
		pl-embed <in
	by_file PL_NOTIFY_SECRET any-words pl-jobctl notify
}
