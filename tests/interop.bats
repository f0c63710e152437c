# The tools and real RQ, 1.13 (or what the system has) and 2, on one queue.

load helpers
load jobs
load rq

setup() {
	jobs_setup
	cat >stage <<'END'
#!/bin/bash
while IFS= read -r line; do
	[ ! -e slow ] || sleep "$(cat slow)"
	jq -c '{type: "stored", document_id: .id, collection: "x", chunks: 1,
	    lease}' <<<"$line"
done
END
	chmod +x stage
	worker_pid=
}

teardown() {
	[ -z "$worker_pid" ] || end_pid "$worker_pid" KILL
}

start_again() {
	teardown
	fresh_servers
	rm -f slow
	worker_pid=
}

burst() {
	timeout 50 pl-worker --burst --wip "$wip" -- ./stage
}

start_worker() {
	pl-worker --name tester --wip "$wip" -- ./stage 2>err 3>&- &
	worker_pid=$!
}

python_to_pl() {
	numbered 3
	run -0 burst
	documents=$(db "select string_agg(id::text, ' ') from pl.documents")
	other=$(pl-jobctl create --source other | jq -r .id)
	task=$(cat /proc/sys/kernel/random/uuid)
	$python enqueue_documents processing "$task" "$other" $documents
	run -0 burst
	run -0 $python show "$task"
	[[ $output == *'"result": "SUCCESSFUL"'*'"status": "finished"'* ]]
	[[ $output == *'"value": {"failed": 0, "retried": 0, "stored": 3}'* ]]
	db_is completed "select status from pl.tasks where id = '$task'"
	db_is 3 "select stored from pl.jobs where id = '$other'"
	balanced
}

@test "documents that Python enqueues for a job of pl are adopted and done" {
	for_each_rq python_to_pl
}

pickled_to_pl() {
	numbered 3
	run -0 burst
	documents=$(db "select string_agg(id::text, ' ') from pl.documents")
	other=$(pl-jobctl create --source other | jq -r .id)
	task=$($python enqueue_plainly processing "$other" $documents)
	[ "$(redis hget "rq:job:$task" status)" = queued ]
	run -0 burst
	[ "$(redis hget "rq:job:$task" status)" = finished ]
	[ "$(redis hget "rq:job:$task" timeout)" = 3600 ]
	db_is 3 "select stored from pl.jobs where id = '$other'"
	balanced
}

@test "RQ's default serializer works: pickled arguments, UUIDs among them" {
	for_each_rq pickled_to_pl
}

unknown_job() {
	task=$(cat /proc/sys/kernel/random/uuid)
	$python enqueue_documents processing "$task" \
		11111111-1111-4111-8111-111111111111 \
		22222222-2222-4222-8222-222222222222
	run -0 burst
	[[ $output == *"$task"*"filed as failed"* ]]
	run -0 $python show "$task"
	[[ $output == *'"exc": "no such job in the pl database"'* ]]
	[[ $output == *'"result": "FAILED"'*'"status": "failed"'* ]]
	db_is 0 'select count(*) from pl.tasks'
}

@test "a task of a job that nobody knows has failed, and RQ reads why" {
	for_each_rq unknown_job
}

# The sync of a starting worker finds them, then that of a running worker.
unreadable() {
	other=$(pl-jobctl create --source other | jq -r .id)
	$python enqueue_unreadable processing "$other"
	run -0 --separate-stderr burst
	said=$stderr
	start_worker
	wait_until 20 db_is idle 'select status from pl.workers'
	$python enqueue_unreadable processing "$other"
	wait_until 20 eval '[ "$(grep -c "filed as failed" err)" = 4 ]'
	for line in "$said" "$(<err)"; do
		[ "$(grep -c '^pl-worker: task .*: filed as failed$' \
			<<<"$line")" = 4 ]
		grep -q "nightly-3: the task's id is not a UUID" <<<"$line"
		grep -q 'task [0-9a-f-]*: .*pickle' <<<"$line"
	done
	run -0 $python reasons processing
	[[ $output == *"object: "*pickle* ]]
	[[ $output == *"function: the payload calls another function"* ]]
	[[ $output == *"arguments: the document ids are not a list"* ]]
	[[ $output == *"id: the task's id is not a UUID"* ]]
	# Two of each kind, but only one of the id that never changes.
	[ "$(pl-jobctl queues | jq .redis_failed)" = 7 ]
	run -0 pl-jobctl --table queues
	[[ $output == *FAILED*$'\n'processing*' 0 '*' 7'* ]]
	pl-jobctl metrics --prometheus |
		grep -qx 'pl_redis_queue_tasks{queue="processing",status="failed"} 7'
	db_is 0 'select count(*) from pl.tasks'
}

