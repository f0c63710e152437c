# helpers - throwaway servers and a clean environment for the bats files
#
#	load helpers
#	setup_file() { start_postgres; start_redis; }
#
# The servers of one file live in one folder under /tmp (a unix socket's path
# must stay under 108 bytes), listen on unix sockets only and are stopped by
# pid: by stop_servers, or by a watchdog when bats itself ends or is killed.
# Every function may be called from setup_file, setup or a test; a second call
# finds what the first one started. Helpers that only some files need are in
# jobs.bash (jobs and their workers), queue.bash, records.bash and cases.bash.

bats_require_minimum_version 1.5.0

# bats sources this file again for every test. Variables that setup_file
# exported must survive that, those of the caller's shell must not.
if [ "${PL_TEST_CLEAN:-}" != "$BATS_TEST_FILENAME" ]; then
	for name in $(compgen -e); do
		case $name in
		PL_TEST_*) ;;
		PL_* | PG* | OPENAI_* | FIRECRAWL_* | REDIS_URL | DATABASE_URL | \
		MAKE*)
			unset "$name" ;;
		esac
	done
	unset name
	export PL_TEST_CLEAN=$BATS_TEST_FILENAME
	export LC_ALL=C.UTF-8 TZ=UTC
	# The settings and the private servers of whoever runs the tests do not
	# count.
	export XDG_CONFIG_HOME=$BATS_RUN_TMPDIR/config
	export PL_HOME=$BATS_RUN_TMPDIR/home

	PL_TEST_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
	PL_TEST_DATA=$PL_TEST_ROOT/tests/data
	export PL_TEST_ROOT PL_TEST_DATA
	# A sanitised build comes first on PATH; otherwise bin/ is tested.
	case $(command -v pl-ingest) in
	"$PL_TEST_ROOT"/*) ;;
	*) export PATH=$PL_TEST_ROOT/bin:$PATH ;;
	esac
fi

teardown_file() {
	stop_servers
}

# A build with a sanitiser, or to measure coverage, is neither fast nor small.
is_sanitised() {
	[[ -n ${PL_TEST_TREE:-} && ${PL_TEST_TREE##*/} != build ]]
}

# wait_until SECONDS COMMAND...: poll until the command succeeds. Soon less
# often, as each look costs the other tests a process or two.
wait_until() {
	local until=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000)) looks=0 pause=0.05
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/[.,]/}" -gt "$until" ]; then
			echo "never happened: $*" >&2
			return 1
		fi
		[ $((looks += 1)) -le 10 ] || pause=0.15
		sleep $pause
	done
}

# fed COMMAND...: run it in the background, as $pid. Its input comes from
# descriptor 9, its output goes to the file out, its messages to the file err.
fed() {
	mkfifo "$BATS_TEST_TMPDIR/fed"
	"$@" <"$BATS_TEST_TMPDIR/fed" >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- &
	pid=$!
	exec 9>"$BATS_TEST_TMPDIR/fed"
}

# db [PSQL-OPTION...] SQL: one statement's rows, '|' between columns.
db() {
	psql -XAtq -v ON_ERROR_STOP=1 "${@:1:$#-1}" -c "${!#}" "$PL_DATABASE_URL"
}

# db_is ROWS SQL: whether the statement gives these rows.
db_is() {
	[ "$(db "$2")" = "$1" ]
}

# Debian's psql is a Perl script that looks for the right version each time.
psql() {
	command "${PL_TEST_PSQL:-psql}" "$@"
}

# redis COMMAND...: one command to the throwaway Redis.
redis() {
	redis-cli -s "${PL_REDIS_URL#unix://}" "$@"
}

# empty_servers: forget everything, as after a fresh start_postgres/start_redis.
empty_servers() {
	[ -z "${PL_DATABASE_URL:-}" ] || db 'set client_min_messages = warning;
		drop schema if exists pl cascade'
	[ -z "${PL_REDIS_URL:-}" ] || redis flushall >/dev/null
}

# fresh_servers: as empty_servers and 'pl-jobctl init', but by a copy of a
# database, which takes a tenth of the time. It ends all connections.
fresh_servers() {
	local made=$BATS_FILE_TMPDIR/fresh admin
	admin=${PL_TEST_ADMIN_URL/\/pl\?/\/postgres?}
	if [ ! -e "$made" ]; then
		empty_servers
		pl-jobctl init >/dev/null
		psql -Xqc 'create database fresh template pl' "$admin"
		: >"$made"
	fi
	psql -Xq -v ON_ERROR_STOP=1 -c 'drop database pl with (force)' \
		-c 'create database pl template fresh owner pl strategy file_copy' \
		"$admin"
	[ -z "${PL_REDIS_URL:-}" ] || redis flushall >/dev/null
}

