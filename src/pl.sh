#!/bin/sh
# pl - the thin supervisor: private servers, batch runs and worker processes
#
# The other tools do the work. This script starts them, starts them again when
# they fail, and reports the result. POSIX shell, no pipefail: a stage leaves its
# exit status in a file.
set -u
umask 022

# $shown is set while another program may show a line of progress on this terminal.
shown=''
say() {
	printf '%spl: %s\n' "$shown" "$*" >&2
}

# die STATUS TEXT...
die() {
	status=$1
	shift
	say "$*"
	exit "$status"
}

# put FORMAT ARGUMENT...: printf; ends the script if the output fails.
put() {
	# shellcheck disable=SC2059
	printf "$@" 2>/dev/null || die 1 "standard output: cannot be written"
}

# usage TEXT: a usage error, with a hint to the help of the command, if known.
usage() {
	say "$*; see 'pl${command:+ $command} --help'"
	exit 2
}

# --- where things are -------------------------------------------------------

# Use the tools beside this script: they were built with it.
here=$(readlink -f -- "$(command -v -- "$0")") || exit 1
here=${here%/*}
given_path=$PATH
PATH=$here:$PATH

am_root() {
	[ "$(id -u)" -eq 0 ]
}

# check_env_file FILE HOLDS-A-SECRET: who can write it chooses what we do. A file of
# root's may be shared with the group of a service.
check_env_file() {
	[ -f "$1" ] || die 1 "$1: not a file"
	[ -r "$1" ] || die 1 "$1: cannot be read"
	owned=$(stat -L -c '%u %a' -- "$1") || exit 1
	owner=${owned% *} mode=0${owned#* } readers=044
	[ "$owner" != 0 ] || readers=004
	[ "$owner" = 0 ] || [ "$owner" = "$(id -u)" ] ||
		die 1 "$1: belongs to another user: make one of your own"
	[ $((mode & 022)) -eq 0 ] ||
		die 1 "$1: others may write it: 'chmod go-w $1' ends that"
	[ -z "$2" ] || [ $((mode & readers)) -eq 0 ] ||
		die 1 "$1: it holds a secret, and others may read it: 'chmod" \
			"600 $1' ends that"
}

# The lines of an env file whose variables the environment lacks, and a line
# "secret" if it holds one. The rules are those of lib/tool/env_file.h.
env_file_lines() {
	awk -v q="'" '
	function refuse(why) {
		printf "pl: %s, line %d: %s\n", FILENAME, FNR, why >"/dev/stderr"
		exit 1
	}
	function is_given(name) {
		return name in ENVIRON || name "_FILE" in ENVIRON
	}
	function is_decided(name) {
		sub(/_FILE$/, "", name)
		return is_given(name) || name ~ /^PL_(DATABASE|REDIS)_URL$/ &&
		    is_given(substr(name, 4))
	}
	function is_secret(name, value) {
		return name ~ /(_KEY|SECRET|PASSWORD|TOKEN)$/ ||
		    value ~ /:\/\/[^@]*:[^@]*@/ || value ~ /password/
	}
	{
		gsub(/^[ \t\r]+|[ \t\r]+$/, "")
		if ($0 == "" || /^#/)
			next
		if (!/^[A-Z0-9_]+=/)
			refuse("not of the form NAME=value")
		name = $0
		sub(/=.*/, "", name)
		value = substr($0, length(name) + 2)
		if (name !~ /^(PL_|PG|OPENAI_|FIRECRAWL_|DATABASE_URL|REDIS_URL|CURL_CA_BUNDLE|SSL_CERT_FILE)/)
			refuse("no setting of pl: names begin with PL_, PG, " \
			    "OPENAI_ or FIRECRAWL_, or are DATABASE_URL or " \
			    "REDIS_URL")
		end = substr(value, length(value))
		if (length(value) > 1 && substr(value, 1, 1) == end &&
		    (end == q || end == "\""))
			value = substr(value, 2, length(value) - 2)
		if (is_secret(name, value))
			print "secret"
		if (!is_decided(name) && !(name in seen))
			print name "=" value
		seen[name] = 1
	}' "$1"
}

