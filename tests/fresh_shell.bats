# What works without any configuration, in a shell that has just been opened:
# the lines that --help, the demo and the README print, the file of settings,
# and the private servers, which every tool finds.

load helpers
load api

setup_file() {
	private_home
	# Not through run: the servers would keep its pipe open.
	pl up 2>/dev/null 3>&-
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	newcomer=$BATS_TEST_TMPDIR/newcomer
	tools=$(dirname "$(readlink -f "$(command -v pl-jobctl)")")
	mkdir -p "$newcomer/.config/pl" notes
	settings=$newcomer/.config/pl/env
	echo "PL_HOME=$PL_HOME" >"$settings"
	ln -s "$tools" bin
	cp -r "$PL_TEST_ROOT/examples" examples
	cp examples/handbook/cli/*.md notes
}

teardown() {
	stop_api
}

# fresh COMMAND: run it in a shell that has nothing but HOME and a plain PATH.
fresh() {
	env -i HOME="$newcomer" PATH="${plain_path:-/usr/bin:/bin}" \
		LC_ALL=C.UTF-8 bash -c "set -o pipefail; $1" 3>&-
}

# The lines below "Examples:" of a --help.
examples_of() {
	sed -n '/^Examples:/,/^$/{/^Examples:/d;/^$/d;s/^  //;p;}'
}

@test "every line of pl --help works in a fresh shell" {
	env -i HOME="$newcomer" PATH=/usr/bin:/bin bin/pl --help | examples_of >lines
	cat lines
	[ "$(wc -l <lines)" -eq 3 ]
	[ "$(head -n 1 lines)" = "eval \"\$($tools/pl env)\"" ]
	# The last one works until a signal ends it, with any server of vectors.
	start_api
	echo "OPENAI_BASE_URL=$OPENAI_BASE_URL" >>"$settings"
	sed -i '$s/^/timeout -s TERM 3 /' lines
	run -124 fresh "$(cat lines)"
	[[ $output == *notes/* ]]
	[[ $output != *"not found"* ]]
}

@test "every line of the README that can be typed works in a fresh shell" {
	awk '/^```sh/ { on = 1; next } /^```/ { on = 0 }
		on && !/setup/' "$PL_TEST_ROOT/README.md" >lines
	cat lines
	[ "$(wc -l <lines)" -ge 6 ]
	while read -r line; do
		# One shell, as a reader has; 3: the crawl has two broken pages.
		printf '%s || [ $? = 3 ] || { echo "failed: $?: %q"; exit 1; }\n' \
			"$line" "$line"
	done <lines >script
	run -0 fresh "$(cat script)"
	[[ $output == *restore* ]]
}

@test "every line that the demo prints works in a fresh shell" {
	run -0 fresh bin/pl\ demo
	sed -n 's/^\$ //p; /^Your turn/,$s/^  //p' <<<"$output" >lines
	cat lines
	[ "$(head -n 1 lines)" = "eval \"\$($tools/pl env)\"" ]
	grep -q '^pl run .*examples/handbook --source notes ' lines
	# The last one ends the servers that the other tests need.
	[ "$(tail -n 1 lines)" = 'pl down' ]
	sed '$d' lines | while read -r line; do
		printf '%s || [ $? = 3 ] || { echo "failed: $?: %q"; exit 1; }\n' \
			"$line" "$line"
	done >script
	run -0 fresh "$(cat script)"
}

@test "pl env puts the tools on PATH, once" {
	run -0 fresh 'eval "$(bin/pl env)"; command -v pl-search; pl env'
	[ "${lines[0]}" = "$tools/pl-search" ]
	[[ $output != *PATH=* ]]
	mv bin "it's a bin"
	run -0 fresh "eval \"\$(it\\'s\\ a\\ bin/pl env)\"; command -v pl-search"
	[ "$output" = "$tools/pl-search" ]
}

@test "every tool finds the private servers" {
	plain_path=$tools:/usr/bin:/bin
	run -0 fresh 'pl-jobctl health | jq -r ".component + .state"'
	[[ $output == *postgresok* && $output == *redisok* ]]
	run -0 fresh "echo '{\"content\":\"x\",\"url\":\"a\"}' |
		pl-enqueue --source s --queue q-$RANDOM | jq -r .status"
	[ "$output" = queued ]
	run -0 fresh 'pl-store </dev/null; pl-search x >/dev/null'
	run -0 fresh 'timeout 60 pl-worker --burst --queue none -- cat'
	# Variables of libpq, and a name of a server, are stronger.
	run -75 fresh 'PGHOST=/nowhere pl-jobctl list'
	[[ $output == *"are the PG* variables right"* ]]
	run -75 fresh 'DATABASE_URL=postgresql:///x?host=/nowhere pl-jobctl list'
	[[ $output == *"is PL_DATABASE_URL right"* ]]
}

@test "private servers that do not run are not asked" {
	plain_path=$tools:/usr/bin:/bin
	echo "PL_HOME=$BATS_TEST_TMPDIR/none" >"$settings"
	run -75 fresh 'PGPORT=1 pl-jobctl list'
	[[ $output == *"no private server runs: 'pl up' starts one"* ]]
	mkdir -p none/postgres
	/usr/bin/python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' none/postgres/.s.PGSQL.1
	run -75 fresh 'PGPORT=1 pl-jobctl list'
	[[ $output == *"no private server runs: 'pl up' starts one"* ]]
}

# names SETTING...: where 'pl env' and a tool look for Postgres, in a fresh shell.
names() {
	run fresh "$* pl env | sed -n 's/^export PL_DATABASE_URL=//p'
		$* pl-jobctl list 2>&1 | grep -o '/n[0-9]/' | head -n 1"
	seen=$(grep -o 'n[0-9]' <<<"$output" | sort -u)
	echo "$*: $output"
	[ "$(grep -c n[0-9] <<<"$output")" = 2 ]
}

@test "the order is PL_*, the common variable, the file, PG* variables" {
	plain_path=$tools:/usr/bin:/bin
	url() {
		echo "postgresql:///x?host=/n$1/"
	}
	cat >>"$settings" <<-END
		# A comment, and an empty line.

		  DATABASE_URL='$(url 4)'
		PL_DATABASE_URL = "$(url 3)"
	END
	sed -i 's/ = /=/' "$settings"
	names PL_DATABASE_URL="'$(url 1)'" DATABASE_URL="'$(url 2)'"
	[ "$seen" = n1 ]
	names DATABASE_URL="'$(url 2)'" PGHOST=/n5/
	[ "$seen" = n2 ]
	names PGHOST=/n5/
	[ "$seen" = n3 ]
	sed -i '/PL_DATABASE_URL/d' "$settings"
	names PGHOST=/n5/
	[ "$seen" = n4 ]
}

# refuses WORDS: pl and a tool do not begin, and say the same.
refuses() {
	local said
	run -1 fresh 'pl env'
	echo "$output"
	[[ $output == "pl: $settings"*"$1"* ]]
	said=${output#pl: }
	run -1 fresh 'pl-chunk </dev/null'
	echo "$output"
	[ "${output#pl-chunk: }" = "$said" ]
	# Help is there all the same.
	run -0 fresh 'pl --help; pl run --help; pl-chunk --help; pl-chunk --version'
}

@test "a file of settings that makes no sense is refused, and a safe one is not" {
	plain_path=$tools:/usr/bin:/bin
	for line in 'PATH=/tmp' 'export PL_QUEUE=x' 'PL_QUEUE' 'pl_queue=x'; do
		printf '# first\n%s\n' "$line" >"$settings"
		refuses ', line 2: no'
	done
	rm "$settings"
	mkdir "$settings"
	refuses ': not a file'
}

@test "a file of settings that others may write, or a secret that they may read, is refused" {
	plain_path=$tools:/usr/bin:/bin
	for mode in 664 646; do
		chmod $mode "$settings"
		refuses ": others may write it: 'chmod go-w $settings' ends that"
	done
	chmod 644 "$settings"
	run -0 fresh 'pl env && pl-chunk </dev/null'
	for line in OPENAI_API_KEY=abc PGPASSWORD=x PL_REDIS_URL=redis://:a@h \
		'PL_DATABASE_URL=host=h password=x'; do
		echo "$line" >"$settings"
		chmod 644 "$settings"
		refuses ": it holds a secret, and others may read it: 'chmod 600"
		chmod 600 "$settings"
		run -0 fresh 'pl env && pl-chunk </dev/null'
	done
	[ "$(id -u)" -eq 0 ] || return 0
	chown nobody "$settings"
	# Root may be another user, too.
	refuses ': belongs to another user'
}

@test "nothing in a file of settings is run by the shell" {
	plain_path=$tools:/usr/bin:/bin
	local odd="\$(touch $BATS_TEST_TMPDIR/run)\`touch $BATS_TEST_TMPDIR/run\`;\"'x"
	echo "PL_SOURCE=$odd" >"$settings"
	run -0 fresh "pl env; echo '{\"content\":\"x\",\"url\":\"u\"}' |
		pl-ingest | jq -r '.source // empty'"
	[ "${lines[-1]}" = "$odd" ]
	[ ! -e run ]
}

@test "setup without root prints a line to paste, which installs and does not build" {
	local copy="it's a \"\$(clone)\"" line
	mkdir "$copy" stubs
	cp "$PL_TEST_ROOT/setup" "$copy"
	for tool in dirname sort tr sed; do
		ln -s "$(command -v $tool)" stubs
	done
	printf '#!/bin/sh\necho 1000\n' >stubs/id
	printf '#!/bin/sh\n[ "$1" = -c ] && exec sh -c "$2"\n' >stubs/su
	chmod +x stubs/id stubs/su
	PATH=$PWD/stubs run -1 /bin/sh "$copy/setup" demo
	[[ $output == *"setup: these packages are missing:"*redis-server* ]]
	line=${lines[-1]}
	echo "$line"
	[[ $line == "su -c '"*" --packages demo'" ]]
	# Here nothing is missing.
	run -0 env PATH="$PWD/stubs:$PATH" bash -c "$line"
	[ -z "$output" ]
}
