#!/usr/bin/env bats
# pl-embed: chunks in, chunks with vectors out

load helpers
load api
load cases

setup() {
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	stop_api
}

# script LINE...: the answers to the next requests.
script() {
	printf '%s\n' "$@" >"$api/script"
}

requests() {
	if [ -e "$api/log" ]; then wc -l <"$api/log"; else echo 0; fi
}

# chunks N: N chunks of one document.
chunks() {
	for ((i = 0; i < $1; i++)); do
		printf '{"type":"chunk","document_id":"d1","index":%d,' "$i"
		printf '"text":"text number %d","hash":"h%d"}\n' "$i" "$i"
	done
}

# The cases of every tool.

@test "an unknown option is a usage error with a hint" {
	unknown_option pl-embed
	run -2 pl-embed --provider cohere
	[[ $output == *"hash or openai"* ]]
	run -2 pl-embed file.ndjson
	[[ $output == *"standard input"* ]]
}

@test "--help and --version print to standard output, 80 columns wide" {
	help_and_version pl-embed
}

@test "options are checked before anything is read" {
	for bad in --dimensions=0 --dimensions=16001 --encoding=hex --batch=0 \
		--batch=2049 --batch-bytes=0 --encoding-format=int8 \
		--timeout=soon --retries=-1 --body=7 '--body={"input":1}' \
		--header=novalue '--header=Authorization: x' \
		'--header=API-Key: x' --invalid=ignore --max-record=0; do
		run -2 pl-embed "$bad"
	done
	PL_EMBED_DIMENSIONS=many run -2 pl-embed
}

@test "empty input gives empty output" {
	run -0 pl-embed </dev/null
	[ -z "$output" ]
}

@test "a bad line in the middle costs only itself" {
	{
		chunks 1
		echo '{"type":"chunk","text":'
		chunks 2 | tail -n 1
	} >in
	run -3 --separate-stderr pl-embed --dimensions 16 <in
	[ "$(jq -r '.type + (.index|tostring)' <<<"$output" | xargs)" = \
		"chunk0 errornull chunk1" ]
	[ "$(jq -c 'select(.type == "error") | [.stage, .class, .code, .line]' \
		<<<"$output")" = '["embed","input","bad_json",2]' ]
	[[ $stderr == *"line 2"* ]]
}

@test "the last line needs no newline, and CRLF is read" {
	chunks 2 | tr -d '\n' | sed 's/}{/}\r\n{/' >in
	run -0 pl-embed --dimensions 16 <in
	[ "$(jq -s 'length' <<<"$output")" = 2 ]
}

@test "a full disk is a failure" {
	full_disk pl-embed < <(chunks 1)
}

@test "a reader that goes away ends it without a message" {
	closed_pipe pl-embed < <(yes "$(chunks 1)" | head -n 2000)
}

# Records.

@test "a chunk keeps its keys and their order and gains model and embedding" {
	echo '{"type":"chunk", "z":1e400, "document_id":"d","index":3,"text":"a é","hash":"h","lease":"L"}  ' >in
	run -0 pl-embed --dimensions 16 <in
	[ "$(sed 's/,"embedding":.*//' <<<"$output")" = \
		'{"type":"chunk", "z":1e400, "document_id":"d","index":3,"text":"a é","hash":"h","lease":"L","model":"hash-16-v1"' ]
	[ "$(sed 's/"z":1e400, //' <<<"$output" | jq '.embedding | length')" = 16 ]
}

@test "a chunk that has a vector gets a new one, once" {
	echo '{"type":"chunk","embedding":[1],"text":"x","model":"old","n":1}' |
		pl-embed --dimensions 16 >out
	[ "$(jq -c 'keys_unsorted' out)" = \
		'["type","text","n","model","embedding"]' ]
	pl-embed --dimensions 16 <out | cmp - out
}

@test "context is embedded before the text" {
	pl-embed >out <<-'END'
		{"type":"chunk","text":"two","context":"one"}
		{"type":"chunk","text":"one\ntwo"}
		{"type":"chunk","text":"two","context":null}
		{"type":"chunk","text":"two"}
	END
	[ "$(jq -c .embedding out | sed -n 1p)" = "$(jq -c .embedding out | sed -n 2p)" ]
	[ "$(jq -c .embedding out | sed -n 3p)" = "$(jq -c .embedding out | sed -n 4p)" ]
	[ "$(jq -c .embedding out | sed -n 1p)" != "$(jq -c .embedding out | sed -n 3p)" ]
}