# Settings from a file, for variables that are not set.
read_env_file() {
	case ${XDG_CONFIG_HOME:-} in
	/*) env_file=$XDG_CONFIG_HOME/pl/env ;;
	*) env_file=${HOME:+$HOME/.config/pl/env} ;;
	esac
	[ -n "$env_file" ] && [ -e "$env_file" ] || return 0
	check_env_file "$env_file" ''
	env_lines=$(env_file_lines "$env_file") || exit 1
	while IFS= read -r line; do
		case $line in
		'') ;;
		secret) check_env_file "$env_file" 1 ;;
		*) export "${line?}" ;;
		esac
	done <<-END
		$env_lines
	END
}

# A path, encoded for a URL.
url_path() {
	case $1 in
	*[!A-Za-z0-9/._~-]*)
		printf %s "$1" | od -An -v -tx1 | tr -d ' \n' |
			sed -e 's/../%&/g' -e 's/%2f/\//g' ;;
	*) printf %s "$1" ;;
	esac
}

# A word, quoted for the shell.
quoted() {
	printf "'"
	printf %s "$1" | sed "s/'/'\\\\''/g"
	printf "'"
}

# Set where the servers are. $home stays empty if nothing names a folder.
find_places() {
	read_env_file
	home='' private_database=none private_redis=none
	# The users that run the servers cannot enter root's home.
	if [ -n "${PL_HOME:-}" ]; then
		home=$PL_HOME
	elif [ -n "${XDG_DATA_HOME:-}" ]; then
		home=$XDG_DATA_HOME/pl
	elif am_root; then
		home=/var/lib/pl
	elif [ -n "${HOME:-}" ]; then
		home=$HOME/.local/share/pl
	fi
	case $home in
	/* | '') ;;
	*) home=$PWD/$home ;;
	esac
	# Each server's socket is in its data folder, which other users cannot
	# enter.
	pg_data=$home/postgres
	redis_data=$home/redis
	if [ -n "$home" ]; then
		private_database="postgresql://pl@/pl?host=$(url_path "$pg_data")"
		private_redis="unix://$(url_path "$redis_data/redis.sock")"
	fi
	address PL_DATABASE_URL DATABASE_URL
	database=$address database_file=$address_file
	address PL_REDIS_URL REDIS_URL
	redis=$address redis_file=$address_file
}

# address NAME...: set $address to the value of the first variable that is set, or
# to the first line of the file that its NAME_FILE names, then $address_file.
address() {
	address='' address_file=''
	for name; do
		address=$(printenv "$name") && [ -n "$address" ] && return
		address_file=$(printenv "${name}_FILE") || continue
		[ -n "$address_file" ] || continue
		IFS= read -r address 2>/dev/null <"$address_file" ||
			[ -n "$address" ] || die 1 "${name}_FILE" \
			"$address_file: cannot be read, or is empty"
		return
	done
	address='' address_file=''
}

# Whether the private server is used: the environment names no other server, or,
# after eval "$(pl env)", names the private one.
own_database() {
	case $database in
	"$private_database") ;;
	'')
		[ -n "$home" ] &&
			[ -z "${PGHOST:-}${PGHOSTADDR:-}${PGSERVICE:-}" ]
		;;
	*) return 1 ;;
	esac
}

own_redis() {
	case $redis in
	"$private_redis") ;;
	'') [ -n "$home" ] ;;
	*) return 1 ;;
	esac
}

# Whether the environment names both servers.
names_both() {
	[ -n "$redis" ] &&
		[ -n "$database${PGHOST:-}${PGHOSTADDR:-}${PGSERVICE:-}" ]
}

need_home() {
	[ -n "$home" ] || die 1 "HOME is not set: set PL_HOME to a folder for" \
		"the private servers"
}

# Whether the user's shell finds the tools beside this script.
on_path() {
	found=$(PATH=$given_path && command -v pl-jobctl) &&
		[ "$(readlink -f -- "$found")" = "$here/pl-jobctl" ]
}

# The line that puts the tools on PATH.
path_line() {
	line=$(short "$here/pl")
	case $line in
	*[!A-Za-z0-9/._-]*) line=$(quoted "$line") ;;
	esac
	printf 'eval "%s(%s env)"' '$' "$line"
}

# A path as a user would type it in this folder.
short() {
	case $1 in
	"$PWD"/*) printf %s "${1#"$PWD"/}" ;;
	*) printf %s "$1" ;;
	esac
}

# Export the private servers' URLs to the tools that this script starts.
export_urls() {
	if own_database; then
		export PL_DATABASE_URL="$private_database"
	fi
	if own_redis; then
		export PL_REDIS_URL="$private_redis"
	fi
}

# Make a temporary folder, which is removed when the command ends.
scratch=
need_scratch() {
	scratch=$(mktemp -d) || die 1 "no temporary folder can be made"
	trap 'rm -rf "$scratch"' EXIT
}

# --- the private servers ----------------------------------------------------

# as USER COMMAND...: as root, run the command as USER; else as this user.
as() {
	user=$1
	shift
	if am_root; then
		setpriv --reuid="$user" --regid="$(id -gn "$user")" \
			--init-groups -- "$@"
	else
		"$@"
	fi
}

# Without /proc, a process cannot be told from a later one with the same number.
need_proc() {
	[ -r /proc/self/stat ] ||
		die 1 "/proc is not there: servers and workers cannot be told" \
			"from other processes; mount it, or start them by other" \
			"means and name them in PL_DATABASE_URL and PL_REDIS_URL"
}

# The process in FILE, if it lives and has FOLDER as its working directory:
# after a reboot, another process may have the number in the file.
pid_of() {
	pid=$(head -n 1 "$1" 2>/dev/null) || return 1
	[ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
	[ "$(readlink "/proc/$pid/cwd")" = "$(cd -- "$2" && pwd -P)" ] ||
		return 1
	echo "$pid"
}

pg_pid() {
	pid_of "$pg_data/postmaster.pid" "$pg_data"
}

redis_pid() {
	pid_of "$redis_data/redis.pid" "$redis_data"
}

# A server may accept a connection and then not answer.
pg_ready() {
	timeout 5 psql -XAtqwc 'select 1' "$private_database" >/dev/null 2>&1
}

redis_ready() {
	[ "$(timeout 5 redis-cli -s "$redis_data/redis.sock" ping \
		2>/dev/null)" = PONG ]
}

# wait_for SECONDS COMMAND...
wait_for() {
	until=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$until" ] || return 1
		sleep 0.1
	done
}

# not_stopped NAME PID: a server that was sent SIGSTOP will not answer.
not_stopped() {
	! grep -q '^State:[[:space:]]*[Tt]' "/proc/$2/status" 2>/dev/null ||
		die 75 "$1: running, but stopped by a signal: 'kill -CONT $2'" \
			"lets it go on, 'pl down' ends it"
}

# roots_alone PATH: whether only root decides what the path leads to: each part of
# it that is there is root's, and nobody else writes there, but for folders such as
# /tmp, where others can only add.
roots_alone() {
	part=$1
	while :; do
		if [ -e "$part" ] || [ -L "$part" ]; then
			what=$(stat -c '%u %f' -- "$part") || return 1
			mode=$((0x${what#* }))
			[ "${what% *}" = 0 ] || return 1
			# A link has no mode of its own; a folder may be sticky.
			[ -L "$part" ] || [ $((mode & 022)) -eq 0 ] || {
				[ "$part" != "$1" ] &&
					[ $((mode & 01000)) -ne 0 ]
			} || return 1
		fi
		[ "$part" != / ] || return 0
		part=$(dirname -- "$part")
	done
}

# As root we give folders away and write files: only where nobody else can put
# something in our way.
check_home() {
	for link in "$home" "$pg_data" "$redis_data" "$home/lock"; do
		[ ! -L "$link" ] || die 1 "$link: a link, which pl does not" \
			"follow: set PL_HOME to the folder itself"
	done
	! am_root || roots_alone "$home" ||
		die 1 "$part: not root's, or others may write there: as root," \
			"set PL_HOME to a folder of root's"
}

# make_folder PATH USER MODE
make_folder() {
	[ -d "$1" ] || mkdir -- "$1" || exit 1
	chmod "$3" "$1" || exit 1
	if am_root; then
		chown "$2:$(id -gn "$2")" "$1" || exit 1
	fi
}

need_user() {
	am_root && ! id -u "$1" >/dev/null 2>&1 || return 0
	die 1 "no user '$1' to run the server as: is $2 installed?" \
		"('./setup' installs it)"
}

make_home() {
	check_home
	[ -d "$home" ] || mkdir -p -- "$home" ||
		die 1 "$home: cannot be made; set PL_HOME to another folder"
	# libpq takes a comma for the end of one host and the next one's start.
	case $home in
	*,*) die 1 "PL_HOME: $home: a comma cannot be in it" ;;
	esac
	home_bytes=$(printf %s "$pg_data/.s.PGSQL.5432" | wc -c)
	[ "$home_bytes" -lt 108 ] ||
		die 1 "PL_HOME: $home: too long for the path of a unix" \
			"socket; set PL_HOME to a shorter one"
	! own_database || must_enter "$(pg_user)"
	! own_redis || must_enter "$(redis_user)"
}

# must_enter USER: as root we make folders that the server may not reach.
must_enter() {
	! as "$1" test -x "$home" || return 0
	closed=$home
	while up=$(dirname -- "$closed"); ! as "$1" test -x "$up"; do
		closed=$up
	done
	die 1 "$closed: closed to the user '$1', whom the server runs as:" \
		"'chmod 755 $closed' opens it, or set PL_HOME to another folder"
}

# Who the servers run as: their packages' users when we are root.
pg_user() {
	if am_root; then echo postgres; else id -un; fi
}

redis_user() {
	if am_root; then echo redis; else id -un; fi
}

# The Postgres programs: of the data's version, else the newest.
pg_bin() {
	version=$(cat "$pg_data/PG_VERSION" 2>/dev/null) || version=
	found=
	for bin in /usr/lib/postgresql/*/bin; do
		[ -x "$bin/postgres" ] || continue
		case $bin in
		*/"$version"/bin)
			echo "$bin"
			return
			;;
		esac
		found=$(printf '%s\n%s\n' "$found" "$bin" | sort -V | tail -n 1)
	done
	if [ -n "$version" ] && [ -n "$found" ]; then
		die 1 "$pg_data: made by Postgres $version, which is not" \
			"installed"
	elif [ -n "$found" ]; then
		echo "$found"
	elif command -v postgres >/dev/null; then
		dirname -- "$(command -v postgres)"
	else
		die 1 "Postgres is not installed: './setup' installs it"
	fi
}

