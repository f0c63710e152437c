# pl-jobctl prune --older-than: history goes, and nothing else

load helpers
load cases
load jobs

teardown() {
	# shellcheck disable=SC2086
	kill ${holder:-} 2>/dev/null || true
}

# old_job SOURCE N DAYS [STATUS [COLLECTION]]: a job with N documents that ended in
# this state so many days ago, as $job.
old_job() {
	local made
	job=$(db 'select pl.new_id()')
	made=$(db "insert into pl.sources (id, name)
		    values (pl.source_id('$1'), '$1') on conflict do nothing;
		insert into pl.documents (id, source_id, url, content, content_hash,
		    status) select pl.document_id('$1', n::text), pl.source_id('$1'), n,
		    'x', 'h', 'stored'
		    from generate_series(1, $2) n on conflict do nothing;
		insert into pl.jobs (id, source_id, collection, created_at)
		    values ('$job', pl.source_id('$1'), nullif('${5:-}', ''),
		    now() - $3 * interval '1 day');
		insert into pl.tasks (id, job_id, queue, status, finished_at)
		    select pl.new_id(), '$job', 'processing', 'completed', now()
		    from generate_series(1, $2, 50);
		insert into pl.job_documents (job_id, document_id, task_id, status)
		    select '$job', pl.document_id('$1', n::text), t.id,
		    '${4:-stored}' from generate_series(1, $2) n, (select id
		    from pl.tasks where job_id = '$job' limit 1) t;
		update pl.jobs set sealed = true where id = '$job';
		update pl.jobs set finished_at = now() - $3 * interval '1 day'
		    where id = '$job' returning status")
	[ -n "$made" ]
}

# pruned [OPTION...]: what a run says, on one line: "jobs 2, tasks 2, ...".
pruned() {
	pl-jobctl prune "$@" | jq -rs 'map("\(.what) \(.count)") | join(", ")'
}

# hold SQL: keep the locks of a statement until holder is killed.
hold() {
	psql -Xq "$PL_DATABASE_URL" >held 2>&1 3>&- <<-SQL &
		begin; $1;
		\echo locked
		select pg_sleep(600);
	SQL
	holder=$!
	wait_until 20 grep -q locked held
}

let_go() {
	db "select pg_terminate_backend(pid) from pg_stat_activity
		where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()"
	wait "$holder" || true
	holder=
}

@test "the two forms of prune are not mixed, and a wrong state is answered" {
	unknown_option pl-jobctl prune
	run -2 pl-jobctl prune
	[[ $output == *'say a SOURCE, or --older-than DURATION'* ]]
	for arguments in '--older-than 1d s' '--older-than 1d --now' \
		'--older-than 1d --undo' '--older-than 1d --url u' 's --dry-run' \
		'--status failed s' '--older-than 1d --status open' \
		'--older-than 1d --status queued' '--older-than yesterday'; do
		# shellcheck disable=SC2086
		run -2 pl-jobctl prune $arguments
	done
	full_disk pl-jobctl prune --older-than 30d
}

@test "old jobs go with ledger and tasks; the latest of a source and young ones stay" {
	old_job a 3 50
	old_job a 3 40 failed
	old_job a 3 35
	old_job b 2 60
	old_job c 2 60
	young=$(old_job c 2 1; echo "$job")
	old_job c 2 0
	before=$(pl-jobctl metrics --prometheus | grep '_total{' | sort)
	[ -n "$before" ]
	said='jobs 3, tasks 3, job_documents 8'
	rest='events 0, notifications 0, workers 0, rq_jobs 0'
	[ "$(pruned --older-than 30d --dry-run)" = "$said, $rest" ]
	db_is 7 'select count(*) from pl.jobs'
	[ "$(pruned --older-than 30d)" = "$said, $rest" ]
	db_is 'a 1 b 1 c 2' "select string_agg(n, ' ') from (select s.name || ' '
		|| count(*) as n from pl.jobs j join pl.sources s
		on s.id = j.source_id group by s.name order by s.name) as n"
	db_is "$young" "select id from pl.jobs where id = '$young'"
	db_is '9|4' 'select (select count(*) from pl.job_documents),
		(select count(*) from pl.tasks)'
	[ "$(pl-jobctl metrics --prometheus | grep '_total{' | sort)" = "$before" ]
	[ "$(pruned --older-than 30d)" = \
		"jobs 0, tasks 0, job_documents 0, $rest" ]
	balanced
	run -0 pl-jobctl verify
}