# free_port: a port of 127.0.0.1 where nobody listens.
free_port() {
	/usr/bin/python3 -Sc 'import socket; s = socket.socket()
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Whether a process exists and is not a zombie.
alive() {
	[ -n "$1" ] && kill -0 "$1" 2>/dev/null &&
		! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null
}

dead() {
	! alive "$1"
}

# Send a signal and wait for the end of the process; after 20 s send KILL.
end_pid() {
	local pid=$1 signal=${2:-TERM}
	alive "$pid" || return 0
	kill "-$signal" "$pid"
	wait_until 20 dead "$pid" 2>/dev/null && return
	kill -KILL "$pid" 2>/dev/null
	wait_until 10 dead "$pid"
}

# The file's folder of servers, in $server_dir; made at the first call.
need_server_dir() {
	local note=$BATS_FILE_TMPDIR/servers
	if [ ! -e "$note" ]; then
		server_dir=$(mktemp -d /tmp/pl.XXXXXX)
		chmod 755 "$server_dir"
		echo "$server_dir" >"$note"
		watch_servers "$server_dir"
	fi
	read -r server_dir <"$note"
}

# Stop the servers when bats has ended without doing so. The watchdog has its
# own session, so that an interrupt at the terminal does not end it first.
watch_servers() {
	# shellcheck disable=SC2016
	setsid bash -c '
		. "$1"
		while [ -d "$2" ] && [ -d "$BATS_RUN_TMPDIR" ] &&
		    kill -0 "$3"; do
			sleep 1
		done
		stop_servers_in "$2"' \
		watchdog "$PL_TEST_ROOT/tests/helpers.bash" "$1" \
		"$(bats_pid)" >/dev/null 2>&1 </dev/null 3>&- 4>&- &
	disown
}

# The process that runs the file: the bats-exec-file among our ancestors.
bats_pid() {
	local pid=$$ up
	while [ "$pid" -gt 1 ]; do
		if tr '\0' ' ' <"/proc/$pid/cmdline" |
			grep -q bats-exec-file; then
			break
		fi
		read -r _ up < <(grep '^PPid:' "/proc/$pid/status")
		pid=$up
	done
	echo "$pid"
}

# Run as the postgres user, who must own the files that it writes. The working
# directory is /, as this user may not enter other folders.
as_postgres() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && setpriv --reuid=postgres --regid=postgres \
			--init-groups env HOME=/ "$@")
	else
		(cd / && "$@")
	fi
}

# The newest Postgres of the system, or the one that start_pgvector chose.
pg_bin() {
	local newest
	newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	if [ -n "${PL_TEST_PG_BIN:-}" ]; then
		echo "$PL_TEST_PG_BIN"
	elif [ -x "$newest/postgres" ]; then
		echo "$newest"
	else
		dirname "$(command -v postgres)"
	fi
}

# once COMMAND...: run it while no other test file runs such a command.
once() {
	(
		flock 8
		"$@" 8<&-
	) 8<"${PL_TEST_RUN:-$BATS_RUN_TMPDIR}"
}