# A cluster without a password and without TCP: only the user who runs this
# script, and the servers' user, may be "pl". It is made under another name and
# renamed, so that an unfinished one is never used.
make_cluster() {
	new=$pg_data.new
	rm -rf -- "$new"
	make_folder "$new" "$(pg_user)" 700
	# Run in the folder, so that no path needs quoting.
	(cd -- "$new" && as "$(pg_user)" "$bin/initdb" -U postgres -A peer \
		-E UTF8 --locale=C.UTF-8 -D .) >"$home/initdb.log" 2>&1 ||
		die 1 "no database could be made: see $home/initdb.log"
	write_in_cluster postgresql.conf <<-'END'
		# Added by pl up.
		listen_addresses = ''
		unix_socket_directories = '.'
		log_line_prefix = '%m [%p] '
	END
	as "$(pg_user)" rm -f -- "$new/pg_hba.conf" "$new/pg_ident.conf"
	echo "local all all peer map=pl" | write_in_cluster pg_hba.conf
	{
		echo "pl $(pg_user) postgres"
		for name in "$(pg_user)" "$(id -un)"; do
			echo "pl $name pl"
		done
	} | sort -u | write_in_cluster pg_ident.conf
	(cd -- "$new" && as "$(pg_user)" "$bin/postgres" --single -D . postgres \
		>>"$home/initdb.log" 2>&1) <<-'SQL' ||
		CREATE ROLE pl LOGIN
		CREATE DATABASE pl OWNER pl
	SQL
		die 1 "no role and database could be made:" \
			"see $home/initdb.log"
	rm -f -- "$home/initdb.log"
	mv -- "$new" "$pg_data"
}

# write_in_cluster FILE: append the input, as the user whose folder it is, so that
# root follows no link there.
write_in_cluster() {
	# shellcheck disable=SC2016
	as "$(pg_user)" sh -c 'cat >>"$1"' sh "$new/$1" ||
		die 1 "$new/$1: cannot be written"
}

# pgvector needs a superuser unless it is marked trusted; this server has one.
add_pgvector() {
	[ -e "$("$bin/pg_config" --sharedir 2>/dev/null)/extension/vector.control" ] ||
		return 0
	(cd / && as "$(pg_user)" timeout 60 psql -Xqw -h "$pg_data" -U postgres -d pl -c \
		'set client_min_messages = warning;
		create extension if not exists vector') >/dev/null
}

# deserted FOLDER: whether no process of Postgres has it as its working directory.
deserted() {
	physical=$(cd -- "$1" && pwd -P) || return 0
	names=$(find /proc/[0-9]*/cwd -maxdepth 0 -printf '%h %l\n' 2>/dev/null |
		while read -r process where; do
			[ "$where" != "$physical" ] ||
				cat "$process/comm" 2>/dev/null
		done)
	case $names in
	*postgres*) return 1 ;;
	esac
}

start_postgres() {
	if pid=$(pg_pid); then
		not_stopped postgres "$pid"
		wait_for 60 pg_ready || die 75 "postgres: running, but it does" \
			"not answer: see 'pl logs postgres'"
		return
	fi
	need_user "$(pg_user)" postgresql
	bin=$(pg_bin) || exit
	[ -d "$pg_data" ] || make_cluster
	# A server that was killed leaves processes, which end soon, and the lock
	# of its socket; its number may be that of a zombie, or of another process.
	wait_for 20 deserted "$pg_data" || die 75 "postgres: parts of a killed" \
		"server still run in $pg_data"
	rm -f -- "$pg_data/postmaster.pid" "$pg_data"/.s.PGSQL.*.lock
	(cd -- "$pg_data" && as "$(pg_user)" "$bin/pg_ctl" -D . -s -w -t 60 \
		-l server.log start) >/dev/null 2>&1 </dev/null 9>&-
	wait_for 10 pg_ready ||
		die 75 "postgres: did not start: see 'pl logs postgres'"
	add_pgvector
	news=1
	say "postgres: started in $pg_data"
}