@test "records say what and whether it was a dry run, a table says it to people" {
	old_job a 1 50
	old_job a 1 40
	[ "$(pl-jobctl prune --older-than 30d --dry-run | jq -c 'select(.what == "jobs")')" = \
		'{"type":"pruned","what":"jobs","count":1,"dry_run":true}' ]
	run -0 pl-jobctl prune --older-than 30d --dry-run --table
	[[ ${lines[0]} == 'WHAT '*'WOULD BE DELETED' ]]
	run -0 --separate-stderr pl-jobctl prune --older-than 30d --table
	[[ ${lines[0]} == 'WHAT '*'DELETED' ]]
	[[ ${lines[1]} =~ ^jobs\ +1$ ]]
	[ -z "$stderr" ]
}

@test "with a status only such jobs go, and nothing else" {
	old_job a 2 50 failed
	old_job a 2 49 canceled
	old_job a 2 48
	old_job a 2 47
	db "insert into pl.notifications (url, body, created_at, next_at)
		values ('u', 'b', now() - interval '90 days', null)"
	[ "$(pruned --older-than 30d --status failed,canceled)" = \
		'jobs 2, tasks 2, job_documents 4' ]
	db_is completed 'select distinct status from pl.jobs'
	db_is 1 'select count(*) from pl.notifications'
}

@test "open jobs stay, whatever their age, and so do ended ones with an open task" {
	old_job a 1 90
	db "insert into pl.tasks (id, job_id, queue)
		values (pl.new_id(), '$job', 'processing')"
	stranded=$job
	old_job a 1 80
	pl-jobctl retry "$job" --all >/dev/null
	open=$job
	old_job a 1 40
	[ "$(pruned --older-than 0s --status completed,partial,failed,canceled)" = \
		'jobs 0, tasks 0, job_documents 0' ]
	db_is 3 'select count(*) from pl.jobs'
	db "update pl.tasks set status = 'canceled', finished_at = now()
		where job_id = '$stranded' and finished_at is null"
	[[ $(pruned --older-than 30d) == 'jobs 1, '* ]]
	db_is queued "select status from pl.jobs where id = '$open'"
}

@test "the next job of a source goes where its latest bound job went" {
	old_job a 1 90 stored papers
	old_job a 1 80 stored papers
	bound=$job
	old_job a 1 70
	old_job a 1 60
	[[ $(pruned --older-than 30d) == 'jobs 2, '* ]]
	db_is papers "select pl.collection_of(pl.source_id('a'))"
	db_is "$bound" "select id from pl.jobs where collection = 'papers'"
}

@test "a job that an event made goes, and the event that was handled" {
	pl-jobctl source add s >/dev/null
	for n in 1 2 3; do
		db "select job from pl.receive(pl.source_id('s'), 'd$n',
			sha256('$n'), null, 'application/json', '{}',
			'{\"url\":\"$n\",\"content\":\"Walrus $n.\"}', 'body', null)"
	done
	timeout 50 pl-worker --burst
	db_is 3 "select count(*) from pl.jobs where status = 'completed'"
	db "select job from pl.receive(pl.source_id('s'), 'waits', sha256('4'),
		null, 'application/json', '{}', '{}', 'body', null);
		update pl.jobs set created_at = created_at - interval '40 days',
		    finished_at = finished_at - interval '40 days';
		update pl.webhook_events
		    set received_at = received_at - interval '40 days'"
	[ "$(pruned --older-than 30d --dry-run | tr -d ,)" = \
		'jobs 3 tasks 6 job_documents 3 events 3 notifications 0 workers 0 rq_jobs 0' ]
	[[ $(pruned --older-than 30d) == \
		'jobs 3, tasks 6, job_documents 3, events 3, '* ]]
	db_is 'waits' 'select delivery_id from pl.webhook_events'
	db_is 1 "select count(*) from pl.tasks
		where ingest is not null and finished_at is null"
	timeout 50 pl-worker --burst || [ $? -eq 1 ]
	run -0 pl-jobctl verify
}

