# Ingest tasks: pl-worker reads what a source sent, and feeds the job

load helpers
load jobs

setup() {
	jobs_setup
	db "insert into pl.sources (id, name) values (
		'e93434cd-592c-596f-9e78-4b853f2ce119', 's')"
}

# event BODY: an event of the source arrives whose body is to be ingested; the
# job's id is $job.
event() {
	job=$(db "select job from pl.receive(
		'e93434cd-592c-596f-9e78-4b853f2ce119', null, sha256('$1'), null,
		'application/json', '{}', '$1', 'body', null)")
}

burst() {
	timeout 50 pl-worker --burst "$@"
}

state() {
	pl-jobctl --json status "$job" |
		jq -r '"\(.status) \(.documents) \(.stored) \(.error.code)"'
}

@test "the body of an event becomes documents of its job" {
	event '{"url":"https://a.example/1","content":"A walrus."}'
	[ "$(state)" = 'pending 0 0 null' ]
	burst
	[ "$(state)" = 'completed 1 1 null' ]
	db_is 'ready' "select status from pl.sources where name = 's'"
	db_is 't|' 'select handled_at is not null, error from pl.webhook_events'
	db_is 'completed|1' "select status, attempt from pl.tasks
		where ingest is not null"
	run -0 pl-jobctl verify
}

@test "a sender writes into its own source only, whatever its records say" {
	pl-enqueue --source other <<<'{"url":"u","content":"Mine."}' >/dev/null
	event '{"type":"document","source":"other","url":"u","content":"Theirs."}'
	burst
	event '{"type":"deleted","source":"other","url":"u"}'
	burst
	event '{"type":"error","stage":"x","class":"input","source":"other","code":"c","message":"m","url":"v"}'
	burst
	db_is 'other|u|stored|f s|u|stored|t s|v|failed|f' "select
		string_agg(concat_ws('|', s.name, d.url, d.status,
		    left((d.delete_at is not null)::text, 1)), ' ' order by s.name, url)
		from pl.documents d join pl.sources s on s.id = d.source_id"
}

@test "a body that cannot be read fails the job with the reason" {
	event '{"url": oops'
	burst || [ $? -eq 1 ]
	state
	[ "$(state)" = 'failed 0 0 bad_json' ]
	db_is 'failed' "select status from pl.sources where name = 's'"
	db_is 'bad_json' "select error->>'code' from pl.webhook_events"
	# The body is still there, and a retry reads it again.
	db "update pl.webhook_events
		set body = '{\"url\":\"u\",\"content\":\"A walrus.\"}'"
	pl-jobctl retry "$job"
	[ "$(state)" = 'queued 0 0 null' ]
	burst
	[ "$(state)" = 'completed 1 1 null' ]
}

@test "a worker with --no-ingest leaves the task, another one takes it" {
	event '{"url":"u","content":"A walrus."}'
	burst --no-ingest
	[ "$(state)" = 'pending 0 0 null' ]
	pl-jobctl pause ingest
	burst || [ $? -eq 75 ]
	[ "$(state)" = 'pending 0 0 null' ]
	pl-jobctl resume ingest
	burst
	[ "$(state)" = 'completed 1 1 null' ]
}

@test "a job that waits for its ingest task is neither sealed nor reported" {
	event '{"url":"u","content":"A walrus."}'
	db "update pl.jobs set fed_at = now() - interval '1 hour'"
	pl-jobctl sync >/dev/null
	db_is f 'select sealed from pl.jobs'
	run -0 pl-jobctl verify
	pl-jobctl cancel "$job"
	burst
	[ "$(state)" = 'canceled 0 0 null' ]
}

# A body so large that reading it takes a moment.
large() {
	db "select job from pl.receive('e93434cd-592c-596f-9e78-4b853f2ce119',
		null, sha256('large'), null, 'application/json', '{}',
		(select convert_to(json_agg(json_build_object('url', 'u' || n,
		    'content', 'walrus ' || n))::text, 'UTF8')
		 from generate_series(1, 8000) n), 'body', null)"
}

works() {
	pl-worker -- "jq --unbuffered -c '{type: \"stored\", document_id: .id,
		    collection: \"x\", chunks: 1, lease}'" 2>>err 3>&- &
	worker=$!
}

@test "a worker that is killed while it reads an event is replaced" {
	large
	works
	wait_until 20 db_is t 'select documents > 500 from pl.jobs'
	kill -KILL "$worker"
	wait "$worker" || true
	db_is f 'select sealed from pl.jobs'
	works
	wait_until 60 db_is 'completed|8000|8000' \
		'select status, documents, stored from pl.jobs'
	kill "$worker"
	wait "$worker"
	db_is 2 'select attempt from pl.tasks where ingest is not null'
	run -0 pl-jobctl verify
}

@test "SIGTERM hands the task back at once" {
	large
	works
	wait_until 20 db_is t 'select documents > 500 from pl.jobs'
	kill "$worker"
	wait "$worker"
	db_is 'pending|' "select status, worker from pl.tasks
		where ingest is not null"
	db_is f 'select sealed from pl.jobs'
}

@test "tasks that a client of Postgres added are found within seconds" {
	works
	wait_until 20 db_is 1 'select count(*) from pl.workers'
	SECONDS=0
	db "select pl.save_document('s', 'u', 'A walrus.')"
	db "select pl.enqueue('s')"
	wait_until 10 db_is completed 'select status from pl.jobs'
	[ "$SECONDS" -le 5 ]
	kill "$worker"
	wait "$worker"
}
