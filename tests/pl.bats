# pl: the supervisor. The tests use its own private servers; in some, a copy of
# the script runs with a stand-in for pl-worker.
load helpers
load cases

setup_file() {
	private_home
}

# stub NAME <<script: a copy of pl with a stand-in for another tool
stub() {
	bin=$BATS_TEST_TMPDIR/bin
	mkdir -p "$bin"
	[ -e "$bin/pl" ] || cp "$(command -v pl)" "$bin/pl"
	{
		echo '#!/bin/sh'
		# Its pipeline names no collection.
		[ "$1" != pl-worker ] ||
			echo '[ "$1" != --print-collection ] || exit 0'
		cat
	} >"$bin/$1"
	chmod +x "$bin/$1"
}

# no_collection: a pl-jobctl that knows none.
no_collection() {
	stub pl-jobctl <<<'exit 1'
}

# URLs of other servers, which pl must leave alone; no test connects to them.
elsewhere() {
	export PL_DATABASE_URL=postgresql://nobody@/none?host=/nowhere
	export PL_REDIS_URL=unix:///nowhere/redis.sock
}

@test "without a command it prints a message and exits 2" {
	run pl
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "pl: a command is missing; see 'pl --help'" ]
}

@test "an unknown command, option or argument is named and exits 2" {
	run pl frobnicate
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "pl: 'frobnicate' is no command; see 'pl --help'" ]
	elsewhere
	run pl run --frob x
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "pl: option '--frob' is not known; see 'pl run --help'" ]
	run pl worker -n zero
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "pl: -n: zero: not a number of workers; see 'pl worker --help'" ]
	run pl worker -n
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "pl: option '-n' needs a value; see 'pl worker --help'" ]
	run pl up now
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "pl: unexpected argument: now; see 'pl up --help'" ]
	run pl run
	[ "$status" -eq 2 ]
}

@test "--help fits 80 columns and goes to standard output" {
	run --separate-stderr pl --help
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[[ $output = "usage: pl COMMAND"* ]]
	[ -z "$(awk 'length > 80' <<<"$output")" ]
	[ "$(pl help)" = "$output" ]
	[[ "$(pl run --help)" = "usage: pl run "*--source* ]]
	[[ "$(pl --version)" = "pl (pl) "[0-9]* ]]
}

@test "a reader that goes away ends it without a message" {
	for words in --help --version env; do
		no_reader pl $words
	done
}

@test "before up, status names the missing servers and exits 75" {
	run --separate-stderr -75 pl status
	[ "$(jq -r '"\(.component) \(.state) \(.where)"' <<<"$output")" = \
		"postgres away database pl in $PL_HOME/postgres
redis away in $PL_HOME/redis/redis.sock" ]
	[[ $stderr == *"pl: 'pl up' starts the private servers" ]]
}

@test "up starts both servers, and a second up changes nothing" {
	# Not through run: the servers would keep its pipe open.
	pl up 2>"$BATS_TEST_TMPDIR/said" 3>&-
	grep -qF 'postgres: started in' "$BATS_TEST_TMPDIR/said"
	before=$(cat "$PL_HOME"/*/*.pid | head -n 1)
	run pl up
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(cat "$PL_HOME"/*/*.pid | head -n 1)" = "$before" ]
}

@test "status after up: all is well, exit 0" {
	run -0 --separate-stderr pl status
	[ -z "$stderr" ]
	[ "$(jq -r .state <<<"$output" | sort -u)" = ok ]
	# A table for people has no line that is not of it.
	run -0 script -qec "pl status" /dev/null
	[[ ${lines[0]} == COMPONENT* && ${lines[1]} == postgres* ]]
}

@test "two ups at once start one of each" {
	pl down
	pl up 3>&- &
	pl up 3>&-
	wait $!
	eval "$(pl env)"
	[ "$(psql -XAtc 'select 1' "$PL_DATABASE_URL")" = 1 ]
	[ "$(redis ping)" = PONG ]
}

@test "env names the servers, and what it names answers" {
	eval "$(pl env)"
	[ "$(psql -XAtc 'select current_user' "$PL_DATABASE_URL")" = pl ]
	[ "$(redis ping)" = PONG ]
	# And pl recognises them as its own.
	[ "$(pl env)" = "$(env -u PL_DATABASE_URL -u PL_REDIS_URL pl env)" ]
}

@test "the private servers listen on no network and are closed to others" {
	eval "$(pl env)"
	[ -z "$(psql -XAtc 'show listen_addresses' "$PL_DATABASE_URL")" ]
	[ "$(redis config get port | tail -n 1)" = 0 ]
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	run ! setpriv --reuid=nobody --clear-groups psql -XAtwc 'select 1' \
		"$PL_DATABASE_URL"
	run ! setpriv --reuid=nobody --clear-groups redis-cli \
		-s "${PL_REDIS_URL#unix://}" ping
}

@test "as root it starts the servers as their own users" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	[ "$(stat -c %U "/proc/$(head -n 1 "$PL_HOME/postgres/postmaster.pid")")" = postgres ]
	[ "$(stat -c %U "/proc/$(cat "$PL_HOME/redis/redis.pid")")" = redis ]
}

