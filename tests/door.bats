# The SQL door: clients save, delete and enqueue documents in their own
# transactions.

load helpers
load jobs

# The rows that a save leaves, as JSON, without times.
saved_rows() {
	db "select jsonb_build_array(s.name, d.source_id, d.id, d.url, d.title,
	    d.content, d.content_type, d.content_hash, d.metadata, d.status)
	    from pl.documents d join pl.sources s on s.id = d.source_id
	    order by d.id"
}

# cases: documents that are saved in the same way by all.
cases() {
	jq -nc '
		def doc($url; $content): {type: "document", source: "case",
		    url: $url, content: $content};
		doc("https://a.example/plain"; "Plain text."),
		doc("https://a.example/title"; "Text.") + {title: "A title"},
		doc("https://a.example/empty-title"; "Text.") + {title: ""},
		doc("https://a.example/type"; "Text.") + {content_type: "text/plain"},
		doc("https://a.example/no-type"; "Text.") + {content_type: ""},
		doc("https://a.example/fragment?q=1&r=%20#part"; "Text."),
		doc("https://a.example/percent/%E2%82%AC/%2f"; "Text."),
		doc("https://a.example/umläute/日本語/🦔"; "Text."),
		doc("no url at all"; "Text."),
		doc("https://a.example/" + ("long/" * 700); "Text."),
		doc("https://a.example/crlf"; "One\r\ntwo\r\n\r\nthree\r\n"),
		doc("https://a.example/spaces"; "  \n Text with space at its ends \t\n"),
		doc("https://a.example/emoji"; "👩‍👩‍👧‍👦 🇩🇪 e\u0301 \u200b \ufffd"),
		doc("https://a.example/mark"; "\ufeffAfter a byte order mark."),
		doc("https://a.example/marks"; "\ufeff\ufeffAfter two."),
		doc("https://a.example/control"; "\u0001\u001f\u007f\u0085 x"),
		doc("https://a.example/long"; "A line of text, and more.\n" * 20000),
		doc("https://a.example/quotes"; "\"\\ \u0027 $$ $1 %s {}"),
		doc("https://a.example/metadata"; "Text.") + {metadata:
		    {author: "Ada", tags: ["a", {"b": null}], n: 1.5}},
		doc("https://a.example/no-source"; "Text.") + {source: null},
		doc("https://a.example/other"; "Text.") + {source: "Größe 🦔 %2F"},
		doc("https://a.example/plain"; "Other source.") + {source: ""}'
}

@test "a document gets the ids and the hash that pl-ingest and pl-enqueue give it" {
	cases >cases.ndjson
	pl-ingest - <cases.ndjson | pl-enqueue >enqueued
	saved_rows >by_programs
	[ "$(wc -l <by_programs)" = 22 ]
	fresh_servers
	jq -c 'if .url == "https://a.example/no-type" then . else
	    .content_type //= "text/markdown" end' cases.ndjson >lines
	psql -Xq -v ON_ERROR_STOP=1 "$PL_DATABASE_URL" <<-'SQL'
		create temporary table lines (r jsonb);
		\copy lines from lines with (format csv, quote E'\x01', delimiter E'\x02')
		select pl.save_document(r->>'source', r->>'url', r->>'content',
		    r->>'title', r->>'content_type', r->'metadata') from lines \g /dev/null
	SQL
	saved_rows >by_door
	diff by_programs by_door
	# The helpers give the same.
	db_is 22 "select count(*) from pl.documents d join pl.sources s
	    on s.id = d.source_id where s.id = pl.source_id(s.name)
	    and d.id = pl.document_id(s.name, d.url) and d.content_hash
	    = pl.content_hash(d.title, d.content_type, d.content)"
}

