# What a worker does when Redis answers but is of no use.

load helpers
load jobs

setup() {
	jobs_setup
	pid= other_pid= shared=$PL_REDIS_URL
	cat >stage <<'STAGE'
#!/bin/bash
while IFS= read -r line; do
	sleep "$1"
	jq -c '{type: "stored", document_id: .id, collection: "x", chunks: 1,
	    lease}' <<<"$line"
done
STAGE
	chmod +x stage
}

teardown() {
	[ -z "$pid" ] || end_pid "$pid" KILL
	[ -z "$other_pid" ] || end_pid "$other_pid" KILL
	PL_REDIS_URL=$shared
	redis replicaof no one >/dev/null
	redis config set min-replicas-to-write 0 >/dev/null
	redis config set maxmemory 0 >/dev/null
	redis config set maxmemory-policy noeviction >/dev/null
}

# start_worker [SECONDS]: start a worker, as $pid, that takes this time for a
# document.
start_worker() {
	pl-worker -- "./stage ${1:-0}" 2>err 3>&- &
	pid=$!
}

# said N TEXT: whether the worker has printed the text N times.
said() {
	[ "$(grep -c -- "$2" err)" = "$1" ]
}

stored() {
	db_is "$1" "select count(*) from pl.job_documents where status = 'stored'"
}

listed_in_other() {
	[ -n "$(redis-cli -s other.sock smembers rq:workers)" ]
}

@test "after a failover the worker leaves the replica and finds the new primary by the same name" {
	setsid redis-server --port 0 --save '' --unixsocket "$PWD/other.sock" \
		>other.log 3>&- &
	other_pid=$!
	wait_until 10 redis-cli -e -s other.sock ping
	ln -s "${PL_REDIS_URL#unix://}" primary
	PL_REDIS_URL=unix://$PWD/primary start_worker
	wait_until 10 db_is 1 'select count(*) from pl.workers'
	ln -sf other.sock primary
	redis replicaof 127.0.0.1 1
	wait_until 20 said 1 'READONLY.*going on from Postgres'
	wait_until 20 said 1 'Redis: is back'
	wait_until 10 listed_in_other
	PL_REDIS_URL=unix://$PWD/other.sock numbered 3
	wait_until 10 stored 3
	[ "$(redis-cli -s other.sock zcard rq:finished:processing)" = 1 ]
}

@test "a Redis that answers but refuses writes counts as unavailable" {
	redis config set min-replicas-to-write 1
	start_worker
	wait_until 10 said 1 'NOREPLICAS.*going on from Postgres'
	PL_REDIS_URL=none numbered 3
	wait_until 10 stored 3
	# Wait longer than the first pauses.
	run ! wait_until 4 grep 'is back' err
	run pl-jobctl health
	[ "$status" = 75 ]
	[[ $output == *NOREPLICAS*"workers go on from Postgres"* ]]
	redis config set min-replicas-to-write 0
	wait_until 20 said 1 'Redis: is back'
	said 1 'going on from Postgres'
}

# other_redis OPTION...: start a second server, as $other_pid, at other.sock.
other_redis() {
	setsid redis-server --port 0 --unixsocket "$PWD/other.sock" "$@" \
		>other.log 3>&- &
	other_pid=$!
	wait_until 10 other_answers
}

other() {
	redis-cli -s other.sock "$@"
}

other_answers() {
	[[ $(other ping 2>&1) == @(PONG|LOADING*) ]]
}

@test "a Redis whose disk is full, that lost its primary, or that is loading, is unavailable" {
	local n=0
	# refused WORD: a worker on other.sock says so, and does tasks all the same.
	refused() {
		n=$((n + 1))
		wait_until 20 said 1 "$1.*going on from Postgres"
		echo "{\"url\":\"of $1\",\"content\":\"text\"}" |
			PL_REDIS_URL=none pl-enqueue --source "s$n" >job
		wait_until 15 stored "$n"
		run pl-jobctl health
		[ "$status" = 75 ]
		[[ $output == *"$1"* ]]
	}
	export PL_REDIS_URL=unix://$PWD/other.sock
	other_redis --save '3600 1' --dir "$PWD" --dbfilename full.rdb
	# A folder of the dump's name: every save fails.
	mkdir full.rdb
	other set key value
	other bgsave
	wait_until 10 eval 'other info persistence | grep -q rdb_last_bgsave_status:err'
	start_worker
	refused MISCONF
	rmdir full.rdb
	other bgsave
	wait_until 30 said 1 'Redis: is back'

	other replicaof 127.0.0.1 1
	other config set replica-serve-stale-data no
	refused MASTERDOWN
	other replicaof no one
	wait_until 40 said 2 'Redis: is back'

	# It reads the dump for some ten seconds.
	end_pid "$other_pid" TERM
	end_pid "$pid" TERM
	other_redis --save '' --dir "$PWD" --dbfilename slow.rdb
	other eval 'for i = 1, 2000 do redis.call("set", i, i) end' 0
	other save
	end_pid "$other_pid" TERM
	other_redis --save '' --dir "$PWD" --dbfilename slow.rdb \
		--key-load-delay 10000 --loading-process-events-interval-bytes 1024
	start_worker
	refused LOADING
	other config set key-load-delay 0
	wait_until 60 said 1 'Redis: is back'
}

# Write until Redis has evicted all tasks.
evict() {
	redis-benchmark -s "${PL_REDIS_URL#unix://}" -q -n 10000 -r 1000000000 \
		-d 1000 -P 100 set key:__rand_int__ x >/dev/null
	[ -z "$(redis --scan --pattern 'rq:job:*')" ]
}

evicted_until_said() {
	evict || true
	said 1 "$1"
}

@test "a Redis that evicts tasks again and again is not used until it keeps them" {
	numbered 150 --batch 1
	redis config set maxmemory-policy allkeys-lru
	run -0 pl-jobctl health
	[[ $output == *"maxmemory-policy is allkeys-lru"*noeviction* ]]
	redis config set maxmemory 4mb
	wait_until 10 evict
	start_worker 0.2
	wait_until 30 evicted_until_said 'lost queued tasks in 3 syncs'
	# The worker continues: these tasks come from Postgres.
	done=$(db "select count(*) from pl.tasks where status = 'completed'")
	wait_until 5 db_is t \
		"select count(*) > $done from pl.tasks where status = 'completed'"
	redis config set maxmemory 0
	wait_until 25 said 1 'loses no tasks any more'
	said 1 'lost queued tasks'
	balanced
}