start_redis() {
	if pid=$(redis_pid); then
		not_stopped redis "$pid"
		wait_for 60 redis_ready || die 75 "redis: running, but it does" \
			"not answer: see 'pl logs redis'"
		return
	fi
	command -v redis-server >/dev/null ||
		die 1 "redis-server is not installed: './setup' installs it"
	need_user "$(redis_user)" redis-server
	make_folder "$redis_data" "$(redis_user)" 700
	rm -f -- "$redis_data/redis.pid"
	# Redis saves sometimes, so that a restart is quick. After a crash the
	# workers push lost tasks again from Postgres.
	(cd -- "$redis_data" && as "$(redis_user)" redis-server --port 0 \
		--unixsocket redis.sock --unixsocketperm 700 \
		--daemonize yes --pidfile redis.pid --logfile server.log \
		--save 300 1 --appendonly no) >/dev/null 2>&1 </dev/null 9>&-
	wait_for 30 redis_ready ||
		die 75 "redis: did not start: see 'pl logs redis'"
	news=1
	say "redis: started in $redis_data"
}

# Two 'pl up' at once would make two clusters.
take_lock() {
	# A redirection of exec that fails ends the shell with 2.
	(: >>"$home/lock") 2>/dev/null ||
		die 1 "$home: cannot be written: set PL_HOME to another folder"
	exec 9>>"$home/lock"
	flock -w 120 9 || die 75 "another 'pl up' or 'pl down' has" \
		"run for two minutes: it holds $home/lock"
}

need_schema() {
	command -v pl-jobctl >/dev/null || return 0
	export_urls
	pl-jobctl init >/dev/null 9>&-
}

news=''
servers_up() {
	names_both || need_home
	own_database || own_redis || return 0
	need_proc
	make_home
	take_lock
	! own_database || start_postgres
	! own_redis || start_redis
	! own_database || need_schema || exit
	exec 9>&-
}

# stop NAME PID SIGNAL
stop_server() {
	kill -s "$3" "$2" 2>/dev/null
	# A server that was sent SIGSTOP gets other signals only after SIGCONT.
	kill -s CONT "$2" 2>/dev/null
	if ! wait_for 30 gone "$2"; then
		say "$1: does not stop within 30 s; killing it"
		kill -s KILL "$2"
		wait_for 10 gone "$2"
	fi
	say "$1: stopped"
}

# Whether a process has ended; a zombie counts as ended.
gone() {
	! kill -0 "$1" 2>/dev/null ||
		grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null
}

# --- up, down, status, env, logs --------------------------------------------

no_more() {
	[ $# -eq 0 ] || usage "unexpected argument: $1"
}

cmd_up() {
	no_more "$@"
	servers_up
	[ -z "$news" ] || on_path || say "to find the tools: $(path_line)"
	own_database || say "postgres: the environment names a server; pl does not start it"
	own_redis || say "redis: the environment names a server; pl does not start it"
}

cmd_down() {
	no_more "$@"
	need_home
	[ -d "$home" ] || return 0
	need_proc
	check_home
	take_lock
	if pid=$(redis_pid); then
		stop_server redis "$pid" TERM
	fi
	if pid=$(pg_pid); then
		stop_server postgres "$pid" INT
	fi
}

# Run 'pl-jobctl health', which says where the servers are, and return its exit
# status.
cmd_status() {
	no_more "$@"
	need_proc
	export_urls
	result=0
	pl-jobctl health || result=$?
	if own_database && ! pg_pid >/dev/null ||
	    own_redis && ! redis_pid >/dev/null; then
		say "'pl up' starts the private servers"
	fi
	return "$result"
}

# put_address NAME ADDRESS FILE: an address stays in its file.
put_address() {
	if [ -n "$3" ]; then
		put 'export %s_FILE=%s\n' "$1" "$(quoted "$3")"
	elif [ -n "$2" ]; then
		put 'export %s=%s\n' "$1" "$(quoted "$2")"
	fi
}

cmd_env() {
	no_more "$@"
	own_database && database=$private_database
	own_redis && redis=$private_redis
	put_address PL_DATABASE_URL "$database" "$database_file"
	put_address PL_REDIS_URL "$redis" "$redis_file"
	on_path || put 'export PATH=%s:"%sPATH"\n' "$(quoted "$here")" '$'
}

cmd_logs() {
	need_home
	case ${1:-} in
	postgres) set -- "$pg_data/server.log" ;;
	redis) set -- "$redis_data/server.log" ;;
	'') set -- "$pg_data/server.log" "$redis_data/server.log" ;;
	*) usage "no such log: $1" ;;
	esac
	for log; do
		shift
		[ ! -r "$log" ] || set -- "$@" "$log"
	done
	[ $# -gt 0 ] || die 1 "no log yet in $home: 'pl up' starts the servers"
	exec tail -n 50 $follow -- "$@"
}

# --- collections ------------------------------------------------------------

default_pipeline='pl-chunk | pl-embed --encoding base64 | pl-store'

# Set $collection: what the option says, else the pipeline, else the environment.
# It stays empty if none of them does. The stages get it by PL_COLLECTION.
choose_collection() {
	named=$(PL_COLLECTION='' pl-worker --print-collection \
		${collection:+--collection "$collection"} -- "$pipeline") ||
		exit
	collection=${named:-${PL_COLLECTION:-}}
	[ -z "$collection" ] || export PL_COLLECTION="$collection"
}

# known_of COLLECTION KEY: a text that pl-jobctl knows of it, or nothing. 75:
# Postgres is away; 127: jq, which must read it, is not installed.
known_of() {
	known=$(pl-jobctl --json collection show "$1" 2>/dev/null </dev/null) ||
		return $(($? == 75 ? 75 : 1))
	case $known in
	*"\"$2\":\""*) ;;
	*) return 0 ;;
	esac
	printf '%s\n' "$known" | jq -r ".$2 // empty"
}

# Set $pipeline, if none was given: the collection's own, which is shown, else the
# default one. 1: Postgres is away.
choose_pipeline() {
	[ -z "$pipeline" ] || return 0
	result=0
	pipeline=$(known_of "${collection:-default}" pipeline) || result=$?
	if [ "$result" -eq 75 ]; then
		pipeline=''
		return 1
	elif [ "$result" -eq 127 ]; then
		die 1 "jq is not installed"
	elif [ -n "$pipeline" ]; then
		[ -n "$quiet" ] || say "pipeline of collection ${collection:-default}: $pipeline"
	else
		pipeline=$default_pipeline
	fi
}

# --- workers ----------------------------------------------------------------

# Whether a process runs; a zombie does not.
alive() {
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	case $stat in
	*') Z '*) return 1 ;;
	esac
}