@test "down stops only these servers, up brings their data back" {
	eval "$(pl env)"
	db 'create table kept as select 1'
	redis set kept 1
	sleep 100 &
	other=$!
	run pl down
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "pl: redis: stopped" ]
	[ "${lines[1]}" = "pl: postgres: stopped" ]
	kill "$other"
	run -75 pl status
	pl up 3>&-
	[ "$(db 'select count(*) from kept')" = 1 ]
	[ "$(redis get kept)" = 1 ]
}

@test "a pid left behind by a reboot is not taken for a server" {
	pl down
	sleep 100 &
	echo $! >"$PL_HOME/redis/redis.pid"
	echo $! >"$PL_HOME/postgres/postmaster.pid"
	pl down
	kill -0 $!
	pl up 3>&-
	kill $!
}

@test "a server killed hard is started again, by the first up" {
	kill -KILL "$(head -n 1 "$PL_HOME/postgres/postmaster.pid")" \
		"$(cat "$PL_HOME/redis/redis.pid")"
	# Without an init that reaps, the number in the lock stays taken; here by
	# a process that is none of Postgres.
	sed -i "1s/.*/$$/" "$PL_HOME/postgres/.s.PGSQL.5432.lock"
	pl up 3>&-
	eval "$(pl env)"
	db 'select 1'
	redis ping
}

@test "as root, up takes no home that another user could change" {
	[ "$(id -u)" -eq 0 ] || skip "only root gives folders away"
	local top home
	top=$(mktemp -d /tmp/pl.XXXXXX)
	chmod 755 "$top"
	mkdir "$top/theirs" "$top/open" "$top/sticky" "$top/ours" "$top/target"
	chown nobody "$top/theirs"
	chmod 777 "$top/open"
	chmod 1777 "$top/sticky"
	ln -s "$top/target" "$top/link"
	ln -s "$top/target" "$top/ours/postgres"
	for home in theirs theirs/new open open/new sticky; do
		for command in up down; do
			[ -d "$top/$home" ] || [ $command = up ] || continue
			PL_HOME=$top/$home run -1 pl $command
			[[ $output == "pl: $top/${home%/new}: not root's, or others may write there"* ]]
		done
		[ "$home" = "${home%/new}" ] || [ ! -e "$top/$home" ]
	done
	PL_HOME=$top/link run -1 pl up
	[[ $output == "pl: $top/link: a link, which pl does not follow"* ]]
	PL_HOME=$top/ours run -1 pl up
	[[ $output == "pl: $top/ours/postgres: a link, which pl does not follow"* ]]
	[ "$(stat -c %U "$top/target")" = root ]
	[ -z "$(find "$top"/{target,theirs,open,sticky} -mindepth 1)" ]
	rm -rf "$top"
}