@test "a task that cannot be read has failed, said without -v, and RQ reads why" {
	for_each_rq unreadable
}

# unknown_ids FIRST LAST: ids that no document has
unknown_ids() {
	printf '99999999-0000-4000-8000-%012d\n' $(seq "$1" "$2")
}

some_unknown() {
	numbered 3
	run -0 burst
	documents=$(db "select string_agg(id::text, ' ') from pl.documents")
	for whose in sync worker; do
		other=$(pl-jobctl create --source "$whose" | jq -r .id)
		task=$(cat /proc/sys/kernel/random/uuid)
		$python enqueue_documents processing "$task" "$other" \
			$(unknown_ids 1 12) $documents
		[ "$whose" = worker ] || [ "$(pl-jobctl sync --json |
			jq -r .what)" = adopted ]
		run -0 --separate-stderr burst
		reason="12 of the task's documents are not in the database:"
		reason+=" $(unknown_ids 1 10 | paste -sd, | sed 's/,/, /g')"
		reason+=" and 2 more: save them with pl-enqueue, then queue a"
		reason+=" new task"
		[ "$stderr" = "pl-worker: task $task: failed: $reason" ]
		run -0 $python show "$task"
		[[ $output == *'"status": "failed"'* ]]
		[[ $output == *"\"exc\": \"$reason\""* ]]
		db_is "failed|$reason" "select status, error->>'message'
		    from pl.tasks where id = '$task'"
		pl-jobctl status "$other" | jq -e --arg m "task $task: $reason" \
			'[.stored, .failed, .error.class, .error.code,
			    .error.message] ==
			    [3, 0, "input", "unknown_documents", $m]'
		COLUMNS=200 run -0 pl-jobctl --table status "$other"
		[[ $output == *"error "*"$task: 12 of the task's documents"* ]]
	done
	run -0 pl-jobctl verify
	[ -z "$output" ]
	# None of its documents waits, and nobody takes the task again.
	[ -z "$(pl-jobctl sync --json)" ]
	db_is 0 "select count(*) from pl.tasks where finished_at is null"
	balanced
}

@test "documents that are not in Postgres fail the task with their ids, the others are done" {
	for_each_rq some_unknown
}

all_unknown() {
	other=$(pl-jobctl create --source other | jq -r .id)
	task=$(cat /proc/sys/kernel/random/uuid)
	$python enqueue_documents processing "$task" "$other" \
		$(unknown_ids 1 2) $(unknown_ids 2 2)
	run -0 burst
	reason="2 of the task's documents are not in the database: $(unknown_ids 1 1), $(unknown_ids 2 2): save"
	[[ $output == *"$task: failed: $reason"* ]]
	run -0 $python show "$task"
	[[ $output == *'"status": "failed"'* && $output == *"$reason"* ]]
	db_is failed "select status from pl.tasks where id = '$task'"
	# If a worker gives the task back or is lost, the reason stays.
	task=$(cat /proc/sys/kernel/random/uuid)
	$python enqueue_documents processing "$task" "$other" $(unknown_ids 3 3)
	pl-jobctl sync >/dev/null
	db "update pl.tasks set status = 'in_progress', attempt = 1,
	    lease_expires_at = now() - interval '1 s' where id = '$task'"
	pl-jobctl sync >/dev/null
	db_is 'queued|t' "select status, error is not null
	    from pl.tasks where id = '$task'"
	run -0 burst
	[[ $output == *"$task: failed: 1 of the task's"* ]]
	[ "$(status_of "$task")" = failed ]
}