# A cluster made once per run and copied for each file: initdb costs a second.
pg_template() {
	local bin template
	bin=$(pg_bin)
	template=${PL_TEST_RUN:-$BATS_RUN_TMPDIR}/pgdata${bin//\//_}
	[ -d "$template" ] || once make_pg_template "$bin" "$template"
	echo "$template"
}

make_pg_template() {
	local bin=$1 made
	[ ! -d "$2" ] || return 0
	made=$(mktemp -d /tmp/pl.XXXXXX)
	[ "$(id -u)" -ne 0 ] || chown postgres: "$made"
	as_postgres "$bin/initdb" -U postgres -A trust -E UTF8 \
		--locale=C.UTF-8 --wal-segsize=4 -N "$made" >/dev/null &&
		as_postgres "$bin/postgres" --single -D "$made" \
			postgres >/dev/null <<-SQL
			CREATE ROLE pl LOGIN
			CREATE DATABASE pl OWNER pl
		SQL
	mv -T "$made" "$2"
}

# trixie_tree: where tests/trixie has its tree of Debian 13.
trixie_tree() {
	once "$PL_TEST_ROOT/tests/trixie" tree 2>"$BATS_FILE_TMPDIR/log"
}

# newest_tree: where tests/trixie has Valkey and the newest RQ; looked up once.
newest_tree() {
	local note=$BATS_FILE_TMPDIR/newest tree
	if [ ! -e "$note" ]; then
		tree=$(once "$PL_TEST_ROOT/tests/trixie" newest \
			2>"$BATS_FILE_TMPDIR/log") ||
			cannot "no Valkey and no newest RQ: $(tail -n 1 "$BATS_FILE_TMPDIR/log")"
		echo "$tree" >"$note"
	fi
	cat "$note"
}

# start_postgres: a cluster of its own, role "pl" (owner of database "pl", not
# a superuser); exports PL_DATABASE_URL, and PL_TEST_ADMIN_URL for the
# superuser. After stop_postgres it starts the same cluster again.
start_postgres() {
	local server_dir data
	need_server_dir
	data=$server_dir/pg
	[ -d "$data" ] || cp -a "$(pg_template)" "$data"
	if ! alive "$(pg_pid "$server_dir")"; then
		mkdir -p "$server_dir/run"
		chmod 1777 "$server_dir/run"
		rm -f "$data/postmaster.pid"
		as_postgres "$(pg_bin)/pg_ctl" -D "$data" -s -w -t 60 start \
			-l "$data/log" -o "-c listen_addresses='' \
			-c unix_socket_directories='$server_dir/run' \
			-c fsync=off -c full_page_writes=off \
			-c shared_buffers=32MB -c max_connections=200 \
			${PL_TEST_PG_OPTIONS:-}" \
			3>&- 4>&- </dev/null || {
			cat "$data/log" >&2
			return 1
		}
	fi
	export PL_TEST_PSQL
	PL_TEST_PSQL=$(pg_bin)/psql
	[ -x "$PL_TEST_PSQL" ] || PL_TEST_PSQL=psql
	export PL_DATABASE_URL="postgresql://pl@/pl?host=$server_dir/run"
	export PL_TEST_ADMIN_URL="postgresql://postgres@/pl?host=$server_dir/run"
}

pg_pid() {
	head -n 1 "$1/pg/postmaster.pid" 2>/dev/null || true
}

# stop_postgres [smart|fast|immediate]
stop_postgres() {
	local server_dir signal
	need_server_dir
	case ${1:-fast} in
	smart) signal=TERM ;;
	immediate) signal=QUIT ;;
	*) signal=INT ;;
	esac
	end_pid "$(pg_pid "$server_dir")" "$signal"
}

restart_postgres() {
	stop_postgres "${1:-fast}"
	start_postgres
}

# start_redis [PROGRAM NAME]: empty, without persistence; exports PL_REDIS_URL.
start_redis() {
	local server_dir name=${2:-redis}
	need_server_dir
	if ! alive "$(cat "$server_dir/$name.pid" 2>/dev/null)"; then
		setsid "${1:-redis-server}" --port 0 --save '' --appendonly no \
			--unixsocket "$server_dir/$name.sock" \
			--unixsocketperm 777 --dir "$server_dir" \
			--pidfile "$server_dir/$name.pid" --daemonize yes \
			--logfile "$server_dir/$name.log" \
			>/dev/null 3>&- 4>&- </dev/null
		wait_until 20 redis-cli -e -s "$server_dir/$name.sock" ping || {
			cat "$server_dir/$name.log" >&2
			return 1
		}
	fi
	export PL_REDIS_URL="unix://$server_dir/$name.sock"
}

# start_valkey: start Debian 13's Valkey; PL_REDIS_URL then names it.
start_valkey() {
	local tree
	tree=$(newest_tree)
	start_redis "$tree/usr/bin/valkey-server" valkey
}

redis_pid() {
	cat "$1/redis.pid" 2>/dev/null || true
}

# stop_redis [SIGNAL]
stop_redis() {
	local server_dir
	need_server_dir
	end_pid "$(redis_pid "$server_dir")" "${1:-TERM}"
}

# Restart at the same address; all data is lost.
restart_redis() {
	stop_redis "${1:-TERM}"
	start_redis
}

