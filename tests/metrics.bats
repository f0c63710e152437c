# The counters of pl-jobctl metrics: what they count, and that they never fall.
load helpers
load jobs

# work ANSWER [OPTION...]: do all tasks with jq as the pipeline, where the filter
# ANSWER makes the answer to each document; "stored" and "failed" are there.
work() {
	local answer=$1
	shift
	timeout 50 pl-worker --burst "$@" -- "jq -c --unbuffered '
	    def stored: {type: \"stored\", document_id: .id, collection: \"c\",
	        chunks: 2, lease: .lease};
	    def failed(class; code): {type: \"error\", stage: \"chunk\",
	        class: class, code: code, message: \"bad page\",
	        document_id: .id, lease: .lease};
	    $answer'" >/dev/null || [[ $? =~ ^(3|75)$ ]]
}

# documents URL...: records of them; their text is $text, or their url.
documents() {
	printf '%s\n' "$@" | jq -Rc --arg text "${text:-}" \
		'{type: "document", url: ., content: "Text \(. + $text)."}'
}

# metric SERIES: its value, as Prometheus is told; nothing if it is not there.
metric() {
	pl-jobctl metrics --prometheus >told
	awk -v series="$1" 'substr($0, 1, length(series) + 1) == series " " {
		print substr($0, length(series) + 2)
	}' told
}

# is SERIES VALUE
is() {
	local value
	value=$(metric "$1")
	[ "$value" = "$2" ] || {
		echo "$1 is '$value', not '$2'"
		return 1
	}
}

# total NAME: the sum over all labels.
total() {
	pl-jobctl metrics --prometheus | awk -v name="$1" '
		$1 ~ "^" name "({|$)" { sum += $NF }
		END { print sum + 0 }'
}

# counters FILE: every line of a counter or histogram.
counters() {
	pl-jobctl metrics --prometheus | awk '
		$1 == "#" { counts = $4 ~ /^(counter|histogram)$/ }
		$1 != "#" && counts' >"$1"
}

# none_fell BEFORE AFTER: files of counters.
none_fell() {
	awk 'NR == FNR { before[$1] = $2; next }
		{ after[$1] = $2 }
		END {
			for (series in before)
				if (after[series] + 0 < before[series] + 0) {
					print series, "fell to", after[series]
					bad = 1
				}
			exit bad
		}' "$1" "$2"
}

@test "promtool finds nothing to say of names, kinds and labels" {
	documents good bad slow | pl-enqueue --source s >/dev/null
	work 'if .url == "bad" then failed("input"; "no") else stored end'
	documents good | pl-enqueue --source 'a"b\c' >/dev/null
	db "insert into pl.collections (name, table_name, model, dimensions,
	    vector_type) values ('c', 'chunks_c', 'm', 3, 'real[]');
	    create table pl.chunks_c (document_id uuid, index int)"
	pl-jobctl metrics --prometheus >told
	run -0 promtool check metrics <told
	[ -z "$output" ]
	# Every kind of line is there, so each was looked at.
	[ "$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' told | sort | xargs)" = \
		"pl_build_info pl_chunks_total pl_collection_documents pl_collection_rows \
pl_document_duration_seconds pl_documents_incomplete_total \
pl_documents_retried_total pl_documents_total pl_errors_total \
pl_jobs_stuck pl_jobs_total pl_ledger_documents pl_ledger_jobs \
pl_queue_documents pl_queue_oldest_seconds pl_queue_paused pl_queue_tasks \
pl_redis_queue_oldest_seconds pl_redis_queue_tasks pl_round_trip_seconds \
pl_up pl_workers" ]
	# It does say something when a name is wrong.
	sed 's/pl_jobs_total/pl_jobs/' told >wrong
	run ! promtool check metrics <wrong
}