@test "UUIDs of names are those of RFC 9562, for each length of a name" {
	/usr/bin/python3 - >expected <<-'PY'
		import uuid
		ns = uuid.UUID('f754dd69-4a6e-4766-9d58-583c48bf9792')
		for n in range(1, 260):
		    print(uuid.uuid5(ns, chr(32 + n % 90) * n))
	PY
	db "select pl.uuid5('f754dd69-4a6e-4766-9d58-583c48bf9792',
	    repeat(chr(32 + n % 90), n)) from generate_series(1, 259) n" >got
	diff expected got
	db_is a9993e364706816aba3e25717850c26c9cd0d89d \
		"select encode(pl.sha1('abc'), 'hex')"
	db_is da39a3ee5e6b4b0d3255bfef95601890afd80709 \
		"select encode(pl.sha1(''), 'hex')"
	# Version 7, and in the order of time.
	db_is 't|t' "select bool_and(substr(id, 15, 1) = '7' and substr(id, 20, 1)
	    ~ '[89ab]'), max(ms) - min(ms) < 60000 from (select id::text,
	    ('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint
	    - extract(epoch from now()) * 1000 as ms
	    from (select pl.new_id() as id from generate_series(1, 100)) i) j"
}

@test "what is no document is refused, and the message says what to do" {
	refused() {
		run -1 --separate-stderr db "select $2"
		[[ $stderr == *"$1"* ]]
	}
	refused 'the url is missing' "pl.save_document('s', '', 'x')"
	refused 'the url is missing' "pl.save_document('s', null, 'x')"
	refused 'u: the document has no text' "pl.save_document('s', 'u', '')"
	refused 'pl.delete_document' "pl.save_document('s', 'u', null)"
	refused 'has no text' "pl.save_document('s', 'u',
	    E' \t\r\n\f' || chr(11) || chr(160) || chr(65279))"
	refused 'metadata is not an object' \
		"pl.save_document('s', 'u', 'x', metadata => '[1]')"
	db_is 0 'select count(*) from pl.sources'
}

# save URL TEXT
save() {
	db "select pl.save_document('site', '$1', '$2')" >/dev/null
}

state() {
	db "select status, delete_at from pl.documents where url = '$1'"
}

@test "the same text is unchanged, another one is pending" {
	save u one
	job=$(db "select pl.enqueue('site')")
	work_off >/dev/null
	[ "$(state u)" = 'stored|' ]
	db "update pl.documents set delete_at = now() + interval '1 day',
	    seen_at = now() - interval '1 day'"
	save u one
	[ "$(state u)" = 'stored|' ]
	db_is t "select seen_at > now() - interval '1 minute' from pl.documents"
	[ -z "$(db "select pl.enqueue('site')")" ]
	save u two
	[ "$(state u)" = 'pending|' ]
	[ -n "$(db "select pl.enqueue('site')")" ]
	work_off >/dev/null
	[ "$(state u)" = 'stored|' ]
	balanced
}

@test "a job looks as that of pl-enqueue, and is worked off" {
	look="select j.type, j.status, j.sealed, j.documents, j.details,
	    j.timeout_seconds, j.max_attempts, j.error, s.name, s.status,
	    s.job_id = j.id, (select string_agg(n::text, ',' order by n desc)
	    from (select count(*) as n from pl.job_documents d where d.job_id
	    = j.id group by task_id) as t) from pl.jobs j
	    join pl.sources s on s.id = j.source_id"
	seq 120 | jq -c '{type: "document", source: "site", url: tostring,
	    content: "text"}' | PL_REDIS_URL=none pl-enqueue >/dev/null
	expected=$(db "$look")
	fresh_servers
	db "select pl.save_document('site', n::text, 'text')
	    from generate_series(1, 120) n" >/dev/null
	job=$(db "select pl.enqueue('site')")
	[ "$(db "$look")" = "$expected" ]
	run -0 pl-jobctl verify
	[ -z "$output" ]
	# Redis does not know the tasks: workers find them all the same.
	work_off >/dev/null
	[ "$(pl-jobctl status "$job" | jq -r '[.status, .stored] | join(" ")')" = \
		'completed 120' ]
	db_is ready 'select status from pl.sources'
	balanced
	# A queue of its own.
	save u x
	db "select pl.enqueue('site', 'slow')" >/dev/null
	db_is 'slow|{"queue": "slow"}' "select t.queue, j.details from pl.tasks t
	    join pl.jobs j on j.id = t.job_id where t.queue <> 'processing'"
}

