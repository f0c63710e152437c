# Servers that stop answering, or refuse for a while, do not stop the workers

load helpers
load jobs

setup() {
	jobs_setup
	stopped=() proxy_pid='' worker='' mounted=''
}

teardown() {
	local pid
	# Shown if the test failed.
	[ ! -e err ] || tail -n 20 err
	for pid in "${stopped[@]}"; do
		kill -CONT "$pid" 2>/dev/null || true
	done
	[ -z "$proxy_pid" ] || end_pid "$proxy_pid" KILL
	[ -z "$worker" ] || end_pid "$worker" KILL
	admin 'alter role pl reset all' -c 'alter role pl login'
	[ -z "$mounted" ] || umount -l "$mounted"
}

# admin [SQL [-c SQL]...]: run SQL as the superuser, in another database.
admin() {
	PGOPTIONS='-c default_transaction_read_only=off' psql -XAtqc "$@" \
		"${PL_TEST_ADMIN_URL/\/pl\?/\/postgres?}"
}

# End every session, as at a failover.
drop_sessions() {
	admin "select pg_terminate_backend(pid) from pg_stat_activity
		where datname = 'pl' and pid <> pg_backend_pid()" >/dev/null
}

# hold_still PID...: stop these processes until the test ends.
hold_still() {
	kill -STOP "$@"
	stopped+=("$@")
}

# start_proxy: a proxy in front of Postgres. When it is stopped, it acts as a
# server that no longer answers, with open connections. $proxied is its address.
start_proxy() {
	mkdir proxy
	/usr/bin/python3 -S "$PL_TEST_ROOT/tests/pg_cut_proxy.py" \
		proxy/.s.PGSQL.5432 "${PL_DATABASE_URL#*host=}/.s.PGSQL.5432" \
		before 0 3>&- &
	proxy_pid=$!
	wait_until 20 test -S proxy/.s.PGSQL.5432
	proxied="postgresql://pl@/pl?host=$PWD/proxy"
}

# start_work COMMAND...: run it in the background, as $worker; its messages are
# in err.
start_work() {
	"$@" >out 2>err 3>&- &
	worker=$!
}

stages='pl-chunk | pl-embed | pl-store'

all_stored() {
	db_is "completed|$1|0" 'select status, stored, failed from pl.jobs'
}

some_stored() {
	[ "$(db "select count(*) from pl.documents where status = 'stored'")" -gt 0 ]
}

# ends_within SECONDS: after SIGTERM $worker ends in time with status 0.
ends_within() {
	local began=${EPOCHREALTIME/[.,]/} took
	kill -TERM "$worker"
	wait "$worker"
	took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
	echo "ended after $took ms"
	cat err
	worker=''
	[ "$took" -le $(($1 * 1000)) ]
}

ends_with_75() {
	local status=0
	wait "$worker" || status=$?
	worker=''
	cat err
	[ "$status" = 75 ]
}

# slow_job N: a job of N documents, a task each.
slow_job() {
	numbered "$1" --batch 1
}

# Each document takes a moment, so that a fault finds work in progress.
slowly="jq --unbuffered -c . | while read -r line; do sleep 0.1; echo \"\$line\"; done | $stages"

@test "a failover to a read-only server ends no worker and no supervisor" {
	slow_job 30
	start_work pl worker -n 2 -- "$slowly"
	wait_until 20 some_stored
	admin 'alter database pl set default_transaction_read_only = on'
	drop_sessions
	wait_until 20 grep -q 'read-only transaction: trying again' err
	sleep 6
	run ! db_is 30 'select stored from pl.jobs'
	admin 'alter database pl reset default_transaction_read_only'
	wait_until 40 all_stored 30
	[ "$(grep -c 'Postgres: is back' err)" -ge 1 ]
	run ! grep -q 'worker ended' err
	# There is no line for each try.
	[ "$(grep -c 'trying again' err)" -le 8 ]
	ends_within 15
}

@test "a role that may not log in for a while, and a database with another name" {
	slow_job 20
	start_work pl-worker -- "$slowly"
	wait_until 20 some_stored
	admin 'alter role pl nologin'
	drop_sessions
	wait_until 20 grep -q 'not permitted to log in: trying again' err
	admin 'alter role pl login'
	wait_until 20 grep -q 'Postgres: is back' err
	admin "select pg_terminate_backend(pid) from pg_stat_activity
		where datname = 'pl'" -c 'alter database pl rename to other'
	sleep 2
	alive "$worker"
	admin 'alter database other rename to pl'
	wait_until 30 all_stored 20
	ends_within 15
}