@test "a home that cannot be written is 1, and a lock is not followed" {
	local folder
	folder=$(dirname "$PL_HOME")
	export PL_HOME=$folder/written
	mkdir -p "$PL_HOME/lock"
	for command in up down; do
		run -1 pl $command
		[ "$output" = "pl: $PL_HOME: cannot be written: set PL_HOME to another folder" ]
	done
	rmdir "$PL_HOME/lock"
	echo kept >"$folder/other"
	ln -s "$folder/other" "$PL_HOME/lock"
	run -1 pl up
	[[ $output == *"$PL_HOME/lock: a link"* ]]
	[ "$(cat "$folder/other")" = kept ]
}

@test "HOME is needed only for private servers" {
	local words
	unset PL_HOME XDG_DATA_HOME HOME
	[ "$(id -u)" -ne 0 ] || export XDG_DATA_HOME=
	sed 's/-u)" -eq 0/-u)" -eq x/; s/elif am_root/elif false/' \
		"$(command -v pl)" >"$BATS_TEST_TMPDIR/pl"
	chmod +x "$BATS_TEST_TMPDIR/pl"
	run -1 "$BATS_TEST_TMPDIR/pl" up
	[[ $output == "pl: HOME is not set: set PL_HOME to a folder"* ]]
	elsewhere
	run -0 "$BATS_TEST_TMPDIR/pl" env
	[[ $output == *nowhere* ]]
	run -0 "$BATS_TEST_TMPDIR/pl" up
	run -0 "$BATS_TEST_TMPDIR/pl" --help
}

@test "no other user reaches the servers by trust" {
	run ! grep -rw trust "$PL_HOME/postgres/pg_hba.conf"
	[ "$(cat "$PL_HOME/postgres/pg_hba.conf")" = 'local all all peer map=pl' ]
	[ "$(stat -c %a "$PL_HOME/postgres" "$PL_HOME/redis" | sort -u)" = 700 ]
}

@test "with frozen servers up, status and down do not hang" {
	pl up 3>&-
	pg=$(head -n 1 "$PL_HOME/postgres/postmaster.pid")
	redis=$(cat "$PL_HOME/redis/redis.pid")
	kill -STOP "$pg" "$redis"
	run -75 timeout 20 pl up 3>&-
	[[ $output = *"postgres: running, but stopped"*"kill -CONT $pg"* ]]
	PGCONNECT_TIMEOUT=1 run -75 timeout 20 pl status
	[[ $output = *away*"no answer in time"* ]]
	run -0 timeout 30 pl down
	[ ! -e "/proc/$pg" ] || grep -q '^State:.*Z' "/proc/$pg/status"
	[[ $output != *"does not stop"* ]]
	pl up 3>&-
}

@test "PL_HOME may hold spaces and quotes" {
	odd="$PL_HOME/it's a \"home\" \$here"
	PL_HOME=$odd pl up 3>&-
	eval "$(PL_HOME=$odd pl env)"
	[ "$(psql -XAtc 'select 1' "$PL_DATABASE_URL")" = 1 ]
	[ "$(redis-cli -s "$odd/redis/redis.sock" ping)" = PONG ]
	unset PL_DATABASE_URL PL_REDIS_URL
	PL_HOME=$odd pl down
}

@test "a PL_HOME in which no socket can be is refused, and the message says what to do" {
	deep=$PL_HOME/$(printf '%080d' 0)
	PL_HOME=$deep run pl up
	[ "$status" -eq 1 ]
	[[ $output = *"set PL_HOME to a shorter one" ]]
	PL_HOME=$PL_HOME/a,b run pl up
	[ "$status" -eq 1 ]
	[[ $output = *"a comma cannot be in it" ]]
}

@test "a folder that cannot be written is named, and the status is 1" {
	elsewhere
	for words in --help --version env; do
		run -1 bash -c 'pl "$1" >/dev/full' x "$words"
		[ "$output" = "pl: standard output: cannot be written" ]
	done
	run -1 bash -c 'pl status >/dev/full'
	[[ $output == *"pl-jobctl: standard output: No space left"* ]]
	run -1 bash -c 'pl env >&-'
	[ "$output" = "pl: standard output: cannot be written" ]
}