# start_pgvector: as start_postgres, with the extension "vector" in the
# database; the system's own, or Debian 13's from the tree of tests/trixie.
start_pgvector() {
	local share tree
	share=$("$(pg_bin)/pg_config" --sharedir 2>/dev/null) || share=
	if [ ! -e "$share/extension/vector.control" ]; then
		tree=$(trixie_tree) ||
			cannot "no pgvector: $(tail -n 1 "$BATS_FILE_TMPDIR/log")"
		export PL_TEST_PG_BIN=$tree/usr/lib/postgresql/17/bin
	fi
	start_postgres
	psql -Xqc 'create extension if not exists vector' "$PL_TEST_ADMIN_URL" \
		2>&1
}

# need_rq: the system's own RQ; the first number of its version in $rq_major.
need_rq() {
	local note=$BATS_FILE_TMPDIR/rq_major
	[ -e "$note" ] || {
		/usr/bin/python3 -c \
			'import rq; print(rq.VERSION.split(".")[0])' \
			>"$note.new" 2>/dev/null ||
			cannot "python3-rq is not installed"
		mv "$note.new" "$note"
	}
	# shellcheck disable=SC2034
	read -r rq_major <"$note"
}

# Python with the system's own RQ (Debian 12: 1.13, Debian 13: 2.3).
rq_python() {
	need_rq
	/usr/bin/python3 "$@"
}

# Python with RQ 2, the system's own or Debian 13's; looked up once.
rq2_python() {
	local note=$BATS_FILE_TMPDIR/rq2_python python=/usr/bin/python3
	if [ ! -e "$note" ]; then
		$python -c 'import rq; assert rq.VERSION >= "2"' 2>/dev/null || {
			python=$(trixie_tree) ||
				cannot "no RQ 2: $(tail -n 1 "$BATS_FILE_TMPDIR/log")"
			python=$python/usr/bin/python3
		}
		echo "$python" >"$note"
	fi
	read -r python <"$note"
	"$python" "$@"
}

# start_pgbouncer: in front of the running Postgres, in transaction mode;
# PL_DATABASE_URL becomes the pooler's. Skips the test when not installed.
start_pgbouncer() {
	local server_dir
	command -v pgbouncer >/dev/null || cannot "pgbouncer is not installed"
	start_postgres
	need_server_dir
	if ! alive "$(cat "$server_dir/run/pgbouncer.pid" 2>/dev/null)"; then
		cat >"$server_dir/pgbouncer.ini" <<-INI
			[databases]
			pl = host=$server_dir/run port=5432 dbname=pl
			[pgbouncer]
			listen_addr =
			listen_port = 6432
			unix_socket_dir = $server_dir/run
			pool_mode = transaction
			default_pool_size = 4
			max_client_conn = 200
			auth_type = any
			pidfile = $server_dir/run/pgbouncer.pid
			logfile = $server_dir/run/pgbouncer.log
		INI
		sed -i "s/^pl = .*/& user=pl/" "$server_dir/pgbouncer.ini"
		as_postgres "$(command -v pgbouncer)" -q -d \
			"$server_dir/pgbouncer.ini" 3>&- 4>&- </dev/null
		wait_until 20 psql -XAtqc 'select 1' \
			"postgresql://pl@/pl?host=$server_dir/run&port=6432"
	fi
	export PL_DATABASE_URL="postgresql://pl@/pl?host=$server_dir/run&port=6432"
}

# cannot REASON: skip the test, as the machine lacks something; in CI fail.
cannot() {
	if [ -n "${CI:-}" ]; then
		echo "$1, and CI is set: a test may not be skipped" >&2
		exit 1
	fi
	skip "$1"
}

# private_home: a PL_HOME for 'pl up', whose servers stop_servers ends, too.
private_home() {
	local server_dir
	need_server_dir
	export PL_HOME=$server_dir/home
}

# stop_servers: stop all servers that this file started, by pid.
stop_servers() {
	local note=$BATS_FILE_TMPDIR/servers server_dir
	[ -e "$note" ] || return 0
	read -r server_dir <"$note"
	stop_servers_in "$server_dir"
	rm -f "$note"
}

stop_servers_in() {
	[ -d "$1" ] || return 0
	[ ! -d "$1/home" ] || PL_HOME=$1/home pl down 2>/dev/null
	end_pid "$(cat "$1/run/pgbouncer.pid" 2>/dev/null)" INT
	end_pid "$(cat "$1/redis.pid" 2>/dev/null)" TERM
	end_pid "$(cat "$1/valkey.pid" 2>/dev/null)" TERM
	end_pid "$(pg_pid "$1")" QUIT
	rm -rf "$1"
}