@test "each end of a document is counted, by source and outcome" {
	documents 1 2 3 bad | pl-enqueue --source s >/dev/null
	work 'if .url == "bad" then failed("input"; "no") else stored end'
	documents 1 2 3 | pl-enqueue --source s >/dev/null
	documents 9 | pl-enqueue --source t >/dev/null
	pl-jobctl cancel t >/dev/null
	is 'pl_documents_total{source="s",outcome="stored"}' 3
	is 'pl_documents_total{source="s",outcome="failed"}' 1
	is 'pl_documents_total{source="s",outcome="unchanged"}' 3
	is 'pl_documents_total{source="s",outcome="canceled"}' 0
	is 'pl_documents_total{source="t",outcome="canceled"}' 1
	is 'pl_documents_retried_total{source="s"}' 0
	is 'pl_chunks_total{source="s",outcome="stored"}' 6
	is 'pl_errors_total{stage="chunk",class="input",code="no"}' 1
	is 'pl_jobs_total{outcome="partial"}' 1
	is 'pl_jobs_total{outcome="completed"}' 1
	is 'pl_jobs_total{outcome="canceled"}' 1
	is 'pl_jobs_total{outcome="failed"}' 0
	# Nothing is counted by looking at it.
	is 'pl_documents_total{source="s",outcome="stored"}' 3
	# The record says the same.
	run -0 pl-jobctl metrics
	[ "$(jq -c '[.documents_total[] | select(.source == "s") |
	    [.outcome, .value]]' <<<"$output")" = \
		'[["canceled",0],["failed",1],["stored",3],["unchanged",3]]' ]
	[ "$(jq -c .errors_total <<<"$output")" = \
		'[{"stage":"chunk","class":"input","code":"no","value":1}]' ]
}

@test "how long documents take is a histogram of cumulative buckets" {
	documents 1 2 3 4 5 | pl-enqueue --source s >/dev/null
	work stored
	db "truncate pl.counter_events;
	    update pl.job_documents set status = 'pending'"
	db "update pl.job_documents j set status = o.status,
	    milliseconds = o.milliseconds from pl.documents d, (values
	    ('1', 'stored', 10), ('2', 'stored', 11), ('3', 'failed', 600001),
	    ('4', 'stored', 0), ('5', 'stored', null))
	    as o(url, status, milliseconds)
	    where d.id = j.document_id and d.url = o.url"
	is 'pl_document_duration_seconds_bucket{outcome="stored",le="0.01"}' 2
	is 'pl_document_duration_seconds_bucket{outcome="stored",le="0.025"}' 3
	is 'pl_document_duration_seconds_bucket{outcome="stored",le="600"}' 3
	is 'pl_document_duration_seconds_bucket{outcome="stored",le="+Inf"}' 3
	is 'pl_document_duration_seconds_sum{outcome="stored"}' 0.021
	is 'pl_document_duration_seconds_count{outcome="stored"}' 3
	is 'pl_document_duration_seconds_bucket{outcome="failed",le="600"}' 0
	is 'pl_document_duration_seconds_bucket{outcome="failed",le="+Inf"}' 1
	is 'pl_document_duration_seconds_sum{outcome="failed"}' 600.001
	[ "$(sed -n 's/^pl_document_duration_seconds_bucket{outcome="stored",le="\(.*\)"}.*/\1/p' \
		told | xargs)" = "0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 60\
 120 300 600 +Inf" ]
}

@test "nothing falls when jobs, documents and sources are deleted" {
	documents 1 2 bad | pl-enqueue --source s >/dev/null
	work 'if .url == "bad" then failed("input"; "no") else stored end'
	counters before
	db 'delete from pl.jobs'
	counters after
	cmp before after
	is 'pl_ledger_documents{status="stored"}' 0
	db 'delete from pl.documents'
	db 'delete from pl.sources'
	counters after
	cmp before after
	# A source of the same name goes on where it was.
	documents 1 2 | pl-enqueue --source s >/dev/null
	work stored
	is 'pl_documents_total{source="s",outcome="stored"}' 4
}

@test "an attempt that is tried again is a retry and an error, and no end" {
	documents 1 2 | pl-enqueue --source s >/dev/null
	work 'if .url == "1" then failed("input"; "no") else stored end'
	is 'pl_documents_total{source="s",outcome="failed"}' 1
	pl-jobctl retry s >/dev/null
	is 'pl_documents_retried_total{source="s"}' 0
	is 'pl_documents_total{source="s",outcome="failed"}' 1
	work stored
	# It ended twice.
	is 'pl_documents_total{source="s",outcome="failed"}' 1
	is 'pl_documents_total{source="s",outcome="stored"}' 2
	is 'pl_jobs_total{outcome="partial"}' 1
	is 'pl_jobs_total{outcome="completed"}' 1

	# One that passes, until all attempts are used.
	documents 3 | pl-enqueue --source t --max-attempts 2 >/dev/null
	work 'failed("transient"; "gone")' --wait
	is 'pl_documents_retried_total{source="t"}' 1
	is 'pl_errors_total{stage="chunk",class="transient",code="gone"}' 2
	is 'pl_documents_total{source="t",outcome="failed"}' 1
	is 'pl_document_duration_seconds_count{outcome="failed"}' 2
}