# pool N ARGUMENT...: N workers (pl-worker's arguments), kept alive, until a
# signal, or the end of $waiter (a process, if any), ends them. $follow (a
# function, if any) is called in each round. Sets $worst to the gravest status.
#
# One shell polls all workers: a shell cannot wait for the first of several
# processes, and a shell for each worker would lose a signal that comes while it
# forks. For the same reason TERM is repeated, every 2 s.
waiter='' follow='' share_line=''
pool() {
	count=$1
	shift
	need_proc
	running=$count ending='' slot=0 asked=0
	trap 'ending=signal' TERM INT HUP
	while [ "$slot" -lt "$count" ]; do
		slot=$((slot + 1))
		eval "pause_$slot=1 worked_$slot=''"
		start_worker "$@"
	done
	while [ "$running" -gt 0 ]; do
		tick=0.1
		[ -n "$waiter$follow$ending" ] || tick=1
		sleep "$tick" >/dev/null 2>&1 &
		wait $!
		[ -z "$waiter" ] || alive "$waiter" || ending=${ending:-done}
		[ -z "$ending" ] || asked=$((asked + 1))
		[ -z "$follow" ] || "$follow"
		slot=0
		while [ "$slot" -lt "$count" ]; do
			slot=$((slot + 1))
			eval "pid=\$pid_$slot"
			tend_worker "$@"
		done
	done
	trap - TERM INT HUP
}

start_worker() {
	# With PL_SUPERVISOR the worker ends when this shell has died.
	PL_PROGRESS=${share_line:-${PL_PROGRESS:-}} PL_SUPERVISOR=$$ \
		pl-worker "$@" </dev/null &
	eval "pid_$slot=$! began_$slot=$(date +%s)"
}

# Handle the worker of $slot; $pid is its process, "ended", or "due" for a start.
tend_worker() {
	due=0
	case $pid in
	ended) ;;
	due)
		eval "due=\$due_$slot"
		if [ -n "$ending" ]; then
			end_worker
		elif [ "$(date +%s)" -ge "$due" ]; then
			start_worker "$@"
		fi
		;;
	*)
		if ! alive "$pid"; then
			bury_worker
		elif [ $((asked % 20)) -eq 1 ]; then
			kill -s TERM "$pid"
		fi
		;;
	esac
}

end_worker() {
	eval "pid_$slot=ended"
	running=$((running - 1))
}

# A worker is not started again if it ended well, or if its status says that
# trying again will not help. After a crash, or if a service was away, it is
# started again with backoff. 'pl worker' does so after any failure of a worker
# that ran for ten seconds, because its settings were right.
bury_worker() {
	status=0
	wait "$pid" || status=$?
	pause='' began='' worked=''
	eval "pause=\$pause_$slot" "began=\$began_$slot" \
		"worked=\$worked_$slot"
	now=$(date +%s)
	[ $((now - began)) -lt 10 ] || [ -n "$waiter$burst" ] || worked=worked
	eval "worked_$slot=$worked"
	case ${ending:+ending}${burst:+burst}$worked:$status in
	ending*:143)	# TERM came before the worker caught signals
		end_worker
		;;
	ending*:* | *:[03] | :[12] | :12[67] | burst:[12] | burst:12[67] | \
	burst:75)
		graver "$status"
		end_worker
		;;
	*)
		[ $((now - began)) -lt 60 ] || pause=1
		say "a worker ended with status $status;" \
			"the next starts in $pause s"
		eval "pid_$slot=due due_$slot=$((now + pause))"
		pause=$((pause * 2))
		[ "$pause" -le 30 ] || pause=30
		eval "pause_$slot=$pause"
		;;
	esac
}

# Keep the gravest status in $worst: 1 or 2 is graver than 75, and 75 than 3.
graver() {
	case $worst:$1 in
	*:0 | 1:* | 2:* | 75:3) ;;
	*:[123] | *:75) worst=$1 ;;
	*) worst=1 ;;
	esac
}

is_count() {
	case $1 in
	'' | *[!0-9]* | 0 | ?????*) return 1 ;;
	esac
}

# As choose_pipeline, but wait for Postgres, as workers do unless they are a burst.
await_pipeline() {
	pause=1
	until choose_pipeline; do
		[ -z "$burst" ] || die 75 "Postgres is away: see 'pl status'"
		[ "$pause" -ne 1 ] || say "Postgres is away: waiting for it"
		trap 'exit 0' TERM INT HUP
		sleep "$pause" &
		wait $!
		trap - TERM INT HUP
		pause=$((pause < 16 ? pause * 2 : 30))
	done
}

cmd_worker() {
	no_more "$@"
	need_proc
	choose_collection
	servers_up
	export_urls
	await_pipeline
	set -- ${burst:+--burst} ${late:+--wait} ${queue:+--queue "$queue"} \
		-- "$pipeline"
	worst=0
	pool "${count:-1}" "$@"
	return "$worst"
}

# --- run --------------------------------------------------------------------

# settled PID: wait for the end of a process, also if signals come; its status.
settled() {
	while :; do
		heard=$interrupted status=0
		wait "$1" || status=$?
		[ "$heard" = "$interrupted" ] || continue
		return "$status"
	done
}

# Pass on each signal: a second one also ends a slow writer.
end_reading_on_signal() {
	trap 'interrupted=$interrupted.; kill -s TERM "$writer" "$reader"' \
		TERM INT HUP
}

# Read documents and save them as a job. pl-ingest and pl-enqueue run in the
# background, so that a signal is handled at once; documents read until then are a
# job, too. If this takes longer than a second, and the first documents are saved,
# it goes on, as $reading says, while workers process them.
enqueue() {
	interrupted='' reading=1 ticks=0
	mkfifo "$scratch/documents" || exit 1
	exec 3<&0
	eval "set -- $reading_options -- \"\$@\""
	PL_PROGRESS=none pl-ingest ${quiet:+--quiet} "$@" <&3 >"$scratch/documents" 3<&- &
	reader=$!
	PL_PROGRESS=none pl-enqueue ${source:+--source "$source"} ${queue:+--queue "$queue"} \
		${prune:+--prune} ${all:+--all} ${dry:+--dry-run} \
		${quiet:+--quiet} --workers "${count:-2}" --job-file "$scratch/early" \
		<"$scratch/documents" >"$scratch/enqueued" 3<&- &
	writer=$!
	exec 3<&-
	end_reading_on_signal
	while [ "$ticks" -lt 10 ] || [ ! -s "$scratch/early" ]; do
		if [ -n "$interrupted" ] || ! alive "$writer"; then
			break
		fi
		ticks=$((ticks + 1))
		sleep 0.1
	done
	if [ -n "$interrupted" ] || ! alive "$writer"; then
		enqueued
		trap - TERM INT HUP
	fi
}

