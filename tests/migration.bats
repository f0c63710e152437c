# A database that the last release made. The programs refuse it until it is
# brought up to date, and then continue to use it.
#
# The release had version 2 of the schema. Its tables are made as its init made
# them, and filled as its programs did:
#
#   site    a crawl of 38 pages, all of them stored, and the crawl of the day
#           after, in which a page answered 404 and all others were unchanged:
#           with that release such a job could not end
#   notes   six documents in three tasks: one queued, one pending, and one that
#           a worker took with it when it died

load helpers
load jobs

site=https://docs.haybarn.example

setup() {
	cd "$BATS_TEST_TMPDIR"
	empty_servers
	old_records
	old_schema
	old_site
	old_stuck_job
	old_open_tasks
}

# sql: run the statements on standard input in one transaction.
sql() {
	psql -Xq -1 -v ON_ERROR_STOP=1 -f - "$PL_DATABASE_URL"
}

old_schema() {
	local schema=$PL_TEST_ROOT/lib/store/schema
	psql -Xq -1 -v ON_ERROR_STOP=1 \
		-f "$schema/001.sql" \
		-c 'insert into pl.schema_version (version) values (1)' \
		-f "$schema/002.sql" \
		-c 'insert into pl.schema_version (version) values (2)' \
		"$PL_DATABASE_URL"
}

# The file pages has the records of the pages: documents, chunks with vectors,
# and ends. The file notes has only documents. All tests of this file use the
# same records.
old_records() {
	local made=$BATS_FILE_TMPDIR/pages
	if [ ! -e "$made" ]; then
		pl-ingest --source site "$PL_TEST_ROOT/examples/crawl.json" \
			2>/dev/null >ingested || [ $? -eq 3 ]
		jq -c 'select(.type == "document")' ingested >documents
		pl-chunk <documents | pl-embed | cat documents - >"$made"
		seq 6 | jq -c '{url: "https://notes.example/\(.)",
		    content: "Note \(.) is about walrus \(.)."}' |
			pl-ingest --source notes - |
			jq -c 'select(.type == "document")' >"$BATS_FILE_TMPDIR/notes"
	fi
	cp "$made" pages
	cp "$BATS_FILE_TMPDIR/notes" .
}

# lines FILE: make a temporary table of its records, for later statements. The
# quote and the delimiter do not occur in JSON.
lines() {
	cat <<-SQL
		create temporary table line (r jsonb);
		\\copy line from $1 with (format csv, quote E'\\x01', delimiter E'\\x02')
	SQL
}