@test "notifications that are done and rows of dead workers go, others stay" {
	db "insert into pl.notifications (url, body, created_at, next_at, sent_at)
		values ('sent', 'b', now() - interval '40 days', null, now()),
		('given up', 'b', now() - interval '40 days', null, null),
		('waits', 'b', now() - interval '40 days', now(), null),
		('young', 'b', now(), null, now());
		insert into pl.notifications (url, body, created_at, next_at)
		select 'many', 'b', now() - interval '40 days', null
		    from generate_series(1, 2500);
		insert into pl.workers (name, host, pid, queues, heartbeat_at)
		values ('dead', 'h', 1, '{q}', now() - interval '40 days'),
		('just died', 'h', 1, '{q}', now() - interval '10 minutes')"
	said='jobs 0, tasks 0, job_documents 0, events 0'
	said+=', notifications 2502, workers 1, rq_jobs 0'
	[ "$(pruned --older-than 30d --dry-run)" = "$said" ]
	[ "$(pruned --older-than 30d)" = "$said" ]
	db_is 'waits young' "select string_agg(url, ' ' order by url)
		from pl.notifications"
	pl-jobctl prune --older-than 0s >/dev/null
	db_is 'just died' 'select name from pl.workers'
}

# ended_long_ago ID...: tasks in Redis that ended 40 days ago.
ended_long_ago() {
	local id
	for id; do
		redis hset "rq:job:$id" ended_at \
			"$(date -u -d '40 days ago' +%FT%T.000000Z)" >/dev/null
	done
}

