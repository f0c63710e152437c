# Notifications: the end of a job is told to a URL, signed, at least once.

load helpers
load cases
load jobs

export PL_NOTIFY_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw

setup() {
	jobs_setup
	port=$(free_port)
	url=http://127.0.0.1:$port/hook?a=1
	receive "$PL_NOTIFY_SECRET"
}

teardown() {
	! alive "$receiver" || end_pid "$receiver"
}

# receive SECRET: start the receiver.
receive() {
	/usr/bin/python3 -S "$PL_TEST_ROOT/tests/notification_receiver.py" \
		"$port" "$1" "$PWD/log" >receiver.out 2>&1 3>&- &
	receiver=$!
	# shellcheck disable=SC2016
	wait_until 20 bash -c ': >/dev/tcp/127.0.0.1/"$1"' - "$port"
}

# Process all tasks by a worker that has no secret, and so sends nothing.
process_all() {
	(
		unset PL_NOTIFY_SECRET
		work_off
	)
}

# plan ANSWER...: what the receiver answers; the last one for ever.
plan() {
	printf '%b\n' "$@" >log.plan.new
	mv log.plan.new log.plan
}

# got FILTER: jq over what the receiver got, on one line
got() {
	[ ! -e log ] || jq -r "$1" log | xargs
}

# again: what waits for another try is due now.
again() {
	db 'update pl.notifications set next_at = now() where next_at is not null'
}

# waits: seconds until the next try
waits() {
	db "select round(extract(epoch from next_at - now())) from pl.notifications"
}

# between LOW HIGH N
between() {
	[ "$3" -ge "$1" ] && [ "$3" -le "$2" ]
}

@test "an unknown option is refused; without a job there is nothing to send" {
	unknown_option pl-jobctl notify
	run -0 pl-jobctl notify
	[ -z "$output" ]
}

@test "the end of a job is told to its URL, with a signature" {
	numbered 3 --source site --notify "$url"
	[ "$(jq -r .details.notify job)" = "$url" ]
	db_is 0 'select count(*) from pl.notifications'
	process_all >/dev/null
	run -0 pl-jobctl notify
	[ "$(jq -r '[.type, .status, .tries, .source] | join(" ")' \
		<<<"$output")" = 'notification sent 1 site' ]
	[ "$(got '[.good, .content_type, .path, .body.type] | join(" ")')" = \
		'true application/json /hook?a=1 job.completed' ]
	[ "$(got '.body.data | [.id, .source, .status, .documents, .stored,
	    .incomplete, .unchanged, .failed, .canceled] | join(" ")')" = \
		"$job site completed 3 3 0 0 0 0" ]
	[[ $(got .id) == msg_????????-*-* ]]
	[[ $(got .body.timestamp) == 20??-??-??T*Z ]]
	# Once.
	run -0 pl-jobctl notify
	[ -z "$output" ]
	[ "$(wc -l <log)" = 1 ]
	[ "$(pl-jobctl events list --outgoing | jq -r '[.status, .job_id,
	    .body.type] | join(" ")')" = "sent $job job.completed" ]
}

@test "a worker sends what is due, also a burst at its end" {
	numbered 2 --source site --notify "$url"
	work_off >/dev/null
	[ "$(got '[.good, .body.type] | join(" ")')" = 'true job.completed' ]
	pl-worker -- cat 2>err 3>&- &
	worker=$!
	wait_until 20 db_is 1 'select count(*) from pl.workers'
	db "insert into pl.notifications (url, body) values ('$url', '{}')"
	wait_until 20 db_is 0 'select count(*) from pl.notifications
		where sent_at is null'
	end_pid "$worker"
	[ "$(wc -l <log)" = 2 ]
}

