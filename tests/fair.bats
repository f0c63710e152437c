# Who does what, and in which order.

load helpers
load jobs

setup() {
	jobs_setup
	pids=()
	# "slow" takes SLOW seconds, "gate" waits for the file go, others take
	# no time.
	cat >stage <<'STAGE'
#!/bin/bash
while IFS= read -r line; do
	for key in id lease content; do
		[[ $line =~ \"$key\":\"([^\"]*)\" ]]
		printf -v $key %s "${BASH_REMATCH[1]}"
	done
	[[ $content != slow* ]] || sleep "${SLOW:-0.5}"
	echo "$content" >>"seen.$1"
	until [[ $content != gate || -e go ]]; do sleep 0.1; done
	printf '{"type":"stored","document_id":"%s","collection":"x","chunks":1,"lease":"%s"}\n' "$id" "$lease"
done
STAGE
	chmod +x stage
}

teardown() {
	local pid
	for pid in "${pids[@]}"; do
		end_pid "$pid" KILL
	done
}

# start_worker NAME [OPTION...]
start_worker() {
	local name=$1
	shift
	pl-worker -v --name "$name" --queue urgent --queue processing "$@" -- \
		"./stage $name" 2>"err.$name" 3>&- &
	pids+=($!)
}

# texts N PREFIX [OPTION...]: a job of N documents.
texts() {
	seq -f "$2%g" "$1" | jq -Rc '{url: ., content: .}' |
		pl-enqueue --source "$2" "${@:3}" >>job
}

seen() {
	[ "$(cat seen.* 2>/dev/null | grep -c "$2")" -ge "$1" ]
}

idle() {
	db_is "$1" "select count(*) from pl.workers where status = 'idle'"
}

# The position of the text among the texts that the worker saw, from 1.
place() {
	grep -n "$2" "seen.$1" | cut -d: -f1
}

@test "two workers share slow tasks, and an urgent one is next" {
	start_worker one
	start_worker two
	wait_until 10 idle 2
	texts 20 slow --batch 1
	wait_until 10 seen 4 slow
	texts 1 urgent --queue urgent
	wait_until 15 seen 20 slow
	one=$(grep -c slow seen.one) two=$(grep -c slow seen.two)
	echo "$one and $two"
	[ "$one" -ge 6 ]
	[ "$two" -ge 6 ]
	# The worker that took it had done two or three, and held two.
	at=$(cat seen.* | grep -c urgent)
	[ "$at" = 1 ]
	if grep -q urgent seen.one; then at=$(place one urgent); else at=$(place two urgent); fi
	echo "urgent at $at"
	[ "$at" -le 8 ]
}

# Worker one holds tasks of 12 slow documents, most of them unsent, as it was
# quick until now. The quicker it is, the more it claims ahead; a sanitised
# build claims too little.
hold() {
	texts 400 quick --batch 1
	texts 1 gate
	texts 12 slow --batch 1
	start_worker one --window 4
	wait_until 20 seen 1 gate
	wait_until 5 db_is 0 "select count(*) from pl.tasks
	    where status in ('pending', 'queued')"
	touch go
}

urgent_first() {
	! is_sanitised || return 0
	SLOW=0.5 hold
	texts 2 urgent --queue urgent --batch 1
	wait_until 10 seen 2 urgent
	[ "$(grep -c slow seen.one)" -le 9 ]
	grep -q 'handed back: a queue before theirs has work' err.one
	pl-jobctl verify
	balanced
}

@test "unsent tasks are given back for a queue of higher priority" {
	urgent_first
}

@test "unsent tasks are given back for a queue of higher priority, without Redis" {
	PL_REDIS_URL=none urgent_first
}

shared() {
	! is_sanitised || return 0
	SLOW=0.5 hold
	SLOW=0.5 start_worker two
	wait_until 25 seen 12 slow
	grep -q 'handed back: other workers are idle' err.one
	one=$(grep -c slow seen.one) two=$(grep -c slow seen.two)
	echo "$one and $two"
	# A slow machine starts the second worker late.
	[ "$two" -ge 1 ]
	wait_until 5 db_is 0 \
		"select count(*) from pl.tasks where status <> 'completed'"
	# No document was sent twice, and no attempt was counted.
	[ "$((one + two))" = 12 ]
	db_is 0 'select count(*) from pl.job_documents where attempts > 0'
	balanced
}

@test "unsent tasks are shared with a worker that is idle" {
	shared
}

@test "unsent tasks are shared with a worker that is idle, without Redis" {
	PL_REDIS_URL=none shared
}