@test "a task of unknown documents alone has failed, not finished" {
	for_each_rq all_unknown
}

@test "what pl-enqueue queues, a Python worker works off" {
	numbered 5 --batch 2
	PL_PIPELINE=./stage rq_python "$PL_TEST_ROOT/examples/rq-worker.py" \
		--burst
	db_is 'completed|5' "select status, stored from pl.jobs"
	[ "$(redis zcard rq:finished:processing)" = 3 ]
	balanced
}

# rq_work COLLECTION: a Python worker of the collection, with pl's own stages
rq_work() {
	PL_COLLECTION=$1 rq_python "$PL_TEST_ROOT/examples/rq-worker.py" --burst
}

# where TASK: the queue of the task, by Postgres, and how many tasks wait in Redis in
# processing and in processing@papers
where() {
	db "select queue from pl.tasks where id = '$1'"
	redis llen rq:queue:processing
	redis llen rq:queue:processing@papers
}

@test "a Python worker has a collection, takes its queue and binds what is for none yet" {
	numbered 3 --batch 2 --collection papers
	[ "$(redis llen rq:queue:processing@papers)" = 2 ]
	rq_work papers
	db_is 'papers|3' "select collection, stored from pl.jobs
	    where id = '$job'"
	# What Python queues for a job of no collection: sync adopts it.
	documents=$(db "select string_agg(id::text, ' ') from pl.documents")
	other=$(pl-jobctl create --source other | jq -r .id)
	task=$(cat /proc/sys/kernel/random/uuid)
	peer enqueue_documents processing "$task" "$other" $documents
	pl-jobctl sync >/dev/null
	rq_work default
	db_is 'default|3' "select collection, stored from pl.jobs
	    where id = '$other'"
	db_is 'default|3|3,papers|3|3' "select string_agg(x, ',' order by x) from
	    (select collection || '|' || count(*) || '|' || count(recipe) as x
	    from pl.stored_documents group by collection) c"
	# Now it is unchanged, and nothing is wrong.
	numbered 3 --collection papers
	jq -e '.unchanged == 3' job
	run -0 pl-jobctl verify
	balanced
}

@test "a Python worker leaves another collection's task to it, and pl-store watches over this" {
	numbered 1 --collection papers
	task=$(db 'select id from pl.tasks')
	# Somebody queues it elsewhere.
	redis rpoplpush rq:queue:processing@papers rq:queue:processing >/dev/null
	rq_work default
	db_is 'queued|0' 'select status, attempt from pl.tasks'
	db_is 0 'select count(*) from pl.collection_documents'
	pl-jobctl sync >/dev/null
	[ "$(where "$task" | paste -sd ' ')" = 'processing@papers 0 1' ]
	# A pipeline for another collection than the worker's stores nothing.
	PL_PIPELINE='pl-chunk | pl-embed | pl-store --collection default' \
		rq_work papers
	db_is 'failed|wrong_collection' "select status, error->>'code'
	    from pl.job_documents"
	db_is 0 'select count(*) from pl.collection_documents'
	pl-jobctl retry "$job" --failed >/dev/null
	rq_work papers
	db_is 'completed|1' 'select status, stored from pl.jobs'
	db_is papers 'select collection from pl.stored_documents'
	run -0 pl-jobctl verify
}

# A task of a job of papers that Python puts into processing: a worker of default
# moves it, and one of papers does it.
moved() {
	other=$(pl-jobctl create --source other | jq -r .id)
	numbered 3
	run -0 burst
	documents=$(db "select string_agg(id::text, ' ') from pl.documents")
	db "update pl.jobs set collection = 'papers' where id = '$other'"
	start_worker
	wait_until 20 db_is idle 'select status from pl.workers'
	task=$(cat /proc/sys/kernel/random/uuid)
	$python enqueue_documents processing "$task" "$other" $documents
	wait_until 20 eval '[ "$(where "$task" | paste -sd " ")" = \
		"processing@papers 0 1" ]'
	[ "$(status_of "$task")" = queued ]
		db_is 'queued|0' "select status, attempt from pl.tasks
	    where id = '$task'"
	end_pid "$worker_pid"
	run -0 timeout 50 pl-worker --burst --collection papers --wip "$wip" \
		-- ./stage
	db_is 3 "select stored from pl.jobs where id = '$other'"
	[ "$(status_of "$task")" = finished ]
	balanced
}