@test "records of other types pass unchanged and in order" {
	{
		echo '{"type":"document", "id":"d1", "content":"x"}'
		chunks 2
		echo '{"type":"end","document_id":"d2", "chunks":0}'
		echo '{"type":"error","stage":"chunk","class":"input"}'
		echo '{"type":"from the future","text":7}'
	} >in
	pl-embed --dimensions 16 <in | sed 's/,"model":.*/}/' | cmp - in
	start_api
	pl-embed --batch 2 <in | sed 's/,"model":.*/}/' | cmp - in
}

# ends ID...: an end record for each document.
ends() {
	printf '{"type":"end","document_id":"%s","recipe":{"chunk":"c"}}\n' "$@"
}

# recipe [OPTION...]: the part of pl-embed in the recipe of an end record
recipe() {
	{ chunks 1; ends d1; } | pl-embed "$@" | tail -n 1 | jq -r .recipe.embed
}

# query [OPTION...]: what an end record tells about queries
query() {
	{ chunks 1; ends d1; } | pl-embed "$@" | tail -n 1 | jq -c .query
}

@test "an end record gains what made the vectors, and keeps its other keys" {
	{
		chunks 2
		echo '{"type":"end","document_id":"d1", "recipe":{"mine":[7],
			"embed":"old","chunk":"c"},"lease":"L","query":"old",
			"z":1e400}' | tr -d '\n\t'
	} >in
	pl-embed <in >out
	tail -n 1 out | cmp - <(tr -d '\n\t' <<-'END' && echo
		{"type":"end","document_id":"d1","lease":"L","z":1e400,
		"recipe":{"mine":[7],"chunk":"c",
		"embed":"model=hash-512-v1 role=document"},
		"query":{"provider":"hash","model":"hash-512-v1",
		"role":"query"}}
	END
	)
	head -n 2 out | jq -se 'map(has("recipe") or has("query")) |
		any | not'
	# What another stage dropped is made anew; its own part stays away.
	jq -c 'del(.recipe)' <<<"$(sed 's/1e400/1/' in)" | pl-embed |
		tail -n 1 | jq -e '.recipe ==
			{embed: "model=hash-512-v1 role=document"}'
}

@test "an end record without vectors passes as it is" {
	start_api
	{
		chunks 3 | sed '2s/text n/(too long) &/; 3s/d1/d3/
			3s/text n/(too long) &/'
		ends d1 d2 d3
	} >in
	run -3 --separate-stderr pl-embed <in
	[ "$(sed -n 5,6p <<<"$output")" = "$(sed -n 5,6p in)" ]
	sed -n 4p <<<"$output" | jq -e '.recipe == {chunk: "c",
		embed: "model=text-embedding-3-small role=document"}'
	run -3 --separate-stderr pl-embed --batch 1 <in
	[ "$(jq -c '[.document_id, .recipe.embed != null] |
		select(.[1])' <<<"$output")" = '["d1",true]' ]
	script "always status=503 retry-after-ms=1"
	run -75 --separate-stderr pl-embed --retries 0 <in
	[ "$(tail -n 3 <<<"$output")" = "$(tail -n 3 in)" ]
}

@test "documents that are mixed, or never end, do not get the wrong recipe" {
	jq -nc 'def id: "d\(.)";
		(range(300) | {type: "chunk", document_id: id, text: "a"}),
		(range(302) | {type: "end", document_id: id}),
		(1, 299 | {type: "end", document_id: id}),
		{type: "end"}, {type: "chunk", text: "a"}, {type: "end"},
		{type: "chunk", document_id: ("long" * 99), text: "a"},
		{type: "end", document_id: ("long" * 99)}' >in
	pl-embed --dimensions 16 <in >out
	# It remembers 256 documents; the oldest go.
	[ "$(jq -r 'select(.recipe).document_id' out)" = \
		"$(seq -f d%.0f 44 299)" ]
	[ "$(wc -l <out)" -eq "$(wc -l <in)" ]
}