# While documents are read and others processed, the progress of the job is shown
# by a 'pl-jobctl wait' that is for the eyes alone.
viewer=''
view_reading() {
	[ -n "$shown" ] || return 0
	job=$(job_field .id "$scratch/early")
	[ -n "$job" ] || return 0
	pl-jobctl wait "$job" >/dev/null </dev/null &
	viewer=$!
}

# Reading has ended: keep the gravest status, and the id of the job, if any.
enqueued() {
	[ -z "$viewer" ] || kill -s TERM "$viewer" 2>/dev/null
	viewer='' reading='' result=0
	settled "$writer" || result=$?
	graver "$result"
	result=0
	settled "$reader" || result=$?
	[ -n "$interrupted" ] || graver "$result"
	job=$(job_field .id "$scratch/enqueued")
}

job_field() {
	jq -r "select(.type == \"job\") | $1" "$2" 2>/dev/null | tail -n 1
}

# Seconds since the machine started, to hundredths.
uptime() {
	read -r seconds _ </proc/uptime
	echo "$seconds"
}

cmd_run() {
	[ $# -gt 0 ] || usage "run: no path to read documents from"
	choose_collection
	command -v jq >/dev/null || die 1 "jq is not installed"
	servers_up
	export_urls
	need_scratch
	need_proc
	# One line of progress, which is pl-jobctl's; all others leave it alone.
	if [ -t 2 ] && [ -z "$quiet" ] && [ "${PL_PROGRESS:-}" != none ]; then
		shown=$(printf '\r\033[K')
	fi
	worst=0 started=$(uptime)
	enqueue "$@"
	[ -z "$dry" ] || end_dry_run
	[ -n "$reading" ] || is_enqueued
	prepare_workers
	if [ -n "$reading" ]; then
		follow=follow_reading
		view_reading
	else
		# Redis is away, and pl-enqueue has said so: workers do not
		# try it.
		[ "$(job_field .status "$scratch/enqueued")" != pending ] ||
			export PL_REDIS_URL=none
		await_job
	fi
	work_off
	# The job is done, but a summary that cannot be written is a failure.
	summary ||
		die 1 "standard output: the account of job $job could not be" \
			"written: see 'pl-jobctl status $job'"
	exit "$worst"
}

# End the script unless there is a job and all documents were read.
is_enqueued() {
	[ -n "$job" ] || exit "$worst"
	[ -z "$interrupted" ] ||
		die 75 "interrupted; what was read until then is job $job:" \
			"'pl worker' goes on with it, 'pl-jobctl cancel $job'" \
			"ends it; the same 'pl run' again adds the rest"
}

# The workers have the collection that the job is bound to; if it is not bound,
# their own binds it.
prepare_workers() {
	cat "$scratch/early" "$scratch/enqueued" >"$scratch/begun" 2>/dev/null
	collection=$(job_field '.collection // empty' "$scratch/begun")
	[ -z "$collection" ] || export PL_COLLECTION="$collection"
	choose_pipeline && return
	[ -z "$reading" ] || kill -s TERM "$writer" "$reader"
	die 75 "Postgres is away: what was read until now is saved, the same" \
		"'pl run' again adds the rest"
}

# Print what the dry run found, and end the script.
end_dry_run() {
	[ -z "$interrupted" ] || die 75 "interrupted"
	if [ -n "$json" ]; then
		cat "$scratch/enqueued"
	else
		dry_summary
	fi || die 1 "standard output: cannot be written"
	exit "$worst"
}

dry_summary() {
	jq -r --slurp '
	def row($name): $name + " " * (12 - ($name | length)) + . |
	    "  " + if length > 78 then .[:75] + "..." else . end;
	([.[] | select(.type == "deleted" and .dry_run)] | length) as $deleted |
	.[] | select(.type == "job") | "dry run: nothing is written",
	(.source // empty | row("source")),
	("\(.documents): \(.new) new, \(.changed) changed, " +
	    (if .again > 0 then "\(.again) again, " else "" end) +
	    "\(.unchanged) unchanged, \(.failed) failed" | row("documents")),
	(if .gone == null then "not known: no complete listing came"
	 elif .gone == 0 then "none"
	 elif $deleted > 0 then "\(.gone), which would be deleted"
	 else "\(.gone), which stay (--prune deletes them)" end | row("gone")),
	(.collection // "default" | row("collection")),
	(.recipe.chunk // empty | row("chunk")),
	(.recipe.embed // (.model | values | "model=" + .) // empty |
	    row("embed"))' "$scratch/enqueued"
}

await_job() {
	# This is the one line of progress; with --quiet there is none.
	progress=${quiet:+none}
	PL_PROGRESS=${progress:-${PL_PROGRESS:-}} \
		pl-jobctl --json wait --not-paused "$job" \
		>"$scratch/job" </dev/null &
	waiter=$!
}

# Called while workers run: after the reading, wait for the end of the job. A
# signal ends the reading, too.
follow_reading() {
	if [ -n "$ending$interrupted" ]; then
		ending=signal interrupted=1
		[ $((asked % 20)) -ne 1 ] ||
			kill -s TERM "$writer" "$reader" 2>/dev/null
	fi
	! alive "$writer" || return 0
	follow=''
	enqueued
	if [ -z "$job" ]; then
		ending=nothing
	elif [ -z "$ending" ]; then
		await_job
	fi
}

# Run workers until the job has ended, or until none of them can go on.
work_off() {
	# Jobs that no collection has taken are none of this run's.
	share_line=${shown:+none}
	pool "${count:-2}" ${collection:+--no-unbound} \
		${queue:+--queue "$queue"} -- "$pipeline"
	# No worker is left, but the reading goes on to its end.
	if [ -n "$reading" ]; then
		end_reading_on_signal
		enqueued
		trap - TERM INT HUP
	fi
	[ -z "$interrupted$follow" ] || is_enqueued
	case $ending in
	nothing) exit "$worst" ;;
	done)
		status=0
		wait "$waiter" || status=$?
		graver "$status"
		return
		;;
	signal)
		kill -s TERM "$waiter"
		die 75 "stopped; job $job is saved: 'pl worker' goes on with" \
			"it, 'pl-jobctl cancel $job' ends it"
		;;
	esac
	[ -z "$waiter" ] || kill -s TERM "$waiter"
	[ "$worst" -ne 0 ] || worst=75
	die "$worst" "job $job: no worker goes on; see 'pl-jobctl status $job'"
}

# Print the outcome of the documents; with --json the job's record.
summary() {
	[ -s "$scratch/job" ] ||
		pl-jobctl --json status "$job" >"$scratch/job" || return
	if [ -n "$json" ]; then
		cat "$scratch/job"
		return
	fi
	if [ -n "$quiet" ]; then
		say_failed
		return
	fi
	collection=$(job_field '.collection // "default"' "$scratch/job")
	model=$(known_of "$collection" model)
	jq -r --arg began "$started" --arg ended "$(uptime)" \
		--arg collection "$collection" --arg model "$model" '
	def tenths: . * 10 | round / 10;
	(($ended | tonumber) - ($began | tonumber)) as $seconds |
	select(.type == "job") |
	"job \(.id): \(.status)",
	"  \(.documents) document\(if .documents == 1 then "" else "s" end): " +
	"\(.stored) stored, " +
	(if (.incomplete // 0) > 0
	 then "\(.incomplete) of them incomplete, " else "" end) +
	"\(.unchanged) unchanged, \(.failed) failed" +
	(if (.canceled // 0) > 0 then ", \(.canceled) canceled"
	 else "" end) +
	(if .chunks then "; \(.chunks) chunks" else "" end) +
	"; \($seconds | tenths) s",
	"  collection \($collection)" +
	(if $model != "" then ", model \($model)" else "" end) +
	(if .stored > 0 and $seconds > 0
	 then "; \(.stored / $seconds | tenths) documents/s" else "" end)' \
		"$scratch/job" || return
	say_next
}

# Say how to see what failed, and how to try it again.
say_failed() {
	failed=$(job_field '.failed // 0' "$scratch/job")
	[ "${failed:-0}" -eq 0 ] || {
		say "which failed, and why: pl-jobctl --table documents $job --failed"
		say "when that is mended: pl-jobctl retry $job"
	}
	lacking=$(job_field '.incomplete // 0' "$scratch/job")
	[ "${lacking:-0}" -eq 0 ] ||
		say "which lack chunks, and why: pl-jobctl --table documents $job" \
			"--incomplete"
}

# Say what to type next.
say_next() {
	say_failed
	found=$(job_field '.stored + .unchanged' "$scratch/job")
	[ "$collection" != default ] || collection=''
	[ "${found:-0}" -eq 0 ] ||
		say "to search: pl-search${collection:+ --collection $collection}" \
			"WORDS"
}

# --- demo -------------------------------------------------------------------

examples() {
	for folder in "$here/../examples" "$here/../../examples" \
		"$here/../share/pl/examples"; do
		if [ -e "$folder/crawl.json" ]; then
			(cd -- "$folder" && pwd)
			return
		fi
	done
	die 1 "the example crawl is not installed beside this program"
}

# show COMMAND...: print a command as a user types it, then run it.
show() {
	put '\n$ %s\n' "$*"
	"$@"
}

cmd_demo() {
	no_more "$@"
	folder=$(examples) || exit
	folder=$(short "$folder")
	crawl=$folder/crawl.json
	put '%s\n' \
		"A crawl of a small product's handbook, through the whole pipeline."
	on_path || put '\n$ %s\n' "$(path_line)"
	show pl up || exit
	export_urls
	show pl run "$crawl" --source handbook
	ran=$?
	case $ran in
	0 | 3) ;;
	*) exit "$ran" ;;
	esac
	if [ -t 1 ]; then
		show pl-search -k 3 restore a single file || exit
	else
		hits='"\(.score) \(.title): \(.url)"'
		put '\n$ %s\n' \
			"pl-search -k 3 restore a single file | jq -r '$hits'"
		pl-search -k 3 restore a single file | jq -r "$hits"
	fi
	show pl-jobctl --table status handbook || exit
	show pl-jobctl --table documents handbook --failed || exit
	put '%s\n' "$(cat <<-TEXT

		Your turn:
	TEXT
	)"
	on_path || put '  %s   # now your shell finds the tools\n' "$(path_line)"
	put '%s\n' "$(cat <<-TEXT
		  pl-search words of your own
		  pl run $folder/handbook --source notes   # or any folder of texts
		  pl run $crawl --source handbook   # again: all unchanged
		  pl status
		  pl down
	TEXT
	)"
}