@test "a folder that the servers' users cannot enter is named, and what to do" {
	[ "$(id -u)" -eq 0 ] || skip "only root drops to other users"
	closed=$(dirname "$PL_HOME")/closed
	mkdir -m 700 "$closed"
	mkdir "$closed/in"
	PL_HOME=$closed/in/home run -1 pl up
	[[ $output == "pl: $closed: closed to the user 'postgres'"*"'chmod 755 $closed' opens it"* ]]
	PL_DATABASE_URL=postgresql://nobody@/none?host=/nowhere \
		PL_HOME=$closed/in/home run -1 pl up
	[[ $output == "pl: $closed: closed to the user 'redis'"* ]]
}

@test "without /proc nothing is started, stopped or watched" {
	sed 's|/proc|/nowhere/proc|g' "$(command -v pl)" >"$BATS_TEST_TMPDIR/pl"
	chmod +x "$BATS_TEST_TMPDIR/pl"
	mkdir -p "$PL_HOME"
	for words in up down status 'run x' worker; do
		run -1 "$BATS_TEST_TMPDIR/pl" $words
		[[ $output == "pl: /nowhere/proc is not there: servers and workers cannot be told"* ]]
	done
	elsewhere
	run -1 "$BATS_TEST_TMPDIR/pl" worker
	[[ $output == "pl: /nowhere/proc is not there"* ]]
}

@test "servers that a URL names are neither started nor stopped" {
	elsewhere
	export PL_HOME=$BATS_TEST_TMPDIR/none
	run pl up
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "pl: postgres: the environment names a server; pl does not start it" ]
	[ "${lines[1]}" = "pl: redis: the environment names a server; pl does not start it" ]
	[ ! -e "$PL_HOME" ]
	pl down
	run -75 pl status
	[[ $output = *"/nowhere"* ]]
}

@test "status never shows a password" {
	export PL_DATABASE_URL=postgresql://me:hush@localhost:1/x
	export PL_REDIS_URL=redis://:hush@localhost:1
	run -75 pl status
	[[ $output = *"database x at localhost:1"* ]]
	[[ $output != *hush* ]]
}

@test "logs shows the ends of both logs" {
	run pl logs
	[ "$status" -eq 0 ]
	[[ $output = *"ready to accept connections"* ]]
	run pl logs postgres
	[[ $output = *"database system is ready"* ]]
	run pl logs other
	[ "$status" -eq 2 ]
}

@test "worker keeps this number of workers and passes queue and pipeline on" {
	elsewhere
	stub pl-worker <<-'SH'
		# One write, as three of these scripts write at once.
		echo "$(printf '%s|' "$@")" >>"$BATS_TEST_TMPDIR/args"
	SH
	"$bin/pl" worker -n 3 --queue=fast --burst --wait -- 'pl-chunk |' pl-store
	[ "$(sort -u "$BATS_TEST_TMPDIR/args")" = \
		"--burst|--wait|--queue|fast|--|pl-chunk | pl-store|" ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/args")" -eq 3 ]
}

@test "a worker that crashes is started again, one with a lasting fault is not" {
	elsewhere
	no_collection
	stub pl-worker <<-'SH'
		echo run >>"$BATS_TEST_TMPDIR/runs"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/runs")" -ge 2 ] && exit 1
		kill -KILL $$
	SH
	run -1 "$bin/pl" worker
	[ "$(wc -l <"$BATS_TEST_TMPDIR/runs")" -eq 2 ]
	[[ $output = *"pl: a worker ended with status 137;"* ]]
}

@test "a worker that has worked is started again after any status" {
	elsewhere
	no_collection
	# Time passes quickly: each reading of the clock is twenty seconds
	# later.
	stub date <<-'SH'
		echo >>"$BATS_TEST_TMPDIR/looks"
		echo $(($(wc -l <"$BATS_TEST_TMPDIR/looks") * 20))
	SH
	stub pl-worker <<-'SH'
		echo run >>"$BATS_TEST_TMPDIR/runs"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/runs")" -ge 3 ] || exit 1
	SH
	run -0 "$bin/pl" worker
	[ "$(wc -l <"$BATS_TEST_TMPDIR/runs")" -eq 3 ]
	[[ $output = *"pl: a worker ended with status 1;"* ]]
}