@test "a source has a URL for all its jobs, and each end is told" {
	pl-jobctl source add site --notify "$url" >/dev/null
	numbered 2 --source site
	pl-jobctl cancel "$job" >/dev/null
	pl-jobctl retry "$job" >/dev/null
	process_all >/dev/null
	seq 2 | jq -c '{url: tostring, content: "text \(.)"}' |
		pl-enqueue --source site >/dev/null
	pl-jobctl fail "$(pl-jobctl create --source site | jq -r .id)" \
		--message no >/dev/null
	numbered 1 --source silent
	process_all >/dev/null
	run -0 pl-jobctl notify
	[ "$(got .body.type)" = \
		'job.canceled job.completed job.completed job.failed' ]
	[ "$(got .body.data.error.message)" = 'null null null no' ]
	[ "$(got .id | tr ' ' '\n' | sort -u | wc -l)" = 4 ]
	[ "$(jq -s 'map(.good) | all' log)" = true ]
	# The job's own URL has the word.
	seq 1 | jq -c '{url: tostring, content: "new"}' | pl-enqueue \
		--source site --notify "${url/hook/other}" >/dev/null
	process_all >/dev/null
	pl-jobctl notify >/dev/null
	[ "$(got .path | tr ' ' '\n' | tail -n 1)" = '/other?a=1' ]
	# What is no URL is told to nobody.
	db "update pl.sources set notify = 'file:///etc/passwd'"
	pl-jobctl complete "$(pl-jobctl create --source site | jq -r .id)" \
		>/dev/null || true
	run -0 pl-jobctl notify
	[ -z "$output" ]
}

@test "a rollback of the job's end tells nothing" {
	numbered 1 --notify "$url"
	psql -Xq "$PL_DATABASE_URL" <<-'SQL'
		begin;
		update pl.job_documents set status = 'stored';
		rollback;
	SQL
	db_is 0 'select count(*) from pl.notifications'
}