# --- options ----------------------------------------------------------------

# The commands: name|arguments|what it does.
commands() {
	cat <<-'END'
		up||start a private Postgres and Redis, and make the schema
		down||stop exactly those
		status||what is there and whether it answers (exit 0, 1 or 75)
		env||print the URLs in use, for: eval "$(pl env)"
		run|PATH... [-- PIPELINE]|process the documents of PATH, wait, and say how it went
		worker|[-- PIPELINE]|keep workers running until a signal drains them
		logs|[postgres|redis]|the end of the private servers' logs
		demo||watch an example crawl become searchable
	END
}

is_command() {
	case $1 in
	'' | *[!a-z]*) return 1 ;;
	esac
	commands | grep -q "^$1|"
}

# options COMMAND: option|argument|what it does.
options() {
	case $1 in
	run) cat <<-'END' ;;
		-n|N|workers that process the documents (default: 2)
		--source|NAME|name the source that the documents belong to
		--collection|NAME|store into this collection (default: the source's)
		--include|GLOB|of folders, take only files that match
		--exclude|GLOB|of folders, leave out what matches
		--base-url|URL|urls of files are URL and the path below the folder
		--all||process unchanged documents, too
		--prune||delete documents of the source that PATH lacks
		--queue|NAME|the queue of the tasks ($PL_QUEUE, else processing)
		--dry-run||say what would be done, and do none of it
		--json||print the job as a record
		--quiet||print nothing but what is wrong
	END
	worker) cat <<-'END' ;;
		-n|N|workers to keep running (default: 1)
		--collection|NAME|serve this one ($PL_COLLECTION, else default)
		--queue|NAME|the queue of the tasks ($PL_QUEUE, else processing)
		--burst||end when no task of the queue is left to be done
		--wait||with --burst, wait for tasks that are due later, too
	END
	logs) echo '-f||go on with what is written from now on' ;;
	esac
	echo '--help||print this text'
	[ "$1" ] || echo '--version||print the version'
}