@test "a stage that starts while its role may not log in does not end the worker" {
	slow_job 20
	start_work pl-worker -- "$slowly"
	wait_until 20 some_stored
	# Open sessions go on; new ones are refused.
	admin 'alter role pl nologin'
	# Unless the pipeline is being started anew just now.
	pid=$(pgrep -x pl-store -P "$(pgrep -d , -P "$worker")") || true
	[ -z "$pid" ] || kill -KILL "$pid"
	wait_until 20 grep -q 'pl-store: Postgres: role "pl" is not permitted' err
	sleep 2
	alive "$worker"
	admin 'alter role pl login'
	wait_until 30 all_stored 20
	ends_within 15
}

@test "a wrong role or database is 1 at the first connection" {
	admin 'alter role pl nologin'
	run -1 pl-worker --burst -- cat
	admin 'alter role pl login'
	PL_DATABASE_URL=${PL_DATABASE_URL/\/pl?/\/nothing?} run -1 pl-store </dev/null
}

# small_disk SIZE FOLDER: mount a small file system.
small_disk() {
	mkdir "$2"
	mount -t tmpfs -o "size=$1" small "$2" 2>err ||
		cannot "no tmpfs can be mounted: $(cat err)"
	mounted=$2
}

fill_disk() {
	dd if=/dev/zero bs=64k >>"$server_dir/small/filler" 2>/dev/null || true
}

# Space that the server frees meanwhile is filled, too.
said_full() {
	fill_disk
	grep -q 'No space left on device.*trying again' err
}

@test "a full disk is waited for, and then everything is stored" {
	local server_dir
	need_server_dir
	small_disk 24m "$server_dir/small"
	chown postgres: "$server_dir/small" 2>/dev/null || true
	chmod 777 "$server_dir/small"
	admin "create tablespace small location '$server_dir/small'" \
		-c 'alter database pl set tablespace small'
	slow_job 30
	# All are connected when the disk becomes full: a program that cannot
	# connect at all ends with 75.
	start_work pl-worker -- "(while [ ! -e full ]; do sleep 0.1; done
		jq --unbuffered -c '.content += (\"word \" * 20000)') | $stages"
	wait_until 20 db_is 1 "select count(*) from pg_stat_activity
		where application_name = 'pl-store'"
	fill_disk
	touch full
	wait_until 40 said_full
	sleep 2
	alive "$worker"
	rm "$server_dir/small/filler"
	admin 'alter database pl set tablespace pg_default' 2>/dev/null || true
	wait_until 40 all_stored 30
	db_is 0 "select count(*) from pl.queues where paused_at is not null"
	ends_within 15
	admin 'alter database pl set tablespace pg_default' \
		-c 'drop tablespace small'
}

@test "SIGTERM ends a worker whose Postgres is silent" {
	slow_job 8
	start_proxy
	PL_DATABASE_URL=$proxied start_work pl-worker --grace 2s -- "$slowly"
	wait_until 20 some_stored
	hold_still "$proxy_pid"
	sleep 1
	ends_within 7
}

@test "SIGTERM ends a worker whose two servers are silent" {
	local server_dir
	need_server_dir
	start_proxy
	PL_DATABASE_URL=$proxied start_work pl-worker --grace 3s -- cat
	wait_until 20 db_is 1 'select count(*) from pl.workers'
	hold_still "$proxy_pid" "$(redis_pid "$server_dir")"
	sleep 6
	ends_within 8
}

@test "SIGTERM ends a worker with documents in flight, though both are silent" {
	local server_dir
	need_server_dir
	slow_job 8
	start_proxy
	PL_DATABASE_URL=$proxied start_work pl-worker --grace 3s -- 'sleep 90; cat'
	wait_until 20 db_is t "select count(*) > 0 from pl.tasks
		where status = 'in_progress'"
	kill -TERM "$worker"
	# At the end of the grace, just before it gives the documents back.
	sleep 2.5
	hold_still "$proxy_pid" "$(redis_pid "$server_dir")"
	ends_within 6
}

@test "SIGTERM ends a worker that connects to a silent server" {
	start_proxy
	hold_still "$proxy_pid"
	PL_DATABASE_URL=$proxied start_work pl-worker --grace 1s -- cat
	sleep 0.5
	SECONDS=0
	kill -TERM "$worker"
	ends_with_75
	[ "$SECONDS" -le 6 ]
}

worker_session() {
	db "select pid from pg_stat_activity where application_name = 'pl-worker'"
}