@test "equal settings of embedding give equal recipes, however they are spelt" {
	[ "$(recipe)" = 'model=hash-512-v1 role=document' ]
	[ "$(recipe --dimensions 512 --provider hash --encoding base64 \
		--batch 7 --prefix '')" = "$(recipe)" ]
	# The name of the model has the width.
	[ "$(recipe --dimensions 64)" = 'model=hash-64-v1 role=document' ]
	[ "$(recipe --model hash-64-v1)" = "$(recipe --dimensions 64)" ]
	[ "$(recipe --body '{"a":1}')" = "$(recipe)" ]
	start_api
	[ "$(recipe)" = 'model=text-embedding-3-small role=document' ]
	[ "$(recipe --model m --batch 1 --encoding-format base64 \
		--header 'X-Trace: 7' --timeout 9s)" = 'model=m role=document' ]
	[ "$(recipe --model m --dimensions 8)" = \
		'model=m role=document dimensions=8' ]
	[ "$(PL_EMBED_MODEL=m PL_EMBED_DIMENSIONS=8 recipe)" = \
		'model=m role=document dimensions=8' ]
	[ "$(recipe --model m --body '{ "b":"x", "a":[1] }')" = \
		"$(recipe --model m --body '{"a":[1],"b":"x"}')" ]
	[ "$(recipe --model m --body '{"b":"x","a":[1]}')" = \
		'model=m role=document body={"a":[1],"b":"x"}' ]
}

@test "--prefix is embedded before each text, and stands in the recipe" {
	start_api
	echo '{"type":"chunk","text":"t","context":"c"}' |
		pl-embed --prefix 'passage: ' --query-prefix 'query: ' >out
	[ "$(jq -c .body.input "$api/log")" = '["passage: c\nt"]' ]
	[ "$(jq -c '[.text, .context]' out)" = '["t","c"]' ]
	[ "$(recipe --model m --prefix 'passage: "')" = \
		'model=m role=document prefix="passage: \""' ]
	[ "$(PL_EMBED_PREFIX='passage: "' recipe --model m)" = \
		"$(recipe --model m --prefix 'passage: "')" ]
	long=$(printf 'x%.0s' {1..1100})
	[ "$(recipe --model m --prefix "$long")" = "model=m role=document \
prefix=sha256:$(printf '"%s"' "$long" | sha256sum | cut -d' ' -f1)" ]
	# Of the length of a text that is sent, it is a part.
	chunks 2 | pl-embed --batch-bytes 1200 --prefix "$long" >/dev/null
	[ "$(tail -n 2 "$api/log" | jq '.body.input | length' | xargs)" = "1 1" ]
	run -2 pl-embed --prefix $'a\xff' </dev/null
	[[ $output == *"--prefix: the text is not valid UTF-8"* ]]
}

@test "an end record tells how to embed a query for these vectors" {
	[ "$(query)" = \
		'{"provider":"hash","model":"hash-512-v1","role":"query"}' ]
	start_api
	query --model m --dimensions 8 --prefix 'p: ' --query-prefix 'q: ' |
		jq -e '. == {provider: "openai", model: "m", dimensions: 8,
			role: "query", prefix: "q: "}'
	[ "$(PL_EMBED_QUERY_PREFIX='q: ' query --model m)" = \
		'{"provider":"openai","model":"m","role":"query","prefix":"q: "}' ]
	# It changes no vector of a document.
	[ "$(recipe --model m --query-prefix 'q: ')" = "$(recipe --model m)" ]
	run -2 pl-embed --query-prefix "$(printf 'x%.0s' {1..1000})" </dev/null
	[[ $output == *"--query-prefix"*"1024 are the most"* ]]
}

@test "a chunk without text, or with a wrong type, is refused by name" {
	cat >in <<-'END'
		{"type":"chunk","document_id":"d7","index":4,"url":"u","lease":"L"}
		{"type":"chunk","text":""}
		{"type":"chunk","text":["a"]}
		{"type":"chunk","text":"a","context":{}}
		{"text":"no type"}
		[]
		{"type":"chunk","text":"good"}
	END
	run -3 --separate-stderr pl-embed --dimensions 16 <in
	[ "$(jq -r '.code // .type' <<<"$output" | xargs)" = \
		"no_text no_text wrong_type wrong_type no_type not_an_object chunk" ]
	[ "$(head -n 1 <<<"$output" |
		jq -c '[.document_id, .chunk, .url, .lease, .line]')" = \
		'["d7",4,"u","L",1]' ]
	[ "${#stderr_lines[@]}" = 6 ]
	[[ ${stderr_lines[0]} == *"document u: "*"no text"* ]]
}