@test "a try that fails is repeated later, with the same id" {
	plan 500 cut '429\tRetry-After: 300' '503\tRetry-After: 1' 302 200
	numbered 1 --notify "$url"
	process_all >/dev/null
	run -3 pl-jobctl notify
	[ "$(jq -r '[.status, .message] | join(" ")' <<<"$output")" = \
		'waiting HTTP 500' ]
	between 1 5 "$(waits)"
	# Not before.
	run -0 pl-jobctl notify
	[ -z "$output" ]
	again
	run -3 pl-jobctl notify
	between 20 30 "$(waits)"
	again
	run -3 pl-jobctl notify
	between 290 301 "$(waits)"
	again
	run -3 pl-jobctl notify
	between 590 600 "$(waits)"
	again
	# No redirect is followed.
	run -3 pl-jobctl notify
	between 3590 3600 "$(waits)"
	again
	run -0 pl-jobctl notify
	[ "$(got .answer)" = '500 cut 429 503 302 200' ]
	[ "$(got .id | tr ' ' '\n' | sort -u | wc -l)" = 1 ]
	[ "$(jq -s 'map(.good) | all' log)" = true ]
	[ "$(pl-jobctl events list --outgoing | jq -r '[.status, .tries] |
	    join(" ")')" = 'sent 6' ]
}

@test "a receiver that does not answer is not waited for without end" {
	plan hang 200
	numbered 1 --notify "$url"
	process_all >/dev/null
	run -3 timeout 60 pl-jobctl notify
	[[ $(jq -r .message <<<"$output") == *'imed out'* ]]
	again
	run -0 pl-jobctl notify
}

@test "a receiver that is away is tried again, and at last given up" {
	end_pid "$receiver"
	numbered 1 --notify "$url"
	process_all >/dev/null
	for try in 1 2 3 4 5 6 7 8 9; do
		run -3 pl-jobctl notify
		[ "$(pl-jobctl events list --outgoing | jq -r .status)" = waiting ]
		[ "$try" -lt 6 ] || between 21590 21600 "$(waits)"
		again
	done
	run -3 pl-jobctl notify
	[ "$(jq -r '[.status, .tries] | join(" ")' <<<"$output")" = \
		'given_up 10' ]
	[[ $(jq -r .message <<<"$output") == *'given up after the last try' ]]
	[ "$(pl-jobctl events list --outgoing --failed | wc -l)" = 1 ]
	[ "$(pl-jobctl events list --outgoing --unhandled | wc -l)" = 0 ]
	run -0 pl-jobctl notify
	run -0 pl-jobctl events drop --outgoing --older-than 0
	db_is 0 'select count(*) from pl.notifications'
}

@test "410 ends the tries at once; others go on" {
	plan 410 200
	numbered 1 --notify "$url"
	process_all >/dev/null
	seq 1 | jq -c '{url: "b", content: "b"}' |
		pl-enqueue --notify "$url" >/dev/null
	process_all >/dev/null
	run -3 pl-jobctl notify
	[ "$(jq -r .status <<<"$output" | sort | xargs)" = 'given_up sent' ]
	[ "$(wc -l <log)" = 2 ]
}

@test "a sender that is killed sends again after the lease, with the same id" {
	plan hang 200
	numbered 1 --notify "$url"
	process_all >/dev/null
	pl-jobctl notify >/dev/null 2>&1 3>&- &
	pid=$!
	wait_until 20 test -s log
	kill -9 "$pid"
	wait "$pid" || true
	# Its lease of a minute holds.
	between 40 60 "$(waits)"
	run -0 pl-jobctl notify
	[ -z "$output" ]
	again
	run -0 pl-jobctl notify
	[ "$(jq -r '[.status, .tries] | join(" ")' <<<"$output")" = 'sent 2' ]
	[ "$(wc -l <log)" = 2 ]
	[ "$(got .id | tr ' ' '\n' | sort -u | wc -l)" = 1 ]
	# In the last try, too.
	db "update pl.notifications set sent_at = null, tries = 10,
	    next_at = now()"
	run -0 pl-jobctl notify
	[ "$(pl-jobctl events list --outgoing | jq -r '[.status, .message] |
	    join(" ")')" = 'given_up the sender was lost in the last try' ]
	[ "$(wc -l <log)" = 2 ]
}

@test "many senders at once send each notification once" {
	for n in 1 2 3 4 5 6 7 8; do
		jq -nc --arg n "$n" '{url: $n, content: $n}' |
			pl-enqueue --notify "$url" >/dev/null
	done
	process_all >/dev/null
	pids=
	for n in 1 2 3; do
		pl-jobctl notify >"sent$n" 3>&- &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	[ "$(wc -l <log)" = 8 ]
	[ "$(got .id | tr ' ' '\n' | sort -u | wc -l)" = 8 ]
	[ "$(cat sent? | jq -r .status | sort | uniq -c | xargs)" = '8 sent' ]
}

@test "the secret comes from a file, too, and may be text of any form" {
	end_pid "$receiver"
	receive 'any old words'
	unset PL_NOTIFY_SECRET
	printf 'any old words\n' >secret
	numbered 1 --notify "$url"
	process_all >/dev/null
	PL_NOTIFY_SECRET_FILE=secret run -0 pl-jobctl notify
	[ "$(got .good)" = true ]
}

@test "without a secret nothing is sent, unless that is wanted" {
	numbered 1 --notify "$url"
	process_all >/dev/null
	unset PL_NOTIFY_SECRET
	run -1 --separate-stderr pl-jobctl notify
	[[ $stderr == *'there is no secret to sign with: set PL_NOTIFY_SECRET'*--unsigned* ]]
	PL_NOTIFY_SECRET=whsec_@@ run -1 pl-jobctl notify
	[[ $output == *'PL_NOTIFY_SECRET'*whsec_* ]]
	[[ $output != *@@* ]]
	PL_NOTIFY_SECRET_FILE=nowhere run -1 pl-jobctl notify
	[[ $output == *'PL_NOTIFY_SECRET_FILE nowhere: No such file'* ]]
	: >empty
	PL_NOTIFY_SECRET_FILE=empty run -1 pl-jobctl notify
	[ ! -e log ]
	db_is 0 'select tries from pl.notifications'
	run -0 pl-jobctl notify --unsigned
	[ "$(got .signature)" = null ]
}

@test "what is no URL is refused" {
	for wrong in ftp://a.example a.example 'http:/x' ''; do
		run -2 pl-enqueue --notify "$wrong" </dev/null
	done
	[[ $output == *"--notify '': expected a URL with http or https"* ]]
}