@test "a task in the queue of another collection is moved to its own, and done there" {
	for_each_rq moved
}

@test "what Python queues for a job of no collection, a worker of any collection does" {
	numbered 3 --collection papers
	papers() {
		timeout 50 pl-worker --burst --collection papers
	}
	run -0 papers
	# The queue processing has no task and no worker.
	documents=$(db "select string_agg(id::text, ' ') from pl.documents")
	other=$(pl-jobctl create --source other | jq -r .id)
	task=$(cat /proc/sys/kernel/random/uuid)
	peer enqueue_documents processing "$task" "$other" $documents
	run -0 papers
	db_is 'papers|3' "select collection, stored from pl.jobs
	    where id = '$other'"
	[ "$(where "$task" | paste -sd ' ')" = 'processing@papers 0 0' ]
	balanced
}

imported() {
	numbered 5 --batch 2 --function shop.tasks.process_documents
	mkdir -p shop
	echo 'def process_documents(job, documents): return len(documents)' \
		>shop/tasks.py
	PYTHONPATH=. run -0 cli worker --burst -S rq.serializers.JSONSerializer \
		processing
	[ "$(redis zcard rq:finished:processing)" = 3 ]
}

@test "a Python worker imports the function that a job names" {
	for_each_rq imported
}

tools() {
	numbered 4 --batch 2
	run -0 cli info
	[[ $output == *processing* ]]
	cli empty -S rq.serializers.JSONSerializer processing
	[ "$(redis llen rq:queue:processing)" = 0 ]
	run -0 pl-jobctl sync --dry-run --json
	[ "$(grep -c missing_in_redis <<<"$output")" = 2 ]
	[ "$(redis llen rq:queue:processing)" = 0 ]
	run -0 pl-jobctl sync --json
	[ "$(grep -c missing_in_redis <<<"$output")" = 2 ]
	[ "$(redis llen rq:queue:processing)" = 2 ]
	run -0 burst
	db_is 'completed|4' "select status, stored from pl.jobs"
	balanced
}

@test "rq info sees pl's tasks; sync restores tasks that rq empty removed" {
	for_each_rq tools
}

requeued() {
	numbered 1
	task=$(redis lindex rq:queue:processing 0)
	run -0 burst
	# As RQ's own cleanup does for a worker that seems dead.
	redis zrem rq:finished:processing "$task"
	redis hset "rq:job:$task" status failed
	redis zadd rq:failed:processing 9999999999 "$task"
	cli requeue -S rq.serializers.JSONSerializer --queue processing --all
	[ "$(redis llen rq:queue:processing)" = 1 ]
	run -0 burst
	db_is 'completed|1' 'select status, stored from pl.jobs'
	db_is 1 'select attempt from pl.tasks'
	# The claim settles it, or sync removed it before.
	[[ "$(status_of "$task")" =~ ^(finished)?$ ]]
	[ "$(redis llen rq:queue:processing)" = 0 ]
}

@test "a task that ended is not run again, even after rq requeue" {
	for_each_rq requeued
}

