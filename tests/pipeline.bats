# The whole pipeline: real input, real stages, real servers

load helpers
load jobs

setup() {
	jobs_setup
	crawl=$PL_TEST_ROOT/examples/crawl.json
}

# expected: every chunk that must be stored, as "document index hash" lines.
expected() {
	pl-ingest --source handbook "$crawl" 2>/dev/null | pl-chunk |
	    jq -r 'select(.type == "chunk") | "\(.document_id) \(.index) \(.hash)"' | sort
}

present() {
	db "select document_id || ' ' || index || ' ' || hash
	    from pl.chunks_default" | sort
}

enqueue() {
	pl-ingest --source handbook "$crawl" 2>/dev/null | pl-enqueue "$@" >job
}

@test "a crawl is chunked without any server" {
	unset PL_DATABASE_URL PL_REDIS_URL
	run -0 bash -c "pl-ingest '$crawl' 2>/dev/null | pl-chunk | jq -c '[.type,.index]'"
	[ "$(grep -c '^\["chunk",0\]$' <<<"$output")" = 38 ]
	[ "$(grep -c '^\["end",null\]$' <<<"$output")" = 38 ]
	[ "$(grep -c '^\["error",null\]$' <<<"$output")" = 2 ]
}

@test "a crawl becomes a searchable collection with an account" {
	enqueue
	run -0 pl-worker --burst
	[ "$(pl-jobctl status latest --json | jq -r '[.status,.documents,.stored,.failed] | @csv')" = '"partial",40,38,2' ]
	[ "$(present)" = "$(expected)" ]
	[ "$(db "select status from pl.sources where name = 'handbook'")" = partial ]
	[ "$(pl-search -k 5 'restore a single file' | jq -r .url | grep -c haybarn)" = 5 ]
	run -0 pl-jobctl verify
}

@test "a second run reports that all is unchanged and stores nothing" {
	enqueue
	pl-worker --burst
	before=$(db 'select max(processed_at) from pl.documents')
	enqueue
	[ "$(jq -r '[.documents,.unchanged,.tasks] | @csv' job)" = '40,38,0' ]
	pl-worker --burst
	[ "$(db 'select max(processed_at) from pl.documents')" = "$before" ]
}

@test "a changed page is stored again, and no other page" {
	enqueue
	pl-worker --burst
	sed 's/stores each piece/keeps each piece/' "$crawl" >changed.json
	pl-ingest --source handbook changed.json 2>/dev/null | pl-enqueue >job
	[ "$(jq -r .unchanged job)" = 37 ]
	pl-worker --burst
	crawl=$PWD/changed.json
	[ "$(present)" = "$(expected)" ]
}

@test "after kill -9 of a worker and its stages another finishes, nothing twice" {
	enqueue --batch 10
	for _ in 1 2 3; do
		pl-worker --burst --window 4 -- \
		    'pl-chunk | pl-embed --encoding base64 | while IFS= read -r r; do printf "%s\n" "$r"; sleep 0.02; done | pl-store' &
		pid=$!
		wait_until 20 db_is t "select count(*) > 0 from pl.tasks where worker is not null and status = 'in_progress'"
		sleep 0.3
		pkill -9 -P "$pid" || true
		kill -9 "$pid"
		wait "$pid" || true
	done
	run -0 timeout 100 pl-worker --burst
	[ "$(present)" = "$(expected)" ]
	[ "$(pl-jobctl status latest --json | jq -r .status)" = partial ]
	run -0 pl-jobctl verify
}

@test "a failed document is replayed by hand through the stages" {
	enqueue
	pl-worker --burst -- 'pl-chunk | jq -c --unbuffered "if .type == \"end\" and (.url | endswith(\"example/faq\")) then {type: \"error\", stage: \"x\", class: \"input\", code: \"y\", message: \"z\", document_id, lease} else . end" | pl-embed | pl-store'
	[ "$(db "select count(*) from pl.documents where status = 'failed' and url like '%example/faq'")" = 1 ]
	pl-jobctl documents latest --failed --json |
	    jq -c 'select(.content)' | pl-chunk | pl-embed | pl-store >stored
	[ "$(db "select status from pl.documents where url like '%example/faq'")" = stored ]
	[ "$(present)" = "$(expected)" ]
}