@test "NUL, lone surrogates and invalid UTF-8 are replaced, or refused" {
	printf '%s\n' '{"type":"chunk","text":"a\ud83d b\u0000c"}' >in
	printf '{"type":"chunk","text":"a\xff b"}\n' >>in
	printf '{"type":"end","title":"\xc3"}\n' >>in
	run -0 --separate-stderr pl-embed --dimensions 16 <in
	iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
	[ "$(jq -r '.text // .title' <<<"$output" | head -n 1)" = \
		$'a\ufffd b\ufffdc' ]
	[[ $stderr == *"line 1: replaced 2"*"line 2: replaced 1"*"byte 23"* ]]
	run -3 --separate-stderr pl-embed --invalid reject <in
	[ "$(jq -r .code <<<"$output" | uniq -c | xargs)" = "3 invalid_text" ]
}

@test "a line over --max-record is refused, the rest goes on" {
	{
		chunks 1
		printf '{"type":"chunk","text":"%05000d"}\n' 7
		chunks 1
	} >in
	run -3 --separate-stderr pl-embed --dimensions 16 --max-record 4K <in
	[ "$(jq -r '.code // .type' <<<"$output" | xargs)" = \
		"chunk too_long chunk" ]
}

@test "a record is written without waiting for the next" {
	fed pl-embed --dimensions 16
	chunks 1 >&9
	wait_until 10 grep -q embedding out
	exec 9>&-
	wait "$pid"
}

@test "a batch is closed when the input would block" {
	start_api
	fed pl-embed --batch 100
	chunks 3 >&9
	wait_until 10 grep -q '"index":2.*embedding' out
	exec 9>&-
	wait "$pid"
}

# The hash provider.

@test "hash: the same bytes in every run and any batch, of length 1" {
	chunks 20 >in
	pl-embed <in >one
	pl-embed --batch 7 <in | cmp - one
	tac in | pl-embed | tac | cmp - one
	jq -e '.model == "hash-512-v1" and (.embedding | length) == 512 and
		((.embedding | map(. * .) | add) - 1 | fabs) < 1e-4' one >/dev/null
	[ "$(echo '{"type":"chunk","text":"Grüße, 東京! The end."}' |
		pl-embed --dimensions 16 | jq -c .embedding)" = \
		"$(cat "$PL_TEST_DATA/embed-hash-16.json")" ]
}

@test "hash: base64 holds the same numbers as the array" {
	chunks 1 >in
	pl-embed <in | jq -c .embedding >array
	pl-embed --encoding base64 <in | jq -r .embedding | base64 -d |
		/usr/bin/python3 -c 'import json, struct, sys
raw = sys.stdin.buffer.read()
want = [struct.unpack("<f", struct.pack("<f", x))[0]
    for x in json.load(open("array"))]
assert list(struct.unpack("<512f", raw)) == want'
}

@test "hash: a model names its width" {
	chunks 1 | pl-embed --model hash-64-v1 >out
	[ "$(jq -r '.model, (.embedding | length)' out | xargs)" = \
		"hash-64-v1 64" ]
	run -1 pl-embed --model hash-64-v2 </dev/null
	[[ $output == *"hash-512-v1"* ]]
	run -1 pl-embed --model hash-64-v1 --dimensions 128 </dev/null
	run -1 pl-embed --dimensions 8 </dev/null
}

# The openai provider.

@test "openai: batches keep the order, and the request is as documented" {
	start_api --key sk-test-key-123456
	export OPENAI_API_KEY=sk-test-key-123456 OPENAI_ORG_ID=org-1 \
		OPENAI_PROJECT_ID=proj-1
	chunks 70 >in
	pl-embed --model m1 --header 'X-Trace: 7' --body '{"user":"u"}' <in >out
	sed 's/,"model":.*/}/' out | cmp - in
	[ "$(jq '.body.input | length' "$api/log" | xargs)" = "32 32 6" ]
	[ "$(head -n 1 "$api/log" | jq -c '[.path, .body.model, .body.user,
		(.body | has("encoding_format")), (.body | has("dimensions")),
		.headers["authorization", "openai-organization",
		"openai-project", "x-trace", "content-type"]]')" = \
		'["/v1/embeddings","m1","u",false,false,"Bearer sk-test-key-123456","org-1","proj-1","7","application/json"]' ]
	pl-embed --model m1 --batch 1 <in | cmp - out
	pl-embed --model m1 --encoding-format base64 <in | cmp - out
}

