# How every tool opens its servers: addresses, cut connections, locks, and the
# exit status

load helpers

setup_file() {
	start_postgres
	start_redis
	pl-jobctl init
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	proxy_pid=
}

teardown() {
	[ -z "$proxy_pid" ] || end_pid "$proxy_pid" KILL
	[ -z "${holder:-}" ] || end_pid "$holder" KILL
}

# start_proxy HOW N: a proxy in front of Postgres; $proxied is its address.
start_proxy() {
	local folder=$BATS_TEST_TMPDIR/proxy server
	server=${PL_DATABASE_URL#*host=}/.s.PGSQL.5432
	rm -rf "$folder" count
	mkdir "$folder"
	/usr/bin/python3 -S "$PL_TEST_ROOT/tests/pg_cut_proxy.py" \
		"$folder/.s.PGSQL.5432" "$server" "$1" "$2" count 3>&- &
	proxy_pid=$!
	wait_until 20 test -S "$folder/.s.PGSQL.5432"
	proxied="postgresql://pl@/pl?host=$folder"
}

stop_proxy() {
	end_pid "$proxy_pid" KILL
	wait "$proxy_pid" 2>/dev/null || true
	proxy_pid=
}

# Every tool that needs Postgres, with the simplest arguments.
each_tool() {
	case $1 in
	pl-enqueue) pl-enqueue <<<'{"content":"x","url":"u"}' ;;
	pl-store) pl-store </dev/null ;;
	pl-worker) pl-worker --burst -- cat ;;
	pl-search) pl-search words ;;
	pl-jobctl) pl-jobctl list ;;
	esac
}
tools='pl-enqueue pl-store pl-worker pl-search pl-jobctl'

@test "a connection cut before the schema was checked is 75, by every tool" {
	local tool n
	for tool in $tools; do
		for n in 1 2 3 4; do
			start_proxy dead-before $n
			PL_DATABASE_URL=$proxied run each_tool $tool
			echo "$tool, cut before request $n: $status: $output"
			[ "$status" = 75 ]
			[[ $output == *"Postgres: "* ]]
			stop_proxy
		done
	done
}

@test "an address of Postgres that makes no sense is 1 or 2, never 75" {
	local tool url
	for url in 'postgresql://127.0.0.1:99999/pl' 'postgresql://h:port/pl' \
		'http://127.0.0.1/pl' 'postgresql://h/pl?colour=blue' \
		'postgresql://127.0.0.1/pl?keepalives_idle=soon' \
		'postgresql://127.0.0.1/pl?sslmode=perhaps' \
		'postgresql://h%zz/pl' 'host=127.0.0.1 port=0'; do
		for tool in $tools; do
			PL_DATABASE_URL=$url run each_tool $tool
			echo "$tool $url: $status: $output"
			[[ $status == [12] ]]
		done
	done
}

@test "an address of Redis that makes no sense is 1 or 2, never 75" {
	local url
	for url in 'redis://127.0.0.1:99999' 'http://127.0.0.1' \
		'redis://127.0.0.1/first' ':6379'; do
		for tool in pl-enqueue pl-worker 'pl-jobctl queues' \
			'pl-jobctl sync'; do
			case $tool in
			*' '*) PL_REDIS_URL=$url run $tool ;;
			*) PL_REDIS_URL=$url run each_tool $tool ;;
			esac
			echo "$tool $url: $status: $output"
			[[ $status == [12] ]]
		done
	done
}

# cut_after_each FIRST CHECK: for every second request from FIRST on, enqueue
# the file in, which is partly refused, with the connection cut after that
# request. Then CHECK tests $output, $stderr and the database.
cut_after_each() {
	local n=$1 total
	fresh_servers
	start_proxy before 0
	PL_DATABASE_URL=$proxied run -3 pl-enqueue <in
	total=$(cat count)
	stop_proxy
	[ "$total" -gt 20 ]
	# A cut before a request equals a cut after the request before.
	for ((; n <= total; n += 2)); do
		db 'truncate pl.sources, pl.jobs cascade'
		start_proxy after $n
		PL_DATABASE_URL=$proxied run --separate-stderr \
			pl-enqueue --retry-for 20s <in
		echo "cut after request $n of $total: $status"
		echo "$output" "$stderr"
		stop_proxy
		# If nothing was saved yet, there is nothing to resume.
		if [ "$status" = 75 ]; then
			[ "$output" = '' ]
			continue
		fi
		[ "$status" = 3 ]
		"$2"
	done
}