@test "any worker count and batch size give the same rows" {
	enqueue --batch 3
	pl-worker --burst --window 1 &
	pid=$!
	pl-worker --burst -- 'pl-chunk -j 2 | pl-embed | pl-store --batch-documents 2'
	wait "$pid"
	[ "$(present)" = "$(expected)" ]
	embeddings=$(db 'select md5(string_agg(embedding::text, chr(10) order by id)) from pl.chunks_default')
	pl-ingest --source handbook "$crawl" 2>/dev/null | pl-chunk | pl-embed | pl-store --collection again >stored
	[ "$(db 'select md5(string_agg(embedding::text, chr(10) order by id)) from pl.chunks_again')" = "$embeddings" ]
}

@test "the pipeline works behind a transaction pooler" {
	start_pgbouncer
	enqueue
	run -0 pl-worker --burst
	[ "$(present)" = "$(expected)" ]
	[ "$(pl-search -k 1 backup | wc -l)" = 1 ]
}

@test "with Redis away for the whole run the job is done, with one warning" {
	mkdir notes
	for i in 1 2 3; do echo "Note $i" >"notes/$i.md"; done
	PL_REDIS_URL=unix:///nowhere.sock run -0 pl run notes --source notes
	[[ $output == *"3 stored"* ]]
	[ "$(grep -ci redis <<<"$output")" = 1 ]
	[[ $output == *"Redis: "*"/nowhere.sock: connecting"*"workers take it from Postgres"* ]]
}

@test "PL_REDIS_URL=none: everything goes through Postgres, without a message" {
	export PL_REDIS_URL=none
	echo '{"url":"1","content":"One"}' >document
	run -0 pl-enqueue <document
	[ "${#lines[@]}" = 1 ]
	job=$(jq -r .id <<<"$output")
	run -0 timeout 30 pl-worker --burst
	[ -z "$output" ]
	[ "$(jq -r .status < <(pl-jobctl --json status "$job"))" = completed ]
	for words in "retry $job" sync queues health 'pause processing' \
		'resume processing' metrics; do
		run -0 pl-jobctl --json $words
		[[ $words == health || $output != *edis:* ]]
	done
	[[ "$(pl-jobctl --json health)" == *'"redis","state":"ok","message":"none'* ]]
	# An alarm on pl_up must not ring for a server that nobody wants.
	[ "$(pl-jobctl metrics --prometheus | grep '^pl_up')" = \
		'pl_up{service="postgres"} 1' ]
}