@test "a silent session is given up after PL_DATABASE_TIMEOUT, and work goes on" {
	local backend
	slow_job 10
	PL_DATABASE_TIMEOUT=1s start_work pl-worker -- "$slowly"
	wait_until 20 some_stored
	backend=$(worker_session)
	hold_still "$backend"
	wait_until 20 grep -q 'no answer in time (1.*s): trying again' err
	kill -CONT "$backend"
	wait_until 30 all_stored 10
	ends_within 15
}

@test "a filter gives up a silent Postgres after --retry-for, with 75" {
	start_proxy
	(sleep 1; seq 3 | jq -c '{url: tostring, content: "text \(.)"}') |
		PL_DATABASE_TIMEOUT=1s PL_DATABASE_URL=$proxied \
			PGCONNECT_TIMEOUT=1 \
			timeout 30 pl-enqueue --retry-for 2s >out 2>err 3>&- &
	worker=$!
	wait_until 10 db_is 1 "select count(*) from pg_stat_activity
		where application_name = 'pl-enqueue'"
	hold_still "$proxy_pid"
	ends_with_75
	grep -q 'no answer in time' err
}

# A document whose text begins with "slow" takes the server a second.
slow_rows() {
	db "create function pl.slowly() returns trigger language plpgsql
	    as 'begin perform pg_sleep(1); return new; end';
	    create trigger slowly before insert on pl.chunks_default for each row
	    when (new.text like 'slow%') execute function pl.slowly()"
}

@test "one document over statement_timeout says so, and the others are stored" {
	seq 5 | jq -c '{url: tostring, content: "text \(.)"}' |
		pl-chunk | pl-embed | pl-store >/dev/null 2>&1 || true
	printf '{"url":"%s","content":"%s"}\n' 1 one 2 'slow one' 3 three |
		pl-ingest --source s | tee documents | pl-enqueue >job
	pl-chunk <documents | pl-embed >chunks
	head -n 2 chunks | pl-store >/dev/null
	slow_rows
	admin "alter role pl set statement_timeout = '300ms'"
	run -3 --separate-stderr pl-store <chunks
	[ "$(jq -r 'select(.type == "stored") | .type' <<<"$output" | wc -l)" = 2 ]
	[ "$(jq -r 'select(.type == "error") | "\(.class) \(.code)"' <<<"$output")" = \
		'config statement_timeout' ]
	[[ $output == *'57014'*'is 300ms; collection default has no index'* ]]
	db "create index chunks_words on pl.chunks_default (tokens)"
	run -3 --separate-stderr pl-store <chunks
	[[ $output == *'has the index chunks_words'* ]]
}

@test "a document over statement_timeout fails alone, and parks no queue" {
	numbered 1
	timeout 50 pl-worker --burst -- "$stages"
	slow_rows
	admin "alter role pl set statement_timeout = '300ms'"
	db 'truncate pl.jobs cascade'
	printf '{"url":"%s","content":"%s"}\n' 1 one 2 'slow one' 3 three |
		pl-enqueue --max-attempts 2 >job
	run -0 timeout 50 pl-worker --burst --wait -- "$stages"
		db_is 'partial|2|1' 'select status, stored, failed from pl.jobs'
	db_is 'config' "select error->>'class' from pl.job_documents
		where status = 'failed'"
	db_is 0 "select count(*) from pl.queues where paused_at is not null"
}

# start_standby HOT: the same cluster as a server in recovery.
start_standby() {
	local server_dir
	need_server_dir
	stop_postgres
	as_postgres touch "$server_dir/pg/standby.signal"
	as_postgres "$(pg_bin)/pg_ctl" -D "$server_dir/pg" -s -W start \
		-l "$server_dir/pg/log" -o "-c listen_addresses='' \
		-c unix_socket_directories='$server_dir/run' \
		-c hot_standby=$1 -c fsync=off -c shared_buffers=32MB \
		-c max_connections=200" 3>&- 4>&- </dev/null
	wait_until 20 has_answer
}

# The server may also answer that it is starting up.
has_answer() {
	local status=0
	"$(pg_bin)/pg_isready" -d "$PL_TEST_ADMIN_URL" || status=$?
	[ "$status" -le 1 ]
}

promote() {
	local server_dir
	need_server_dir
	as_postgres "$(pg_bin)/pg_ctl" -D "$server_dir/pg" -s -w promote
}