told_once() {
	[ "$(grep -c refused_by_database <<<"$output")" = 1 ]
	[ "$(grep -c 'Postgres does not take it' <<<"$stderr")" = 1 ]
	[ "$(db "select documents, failed,
		(select count(*) from pl.documents),
		(select count(*) from pl.job_documents
		    where status = 'pending' and task_id is null)
		from pl.jobs")" = '4|1|4|0' ]
}

with_a_refused_one() {
	printf '{"content":"text %d","url":"u%d"}\n' 1 1 2 2
	echo '{"content":"x","url":"huge","metadata":{"n":1e999999}}'
	printf '{"content":"text %d","url":"u%d"}\n' 3 3
}

@test "a document that Postgres refuses is told once, wherever the connection is cut" {
	with_a_refused_one >in
	cut_after_each 1 told_once
}

@test "a document that Postgres refuses is told once, cut after the other requests" {
	with_a_refused_one >in
	cut_after_each 2 told_once
}

first_text_stays() {
	[ "$(jq -r 'select(.code) | [.code,.url] | @csv' <<<"$output")" = '"url_taken","a"' ]
	[ "$(grep -c 'another text came before' <<<"$stderr")" = 1 ]
	[ "$(db "select documents, failed,
		(select string_agg(url || content, ' ' order by url)
		    from pl.documents),
		(select count(*) from pl.job_documents
		    where status = 'pending' and task_id is null)
		from pl.jobs")" = '2|0|aone bone|0' ]
}

@test "a second text is told once, and no other, wherever the connection is cut" {
	printf '{"content":"%s","url":"%s"}\n' one a two a one b >in
	cut_after_each 1 first_text_stays
}

@test "a second text is told once, and no other, cut after the other requests" {
	printf '{"content":"%s","url":"%s"}\n' one a two a one b >in
	cut_after_each 2 first_text_stays
}

# hold SQL: a transaction that keeps the locks of SQL until its pid, $holder,
# is ended.
hold() {
	local name="holder-$RANDOM"
	PGAPPNAME=$name psql -Xq "$PL_DATABASE_URL" -c "begin; $1;
		select pg_sleep(120)" >/dev/null 2>&1 3>&- &
	holder=$!
	wait_until 20 sleeps "$name"
}

sleeps() {
	[ "$(db "select count(*) from pg_stat_activity
		where application_name = '$1' and query like '%pg_sleep%'
		and wait_event = 'PgSleep'")" = 1 ]
}

let_go() {
	db "select pg_terminate_backend(pid) from pg_stat_activity
		where application_name like 'holder-%'" >/dev/null
	wait "$holder" 2>/dev/null || true
	holder=
}

@test "a command waits for a lock, says for what, and goes on" {
	fresh_servers
	job=$(pl-enqueue <<<'{"content":"x","url":"u"}' | jq -r .id)
	hold "select from pl.jobs for update"
	pl-jobctl cancel "$job" >out 2>err 3>&- &
	local pid=$!
	wait_until 20 grep -q 'waiting for it' err
	grep -q 'another transaction holds a lock.*relation "jobs"' err
	alive $pid
	let_go
	wait $pid
	[ "$(jq -r .status out)" = canceled ]
	[ "$(grep -c 'waiting for it' err)" = 1 ]
}

@test "intake does not wait silently for a lock, and gives up with 75" {
	fresh_servers
	pl-enqueue <<<'{"content":"x","url":"u"}' >/dev/null
	hold "select from pl.documents for update"
	run -75 pl-enqueue --all --retry-for 3s <<<'{"content":"y","url":"u"}'
	[[ $output == *"another transaction holds a lock"*"trying again"* ]]
	let_go
	run -0 pl-enqueue --all <<<'{"content":"y","url":"u"}'
}

@test "a worker reports a lock that it waits for, and works when it is free" {
	fresh_servers
	pl-enqueue <<<'{"content":"x","url":"u"}' >/dev/null
	hold "select from pl.job_documents for update"
	pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' >out 2>err 3>&- &
	local pid=$!
	wait_until 20 grep -q 'another transaction holds a lock' err
	let_go
	wait $pid
	[ "$(db 'select status, stored from pl.jobs')" = 'completed|1' ]
}