# peak COMMAND...: print its peak memory in MiB; its output is dropped.
peak() {
	/usr/bin/python3 -c 'import resource, subprocess, sys
with open(sys.argv[1]) as text:
    subprocess.run(sys.argv[2:], stdin=text, stdout=subprocess.DEVNULL,
                   check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$@"
}

@test "one large record costs each stage a few times its size, as pl(7) says" {
	! is_sanitised || return 0
	# 20 MiB of words.
	yes "$(printf 'w%d ' {1..200})" | head -c 20971520 >big.md
	jq -Rsc '{url: "big", content: .}' big.md >big.json
	pl-ingest big.md >big.ndjson
	[ "$(peak /dev/null pl-ingest big.md)" -lt 56 ]
	[ "$(peak /dev/null pl-ingest big.json)" -lt 80 ]
	[ "$(peak big.ndjson pl-chunk)" -lt 68 ]
	[ "$(peak big.ndjson pl-chunk -j 2)" -lt 112 ]
	[ "$(peak big.ndjson pl-embed)" -lt 56 ]
	[ "$(peak big.ndjson pl-store)" -lt 56 ]
	[ "$(peak big.ndjson pl-enqueue)" -lt 80 ]
	[ "$(peak /dev/null pl-jobctl documents latest)" -lt 80 ]
}

# with_metadata FILTER: enqueue the crawl, its metadata changed by the filter.
with_metadata() {
	pl-ingest --source handbook "$crawl" 2>/dev/null |
	    jq -c "if .type == \"document\" then $1 else . end" |
	    pl-enqueue >job
}

# differing TABLE: its chunks whose metadata differs from their document's.
differing() {
	db "select count(*) from pl.$1 c join pl.documents d
	    on d.id = c.document_id where c.metadata <> d.metadata"
}

# written TABLE: a text that changes when a row of it is written.
written() {
	db "select md5(string_agg(id || ' ' || xmin, chr(10) order by id)) from pl.$1"
}

@test "chunks follow the metadata of an unchanged document, in each collection" {
	local chunks='pl-chunk --metadata | pl-embed'
	with_metadata .
	pl-worker --burst -- "$chunks | pl-store"
	pl-ingest --source handbook "$crawl" 2>/dev/null | pl-chunk --metadata |
	    pl-embed | pl-store --collection again >stored
	# A third collection without metadata, and with a table name of the
	# user.
	pl-ingest --source handbook "$crawl" 2>/dev/null | pl-chunk | pl-embed |
	    pl-store --collection plain >stored
	db "alter table pl.chunks_again rename to \"Ag\"\"ain, %s\";
	    update pl.collections set table_name = 'Ag\"ain, %s' where name = 'again'"
	local again='"Ag""ain, %s"'
	[ "$(differing chunks_default) $(differing "$again")" = '0 0' ]
	plain=$(written chunks_plain)

	# Nothing differs: no chunk is written.
	before="$(written chunks_default) $(written "$again")"
	with_metadata .
	[ "$(jq -r '[.unchanged,.tasks] | @csv' job)" = 38,0 ]
	[ "$(written chunks_default) $(written "$again")" = "$before" ]

	# On one page a key changes, a key is new, and a key is removed.
	with_metadata 'if .url | endswith("example/faq") then .metadata |=
	    (.title = "Asked often" | .tags = ["a"] | del(.sourceURL)) else . end'
	[ "$(jq -r '[.unchanged,.tasks] | @csv' job)" = 38,0 ]
	[ "$(differing chunks_default) $(differing "$again")" = '0 0' ]
	[ "$(db "select distinct metadata->>'title', metadata->'tags', metadata ? 'sourceURL'
	    from pl.$again where metadata ? 'tags'")" = 'Asked often|["a"]|f' ]
	db "select count(*) from pl.chunks_default where metadata ? 'tags'" | grep -qx '[1-9][0-9]*'
	[ "$(written chunks_plain)" = "$plain" ]
	before="$(written chunks_default) $(written "$again")"
	with_metadata 'if .url | endswith("example/faq") then .metadata |=
	    (.title = "Asked often" | .tags = ["a"] | del(.sourceURL)) else . end'
	[ "$(written chunks_default) $(written "$again")" = "$before" ]
	pl-jobctl verify
}

@test "chunks keep the changes that a user's stage made to the metadata" {
	one() {
		jq -nc --argjson m "$1" '{url: "a", content: "x", metadata: $m},
		    {url: "b", content: "y", metadata: {n: 1}}' |
		    pl-enqueue >job
	}
	metadata() {
		db "select c.metadata from pl.chunks_$1 c join pl.documents d
		    on d.id = c.document_id where d.url = 'a'"
	}
	one '{"n": 1, "old": true}'
	pl-worker --burst -- 'pl-chunk --metadata |
	    jq -c --unbuffered "if .type == \"chunk\" then .metadata.mine = 1 else . end" |
	    pl-embed | pl-store --collection more'
	one '{"n": 2, "new": true}'
	[ "$(metadata more)" = '{"n": 2, "new": true, "mine": 1}' ]
	# Chunks that have only a part of the metadata do not change.
	pl-jobctl documents latest --json | jq -c 'select(.content)' |
	    pl-chunk --metadata | jq -c 'del(.metadata.new?)' | pl-embed |
	    pl-store --collection less >stored
	one '{"n": 3, "new": true}'
	[ "$(metadata more) $(metadata less)" = '{"n": 3, "new": true, "mine": 1} {"n": 2}' ]
	# No metadata, and then some again.
	one '{}'
	[ "$(metadata more)" = '{"mine": 1}' ]
	one '{"n": 4}'
	[ "$(metadata more)" = '{"n": 4, "mine": 1}' ]
}

@test "the metadata of a repeat in the same run reaches the chunks, too" {
	echo '{"url":"a","content":"x","metadata":{"n":1}}' | pl-enqueue
	pl-worker --burst -- 'pl-chunk --metadata | pl-embed | pl-store'
	printf '{"url":"a","content":"x","metadata":{"n":%d}}\n' 2 3 | pl-enqueue >job
	[ "$(jq -r '[.documents,.unchanged,.tasks] | @csv' job)" = 1,1,0 ]
	[ "$(db 'select metadata from pl.chunks_default')" = '{"n": 3}' ]
	# A dry run writes nothing; without the table there is nothing to write.
	echo '{"url":"a","content":"x","metadata":{"n":4}}' | pl-enqueue --dry-run
	[ "$(db 'select metadata from pl.chunks_default')" = '{"n": 3}' ]
	db 'drop table pl.chunks_default'
	echo '{"url":"a","content":"x","metadata":{"n":5}}' | pl-enqueue >job
	[ "$(jq -r .unchanged job)" = 1 ]
}

# Make ./without_chunk N: an embedder that refuses chunk N of every document.
make_without_chunk() {
	cat >without_chunk <<-'END'
	#!/bin/sh
	pl-embed | jq --unbuffered -c --argjson n "$1" '
	    if .type == "chunk" and .index == $n
	    then {type: "error", stage: "embed", class: "input",
	        code: "too_long", message: "the text is too long", document_id,
	        chunk: .index, lease} else . end'
	END
	chmod +x without_chunk
}

# A run over one document of three chunks, of which the second is refused.
run_without_chunk() {
	jq -nc '{url: "u", content: ("A word. " * 60 + "\n\n" + "Be. " * 90 +
	    "\n\n" + "See it. " * 60)}' >in
	pl-enqueue "$@" <in >job 2>/dev/null
	pl-worker --burst -- "pl-chunk --max 500c --target 500c |
	    ./without_chunk 1 | pl-store" 2>/dev/null
	pl-jobctl --json status "$(jq -r .id job)" |
		jq -c '[.status, .stored, .incomplete, .unchanged]'
}