old_site() {
	{
		lines pages
		cat <<-'SQL'
			-- Ids of sources are made of their names.
			insert into pl.sources (id, name, created_at) values
			    ('7adcf0b0-74c0-5c66-9516-f967fb3415ac', 'site',
			    now() - interval '2 days');
			insert into pl.documents (id, source_id, url, title,
			    content, content_type, content_hash, metadata,
			    status, chunk_count, processed_at)
			 select (r->>'id')::uuid, s.id, r->>'url', r->>'title',
			    r->>'content', r->>'content_type',
			    r->>'content_hash',
			    coalesce(r->'metadata', '{}'), 'stored',
			    (select (e.r->>'chunks')::integer from line e
			     where e.r->>'type' = 'end'
			     and e.r->>'document_id' = line.r->>'id'),
			    now() - interval '2 days'
			 from line, pl.sources s where r->>'type' = 'document';
			insert into pl.jobs (id, source_id, status, sealed,
			    created_at, queued_at, started_at, finished_at)
			 select '01900000-0000-7000-8000-000000000001', id,
			    'completed', true, created_at, created_at,
			    created_at, created_at from pl.sources;
			insert into pl.tasks (id, job_id, queue, status,
			    attempt, worker, created_at, started_at,
			    finished_at)
			 select '01900000-0000-7000-8000-00000000000a', id,
			    'processing', 'completed', 1, 'gone.1', created_at,
			    created_at, created_at from pl.jobs;
			insert into pl.job_documents (job_id, document_id,
			    task_id, status, attempts, chunks, milliseconds,
			    started_at, finished_at)
			 select j.id, d.id, t.id, 'stored', 1, d.chunk_count,
			    100, j.started_at, j.finished_at
			 from pl.jobs j, pl.tasks t, pl.documents d;

			-- As pl-store makes the table of a collection.
			insert into pl.collections (name, table_name, model,
			    dimensions, vector_type, distance) values
			    ('default', 'chunks_default', 'hash-512-v1', 512,
			    'real[]', 'cosine');
			create table pl.chunks_default (id uuid primary key,
			 document_id uuid not null references pl.documents
			  on delete cascade,
			 index integer not null, text text not null,
			 context text, start integer, "end" integer,
			 tokens integer, headings text[], hash text,
			 metadata jsonb not null default '{}',
			 embedding real[] not null, unique (document_id, index))
			 with (toast_tuple_target = 8160);
			alter table pl.chunks_default
			    alter column embedding set storage external;
			alter table pl.chunks_default
			    enable row level security;
			insert into pl.chunks_default
			 select (r->>'id')::uuid, (r->>'document_id')::uuid,
			    (r->>'index')::integer, r->>'text', r->>'context',
			    (r->>'start')::integer, (r->>'end')::integer,
			    (r->>'tokens')::integer,
			    array(select jsonb_array_elements_text(r->'headings')),
			    r->>'hash', coalesce(r->'metadata', '{}'),
			    array(select v::real from jsonb_array_elements_text(
			        r->'embedding') with ordinality as e(v, n)
			        order by n)
			 from line where r->>'type' = 'chunk';
		SQL
	} | sql
}

old_stuck_job() {
	sql <<-'SQL'
		insert into pl.jobs (id, source_id, status, sealed, created_at,
		    fed_at)
		 select '01900000-0000-7000-8000-000000000002', id, 'pending',
		    false, now() - interval '1 day', now() - interval '1 day'
		 from pl.sources;
		update pl.documents set error = jsonb_build_object(
		    'stage', 'ingest', 'class', 'input', 'code', 'http_404',
		    'message', 'the site answered HTTP 404')
		 where url like '%haybarn.example/faq';
		insert into pl.job_documents (job_id, document_id, status,
		    stage, error, finished_at)
		 select '01900000-0000-7000-8000-000000000002', id,
		    case when error is null then 'unchanged' else 'failed' end,
		    case when error is not null then 'ingest' end, error,
		    now() - interval '1 day'
		 from pl.documents;
	SQL
}

old_open_tasks() {
	{
		lines notes
		cat <<-'SQL'
			insert into pl.sources (id, name) values
			    ('0611fcfe-e039-5fb7-96ab-ba74b4bc63c5', 'notes');
			insert into pl.documents (id, source_id, url, title,
			    content, content_type, content_hash, metadata)
			 select (r->>'id')::uuid, s.id, r->>'url', r->>'title',
			    r->>'content', r->>'content_type',
			    r->>'content_hash', coalesce(r->'metadata', '{}')
			 from line, pl.sources s where s.name = 'notes';
			insert into pl.jobs (id, source_id, sealed)
			 select '01900000-0000-7000-8000-000000000003', id, true
			 from pl.sources where name = 'notes';
			insert into pl.workers (name, host, pid, queues,
			    started_at, heartbeat_at) values ('gone.2', 'gone',
			    2, '{processing}', now() - interval '1 hour',
			    now() - interval '1 hour');
			insert into pl.tasks (id, job_id, queue)
			 select ('01900000-0000-7000-8000-0000000000b' || n)::uuid,
			    '01900000-0000-7000-8000-000000000003',
			    'processing' from generate_series(1, 3) as n;
			insert into pl.job_documents (job_id, document_id,
			    task_id)
			 select '01900000-0000-7000-8000-000000000003', id,
			    ('01900000-0000-7000-8000-0000000000b' ||
			    (right(url, 1)::integer + 1) / 2)::uuid
			 from pl.documents where url like '%notes.example%';
			-- Two were pushed, and a worker took one of these.
			update pl.jobs set status = 'queued', queued_at = now()
			 where id::text like '%3';
			update pl.tasks set status = 'queued'
			 where id::text like '%b1' or id::text like '%b3';
			update pl.tasks set status = 'in_progress', attempt = 1,
			    worker = 'gone.2', started_at = now(),
			    lease_expires_at = now() - interval '1 minute'
			 where id::text like '%b3';
			update pl.jobs set status = 'in_progress',
			    started_at = now() where id::text like '%3';
			update pl.job_documents set status = 'processing',
			    started_at = now() where task_id::text like '%b3';
			update pl.documents d set status = 'processing'
			 from pl.job_documents j where j.document_id = d.id
			 and j.status = 'processing';
		SQL
	} | sql
}

