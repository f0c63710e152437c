# pl-jobctl sync: Redis gets the tasks and pauses of Postgres, and Postgres
# those of Python.

load helpers
load jobs
load rq

# repairs [OPTION...]: run a sync; "COUNT what" of each kind on one line.
repairs() {
	pl-jobctl sync --json "$@" 2>/dev/null | jq -r .what | sort | uniq -c |
		sed 's/^ *//' | paste -sd, -
}

new_id() {
	cat /proc/sys/kernel/random/uuid
}

@test "100,000 documents are back in Redis soon after FLUSHALL" {
	seq 100000 | sed 's/.*/{"url":"&","content":"text &"}/' |
		pl-enqueue >job
	redis flushall >/dev/null
	before=${EPOCHREALTIME/[.,]/}
	pl-jobctl sync --json >/dev/null 2>&1
	took=$(((${EPOCHREALTIME/[.,]/} - before) / 1000))
	echo "# 100,000 documents were back after $took ms" >&3
	[ "$(redis llen rq:queue:processing)" = 2000 ]
	[ "$took" -lt 60000 ]
	[ -z "$(repairs)" ]
}

@test "a task that ended in Postgres is taken out of Redis" {
	numbered 3 --batch 1
	ids=$(redis lrange rq:queue:processing 0 -1)
	work_off
	redis del rq:queue:processing >/dev/null
	for id in $ids; do
		redis hset "rq:job:$id" status queued >/dev/null
		redis rpush rq:queue:processing "$id" >/dev/null
	done
	numbered 1 --source other
	[ "$(repairs --dry-run)" = '3 ended_in_postgres' ]
	[ "$(redis llen rq:queue:processing)" = 4 ]
	[ "$(repairs)" = '3 ended_in_postgres' ]
	[ "$(redis llen rq:queue:processing)" = 1 ]
	[ -z "$(repairs)" ]
}

@test "an id of an ended task without its hash is removed, too" {
	numbered 2 --batch 1
	ids=$(redis lrange rq:queue:processing 0 -1)
	work_off
	redis flushall >/dev/null
	redis sadd rq:queues rq:queue:processing >/dev/null
	redis rpush rq:queue:processing $ids >/dev/null
	[ "$(repairs)" = '2 ended_in_postgres' ]
	[ "$(redis llen rq:queue:processing)" = 0 ]
}

@test "a task that Python queued gets a row, or fails with the reason" {
	numbered 2
	work_off
	documents=$(db "select string_agg(id::text, ' ') from pl.documents")
	other=$(pl-jobctl create --source other | jq -r .id)
	known=$(new_id) unknown=$(new_id)
	peer enqueue_documents processing "$known" "$other" $documents
	peer enqueue_documents processing "$unknown" "$(new_id)" $documents
	peer enqueue_documents processing odd "$other" nonsense
	[ "$(repairs --dry-run)" = '1 adopted,2 refused' ]
	[ "$(redis llen rq:queue:processing)" = 3 ]
	[ "$(db "select count(*) from pl.tasks where id = '$known'")" = 0 ]
	[ "$(repairs)" = '1 adopted,2 refused' ]
	[ "$(redis lrange rq:queue:processing 0 -1)" = "$known" ]
	[ "$(db "select status from pl.tasks where id = '$known'")" = queued ]
	run -0 peer show "$unknown"
	[[ $output == *'"exc": "no such job in the pl database"'* ]]
	[ -z "$(repairs)" ]
	work_off
	[ "$(db "select stored from pl.jobs where id = '$other'")" = 2 ]
}

@test "Redis gets pauses, and their end" {
	numbered 2
	pl-jobctl pause processing --reason 'no credit' >/dev/null
	redis flushall >/dev/null
	[ "$(repairs --dry-run)" = '1 missing_in_redis,1 pause_lost' ]
	[ "$(repairs)" = '1 missing_in_redis,1 pause_lost' ]
	[ "$(redis hget pl:paused:processing reason)" = 'no credit' ]
	[ "$(redis hget pl:paused:processing probe_at)" = 0 ]
	PL_REDIS_URL=unix:///nowhere.sock pl-jobctl resume processing >/dev/null 2>&1 || true
	[ "$(repairs)" = '1 pause_left' ]
	[ "$(redis exists pl:paused:processing)" = 0 ]
	[ -z "$(repairs)" ]
	db "update pl.queues set paused_at = now(), reason = 'quota',
	    probe_at = now() + interval '2 minutes'"
	[ "$(repairs)" = '1 pause_lost' ]
	at=$(redis hget pl:paused:processing probe_at)
	((at > EPOCHSECONDS + 100 && at <= EPOCHSECONDS + 121))
	# A person's pause replaced the parking.
	PL_REDIS_URL=unix:///nowhere.sock pl-jobctl pause processing >/dev/null 2>&1
	[ "$(repairs)" = '1 pause_lost' ]
	[ "$(redis hget pl:paused:processing probe_at)" = 0 ]
	[ -z "$(repairs)" ]
}

@test "a job that was sealed too early is opened again" {
	numbered 4 --batch 2
	work_off
	[ "$(db 'select status from pl.jobs')" = completed ]
	# A restored backup or a broken program may leave open documents in an
	# ended job.
	psql -XAtq "$PL_TEST_ADMIN_URL" <<-SQL
		set session_replication_role = replica;
		update pl.job_documents set status = 'pending'
		 where document_id = (select document_id from pl.job_documents limit 1);
		update pl.jobs set stored = 3;
	SQL
	[ "$(repairs --dry-run)" = '1 job_ended_early' ]
	[[ "$(repairs)" == *job_ended_early* ]]
	work_off
	[ "$(db 'select status, stored, documents from pl.jobs')" = 'completed|4|4' ]
	[ -z "$(repairs)" ]
	run -0 pl-jobctl verify
}

@test "queues of other programs are left alone" {
	peer enqueue_many theirs 1 3
	[ -z "$(repairs)" ]
	[ "$(redis llen rq:queue:theirs)" = 3 ]
}

@test "several syncs at once repair each fault once" {
	numbered 200 --batch 1
	redis flushall >/dev/null
	for i in 1 2 3; do
		pl-jobctl sync --json >"sync$i" 2>/dev/null 3>&- &
		pids="${pids:-} $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	[ "$(redis llen rq:queue:processing)" = 200 ]
	[ "$(redis lrange rq:queue:processing 0 -1 | sort -u | wc -l)" = 200 ]
}

@test "a job that the database refuses is reported, and stops no other" {
	for source in a b c; do
		pl-jobctl create --source "$source" >>created
	done
	bad=$(jq -rs '.[1].id' created)
	db "update pl.jobs set fed_at = now() - interval '2 minutes'"
	poison jobs "new.id = '$bad'"
	run -3 --separate-stderr pl-jobctl sync --json
	[ "$(jq -r .what <<<"$output" | sort | paste -sd,)" = \
		job_not_sealed,refused_by_database ]
	[ "$(jq -r 'select(.job_id) | .job_id' <<<"$output")" = "$bad" ]
	[ "$(jq -r 'select(.job_id) | .message' <<<"$output")" = 'poisoned row' ]
	[[ $stderr == *'1 that the database refuses'* ]]
	db_is 2 "select count(*) from pl.jobs where status = 'completed'"
	run -3 pl-jobctl sync --table
	[[ $output == *"$bad"*'poisoned row'* ]]
	db 'drop trigger poisoned on pl.jobs'
	run -0 pl-jobctl sync
	db_is 3 "select count(*) from pl.jobs where status = 'completed'"
}