@test "a refused chunk is on the account, and tried again three times" {
	make_without_chunk
	for run in first second third fourth; do
		[ "$(run_without_chunk)" = '["partial",1,1,0]' ]
	done
	db_is '1|too_long|the text is too long' "select failed_chunks,
	    first_error->>'code', first_error->>'message'
	    from pl.collection_documents"
	run -0 pl-jobctl documents latest --incomplete --ledger --json
	[ "$(jq -c '[.status, .failed_chunks, .first_error.code]' <<<"$output")" = \
		'["stored",1,"too_long"]' ]
	run -0 pl-jobctl documents latest --incomplete --table
	[[ $output == *'chunks refused: 1: input: the text is too long'* ]]
	run -0 pl-jobctl status latest --table
	[[ $output == *'incomplete '*' 1  stored without some of their chunks'* ]]
	# After that it is unchanged, but listed without naming a job.
	[ "$(run_without_chunk)" = '["completed",0,0,1]' ]
	run -0 pl-jobctl documents --incomplete --ledger --json
	[ "$(jq -r .url <<<"$output")" = u ]
	[ "$(pl-jobctl sources --json | jq .incomplete)" = 1 ]
	[ "$(run_without_chunk --all)" = '["partial",1,1,0]' ]
	job=$(jq -r .id job)
	pl-jobctl retry "$job" >/dev/null
	pl-worker --burst -- 'pl-chunk --max 500c --target 500c | pl-embed | pl-store'
	[ "$(pl-jobctl --json status "$job" | jq -c '[.status, .stored, .incomplete]')" = \
		'["completed",1,0]' ]
	db_is '0|' 'select failed_chunks, first_error from pl.collection_documents'
	run -0 pl-jobctl documents --incomplete --json
	[ "$output" = '' ]
	run -0 pl-jobctl verify
}

@test "a document whose chunks are all refused fails for the provider's reason" {
	make_without_chunk
	jq -nc '{url: "u", content: "short"}' | pl-enqueue >job
	pl-worker --burst -- "pl-chunk | ./without_chunk 0 | pl-store"
	db_is 'failed|embed|input|too_long' "select status, error->>'stage',
	    error->>'class', error->>'code' from pl.documents"
	[[ $(db "select error->>'message' from pl.documents") == \
		'the text is too long (its only chunk was refused)' ]]
}

@test "a document stored by hand without some chunks is on the account, too" {
	make_without_chunk
	jq -nc '{source: "hand", url: "u", content: ("A word. " * 100)}' |
		pl-chunk --max 300c | ./without_chunk 1 >chunks
	run -3 pl-store <chunks
	db_is '1|1' 'select failed_chunks, tries from pl.collection_documents'
	run -3 pl-store <chunks
	db_is '1|2' 'select failed_chunks, tries from pl.collection_documents'
}