help() {
	put '%s\n' "$(
		cat <<-'END'
			usage: pl COMMAND [OPTION]... [ARGUMENT]...

			Starts what the pl tools need and keeps it going.

			Commands ('pl COMMAND --help' tells more):
		END
		commands | awk -F'|' '{ printf "  %-11s%s\n", $1, $NF }'
		cat <<-'END'

			      --help, --version

			The private servers and their data live in PL_HOME (default
			~/.local/share/pl; as root /var/lib/pl). Every tool finds them there.
			PL_DATABASE_URL (or DATABASE_URL) and PL_REDIS_URL (or REDIS_URL) name
			servers that exist already: pl never starts or stops those. Variables may
			stand in the file ~/.config/pl/env, a line NAME=value for each.

			Examples:
		END
		on_path || printf '  %s\n' "$(path_line)"
		cat <<-'END'
			  pl up && pl run notes/ --source notes && pl-search "how do I"
			  pl worker -n 4 -- 'pl-chunk | pl-embed --provider openai | pl-store'
		END
	)"
}

help_of_command() {
	put '%s\n' "$(
		line=$(commands | grep "^$command|")
		arguments=${line#*|}
		arguments=${arguments%|*}
		printf 'usage: pl %s [OPTION]...%s\n\n%s: %s\n\n' "$command" \
			"${arguments:+ $arguments}" "$command" "${line##*|}"
		options "$command" | awk -F'|' '{
			left = ($1 ~ /^--/ ? "      " : "  ") $1 ($2 ? " " $2 : "")
			printf "%-28s%s\n", left, $3
		}'
		printf '\nSee pl(1).\n'
	)"
}

# list_options COMMAND: the output of --list-options, as in pl(7).
list_options() {
	put '%s\n' "$(
		[ "$1" ] || commands | awk -F'|' '{ printf "%s\t\t%s\n", $1, $NF }'
		options "$1" | awk -F'|' '{ printf "%s\t%s\t%s\n", $1, $2, $3 }'
	)"
}

# near WORD: which of the lines read WORD was probably meant to be, by the rule of
# lib/tool/nearest.c.
near() {
	awk -v typed="$1" '
	function least(a, b) {
		return a < b ? a : b
	}
	# Letters to insert, delete or replace (Levenshtein distance).
	function distance(a, b,   i, j, row, diagonal, old) {
		for (j = 0; j <= length(b); j++)
			row[j] = j
		for (i = 1; i <= length(a); i++) {
			diagonal = row[0]
			row[0] = i
			for (j = 1; j <= length(b); j++) {
				old = row[j]
				row[j] = least(least(row[j], row[j - 1]) + 1,
				    diagonal + (substr(a, i, 1) != substr(b, j, 1)))
				diagonal = old
			}
		}
		return row[length(b)]
	}
	{
		d = distance(typed, $0)
		word = $0
		sub(/^-+/, "", word)
		limit = length(word) < 4 ? 1 : 2
		if (d <= limit && length(word) > 1 && (best == "" || d < nearest)) {
			best = $0
			nearest = d
		}
	}
	END {
		if (best != "")
			printf ": did you mean \047%s\047?", best
	}'
}

# takes OPTION: the argument of the command's option, or "".
takes() {
	options "$command" | while IFS='|' read -r known argument _; do
		[ "$known" != "$1" ] || {
			printf %s "$argument"
			exit 1
		}
	done && usage "option '$1' is not known$(
		options "$command" | cut -d '|' -f 1 | near "$1"
	)"
	return 0
}

count='' queue='' source='' json='' burst='' late='' pipeline='' follow=''
prune='' collection='' all='' dry='' reading_options='' quiet=''

take() {
	case $1 in
	-n)
		is_count "$2" || usage "-n: $2: not a number of workers"
		count=$2
		;;
	--queue) queue=$2 ;;
	--source) source=$2 ;;
	--collection)
		[ -n "$2" ] || usage "--collection needs a name"
		collection=$2
		;;
	--include | --exclude | --base-url)
		reading_options="$reading_options $1=$(quoted "$2")"
		;;
	--all) all=1 ;;
	--dry-run) dry=1 ;;
	--prune) prune=1 ;;
	--json) json=1 ;;
	--quiet) quiet=1 ;;
	--burst) burst=1 ;;
	--wait) late=1 ;;
	-f) follow=-f ;;
	--help)
		help_of_command
		exit
		;;
	esac
}

# Options may stand before and after operands. The command gets the operands.
parse() {
	left=$#
	while [ "$left" -gt 0 ]; do
		option=$1
		shift
		left=$((left - 1))
		case $option in
		--)
			while [ "$left" -gt 0 ]; do
				pipeline="$pipeline${pipeline:+ }$1"
				shift
				left=$((left - 1))
			done
			break
			;;
		--list-options)
			list_options "$command"
			exit
			;;
		--*=*)
			set -- "${option#*=}" "$@"
			left=$((left + 1))
			option=${option%%=*}
			argument=$(takes "$option") || exit
			[ -n "$argument" ] ||
				usage "option '$option' takes no value"
			;;
		-n?*)
			set -- "${option#-n}" "$@"
			left=$((left + 1))
			option=-n
			;;
		-?*) ;;
		*)
			set -- "$@" "$option"
			continue
			;;
		esac
		argument=$(takes "$option") || exit
		if [ -z "$argument" ]; then
			take "$option"
		else
			[ "$left" -gt 0 ] ||
				usage "option '$option' needs a value"
			take "$option" "$1"
			shift
			left=$((left - 1))
		fi
	done
	find_places
	"cmd_$command" "$@"
}

# show_version [--json]: the version; with --json what a bug report needs.
show_version() {
	[ "$*" != --json ] || exec pl-jobctl version --json
	[ $# -eq 0 ] || usage "--version: '$1' is not known: --json is"
	put '%s\n' "pl (pl) @VERSION@"
}

command=''
[ $# -gt 0 ] || usage "a command is missing"
name=$1
shift
case $name in
help | --help | -h) help ;;
--version) show_version "$@" ;;
--list-options) list_options '' ;;
-*) usage "option '$name' is not known$(
	options '' | cut -d '|' -f 1 | near "$name"
)" ;;
*)
	is_command "$name" || usage "'$name' is no command$(
		commands | cut -d '|' -f 1 | near "$name"
	)"
	command=$name
	parse "$@"
	;;
esac