@test "openai: --batch-bytes limits a request, one long text goes alone" {
	start_api
	chunks 6 | pl-embed --batch-bytes 30 >/dev/null
	[ "$(jq '.body.input | length' "$api/log" | xargs)" = "2 2 2" ]
	rm "$api/log"
	chunks 3 | pl-embed --batch-bytes 5 >/dev/null
	[ "$(requests)" = 3 ]
}

@test "openai: --dimensions is sent, and another width is refused" {
	start_api
	chunks 1 | pl-embed --dimensions 5 >out
	[ "$(jq '.embedding | length' out)" = 5 ]
	script "width=8"
	chunks 1 >in
	run -1 --separate-stderr pl-embed --dimensions 5 <in
	[ "$(jq -c '[.class, .code]' <<<"$output")" = \
		'["config","mixed_dimensions"]' ]
}

@test "openai: a width that changes within a run is refused" {
	start_api
	script ok width=9 ok
	chunks 3 >in
	run -1 --separate-stderr pl-embed --batch 1 <in
	[ "$(jq -r '.code // .type' <<<"$output" | xargs)" = \
		"chunk mixed_dimensions chunk" ]
}

@test "openai: answers in reverse order or as base64 belong to their texts" {
	start_api
	chunks 5 >in
	pl-embed <in >out
	script reverse base64 "reverse base64"
	for _ in 1 2 3; do pl-embed <in | cmp - out; done
}

@test "openai: a busy server is tried again after the time it named" {
	start_api
	script "status=429 body=err-429-openai-rate.json retry-after-ms=10 retry-after=60" \
		"status=503 body=err-503-empty.txt retry-after=0.01" ok
	chunks 2 >in
	run -0 --separate-stderr pl-embed -v <in
	[ "$(jq -s 'length' <<<"$output")" = 2 ]
	[ "$(requests)" = 3 ]
	[[ $stderr == *"429"*"rate_limit_exceeded"*"trying again in 11 ms"* ]]
}

@test "openai: after a cut or closed connection it tries again" {
	start_api
	script cut close ok
	chunks 2 >in
	run -0 --separate-stderr pl-embed <in
	[ "$(jq -s 'length' <<<"$output")" = 2 ]
	[ "$(requests)" = 3 ]
}

@test "openai: a server that hangs costs --timeout and is transient" {
	start_api
	script hang
	chunks 1 >in
	run -75 --separate-stderr pl-embed --timeout 300ms --retries 0 <in
	[ "$(jq -c '[.class, .code]' <<<"$output")" = \
		'["transient","no_answer"]' ]
}

