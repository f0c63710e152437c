# pl-store: chunks into Postgres, a document at a time.
load helpers
load cases
load records

setup_file() {
	start_postgres
}

setup() {
	# A test that failed may have left the server stopped.
	start_postgres
	fresh_servers
}

# enqueue N TEXT: document N as pl-enqueue would have saved it
enqueue() {
	db "insert into pl.sources (id, name)
	    values ('$(doc_id 0)', 's') on conflict do nothing;
	    insert into pl.documents (id, source_id, url, content, content_hash)
	    values ('$(doc_id "$1")', '$(doc_id 0)', 'https://s.example/$1', '$2', '$2')
	    on conflict (id) do update set content = '$2', content_hash = '$2',
	    status = 'pending'"
}

# task STATUS ATTEMPT: a task, number 1
task() {
	db "insert into pl.jobs (id) values ('$(doc_id 7)') on conflict do nothing;
	    insert into pl.tasks (id, job_id, queue, status, attempt)
	    values ('$(doc_id 1)', '$(doc_id 7)', 'q', '$1', $2)"
}

# texts N: the stored texts of document N
texts() {
	db "select string_agg(text, ',' order by index)
	    from pl.chunks_default where document_id = '$(doc_id "$1")'"
}

waiting_for() {
	[ "$(db "select count(*) from pg_stat_activity
	    where application_name = 'pl-store' and $1")" -gt 0 ]
}

# The cases of every tool.

@test "an unknown option is a usage error" {
	unknown_option pl-store
}

@test "help and version go to standard output" {
	help_and_version pl-store
}

@test "empty input stores nothing and is no error" {
	run -0 pl-store </dev/null
	[ -z "$output" ]
}