@test "a document that waits in an open job is not queued twice" {
	save u one
	job=$(db "select pl.enqueue('site')")
	[ -n "$job" ]
	save u two
	save v new
	next=$(db "select pl.enqueue('site')")
	[ "$(pl-jobctl documents "$next" --ledger | jq -r .url)" = v ]
	[ -z "$(db "select pl.enqueue('site')")" ]
	work_off >/dev/null
	db_is 2 "select count(*) from pl.documents where status = 'stored'"
	balanced
}

@test "a text that changes while its old one is processed is processed again" {
	save u one
	db "select pl.enqueue('site')" >/dev/null
	# Takes one document, and holds it until there is a file.
	pl-worker --burst -- "while read -r line; do
	    touch got; while [ ! -e go ]; do sleep 0.05; done
	    printf '%s\n' \"\$line\" | jq --unbuffered -c '{type: \"stored\",
	    document_id: .id, collection: \"x\", chunks: 1, lease}'; done" \
		>/dev/null 2>&1 3>&- &
	pid=$!
	wait_until 20 test -e got
	save u two
	next=$(db "select pl.enqueue('site')")
	[ -n "$next" ]
	touch go
	wait "$pid"
	work_off >/dev/null
	[ "$(state u)" = 'stored|' ]
	[ "$(pl-jobctl status "$next" | jq -r .stored)" = 1 ]
	balanced
}

@test "a claim waits for the transaction that counts on it" {
	save u one
	db "select pl.enqueue('site')" >/dev/null
	# Another job works on it, and this one has begun: the claim changes the
	# rows of neither document nor source.
	db "update pl.documents set status = 'processing';
	    update pl.jobs set status = 'in_progress'"
	mkfifo held
	psql -XAtq "$PL_DATABASE_URL" <held >said 3>&- &
	holder=$!
	exec 9>held
	echo "begin; select pl.save_document('site', 'u', 'two');
	    select pl.enqueue('site') is null;" >&9
	wait_until 20 grep -qx t said
	pl-worker --burst -- 'pl-chunk | tee texts | pl-embed | pl-store' \
		>/dev/null 2>&1 3>&- 9>&- &
	pid=$!
	wait_until 20 db_is t "select count(*) > 0 from pg_stat_activity
	    where wait_event_type = 'Lock' and application_name like 'pl-worker%'"
	echo 'commit;' >&9
	exec 9>&-
	wait "$holder"
	wait "$pid"
	[ "$(jq -r 'select(.type == "chunk").text' texts)" = two ]
	[ "$(state u)" = 'stored|' ]
	balanced
}

@test "of many that write the same documents while workers work no text is lost" {
	export PL_REDIS_URL=none
	pids=
	for writer in 1 2 3 4; do
		for n in $(seq 40); do
			# A deadlock, which is rare here, takes back one of them.
			echo "begin; select pl.save_document('site',
			    'u$((RANDOM % 6))', 'Text $writer-$n of the walrus.');
			    select pl.enqueue('site'); commit;
			    select pg_sleep(0.02);"
		done | psql -XAtq "$PL_DATABASE_URL" >/dev/null 2>&1 3>&- &
		pids="$pids $!"
	done
	# shellcheck disable=SC2016
	for worker in 1 2; do
		timeout 200 bash -c 'while [ ! -e done ]; do pl-worker --burst -- \
		    "pl-chunk | pl-embed | pl-store"; done' >/dev/null 2>&1 3>&- &
		workers="${workers:-} $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	touch done
	for pid in $workers; do
		wait "$pid" || true
	done
	pl-worker --burst >/dev/null
	db_is '6|6' "select count(*), count(*) filter (where c.text = d.content)
	    from pl.documents d join pl.chunks_default c on c.document_id = d.id"
	db_is 6 "select count(*) from pl.documents where status = 'stored'"
	run -0 pl-jobctl verify
	[ -z "$output" ]
	balanced
}