@test "what is handed back, or lost with its worker, is no retry" {
	export PL_REDIS_URL=none
	documents 1 | pl-enqueue --source s >/dev/null
	work 'failed("throttled"; "slow") + {retry_after: 100}'
	is 'pl_documents_retried_total{source="s"}' 1
	# A worker has the next attempt and does not answer. Its row still has the
	# error of the first one.
	db 'update pl.tasks set run_at = now()'
	pl-worker -- sleep 60 >/dev/null 3>&- &
	pid=$!
	wait_until 20 db_is processing 'select status from pl.job_documents'
	kill "$pid"
	wait "$pid" || true
	db_is pending 'select status from pl.job_documents'
	is 'pl_documents_retried_total{source="s"}' 1
	# The one after that dies.
	pl-worker -- sleep 60 >/dev/null 3>&- &
	pid=$!
	wait_until 20 db_is processing 'select status from pl.job_documents'
	kill -9 "$pid"
	wait "$pid" || true
	db "update pl.tasks set lease_expires_at = now() - interval '1 second'
	    where status = 'in_progress'"
	pl-jobctl sync >/dev/null
	db_is pending 'select status from pl.job_documents'
	is 'pl_documents_retried_total{source="s"}' 1
	is 'pl_errors_total{stage="chunk",class="throttled",code="slow"}' 1
}

@test "a document without some of its chunks is incomplete, with the first error" {
	documents 1 2 | pl-enqueue --source s >/dev/null
	work 'if .url == "1" then stored + {chunks: 5, failed_chunks: 3,
	    first_error: {stage: "embed", class: "input", code: "too_long",
	        message: "no"}} else stored end'
	is 'pl_documents_total{source="s",outcome="stored"}' 2
	is 'pl_documents_incomplete_total{source="s"}' 1
	is 'pl_chunks_total{source="s",outcome="stored"}' 7
	is 'pl_chunks_total{source="s",outcome="refused"}' 3
	is 'pl_errors_total{stage="embed",class="input",code="too_long"}' 1
}

@test "what is rolled back was not counted" {
	documents 1 | pl-enqueue --source s >/dev/null
	db "begin; update pl.job_documents set status = 'failed'; rollback"
	is 'pl_documents_total{source="s",outcome="failed"}' ''
	work stored
	is 'pl_documents_total{source="s",outcome="stored"}' 1
	is 'pl_documents_total{source="s",outcome="failed"}' 0
}

# ended_documents SOURCES EACH: documents of that many sources, done by hand; the
# source sN has EACH + N of them.
ended_documents() {
	db "insert into pl.sources (id, name) select gen_random_uuid(), 's' || n
	    from generate_series(1, $1) as n on conflict do nothing;
	    with d as (insert into pl.documents (id, source_id, url)
	     select gen_random_uuid(), s.id, gen_random_uuid()::text
	     from pl.sources s, generate_series(1, $2 + substr(s.name, 2)::int)
	     returning id, source_id),
	     j as (insert into pl.jobs (id, source_id)
	      select gen_random_uuid(), id from pl.sources
	      returning id, source_id)
	    insert into pl.job_documents (job_id, document_id, status)
	     select j.id, d.id, 'unchanged' from j join d using (source_id)"
}

@test "fifty sources have a label, and the others share one, for ever" {
	ended_documents 60 0
	counters first
	[ "$(grep -c '^pl_documents_total{.*outcome="unchanged"' first)" = 51 ]
	[ "$(total pl_documents_total)" = 1830 ]
	# Those with most documents.
	is 'pl_documents_total{source="other",outcome="unchanged"}' 55
	is 'pl_documents_total{source="s60",outcome="unchanged"}' 60
	# A small one grows: its label does not change.
	db "insert into pl.documents (id, source_id, url)
	    select gen_random_uuid(), id, 'more' || n from pl.sources,
	    generate_series(1, 500) as n where name = 's1';
	    insert into pl.job_documents (job_id, document_id, status)
	    select j.id, d.id, 'unchanged' from pl.jobs j
	    join pl.documents d using (source_id) where d.url like 'more%'"
	counters second
	none_fell first second
	is 'pl_documents_total{source="other",outcome="unchanged"}' 555
	[ "$(grep -c '^pl_documents_total{.*outcome="unchanged"' second)" = 51 ]
	[ "$(total pl_documents_total)" = 2330 ]
	# Nor when sources with a label are gone.
	db "delete from pl.sources where name <> 's1'"
	ended_documents 2 0
	counters third
	none_fell second third
	[ "$(cut -d' ' -f1 second | grep documents_total)" = \
		"$(cut -d' ' -f1 third | grep documents_total)" ]
}