@test "a signal drains the workers before the supervisor ends" {
	elsewhere
	no_collection
	stub pl-worker <<-'SH'
		trap 'sleep 0.3; echo drained >>"$BATS_TEST_TMPDIR/log"; exit 0' TERM
		echo started >>"$BATS_TEST_TMPDIR/log"
		while :; do sleep 0.05; done
	SH
	"$bin/pl" worker -n 2 3>&- &
	supervisor=$!
	wait_until 10 both_started
	kill -TERM "$supervisor"
	wait "$supervisor"
	[ "$(grep -c drained "$BATS_TEST_TMPDIR/log")" -eq 2 ]
}

both_started() {
	[ "$(grep -c started "$BATS_TEST_TMPDIR/log")" -eq 2 ]
}

@test "a signal also ends a supervisor that waits to restart a worker" {
	elsewhere
	no_collection
	stub pl-worker <<-'SH'
		echo run >>"$BATS_TEST_TMPDIR/log"
		exit 75
	SH
	"$bin/pl" worker 3>&- &
	wait_until 10 test -s "$BATS_TEST_TMPDIR/log"
	kill -TERM $!
	run wait $!
	[ "$(wc -l <"$BATS_TEST_TMPDIR/log")" -le 2 ]
}

# A whole run with stand-ins: their results decide the status.
stubs() {
	elsewhere
	stub pl-ingest <<-SH
		echo '{"type":"document","id":"d1"}'
		exit ${1:-0}
	SH
	stub pl-enqueue <<-SH
		cat >/dev/null
		printf '%s|' "\$@" >"$BATS_TEST_TMPDIR/enqueue"
		echo '{"type":"job","id":"j1"}'
		exit ${2:-0}
	SH
	stub pl-worker <<-SH
		trap 'exit 0' TERM
		[ ${3:-0} -eq 0 ] || exit ${3:-0}
		while :; do sleep 0.05; done
	SH
	stub pl-jobctl <<-SH
		[ "\$2" != collection ] || exit 1
		[ ${3:-0} -eq 0 ] || while :; do sleep 0.05; done
		echo '{"type":"job","id":"j1","status":"done","documents":3,
			"stored":1,"unchanged":1,"failed":1,"chunks":7}' |
			tr -d '\n\t'
		exit ${4:-0}
	SH
}