requeued_failed() {
	numbered 1
	task=$(redis lindex rq:queue:processing 0)
	# It has failed in Postgres and Redis, as a task that was lost too
	# often.
	db "update pl.tasks set status = 'failed', finished_at = now(),
	    error = '{\"code\":\"worker_lost\"}';
	    update pl.job_documents set status = 'failed', finished_at = now()"
	for whose in sync worker; do
		# A starting worker does a sync; this worker runs already.
		[ "$whose" = sync ] || {
			start_worker
			wait_until 20 db_is 1 'select count(*) from pl.workers'
		}
		redis lrem rq:queue:processing 0 "$task"
		redis hset "rq:job:$task" status failed
		redis zadd rq:failed:processing 9999999999 "$task"
		cli requeue -S rq.serializers.JSONSerializer \
			--queue processing --all
		if [ "$whose" = worker ]; then
			wait_until 20 grep -q "task $task: not run: the task has failed" err
			end_pid "$worker_pid"
		else
			[ "$(pl-jobctl sync --json | jq -r .message)" = \
				'the task failed in Postgres: filed as failed' ]
		fi
		run -0 $python show "$task"
		[[ $output == *'"status": "failed"'* ]]
		[[ $output == *"has failed in the pl database: 'pl-jobctl retry"* ]]
	done
	db_is failed 'select status from pl.tasks'
}

@test "a task that failed and is requeued in Redis alone has failed again, with the reason" {
	for_each_rq requeued_failed
}

stop_job() {
	numbered 3 --batch 3
	echo 100 >slow
	start_worker
	task=$(db 'select id from pl.tasks')
	wait_until 20 eval '[ "$(status_of $task)" = started ]'
	$python stop "$task"
	wait_until 20 eval '[ "$(status_of $task)" = stopped ]'
	rm slow
	wait_until 5 db_is failed 'select status from pl.jobs'
	db_is 'stopped|3' "select error->>'code', count(*) from pl.job_documents
	    group by 1"
	# The worker lives, and takes the next task.
	numbered 1 --source second
	wait_until 20 db_is completed "select status from pl.jobs where id = '$job'"
	$python shut_down tester
	wait_until 20 dead "$worker_pid"
	db_is 0 'select count(*) from pl.workers'
	balanced
}

@test "RQ's stop-job fails the task at once, shutdown ends the worker" {
	for_each_rq stop_job
}

suspended() {
	$python suspend
	start_worker
	wait_until 10 db_is idle 'select status from pl.workers'
	numbered 2
	sleep 1
	[ "$(redis llen rq:queue:processing)" = 1 ]
	db_is queued 'select status from pl.tasks'
	$python resume
	wait_until 20 db_is completed 'select status from pl.jobs'
}

suspended_burst() {
	run -0 burst
	numbered 2
	cli suspend
	run -75 burst
	[ "$output" = "pl-worker: suspended by 'rq suspend': nothing is claimed\
 until 'rq resume'" ]
	pl-jobctl queues | jq -e '.paused and .reason == "rq suspend"'
	COLUMNS=100 run -0 pl-jobctl --table queues
	[[ $output == *"rq suspend" ]]
	run -0 --separate-stderr pl-jobctl --json health
	jq -se 'map(select(.state == "warn")) | map(.component) == ["redis"]' \
		<<<"$output"
	[[ $output == *"suspended by 'rq suspend': 'rq resume' ends it"* ]]
	# If the queue is paused, too, both pauses are named.
	pl-jobctl pause processing --reason holiday |
		jq -e '.reason == "holiday"'
	run -0 pl-jobctl --table health
	[[ $output == *"redis "*" warn "*suspended*"paused: holiday"* ]]
	pl-jobctl resume processing >/dev/null
	start_worker
	wait_until 20 grep -q suspended err
	cli resume
	wait_until 20 db_is 'completed' 'select status from pl.jobs'
	[ "$(grep -c suspended err)" = 2 ]
	grep -q 'not suspended any more: going on' err
	end_pid "$worker_pid"
	run -0 burst
	[ -z "$output" ]
	pl-jobctl queues | jq -e '.paused | not'
}

@test "rq suspend is shown as a pause, and ends a burst with 75" {
	for_each_rq suspended_burst
}

@test "while rq suspend lasts nothing is claimed" {
	for_each_rq suspended
}

cancel_running() {
	numbered 20 --batch 20
	echo 0.5 >slow
	start_worker
	task=$(db 'select id from pl.tasks')
	wait_until 20 eval '[ "$(status_of $task)" = started ]'
	run -0 pl-jobctl cancel "$job"
	wait_until 15 db_is idle 'select status from pl.workers'
	[ "$(status_of "$task")" = canceled ]
	[[ $($python lists processing) == *"\"canceled\": [\"$task\"]"* ]]
	db_is 0 "select count(*) from pl.job_documents
	    where status in ('pending', 'processing')"
	balanced
}