@test "codes of errors have bounds, in number and in length, and are escaped" {
	ended_documents 1 300
	db "update pl.job_documents set status = 'failed', stage = 'embed',
	    error = jsonb_build_object('class', 'input', 'code', 'c' || n)
	    from (select document_id as id, row_number() over () as n
	    from pl.job_documents) as d where d.id = document_id"
	counters first
	[ "$(grep -c '^pl_errors_total' first)" = 201 ]
	[ "$(total pl_errors_total)" = 301 ]
	is 'pl_errors_total{stage="other",class="input",code="other"}' 101
	db "update pl.job_documents set status = 'canceled'"
	db "update pl.job_documents set status = 'failed',
	    error = jsonb_build_object('class', n || repeat('y', 9), 'code', n)
	    from (select document_id as id, row_number() over () as n
	    from pl.job_documents) as d where d.id = document_id"
	counters second
	none_fell first second
	[ "$(grep -c '^pl_errors_total' second)" = 202 ]
	is 'pl_errors_total{stage="other",class="other",code="other"}' 301

	db 'truncate pl.counters, pl.counter_events'
	db "update pl.job_documents set status = 'canceled'"
	db "update pl.job_documents set status = 'failed', stage = null,
	    error = jsonb_build_object('class', E'a\"b\\\\c\nd', 'code',
	    repeat('é', 4000)) where document_id =
	    (select document_id from pl.job_documents limit 1)"
	is "pl_errors_total{stage=\"unknown\",class=\"a\\\\\"b\\\\\\\\c\\\\nd\",code=\"$(
		printf 'é%.0s' {1..128})\"}" 1
	promtool check metrics <told
	# What is no object ends nobody's statement.
	db "update pl.job_documents set status = 'canceled'"
	db "update pl.job_documents set status = 'failed', stage = null,
	    error = '[1]'"
	is 'pl_errors_total{stage="unknown",class="unknown",code="unknown"}' 301
}

@test "workers at once count each document once, and nothing falls meanwhile" {
	documents {1..400} | pl-enqueue --source s --batch 3 >/dev/null
	workers=()
	for i in 1 2 3; do
		work stored 3>&- &
		workers+=($!)
	done
	counters before
	for i in {1..8}; do
		counters after
		none_fell before after
		mv after before
	done
	wait "${workers[@]}"
	is 'pl_documents_total{source="s",outcome="stored"}' 400
	is 'pl_document_duration_seconds_count{outcome="stored"}' 400
	is 'pl_jobs_total{outcome="completed"}' 1
}

@test "a worker that is killed loses no count and counts nothing twice" {
	documents {1..300} | pl-enqueue --source s --batch 5 >/dev/null
	timeout -s KILL 50 pl-worker --burst -- "jq -c --unbuffered '
	    {type: \"stored\", document_id: .id, collection: \"c\", chunks: 2,
	    lease: .lease}' | while read -r l; do echo \"\$l\"; sleep 0.01
	    done" >/dev/null 3>&- &
	worker=$!
	wait_until 20 db_is t "select count(*) > 20 from pl.job_documents
	    where status = 'stored'"
	kill -9 "$(db "select pid from pl.workers limit 1")"
	wait "$worker" || true
	done=$(db "select count(*) from pl.job_documents where status = 'stored'")
	is 'pl_documents_total{source="s",outcome="stored"}' "$done"
	db "update pl.tasks set lease_expires_at = now() - interval '1 second'
	    where status = 'in_progress'"
	work stored
	db_is 300 "select count(*) from pl.job_documents where status = 'stored'"
	is 'pl_documents_total{source="s",outcome="stored"}' 300
}

@test "what was folded is told by a server that takes no writes" {
	documents 1 | pl-enqueue --source s >/dev/null
	work stored
	pl-jobctl sync >/dev/null
	db_is 0 'select count(*) from pl.counter_events'
	documents 2 | pl-enqueue --source s >/dev/null
	work stored
	db "select pl.fold_counters(50, 200)"
	export PGOPTIONS='-c default_transaction_read_only=on'
	is 'pl_documents_total{source="s",outcome="stored"}' 2
}

@test "the table for people leaves the buckets out" {
	documents 1 | pl-enqueue --source s >/dev/null
	work stored
	run -0 pl-jobctl metrics --table
	[[ $output == *pl_documents_total*"s, stored"*1* ]]
	[[ $output == *pl_document_duration_seconds_count* ]]
	[[ $output != *_bucket* ]]
}