stuck=01900000-0000-7000-8000-000000000002
open=01900000-0000-7000-8000-000000000003

# jobs: print the state of each job on a line: the crawls, then the notes.
jobs() {
	db "select status, sealed, documents, stored, unchanged, failed
	    from pl.jobs order by id"
}

# everything: a fingerprint of all rows that the old programs have written.
everything() {
	local table
	for table in schema_version sources documents jobs tasks job_documents \
		collections chunks_default workers queues; do
		db "select '$table', md5(string_agg(t::text, ' ' order by
		    t::text)) from pl.$table t"
	done
}

# metric SERIES: its value, as Prometheus is told.
metric() {
	pl-jobctl metrics --prometheus | awk -v series="$1" '
		substr($0, 1, length(series) + 1) == series " " {
			print substr($0, length(series) + 2)
		}'
}

account_is_right() {
	run -0 pl-jobctl verify
	[ -z "$output" ]
}

@test "the old database is what the old release left" {
	[ "$(jobs)" = "completed|t|38|38|0|0
pending|f|38|0|37|1
in_progress|t|6|0|0|0" ]
	db_is 'processing,ready' "select string_agg(status, ',' order by name)
	    from pl.sources"
	balanced
	# The fault that the third version repairs.
	run db "update pl.jobs set sealed = true where id = '$stuck'"
	[ "$status" -ne 0 ]
	[[ $output == *'no move from ready to partial'* ]]
}

# A sanitised program that ends early reports the memory that it still holds.
# That is no fault, and not a line of the program.
words_alone() {
	export ASAN_OPTIONS=detect_leaks=0
}

# refused COMMAND...: it reports that the schema has an older version, and ends.
refused() {
	run -1 timeout 10 "$@" </dev/null
	[[ $output == *'Postgres: the database has version 2 of the pl schema, this program needs '*": run 'pl-jobctl init'" ]]
	# Once: there is no second try.
	[ "$(wc -l <<<"$output")" = 1 ]
}

@test "every program refuses the old schema, and says what to run" {
	words_alone
	before=$(everything)
	refused pl-enqueue --source site
	refused pl-store
	refused pl-worker
	refused pl-worker --burst
	refused pl-worker --burst --retry-for 5m -- cat
	refused pl-search walrus
	for command in 'status site' list 'list --table' sync 'sync --dry-run' \
		verify sources workers queues 'documents site' 'cancel site' \
		'wait site' 'retry site' 'pause processing' \
		'resume processing' create metrics; do
		# shellcheck disable=SC2086
		refused pl-jobctl $command
	done
	run -1 timeout 10 pl-jobctl health
	[[ $output == *'"schema","state":"fail"'*"version 2"*"pl-jobctl init"* ]]
	[ "$(everything)" = "$before" ]
	[ -z "$(redis keys '*')" ]
	# A pipeline reports no document as stored.
	run -1 timeout 10 bash -c 'pl-store <pages'
	[[ $output != *'"stored"'* ]]
	[ "$(everything)" = "$before" ]
}

@test "every program refuses a newer schema, and says what to install" {
	words_alone
	pl-jobctl init >/dev/null
	db 'insert into pl.schema_version values (99)'
	before=$(everything)
	for command in pl-enqueue pl-store pl-worker 'pl-worker --burst' \
		'pl-search walrus' 'pl-jobctl status site' 'pl-jobctl list' \
		'pl-jobctl sync' 'pl-jobctl verify' 'pl-jobctl metrics' \
		'pl-jobctl init'; do
		# shellcheck disable=SC2086
		run -1 timeout 10 $command </dev/null
		[[ $output == *'version 99'*'install the newer pl' ]]
		[ "$(wc -l <<<"$output")" = 1 ]
	done
	run -1 timeout 10 pl-jobctl health
	[[ $output == *'version 99'*'install the newer pl'* ]]
	[ "$(everything)" = "$before" ]
}

@test "init brings the schema up to date; a second init does nothing" {
	run -0 pl-jobctl init
	[ "$(jq -c '[.from, .changed, .version > 2]' <<<"$output")" = \
		'[2,true,true]' ]
	version=$(jq .version <<<"$output")
	db_is "$(seq -s, "$version")" "select string_agg(version::text, ','
	    order by version) from pl.schema_version"
	before=$(everything)
	run -0 pl-jobctl init
	[ "$(jq -c '[.from, .changed, .version]' <<<"$output")" = \
		"[$version,false,$version]" ]
	[ "$(everything)" = "$before" ]
	# The stuck job is found now.
	run -1 --separate-stderr pl-jobctl health --json
	[ "$(jq -r 'select(.state == "fail") | .component' <<<"$output")" = jobs ]
	run -1 --separate-stderr pl-jobctl verify
	[ "$(jq -r '.check + " " + .job_id' <<<"$output")" = "unsealed $stuck" ]
	[ "$(jobs)" = "completed|t|38|38|0|0
pending|f|38|0|37|1
in_progress|t|6|0|0|0" ]
}

@test "of several inits at once one does the work, and the others wait" {
	pids=
	for i in 1 2 3 4; do
		pl-jobctl init >"init$i" 2>"err$i" 3>&- &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	[ "$(jq -s 'map(.changed) | sort | map(tostring) | join(" ")' -r \
		init?)" = 'false false false true' ]
	[ "$(jq -r 'select(.changed).from' init?)" = 2 ]
	db_is t 'select count(*) = max(version) from pl.schema_version'
}

@test "an init that is killed leaves the old schema, and can be repeated" {
	before=$(everything)
	# Another transaction reads the jobs table, so init waits to change it.
	mkfifo locked
	psql -XAtq "$PL_DATABASE_URL" <locked >held 3>&- &
	holder=$!
	exec 9>locked
	echo 'begin; select count(*) from pl.jobs;' >&9
	wait_until 10 test -s held
	pl-jobctl init >init.out 2>init.err 3>&- 9>&- &
	pid=$!
	wait_until 20 db_is 1 "select count(*) from pg_stat_activity
	    where application_name like 'pl-jobctl%'
	    and wait_event_type = 'Lock'"
	kill -9 "$pid"
	wait "$pid" || true
	exec 9>&-
	wait "$holder"
	[ "$(everything)" = "$before" ]
	run -0 pl-jobctl init
	[ "$(jq .from <<<"$output")" = 2 ]
}

@test "a role keeps its privileges" {
	psql -Xq "$PL_TEST_ADMIN_URL" <<-'SQL'
		do $$ begin create role reader login;
		exception when duplicate_object then null; end $$;
	SQL
	db 'grant usage on schema pl to reader;
	    grant select on pl.job_accounts, pl.sources to reader'
	pl-jobctl init >/dev/null
	db_is t "select has_table_privilege('reader', 'pl.job_accounts',
	    'select')"
	db_is t "select has_table_privilege('reader', 'pl.sources', 'select')"
	db_is f "select has_table_privilege('reader', 'pl.documents', 'select')"
	# A view shows no more than its tables do, since version 10.
	run psql -XAtqc 'select count(*) from pl.job_accounts' \
		"${PL_DATABASE_URL/pl@/reader@}"
	[[ $output == 0 || $output == *"permission denied"* ]]
	pl-jobctl grant reader --as reader >/dev/null
	# The privileges are of use: a user's report reads the columns it knows.
	[ "$(psql -XAtqc 'select status, documents, waiting, in_flight, source
	    from pl.job_accounts order by id' \
		"${PL_DATABASE_URL/pl@/reader@}")" = "completed|38|0|0|site
pending|38|0|0|site
in_progress|6|4|2|notes" ]
}

@test "who was granted the ledger still writes it, and is counted" {
	psql -Xq "$PL_TEST_ADMIN_URL" <<-'SQL'
		do $$ begin create role writer login bypassrls;
		exception when duplicate_object then null; end $$;
	SQL
	db 'grant usage on schema pl to writer;
	    grant select, insert, update on all tables in schema pl to writer'
	pl-jobctl init >/dev/null
	psql -Xq -v ON_ERROR_STOP=1 -c "update pl.job_documents
	    set status = 'failed' where job_id = '$open'" \
		"${PL_DATABASE_URL/pl@/writer@}"
	[ "$(metric 'pl_documents_total{source="notes",outcome="failed"}')" = 6 ]
	# Its metrics are those of the last fold.
	db "update pl.job_documents set status = 'canceled'
	    where job_id = '$open'"
	db 'grant select on all tables in schema pl to writer'
	metrics=$(PL_DATABASE_URL=${PL_DATABASE_URL/pl@/writer@} \
		pl-jobctl metrics --prometheus)
	grep -qx 'pl_documents_total{source="notes",outcome="canceled"} 0' \
		<<<"$metrics"
}

@test "who was granted the documents still stores" {
	psql -Xq "$PL_TEST_ADMIN_URL" <<-'SQL'
		do $$ begin create role storer login bypassrls;
		exception when duplicate_object then null; end $$;
	SQL
	db 'grant usage on schema pl to storer;
	    grant all on all tables in schema pl to storer'
	pl-jobctl init >/dev/null
	jq -nc '{source: "notes", url: "by storer", content: "A walrus."}' |
		pl-chunk | pl-embed >chunks
	PL_DATABASE_URL=${PL_DATABASE_URL/pl@/storer@} run -0 pl-store <chunks
	db_is 1 "select count(*) from pl.stored_documents l join pl.documents d
	    on d.id = l.document_id where d.url = 'by storer'"
	db_is 0 "select count(*) from information_schema.role_table_grants
	    where table_schema = 'pl' and table_name = 'recipes'
	    and grantee not in ('pl', 'storer')"
}

@test "no table of it is open to others afterwards" {
	pl-jobctl init >/dev/null
	db_is 0 "select count(*) from pg_class c where relnamespace =
	    'pl'::regnamespace and relkind in ('r', 'p')
	    and not relrowsecurity"
}

@test "sync ends the stuck job, and the source follows" {
	pl-jobctl init >/dev/null
	run -0 --separate-stderr pl-jobctl sync --json
	[ "$(jq -r 'select(.what == "job_not_sealed").count' <<<"$output")" = 1 ]
	[ "$(jobs | sed -n 2p)" = 'partial|t|38|0|37|1' ]
	db_is partial "select status from pl.sources where name = 'site'"
	run -3 timeout 10 pl-jobctl wait "$stuck" --quiet
	account_is_right
	run -0 --separate-stderr pl-jobctl sync --json
	[ -z "$output" ]
}

@test "a worker finishes what was open, and ends the stuck job" {
	pl-jobctl init >/dev/null
	run -0 timeout 60 pl-worker --burst
	[ "$(jobs)" = "completed|t|38|38|0|0
partial|t|38|0|37|1
completed|t|6|6|0|0" ]
	db_is 'ready,partial' "select string_agg(status, ',' order by name)
	    from pl.sources"
	db_is 3 "select count(*) from pl.tasks where status = 'completed'
	    and job_id = '$open'"
	# The attempt of the worker that died counts.
	db_is '1 1 2' "select string_agg(attempt::text, ' ' order by id)
	    from pl.tasks where job_id = '$open'"
	balanced
	account_is_right
	run -0 pl-jobctl wait notes --quiet
	run -0 pl-jobctl health
	[ "$(pl-search -k 6 walrus | jq -r .url | sort | head -n 2)" = \
		"https://notes.example/1
https://notes.example/2" ]
}

@test "a worker finishes what was open without Redis, too" {
	export PL_REDIS_URL=none
	pl-jobctl init >/dev/null
	run -0 timeout 60 pl-worker --burst
	[ "$(jobs)" = "completed|t|38|38|0|0
partial|t|38|0|37|1
completed|t|6|6|0|0" ]
	account_is_right
}

@test "stored pages are found before any worker ran" {
	pl-jobctl init >/dev/null
	[ "$(pl-search -k 1 'a barn of eleven machines' | jq -r .url)" = \
		"$site/concepts" ]
	[ "$(pl-jobctl documents site --status unchanged | wc -l)" = 37 ]
	[ "$(pl-jobctl documents site --failed --ledger | jq -r .error.code)" = \
		http_404 ]
}

@test "the next crawl finds all pages unchanged, and embeds none again" {
	pl-jobctl init >/dev/null
	chunks="select md5(string_agg(c::text, chr(10) order by c.id))
	    from pl.chunks_default c join pl.documents d
	    on d.id = c.document_id where d.url like '$site/%'"
	before=$(db "$chunks")
	jq -c 'select(.type == "document")' pages >documents
	run -0 --separate-stderr pl-enqueue --source site <documents
	[ "$(jq -c '[.status, .documents, .unchanged, .tasks]' \
		<<<"$output")" = '["completed",38,38,0]' ]
	db_is ready "select status from pl.sources where name = 'site'"
	pl-worker --burst
	# The job before it ends only now, and does not change the source's
	# status.
	db_is ready "select status from pl.sources where name = 'site'"
	[ "$(jobs | sed -n 2p)" = 'partial|t|38|0|37|1' ]
	db_is "$before" "$chunks"
	account_is_right
}

@test "a page that changed is stored again in the old table" {
	pl-jobctl init >/dev/null
	jq -c 'select(.type == "document") |
	    if .url == "'$site'/concepts" then
	    .content += "\nAsk the hedgehog.\n" | del(.content_hash) else . end' \
		pages >documents
	run -0 --separate-stderr pl-enqueue --source site <documents
	[ "$(jq -c '[.documents, .unchanged, .tasks]' <<<"$output")" = \
		'[38,37,1]' ]
	run -0 timeout 60 pl-worker --burst
	[ "$(pl-search -k 1 'ask the hedgehog' | jq -r .url)" = "$site/concepts" ]
	account_is_right
}

@test "counters begin with what the ledger knows" {
	pl-jobctl init >/dev/null
	[ "$(metric 'pl_documents_total{source="site",outcome="stored"}')" = 38 ]
	[ "$(metric 'pl_documents_total{source="site",outcome="unchanged"}')" = 37 ]
	[ "$(metric 'pl_documents_total{source="site",outcome="failed"}')" = 1 ]
	[ "$(metric 'pl_chunks_total{source="site",outcome="stored"}')" = \
		"$(jq -s 'map(select(.type == "end").chunks) | add' pages)" ]
	[ "$(metric 'pl_errors_total{stage="ingest",class="input",code="http_404"}')" = 1 ]
	[ "$(metric 'pl_document_duration_seconds_bucket{outcome="stored",le="0.1"}')" = 38 ]
	[ "$(metric 'pl_document_duration_seconds_bucket{outcome="stored",le="0.05"}')" = 0 ]
	[ "$(metric 'pl_document_duration_seconds_sum{outcome="stored"}')" = 3.8 ]
	[ "$(metric 'pl_jobs_total{outcome="completed"}')" = 1 ]
	# What is done from now on is added.
	timeout 60 pl-worker --burst
	[ "$(metric 'pl_documents_total{source="notes",outcome="stored"}')" = 6 ]
	[ "$(metric 'pl_documents_total{source="site",outcome="stored"}')" = 38 ]
	[ "$(metric 'pl_jobs_total{outcome="completed"}')" = 2 ]
	[ "$(metric 'pl_jobs_total{outcome="partial"}')" = 1 ]
}