@test "a job canceled while it runs is canceled for RQ, too" {
	for_each_rq cancel_running
}

# Hashes that no correct producer writes.
poison() {
	rq_python - "$PL_REDIS_URL" <<'PYTHON'
import json, pickle, sys, uuid, zlib
from redis import Redis

r = Redis.from_url(sys.argv[1])
call = json.dumps(["process_documents", None,
                   ["11111111-1111-4111-8111-111111111111", []], {}]).encode()


def push(name, fields, as_id=None):
    job = as_id or str(uuid.uuid4())
    if fields is not None:
        r.hset(b"rq:job:" + (job if isinstance(job, bytes) else job.encode()),
               mapping={"status": "queued", "origin": "processing",
                        "created_at": "2026-01-01T00:00:00.000000Z", **fields})
    r.rpush("rq:queue:processing", job)
    if fields is not None and len(job) <= 255:
        r.rpush("poisoned", job)


good = zlib.compress(call)
push("unknown status", {"status": "levitating", "data": good})
push("dot", {"data": good}, "a.dotted.id")
push("colon", {"data": good}, "a:b:c")
push("newline", {"data": good}, "a\nb")
push("bytes", {"data": good}, b"\xff\xfe")
push("long id", {"data": good}, "x" * 300)
push("pickle", {"data": zlib.compress(pickle.dumps(("f", None, (), {})))})
push("garbage", {"data": b"\x78\x9c" + b"\x00" * 50})
push("no json", {"data": zlib.compress(b"{[")})
push("big", {"data": b"x" * (10 << 20)})
push("bomb", {"data": zlib.compress(b" " * (200 << 20), 9)})
push("deep", {"data": zlib.compress(b"[" * 1000000)})
push("wrong args", {"data": zlib.compress(b'["process_documents",null,7,{}]')})
push("other function", {"data": zlib.compress(
    b'["os.system",null,["rm"],{}]')})
push("bad ids", {"data": zlib.compress(
    b'["process_documents",null,["11111111-1111-4111-8111-111111111111",'
    b'["x",3,null]],{}]')})
push("numbers", {"data": good, "timeout": "1e99", "pl_attempts": "-7",
                 "pl_max_attempts": "many", "enqueued_at": "yesterday"})
push("bad meta", {"data": good, "meta": b"\x80\x04bad"})
push("id is no UUID", {"data": good}, "plain-id")
push("expired", None)
r.set("rq:job:a-string", "text")
r.rpush("rq:queue:processing", "a-string")
PYTHON
}

survives() {
	start_worker
	wait_until 10 db_is idle 'select status from pl.workers'
	poison
	numbered 3
	wait_until 40 db_is completed 'select status from pl.jobs'
	wait_until 20 eval '[ "$(redis llen rq:queue:processing)" = 0 ]'
	alive "$worker_pid"
	[ "$(redis zcard rq:wip:processing)" = 0 ]
	[ "$(redis zcard rq:failed:processing)" = "$(redis llen poisoned)" ]
	rq_python - "$PL_REDIS_URL" <<'PYTHON'
import sys
from redis import Redis
r = Redis.from_url(sys.argv[1])
for job in r.lrange("poisoned", 0, -1):
    status = r.hget(b"rq:job:" + job, "status")
    why = r.xrange(b"rq:results:" + job)
    if status != b"failed" or not why or not why[-1][1][b"exc_string"]:
        sys.exit("%r: %r %r" % (job, status, why))
PYTHON
	[ "$(grep -c 'filed as failed' err)" -ge 15 ]
	[ "$(wc -L <err)" -lt 400 ]
}

@test "hostile hashes are filed as failed, each with its reason, and no worker stops" {
	wip=execution
	survives
}

@test "hostile hashes are filed as failed in the plain format, too" {
	wip=plain
	survives
}