@test "all_documents queues stored and failed ones, too" {
	save a one
	save b two
	db "select pl.enqueue('site')" >/dev/null
	work_off >/dev/null
	db "update pl.documents set status = 'failed' where url = 'a'"
	[ -z "$(db "select pl.enqueue('site')")" ]
	job=$(db "select pl.enqueue('site', all_documents => true)")
	[ "$(pl-jobctl status "$job" | jq .documents)" = 2 ]
	work_off >/dev/null
	db_is 2 "select count(*) from pl.documents where status = 'stored'"
	# One that failed, and is stored nowhere, comes again without all_documents.
	db "update pl.documents set status = 'failed' where url = 'a';
	    delete from pl.collection_documents l using pl.documents d
	    where d.id = l.document_id and d.url = 'a'"
	save a one
	job=$(db "select pl.enqueue('site')")
	[ "$(pl-jobctl status "$job" | jq .documents)" = 1 ]
	[ -z "$(db "select pl.enqueue('no such source')")" ]
}

@test "a rollback leaves nothing" {
	pl-jobctl create --source other >/dev/null
	before=$(db 'select count(*) from pl.sources; select count(*) from pl.jobs')
	psql -Xq "$PL_DATABASE_URL" <<-'SQL' >/dev/null
		begin;
		select pl.save_document('site', n::text, 'x')
		    from generate_series(1, 60) n;
		select pl.enqueue('site');
		rollback;
	SQL
	[ "$(db 'select count(*) from pl.sources; select count(*) from pl.jobs')" \
		= "$before" ]
	db_is '0|0|0' 'select (select count(*) from pl.documents),
	    (select count(*) from pl.tasks), (select count(*) from pl.unqueued)'
}

# chunks COLLECTION: how many the document u has there.
chunks() {
	db "select count(*) from pl.chunks_$1 c join pl.documents d
	    on d.id = c.document_id where d.url = 'u'"
}

@test "a deleted document loses its chunks everywhere, and may come back" {
	save u 'A walrus waits.'
	for collection in default manual; do
		db "select pl.enqueue('site', all_documents => true,
		    collection => '$collection')" >/dev/null
		pl-worker --burst -- "pl-chunk | pl-embed |
		    pl-store --collection $collection" >/dev/null
	done
	[ "$(chunks default) $(chunks manual)" = '1 1' ]
	db_is t "select pl.delete_document('site', 'u')"
	[ "$(chunks default) $(chunks manual)" = '0 0' ]
	[ "$(state u)" = 'deleted|' ]
	db_is f "select pl.delete_document('site', 'u')"
	db_is f "select pl.delete_document('site', 'never seen')"
	run -0 pl-jobctl verify
	[ -z "$output" ]
	save u 'A walrus waits.'
	[ "$(state u)" = 'pending|' ]
	db "select pl.enqueue('site', collection => 'default')" >/dev/null
	pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' >/dev/null
	[ "$(chunks default)" = 1 ]
	# Deleted while it waits: its job ends, and nothing is stored.
	save u 'A walrus went.'
	db "select pl.enqueue('site')" >/dev/null
	db "select pl.delete_document('site', 'u')" >/dev/null
	pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' >/dev/null ||
		[ $? -eq 3 ]
	db_is 0 "select count(*) from pl.jobs where status in ('pending', 'queued',
	    'in_progress')"
	[ "$(chunks default)" = 0 ]
	balanced
}