@test "pl-enqueue and pl-store wait for a server that is starting up" {
	local store
	echo '{"type":"document","url":"u","content":"text"}' | pl-ingest |
		tee document | pl-chunk | pl-embed >chunks
	pl-enqueue <document >/dev/null
	start_standby off
	echo '{"content":"x","url":"v"}' | pl-enqueue >job 2>err 3>&- &
	worker=$!
	pl-store <chunks >stored 2>err.store 3>&- &
	store=$!
	wait_until 20 grep -q 'starting up.*trying again for\|not accepting.*trying again for' err
	wait_until 20 grep -q 'trying again for' err.store
	alive "$worker"
	promote
	wait "$worker"
	wait "$store"
	worker=''
	[ "$(jq -r .type stored | xargs)" = 'stored listing' ]
	db_is 2 'select count(*) from pl.documents'
}

@test "health fails on a server that takes no writes, and is bounded" {
	pl-jobctl health >/dev/null || [ $? = 1 ]
	admin 'alter database pl set default_transaction_read_only = on'
	run -1 pl-jobctl --json health
	[[ $output == *'"component":"postgres","state":"fail"'*'read-only: it takes no writes'* ]]
	admin 'alter database pl reset default_transaction_read_only'
	start_standby on
	wait_until 20 db_is t 'select pg_is_in_recovery()'
	run -1 pl-jobctl --json health
	[[ $output == *'"component":"postgres","state":"fail"'*'in recovery'* ]]
	promote
	start_proxy
	hold_still "$proxy_pid"
	SECONDS=0
	PGCONNECT_TIMEOUT=1 PL_DATABASE_URL=$proxied run -75 pl-jobctl --json health
	[[ $output == *'"component":"postgres","state":"away"'*'no answer in time'* ]]
	[ "$SECONDS" -lt 10 ]
}

@test "a command without a limit says that it waits" {
	numbered 1
	db "alter table pl.jobs force row level security;
	    create policy slow on pl.jobs using (pg_sleep(11)::text is not null)"
	run -0 --separate-stderr pl-jobctl list
	[[ $stderr == *'takes more than 10 s: waiting for it'* ]]
}

@test "health warns of a disk that is nearly full" {
	local server_dir socket
	need_server_dir
	small_disk 1m "$server_dir/private"
	socket=${PL_DATABASE_URL#*host=}/.s.PGSQL.5432
	ln -s "$socket" "$server_dir/private/.s.PGSQL.5432"
	echo 15 >"$server_dir/private/PG_VERSION"
	export PL_DATABASE_URL="postgresql://pl@/pl?host=$server_dir/private"
	run pl-jobctl --json health
	[[ $output != *'"component":"disk"'* ]]
	dd if=/dev/zero of="$server_dir/private/filler" bs=4k 2>/dev/null || true
	run pl-jobctl --json health
	[[ $output == *'"component":"disk","state":"warn"'*"left for $server_dir/private"* ]]
}

# timers PORT: the kernel's timers of connections to the port: "02:" and the
# time until the next keepalive, in hundredths of a second.
timers() {
	awk -v port="$(printf ':%04X$' "$1")" \
		'$3 ~ port && $4 == "01" { print $6 }' /proc/net/tcp
}

has_timer() {
	[[ "$(timers "$1")" == 02:* ]]
}

@test "keepalives are on, and an address overrides how often" {
	local port when
	/usr/bin/python3 -Sc 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True); time.sleep(60)' >port 3>&- &
	proxy_pid=$!
	wait_until 10 test -s port
	read -r port <port
	for setting in '3000:' '60000:?keepalives_idle=600'; do
		PL_DATABASE_URL="postgresql://pl@127.0.0.1:$port/pl${setting#*:}" \
			pl-jobctl list 2>/dev/null 3>&- &
		worker=$!
		wait_until 10 has_timer "$port"
		when=$((16#$(timers "$port" | cut -d: -f2)))
		echo "$setting: $when"
		[ "$when" -le "${setting%%:*}" ]
		[ "$when" -gt $((${setting%%:*} - 1000)) ]
		kill -KILL "$worker"
		wait "$worker" || true
		wait_until 10 gone_from "$port"
	done
	worker=''
}

gone_from() {
	[ -z "$(timers "$1")" ]
}

@test "a silent Redis costs pl-enqueue and a burst one time-out" {
	local server_dir
	need_server_dir
	hold_still "$(redis_pid "$server_dir")"
	SECONDS=0
	numbered 3
	# One time-out takes five seconds.
	[ "$SECONDS" -lt 10 ]
	[ "$(jq -r .status job)" = pending ]
	SECONDS=0
	timeout 50 pl-worker --burst -- "$stages; sleep 2"
	# With a second time-out it would take at least twelve.
	[ "$SECONDS" -lt 12 ]
	all_stored 3
}