@test "run prints the job's account, and its end decides the exit status" {
	stubs 0 0 0 3
	run --separate-stderr -3 "$bin/pl" run a b --source=handbook
	[ "${lines[0]}" = "job j1: done" ]
	[[ ${lines[1]} = "  3 documents: 1 stored, 1 unchanged, 1 failed; 7 chunks; "*" s" ]]
	[[ ${lines[2]} = "  collection default; "*" documents/s" ]]
	[ "$stderr" = "pl: which failed, and why: pl-jobctl --table documents j1 --failed
pl: when that is mended: pl-jobctl retry j1
pl: to search: pl-search WORDS" ]
	[[ $(cat "$BATS_TEST_TMPDIR/enqueue") = "--source|handbook|--workers|2|--job-file|/"*"|" ]]
	run --separate-stderr -3 "$bin/pl" run --json a
	[ "$(jq -r .stored <<<"$output")" = 1 ]
}

@test "run does not hide a failing first or second stage" {
	stubs 3 0 0 0
	run -3 "$bin/pl" run a
	stubs 0 75 0 0
	run -75 "$bin/pl" run a
	stubs 1 3 0 0
	run -1 "$bin/pl" run a
}

@test "run ends when no worker can go on" {
	stubs 0 0 1 0
	run -1 "$bin/pl" run a
	[[ $output = *"job j1: no worker goes on"* ]]
}

@test "an interrupted run says how to continue, and stops its workers" {
	stubs 0 0 0 0
	stub pl-jobctl <<-SH
		[ "\$2" != collection ] || exit 1
		while :; do sleep 0.05; done
	SH
	stub pl-worker <<-SH
		trap 'echo >"$BATS_TEST_TMPDIR/drained"; exit 0' TERM
		echo >"$BATS_TEST_TMPDIR/started"
		while :; do sleep 0.05; done
	SH
	"$bin/pl" run -n1 a 2>"$BATS_TEST_TMPDIR/said" 3>&- &
	wait_until 10 test -e "$BATS_TEST_TMPDIR/started"
	kill -TERM $!
	status=0
	wait $! || status=$?
	[ "$status" -eq 75 ]
	[ -e "$BATS_TEST_TMPDIR/drained" ]
	grep -q "job j1 is saved" "$BATS_TEST_TMPDIR/said"
}

# enqueues: start run in the background, as $run, until it reads documents.
enqueues() {
	stubs 0 0 0 0
	stub pl-ingest <<-SH
		echo '{"type":"document","id":"d1"}'
		exec cat
	SH
	stub pl-enqueue <<-SH
		trap 'echo "{\"type\":\"job\",\"id\":\"j1\"}"; exit 75' TERM
		head -n 1 >/dev/null
		echo >"$BATS_TEST_TMPDIR/started"
		while :; do sleep 0.05; done
	SH
	mkfifo "$BATS_TEST_TMPDIR/forever"
	exec 5<>"$BATS_TEST_TMPDIR/forever"
	"$bin/pl" run - <&5 2>"$BATS_TEST_TMPDIR/said" 3>&- 5>&- &
	run=$!
	wait_until 10 test -e "$BATS_TEST_TMPDIR/started"
}

@test "a run that is interrupted while it reads keeps the documents read, and reports that" {
	for signal in TERM HUP; do
		rm -f "$BATS_TEST_TMPDIR"/{started,forever}
		enqueues
		kill -s "$signal" "$run"
		status=0
		wait "$run" || status=$?
		exec 5>&-
		[ "$status" -eq 75 ]
		grep -q "read until then is job j1: 'pl worker' goes on" \
			"$BATS_TEST_TMPDIR/said"
	done
}

@test "an interrupt from the keyboard, which all processes get, has the same effect" {
	stubs 0 0 0 0
	stub pl-ingest <<-SH
		exec sleep 100
	SH
	stub pl-enqueue <<-SH
		trap 'echo "{\"type\":\"job\",\"id\":\"j1\"}"; exit 75' TERM INT
		echo >"$BATS_TEST_TMPDIR/started"
		while :; do sleep 0.05; done
	SH
	# Python, as background children of a shell ignore the signal.
	run -75 /usr/bin/python3 - "$bin/pl" "$BATS_TEST_TMPDIR/started" <<-'END'
		import os, signal, subprocess, sys, time
		signal.signal(signal.SIGINT, signal.default_int_handler)
		p = subprocess.Popen([sys.argv[1], "run", "x"],
		                     start_new_session=True)
		while not os.path.exists(sys.argv[2]):
		    time.sleep(0.05)
		os.killpg(p.pid, signal.SIGINT)
		sys.exit(p.wait())
	END
	[[ $output == *"read until then is job j1"* ]]
}

@test "run reads documents from standard input" {
	elsewhere
	stubs 0 0 0 0
	stub pl-ingest <<-SH
		cat >"$BATS_TEST_TMPDIR/read"
	SH
	echo hello | "$bin/pl" run -
	[ "$(cat "$BATS_TEST_TMPDIR/read")" = hello ]
}

# The real tools, on the example crawl.

@test "demo goes from nothing to hits and an account, twice" {
	export PL_HOME=$PL_HOME/demo
	run -0 --separate-stderr pl demo 3>&-
	[[ $output = *"40 documents: 38 stored, 0 unchanged, 2 failed;"* ]]
	[[ $output = *"cli/restore"* ]]
	[[ $output = *"failed            2"* ]]
	[[ $output = *"/old/upgrade-1.x"* ]]
	[[ ${lines[-1]} = "  pl down" ]]
	run -0 --separate-stderr pl demo
	[[ $output = *"40 documents: 0 stored, 38 unchanged, 2 failed;"* ]]
	pl down
}

@test "run reports correctly on a folder, and on a missing path" {
	pl up 3>&-
	folder=$BATS_TEST_TMPDIR/notes
	mkdir "$folder"
	for n in 1 2 3; do
		printf '# Note %d\n\nText of note %d.\n' $n $n >"$folder/$n.md"
	done
	run -0 --separate-stderr pl run "$folder" --source notes
	[[ $output = *"3 documents: 3 stored, 0 unchanged, 0 failed; 3 chunks;"* ]]
	echo more >>"$folder/2.md"
	run -0 --separate-stderr pl run --json "$folder" --source notes -n 1
	[ "$(jq -c '[.documents, .stored, .unchanged]' <<<"$output")" = "[3,1,2]" ]
	run pl run "$folder" "$folder/none.md" --source notes
	[ "$status" = 3 ]
	[[ $output = *"none.md"* ]]
	db_source() { pl-jobctl sources --json | jq -r .status; }
	[ "$(eval "$(pl env)"; db_source)" = partial ]
}

@test "run with a bad line, with no final newline, and with nothing at all" {
	pl up 3>&-
	run -3 --separate-stderr pl run - --source lines < <(
		echo '{"url":"1","content":"a"}'
		echo '{bad'
		printf '{"url":"2","content":"b"}')
	[[ $output = *"2 documents: 2 stored, 0 unchanged, 0 failed;"* ]]
	[[ $stderr = *"standard input:2: not valid JSON"* ]]
	run -0 --separate-stderr pl run - --source none </dev/null
	[[ $stderr = *"no documents: no job was made"* ]]
	mkdir "$BATS_TEST_TMPDIR/bare"
	run -0 --separate-stderr pl run "$BATS_TEST_TMPDIR/bare" --source none
	[[ $stderr = *"no documents: no job was made"* ]]
	run -1 --separate-stderr pl run "$BATS_TEST_TMPDIR/gone.md" --source none
	[[ $stderr = *"gone.md: No such file or directory"* ]]
	eval "$(pl env)"
	[ "$(pl-jobctl sources --json | jq -r 'select(.name == "none")')" = '' ]
	[ "$(pl-jobctl list --source none --json)" = '' ]
}

# sql SQL: run SQL in the private server.
sql() {
	(eval "$(pl env)" && psql -XAtc "$1" "$PL_DATABASE_URL")
}

stored_of() {
	[ "$(sql "select count(*) from pl.documents d join pl.sources s
	    on s.id = source_id where s.name = '$1' and d.status = 'stored'")" = "$2" ]
}

@test "run processes the first documents while it reads" {
	pl up 3>&-
	mkfifo "$BATS_TEST_TMPDIR/slow"
	pl run --source early - <"$BATS_TEST_TMPDIR/slow" \
		>"$BATS_TEST_TMPDIR/out" 3>&- &
	exec 5>"$BATS_TEST_TMPDIR/slow"
	echo '{"url": "first", "content": "the first"}' >&5
	wait_until 20 stored_of early 1
	echo '{"url": "second", "content": "the second"}' >&5
	exec 5>&-
	wait $!
	grep "2 documents: 2 stored" "$BATS_TEST_TMPDIR/out"
}

@test "a run that is stopped while it reads drains its workers, and says how to continue" {
	pl up 3>&-
	mkfifo "$BATS_TEST_TMPDIR/slow"
	pl run --source stopped - <"$BATS_TEST_TMPDIR/slow" \
		2>"$BATS_TEST_TMPDIR/said" 3>&- &
	exec 5>"$BATS_TEST_TMPDIR/slow"
	echo '{"url": "first", "content": "the first"}' >&5
	wait_until 20 stored_of stopped 1
	kill $!
	status=0
	wait $! || status=$?
	exec 5>&-
	[ "$status" = 75 ]
	grep "read until then is job .*'pl worker' goes on" "$BATS_TEST_TMPDIR/said"
}

@test "run cuts a small job into tasks for all of its workers" {
	pl up 3>&-
	seq 40 | jq -c '{url: "many/\(.)", content: "text \(.)"}' \
		>"$BATS_TEST_TMPDIR/many"
	run -0 pl run -n 4 --source few - <"$BATS_TEST_TMPDIR/many"
	[[ $output = *"40 documents: 40 stored"* ]]
	tasks=$(sql "select count(distinct task_id) from pl.job_documents
	    where job_id = (select job_id from pl.sources where name = 'few')")
	echo "$tasks tasks"
	[ "$tasks" -ge 8 ]
}

@test "run with a pipeline that cannot run says so and exits 1" {
	pl up 3>&-
	echo text >"$BATS_TEST_TMPDIR/doomed.txt"
	run -1 timeout 60 pl run "$BATS_TEST_TMPDIR/doomed.txt" \
		--source doomed -- 'cat >/dev/null; exit 1'
	[[ $output = *"the pipeline cannot run: cat >/dev/null; exit 1: "* ]]
	[[ $output = *"no worker goes on; see 'pl-jobctl status "* ]]
}

@test "run ends with 75 and the reason when its queue is parked, and continues later" {
	pl up 3>&-
	eval "$(pl env)"
	mkdir "$BATS_TEST_TMPDIR/denied"
	for n in $(seq 60); do
		echo "text $n" >"$BATS_TEST_TMPDIR/denied/$n.txt"
	done
	deny="jq --unbuffered -c '{type: \"error\", stage: \"embed\",
	    class: \"config\", code: \"http_401\", message: \"the key expired\",
	    document_id: .id, lease}'"
	run -75 --separate-stderr timeout 60 pl run -n 1 \
		"$BATS_TEST_TMPDIR/denied" --source denied --queue sealed \
		-- "$deny"
	[[ $stderr == *"queue sealed is paused: the key expired: 'pl-jobctl resume sealed' goes on"* ]]
	[[ $output == *"60 documents: 0 stored, 0 unchanged, 0 failed"* ]]
	[ "$(db "select sum(attempts) from pl.job_documents where job_id =
	    (select job_id from pl.sources where name = 'denied')")" = 0 ]
	pl-jobctl resume sealed
	run -0 timeout 60 pl worker --burst --queue sealed
	[ "$(pl-jobctl --json status denied | jq -r .stored)" = 60 ]
}

@test "a worker killed in the middle of a run loses no document" {
	pl up 3>&-
	eval "$(pl env)"
	folder=$BATS_TEST_TMPDIR/many
	mkdir "$folder"
	for n in $(seq 150); do
		printf '# Page %d\n\nText of page %d.\n' "$n" "$n" \
			>"$folder/$n.md"
	done
	# Slow, so that the kill comes in the middle.
	pl run "$folder" --source many -n 2 -- "pl-chunk |
		while IFS= read -r line; do sleep 0.04; printf '%s\\n' \"\$line\"; done |
		pl-embed --encoding base64 | pl-store" \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	run_pid=$!
	wait_until 30 some_stored
	wait_until 10 has_worker || cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
	kill -KILL "$victim"
	status=0
	wait $run_pid || status=$?
	cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
	[ "$status" -eq 0 ]
	grep -q "ended with status 137" "$BATS_TEST_TMPDIR/err"
	grep -q "150 documents: 150 stored" "$BATS_TEST_TMPDIR/out"
	[ "$(db "select count(*), count(distinct document_id)
		from pl.chunks_default c join pl.documents d
		on d.id = c.document_id join pl.sources s on s.id = d.source_id
		where s.name = 'many'")" = "150|150" ]
}

has_worker() {
	victim=$(pgrep -P "$run_pid" pl-worker | head -n 1)
	[ -n "$victim" ]
}

some_stored() {
	[ "$(db "select count(*) from pl.job_documents
		where status = 'stored'
		and job_id = (select job_id from pl.sources where name = 'many')")" -gt 20 ]
}