@test "chunks follow new metadata of the same text" {
	db "select pl.save_document('site', 'u', 'A walrus.', metadata =>
	    '{\"by\": \"Ada\"}'); select pl.enqueue('site')" >/dev/null
	pl-worker --burst -- 'pl-chunk --metadata | pl-embed | pl-store' >/dev/null
	db_is Ada "select metadata->>'by' from pl.chunks_default"
	db "select pl.save_document('site', 'u', 'A walrus.', metadata =>
	    '{\"by\": \"Bob\", \"year\": 2026}')" >/dev/null
	[ "$(state u)" = 'stored|' ]
	db_is 'Bob|2026' "select metadata->>'by', metadata->>'year'
	    from pl.chunks_default"
	run -0 pl-jobctl verify
	[ -z "$output" ]
}

@test "only the owner, and who was granted it, may use the door" {
	psql -Xq "$PL_TEST_ADMIN_URL" <<-'SQL'
		do $$ begin create role guest login;
		exception when duplicate_object then null; end $$;
	SQL
	db 'grant usage on schema pl to guest'
	for call in "save_document('s', 'u', 'x')" "delete_document('s', 'u')" \
		"enqueue('s')"; do
		run -1 psql -XAtqc "select pl.$call" "${PL_DATABASE_URL/pl@/guest@}"
		[[ $output == *'permission denied for function'* ]]
	done
	# No function looks for names where the caller says.
	db_is 0 "select count(*) from pg_proc where pronamespace = 'pl'::regnamespace
	    and proname in ('save_document', 'delete_document', 'enqueue', 'sha1',
	    'uuid5', 'new_id') and not 'search_path=pg_catalog, pg_temp' = any(
	    coalesce(proconfig, '{}'))"
}

# post SQL: as a client that has no rights in the schema pl.
post() {
	psql -XAtq -v ON_ERROR_STOP=1 -c "$1" "${PL_DATABASE_URL/pl@/author@}"
}

found() {
	pl-worker --burst >/dev/null 2>&1
	pl-search -k 1 "$1" | jq -r .url
}

@test "examples/posts.sql: the rows of a table are searchable" {
	psql -Xq "$PL_TEST_ADMIN_URL" <<-'SQL'
		do $$ begin create role author login;
		exception when duplicate_object then null; end $$;
	SQL
	psql -Xq "$PL_TEST_ADMIN_URL" -c 'grant create on schema public to pl'
	for time in 1 2; do
		psql -Xq -v ON_ERROR_STOP=1 -f "$PL_TEST_ROOT/examples/posts.sql" \
			"$PL_DATABASE_URL"
	done
	db 'grant insert, select, update, delete on public.posts to author'
	post "insert into posts (title, body, author) values
	    ('Sea', 'The walrus sleeps on ice.', 'Ada'),
	    ('Wood', 'A hedgehog eats beetles.', 'Bob'),
	    ('Empty', ' ', 'Bob')"
	db_is '1|2' 'select count(*), max(documents) from pl.jobs'
	[ "$(found 'the walrus sleeps on ice')" = /posts/1 ]
	[ "$(found 'a hedgehog eats beetles')" = /posts/2 ]

	post "update posts set body = 'The badger digs.' where id = 1"
	[ "$(found 'the badger digs')" = /posts/1 ]
	db_is 0 "select count(*) from pl.chunks_default where text like '%walrus%'"
	# The same text again makes no job.
	jobs=$(db 'select count(*) from pl.jobs')
	post 'update posts set body = body'
	db_is "$jobs" 'select count(*) from pl.jobs'

	post 'begin; update posts set body = $$Never.$$; rollback'
	db_is "$jobs" 'select count(*) from pl.jobs'
	db_is 0 "select count(*) from pl.documents where status = 'pending'"

	post 'delete from posts where id = 2'
	post 'update posts set published = false where id = 1'
	db_is 0 'select count(*) from pl.chunks_default'
	post 'update posts set published = true where id = 1'
	[ "$(found 'the badger digs')" = /posts/1 ]
	balanced
}