@test "openai: for a chunk with a lease it writes that it waits" {
	start_api
	script "always slow=6"
	chunks 1 >in
	pl-embed <in >without &
	jq -c '.lease = "l:1"' in | pl-embed >with
	wait $!
	[ "$(jq -r .type without)" = chunk ]
	[ "$(jq -c '[.type, .document_id, .seconds, .lease]' with)" = \
		'["waiting","d1",15,"l:1"]
["chunk","d1",null,"l:1"]' ]
}

@test "openai: x-should-retry overrides the status" {
	start_api
	script "status=503 x-should-retry=false"
	chunks 1 >in
	run -75 --separate-stderr pl-embed <in
	[ "$(requests)" = 1 ]
	script "status=400 x-should-retry=true retry-after-ms=1" ok
	run -0 --separate-stderr pl-embed <in
}

@test "openai: when tries are used up every chunk of the batch is an error" {
	start_api
	script "always status=503 body=err-502.html retry-after-ms=1"
	{
		chunks 2
		echo '{"type":"end","document_id":"d1","lease":"L"}'
	} | sed 's/"hash"/"url":"u1","lease":"L","hash"/' >in
	run -75 --separate-stderr pl-embed --retries 2 <in
	[ "$(jq -c '[.type, .class, .document_id, .url, .chunk, .lease]' \
		<<<"$output")" = '["error","transient","d1","u1",0,"L"]
["error","transient","d1","u1",1,"L"]
["end",null,"d1",null,null,"L"]' ]
	[ "$(requests)" = 3 ]
	[ "${#stderr_lines[@]}" = 1 ]
	[[ $stderr == *"1 more"*"502 Bad Gateway"* ]]
}

@test "openai: throttled says how long to wait, if longer than --max-wait" {
	start_api
	script "always status=429 retry-after=120"
	chunks 1 >in
	run -75 --separate-stderr pl-embed <in
	jq -e '.class == "throttled" and .retry_after == 120' <<<"$output"
	[ "$(requests)" = 1 ]
}

@test "openai: a Unix time in Retry-After is not a number of seconds, and a day is the most" {
	start_api
	script "status=429 retry-after=$(($(date +%s) + 100))" \
		"always status=429 retry-after=1000000000000"
	chunks 1 >in
	run -75 --separate-stderr pl-embed --max-wait 10s <in
	jq -e '.retry_after > 90 and .retry_after <= 100' <<<"$output"
	run -75 --separate-stderr pl-embed <in
	jq -e '.retry_after == 86400' <<<"$output"
}

@test "openai: an answer of only brackets takes little more memory than its bytes" {
	! is_sanitised || skip "a sanitiser's memory"
	start_api
	script "brackets=20000000"
	chunks 1 >in
	run /usr/bin/python3 -Sc 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=open("in"), stdout=open("out", "w"))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' \
		pl-embed
	[ "$(requests)" -ge 1 ]
	echo "$(tail -n 1 <<<"$output") MiB"
	[ "$(tail -n 1 <<<"$output")" -lt 80 ]
}

@test "openai: an outage costs its waits once, and ends" {
	start_api
	script "status=500 retry-after-ms=1" "status=500 retry-after-ms=1" \
		"status=500 retry-after-ms=1" ok \
		"status=500 retry-after-ms=1" ok
	chunks 4 >in
	run -75 --separate-stderr pl-embed --batch 1 --retries 1 <in
	[ "$(jq -r .type <<<"$output" | xargs)" = "error error chunk chunk" ]
	[ "$(requests)" = 6 ]
}

@test "openai: after a used-up quota it sends no more requests" {
	start_api
	script "always status=429 body=err-429-openai-quota.json"
	chunks 5 >in
	run -1 --separate-stderr pl-embed --batch 2 <in
	[ "$(jq -c '[.class, .code]' <<<"$output" | uniq -c | xargs)" = \
		"5 [quota,insufficient_quota]" ]
	[ "$(requests)" = 1 ]
	[[ $stderr == *"top up"* ]]
}

@test "openai: a wrong key is a configuration error and is never printed" {
	start_api --key right
	export OPENAI_API_KEY=sk-secret-wrong-key
	chunks 3 >in
	run -1 --separate-stderr pl-embed -v --batch 1 <in
	[ "$(jq -c '[.class, .code]' <<<"$output" | uniq -c | xargs)" = \
		"3 [config,invalid_api_key]" ]
	[[ $stderr == *"check OPENAI_API_KEY"* ]]
	[[ $output$stderr != *sk-secret* ]]
	[ "$(requests)" = 1 ]
}

@test "openai: secrets in the base URL and in answers are not shown" {
	start_api
	cat >"$api/echo.json" <<-'END'
		{"error":{"message":"Incorrect key sk-secret-wrong-key given"}}
	END
	ln -s "$api/echo.json" "$BATS_TEST_TMPDIR/echo.json"
	script "status=401 body=$BATS_TEST_TMPDIR/echo.json"
	export OPENAI_API_KEY=sk-secret-wrong-key
	OPENAI_BASE_URL=${OPENAI_BASE_URL/127/user:pass@127}?token=hidden
	chunks 1 >in
	run -1 --separate-stderr pl-embed -v <in
	[[ $output == *"Incorrect key *** given"* ]]
	[[ $output$stderr != *sk-secret* && $output$stderr != *pass@* &&
		$output$stderr != *hidden* ]]
	[ "$(jq -r .path "$api/log")" = "/v1/embeddings?token=hidden" ]
}

@test "openai: no server is exit 75, with the chunks as errors" {
	export PL_EMBED_PROVIDER=openai
	export OPENAI_BASE_URL=http://127.0.0.1:$(free_port)/v1
	chunks 2 >in
	run -75 --separate-stderr pl-embed --retries 0 <in
	[ "$(jq -c '[.class, .code, .chunk]' <<<"$output" | xargs)" = \
		"[transient,no_answer,0] [transient,no_answer,1]" ]
	[[ $stderr == *"is the server up"*"$OPENAI_BASE_URL"* ]]
}

@test "openai: no key for the default server, or no URL, fails at once" {
	chunks 1 >in
	run -1 --separate-stderr pl-embed --provider openai <in
	[ -z "$output" ] && [[ $stderr == *OPENAI_API_KEY* ]]
	OPENAI_BASE_URL=localhost:11434 run -1 --separate-stderr \
		pl-embed --provider openai <in
	[[ $stderr == *"http://"* ]]
}

@test "openai: a batch that is too large is halved until it fits" {
	start_api --max-items 3
	chunks 10 >in
	run -0 --separate-stderr pl-embed <in
	sed 's/,"model":.*/}/' <<<"$output" | cmp - in
	[ "$(jq 'select(.status == 200).body.input | length' "$api/log" |
		sort | uniq -c | xargs)" = "2 2 2 3" ]
}

@test "openai: one text that is too long fails alone" {
	start_api
	chunks 9 | sed '6s/text number/(too long) &/' >in
	run -3 --separate-stderr pl-embed <in
	[ "$(jq -r .type <<<"$output" | uniq -c | xargs)" = \
		"5 chunk 1 error 3 chunk" ]
	[ "$(jq -c 'select(.type == "error") | [.class, .chunk, .line]' \
		<<<"$output")" = '["input",5,6]' ]
	[[ $stderr == *"9001 tokens"* ]]
}

@test "openai: one vector of nulls fails alone" {
	start_api
	chunks 5 | sed '2s/text number/(no number) &/' >in
	run -3 --separate-stderr pl-embed <in
	[ "$(jq -r '.code // .type' <<<"$output" | uniq -c | xargs)" = \
		"1 chunk 1 bad_vector 3 chunk" ]
}

@test "openai: every refused answer gives errors and never a vector" {
	start_api
	chunks 3 >in
	for file in "$PL_TEST_DATA"/embeddings/bad-*.json; do
		script "always body=${file##*/}"
		run --separate-stderr pl-embed --retries 0 <in
		echo "$file: $status $output"
		[ "$status" != 0 ]
		[ "$(jq -r .type <<<"$output" | uniq -c | xargs)" = "3 error" ]
		[[ $output != *'"embedding":'* ]]
	done
}

@test "openai: a redirect is not followed" {
	start_api
	script "status=302 Location=http://127.0.0.1:1/stolen"
	chunks 1 >in
	run -1 --separate-stderr pl-embed <in
	[[ $output == *"OPENAI_BASE_URL"* ]]
	[ "$(requests)" = 1 ]
}

@test "openai: text reaches the server byte for byte" {
	start_api
	printf '%s\n' '{"type":"chunk","text":"\"q\" \\ \n é 😀 \u2028","context":"c\td"}' \
		>in
	pl-embed <in >/dev/null
	[ "$(jq -c '.body.input[0]' "$api/log")" = \
		"$(jq -c '.context + "\n" + .text' in)" ]
}

@test "progress is shown when asked for" {
	chunks 3 >in
	run -0 --separate-stderr pl-embed --progress --dimensions 16 <in
	[[ $stderr == *"3 chunks"* ]]
}

# The page.

@test "the examples of the page run" {
	page=$PL_TEST_ROOT/man/pl-embed.1
	awk '/^\.Sh EXAMPLES/ { on = 1 } /^\.Sh DIAG/ { on = 0 }
		on && /^\.Ed/ { code = 0 }
		on && code && !/^\.\\"/ { sub(/^\\&/, ""); sub(/^\$ /, ""); gsub(/\\e/, "\\"); print }
		on && /^\.Bd/ { code = 1 }' "$page" >examples
	[ "$(grep -c 'pl-embed' examples)" -ge 3 ]
	start_api
	unset PL_EMBED_PROVIDER
	chunks 3 >chunks.ndjson
	mkdir -p notes
	echo "A note." >notes/note.md
	cp "$PL_TEST_ROOT/examples/crawl.json" .
	export OPENAI_API_KEY=sk-example
	sed -i "s|http://localhost:11434/v1|$OPENAI_BASE_URL|" examples
	run -0 --separate-stderr bash -euo pipefail examples
	[[ $output == *'"embedding":'* ]]
}