@test "a bad line in the middle costs only itself" {
	run -3 --separate-stderr pl-store < <(
		document 1 2
		echo '{"type":"chunk",'
		document 2 1
	)
	[ "$(told .type | xargs)" = "stored error stored" ]
	[ "$(told 'select(.type == "error") | [.stage, .class, .code, .line]
	    | join(" ")')" = "store input bad_json 4" ]
	[[ $stderr == *"line 4"* ]]
}

@test "a last line without a newline is read" {
	run -0 pl-store < <(document 1 2 | head -c -1)
	[ "$(told .chunks)" = 2 ]
}

@test "a full disk on standard output is a failure, after the commit" {
	full_disk pl-store < <(document 1 2)
	[ "$(texts 1)" = "a 0,a 1" ]
}

@test "a reader that goes away ends it without a message" {
	closed_pipe pl-store --batch-documents 1 < <(
		yes '{"type":"x"}' | head -n 30000
		document 1 1
	)
}

@test "an invalid collection name is a usage error" {
	for name in '' 'A' 'a-b' 'a;b' "$(printf 'a%.0s' {1..41})"; do
		run -2 pl-store --collection "$name"
	done
	run -2 pl-store --distance manhattan
	run -2 pl-store file.ndjson
}

# At the start.

@test "without a server it exits 75 and says what to check" {
	PL_DATABASE_URL='postgresql:///pl?host=/nonexistent' run -75 pl-store
	[[ $output == *"PL_DATABASE_URL"* ]]
}

@test "after a wrong password it does not try again" {
	wrong_password pl-store
}

@test "without the schema, or with another version, it says what to run" {
	db 'alter schema pl rename to pl_aside'
	run -1 pl-store
	db 'alter schema pl_aside rename to pl'
	[[ $output == *"pl-jobctl init"* ]]
	db 'insert into pl.schema_version values (999)'
	run -1 pl-store
	db 'delete from pl.schema_version where version = 999'
	[[ $output == *"999"* ]]
}

# Storing.

@test "a document never enqueued is stored with its source" {
	run -0 pl-store < <(document 1 2)
	[ "$output" = "$(jq -nc --arg id "$(doc_id 1)" '{type: "stored",
	    document_id: $id, collection: "default", chunks: 2}')" ]
	[ "$(texts 1)" = "a 0,a 1" ]
	[ "$(db "select s.name, s.status, d.url, d.title, d.status,
	    d.content_hash, d.chunk_count, d.content is null
	    from pl.documents d join pl.sources s on s.id = d.source_id")" = \
	    "s|ready|https://s.example/1|Title 1|stored|a|2|t" ]
	[ "$(db 'select id from pl.sources')" = "$(/usr/bin/python3 -c '
import uuid
print(uuid.uuid5(uuid.UUID("'"$(namespace)"'"), "s"))')" ]
}

# pl's namespace; pl-ingest computes the source's id from it
namespace() {
	sed -n '/digest_namespace\[DIGEST_UUID\] = {/,/}/p' \
		"$PL_TEST_ROOT/lib/base/digest.c" | grep -o '0x[0-9A-Fa-f]*' |
		tr -d '\n' | sed 's/0x//g' | tr A-F a-f
}

@test "every column of a chunk arrives" {
	jq -nc --arg id "$(doc_id 1)" '{type: "chunk",
	    id: "00000000-0000-5000-8000-00000000000A", document_id: $id,
	    index: 0, text: "t\u00e9xt", start: 3, end: 8, tokens: 4, context: "c",
	    headings: ["A", "B \"x\""], hash: "h", metadata: {k: [1, null]},
	    model: "test-3", embedding: [0.1, -2, 3e-20]}' \
		>"$BATS_TEST_TMPDIR/chunk"
	run -0 pl-store < <(cat "$BATS_TEST_TMPDIR/chunk"; end 1 1)
	[ "$(db 'select id, index, text, context, start, "end", tokens,
	    headings, hash, metadata, embedding from pl.chunks_default')" = \
	    '00000000-0000-5000-8000-00000000000a|0|téxt|c|3|8|4|{A,"B \"x\""}|h|{"k": [1, null]}|{0.1,-2,3e-20}' ]
}

@test "base64 and numbers store the same vector" {
	document 1 1 | jq -c 'select(.type == "chunk").embedding =
	    "AACAPwAAAD8AAAAA"' >"$BATS_TEST_TMPDIR/base64"
	run -0 pl-store < <(cat "$BATS_TEST_TMPDIR/base64"; document 2 1)
	[ "$(db 'select distinct embedding from pl.chunks_default')" = \
	    "{1,0.5,0}" ]
}

@test "a second run replaces the chunks and leaves none behind" {
	pl-store < <(document 1 5 old)
	run -0 pl-store < <(document 1 2 new)
	[ "$(texts 1)" = "new 0,new 1" ]
	[ "$(db 'select chunk_count, content_hash from pl.documents')" = \
	    "2|new" ]
}

@test "the same input gives the same ids; repeated texts get different ids" {
	chunks 1 3 | jq -c '.text = "same" | del(.start, .end)' >"$BATS_TEST_TMPDIR/same"
	end 1 3 >>"$BATS_TEST_TMPDIR/same"
	pl-store <"$BATS_TEST_TMPDIR/same"
	db 'select id from pl.chunks_default order by index' \
		>"$BATS_TEST_TMPDIR/ids"
	[ "$(uniq "$BATS_TEST_TMPDIR/ids" | wc -l)" = 3 ]
	pl-store <"$BATS_TEST_TMPDIR/same"
	db 'select id from pl.chunks_default order by index' |
		diff "$BATS_TEST_TMPDIR/ids" -
}

@test "a document stored with ids of another kind gets the new ones" {
	# As ids were before they could be computed: of version 5.
	document 1 5 | jq -c 'select(.type == "chunk").id =
	    "3a704534-3a1a-5fdd-825a-00000000000\(.index)"' >"$BATS_TEST_TMPDIR/old"
	pl-store < <(cat "$BATS_TEST_TMPDIR/old"; document 2 1)
	[ "$(db "select count(*) from pl.chunks_default
	    where id::text like '3a704534-3a1a-5fdd-825a-%'")" = 5 ]
	run -0 pl-store < <(document 1 4)
	[ "$(texts 1)" = "a 0,a 1,a 2,a 3" ]
	[ "$(db "select count(*), count(distinct id) from pl.chunks_default")" = \
	    "5|5" ]
	# By the formula of pl-record(5), in SQL.
	[ "$(db "select count(*) from pl.chunks_default c,
	    encode(sha256(convert_to(document_id::text || '00000000' || hash,
	        'UTF8')), 'hex') h
	    where replace(id::text, '-', '') = substr(h, 1, 12) || '8' ||
	        substr(h, 14, 3) || substr(replace(id::text, '-', ''), 17, 1) ||
	        substr(h, 18, 15) and substr(id::text, 20, 1) in ('8', '9', 'a', 'b')")" \
	    = 5 ]
}

@test "chunks that come without ids get those of pl-chunk" {
	for n in $(seq 1 60); do
		printf '# Same\n\nThe same text again, line %s.\n\n' $((n % 2))
	done >"$BATS_TEST_TMPDIR/same.md"
	pl-ingest "$BATS_TEST_TMPDIR/same.md" | pl-chunk --max 60c \
		>"$BATS_TEST_TMPDIR/chunks"
	run -0 pl-store < <(jq -c 'del(.id)' "$BATS_TEST_TMPDIR/chunks" |
		pl-embed)
	db 'select id from pl.chunks_default order by index' |
		diff - <(jq -r '.id // empty' "$BATS_TEST_TMPDIR/chunks")
	[ "$(db 'select count(distinct text) < count(*)
	    from pl.chunks_default')" = t ]
}

@test "a document without chunks is stored, and loses its old ones" {
	run -0 pl-store < <(end 1 0)
	[ "$(told .chunks)" = 0 ]
	pl-store < <(document 1 2)
	run -0 pl-store < <(end 1 0)
	[ "$(texts 1)" = "" ]
	pl-store < <(document 1 2)
	run -0 pl-store < <(end 1 0; document 2 1)
	[ "$(texts 1)" = "" ]
	[ "$(texts 2)" = "a 0" ]
}

@test "an enqueued document becomes stored, and its error is forgotten" {
	enqueue 1 a
	db "update pl.documents set error = '{}', status = 'failed'"
	run -0 pl-store < <(document 1 1)
	[ "$(db 'select status, error is null, processed_at is not null
	    from pl.documents')" = "stored|t|t" ]
}

@test "newer content that waits keeps its status" {
	enqueue 1 newer
	run -0 pl-store < <(document 1 1 older)
	[ "$(texts 1)" = "older 0" ]
	[ "$(db 'select status, content_hash from pl.documents')" = \
	    "pending|newer" ]
}

@test "other records pass unchanged and in order" {
	run -0 pl-store < <(
		echo '{"type":"document", "id":1}'
		document 1 1
		echo '{"type":"foreign","x":1e400}'
		document 2 1
		echo '{"no":"type"}'
	)
	[ "${lines[0]}" = '{"type":"document", "id":1}' ]
	[ "$(told .type | sed -n 2p)" = stored ]
	[ "${lines[2]}" = '{"type":"foreign","x":1e400}' ]
	[ "$(told .type | sed -n 4p)" = stored ]
	[ "${lines[4]}" = '{"no":"type"}' ]
}

@test "chunks of interleaved documents are kept separate" {
	run -0 pl-store < <(
		paste -d '\n' <(chunks 1 3 x) <(chunks 2 3 y)
		end 2 3 y
		end 1 3 x
	)
	[ "$(texts 1)" = "x 0,x 1,x 2" ]
	[ "$(texts 2)" = "y 0,y 1,y 2" ]
	[ "$(told '.document_id[-1:]' | xargs)" = "2 1" ]
}

@test "of one document twice in a batch the later version wins" {
	run -0 pl-store < <(document 1 3 old; document 1 2 new)
	[ "$(told .type | xargs)" = "stored stored" ]
	[ "$(texts 1)" = "new 0,new 1" ]
}

@test "a document is stored when the input pauses, not when it ends" {
	fed pl-store
	{ document 1 1; chunks 2 1; } >&9
	wait_until 10 grep -q stored "$BATS_TEST_TMPDIR/out"
	[ "$(texts 1)" = "a 0" ]
	[ "$(texts 2)" = "" ]
	end 2 1 >&9
	exec 9>&-
	wait $!
	[ "$(texts 2)" = "a 0" ]
}

@test "a url of 10 kB and a document of 5,000 chunks are stored" {
	run -0 pl-store < <(
		chunks 1 5000
		end 1 5000 | jq -c '.url += "?" + ("x" * 10240)'
	)
	[ "$(told .chunks)" = 5000 ]
	[ "$(db 'select count(*), count(distinct id)
	    from pl.chunks_default')" = "5000|5000" ]
}

# Errors of other stages.

@test "a chunk refused as input is left out and counted" {
	run -3 pl-store < <(
		chunks 1 3 | jq -c 'if .index == 1 then {type: "error",
		    stage: "embed", class: "input", code: "x", message: "m",
		    document_id, chunk: .index} else . end'
		end 1 3
	)
	[ "$(told '[.type, .failed_chunks] | join(" ")' | xargs)" = \
	    "error stored 1" ]
	[ "$(texts 1)" = "a 0,a 2" ]
	[ "$(db 'select chunk_count from pl.documents')" = 2 ]
}

@test "after another failure of a chunk the old chunks stay" {
	pl-store < <(document 1 2 old)
	for at in 0 1 2; do
		run -3 pl-store < <(
			chunks 1 3 new | jq -c "if .index == $at then
			    {type: \"error\", class: \"transient\",
			    document_id, chunk: .index} else . end"
			end 1 3 new
			document 2 1
		)
		[ "$(told .type | xargs)" = "error stored" ]
		[ "$(texts 1)" = "old 0,old 1" ]
	done
}

@test "a document all of whose chunks were refused is not stored" {
	run -3 pl-store < <(
		chunks 1 2 | jq -c '{type: "error", class: "input",
		    document_id, chunk: .index}'
		end 1 2
	)
	[ "$(told .code | xargs)" = "null null no_chunks_left" ]
	[ "$(db 'select count(*) from pl.documents')" = 0 ]
}

# Input that must not be stored.

@test "a missing chunk, one too many and a repeat store nothing" {
	run -3 pl-store < <(
		chunks 1 3 | sed 2d
		end 1 3
		chunks 2 3
		end 2 2
		chunks 3 3 | jq -c '.index = ([.index, 1] | min)'
		end 3 3
		chunks 4 2 | jq -c '.index += 1'
		end 4 2
		document 5 1
	)
	[ "$(told '.code // .type' | xargs)" = \
	    "incomplete incomplete incomplete incomplete stored" ]
	[ "$(db 'select count(*) from pl.documents')" = 1 ]
}

@test "chunks without an end store nothing" {
	run -3 pl-store < <(chunks 1 2)
	[ "$(told '[.class, .code] | join(" ")')" = "internal incomplete" ]
	[ "$(db 'select count(*) from pl.documents')" = 0 ]
}

@test "input without any end does not fill the memory" {
	jq -nc 'range(3000) | ("00000000000\(.)"[-12:]) as $n |
	    {type: "chunk", document_id: "00000000-0000-4000-8000-\($n)",
	    index: 0, text: "t", model: "test-3", embedding: [1, 2, 3]}' \
		>"$BATS_TEST_TMPDIR/in"
	run -3 --separate-stderr pl-store <"$BATS_TEST_TMPDIR/in"
	[ "$(told .code | sort | uniq -c | xargs)" = "3000 incomplete" ]
}

@test "another width or model is refused by document, naming the remedy" {
	pl-store < <(document 1 1)
	run -3 --separate-stderr pl-store < <(
		document 2 2 | jq -c '.embedding |= if . then . + [1]
		    else empty end'
		document 3 2 | jq -c '.model |= if . then "other"
		    else empty end'
		document 4 1
	)
	[ "$(told '[.class, .code] | join(" ")' | xargs)" = \
	    "config wrong_dimensions config wrong_model" ]
	[[ $stderr == *"4 dimensions"*"default has 3"*"--collection"* ]]
	[[ $stderr == *"by other"*"by test-3"*"--collection"* ]]
	[ "$(texts 4)" = "a 0" ]
	run -3 pl-store < <(document 2 2 | jq -c '.embedding |= if .
	    then . + [1] else empty end')
}

@test "chunks that pl-embed has not seen are refused, once" {
	run -3 --separate-stderr pl-store < <(
		document 1 3 | jq -c 'del(.embedding)'
		document 2 3 | jq -c 'del(.model)'
	)
	[ "$(told .code | xargs)" = "no_embedding no_model" ]
	[[ $stderr == *pl-embed* ]]
}

@test "a chunk with a vector of zeros, infinities or words is refused" {
	run -3 pl-store < <(
		chunks 1 7 | jq -c '.embedding = ([[0, 0, 0], [1, 2, 1e39],
		    [1, "x", 2], "AAAA", {}, [[1], 2, 3], [1, 2, 3]][.index])'
		end 1 7
	)
	[ "$(told '.code // .type' | uniq -c | xargs)" = \
	    "6 bad_embedding 1 stored" ]
	[ "$(texts 1)" = "a 6" ]
}

@test "records that name no document, no index or no text are refused" {
	run -3 --separate-stderr pl-store < <(
		echo '{"type":"chunk"}'
		echo '{"type":"end","document_id":7}'
		echo '{"type":"chunk","document_id":"'"$(doc_id 1)"'","text":"x"}'
		end 1 1
		echo '{"type":"end","document_id":"'"$(doc_id 2)"'"}'
		chunks 3 2 | jq -c '.text = 5'
		end 3 2
		end 4 0 | jq -c '.lease = "x"'
	)
	[ "$(told '.code' | xargs)" = "bad_record bad_record bad_record \
bad_record bad_record bad_record bad_record bad_record bad_record" ]
}

@test "a chunk with an odd offset or an optional key of a wrong type is refused" {
	odd=('.end = .start - 1' '.start = -1' '.end = "13"' '.end += 1'
	    '.start = 1.5' '.start = 3000000000' '.tokens = "many"'
	    '.tokens = -2' '.id = 7' '.context = ["a"]' '.hash = {}'
	    '.headings = "H"' '.headings = ["H", 1]' '.metadata = []')
	for n in "${!odd[@]}"; do
		chunks "$n" 3 | jq -c "if .index == 1 then ${odd[n]} else . end"
		end "$n" 3
	done >"$BATS_TEST_TMPDIR/in"
	document 90 2 >>"$BATS_TEST_TMPDIR/in"
	chunks 91 1 | jq -c '.id = null | .context = null | .hash = null |
	    .headings = null | .metadata = null | .start = null | .end = null |
	    .tokens = null' >>"$BATS_TEST_TMPDIR/in"
	end 91 1 >>"$BATS_TEST_TMPDIR/in"
	run -3 --separate-stderr pl-store <"$BATS_TEST_TMPDIR/in"
	[ "$(told 'select(.type == "error") | [.class, .code, .chunk] |
	    join(" ")' | sort | uniq -c | xargs)" = "14 input bad_record 1" ]
	[ "$(told 'select(.type == "stored") | [.chunks, .failed_chunks] |
	    join("-")' | sort | uniq -c | xargs)" = "1 1- 1 2- 14 2-1" ]
	[[ $stderr == *"chunk 1: end is before start"* ]]
	[[ $stderr == *"4 bytes apart, its text has 3"* ]]
	[[ $stderr == *"headings is not an array of strings"* ]]
}

@test "a count that is too small is reported as such" {
	run -3 --separate-stderr pl-store < <(
		chunks 1 2 | sed 1d
		end 1 1
	)
	[[ $stderr == *"says 1 chunk, but chunk 1 came (they count from 0)"* ]]
}

@test "a document that cannot be placed is refused" {
	pl-store < <(document 1 1)
	run -3 --separate-stderr pl-store < <(
		document 2 1 | jq -c 'del(.url)'
		chunks 3 1
		end 3 1 | jq -c '.url = "https://s.example/1"'
		document 4 1
	)
	[ "$(told '.code // .type' | xargs)" = \
	    "unknown_document unknown_document stored" ]
	[[ $stderr == *"another document has its source and url"* ]]
}

@test "a document that the database refuses does not affect others of its batch" {
	run -3 pl-store < <(
		document 1 1
		chunks 2 2 | sed '1s/}$/,"metadata":{"n":1e200000}}/'
		end 2 2
		document 3 1
	)
	[ "$(told '[.type, .class, .code] | map(values) | join(" ")' |
	    xargs)" = "stored error input refused_by_database stored" ]
	[ "$(db 'select count(*) from pl.chunks_default')" = 2 ]
}

@test "NUL and lone surrogates are replaced, or refused if asked" {
	run -0 --separate-stderr pl-store < <(
		chunks 1 1 | sed 's/"a 0"/"a\\u0000b\\ud800c"/'
		end 1 1
	)
	[ "$(texts 1)" = "a�b�c" ]
	[[ $stderr == *"2 invalid characters"* ]]
	run -3 pl-store --invalid reject < <(
		chunks 1 1 | sed 's/"a 0"/"a\\u0000"/'
		end 1 1
		document 2 1
	)
	[ "$(told '.code // .type' | xargs)" = \
	    "invalid_text incomplete stored" ]
	run -2 pl-store --invalid ignore
}

@test "a line longer than --max-record costs only itself" {
	run -3 pl-store --max-record 1000 < <(
		document 1 1
		chunks 2 1 "$(printf '%2000s' x)"
		document 3 1
	)
	[ "$(told '.code // .type' | xargs)" = "stored too_long stored" ]
}

# The lease.

@test "a document with a valid lease is stored, and the record repeats the lease" {
	enqueue 1 a
	task in_progress 3
	run -0 pl-store < <(document 1 1 | jq -c ".lease = \"$(doc_id 1):3\"")
	[ "$(told .lease)" = "$(doc_id 1):3" ]
}

@test "a stale lease writes nothing and does not affect others of its batch" {
	pl-store < <(document 1 1 old)
	task in_progress 3
	for lease in "$(doc_id 1):2" "$(doc_id 1):4" "$(doc_id 2):3"; do
		run -3 pl-store < <(
			document 1 2 new | jq -c ".lease = \"$lease\""
			document 2 1 | jq -c ".lease = \"$(doc_id 1):3\""
			document 3 1
		)
		[ "$(told '[.type, .class, .code] | map(values) | join(" ")' |
		    xargs)" = "error internal stale_lease stored stored" ]
		[ "$(told .lease | head -n 1)" = "$lease" ]
		[ "$(texts 1)" = "old 0" ]
	done
	db "update pl.tasks set status = 'canceled', finished_at = now()"
	run -3 pl-store < <(document 1 1 | jq -c ".lease = \"$(doc_id 1):3\"")
	[ "$(told .code)" = stale_lease ]
	[ "$(texts 1)" = "old 0" ]
}

@test "a lost lease gives one line for a task, or one for a document" {
	task in_progress 4
	documents 1 20 | jq -c ".lease = \"$(doc_id 1):3\"" \
		>"$BATS_TEST_TMPDIR/in"
	document 21 1 | jq -c ".lease = \"$(doc_id 2):1\"" >>"$BATS_TEST_TMPDIR/in"
	run -3 --separate-stderr pl-store --batch-documents 7 <"$BATS_TEST_TMPDIR/in"
	[ "$(grep -c '"code":"stale_lease"' <<<"$output")" = 21 ]
	[ "$(wc -l <<<"$stderr")" = 2 ]
	[[ $stderr == *"task $(doc_id 1): "*": 20 documents not written"*"task $(doc_id 2): "*": 1 document not written" ]]
	run -3 --separate-stderr pl-store -v <"$BATS_TEST_TMPDIR/in"
	[ "$(grep -c ' document .*no longer held' <<<"$stderr")" = 21 ]
}

@test "a task cannot be taken over between the check and the commit" {
	enqueue 1 a
	task in_progress 1
	# The transaction waits for the document's lock; then it checks the
	# task.
	psql -Xq "$PL_DATABASE_URL" >/dev/null 3>&- <<-SQL &
		begin; select from pl.documents for update;
		select pg_sleep(5); commit;
	SQL
	held() {
		[ "$(db "select count(*) from pg_stat_activity where pid <>
		    pg_backend_pid() and query like 'select pg_sleep%'")" = 1 ]
	}
	wait_until 10 held
	pl-store < <(document 1 1 | jq -c ".lease = \"$(doc_id 1):1\"") \
		>"$BATS_TEST_TMPDIR/out" 3>&- || true &
	pid=$!
	wait_until 10 waiting_for "wait_event_type = 'Lock'"
	db 'update pl.tasks set attempt = 2'
	wait "$pid"
	[ "$(jq -r 'select(.type == "error").code' "$BATS_TEST_TMPDIR/out")" \
		= stale_lease ]
	[ "$(db 'select chunk_count is null from pl.documents')" = t ]
}

# Collections.

@test "a collection is made at first use, closed to the HTTP API" {
	pl-store --collection other_1 --distance ip < <(document 1 1)
	[ "$(db 'select name, table_name, model, dimensions, vector_type,
	    distance from pl.collections')" = \
	    "other_1|chunks_other_1|test-3|3|real[]|ip" ]
	[ "$(db "select relrowsecurity from pg_class
	    where oid = 'pl.chunks_other_1'::regclass")" = t ]
	[ "$(db "select attstorage from pg_attribute where attname = 'embedding'
	    and attrelid = 'pl.chunks_other_1'::regclass")" = e ]
	db 'delete from pl.documents'
	[ "$(db 'select count(*) from pl.chunks_other_1')" = 0 ]
}

@test "two that make the same collection at once both store" {
	pids=
	for n in 1 2 3 4; do
		pl-store < <(document "$n" 2) >"$BATS_TEST_TMPDIR/$n" 3>&- &
		pids="$pids $!"
	done
	# bats' timer is also a child, so a wait without pids would not end.
	wait $pids
	[ "$(cat "$BATS_TEST_TMPDIR"/[1-4] | jq -r .type | uniq -c |
	    xargs)" = "4 stored" ]
}

@test "a collection that another program changes is noticed" {
	fed pl-store
	document 1 1 >&9
	wait_until 10 grep -q stored "$BATS_TEST_TMPDIR/out"
	db 'drop table pl.chunks_default; delete from pl.collections'
	document 2 1 >&9
	wait_until 10 grep -q collection_changed "$BATS_TEST_TMPDIR/out"
	document 3 1 >&9
	exec 9>&-
	wait $! || [ $? -eq 3 ]
	[ "$(jq -r '[.class, .type] | map(values) | join(" ")' \
	    "$BATS_TEST_TMPDIR/out" | xargs)" = "stored transient error stored" ]
	[ "$(texts 3)" = "a 0" ]
}

# Concurrency and faults.

@test "two that store the same document at once leave one whole version" {
	for round in 1 2 3; do
		pids=
		for who in x y; do
			records "range(1; 21) | {n: (. % 3), count: ., text: \"$who\"} |
			    chunks, ending" >"$BATS_TEST_TMPDIR/$who"
			pl-store --batch-documents 3 <"$BATS_TEST_TMPDIR/$who" \
				>"$BATS_TEST_TMPDIR/$who.out" 3>&- &
			pids="$pids $!"
		done
		wait $pids
		[ "$(cat "$BATS_TEST_TMPDIR"/?.out | jq -r .type | sort |
		    uniq -c | xargs)" = "40 stored" ]
		[ "$(db "select count(*) from (select document_id
		    from pl.chunks_default group by 1
		    having count(distinct left(text, 1)) > 1
		    or count(*) <> (select chunk_count from pl.documents
		    where id = document_id)) as mixed")" = 0 ]
	done
}

@test "a reader never sees a mixture of old and new" {
	records 'range(1; 61) | {n: 1, count: (. % 7 + 1), text: "v\(.)"} |
	    chunks, ending' >"$BATS_TEST_TMPDIR/some"
	for _ in $(seq 1 20); do cat "$BATS_TEST_TMPDIR/some"; done \
		>"$BATS_TEST_TMPDIR/in"
	pl-store < <(document 1 1 v0)
	pl-store --batch-documents 1 <"$BATS_TEST_TMPDIR/in" \
		>"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	seen=0
	while alive $pid; do
		run -0 db "select count(*), count(distinct split_part(text,
		    ' ', 1)), count(*) = any(select chunk_count
		    from pl.documents) from pl.chunks_default"
		[[ $output =~ ^[1-7]\|1\|t$ ]]
		seen=$((seen + 1))
	done
	wait $pid
	[ "$seen" -gt 2 ]
	[ "$(texts 1)" = "v60 0,v60 1,v60 2,v60 3,v60 4" ]
}

@test "killed at any time, it leaves whole documents, and a new run completes the work" {
	documents 1 40 5 '"old"' | pl-store
	documents 1 40 4 '"new"' >"$BATS_TEST_TMPDIR/in"
	for delay in 0.005 0.01 0.015 0.02 0.03 0.04; do
		pl-store --batch-documents 2 <"$BATS_TEST_TMPDIR/in" \
			>"$BATS_TEST_TMPDIR/out" 3>&- &
		sleep $delay
		kill -KILL $! 2>/dev/null || true
		wait $! || true
		[ "$(db "select count(*) from (select document_id
		    from pl.chunks_default group by 1 having (min(text),
		    count(*)) not in (('old 0', 5), ('new 0', 4))
		    or count(distinct left(text, 1)) > 1) as torn")" = 0 ]
	done
	pl-store <"$BATS_TEST_TMPDIR/in"
	[ "$(db 'select count(*), count(distinct left(text, 1))
	    from pl.chunks_default')" = "160|1" ]
}

@test "a cut connection only costs time" {
	fed pl-store
	for n in 1 2 3 4; do
		document "$n" 2 >&9
		wait_until 20 test "$(jq -s length "$BATS_TEST_TMPDIR/out" \
			2>/dev/null)" -ge 0
		wait_until 20 grep -q "$(doc_id "$n")" "$BATS_TEST_TMPDIR/out"
		db "select pg_terminate_backend(pid) from pg_stat_activity
		    where application_name = 'pl-store'"
	done
	exec 9>&-
	wait $pid
	[ "$(jq -r .type "$BATS_TEST_TMPDIR/out" | uniq -c | xargs)" = \
	    "4 stored" ]
}

@test "after a connection is cut in a transaction the work is repeated" {
	enqueue 1 a
	psql -Xq "$PL_DATABASE_URL" >/dev/null 3>&- <<-SQL &
		begin; select from pl.documents for update;
		select pg_sleep(30); commit;
	SQL
	holder=$!
	wait_until 10 db_is 1 "select count(*) from pg_stat_activity
	    where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()"
	pl-store < <(document 1 1; document 2 1) >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	wait_until 10 waiting_for "wait_event_type = 'Lock'"
	db "select pg_terminate_backend(pid) from pg_stat_activity
	    where application_name = 'pl-store' or query like '%pg_sleep%'
	    and pid <> pg_backend_pid()"
	wait $pid
	wait $holder || true
	[ "$(jq -r .type "$BATS_TEST_TMPDIR/out" | xargs)" = "stored stored" ]
}

@test "it waits for a server that is restarted within --retry-for" {
	fed pl-store
	document 1 1 >&9
	wait_until 10 grep -q stored "$BATS_TEST_TMPDIR/out"
	stop_postgres immediate
	document 2 1 >&9
	wait_until 10 grep -q 'trying again' "$BATS_TEST_TMPDIR/err"
	start_postgres 9>&-
	exec 9>&-
	wait $pid
	[ "$(jq -r .type "$BATS_TEST_TMPDIR/out" | xargs)" = "stored stored" ]
	[ "$(texts 2)" = "a 0" ]
}

@test "a server that stays away gives transient errors and exit 75" {
	fed pl-store --retry-for 300ms
	document 1 1 >&9
	wait_until 10 grep -q stored "$BATS_TEST_TMPDIR/out"
	stop_postgres immediate
	{ document 2 1; document 3 1; } >&9
	exec 9>&-
	status=0
	wait $pid || status=$?
	start_postgres
	[ "$status" -eq 75 ]
	[ "$(jq -r '[.class, .code] | map(values) | join(" ")' \
	    "$BATS_TEST_TMPDIR/out" | xargs)" = \
	    "transient unavailable transient unavailable" ]
}

@test "while the server is away, it writes that for a document with a lease" {
	fed pl-store --retry-for 500ms
	document 1 1 >&9
	wait_until 10 grep -q stored "$BATS_TEST_TMPDIR/out"
	stop_postgres immediate
	document 2 1 | jq -c --arg lease "$(doc_id 9):1" '. + {$lease}' >&9
	document 3 1 >&9
	exec 9>&-
	wait $pid || true
	start_postgres
	[ "$(jq -r '"\(.type) \(.document_id[-1:])"' "$BATS_TEST_TMPDIR/out" |
	    xargs)" = 'stored 1 waiting 2 error 2 error 3' ]
}

@test "behind a pooler in transaction mode everything is the same" {
	start_pgbouncer
	run -0 pl-store < <(documents 1 50 3)
	run -0 pl-store --batch-documents 7 < <(documents 1 50 2 '"new"')
	[ "$(told .type | uniq -c | xargs)" = "50 stored" ]
	start_postgres
	[ "$(db 'select count(*) from pl.chunks_default')" = 100 ]
}