@test "ended tasks in Redis go, but not those of other programs, nor open ones" {
	numbered 3 --batch 1 --source a
	timeout 50 pl-worker --burst -- "jq --unbuffered -c '{lease} + if .url == \"1\"
		then {type: \"error\", document_id: .id, stage: \"x\",
		    class: \"input\", code: \"c\", message: \"m\"}
		else {type: \"stored\", document_id: .id, collection: \"x\",
		    chunks: 1} end'" || [ $? -eq 1 ]
	mapfile -t tasks < <(db 'select id from pl.tasks order by id')
	redis zadd rq:failed:processing 9999999999 other >/dev/null
	redis hset rq:job:other status failed origin processing data x >/dev/null
	ended_long_ago "${tasks[@]:0:2}" other
	redis zadd rq:canceled:processing 9999999999 open >/dev/null
	# One ended in Redis, while Postgres does not know that.
	db "insert into pl.tasks (id, job_id, queue) select
		'11111111-1111-4111-8111-111111111111', job_id, 'processing'
		from pl.tasks limit 1"
	redis zadd rq:failed:processing 9999999999 \
		11111111-1111-4111-8111-111111111111 >/dev/null
	redis hset rq:job:11111111-1111-4111-8111-111111111111 status failed \
		origin processing pl_max_attempts 3 data x >/dev/null
	ended_long_ago 11111111-1111-4111-8111-111111111111
	[[ $(pruned --older-than 30d --dry-run) == *'rq_jobs 2' ]]
	[ "$(redis exists "rq:job:${tasks[0]}" "rq:job:${tasks[1]}")" = 2 ]
	[[ $(pruned --older-than 30d) == *'rq_jobs 2' ]]
	[ "$(redis exists "rq:job:${tasks[0]}" "rq:job:${tasks[1]}" \
		"rq:results:${tasks[0]}" "rq:results:${tasks[1]}")" = 0 ]
	[ "$(redis exists "rq:job:${tasks[2]}" rq:job:other \
		rq:job:11111111-1111-4111-8111-111111111111)" = 3 ]
	[ "$(redis zrange rq:finished:processing 0 -1)" = "${tasks[2]}" ]
	[ "$(redis zrange rq:failed:processing 0 -1 | sort | xargs)" = \
		'11111111-1111-4111-8111-111111111111 other' ]
}

@test "many ended tasks in Redis go page by page" {
	numbered 2300 --batch 1 --source a
	pl-jobctl cancel "$job" >/dev/null
	# shellcheck disable=SC2046
	db 'select id from pl.tasks' | while read -r id; do
		echo "hset rq:job:$id ended_at 2020-01-31T00:00:00.000000Z"
	done | redis >/dev/null
	[ "$(redis zcard rq:canceled:processing)" = 2300 ]
	[[ $(pruned --older-than 30d --dry-run) == *'rq_jobs 2300' ]]
	[[ $(pruned --older-than 30d) == *'rq_jobs 2300' ]]
	[ "$(redis zcard rq:canceled:processing)" = 0 ]
	[ -z "$(redis keys 'rq:job:*')" ]
}

@test "without Redis Postgres is pruned; a Redis that is away makes it 75" {
	old_job a 1 50
	old_job a 1 40
	old_job a 1 35
	PL_REDIS_URL=none run -0 pl-jobctl prune --older-than 45d
	[[ $output != *rq_jobs* ]]
	db_is 2 'select count(*) from pl.jobs'
	PL_REDIS_URL=unix:///nowhere run -75 --separate-stderr \
		pl-jobctl prune --older-than 30d
	[[ $output == *'"jobs","count":1'* ]]
	[[ $stderr == *'only Postgres was pruned: run it again'* ]]
}

@test "a document that failed is still listed with its error when its job is gone" {
	numbered 1 --source a
	timeout 50 pl-worker --burst -- "jq --unbuffered -c '{lease, type: \"error\",
		document_id: .id, stage: \"chunk\", class: \"input\",
		code: \"c\", message: \"bad page\"}'" || [ $? -eq 1 ]
	db "update pl.jobs set finished_at = finished_at - interval '40 days',
		created_at = created_at - interval '40 days'"
	old_job a 0 1 stored default
	[[ $(pruned --older-than 30d) == 'jobs 1, '* ]]
	[ "$(pl-jobctl documents --failed --ledger |
		jq -r '[.url, .status, .stage, .error.message] | join(" ")')" = \
		'1 failed chunk bad page' ]
}

@test "a large job goes in parts, and a run that was killed is begun again" {
	old_job a 600 90
	old_job b 2600 80
	old_job c 600 70
	locked=$job
	for source in a b c; do
		old_job "$source" 1 40
	done
	hold "select from pl.job_documents where job_id = '$locked' for update"
	pl-jobctl prune --older-than 60d >out 2>err 3>&- &
	prune=$!
	# a and b are gone; c is waited for.
	wait_until 50 grep -q 'waiting for it' err
	db_is 4 'select count(*) from pl.jobs'
	kill -KILL "$prune"
	wait "$prune" || true
	let_go
	db 'select job_id, count(*) from pl.job_documents group by 1'
	db_is 603 'select count(*) from pl.job_documents'
	run -0 pl-jobctl verify
	[ "$(pruned --older-than 60d --status completed)" = \
		'jobs 1, tasks 12, job_documents 600' ]
	db_is 3 'select count(*) from pl.jobs'
	run -0 pl-jobctl verify
}

@test "a transaction deletes a thousand rows of the ledger, not more" {
	old_job a 2600 80
	old_job a 1 40
	# Rows that one statement deletes.
	db "create table pl.seen (n bigint);
		create function pl.note_seen() returns trigger language plpgsql as
		'begin insert into pl.seen select count(*) from gone; return null; end';
		create trigger note_seen after delete on pl.job_documents
		referencing old table as gone for each statement
		execute function pl.note_seen()"
	[[ $(pruned --older-than 60d) == 'jobs 1, tasks 52, job_documents 2600, '* ]]
	db_is '1000|2600' 'select max(n), sum(n) from pl.seen'
}

@test "two at once delete everything once" {
	for n in 1 2 3 4 5 6; do
		old_job a 600 $((90 - n))
		[ "$n" -ne 1 ] || first=$job
	done
	old_job a 1 40
	hold "select from pl.job_documents where job_id = '$first' for update"
	pl-jobctl prune --older-than 60d >one 2>err 3>&- &
	prune=$!
	wait_until 50 grep -q 'waiting for it' err
	# The other one leaves to the first what that is deleting.
	pl-jobctl prune --older-than 60d >two
	db_is 2 'select count(*) from pl.jobs'
	let_go
	wait "$prune"
	db_is 1 'select count(*) from pl.jobs'
	[ "$(jq -rs 'map(select(.what == "jobs").count) | add' one two)" = 6 ]
	[ "$(jq -rs 'map(select(.what == "job_documents").count) | add' one two)" = 3600 ]
	[ "$(jq -r 'select(.what == "jobs").count' two)" = 5 ]
}
